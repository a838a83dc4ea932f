"""How feelings go through the conversations of an arc: as intended, as labelled by the writer, as measured.

Only conversations that were to be emotional count: plain questions and near misses do not go through their arc.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from brightrun.catalog import Register
from brightrun.enrich import EnrichedConversation

STEPS = 4
"""User turns are put on a scale from 0.0, the first, to 1.0, the last, in so many steps: arcs have 2 to 8 of them."""


class _Figures(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class IntendedPoint(_Figures):
    """Where the plan wanted the feeling to be: at the start (0.0) or at the end (1.0)."""

    position: float
    conversations: int
    intended_emotion: str
    intended_emotion_share: float
    intended_intensity_mean: float


class LabelledPoint(_Figures):
    """What the writer labelled the user turns with; the emotion is the commonest one."""

    position: float
    user_turns: int
    labelled_emotion: str
    labelled_emotion_share: float
    labelled_intensity_mean: float


class MeasuredPoint(_Figures):
    """What a blind reader saw in the user turns; the emotion is the commonest one."""

    position: float
    user_turns: int
    measured_emotion: str
    measured_emotion_share: float
    measured_intensity_mean: float


class ArcTrajectory(_Figures):
    """The feelings of one arc. `measured` is empty where no reader has been; `measured_conversations` says how many."""

    arc: str
    conversations: int
    measured_conversations: int
    intended: tuple[IntendedPoint, ...]
    labelled: tuple[LabelledPoint, ...]
    measured: tuple[MeasuredPoint, ...]


@dataclass
class _Feelings:
    """Emotions and intensities at one position."""

    emotions: Counter[str] = field(default_factory=Counter)
    intensity_sum: float = 0.0

    def add(self, emotion: str, intensity: float) -> None:
        self.emotions[emotion] += 1
        self.intensity_sum += intensity

    @property
    def count(self) -> int:
        return self.emotions.total()

    @property
    def commonest(self) -> tuple[str, float]:
        emotion = min(self.emotions, key=lambda each: (-self.emotions[each], each))
        return emotion, round(self.emotions[emotion] / self.count, 6)

    @property
    def mean(self) -> float:
        return round(self.intensity_sum / self.count, 6)


@dataclass
class _Arc:
    conversations: int = 0
    measured_conversations: int = 0
    intended: dict[float, _Feelings] = field(default_factory=dict)
    labelled: dict[float, _Feelings] = field(default_factory=dict)
    measured: dict[float, _Feelings] = field(default_factory=dict)


class TrajectoryMeter:
    """Sums by arc and position; no texts."""

    def __init__(self) -> None:
        self._arcs: dict[str, _Arc] = {}

    def add(self, record: EnrichedConversation) -> None:
        """One conversation, with what a blind reader saw in it, if one has read it."""
        if record.register_kind != Register.EMOTIONAL.value:
            return
        arc = self._arcs.setdefault(record.arc, _Arc())
        arc.conversations += 1
        start, end = record.intended_start_emotion, record.intended_end_emotion
        _at(arc.intended, 0.0).add(start, record.intended_start_intensity)
        _at(arc.intended, 1.0).add(end, record.intended_end_intensity)
        labels = [
            (turn.labelled_emotion, turn.labelled_intensity)
            for turn in record.turns
            if turn.labelled_emotion is not None and turn.labelled_intensity is not None
        ]
        measured = [
            (turn.measured_emotion, turn.measured_intensity)
            for turn in record.turns
            if turn.measured_emotion is not None and turn.measured_intensity is not None
        ]
        _add_all(arc.labelled, labels)
        if measured:
            arc.measured_conversations += 1
            _add_all(arc.measured, measured)

    def result(self) -> tuple[ArcTrajectory, ...]:
        """Arcs by name."""
        return tuple(_trajectory(name, self._arcs[name]) for name in sorted(self._arcs))


def _at(points: dict[float, _Feelings], position: float) -> _Feelings:
    return points.setdefault(position, _Feelings())


def _add_all(points: dict[float, _Feelings], feelings: Sequence[tuple[str, float]]) -> None:
    for place, (emotion, intensity) in enumerate(feelings):
        position = round(place / (len(feelings) - 1) * STEPS) / STEPS if len(feelings) > 1 else 0.0
        _at(points, position).add(emotion, intensity)


def _trajectory(name: str, arc: _Arc) -> ArcTrajectory:
    return ArcTrajectory(
        arc=name,
        conversations=arc.conversations,
        measured_conversations=arc.measured_conversations,
        intended=tuple(
            IntendedPoint(
                position=position,
                conversations=at.count,
                intended_emotion=at.commonest[0],
                intended_emotion_share=at.commonest[1],
                intended_intensity_mean=at.mean,
            )
            for position, at in _ordered(arc.intended)
        ),
        labelled=tuple(
            LabelledPoint(
                position=position,
                user_turns=at.count,
                labelled_emotion=at.commonest[0],
                labelled_emotion_share=at.commonest[1],
                labelled_intensity_mean=at.mean,
            )
            for position, at in _ordered(arc.labelled)
        ),
        measured=tuple(
            MeasuredPoint(
                position=position,
                user_turns=at.count,
                measured_emotion=at.commonest[0],
                measured_emotion_share=at.commonest[1],
                measured_intensity_mean=at.mean,
            )
            for position, at in _ordered(arc.measured)
        ),
    )


def _ordered(points: dict[float, _Feelings]) -> Iterable[tuple[float, _Feelings]]:
    return sorted(points.items(), key=lambda each: each[0])
