"""A spec becomes a dataset: plan, generate ⇄ validate and assess, enrich, export, report."""

from __future__ import annotations

from typing import cast

from prefect import unmapped
from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner

from brightrun.claude.client import Endpoint
from brightrun.endpoint import claude_endpoint
from brightrun.spec import DatasetSpec
from brightrun.store.states import ItemState
from brightrun.summary import BuildSummary
from brightrun.workplace import workplace
from flows.job_run import job_run
from flows.served_flow import served_flow
from flows.task_runs import TaskRuns, task_runs
from tasks.assess import assess
from tasks.enrich import enrich
from tasks.export import export
from tasks.generate import generate
from tasks.job_ref import JobRef
from tasks.plan import plan
from tasks.report import progress, report
from tasks.validate import validate

TASK_THREADS = 256
"""Task threads only wait for the lane, which has limits of its own; there must be one for each call in flight."""


def name_of_run() -> str:
    """The run's name in Prefect: the dataset's."""
    spec = flow_run.parameters.get("spec")
    name = spec.get("name") if isinstance(spec, dict) else getattr(spec, "name", spec)
    return f"build {name}"


@served_flow(
    name="build-dataset",
    flow_run_name=name_of_run,
    task_runner=ThreadPoolTaskRunner(max_workers=TASK_THREADS),
)
def build_dataset(spec: DatasetSpec | str, new: bool = False) -> BuildSummary:
    """Build the dataset of a spec. Returns the BuildSummary.

    An unfinished job of the same content is gone on with, a finished one is shown and pays nothing.
    Raises ProblemsError, ApiStoppedError, InterruptedRunError.

    Args:
        spec: Path of a spec file where the run's process starts, or the spec itself.
        new: Make another job, even if one of the same content is there.
    """
    with task_runs() as runs, claude_endpoint(workplace().config.home) as endpoint:
        job = runs.result(plan.submit(spec, endpoint.simulated, new), "plan")
        return carry_out(job, endpoint, runs)


def carry_out(job: JobRef, endpoint: Endpoint, runs: TaskRuns) -> BuildSummary:
    """Everything after the plan, for a new job and for one that is resumed."""
    with job_run(job, endpoint, runs.flow_run_id) as run, progress(job):
        for shards in run.rounds():
            runs.wait(generate.map(unmapped(job), shards), [shard.name for shard in shards])
            for left in run.left_by_others(ItemState.PLANNED):
                runs.wait(generate.map(unmapped(job), left), [shard.name for shard in left])
            runs.result(validate.submit(job), "validate")
            undecided = run.undecided_shards()
            runs.wait(assess.map(unmapped(job), undecided), [f"assess {shard.name}" for shard in undecided])
            for left in run.left_by_others(ItemState.UNDECIDED):
                runs.wait(assess.map(unmapped(job), left), [f"assess {shard.name}" for shard in left])
        exported = None
        if run.goes_on:
            runs.result(enrich.submit(job), "enrich")
            exported = runs.result(export.submit(job), "export")
        run.conclude(exported)
        runs.result(report.submit(job, exported, run.message), "report")
    return cast(BuildSummary, run.final_state())  # Prefect gives the caller what the state holds
