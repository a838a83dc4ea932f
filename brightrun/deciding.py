"""What follows from a rejection, and how it is put into words: for people, and for the next attempt."""

from __future__ import annotations

from collections.abc import Sequence

from brightrun.assessors import AssessedFinding
from brightrun.quality.neighbour_codes import NeighbourFinding
from brightrun.quality.verdicts import Finding
from brightrun.store.states import ItemState

AnyFinding = Finding | NeighbourFinding | AssessedFinding

TOLD_REASONS = 3


def after_rejection(attempt: int, attempts_per_item: int) -> tuple[ItemState, int]:
    """The state and attempt of an item whose conversation was rejected: owed again, or rejected for good."""
    if attempt < attempts_per_item:
        return ItemState.PLANNED, attempt + 1
    return ItemState.REJECTED, attempt


def in_words(reasons: Sequence[str], findings: Sequence[AnyFinding]) -> str:
    """The first reasons, each with a sentence and the quote that was found first."""
    firsts = {finding.code.value: finding for finding in reversed(findings)}
    told = [firsts[code] for code in reasons[:TOLD_REASONS]]
    return " ".join(
        f"{finding.code.meaning} {f'Message {finding.turn}: ' if finding.turn else ''}“{finding.quote}”."
        for finding in told
    )
