"""A conversation as judge and reader see it: numbered messages, and nothing of what was planned or labelled."""

from __future__ import annotations

import re

from brightrun.conversation import Conversation

_LOOKS = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-"})
_LEFT_OUT = re.compile(r"\s*(?:\[\s*)?(?:…|\.\.\.)(?:\s*\])?\s*")
_EDGES = " \"'.,;:!?()[]"
SHORTEST_QUOTE = 2
"""Characters, once it is normalised: one letter is found in any text and shows nothing."""


def transcript(conversation: Conversation) -> str:
    """The messages, each under its number and who wrote it."""
    turns = enumerate(conversation.turns, 1)
    body = "\n\n".join(f"[{number}] {turn.role}\n{turn.content}" for number, turn in turns)
    return f"<transcript>\n{body}\n</transcript>"


class QuotedText:
    """The words of a conversation, to be looked up in. Spaces, case, and kinds of quotes and dashes do not matter."""

    def __init__(self, conversation: Conversation) -> None:
        self._messages = [_normal(turn.content) for turn in conversation.turns]

    def holds(self, quote: str) -> bool:
        """Whether one message holds the quote; what it leaves out, shown by an ellipsis, may be anything."""
        parts = [part for piece in _LEFT_OUT.split(quote) if (part := _normal(piece).strip(_EDGES))]
        if sum(map(len, parts)) < SHORTEST_QUOTE:
            return False
        return any(_in_order(parts, message) for message in self._messages)


def _normal(text: str) -> str:
    return " ".join(text.translate(_LOOKS).casefold().split())


def _in_order(parts: list[str], message: str) -> bool:
    at = 0
    for part in parts:
        found = message.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True
