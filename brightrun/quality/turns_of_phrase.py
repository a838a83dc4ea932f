"""Turns of phrase that an advisor must not use, and how they are looked for: a plain word first, then the pattern."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from brightrun.quality.assertion import is_asserted, is_denied, is_reported
from brightrun.quality.candidate import Candidate
from brightrun.quality.hints import Hints
from brightrun.quality.read_message import ReadMessage, is_word


class Said(Enum):
    """What the sentence around a turn of phrase must be like for it to count."""

    AS_OWN = "as own"
    """Not denied, not supposed, not said of or by others, not quoted, not asked."""
    NOT_DENIED = "not denied"
    """Not denied and not quoted."""
    AT_ALL = "at all"
    """Not quoted or reported: it holds a negation, a question or a condition itself."""


@dataclass(frozen=True, slots=True)
class TurnOfPhrase:
    """What the pattern finds holds one of the hints: a whole word, or any part of a text where it ends in a star.

    All are in small letters.
    """

    words: frozenset[str]
    parts: tuple[str, ...]
    pattern: re.Pattern[str]
    said: Said

    def counts(self, lowered: str, match: re.Match[str]) -> bool:
        """Whether the sentence around the match says it so that it counts."""
        if self.said is Said.AS_OWN:
            return is_asserted(lowered, match)
        if self.said is Said.NOT_DENIED:
            return not is_denied(lowered, match)
        return not is_reported(lowered, match)


def phrase(hints: str, pattern: str, said: Said = Said.AS_OWN) -> TurnOfPhrase:
    """A turn of phrase that begins at a word; `hints` are separated by spaces, and a space in one is a line below."""
    listed = [hint.replace("_", " ") for hint in hints.split()]
    words = frozenset(hint for hint in listed if not hint.endswith("*"))
    parts = tuple(hint[:-1] for hint in listed if hint.endswith("*"))
    return TurnOfPhrase(words, parts, re.compile(rf"\b(?:{pattern})"), said)


class TurnsOfPhrase:
    """Turns of phrase in the order in which they count, with all their hints."""

    def __init__(self, phrases: Sequence[TurnOfPhrase]) -> None:
        self._phrases = tuple(phrases)
        self._hints = Hints(hint for one in phrases for hint in (*sorted(one.words), *one.parts))
        self._with_word = self._numbers(lambda one: one.words)
        self._with_part = self._numbers(lambda one: one.parts)

    def first_in_answers(self, candidate: Candidate) -> Iterator[tuple[ReadMessage, re.Match[str]]]:
        """Each answer that holds one, with the first that counts."""
        for answer in candidate.read_answers:
            match = self._first(answer)
            if match is not None:
                yield answer, match

    def _first(self, answer: ReadMessage) -> re.Match[str] | None:
        """Each is looked for in the sentences alone that hold a hint of it."""
        sentences = self._sentences(answer)
        for number in sorted(sentences):
            one = self._phrases[number]
            for match in answer.matches_in(one.pattern, sentences[number]):
                if one.counts(answer.lowered, match):
                    return match
        return None

    def _sentences(self, answer: ReadMessage) -> dict[int, set[int]]:
        """The sentences that hold a hint, by the number of the phrase."""
        text = answer.lowered
        holding: dict[int, set[int]] = {}
        for hint, start, end in self._hints.places(text):
            numbers = self._with_part[hint]
            if self._with_word[hint] and is_word(text, start, end):
                numbers = numbers + self._with_word[hint]
            if numbers:
                sentence = answer.sentence_at(start)
                for number in numbers:
                    holding.setdefault(number, set()).add(sentence)
        return holding

    def _numbers(self, hints_of: Callable[[TurnOfPhrase], Collection[str]]) -> list[tuple[int, ...]]:
        """For each hint, the numbers of the phrases that it is one of."""
        return [
            tuple(number for number, one in enumerate(self._phrases) if part in hints_of(one))
            for part in self._hints.parts
        ]
