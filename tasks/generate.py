"""Generate: send every item of a shard that is still owed; the ledger knows which."""

from __future__ import annotations

from typing import Any

from prefect import State, task
from prefect.states import Cancelled

from brightrun.generation import ShardReport
from brightrun.runtime import runtime
from tasks.job_ref import JobRef, Shard
from tasks.retrying import DELAYS_S, is_store_away


@task(
    name="generate",
    task_run_name="{shard}",
    retries=len(DELAYS_S),
    retry_delay_seconds=DELAYS_S,
    retry_condition_fn=is_store_away,
)
def generate(job: JobRef, shard: Shard) -> ShardReport | State[Any]:
    """Hand the shard to this process's lane and wait. A shard of which nothing was sent ends Cancelled."""
    report = runtime(job.id).generate(shard.number)
    if report.left and not report.sent:
        return Cancelled(message=f"Nothing of it was sent: {', '.join(sorted(report.reasons))}.")
    return report
