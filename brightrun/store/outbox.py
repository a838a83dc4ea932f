"""The outbox: which files are to go up to Storage, from which folder, and how far that is.

A row is written in the transaction that makes the file count, and so is not lost; only who has the folder can send it.
A row that is queued again counts up its version, so that a sender of the older content cannot call it sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, exists, func, or_, select, update

from brightrun.store.files import BATCH_LOGS, DATASETS, LocalFiles
from brightrun.store.inserts import insert_or
from brightrun.store.jobs import utc_now
from brightrun.store.tables import UtcTime, file_outbox

MANIFEST = "manifest.json"
"""The file that a release is whole with: it goes up when all others are there."""


class OutboxState(StrEnum):
    """How far a file is."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    """Storage does not take it as it is."""
    LOST = "lost"
    """It is not in its folder any more."""


@dataclass(frozen=True)
class OutboxRow:
    """A file that is to be sent."""

    id: int
    job_id: str
    bucket: str
    name: str
    source: str
    """Its name in the local folder."""
    version: int
    attempts: int
    sha256: str | None
    """Of what was sent last, if anything was."""


@dataclass(frozen=True)
class Outcome:
    """What became of a file that was to be sent."""

    row: OutboxRow
    state: OutboxState
    sha256: str | None = None
    bytes: int | None = None
    message: str | None = None
    next_at: datetime | None = None
    """When it is tried again, for one that waits."""
    attempts: int = 0


@dataclass(frozen=True)
class Standing:
    """How many files wait in this folder, wait in the folders of others, were sent, are refused, are lost."""

    waiting: int
    elsewhere: int
    sent: int
    refused: int
    lost: int


def queue_files(connection: Connection, files: LocalFiles, job_id: str, names: Sequence[tuple[str, str]]) -> None:
    """Have files of a job sent: bucket and name of each. Nothing where files stay on this machine."""
    if files.mirrored:
        _queue(connection, [_row(files, job_id, bucket, name) for bucket, name in names])


def queue_again(connection: Connection, files: LocalFiles, job_id: str, names: Sequence[tuple[str, str]]) -> None:
    """As `queue_files`, and sent even if it is what was sent before: it is not there any more."""
    if files.mirrored:
        rows = [{**_row(files, job_id, bucket, name), **_part_of_release(bucket, name)} for bucket, name in names]
        _queue(connection, rows, anew=True)


def queue_release(connection: Connection, files: LocalFiles, job_id: str, release: str, names: Sequence[str]) -> None:
    """Have the files of a release sent, `<dataset>/<version>`; its manifest goes last."""
    if files.mirrored:
        paths = [f"{release}/{name}" for name in names]
        rows = [{**_row(files, job_id, DATASETS, path), **_part_of_release(DATASETS, path)} for path in paths]
        _queue(connection, rows)


def queue_log(connection: Connection, files: LocalFiles, job_id: str, *, anew: bool = False) -> None:
    """Have the log of a job sent as it is now. The second machine of a job keeps its own beside the first's.

    `anew`: even if it is what was sent before.
    """
    source = f"{job_id}/log.txt"
    if not files.mirrored or not files.exists(BATCH_LOGS, source):
        return
    row = _row(files, job_id, BATCH_LOGS, source)
    _queue(connection, [row], only_own=True, anew=anew)
    owner = select(file_outbox.c.folder).where(_is(BATCH_LOGS, source))
    if connection.execute(owner).scalar_one() != files.folder_id:
        _queue(connection, [{**row, "name": f"{job_id}/log-{files.folder_id}.txt"}], anew=anew)


def claim(connection: Connection, folder: str, token: str, lease_s: float, limit: int) -> list[OutboxRow]:
    """Take what is due of a folder; nobody else gets it before the lease ends."""
    o, now = file_outbox.c, utc_now()
    other = file_outbox.alias()
    unsent = exists().where(
        other.c.release == o.release, other.c.closes.is_(False), other.c.state != OutboxState.SENT.value
    )
    due = (
        select(o.id, o.job_id, o.bucket, o.name, o.source, o.version, o.attempts, o.sha256)
        .where(
            o.folder == folder,
            o.state == OutboxState.WAITING.value,
            o.next_at <= now,
            or_(o.claimed_until.is_(None), o.claimed_until < now),
            or_(o.closes.is_(False), ~unsent),
        )
        .order_by(o.next_at, o.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=file_outbox)
    )
    rows = [OutboxRow(**row) for row in connection.execute(due).mappings()]
    if rows:
        taken = update(file_outbox).where(o.id.in_([row.id for row in rows]))
        connection.execute(taken.values(claim=token, claimed_until=now + timedelta(seconds=lease_s)))
    return rows


def settle(connection: Connection, token: str, outcomes: Sequence[Outcome]) -> None:
    """Write down what became of claimed files. What was queued anew meanwhile only loses its claim."""
    if not outcomes:
        return
    now = utc_now()
    connection.execute(_SETTLE, [_settled(token, outcome, now) for outcome in outcomes])
    connection.execute(_RELEASE, [{"row_id": outcome.row.id, "token": token} for outcome in outcomes])


def standing(connection: Connection, folder: str) -> Standing:
    o = file_outbox.c
    own = o.folder == folder
    query = select(o.state, own.label("own"), func.count()).group_by(o.state, own)
    counts: dict[tuple[str, bool], int] = {
        (state, bool(is_own)): count for state, is_own, count in connection.execute(query)
    }

    def both(state: OutboxState) -> int:
        return counts.get((state.value, True), 0) + counts.get((state.value, False), 0)

    return Standing(
        waiting=counts.get((OutboxState.WAITING.value, True), 0),
        elsewhere=counts.get((OutboxState.WAITING.value, False), 0),
        sent=both(OutboxState.SENT),
        refused=both(OutboxState.REFUSED),
        lost=both(OutboxState.LOST),
    )


@dataclass(frozen=True)
class Kept:
    """What the outbox says of a file."""

    state: OutboxState
    folder: str
    bytes: int | None
    queued_at: datetime
    sent_at: datetime | None


def kept(connection: Connection, bucket: str, names: Sequence[str]) -> dict[str, Kept]:
    """What the outbox says of these files, by name; nothing of those it does not have."""
    o = file_outbox.c
    query = select(o.name, o.state, o.folder, o.bytes, o.queued_at, o.sent_at)
    query = query.where(o.bucket == bucket, o.name.in_(names))
    return {
        name: Kept(OutboxState(state), folder, size, queued_at, sent_at)
        for name, state, folder, size, queued_at, sent_at in connection.execute(query)
    }


def forget(connection: Connection, bucket: str, names: Sequence[str]) -> None:
    """These files are not to be sent, and are not there."""
    connection.execute(delete(file_outbox).where(file_outbox.c.bucket == bucket, file_outbox.c.name.in_(names)))


def try_refused_again(connection: Connection, folder: str) -> int:
    """Files of this folder that Storage refused wait again: its limits may have been raised. How many."""
    o = file_outbox.c
    refused = update(file_outbox).where(o.folder == folder, o.state == OutboxState.REFUSED.value)
    return connection.execute(refused.values(state=OutboxState.WAITING.value, attempts=0, next_at=utc_now())).rowcount


def _is(bucket: str, name: str) -> ColumnElement[bool]:
    return and_(file_outbox.c.bucket == bucket, file_outbox.c.name == name)


def _row(files: LocalFiles, job_id: str, bucket: str, name: str) -> dict[str, Any]:
    now = utc_now()
    return {
        "job_id": job_id,
        "bucket": bucket,
        "name": name,
        "folder": files.folder_id,
        "source": name,
        "release": None,
        "closes": False,
        "state": OutboxState.WAITING.value,
        "version": 1,
        "attempts": 0,
        "next_at": now,
        "queued_at": now,
    }


def _part_of_release(bucket: str, name: str) -> dict[str, Any]:
    """Which release a file is part of, by its path `<dataset>/<version>/…`."""
    if bucket != DATASETS:
        return {}
    dataset, version, path = name.split("/", 2)
    return {"release": f"{dataset}/{version}", "closes": path == MANIFEST}


def _queue(
    connection: Connection, rows: Sequence[Mapping[str, Any]], *, only_own: bool = False, anew: bool = False
) -> None:
    """Insert rows, or have those that are there wait again; `only_own`: not those of another folder."""
    if not rows:
        return
    statement = insert_or(file_outbox, connection.dialect.name)
    new = statement.excluded
    values = {
        "job_id": new.job_id,
        "folder": new.folder,
        "source": new.source,
        "state": new.state,
        "version": file_outbox.c.version + 1,
        "attempts": new.attempts,
        "next_at": new.next_at,
        "queued_at": new.queued_at,
        "message": None,
        **({"sha256": None} if anew else {}),
    }
    statement = statement.on_conflict_do_update(
        index_elements=["bucket", "name"],
        set_=values,
        where=(file_outbox.c.folder == new.folder) if only_own else None,
    )
    connection.execute(statement, list(rows))


_SETTLE = (
    update(file_outbox)
    .where(
        file_outbox.c.id == bindparam("row_id"),
        file_outbox.c.claim == bindparam("token"),
        file_outbox.c.version == bindparam("of_version"),
    )
    .values(
        state=bindparam("to_state"),
        sha256=bindparam("to_sha256"),
        bytes=func.coalesce(bindparam("to_bytes", type_=file_outbox.c.bytes.type), file_outbox.c.bytes),
        message=bindparam("to_message", type_=file_outbox.c.message.type),
        attempts=bindparam("to_attempts"),
        next_at=func.coalesce(bindparam("to_next_at", type_=UtcTime()), file_outbox.c.next_at),
        sent_at=func.coalesce(bindparam("to_sent_at", type_=UtcTime()), file_outbox.c.sent_at),
    )
)

_RELEASE = (
    update(file_outbox)
    .where(file_outbox.c.id == bindparam("row_id"), file_outbox.c.claim == bindparam("token"))
    .values(claim=None, claimed_until=None)
)


def _settled(token: str, outcome: Outcome, now: datetime) -> dict[str, Any]:
    return {
        "row_id": outcome.row.id,
        "token": token,
        "of_version": outcome.row.version,
        "to_state": outcome.state.value,
        "to_sha256": outcome.sha256 or outcome.row.sha256,
        "to_bytes": outcome.bytes,
        "to_message": outcome.message,
        "to_attempts": outcome.attempts,
        "to_next_at": outcome.next_at,
        "to_sent_at": now if outcome.state is OutboxState.SENT else None,
    }
