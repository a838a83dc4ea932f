"""States of jobs, items and generations, and what may follow what."""

from __future__ import annotations

from enum import StrEnum


class JobStatus(StrEnum):
    """Where a job stands. All but `planned` and `running` are ends that `resume` may go on from."""

    PLANNED = "planned"
    RUNNING = "running"
    DONE = "done"
    SHORT = "short"
    GATED = "gated"
    BUDGET = "budget"
    API_STOPPED = "api_stopped"
    CANCELLED = "cancelled"
    CRASHED = "crashed"


class ItemState(StrEnum):
    """Where an item stands."""

    PLANNED = "planned"
    GENERATING = "generating"
    GENERATED = "generated"
    ACCEPTED = "accepted"
    UNDECIDED = "undecided"
    REJECTED = "rejected"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Purpose(StrEnum):
    """What a call is for: to write a conversation, to judge one, or to read its feelings."""

    WRITE = "write"
    JUDGE = "judge"
    READ = "read"


class GenerationState(StrEnum):
    """What is known of one call.

    open: the intent is written and no answer is. replied: the reply is kept. failed: answered with an
    error, which costs nothing. possibly_paid: broke off or was caught by a kill, counted at its worst case.
    """

    OPEN = "open"
    REPLIED = "replied"
    FAILED = "failed"
    POSSIBLY_PAID = "possibly_paid"


class Reason(StrEnum):
    """Reason codes of items that are not of the reply, the API or a check."""

    INTERRUPTED = "interrupted"
    BUDGET = "budget_exhausted"
    API_STOPPED = "api_stopped"
    LOST_RUN = "lost_run"
    NOT_PLANNABLE = "not_plannable"
    AWAITING_JUDGEMENT = "awaiting_judgement"
    ATTEMPTS_USED = "attempts_used_up"
    RECHECKED = "rechecked"


FOLLOWS: dict[ItemState, frozenset[ItemState]] = {
    ItemState.PLANNED: frozenset({ItemState.GENERATING, ItemState.GENERATED, ItemState.FAILED, ItemState.CANCELLED}),
    ItemState.GENERATING: frozenset({ItemState.GENERATED, ItemState.PLANNED, ItemState.FAILED, ItemState.CANCELLED}),
    ItemState.GENERATED: frozenset({ItemState.ACCEPTED, ItemState.UNDECIDED, ItemState.REJECTED, ItemState.PLANNED}),
    ItemState.UNDECIDED: frozenset({ItemState.GENERATED, ItemState.ACCEPTED, ItemState.REJECTED, ItemState.PLANNED}),
    ItemState.ACCEPTED: frozenset({ItemState.GENERATED}),
    ItemState.REJECTED: frozenset({ItemState.PLANNED, ItemState.GENERATED}),
    ItemState.FAILED: frozenset({ItemState.PLANNED, ItemState.GENERATED}),
    ItemState.CANCELLED: frozenset({ItemState.PLANNED, ItemState.GENERATED}),
}
"""What may follow what. Back to planned: another attempt, a resumed job, or a retry. Back to generated from where a
verdict had led: a changed check sees the conversation otherwise."""
