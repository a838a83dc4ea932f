"""KF-11: categories come from status, type and code, and each has a decision."""

from __future__ import annotations

import aiohttp
import anthropic
import httpx2
import pytest

from brightrun.claude.errors import EXCERPT_CHARACTERS, POLICY, CallError, CallErrorCategory, Decision, explain

REQUEST = httpx2.Request("POST", "http://127.0.0.1/v1/messages")
KEY = "sk-ant-geheim-0123456789"


def status_error(status: int, body: object, **headers: str) -> anthropic.APIStatusError:
    response = httpx2.Response(status, headers=headers, request=REQUEST)
    return anthropic.APIStatusError("Error code", response=response, body=body)


def connection_error(*causes: BaseException) -> anthropic.APIConnectionError:
    """The SDK's error with this chain of causes under it."""
    error: BaseException = anthropic.APIConnectionError(request=REQUEST)
    if isinstance(causes[0], httpx2.TimeoutException):
        error = anthropic.APITimeoutError(request=REQUEST)
    top = error
    for cause in causes:
        error.__cause__ = cause
        error = cause
    assert isinstance(top, anthropic.APIConnectionError)
    return top


ROWS = [
    ("connection_refused", "back_off", False),
    ("connection_broken", "back_off", True),
    ("timed_out", "back_off", True),
    ("gateway_timeout", "back_off", True),
    ("overloaded", "back_off", False),
    ("server_error", "back_off", False),
    ("rate_limited", "shrink", False),
    ("unreadable_reply", "retry_now", True),
    ("not_sent", "retry_now", False),
    ("request_too_large", "give_up_item", False),
    ("invalid_request", "give_up_item", False),
    ("unexpected_error", "give_up_item", True),
    ("spend_limit", "stop_job", False),
    ("credentials", "stop_job", False),
    ("permission", "stop_job", False),
    ("payment_required", "stop_job", False),
    ("model_unknown", "stop_job", False),
]


@pytest.mark.parametrize(("category", "decision", "possibly_paid"), ROWS, ids=[row[0] for row in ROWS])
def test_kf_11_the_policy_row_by_row(category: str, decision: str, possibly_paid: bool) -> None:
    """KF-11."""
    error = CallError(CallErrorCategory(category), "no")
    assert (error.decision, error.possibly_paid) == (decision, possibly_paid)


def test_every_category_has_a_row() -> None:
    assert set(POLICY) == set(CallErrorCategory) == {row[0] for row in ROWS}
    assert {policy.decision for policy in POLICY.values()} == set(Decision)


@pytest.mark.parametrize(
    ("status", "kind", "code", "category"),
    [
        (429, "rate_limit_error", None, "rate_limited"),
        (429, "rate_limit_error", "ramp_limit_exceeded", "rate_limited"),
        (429, "rate_limit_error", "enforced_spend_limit_reached", "spend_limit"),
        (429, "rate_limit_error", "contract_spend_limit_reached", "spend_limit"),
        (529, "overloaded_error", None, "overloaded"),
        (500, "overloaded_error", None, "overloaded"),
        (504, "timeout_error", None, "gateway_timeout"),
        (599, None, None, "server_error"),
        (408, None, None, "server_error"),
        (409, None, None, "server_error"),
        (400, "invalid_request_error", None, "invalid_request"),
        (422, None, None, "invalid_request"),
        (302, None, None, "invalid_request"),
    ],
)
def test_kf_11_the_category_is_of_status_type_and_code(
    status: int, kind: str | None, code: str | None, category: str
) -> None:
    """KF-11."""
    said = "max_tokens: 500 > 401, overloaded, 529 rate limit"
    error = {"type": kind, "message": said, "details": {"error_code": code}}
    explained = explain(status_error(status, {"error": error}))
    assert explained.category == category
    assert explained.possibly_paid == (category == "gateway_timeout")
    assert explained.message == f"HTTP {status}: {said}"


@pytest.mark.parametrize("body", [None, "", [], {}, {"error": None}, {"error": {"message": {"a": 1}}}, {"error": "x"}])
def test_kf_09_any_body_gives_a_message(body: object) -> None:
    """KF-09."""
    explained = explain(status_error(500, body))
    assert explained.category is CallErrorCategory.SERVER_ERROR
    assert explained.message.startswith("HTTP 500: ")
    assert len(explained.message) > len("HTTP 500: ")


def test_the_first_500_characters_are_shown() -> None:
    assert EXCERPT_CHARACTERS == 500
    explained = explain(status_error(503, "x" * 900))
    assert explained.message == "HTTP 503: " + "x" * 500


@pytest.mark.parametrize(
    ("value", "seconds"), [("3", 3.0), ("0.5", 0.5), ("-4", 0.0), ("soon", None), ("nan", 0.0), ("", None)]
)
def test_retry_after_is_read_or_left(value: str, seconds: float | None) -> None:
    explained = explain(status_error(429, None, **{"retry-after": value}))
    assert explained.retry_after_s == seconds


def connector_error(kind: type[aiohttp.ClientConnectorError]) -> aiohttp.ClientConnectorError:
    key = aiohttp.client_reqrep.ConnectionKey("127.0.0.1", 1, False, True, None, None, None)
    return kind(key, OSError(111, "refused"))


@pytest.mark.parametrize(
    ("causes", "category"),
    [
        ([httpx2.ConnectError("x"), connector_error(aiohttp.ClientConnectorError)], "connection_refused"),
        ([httpx2.ConnectError("x"), connector_error(aiohttp.ClientConnectorDNSError)], "connection_refused"),
        ([httpx2.ConnectTimeout("x"), aiohttp.ConnectionTimeoutError()], "connection_refused"),
        ([httpx2.ConnectError("x"), aiohttp.ServerDisconnectedError()], "connection_broken"),
        ([httpx2.ConnectError("x"), aiohttp.ClientOSError(104, "reset")], "connection_broken"),
        ([httpx2.ReadError("x"), aiohttp.ClientPayloadError()], "connection_broken"),
        ([httpx2.ReadTimeout("x"), aiohttp.SocketTimeoutError()], "timed_out"),
        ([aiohttp.ClientError("bad header")], "connection_broken"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value[-1]).__name__,
)
def test_only_what_never_had_a_connection_was_never_sent(causes: list[BaseException], category: str) -> None:
    explained = explain(connection_error(*causes))
    assert explained.category == category
    assert explained.possibly_paid == (category != "connection_refused")
    assert explained.message


def test_an_error_of_ours_is_named_and_counted() -> None:
    explained = explain(TypeError("unexpected keyword argument 'temperature'"))
    assert explained.category is CallErrorCategory.UNEXPECTED
    assert (explained.decision, explained.possibly_paid) == (Decision.GIVE_UP_ITEM, True)
    assert explained.message == "TypeError: unexpected keyword argument 'temperature'"


def test_no_secret_is_repeated_not_even_half_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    before = "x" * (EXCERPT_CHARACTERS - 10)
    errors = [
        status_error(401, {"error": {"type": "authentication_error", "message": f"{before}{KEY}"}}),
        status_error(500, f"{before}{KEY}"),
        connection_error(OSError(f"{before}{KEY}")),
        ValueError(f"{before}{KEY}"),
    ]
    for error in errors:
        assert KEY[:6] not in explain(error).message
