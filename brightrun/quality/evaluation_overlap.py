"""Conversations that hold words of the files a model will be evaluated with: it would be tested on what it learnt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from brightrun.quality.evaluation_files import EvaluationFile, EvaluationText, evaluation_texts, sha256_of
from brightrun.quality.verdicts import Statement
from brightrun.quality.words import Hashes, ngram_hashes, word_hashes, words_of

NGRAM_WORDS = 13
"""Long enough that two texts do not share it by chance; the length that is usual for this."""


class Overlap(Statement):
    """A message (from 1) that holds words of an evaluation file; `words` are the first of them."""

    turn: int
    file: str
    line: int
    words: str


class IndexedFile(Statement):
    """An evaluation file as it was read. `too_short` are texts of fewer words than an n-gram: nobody can find them."""

    path: str
    sha256: str
    texts: int
    too_short: int


@dataclass
class _Tally:
    texts: int = 0
    too_short: int = 0


class EvaluationIndex:
    """Word n-grams of evaluation files: 16 bytes each, and no texts."""

    def __init__(self, files: Iterable[EvaluationFile], words: int = NGRAM_WORDS) -> None:
        """Reads the files. Raises ProblemsError with file and line for what cannot be read."""
        if words < 1:
            raise ValueError(f"words must be 1 or more, not {words}")
        self.words = words
        indexed: list[IndexedFile] = []
        hashes: list[Hashes] = [np.empty(0, dtype=np.uint64)]
        places: list[Hashes] = [np.empty(0, dtype=np.uint64)]
        for position, file in enumerate(files):
            tally = _Tally()
            for text in evaluation_texts(file):
                numbers, lines = self._read(text)
                tally.texts += 1
                tally.too_short += len(numbers) == 0
                hashes.append(numbers)
                places.append(lines + np.uint64(position << 40))
            indexed.append(
                IndexedFile(path=file.name, sha256=sha256_of(file), texts=tally.texts, too_short=tally.too_short)
            )
        self.files = tuple(indexed)
        self._hashes, first = np.unique(np.concatenate(hashes), return_index=True)
        self._places = np.concatenate(places)[first]

    def __len__(self) -> int:
        """Different n-grams."""
        return len(self._hashes)

    def overlaps(self, messages: Sequence[str]) -> list[Overlap]:
        """Each line that a message shares an n-gram with, once a message, in the order of the message's words.

        What stands in several lines is named by the first.
        """
        found: dict[tuple[int, int], Overlap] = {}
        for turn, message in enumerate(messages, 1):
            words = words_of(message)
            numbers = ngram_hashes(word_hashes(words), self.words)
            spots = np.searchsorted(self._hashes, numbers)
            inside = np.flatnonzero(spots < len(self._hashes))
            hits = inside[self._hashes[spots[inside]] == numbers[inside]]
            for start, place in zip(hits.tolist(), self._places[spots[hits]].tolist(), strict=True):
                quote = " ".join(words[start : start + self.words])
                file = self.files[place >> 40].path
                overlap = Overlap(turn=turn, file=file, line=place & (1 << 40) - 1, words=quote)
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
        return numbers, np.array(lines[: len(numbers)], dtype=np.uint64)
