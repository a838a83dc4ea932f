"""Items in the store: what is owed, and every change of state as a conditional update with a row of its own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Integer, String, bindparam, func, insert, or_, select, update

from brightrun.errors import StoreError
from brightrun.items import Item
from brightrun.lessons import LESSON_CODES, Lesson
from brightrun.store.jobs import utc_now
from brightrun.store.states import FOLLOWS, ItemState, Purpose
from brightrun.store.tables import (
    Said,
    UtcTime,
    batch_items,
    conversations,
    generations,
    item_transitions,
)

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
    lessons: tuple[Lesson, ...] = ()
    """Why earlier attempts were not used, the newest first."""


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
    with_conversation: bool = False
    """The conversation of the attempt becomes the item's; else it stays with the one it has."""
    of_attempt: int | None = None
    holder: str | None = None
    """The worker that asks for it: nothing happens where another one holds the item."""
    goes_on: bool = False
    """The worker goes on with the item; else it is free for others. One that generates is always the worker's."""
    asked_by: str | None = None
    """Who asked for it, where somebody did and it does not follow from the job."""

    @property
    def change(self) -> tuple[object, ...]:
        """What several items can have done to them together."""
        return (
            self.was,
            self.becomes,
            self.attempt,
            self.reason_code,
            self.reason_message,
            self.with_conversation,
            self.of_attempt,
            self.holder,
            self.goes_on,
            self.asked_by,
        )


@dataclass(frozen=True)
class Standing:
    """Where an item stands."""

    state: ItemState
    attempt: int
    holder: str | None

    def allows(self, transition: Transition) -> bool:
        """Whether the item is still where the change begins, and with whom."""
        is_there = self.state == transition.was and transition.of_attempt in (None, self.attempt)
        return is_there and transition.holder in (None, self.holder)


def owed_items(
    connection: Connection,
    job_id: str,
    shard: int,
    after: int = -1,
    limit: int | None = None,
    holder: str | None = None,
) -> list[OwedItem]:
    """The items of a shard that are planned and not done, by position, from the one after `after`.

    With `holder` those that are leased to it.
    """
    c, g = batch_items.c, generations.c
    calls = select(func.coalesce(func.max(g.call), 0)).where(
        g.item_id == c.id, g.attempt == c.attempt, g.purpose == Purpose.WRITE.value
    )
    query = (
        select(c.id, c.job_id, c.position, c.attempt, c.plan, calls.scalar_subquery().label("calls"))
        .where(c.job_id == job_id, c.shard == shard, c.state == ItemState.PLANNED.value, c.position > after)
        .order_by(c.position)
        .limit(limit)
    )
    if holder is not None:
        query = query.where(c.leased_by == holder)
    rows = connection.execute(query).all()
    learnt = _lessons(connection, [row.id for row in rows if row.attempt > 1])
    return [
        OwedItem(item_id, job, position, attempt, Item.model_validate(plan), calls + 1, tuple(learnt.get(item_id, ())))
        for item_id, job, position, attempt, plan, calls in rows
    ]


def _lessons(connection: Connection, item_ids: Sequence[str]) -> dict[str, list[Lesson]]:
    """What can be learnt from earlier attempts at these items, the newest first."""
    t = item_transitions.c
    query = (
        select(t.item_id, t.reason_code, t.reason_message)
        .where(t.item_id.in_(item_ids), t.to_state == ItemState.PLANNED.value, t.reason_code.in_(sorted(LESSON_CODES)))
        .order_by(t.id.desc())
    )
    lessons: dict[str, list[Lesson]] = {}
    for item_id, code, message in connection.execute(query) if item_ids else ():
        lessons.setdefault(item_id, []).append(Lesson(code, message or ""))
    return lessons


def has_items_under_way(connection: Connection, job_id: str, shard: int) -> bool:
    """Whether an item of the shard is generating."""
    c = batch_items.c
    query = select(c.id).where(c.job_id == job_id, c.shard == shard, c.state == ItemState.GENERATING.value).limit(1)
    return connection.execute(query).first() is not None


def prompt_counts(connection: Connection, job_id: str) -> dict[tuple[str, str, str], int]:
    """How many items of the job have the same template, arc and persona, by these three."""
    c = batch_items.c
    query = select(c.template, c.arc, c.persona, func.count()).where(c.job_id == job_id)
    rows = connection.execute(query.group_by(c.template, c.arc, c.persona))
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


def owed_shards(
    connection: Connection, job_id: str, state: ItemState = ItemState.PLANNED, *where: ColumnElement[bool]
) -> list[OwedShard]:
    """The shards that still owe something, or have items in `state`: how many, and what stands first in each.

    With `where` only items that meet all of it are counted.
    """
    c = batch_items.c
    owed = (
        select(c.shard, func.count().label("owed"), func.min(c.position).label("first"))
        .where(c.job_id == job_id, c.state == state.value, *where)
        .group_by(c.shard)
        .subquery()
    )
    query = (
        select(owed.c.shard, owed.c.owed, c.persona, c.arc, c.topic, c.slot)
        .join(owed, (c.shard == owed.c.shard) & (c.position == owed.c.first))
        .where(c.job_id == job_id, c.state == state.value)
        .order_by(owed.c.shard)
    )
    return [OwedShard(*row) for row in connection.execute(query)]


def is_free(held_by: Collection[str]) -> ColumnElement[bool]:
    """Whether none of these workers holds the item."""
    holder = batch_items.c.leased_by
    return or_(holder.is_(None), holder.not_in(sorted(held_by)))


_MINE = (
    batch_items.c.id.in_(bindparam("items", expanding=True)),
    batch_items.c.state == bindparam("was", type_=String),
    or_(
        bindparam("of_attempt", type_=Integer).is_(None),
        batch_items.c.attempt == bindparam("of_attempt", type_=Integer),
    ),
    or_(
        bindparam("holder", type_=String).is_(None),
        batch_items.c.leased_by == bindparam("holder", type_=String),
    ),
)
"""Those of some items that are where a change begins, and with whom."""

_ATTEMPTS_CONVERSATION = (
    select(conversations.c.id)
    .where(conversations.c.item_id == batch_items.c.id, conversations.c.attempt == bindparam("attempt", type_=Integer))
    .scalar_subquery()
)
_MOVED = {
    "state": bindparam("becomes", type_=String),
    "attempt": bindparam("attempt", type_=Integer),
    "reason_code": bindparam("reason_code", type_=String),
    "reason_message": bindparam("reason_message", type_=Said),
    "leased_by": bindparam("stays_with", type_=String),
    "updated_at": bindparam("now", type_=UtcTime),
}
_READY = select(func.count()).select_from(batch_items).where(*_MINE)
_MOVE = update(batch_items).where(*_MINE).values(_MOVED)
_MOVE_WITH_CONVERSATION = _MOVE.values(conversation_id=_ATTEMPTS_CONVERSATION)
_NOTE = insert(item_transitions).from_select(
    ["item_id", "from_state", "to_state", "attempt", "reason_code", "reason_message", "actor", "at"],
    select(
        batch_items.c.id,
        bindparam("was", type_=String),
        bindparam("becomes", type_=String),
        bindparam("attempt", type_=Integer),
        bindparam("reason_code", type_=String),
        bindparam("reason_message", type_=Said),
        bindparam("asked_by", type_=String),
        bindparam("now", type_=UtcTime),
    ).where(batch_items.c.id.in_(bindparam("items", expanding=True))),
)
_STANDING = (
    select(batch_items.c.id, batch_items.c.state, batch_items.c.attempt, batch_items.c.leased_by)
    .where(batch_items.c.id.in_(bindparam("items", expanding=True)))
    .with_for_update()
)


def apply_transition(connection: Connection, transition: Transition) -> bool:
    """Carry out a change of state if the item is still where it was; false if it is not.

    Raises ValueError for a change that the table of states does not know.
    """
    return bool(_move(connection, transition, [transition.item_id]))


def apply_transitions(connection: Connection, transitions: Sequence[Transition]) -> list[bool]:
    """Carry out changes of state, in their order, each if its item is still where it was: which were.

    Raises ValueError for a change that the table of states does not know, StoreError where somebody else moved an
    item between this transaction's look and its change.
    """
    if len({transition.item_id for transition in transitions}) < len(transitions):  # one may depend on another
        return [apply_transition(connection, transition) for transition in transitions]
    alike: dict[tuple[object, ...], list[Transition]] = {}
    for transition in transitions:
        alike.setdefault(transition.change, []).append(transition)
    moved: set[str] = set()
    for group in alike.values():
        moved |= _move(connection, group[0], [transition.item_id for transition in group])
    return [transition.item_id in moved for transition in transitions]


def _move(connection: Connection, change: Transition, item_ids: list[str]) -> set[str]:
    """Carry out the same change for several items with statements that take them all: which were moved.

    A row at a time would cost several times as much, most of it in passing the interpreter's lock to and fro.
    """
    if change.becomes not in FOLLOWS[change.was]:
        raise ValueError(f"an item that is {change.was} cannot become {change.becomes}")
    values = {
        "items": item_ids,
        "was": change.was.value,
        "of_attempt": change.of_attempt,
        "holder": change.holder,
        "stays_with": change.holder if change.goes_on or change.becomes is ItemState.GENERATING else None,
        "becomes": change.becomes.value,
        "attempt": change.attempt,
        "reason_code": change.reason_code,
        "reason_message": change.reason_message,
        "asked_by": change.asked_by,
        "now": utc_now(),
    }
    is_one = len(item_ids) == 1
    if not is_one and connection.execute(_READY, values).scalar_one() < len(item_ids):
        standing = standings(connection, item_ids)
        item_ids = [item_id for item_id in item_ids if item_id in standing and standing[item_id].allows(change)]
        values["items"] = item_ids
    if not item_ids:
        return set()
    moved = connection.execute(_MOVE_WITH_CONVERSATION if change.with_conversation else _MOVE, values).rowcount
    if is_one and not moved:
        return set()
    if moved != len(item_ids):
        raise StoreError(f"{len(item_ids)} items were to be moved and {moved} were; somebody else moves them.")
    connection.execute(_NOTE, values)
    return set(item_ids)


def standings(connection: Connection, item_ids: Sequence[str]) -> dict[str, Standing]:
    """Where these items stand; nobody else moves them before this transaction ends."""
    rows = connection.execute(_STANDING, {"items": list(item_ids)})
    return {item_id: Standing(ItemState(state), attempt, holder) for item_id, state, attempt, holder in rows}


def move_all(
    connection: Connection,
    job_id: str,
    was: Sequence[ItemState],
    becomes: ItemState,
    reason_code: str | None = None,
    reason_message: str | None = None,
    because: str | None = None,
) -> int:
    """Move every item of the job that is in one of the states, with `because` for that reason; how many were moved."""
    c = batch_items.c
    query = select(c.id, c.state, c.attempt).where(c.job_id == job_id, c.state.in_([state.value for state in was]))
    if because is not None:
        query = query.where(c.reason_code == because)
    transitions = [
        Transition(item_id, ItemState(state), becomes, attempt, reason_code, reason_message)
        for item_id, state, attempt in connection.execute(query).all()
    ]
    pages = (transitions[start : start + MOVED_AT_ONCE] for start in range(0, len(transitions), MOVED_AT_ONCE))
    return sum(sum(apply_transitions(connection, page)) for page in pages)
