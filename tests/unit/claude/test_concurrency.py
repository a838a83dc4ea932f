"""The limit grows while it goes well, shrinks once per burst of 429, and never for a server error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brightrun.claude.concurrency import (
    CREEP_EVERY_S,
    GROW_EVERY_S,
    IDLE_S,
    LONGEST_PAUSE_S,
    START,
    TROUBLE_S,
    UNTOLD_PAUSE_S,
    AdaptiveLimit,
)


def filled(limit: AdaptiveLimit, now: float) -> int:
    """Calls until no more may go out: how many."""
    calls = 0
    while limit.is_free(now):
        limit.started(now)
        calls += 1
    return calls


def grown(cap: int, seconds: float = 60.0) -> tuple[AdaptiveLimit, float]:
    """A limit with all places taken for so long, and the time."""
    limit, now = AdaptiveLimit(cap), 0.0
    while now < seconds:
        filled(limit, now)
        limit.grow_with_time(now)
        now += GROW_EVERY_S
    return limit, now


def test_few_go_out_in_the_first_instant() -> None:
    assert filled(AdaptiveLimit(256), 0.0) == START == 8


@pytest.mark.parametrize("cap", [1, 2, 5])
def test_the_cap_holds_from_the_beginning(cap: int) -> None:
    assert filled(AdaptiveLimit(cap), 0.0) == cap


def test_a_round_of_successes_doubles_it() -> None:
    limit, now = AdaptiveLimit(256), 0.0
    sizes = [filled(limit, now)]
    for _ in range(5):
        sent_at, now = now, now + 0.05
        for _ in range(sizes[-1]):
            limit.succeeded(sent_at, now)
            limit.ended(now)
            filled(limit, now)
        sizes.append(limit.in_flight)
    assert sizes == [8, 16, 32, 64, 128, 256]


def test_calls_that_take_minutes_do_not_keep_it_small() -> None:
    limit, now = grown(256, seconds=3)
    assert limit.limit == 256
    assert limit.in_flight == 256
    assert now <= 3 + GROW_EVERY_S


def test_what_is_not_used_does_not_grow() -> None:
    limit = AdaptiveLimit(64)
    for step in range(100):
        limit.started(float(step))
        limit.succeeded(step, step + 0.5)
        limit.ended(step + 0.5)
    assert limit.limit == START


def test_a_burst_of_429_halves_it_once() -> None:
    limit, now = grown(64)
    assert limit.limit == 64
    for _ in range(64):
        limit.rate_limited(now - 1, now, retry_after_s=0)
        limit.ended(now)
    # it begins small, so that the pause does not end in a herd, and is soon at half of what it was
    sizes = []
    for _ in range(20):
        filled(limit, now)
        limit.grow_with_time(now)
        sizes.append(limit.limit)
        now += GROW_EVERY_S
        assert sizes == sorted(sizes)
    assert sizes[0] <= 12
    assert 32 <= sizes[-1] <= 36


def test_the_next_burst_halves_it_again() -> None:
    limit, now = grown(64)
    limit.rate_limited(now - 1, now, 0)
    later = now + 100
    limit.rate_limited(later - 1, later, 0)
    limit.rate_limited(later - 1, later, 0)
    assert limit.limit <= 8


def test_it_never_falls_below_one() -> None:
    limit = AdaptiveLimit(4)
    for now in range(1, 50):
        limit.rate_limited(now - 0.5, float(now), 0)
    assert limit.limit == 1


def test_above_what_was_too_much_it_creeps() -> None:
    limit, now = grown(64)
    limit.rate_limited(now - 1, now, 0)
    end = now + 5
    while now < end:
        filled(limit, now)
        limit.grow_with_time(now)
        now += 0.05
    assert limit.limit <= 32 + 5 / CREEP_EVERY_S + 1


@pytest.mark.parametrize(
    ("retry_after_s", "pause_s"),
    [(None, UNTOLD_PAUSE_S), (0.0, 0.0), (7.0, 7.0), (86_400.0, LONGEST_PAUSE_S)],
)
def test_retry_after_is_honoured_within_bounds(retry_after_s: float | None, pause_s: float) -> None:
    limit = AdaptiveLimit(16)
    limit.started(0.0)
    limit.rate_limited(0.0, 1.0, retry_after_s)
    limit.ended(1.0)
    if pause_s:
        assert not limit.is_free(1.0 + pause_s - 0.01)
        assert limit.wakes_at(1.0) == 1.0 + pause_s
    assert limit.is_free(1.0 + pause_s)


def test_a_server_error_stops_growth_and_shrinks_nothing() -> None:
    limit, now = grown(64, seconds=1)
    before = limit.limit
    assert START < before < 64
    limit.troubled(now)
    for _ in range(4):
        filled(limit, now)
        limit.grow_with_time(now)
        limit.succeeded(now, now)
        now += 1
    assert limit.limit == before
    now += TROUBLE_S
    limit.grow_with_time(now)
    assert limit.limit > before


def test_after_a_long_silence_it_begins_small_and_is_soon_where_it_was() -> None:
    limit, now = grown(128)
    while limit.in_flight:
        limit.ended(now)
    now += IDLE_S + 1
    assert filled(limit, now) == START
    for _ in range(12):
        now += GROW_EVERY_S
        limit.grow_with_time(now)
        filled(limit, now)
    assert limit.limit == 128


steps = st.lists(
    st.tuples(st.sampled_from(["go", "reply", "429", "500", "wait"]), st.floats(0, 30), st.floats(0, 100)), max_size=80
)


@given(cap=st.integers(1, 256), steps=steps)
def test_it_stays_between_one_and_the_cap_whatever_comes(cap: int, steps: list[tuple[str, float, float]]) -> None:
    limit, now = AdaptiveLimit(cap), 0.0
    out: list[float] = []
    for what, seconds, retry_after_s in steps:
        now += seconds
        if what == "go":
            out += [now] * filled(limit, now)
        elif what == "wait":
            limit.grow_with_time(now)
        elif out:
            sent_at = out.pop()
            if what == "reply":
                limit.succeeded(sent_at, now)
            elif what == "429":
                limit.rate_limited(sent_at, now, retry_after_s)
            else:
                limit.troubled(now)
            limit.ended(now)
        assert 1 <= limit.limit <= cap
        assert limit.in_flight == len(out)
