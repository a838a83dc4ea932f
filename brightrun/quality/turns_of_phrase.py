"""Turns of phrase that an advisor must not use, and how they are looked for: a plain word first, then the pattern.

10,000 conversations go through hundreds of patterns, and to look a word up is many times faster than to match one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from brightrun.quality.assertion import is_asserted, is_denied, is_reported
from brightrun.quality.candidate import Candidate
from brightrun.quality.read_message import ReadMessage


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

    def may_be_in(self, words: frozenset[str], text: str) -> bool:
        """Whether a hint is among the words of a text, or a part in the text."""
        if not self.words.isdisjoint(words):
            return True
        for part in self.parts:  # noqa: SIM110  (twice as fast as any())
            if part in text:
                return True
        return False

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


def first_in_answers(
    candidate: Candidate, phrases: Sequence[TurnOfPhrase]
) -> Iterator[tuple[int, str, str, re.Match[str]]]:
    """Number, text, text in small letters, and the first that counts of each answer that holds one."""
    words, lowered = candidate.words, candidate.lowered
    likely = [one for one in phrases if one.may_be_in(words, lowered)]
    if not likely:
        return
    for answer in candidate.read_answers:
        match = _first(answer, likely)
        if match is not None:
            yield answer.number, answer.text, answer.lowered, match


def _first(answer: ReadMessage, phrases: Sequence[TurnOfPhrase]) -> re.Match[str] | None:
    """The first of the phrases, in their order. Each is looked for in the sentences alone that hold a hint of it."""
    for one in phrases:
        for match in answer.matches(one.pattern, one.words, one.parts):
            if one.counts(answer.lowered, match):
                return match
    return None
