"""Words of a text as all that counts them sees them, and their n-grams as numbers that are the same everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Hashes: TypeAlias = NDArray[np.uint64]
Number = TypeVar("Number", bound=np.integer)
Made = TypeVar("Made")

WORD = re.compile(r"[^\W_]+(?:['.,][^\W_]+)*")
APOSTROPHES = ("’", "ʼ")
RECENT = 128
"""Messages whose words are remembered: what looks at a conversation one after the other reads it once."""
KEPT_WORDS = 200_000
"""About 30 MB."""
KEPT_TOKENS = 100_000
"""About 25 MB of what stands between blanks, of which none is longer than `LONGEST_TOKEN`."""
LONGEST_TOKEN = 40
ODD = np.uint64(0x9E3779B97F4A7C15)


class Remembered(dict[str, Made]):
    """What is made of words and of what stands between blanks: most come again, and to look up is faster than to make.

    Names and amounts make ever new ones, so that it begins anew once it holds `most`; long ones are not kept.
    """

    def __init__(self, make: Callable[[str], Made], most: int) -> None:
        self._make, self._most = make, most

    def __missing__(self, text: str) -> Made:
        made = self._make(text)
        if len(text) <= LONGEST_TOKEN:
            if len(self) >= self._most:
                self.clear()
            self[text] = made
        return made


_WORDS_OF_TOKENS = Remembered(lambda token: tuple(WORD.findall(token)), KEPT_TOKENS)


@lru_cache(maxsize=RECENT)
def words_of(text: str) -> tuple[str, ...]:
    """Letters and digits in lower case, with apostrophes, dots and commas between them: an amount is one word."""
    text = text.casefold()
    for apostrophe in APOSTROPHES:
        text = text.replace(apostrophe, "'")
    return tuple(chain.from_iterable(map(_WORDS_OF_TOKENS.__getitem__, text.split())))


def _hash(word: str) -> bytes:
    """Eight bytes for a word: the same in every process, unlike Python's own."""
    return blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()


_WORD_HASHES = Remembered(_hash, KEPT_WORDS)


@lru_cache(maxsize=RECENT)
def word_hashes(words: tuple[str, ...]) -> Hashes:
    """A number for each word, in their order; not to be written to."""
    return np.frombuffer(b"".join(map(_WORD_HASHES.__getitem__, words)), dtype="<u8")


def ngram_hashes(hashed_words: Hashes, length: int) -> Hashes:
    """A number for each `length` words in a row, in their order; none where there are fewer words."""
    count = len(hashed_words) - length + 1
    if count < 1:
        return np.empty(0, dtype=np.uint64)
    mixed = hashed_words[:count].copy()
    for place in range(1, length):
        mixed *= ODD
        mixed ^= mixed >> np.uint64(29)
        mixed += hashed_words[place : place + count]
    mixed ^= mixed >> np.uint64(32)
    mixed *= ODD
    mixed ^= mixed >> np.uint64(29)
    return mixed


def message_ngrams(messages: Sequence[tuple[str, ...]], length: int) -> Hashes:
    """The n-grams of each message, one message after the other: words of two messages are no phrase."""
    return placed_ngrams(messages, length)[0]


def placed_ngrams(messages: Sequence[tuple[str, ...]], length: int) -> tuple[Hashes, NDArray[np.intp]]:
    """The same, with where each begins among the words of all messages."""
    hashed = np.concatenate([np.empty(0, dtype=np.uint64), *map(word_hashes, messages)])
    grams = ngram_hashes(hashed, length)
    if not len(grams):
        return grams, np.empty(0, dtype=np.intp)
    begins = np.ones(len(hashed), dtype=np.bool_)
    ends = np.cumsum([len(words) for words in messages])
    for missing in range(1, length):
        begins[ends - missing] = False  # of a message with fewer words, places before it: nothing begins there either
    places = np.flatnonzero(begins)
    return grams[places], places


def distinct(numbers: NDArray[Number]) -> NDArray[Number]:
    """The different numbers, ascending: as numpy's `unique`, which takes ten times as long for a few thousand."""
    ascending = np.sort(numbers)
    is_new = np.ones(len(ascending), dtype=np.bool_)
    np.not_equal(ascending[1:], ascending[:-1], out=is_new[1:])
    return ascending[is_new]
