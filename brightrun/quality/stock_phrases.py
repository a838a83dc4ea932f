"""The list of stock phrases that comes with the package, and where they stand in a message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from brightrun.quality.words import words_of

BUNDLED = Path(__file__).with_name("stock_phrases.txt")


class StockPhrases:
    """Phrases by their first word, so that a message is read once."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        for phrase in sorted({" ".join(words_of(phrase)) for phrase in phrases} - {""}):
            words = tuple(phrase.split())
            self._by_first.setdefault(words[0], []).append(words)

    def found(self, words: tuple[str, ...]) -> Iterator[str]:
        """Phrases in a message's words, as often as they stand there. One within another counts as well."""
        by_first = self._by_first
        for place in [place for place, word in enumerate(words) if word in by_first]:
            for phrase in by_first[words[place]]:
                if words[place : place + len(phrase)] == phrase:
                    yield " ".join(phrase)


@cache
def bundled_phrases() -> StockPhrases:
    """Those of stock_phrases.txt: one a line, # begins a comment."""
    lines = BUNDLED.read_text(encoding="utf-8").splitlines()
    return StockPhrases(line for line in lines if not line.startswith("#"))
