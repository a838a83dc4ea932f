"""Turns of phrase that an advisor must not use, and how they are looked for: a plain word first, then the pattern.

10,000 conversations go through hundreds of patterns, and to look for a plain word is many times faster.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from brightrun.quality.assertion import is_asserted, is_denied, is_reported
from brightrun.quality.candidate import Candidate


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
    """One of the hints stands in whatever the pattern finds. Both are in small letters."""

    hints: tuple[str, ...]
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
    """A turn of phrase that begins at a word; `hints` are separated by bars."""
    return TurnOfPhrase(tuple(hints.split("|")), re.compile(rf"\b(?:{pattern})"), said)


def first_in_answers(
    candidate: Candidate, phrases: Sequence[TurnOfPhrase]
) -> Iterator[tuple[int, str, str, re.Match[str]]]:
    """Number, text, text in small letters, and the first that counts of each answer that holds one."""
    likely = [one for one in phrases if any(hint in candidate.lowered for hint in one.hints)]
    if not likely:
        return
    for number, text in candidate.answers():
        lowered = text.lower()
        match = _first(lowered, likely)
        if match is not None:
            yield number, text, lowered, match


def _first(lowered: str, phrases: Sequence[TurnOfPhrase]) -> re.Match[str] | None:
    for one in phrases:
        if any(hint in lowered for hint in one.hints):
            for match in one.pattern.finditer(lowered):
                if one.counts(lowered, match):
                    return match
    return None
