"""What one process needs to work at a job: the store, one event loop, one lane, one ledger writer."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from decimal import Decimal
from functools import cached_property, partial
from typing import Any, TypeVar

from sqlalchemy import Connection

from brightrun.assessment import AssessmentReport, AssessmentRun, assess_shard
from brightrun.assessors import assessors
from brightrun.catalog import Catalog
from brightrun.claude.client import Endpoint
from brightrun.claude.event_loop import EventLoopThread
from brightrun.claude.online import OnlineLane
from brightrun.claude.pricing import load_prices
from brightrun.errors import JobBusyError, StoreError
from brightrun.garbage import rarely_collected
from brightrun.generation import Ended, GenerationRun, Placed, ShardReport, by_page, generate_shard, parse_kept
from brightrun.prompt_sharing import PromptKey, PromptSharing
from brightrun.quality.verdicts import CheckCode
from brightrun.spec import DatasetSpec, parse_spec
from brightrun.store.assessments import TO_ASSESS, UndecidedItem, undecided_items
from brightrun.store.database import Database
from brightrun.store.items import (
    OwedItem,
    OwedShard,
    has_items_under_way,
    is_free,
    move_all,
    owed_items,
    owed_shards,
    prompt_counts,
)
from brightrun.store.jobs import (
    cancel_requested,
    catalog_json,
    get_job,
    heartbeat,
    this_process,
)
from brightrun.store.leases import (
    dead_workers,
    forget_the_dead,
    held_by_others,
    live_workers,
    release,
    renew,
    sign_in,
    sign_off,
    take,
    take_from_others,
)
from brightrun.store.ledger import Takeover, take_over
from brightrun.store.states import ItemState
from brightrun.store.tables import batch_items
from brightrun.store.writer import LedgerWriter
from brightrun.validation import ValidationReport, Validator, validate_job, validator_of
from brightrun.workplace import Workplace

T = TypeVar("T")

HEARTBEAT_S = 5.0
CLOSE_BOUND_S = 10.0

QUESTION_BYTES = 40_000
"""More than a question about a conversation takes, with rubric, fact sheet and schema; for what judging may cost."""

logger = logging.getLogger("brightrun.job")


class JobRuntime:
    """One job in one process. Task threads call `generate`; everything is sent from one event loop."""

    def __init__(
        self,
        here: Workplace,
        job_id: str,
        endpoint: Endpoint,
        stopped: Callable[[], bool],
        flow_run_id: str | None = None,
    ) -> None:
        database = here.database
        with database.reading() as connection:
            job = get_job(connection, job_id)
            self.catalog = Catalog.model_validate(catalog_json(connection, job_id))
            counts = prompt_counts(connection, job_id)
        sharing = PromptSharing({PromptKey(*key): count for key, count in counts.items()})
        self.job_id = job_id
        self.spec: DatasetSpec = parse_spec(job.spec, job_id)
        self.database = database
        self.files = here.files
        generate = self.spec.generate
        asked = assessors(self.spec, self.catalog)
        prices = load_prices(here.config.home)
        for model in (generate.model, *(assessor.spec.model for assessor in asked)):
            prices.of(model)
        with database.writing() as connection:
            self.worker = sign_in(connection, job_id, flow_run_id)
        self._writer = LedgerWriter(database)
        self._loop = EventLoopThread("brightrun-lane")

        async def make_lane() -> OnlineLane:
            return OnlineLane(
                endpoint, prices, self._writer, generate.concurrency, generate.timeout_s, lambda: not self.run.may_send
            )

        self._lane = self._loop.submit(make_lane()).result()
        self.run = GenerationRun(
            job_id, self.worker, self.spec, self.catalog, self._lane, self._writer, stopped, sharing
        )
        self.assessment = AssessmentRun(self.run, database, asked, sum(counts.values()), self._leaves_dataset)
        questions = [prices.worst_case(one.spec.model, QUESTION_BYTES, one.spec.max_tokens) for one in asked]
        self.run.aside_usd = sum(questions, Decimal(0))
        self._shards: set[Future[Any]] = set()
        self._closed = False
        self._guard = threading.Lock()

    def beat(self, connection: Connection) -> bool:
        """Say that this worker is there."""
        renew(connection, self.job_id, self.worker)
        return True

    def lead(self, connection: Connection) -> bool:
        """Say that this worker is there and that the job is its process's; false where it is somebody else's by now."""
        renew(connection, self.job_id, self.worker)
        return heartbeat(connection, self.job_id, this_process())

    def take_over(self) -> list[str]:
        """Close what dead workers left open, parse what they left unparsed, and owe again what was given up.

        The flow runs of these workers.
        """

        def owe_again(connection: Connection) -> tuple[Takeover, list[str]]:
            taken = self._take_from_the_dead(connection)
            move_all(connection, self.job_id, (ItemState.CANCELLED,), ItemState.PLANNED)
            move_all(
                connection, self.job_id, (ItemState.UNDECIDED,), ItemState.GENERATED, because=CheckCode.CHECK_FAILED
            )
            return taken

        left, runs = self._write(owe_again, "what was left behind")
        self._parse_kept(left)
        return runs

    def generate(self, shard: int) -> ShardReport:
        """Send everything the shard still owes; returns when each item has landed, failed or been left.

        It may be called again for a shard whose last call broke off (the store was away): what that left
        behind is taken over first.
        """
        self._take_over_shard(shard)
        owed = by_page(partial(self._owed_page, shard))
        return self._carry_out(lambda: generate_shard(self.run, shard, owed))

    def assess(self, shard: int) -> AssessmentReport:
        """Ask the judge and the reader about everything undecided in the shard; returns when each item is decided or
        left."""
        undecided = by_page(partial(self._undecided_page, shard))
        return self._carry_out(lambda: assess_shard(self.assessment, shard, undecided))

    def validate(self) -> ValidationReport:
        """Give every generated conversation its verdict, or hand it on to the judge and the reader."""
        report = validate_job(self.database, self.job_id, self._validator)
        self.assessment.given_up.update(report.broken)
        self.run.avoid = self._validator.neighbours.to_avoid()
        return report

    def others_at_work(self) -> bool:
        """Whether other workers hold items of the job."""
        with self.database.reading() as connection:
            return held_by_others(connection, self.job_id, self.worker) > 0

    def shards_to_share(self, state: ItemState) -> list[OwedShard]:
        """Shards with items in this state that nobody holds, or, where there are none, that others give up."""
        shards = self._shards_without_others(state)
        if shards:
            return shards
        give_up = partial(take_from_others, worker=self.worker, job_id=self.job_id, state=state)
        return self._shards_without_others(state) if self._write(give_up, "leases of others") else []

    def _shards_without_others(self, state: ItemState) -> list[OwedShard]:
        with self.database.reading() as connection:
            others = live_workers(connection, self.job_id) - {self.worker}
            where = [is_free(others)]
            if state is ItemState.UNDECIDED:
                where += [TO_ASSESS, batch_items.c.id.not_in(sorted(self.assessment.given_up))]
            return owed_shards(connection, self.job_id, state, *where)

    def bury_the_dead(self) -> list[str]:
        """Take over what workers held that are not heard of any more, and sign them off; their flow runs.

        What this worker has on its way counts as left behind too: call it while there is nothing.
        """
        with self.database.reading() as connection:
            if not dead_workers(connection, self.job_id):
                return []
        left, runs = self._write(self._take_from_the_dead, "what the dead left behind")
        self._parse_kept(left)
        return runs

    def give_up_what_is_in_flight(self) -> None:
        """Break off every call on its way, and send nothing more; the ledger counts each as possibly paid.

        Whoever waits for a shard gets its report.
        """
        with self._guard:
            if not self._closed:
                self._loop.call(self._lane.give_up)

    @property
    def ended(self) -> Ended | None:
        """Why the run ended early, or None."""
        return Ended.STOPPED if self.run.stopped() else self.run.ended

    def close(self) -> None:
        """Give up what is still on its way, commit what was handed in, and let go of everything. Once is enough."""
        with self._guard:
            if self._closed:
                return
            self._loop.call(self._lane.give_up)
            self._closed = True
            shards = list(self._shards)
        wait(shards, timeout=CLOSE_BOUND_S)
        try:
            with contextlib.suppress(TimeoutError):
                self._loop.submit(self._lane.close()).result(timeout=CLOSE_BOUND_S)
        finally:
            self._loop.close()
            self._writer.close()
            with contextlib.suppress(StoreError), self.database.writing(CLOSE_BOUND_S) as connection:
                sign_off(connection, self.worker)

    @cached_property
    def _validator(self) -> Validator:
        with self.database.reading() as connection:
            job = get_job(connection, self.job_id)
        return validator_of(self.database, job, self.spec, self.catalog, lambda item: bool(self.assessment.due(item)))

    def _leaves_dataset(self, conversation_id: str) -> None:
        self._validator.neighbours.remove(conversation_id)

    def _carry_out(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        with self._guard:
            if self._closed:
                raise StoreError(f"The job {self.job_id} is not worked at any more; `resume` goes on with it.")
            future = self._loop.submit(make())
            self._shards.add(future)
        try:
            return future.result()
        finally:
            with self._guard:
                self._shards.discard(future)

    def _undecided_page(self, shard: int, after: int, limit: int) -> list[UndecidedItem]:
        page = partial(undecided_items, job_id=self.job_id, shard=shard, after=after, limit=limit, holder=self.worker)
        return self._leased(page, ItemState.UNDECIDED, shard, after, limit)

    def _owed_page(self, shard: int, after: int, limit: int) -> list[OwedItem]:
        page = partial(owed_items, job_id=self.job_id, shard=shard, after=after, limit=limit, holder=self.worker)
        return self._leased(page, ItemState.PLANNED, shard, after, limit)

    def _leased(
        self, page: Callable[[Connection], list[Placed]], state: ItemState, shard: int, after: int, limit: int
    ) -> list[Placed]:
        """The next items of a shard that this worker holds; it takes more where it holds too few."""
        with self.database.reading() as connection:
            held = page(connection)
        if len(held) == limit:
            return held
        to_do = batch_items.c.position > after
        if state is ItemState.UNDECIDED:
            to_do &= TO_ASSESS
        lease = partial(take, worker=self.worker, job_id=self.job_id, shard=shard, state=state, where=to_do)
        if not self._write(lease, "leases"):
            return held
        with self.database.reading() as connection:
            return page(connection)

    def _take_over_shard(self, shard: int) -> None:
        """What an earlier call of this worker left behind in the shard, or a dead worker."""
        with self.database.reading() as connection:
            if not has_items_under_way(connection, self.job_id, shard):
                return

        def begin_anew(connection: Connection) -> Takeover:
            left = self._left_behind(connection, shard)
            release(connection, self.worker, shard)
            return left

        self._parse_kept(self._write(begin_anew, "what was left behind in a shard"))

    def _take_from_the_dead(self, connection: Connection) -> tuple[Takeover, list[str]]:
        return self._left_behind(connection), forget_the_dead(connection, self.job_id)

    def _left_behind(self, connection: Connection, shard: int | None = None) -> Takeover:
        most = self.spec.generate.attempts_per_item
        return take_over(connection, self.job_id, most, shard, self.worker)

    def _parse_kept(self, left: Takeover) -> None:
        if left.unparsed:
            self._loop.submit(parse_kept(self.run, self.database, left.unparsed)).result()

    def _write(self, make: Callable[[Connection], T], about: str) -> T:
        """Have the ledger's writer make a change: it waits for a database that is away, and makes nothing twice."""
        return self._writer.submit(make, about).result()


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
    """The runtime, found by `runtime` while inside, closed at the end.

    Raises JobBusyError where this process is at work on the job already.
    """
    if _open.setdefault(made.job_id, made) is not made:
        made.close()
        raise JobBusyError(f"The job {made.job_id} is being worked at by this very process.")
    _worked_at.append(made.job_id)
    try:
        with rarely_collected():
            yield made
    finally:
        del _open[made.job_id]
        made.close()


@contextmanager
def beating(
    database: Database,
    beat: Callable[[Connection], bool],
    lost: Callable[[], None] | None = None,
    every_s: float = HEARTBEAT_S,
) -> Iterator[None]:
    """Say that this process is there (`beat`), every few seconds, while inside.

    `lost` is called, once, when `beat` says no: the job was taken over, since this process was not heard of for longer
    than a lease lasts (a suspended machine), and it has to stop sending.
    """
    ended = threading.Event()

    def go_on() -> None:
        while not ended.wait(every_s):
            with contextlib.suppress(StoreError):  # a missed beat is no failure; a lease lasts several
                with database.writing() as connection:
                    is_there = beat(connection)
                if not is_there:
                    logger.error("the job was taken over by another process")
                    if lost:
                        lost()
                    return

    thread = threading.Thread(target=go_on, name="brightrun-heartbeat", daemon=True)
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
