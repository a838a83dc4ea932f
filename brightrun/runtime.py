"""What one process needs to work at a job: the store, one event loop, one lane, one ledger writer."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from brightrun.catalog import Catalog
from brightrun.claude.client import Endpoint
from brightrun.claude.lane import EventLoopThread, Lane
from brightrun.claude.pricing import load_prices
from brightrun.configuration import Configuration, configuration
from brightrun.generation import Ended, GenerationRun, ShardReport, generate_shard, parse_kept
from brightrun.spec import DatasetSpec, parse_spec
from brightrun.store.database import Database, open_database
from brightrun.store.files import LocalFiles
from brightrun.store.items import move_all, owed_items
from brightrun.store.jobs import (
    cancel_requested,
    catalog_json,
    get_job,
    heartbeat,
    this_process,
)
from brightrun.store.ledger import next_call, take_over
from brightrun.store.states import ItemState
from brightrun.store.writer import LedgerWriter

HEARTBEAT_S = 5.0


@dataclass(frozen=True)
class Workplace:
    """The store of this installation, as this process has it open."""

    config: Configuration
    database: Database
    files: LocalFiles


@lru_cache(maxsize=4)
def _workplace(config: Configuration) -> Workplace:
    return Workplace(config, open_database(config.database_url), LocalFiles(config.files))


def workplace() -> Workplace:
    """The store the environment names, opened once per process."""
    return _workplace(configuration())


class JobRuntime:
    """One job in one process. Task threads call `generate`; everything is sent from one event loop."""

    def __init__(self, here: Workplace, job_id: str, endpoint: Endpoint, stopped: Callable[[], bool]) -> None:
        database = here.database
        with database.reading() as connection:
            job = get_job(connection, job_id)
            self.catalog = Catalog.model_validate(catalog_json(connection, job_id))
        self.job_id = job_id
        self.spec: DatasetSpec = parse_spec(job.spec, job_id)
        self.database = database
        self.files = here.files
        self._writer = LedgerWriter(database)
        self._loop = EventLoopThread("brightrun-lane")
        generate = self.spec.generate
        prices = load_prices(here.config.home)

        async def make_lane() -> Lane:
            return Lane(endpoint, prices, self._writer, generate.concurrency, generate.timeout_s, stopped)

        self._lane = self._loop.submit(make_lane()).result()
        self.run = GenerationRun(job_id, self.spec, self.catalog, self._lane, self._writer, stopped)
        self._shards: set[Future[ShardReport]] = set()
        self._guard = threading.Lock()

    def take_over(self) -> None:
        """Close what an earlier run left open, parse what it left unparsed, and owe again what it gave up."""
        attempts = self.spec.generate.attempts_per_item
        with self.database.writing() as connection:
            left = take_over(connection, self.job_id, attempts)
            move_all(connection, self.job_id, (ItemState.CANCELLED,), ItemState.PLANNED)
        if left.unparsed:
            self._loop.submit(parse_kept(self.run, self.database, left.unparsed)).result()

    def generate(self, shard: int) -> ShardReport:
        """Send everything the shard still owes; returns when each item has landed, failed or been left."""
        with self.database.reading() as connection:
            owed = [
                (item, next_call(connection, item.id, item.attempt))
                for item in owed_items(connection, self.job_id, shard)
            ]
        future = self._loop.submit(generate_shard(self.run, shard, owed))
        with self._guard:
            self._shards.add(future)
        try:
            return future.result()
        finally:
            with self._guard:
                self._shards.discard(future)

    def give_up_what_is_in_flight(self) -> None:
        """Cancel every call on its way; the ledger counts each as possibly paid."""
        with self._guard:
            shards = list(self._shards)
        for future in shards:
            future.cancel()

    @property
    def ended(self) -> Ended | None:
        """Why the run ended early, or None."""
        return Ended.STOPPED if self.run.stopped() else self.run.ended

    def close(self) -> None:
        """Commit what was handed in and let go of everything."""
        with contextlib.suppress(TimeoutError):
            self._loop.submit(self._lane.close()).result(timeout=10)
        self._writer.close()
        self._loop.close()


_open: dict[str, JobRuntime] = {}
_worked_at: list[str] = []


def runtime(job_id: str) -> JobRuntime:
    """The open runtime of a job in this process."""
    return _open[job_id]


def last_job() -> str | None:
    """The job this process worked at last, if it did."""
    return _worked_at[-1] if _worked_at else None


@contextmanager
def opened(made: JobRuntime) -> Iterator[JobRuntime]:
    """The runtime, found by `runtime` while inside, closed at the end."""
    _open[made.job_id] = made
    _worked_at.append(made.job_id)
    try:
        yield made
    finally:
        del _open[made.job_id]
        made.close()


@contextmanager
def beating(database: Database, job_id: str) -> Iterator[None]:
    """Say that this process works at the job, every few seconds, while inside."""
    ended = threading.Event()
    owner = this_process()

    def beat() -> None:
        while not ended.wait(HEARTBEAT_S):
            with contextlib.suppress(Exception), database.writing() as connection:  # a missed beat is no failure
                heartbeat(connection, job_id, owner)

    thread = threading.Thread(target=beat, name="brightrun-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def cancel_asked(database: Database, job_id: str) -> bool:
    """Whether somebody asked in the store that the job be stopped."""
    with database.reading() as connection:
        return cancel_requested(connection, job_id)
