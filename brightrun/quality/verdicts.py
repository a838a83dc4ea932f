"""What is said about a conversation: findings with their evidence, and the verdict they add up to."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from brightrun.excerpts import excerpt

QUOTE_CHARACTERS = 80


class Verdict(StrEnum):
    """A failure of ours (an API that does not answer) is undecided, and is tried again; never rejected."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNDECIDED = "undecided"


class Severity(StrEnum):
    """A fail rejects the conversation. A warning is recorded, counted, and rejects nothing.

    Undecided is a failure of ours: the check did not come to an answer.
    """

    FAIL = "fail"
    WARN = "warn"
    UNDECIDED = "undecided"


class CheckOutcome(StrEnum):
    """What one check says of a conversation."""

    PASS = "pass"  # noqa: S105
    WARN = "warn"
    FAIL = "fail"
    UNDECIDED = "undecided"


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
    OTHER_WORK = "other_work"
    OTHER_HOUSEHOLD = "other_household"
    OTHER_PLACE = "other_place"
    OTHER_MONEY = "other_money"
    OFF_TOPIC = "off_topic"
    CONCEPTS_MISSING = "concepts_missing"
    USER_ECHO = "user_echo"
    EMOTION_UNKNOWN = "emotion_unknown"
    INTENSITY_OUT_OF_RANGE = "intensity_out_of_range"

    JUDGES_USER = "judges_user"
    PRODUCT_SALE = "product_sale"
    PROMISED_RETURN = "promised_return"
    REFERRAL_MISSING = "referral_missing"
    ADVICE_IN_CRISIS = "advice_in_crisis"
    HOTLINE_WITHOUT_CRISIS = "hotline_without_crisis"

    UNSUPPORTED_FIGURE = "unsupported_figure"
    WRONG_ARITHMETIC = "wrong_arithmetic"
    UNDATED_LIMIT = "undated_limit"

    CARD_NUMBER = "card_number"
    NATIONAL_ID = "national_id"
    PHONE_NUMBER = "phone_number"
    EMAIL_ADDRESS = "email_address"
    BANK_ACCOUNT = "bank_account"

    CHECK_FAILED = "check_failed"

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
    CheckCode.OTHER_WORK: "The person gives another occupation in the text than planned.",
    CheckCode.OTHER_HOUSEHOLD: "The person gives another family or household in the text than planned.",
    CheckCode.OTHER_PLACE: "The person lives somewhere else in the text than planned.",
    CheckCode.OTHER_MONEY: "The person gives another income or other savings in the text than planned.",
    CheckCode.OFF_TOPIC: "Nothing in the text belongs to the planned topic.",
    CheckCode.CONCEPTS_MISSING: "Few of the topic's concepts are spoken of.",
    CheckCode.USER_ECHO: "The user repeats the answer word for word.",
    CheckCode.EMOTION_UNKNOWN: "A message is labelled with an emotion that the catalog does not have.",
    CheckCode.INTENSITY_OUT_OF_RANGE: "An intensity is not a number from 0 to 1.",
    CheckCode.JUDGES_USER: "The advisor judges the person instead of the matter.",
    CheckCode.PRODUCT_SALE: "The advisor sells something or pushes a provider.",
    CheckCode.PROMISED_RETURN: "The advisor promises a return or a result that nobody can promise.",
    CheckCode.REFERRAL_MISSING: "In a crisis, the place that helps is not named by the second answer.",
    CheckCode.ADVICE_IN_CRISIS: "In a crisis, the advisor goes on about money.",
    CheckCode.HOTLINE_WITHOUT_CRISIS: "A help line is given to somebody who is in no danger.",
    CheckCode.UNSUPPORTED_FIGURE: "The advisor states an amount that nobody gave and nothing given leads to.",
    CheckCode.WRONG_ARITHMETIC: "A calculation of the advisor's does not come out.",
    CheckCode.UNDATED_LIMIT: "A legal limit that changes by year is stated without its year.",
    CheckCode.CARD_NUMBER: "A payment card number that could be real.",
    CheckCode.NATIONAL_ID: "A social security or other national number that could be real.",
    CheckCode.PHONE_NUMBER: "A telephone number that could be somebody's.",
    CheckCode.EMAIL_ADDRESS: "A mail address that could be somebody's.",
    CheckCode.BANK_ACCOUNT: "A bank account number that could be real.",
    CheckCode.CHECK_FAILED: "A check broke off by a fault of ours and says nothing of the conversation.",
}


class Statement(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def as_rows(said: Sequence[Statement]) -> list[dict[str, Any]]:
    """Findings or results as the store keeps them."""
    return [one.model_dump(mode="json") for one in said]


class Finding(Statement):
    """One thing a check found. `turn` counts messages from 1; None is the whole conversation."""

    code: CheckCode
    severity: Severity
    turn: int | None
    quote: str


class CheckResult(Statement):
    """What one check, in one version, said of a conversation after the rule was applied."""

    name: str
    version: int
    outcome: CheckOutcome


class Judgement(Statement):
    """The verdict on one conversation: its reasons (codes that decided it, each once), all findings, all results."""

    verdict: Verdict
    reasons: tuple[CheckCode, ...]
    findings: tuple[Finding, ...]
    results: tuple[CheckResult, ...]
    checks_version: str
    """Which checks in which versions looked (`brightrun.quality.checks.CHECKS_VERSION`)."""


def fail(code: CheckCode, turn: int | None, quote: str) -> Finding:
    return Finding(code=code, severity=Severity.FAIL, turn=turn, quote=excerpt(quote, QUOTE_CHARACTERS))


def warn(code: CheckCode, turn: int | None, quote: str) -> Finding:
    return Finding(code=code, severity=Severity.WARN, turn=turn, quote=excerpt(quote, QUOTE_CHARACTERS))


def undecided(code: CheckCode, message: str) -> Finding:
    """A failure of ours, with what it says instead of a quote."""
    return Finding(code=code, severity=Severity.UNDECIDED, turn=None, quote=excerpt(message))
