"""The reader's answer: what was measured of each user message, or why it cannot be used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from brightrun.conversation import Conversation
from brightrun.quality.judging.malformed import MalformedCode, MalformedReadingError, answer_of


class _ReadingAnswer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    message: int
    emotion: str
    intensity: float


class MeasuredFeeling(BaseModel):
    """What a blind reader saw in one user message. `turn` counts messages from 1; intensity is 0 to 1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    turn: int
    measured_emotion: str
    measured_intensity: float


def parse_reading(
    message: dict[str, Any], conversation: Conversation, emotions: Sequence[str]
) -> tuple[MeasuredFeeling, ...]:
    """What was measured of each user message, in order. Raises MalformedReadingError for what cannot be used."""
    data = answer_of(message, MalformedReadingError)
    if set(data) != {"readings"} or not isinstance(data["readings"], list):
        raise MalformedReadingError(MalformedCode.SHAPE, "The answer is no list under `readings`.")
    written = [number for number, turn in enumerate(conversation.turns, 1) if turn.role == "user"]
    found: dict[int, MeasuredFeeling] = {}
    for entry in data["readings"]:
        feeling = _measured(entry, emotions)
        if feeling.turn not in written:
            raise MalformedReadingError(MalformedCode.UNKNOWN_TURN, f"Message {feeling.turn} is none of the user's.")
        if feeling.turn in found:
            raise MalformedReadingError(MalformedCode.REPEATED_TURN, f"Message {feeling.turn} is read twice.")
        found[feeling.turn] = feeling
    for number in written:
        if number not in found:
            raise MalformedReadingError(MalformedCode.MISSING_TURN, f"Message {number} is not read.")
    return tuple(found[number] for number in written)


def _measured(entry: Any, emotions: Sequence[str]) -> MeasuredFeeling:
    try:
        answer = _ReadingAnswer.model_validate(entry)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "it"
        raise MalformedReadingError(MalformedCode.SHAPE, f"In a reading, {where}: {first['msg']}") from error
    if answer.emotion not in emotions:
        raise MalformedReadingError(MalformedCode.UNKNOWN_EMOTION, f"`{answer.emotion}` is not listed.")
    if not 0 <= answer.intensity <= 1:
        raise MalformedReadingError(MalformedCode.INTENSITY_OFF_SCALE, f"{answer.intensity} is not from 0 to 1.")
    return MeasuredFeeling(turn=answer.message, measured_emotion=answer.emotion, measured_intensity=answer.intensity)
