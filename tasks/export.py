"""Export: the expectation suite gates the dataset, then the release is written."""

from __future__ import annotations

from prefect import task

from brightrun.exporting import ExportReport, check_dataset, export_job, load_suites
from brightrun.runtime import runtime
from brightrun.store.jobs import get_job
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
    with here.database.reading() as connection:
        stored = get_job(connection, job.id)
    suite = check_dataset(here.database, here.files, stored, load_suites(here.spec, stored.spec_origin))
    if suite is None or not suite.passed:
        return ExportReport(suite, None)
    return ExportReport(suite, export_job(here.database, here.files, job.id, here.catalog, here.spec, suite))
