"""Export: the expectation suites gate the dataset, then the release is written."""

from __future__ import annotations

from prefect import task

from brightrun.exporting import ExportReport, export_job
from brightrun.runtime import runtime
from tasks.job_ref import JobRef
from tasks.retrying import DELAYS_S, is_store_away


@task(
    name="export",
    task_run_name="export",
    retries=len(DELAYS_S),
    retry_delay_seconds=DELAYS_S,
    retry_condition_fn=is_store_away,
)
def export(job: JobRef) -> ExportReport:
    """The release of what was accepted; none where nothing was, or where a critical expectation failed."""
    here = runtime(job.id)
    return export_job(here.database, here.files, job.id, here.catalog, here.spec)
