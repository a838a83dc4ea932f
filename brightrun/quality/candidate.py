"""What a check is, and what it is given: a conversation with the item it was written for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from brightrun.catalog import Catalog
from brightrun.conversation import Conversation
from brightrun.items import Item
from brightrun.quality.amounts import Amount, amounts_in
from brightrun.quality.read_message import ReadMessage
from brightrun.quality.verdicts import CheckCode, Finding

MANY_DIGITS = re.compile(r"[0-9](?:[()]*[ ./-]?[()]*\d){6}")


@dataclass(frozen=True)
class Candidate:
    """A conversation that may enter the dataset, its plan, and the catalog both come from."""

    conversation: Conversation
    item: Item
    catalog: Catalog

    @cached_property
    def text(self) -> str:
        """All messages in one, to see at once that none of them holds something rare."""
        return "\n".join([turn.content for turn in self.conversation.turns])

    @cached_property
    def lowered(self) -> str:
        return self.text.lower()

    @cached_property
    def has_many_digits(self) -> bool:
        """Whether seven digits stand in a row, with the signs that people write between them, as in account numbers."""
        return MANY_DIGITS.search(self.text) is not None

    @cached_property
    def amounts(self) -> tuple[tuple[Amount, ...], ...]:
        """The numbers of each message, in the order of the messages."""
        return tuple([tuple(amounts_in(turn.content)) for turn in self.conversation.turns])

    @cached_property
    def read_messages(self) -> tuple[ReadMessage, ...]:
        """All messages by their sentences, for what looks many things up in them."""
        return tuple([ReadMessage(number, turn.content) for number, turn in enumerate(self.conversation.turns, 1)])

    @property
    def read_answers(self) -> list[ReadMessage]:
        """Those of the advisor."""
        return [self.read_messages[number - 1] for number, _ in self.answers()]

    @property
    def read_questions(self) -> list[ReadMessage]:
        """Those of the user."""
        return [self.read_messages[number - 1] for number, _ in self.questions()]

    def answers(self) -> Iterator[tuple[int, str]]:
        """Number (of the message, from 1) and text of the advisor's messages."""
        for number, turn in enumerate(self.conversation.turns, 1):
            if turn.role == "assistant":
                yield number, turn.content

    def questions(self) -> Iterator[tuple[int, str]]:
        """Number (of the message, from 1) and text of the user's messages."""
        for number, turn in enumerate(self.conversation.turns, 1):
            if turn.role == "user":
                yield number, turn.content


Find = Callable[[Candidate], Iterator[Finding]]
"""Looks at one thing and yields what it finds; nothing found is nothing said."""


@dataclass(frozen=True)
class Check:
    """One check. Its version rises when it decides differently; `codes` is all it may find."""

    name: str
    version: int
    find: Find
    codes: tuple[CheckCode, ...]
