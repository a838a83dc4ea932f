"""Conversations and their verdicts in the store."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, insert, or_, select, update

from brightrun.conversation import Conversation
from brightrun.items import Item
from brightrun.store.inserts import insert_new
from brightrun.store.items import Transition, apply_transitions
from brightrun.store.jobs import utc_now
from brightrun.store.states import ItemState
from brightrun.store.tables import batch_items, conversations, generations, verdicts


def conversation_id_of(item_id: str, attempt: int) -> str:
    """The one id of the conversation that an attempt brought."""
    return f"c{item_id.removeprefix('i')}-{attempt:02d}"


@dataclass(frozen=True)
class NewConversation:
    """A parsed reply, and which call of which attempt brought it."""

    job_id: str
    item_id: str
    generation_id: str
    attempt: int
    content: Conversation
    holder: str | None = None
    """The worker that brings it; the item becomes generated only if it is the worker's still."""


_THERE = select(conversations.c.id).where(conversations.c.id.in_(bindparam("ids", expanding=True)))


def keep_conversations(connection: Connection, new: Sequence[NewConversation]) -> list[str]:
    """Keep the parsed conversations of replies and move their items to generated. Their ids."""
    ids = [conversation_id_of(one.item_id, one.attempt) for one in new]
    there = set(connection.execute(_THERE, {"ids": ids}).scalars())
    now = utc_now()
    rows = {
        conversation_id: {
            "id": conversation_id,
            "job_id": one.job_id,
            "item_id": one.item_id,
            "generation_id": one.generation_id,
            "attempt": one.attempt,
            "content": one.content,
            "created_at": now,
        }
        for conversation_id, one in zip(ids, new, strict=True)
        if conversation_id not in there
    }
    insert_new(connection, conversations, list(rows.values()))
    generated = (ItemState.GENERATING, ItemState.GENERATED)
    moves = [
        Transition(
            one.item_id,
            *generated,
            one.attempt,
            with_conversation=True,
            of_attempt=one.attempt,
            holder=one.holder,
        )
        for one in new
    ]
    apply_transitions(connection, moves)
    return ids


@dataclass(frozen=True)
class StoredConversation:
    """A conversation with the item it was written for."""

    id: str
    item_id: str
    attempt: int
    content: Conversation
    item: Item


def conversations_in(connection: Connection, job_id: str, state: ItemState, limit: int) -> list[StoredConversation]:
    """The current conversations of items in this state, by position, at most `limit`."""
    query = (
        select(
            conversations.c.id,
            conversations.c.item_id,
            conversations.c.attempt,
            conversations.c.content,
            batch_items.c.plan,
        )
        .join(batch_items, batch_items.c.conversation_id == conversations.c.id)
        .where(batch_items.c.job_id == job_id, batch_items.c.state == state.value)
        .order_by(batch_items.c.shard, batch_items.c.position)  # by position, and as the index has them
        .limit(limit)
    )
    return [
        StoredConversation(
            row.id,
            row.item_id,
            row.attempt,
            Conversation.model_validate(row.content),
            Item.model_validate(row.plan),
        )
        for row in connection.execute(query)
    ]


@dataclass(frozen=True)
class KeptVerdict:
    """A verdict to be kept, with the change of state that follows from it, if any."""

    conversation_id: str
    verdict: str
    reasons: Sequence[str]
    findings: Sequence[dict[str, Any]]
    checks_version: str
    transition: Transition | None
    results: Sequence[dict[str, Any]] | None = None
    """What each check said, with its version; None where none was asked."""


def keep_verdicts(connection: Connection, kept: Sequence[KeptVerdict]) -> list[bool]:
    """Append verdicts and move their items, in one transaction; which of the moves were made."""
    if not kept:
        return []
    now = utc_now()
    rows = [
        {
            "conversation_id": verdict.conversation_id,
            "verdict": verdict.verdict,
            "reasons": list(verdict.reasons),
            "findings": list(verdict.findings),
            "results": None if verdict.results is None else list(verdict.results),
            "checks_version": verdict.checks_version,
            "at": now,
        }
        for verdict in kept
    ]
    connection.execute(insert(verdicts), rows)
    return apply_transitions(connection, [verdict.transition for verdict in kept if verdict.transition])


@dataclass(frozen=True)
class CheckedConversation:
    """The conversation an item has now, with where that stands and what was said of it last.

    `findings`, `results` and `checks_version` are those of the checks that looked last.
    """

    id: str
    item_id: str
    attempt: int
    content: Conversation
    item: Item
    state: ItemState
    verdict: str
    reasons: tuple[str, ...]
    findings: list[dict[str, Any]]
    results: list[dict[str, Any]]
    checks_version: str


def checked_conversations(
    connection: Connection, job_id: str, states: Sequence[ItemState], after: str, limit: int
) -> list[CheckedConversation]:
    """The current conversations of items in these states that were checked, by id, from the one after `after`."""
    c, i, v = conversations.c, batch_items.c, verdicts.c
    was_checked = select(v.id).where(v.conversation_id == c.id, v.results.is_not(None)).exists()
    query = (
        select(c.id, c.item_id, c.attempt, c.content, i.plan, i.state)
        .join(batch_items, i.conversation_id == c.id)
        .where(i.job_id == job_id, i.state.in_([state.value for state in states]), was_checked)
        .where(i.conversation_id > after, c.id > after)  # both, since Postgres does not conclude one from the other
        .order_by(i.conversation_id)
        .limit(limit)
    )
    rows = connection.execute(query).all()
    said = select(v.conversation_id, v.verdict, v.reasons, v.findings, v.results, v.checks_version)
    last, checked = {}, {}
    for row in connection.execute(said.where(v.conversation_id.in_([row.id for row in rows])).order_by(v.id)):
        last[row.conversation_id] = row
        if row.results is not None:
            checked[row.conversation_id] = row
    return [
        CheckedConversation(
            row.id,
            row.item_id,
            row.attempt,
            Conversation.model_validate(row.content),
            Item.model_validate(row.plan),
            ItemState(row.state),
            last[row.id].verdict,
            tuple(last[row.id].reasons),
            checked[row.id].findings,
            checked[row.id].results,
            checked[row.id].checks_version,
        )
        for row in rows
    ]


@dataclass(frozen=True)
class AcceptedConversation:
    """An accepted conversation with everything its record is made of."""

    id: str
    content: Conversation
    item: Item
    generation: RowMapping
    enriched: dict[str, Any] | None


def accepted(
    connection: Connection,
    job_id: str,
    after: str = "",
    limit: int = 500,
    record_version: int | None = None,
) -> list[AcceptedConversation]:
    """Accepted conversations by id, from the one after `after`; with `record_version` those without such a record."""
    c, g, i = conversations.c, generations.c, batch_items.c
    query = (
        select(
            c.id,
            c.content,
            c.enriched,
            i.plan,
            g.id.label("generation_id"),
            g.item_id,
            g.attempt,
            g.lane,
            g.simulated,
            g.model,
            g.message_id,
            g.request_id,
            g.input_tokens,
            g.output_tokens,
            g.cost_usd,
        )
        .join(batch_items, i.conversation_id == c.id)
        .join(generations, g.id == c.generation_id)
        .where(i.job_id == job_id, i.state == ItemState.ACCEPTED.value)
        .where(i.conversation_id > after, c.id > after)  # as above
        .order_by(i.conversation_id)
        .limit(limit)
    )
    if record_version is not None:
        version = c.enriched["record_version"].as_integer()
        query = query.where(or_(c.enriched.is_(None), version.is_(None), version != record_version))
    return [
        AcceptedConversation(
            row["id"],
            Conversation.model_validate(row["content"]),
            Item.model_validate(row["plan"]),
            row,
            row["enriched"],
        )
        for row in connection.execute(query).mappings()
    ]


def keep_enriched(connection: Connection, conversation_id: str, record: dict[str, Any]) -> None:
    connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(enriched=record))


def enriched_records(
    connection: Connection, job_id: str, ids: Collection[str] | None = None
) -> Iterator[dict[str, Any]]:
    """The records of all accepted conversations, or of a few with these ids, by id, streamed."""
    c, i = conversations.c, batch_items.c
    query = (
        select(c.enriched)
        .join(batch_items, i.conversation_id == c.id)
        .where(i.job_id == job_id, i.state == ItemState.ACCEPTED.value)
        .order_by(i.conversation_id)
        .execution_options(yield_per=200)
    )
    if ids is not None:
        query = query.where(c.id.in_(sorted(ids)))
    for (record,) in connection.execute(query):
        yield record


def with_records(connection: Connection, job_id: str, after: str, limit: int) -> list[str]:
    """The conversations of a job that have a record, by id, from the one after `after`."""
    c = conversations.c
    query = select(c.id).where(c.job_id == job_id, c.enriched.is_not(None), c.id > after).order_by(c.id).limit(limit)
    return list(connection.execute(query).scalars())


def have_records(connection: Connection, conversation_ids: Sequence[str]) -> set[str]:
    """Which of these conversations have a record."""
    c = conversations.c
    query = select(c.id).where(c.id.in_(conversation_ids), c.enriched.is_not(None))
    return set(connection.execute(query).scalars())


def record_and_reply(connection: Connection, conversation_id: str) -> tuple[dict[str, Any], bytes]:
    """The record of a conversation that has one, and the reply as it arrived."""
    c = conversations.c
    query = select(c.enriched, generations.c.raw_reply).join(generations, generations.c.id == c.generation_id)
    record, reply = connection.execute(query.where(c.id == conversation_id)).one()
    return record, reply


def raw_reply(connection: Connection, generation_id: str) -> bytes:
    """A reply as it arrived."""
    data: bytes = connection.execute(
        select(generations.c.raw_reply).where(generations.c.id == generation_id)
    ).scalar_one()
    return data


@dataclass(frozen=True)
class CurrentConversation:
    """An item with the conversation it has now, if any, and what was found against it."""

    item: Item
    state: str
    content: Conversation | None
    reasons: tuple[str, ...]


def current_conversations(connection: Connection, job_id: str) -> list[CurrentConversation]:
    """Every item of the job, by position, with its newest conversation."""
    c, i = conversations.c, batch_items.c
    query = (
        select(i.plan, i.state, i.reason_code, c.content)
        .outerjoin(conversations, i.conversation_id == c.id)
        .where(i.job_id == job_id)
        .order_by(i.position)
    )
    return [
        CurrentConversation(
            Item.model_validate(row.plan),
            row.state,
            Conversation.model_validate(row.content) if row.content else None,
            (row.reason_code,) if row.reason_code else (),
        )
        for row in connection.execute(query)
    ]
