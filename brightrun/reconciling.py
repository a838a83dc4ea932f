"""Files and rows are held against each other, here and in Storage; what does not agree is said, and mended.

The database decides: a conversation with a record has two files, which can be made from it again; a release has the
files that its row lists; what else lies under a known job is a ghost. Files of jobs that this database does not know
may be another database's: they are left alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import PurePosixPath

from sqlalchemy import Connection, select

from brightrun.enrich import EnrichedConversation
from brightrun.enrichment import conversation_files
from brightrun.errors import FilesError
from brightrun.store.conversations import have_records, record_and_reply, with_records
from brightrun.store.database import Database
from brightrun.store.files import (
    BATCH_LOGS,
    CONVERSATION_FILES,
    CONVERSATION_KINDS,
    DATASETS,
    FileStore,
    LocalFiles,
    StoredFile,
    conversation_folders,
)
from brightrun.store.jobs import utc_now
from brightrun.store.outbox import (
    Kept,
    OutboxState,
    forget,
    kept,
    queue_again,
    queue_log,
    queue_release,
    try_refused_again,
)
from brightrun.store.tables import batch_jobs, releases

CHUNK = 500
GRACE_S = 3600.0
"""Younger files are left alone: a job writes its files first and their rows a moment later."""

TAKEOVER_S = 3600.0
"""What waits so long in another machine's folder is sent from here, where it can be made again."""

MOST_SHOWN = 100


class Discrepancy(StrEnum):
    """How a file and its row did not agree, and what was done."""

    GHOST = "a file without a row: removed"
    UNKNOWN_JOB = "files of a job that this database does not know: left alone"
    MISSING = "a row without its file: made again"
    NOT_QUEUED = "a file that nobody was going to send: queued"
    GONE = "sent, and not in Storage any more: sent again"
    LOST = "a file that is nowhere and cannot be made here: export again, or look on the other machines"


@dataclass(frozen=True)
class Finding:
    discrepancy: Discrepancy
    bucket: str
    name: str


@dataclass
class ReconcileReport:
    """What did not agree. `stopped_by`: why Storage could not be looked at; what is here was looked at all the same."""

    counts: Counter[Discrepancy] = field(default_factory=Counter)
    shown: list[Finding] = field(default_factory=list)
    refused_tried_again: int = 0
    stopped_by: str | None = None

    def add(self, discrepancy: Discrepancy, bucket: str, name: str) -> None:
        self.counts[discrepancy] += 1
        if len(self.shown) < MOST_SHOWN:
            self.shown.append(Finding(discrepancy, bucket, name))

    @property
    def agrees(self) -> bool:
        return not self.counts and self.stopped_by is None


def reconcile(
    database: Database,
    files: LocalFiles,
    remote: FileStore | None,
    *,
    grace_s: float = GRACE_S,
    takeover_s: float = TAKEOVER_S,
) -> ReconcileReport:
    """Look at the files of every job, here and in Storage, and mend what can be mended; `drain` then sends it.

    Safe at any time, twice, and beside running jobs. Raises StoreError when the database or the folder fails.
    """
    report = ReconcileReport()
    with database.reading() as connection:
        jobs = list(connection.execute(select(batch_jobs.c.id).order_by(batch_jobs.c.id)).scalars())
    for job_id in jobs:
        _OfJob(database, files, remote, job_id, report, grace_s, takeover_s).reconcile()
    for bucket, folder in (*((CONVERSATION_FILES, kind) for kind in CONVERSATION_KINDS), (BATCH_LOGS, "")):
        place = files.path(bucket, folder)
        strangers = (
            sorted({path.name for path in place.iterdir() if path.is_dir()} - set(jobs)) if place.is_dir() else []
        )
        for name in strangers:
            report.add(Discrepancy.UNKNOWN_JOB, bucket, str(PurePosixPath(folder, name)))
    if files.mirrored:
        with database.writing() as connection:
            report.refused_tried_again = try_refused_again(connection, files.folder_id)
    return report


@dataclass
class _OfJob:
    """One job's files."""

    database: Database
    files: LocalFiles
    remote: FileStore | None
    job_id: str
    report: ReconcileReport
    grace_s: float
    takeover_s: float
    looked_at: datetime = field(default_factory=utc_now)

    def reconcile(self) -> None:
        there = self._in_storage(CONVERSATION_FILES, conversation_folders(self.job_id))
        self._conversations(there)
        self._ghosts(self.files, self._here())
        if self.remote is not None and there:
            try:
                self._ghosts(self.remote, there.values())
            except FilesError as error:
                self.report.stopped_by = str(error)
        self._log()
        self._releases()

    def _in_storage(self, bucket: str, prefixes: Iterable[str]) -> dict[str, StoredFile] | None:
        """What Storage has, by name, or None where it cannot be asked."""
        if self.remote is None or self.report.stopped_by is not None:
            return None
        try:
            return {file.name: file for prefix in prefixes for file in self.remote.listed(bucket, prefix)}
        except FilesError as error:
            self.report.stopped_by = str(error)
            return None

    def _here(self) -> Iterator[StoredFile]:
        for folder in conversation_folders(self.job_id):
            yield from self.files.listed(CONVERSATION_FILES, folder)

    def _conversations(self, there: dict[str, StoredFile] | None) -> None:
        """Every conversation with a record has its files."""
        after = ""
        while True:
            with self.database.reading() as connection:
                ids = with_records(connection, self.job_id, after, CHUNK)
                names = [f"{folder}{one}.json" for one in ids for folder in conversation_folders(self.job_id)]
                rows = kept(connection, CONVERSATION_FILES, names) if self.files.mirrored else {}
            if not ids:
                return
            after = ids[-1]
            wrong = {name: found for name in names if (found := self._of_conversation(name, rows.get(name), there))}
            if wrong:
                self._mend(wrong)

    def _of_conversation(self, name: str, row: Kept | None, there: dict[str, StoredFile] | None) -> Discrepancy | None:
        is_here = self.files.exists(CONVERSATION_FILES, name)
        if not self.files.mirrored:
            return None if is_here else Discrepancy.MISSING
        if row is None:
            return Discrepancy.NOT_QUEUED if is_here else Discrepancy.MISSING
        if row.state is OutboxState.SENT:
            return Discrepancy.GONE if self._is_gone(name, row, there) else None
        if row.state is OutboxState.LOST or (not is_here and row.folder == self.files.folder_id):
            return Discrepancy.MISSING
        is_left = row.folder != self.files.folder_id and self._is_older(row, self.takeover_s)
        return Discrepancy.MISSING if is_left else None

    def _is_gone(self, name: str, row: Kept, there: dict[str, StoredFile] | None) -> bool:
        if there is None or row.sent_at is None or row.sent_at >= self.looked_at:
            return False
        return name not in there or there[name].bytes != row.bytes

    def _is_older(self, row: Kept, age_s: float) -> bool:
        return self.looked_at - row.queued_at > timedelta(seconds=age_s)

    def _mend(self, wrong: dict[str, Discrepancy]) -> None:
        for conversation_id in sorted({PurePosixPath(name).stem for name in wrong}):
            with self.database.reading() as connection:
                record, reply = record_and_reply(connection, conversation_id)
            made = conversation_files(self.job_id, reply, EnrichedConversation.model_validate(record))
            for name, content in made.items():
                if name in wrong and not self.files.exists(CONVERSATION_FILES, name):
                    self.files.put(CONVERSATION_FILES, name, content)
        with self.database.writing() as connection:
            queue_again(connection, self.files, self.job_id, [(CONVERSATION_FILES, name) for name in wrong])
        for name, discrepancy in wrong.items():
            self.report.add(discrepancy, CONVERSATION_FILES, name)

    def _ghosts(self, place: FileStore, found: Iterable[StoredFile]) -> None:
        """Files of conversations without a record: the reply is in the ledger, and files are made with the record."""
        before = self.looked_at - timedelta(seconds=self.grace_s)
        old = [file.name for file in found if file.changed_at < before]
        for start in range(0, len(old), CHUNK):
            names = old[start : start + CHUNK]
            with self.database.reading() as connection:
                known = have_records(connection, [PurePosixPath(name).stem for name in names])
            ghosts = [name for name in names if PurePosixPath(name).stem not in known]
            for name in ghosts:
                place.delete(CONVERSATION_FILES, name)
                self.report.add(Discrepancy.GHOST, CONVERSATION_FILES, name)
            if ghosts and place is self.remote:
                with self.database.writing() as connection:
                    forget(connection, CONVERSATION_FILES, ghosts)

    def _log(self) -> None:
        name = f"{self.job_id}/log.txt"
        if not self.files.mirrored or not self.files.exists(BATCH_LOGS, name):
            return
        there = self._in_storage(BATCH_LOGS, [f"{self.job_id}/"])
        own_name = f"{self.job_id}/log-{self.files.folder_id}.txt"
        with self.database.writing() as connection:
            rows = kept(connection, BATCH_LOGS, [name, own_name])
            own = next((name for name, row in rows.items() if row.folder == self.files.folder_id), None)
            if own is None:
                self.report.add(Discrepancy.NOT_QUEUED, BATCH_LOGS, name)
                queue_log(connection, self.files, self.job_id)
            elif rows[own].state is OutboxState.SENT and self._is_gone(own, rows[own], there):
                self.report.add(Discrepancy.GONE, BATCH_LOGS, own)
                queue_log(connection, self.files, self.job_id, anew=True)
            elif rows[own].bytes != self.files.path(BATCH_LOGS, name).stat().st_size:
                queue_log(connection, self.files, self.job_id)  # it has grown, as logs do

    def _releases(self) -> None:
        with self.database.reading() as connection:
            found = connection.execute(
                select(releases.c.path, releases.c.files).where(releases.c.job_id == self.job_id)
            )
            listed = [(path, {f"{path}/{file['path']}": int(file["bytes"]) for file in rows}) for path, rows in found]
        for path, sizes in listed:
            there = self._in_storage(DATASETS, [f"{path}/"])
            with self.database.writing() as connection:
                self._release(connection, path, sizes, there)

    def _release(
        self, connection: Connection, path: str, sizes: dict[str, int], there: dict[str, StoredFile] | None
    ) -> None:
        rows = kept(connection, DATASETS, list(sizes)) if self.files.mirrored else {}
        for name, size in sizes.items():
            row, place = rows.get(name), self.files.path(DATASETS, name)
            is_here = place.is_file() and place.stat().st_size == size
            is_sent = row is not None and row.state is OutboxState.SENT
            if row is not None and is_sent and not self._is_gone(name, row, there):
                continue
            if not is_here:
                if row is None or row.folder == self.files.folder_id or self._is_older(row, self.takeover_s):
                    self.report.add(Discrepancy.LOST, DATASETS, name)
            elif is_sent:
                self.report.add(Discrepancy.GONE, DATASETS, name)
                queue_again(connection, self.files, self.job_id, [(DATASETS, name)])
            elif self.files.mirrored and (row is None or row.state is OutboxState.LOST):
                self.report.add(Discrepancy.NOT_QUEUED, DATASETS, name)
                queue_release(connection, self.files, self.job_id, path, [name.removeprefix(f"{path}/")])
