"""Answers of a judge or a reader that cannot be used. They are asked for again, and say nothing of a conversation."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from brightrun.conversation import ReplyError, reply_data
from brightrun.excerpts import excerpt


class MalformedCode(StrEnum):
    """Why an answer cannot be used. Each is a reason code of `undecided`."""

    UNREADABLE = "answer_unreadable"
    SHAPE = "answer_of_another_shape"
    MISSING_DIMENSION = "dimension_missing"
    SCORE_OFF_SCALE = "score_off_scale"
    MISSING_ELEMENT = "element_missing"
    UNKNOWN_ELEMENT = "element_unknown"
    REPEATED_ELEMENT = "element_repeated"
    INVENTED_QUOTE = "quote_not_in_text"
    MISSING_TURN = "turn_missing"
    UNKNOWN_TURN = "turn_unknown"
    REPEATED_TURN = "turn_repeated"
    UNKNOWN_EMOTION = "emotion_not_listed"
    INTENSITY_OFF_SCALE = "intensity_off_scale"

    @property
    def meaning(self) -> str:
        """The code in a sentence, for people."""
        return MEANINGS[self]


MEANINGS = {
    MalformedCode.UNREADABLE: "The answer was cut off, refused, empty, or no JSON.",
    MalformedCode.SHAPE: "The answer is JSON of another shape than asked for.",
    MalformedCode.MISSING_DIMENSION: "A dimension of the rubric has no score.",
    MalformedCode.SCORE_OFF_SCALE: "A score is not a number from 0 to 10 in halves.",
    MalformedCode.MISSING_ELEMENT: "Nothing is said of an element that the rubric requires.",
    MalformedCode.UNKNOWN_ELEMENT: "An element is named that the rubric does not have.",
    MalformedCode.REPEATED_ELEMENT: "An element is answered twice.",
    MalformedCode.INVENTED_QUOTE: "A quote is not in the text.",
    MalformedCode.MISSING_TURN: "A message of the user was not read.",
    MalformedCode.UNKNOWN_TURN: "A message was read that the user did not write.",
    MalformedCode.REPEATED_TURN: "A message was read twice.",
    MalformedCode.UNKNOWN_EMOTION: "An emotion was read that the catalog does not list.",
    MalformedCode.INTENSITY_OFF_SCALE: "An intensity is not a number from 0 to 1.",
}


class MalformedAnswerError(Exception):
    """An answer that was paid for and cannot be used; `code` says why."""

    def __init__(self, code: MalformedCode, message: str) -> None:
        self.code = code
        super().__init__(excerpt(message))


class MalformedJudgementError(MalformedAnswerError):
    """The judge's answer cannot be used: the conversation is undecided, and is judged again."""


class MalformedReadingError(MalformedAnswerError):
    """The reader's answer cannot be used: the conversation is undecided, and is read again."""


def answer_of(message: dict[str, Any], error: type[MalformedAnswerError]) -> dict[str, Any]:
    """The JSON object in a Messages API reply; `error` where there is none."""
    try:
        data = reply_data(message)
    except ReplyError as unusable:
        raise error(MalformedCode.UNREADABLE, f"{unusable.problem.value}: {unusable}") from unusable
    if not isinstance(data, dict):
        raise error(MalformedCode.SHAPE, f"The answer is no JSON object but a {type(data).__name__}.")
    return data
