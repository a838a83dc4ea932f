"""The outbox is drained: what waits in this folder goes up to Storage, and what Storage said is written down."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from brightrun.errors import FileRefusedError, FilesDeniedError, FilesError, FileTakenError
from brightrun.store.database import Database
from brightrun.store.files import DATASETS, FileStore, LocalFiles, sha256_of, size_of
from brightrun.store.jobs import utc_now
from brightrun.store.outbox import OutboxRow, OutboxState, Outcome, Standing, claim, settle, standing

AT_ONCE = 8
"""So many files are on their way at a time: one takes 50 to 200 ms, nearly all of it waiting."""

BATCH = 64
LEASE_S = 900.0
"""Longer than a file takes; what a killed process had claimed is taken up by the next one after it."""

STOP_AFTER = 4
"""So many failures without one success between them, and Storage is away: nobody else needs to wait for it."""

TIME_LIMIT_S = 60.0
FIRST_WAIT_S = 10.0
LONGEST_WAIT_S = 900.0
MOST_SAID = 5


@dataclass(frozen=True)
class DrainReport:
    """What a drain did, and what is left. `stopped_by`: what Storage said when it took nothing any more."""

    sent: int
    sent_bytes: int
    unchanged: int
    refused: int
    lost: int
    left: Standing
    stopped_by: str | None
    said: tuple[str, ...]
    """The first few things that Storage said against files."""

    @property
    def is_done(self) -> bool:
        """Whether nothing of this folder waits, is refused or lost."""
        return not (self.left.waiting or self.left.refused or self.left.lost)


def drain(
    database: Database,
    files: LocalFiles,
    remote: FileStore,
    *,
    time_limit_s: float = TIME_LIMIT_S,
    lease_s: float = LEASE_S,
    stopped: Callable[[], bool] = lambda: False,
) -> DrainReport:
    """Send what is due, for no longer than the limit and only until Storage takes none or it is `stopped`.

    Safe at any time, twice, and beside others. Raises StoreError when the database fails; then everything that was
    on its way is sent once more later.
    """
    sender = _Sender(files, remote, time.monotonic() + time_limit_s, stopped)
    token = uuid4().hex
    outcomes: list[Outcome] = []
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="outbox") as pool:
        for rows in _claimed(database, files.folder_id, token, lease_s, sender):
            done = list(pool.map(sender.send, rows))
            with database.writing() as connection:
                settle(connection, token, done)
            outcomes += done
    with database.reading() as connection:
        left = standing(connection, files.folder_id)
    sent = [outcome for outcome in outcomes if outcome.state is OutboxState.SENT]
    return DrainReport(
        sent=sum(outcome.bytes is not None for outcome in sent),
        sent_bytes=sum(outcome.bytes or 0 for outcome in sent),
        unchanged=sum(outcome.bytes is None for outcome in sent),
        refused=sum(outcome.state is OutboxState.REFUSED for outcome in outcomes),
        lost=sum(outcome.state is OutboxState.LOST for outcome in outcomes),
        left=left,
        stopped_by=sender.stopped_by,
        said=tuple(outcome.message for outcome in outcomes if outcome.message)[:MOST_SAID],
    )


def _claimed(database: Database, folder: str, token: str, lease_s: float, sender: _Sender) -> Iterator[list[OutboxRow]]:
    while sender.goes_on:
        with database.writing() as connection:
            rows = claim(connection, folder, token, lease_s, BATCH)
        if not rows:
            return
        yield rows


class _Sender:
    """Sends files one by one, until Storage takes none, the time is over or it is stopped."""

    def __init__(self, files: LocalFiles, remote: FileStore, until: float, stopped: Callable[[], bool]) -> None:
        self._files = files
        self._remote = remote
        self._until = until
        self._stopped = stopped
        self._lock = threading.Lock()
        self._failures = 0
        self.stopped_by: str | None = None

    @property
    def goes_on(self) -> bool:
        return self.stopped_by is None and not self._stopped() and time.monotonic() < self._until

    def send(self, row: OutboxRow) -> Outcome:
        """Send one file; what comes of it. Left alone once nothing is sent any more."""
        if not self.goes_on:
            return Outcome(row, OutboxState.WAITING, attempts=row.attempts)
        path = self._files.path(row.bucket, row.source)
        try:
            data = path.read_bytes() if row.bucket != DATASETS else path
            sha256 = sha256_of(data)
            size = size_of(data)
        except OSError as error:
            return Outcome(row, OutboxState.LOST, message=f"{path} cannot be read: {error.strerror}")
        if sha256 == row.sha256:
            return Outcome(row, OutboxState.SENT)
        try:
            self._remote.put(row.bucket, row.name, data, replace=row.bucket != DATASETS)
        except (FileRefusedError, FileTakenError, ValueError) as error:
            return Outcome(row, OutboxState.REFUSED, message=str(error), attempts=row.attempts + 1)
        except FilesError as error:
            return self._put_off(row, error)
        with self._lock:
            self._failures = 0
        return Outcome(row, OutboxState.SENT, sha256, size)

    def _put_off(self, row: OutboxRow, error: FilesError) -> Outcome:
        with self._lock:
            self._failures += 1
            if isinstance(error, FilesDeniedError) or self._failures >= STOP_AFTER:
                self.stopped_by = self.stopped_by or str(error)
        wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(row.attempts, 10)) * random.uniform(0.5, 1.0)
        return Outcome(
            row,
            OutboxState.WAITING,
            message=str(error),
            next_at=utc_now() + timedelta(seconds=wait_s),
            attempts=row.attempts + 1,
        )
