"""KF-21: a job belongs to one process at a time; who is dead or silent loses it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta

from small_jobs import JobAtHand
from sqlalchemy import update

from brightrun.store.jobs import (
    LEASE_S,
    cancel_requested,
    claim_job,
    finish_job,
    heartbeat,
    owner_is_alive,
    request_cancel,
    this_process,
    utc_now,
)
from brightrun.store.states import JobStatus
from brightrun.store.tables import batch_jobs

NewJob = Callable[..., JobAtHand]
ELSEWHERE = ("elsewhere:1", "elsewhere:2")


def claim(job: JobAtHand, owner: str) -> bool:
    with job.here.database.writing() as connection:
        return claim_job(connection, job.id, owner, f"run of {owner}")


def age(job: JobAtHand, seconds: float) -> None:
    with job.here.database.writing() as connection:
        connection.execute(update(batch_jobs).values(heartbeat_at=utc_now() - timedelta(seconds=seconds)))


def test_of_two_owners_one_gets_the_job(new_job: NewJob) -> None:
    job = new_job()
    assert claim(job, ELSEWHERE[0])
    assert not claim(job, ELSEWHERE[1])
    assert job.job.owner == ELSEWHERE[0]
    assert job.job.status is JobStatus.RUNNING
    assert job.job.flow_run_id == f"run of {ELSEWHERE[0]}"


def test_of_many_at_once_one_gets_the_job(new_job: NewJob) -> None:
    job = new_job()
    start = threading.Barrier(6)
    got: list[bool] = []

    def try_it(number: int) -> None:
        start.wait(10)
        got.append(claim(job, f"elsewhere:{number}"))

    threads = [threading.Thread(target=try_it, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(got) == [False] * 5 + [True]


def test_kf_21_a_silent_owner_loses_the_job_and_a_beating_one_keeps_it(new_job: NewJob) -> None:
    """KF-21."""
    job = new_job()
    claim(job, ELSEWHERE[0])
    age(job, LEASE_S + 1)
    with job.here.database.writing() as connection:
        assert heartbeat(connection, job.id, ELSEWHERE[0])
    assert not claim(job, ELSEWHERE[1])
    age(job, LEASE_S + 1)
    assert not owner_is_alive(job.job)
    assert claim(job, ELSEWHERE[1])
    with job.here.database.writing() as connection:
        assert not heartbeat(connection, job.id, ELSEWHERE[0])
    assert job.job.owner == ELSEWHERE[1]


def test_kf_20_a_dead_process_of_this_host_loses_the_job_at_once(new_job: NewJob) -> None:
    """KF-20."""
    job = new_job()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        owner = f"{socket.gethostname()}:{process.pid}"
        assert claim(job, owner)
        assert owner_is_alive(job.job)
        assert not claim(job, ELSEWHERE[0])
    assert not owner_is_alive(job.job)
    assert claim(job, ELSEWHERE[0])


def test_a_finished_job_is_nobodys(new_job: NewJob) -> None:
    job = new_job()
    claim(job, ELSEWHERE[0])
    with job.here.database.writing() as connection:
        finish_job(connection, job.id, ELSEWHERE[1], JobStatus.DONE, "not mine to end")
        assert not job.job.message
        finish_job(connection, job.id, ELSEWHERE[0], JobStatus.SHORT, "two are missing")
    assert (job.job.status, job.job.message, job.job.owner) == (JobStatus.SHORT, "two are missing", None)
    assert claim(job, ELSEWHERE[1])


def test_a_new_claim_forgets_an_old_cancel(new_job: NewJob) -> None:
    job = new_job()
    with job.here.database.writing() as connection:
        request_cancel(connection, job.id, "somebody")
        assert cancel_requested(connection, job.id)
    claim(job, this_process())
    with job.here.database.reading() as connection:
        assert not cancel_requested(connection, job.id)
    assert job.job.owner == f"{socket.gethostname()}:{os.getpid()}"
