"""The whole way against a good API: what is in the ledger is what the API says it delivered and charged."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from small_jobs import JobAtHand

from brightrun.simulator.pytest_fixture import SimulatorUnderTest


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
