"""Every fault the simulator can play: its name, what a client sees of it, and whether it is paid."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """Where a fault strikes."""

    HTTP = "http"
    """The request is refused before any work is done."""
    WIRE = "wire"
    """The work is done, and the answer suffers on its way."""
    REPLY = "reply"
    """The answer arrives whole, and what the model wrote is wrong."""


class Route(StrEnum):
    """The parts of the API that faults can be played on."""

    MESSAGES = "messages"
    COUNT_TOKENS = "count_tokens"
    MODELS = "models"


class RefusalCategory(StrEnum):
    """`stop_details.category` of a refusal, as the SDK lists them; `none` is null."""

    CYBER = "cyber"
    BIO = "bio"
    FRONTIER_LLM = "frontier_llm"
    REASONING_EXTRACTION = "reasoning_extraction"
    GENERAL_HARMS = "general_harms"
    NONE = "none"


class Fault(StrEnum):
    """The names by which faults are asked for."""

    RATE_LIMITED = "rate_limited"
    RATE_LIMITED_BARE = "rate_limited_bare"
    RAMP_LIMIT = "ramp_limit"
    ENFORCED_SPEND_LIMIT = "enforced_spend_limit"
    CONTRACT_SPEND_LIMIT = "contract_spend_limit"
    CUSTOMER_SPEND_LIMIT = "customer_spend_limit"
    OVERLOADED = "overloaded"
    SERVER_ERROR = "server_error"
    SERVER_ERROR_HTML = "server_error_html"
    SERVER_ERROR_TRUNCATED = "server_error_truncated"
    SERVER_ERROR_NOT_UTF8 = "server_error_not_utf8"
    BAD_GATEWAY_EMPTY = "bad_gateway_empty"
    GATEWAY_TIMEOUT = "gateway_timeout"
    UNAUTHORIZED = "unauthorized"
    PAYMENT_REQUIRED = "payment_required"
    FORBIDDEN = "forbidden"
    TOO_LARGE = "too_large"

    CONNECTION_REFUSED = "connection_refused"
    RESET_ON_ARRIVAL = "reset_on_arrival"
    RESET_BEFORE_HEADERS = "reset_before_headers"
    RESET_IN_BODY = "reset_in_body"
    STALLED_BODY = "stalled_body"
    LATE_ANSWER = "late_answer"
    SLOW_DRIP = "slow_drip"
    TRUNCATED_JSON = "truncated_json"
    NOT_UTF8 = "not_utf8"
    WRONG_CONTENT_TYPE = "wrong_content_type"
    HTML_PAGE = "html_page"

    MAX_TOKENS = "max_tokens"
    REFUSAL = "refusal"
    CONTEXT_WINDOW_EXCEEDED = "context_window_exceeded"
    UNKNOWN_STOP_REASON = "unknown_stop_reason"
    THINKING_FIRST = "thinking_first"
    NO_TEXT = "no_text"
    NOT_JSON = "not_json"
    SCHEMA_MISMATCH = "schema_mismatch"
    CUT_MID_STRING = "cut_mid_string"
    LONE_BACKSLASH = "lone_backslash"
    LITERAL_NEWLINE = "literal_newline"
    WRONG_PERSONA = "wrong_persona"
    MISSING_PART = "missing_part"
    OUT_OF_RANGE = "out_of_range"
    INVENTED_QUOTE = "invented_quote"

    @property
    def facts(self) -> FaultFacts:
        return FAULTS[self]


@dataclass(frozen=True, slots=True)
class FaultFacts:
    """What is known of a fault beforehand. The guide's tables are made from it."""

    kind: FaultKind
    seen: str
    """What the client sees."""
    paid: bool = False
    """Is a message that meets this fault written, and paid for?"""
    delivered: str = "no"
    """Does the account call its reply delivered?"""
    parameters: tuple[str, ...] = ()
    """The fields of a rule that mean something to this fault."""


def _http(seen: str, *parameters: str) -> FaultFacts:
    return FaultFacts(FaultKind.HTTP, seen, parameters=("after_s", *parameters))


def _wire(seen: str, *parameters: str, delivered: str = "no", paid: bool = True) -> FaultFacts:
    return FaultFacts(FaultKind.WIRE, seen, paid, delivered, parameters)


def _reply(seen: str, *parameters: str) -> FaultFacts:
    return FaultFacts(FaultKind.REPLY, seen, True, "yes", parameters)


FAULTS: dict[Fault, FaultFacts] = {
    Fault.RATE_LIMITED: _http("429 `rate_limit_error` with `retry-after`", "retry_after_s", "code"),
    Fault.RATE_LIMITED_BARE: _http("429 `rate_limit_error` without `retry-after`", "code"),
    Fault.RAMP_LIMIT: _http("429 with the code `ramp_limit_exceeded` and `retry-after`; it passes", "retry_after_s"),
    Fault.ENFORCED_SPEND_LIMIT: _http("429 with the code `enforced_spend_limit_reached`; it does not pass"),
    Fault.CONTRACT_SPEND_LIMIT: _http("429 with the code `contract_spend_limit_reached`; it does not pass"),
    Fault.CUSTOMER_SPEND_LIMIT: _http("400 `billing_error`: the limit that the customer set", "code"),
    Fault.OVERLOADED: _http("529 `overloaded_error`"),
    Fault.SERVER_ERROR: _http("500 `api_error`", "code"),
    Fault.SERVER_ERROR_HTML: _http("500 with an HTML page"),
    Fault.SERVER_ERROR_TRUNCATED: _http("500 with JSON that breaks off"),
    Fault.SERVER_ERROR_NOT_UTF8: _http("500 with a text that is not UTF-8"),
    Fault.BAD_GATEWAY_EMPTY: _http("502 without a body"),
    Fault.GATEWAY_TIMEOUT: _http("504 `timeout_error`"),
    Fault.UNAUTHORIZED: _http("401 `authentication_error`", "code"),
    Fault.PAYMENT_REQUIRED: _http("402 `billing_error`", "code"),
    Fault.FORBIDDEN: _http("403 `permission_error`", "code"),
    Fault.TOO_LARGE: _http("413 `request_too_large`"),
    Fault.CONNECTION_REFUSED: _wire(
        "this request gets its answer, its connection and idle ones are closed, and for `seconds` nothing listens: "
        "`ECONNREFUSED`",
        "seconds",
        delivered="yes",
    ),
    Fault.RESET_ON_ARRIVAL: _wire("the connection is reset as soon as the request has arrived", paid=False),
    Fault.RESET_BEFORE_HEADERS: _wire("the connection is reset when the answer is due"),
    Fault.RESET_IN_BODY: _wire("200, half of the body, then the connection is reset"),
    Fault.STALLED_BODY: _wire("200, half of the body, nothing for `seconds`, then the connection is reset", "seconds"),
    Fault.LATE_ANSWER: _wire(
        "nothing for `seconds` more, then the whole answer", "seconds", delivered="if the client waits"
    ),
    Fault.SLOW_DRIP: _wire("200, the body in small pieces over `seconds`", "seconds", delivered="if the client waits"),
    Fault.TRUNCATED_JSON: _wire("200, the first half of the JSON, with a length that says it is all"),
    Fault.NOT_UTF8: _wire("200, the JSON with bytes in it that are not UTF-8"),
    Fault.WRONG_CONTENT_TYPE: _wire("200, the whole JSON, called `text/html`", delivered="yes"),
    Fault.HTML_PAGE: _wire("200, an HTML page in place of the answer"),
    Fault.MAX_TOKENS: _reply("half of the text, `max_tokens`; `usage` says that all of them were used"),
    Fault.REFUSAL: _reply("no content, `refusal`, with `stop_details.category`", "category"),
    Fault.CONTEXT_WINDOW_EXCEEDED: _reply("half of the text, `model_context_window_exceeded`"),
    Fault.UNKNOWN_STOP_REASON: _reply("the whole text, with a stop reason nobody knows", "stop_reason"),
    Fault.THINKING_FIRST: _reply("a thinking block before the whole text; thinking is paid as output"),
    Fault.NO_TEXT: _reply("no content, `end_turn`"),
    Fault.NOT_JSON: _reply("a sentence instead of JSON, `end_turn`"),
    Fault.SCHEMA_MISMATCH: _reply("JSON without a field that the schema requires, `end_turn`"),
    Fault.CUT_MID_STRING: _reply("JSON that breaks off inside a string, `end_turn`"),
    Fault.LONE_BACKSLASH: _reply("a turn that breaks off and ends with a lone backslash once parsed", "role"),
    Fault.LITERAL_NEWLINE: _reply("a turn with a backslash and an `n` where a new line was meant", "role"),
    Fault.WRONG_PERSONA: _reply("a speaker of another name and age than the request says"),
    Fault.MISSING_PART: _reply("a judgement without one of its scores, a reading without one of its messages"),
    Fault.OUT_OF_RANGE: _reply("a score above 10, an intensity above 1"),
    Fault.INVENTED_QUOTE: _reply("a judgement with a quote that nobody wrote"),
}
