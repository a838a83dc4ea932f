"""In how many conversations each phrase stands, in memory that does not grow with the dataset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

KEPT = 100_000
OFTEN = 3


class PhraseCounts:
    """Counts of phrases. Past `kept` different ones, the rarest are forgotten: none of them can be common by then."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._counts: Counter[str] = Counter()
        self._often: set[str] = set()

    def add(self, phrases: Iterable[str]) -> None:
        """The phrases of one conversation; each counts once, however often it is given."""
        for phrase in set(phrases):
            self._counts[phrase] += 1
            if self._counts[phrase] == OFTEN:
                self._often.add(phrase)
        if len(self._counts) > self._kept:
            self._forget()

    def __getitem__(self, phrase: str) -> int:
        return self._counts[phrase]

    def at_least(self, count: int) -> list[tuple[str, int]]:
        """Phrases of so many conversations or more, the commonest first; quick for counts of 3 and more."""
        among: Iterable[str] = self._often if count >= OFTEN else self._counts
        found = [(phrase, self._counts[phrase]) for phrase in among if self._counts[phrase] >= count]
        return sorted(found, key=lambda each: (-each[1], each[0]))

    def commonest(self) -> tuple[str, int] | None:
        """The commonest phrase with its count; of equals, the first in the alphabet. None where nothing was counted."""
        found = self.at_least(OFTEN) or self.at_least(1)
        return found[0] if found else None

    def _forget(self) -> None:
        rare = 1
        while len(self._counts) > self._kept // 2:
            self._counts = Counter({phrase: count for phrase, count in self._counts.items() if count > rare})
            rare += 1
        self._often &= self._counts.keys()
