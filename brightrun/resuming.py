"""Going on with a job: is it there, may it go on here, with which budget."""

from __future__ import annotations

from decimal import Decimal

from brightrun.adopting import adopt
from brightrun.errors import JobBusyError, RequestError
from brightrun.joblog import note
from brightrun.store.jobs import Job, get_job, owner_is_alive
from brightrun.workplace import Workplace


def prepare_resume(here: Workplace, job_id: str, simulated: bool, budget_usd: Decimal | None) -> Job:
    """The job to go on with, or to help with. Raises JobUnknownError, RequestError where it cannot go on so, and
    JobBusyError where another budget is asked for and it is being run."""
    with here.database.reading() as connection:
        job = get_job(connection, job_id)
    if job.simulated != simulated:
        was, now = ("simulated", "a real API") if job.simulated else ("real", "the simulator")
        raise RequestError(
            f"The job {job.id} is {was}, and what is configured now is {now}; the two are never mixed. "
            "Set or unset ANTHROPIC_API_KEY and ANTHROPIC_BASE_URL as they were, or build anew."
        )
    if budget_usd is None:
        return job
    if owner_is_alive(job):
        raise JobBusyError(f"The job {job.id} is being run by {job.owner}; stop it before its budget is changed.")
    if budget_usd < job.spent_usd:
        raise RequestError(f"The job {job.id} has spent {job.spent_usd} USD; a budget of {budget_usd} cannot hold.")
    spec = {**job.spec, "generate": {**job.spec["generate"], "budget_usd": str(budget_usd)}}
    with here.database.writing() as connection:
        changed = adopt(connection, job, spec)
        job = get_job(connection, job.id)
    note(here.files, job.id, changed)
    return job
