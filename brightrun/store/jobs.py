"""Jobs: made once by content, owned by one process at a time, counted by queries."""

from __future__ import annotations

import json
import os
import socket
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping, case, func, insert, or_, select, update

from brightrun.errors import JobUnknownError
from brightrun.items import Item
from brightrun.store.inserts import insert_many, insert_new
from brightrun.store.states import ItemState, JobStatus
from brightrun.store.tables import batch_items, batch_jobs, releases
from brightrun.yaml_source import nearest

LEASE_S = 30
"""A job whose owner has not been heard of for this long may be taken over."""


@dataclass(frozen=True)
class Job:
    """A job as the store knows it."""

    id: str
    name: str
    identity: str
    run_number: int
    status: JobStatus
    message: str | None
    spec: dict[str, Any]
    spec_origin: str
    catalog_hash: str
    prompt_version: str
    code_version: str
    simulated: bool
    budget_usd: Decimal
    spent_usd: Decimal
    reserved_usd: Decimal
    flow_run_id: str | None
    owner: str | None
    heartbeat_at: datetime | None
    cancel_requested_at: datetime | None
    created_at: datetime


@dataclass(frozen=True)
class NewJob:
    """What a job is made of."""

    id: str
    name: str
    identity: str
    run_number: int
    spec: dict[str, Any]
    spec_origin: str
    catalog_hash: str
    catalog_json: str
    prompt_version: str
    code_version: str
    simulated: bool
    budget_usd: Decimal
    actor: str


_COLUMNS = [batch_jobs.c[name] for name in Job.__dataclass_fields__]


def utc_now() -> datetime:
    return datetime.now(UTC)


def this_process() -> str:
    """How this process signs what it owns: host and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


def create_job(connection: Connection, job: NewJob, items: Sequence[tuple[str, int, Item]]) -> None:
    """Write a job and its items (id, shard, item) in one transaction."""
    now = utc_now()
    connection.execute(
        insert(batch_jobs).values(
            id=job.id,
            name=job.name,
            identity=job.identity,
            run_number=job.run_number,
            status=JobStatus.PLANNED.value,
            spec=job.spec,
            spec_origin=job.spec_origin,
            catalog_hash=job.catalog_hash,
            catalog=zlib.compress(job.catalog_json.encode(), 6),
            prompt_version=job.prompt_version,
            code_version=job.code_version,
            simulated=job.simulated,
            budget_usd=job.budget_usd,
            spent_usd=Decimal(0),
            reserved_usd=Decimal(0),
            created_at=now,
            updated_at=now,
            actor=job.actor,
        )
    )
    rows = [
        {
            "id": item_id,
            "job_id": job.id,
            "key": item.key,
            "position": position,
            "shard": shard,
            "persona": item.cell.persona,
            "arc": item.cell.arc,
            "topic": item.cell.topic,
            "slot": item.slot,
            "template": item.template,
            "plan": item,
            "state": ItemState.PLANNED.value,
            "attempt": 1,
            "updated_at": now,
        }
        for position, (item_id, shard, item) in enumerate(items)
    ]
    insert_many(connection, batch_items, rows)


def latest_job(connection: Connection, identity: str) -> Job | None:
    """The newest job of this identity."""
    query = select(*_COLUMNS).where(batch_jobs.c.identity == identity).order_by(batch_jobs.c.run_number.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    return _job(row) if row else None


def get_job(connection: Connection, job_id: str) -> Job:
    """The job of this id, or of the only id that begins so. Raises JobUnknownError naming the nearest."""
    row = connection.execute(select(*_COLUMNS).where(batch_jobs.c.id == job_id)).mappings().first()
    if row:
        return _job(row)
    ids = list(connection.execute(select(batch_jobs.c.id).order_by(batch_jobs.c.created_at.desc())).scalars())
    beginning = [known for known in ids if known.startswith(job_id)]
    if len(beginning) == 1:
        return get_job(connection, beginning[0])
    if beginning:
        raise JobUnknownError(f"`{job_id}` is the beginning of {len(beginning)} jobs: {', '.join(beginning[:5])}")
    there = f"; there are {', '.join(ids[:5])}" if ids else "; no job has been built yet"
    raise JobUnknownError(f"There is no job `{job_id}`{nearest(job_id, ids) or there}")


def list_jobs(connection: Connection, limit: int = 50) -> list[Job]:
    """The newest jobs first."""
    query = select(*_COLUMNS).order_by(batch_jobs.c.created_at.desc(), batch_jobs.c.id).limit(limit)
    return [_job(row) for row in connection.execute(query).mappings()]


def catalog_json(connection: Connection, job_id: str) -> dict[str, Any]:
    """The catalog as it was when the job was planned."""
    packed = connection.execute(select(batch_jobs.c.catalog).where(batch_jobs.c.id == job_id)).scalar_one()
    data: dict[str, Any] = json.loads(zlib.decompress(packed))
    return data


def claim_job(connection: Connection, job_id: str, owner: str, flow_run_id: str | None) -> bool:
    """Take the job for `owner`; false if another process that is alive has it."""
    now = utc_now()
    current = owner_of(connection, job_id)
    free = [
        batch_jobs.c.owner.is_(None),
        batch_jobs.c.owner == owner,
        batch_jobs.c.heartbeat_at < now - timedelta(seconds=LEASE_S),
    ]
    if current and is_gone(current):
        free.append(batch_jobs.c.owner == current)
    result = connection.execute(
        update(batch_jobs)
        .where(batch_jobs.c.id == job_id, or_(*free))
        .values(
            owner=owner,
            heartbeat_at=now,
            flow_run_id=func.coalesce(flow_run_id, batch_jobs.c.flow_run_id),
            status=JobStatus.RUNNING.value,
            cancel_requested_at=None,
            cancel_requested_by=None,
            message=None,
            updated_at=now,
        )
    )
    return result.rowcount == 1


def owner_of(connection: Connection, job_id: str) -> str | None:
    """Who works at the job; None: nobody."""
    owner: str | None = connection.execute(select(batch_jobs.c.owner).where(batch_jobs.c.id == job_id)).scalar_one()
    return owner


def owner_is_alive(job: Job) -> bool:
    """Whether somebody is at work on the job, as far as can be told from here."""
    if job.owner is None or job.heartbeat_at is None:
        return False
    fresh = job.heartbeat_at >= utc_now() - timedelta(seconds=LEASE_S)
    return fresh and not is_gone(job.owner)


def heartbeat(connection: Connection, job_id: str, owner: str) -> bool:
    """Renew the lease; false if the job is somebody else's by now."""
    renewed = connection.execute(
        update(batch_jobs).where(batch_jobs.c.id == job_id, batch_jobs.c.owner == owner).values(heartbeat_at=utc_now())
    )
    return renewed.rowcount == 1


def finish_job(connection: Connection, job_id: str, owner: str, status: JobStatus, message: str | None) -> None:
    """Give the job up in its final status."""
    connection.execute(
        update(batch_jobs)
        .where(batch_jobs.c.id == job_id, batch_jobs.c.owner == owner)
        .values(status=status.value, message=message, owner=None, heartbeat_at=None, updated_at=utc_now())
    )


def locked(connection: Connection, job_id: str) -> bool:
    """Keep others from claiming the job or signing in until this transaction ends; whether there is such a job."""
    row = select(batch_jobs.c.id).where(batch_jobs.c.id == job_id).with_for_update()
    return connection.execute(row).first() is not None


def crash_job(connection: Connection, job_id: str, message: str) -> None:
    """Give up a job for its process, which is gone."""
    connection.execute(
        update(batch_jobs)
        .where(batch_jobs.c.id == job_id)
        .values(status=JobStatus.CRASHED.value, message=message, owner=None, heartbeat_at=None, updated_at=utc_now())
    )


def adopt_spec(connection: Connection, job_id: str, spec: dict[str, Any], budget_usd: Decimal, by: str) -> None:
    """Give the job what a spec may change without changing what is generated: budget, quality, export, speed."""
    connection.execute(
        update(batch_jobs)
        .where(batch_jobs.c.id == job_id)
        .values(spec=spec, budget_usd=budget_usd, spec_changed_by=by, updated_at=utc_now())
    )


def request_cancel(connection: Connection, job_id: str, by: str) -> None:
    """Ask whoever works at the job to stop; `by` is who asks."""
    now = utc_now()
    asked = update(batch_jobs).where(batch_jobs.c.id == job_id)
    connection.execute(asked.values(cancel_requested_at=now, cancel_requested_by=by, updated_at=now))


def cancel_requested(connection: Connection, job_id: str) -> bool:
    query = select(batch_jobs.c.cancel_requested_at).where(batch_jobs.c.id == job_id)
    return connection.execute(query).scalar_one_or_none() is not None


def state_counts(connection: Connection, job_id: str) -> dict[ItemState, int]:
    """Items of the job by state; states nobody is in are 0. Counted one by one, which is faster than in groups."""
    of_job = select(func.count()).where(batch_items.c.job_id == job_id)
    counts = [of_job.where(batch_items.c.state == state.value).scalar_subquery() for state in ItemState]
    return dict(zip(ItemState, connection.execute(select(*counts)).one(), strict=True))


def reason_counts(connection: Connection, job_id: str) -> dict[str, int]:
    """Items that are not accepted, by reason code."""
    query = (
        select(batch_items.c.reason_code, func.count())
        .where(batch_items.c.job_id == job_id, batch_items.c.reason_code.is_not(None))
        .where(batch_items.c.state != ItemState.ACCEPTED.value)
        .group_by(batch_items.c.reason_code)
        .order_by(batch_items.c.reason_code)
    )
    return {str(code): count for code, count in connection.execute(query)}


@dataclass(frozen=True)
class CellCoverage:
    """What one cell was owed and got, and why not more."""

    persona: str
    arc: str
    topic: str
    owed: int
    accepted: int
    reasons: tuple[str, ...]

    @property
    def is_short(self) -> bool:
        """Whether it has fewer conversations than it was owed."""
        return self.accepted < self.owed


def coverage(connection: Connection, job_id: str) -> list[CellCoverage]:
    """Every cell of the job with its quota and what it has."""
    c = batch_items.c
    accepted = func.sum(case((c.state == ItemState.ACCEPTED.value, 1), else_=0))
    query = (
        select(c.persona, c.arc, c.topic, func.count(), accepted)
        .where(c.job_id == job_id)
        .group_by(c.persona, c.arc, c.topic)
        .order_by(c.arc, c.persona, c.topic)
    )
    cells = connection.execute(query).all()
    why = select(c.persona, c.arc, c.topic, c.reason_code).where(
        c.job_id == job_id, c.state != ItemState.ACCEPTED.value, c.reason_code.is_not(None)
    )
    reasons: dict[tuple[str, str, str], set[str]] = {}
    for persona, arc, topic, reason in connection.execute(why):
        reasons.setdefault((persona, arc, topic), set()).add(reason)
    return [
        CellCoverage(p, a, t, int(owed), int(got), tuple(sorted(reasons.get((p, a, t), ()))))
        for p, a, t, owed, got in cells
    ]


def record_release(connection: Connection, job_id: str, version: str, path: str, files: list[dict[str, Any]]) -> None:
    """Write down a release once; the same version again is the same release."""
    release = {"job_id": job_id, "version": version, "path": path, "files": files, "at": utc_now()}
    insert_new(connection, releases, [release])


def latest_release(connection: Connection, job_id: str) -> dict[str, Any] | None:
    """Version, path and files of the job's newest release."""
    query = (
        select(releases.c.version, releases.c.path, releases.c.files)
        .where(releases.c.job_id == job_id)
        .order_by(releases.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().first()
    return dict(row) if row else None


def _job(row: RowMapping) -> Job:
    return Job(**{**row, "status": JobStatus(row["status"])})


def is_gone(process: str) -> bool:
    """True only if `process` (host and process id) was one of this host, and is no more."""
    host, _, pid = process.rpartition(":")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
