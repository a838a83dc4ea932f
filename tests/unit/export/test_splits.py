"""Splits: groups stay whole, shares come as near as they can, and nothing depends on order or luck."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st
from release_records import record

from brightrun.export.splits import Division, SplitName, divide, group_key
from brightrun.quality.table import conversation_row

SIZES = st.dictionaries(st.text("abcdef", min_size=1, max_size=4), st.integers(1, 30), min_size=1, max_size=40)
SHARES = st.sampled_from(
    [
        {"train": 0.9, "validation": 0.1},
        {"train": 0.8, "validation": 0.1, "test": 0.1},
        {"train": 0.34, "validation": 0.33, "test": 0.33},
        {"validation": 0.5, "train": 0.5},
        {"train": 1.0},
    ]
)


def held(division: Division, sizes: dict[str, int]) -> Counter[SplitName]:
    counts: Counter[SplitName] = Counter()
    for group, split in division.split_of.items():
        counts[split] += sizes[group]
    return counts


@settings(deadline=None)
@given(SIZES, SHARES, st.integers())
def test_every_group_is_in_one_split_and_no_split_is_empty(sizes, shares, seed):
    """KF-57, KF-59: near-twins stay together, and no split is empty."""
    division = divide(sizes, shares, seed)
    assert set(division.split_of) == set(sizes)
    assert len(division.splits) == min(len(sizes), len(shares))
    assert set(division.splits) | set(division.unwritten) == set(shares)
    assert all(held(division, sizes)[split] > 0 for split in division.splits)


@settings(deadline=None)
@given(SIZES, SHARES, st.integers(), st.randoms(use_true_random=False))
def test_the_order_of_the_arguments_changes_nothing(sizes, shares, seed, rng):
    shuffled = list(sizes.items())
    rng.shuffle(shuffled)
    assert divide(dict(shuffled), dict(reversed(shares.items())), seed) == divide(sizes, shares, seed)


@settings(deadline=None)
@given(
    st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(1, 40), min_size=2, max_size=9),
    st.floats(0.05, 0.5),
    st.integers(0, 100),
)
def test_two_splits_come_as_near_to_their_shares_as_whole_groups_can(sizes, share, seed):
    target = share * sum(sizes.values())
    possible = [
        sum(sizes[key] for key in chosen) for count in range(1, len(sizes)) for chosen in combinations(sizes, count)
    ]
    validation = held(divide(sizes, {"train": 1 - share, "validation": share}, seed), sizes)["validation"]
    assert abs(validation - target) <= min(abs(total - target) for total in possible) + 1e-9


@settings(deadline=None)
@given(SIZES, SHARES, st.integers(), st.lists(st.lists(st.text("abcdef", min_size=1, max_size=4), max_size=4)))
def test_groups_that_belong_together_stay_together(sizes, shares, seed, together):
    division = divide(sizes, shares, seed, together)
    assert set(division.split_of) == set(sizes)
    for keys in together:
        assert len({division.split_of[key] for key in keys if key in sizes}) <= 1


def test_groups_joined_by_a_third_are_one_group():
    sizes = dict.fromkeys("abcdefgh", 1)
    division = divide(sizes, {"train": 0.5, "validation": 0.5}, 1, [["a", "b"], ["c", "d"], ["b", "c"]])
    assert len({division.split_of[key] for key in "abcd"}) == 1
    assert held(division, sizes) == {"train": 4, "validation": 4}


def test_too_few_groups_go_to_the_training_split_first_and_the_reason_is_given():
    shares: dict[SplitName, float] = {"test": 0.3, "validation": 0.3, "train": 0.4}
    assert divide({"only": 7}, shares, 13).split_of == {"only": "train"}
    two = divide({"a": 1, "b": 100}, shares, 13)
    assert two.splits == ("train", "validation")
    assert two.unwritten == {"test": "too few groups: 2 for 3 splits"}


def test_kf53_another_seed_divides_otherwise_and_the_same_seed_the_same():
    sizes = {f"cell-{number}": 1 for number in range(50)}
    shares: dict[SplitName, float] = {"train": 0.9, "validation": 0.1}
    assert divide(sizes, shares, 13) == divide(sizes, shares, 13)
    assert len({tuple(divide(sizes, shares, seed).split_of.items()) for seed in range(5)}) == 5


def test_a_thousand_cells_are_divided_exactly():
    sizes = {f"cell-{number}": 3 for number in range(1000)}
    assert held(divide(sizes, {"train": 0.9, "validation": 0.1}, 13), sizes) == {"train": 2700, "validation": 300}


def test_groups_are_cells_topics_or_personas():
    conversation = conversation_row(record(1, persona="p", arc="a", topic="t"))
    assert group_key(conversation, "cell") == "p.a.t"
    assert group_key(conversation, "topic") == "t"
    assert group_key(conversation, "persona") == "p"
