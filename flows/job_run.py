"""A job while a flow run works at it: claimed, stoppable, logged, and given back in its final status."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from typing import Any
from uuid import UUID

from prefect import State
from prefect.settings import PREFECT_API_URL
from prefect.states import Cancelled, Completed

from brightrun.claude.client import Endpoint
from brightrun.errors import ApiStoppedError, JobBusyError
from brightrun.exporting import ExportReport, failed_expectations
from brightrun.generation import Ended
from brightrun.joblog import job_log
from brightrun.runtime import JobRuntime, beating, cancel_asked, opened
from brightrun.sending import files_sent
from brightrun.stopping import StopReason, StopSignal, signal_handlers
from brightrun.store.items import OwedShard, move_all, owed_shards
from brightrun.store.jobs import claim_job, finish_job, get_job, owner_of, state_counts, this_process
from brightrun.store.leases import live_workers
from brightrun.store.states import ItemState, JobStatus, Reason
from brightrun.summary import BuildSummary, located, summarize
from brightrun.workplace import Workplace, workplace
from flows.backend_truth import close_crashed_runs
from flows.stop_watch import stop_watch
from tasks.job_ref import JobRef, Shard, shard_of

logger = logging.getLogger("brightrun.job")

ENDS: dict[Ended, tuple[JobStatus, Reason, str]] = {
    Ended.STOPPED: (JobStatus.CANCELLED, Reason.INTERRUPTED, "The run was stopped; `brightrun resume {id}` goes on."),
    Ended.BUDGET: (
        JobStatus.BUDGET,
        Reason.BUDGET,
        "The budget does not allow another call; `brightrun resume {id} --budget USD` goes on.",
    ),
    Ended.API: (
        JobStatus.API_STOPPED,
        Reason.API_STOPPED,
        "The API refuses: {api}. Mend it, then `brightrun resume {id}` goes on.",
    ),
}

OTHERS_POLL_S = 0.5

MORE_ROUNDS = 40
"""So many more rounds than attempts: for what can be written once what was written has been judged and is paid for, and
for what workers left behind that died."""

HANDED_OVER = "This process was stopped; another one goes on with the job."
TAKEN_OVER = "Another process took the job over while this one was not heard of; it goes on there."


class JobRun:
    """What the flow asks about the job it is at."""

    def __init__(self, job: JobRef, here: Workplace, made: JobRuntime, stop: StopSignal) -> None:
        self.job = job
        self._here = here
        self._made = made
        self._stop = stop
        self._status = JobStatus.CRASHED
        self.message: str | None = None
        self._calls_before = summarize(here.database, job.id).calls

    def rounds(self) -> Iterator[list[Shard]]:
        """The shards that still owe something, once a round, until nothing is owed or the run has to end.

        A run that was killed while it validated owes nothing and has everything to validate: a round without shards.
        """
        for _ in range(self._made.spec.generate.attempts_per_item + MORE_ROUNDS):
            self._made.run.begin_round()
            with self._here.database.reading() as connection:
                owed = owed_shards(connection, self.job.id)
                counts = state_counts(connection, self.job.id)
            undecided = counts[ItemState.UNDECIDED] - len(self._made.assessment.given_up)
            if self._made.ended or not (owed or counts[ItemState.GENERATED] or undecided > 0):
                break
            yield named_shards(owed, self._items)
        self._give_up_the_rest()

    def left_by_others(self, state: ItemState) -> Iterator[list[Shard]]:
        """What other workers leave to this one, the dead and the busy, until none of them is at an item any more.

        Nothing after a stop.
        """
        while self.goes_on:
            close_crashed_runs([UUID(run_id) for run_id in self._made.bury_the_dead()])
            if not self._made.others_at_work():
                return
            if not self._made.ended and (shards := self._made.shards_to_share(state)):
                yield named_shards(shards, self._items)
            time.sleep(OTHERS_POLL_S)

    def undecided_shards(self) -> list[Shard]:
        """The shards with conversations that wait for the judge or the reader; none once the run has to end."""
        if self._made.ended or not self._made.assessment.assessors:
            return []
        with self._here.database.reading() as connection:
            return named_shards(owed_shards(connection, self.job.id, ItemState.UNDECIDED), self._items)

    @cached_property
    def _items(self) -> int:
        with self._here.database.reading() as connection:
            return sum(state_counts(connection, self.job.id).values())

    @property
    def goes_on(self) -> bool:
        """Whether what was accepted is to be released now; after a stop it waits for `resume`."""
        return self._made.ended not in (Ended.STOPPED, Ended.API)

    def conclude(self, report: ExportReport | None) -> None:
        """Give the job its final status."""
        ended = self._made.ended
        if ended is not None:
            api_error = self._made.run.api_error
            self._status, _, message = ENDS[ended]
            self.message = message.format(id=self.job.id, api=api_error.message if api_error else "")
            if self._stop.reason is StopReason.TAKEN_OVER:
                self.message = TAKEN_OVER
            elif self._hands_over:
                self._status, self.message = JobStatus.RUNNING, HANDED_OVER
        elif report and report.suite and not report.suite.passed:
            self._status = JobStatus.GATED
            self.message = f"No release: critical expectations failed: {failed_expectations(report.suite)}"
        else:
            with self._here.database.reading() as connection:
                counts = state_counts(connection, self.job.id)
            complete = counts[ItemState.ACCEPTED] == sum(counts.values())
            self._status = JobStatus.DONE if complete else JobStatus.SHORT

    def summary(self) -> BuildSummary:
        """The job as it is now, with where to look at it."""
        found = summarize(self._here.database, self.job.id)
        ours = {"adopted": self.job.adopted, "calls_of_this_run": found.calls - self._calls_before}
        return located(found.model_copy(update=ours), self._here.files, PREFECT_API_URL.value())

    def final_state(self) -> State[Any]:
        """What the flow returns: Completed, by name where it fell short, or Cancelled. ApiStoppedError is raised."""
        summary = self.summary()
        if self._status in (JobStatus.CANCELLED, JobStatus.RUNNING):
            return Cancelled(message=self.message)
        if self._status is JobStatus.API_STOPPED:
            raise ApiStoppedError(self.message)
        name = "Completed" if self._status is JobStatus.DONE else self._status.value.title()
        text = f"{summary.accepted} of {summary.planned} conversations accepted"
        return Completed(name=name, message=text, data=summary)

    def finish(self) -> None:
        message = None if self._status is JobStatus.RUNNING else self.message
        with self._here.database.writing() as connection:
            finish_job(connection, self.job.id, this_process(), self._status, message)
        logger.info("%s: %s", self._status.value, self.message or "finished")

    @cached_property
    def _hands_over(self) -> bool:
        """Whether only this process was told to stop, and another worker of the job can lead it."""
        if self._stop.reason not in (StopReason.INTERRUPT, StopReason.TERMINATE):
            return False
        with self._here.database.reading() as connection:
            return bool(live_workers(connection, self.job.id) - {self._made.worker})

    def _give_up_the_rest(self) -> None:
        """Every item that a stop, the budget or the API left waiting says so in its state."""
        ended = self._made.ended
        if ended is None or self._hands_over:
            return
        _, reason, message = ENDS[ended]
        with self._here.database.writing() as connection:
            if owner_of(connection, self.job.id) != this_process():
                return  # another process has the job by now, and is at these items
            moved = move_all(
                connection,
                self.job.id,
                (ItemState.PLANNED,),
                ItemState.CANCELLED,
                reason.value,
                message.format(id=self.job.id, api=""),
            )
        logger.info("%d conversations were not sent (%s)", moved, reason.value)


def named_shards(entries: Sequence[OwedShard], items: int) -> list[Shard]:
    shards = max((entry.number for entry in entries), default=0) + 1
    return [shard_of(entry, shards, single=shards >= items) for entry in entries]


@contextmanager
def job_run(job: JobRef, endpoint: Endpoint, flow_run_id: UUID) -> Iterator[JobRun]:
    """Claim the job and open all it takes to work at it; give it back at the end, however it ends."""
    here = workplace()
    with here.database.reading() as connection:
        before = get_job(connection, job.id)
    with here.database.writing() as connection:
        if not claim_job(connection, job.id, this_process(), str(flow_run_id)):
            raise JobBusyError(f"The job {job.id} is being run by {before.owner} already.")
    stop = StopSignal()
    with ExitStack() as stack:
        made = open_runtime(stack, here, job.id, endpoint, stop, flow_run_id)
        logger.info("flow run %s works at the job", flow_run_id)
        run = JobRun(job, here, made, stop)
        stack.callback(run.finish)
        stack.enter_context(beating(here.database, made.lead, lost=lambda: _lost(stop)))
        listen(stack, here, made, stop, flow_run_id)
        dead = {*made.take_over(), before.flow_run_id if before.owner else None} - {None, str(flow_run_id)}
        close_crashed_runs([UUID(run_id) for run_id in sorted(filter(None, dead))])
        try:
            yield run
        except Exception as error:
            run.message = run.message or str(error)
            raise


def open_runtime(
    stack: ExitStack, here: Workplace, job_id: str, endpoint: Endpoint, stop: StopSignal, flow_run_id: UUID
) -> JobRuntime:
    """The job's log and its runtime, open as long as the stack; then its files are sent."""
    stack.enter_context(job_log(here.files, job_id))
    stack.enter_context(signal_handlers(stop))
    stack.enter_context(files_sent(here, job_id, lambda: stop.is_set))
    made = JobRuntime(here, job_id, endpoint, lambda: stop.is_set, str(flow_run_id))
    stack.enter_context(opened(made))
    return made


def listen(stack: ExitStack, here: Workplace, made: JobRuntime, stop: StopSignal, flow_run_id: UUID) -> None:
    """Take heed of every other way to stop, as long as the stack is open."""
    stack.enter_context(stop_watch(flow_run_id, stop, lambda: cancel_asked(here.database, made.job_id)))
    stack.enter_context(_giving_up_in_time(stop, made))


def _lost(stop: StopSignal) -> None:
    stop.request(StopReason.TAKEN_OVER)


@contextmanager
def _giving_up_in_time(stop: StopSignal, made: JobRuntime) -> Iterator[None]:
    """After a SIGTERM, what is in flight lands within the grace or is given up as possibly paid."""
    timers: list[threading.Timer] = []

    def wind() -> None:
        grace_s = stop.grace_s
        if grace_s is not None and not timers:
            timers.append(threading.Timer(grace_s, made.give_up_what_is_in_flight))
            timers[0].daemon = True
            timers[0].start()

    forget = stop.on_request(wind)
    try:
        yield
    finally:
        forget()
        for timer in timers:
            timer.cancel()
