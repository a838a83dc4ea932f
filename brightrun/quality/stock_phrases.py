"""The list of stock phrases that comes with the package, and where they stand in a message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from brightrun.quality.words import Hashes, ngram_hashes, word_hashes, words_of

BUNDLED = Path(__file__).with_name("stock_phrases.txt")
BITMAP_BITS = 16


class StockPhrases:
    """Phrases by their first word, so that a message is read once.

    Many sentences begin with the first word of a phrase, few with the first two: where those may stand is found in a
    bitmap of their numbers, which names a few places too many and none too few.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        self._beginnings = {length: np.zeros(1 << BITMAP_BITS, dtype=np.bool_) for length in (1, 2)}
        for phrase in sorted({" ".join(words_of(phrase)) for phrase in phrases} - {""}):
            words = tuple(phrase.split())
            self._by_first.setdefault(words[0], []).append(words)
            beginning = words[:2]
            self._beginnings[len(beginning)][_bits(word_hashes(beginning), len(beginning))] = True

    def found(self, words: tuple[str, ...]) -> Iterator[str]:
        """Phrases in a message's words, as often as they stand there. One within another counts as well."""
        by_first = self._by_first
        for place in self._likely_places(words):
            for phrase in by_first.get(words[place], ()):
                if words[place : place + len(phrase)] == phrase:
                    yield " ".join(phrase)

    def _likely_places(self, words: tuple[str, ...]) -> list[int]:
        hashes = word_hashes(words)
        likely = self._beginnings[1][_bits(hashes, 1)]
        likely[: max(len(words) - 1, 0)] |= self._beginnings[2][_bits(hashes, 2)]
        places: list[int] = np.flatnonzero(likely).tolist()
        return places


def _bits(hashes: Hashes, length: int) -> NDArray[np.intp]:
    return (ngram_hashes(hashes, length) & np.uint64((1 << BITMAP_BITS) - 1)).astype(np.intp)


@cache
def bundled_phrases() -> StockPhrases:
    """Those of stock_phrases.txt: one a line, # begins a comment."""
    lines = BUNDLED.read_text(encoding="utf-8").splitlines()
    return StockPhrases(line for line in lines if not line.startswith("#"))
