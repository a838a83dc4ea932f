"""The whole way against a good API: what is in the ledger is what the API says it delivered and charged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import pytest
from small_jobs import JobAtHand

from brightrun.prompt_sharing import SHARED_FROM
from brightrun.simulator.pytest_fixture import SimulatorUnderTest, StartSimulator

NewJob = Callable[..., JobAtHand]


def test_the_ledger_agrees_with_the_account_of_the_api(
    new_job: Callable[..., JobAtHand], simulator: SimulatorUnderTest
) -> None:
    job = new_job(items=20, concurrency=8)
    job.run(simulator.url)
    assert job.states == ["generated"] * 20
    entries = {entry["message_id"]: entry for entry in simulator.account(entries=True)["entries"]}
    assert len(entries) == len(job.calls) == 20
    for call in job.calls:
        entry = entries[call["message_id"]]
        assert call["request_id"] == entry["request_id"]
        assert call["output_tokens"] == entry["output_tokens"]
        assert call["cost_usd"] == Decimal(str(entry["cost_usd"]))
        assert call["simulated"]
    job.assert_books_balance()
    assert job.run(simulator.url) == []
    assert len(job.calls) == 20


def test_one_call_writes_what_is_shared_to_the_cache_and_all_others_read_it(
    new_job: NewJob, run_simulator: StartSimulator
) -> None:
    """A prefix can be read only after the answer that wrote it has begun: calls sent together would all write it."""
    simulator = run_simulator(latency_s=(0.05, 0.1))
    job = new_job(items=50, concurrency=16)
    job.run(simulator.url)
    templates = {item["id"]: item["plan"]["template"] for item in job.items}
    shared = Counter(templates.values())
    assert min(shared.values()) >= SHARED_FROM
    writers = [templates[call["item_id"]] for call in job.calls if call["cache_write_tokens"]]
    assert sorted(writers) == sorted(shared)  # one each
    assert [call["id"] for call in job.calls if not call["cache_read_tokens"]] == [job.calls[0]["id"]]
    saved = sum(call["cache_saved_usd"] for call in job.calls)
    account = simulator.account()
    uncached = account["input_tokens"] + account["cache_read_input_tokens"] + account["cache_creation_input_tokens"]
    full_price = Decimal(uncached * 2 + account["output_tokens"] * 10) / 1_000_000
    assert saved == full_price - Decimal(account["cost_usd"])
    assert job.spend.cache_saved_usd == saved > 0
    assert job.spend.cache_read_tokens == account["cache_read_input_tokens"]


def test_a_job_of_a_few_conversations_writes_nothing_to_the_cache(
    new_job: NewJob, simulator: SimulatorUnderTest
) -> None:
    job = new_job(items=3)
    job.run(simulator.url)
    assert {(call["cache_write_tokens"], call["cache_saved_usd"]) for call in job.calls} == {(0, 0)}


def test_the_limits_of_the_api_are_kept_to_with_few_refusals(new_job: NewJob, run_simulator: StartSimulator) -> None:
    """Sixty requests where fifty have room at once: the headers say so before the API has to."""
    simulator = run_simulator(requests_per_minute=50, latency_s=(0.05, 0.1))
    job = new_job(items=55, concurrency=16)
    job.run(simulator.url)
    assert job.states == ["generated"] * 55
    refused = [call for call in job.calls if call["error_category"] == "rate_limited"]
    assert len(refused) <= 5
    assert job.job.spent_usd == sum(call["cost_usd"] for call in job.calls if call["state"] == "replied")


def test_what_is_reserved_rests_on_a_count_of_what_is_shared(new_job: NewJob, simulator: SimulatorUnderTest) -> None:
    """The first call may go out before the count is there; later ones reserve less, and still more than they cost."""
    job = new_job(items=8, concurrency=1)
    simulator.play("reset_before_headers@1,8")
    job.run(simulator.url)
    lost = [call for call in job.calls if call["state"] == "possibly_paid"]
    by_bytes, by_count = (call["cost_usd"] for call in lost)
    assert by_count < by_bytes * Decimal("0.9")
    assert by_count > max(call["cost_usd"] for call in job.calls if call["state"] == "replied")
    prefixes = {item["plan"]["template"] for item in job.items}
    assert simulator.account()["other_requests"] == {"/v1/messages/count_tokens": len(prefixes)}
    job.assert_books_balance()


@pytest.mark.parametrize(
    "fault",
    ["refusal", "max_tokens", "not_json", "schema_mismatch", "no_text", "unknown_stop_reason", "thinking_first"],
)
def test_kf_08_kf_10_no_reply_is_lost_whatever_is_wrong_with_it(
    new_job: NewJob, simulator: SimulatorUnderTest, fault: str
) -> None:
    """KF-08, KF-10."""
    simulator.play(f"{fault}@1-2")
    job = new_job(items=3, concurrency=2)
    job.run(simulator.url)
    kept = {call["message_id"]: call["cost_usd"] for call in job.calls}
    entries = {entry["message_id"]: Decimal(entry["cost_usd"]) for entry in simulator.account(entries=True)["entries"]}
    assert kept == entries
    assert job.states == ["generated"] * 3
    job.assert_books_balance()
