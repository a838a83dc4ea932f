"""Items in the store: what is owed, and every change of state as a conditional update with a row of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from brightrun.items import Item
from brightrun.store.jobs import utc_now
from brightrun.store.states import FOLLOWS, ItemState
from brightrun.store.tables import batch_items, item_transitions


@dataclass(frozen=True)
class OwedItem:
    """An item with where it stands."""

    id: str
    job_id: str
    position: int
    attempt: int
    state: ItemState
    item: Item


@dataclass(frozen=True)
class Transition:
    """A change of state that was asked for. `attempt` is the number the item goes on with."""

    item_id: str
    was: ItemState
    becomes: ItemState
    attempt: int
    reason_code: str | None = None
    reason_message: str | None = None
    conversation_id: str | None = None


def owed_items(
    connection: Connection, job_id: str, shard: int, after: int = -1, limit: int | None = None
) -> list[OwedItem]:
    """The items of a shard that are planned and not done, by position, from the one after `after`."""
    c = batch_items.c
    query = (
        select(c.id, c.job_id, c.position, c.attempt, c.state, c.plan)
        .where(c.job_id == job_id, c.shard == shard, c.state == ItemState.PLANNED.value, c.position > after)
        .order_by(c.position)
        .limit(limit)
    )
    return [
        OwedItem(row.id, row.job_id, row.position, row.attempt, ItemState(row.state), Item.model_validate(row.plan))
        for row in connection.execute(query)
    ]


def has_items_under_way(connection: Connection, job_id: str, shard: int) -> bool:
    """Whether an item of the shard is generating."""
    c = batch_items.c
    query = select(c.id).where(c.job_id == job_id, c.shard == shard, c.state == ItemState.GENERATING.value).limit(1)
    return connection.execute(query).first() is not None


def prompt_counts(connection: Connection, job_id: str) -> dict[tuple[str, str, str], int]:
    """How many items of the job have the same template, arc and persona, by these three."""
    c = batch_items.c
    template = c.plan["template"].as_string()
    query = select(template, c.arc, c.persona, func.count()).where(c.job_id == job_id)
    rows = connection.execute(query.group_by(template, c.arc, c.persona))
    return {(name, arc, persona): count for name, arc, persona, count in rows}


@dataclass(frozen=True)
class OwedShard:
    """A shard with something owed, and the first item in it to name it by."""

    number: int
    items: int
    persona: str
    arc: str
    topic: str
    slot: int


def owed_shards(connection: Connection, job_id: str) -> list[OwedShard]:
    """The shards that still owe something, with how much and what stands first in each."""
    c = batch_items.c
    owed = (
        select(c.shard, func.count().label("owed"), func.min(c.position).label("first"))
        .where(c.job_id == job_id, c.state == ItemState.PLANNED.value)
        .group_by(c.shard)
        .subquery()
    )
    query = (
        select(owed.c.shard, owed.c.owed, c.persona, c.arc, c.topic, c.slot)
        .join(owed, (c.position == owed.c.first) & (c.job_id == job_id))
        .order_by(owed.c.shard)
    )
    return [OwedShard(*row) for row in connection.execute(query)]


def apply_transition(connection: Connection, transition: Transition) -> bool:
    """Carry out a change of state if the item is still where it was; false if it is not.

    Raises ValueError for a change that the table of states does not know.
    """
    if transition.becomes not in FOLLOWS[transition.was]:
        raise ValueError(f"an item that is {transition.was} cannot become {transition.becomes}")
    now = utc_now()
    values: dict[str, object] = {
        "state": transition.becomes.value,
        "attempt": transition.attempt,
        "reason_code": transition.reason_code,
        "reason_message": transition.reason_message,
        "updated_at": now,
    }
    if transition.conversation_id is not None:
        values["conversation_id"] = transition.conversation_id
    result = connection.execute(
        update(batch_items)
        .where(batch_items.c.id == transition.item_id, batch_items.c.state == transition.was.value)
        .values(**values)
    )
    if result.rowcount != 1:
        return False
    connection.execute(
        insert(item_transitions).values(
            item_id=transition.item_id,
            from_state=transition.was.value,
            to_state=transition.becomes.value,
            attempt=transition.attempt,
            reason_code=transition.reason_code,
            reason_message=transition.reason_message,
            at=now,
        )
    )
    return True


def move_all(
    connection: Connection,
    job_id: str,
    was: Sequence[ItemState],
    becomes: ItemState,
    reason_code: str | None = None,
    reason_message: str | None = None,
) -> int:
    """Move every item of the job that is in one of the states; how many were moved."""
    c = batch_items.c
    query = select(c.id, c.state, c.attempt).where(c.job_id == job_id, c.state.in_([state.value for state in was]))
    moved = 0
    for item_id, state, attempt in connection.execute(query).all():
        moved += apply_transition(
            connection, Transition(item_id, ItemState(state), becomes, attempt, reason_code, reason_message)
        )
    return moved
