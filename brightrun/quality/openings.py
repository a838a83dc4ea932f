"""How messages begin and end, and the openings of a dataset (KF-15)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from brightrun.conversation import Conversation

OPENING_WORDS = 5
AROUND_WORDS = "\"'“”‘’.,;:!?…()[]{}*_-–—"


@dataclass(frozen=True, slots=True)
class Openings:
    """The openings of a dataset's first messages: how many there are, and the commonest one."""

    counted: int
    distinct: int
    commonest: str | None
    commonest_count: int

    @property
    def commonest_share(self) -> float | None:
        """Share of conversations that begin with the commonest opening; absent where none was counted."""
        return self.commonest_count / self.counted if self.counted else None


def opening(text: str) -> str:
    """The first five words, in lower case and without punctuation; empty if there are fewer than five."""
    words: list[str] = []
    for token in text.split(None, OPENING_WORDS + 3)[: OPENING_WORDS + 3]:
        word = token.strip(AROUND_WORDS)
        if word:
            words.append(word.casefold())
        if len(words) == OPENING_WORDS:
            return " ".join(words)
    return ""


def closing(text: str) -> str:
    """The last five words, as `opening` has the first; empty if there are fewer than five."""
    words: list[str] = []
    for token in reversed(text.rsplit(None, OPENING_WORDS + 3)[-OPENING_WORDS - 3 :]):
        word = token.strip(AROUND_WORDS)
        if word:
            words.append(word.casefold())
        if len(words) == OPENING_WORDS:
            return " ".join(reversed(words))
    return ""


def openings(conversations: Iterable[Conversation]) -> Openings:
    """The openings of first messages. Those of fewer than five words are not counted."""
    counts = Counter(words for conversation in conversations if (words := opening(conversation.turns[0].content)))
    if not counts:
        return Openings(0, 0, None, 0)
    commonest = min(counts, key=lambda words: (-counts[words], words))
    return Openings(counts.total(), len(counts), commonest, counts[commonest])
