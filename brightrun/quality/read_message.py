"""A message as checks read it: in small letters, by its sentences, with the words of each."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

from brightrun.quality.assertion import sentences
from brightrun.quality.hints import Hints

LETTERS = re.compile(r"[a-z]+")

Span = tuple[int, int]


class ReadMessage:
    """What hundreds of patterns ask of a message, found out once. Sentences are counted from 0."""

    def __init__(self, number: int, text: str) -> None:
        self.number = number
        """Of the message in its conversation, from 1."""
        self.text = text
        self.lowered = text.lower()
        self._holding: dict[frozenset[str], set[int]] = {}

    @cached_property
    def sentences(self) -> Sequence[Span]:
        """Where each begins and ends in the lowered text, its full stop left out."""
        return tuple(sentences(self.lowered))

    @cached_property
    def words(self) -> frozenset[str]:
        """Those of the message, of letters alone: "don't" is two."""
        return frozenset(LETTERS.findall(self.lowered))

    @cached_property
    def _begins(self) -> Sequence[int]:
        return [start for start, _ in self.sentences]

    def with_following(self, sentence: int) -> Span:
        """Where a sentence begins, and the one after it ends: all that a look ahead sees of it."""
        last = sentence + 2
        end = self._begins[last] if last < len(self._begins) else len(self.lowered)
        return self._begins[sentence], end

    def sentence_at(self, place: int) -> int:
        """The sentence that a place in the text belongs to."""
        return max(0, bisect_right(self._begins, place) - 1)

    def sentences_with(self, hints: Hints, text: str | None = None) -> set[int]:
        """The sentences in which one of the hints begins: of the text in small letters, or as given."""
        return {self.sentence_at(start) for _, start, _ in hints.places(text or self.lowered)}

    def matches(self, pattern: re.Pattern[str], words: frozenset[str]) -> Iterator[re.Match[str]]:
        """As the pattern's `finditer`, for one whose matches stay within a sentence and hold one of the words."""
        return self.matches_in(pattern, self.holding(words))

    def matches_in(
        self, pattern: re.Pattern[str], sentences: Collection[int], text: str | None = None
    ) -> Iterator[re.Match[str]]:
        """As the pattern's `finditer`, in these sentences alone: of the text in small letters, or as given."""
        return self._found_in(pattern, sentences, text or self.lowered) if sentences else iter(())

    def _found_in(self, pattern: re.Pattern[str], sentences: Collection[int], text: str) -> Iterator[re.Match[str]]:
        read_to = 0
        for sentence in sorted(sentences):
            start, end = self.with_following(sentence)
            for match in pattern.finditer(text, max(start, read_to), end):
                yield match
                read_to = match.end()

    def holding(self, words: frozenset[str]) -> set[int]:
        """The sentences with one of the words, those in which it is a part of another one too."""
        found = self._holding.get(words)
        if found is None:
            found = {sentence for word in words & self.words for sentence in self._places_of(word)}
            self._holding[words] = found
        return found

    def _places_of(self, word: str) -> Iterator[int]:
        at = self.lowered.find(word)
        while at >= 0:
            sentence = self.sentence_at(at)
            yield sentence
            following = sentence + 1
            at = self.lowered.find(word, self._begins[following]) if following < len(self._begins) else -1


def is_word(text: str, start: int, end: int) -> bool:
    """Whether that piece of a text in small letters stands alone: no letter before it, and none after it."""
    return not ("a" <= text[start - 1 : start] <= "z" or "a" <= text[end : end + 1] <= "z")
