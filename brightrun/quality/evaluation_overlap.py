"""Conversations that hold words of the files a model will be evaluated with: it would be tested on what it learnt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from brightrun.conversation import Conversation
from brightrun.quality.evaluation_files import EvaluationText, evaluation_texts
from brightrun.quality.words import Hashes, ngram_hashes, word_hashes, words_of

NGRAM_WORDS = 13
"""Long enough that two texts do not share it by chance; the length that is usual for this."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """A message (from 1) that holds words of an evaluation file; `words` are the first of them."""

    turn: int
    file: str
    line: int
    words: str


class EvaluationIndex:
    """Word n-grams of evaluation files: 16 bytes each, and no texts."""

    def __init__(self, files: Iterable[Path], words: int = NGRAM_WORDS) -> None:
        """Reads the files. Raises ProblemsError with file and line for what cannot be read."""
        if words < 1:
            raise ValueError(f"words must be 1 or more, not {words}")
        self.words = words
        self.too_short = 0
        """Texts with fewer words than an n-gram: overlap with them cannot be seen."""
        self._files: list[str] = []
        hashes: list[Hashes] = [np.empty(0, dtype=np.uint64)]
        places: list[Hashes] = [np.empty(0, dtype=np.uint64)]
        for path in files:
            self._files.append(str(path))
            for text in evaluation_texts(path):
                numbers, lines = self._read(text)
                hashes.append(numbers)
                places.append(lines + np.uint64((len(self._files) - 1) << 40))
        self._hashes, first = np.unique(np.concatenate(hashes), return_index=True)
        self._places = np.concatenate(places)[first]

    def __len__(self) -> int:
        """Different n-grams."""
        return len(self._hashes)

    def overlaps(self, conversation: Conversation) -> list[Overlap]:
        """Each line that a message shares an n-gram with, once a message, in the order of the message's words.

        What stands in several lines is named by the first.
        """
        found: dict[tuple[int, int], Overlap] = {}
        for turn, message in enumerate(conversation.turns, 1):
            words = words_of(message.content)
            numbers = ngram_hashes(word_hashes(words), self.words)
            spots = np.searchsorted(self._hashes, numbers)
            inside = np.flatnonzero(spots < len(self._hashes))
            hits = inside[self._hashes[spots[inside]] == numbers[inside]]
            for start, place in zip(hits.tolist(), self._places[spots[hits]].tolist(), strict=True):
                quote = " ".join(words[start : start + self.words])
                overlap = Overlap(turn, self._files[place >> 40], place & (1 << 40) - 1, quote)
                found.setdefault((turn, place), overlap)
        return list(found.values())

    def _read(self, text: EvaluationText) -> tuple[Hashes, Hashes]:
        """The n-grams of a text, and the line in which each begins."""
        words: list[str] = []
        lines: list[int] = []
        for number, line in enumerate(text.text.split("\n")):
            more = words_of(line)
            words += more
            lines += [text.line + (number if text.spans_lines else 0)] * len(more)
        numbers = ngram_hashes(word_hashes(tuple(words)), self.words)
        self.too_short += len(numbers) == 0
        return numbers, np.array(lines[: len(numbers)], dtype=np.uint64)
