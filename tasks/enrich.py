"""Enrich: every accepted conversation becomes a record with its training pairs."""

from __future__ import annotations

from prefect import task

from brightrun.enrichment import enrich_job
from brightrun.runtime import runtime
from brightrun.store.jobs import get_job
from tasks.job_ref import JobRef
from tasks.retrying import DELAYS_S, is_store_away


@task(
    name="enrich",
    task_run_name="enrich",
    retries=len(DELAYS_S),
    retry_delay_seconds=DELAYS_S,
    retry_condition_fn=is_store_away,
)
def enrich(job: JobRef) -> int:
    """How many records were made."""
    here = runtime(job.id)
    with here.database.reading() as connection:
        stored = get_job(connection, job.id)
    return enrich_job(here.database, here.files, stored, here.catalog)
