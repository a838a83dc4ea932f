"""Stopped, given up, killed: whatever arrived is kept, whatever may be paid is counted, and `resume` goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from pathlib import Path

import adversary as api
import pytest
from adversary import Adversary
from database_servers import on_every_database
from single_calls import intend, keep_reply
from small_jobs import SHORT_BACK_OFF_S, JobAtHand, generate_all
from sqlalchemy import event, update

from brightrun.claude.client import Endpoint
from brightrun.errors import JobBusyError, StoreError
from brightrun.runtime import JobRuntime, beating, opened
from brightrun.store.jobs import claim_job, heartbeat, this_process
from brightrun.store.ledger import Intent, KeptReply
from brightrun.store.states import ItemState
from brightrun.store.tables import batch_items, batch_jobs

pytestmark = on_every_database

NewJob = Callable[..., JobAtHand]
KILLED_RUN = Path(__file__).with_name("killed_run.py")


def wait_until(condition: Callable[[], bool], bound_s: float = 20) -> None:
    end = time.monotonic() + bound_s
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.005)


def into_one_shard(job: JobAtHand) -> None:
    with job.here.database.writing() as connection:
        connection.execute(update(batch_items).where(batch_items.c.job_id == job.id).values(shard=0))


def intent_for(job: JobAtHand, generation_id: str = "g-1", attempt: int = 1) -> Intent:
    return Intent(
        generation_id,
        job.id,
        job.items[0]["id"],
        attempt,
        1,
        "online",
        "claude-sonnet-5-5",
        "{}",
        Decimal("0.5"),
    )


def kept(generation_id: str) -> KeptReply:
    raw = json.dumps(api.message()).encode()
    return KeptReply(generation_id, raw, None, "msg_1", "req_1", "end_turn", {}, 1, 1, False, 200)


def test_after_a_stop_nothing_new_is_sent_and_what_is_in_flight_lands(new_job: NewJob, adversary: Adversary) -> None:
    stop, released = threading.Event(), threading.Event()
    adversary.then([api.reply()])  # it puts the prefix all share into the cache; the others wait for that
    adversary.otherwise = api.stall(released)
    job = new_job(items=9, concurrency=3)
    with job.runtime(adversary.url, stop.is_set) as made, ThreadPoolExecutor(1) as pool:
        reports = pool.submit(generate_all, made)
        wait_until(lambda: len(adversary.received) == 4)
        stop.set()
        released.set()
        landed = reports.result(20)
    assert len(adversary.received) == 4
    assert sorted(job.states) == ["generated"] * 4 + ["planned"] * 5
    assert sum(report.left for report in landed) == 5
    assert all(report.reasons in ({}, {"interrupted": 1}) for report in landed)
    job.assert_books_balance()


def test_what_is_given_up_is_possibly_paid_and_the_shard_reports(new_job: NewJob, adversary: Adversary) -> None:
    stop = threading.Event()
    adversary.otherwise = api.stall()
    job = new_job(items=3)
    with job.runtime(adversary.url, stop.is_set) as made, ThreadPoolExecutor(1) as pool:
        reports = pool.submit(generate_all, made)
        wait_until(lambda: len(adversary.received) == 3)
        stop.set()
        made.give_up_what_is_in_flight()
        assert [report.left for report in reports.result(20)] == [1, 1, 1]
    assert [(call["state"], call["error_category"]) for call in job.calls] == [
        ("possibly_paid", "connection_broken")
    ] * 3
    assert all(call["cost_usd"] > 0 for call in job.calls)
    assert [(item["state"], item["attempt"]) for item in job.items] == [("planned", 2)] * 3
    job.assert_books_balance()
    adversary.otherwise = api.reply()
    job.run(adversary.url)
    assert job.states == ["generated"] * 3
    assert [(call["attempt"], call["call"]) for call in job.calls][3:] == [(2, 1)] * 3


def test_a_stop_while_the_intent_is_written_sends_nothing_and_costs_nothing(
    new_job: NewJob, adversary: Adversary
) -> None:
    """The ledger's commit is where a stop is likeliest to come between the look and the send."""
    stop, job = threading.Event(), new_job()

    def stop_at_the_intent(_connection: object, statement: object, *_rest: object) -> None:
        if getattr(getattr(statement, "table", None), "name", "") == "generations" and statement.is_insert:  # type: ignore[attr-defined]
            stop.set()

    event.listen(job.here.database.engine, "before_execute", stop_at_the_intent)
    (report,) = job.run(adversary.url, stop.is_set)
    assert adversary.received == []
    assert (report.left, report.sent, report.reasons) == (1, 0, {"interrupted": 1})
    assert [(call["state"], call["error_category"], call["cost_usd"]) for call in job.calls] == [
        ("failed", "not_sent", 0)
    ]
    assert [(item["state"], item["attempt"]) for item in job.items] == [("planned", 1)]
    job.run(adversary.url)
    assert [(call["attempt"], call["call"]) for call in job.calls] == [(1, 1), (1, 2)]
    assert job.states == ["generated"]
    job.assert_books_balance()


def test_closing_a_runtime_leaves_nobody_waiting(new_job: NewJob, adversary: Adversary) -> None:
    adversary.then([api.reply()])
    adversary.otherwise = api.stall()
    job = new_job(items=31, concurrency=2)
    into_one_shard(job)
    with ThreadPoolExecutor(1) as pool:
        with job.runtime(adversary.url) as made:
            reports = pool.submit(generate_all, made)
            wait_until(lambda: len(adversary.received) == 3)
        (report,) = reports.result(20)
    assert report.left == 30
    assert [call["state"] for call in job.calls] == ["replied"] + ["possibly_paid"] * 2
    job.assert_books_balance()
    made.give_up_what_is_in_flight()  # a timer that fires late finds nothing to do
    made.close()
    with pytest.raises(StoreError, match="not worked at"):
        made.generate(0)


def test_a_stop_ends_a_back_off(new_job: NewJob, adversary: Adversary) -> None:
    stop = threading.Event()
    adversary.otherwise = api.refuse(529, retry_after="60")
    job = new_job()
    with job.runtime(adversary.url, stop.is_set) as made, ThreadPoolExecutor(1) as pool:
        made.run.back_off_s = (60.0, 60.0)
        reports = pool.submit(generate_all, made)
        wait_until(lambda: [call["state"] for call in job.calls] == ["failed"])
        stop.set()
        (report,) = reports.result(10)
    assert (report.left, report.reasons) == (1, {"interrupted": 1})
    assert (job.states, job.items[0]["reason_code"]) == (["planned"], "interrupted")


def test_kf_21_a_worker_that_lost_its_lease_puts_no_item_back(new_job: NewJob, adversary: Adversary) -> None:
    """KF-21: whoever holds the item now may be at it with the same attempt."""
    stop = threading.Event()
    adversary.otherwise = api.refuse(529, retry_after="60")
    job = new_job()
    with job.runtime(adversary.url, stop.is_set) as made, ThreadPoolExecutor(1) as pool:
        made.run.back_off_s = (60.0, 60.0)
        reports = pool.submit(generate_all, made)
        wait_until(lambda: [call["state"] for call in job.calls] == ["failed"])
        with job.here.database.writing() as connection:
            connection.execute(update(batch_items).values(leased_by="elsewhere:1/0"))
        stop.set()
        (report,) = reports.result(10)
    assert (report.left, job.states) == (1, ["generating"])


def test_kf_20_law_1_law_2_a_killed_run_is_taken_over(new_job: NewJob, adversary: Adversary) -> None:
    """KF-20: Two replies kept, two calls on the wire, the rest not begun: then SIGKILL."""
    adversary.then([api.reply(), api.reply()])
    adversary.otherwise = api.stall()
    job = new_job(items=6, concurrency=2)
    into_one_shard(job)
    arguments = [sys.executable, str(KILLED_RUN), job.here.config.database_url, job.id, adversary.url]
    with subprocess.Popen(arguments) as process:
        wait_until(lambda: len(adversary.received) == 4 and job.states.count("generated") == 2, 60)
        assert process.poll() is None
        os.kill(process.pid, signal.SIGKILL)
        process.wait(20)
    assert sorted(job.states) == ["generated"] * 2 + ["generating"] * 2 + ["planned"] * 2
    job.assert_books_balance()
    adversary.otherwise = api.reply()
    job.run(adversary.url)
    assert job.states == ["generated"] * 6
    assert len(adversary.received) == 4 + 4
    assert sorted(call["state"] for call in job.calls) == ["possibly_paid"] * 2 + ["replied"] * 6
    lost = [call for call in job.calls if call["state"] == "possibly_paid"]
    assert {call["error_category"] for call in lost} == {"lost_run"}
    assert all("may have been paid" in call["error_message"] for call in lost)
    job.assert_books_balance()


def test_kf_10_a_reply_kept_but_not_parsed_is_parsed_and_not_asked_for_again(
    new_job: NewJob, adversary: Adversary
) -> None:
    """KF-10."""
    job = new_job()
    with job.here.database.writing() as connection:
        intend(connection, intent_for(job))
    with job.here.database.writing() as connection:
        keep_reply(connection, kept("g-1"))
    assert job.states == ["generating"]
    job.run(adversary.url)
    assert adversary.received == []
    assert job.states == ["generated"]
    job.assert_books_balance()


def test_law_1_a_reply_to_a_call_that_was_taken_over_is_kept_and_corrects_the_cost(
    new_job: NewJob, adversary: Adversary
) -> None:
    """A machine slept through its lease; its run was taken over; then it wakes up with the reply."""
    job = new_job()
    with job.here.database.writing() as connection:
        intend(connection, intent_for(job))
    job.run(adversary.url)
    assert [call["state"] for call in job.calls] == ["possibly_paid", "replied"]
    before = job.job.spent_usd
    with job.here.database.writing() as connection:
        keep_reply(connection, KeptReply("g-1", b"{}", before / 100, "m", "r", "end_turn", {}, 1, 1, False, 200))
    late = job.calls[0]
    assert (late["state"], late["raw_reply"], late["cost_usd"]) == ("replied", b"{}", before / 100)
    assert job.job.spent_usd < before
    assert job.states == ["generated"]
    job.assert_books_balance()


def test_kf_27_a_shard_whose_store_went_away_is_gone_on_with_by_the_next_call(
    new_job: NewJob, adversary: Adversary
) -> None:
    """KF-27: Prefect runs the task again; by then the store is back."""
    job = new_job(items=5, concurrency=2)
    into_one_shard(job)
    engine = job.here.database.engine
    away = threading.Event()

    def fail(connection: object) -> None:
        if away.is_set() and threading.current_thread().name == "brightrun-ledger":
            raise StoreError("the disk is full")

    event.listen(engine, "begin", fail)
    released = threading.Event()
    adversary.then([api.reply()])
    adversary.otherwise = api.stall(released)
    with job.runtime(adversary.url) as made, ThreadPoolExecutor(1) as pool:
        made.run.back_off_s = SHORT_BACK_OFF_S
        report = pool.submit(made.generate, 0)
        wait_until(lambda: len(adversary.received) == 3 and job.states.count("generated") == 1)
        away.set()
        released.set()
        with pytest.raises(StoreError, match="disk is full"):
            report.result(20)
        assert sorted(job.states) == ["generated", "generating", "generating", "planned", "planned"]
        away.clear()
        again = made.generate(0)
    assert again.generated == 4
    assert job.states == ["generated"] * 5
    assert sorted(call["state"] for call in job.calls) == ["possibly_paid"] * 2 + ["replied"] * 5
    job.assert_books_balance()


def test_a_cancelled_item_is_owed_again_after_a_take_over(new_job: NewJob, adversary: Adversary) -> None:
    job = new_job(items=2)
    with job.here.database.writing() as connection:
        connection.execute(update(batch_items).values(state=ItemState.CANCELLED.value))
    job.run(adversary.url)
    assert job.states == ["generated"] * 2


def test_a_long_shard_is_read_in_pages_and_sent_whole(new_job: NewJob, adversary: Adversary) -> None:
    job = new_job(items=60, concurrency=8)
    into_one_shard(job)
    (report,) = job.run(adversary.url)
    assert (report.generated, report.sent) == (60, 60)
    assert job.states == ["generated"] * 60
    assert len({call["item_id"] for call in job.calls}) == 60


def test_one_process_works_at_a_job_once(new_job: NewJob, adversary: Adversary) -> None:
    job = new_job()
    with job.runtime(adversary.url) as first, opened(first):
        second = JobRuntime(job.here, job.id, Endpoint(adversary.url, "a-key"), lambda: False)
        with pytest.raises(JobBusyError), opened(second):
            pass
        assert first.generate(0).generated == 1


def test_kf_21_who_lost_the_job_is_told(new_job: NewJob) -> None:
    """KF-21."""
    job = new_job()
    with job.here.database.writing() as connection:
        claim_job(connection, job.id, this_process(), None)
    lost = threading.Event()
    beat = partial(heartbeat, job_id=job.id, owner=this_process())
    with beating(job.here.database, beat, lost.set, every_s=0.01):
        assert not lost.wait(0.1)
        with job.here.database.writing() as connection:
            connection.execute(update(batch_jobs).values(owner="elsewhere:1"))
        assert lost.wait(10)
