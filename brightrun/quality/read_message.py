"""A message as checks read it: in small letters, by its sentences, with the words of each."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property

from brightrun.quality.assertion import sentences

LETTERS = re.compile(r"[a-z]+")

Span = tuple[int, int]


class ReadMessage:
    """What hundreds of patterns ask of a message, found out once. Sentences are counted from 0."""

    def __init__(self, number: int, text: str) -> None:
        self.number = number
        """Of the message in its conversation, from 1."""
        self.text = text
        self.lowered = text.lower()

    @cached_property
    def sentences(self) -> Sequence[Span]:
        """Where each begins and ends in the lowered text, its full stop left out."""
        return tuple(sentences(self.lowered))

    @cached_property
    def words(self) -> Sequence[frozenset[str]]:
        """The words of each sentence, of letters alone: "don't" is two."""
        return tuple([frozenset(LETTERS.findall(self.lowered, start, end)) for start, end in self.sentences])

    @cached_property
    def all_words(self) -> frozenset[str]:
        return frozenset().union(*self.words)

    @cached_property
    def sentences_of_words(self) -> dict[str, list[int]]:
        """The sentences that hold a word, in order."""
        found: dict[str, list[int]] = defaultdict(list)
        for sentence, words in enumerate(self.words):
            for word in words:
                found[word].append(sentence)
        return dict(found)

    @cached_property
    def _begins(self) -> Sequence[int]:
        return [start for start, _ in self.sentences]

    def with_following(self, sentence: int) -> Span:
        """Where a sentence begins, and the one after it ends: all that a look ahead sees of it."""
        last = sentence + 2
        end = self._begins[last] if last < len(self._begins) else len(self.lowered)
        return self._begins[sentence], end

    def sentences_holding(self, words: frozenset[str], parts: Sequence[str]) -> set[int]:
        """The sentences that hold one of the words, or in which one of the parts begins or ends."""
        holding: set[int] = set()
        for word in words & self.sentences_of_words.keys():
            holding.update(self.sentences_of_words[word])
        for part in parts:
            at = self.lowered.find(part)
            while at >= 0:
                holding.update((self._sentence_at(at), self._sentence_at(at + len(part) - 1)))
                at = self.lowered.find(part, at + 1)
        return holding

    def matches(
        self, pattern: re.Pattern[str], words: frozenset[str], parts: Sequence[str] = ()
    ) -> Iterator[re.Match[str]]:
        """As the pattern's `finditer`, for one whose matches stay within a sentence and hold one of the hints."""
        read_to = 0
        for sentence in sorted(self.sentences_holding(words, parts)):
            start, end = self.with_following(sentence)
            for match in pattern.finditer(self.lowered, max(start, read_to), end):
                yield match
                read_to = match.end()

    def _sentence_at(self, place: int) -> int:
        return max(0, bisect_right(self._begins, place) - 1)
