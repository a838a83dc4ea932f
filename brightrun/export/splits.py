"""The division of a dataset into splits, by groups that are never divided.

A group is what must not stand on both sides: by default the cell. With random rows instead, near-twins
of the training data stand in the validation split and flatter whoever is measured on it.
"""

from __future__ import annotations

import math
import random
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from brightrun.quality.table import ConversationRow

SplitName = Literal["train", "validation", "test"]
SPLIT_ORDER: tuple[SplitName, ...] = ("train", "validation", "test")
"""Who gets a group first where there are fewer groups than splits."""


@dataclass(frozen=True)
class Division:
    """Which split each group is in, and which splits stay unwritten, with the reason."""

    split_of: dict[str, SplitName]
    unwritten: dict[SplitName, str]

    @property
    def splits(self) -> tuple[SplitName, ...]:
        """The splits that have a group, in the usual order."""
        used = set(self.split_of.values())
        return tuple(name for name in SPLIT_ORDER if name in used)


def group_key(row: ConversationRow, group_by: Literal["cell", "topic", "persona"]) -> str:
    """The group of a conversation."""
    if group_by == "cell":
        return f"{row.persona}.{row.arc}.{row.topic}"
    return row.topic if group_by == "topic" else row.persona


def divide(
    sizes: Mapping[str, int],
    shares: Mapping[SplitName, float],
    seed: int,
    together: Iterable[Collection[str]] = (),
) -> Division:
    """Give every group to a split, so that the splits come as near to their shares as whole groups allow.

    `sizes` are conversations per group; `together` are sets of group keys that must not be parted, such as
    groups with near-duplicates of one another. Every split gets at least one group; where there are too
    few, the later splits of SPLIT_ORDER get none. The same arguments give the same division in any order.
    """
    merged = _merged(sizes, together)
    weights = {leader: sum(sizes[key] for key in keys) for leader, keys in merged.items()}
    names = [name for name in SPLIT_ORDER if name in shares]
    written, left_out = names[: len(weights)], names[len(weights) :]
    reason = f"too few groups: {len(weights)} for {len(names)} splits"

    order = sorted(weights)
    random.Random(f"{seed}:splits").shuffle(order)
    split_of: dict[str, SplitName] = {}
    # The smallest shares choose first, since they can miss by the most; what they leave is the last one's.
    by_share = sorted(written, key=lambda name: (shares[name], name == "train", name))
    for position, name in enumerate(by_share):
        free = [leader for leader in order if leader not in split_of]
        still_to_come = by_share[position + 1 :]
        if not still_to_come:
            chosen = free
        else:
            share = shares[name] / (shares[name] + sum(shares[later] for later in still_to_come))
            target = share * sum(weights[leader] for leader in free)
            chosen = _nearest_subset(free, weights, target, leave=len(still_to_come))
        split_of.update(dict.fromkeys(chosen, name))
    by_group = {key: split_of[leader] for leader, keys in merged.items() for key in keys}
    return Division({key: by_group[key] for key in sorted(by_group)}, dict.fromkeys(left_out, reason))


def _merged(sizes: Mapping[str, int], together: Iterable[Collection[str]]) -> dict[str, list[str]]:
    """Groups that belong together, under the first of their keys."""
    leader = {key: key for key in sizes}
    for keys in together:
        leaders = {leader[key] for key in keys if key in leader}
        if leaders:
            first = min(leaders)
            leader = {key: first if own in leaders else own for key, own in leader.items()}
    merged: dict[str, list[str]] = {}
    for key in sorted(leader):
        merged.setdefault(leader[key], []).append(key)
    return merged


def _nearest_subset(order: list[str], weights: Mapping[str, int], target: float, leave: int) -> list[str]:
    """The groups, at least one, whose sizes add up to what is nearest to `target`, with `leave` groups left.

    Sums are the bits of one number, so adding a group is a shift. Among equals the earliest in `order` win.
    """
    unit = math.gcd(*(weights[key] for key in order))
    sizes = [weights[key] // unit for key in order]
    goal = target / unit
    mask = (1 << (max(math.ceil(2 * goal), min(sizes)) + 1)) - 1
    reachable = [1]
    best = round(goal)
    for size in sizes:
        if best and reachable[-1] >> best & 1:
            break
        reachable.append((reachable[-1] | reachable[-1] << size) & mask)
    sums = [total for total in range(1, mask.bit_length()) if reachable[-1] >> total & 1]
    for wanted in sorted(sums, key=lambda total: (abs(total - goal), total)):
        chosen = _traced(wanted, sizes, reachable)
        if len(order) - len(chosen) >= leave:
            return [order[index] for index in chosen]
    raise AssertionError("the smallest group alone always leaves the others")


def _traced(wanted: int, sizes: list[int], reachable: list[int]) -> list[int]:
    """Which groups make up a reachable sum, by walking back to where each part of it became reachable."""
    chosen = []
    for index in range(len(reachable) - 1, 0, -1):
        if not reachable[index - 1] >> wanted & 1:
            chosen.append(index - 1)
            wanted -= sizes[index - 1]
    return chosen[::-1]
