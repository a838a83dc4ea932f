"""One thread that writes for a whole process: many small changes, grouped into few commits."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection

from brightrun.errors import StoreError
from brightrun.store.database import Database

T = TypeVar("T")

MOST_IN_A_GROUP = 128


@dataclass(frozen=True)
class _Change:
    make: Callable[[Connection], Any]
    done: Future[Any]


class LedgerWriter:
    """Commits changes in the order they were handed in; a change is done when it is on disk.

    All that waits is committed together, so the cost of a synchronous commit is shared. A change
    that fails takes nobody with it: its group is rolled back and made again one by one. What fails
    for the database as a whole (locked, full, gone) is told to everyone who waits, at once.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queue: queue.SimpleQueue[_Change | None] = queue.SimpleQueue()
        self._closed = False
        self._door = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="brightrun-ledger", daemon=True)
        self._thread.start()

    def submit(self, make: Callable[[Connection], T]) -> Future[T]:
        """Hand in a change; its future has the result once it is committed, and cannot be cancelled.

        Raises StoreError once the writer is closed.
        """
        done: Future[T] = Future()
        done.set_running_or_notify_cancel()  # what is handed in gets written: nobody can take it back
        with self._door:
            if self._closed:
                raise StoreError("The ledger is closed; nothing more is written by this process.")
            self._queue.put(_Change(make, done))
        return done

    async def write(self, make: Callable[[Connection], T]) -> T:
        """Hand in a change from an event loop and wait until it is committed.

        A caller that is cancelled meanwhile gets its cancellation only when the change is made, so that
        nobody goes on without knowing what stands in the ledger.
        """
        pending = asyncio.wrap_future(self.submit(make))
        try:
            return await asyncio.shield(pending)
        except asyncio.CancelledError:
            await asyncio.wait([pending])
            raise

    def close(self) -> None:
        """Commit what was handed in, and end."""
        with self._door:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        open_ = True
        while open_:
            group: list[_Change] = []
            change = self._queue.get()
            while change is not None:
                group.append(change)
                if len(group) >= MOST_IN_A_GROUP:
                    break
                try:
                    change = self._queue.get_nowait()
                except queue.Empty:
                    break
            else:
                open_ = False
            if group:
                self._commit(group)

    def _commit(self, group: list[_Change]) -> None:
        failure = self._transact(group)
        if failure is None:
            return
        if failure.of_database or len(group) == 1:
            _tell(group, failure.error)
            return
        for position, change in enumerate(group):
            failure = self._transact([change])
            if failure is None:
                continue
            if failure.of_database:
                _tell(group[position:], failure.error)
                return
            _tell([change], failure.error)

    def _transact(self, group: list[_Change]) -> _Failure | None:
        """Make the changes in one transaction, and tell their results; or what failed, with nothing written."""
        at_work = False
        results: list[Any] = []
        try:
            with self._database.writing() as connection:
                at_work = True
                results.extend(change.make(connection) for change in group)
                at_work = False
        except Exception as error:  # noqa: BLE001  (handed to whom it concerns)
            return _Failure(error, of_database=not at_work)
        for change, result in zip(group, results, strict=True):
            change.done.set_result(result)
        return None


@dataclass(frozen=True)
class _Failure:
    """Why a transaction failed. Of the database: it did not begin, or did not commit."""

    error: Exception
    of_database: bool


def _tell(group: list[_Change], error: Exception) -> None:
    for change in group:
        change.done.set_exception(error)
