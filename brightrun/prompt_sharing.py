"""What the prompts of a job share: where a cache breakpoint pays, and what the prefix that ends there is called.

A prompt's system blocks go from what all share to what few do: the craft and the advisor, then the template with its
arc, then the persona. Writing a prefix to the cache costs a quarter more than sending it, reading it a tenth.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from brightrun.items import Item

SHARED_FROM = 4
"""From so many prompts on a prefix is worth a breakpoint, and worth being waited for."""

COMMON_BLOCKS = 2
"""The craft and the advisor."""

ALL_BLOCKS = 4


class PromptKey(NamedTuple):
    """Prompts of one key have the same system blocks."""

    template: str
    arc: str
    persona: str


class Breakpoint(NamedTuple):
    """After so many system blocks, with the name of the prefix that ends there."""

    blocks: int
    prefix: str


class PromptSharing:
    """How often each prompt key stands in a job, and what follows for its prompts."""

    def __init__(self, counts: Mapping[PromptKey, int]) -> None:
        self._counts = counts
        self._total = sum(counts.values())

    def breakpoints(self, item: Item) -> tuple[Breakpoint, ...]:
        """The breakpoints of an item's prompt, the one all share first."""
        key = PromptKey(item.template, item.cell.arc, item.cell.persona)
        found = []
        if self._total >= SHARED_FROM:
            found.append(Breakpoint(COMMON_BLOCKS, "all"))
        if self._counts.get(key, 0) >= SHARED_FROM:
            found.append(Breakpoint(ALL_BLOCKS, "/".join(key)))
        return tuple(found)
