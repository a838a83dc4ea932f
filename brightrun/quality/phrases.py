"""Openings, closings and phrases that come again and again over a dataset, and what the next is to avoid (KF-15).

A phrase is overused when it stands in as many conversations as its limit allows; the next one with it would be one too
many. What is to be avoided are the same phrases, so that a conversation without them is not overusing any.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from brightrun.conversation import Conversation
from brightrun.quality.frequent_ngrams import ConversationNgrams, FrequentNgrams
from brightrun.quality.openings import closing, opening
from brightrun.quality.phrase_counts import PhraseCounts
from brightrun.quality.stock_phrases import StockPhrases, bundled_phrases
from brightrun.quality.words import words_of


class PhraseKind(StrEnum):
    """Where a phrase stands, or how it is known."""

    FIRST_OPENING = "first_opening"
    """The first five words of a conversation."""
    ANSWER_OPENING = "answer_opening"
    """The first five words of an answer."""
    CLOSING = "closing"
    """The last five words of the last answer."""
    STOCK = "stock"
    """A phrase of the list, in an answer."""
    LEARNT = "learnt"
    """Four words or more that stand in many conversations, in any message."""


@dataclass(frozen=True, slots=True)
class PhraseLimits:
    """Shares of the conversations in which one phrase may stand; `fewest` conversations may have it in any case."""

    first_opening: float = 0.05
    answer_opening: float = 0.1
    closing: float = 0.05
    stock: float = 0.15
    learnt: float = 0.15
    fewest: int = 3
    fewest_learnt: int = 10

    def __post_init__(self) -> None:
        shares = [getattr(self, kind.value) for kind in PhraseKind]
        if not all(0 < share <= 1 for share in shares) or self.fewest < 1 or self.fewest_learnt < 1:
            raise ValueError(f"shares must be above 0 and at most 1, and counts at least 1: {self}")

    def allowed(self, kind: PhraseKind, conversations: int) -> int:
        """So many of so many conversations may have a phrase of this kind."""
        fewest = self.fewest_learnt if kind is PhraseKind.LEARNT else self.fewest
        share: float = getattr(self, kind.value)
        return max(fewest, math.floor(share * conversations))


@dataclass(frozen=True, slots=True)
class PhraseCount:
    """A phrase, and in how many conversations it stands."""

    kind: PhraseKind
    phrase: str
    conversations: int
    share: float


@dataclass(frozen=True, slots=True)
class Overuse:
    """A phrase of a conversation that stands in enough others already. `turn` counts messages from 1."""

    kind: PhraseKind
    phrase: str
    turn: int
    conversations: int
    of: int


@dataclass(frozen=True, slots=True)
class Phrasing:
    """The phrases of one conversation, whether they are overused or not."""

    fixed: tuple[tuple[PhraseKind, str, int], ...]
    """Openings, closing and stock phrases, each with the number of its message, from 1."""
    ngrams: ConversationNgrams


class PhraseBook:
    """The phrases of all conversations that were added. Its memory is bounded (about 60 MB), however many there are."""

    def __init__(self, limits: PhraseLimits | None = None, stock: StockPhrases | None = None) -> None:
        self.limits = limits or PhraseLimits()
        self._stock = stock or bundled_phrases()
        self._conversations = 0
        self._counts: dict[PhraseKind, PhraseCounts] = {
            kind: PhraseCounts() for kind in PhraseKind if kind is not PhraseKind.LEARNT
        }
        self._ngrams = FrequentNgrams()

    def __len__(self) -> int:
        """Conversations that were added."""
        return self._conversations

    def phrasing(self, conversation: Conversation) -> Phrasing:
        """What the book looks at and counts of a conversation: made once for `overused` and `add`."""
        messages = [words_of(turn.content) for turn in conversation.turns]
        return Phrasing(tuple(self._fixed(conversation, messages)), ConversationNgrams.of(messages))

    def add(self, conversation: Conversation | Phrasing) -> None:
        """Counts a conversation that belongs to the dataset."""
        self._conversations += 1
        made = self._made(conversation)
        for kind, counts in self._counts.items():
            counts.add(phrase for each, phrase, _ in made.fixed if each is kind)
        self._ngrams.add(made.ngrams, self.limits.allowed(PhraseKind.LEARNT, self._conversations))

    def overused(self, conversation: Conversation | Phrasing) -> list[Overuse]:
        """What of a conversation that was not added is overused, each phrase once, in the order of its messages."""
        made = self._made(conversation)
        allowed = {kind: self.limits.allowed(kind, self._conversations) for kind in PhraseKind}
        found: dict[tuple[PhraseKind, str], Overuse] = {}
        for kind, phrase, turn in made.fixed:
            count = self._counts[kind][phrase]
            if count >= allowed[kind]:
                found.setdefault((kind, phrase), Overuse(kind, phrase, turn, count, self._conversations))
        for ngram in self._ngrams.frequent_in(made.ngrams, allowed[PhraseKind.LEARNT]):
            key = (PhraseKind.LEARNT, ngram.text)
            if key not in found:
                found[key] = Overuse(*key, ngram.message + 1, ngram.conversations, self._conversations)
        return sorted(found.values(), key=lambda each: each.turn)

    def to_avoid(self, limit: int, kinds: Iterable[PhraseKind] = tuple(PhraseKind)) -> list[str]:
        """At most `limit` phrases that are overused, the one in most conversations first, for the next request."""
        chosen = [each for kind in kinds for each in self.counts(kind)]
        chosen.sort(key=lambda each: (-each.conversations, each.phrase))
        return list(dict.fromkeys(each.phrase for each in chosen))[:limit]

    def counts(self, kind: PhraseKind, at_least: int | None = None) -> list[PhraseCount]:
        """Phrases of a kind with their shares, commonest first: those in so many conversations, or the overused ones.

        Of learnt phrases, only those that were overused at some time are known by their text.
        """
        least = self.limits.allowed(kind, self._conversations) if at_least is None else at_least
        learnt = kind is PhraseKind.LEARNT
        found = self._ngrams.most_frequent(least) if learnt else self._counts[kind].at_least(least)
        return [PhraseCount(kind, phrase, count, count / self._conversations) for phrase, count in found]

    def _made(self, conversation: Conversation | Phrasing) -> Phrasing:
        return conversation if isinstance(conversation, Phrasing) else self.phrasing(conversation)

    def _fixed(
        self, conversation: Conversation, messages: Sequence[tuple[str, ...]]
    ) -> Iterator[tuple[PhraseKind, str, int]]:
        """Openings, closing and stock phrases, with the number of their message."""
        for turn, (spoken, words) in enumerate(zip(conversation.turns, messages, strict=True), 1):
            if turn == 1 and (phrase := opening(spoken.content)):
                yield PhraseKind.FIRST_OPENING, phrase, turn
            if spoken.role == "user":
                continue
            if phrase := opening(spoken.content):
                yield PhraseKind.ANSWER_OPENING, phrase, turn
            if turn == len(messages) and (phrase := closing(spoken.content)):
                yield PhraseKind.CLOSING, phrase, turn
            for phrase in self._stock.found(words):
                yield PhraseKind.STOCK, phrase, turn
