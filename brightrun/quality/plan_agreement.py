"""Checks against the plan: the person, the topic, the outcome and the labels are the planned ones (KF-04)."""

from __future__ import annotations

from collections.abc import Iterator

from brightrun.catalog import Outcome
from brightrun.conversation import UserTurn
from brightrun.quality.candidate import Candidate
from brightrun.quality.income_in_text import income
from brightrun.quality.persons import claimed_ages, claimed_names, greeted_names, is_called, is_known_name, words_of
from brightrun.quality.savings_in_text import savings
from brightrun.quality.verdicts import CheckCode, Finding, fail, warn

OUTCOMES = frozenset(outcome.value for outcome in Outcome)


def speaker(candidate: Candidate) -> Iterator[Finding]:
    """The reply's speaker is the item's identity."""
    said, planned = candidate.conversation.speaker, candidate.item.identity
    if words_of(said.name) != words_of(planned.name):
        yield fail(CheckCode.SPEAKER_NAME_MISMATCH, None, f"{said.name} instead of {planned.name}")
    if said.age != planned.age:
        yield fail(CheckCode.SPEAKER_AGE_MISMATCH, None, f"{said.age} instead of {planned.age}")


def subject(candidate: Candidate) -> Iterator[Finding]:
    """The topic is the cell's; the outcome exists, and is the planned one."""
    conversation, item = candidate.conversation, candidate.item
    if conversation.topic.strip() != item.cell.topic:
        yield fail(CheckCode.TOPIC_MISMATCH, None, f"{conversation.topic} instead of {item.cell.topic}")
    if conversation.outcome not in OUTCOMES:
        yield fail(CheckCode.OUTCOME_UNKNOWN, None, conversation.outcome)
    elif conversation.outcome != item.outcome:
        yield warn(CheckCode.OUTCOME_NOT_AS_PLANNED, None, f"{conversation.outcome} instead of {item.outcome.value}")


def feelings(candidate: Candidate) -> Iterator[Finding]:
    """User messages are labelled with emotions of the catalog, at intensities from 0 to 1."""
    emotions = candidate.catalog.info.emotions
    for number, turn in enumerate(candidate.conversation.turns, 1):
        if isinstance(turn, UserTurn):
            if turn.emotion not in emotions:
                yield fail(CheckCode.EMOTION_UNKNOWN, number, turn.emotion)
            if not 0 <= turn.intensity <= 1:
                yield fail(CheckCode.INTENSITY_OUT_OF_RANGE, number, str(turn.intensity))


def names_in_text(candidate: Candidate) -> Iterator[Finding]:
    """Users introduce themselves by no other name, and are addressed by none that nobody has mentioned."""
    identity, catalog = candidate.item.identity, candidate.catalog
    advisor = words_of(catalog.advisor.name)
    mentioned = ""
    for number, turn in enumerate(candidate.conversation.turns, 1):
        if isinstance(turn, UserTurn):
            for claim in claimed_names(turn.content):
                name = claim.name.casefold()
                if is_called(claim.name, identity.name) or (claim.is_closing and name in advisor):
                    continue
                if claim.is_certain or is_known_name(claim.name, catalog):
                    yield fail(CheckCode.OTHER_NAME, number, claim.quote)
            mentioned += f" {turn.content.casefold()}"
            continue
        for claim in greeted_names(turn.content):
            name = claim.name.casefold()
            fits = is_called(claim.name, identity.name) or name in advisor or name in mentioned
            if not fits and is_known_name(claim.name, catalog):
                yield fail(CheckCode.OTHER_NAME, number, claim.quote)


def money_in_text(candidate: Candidate) -> Iterator[Finding]:
    """Users earn and have saved about what was planned."""
    yield from income(candidate)
    yield from savings(candidate)


def ages_in_text(candidate: Candidate) -> Iterator[Finding]:
    """Users give no other age than the planned one. "I'm 15 years from retirement" gives none."""
    age = candidate.item.identity.age
    for number, turn in enumerate(candidate.conversation.turns, 1):
        if isinstance(turn, UserTurn):
            for claim in claimed_ages(turn.content):
                if not claim.lowest <= age <= claim.highest:
                    yield fail(CheckCode.OTHER_AGE, number, claim.quote)
