"""Conversations that are there already, word for word or nearly: found by fingerprints, without keeping texts (KF-56).

Which of two twins is the duplicate is decided by who was added first. Similarity is estimated (fingerprints.py), and is
the same whichever of the two is asked about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from brightrun.conversation import Conversation
from brightrun.quality.band_table import BandTable
from brightrun.quality.fingerprints import (
    COMPARED,
    SAMPLED,
    Fingerprint,
    Part,
    PartPrint,
    fingerprint,
    part_words,
    short_numbers,
)
from brightrun.quality.words import ngram_hashes, word_hashes, words_of

QUOTES = 3


@dataclass(frozen=True, slots=True)
class Twin:
    """A conversation that another one is like."""

    conversation_id: str
    part: Part
    """CONVERSATION only where all of it is the same."""
    similarity: float
    """Jaccard similarity of the part's word n-grams, 0 to 1: estimated, and 1 exactly where the words are the same."""
    exact: bool
    """The part's words are the same, whatever stands between them."""
    quote: str | None
    """Up to three places of words that both have, as the one asked about has them; absent if none is known."""


class DuplicateIndex:
    """Conversations by what they say. About 2 kB each, however long they are."""

    def __init__(self, similarity: float = 0.5, words: int = 5) -> None:
        """`similarity` is where a twin begins, 0.3 to 1: below, the search would miss many. `words` make an n-gram."""
        if not 0.3 <= similarity <= 1 or words < 1:
            raise ValueError(f"similarity must be 0.3 to 1 and words 1 or more, not {similarity} and {words}")
        self.similarity: Final = similarity
        self.words: Final = words
        self._ids: dict[str, int] = {}
        self._names: list[str | None] = []
        self._whole: dict[bytes, list[int]] = {}
        self._digests: list[bytes] = []
        self._parts = {part: _PartIndex() for part in COMPARED}

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, conversation_id: object) -> bool:
        return conversation_id in self._ids

    @property
    def size_bytes(self) -> int:
        """Memory of its arrays; ids and digests come on top, about 1 kB a conversation."""
        return sum(part.size_bytes for part in self._parts.values())

    def fingerprint(self, conversation: Conversation) -> Fingerprint:
        """What the index asks and keeps of a conversation: made once for `nearest` and `add`, or in another process."""
        return fingerprint(conversation, self.words)

    def add(self, conversation_id: str, conversation: Conversation | Fingerprint) -> None:
        """Raises ValueError for an id that is there already: two conversations under one id would hide each other."""
        if conversation_id in self._ids:
            raise ValueError(f"{conversation_id} is in the index already")
        made = self._made(conversation)
        number = len(self._names)
        self._ids[conversation_id] = number
        self._names.append(conversation_id)
        self._digests.append(made.digest)
        self._whole.setdefault(made.digest, []).append(number)
        for part, printed in made.parts.items():
            self._parts[part].add(number, printed)

    def remove(self, conversation_id: str) -> None:
        """It is found no more. Its signatures' room is not given back. Raises KeyError for an unknown id."""
        number = self._ids.pop(conversation_id)
        self._names[number] = None
        owners = self._whole[self._digests[number]]
        owners.remove(number)
        if not owners:
            del self._whole[self._digests[number]]
        for part in self._parts.values():
            part.remove(number)

    def nearest(self, conversation: Conversation | Fingerprint, printed: Fingerprint | None = None) -> Twin | None:
        """The most similar twin, or None. Of equally similar ones, the one that was added first.

        `printed` is the conversation's fingerprint, where it was made before. A fingerprint alone has no words to
        quote from, so its twins come without a quote.
        """
        made = printed or self._made(conversation)
        if owners := self._whole.get(made.digest):
            return Twin(self._name(owners[0]), Part.CONVERSATION, 1.0, True, None)
        best: tuple[float, int, Part] | None = None
        for part, part_print in made.parts.items():
            for number, similarity in self._parts[part].similar(part_print, self.similarity):
                if best is None or (-similarity, number) < (-best[0], best[1]):
                    best = (similarity, number, part)
        if best is None:
            return None
        similarity, number, part = best
        exact = self._parts[part].is_exact(number, made.parts[part])
        quote = None
        if isinstance(conversation, Conversation):
            quote = self._quote(conversation, part, self._parts[part].sample(number))
        return Twin(self._name(number), part, 1.0 if exact else similarity, exact, quote)

    def _made(self, conversation: Conversation | Fingerprint) -> Fingerprint:
        return conversation if isinstance(conversation, Fingerprint) else self.fingerprint(conversation)

    def _name(self, number: int) -> str:
        name = self._names[number]
        if name is None:
            raise AssertionError(f"number {number} was removed")
        return name

    def _quote(self, conversation: Conversation, part: Part, sample: NDArray[np.uint32]) -> str | None:
        turns = [(turn.role, words_of(turn.content)) for turn in conversation.turns]
        quotes: list[str] = []
        for words in part_words(turns)[part]:
            numbers = short_numbers(ngram_hashes(word_hashes(words), self.words))
            end = 0
            for place in np.flatnonzero(np.isin(numbers, sample)).tolist():
                if place >= end and len(quotes) < QUOTES:
                    end = place + self.words
                    quotes.append(" ".join(words[place:end]))
        return " … ".join(quotes) or None


class _PartIndex:
    """One part of all conversations. Parts with the same words share a row, which its first owner stands for."""

    def __init__(self) -> None:
        self._table = BandTable()
        self._samples = np.zeros((0, SAMPLED), dtype=np.uint32)
        self._sample_sizes = bytearray()
        self._row_of_digest: dict[bytes, int] = {}
        self._owners: list[list[int]] = []
        self._row_of: dict[int, int] = {}

    @property
    def size_bytes(self) -> int:
        return self._table.size_bytes + self._samples.nbytes

    def add(self, number: int, printed: PartPrint) -> None:
        row = self._row_of_digest.get(printed.digest)
        if row is None:
            row = self._table.add(printed.signature)
            self._row_of_digest[printed.digest] = row
            self._owners.append([])
            self._keep_sample(row, printed.sample)
        self._owners[row].append(number)
        self._row_of[number] = row

    def remove(self, number: int) -> None:
        row = self._row_of.pop(number, None)
        if row is not None:
            self._owners[row].remove(number)

    def similar(self, printed: PartPrint, least: float) -> list[tuple[int, float]]:
        """First owners of the rows that are at least so similar."""
        found = self._table.similar(printed.signature)
        return [(self._owners[row][0], each) for row, each in found if each >= least and self._owners[row]]

    def is_exact(self, number: int, printed: PartPrint) -> bool:
        return self._row_of_digest.get(printed.digest) == self._row_of[number]

    def sample(self, number: int) -> NDArray[np.uint32]:
        row = self._row_of[number]
        return self._samples[row, : self._sample_sizes[row]]

    def _keep_sample(self, row: int, sample: NDArray[np.uint32]) -> None:
        if row == len(self._samples):
            self._samples = np.concatenate([self._samples, np.zeros((max(row // 2, 1024), SAMPLED), dtype=np.uint32)])
        self._samples[row, : len(sample)] = sample
        self._sample_sizes.append(len(sample))
