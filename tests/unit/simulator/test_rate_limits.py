"""Token buckets: what is admitted, what is refused, and when to come again."""

from __future__ import annotations

import pytest

from brightrun.simulator.errors import ApiError
from brightrun.simulator.rate_limits import RateLimits
from brightrun.simulator.settings import SimulatorSettings


def limits(**per_minute: int) -> RateLimits:
    return RateLimits(SimulatorSettings(**{f"{name}_per_minute": limit for name, limit in per_minute.items()}))


def test_requests_beyond_the_limit_are_refused_until_there_is_room() -> None:
    found = limits(requests=6)
    for _ in range(6):
        found.admit(1)
    with pytest.raises(ApiError) as refused:
        found.admit(1)
    assert (refused.value.status, refused.value.kind) == (429, "rate_limit_error")
    assert refused.value.retry_after_s == 10
    assert "6 requests per minute" in refused.value.message


def test_a_refusal_takes_nothing() -> None:
    found = limits(requests=10, input_tokens=1000)
    found.admit(900)
    for _ in range(50):
        with pytest.raises(ApiError, match="1,000 input tokens per minute"):
            found.admit(500)
    assert found.requests.state()[0] == 9
    assert 100 <= found.input_tokens.state()[0] < 110
    found.admit(90)


def test_output_may_run_into_debt_and_is_then_waited_for() -> None:
    found = limits(output_tokens=600)
    found.admit(1)
    found.wrote(900)
    with pytest.raises(ApiError) as refused:
        found.admit(1)
    assert refused.value.retry_after_s == 31
    assert found.headers()["anthropic-ratelimit-output-tokens-remaining"] == "0"


def test_what_never_fits_is_told_to_come_when_the_bucket_is_full() -> None:
    found = limits(input_tokens=100)
    with pytest.raises(ApiError) as full:
        found.admit(101)
    found.admit(50)
    with pytest.raises(ApiError) as half_full:
        found.admit(101)
    assert (full.value.retry_after_s, half_full.value.retry_after_s) == (1, 30)
