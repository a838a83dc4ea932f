"""What went wrong with a call, told from status, type and code, never from the words of a message."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import aiohttp
import anthropic
import httpx2

from brightrun.configuration import redacted

EXCERPT_CHARACTERS = 500
TIMED_OUT_MESSAGE = "No answer within the time allowed for one."
MOST_CAUSES = 8
TERMINAL_429_CODES = frozenset({"enforced_spend_limit_reached", "contract_spend_limit_reached"})


class CallErrorCategory(StrEnum):
    """Categories of failed calls. Each is a reason code."""

    CONNECTION_REFUSED = "connection_refused"
    CONNECTION_BROKEN = "connection_broken"
    TIMED_OUT = "timed_out"
    GATEWAY_TIMEOUT = "gateway_timeout"
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    SERVER_ERROR = "server_error"
    SPEND_LIMIT = "spend_limit"
    CREDENTIALS = "credentials"
    PERMISSION = "permission"
    PAYMENT = "payment_required"
    MODEL_UNKNOWN = "model_unknown"
    TOO_LARGE = "request_too_large"
    INVALID_REQUEST = "invalid_request"
    UNREADABLE_REPLY = "unreadable_reply"
    UNEXPECTED = "unexpected_error"
    NOT_SENT = "not_sent"


class Decision(StrEnum):
    """What is done about a failed call."""

    RETRY_NOW = "retry_now"
    BACK_OFF = "back_off"
    SHRINK = "shrink"
    GIVE_UP_ITEM = "give_up_item"
    STOP_JOB = "stop_job"


class Policy(NamedTuple):
    """What a category means: what is done, and whether the call may have been carried out and paid for."""

    decision: Decision
    possibly_paid: bool = False


POLICY: dict[CallErrorCategory, Policy] = {
    CallErrorCategory.CONNECTION_REFUSED: Policy(Decision.BACK_OFF),
    CallErrorCategory.CONNECTION_BROKEN: Policy(Decision.BACK_OFF, possibly_paid=True),
    CallErrorCategory.TIMED_OUT: Policy(Decision.BACK_OFF, possibly_paid=True),
    CallErrorCategory.GATEWAY_TIMEOUT: Policy(Decision.BACK_OFF, possibly_paid=True),
    CallErrorCategory.OVERLOADED: Policy(Decision.BACK_OFF),
    CallErrorCategory.SERVER_ERROR: Policy(Decision.BACK_OFF),
    CallErrorCategory.RATE_LIMITED: Policy(Decision.SHRINK),
    CallErrorCategory.UNREADABLE_REPLY: Policy(Decision.RETRY_NOW, possibly_paid=True),
    CallErrorCategory.NOT_SENT: Policy(Decision.RETRY_NOW),
    CallErrorCategory.TOO_LARGE: Policy(Decision.GIVE_UP_ITEM),
    CallErrorCategory.INVALID_REQUEST: Policy(Decision.GIVE_UP_ITEM),
    CallErrorCategory.UNEXPECTED: Policy(Decision.GIVE_UP_ITEM, possibly_paid=True),
    CallErrorCategory.SPEND_LIMIT: Policy(Decision.STOP_JOB),
    CallErrorCategory.CREDENTIALS: Policy(Decision.STOP_JOB),
    CallErrorCategory.PERMISSION: Policy(Decision.STOP_JOB),
    CallErrorCategory.PAYMENT: Policy(Decision.STOP_JOB),
    CallErrorCategory.MODEL_UNKNOWN: Policy(Decision.STOP_JOB),
}
"""The one table of what is done about what. Possibly paid is what went out, or may have, without an answer that came
back whole."""

NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
"""What aiohttp raises where there was no connection to send on. Everything else can come after the sending:
the transport under the SDK calls a reset connection and a refused one by the same name."""


@dataclass(frozen=True)
class CallError:
    """A failed call, explained."""

    category: CallErrorCategory
    message: str
    http_status: int | None = None
    request_id: str | None = None
    retry_after_s: float | None = None

    @property
    def decision(self) -> Decision:
        return POLICY[self.category].decision

    @property
    def possibly_paid(self) -> bool:
        return POLICY[self.category].possibly_paid


def explain(error: Exception) -> CallError:
    """What an exception that ended a call means. Messages are free of secrets."""
    if isinstance(error, anthropic.APIStatusError):
        return CallError(
            category=category_of(error.status_code, error.type, error.error_code),
            message=_said(error),
            http_status=error.status_code,
            request_id=error.request_id,
            retry_after_s=_seconds(error.response.headers.get("retry-after")),
        )
    if isinstance(error, anthropic.APIConnectionError):
        causes = list(_causes(error))
        if any(isinstance(cause, NEVER_SENT) for cause in causes):
            return CallError(CallErrorCategory.CONNECTION_REFUSED, _named(causes[-1]))
        if isinstance(error, anthropic.APITimeoutError):
            return CallError(CallErrorCategory.TIMED_OUT, TIMED_OUT_MESSAGE)
        return CallError(CallErrorCategory.CONNECTION_BROKEN, _named(causes[-1] if causes else error))
    if isinstance(error, httpx2.TransportError | httpx2.StreamError | aiohttp.ClientError | OSError):
        return CallError(CallErrorCategory.CONNECTION_BROKEN, _named(error))  # it broke off while it was read
    return CallError(CallErrorCategory.UNEXPECTED, _named(error))


def excerpt(text: str) -> str:
    """The first 500 characters of what somebody else said, without secrets."""
    return redacted(text)[:EXCERPT_CHARACTERS]


def _causes(error: BaseException) -> Iterator[BaseException]:
    for _ in range(MOST_CAUSES):
        cause = error.__cause__
        if cause is None:
            return
        yield cause
        error = cause


def _named(error: BaseException) -> str:
    return excerpt(f"{type(error).__name__}: {error}")


def category_of(status: int, kind: str | None, code: str | None) -> CallErrorCategory:
    """The category of an answer that is an error, from its HTTP status, error type and error code."""
    category = CallErrorCategory
    if status == 429:
        return category.SPEND_LIMIT if code in TERMINAL_429_CODES else category.RATE_LIMITED
    if status == 529 or kind == "overloaded_error":
        return category.OVERLOADED
    if status == 400 and kind == "billing_error":
        return category.SPEND_LIMIT
    by_status = {
        401: category.CREDENTIALS,
        402: category.PAYMENT,
        403: category.PERMISSION,
        404: category.MODEL_UNKNOWN,
        408: category.SERVER_ERROR,
        409: category.SERVER_ERROR,
        413: category.TOO_LARGE,
        504: category.GATEWAY_TIMEOUT,
    }
    if status in by_status:
        return by_status[status]
    return category.SERVER_ERROR if status >= 500 else category.INVALID_REQUEST


def _said(error: anthropic.APIStatusError) -> str:
    """What the API said: its message, or the beginning of a body that is none of the API's."""
    said = error.api_message or (error.body if isinstance(error.body, str) else None) or error.message
    return f"HTTP {error.status_code}: {excerpt(str(said))}"


def _seconds(value: str | None) -> float | None:
    try:
        return max(0.0, float(value)) if value is not None else None
    except ValueError:
        return None
