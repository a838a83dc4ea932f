"""Upkeep: what dead processes left of their jobs is put in order, so that others can go on with it.

Files are seen to by `reconciling` and `draining`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select

from brightrun.draining import DrainReport
from brightrun.errors import BrightRunError
from brightrun.reconciling import ReconcileReport
from brightrun.sending import what_is_left
from brightrun.spec import parse_spec
from brightrun.store.database import Database
from brightrun.store.jobs import crash_job, get_job, locked
from brightrun.store.leases import dead_workers, forget_the_dead, is_worked_at
from brightrun.store.ledger import take_over
from brightrun.store.states import JobStatus
from brightrun.store.tables import batch_jobs, workers

LEFT = "Its process is gone; `brightrun resume {id}` goes on."

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reclaimed:
    """A job that nobody alive was at, and what its dead workers had left."""

    job_id: str
    workers: int
    possibly_paid: int
    """Calls that were on their way, and count as possibly paid from now on."""
    unread: int
    """Replies that arrived and were not read; whoever goes on reads them."""
    crashed: bool
    """Whether it stood as running."""
    flow_runs: tuple[str, ...]


@dataclass(frozen=True)
class Reclaims:
    """The jobs that were put in order. `failed`: those that could not be, with why; the next upkeep tries again."""

    jobs: tuple[Reclaimed, ...]
    failed: tuple[tuple[str, str], ...]

    @property
    def flow_runs(self) -> list[str]:
        """The flow runs of dead workers."""
        return sorted({run for job in self.jobs for run in job.flow_runs})


@dataclass(frozen=True)
class UpkeepReport:
    """What upkeep did. `drained` is None where files stay on this machine."""

    reclaims: Reclaims
    reconciled: ReconcileReport
    drained: DrainReport | None

    def rows(self) -> Iterator[dict[str, str | int]]:
        """It as a table; no rows where everything was in order and nothing waited."""
        for job in self.reclaims.jobs:
            said = f"{job.workers} workers signed off, {job.possibly_paid} calls possibly paid, {job.unread} unread"
            done = f"{said}; marked as crashed" if job.crashed else said
            yield {"about": f"job {job.job_id}", "count": 1, "done": done}
        for job_id, why in self.reclaims.failed:
            yield {"about": f"job {job_id}", "count": 1, "done": f"not put in order: {why}"}
        for discrepancy, count in sorted(self.reconciled.counts.items()):
            names = [f"{one.bucket}/{one.name}" for one in self.reconciled.shown if one.discrepancy is discrepancy]
            yield {"about": f"files, such as {names[0]}" if names else "files", "count": count, "done": discrepancy}
        if self.reconciled.refused_tried_again:
            yield {"about": "refused files", "count": self.reconciled.refused_tried_again, "done": "tried again"}
        if self.reconciled.stopped_by:
            yield {"about": "Storage", "count": 1, "done": f"could not be looked at: {self.reconciled.stopped_by}"}
        if self.drained and (self.drained.sent or self.drained.unchanged):
            yield {"about": "the outbox", "count": self.drained.sent + self.drained.unchanged, "done": "sent"}
        if self.drained and not self.drained.is_done:
            yield {"about": "the outbox", "count": self.drained.left.waiting, "done": what_is_left(self.drained)}


def reclaim_jobs(database: Database) -> Reclaims:
    """Put every job in order that nobody alive is at.

    Where somebody is, the dead beside it are that worker's to bury: it also reads what they left unread.
    Safe at any time, twice, and beside others.
    """
    unfinished = or_(batch_jobs.c.status == JobStatus.RUNNING.value, batch_jobs.c.id.in_(select(workers.c.job_id)))
    with database.reading() as connection:
        found = list(connection.execute(select(batch_jobs.c.id).where(unfinished).order_by(batch_jobs.c.id)).scalars())
    jobs, failed = [], []
    for job_id in found:
        try:
            with database.writing() as connection:
                reclaimed = _reclaim(connection, job_id)
        except BrightRunError as error:
            logger.warning("The job %s was not put in order: %s", job_id, error)
            failed.append((job_id, str(error)))
            continue
        if reclaimed:
            jobs.append(reclaimed)
    return Reclaims(tuple(jobs), tuple(failed))


def _reclaim(connection: Connection, job_id: str) -> Reclaimed | None:
    """Put a job in order, or leave it to whoever is at it. Nobody signs in or claims it meanwhile."""
    if not locked(connection, job_id):
        return None  # deleted since
    job = get_job(connection, job_id)
    dead = dead_workers(connection, job_id)
    is_running = job.status is JobStatus.RUNNING
    if is_worked_at(connection, job) or not (dead or is_running):
        return None
    left = take_over(connection, job_id, parse_spec(job.spec, job_id).generate.attempts_per_item)
    runs = set(forget_the_dead(connection, job_id))
    if is_running:
        crash_job(connection, job_id, LEFT.format(id=job_id))
    if is_running and job.flow_run_id:
        runs.add(job.flow_run_id)
    paid, unread = left.possibly_paid, len(left.unparsed)
    return Reclaimed(job_id, len(dead), paid, unread, is_running, tuple(sorted(runs)))
