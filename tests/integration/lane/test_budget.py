"""The budget holds under concurrency, and a call waits for room only as long as room can come."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from decimal import Decimal

import adversary as api
from adversary import Adversary
from database_servers import on_every_database
from single_calls import intend, keep_failure
from small_jobs import JobAtHand, generate_all
from sqlalchemy import update

from brightrun.generation import Ended
from brightrun.store.ledger import CallFailure, Intent
from brightrun.store.states import ItemState
from brightrun.store.tables import batch_items, batch_jobs

pytestmark = on_every_database

NewJob = Callable[..., JobAtHand]


def set_budget(job: JobAtHand, budget_usd: Decimal) -> None:
    with job.here.database.writing() as connection:
        connection.execute(update(batch_jobs).where(batch_jobs.c.id == job.id).values(budget_usd=budget_usd))


def worst_case_usd(new_job: NewJob, adversary: Adversary) -> Decimal:
    """What one call reserves, or a little more."""
    job = new_job()
    adversary.then([api.reset])
    job.run(adversary.url)
    reserved: Decimal = job.calls[0]["cost_usd"]
    adversary.received.clear()
    return reserved * Decimal("1.1")


def wait_until(condition: Callable[[], bool], bound_s: float = 10) -> None:
    end = time.monotonic() + bound_s
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.005)


def test_law_4_room_for_one_worst_case_at_a_time_is_enough_for_all(new_job: NewJob, adversary: Adversary) -> None:
    one = worst_case_usd(new_job, adversary)
    job = new_job(items=12, concurrency=12)
    set_budget(job, one + 12 * Decimal("0.007"))
    job.run(adversary.url)
    assert job.states == ["generated"] * 12
    assert job.job.spent_usd == 12 * Decimal("0.007")
    job.assert_books_balance()


def test_law_4_a_budget_for_nothing_sends_nothing(new_job: NewJob, adversary: Adversary) -> None:
    job = new_job(items=3)
    set_budget(job, Decimal("0.000001"))
    with job.runtime(adversary.url) as made:
        reports = generate_all(made)
        assert made.ended is Ended.BUDGET
    assert adversary.received == []
    assert job.calls == []
    assert job.states == ["planned"] * 3
    assert sum(report.left for report in reports) == 3
    assert all(set(report.reasons) == {"budget_exhausted"} for report in reports)


def test_law_4_the_budget_stops_between_calls_and_what_was_sent_stays(new_job: NewJob, adversary: Adversary) -> None:
    one = worst_case_usd(new_job, adversary)
    job = new_job(items=10, concurrency=4)
    set_budget(job, one + 3 * Decimal("0.007"))
    job.run(adversary.url)
    done = job.states.count("generated")
    assert 3 <= done < 10
    assert job.states.count("planned") == 10 - done
    job.assert_books_balance()


def test_the_budget_ends_an_item_that_has_failed_before(new_job: NewJob, adversary: Adversary) -> None:
    one = worst_case_usd(new_job, adversary)
    adversary.then([api.refuse(529)])

    job = new_job()
    set_budget(job, one)
    with job.runtime(adversary.url) as made:
        made.run.back_off_s = (0.3, 0.3)
        shard = threading.Thread(target=made.generate, args=(0,))
        shard.start()
        wait_until(lambda: [call["state"] for call in job.calls] == ["failed"])
        set_budget(job, Decimal("0.000001"))
        shard.join(10)
        assert made.ended is Ended.BUDGET
    (item,) = job.items
    assert (item["state"], item["reason_code"], item["attempt"]) == ("planned", "budget_exhausted", 1)
    set_budget(job, one)
    job.run(adversary.url)
    assert [(call["attempt"], call["call"]) for call in job.calls] == [(1, 1), (1, 2)]
    assert job.states == ["generated"]


def test_a_call_waits_for_room_that_another_process_holds(new_job: NewJob, adversary: Adversary) -> None:
    one = worst_case_usd(new_job, adversary)
    job = new_job(items=2)
    other = Intent("g-other", job.id, job.items[1]["id"], 1, 1, "online", "claude-sonnet-5-5", "{}", one)
    set_budget(job, one * Decimal("1.5"))
    with job.runtime(adversary.url) as made:
        with job.here.database.writing() as connection:
            assert intend(connection, other)
        shard = threading.Thread(target=made.generate, args=(0,))
        shard.start()
        shard.join(0.3)
        assert shard.is_alive()
        assert adversary.received == []
        with job.here.database.writing() as connection:
            keep_failure(connection, CallFailure("g-other", "overloaded", "no", possibly_paid=False))
        shard.join(10)
        assert made.ended is None
    assert job.states[0] == "generated"


def test_kf_26_room_that_another_process_never_gives_back_is_not_waited_for_for_ever(
    new_job: NewJob, adversary: Adversary
) -> None:
    """KF-26."""
    one = worst_case_usd(new_job, adversary)
    job = new_job(items=2, timeout_s=1)
    other = Intent("g-other", job.id, job.items[1]["id"], 1, 1, "online", "claude-sonnet-5-5", "{}", one)
    set_budget(job, one * Decimal("1.5"))
    with job.runtime(adversary.url) as made:
        with job.here.database.writing() as connection:
            assert intend(connection, other)
        made.generate(0)
        assert made.ended is Ended.BUDGET
    assert adversary.received == []
    job.assert_books_balance()


def test_law_2_an_item_that_is_settled_is_not_sent_again(new_job: NewJob, adversary: Adversary) -> None:
    """Somebody else settles an item after it was read as owed."""
    job = new_job(items=2, concurrency=1)
    released = threading.Event()
    adversary.then([api.stall(released)])
    with job.here.database.writing() as connection:
        connection.execute(update(batch_items).where(batch_items.c.job_id == job.id).values(shard=0))
    failures: list[BaseException] = []

    def generate() -> None:
        try:
            made.generate(0)
        except ValueError as error:
            failures.append(error)

    with job.runtime(adversary.url) as made:
        shard = threading.Thread(target=generate)
        shard.start()
        wait_until(lambda: len(adversary.received) == 1)
        with job.here.database.writing() as connection:
            second = batch_items.c.position == 1
            connection.execute(update(batch_items).where(second).values(state=ItemState.ACCEPTED.value))
        released.set()
        shard.join(10)
    assert len(adversary.received) == 1
    assert "nothing is owed" in str(failures[0])
    assert job.states == ["generated", "accepted"]
    job.assert_books_balance()
