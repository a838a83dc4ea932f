"""Reason codes in plain words."""

from __future__ import annotations

from brightrun.claude.errors import CallErrorCategory
from brightrun.conversation import ReplyProblem
from brightrun.quality.judging.arc_agreement import ArcCode
from brightrun.quality.judging.judgement import JudgeCode
from brightrun.quality.judging.malformed import MalformedCode
from brightrun.quality.neighbour_codes import NeighbourCode
from brightrun.quality.verdicts import CheckCode
from brightrun.reporting.facts import ReasonCount
from brightrun.store.states import Reason

UNFINISHED = "not_finished"

MEANINGS: dict[str, str] = {
    ReplyProblem.MAX_TOKENS: "The reply reached its length limit and was cut off.",
    ReplyProblem.REFUSAL: "The model declined to write it.",
    ReplyProblem.CONTEXT_WINDOW: "The request and the reply together were too long for the model.",
    ReplyProblem.UNEXPECTED_STOP: "The model stopped for a reason that is not known here.",
    ReplyProblem.NO_TEXT: "The reply held no text.",
    ReplyProblem.NOT_JSON: "The reply was not in the form that was asked for.",
    ReplyProblem.SCHEMA_MISMATCH: "Parts of the reply were missing or of the wrong kind.",
    CallErrorCategory.CONNECTION_REFUSED: "The model's service could not be reached.",
    CallErrorCategory.CONNECTION_BROKEN: "The connection broke off before the reply was whole.",
    CallErrorCategory.TIMED_OUT: "No reply came in the time allowed.",
    CallErrorCategory.GATEWAY_TIMEOUT: "The model's service gave up waiting for its own answer.",
    CallErrorCategory.RATE_LIMITED: "The model's service asked for fewer requests at a time.",
    CallErrorCategory.OVERLOADED: "The model's service was overloaded.",
    CallErrorCategory.SERVER_ERROR: "The model's service had a fault of its own.",
    CallErrorCategory.SPEND_LIMIT: "The account's spending limit was reached.",
    CallErrorCategory.CREDENTIALS: "The key for the model's service was not accepted.",
    CallErrorCategory.PERMISSION: "The key may not use this model.",
    CallErrorCategory.PAYMENT: "The account has to be paid for first.",
    CallErrorCategory.MODEL_UNKNOWN: "The model's service does not know this model.",
    CallErrorCategory.TOO_LARGE: "The request was too large.",
    CallErrorCategory.INVALID_REQUEST: "The model's service did not accept the request.",
    CallErrorCategory.UNREADABLE_REPLY: "The reply arrived damaged.",
    CallErrorCategory.UNEXPECTED: "Something went wrong that is not known here; the run's log has the details.",
    CallErrorCategory.NOT_SENT: "The request was not sent.",
    Reason.INTERRUPTED: "The run was stopped before its turn came.",
    Reason.BUDGET: "The budget was used up.",
    Reason.API_STOPPED: "The model's service refused the whole run.",
    Reason.LOST_RUN: "The program that was working on it went away.",
    Reason.NOT_PLANNABLE: "The plan could not be put into a request.",
    Reason.RECHECKED: "It was checked again, and waits for its verdict.",
    Reason.AWAITING_JUDGEMENT: "It was waiting to be judged.",
    CheckCode.CHECK_FAILED: "A check itself failed; the conversation needs another try.",
    Reason.ATTEMPTS_USED: "All attempts were used up.",
    UNFINISHED: "It was not finished when this report was made.",
}
"""What no check says of itself."""


KINDS = (CheckCode, NeighbourCode, JudgeCode, ArcCode, MalformedCode)
"""Codes that say themselves what they mean."""


def meaning_of(code: str) -> str:
    """A reason code as a sentence; a code nobody has a sentence for, as words."""
    if code in MEANINGS:
        return MEANINGS[code]
    for kind in KINDS:
        if code in kind.__members__.values():
            return kind(code).meaning
    words = code.replace("_", " ").strip() or "no reason was given"
    return f"{words[0].upper()}{words[1:]}."


def reason_counts(counts: dict[str, int]) -> tuple[ReasonCount, ...]:
    """Reasons with their meaning, the commonest first."""
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return tuple(ReasonCount(code=code, meaning=meaning_of(code), count=count) for code, count in ordered if count)
