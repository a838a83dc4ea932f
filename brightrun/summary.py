"""What a job came to: one object that the command prints, the flow returns and pages show."""

from __future__ import annotations

import os
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict

from brightrun.errors import ExitCode
from brightrun.joblog import log_path
from brightrun.links import flow_run_link
from brightrun.local_server import find_server
from brightrun.store.database import Database
from brightrun.store.files import DATASETS, LocalFiles
from brightrun.store.jobs import get_job, latest_release, reason_counts, state_counts
from brightrun.store.spend import spend
from brightrun.store.states import ItemState, JobStatus
from brightrun.workplace import Workplace

EXIT_CODES: dict[JobStatus, ExitCode] = {
    JobStatus.DONE: ExitCode.DONE,
    JobStatus.SHORT: ExitCode.SHORT,
    JobStatus.GATED: ExitCode.SHORT,
    JobStatus.CRASHED: ExitCode.SHORT,
    JobStatus.BUDGET: ExitCode.BUDGET,
    JobStatus.API_STOPPED: ExitCode.API,
    JobStatus.CANCELLED: ExitCode.INTERRUPTED,
}


class SummaryPart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReleaseSummary(SummaryPart):
    """Where the release is: a path in the bucket, or on this machine; never a link that expires."""

    version: str
    path: str
    files: list[dict[str, Any]]


class BuildSummary(SummaryPart):
    """A job in numbers. Sums are exact decimal US dollars.

    `spent_usd` counts possibly paid calls in full; `cache_saved_usd` is what the prompts would have cost more without
    the cache, and below 0 where what was written to it was hardly read.
    """

    job_id: str
    status: JobStatus
    message: str | None
    simulated: bool
    adopted: bool = False
    planned: int
    accepted: int
    rejected: int
    undecided: int
    failed: int
    cancelled: int
    reasons: dict[str, int]
    calls: int
    calls_of_this_run: int | None = None
    possibly_paid_calls: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_saved_usd: Decimal
    spent_usd: Decimal
    budget_usd: Decimal
    release: ReleaseSummary | None
    flow_run_id: str | None
    ui_url: str | None = None
    log: str | None = None

    @property
    def exit_code(self) -> ExitCode:
        return EXIT_CODES.get(self.status, ExitCode.SHORT)


def summarize(database: Database, job_id: str) -> BuildSummary:
    """The summary of a job as the store has it now."""
    with database.reading() as connection:
        job = get_job(connection, job_id)
        counts = state_counts(connection, job.id)
        spent = spend(connection, job.id)
        release = latest_release(connection, job.id)
        reasons = reason_counts(connection, job.id)
    return BuildSummary(
        job_id=job.id,
        status=job.status,
        message=job.message,
        simulated=job.simulated,
        planned=sum(counts.values()),
        accepted=counts[ItemState.ACCEPTED],
        rejected=counts[ItemState.REJECTED],
        undecided=counts[ItemState.UNDECIDED],
        failed=counts[ItemState.FAILED],
        cancelled=counts[ItemState.CANCELLED],
        reasons=reasons,
        calls=spent.calls,
        possibly_paid_calls=spent.possibly_paid,
        input_tokens=spent.input_tokens,
        output_tokens=spent.output_tokens,
        cache_read_tokens=spent.cache_read_tokens,
        cache_saved_usd=spent.cache_saved_usd,
        spent_usd=job.spent_usd,
        budget_usd=job.budget_usd,
        release=ReleaseSummary.model_validate(release) if release else None,
        flow_run_id=job.flow_run_id,
    )


def located(summary: BuildSummary, files: LocalFiles, api_url: str | None) -> BuildSummary:
    """The summary with the paths and links that hold where it is read."""
    release = summary.release
    if release is not None:
        release = release.model_copy(update={"path": str(files.path(DATASETS, release.path))})
    link = flow_run_link(api_url, summary.flow_run_id) if api_url and summary.flow_run_id else None
    log = str(log_path(files, summary.job_id))
    return summary.model_copy(update={"release": release, "ui_url": link, "log": log})


def located_summary(here: Workplace, job_id: str) -> BuildSummary:
    """The summary with the links that can be made from here."""
    server = find_server(here.config.home)
    api_url = os.environ.get("PREFECT_API_URL") or (server.url if server else None)
    return located(summarize(here.database, job_id), here.files, api_url)
