"""Whether the user repeats the answer before it word for word, which people do not do and models like to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import pairwise

from brightrun.quality.candidate import Candidate
from brightrun.quality.verdicts import CheckCode, Finding, fail, warn
from brightrun.quality.words import KEPT_WORDS, Remembered, words_of

SUSPICIOUS_WORDS, CERTAIN_WORDS = 8, 14
"""Words in a row. To repeat a short rule is how some people make sure they got it; a whole sentence is an echo."""
PIECE_WORDS, PIECED_WORDS, PIECED_SHARE = 4, 18, 0.7
"""Where a run is broken by a word or two: pieces of so many words, together so many, and that much of the message."""
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
_FROM_ONE_SIDE = Remembered(lambda word: OTHER_SIDE.get(word, word), KEPT_WORDS)


def repeated_answers(candidate: Candidate) -> Iterator[Finding]:
    """No user message holds a long run of words of the answer before it, unless it is quoted."""
    for number, (before, turn) in enumerate(pairwise(candidate.conversation.turns), 2):
        if before.role != "assistant" or turn.role != "user":
            continue
        said, answer = _words(QUOTED.sub(" \n ", turn.content)), _words(before.content)
        if not _may_share_a_run(said, answer):
            continue
        matcher = SequenceMatcher(None, said, answer, autojunk=False)
        run = matcher.find_longest_match()
        if run.size >= SUSPICIOUS_WORDS:
            certain = run.size >= CERTAIN_WORDS or _is_pieced_together(matcher, len(said))
            yield (fail if certain else warn)(CheckCode.USER_ECHO, number, " ".join(said[run.a : run.a + run.size]))


def _words(text: str) -> list[str]:
    """The words of a message, as they are said from one side."""
    return list(map(_FROM_ONE_SIDE.__getitem__, words_of(text)))


def _may_share_a_run(said: list[str], answer: list[str]) -> bool:
    """Whether what is said has any four words of the answer, counted off in fours: every run holds such."""
    here = zip(said, said[1:], said[2:], said[3:], strict=False)
    there = zip(answer[::4], answer[1::4], answer[2::4], answer[3::4], strict=False)
    return not set(here).isdisjoint(there)


def _is_pieced_together(matcher: SequenceMatcher[str], words: int) -> bool:
    """Whether most of what is said, so many words, are pieces of the answer."""
    pieces = sum(block.size for block in matcher.get_matching_blocks() if block.size >= PIECE_WORDS)
    return pieces >= PIECED_WORDS and pieces >= PIECED_SHARE * words
