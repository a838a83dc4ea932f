"""An unfinished job goes on: nothing that arrived is asked for again, and what was spent stays spent."""

from __future__ import annotations

from decimal import Decimal

from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner

from brightrun.endpoint import claude_endpoint
from brightrun.resuming import prepare_resume
from brightrun.summary import BuildSummary
from brightrun.workplace import workplace
from flows.build_dataset import TASK_THREADS, carry_out
from flows.served_flow import served_flow
from flows.task_runs import task_runs
from tasks.job_ref import JobRef


def name_of_run() -> str:
    return f"resume {flow_run.parameters.get('job_id')}"


@served_flow(
    name="resume",
    flow_run_name=name_of_run,
    task_runner=ThreadPoolTaskRunner(max_workers=TASK_THREADS),
)
def resume(job_id: str, budget_usd: Decimal | None = None) -> BuildSummary:
    """Go on with a job, with another budget if one is given. Returns the BuildSummary."""
    here = workplace()
    with task_runs() as runs, claude_endpoint(here.config.home) as endpoint:
        job = prepare_resume(here.database, job_id, endpoint.simulated, budget_usd)
        return carry_out(JobRef(job.id, adopted=True), endpoint, runs)
