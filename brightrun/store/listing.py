"""Items of a job by what they are, where they stand and why: for listing, and for trying again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from brightrun.errors import RequestError
from brightrun.items import Item
from brightrun.store.states import ItemState
from brightrun.store.tables import batch_items
from brightrun.yaml_source import nearest

SHOWN_VALUES = 12


@dataclass(frozen=True)
class ItemFilter:
    """Which items of a job are meant: those that have one of the values in each field that names any."""

    state: tuple[str, ...] = ()
    reason: tuple[str, ...] = ()
    persona: tuple[str, ...] = ()
    arc: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    item: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not any(getattr(self, field.name) for field in fields(self))


_COLUMNS = {
    "state": batch_items.c.state,
    "reason": batch_items.c.reason_code,
    "persona": batch_items.c.persona,
    "arc": batch_items.c.arc,
    "topic": batch_items.c.topic,
    "item": batch_items.c.id,
}


@dataclass(frozen=True)
class ListedItem:
    """An item, where it stands, and why."""

    id: str
    item: Item
    state: ItemState
    attempt: int
    reason_code: str | None
    reason_message: str | None
    conversation_id: str | None
    updated_at: datetime


def listed_items(
    connection: Connection, job_id: str, wanted: ItemFilter = ItemFilter(), limit: int | None = None
) -> list[ListedItem]:
    """The items that are meant, in the order of the job.

    Raises RequestError for a value that no item of the job has: a misspelt filter never means everything, or nothing.
    """
    _check(connection, job_id, wanted)
    i = batch_items.c
    query = (
        select(i.id, i.plan, i.state, i.attempt, i.reason_code, i.reason_message, i.conversation_id, i.updated_at)
        .where(*_conditions(job_id, wanted))
        .order_by(i.position)
        .limit(limit)
    )
    return [
        ListedItem(
            row.id,
            Item.model_validate(row.plan),
            ItemState(row.state),
            row.attempt,
            row.reason_code,
            row.reason_message,
            row.conversation_id,
            row.updated_at,
        )
        for row in connection.execute(query)
    ]


def item_json(listed: ListedItem) -> dict[str, Any]:
    """The item as the commands print it, its exact parameters under `plan`."""
    cell = listed.item.cell
    return {
        "item_id": listed.id,
        "persona": cell.persona,
        "arc": cell.arc,
        "topic": cell.topic,
        "slot": listed.item.slot,
        "state": listed.state.value,
        "attempt": listed.attempt,
        "reason": listed.reason_code,
        "message": listed.reason_message,
        "conversation_id": listed.conversation_id,
        "updated_at": listed.updated_at.isoformat(),
        "plan": listed.item.model_dump(mode="json"),
    }


def _conditions(job_id: str, wanted: ItemFilter) -> list[ColumnElement[bool]]:
    meant = [batch_items.c.job_id == job_id]
    meant += [column.in_(values) for name, column in _COLUMNS.items() if (values := getattr(wanted, name))]
    return meant


def _check(connection: Connection, job_id: str, wanted: ItemFilter) -> None:
    for name, column in _COLUMNS.items():
        values: Sequence[str] = getattr(wanted, name)
        if not values:
            continue
        if name == "state":
            known = [state.value for state in ItemState]
        else:
            query = select(column).distinct().where(batch_items.c.job_id == job_id, column.is_not(None))
            known = sorted(connection.execute(query.order_by(column)).scalars())
        for value in values:
            if value not in known:
                shown = ", ".join(known[:SHOWN_VALUES]) + (", …" if len(known) > SHOWN_VALUES else "")
                there = f"; there are {shown}" if known else "; no item has one"
                raise RequestError(
                    f"--{name} {value}: no item of the job {job_id} has it{nearest(value, known) or there}"
                )
