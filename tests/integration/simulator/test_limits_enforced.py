"""Rate limits as clients meet them: one organization's, whoever asks."""

from __future__ import annotations

import asyncio
from typing import Any

from raw_client import HELLO, Answer, send

from brightrun.simulator.pytest_fixture import StartSimulator

LONG = {**HELLO, "messages": [{"role": "user", "content": "word " * 2000}]}
CACHED: dict[str, Any] = {
    **HELLO,
    "system": [{"type": "text", "text": "rule " * 1500, "cache_control": {"type": "ephemeral"}}],
}


def left(answer: Answer, what: str) -> int:
    return int(answer.headers[f"anthropic-ratelimit-{what}-remaining"])


def test_several_clients_share_the_requests_of_a_minute(run_simulator: StartSimulator) -> None:
    simulator = run_simulator(requests_per_minute=12)

    async def together() -> list[Answer]:
        return await asyncio.gather(*(asyncio.to_thread(send, simulator.url) for _ in range(15)))

    answers = asyncio.run(together())
    refused = [answer for answer in answers if answer.status == 429]
    assert len(refused) in (2, 3)
    for answer in refused:
        assert answer.data["error"]["type"] == "rate_limit_error"
        assert 1 <= int(answer.headers["retry-after"]) <= 5
        assert left(answer, "requests") == 0
    account = simulator.account(entries=True)
    assert account["refused_by_limits"] == len(refused)
    assert [entry["fault"] for entry in account["entries"]] == [None] * 15
    other_model = {**HELLO, "model": "claude-haiku-5-5"}
    assert send(simulator.url, other_model).status == 200, "limits are for each model"
    counted = {name: value for name, value in HELLO.items() if name != "max_tokens"}
    assert send(simulator.url, counted, "/v1/messages/count_tokens").status == 200, "counting is apart"


def test_after_the_wait_it_was_told_a_client_gets_in(run_simulator: StartSimulator) -> None:
    simulator = run_simulator(requests_per_minute=60, output_tokens_per_minute=1500)
    answers = [send(simulator.url) for _ in range(61)]
    full = next(answer for answer in answers if answer.status == 429)

    async def wait_as_told() -> None:
        await asyncio.sleep(int(full.headers["retry-after"]))

    asyncio.run(wait_as_told())
    assert send(simulator.url).status == 200


def test_cache_reads_do_not_count_as_input(run_simulator: StartSimulator) -> None:
    simulator = run_simulator(input_tokens_per_minute=4000)
    assert [send(simulator.url, CACHED).status for _ in range(12)] == [200] * 12
    refused = send(simulator.url, LONG)
    assert refused.status == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert "input tokens per minute" in refused.data["error"]["message"]


def test_every_answer_tells_what_is_left(run_simulator: StartSimulator) -> None:
    simulator = run_simulator(requests_per_minute=10, output_tokens_per_minute=10_000)
    simulator.play("overloaded@2")
    first, overloaded, third = (send(simulator.url) for _ in range(3))
    assert [left(answer, "requests") for answer in (first, overloaded, third)] == [9, 9, 8]
    written = first.data["usage"]["output_tokens"]
    assert 10_000 - written <= left(first, "output-tokens") < 10_000


def test_requests_in_flight_together_all_write_the_cache(run_simulator: StartSimulator) -> None:
    simulator = run_simulator(latency_s=(0.5, 0.5))

    async def together(count: int) -> list[Answer]:
        return await asyncio.gather(*(asyncio.to_thread(send, simulator.url, CACHED) for _ in range(count)))

    usages = [answer.data["usage"] for answer in asyncio.run(together(3))]
    assert all(usage["cache_creation_input_tokens"] > 1024 for usage in usages)
    assert send(simulator.url, CACHED).data["usage"]["cache_read_input_tokens"] > 1024
