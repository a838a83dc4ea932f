"""Deleting a job, or its releases: first what would go is told, then rows and files go together.

The rows are deleted in a transaction that is committed when the files are gone: who may not delete them, or whose files
cannot be removed, keeps all of them. Files that went nevertheless are made again by upkeep.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select

from brightrun.actor import actor
from brightrun.errors import JobBusyError, RequestError
from brightrun.joblog import job_log
from brightrun.store.files import BATCH_LOGS, CONVERSATION_FILES, DATA_DOCS, DATASETS, FileStore
from brightrun.store.jobs import Job, get_job, locked, owner_is_alive
from brightrun.store.leases import live_workers
from brightrun.store.outbox import OutboxState
from brightrun.store.tables import batch_items, batch_jobs, conversations, file_outbox, generations, releases
from brightrun.workplace import Workplace


class Part(StrEnum):
    """What of a job is deleted."""

    RELEASES = "releases"
    JOB = "job"
    """All: its conversations, calls and costs, files, log and releases."""


@dataclass(frozen=True)
class Removal:
    """What would go. `in_storage`: how many files of it in Supabase Storage; `bytes` are those on this machine."""

    job_id: str
    part: Part
    is_simulated: bool
    spent_usd: Decimal
    rows: dict[str, int]
    files: tuple[tuple[str, str], ...]
    """Bucket and name of each, here or in Storage."""
    folders: tuple[tuple[str, str], ...] = field(default=())
    """What is removed of this machine as a whole, once the files are gone."""
    bytes: int = 0
    in_storage: int = 0


def removal(here: Workplace, remote: FileStore | None, job_id: str, part: Part) -> Removal:
    """What deleting would remove; nothing is changed. `remote`: Supabase Storage, where it is configured.

    Raises JobUnknownError, JobBusyError, and RequestError for files in a Storage that this configuration does not name.
    """
    with here.database.reading() as connection:
        job = get_job(connection, job_id)
        _check_idle(connection, job)
        rows = {table.name: _count(connection, table.c.job_id == job.id, table) for table in _tables(part)}
        prefixes = _prefixes(connection, job, part)
        sent = _count(
            connection, (file_outbox.c.job_id == job.id) & (file_outbox.c.state == OutboxState.SENT.value), file_outbox
        )
    if sent and remote is None:
        raise RequestError(
            f"{sent} files of {job.id} are in Supabase Storage. Set SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY, so "
            "that they can be removed as well."
        )
    sizes = {(b, file.name): file.bytes for b, prefix in prefixes for file in here.files.listed(b, prefix)}
    there = {(b, file.name) for b, prefix in prefixes for file in (remote.listed(b, prefix) if remote else ())}
    return Removal(
        job_id=job.id,
        part=part,
        is_simulated=job.simulated,
        spent_usd=job.spent_usd,
        rows=rows,
        files=tuple(sorted({*sizes, *there})),
        folders=tuple(prefixes),
        bytes=sum(sizes.values()),
        in_storage=len(there),
    )


def delete_all_of(here: Workplace, remote: FileStore | None, doomed: Removal) -> None:
    """Remove what was told. Raises JobBusyError where somebody took the job up meanwhile, FilesError, StoreError."""
    with here.database.writing() as connection:
        by = actor(connection)
        locked(connection, doomed.job_id)
        _check_idle(connection, get_job(connection, doomed.job_id))
        if doomed.part is Part.JOB:
            connection.execute(delete(batch_jobs).where(batch_jobs.c.id == doomed.job_id))
        else:
            connection.execute(delete(releases).where(releases.c.job_id == doomed.job_id))
            of_releases = (file_outbox.c.job_id == doomed.job_id) & (file_outbox.c.bucket == DATASETS)
            connection.execute(delete(file_outbox).where(of_releases))
        stores: list[FileStore] = [remote] if remote else []
        for store in (*stores, here.files):
            for bucket, name in doomed.files:
                store.delete(bucket, name)
    for bucket, folder in doomed.folders:
        place = here.files.path(bucket, folder)
        shutil.rmtree(place, ignore_errors=True)
        with contextlib.suppress(OSError):
            place.parent.rmdir()  # where nothing else is in it
    if doomed.part is Part.RELEASES:
        with job_log(here.files, doomed.job_id) as log:
            log.info("%s deleted %d releases, %d files", by, doomed.rows["releases"], len(doomed.files))


def _check_idle(connection: Connection, job: Job) -> None:
    if owner_is_alive(job) or live_workers(connection, job.id):
        raise JobBusyError(
            f"The job {job.id} is being worked at. Stop it first: `brightrun cancel {job.id}`. Nothing was deleted."
        )


def _tables(part: Part) -> tuple[Table, ...]:
    return (batch_items, generations, conversations, releases) if part is Part.JOB else (releases,)


def _count(connection: Connection, which: ColumnElement[bool], table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table).where(which)).scalar_one())


def _prefixes(connection: Connection, job: Job, part: Part) -> list[tuple[str, str]]:
    """Where files of the job lie, and nobody else's. Another job may have made the same release."""
    own = select(releases.c.path).where(releases.c.job_id == job.id)
    others = select(releases.c.path).where(releases.c.job_id != job.id, releases.c.path.in_(own))
    shared = set(connection.execute(others).scalars())
    return [*_folders(job, part, sorted(set(connection.execute(own).scalars()) - shared))]


def _folders(job: Job, part: Part, paths: list[str]) -> Iterator[tuple[str, str]]:
    yield from ((DATASETS, f"{path}/") for path in paths)
    yield DATASETS, f"{job.name}/{DATA_DOCS}/{job.id}/"
    if part is Part.JOB:
        yield from ((CONVERSATION_FILES, f"{kind}/{job.id}/") for kind in ("raw", "enriched"))
        yield BATCH_LOGS, f"{job.id}/"
