"""The API's rate-limit headers are obeyed before it has to refuse."""

from __future__ import annotations

import pytest

from brightrun.claude.rate_windows import LONGEST_FILL_S, RateWindows

DATE = "Wed, 25 Nov 2026 10:00:00 GMT"


def headers(kind: str, limit: int, remaining: int, reset: str = "2026-11-25T10:00:30Z") -> dict[str, str]:
    name = f"anthropic-ratelimit-{kind}"
    return {f"{name}-limit": str(limit), f"{name}-remaining": str(remaining), f"{name}-reset": reset, "date": DATE}


def test_nothing_said_nothing_held_back() -> None:
    assert RateWindows().free_at(5.0) == 5.0


def test_what_is_left_may_be_taken_and_no_more() -> None:
    windows = RateWindows()
    windows.read(headers("requests", 600, 3), 0.0)
    for _ in range(3):
        assert windows.free_at(0.0) <= 0.0
        windows.take(0.0)
    assert windows.free_at(0.0) > 0.0


def test_the_bucket_fills_as_its_reset_says() -> None:
    windows = RateWindows()
    windows.read(headers("requests", 60, 0), 100.0)  # all 60 are back in 30 s: one in half a second
    assert windows.free_at(100.0) == pytest.approx(100.5)
    assert windows.free_at(100.6) == 100.6


def test_our_clock_plays_no_part() -> None:
    """The reset is compared with the answer's own date, not with a clock that may have been set back."""
    windows = RateWindows()
    windows.read(headers("requests", 60, 0) | {"date": "Wed, 25 Nov 2026 10:00:20 GMT"}, 0.0)
    assert windows.free_at(0.0) == pytest.approx(10 / 60)


@pytest.mark.parametrize("reset", ["soon", "", "2020-01-01T00:00:00Z"])
def test_without_a_reset_that_can_be_a_minute_fills_it(reset: str) -> None:
    windows = RateWindows()
    windows.read(headers("requests", 60, 0, reset), 0.0)
    assert windows.free_at(0.0) == pytest.approx(1.0)


def test_tokens_are_held_against_what_calls_have_taken_lately() -> None:
    windows = RateWindows()
    windows.used(input_tokens=100, output_tokens=2_000)
    windows.read(headers("output-tokens", 60_000, 5_000, "2026-11-25T10:00:55Z"), 0.0)
    windows.take(0.0)
    windows.take(0.0)
    assert windows.free_at(0.0) == pytest.approx(1.0)  # 1,000 are missing, 1,000 a second come in


def test_output_of_calls_in_flight_is_still_to_come() -> None:
    windows = RateWindows()
    windows.used(input_tokens=100, output_tokens=2_000)
    for _ in range(3):
        windows.take(0.0)
    windows.read(headers("output-tokens", 60_000, 7_000, "2026-11-25T10:00:53Z"), 0.0)
    assert windows.free_at(0.0) == pytest.approx(1.0)  # 6,000 of the 7,000 are on their way
    windows.ended()
    windows.read(headers("output-tokens", 60_000, 7_000, "2026-11-25T10:00:53Z"), 1.0)
    assert windows.free_at(1.0) == 1.0


def test_a_call_larger_than_the_bucket_waits_for_a_full_one() -> None:
    windows = RateWindows()
    windows.used(input_tokens=0, output_tokens=10_000)
    windows.read(headers("output-tokens", 1_000, 0, "2026-11-25T10:01:00Z"), 0.0)
    assert windows.free_at(0.0) == pytest.approx(LONGEST_FILL_S)


@pytest.mark.parametrize("said", [{}, {"anthropic-ratelimit-requests-limit": "many"}, headers("requests", 0, 0)])
def test_headers_that_say_nothing_change_nothing(said: dict[str, str]) -> None:
    windows = RateWindows()
    windows.read(said, 0.0)
    assert windows.free_at(0.0) == 0.0
