"""Items in the store: what is owed, and every change of state as a conditional update with a row of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, String, bindparam, func, insert, select, update

from brightrun.errors import StoreError
from brightrun.items import Item
from brightrun.store.jobs import utc_now
from brightrun.store.states import FOLLOWS, ItemState
from brightrun.store.tables import batch_items, generations, item_transitions

MOVED_AT_ONCE = 500
"""So many items are moved by one statement; a database takes only so many parameters."""


@dataclass(frozen=True)
class OwedItem:
    """An item with where it stands."""

    id: str
    job_id: str
    position: int
    attempt: int
    item: Item
    call: int = 1
    """The number of the next call of its attempt."""


@dataclass(frozen=True)
class Transition:
    """A change of state that was asked for. `attempt` is the number the item goes on with.

    With `of_attempt` it is the business of that attempt, and nothing where the item is at another: what a process
    brings that has lost its job meanwhile changes no item that somebody else is at.
    """

    item_id: str
    was: ItemState
    becomes: ItemState
    attempt: int
    reason_code: str | None = None
    reason_message: str | None = None
    conversation_id: str | None = None
    of_attempt: int | None = None


@dataclass(frozen=True)
class Standing:
    """Where an item stands."""

    state: ItemState
    attempt: int

    def allows(self, transition: Transition) -> bool:
        """Whether the item is still where the change begins."""
        return self.state == transition.was and transition.of_attempt in (None, self.attempt)


def owed_items(
    connection: Connection, job_id: str, shard: int, after: int = -1, limit: int | None = None
) -> list[OwedItem]:
    """The items of a shard that are planned and not done, by position, from the one after `after`."""
    c, g = batch_items.c, generations.c
    calls = select(func.coalesce(func.max(g.call), 0)).where(g.item_id == c.id, g.attempt == c.attempt)
    query = (
        select(c.id, c.job_id, c.position, c.attempt, c.plan, calls.scalar_subquery().label("calls"))
        .where(c.job_id == job_id, c.shard == shard, c.state == ItemState.PLANNED.value, c.position > after)
        .order_by(c.position)
        .limit(limit)
    )
    return [
        OwedItem(item_id, job, position, attempt, Item.model_validate(plan), calls + 1)
        for item_id, job, position, attempt, plan, calls in connection.execute(query).all()
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


_MOVE = (
    update(batch_items)
    .where(
        batch_items.c.id == bindparam("item"),
        batch_items.c.state == bindparam("was"),
        batch_items.c.attempt == bindparam("was_at"),
    )
    .values(
        state=bindparam("becomes"),
        attempt=bindparam("goes_on_with"),
        reason_code=bindparam("code"),
        reason_message=bindparam("message"),
        conversation_id=func.coalesce(bindparam("conversation", type_=String), batch_items.c.conversation_id),
        updated_at=bindparam("now"),
    )
)
_NOTE = insert(item_transitions)
_STANDING = (
    select(batch_items.c.id, batch_items.c.state, batch_items.c.attempt)
    .where(batch_items.c.id.in_(bindparam("items", expanding=True)))
    .with_for_update()
)


def apply_transition(connection: Connection, transition: Transition) -> bool:
    """Carry out a change of state if the item is still where it was; false if it is not.

    Raises ValueError for a change that the table of states does not know.
    """
    return apply_transitions(connection, [transition])[0]


def apply_transitions(connection: Connection, transitions: Sequence[Transition]) -> list[bool]:
    """Carry out changes of state, in their order, each if its item is still where it was: which were.

    Raises ValueError for a change that the table of states does not know, StoreError where somebody else moved an
    item between this transaction's look and its change.
    """
    for transition in transitions:
        if transition.becomes not in FOLLOWS[transition.was]:
            raise ValueError(f"an item that is {transition.was} cannot become {transition.becomes}")
    now = utc_now()
    standing = standings(connection, [transition.item_id for transition in transitions])
    made, moves = [], []
    for transition in transitions:
        at = standing.get(transition.item_id)
        made.append(at is not None and at.allows(transition))
        if at is not None and made[-1]:
            moves.append(_move(transition, at.attempt, now))
            standing[transition.item_id] = Standing(transition.becomes, transition.attempt)
    if not moves:
        return made
    moved = connection.execute(_MOVE, moves)
    if moved.rowcount != len(moves):
        raise StoreError(f"{len(moves)} items were to be moved and {moved.rowcount} were; somebody else moves them.")
    notes = [_note(transition, now) for transition, was_made in zip(transitions, made, strict=True) if was_made]
    connection.execute(_NOTE, notes)
    return made


def standings(connection: Connection, item_ids: Sequence[str]) -> dict[str, Standing]:
    """Where these items stand; nobody else moves them before this transaction ends."""
    rows = connection.execute(_STANDING, {"items": list(item_ids)})
    return {item_id: Standing(ItemState(state), attempt) for item_id, state, attempt in rows}


def _move(transition: Transition, attempt: int, now: datetime) -> dict[str, object]:
    return {
        "item": transition.item_id,
        "was": transition.was.value,
        "was_at": attempt,
        "becomes": transition.becomes.value,
        "goes_on_with": transition.attempt,
        "code": transition.reason_code,
        "message": transition.reason_message,
        "conversation": transition.conversation_id,
        "now": now,
    }


def _note(transition: Transition, now: datetime) -> dict[str, object]:
    return {
        "item_id": transition.item_id,
        "from_state": transition.was.value,
        "to_state": transition.becomes.value,
        "attempt": transition.attempt,
        "reason_code": transition.reason_code,
        "reason_message": transition.reason_message,
        "at": now,
    }


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
    transitions = [
        Transition(item_id, ItemState(state), becomes, attempt, reason_code, reason_message)
        for item_id, state, attempt in connection.execute(query).all()
    ]
    pages = (transitions[start : start + MOVED_AT_ONCE] for start in range(0, len(transitions), MOVED_AT_ONCE))
    return sum(sum(apply_transitions(connection, page)) for page in pages)
