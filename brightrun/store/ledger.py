"""The ledger: one row per call. Intent before the call, raw reply and usage before the parse.

What a job has spent and reserved stands in its row and equals the sum over its ledger at all times:
every change of either is in the transaction that changes the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum, auto
from typing import Any

from sqlalchemy import Connection, String, bindparam, func, insert, select, update

from brightrun.errors import LeaseLostError, StoreError
from brightrun.store.items import Standing, Transition, apply_transition, apply_transitions, is_free, standings
from brightrun.store.jobs import utc_now
from brightrun.store.leases import live_workers
from brightrun.store.states import GenerationState, ItemState, Purpose, Reason
from brightrun.store.tables import Money, batch_items, batch_jobs, generations

NOT_DECIDED = (ItemState.GENERATING, ItemState.GENERATED, ItemState.UNDECIDED)
"""States of items whose conversation is on its way to its verdict."""

ENDED_AT_ONCE = 500
"""So many calls are ended by one statement; a database takes only so many parameters."""


@dataclass(frozen=True)
class Intent:
    """A call about to be made, at its worst-case price."""

    generation_id: str
    job_id: str
    item_id: str
    attempt: int
    call: int
    lane: str
    model: str
    request: str
    reserved_usd: Decimal
    purpose: Purpose = Purpose.WRITE
    conversation_id: str | None = None
    """The conversation that it is about, unless it writes one."""
    aside_usd: Decimal = Decimal(0)
    """What must stay free of the budget for this conversation, and for each that is written and not decided."""
    holder: str | None = None
    """The worker that is to hold the item."""


@dataclass(frozen=True)
class KeptReply:
    """A reply that arrived, as it arrived. A cost of None: its usage cannot be told, and its worst case counts."""

    generation_id: str
    raw: bytes
    cost_usd: Decimal | None
    message_id: str | None
    request_id: str | None
    stop_reason: str | None
    usage: dict[str, Any]
    input_tokens: int
    output_tokens: int
    simulated: bool
    http_status: int
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cache_saved_usd: Decimal = Decimal(0)
    """What the prompt would have cost more without its cache; negative where more was written than read."""


@dataclass(frozen=True)
class CallFailure:
    """A call that brought no reply. Possibly paid: it may have been carried out all the same."""

    generation_id: str
    category: str
    message: str
    possibly_paid: bool
    request_id: str | None = None
    http_status: int | None = None
    raw: bytes | None = None


class Reservation(Enum):
    """What came of the wish to reserve: done; not now, as others hold what is free; never, as too much is spent."""

    MADE = auto()
    LATER = auto()
    IMPOSSIBLE = auto()


_RESERVE = (
    update(batch_jobs)
    .where(
        batch_jobs.c.id == bindparam("job"),
        batch_jobs.c.spent_usd + batch_jobs.c.reserved_usd
        <= batch_jobs.c.budget_usd - bindparam("amount", type_=Money) - bindparam("aside", type_=Money),
    )
    .values(reserved_usd=batch_jobs.c.reserved_usd + bindparam("amount", type_=Money))
)
_INTEND = insert(generations)


def reserve(connection: Connection, intents: Sequence[Intent]) -> list[Reservation]:
    """Reserve the worst case of each call, in order, as far as the budget goes, and write the intents it goes for.

    A conversation is written only where the budget then also holds what judging it takes, and judging all that wait.

    Raises LeaseLostError for an item that another worker holds, ValueError for one that is not owed any more; then
    nothing may be kept of the transaction.
    """
    fitting = _take(connection, intents)
    made = [intent for intent, fits in zip(intents, fitting, strict=True) if fits]
    if made:
        # First, since whoever has the item by now may have written a call of the same name.
        _set_out(connection, [intent for intent in made if intent.purpose is Purpose.WRITE])
        _check_undecided(connection, [intent for intent in made if intent.purpose is not Purpose.WRITE])
        now = utc_now()
        connection.execute(_INTEND, [_open_call(intent, now) for intent in made])
    return [
        Reservation.MADE if fits else _not_now(connection, intent)
        for intent, fits in zip(intents, fitting, strict=True)
    ]


def _take(connection: Connection, intents: Sequence[Intent]) -> list[bool]:
    """Take room in the budgets: for all of a job at once where all fit, else for one after the other."""
    by_job: dict[str, list[Intent]] = {}
    for intent in intents:
        by_job.setdefault(intent.job_id, []).append(intent)
    whole = {job_id for job_id, mine in by_job.items() if _have_taken(connection, mine)}
    return [intent.job_id in whole or (len(intents) > 1 and _have_taken(connection, [intent])) for intent in intents]


def _have_taken(connection: Connection, intents: Sequence[Intent]) -> bool:
    """Reserve for all of these calls of one job, or for none."""
    amount = sum((intent.reserved_usd for intent in intents), Decimal(0))
    values = {"job": intents[0].job_id, "amount": amount, "aside": _aside(connection, intents)}
    return connection.execute(_RESERVE, values).rowcount == 1


def _aside(connection: Connection, intents: Sequence[Intent]) -> Decimal:
    """What must stay free for judging: these conversations, and those that are written and wait for it."""
    most = max(intent.aside_usd for intent in intents)
    if not most:
        return most
    i = batch_items.c
    waiting = select(func.count()).where(
        i.job_id == intents[0].job_id, i.state.in_([state.value for state in NOT_DECIDED])
    )
    return most * (int(connection.execute(waiting).scalar_one()) + len(intents))


def _open_call(intent: Intent, now: datetime) -> dict[str, Any]:
    return {
        "id": intent.generation_id,
        "job_id": intent.job_id,
        "item_id": intent.item_id,
        "attempt": intent.attempt,
        "call": intent.call,
        "purpose": intent.purpose.value,
        "conversation_id": intent.conversation_id,
        "lane": intent.lane,
        "state": GenerationState.OPEN.value,
        "model": intent.model,
        "request": intent.request,
        "reserved_usd": intent.reserved_usd,
        "cost_usd": Decimal(0),
        "sent_at": now,
    }


def _set_out(connection: Connection, intents: Sequence[Intent]) -> None:
    """Move the items on their way; those that are have had a call of the same attempt before."""
    setting_out = [
        Transition(
            intent.item_id,
            ItemState.PLANNED,
            ItemState.GENERATING,
            intent.attempt,
            of_attempt=intent.attempt,
            holder=intent.holder,
        )
        for intent in intents
    ]
    moved = apply_transitions(connection, setting_out)
    stayed = {intent.item_id: intent for intent, was_moved in zip(intents, moved, strict=True) if not was_moved}
    for item_id, at in (standings(connection, list(stayed)) if stayed else {}).items():
        _check_holder(stayed[item_id], at)
        if (at.state, at.attempt) != (ItemState.GENERATING, stayed[item_id].attempt):
            where = f"{at.state}, attempt {at.attempt}"
            raise ValueError(f"the item {item_id} is {where}; nothing is owed to attempt {stayed[item_id].attempt}")


def _check_undecided(connection: Connection, intents: Sequence[Intent]) -> None:
    """Nothing is paid for about an item that is decided."""
    if not intents:
        return
    standing = standings(connection, [intent.item_id for intent in intents])
    for intent in intents:
        at = standing[intent.item_id]
        _check_holder(intent, at)
        if (at.state, at.attempt) != (ItemState.UNDECIDED, intent.attempt):
            raise ValueError(
                f"the item {intent.item_id} is {at.state}, attempt {at.attempt}; "
                f"there is nothing to {intent.purpose} of attempt {intent.attempt}"
            )


def _check_holder(intent: Intent, at: Standing) -> None:
    if intent.holder is not None and at.holder != intent.holder:
        raise LeaseLostError(f"The item {intent.item_id} is not {intent.holder}'s any more.")


def _not_now(connection: Connection, intent: Intent) -> Reservation:
    fits = may_fit_later(connection, intent.job_id, intent.reserved_usd + _aside(connection, [intent]))
    return Reservation.LATER if fits else Reservation.IMPOSSIBLE


def may_fit_later(connection: Connection, job_id: str, worst_case_usd: Decimal) -> bool:
    """Whether a call would fit the budget if everything that is reserved turned out to be free."""
    jobs = batch_jobs.c
    fits = select(jobs.id).where(jobs.id == job_id, jobs.spent_usd <= jobs.budget_usd - worst_case_usd)
    return connection.execute(fits).first() is not None


@dataclass(frozen=True)
class _End:
    """How a call ended: at what cost, or at its worst case where that is None, and what is known of it."""

    generation_id: str
    state: GenerationState
    cost_usd: Decimal | None
    known: dict[str, Any]


_CALLS = (
    select(
        generations.c.id,
        generations.c.job_id,
        generations.c.reserved_usd,
        generations.c.cost_usd,
        generations.c.state,
    )
    .where(generations.c.id.in_(bindparam("calls", expanding=True)))
    .with_for_update()
)
_END = update(generations).where(
    generations.c.id == bindparam("ended_call"), generations.c.state == bindparam("was", type_=String)
)
_SETTLE = (
    update(batch_jobs)
    .where(batch_jobs.c.id == bindparam("job"))
    .values(
        reserved_usd=batch_jobs.c.reserved_usd - bindparam("released", type_=Money),
        spent_usd=batch_jobs.c.spent_usd + bindparam("spent", type_=Money),
    )
)


def keep_replies(connection: Connection, replies: Sequence[KeptReply]) -> list[None]:
    """Keep replies as they arrived and settle their reservations.

    A reply that comes in after its call was given up for possibly paid is kept as well, and corrects the cost.
    """
    return _settle(connection, [_end_of_reply(reply) for reply in replies])


def keep_failures(connection: Connection, failures: Sequence[CallFailure]) -> list[None]:
    """Keep what is known of calls without a reply; a possibly paid one costs its worst case."""
    return _settle(connection, [_end_of_failure(failure) for failure in failures])


def _end_of_reply(reply: KeptReply) -> _End:
    known = {
        "raw_reply": reply.raw,
        "message_id": reply.message_id,
        "request_id": reply.request_id,
        "stop_reason": reply.stop_reason,
        "usage": reply.usage,
        "input_tokens": reply.input_tokens,
        "output_tokens": reply.output_tokens,
        "cache_read_tokens": reply.cache_read_tokens,
        "cache_write_tokens": reply.cache_write_tokens,
        "cache_saved_usd": reply.cache_saved_usd,
        "simulated": reply.simulated,
        "http_status": reply.http_status,
    }
    return _End(reply.generation_id, GenerationState.REPLIED, reply.cost_usd, known)


def _end_of_failure(failure: CallFailure) -> _End:
    known = {
        "error_category": failure.category,
        "error_message": failure.message,
        "raw_reply": failure.raw,
        "request_id": failure.request_id,
        "http_status": failure.http_status,
    }
    if failure.possibly_paid:
        return _End(failure.generation_id, GenerationState.POSSIBLY_PAID, None, known)
    return _End(failure.generation_id, GenerationState.FAILED, Decimal(0), known)


def _settle(connection: Connection, ends: Sequence[_End]) -> list[None]:
    """End calls, in their order, and bring the job's row up to date.

    What is known for certain stays; a call that was taken for possibly paid can still become known.
    Raises StoreError where somebody else ended one between this transaction's look and its change.
    """
    calls = {row.id: row for row in connection.execute(_CALLS, {"calls": [end.generation_id for end in ends]})}
    changes: dict[str, dict[str, Any]] = {}
    again: list[_End] = []
    now = utc_now()
    for end in ends:
        call = calls[end.generation_id]
        if end.generation_id in changes:
            again.append(end)
            continue
        if not _may_end(call.state, end.state):
            continue
        worst_case = call.reserved_usd + call.cost_usd  # of an open call one, of a possibly paid one the other, is 0
        changes[end.generation_id] = {
            "ended_call": end.generation_id,
            "was": call.state,
            "state": end.state.value,
            "cost_usd": worst_case if end.cost_usd is None else end.cost_usd,
            "reserved_usd": Decimal(0),
            "ended_at": now,
            **end.known,
        }
    if changes:
        ended = connection.execute(_END, list(changes.values()))
        if ended.rowcount != len(changes):
            raise StoreError(
                f"{len(changes)} calls were to be ended and {ended.rowcount} were; somebody else ends them."
            )
        for job_id in {calls[call].job_id for call in changes}:
            mine = [(calls[call], change) for call, change in changes.items() if calls[call].job_id == job_id]
            released = sum((call.reserved_usd for call, _ in mine), Decimal(0))
            spent = sum((change["cost_usd"] - call.cost_usd for call, change in mine), Decimal(0))
            connection.execute(_SETTLE, {"job": job_id, "released": released, "spent": spent})
    if again:
        _settle(connection, again)
    return [None] * len(ends)


def _may_end(was: str, becomes: GenerationState) -> bool:
    is_late = was == GenerationState.POSSIBLY_PAID.value and becomes is not GenerationState.POSSIBLY_PAID
    return was == GenerationState.OPEN.value or is_late


@dataclass(frozen=True)
class Takeover:
    """What a process that went away left behind: open calls, items on their way, replies nobody parsed."""

    possibly_paid: int
    unparsed: tuple[str, ...]


def take_over(
    connection: Connection,
    job_id: str,
    attempts_per_item: int,
    shard: int | None = None,
    worker: str | None = None,
) -> Takeover:
    """Close what dead workers of the job left open; with `shard`, only in that shard.

    What other live workers hold is left alone; what `worker` itself holds is taken for left behind. Open intents count
    as possibly paid. Their items go back to planned with the next attempt, or fail when the attempts are used up; what
    was being judged stays undecided. Items whose reply is kept but was not parsed are returned: they are parsed, not
    sent again.
    """
    g, i = generations.c, batch_items.c
    free = is_free(live_workers(connection, job_id) - {worker})
    opened = (
        select(g.id)
        .join(batch_items, i.id == g.item_id)
        .where(g.job_id == job_id, g.state == GenerationState.OPEN.value, free)
    )
    on_their_way = select(i.id, i.attempt).where(i.job_id == job_id, i.state == ItemState.GENERATING.value, free)
    if shard is not None:
        opened, on_their_way = opened.where(i.shard == shard), on_their_way.where(i.shard == shard)
    open_calls = list(connection.execute(opened).scalars())
    message = "The run ended while this call was on its way; it may have been paid."
    lost = [CallFailure(call, Reason.LOST_RUN.value, message, possibly_paid=True) for call in open_calls]
    for start in range(0, len(lost), ENDED_AT_ONCE):
        keep_failures(connection, lost[start : start + ENDED_AT_ONCE])
    unparsed = []
    for item_id, attempt in connection.execute(on_their_way).all():
        last = connection.execute(
            select(g.id, g.state)
            .where(g.item_id == item_id, g.attempt == attempt, g.purpose == Purpose.WRITE.value)
            .order_by(g.call.desc())
            .limit(1)
        ).first()
        if last and last.state == GenerationState.REPLIED.value:
            unparsed.append(last.id)
            continue
        paid = bool(last) and last is not None and last.state == GenerationState.POSSIBLY_PAID.value
        next_attempt(
            connection,
            item_id,
            attempt,
            attempt + 1 if paid else attempt,
            attempts_per_item,
            Reason.LOST_RUN.value,
            "The run ended while this conversation was on its way.",
        )
    return Takeover(len(open_calls), tuple(unparsed))


def next_attempt(
    connection: Connection,
    item_id: str,
    was_at: int,
    attempt: int,
    attempts_per_item: int,
    code: str,
    message: str,
    holder: str | None = None,
) -> None:
    """Send an item that generates at attempt `was_at` back to planned with this attempt, or to failed if that is one
    too many."""
    becomes = ItemState.PLANNED
    if attempt > attempts_per_item:
        becomes, attempt = ItemState.FAILED, attempts_per_item
    transition = Transition(
        item_id,
        ItemState.GENERATING,
        becomes,
        attempt,
        code,
        message,
        of_attempt=was_at,
        holder=holder,
        goes_on=becomes is ItemState.PLANNED,
    )
    apply_transition(connection, transition)
