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
    that fails takes nobody with it: its group is rolled back and made again one by one.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queue: queue.SimpleQueue[_Change | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="brightrun-ledger", daemon=True)
        self._thread.start()

    def submit(self, make: Callable[[Connection], T]) -> Future[T]:
        """Hand in a change; its future has the result once it is committed."""
        done: Future[T] = Future()
        self._queue.put(_Change(make, done))
        return done

    async def write(self, make: Callable[[Connection], T]) -> T:
        """Hand in a change from an event loop and wait until it is committed."""
        return await asyncio.wrap_future(self.submit(make))

    def close(self) -> None:
        """Commit what was handed in, and end."""
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
        try:
            with self._database.writing() as connection:
                results = [change.make(connection) for change in group]
        except Exception as error:  # noqa: BLE001  (handed to whom it concerns)
            if len(group) == 1:
                group[0].done.set_exception(error)
            else:
                for change in group:
                    self._commit([change])
            return
        for change, result in zip(group, results, strict=True):
            change.done.set_result(result)
