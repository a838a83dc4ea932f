"""Whether the user repeats the answer before it word for word, which people do not do and models like to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise, takewhile

from brightrun.quality.candidate import Candidate
from brightrun.quality.verdicts import CheckCode, Finding, fail, warn

SUSPICIOUS_WORDS, CERTAIN_WORDS = 8, 14
"""Words in a row. To repeat a short rule is how some people make sure they got it; a whole sentence is an echo."""
WORD = re.compile(r"[a-z0-9][a-z0-9'’.,%$]*")
QUOTED = re.compile(r"[\"“«][^\"”»]{0,400}[\"”»]")


def repeated_answers(candidate: Candidate) -> Iterator[Finding]:
    """No user message holds a long run of words of the answer before it, unless it is quoted."""
    for number, (before, turn) in enumerate(pairwise(candidate.conversation.turns), 2):
        if before.role != "assistant" or turn.role != "user":
            continue
        said = _words(QUOTED.sub(" \n ", turn.content))
        if len(said) < SUSPICIOUS_WORDS:
            continue
        run = _longest_run(said, _words(before.content))
        if len(run) >= SUSPICIOUS_WORDS:
            certain = len(run) >= CERTAIN_WORDS
            yield (fail if certain else warn)(CheckCode.USER_ECHO, number, " ".join(run))


def _words(text: str) -> list[str]:
    return [word.strip(".,'’") for word in WORD.findall(text.lower())]


def _longest_run(said: list[str], answer: list[str]) -> list[str]:
    """The longest run of words of `said` that stands in `answer`, if it is long enough to count."""
    starts: dict[tuple[str, ...], int] = {}
    for at, words in enumerate(_runs(answer)):
        starts.setdefault(words, at)
    longest: list[str] = []
    for at, words in enumerate(_runs(said)):
        there = starts.get(words)
        if there is None:
            continue
        pairs = zip(said[at:], answer[there:], strict=False)
        length = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        if length > len(longest):
            longest = said[at : at + length]
    return longest


def _runs(words: list[str]) -> Iterator[tuple[str, ...]]:
    """Every run of so many words that it counts."""
    return zip(*(words[start:] for start in range(SUSPICIOUS_WORDS)), strict=False)
