"""Phrases of four words and more that stand in many conversations, learnt while they pass by.

Four words in a row are counted in a table of fixed size (a count-min sketch); those that overlap are one phrase. The
table never counts too few. Others that fall into the same cells can make it count too many: about one or two for every
thousand long conversations, of which a hundred and fifty make a phrase frequent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from brightrun.quality.words import Hashes, placed_ngrams

LENGTH = 4
CELLS_BITS = 21
KEPT_TEXTS = 5_000
LONG_WORD = 5
"""Letters. Four words without one of so many ("at the end of") belong to the language and not to the writer."""
LONGEST_PHRASE = 12
NEARLY_AS_OFTEN = 0.8
MOST_SHOWN = 400
"""The commonest n-grams, which are made into phrases to show."""


class FrequentPhrase(NamedTuple):
    """Words in a row, in how many conversations they stand, and in which message of one (from 0) they were found."""

    text: str
    conversations: int
    message: int


@dataclass(frozen=True, slots=True)
class ConversationNgrams:
    """All four words in a row of a conversation: made once, to be looked up and to be counted."""

    words: tuple[str, ...]
    message_ends: NDArray[np.intp]
    """Where each message ends among the words."""
    places: NDArray[np.intp]
    """Where each n-gram begins among the words."""
    hashes: Hashes
    cells: tuple[NDArray[np.intp], NDArray[np.intp]]
    is_telling: NDArray[np.bool_]
    """Whether each n-gram has a long word."""

    @classmethod
    def of(cls, messages: Sequence[tuple[str, ...]]) -> ConversationNgrams:
        """Those of a conversation's messages, given by their words."""
        words = tuple(chain.from_iterable(messages))
        hashes, places = placed_ngrams(messages, LENGTH)
        long = np.fromiter(map(len, words), dtype=np.intp, count=len(words)) >= LONG_WORD
        is_telling = np.zeros(len(places), dtype=np.bool_)
        for word in range(LENGTH):
            is_telling |= long[places + word]
        ends = np.cumsum([len(message) for message in messages], dtype=np.intp)
        return cls(words, ends, places, hashes, _cells_of(hashes), is_telling)


class FrequentNgrams:
    """Counts of all four words in a row, and the texts of the frequent ones."""

    def __init__(self) -> None:
        self._cells = np.zeros((2, 1 << CELLS_BITS), dtype=np.uint32)
        self._texts: dict[int, str] = {}

    def add(self, ngrams: ConversationNgrams, frequent: int) -> None:
        """Counts one conversation's; keeps the texts of what stands in `frequent` conversations and more."""
        counts = []
        for row, cells in zip(self._cells, ngrams.cells, strict=True):
            raised = row[cells] + 1  # a cell that is named twice is raised once: a conversation counts once
            row[cells] = raised
            counts.append(raised)
        often = np.flatnonzero((np.minimum(*counts) >= frequent) & ngrams.is_telling)
        if often.size:
            self._keep(ngrams, often, frequent)

    def frequent_in(self, ngrams: ConversationNgrams, frequent: int) -> Iterator[FrequentPhrase]:
        """What of these stands in so many conversations, in order; what overlaps comes as one phrase."""
        counts = self._counts(ngrams.cells)
        often = np.flatnonzero((counts >= frequent) & ngrams.is_telling)
        places = ngrams.places[often]
        phrases = list(_joined(zip(places.tolist(), counts[often].tolist(), strict=True)))
        numbers = np.searchsorted(ngrams.message_ends, [start for start, _, _ in phrases], side="right").tolist()
        for (start, end, count), number in zip(phrases, numbers, strict=True):
            yield FrequentPhrase(" ".join(ngrams.words[start:end]), count, number)

    def most_frequent(self, frequent: int) -> list[tuple[str, int]]:
        """Phrases of so many conversations, the commonest first; those that overlap come as one."""
        found = [(text, count) for text, count in zip(self._texts.values(), self._kept_counts(), strict=True)]
        found = [(text, count) for text, count in found if count >= frequent]
        found.sort(key=lambda each: (-each[1], each[0]))
        return sorted(_chained(dict(found[:MOST_SHOWN])).items(), key=lambda each: (-each[1], each[0]))

    def _counts(self, cells: tuple[NDArray[np.intp], NDArray[np.intp]]) -> NDArray[np.uint32]:
        counts: NDArray[np.uint32] = np.minimum(self._cells[0][cells[0]], self._cells[1][cells[1]])
        return counts

    def _kept_counts(self) -> list[int]:
        """Of the n-grams whose texts are kept."""
        numbers = np.fromiter(self._texts, dtype=np.uint64, count=len(self._texts))
        counts: list[int] = self._counts(_cells_of(numbers)).tolist()
        return counts

    def _keep(self, ngrams: ConversationNgrams, often: NDArray[np.intp], frequent: int) -> None:
        """The texts of these n-grams, as far as there is room."""
        numbers, places = ngrams.hashes[often].tolist(), ngrams.places[often].tolist()
        for number, place in [pair for pair in zip(numbers, places, strict=True) if pair[0] not in self._texts]:
            if len(self._texts) >= KEPT_TEXTS:
                self._forget(frequent)
            if len(self._texts) >= KEPT_TEXTS:
                return
            self._texts[number] = " ".join(ngrams.words[place : place + LENGTH])

    def _forget(self, frequent: int) -> None:
        """Leaves the rarer half out, and all that are not frequent any more."""
        counts = self._kept_counts()
        least = max(frequent, int(np.median(counts)) + 1)
        kept = zip(self._texts.items(), counts, strict=True)
        self._texts = {number: text for (number, text), count in kept if count >= least}


def _cells_of(hashes: Hashes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    mask = np.uint64((1 << CELLS_BITS) - 1)
    return (hashes & mask).astype(np.intp), ((hashes >> np.uint64(32)) & mask).astype(np.intp)


def _joined(spots: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """First word, end and smallest count of phrases: n-grams that overlap are one, up to the longest phrase."""
    start = end = count = 0
    for place, times in spots:
        if place < end:
            if place <= start + LONGEST_PHRASE - LENGTH:
                end = place + LENGTH
                if times < count:
                    count = times
            continue
        if end:
            yield start, end, count
        start, end, count = place, place + LENGTH, times
    if end:
        yield start, end, count


def _chained(counts: dict[str, int]) -> dict[str, int]:
    """N-grams with those that go on by a word and are nearly as frequent; none that stands within another."""
    following: dict[str, list[str]] = {}
    for text in counts:
        following.setdefault(text.rsplit(" ", 1)[0], []).append(text)
    made = dict(_followed(text, counts, following) for text in counts)
    kept: dict[str, int] = {}
    for phrase in sorted(made, key=lambda each: (-len(each.split()), each)):
        least = NEARLY_AS_OFTEN * made[phrase]
        if not any(f" {phrase} " in f" {longer} " and kept[longer] >= least for longer in kept):
            kept[phrase] = made[phrase]
    return kept


def _followed(text: str, counts: dict[str, int], following: dict[str, list[str]]) -> tuple[str, int]:
    words, count = text.split(), counts[text]
    while len(words) < LONGEST_PHRASE:
        ending = " ".join(words[1 - LENGTH :])
        more = [each for each in following.get(ending, ()) if counts[each] >= NEARLY_AS_OFTEN * counts[text]]
        if not more:
            break
        words.append(more[0].rsplit(" ", 1)[1])
        count = min(count, counts[more[0]])
    return " ".join(words), count
