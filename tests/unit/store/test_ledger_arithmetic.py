"""Laws 1, 2 and 4: whatever order calls are begun and ended in, the job's row is the sum of its ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from single_calls import intend, keep_failure, keep_reply
from small_jobs import JobAtHand
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from brightrun.conversation import parse_conversation
from brightrun.errors import StoreError
from brightrun.store.conversations import NewConversation, keep_conversations
from brightrun.store.items import Transition, apply_transition, owed_items
from brightrun.store.ledger import CallFailure, Intent, KeptReply, may_fit_later, next_attempt, take_over
from brightrun.store.requests import block_hash, store_blocks, stored_request
from brightrun.store.states import ItemState
from brightrun.store.tables import batch_items, batch_jobs, generations

NewJob = Callable[..., JobAtHand]
BUDGET = Decimal(5)

moves = st.lists(
    st.tuples(
        st.sampled_from(["intend", "reply", "reply without usage", "fail", "lose", "take over"]),
        st.integers(0, 9),
        st.decimals(0, 3, places=12),
    ),
    max_size=40,
)


def intent(job: JobAtHand, number: int, reserved_usd: Decimal = Decimal(1), **changes: Any) -> Intent:
    made = Intent(
        f"g-{number}", job.id, job.items[0]["id"], 1, number, "online", "claude-sonnet-5-5", "{}", reserved_usd
    )
    return replace(made, **changes)


def reply(number: int, cost_usd: Decimal | None, raw: bytes = b"{}") -> KeptReply:
    return KeptReply(f"g-{number}", raw, cost_usd, "msg", "req", "end_turn", {}, 1, 1, False, 200)


def failure(number: int, possibly_paid: bool) -> CallFailure:
    return CallFailure(f"g-{number}", "overloaded", "no", possibly_paid)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=moves)
def test_law_4_the_books_balance_whatever_happens_in_whatever_order(
    new_job: NewJob, one_job: list[JobAtHand], moves: list[tuple[str, int, Decimal]]
) -> None:
    if not one_job:
        one_job.append(new_job())
    job = one_job[0]
    with job.here.database.writing() as connection:
        connection.execute(delete(generations))
        connection.execute(update(batch_jobs).values(spent_usd=Decimal(0), reserved_usd=Decimal(0)))
        connection.execute(update(batch_items).values(state=ItemState.PLANNED.value, attempt=1))
    reserved: dict[int, Decimal] = {}
    for what, number, amount in moves:
        with job.here.database.writing() as connection:
            if what == "intend":
                attempt = job.items[0]["attempt"]
                if number not in reserved and intend(connection, intent(job, number, amount, attempt=attempt)):
                    reserved[number] = amount
            elif what == "take over":
                take_over(connection, job.id, attempts_per_item=100)
            elif number not in reserved:
                continue
            elif what.startswith("reply"):
                cost = min(amount, reserved[number]) if what == "reply" else None
                keep_reply(connection, reply(number, cost))
            else:
                keep_failure(connection, failure(number, possibly_paid=what == "lose"))
        job.assert_books_balance()
    assert {call["id"] for call in job.calls} == {f"g-{number}" for number in reserved}


@pytest.fixture
def one_job() -> list[JobAtHand]:
    """Room for the one job that all examples use."""
    return []


def test_law_4_a_refused_intent_writes_nothing(new_job: NewJob) -> None:
    job = new_job()
    with job.here.database.writing() as connection:
        assert intend(connection, intent(job, 1, Decimal(3)))
        assert not intend(connection, intent(job, 2, Decimal(3)))
        assert may_fit_later(connection, job.id, Decimal(3))
        assert not may_fit_later(connection, job.id, BUDGET + 1)
    assert [call["id"] for call in job.calls] == ["g-1"]
    assert len(job.transitions) == 1
    assert job.job.reserved_usd == 3


def test_law_4_the_last_pico_of_the_budget_can_be_reserved_and_no_more(new_job: NewJob) -> None:
    job = new_job()
    pico = Decimal(10) ** -12
    with job.here.database.writing() as connection:
        assert intend(connection, intent(job, 1, BUDGET - pico))
        assert not intend(connection, intent(job, 2, 2 * pico))
        assert intend(connection, intent(job, 2, pico))
        assert not intend(connection, intent(job, 3, pico))
    job.assert_books_balance()


def test_law_2_a_call_is_in_the_ledger_once(new_job: NewJob) -> None:
    job = new_job()
    with job.here.database.writing() as connection:
        intend(connection, intent(job, 1))
    for twice in (intent(job, 1), intent(job, 1, generation_id="g-other")):
        with pytest.raises(StoreError), job.here.database.writing() as connection:
            intend(connection, twice)
    assert job.job.reserved_usd == 1
    job.assert_books_balance()


def test_law_2_nothing_is_intended_for_an_item_that_is_settled(new_job: NewJob) -> None:
    job = new_job()
    with job.here.database.writing() as connection:
        connection.execute(update(batch_items).values(state=ItemState.ACCEPTED.value))
    with pytest.raises(ValueError, match="accepted"), job.here.database.writing() as connection:
        intend(connection, intent(job, 1))
    assert job.calls == []
    assert job.job.reserved_usd == 0


def test_law_1_a_reply_is_kept_once_and_nothing_comes_after_it(new_job: NewJob) -> None:
    job = new_job()
    with job.here.database.writing() as connection:
        intend(connection, intent(job, 1))
        keep_reply(connection, reply(1, Decimal("0.25"), b"first"))
        keep_reply(connection, reply(1, Decimal("0.5"), b"second"))
        keep_failure(connection, failure(1, possibly_paid=True))
        keep_failure(connection, failure(1, possibly_paid=False))
    (call,) = job.calls
    assert (call["raw_reply"], call["cost_usd"], call["state"]) == (b"first", Decimal("0.25"), "replied")
    assert job.job.spent_usd == Decimal("0.25")


def test_kf_28_a_call_possibly_paid_costs_its_worst_case_until_more_is_known(new_job: NewJob) -> None:
    """KF-28."""
    job = new_job()
    with job.here.database.writing() as connection:
        intend(connection, intent(job, 1))
        intend(connection, intent(job, 2))
        keep_failure(connection, failure(1, possibly_paid=True))
        keep_failure(connection, failure(2, possibly_paid=True))
    assert job.job.spent_usd == 2
    with job.here.database.writing() as connection:
        keep_failure(connection, failure(1, possibly_paid=False))
        keep_reply(connection, reply(2, None))
    assert [(call["state"], call["cost_usd"]) for call in job.calls] == [("failed", 0), ("replied", 1)]
    job.assert_books_balance()


def test_kf_20_take_over_closes_open_calls_and_counts_attempts(new_job: NewJob) -> None:
    """KF-20."""
    job = new_job(items=5)
    ids = [item["id"] for item in job.items]
    with job.here.database.writing() as connection:
        for number, item_id in enumerate(ids[:4], 1):
            intend(connection, intent(job, number, Decimal("0.5"), item_id=item_id, call=1))
        keep_reply(connection, reply(2, Decimal("0.1")))
        keep_failure(connection, failure(3, possibly_paid=False))
        next_attempt(connection, ids[3], 1, 2, 2, "not_json", "no")
        keep_failure(connection, failure(4, possibly_paid=True))
        intend(connection, intent(job, 9, Decimal("0.5"), item_id=ids[3], attempt=2, call=1))
    with job.here.database.writing() as connection:
        left = take_over(connection, job.id, attempts_per_item=2)
        again = take_over(connection, job.id, attempts_per_item=2)
    assert (left.possibly_paid, left.unparsed) == (2, ("g-2",))
    assert (again.possibly_paid, again.unparsed) == (0, ("g-2",))
    found = [(item["state"], item["attempt"], item["reason_code"]) for item in job.items]
    assert found == [
        ("planned", 2, "lost_run"),
        ("generating", 1, None),
        ("planned", 1, "lost_run"),
        ("failed", 2, "lost_run"),
        ("planned", 1, None),
    ]
    job.assert_books_balance()


def test_kf_21_what_a_process_brings_that_lost_its_job_changes_no_item(new_job: NewJob) -> None:
    """KF-21: It slept past its lease; its item is at the next attempt, in another process, when it wakes up."""
    job = new_job()
    (item,) = job.items
    with job.here.database.writing() as connection:
        intend(connection, intent(job, 1, Decimal("0.5"), call=1))
        take_over(connection, job.id, attempts_per_item=6)
        intend(connection, intent(job, 2, Decimal("0.5"), attempt=2, call=1))
    turn = {"role": "user", "content": "How?", "emotion": "confusion", "intensity": 0.5}
    told = {"speaker": {"name": "Dana", "age": 41}, "topic": "t", "outcome": "resolved", "turns": [turn]}
    content = parse_conversation(told)
    with job.here.database.writing() as connection:
        keep_reply(connection, reply(1, Decimal("0.1")))
        keep_conversations(connection, [NewConversation(job.id, item["id"], "g-1", 1, content)])
        next_attempt(connection, item["id"], 1, 2, 6, "not_json", "no")
        leaving = Transition(item["id"], ItemState.GENERATING, ItemState.PLANNED, 1, of_attempt=1)
        assert not apply_transition(connection, leaving)
    assert [(item["state"], item["attempt"]) for item in job.items] == [("generating", 2)]
    assert [call["state"] for call in job.calls] == ["replied", "open"]
    with pytest.raises(ValueError, match="nothing is owed to attempt 1"), job.here.database.writing() as connection:
        intend(connection, intent(job, 3, call=2))
    job.assert_books_balance()


def test_a_shard_is_taken_over_without_the_others(new_job: NewJob) -> None:
    job = new_job(items=2)
    with job.here.database.writing() as connection:
        for number, item in enumerate(job.items, 1):
            intend(connection, intent(job, number, item_id=item["id"], call=1))
        assert take_over(connection, job.id, 6, shard=1).possibly_paid == 1
    assert job.states == ["generating", "planned"]
    assert [call["state"] for call in job.calls] == ["open", "possibly_paid"]


def test_the_next_call_is_numbered_within_its_attempt(new_job: NewJob) -> None:
    job = new_job(items=2)
    first = job.items[0]["id"]

    def owed() -> dict[str, tuple[int, int]]:
        shards = {item["shard"] for item in job.items}
        items = [item for shard in shards for item in owed_items(connection, job.id, shard)]
        return {item.id: (item.attempt, item.call) for item in items}

    with job.here.database.writing() as connection:
        assert set(owed().values()) == {(1, 1)}
        intend(connection, intent(job, 1))
        intend(connection, intent(job, 2))
        next_attempt(connection, first, 1, 1, 6, "overloaded", "no")
        assert sorted(owed().values()) == [(1, 1), (1, 3)]
        intend(connection, intent(job, 3))
        next_attempt(connection, first, 1, 2, 6, "not_json", "no")
        assert owed()[first] == (2, 1)


def test_blocks_are_kept_once_by_content(new_job: NewJob) -> None:
    job = new_job()
    request = '{"system":[{"type":"text","sha256":"%s","cache_control":{}}],"a":"é"}'
    with job.here.database.writing() as connection:
        store_blocks(connection, ["one", "two", "one"])
        store_blocks(connection, ["two", "three"])
        intend(connection, intent(job, 1, request=request % block_hash("three")))
        found = stored_request(connection, "g-1")
    assert list(found["system"][0].items()) == [("type", "text"), ("text", "three"), ("cache_control", {})]
    assert found["a"] == "é"


def test_integrity_errors_are_the_stores(new_job: NewJob) -> None:
    job = new_job()
    with pytest.raises(StoreError) as caught, job.here.database.writing() as connection:
        intend(connection, intent(job, 1, item_id="nobody"))
    assert isinstance(caught.value.__cause__, IntegrityError)
    assert job.job.reserved_usd == 0
