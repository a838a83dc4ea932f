"""Judgements and readings in the store, and the items that wait for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select, update

from brightrun.conversation import Conversation
from brightrun.items import Item
from brightrun.quality.verdicts import CheckCode
from brightrun.store.inserts import insert_new
from brightrun.store.jobs import utc_now
from brightrun.store.states import GenerationState, ItemState, Purpose
from brightrun.store.tables import assessments, batch_items, conversations, generations

TO_ASSESS = func.coalesce(batch_items.c.reason_code, "") != CheckCode.CHECK_FAILED.value
"""Not what a check of ours broke off about: that is checked again first."""


@dataclass(frozen=True)
class Assessment:
    """What a judge or a reader said of a conversation, and in which version."""

    conversation_id: str
    purpose: Purpose
    generation_id: str
    version: str
    content: dict[str, Any]


@dataclass(frozen=True)
class PastCall:
    """A call about a conversation that was made before."""

    id: str
    purpose: Purpose
    number: int
    is_replied: bool


@dataclass(frozen=True)
class UndecidedItem:
    """An item whose conversation passed the checks, with what has been said of it so far."""

    id: str
    position: int
    attempt: int
    conversation_id: str
    content: Conversation
    item: Item
    assessments: tuple[Assessment, ...]
    calls: tuple[PastCall, ...]


def undecided_items(
    connection: Connection,
    job_id: str,
    shard: int,
    after: int = -1,
    limit: int | None = None,
    holder: str | None = None,
) -> list[UndecidedItem]:
    """The undecided items of a shard by position, from the one after `after`; with `holder` those leased to it."""
    i, c = batch_items.c, conversations.c
    query = (
        select(i.id, i.position, i.attempt, i.conversation_id, c.content, i.plan)
        .join(conversations, c.id == i.conversation_id)
        .where(
            i.job_id == job_id,
            i.shard == shard,
            i.state == ItemState.UNDECIDED.value,
            TO_ASSESS,
            i.position > after,
        )
        .order_by(i.position)
        .limit(limit)
    )
    if holder is not None:
        query = query.where(i.leased_by == holder)
    rows = connection.execute(query).all()
    ids = [row.conversation_id for row in rows]
    said = assessments_of(connection, ids)
    calls = _calls_about(connection, ids)
    return [
        UndecidedItem(
            row.id,
            row.position,
            row.attempt,
            row.conversation_id,
            Conversation.model_validate(row.content),
            Item.model_validate(row.plan),
            tuple(said.get(row.conversation_id, ())),
            tuple(calls.get(row.conversation_id, ())),
        )
        for row in rows
    ]


def assessments_of(connection: Connection, conversation_ids: Sequence[str]) -> dict[str, list[Assessment]]:
    """What was said of each of these conversations, oldest first."""
    a = assessments.c
    query = select(a.conversation_id, a.purpose, a.generation_id, a.version, a.content)
    found: dict[str, list[Assessment]] = {}
    for row in connection.execute(query.where(a.conversation_id.in_(conversation_ids)).order_by(a.id)):
        said = Assessment(row.conversation_id, Purpose(row.purpose), row.generation_id, row.version, row.content)
        found.setdefault(row.conversation_id, []).append(said)
    return found


def _calls_about(connection: Connection, conversation_ids: Sequence[str]) -> dict[str, list[PastCall]]:
    g = generations.c
    query = select(g.id, g.conversation_id, g.purpose, g.call, g.state).order_by(g.call)
    found: dict[str, list[PastCall]] = {}
    for row in connection.execute(query.where(g.conversation_id.in_(conversation_ids))):
        call = PastCall(row.id, Purpose(row.purpose), row.call, row.state == GenerationState.REPLIED.value)
        found.setdefault(row.conversation_id, []).append(call)
    return found


def keep_assessments(connection: Connection, said: Sequence[Assessment]) -> list[None]:
    """Append what was said; what the same call said before stays as it is."""
    a = assessments.c
    calls = [one.generation_id for one in said]
    there = set(connection.execute(select(a.generation_id).where(a.generation_id.in_(calls))).scalars())
    now = utc_now()
    rows = [
        {
            "conversation_id": one.conversation_id,
            "purpose": one.purpose.value,
            "generation_id": one.generation_id,
            "version": one.version,
            "content": one.content,
            "at": now,
        }
        for one in said
        if one.generation_id not in there
    ]
    insert_new(connection, assessments, rows)
    return [None] * len(said)


@dataclass(frozen=True)
class StillUndecided:
    """Why an item could not be decided yet, by the worker that held it."""

    item_id: str
    attempt: int
    reason_code: str
    reason_message: str
    holder: str | None = None


def note_undecided(connection: Connection, notes: Sequence[StillUndecided]) -> list[None]:
    """Say why items are undecided still, and give them back; nothing for one that is decided, or somebody else's."""
    i = batch_items.c
    for note in notes:
        there = [i.id == note.item_id, i.state == ItemState.UNDECIDED.value, i.attempt == note.attempt]
        if note.holder is not None:
            there.append(i.leased_by == note.holder)
        said = {"reason_code": note.reason_code, "reason_message": note.reason_message}
        connection.execute(update(batch_items).where(*there).values(**said, leased_by=None, updated_at=utc_now()))
    return [None] * len(notes)
