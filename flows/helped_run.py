"""A job that another process leads: this one takes a share of its items, and leads if the leader dies."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID

from prefect import State
from prefect.settings import PREFECT_API_URL
from prefect.states import Cancelled, Completed

from brightrun.claude.client import Endpoint
from brightrun.runtime import JobRuntime, beating
from brightrun.stopping import StopSignal
from brightrun.store.jobs import get_job, owner_is_alive, state_counts
from brightrun.store.states import ItemState, JobStatus
from brightrun.summary import located, summarize
from brightrun.workplace import Workplace, workplace
from flows.job_run import OTHERS_POLL_S, listen, named_shards, open_runtime
from tasks.job_ref import JobRef, Shard

logger = logging.getLogger("brightrun.job")


class Stage(StrEnum):
    """What a share of the items needs."""

    GENERATE = "generate"
    ASSESS = "assess"


@dataclass(frozen=True)
class Share:
    """Shards with items that nobody holds."""

    stage: Stage
    shards: Sequence[Shard]


class HelpedRun:
    """What the flow asks about a job that it helps with."""

    def __init__(self, job: JobRef, here: Workplace, made: JobRuntime, stop: StopSignal) -> None:
        self.is_over = False
        self._job = job
        self._here = here
        self._made = made
        self._stop = stop
        self._calls_before = summarize(here.database, job.id).calls

    def shares(self) -> Iterator[Share]:
        """What there is to take, until the job has ended, has lost its leader, or this run is stopped.

        Validation, release and the job's end are the leader's. One who may not send any more (the budget, the API) only
        waits for the end.
        """
        while not self._stop.is_set:
            with self._here.database.reading() as connection:
                job = get_job(connection, self._job.id)
            if job.status is not JobStatus.RUNNING:
                self.is_over = True
                return
            if not owner_is_alive(job):
                logger.warning("%s is not heard of any more; its job is taken over", job.owner)
                return
            share = None if self._made.ended else self._share()
            if share:
                yield share
            time.sleep(OTHERS_POLL_S)

    @property
    def is_lost(self) -> bool:
        """Whether nobody leads the job any more and somebody has to."""
        return not self.is_over and not self._stop.is_set

    def final_state(self) -> State[Any]:
        """What the flow returns: Cancelled after a stop of its own, else Completed with the job's summary."""
        if self._stop.is_set and not self.is_over:
            return Cancelled(message="This worker was stopped; the job goes on without it.")
        found = summarize(self._here.database, self._job.id)
        ours = {"adopted": True, "calls_of_this_run": found.calls - self._calls_before}
        summary = located(found.model_copy(update=ours), self._here.files, PREFECT_API_URL.value())
        return Completed(message=f"{summary.accepted} of {summary.planned} conversations accepted", data=summary)

    def _share(self) -> Share | None:
        if owed := self._made.shards_to_share(ItemState.PLANNED):
            return Share(Stage.GENERATE, named_shards(owed, self._items))
        if not self._made.assessment.assessors:
            return None
        undecided = self._made.shards_to_share(ItemState.UNDECIDED)
        return Share(Stage.ASSESS, named_shards(undecided, self._items)) if undecided else None

    @cached_property
    def _items(self) -> int:
        with self._here.database.reading() as connection:
            return sum(state_counts(connection, self._job.id).values())


@contextmanager
def helped_run(job: JobRef, endpoint: Endpoint, flow_run_id: UUID) -> Iterator[HelpedRun]:
    """Sign in as another worker of the job, and open all it takes to take a share."""
    here = workplace()
    stop = StopSignal()
    with ExitStack() as stack:
        made = open_runtime(stack, here, job.id, endpoint, stop, flow_run_id)
        logger.info("flow run %s helps with the job", flow_run_id)
        stack.enter_context(beating(here.database, made.beat))
        listen(stack, here, made, stop, flow_run_id)
        yield HelpedRun(job, here, made, stop)
