"""Words of a text as all that counts them sees them, and their n-grams as numbers that are the same everywhere."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Hashes: TypeAlias = NDArray[np.uint64]

WORD = re.compile(r"[^\W_]+(?:['.,][^\W_]+)*")
APOSTROPHES = str.maketrans("’ʼ", "''")
RECENT = 128
"""Messages whose words are remembered: what looks at a conversation one after the other reads it once."""
KEPT_WORDS = 200_000
"""About 30 MB. Names and amounts make ever new words, so the memory of them begins anew from time to time."""
ODD = np.uint64(0x9E3779B97F4A7C15)


@lru_cache(maxsize=RECENT)
def words_of(text: str) -> tuple[str, ...]:
    """Letters and digits in lower case, with apostrophes, dots and commas between them: an amount is one word."""
    return tuple(WORD.findall(text.casefold().translate(APOSTROPHES)))


class _WordHashes(dict[str, int]):
    """A number of 64 bits for each word: the same in every process, unlike Python's own."""

    def __missing__(self, word: str) -> int:
        if len(self) >= KEPT_WORDS:
            self.clear()
        number = int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
        self[word] = number
        return number


_WORD_HASHES = _WordHashes()


@lru_cache(maxsize=RECENT)
def word_hashes(words: tuple[str, ...]) -> Hashes:
    """A number for each word, in their order; not to be written to."""
    hashes = np.fromiter(map(_WORD_HASHES.__getitem__, words), dtype=np.uint64, count=len(words))
    hashes.flags.writeable = False
    return hashes


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
