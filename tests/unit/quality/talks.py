"""Conversations made of words alone, for what compares and counts texts."""

from __future__ import annotations

import random

from brightrun.conversation import AssistantTurn, Conversation, Speaker, UserTurn

VOCABULARY = [f"word{number}" for number in range(2_000)]


def conversation(*messages: str) -> Conversation:
    turns = [
        UserTurn(role="user", content=text, emotion="worry", intensity=0.5)
        if number % 2 == 0
        else AssistantTurn(role="assistant", content=text, technique="asking", teaches="One thing.")
        for number, text in enumerate(messages)
    ]
    return Conversation(
        speaker=Speaker(name="Dana", age=41), topic="monthly_bills", outcome="resolved", turns=tuple(turns)
    )


def prose(seed: int, words: int = 60) -> list[str]:
    return random.Random(seed).choices(VOCABULARY, k=words)


def talk(seed: int) -> Conversation:
    """Four messages that share nothing with those of another seed."""
    return conversation(*(" ".join(prose(4 * seed + turn)) for turn in range(4)))
