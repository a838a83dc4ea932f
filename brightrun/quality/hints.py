"""Plain parts of a text without which a pattern finds nothing, hundreds of them sought in one pass (Aho and Corasick).

To match a pattern, or to seek the parts one by one, takes ten times as long, and most texts have few of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from ahocorasick_rs import AhoCorasick, Implementation


class Hints:
    """Parts of texts, in small letters where the texts are; none may be empty. They are known by their numbers."""

    def __init__(self, parts: Iterable[str]) -> None:
        self.parts = tuple(dict.fromkeys(parts))
        self._automaton = AhoCorasick(self.parts, implementation=Implementation.DFA)

    def places(self, text: str) -> list[tuple[int, int, int]]:
        """Every place of every part, those within others too: the part's number, where it begins, where it ends."""
        return self._automaton.find_matches_as_indexes(text, overlapping=True)

    def are_in(self, text: str) -> bool:
        """Whether the text holds any of them."""
        return bool(self._automaton.find_matches_as_indexes(text))
