"""Dealing: shares come out exactly, every value has its turn, and a draw never fails while something fits."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from brightrun.dealing import Deck, counts_of, deal

SHARES = st.dictionaries(st.text(min_size=1, max_size=3), st.floats(0, 1), min_size=1, max_size=8)


@settings(deadline=None)
@given(SHARES, st.integers(0, 500))
def test_counts_add_up_and_none_is_off_by_one_or_more(shares: dict[str, float], total: int) -> None:
    counts = counts_of(shares, total)
    weight = sum(shares.values())
    if weight == 0:
        assert set(counts.values()) == {0}
        return
    assert sum(counts.values()) == total
    assert all(abs(counts[key] - total * share / weight) < 1 for key, share in shares.items())


@settings(deadline=None)
@given(SHARES, st.integers(0, 200), st.integers())
def test_dealing_has_the_exact_counts_in_an_order_of_the_seed(shares: dict[str, float], total: int, seed: int) -> None:
    dealt = deal(shares, total, random.Random(seed))
    assert Counter(dealt) == Counter({k: n for k, n in counts_of(shares, total).items() if n})
    assert dealt == deal(shares, total, random.Random(seed))


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 5), st.integers())
def test_every_value_has_its_turn_before_any_returns(values: int, rounds: int, seed: int) -> None:
    deck = Deck(range(values), random.Random(seed))
    for _ in range(rounds):
        assert {deck.draw() for _ in range(values)} == set(range(values))


@settings(deadline=None)
@given(st.integers(1, 60), st.integers(1, 300), st.integers())
def test_a_value_that_fits_is_always_found_however_rare_it_is(values: int, draws: int, seed: int) -> None:
    """One household of twelve is a couple, and a hundred conversations ask for couples."""
    deck = Deck(range(values), random.Random(seed))
    assert all(deck.draw(lambda value: value == 0) == 0 for _ in range(draws))


def test_what_did_not_fit_comes_first_when_it_does() -> None:
    deck = Deck("abc", random.Random(1))
    deck.draw(lambda value: value == "a")
    assert {deck.draw(), deck.draw()} == {"b", "c"}


def test_nothing_is_drawn_from_an_empty_deck_or_where_nothing_fits() -> None:
    empty: Deck[str] = Deck([], random.Random(1))
    assert empty.draw() is None
    assert Deck("abc", random.Random(1)).draw(lambda _: False) is None
