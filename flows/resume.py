"""An unfinished job goes on: nothing that arrived is asked for again, and what was spent stays spent."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import cast

from prefect import unmapped
from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner

from brightrun.endpoint import claude_endpoint
from brightrun.errors import JobBusyError
from brightrun.resuming import prepare_resume
from brightrun.store.jobs import get_job, owner_is_alive
from brightrun.summary import BuildSummary
from brightrun.workplace import workplace
from flows.build_dataset import TASK_THREADS, carry_out
from flows.helped_run import HelpedRun, Stage, helped_run
from flows.served_flow import served_flow
from flows.task_runs import TaskRuns, task_runs
from tasks.assess import assess
from tasks.generate import generate
from tasks.job_ref import JobRef

MOST_LEADERS = 10
"""So many leaders may die under a worker before it gives up."""


def name_of_run() -> str:
    return f"resume {flow_run.parameters.get('job_id')}"


@served_flow(
    name="resume",
    flow_run_name=name_of_run,
    task_runner=ThreadPoolTaskRunner(max_workers=TASK_THREADS),
)
def resume(job_id: str, budget_usd: Decimal | None = None) -> BuildSummary:
    """Go on with a job, with another budget if one is given. Returns the BuildSummary.

    Where another process is at the job, this one takes a share of its items, and leads it if the other one dies.
    """
    here = workplace()
    with task_runs() as runs, claude_endpoint(here.config.home) as endpoint:
        job = prepare_resume(here, job_id, endpoint.simulated, budget_usd)
        ref = JobRef(job.id, adopted=True)
        for _ in range(MOST_LEADERS):
            if not owner_is_alive(job):
                with suppress(JobBusyError):  # somebody else was faster
                    return carry_out(ref, endpoint, runs)
            with helped_run(ref, endpoint, runs.flow_run_id) as helped:
                help_out(ref, helped, runs)
            if not helped.is_lost:
                return cast(BuildSummary, helped.final_state())  # Prefect gives the caller what the state holds
            with here.database.reading() as connection:
                job = get_job(connection, job.id)
        raise JobBusyError(f"The job {job.id} went from hand to hand {MOST_LEADERS} times; try again later.")


def help_out(job: JobRef, helped: HelpedRun, runs: TaskRuns) -> None:
    """Take shares of what is owed and of what waits for the judge, until there is none."""
    for share in helped.shares():
        work = generate if share.stage is Stage.GENERATE else assess
        names = [f"{share.stage} {shard.name}" for shard in share.shards]
        runs.wait(work.map(unmapped(job), share.shards), names)
