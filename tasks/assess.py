"""Assess: the judge and the reader say what they find in the undecided conversations of a shard."""

from __future__ import annotations

from typing import Any

from prefect import State, task
from prefect.states import Cancelled

from brightrun.assessment import AssessmentReport
from brightrun.runtime import runtime
from tasks.job_ref import JobRef, Shard
from tasks.retrying import DELAYS_S, is_store_away


@task(
    name="assess",
    task_run_name="assess {shard}",
    retries=len(DELAYS_S),
    retry_delay_seconds=DELAYS_S,
    retry_condition_fn=is_store_away,
)
def assess(job: JobRef, shard: Shard) -> AssessmentReport | State[Any]:
    """Ask about the shard's conversations and wait. A shard of which nothing was decided ends Cancelled."""
    report = runtime(job.id).assess(shard.number)
    if report.left and not report.sent:
        return Cancelled(message=f"Nothing of it was asked: {', '.join(sorted(report.reasons))}.")
    return report
