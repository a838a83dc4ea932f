"""Whether the user repeats the answer before it word for word, which people do not do and models like to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import pairwise, takewhile

from brightrun.quality.candidate import Candidate
from brightrun.quality.verdicts import CheckCode, Finding, fail, warn

SUSPICIOUS_WORDS, CERTAIN_WORDS = 8, 14
"""Words in a row. To repeat a short rule is how some people make sure they got it; a whole sentence is an echo."""
PIECE_WORDS, PIECED_WORDS, PIECED_SHARE = 4, 18, 0.7
"""Where a run is broken by a word or two: pieces of so many words, together so many, and that much of the message."""
WORD = re.compile(r"[a-z0-9](?:[a-z0-9%]|['.,$](?=[a-z0-9]))*")
QUOTED = re.compile(r"[\"“«][^\"”»]{0,400}[\"”»]")
OTHER_SIDE = {
    "you": "i",
    "me": "i",
    "your": "my",
    "yours": "mine",
    "you're": "i'm",
    "are": "am",
    "yourself": "myself",
    "you'll": "i'll",
}
OTHER_SIDE |= {"you've": "i've", "you'd": "i'd", "were": "was"}
"""What becomes of the answer's words in the mouth of the one it was given to."""


def repeated_answers(candidate: Candidate) -> Iterator[Finding]:
    """No user message holds a long run of words of the answer before it, unless it is quoted."""
    for number, (before, turn) in enumerate(pairwise(candidate.conversation.turns), 2):
        if before.role != "assistant" or turn.role != "user":
            continue
        said = _words(QUOTED.sub(" \n ", turn.content))
        if len(said) < SUSPICIOUS_WORDS:
            continue
        answer = _words(before.content)
        run = _longest_run(said, answer)
        if len(run) >= SUSPICIOUS_WORDS:
            certain = len(run) >= CERTAIN_WORDS or _is_pieced_together(said, answer)
            yield (fail if certain else warn)(CheckCode.USER_ECHO, number, " ".join(run))


def _words(text: str) -> list[str]:
    return [OTHER_SIDE.get(word, word) for word in WORD.findall(text.lower().replace("’", "'"))]


def _is_pieced_together(said: list[str], answer: list[str]) -> bool:
    """Whether most of what is said are pieces of the answer."""
    blocks = SequenceMatcher(None, said, answer, autojunk=False).get_matching_blocks()
    pieces = sum(block.size for block in blocks if block.size >= PIECE_WORDS)
    return pieces >= PIECED_WORDS and pieces >= PIECED_SHARE * len(said)


def _longest_run(said: list[str], answer: list[str]) -> list[str]:
    """The longest run of words of `said` that stands in `answer`, if it is long enough to count."""
    if set(_runs(said)).isdisjoint(_runs(answer)):
        return []
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
