"""Several workers at one job: each does its own, the dead are replaced, and who comes late changes nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import adversary as api
from adversary import Adversary
from database_servers import on_both_databases
from small_jobs import JobAtHand, generate_all
from sqlalchemy import select, update

from brightrun.store.items import Transition, apply_transition
from brightrun.store.jobs import LEASE_S, utc_now
from brightrun.store.leases import live_workers, renew, sign_in, sign_off, take, take_from_others
from brightrun.store.states import ItemState
from brightrun.store.tables import batch_items, workers

NewJob = Callable[..., JobAtHand]
WAIT_S = 60
KILLED_RUN = Path(__file__).with_name("killed_run.py")


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def silence(job: JobAtHand, worker: str) -> None:
    """The worker was not heard of for longer than a lease."""
    with job.here.database.writing() as connection:
        long_ago = utc_now() - timedelta(seconds=LEASE_S + 1)
        connection.execute(update(workers).where(workers.c.id == worker).values(heartbeat_at=long_ago))


def holders(job: JobAtHand) -> set[str | None]:
    with job.here.database.reading() as connection:
        return set(connection.execute(select(batch_items.c.leased_by)).scalars())


def test_law_2_two_workers_share_the_items_and_none_is_sent_twice(new_job: NewJob, adversary: Adversary) -> None:
    adversary.otherwise = api.reply()
    job = new_job(items=40)
    with job.runtime(adversary.url) as first, job.runtime(adversary.url) as second, ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(generate_all, (first, second)))
        assert holders(job) == {None}
    assert job.states == ["generated"] * 40
    assert len(adversary.received) == 40
    assert sum(report.generated for mine in reports for report in mine) == 40
    job.assert_books_balance()


def test_those_who_take_at_the_same_time_take_different_items(new_job: NewJob) -> None:
    job = new_job(items=24)
    with job.here.database.writing() as connection:
        connection.execute(update(batch_items).values(shard=0))
        names = [sign_in(connection, job.id) for _ in range(4)]
    start = threading.Barrier(4)

    def grab(worker: str) -> int:
        start.wait(WAIT_S)
        with job.here.database.writing() as connection:
            every = batch_items.c.position >= 0
            return take(connection, worker, job.id, 0, ItemState.PLANNED, every)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(grab, names)) == 24
    assert holders(job) <= set(names)


def test_kf_21_what_a_silent_worker_held_goes_to_another_and_its_late_reply_changes_nothing(
    new_job: NewJob, adversary: Adversary
) -> None:
    """KF-21: frozen past its lease with a call on the wire, then woken up."""
    woken = threading.Event()
    adversary.then([api.stall(woken)])
    adversary.otherwise = api.reply()
    job = new_job()
    with job.runtime(adversary.url) as frozen, ThreadPoolExecutor(1) as pool:
        asleep = pool.submit(generate_all, frozen)
        wait_until(lambda: len(adversary.received) == 1 and job.states == ["generating"])
        silence(job, frozen.worker)
        job.run(adversary.url)
        assert job.states == ["generated"]
        (before,) = job.items
        woken.set()
        asleep.result(WAIT_S)
        assert job.items == [before]
    assert sorted(call["state"] for call in job.calls) in (["possibly_paid", "replied"], ["replied", "replied"])
    assert len(adversary.received) == 2
    job.assert_books_balance()


@on_both_databases
def test_kf_21_a_process_frozen_past_its_lease_and_woken_loses_nothing_and_repeats_nothing(
    new_job: NewJob, adversary: Adversary
) -> None:
    """KF-21: two replies kept, two calls on the wire, two items not begun: then SIGSTOP."""
    woken = threading.Event()
    adversary.then([api.reply(), api.reply()])
    adversary.otherwise = api.stall(woken)
    job = new_job(items=6, concurrency=2)
    with job.here.database.writing() as connection:
        connection.execute(update(batch_items).values(shard=0))
    command = [sys.executable, str(KILLED_RUN), job.here.config.database_url, job.id, adversary.url]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as frozen, ExitStack() as whatever_comes:
        whatever_comes.callback(frozen.kill)
        wait_until(lambda: len(adversary.received) == 4 and job.states.count("generated") == 2)
        frozen.send_signal(signal.SIGSTOP)
        with job.here.database.reading() as connection:
            (worker,) = live_workers(connection, job.id)
        silence(job, worker)
        adversary.otherwise = api.reply()
        job.run(adversary.url)
        assert job.states == ["generated"] * 6
        before = job.items
        woken.set()
        frozen.send_signal(signal.SIGCONT)
        _, said = frozen.communicate(timeout=WAIT_S)
    assert frozen.returncode == 0, said
    assert f"is not {worker}'s any more" in said
    assert job.items == before
    assert len(adversary.received) == 4 + 4  # what was on the wire went to another, and to nobody else
    assert [call["state"] for call in job.calls] == ["replied"] * 8  # what came late is kept, and counted as it is
    job.assert_books_balance()


def test_what_a_live_worker_has_on_the_wire_is_left_alone(new_job: NewJob, adversary: Adversary) -> None:
    released = threading.Event()
    adversary.then([api.stall(released)])
    adversary.otherwise = api.reply()
    job = new_job()
    with job.runtime(adversary.url) as slow, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(generate_all, slow)
        wait_until(lambda: len(adversary.received) == 1 and job.states == ["generating"])
        with job.runtime(adversary.url) as other:
            assert other.others_at_work()
            assert generate_all(other) == []
            assert [call["state"] for call in job.calls] == ["open"]
        released.set()
        waiting.result(WAIT_S)
        assert not slow.others_at_work()
    assert len(adversary.received) <= 2
    assert job.states == ["generated"]


def test_kf_20_what_the_dead_held_is_taken_over_while_others_wait_for_it(new_job: NewJob, adversary: Adversary) -> None:
    """KF-20."""
    job = new_job(items=2)
    with job.here.database.writing() as connection:
        dead = sign_in(connection, job.id, "a run")
        connection.execute(update(batch_items).values(leased_by=dead))
        started = Transition(job.items[0]["id"], ItemState.PLANNED, ItemState.GENERATING, 1, holder=dead)
        assert apply_transition(connection, started)
    silence(job, dead)
    with job.runtime(adversary.url) as made:
        assert made.bury_the_dead() == []  # done when it took over
        assert not made.others_at_work()
        assert job.states == ["planned"] * 2
        assert holders(job) == {None}
        assert len(generate_all(made)) == 2
    with job.here.database.reading() as connection:
        assert live_workers(connection, job.id) == frozenset()


def test_kf_20_who_dies_in_the_middle_is_buried_and_its_flow_run_told(new_job: NewJob, adversary: Adversary) -> None:
    """KF-20."""
    job = new_job()
    with job.runtime(adversary.url) as made:
        with job.here.database.writing() as connection:
            dead = sign_in(connection, job.id, "its run")
            connection.execute(update(batch_items).values(leased_by=dead))
        assert made.others_at_work()
        silence(job, dead)
        assert not made.others_at_work()
        assert made.bury_the_dead() == ["its run"]
        assert holders(job) == {None}


def test_who_is_idle_takes_half_of_what_another_has_not_begun(new_job: NewJob) -> None:
    job = new_job(items=9)
    with job.here.database.writing() as connection:
        busy, idle = sign_in(connection, job.id), sign_in(connection, job.id)
        connection.execute(update(batch_items).values(leased_by=busy))
        begun = Transition(job.items[0]["id"], ItemState.PLANNED, ItemState.GENERATING, 1, holder=busy)
        assert apply_transition(connection, begun)
        taken = [take_from_others(connection, idle, job.id, ItemState.PLANNED) for _ in range(4)]
    assert taken == [4, 2, 1, 0]
    assert [item["leased_by"] for item in job.items] == [busy] * 2 + [idle] * 7


def test_only_its_holder_moves_an_item(new_job: NewJob) -> None:
    job = new_job()
    (item,) = job.items
    with job.here.database.writing() as connection:
        mine, other = sign_in(connection, job.id), sign_in(connection, job.id)
        take(connection, mine, job.id, item["shard"], ItemState.PLANNED, batch_items.c.position >= 0)
        start = (item["id"], ItemState.PLANNED, ItemState.GENERATING, 1)
        assert not apply_transition(connection, Transition(*start, holder=other))
        assert apply_transition(connection, Transition(*start, holder=mine))
        end = (item["id"], ItemState.GENERATING, ItemState.FAILED, 1, "code")
        assert not apply_transition(connection, Transition(*end, holder=other))
        assert apply_transition(connection, Transition(*end, holder=mine))
    assert holders(job) == {None}


def test_who_was_taken_for_dead_and_is_not_signs_in_again_under_its_name(new_job: NewJob) -> None:
    job = new_job()
    with job.here.database.writing() as connection:
        worker = sign_in(connection, job.id)
        sign_off(connection, worker)
        assert live_workers(connection, job.id) == frozenset()
        renew(connection, job.id, worker)
        assert live_workers(connection, job.id) == {worker}
