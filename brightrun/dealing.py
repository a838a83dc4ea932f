"""Dealing values instead of rolling them: exact shares, seeded order, no run of bad luck."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")

KEPT = 64
"""How many cards that did not fit yet stay on top of a deck, at least."""


class Deck(Generic[T]):
    """Values dealt in shuffled rounds. One that does not fit now stays on top for the next draw."""

    def __init__(self, values: Sequence[T], rng: random.Random) -> None:
        self._values = list(values)
        self._rng = rng
        self._pile: list[T] = []

    def draw(self, fits: Callable[[T], bool] = lambda _: True) -> T | None:
        """The next value that fits, or None where none of the values does."""
        for position, value in enumerate(self._pile):
            if fits(value):
                return self._pile.pop(position)
        shuffled = list(self._values)
        self._rng.shuffle(shuffled)
        for position, value in enumerate(shuffled):
            if fits(value):
                self._keep(shuffled[:position] + shuffled[position + 1 :])
                return value
        return None

    def _keep(self, values: Sequence[T]) -> None:
        room = max(KEPT, 2 * len(self._values)) - len(self._pile)
        self._pile.extend(values[: max(room, 0)])


def counts_of(shares: Mapping[T, float], total: int) -> dict[T, int]:
    """`total` divided in these shares (which need not add up to 1) by largest remainder."""
    weight = sum(shares.values())
    if weight <= 0:
        return dict.fromkeys(shares, 0)
    exact = {key: total * share / weight for key, share in shares.items()}
    counts = {key: int(value) for key, value in exact.items()}
    left = total - sum(counts.values())
    by_remainder = sorted(exact, key=lambda key: counts[key] - exact[key])
    for key in by_remainder[:left]:
        counts[key] += 1
    return counts


def deal(shares: Mapping[T, float], total: int, rng: random.Random) -> list[T]:
    """`total` values in exactly these shares, in seeded order."""
    dealt = [key for key, count in counts_of(shares, total).items() for _ in range(count)]
    rng.shuffle(dealt)
    return dealt
