"""Requests that are refused: what a client and the SDK see of it."""

from __future__ import annotations

import anthropic
import pytest
from raw_client import HELLO, End, send

from brightrun.simulator.faults import Fault, FaultKind
from brightrun.simulator.pytest_fixture import SimulatorUnderTest

SEEN: dict[Fault, tuple[int, str | None, type[anthropic.APIStatusError], str | None]] = {
    Fault.RATE_LIMITED: (429, "rate_limit_error", anthropic.RateLimitError, None),
    Fault.RATE_LIMITED_BARE: (429, "rate_limit_error", anthropic.RateLimitError, None),
    Fault.RAMP_LIMIT: (429, "rate_limit_error", anthropic.RateLimitError, "ramp_limit_exceeded"),
    Fault.ENFORCED_SPEND_LIMIT: (429, "rate_limit_error", anthropic.RateLimitError, "enforced_spend_limit_reached"),
    Fault.CONTRACT_SPEND_LIMIT: (429, "rate_limit_error", anthropic.RateLimitError, "contract_spend_limit_reached"),
    Fault.CUSTOMER_SPEND_LIMIT: (400, "billing_error", anthropic.BadRequestError, None),
    Fault.OVERLOADED: (529, "overloaded_error", anthropic.OverloadedError, None),
    Fault.SERVER_ERROR: (500, "api_error", anthropic.InternalServerError, None),
    Fault.SERVER_ERROR_HTML: (500, None, anthropic.InternalServerError, None),
    Fault.SERVER_ERROR_TRUNCATED: (500, None, anthropic.InternalServerError, None),
    Fault.SERVER_ERROR_NOT_UTF8: (500, None, anthropic.InternalServerError, None),
    Fault.BAD_GATEWAY_EMPTY: (502, None, anthropic.InternalServerError, None),
    Fault.GATEWAY_TIMEOUT: (504, "timeout_error", anthropic.GatewayTimeoutError, None),
    Fault.UNAUTHORIZED: (401, "authentication_error", anthropic.AuthenticationError, None),
    Fault.PAYMENT_REQUIRED: (402, "billing_error", anthropic.PaymentRequiredError, None),
    Fault.FORBIDDEN: (403, "permission_error", anthropic.PermissionDeniedError, None),
    Fault.TOO_LARGE: (413, "request_too_large", anthropic.ContentTooLargeError, None),
}
WITH_RETRY_AFTER = {Fault.RATE_LIMITED, Fault.RAMP_LIMIT}


def refused(url: str) -> anthropic.APIStatusError:
    with (
        anthropic.Anthropic(api_key="any", base_url=url, max_retries=0) as sdk,
        pytest.raises(anthropic.APIStatusError) as caught,
    ):
        sdk.messages.create(**HELLO)
    return caught.value


def test_every_refusal_is_looked_at() -> None:
    assert set(SEEN) == {fault for fault in Fault if fault.facts.kind is FaultKind.HTTP}


@pytest.mark.parametrize("fault", SEEN)
def test_kf_11_the_sdk_reads_status_type_and_code(shared_simulator: SimulatorUnderTest, fault: Fault) -> None:
    shared_simulator.play(f"{fault.value}@1")
    error = refused(shared_simulator.url)
    status, kind, error_class, code = SEEN[fault]
    assert isinstance(error, error_class)
    assert (error.status_code, error.type, error.error_code) == (status, kind, code)
    assert error.request_id
    assert error.response.headers.get("retry-after") == ("1" if fault in WITH_RETRY_AFTER else None)
    assert "anthropic-ratelimit-requests-remaining" in error.response.headers


@pytest.mark.parametrize("fault", SEEN)
def test_a_refusal_is_in_the_account_and_costs_nothing(shared_simulator: SimulatorUnderTest, fault: Fault) -> None:
    before = shared_simulator.account()
    shared_simulator.play(f"{fault.value}@1")
    assert send(shared_simulator.url).status == SEEN[fault][0]
    after = shared_simulator.account(entries=True)
    entry = after["entries"][-1]
    assert (entry["fault"], entry["status"], entry["message_id"]) == (fault.value, SEEN[fault][0], None)
    assert (entry["delivered"], entry["cost_usd"]) == (False, "0")
    assert after["cost_usd"] == before["cost_usd"]
    played = before["faults"].get("messages", {}).get(fault.value, 0)
    assert after["faults"]["messages"][fault.value] == played + 1


def test_kf_09_bodies_are_what_gateways_send(shared_simulator: SimulatorUnderTest) -> None:
    found = {}
    for fault in (Fault.SERVER_ERROR_HTML, Fault.SERVER_ERROR_TRUNCATED, Fault.SERVER_ERROR_NOT_UTF8):
        shared_simulator.play(fault.value)
        found[fault] = send(shared_simulator.url)
    assert found[Fault.SERVER_ERROR_HTML].body.startswith(b"<html>")
    assert found[Fault.SERVER_ERROR_HTML].headers["content-type"] == "text/html"
    with pytest.raises(ValueError):
        assert found[Fault.SERVER_ERROR_TRUNCATED].data
    with pytest.raises(UnicodeDecodeError):
        found[Fault.SERVER_ERROR_NOT_UTF8].body.decode()
    shared_simulator.play("bad_gateway_empty")
    empty = send(shared_simulator.url)
    assert (empty.body, empty.end) == (b"", End.WHOLE)


def test_parameters_of_a_refusal_reach_the_client(shared_simulator: SimulatorUnderTest) -> None:
    shared_simulator.play("rate_limited,retry_after_s=17,code=some_new_limit,after_s=0.3")
    answer = send(shared_simulator.url)
    assert answer.headers["retry-after"] == "17"
    assert answer.data["error"]["details"]["error_code"] == "some_new_limit"
    assert answer.seconds >= 0.3


def test_other_routes_have_faults_of_their_own(shared_simulator: SimulatorUnderTest) -> None:
    shared_simulator.play("overloaded@1,route=count_tokens", "forbidden@2,route=models", "reset_in_body@3,route=models")
    counted = {name: value for name, value in HELLO.items() if name != "max_tokens"}
    url = shared_simulator.url
    assert [send(url, counted, "/v1/messages/count_tokens").status for _ in range(2)] == [529, 200]
    assert send(url).status == 200
    assert [send(url, None, "/v1/models").status, send(url, None, "/v1/models/claude-opus-5").status] == [200, 403]
    assert send(url, None, "/v1/models").end is End.RESET
    assert shared_simulator.account()["faults"]["models"] == {"forbidden": 1, "reset_in_body": 1}
