"""A reading is one feeling for each message of the user, or malformed."""

from __future__ import annotations

from typing import Any

import pytest
from judged_cases import conversation, message

from brightrun.quality.judging.malformed import MalformedCode, MalformedReadingError
from brightrun.quality.judging.reading import parse_reading

EMOTIONS = ("worry", "relief")
WHOLE = conversation({"user": "Help."}, {"assistant": "With what?"}, {"user": "Done."}, {"assistant": "Good."})


def reading(*feelings: tuple[int, str, float]) -> dict[str, Any]:
    entries = [{"message": number, "emotion": emotion, "intensity": level} for number, emotion, level in feelings]
    return message({"readings": entries})


def test_law_11_what_was_measured_is_called_so_and_comes_in_the_order_of_the_text() -> None:
    first, last = parse_reading(reading((3, "relief", 0.5), (1, "worry", 1)), WHOLE, EMOTIONS)
    assert first.model_dump() == {"turn": 1, "measured_emotion": "worry", "measured_intensity": 1.0}
    assert last.turn == 3


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (reading((1, "worry", 0.5)), MalformedCode.MISSING_TURN),
        (reading((1, "worry", 0.5), (3, "relief", 0.5), (2, "relief", 0.5)), MalformedCode.UNKNOWN_TURN),
        (reading((1, "worry", 0.5), (1, "worry", 0.5), (3, "relief", 0.5)), MalformedCode.REPEATED_TURN),
        (reading((1, "dread", 0.5), (3, "relief", 0.5)), MalformedCode.UNKNOWN_EMOTION),
        (reading((1, "worry", 1.1), (3, "relief", 0.5)), MalformedCode.INTENSITY_OFF_SCALE),
        (reading((1, "worry", 7), (3, "relief", 0.5)), MalformedCode.INTENSITY_OFF_SCALE),
        (message({"readings": {"1": "worry"}}), MalformedCode.SHAPE),
        (message({"readings": [{"message": 1, "emotion": "worry"}]}), MalformedCode.SHAPE),
        (message({"readings": [], "note": ""}), MalformedCode.SHAPE),
        (message([]), MalformedCode.SHAPE),
        (message("They are worried."), MalformedCode.UNREADABLE),
        (message({"readings": []}, stop_reason="refusal"), MalformedCode.UNREADABLE),
    ],
)
def test_kf_47_what_was_not_read_is_never_filled_in(reply: dict[str, Any], code: MalformedCode) -> None:
    with pytest.raises(MalformedReadingError) as refused:
        parse_reading(reply, WHOLE, EMOTIONS)
    assert refused.value.code is code
