"""The ledger: one row per call. Intent before the call, raw reply and usage before the parse.

What a job has spent and reserved stands in its row and equals the sum over its ledger at all times:
every change of either is in the transaction that changes the ledger.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, case, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from brightrun.store.items import Transition, apply_transition
from brightrun.store.jobs import utc_now
from brightrun.store.states import GenerationState, ItemState, Reason
from brightrun.store.tables import batch_items, batch_jobs, generations, prompt_blocks


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


def block_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def store_blocks(connection: Connection, texts: Sequence[str]) -> None:
    """Keep prompt blocks by content; those that are there already stay."""
    by_hash = {block_hash(text): text for text in texts}
    there = set(
        connection.execute(select(prompt_blocks.c.sha256).where(prompt_blocks.c.sha256.in_(list(by_hash)))).scalars()
    )
    for digest, text in by_hash.items():
        if digest in there:
            continue
        try:
            with connection.begin_nested():
                connection.execute(insert(prompt_blocks).values(sha256=digest, text=text))
        except IntegrityError:
            continue  # another process has just kept the same block


def stored_request(connection: Connection, generation_id: str) -> dict[str, Any]:
    """The request of a call, as it was sent: blocks kept by content are put back in their places."""
    text = connection.execute(select(generations.c.request).where(generations.c.id == generation_id)).scalar_one()
    request: dict[str, Any] = json.loads(text)
    if "system" in request:
        request["system"] = [_block_as_sent(connection, block) for block in request["system"]]
    return request


def _block_as_sent(connection: Connection, block: dict[str, Any]) -> dict[str, Any]:
    """The block with its text in the place of its hash: even the order of keys is the one that was sent."""

    def text(digest: str) -> str:
        query = select(prompt_blocks.c.text).where(prompt_blocks.c.sha256 == digest)
        return str(connection.execute(query).scalar_one())

    return dict(("text", text(value)) if key == "sha256" else (key, value) for key, value in block.items())


def intend(connection: Connection, intent: Intent) -> bool:
    """Reserve the worst case and write the intent; false, and nothing written, if the budget does not allow it.

    Raises ValueError for an item that is not owed any more; then, too, nothing is written.
    """
    jobs = batch_jobs.c
    reserved = connection.execute(
        update(batch_jobs)
        .where(
            jobs.id == intent.job_id,
            jobs.spent_usd + jobs.reserved_usd <= jobs.budget_usd - intent.reserved_usd,
        )
        .values(reserved_usd=jobs.reserved_usd + intent.reserved_usd)
    )
    if reserved.rowcount != 1:
        return False
    connection.execute(
        insert(generations).values(
            id=intent.generation_id,
            job_id=intent.job_id,
            item_id=intent.item_id,
            attempt=intent.attempt,
            call=intent.call,
            lane=intent.lane,
            state=GenerationState.OPEN.value,
            model=intent.model,
            request=intent.request,
            reserved_usd=intent.reserved_usd,
            cost_usd=Decimal(0),
            sent_at=utc_now(),
        )
    )
    if not apply_transition(
        connection, Transition(intent.item_id, ItemState.PLANNED, ItemState.GENERATING, intent.attempt)
    ):
        state = connection.execute(select(batch_items.c.state).where(batch_items.c.id == intent.item_id)).scalar_one()
        if state != ItemState.GENERATING.value:  # generating: a further call of the same attempt
            raise ValueError(f"the item {intent.item_id} is {state}; nothing is owed to it")
    return True


def may_fit_later(connection: Connection, job_id: str, worst_case_usd: Decimal) -> bool:
    """Whether a call would fit the budget if everything that is reserved turned out to be free."""
    jobs = batch_jobs.c
    fits = select(jobs.id).where(jobs.id == job_id, jobs.spent_usd <= jobs.budget_usd - worst_case_usd)
    return connection.execute(fits).first() is not None


def next_calls(connection: Connection, item_ids: Sequence[str]) -> dict[str, int]:
    """The number of the next call of the current attempt, of those items whose attempt has had calls."""
    g, i = generations.c, batch_items.c
    query = (
        select(i.id, func.max(g.call))
        .join(generations, (g.item_id == i.id) & (g.attempt == i.attempt))
        .where(i.id.in_(item_ids))
        .group_by(i.id)
    )
    return {item_id: last + 1 for item_id, last in connection.execute(query)}


def keep_reply(connection: Connection, reply: KeptReply) -> None:
    """Keep a reply as it arrived and settle its reservation.

    A reply that comes in after its call was given up for possibly paid is kept as well, and corrects the cost.
    """
    _settle(
        connection,
        reply.generation_id,
        reply.cost_usd,
        {
            "state": GenerationState.REPLIED.value,
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
        },
    )


def keep_failure(connection: Connection, failure: CallFailure) -> None:
    """Keep what is known of a call without a reply; a possibly paid one costs its worst case."""
    state = GenerationState.POSSIBLY_PAID if failure.possibly_paid else GenerationState.FAILED
    _settle(
        connection,
        failure.generation_id,
        None if failure.possibly_paid else Decimal(0),
        {
            "state": state.value,
            "error_category": failure.category,
            "error_message": failure.message,
            "raw_reply": failure.raw,
            "request_id": failure.request_id,
            "http_status": failure.http_status,
        },
    )


def _settle(connection: Connection, generation_id: str, cost_usd: Decimal | None, values: dict[str, Any]) -> None:
    """End a call at `cost_usd`, or at its worst case where that is None.

    What is known for certain stays; a call that was taken for possibly paid can still become known.
    """
    g = generations.c
    row = connection.execute(select(g.job_id, g.reserved_usd, g.cost_usd, g.state).where(g.id == generation_id)).one()
    is_known = values["state"] != GenerationState.POSSIBLY_PAID.value
    late = row.state == GenerationState.POSSIBLY_PAID.value and is_known
    if row.state != GenerationState.OPEN.value and not late:
        return
    worst_case = row.reserved_usd + row.cost_usd  # of an open call one, of a possibly paid one the other, is 0
    cost = worst_case if cost_usd is None else cost_usd
    settled = connection.execute(
        update(generations)
        .where(g.id == generation_id, g.state == row.state)
        .values(**values, cost_usd=cost, reserved_usd=Decimal(0), ended_at=utc_now())
    )
    if settled.rowcount != 1:
        return  # another process was faster, and what it knew is as good
    jobs = batch_jobs.c
    connection.execute(
        update(batch_jobs)
        .where(jobs.id == row.job_id)
        .values(
            reserved_usd=jobs.reserved_usd - row.reserved_usd,
            spent_usd=jobs.spent_usd + (cost - row.cost_usd),
        )
    )


@dataclass(frozen=True)
class Takeover:
    """What a process that went away left behind: open calls, items on their way, replies nobody parsed."""

    possibly_paid: int
    unparsed: tuple[str, ...]


def take_over(connection: Connection, job_id: str, attempts_per_item: int, shard: int | None = None) -> Takeover:
    """Close what a dead run of the job left open; with `shard`, what an earlier run of that shard did.

    Open intents count as possibly paid. Their items go back to planned with the next attempt, or fail
    when the attempts are used up. Items whose reply is kept but was not parsed are returned: they are
    parsed, not sent again.
    """
    g, i = generations.c, batch_items.c
    opened = select(g.id).where(g.job_id == job_id, g.state == GenerationState.OPEN.value)
    on_their_way = select(i.id, i.attempt).where(i.job_id == job_id, i.state == ItemState.GENERATING.value)
    if shard is not None:
        opened = opened.where(g.item_id.in_(select(i.id).where(i.job_id == job_id, i.shard == shard)))
        on_their_way = on_their_way.where(i.shard == shard)
    open_calls = list(connection.execute(opened).scalars())
    for generation_id in open_calls:
        message = "The run ended while this call was on its way; it may have been paid."
        keep_failure(connection, CallFailure(generation_id, Reason.LOST_RUN.value, message, possibly_paid=True))
    unparsed = []
    for item_id, attempt in connection.execute(on_their_way).all():
        last = connection.execute(
            select(g.id, g.state).where(g.item_id == item_id, g.attempt == attempt).order_by(g.call.desc()).limit(1)
        ).first()
        if last and last.state == GenerationState.REPLIED.value:
            unparsed.append(last.id)
            continue
        paid = bool(last) and last is not None and last.state == GenerationState.POSSIBLY_PAID.value
        next_attempt(
            connection,
            item_id,
            attempt + 1 if paid else attempt,
            attempts_per_item,
            Reason.LOST_RUN.value,
            "The run ended while this conversation was on its way.",
        )
    return Takeover(len(open_calls), tuple(unparsed))


def next_attempt(
    connection: Connection, item_id: str, attempt: int, attempts_per_item: int, code: str, message: str
) -> None:
    """Send a generating item back to planned with this attempt, or to failed if that is one too many."""
    if attempt > attempts_per_item:
        transition = Transition(item_id, ItemState.GENERATING, ItemState.FAILED, attempts_per_item, code, message)
    else:
        transition = Transition(item_id, ItemState.GENERATING, ItemState.PLANNED, attempt, code, message)
    apply_transition(connection, transition)


@dataclass(frozen=True)
class Spend:
    """What the ledger of a job adds up to."""

    calls: int
    replies: int
    possibly_paid: int
    open: int
    cost_usd: Decimal
    reserved_usd: Decimal
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_saved_usd: Decimal


def spend(connection: Connection, job_id: str) -> Spend:
    """The sums over a job's ledger, made by the database."""
    g = generations.c

    def count(state: GenerationState) -> Any:
        return func.coalesce(func.sum(case((g.state == state.value, 1), else_=0)), 0)

    def total(column: Any) -> Any:
        return func.coalesce(func.sum(column), 0)

    calls, replies, possibly_paid, open_, cost, reserved, sent, written, read, saved = connection.execute(
        select(
            func.count(),
            count(GenerationState.REPLIED),
            count(GenerationState.POSSIBLY_PAID),
            count(GenerationState.OPEN),
            func.sum(g.cost_usd),
            func.sum(g.reserved_usd),
            total(g.input_tokens),
            total(g.output_tokens),
            total(g.cache_read_tokens),
            func.sum(g.cache_saved_usd),
        ).where(g.job_id == job_id)
    ).one()
    return Spend(
        calls=calls,
        replies=int(replies),
        possibly_paid=int(possibly_paid),
        open=int(open_),
        cost_usd=cost or Decimal(0),
        reserved_usd=reserved or Decimal(0),
        input_tokens=int(sent),
        output_tokens=int(written),
        cache_read_tokens=int(read),
        cache_saved_usd=saved or Decimal(0),
    )


def all_simulated(connection: Connection, job_id: str) -> bool | None:
    """Whether the job's replies were simulated: true if any was, None if there is none yet."""
    query = select(func.count(), func.sum(case((generations.c.simulated.is_(True), 1), else_=0))).where(
        generations.c.job_id == job_id, generations.c.state == GenerationState.REPLIED.value
    )
    replies, simulated = connection.execute(query).one()
    return None if not replies else bool(simulated)
