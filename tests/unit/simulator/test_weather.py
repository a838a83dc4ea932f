"""Which requests meet a fault: by number, and by chance that does not depend on the order of arrival."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from random import Random

import pytest

from brightrun.simulator.fault_plan import FaultPlan, plan_of
from brightrun.simulator.faults import Route
from brightrun.simulator.weather import Weather

BODIES = [sha256(str(i).encode()).digest() for i in range(4000)]


def met(plan: FaultPlan, bodies: list[bytes], seed: int = 0) -> list[str | None]:
    weather = Weather(plan, seed)
    strikes = [weather.strike(Route.MESSAGES, body) for body in bodies]
    return [strike.rule.fault.value if strike else None for strike in strikes]


@pytest.mark.parametrize(
    ("flag", "numbers"),
    [
        ("no_text@3,7-9", [3, 7, 8, 9]),
        ("no_text,every=4", [4, 8, 12]),
        ("no_text,every=4,first=5,until=10", [8]),
        ("no_text,until=2", [1, 2]),
        ("no_text,first=11", [11, 12]),
    ],
)
def test_requests_are_struck_by_number(flag: str, numbers: list[int]) -> None:
    assert [i + 1 for i, fault in enumerate(met(plan_of(flag), BODIES[:12])) if fault] == numbers


def test_what_is_listed_first_is_played_and_numbers_go_before_chance() -> None:
    assert met(plan_of("refusal:1", "overloaded@2", "no_text@2-3"), BODIES[:3]) == ["refusal", "overloaded", "no_text"]


def test_every_share_is_met() -> None:
    played = Counter(met(plan_of("refusal:0.1", "no_text:0.2", "overloaded:0.05"), BODIES))
    for fault, share in (("refusal", 0.1), ("no_text", 0.2), ("overloaded", 0.05)):
        assert abs(played[fault] / len(BODIES) - share) < 0.02


def test_chance_is_the_same_in_whatever_order_requests_come() -> None:
    plan, shuffled = plan_of("refusal:0.3", "no_text:0.3"), BODIES[:500]
    expected = dict(zip(shuffled, met(plan, shuffled), strict=True))
    Random(1).shuffle(shuffled)
    assert dict(zip(shuffled, met(plan, shuffled), strict=True)) == expected


def test_a_body_that_comes_again_draws_anew() -> None:
    assert set(met(plan_of("refusal:0.5"), BODIES[:1] * 30)) == {None, "refusal"}


def test_another_seed_strikes_others_and_the_plan_s_own_goes_before_the_simulator_s() -> None:
    plan, seeded, bodies = plan_of("refusal:0.5"), plan_of("refusal:0.5", seed=8), BODIES[:100]
    assert met(plan, bodies, seed=8) == met(seeded, bodies, seed=1) != met(plan, bodies, seed=9)


def test_routes_are_counted_apart() -> None:
    weather = Weather(plan_of("no_text@1", "overloaded@2,route=count_tokens"), 0)
    assert weather.strike(Route.MODELS, b"") is None
    assert weather.strike(Route.COUNT_TOKENS, b"") is None
    assert weather.strike(Route.MESSAGES, b"") is not None
    assert weather.strike(Route.COUNT_TOKENS, b"") is not None
