"""What a blind reader measured, against where the item's arc and outcome were to begin and to end.

Feelings are compared on one line, from -1 (as heavy as can be) to 1: an intensity with the sign of its emotion. Readers
differ in the word they choose, and less in how heavy a message is. Only what is heavier than called for at the end, or
too light for the feeling the arc begins from, is off the arc; a conversation that ends better than planned is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from brightrun.catalog import EmotionalArc, Feeling, Outcome, Register
from brightrun.items import FeelingPoint, Item
from brightrun.quality.judging.emotion_signs import sign_of
from brightrun.quality.judging.reading import MeasuredFeeling

START_TOLERANCE = 0.4
"""First messages often begin with facts, so a reader finds less in them than was planned."""
END_TOLERANCE = 0.25
HEAVIEST_LIGHT_END = 0.5
"""Where a light end is called for: a rest of doubt or tiredness is no end off the arc."""
HEAVIEST_PARTIAL_END = 0.7
"""Where half of the way was called for: a partial end names what is better and what is not, and is heavy with it."""
HEAVY_START = 0.5
"""Only a conversation that was measured to begin as heavy as this can fail to get lighter."""
LEAST_PROGRESS = 0.05
"""How much lighter the end is than the start, where the outcome calls for any progress. A reader's finest step."""

MOVES = frozenset({Outcome.RESOLVED, Outcome.PARTIAL})
"""Outcomes that call for progress. Who stalls or leaves may feel as in the beginning."""


class ArcCode(StrEnum):
    """How a measured trajectory differs from what was called for. Each is a reason code."""

    START_OFF_ARC = "measured_start_off_arc"
    END_OFF_ARC = "measured_end_off_arc"
    NO_PROGRESS = "no_progress"

    @property
    def meaning(self) -> str:
        """The code in a sentence, for people."""
        return MEANINGS[self]


MEANINGS = {
    ArcCode.START_OFF_ARC: "The first message does not show the feeling that the arc begins from.",
    ArcCode.END_OFF_ARC: "The last message shows a heavier feeling than the planned end.",
    ArcCode.NO_PROGRESS: "The person feels no better at the end, though the outcome calls for it.",
}


@dataclass(frozen=True)
class ArcFinding:
    """One way in which the measured feelings are off. `turn` counts messages from 1; `detail` is what was measured."""

    code: ArcCode
    turn: int
    detail: str


@dataclass(frozen=True)
class _Band:
    """The part of the line, -1 to 1, that a feeling may lie in."""

    heaviest: float
    lightest: float


def arc_agreement(reading: Sequence[MeasuredFeeling], item: Item, arc: EmotionalArc) -> list[ArcFinding]:
    """Where the reading is off what the item's outcome calls for. A reading without emotions we know says nothing."""
    first, last = reading[0], reading[-1]
    start, end = _called_for(item, arc)
    found = _start_findings(first, start, item)
    measured_end = _level(last.measured_emotion, last.measured_intensity)
    end_off = end is not None and measured_end is not None and measured_end < _heaviest(end, item)
    if end_off:
        found.append(ArcFinding(ArcCode.END_OFF_ARC, last.turn, _told(last, item.end)))
    elif _stands_still(reading, item, start):
        detail = f"{_said(first)} at first, {_said(last)} at the end"
        found.append(ArcFinding(ArcCode.NO_PROGRESS, last.turn, detail))
    return found


def _start_findings(first: MeasuredFeeling, start: _Band | None, item: Item) -> list[ArcFinding]:
    measured = _level(first.measured_emotion, first.measured_intensity)
    if start is None or measured is None:
        return []
    too_heavy = measured < start.heaviest - START_TOLERANCE
    too_light = item.kind is Register.EMOTIONAL and measured > start.lightest + START_TOLERANCE
    return [ArcFinding(ArcCode.START_OFF_ARC, first.turn, _told(first, item.start))] if too_heavy or too_light else []


def _stands_still(reading: Sequence[MeasuredFeeling], item: Item, start: _Band | None) -> bool:
    """Whether nothing moved in a conversation that was to begin heavy and to get lighter."""
    if item.kind is not Register.EMOTIONAL or item.outcome not in MOVES or len(reading) < 2:
        return False
    if start is None or start.lightest >= 0:
        return False
    first, last = (_level(point.measured_emotion, point.measured_intensity) for point in (reading[0], reading[-1]))
    return first is not None and last is not None and first <= -HEAVY_START and last - first < LEAST_PROGRESS


def _heaviest(end: _Band, item: Item) -> float:
    """How heavy the last message may be."""
    is_partial = item.kind is Register.EMOTIONAL and item.outcome is Outcome.PARTIAL
    return min(-HEAVIEST_PARTIAL_END if is_partial else -HEAVIEST_LIGHT_END, end.heaviest - END_TOLERANCE)


def _called_for(item: Item, arc: EmotionalArc) -> tuple[_Band | None, _Band | None]:
    """Where the conversation is to begin and to end: the arc's bands for the outcome, or those of its register."""
    if item.kind is Register.EMOTIONAL:
        return _band(arc.start), _band(arc.outcomes[item.outcome])
    if item.kind is Register.NEAR_MISS and arc.near_misses:
        return _band(arc.near_misses.emotion.start), _band(arc.near_misses.emotion.end)
    return _point(item.start), _point(item.end)


def _band(feeling: Feeling) -> _Band | None:
    sides = [_level(feeling.emotion, intensity) for intensity in feeling.intensity]
    known = [side for side in sides if side is not None]
    return _Band(min(known), max(known)) if known else None


def _point(feeling: FeelingPoint) -> _Band | None:
    level = _level(feeling.emotion, feeling.intensity)
    return None if level is None else _Band(level, level)


def _level(emotion: str, intensity: float) -> float | None:
    sign = sign_of(emotion)
    return None if sign is None else sign * intensity


def _told(measured: MeasuredFeeling, planned: FeelingPoint) -> str:
    return f"measured {_said(measured)}, planned {planned.emotion} {planned.intensity:.2f}"


def _said(measured: MeasuredFeeling) -> str:
    return f"{measured.measured_emotion} {measured.measured_intensity:.2f}"
