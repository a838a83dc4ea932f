"""Validate: the checks give every generated conversation its verdict."""

from __future__ import annotations

from prefect import task

from brightrun.runtime import runtime
from brightrun.validation import ValidationReport
from tasks.job_ref import JobRef
from tasks.retrying import DELAYS_S, is_store_away


@task(
    name="validate",
    task_run_name="validate",
    retries=len(DELAYS_S),
    retry_delay_seconds=DELAYS_S,
    retry_condition_fn=is_store_away,
)
def validate(job: JobRef) -> ValidationReport:
    """Accepted or handed on to be judged, or owed again while attempts are left, or rejected."""
    return runtime(job.id).validate()
