"""Which fault a request meets: the fault plan, drawn from its seed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from hashlib import blake2b
from random import Random
from typing import TYPE_CHECKING

from brightrun.simulator.faults import Route

if TYPE_CHECKING:
    from brightrun.simulator.fault_plan import FaultPlan, FaultRule

BODIES_REMEMBERED = 1_000_000
WHOLE = 2.0**64


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault that a request has met, with a seed for whatever else it draws."""

    rule: FaultRule
    seed: int

    def rng(self) -> Random:
        return Random(self.seed)


class Weather:
    """A fault plan in force. Requests are counted, and bodies remembered, from when it was set.

    What is drawn depends on the seed, the route, the body and how often this body has come: not on the order
    in which requests arrive. So a run repeats, and a request sent again draws anew.
    """

    def __init__(self, plan: FaultPlan | None, seed: int) -> None:
        self.plan = plan
        planned = () if plan is None else plan.faults
        key = (seed if plan is None or plan.seed is None else plan.seed).to_bytes(16, "big", signed=True)
        self._courses = {
            route: _Course(rules, key + route.value.encode())
            for route in Route
            if (rules := [rule for rule in planned if rule.route is route])
        }

    def strike(self, route: Route, body_sha256: bytes) -> Strike | None:
        """What the next request on a route meets; None: nothing. Asked once for every request."""
        course = self._courses.get(route)
        return None if course is None else course.strike(body_sha256)


class _Course:
    """The rules of one route, and the requests so far."""

    def __init__(self, rules: list[FaultRule], key: bytes) -> None:
        self._fixed = [(rule, rule.positions()) for rule in rules if rule.probability is None]
        self._drawn = [(rule, rule.probability) for rule in rules if rule.probability is not None]
        self._key = key
        self._number = 0
        self._times: Counter[bytes] = Counter()

    def strike(self, body_sha256: bytes) -> Strike | None:
        self._number += 1
        if len(self._times) >= BODIES_REMEMBERED and body_sha256 not in self._times:
            del self._times[next(iter(self._times))]
        self._times[body_sha256] += 1
        drawn = blake2b(body_sha256 + self._times[body_sha256].to_bytes(8, "big"), key=self._key, digest_size=16)
        digest = drawn.digest()
        rule = self._by_number() or self._by_chance(int.from_bytes(digest[:8], "big") / WHOLE)
        return None if rule is None else Strike(rule, int.from_bytes(digest[8:], "big"))

    def _by_number(self) -> FaultRule | None:
        number = self._number
        for rule, positions in self._fixed:
            if rule.at is not None:
                met = any(low <= number <= high for low, high in positions)
            else:
                met = rule.in_bounds(number) and number % (rule.every or 1) == 0
            if met:
                return rule
        return None

    def _by_chance(self, chance: float) -> FaultRule | None:
        """Each rule has a stretch of its own between 0 and 1, so that every share is met exactly."""
        for rule, probability in self._drawn:
            if not rule.in_bounds(self._number):
                continue
            if chance < probability:
                return rule
            chance -= probability
        return None
