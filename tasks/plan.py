"""Plan: the spec becomes a job with its items, or an unfinished job of the same content is adopted."""

from __future__ import annotations

from prefect import task

from brightrun.exporting import load_suites
from brightrun.joblog import note
from brightrun.planning import make_plan, open_job
from brightrun.spec import DatasetSpec
from brightrun.workplace import workplace
from tasks.job_ref import JobRef


@task(name="plan", task_run_name="plan")
def plan(spec: DatasetSpec | str, simulated: bool, new: bool) -> JobRef:
    """Read and check spec, catalog and expectation suite; write the job. Nothing is sent."""
    here = workplace()
    planned = make_plan(spec, here.config.home)
    load_suites(planned.spec, planned.loaded.source.name).prove()
    opened = open_job(here.database, planned, simulated, new)
    note(here.files, opened.job.id, opened.changed)
    return JobRef(opened.job.id, opened.adopted)
