"""The Messages API through the installed SDK, against a real simulator process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anthropic
import pytest

from brightrun.conversation import parse_reply, reply_schema
from brightrun.simulator import SimulatorSettings, start_simulator
from brightrun.simulator.pytest_fixture import SimulatorUnderTest

HELLO: dict[str, Any] = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 64,
    "messages": [{"role": "user", "content": "Hello"}],
}
CONVERSATION: dict[str, Any] = {
    **HELLO,
    "max_tokens": 8192,
    "output_config": {"format": {"type": "json_schema", "schema": reply_schema(["worry", "hope", "relief"])}},
}
CACHED: dict[str, Any] = {
    **HELLO,
    "system": [{"type": "text", "text": "rule " * 1500, "cache_control": {"type": "ephemeral"}}],
}


@asynccontextmanager
async def client(url: str, api_key: str = "any") -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with anthropic.AsyncAnthropic(
        api_key=api_key, base_url=url, max_retries=0, http_client=anthropic.DefaultAioHttpClient()
    ) as sdk:
        yield sdk


def run(url: str, call: Callable[[anthropic.AsyncAnthropic], Awaitable[Any]], api_key: str = "any") -> Any:
    async def inner() -> Any:
        async with client(url, api_key) as sdk:
            return await call(sdk)

    return asyncio.run(inner())


def test_a_conversation_arrives_in_the_shape_of_the_sdk(simulator: SimulatorUnderTest) -> None:
    message = run(simulator.url, lambda sdk: sdk.messages.create(**CONVERSATION))
    assert message.id.startswith("msg_sim_")
    assert (message.role, message.stop_reason, message.model) == ("assistant", "end_turn", "claude-sonnet-5-5")
    assert parse_reply(message.model_dump()).turns[-1].role == "assistant"
    assert message.usage.output_tokens > 200
    assert message.usage.service_tier == "standard"
    assert message.usage.output_tokens_details.thinking_tokens == 0
    assert message.usage.cache_creation.ephemeral_5m_input_tokens == 0


def test_ids_and_rate_limits_stand_in_the_headers(simulator: SimulatorUnderTest) -> None:
    raw = run(simulator.url, lambda sdk: sdk.messages.with_raw_response.create(**HELLO))
    assert raw.headers["request-id"].startswith("req_sim_")
    assert raw.headers["x-brightrun-simulator"] == "1"
    for name in ("requests", "tokens", "input-tokens", "output-tokens"):
        limit, remaining = (int(raw.headers[f"anthropic-ratelimit-{name}-{part}"]) for part in ("limit", "remaining"))
        assert 0 < remaining <= limit
        assert raw.headers[f"anthropic-ratelimit-{name}-reset"].endswith("Z")


def test_counting_and_usage_agree(simulator: SimulatorUnderTest) -> None:
    async def both(sdk: anthropic.AsyncAnthropic) -> tuple[Any, Any]:
        counted = {name: value for name, value in CONVERSATION.items() if name != "max_tokens"}
        return await sdk.messages.count_tokens(**counted), await sdk.messages.create(**CONVERSATION)

    count, message = run(simulator.url, both)
    assert count.input_tokens == message.usage.input_tokens


def test_a_shared_prefix_is_written_once_and_then_read(simulator: SimulatorUnderTest) -> None:
    async def twice(sdk: anthropic.AsyncAnthropic) -> list[Any]:
        return [(await sdk.messages.create(**CACHED)).usage for _ in range(2)]

    first, second = run(simulator.url, twice)
    assert first.cache_creation_input_tokens == first.cache_creation.ephemeral_5m_input_tokens > 1024
    assert (second.cache_creation_input_tokens, second.cache_read_input_tokens) == (
        0,
        first.cache_creation_input_tokens,
    )
    assert first.input_tokens == second.input_tokens < 100


def test_a_reply_that_passes_max_tokens_is_cut_in_the_middle(simulator: SimulatorUnderTest) -> None:
    message = run(simulator.url, lambda sdk: sdk.messages.create(**{**CONVERSATION, "max_tokens": 150}))
    assert (message.stop_reason, message.usage.output_tokens) == ("max_tokens", 150)
    with pytest.raises(ValueError):
        json.loads(message.content[0].text)


def test_models_are_listed_and_found(simulator: SimulatorUnderTest) -> None:
    async def models(sdk: anthropic.AsyncAnthropic) -> tuple[list[str], str]:
        return [model.id async for model in sdk.models.list()], (await sdk.models.retrieve("claude-opus-5")).line

    keys, line = run(simulator.url, models)
    assert {"claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5", "claude-fable-5-1"} <= set(keys)
    assert line == "opus"


@pytest.mark.parametrize(
    "changes, kind",
    [
        ({"extra_body": {"temperature": 1}}, anthropic.BadRequestError),
        ({"model": "claude-nine"}, anthropic.NotFoundError),
        ({"extra_headers": {"anthropic-version": anthropic.omit}}, anthropic.BadRequestError),
    ],
)
def test_errors_have_the_api_s_shape(
    simulator: SimulatorUnderTest, changes: dict[str, Any], kind: type[anthropic.APIStatusError]
) -> None:
    with pytest.raises(kind) as caught:
        run(simulator.url, lambda sdk: sdk.messages.create(**{**HELLO, **changes}))
    assert caught.value.request_id
    body = caught.value.body
    assert isinstance(body, dict)
    assert (body["type"], body["request_id"]) == ("error", caught.value.request_id)


def test_only_the_key_it_was_started_with_opens_it(tmp_path: Path) -> None:
    running = start_simulator(SimulatorSettings(latency_s=(0, 0), api_key="sesame"), tmp_path / "log")
    try:
        with pytest.raises(anthropic.AuthenticationError):
            run(running.url, lambda sdk: sdk.messages.create(**HELLO), api_key="other")
        assert run(running.url, lambda sdk: sdk.messages.create(**HELLO), api_key="sesame").id
    finally:
        running.stop()


def test_the_account_holds_every_request_and_every_reply(simulator: SimulatorUnderTest) -> None:
    async def calls(sdk: anthropic.AsyncAnthropic) -> list[Any]:
        replies = [
            await sdk.messages.create(**HELLO, metadata={"user_id": f"item-{i}"}, extra_headers={"x-n": str(i)})
            for i in range(3)
        ]
        with pytest.raises(anthropic.NotFoundError):
            await sdk.messages.create(**{**HELLO, "model": "claude-nine"})
        return replies

    replies = run(simulator.url, calls)
    account = simulator.account(entries=True)
    assert (account["requests_received"], account["replies_delivered"], account["errors"]) == (4, 3, 1)
    assert account["output_tokens"] == sum(reply.usage.output_tokens for reply in replies)
    delivered = [entry for entry in account["entries"] if entry["delivered"]]
    assert [entry["message_id"] for entry in delivered] == [reply.id for reply in replies]
    assert [entry["user_id"] for entry in delivered] == ["item-0", "item-1", "item-2"]
    expected = sum(reply.usage.input_tokens * 2 + reply.usage.output_tokens * 10 for reply in replies) / 1_000_000
    assert float(account["cost_usd"]) == pytest.approx(expected)
    assert account["in_flight"] == 0


def test_a_reply_nobody_waited_for_was_written_and_not_delivered(tmp_path: Path) -> None:
    running = start_simulator(SimulatorSettings(latency_s=(0.5, 0.5)), tmp_path / "log")
    simulator = SimulatorUnderTest(running)
    try:
        with pytest.raises(anthropic.APITimeoutError):
            run(running.url, lambda sdk: sdk.messages.create(**HELLO, timeout=0.1))

        async def until_dealt_with() -> dict[str, Any]:
            async with asyncio.timeout(10):
                while (account := simulator.account())["in_flight"] or not account["requests_received"]:
                    await asyncio.sleep(0.02)
            return account

        account = asyncio.run(until_dealt_with())
        assert (account["replies_written"], account["replies_delivered"]) == (1, 0)
    finally:
        running.stop()


def test_an_unknown_path_is_not_found(simulator: SimulatorUnderTest) -> None:
    with pytest.raises(anthropic.NotFoundError) as caught:
        run(simulator.url, lambda sdk: sdk.get("/v1/elsewhere", cast_to=object))
    assert "/v1/elsewhere" in caught.value.message
