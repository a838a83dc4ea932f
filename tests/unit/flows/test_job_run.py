"""What a run does with a job's items at its end."""

from __future__ import annotations

from collections.abc import Callable

from small_jobs import JobAtHand
from sqlalchemy import update

from brightrun.stopping import StopReason, StopSignal
from brightrun.store.jobs import claim_job, this_process
from brightrun.store.states import ItemState
from brightrun.store.tables import batch_items, batch_jobs
from flows.job_run import HANDED_OVER, TAKEN_OVER, JobRun
from tasks.job_ref import JobRef

NOWHERE = "http://127.0.0.1:9"


def ended_by(job: JobAtHand, reason: StopReason, owner: str) -> JobRun:
    """A run of the job that is asked to stop before it sends anything; `owner` has the job by then."""
    stop = StopSignal()
    with job.runtime(NOWHERE, lambda: stop.is_set) as made:
        with job.here.database.writing() as connection:
            assert claim_job(connection, job.id, this_process(), None)
        run = JobRun(JobRef(job.id), job.here, made, stop)
        stop.request(reason)
        with job.here.database.writing() as connection:
            connection.execute(update(batch_jobs).values(owner=owner))
        assert list(run.rounds()) == []
        run.conclude(None)
        run.finish()
    return run


def test_kf_27_what_a_kill_left_unvalidated_gets_its_round(new_job: Callable[..., JobAtHand]) -> None:
    """KF-27: nothing is owed, and nothing is done either."""
    job = new_job(items=3)
    with job.runtime(NOWHERE) as made:
        with job.here.database.writing() as connection:
            connection.execute(update(batch_items).values(state=ItemState.GENERATED.value))
        rounds = JobRun(JobRef(job.id), job.here, made, StopSignal()).rounds()
        assert next(rounds) == []
        with job.here.database.writing() as connection:
            connection.execute(update(batch_items).values(state=ItemState.ACCEPTED.value))
        assert list(rounds) == []


def test_items_that_a_stop_left_waiting_say_so(new_job: Callable[..., JobAtHand]) -> None:
    job = new_job(items=2)
    run = ended_by(job, StopReason.INTERRUPT, this_process())
    assert [(item["state"], item["reason_code"]) for item in job.items] == [("cancelled", "interrupted")] * 2
    assert (job.job.status, job.job.message) == ("cancelled", run.message)


def test_kf_21_a_run_whose_job_was_taken_over_leaves_it_alone(new_job: Callable[..., JobAtHand]) -> None:
    """KF-21: whoever has it now is at these items."""
    job = new_job(items=2)
    run = ended_by(job, StopReason.TAKEN_OVER, "elsewhere:1")
    assert job.states == ["planned"] * 2
    assert run.message == TAKEN_OVER
    assert (job.job.status, job.job.owner, job.job.message) == ("running", "elsewhere:1", None)


def test_who_is_interrupted_hands_the_job_to_another_worker(new_job: Callable[..., JobAtHand]) -> None:
    job = new_job(items=2)
    with job.runtime(NOWHERE):
        run = ended_by(job, StopReason.INTERRUPT, this_process())
        assert job.states == ["planned"] * 2
        assert run.message == HANDED_OVER
        assert (job.job.status, job.job.owner) == ("running", None)


def test_a_cancel_is_for_the_whole_job(new_job: Callable[..., JobAtHand]) -> None:
    job = new_job(items=2)
    with job.runtime(NOWHERE):
        ended_by(job, StopReason.CANCELLED_IN_STORE, this_process())
        assert job.states == ["cancelled"] * 2
        assert job.job.status == "cancelled"
