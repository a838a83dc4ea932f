"""Upkeep: jobs whose process is gone, files and rows that do not agree, files that wait for Storage."""

from __future__ import annotations

from prefect import task
from prefect.artifacts import create_table_artifact

from brightrun.draining import DrainReport, drain
from brightrun.reconciling import ReconcileReport, reconcile
from brightrun.upkeep import Reclaims, UpkeepReport, reclaim_jobs
from brightrun.workplace import remote_files, workplace
from tasks.report import MOST_ROWS
from tasks.retrying import DELAYS_S, is_store_away

SEND_FOR_S = 1800.0
"""So long upkeep sends files at most; it comes every hour."""


@task(
    name="reclaim",
    task_run_name="reclaim",
    retries=len(DELAYS_S),
    retry_delay_seconds=DELAYS_S,
    retry_condition_fn=is_store_away,
)
def reclaim() -> Reclaims:
    """Put jobs in order that nobody alive is at."""
    return reclaim_jobs(workplace().database)


@task(
    name="mend files",
    task_run_name="mend files",
    retries=len(DELAYS_S),
    retry_delay_seconds=DELAYS_S,
    retry_condition_fn=is_store_away,
)
def mend_files() -> ReconcileReport:
    """Hold files and rows against each other, here and in Storage."""
    here = workplace()
    return reconcile(here.database, here.files, remote_files(here.config))


@task(
    name="send files",
    task_run_name="send files",
    retries=len(DELAYS_S),
    retry_delay_seconds=DELAYS_S,
    retry_condition_fn=is_store_away,
)
def send_waiting_files() -> DrainReport | None:
    """Send what waits for Storage in this machine's folder; None where files stay on this machine."""
    here = workplace()
    remote = remote_files(here.config)
    return drain(here.database, here.files, remote, time_limit_s=SEND_FOR_S) if remote else None


@task(name="report upkeep", task_run_name="report upkeep")
def report_upkeep(report: UpkeepReport) -> None:
    """A table of what was done."""
    rows = list(report.rows())
    more = f"; the first {MOST_ROWS} of {len(rows)}" if len(rows) > MOST_ROWS else ""
    said = f"What upkeep found and did{more}" if rows else "Everything was in order"
    create_table_artifact(rows[:MOST_ROWS], key="upkeep", description=said)
