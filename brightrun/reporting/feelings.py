"""Feelings on the way through conversations, gathered one conversation at a time.

Three sources are kept apart: what was intended (the plan), what the writer labelled, and what a blind reader
measured. Plain questions and near misses take no arc's way, so each of them is a group of its own.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence

from brightrun.catalog import Register
from brightrun.enrich import EnrichedConversation
from brightrun.items import FeelingPoint
from brightrun.reporting.distributions import percentile
from brightrun.reporting.facts import ArcPath, EmotionShare, FeelingPath, PathPoint

PLACES = 4
"""A conversation's length is divided into so many stretches; its messages are counted at the nearest end of one."""
EMOTIONS_SHOWN = 2

PLAIN_GROUP = (2, "")
"""All plain questions together, after the arcs and their near misses."""


class _Path:
    """Feelings by one source."""

    def __init__(self) -> None:
        self._intensities: dict[int, array[float]] = {}
        self._emotions: dict[str, Counter[str]] = {place: Counter() for place in ("start", "middle", "end")}

    def add(self, feelings: Sequence[FeelingPoint]) -> None:
        last = len(feelings) - 1
        for index, feeling in enumerate(feelings):
            place = round(index / last * PLACES) if last else PLACES
            self._intensities.setdefault(place, array("d")).append(feeling.intensity)
            stretch = "end" if index == last else "start" if index == 0 else "middle"
            self._emotions[stretch][feeling.emotion] += 1

    def facts(self) -> FeelingPath:
        return FeelingPath(
            points=tuple(_point(place, values) for place, values in sorted(self._intensities.items())),
            start=_commonest(self._emotions["start"]),
            middle=_commonest(self._emotions["middle"]),
            end=_commonest(self._emotions["end"]),
        )


class _Group:
    def __init__(self, name: str) -> None:
        self.name = name
        self.conversations = 0
        self.intended, self.labelled = _Path(), _Path()
        self.measured: _Path | None = None


class FeelingTally:
    """The feelings of all conversations, by group."""

    def __init__(self) -> None:
        self._groups: dict[tuple[int, str], _Group] = {}

    def add(self, record: EnrichedConversation) -> None:
        """Count a conversation."""
        key, name = _group_of(record)
        group = self._groups.setdefault(key, _Group(name))
        group.conversations += 1
        group.intended.add(
            [
                FeelingPoint(emotion=record.intended_start_emotion, intensity=record.intended_start_intensity),
                FeelingPoint(emotion=record.intended_end_emotion, intensity=record.intended_end_intensity),
            ]
        )
        group.labelled.add(_labelled(record))
        if measured := _measured(record):
            group.measured = group.measured or _Path()
            group.measured.add(measured)

    def facts(self) -> tuple[ArcPath, ...]:
        return tuple(
            ArcPath(
                name=group.name,
                conversations=group.conversations,
                intended=group.intended.facts(),
                labelled=group.labelled.facts(),
                measured=group.measured.facts() if group.measured else None,
            )
            for _, group in sorted(self._groups.items())
        )


def _group_of(record: EnrichedConversation) -> tuple[tuple[int, str], str]:
    if record.register_kind == Register.PLAIN:
        return PLAIN_GROUP, "Plain questions, of all arcs"
    if record.register_kind == Register.NEAR_MISS:
        return (1, record.arc), f"Near misses of {record.arc_name}"
    return (0, record.arc), record.arc_name


def _labelled(record: EnrichedConversation) -> list[FeelingPoint]:
    return [
        FeelingPoint(emotion=turn.labelled_emotion, intensity=turn.labelled_intensity)
        for turn in record.turns
        if turn.labelled_emotion is not None and turn.labelled_intensity is not None
    ]


def _measured(record: EnrichedConversation) -> list[FeelingPoint]:
    return [
        FeelingPoint(emotion=turn.measured_emotion, intensity=turn.measured_intensity)
        for turn in record.turns
        if turn.measured_emotion is not None and turn.measured_intensity is not None
    ]


def _point(place: int, values: Sequence[float]) -> PathPoint:
    ordered = sorted(values)
    return PathPoint(
        position=place / PLACES,
        messages=len(ordered),
        mean=round(sum(ordered) / len(ordered), 3),
        p10=round(percentile(ordered, 0.1), 3),
        p90=round(percentile(ordered, 0.9), 3),
    )


def _commonest(counts: Counter[str]) -> tuple[EmotionShare, ...]:
    total = counts.total()
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return tuple(
        EmotionShare(emotion=emotion.replace("_", " "), count=count, of=total)
        for emotion, count in ordered[:EMOTIONS_SHOWN]
    )
