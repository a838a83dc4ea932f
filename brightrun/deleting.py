"""Deleting a job, or its releases: first what would go is told, then rows and files go together.

The rows are deleted in a transaction that is committed when the files are gone: who may not delete them, or whose files
cannot be removed, keeps all of them. Files that went nevertheless are made again by upkeep.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from operator import itemgetter

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select

from brightrun.actor import actor
from brightrun.errors import JobBusyError, RequestError
from brightrun.joblog import note
from brightrun.store.files import (
    BATCH_LOGS,
    CONVERSATION_FILES,
    DATASETS,
    FileStore,
    StoredFile,
    conversation_folders,
    data_docs_folder,
)
from brightrun.store.jobs import Job, get_job, locked
from brightrun.store.leases import is_worked_at
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
    """What would go. `bytes` are those on this machine, `in_storage` is how many files are in Supabase Storage."""

    job_id: str
    part: Part
    is_simulated: bool
    spent_usd: Decimal
    rows: dict[str, int]
    folders: tuple[tuple[str, str], ...]
    """Bucket and folder of all that is removed, each ending in a slash."""
    files: Mapping[str, tuple[str, ...]]
    """Their names by bucket, here or in Storage."""
    bytes: int
    in_storage: int

    @property
    def file_count(self) -> int:
        return sum(map(len, self.files.values()))


def removal(here: Workplace, remote: FileStore | None, job_id: str, part: Part) -> Removal:
    """What deleting would remove; nothing is changed. `remote`: Supabase Storage, where it is configured.

    Raises JobUnknownError, JobBusyError, and RequestError for files in a Storage that this configuration does not name.
    """
    with here.database.reading() as connection:
        job = get_job(connection, job_id)
        _check_idle(connection, job)
        rows = {table.name: _count(connection, table.c.job_id == job.id, table) for table in _tables(part)}
        folders = _folders(connection, job, part)
        sent = _count(
            connection, (file_outbox.c.job_id == job.id) & (file_outbox.c.state == OutboxState.SENT.value), file_outbox
        )
    if sent and remote is None:
        raise RequestError(
            f"{sent} files of {job.id} are in Supabase Storage. Set SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY, so "
            "that they can be removed as well."
        )
    local = _listed(here.files, folders)
    stored = _listed(remote, folders) if remote else []
    return Removal(
        job_id=job.id,
        part=part,
        is_simulated=job.simulated,
        spent_usd=job.spent_usd,
        rows=rows,
        folders=folders,
        files=_by_bucket({(bucket, file.name) for bucket, file in (*local, *stored)}),
        bytes=sum(file.bytes for _, file in local),
        in_storage=len(stored),
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
        for bucket, names in doomed.files.items():
            if remote:
                remote.delete(bucket, *names)
            here.files.delete(bucket, *names)
    for bucket, folder in doomed.folders:
        place = here.files.path(bucket, folder)
        shutil.rmtree(place, ignore_errors=True)
        with contextlib.suppress(OSError):
            place.parent.rmdir()  # where nothing else is in it
    if doomed.part is Part.RELEASES:
        told = f"{by} deleted {doomed.rows['releases']} releases, {doomed.file_count} files"
        note(here.files, doomed.job_id, told)


def _check_idle(connection: Connection, job: Job) -> None:
    if is_worked_at(connection, job):
        raise JobBusyError(
            f"The job {job.id} is being worked at. Stop it first: `brightrun cancel {job.id}`. Nothing was deleted."
        )


def _tables(part: Part) -> tuple[Table, ...]:
    return (batch_items, generations, conversations, releases) if part is Part.JOB else (releases,)


def _count(connection: Connection, which: ColumnElement[bool], table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table).where(which)).scalar_one())


def _listed(store: FileStore, folders: Sequence[tuple[str, str]]) -> list[tuple[str, StoredFile]]:
    """The files in the folders, each with its bucket."""
    return [(bucket, file) for bucket, folder in folders for file in store.listed(bucket, folder)]


def _by_bucket(names: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    return {bucket: tuple(name for _, name in found) for bucket, found in groupby(sorted(names), key=itemgetter(0))}


def _folders(connection: Connection, job: Job, part: Part) -> tuple[tuple[str, str], ...]:
    """Where files of the job lie, and nobody else's. Another job may have made the same release."""
    own = select(releases.c.path).where(releases.c.job_id == job.id)
    others = select(releases.c.path).where(releases.c.job_id != job.id, releases.c.path.in_(own))
    paths = sorted({*connection.execute(own).scalars()} - {*connection.execute(others).scalars()})
    folders = [(DATASETS, f"{path}/") for path in (*paths, data_docs_folder(job.name, job.id))]
    if part is Part.JOB:
        folders += [(CONVERSATION_FILES, folder) for folder in conversation_folders(job.id)]
        folders.append((BATCH_LOGS, f"{job.id}/"))
    return tuple(folders)
