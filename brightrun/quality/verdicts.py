"""What is said about a conversation: findings with their evidence, and the verdict they add up to."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from brightrun.excerpts import excerpt

CHECKS_VERSION = "1"
"""Stands in every judgement. It rises when a check is added, removed or decides differently."""

QUOTE_CHARACTERS = 80


class Verdict(StrEnum):
    """A failure of ours (an API that does not answer) is undecided, and is tried again; never rejected."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNDECIDED = "undecided"


class Severity(StrEnum):
    """A fail rejects the conversation. A warning is recorded, counted, and rejects nothing."""

    FAIL = "fail"
    WARN = "warn"


class CheckCode(StrEnum):
    """What a check may find. Each is a reason code."""

    FIRST_TURN_NOT_USER = "first_turn_not_user"
    ROLES_DO_NOT_ALTERNATE = "roles_do_not_alternate"
    LAST_TURN_NOT_ASSISTANT = "last_turn_not_assistant"
    EXCHANGES_OUTSIDE_ARC = "exchanges_outside_arc"
    EXCHANGES_NOT_AS_PLANNED = "exchanges_not_as_planned"
    EMPTY_TEXT = "empty_text"
    EMPTY_LABEL = "empty_label"
    TEXT_TOO_SHORT = "text_too_short"
    TEXT_TOO_LONG = "text_too_long"
    REPEATED_OPENING = "repeated_opening"

    TRAILING_BACKSLASH = "trailing_backslash"
    LITERAL_ESCAPE = "literal_escape"
    CUT_TEXT = "cut_text"
    CONTROL_CHARACTER = "control_character"
    ENCODING_DAMAGE = "encoding_damage"
    REPLY_SYNTAX = "reply_syntax"
    PLACEHOLDER = "placeholder"
    MARKUP = "markup"
    ROLE_LABEL = "role_label"
    MODEL_TALK = "model_talk"

    SPEAKER_NAME_MISMATCH = "speaker_name_mismatch"
    SPEAKER_AGE_MISMATCH = "speaker_age_mismatch"
    TOPIC_MISMATCH = "topic_mismatch"
    OUTCOME_UNKNOWN = "outcome_unknown"
    OUTCOME_NOT_AS_PLANNED = "outcome_not_as_planned"
    OTHER_NAME = "other_name"
    OTHER_AGE = "other_age"
    EMOTION_UNKNOWN = "emotion_unknown"
    INTENSITY_OUT_OF_RANGE = "intensity_out_of_range"

    @property
    def meaning(self) -> str:
        """The code in a sentence, for people."""
        return MEANINGS[self]


MEANINGS: dict[CheckCode, str] = {
    CheckCode.FIRST_TURN_NOT_USER: "The first message is not the user's.",
    CheckCode.ROLES_DO_NOT_ALTERNATE: "Two messages in a row are by the same side.",
    CheckCode.LAST_TURN_NOT_ASSISTANT: "The last message is the user's and stays unanswered.",
    CheckCode.EXCHANGES_OUTSIDE_ARC: "There are fewer or more exchanges than the arc allows.",
    CheckCode.EXCHANGES_NOT_AS_PLANNED: "The number of exchanges suits the arc and is not the planned one.",
    CheckCode.EMPTY_TEXT: "A message has no text.",
    CheckCode.EMPTY_LABEL: "An answer does not say what it does or what it teaches.",
    CheckCode.TEXT_TOO_SHORT: "An answer is too short to be one.",
    CheckCode.TEXT_TOO_LONG: "A message is longer than people write or read in a chat.",
    CheckCode.REPEATED_OPENING: "Two answers begin with the same five words.",
    CheckCode.TRAILING_BACKSLASH: "A message ends at a backslash: the text was cut off there.",
    CheckCode.LITERAL_ESCAPE: "A line break, quote or character stands in the text as its code, such as \\n.",
    CheckCode.CUT_TEXT: "An answer stops in the middle of a sentence.",
    CheckCode.CONTROL_CHARACTER: "A message holds a character that is no text.",
    CheckCode.ENCODING_DAMAGE: "Characters were garbled by a wrong encoding.",
    CheckCode.REPLY_SYNTAX: "Parts of the reply's own format stand in the text.",
    CheckCode.PLACEHOLDER: "A blank was not filled in.",
    CheckCode.MARKUP: "A message is formatted (headings, bold, bullets, code, tags) instead of plain.",
    CheckCode.ROLE_LABEL: "A message begins with the name of its role.",
    CheckCode.MODEL_TALK: "Someone talks about being a model, or about how the text was made.",
    CheckCode.SPEAKER_NAME_MISMATCH: "The reply names another person than the plan.",
    CheckCode.SPEAKER_AGE_MISMATCH: "The reply gives the person another age than the plan.",
    CheckCode.TOPIC_MISMATCH: "The reply names another topic than the plan.",
    CheckCode.OUTCOME_UNKNOWN: "The reply names an outcome that does not exist.",
    CheckCode.OUTCOME_NOT_AS_PLANNED: "The conversation ends in another way than planned.",
    CheckCode.OTHER_NAME: "Someone in the text goes by another name than planned.",
    CheckCode.OTHER_AGE: "The person gives another age in the text than planned.",
    CheckCode.EMOTION_UNKNOWN: "A message is labelled with an emotion that the catalog does not have.",
    CheckCode.INTENSITY_OUT_OF_RANGE: "An intensity is not a number from 0 to 1.",
}


class Statement(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Finding(Statement):
    """One thing a check found. `turn` counts messages from 1; None is the whole conversation."""

    code: CheckCode
    severity: Severity
    turn: int | None
    quote: str


class Judgement(Statement):
    """The verdict on one conversation, its reasons (codes of what failed, each once) and all findings."""

    verdict: Verdict
    reasons: tuple[CheckCode, ...]
    findings: tuple[Finding, ...]
    checks_version: str = CHECKS_VERSION


def fail(code: CheckCode, turn: int | None, quote: str) -> Finding:
    return Finding(code=code, severity=Severity.FAIL, turn=turn, quote=excerpt(quote, QUOTE_CHARACTERS))


def warn(code: CheckCode, turn: int | None, quote: str) -> Finding:
    return Finding(code=code, severity=Severity.WARN, turn=turn, quote=excerpt(quote, QUOTE_CHARACTERS))


def judge_findings(findings: Iterable[Finding]) -> Judgement:
    """Rejected if anything failed, else accepted."""
    found = tuple(findings)
    reasons = tuple(dict.fromkeys(finding.code for finding in found if finding.severity is Severity.FAIL))
    return Judgement(verdict=Verdict.REJECTED if reasons else Verdict.ACCEPTED, reasons=reasons, findings=found)
