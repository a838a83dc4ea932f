"""KF-20, KF-21: what dead processes left of their jobs is put in order, once, and the living are left alone."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import adversary as api
from adversary import Adversary
from database_servers import on_every_database
from small_jobs import JobAtHand
from sqlalchemy import update

from brightrun.store.jobs import LEASE_S, claim_job, utc_now
from brightrun.store.leases import sign_in
from brightrun.store.ledger import Intent, KeptReply, keep_replies, reserve
from brightrun.store.tables import batch_items, batch_jobs, workers
from brightrun.upkeep import Reclaimed, reclaim_jobs

NewJob = Callable[..., JobAtHand]
WAIT_S = 60
FLOW_RUN = "5b0ee4f4-6a6c-4f6e-9a53-0d6d8ad5b3a5"


def leave(job: JobAtHand, silent_s: float = LEASE_S + 1) -> None:
    """A process elsewhere has the job, a reply that it did not read, and a call on its wire; heard of so long ago."""
    elsewhere = f"elsewhere:1/{job.id}"
    at, share = utc_now() - timedelta(seconds=silent_s), job.job.budget_usd / 10
    body = json.dumps(api.message()).encode()
    with job.here.database.writing() as connection:
        assert claim_job(connection, job.id, "elsewhere:1", FLOW_RUN)
        worker = sign_in(connection, job.id, FLOW_RUN)
        connection.execute(update(workers).values(id=elsewhere, heartbeat_at=at).where(workers.c.id == worker))
        connection.execute(update(batch_items).where(batch_items.c.job_id == job.id).values(leased_by=elsewhere))
        calls = [
            Intent(f"{job.id}-{number}", job.id, item["id"], 1, 1, "online", "m", "{}", share, holder=elsewhere)
            for number, item in enumerate(job.items[:2])
        ]
        reserve(connection, calls)
        keep_replies(
            connection, [KeptReply(f"{job.id}-0", body, share / 2, "msg", "req", "end_turn", {}, 5, 6, False, 200)]
        )
        connection.execute(update(batch_jobs).where(batch_jobs.c.id == job.id).values(heartbeat_at=at))


@on_every_database
def test_kf_20_a_dead_job_is_marked_and_its_items_are_free(new_job: NewJob, adversary: Adversary) -> None:
    """KF-20, and law 2: the reply that was not read is read by whoever goes on, and not asked for again."""
    job = new_job(3)
    leave(job)
    start = threading.Barrier(2)

    def reclaim(_: int) -> list[Reclaimed]:
        start.wait(WAIT_S)
        found = reclaim_jobs(job.here.database)
        assert found.failed == ()
        return list(found.jobs)

    with ThreadPoolExecutor(2) as pool:
        done = [one for found in pool.map(reclaim, range(2)) for one in found]
    assert done == [Reclaimed(job.id, 1, 1, 1, True, (FLOW_RUN,))]
    assert sorted(job.states) == ["generating", "planned", "planned"]
    assert {call["state"] for call in job.calls} == {"replied", "possibly_paid"}
    assert (job.job.status, job.job.owner) == ("crashed", None)
    assert f"brightrun resume {job.id}" in (job.job.message or "")
    job.assert_books_balance()
    assert reclaim_jobs(job.here.database).jobs == ()

    adversary.otherwise = api.reply()
    job.run(adversary.url)
    assert job.states == ["generated"] * 3
    assert len(adversary.received) == 2
    job.assert_books_balance()


def test_kf_21_whoever_is_heard_of_is_left_alone(new_job: NewJob) -> None:
    """KF-21: and where one worker lives, the dead beside it are left to it, which reads what they did not."""
    alive, helped, planned = new_job(2), new_job(2), new_job(2)
    leave(alive, silent_s=0)
    with helped.runtime("http://127.0.0.1:9"):
        leave(helped)
        with helped.here.database.writing() as connection:
            connection.execute(update(batch_jobs).where(batch_jobs.c.id == helped.id).values(owner=None))
        assert reclaim_jobs(alive.here.database).jobs == ()
    assert (alive.job.status, helped.job.status, planned.job.status) == ("running", "running", "planned")
    assert alive.states == helped.states == ["generating", "generating"]


def test_a_worker_that_died_when_the_job_had_ended_is_signed_off(new_job: NewJob) -> None:
    job = new_job(2)
    leave(job)
    with job.here.database.writing() as connection:
        connection.execute(update(batch_jobs).values(status="budget", owner=None))
    (one,) = reclaim_jobs(job.here.database).jobs
    assert (one.workers, one.possibly_paid, one.crashed) == (1, 1, False)
    assert job.job.status == "budget"


def test_a_job_that_cannot_be_put_in_order_holds_up_no_other(new_job: NewJob) -> None:
    broken, job = new_job(2), new_job(2)
    with job.here.database.writing() as connection:
        connection.execute(update(batch_jobs).values(status="running"))
        connection.execute(update(batch_jobs).where(batch_jobs.c.id == broken.id).values(spec={"name": "no more"}))
    found = reclaim_jobs(job.here.database)
    assert [one.job_id for one in found.jobs] == [job.id]
    assert [one for one, _ in found.failed] == [broken.id]
