"""Phrases of four words and more that stand in many conversations, learnt while they pass by.

Four words in a row are counted in a table of fixed size (a count-min sketch); those that overlap are one phrase. The
table never counts too few. Others that fall into the same cells can make it count too many: about one or two for every
thousand long conversations, of which a hundred and fifty make a phrase frequent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from brightrun.quality.words import RECENT, Hashes, ngram_hashes, word_hashes

LENGTH = 4
CELLS_BITS = 21
KEPT_TEXTS = 5_000
LONG_WORD = 5
"""Letters. Four words without one of so many ("at the end of") belong to the language and not to the writer."""
LONGEST_PHRASE = 12
NEARLY_AS_OFTEN = 0.8
MOST_SHOWN = 400
"""The commonest n-grams, which are made into phrases to show."""


@dataclass(frozen=True, slots=True)
class FrequentPhrase:
    """Words in a row, in how many conversations they stand, and in which message of one (from 0) they were found."""

    text: str
    conversations: int
    message: int


class FrequentNgrams:
    """Counts of all four words in a row, and the texts of the frequent ones."""

    def __init__(self) -> None:
        self._cells = np.zeros((2, 1 << CELLS_BITS), dtype=np.uint32)
        self._texts: dict[int, str] = {}

    def add(self, messages: Sequence[tuple[str, ...]], frequent: int) -> None:
        """Counts one conversation's words; keeps the texts of what stands in `frequent` conversations and more."""
        hashes = _hashes_of(messages)
        first_cells, second_cells = _cells_of(hashes)
        self._cells[0][first_cells] += 1  # a cell that is named twice is raised once: a conversation counts once
        self._cells[1][second_cells] += 1
        often = np.flatnonzero((self._counts(hashes) >= frequent) & _telling(messages))
        if often.size:
            self._keep(messages, hashes, often, frequent)

    def frequent_in(self, messages: Sequence[tuple[str, ...]], frequent: int) -> Iterator[FrequentPhrase]:
        """What in these messages stands in so many conversations, in order; what overlaps comes as one phrase."""
        hashes = _hashes_of(messages)
        counts = self._counts(hashes)
        often = np.flatnonzero((counts >= frequent) & _telling(messages))
        starts = _starts(messages)
        numbers = np.searchsorted(starts, often, side="right") - 1
        times = counts[often]
        for number in np.unique(numbers).tolist():
            here = numbers == number
            places = (often[here] - starts[number]).tolist()
            for start, end, count in _joined(list(zip(places, times[here].tolist(), strict=True))):
                yield FrequentPhrase(" ".join(messages[number][start:end]), count, number)

    def most_frequent(self, frequent: int) -> list[tuple[str, int]]:
        """Phrases of so many conversations, the commonest first; those that overlap come as one."""
        numbers = np.fromiter(self._texts, dtype=np.uint64, count=len(self._texts))
        counted = zip(self._texts.values(), self._counts(numbers).tolist(), strict=True)
        found = [(text, count) for text, count in counted if count >= frequent]
        found.sort(key=lambda each: (-each[1], each[0]))
        return sorted(_chained(dict(found[:MOST_SHOWN])).items(), key=lambda each: (-each[1], each[0]))

    def _counts(self, hashes: Hashes) -> NDArray[np.uint32]:
        first_cells, second_cells = _cells_of(hashes)
        counts: NDArray[np.uint32] = np.minimum(self._cells[0][first_cells], self._cells[1][second_cells])
        return counts

    def _keep(
        self, messages: Sequence[tuple[str, ...]], hashes: Hashes, often: NDArray[np.intp], frequent: int
    ) -> None:
        """Texts of n-grams by their places in all messages' n-grams."""
        starts = _starts(messages)
        for number, place in zip(hashes[often].tolist(), often.tolist(), strict=True):
            if number in self._texts:
                continue
            if len(self._texts) >= KEPT_TEXTS:
                self._forget(frequent)
            if len(self._texts) >= KEPT_TEXTS:
                return
            message = int(np.searchsorted(starts, place, side="right")) - 1
            begin = place - int(starts[message])
            self._texts[number] = " ".join(messages[message][begin : begin + LENGTH])

    def _forget(self, frequent: int) -> None:
        """Leaves the rarer half out, and all that are not frequent any more."""
        numbers = np.fromiter(self._texts, dtype=np.uint64, count=len(self._texts))
        counts = self._counts(numbers)
        least = max(frequent, int(np.median(counts)) + 1)
        kept = zip(self._texts.items(), counts.tolist(), strict=True)
        self._texts = {number: text for (number, text), count in kept if count >= least}


def _telling(messages: Sequence[tuple[str, ...]]) -> NDArray[np.bool_]:
    """For each n-gram of all messages, whether it has a long word."""
    return np.concatenate([np.empty(0, dtype=np.bool_), *map(_telling_in, messages)])


@lru_cache(maxsize=RECENT)
def _telling_in(words: tuple[str, ...]) -> NDArray[np.bool_]:
    long = np.fromiter(map(len, words), dtype=np.intp, count=len(words)) >= LONG_WORD
    count = max(len(words) - LENGTH + 1, 0)
    telling = np.zeros(count, dtype=np.bool_)
    for place in range(LENGTH):
        telling |= long[place : place + count]
    return telling


def _hashes_of(messages: Sequence[tuple[str, ...]]) -> Hashes:
    """The n-grams of all messages, one message after the other."""
    return np.concatenate([np.empty(0, dtype=np.uint64), *map(_hashes_in, messages)])


@lru_cache(maxsize=RECENT)
def _hashes_in(words: tuple[str, ...]) -> Hashes:
    return ngram_hashes(word_hashes(words), LENGTH)


def _starts(messages: Sequence[tuple[str, ...]]) -> NDArray[np.intp]:
    """Where each message's n-grams begin among those of all."""
    return np.cumsum([0, *(max(len(words) - LENGTH + 1, 0) for words in messages)], dtype=np.intp)


def _cells_of(hashes: Hashes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    mask = np.uint64((1 << CELLS_BITS) - 1)
    return (hashes & mask).astype(np.intp), ((hashes >> np.uint64(32)) & mask).astype(np.intp)


def _joined(spots: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """First word, end and smallest count of phrases: n-grams that overlap are one, up to the longest phrase."""
    start = end = count = 0
    for place, times in spots:
        if place < end:
            if place + LENGTH - start <= LONGEST_PHRASE:
                end, count = place + LENGTH, min(count, times)
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
