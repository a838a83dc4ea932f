"""Checks of a conversation's shape: who speaks when, how often, how much, and how answers begin."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from brightrun.conversation import AssistantTurn
from brightrun.quality.candidate import Candidate
from brightrun.quality.openings import opening
from brightrun.quality.verdicts import CheckCode, Finding, fail, warn

SHORTEST_ANSWER = 10
"""Characters, so that it holds for languages without spaces. "No, it isn't." has 13."""
LONG_TEXT = 3_000
LONGEST_TEXT = 8_000
"""Characters: the prompt asks for 230 words at most, about 1,400 characters."""


def roles(candidate: Candidate) -> Iterator[Finding]:
    """User first, then in turn, the assistant last (KF-16)."""
    turns = candidate.conversation.turns
    if turns[0].role != "user":
        yield fail(CheckCode.FIRST_TURN_NOT_USER, 1, turns[0].content)
    for number, (before, after) in enumerate(pairwise(turns), 2):
        if before.role == after.role:
            yield fail(CheckCode.ROLES_DO_NOT_ALTERNATE, number, after.content)
    if turns[-1].role != "assistant":
        yield fail(CheckCode.LAST_TURN_NOT_ASSISTANT, len(turns), turns[-1].content)


def exchanges(candidate: Candidate) -> Iterator[Finding]:
    """As many exchanges as the arc allows, which is where the expectation comes from (KF-42)."""
    item = candidate.item
    low, high = candidate.catalog.arcs[item.cell.arc].exchanges
    count = sum(turn.role == "user" for turn in candidate.conversation.turns)
    if not low <= count <= high:
        yield fail(CheckCode.EXCHANGES_OUTSIDE_ARC, None, f"{count} exchanges, {item.cell.arc} has {low} to {high}")
    elif count != item.exchanges:
        yield warn(CheckCode.EXCHANGES_NOT_AS_PLANNED, None, f"{count} exchanges, {item.exchanges} planned")


def lengths(candidate: Candidate) -> Iterator[Finding]:
    """No message without text, no answer too short to be one, nothing endless."""
    for number, turn in enumerate(candidate.conversation.turns, 1):
        text = turn.content.strip()
        length = len(text)
        if not _says_something(text):
            yield fail(CheckCode.EMPTY_TEXT, number, turn.content)
        elif turn.role == "assistant" and length < SHORTEST_ANSWER:
            yield fail(CheckCode.TEXT_TOO_SHORT, number, turn.content)
        elif length > LONGEST_TEXT:
            yield fail(CheckCode.TEXT_TOO_LONG, number, turn.content)
        elif length > LONG_TEXT:
            yield warn(CheckCode.TEXT_TOO_LONG, number, turn.content)


def is_endless(candidate: Candidate) -> bool:
    """Whether some message is too long for the patterns of the other checks."""
    return any(len(turn.content.strip()) > LONGEST_TEXT for turn in candidate.conversation.turns)


def _says_something(stripped: str) -> bool:
    return stripped[:1].isalnum() or any(c.isprintable() and not c.isspace() for c in stripped)


def answer_labels(candidate: Candidate) -> Iterator[Finding]:
    """Every answer says what it does and what it teaches."""
    for number, turn in enumerate(candidate.conversation.turns, 1):
        if isinstance(turn, AssistantTurn) and not (turn.technique.strip() and turn.teaches.strip()):
            yield warn(CheckCode.EMPTY_LABEL, number, turn.content)


def answer_openings(candidate: Candidate) -> Iterator[Finding]:
    """No two answers of a conversation begin with the same five words (KF-15)."""
    seen: set[str] = set()
    for number, turn in enumerate(candidate.conversation.turns, 1):
        if turn.role == "assistant" and (words := opening(turn.content)):
            if words in seen:
                yield fail(CheckCode.REPEATED_OPENING, number, words)
            seen.add(words)
