"""One thread that writes for a whole process: many small changes, grouped into few commits."""

from __future__ import annotations

import asyncio
import logging
import queue
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection

from brightrun.errors import StoreAwayError, StoreConflictError, StoreError
from brightrun.store.absence import Absence
from brightrun.store.database import Database, SteadyConnection

One = TypeVar("One")
T = TypeVar("T")

MOST_IN_A_GROUP = 128

PATIENCE_S = 600.0
"""So long what was handed in is held on to while the database is away. No call goes out meanwhile."""

CLOSING_PATIENCE_S = 10.0
"""So long once the writer is being closed: a Prefect worker kills its run 30 s after it asked it to stop."""

TRY_S = 5.0
"""So long one try waits for a lock that somebody else holds."""

MOST_CONFLICTS = 20
"""So often in a row a transaction is made again at once because others were in its way."""

CONFLICT_PAUSE_S = 0.02

logger = logging.getLogger("brightrun.job")

MakeAll = Callable[[Connection, Sequence[One]], Sequence[T]]
"""Makes many changes of one kind in one transaction; as many results, in their order."""


class _Written(asyncio.Future[Any]):
    """Done once a change is on disk. It cannot be cancelled: whoever waits and is cancelled learns of it then."""

    def cancel(self, msg: object = None) -> bool:  # noqa: ARG002  (the base class gives it)
        return False


@dataclass(frozen=True, eq=False)
class _Change:
    """What was handed in, and who waits for it: a thread, or somebody on an event loop."""

    make_all: MakeAll[Any, Any]
    one: Any
    about: str
    done: Future[Any] | _Written
    loop: asyncio.AbstractEventLoop | None = None
    urgent: bool = False


class LedgerWriter:
    """Commits changes; one is done when it is on disk. Whoever needs an order between two waits for the first.

    All that waits is committed together, so the cost of a synchronous commit is shared, and what is of one kind is
    made with few statements. A change that fails takes nobody with it: its group is rolled back and made again one
    by one. While the database as a whole is away (locked, full, gone), what was handed in is held on to and tried
    again for `patience_s`, each try waiting `try_s` for a lock; only then is it told to everyone who waits, and to the
    log.
    """

    def __init__(
        self,
        database: Database,
        patience_s: float = PATIENCE_S,
        closing_patience_s: float = CLOSING_PATIENCE_S,
        try_s: float = TRY_S,
    ) -> None:
        self._connection = SteadyConnection(database, try_s)
        self._absence = Absence(patience_s, closing_patience_s)
        self._queue: queue.SimpleQueue[_Change | None] = queue.SimpleQueue()
        self._closed = False
        self._door = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="brightrun-ledger", daemon=True)
        self._thread.start()

    def submit(self, make: Callable[[Connection], T], about: str = "a change") -> Future[T]:
        """Hand in a change; its future has the result once it is committed, and cannot be cancelled.

        `about` names it in the log, should it come to nothing. Raises StoreError once the writer is closed.
        """
        done: Future[T] = Future()
        done.set_running_or_notify_cancel()  # what is handed in gets written: nobody can take it back
        self._hand_in(_Change(_one_by_one, make, about, done))
        return done

    async def write(self, make: Callable[[Connection], T], about: str = "a change", *, urgent: bool = False) -> T:
        """Hand in a change from an event loop and wait until it is committed.

        A caller that is cancelled meanwhile gets its cancellation only when the change is made, so that
        nobody goes on without knowing what stands in the ledger.
        """
        written: T = await self._written(_one_by_one, make, about, urgent)
        return written

    async def write_together(self, make_all: MakeAll[One, T], one: One, about: str, *, urgent: bool = False) -> T:
        """As `write`, for a change that `make_all` makes together with the others of its kind that wait.

        What is urgent is committed before what is not.
        """
        written: T = await self._written(make_all, one, about, urgent)
        return written

    def close(self) -> None:
        """Commit what was handed in, and end. Bounded, also where the database is away."""
        with self._door:
            if not self._closed:
                self._closed = True
                self._absence.hurry()
                self._queue.put(None)
        self._thread.join()

    async def _written(self, make_all: MakeAll[Any, Any], one: Any, about: str, urgent: bool = False) -> Any:
        loop = asyncio.get_running_loop()
        done = _Written(loop=loop)
        self._hand_in(_Change(make_all, one, about, done, loop, urgent))
        return await done

    def _hand_in(self, change: _Change) -> None:
        with self._door:
            if self._closed:
                raise StoreError("The ledger is closed; nothing more is written by this process.")
            self._queue.put(change)

    def _work(self) -> None:
        open_ = True
        while open_:
            changes = [self._queue.get()]
            while changes[-1] is not None and len(changes) < MOST_IN_A_GROUP:
                try:
                    changes.append(self._queue.get_nowait())
                except queue.Empty:
                    break
            open_ = changes[-1] is not None
            for urgent in (True, False):
                group = [change for change in changes if change is not None and change.urgent is urgent]
                if group:
                    self._commit(group)
        self._connection.close()

    def _commit(self, group: list[_Change]) -> bool:
        """Make the changes, or tell why not; false where the database stayed away."""
        try:
            results = self._patiently(group)
        except StoreAwayError as error:
            logger.error("not written: %s: %s", ", ".join(change.about for change in group), error)
            _tell([(change, None, error) for change in group])
            return False
        except Exception as error:  # noqa: BLE001  (handed to whom it concerns)
            if len(group) > 1:
                return self._commit_singly(group)
            _tell([(change, None, error) for change in group])
        else:
            _tell([(change, result, None) for change, result in zip(group, results, strict=True)])
        return True

    def _commit_singly(self, group: list[_Change]) -> bool:
        for position, change in enumerate(group, 1):
            if not self._commit([change]):
                return position == len(group) or self._commit(group[position:])
        return True

    def _patiently(self, group: list[_Change]) -> list[Any]:
        """The results of the changes, made in one transaction, which is tried again while the database is away.

        It is not made twice where the connection broke during its commit: the database knows whether it was made.
        """
        results: list[Any] = []
        tries = conflicts = 0
        while True:
            try:
                if not tries or not self._connection.has_committed():
                    tries += 1
                    with self._connection.writing() as connection:
                        results = _made(connection, group)
            except StoreAwayError as error:
                if isinstance(error, StoreConflictError) and conflicts < MOST_CONFLICTS:
                    conflicts += 1
                    time.sleep(random.uniform(0, CONFLICT_PAUSE_S))
                elif not self._absence.lasts(error, len(group) + self._queue.qsize()):
                    raise
            else:
                self._absence.is_over()
                return results


def _one_by_one(connection: Connection, makes: Sequence[Callable[[Connection], Any]]) -> list[Any]:
    return [make(connection) for make in makes]


def _made(connection: Connection, group: list[_Change]) -> list[Any]:
    """Make the changes, kind by kind. Their results, in their order."""
    kinds: dict[MakeAll[Any, Any], list[int]] = {}
    for position, change in enumerate(group):
        kinds.setdefault(change.make_all, []).append(position)
    results: list[Any] = [None] * len(group)
    for make_all, positions in kinds.items():
        made = make_all(connection, [group[position].one for position in positions])
        for position, result in zip(positions, made, strict=True):
            results[position] = result
    return results


def _tell(outcomes: list[tuple[_Change, Any, Exception | None]]) -> None:
    """Tell everyone what became of their change; those on an event loop with one call to it."""
    on_loops: dict[asyncio.AbstractEventLoop, list[tuple[_Change, Any, Exception | None]]] = {}
    for change, result, error in outcomes:
        if change.loop is not None:
            on_loops.setdefault(change.loop, []).append((change, result, error))
        else:
            _settle(change, result, error)
    for loop, told in on_loops.items():
        if not loop.is_closed():  # else nobody waits there any more
            loop.call_soon_threadsafe(_settle_all, told)


def _settle_all(outcomes: list[tuple[_Change, Any, Exception | None]]) -> None:
    for change, result, error in outcomes:
        _settle(change, result, error)


def _settle(change: _Change, result: Any, error: Exception | None) -> None:
    if error is None:
        change.done.set_result(result)
    else:
        change.done.set_exception(error)
