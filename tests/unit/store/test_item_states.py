"""What may follow what, and that a change of state happens once however many ask for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import product

import pytest
from small_jobs import JobAtHand
from sqlalchemy import update

from brightrun.store.items import OwedShard, Transition, apply_transition, move_all, owed_items, owed_shards
from brightrun.store.jobs import reason_counts, state_counts
from brightrun.store.states import FOLLOWS, ItemState
from brightrun.store.tables import batch_items

NewJob = Callable[..., JobAtHand]
PAIRS = list(product(ItemState, ItemState))


def test_every_state_says_what_may_follow_it() -> None:
    assert set(FOLLOWS) == set(ItemState)
    assert FOLLOWS[ItemState.ACCEPTED] == {ItemState.GENERATED}  # checked again, and nothing else
    assert all(state not in after for state, after in FOLLOWS.items())


def test_only_what_the_table_allows_happens(new_job: NewJob) -> None:
    job = new_job()
    (item,) = job.items
    allowed = 0
    for was, becomes in PAIRS:
        with job.here.database.writing() as connection:
            connection.execute(update(batch_items).values(state=was.value))
            transition = Transition(item["id"], was, becomes, 2, "code", "why")
            if becomes in FOLLOWS[was]:
                assert apply_transition(connection, transition)
                allowed += 1
            else:
                with pytest.raises(ValueError, match="cannot become"):
                    apply_transition(connection, transition)
    assert len(job.transitions) == allowed > 0
    last = job.transitions[-1]
    assert (last["item_id"], last["attempt"], last["reason_code"], last["reason_message"]) == (
        item["id"],
        2,
        "code",
        "why",
    )


def test_an_item_that_has_moved_on_stays_where_it_is(new_job: NewJob) -> None:
    job = new_job()
    wrong = Transition(job.items[0]["id"], ItemState.GENERATING, ItemState.FAILED, 1, "code")
    with job.here.database.writing() as connection:
        assert not apply_transition(connection, wrong)
    assert (job.states, job.transitions) == (["planned"], [])


def test_of_many_threads_one_makes_the_change(new_job: NewJob) -> None:
    job = new_job()
    transition = Transition(job.items[0]["id"], ItemState.PLANNED, ItemState.GENERATING, 1)
    start = threading.Barrier(6)
    made: list[bool] = []

    def try_it() -> None:
        start.wait(10)
        with job.here.database.writing() as connection:
            made.append(apply_transition(connection, transition))

    threads = [threading.Thread(target=try_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(made) == [False] * 5 + [True]
    assert len(job.transitions) == 1


def test_kf_22_counts_are_queries(new_job: NewJob) -> None:
    """KF-22."""
    job = new_job(items=5)
    with job.here.database.writing() as connection:
        ids = [item.id for shard in range(2) for item in owed_items(connection, job.id, shard)]
        for item_id in ids:
            apply_transition(connection, Transition(item_id, ItemState.PLANNED, ItemState.FAILED, 1, "not_plannable"))
        assert move_all(connection, job.id, (ItemState.PLANNED,), ItemState.CANCELLED, "interrupted", "stopped") == 3
        counts = state_counts(connection, job.id)
        assert reason_counts(connection, job.id) == {"interrupted": 3, "not_plannable": 2}
    assert counts[ItemState.FAILED] == 2
    assert counts[ItemState.CANCELLED] == 3
    assert sum(counts.values()) == 5


def test_what_is_owed_is_found_by_shard_and_page(new_job: NewJob) -> None:
    job = new_job(items=6)
    with job.here.database.writing() as connection:
        connection.execute(update(batch_items).values(shard=batch_items.c.position // 3))
        connection.execute(update(batch_items).where(batch_items.c.position.in_([0, 5])).values(state="accepted"))
    with job.here.database.reading() as connection:
        shards = owed_shards(connection, job.id)
        first = owed_items(connection, job.id, 0, limit=1)
        rest = owed_items(connection, job.id, 0, after=first[0].position, limit=10)
    cell = ("pragmatic_optimist", "confusion_to_clarity", "grandparent_529")
    assert shards == [OwedShard(0, 2, *cell, slot=2), OwedShard(1, 2, *cell, slot=4)]
    assert [item.position for item in first + rest] == [1, 2]


def test_what_somebody_said_is_kept_whatever_characters_it_holds(new_job: NewJob) -> None:
    job = new_job()
    said = Transition(job.items[0]["id"], ItemState.PLANNED, ItemState.FAILED, 1, "x", "a\0b \ud800 é")
    with job.here.database.writing() as connection:
        apply_transition(connection, said)
    assert job.items[0]["reason_message"] == "ab ? é"
