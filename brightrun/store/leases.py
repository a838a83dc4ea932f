"""Leases: several workers share the items of a job, and none has what another holds.

A worker signs in, and says every few seconds that it is there. What it takes is leased to it for as long as it is heard
of; then whoever wants may take it. An item changes state only by its holder, so what comes late from a worker that lost
its lease changes nothing (fencing); the ledger keeps what it brings all the same.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from brightrun.store.items import is_free
from brightrun.store.jobs import LEASE_S, Job, is_gone, owner_is_alive, this_process, utc_now
from brightrun.store.states import GenerationState, ItemState
from brightrun.store.tables import batch_items, generations, workers

LEASED_AT_ONCE = 48
"""So many items a worker takes at once from a shard. Each time costs a transaction; what it holds, nobody else has."""

AT_WORK = (ItemState.PLANNED, ItemState.GENERATING, ItemState.UNDECIDED)
"""States of items that somebody may be at."""


def sign_in(connection: Connection, job_id: str, flow_run_id: str | None = None) -> str:
    """A new worker of the job: its id, which no other worker ever has."""
    now = utc_now()
    worker = f"{this_process()}/{secrets.token_hex(6)}"
    connection.execute(
        insert(workers).values(id=worker, job_id=job_id, flow_run_id=flow_run_id, started_at=now, heartbeat_at=now)
    )
    return worker


def sign_off(connection: Connection, worker: str) -> None:
    """The worker is done: what it held is free."""
    release(connection, worker)
    connection.execute(delete(workers).where(workers.c.id == worker))


def renew(connection: Connection, job_id: str, worker: str) -> None:
    """Say that the worker is there, also where it was taken for dead: what it lost meanwhile has another holder."""
    now = utc_now()
    renewed = connection.execute(update(workers).where(workers.c.id == worker).values(heartbeat_at=now))
    if not renewed.rowcount:
        connection.execute(insert(workers).values(id=worker, job_id=job_id, started_at=now, heartbeat_at=now))


def live_workers(connection: Connection, job_id: str) -> frozenset[str]:
    """The workers of the job that were heard of lately, and are no dead processes of this host."""
    recent = workers.c.heartbeat_at >= utc_now() - timedelta(seconds=LEASE_S)
    found = connection.execute(select(workers.c.id).where(workers.c.job_id == job_id, recent)).scalars()
    return frozenset(worker for worker in found if not is_gone(worker.partition("/")[0]))


def is_worked_at(connection: Connection, job: Job) -> bool:
    """Whether somebody leads the job or helps with it, as far as can be told from here."""
    return owner_is_alive(job) or bool(live_workers(connection, job.id))


def dead_workers(connection: Connection, job_id: str) -> dict[str, str | None]:
    """Workers that were not heard of for longer than a lease, with their flow runs."""
    live = live_workers(connection, job_id)
    known = connection.execute(select(workers.c.id, workers.c.flow_run_id).where(workers.c.job_id == job_id))
    return {row.id: row.flow_run_id for row in known if row.id not in live}


def forget_the_dead(connection: Connection, job_id: str) -> list[str]:
    """Sign off the dead; their flow runs."""
    dead = dead_workers(connection, job_id)
    for worker in dead:
        sign_off(connection, worker)
    return [run for run in dead.values() if run]


def take(
    connection: Connection, worker: str, job_id: str, shard: int, state: ItemState, where: ColumnElement[bool]
) -> int:
    """Lease items of a shard that are in this state and meet `where` and that nobody holds; how many.

    Two that take at the same time pass each other by: what one has locked is skipped by the other.
    """
    i = batch_items.c
    live = live_workers(connection, job_id)
    free = (
        select(i.id)
        .where(i.job_id == job_id, i.shard == shard, i.state == state.value, is_free(live), where)
        .order_by(i.position)
        .limit(LEASED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    ids = list(connection.execute(free).scalars())
    if ids:
        connection.execute(update(batch_items).where(i.id.in_(ids)).values(leased_by=worker))
    return len(ids)


def take_from_others(connection: Connection, worker: str, job_id: str, state: ItemState) -> int:
    """Lease half of what other live workers hold in this state and have not begun, the last of the job first: how many.

    Nobody loses a single item, so that it does not go to and fro between those who wait. Who held them learns of it
    when it is about to send: an intent needs the lease.
    """
    i, g = batch_items.c, generations.c
    others = live_workers(connection, job_id) - {worker}
    if not others:
        return 0
    begun = select(g.id).where(g.item_id == i.id, g.state == GenerationState.OPEN.value).exists()
    waiting = (
        select(i.id)
        .where(i.job_id == job_id, i.state == state.value, i.leased_by.in_(sorted(others)), ~begun)
        .order_by(i.position.desc())
        .with_for_update(skip_locked=True)
    )
    ids = list(connection.execute(waiting).scalars())
    ids = ids[: min(len(ids) // 2, LEASED_AT_ONCE)]
    if ids:
        connection.execute(update(batch_items).where(i.id.in_(ids)).values(leased_by=worker))
    return len(ids)


def release(connection: Connection, worker: str, shard: int | None = None) -> None:
    """Give back what the worker holds and has not begun; what is on its way is for whoever takes it over."""
    i = batch_items.c
    begun = i.state == ItemState.GENERATING.value
    mine = update(batch_items).where(i.leased_by == worker, ~begun)
    if shard is not None:
        mine = mine.where(i.shard == shard)
    connection.execute(mine.values(leased_by=None))


def held_by_others(connection: Connection, job_id: str, worker: str) -> int:
    """How many items of the job other workers are at, as far as these can be heard of."""
    i = batch_items.c
    others = live_workers(connection, job_id) - {worker}
    if not others:
        return 0
    held = (
        select(func.count())
        .select_from(batch_items)
        .where(i.job_id == job_id, i.state.in_([state.value for state in AT_WORK]), i.leased_by.in_(sorted(others)))
    )
    return int(connection.execute(held).scalar_one())
