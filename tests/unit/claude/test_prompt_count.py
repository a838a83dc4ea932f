"""What a prompt has at most: counted where the API has counted, by bytes where it has not."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from brightrun.claude.prompt_count import PromptCount
from brightrun.store.requests import RequestForm, request_form

SYSTEM = [{"type": "text", "text": "craft " * 500}, {"type": "text", "text": "persona"}]


def body(user: str = "please", system: Any = SYSTEM, **changes: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": user}]
    return {"model": "claude-sonnet-5-5", "max_tokens": 100, "system": system, "messages": messages, **changes}


def form(user: str = "please", system: Any = SYSTEM, **changes: Any) -> RequestForm:
    return request_form(body(user, system, **changes))


class Counter:
    """A count_tokens that answers when it is told to."""

    def __init__(self, tokens: int | None = 700) -> None:
        self.asked: list[dict[str, Any]] = []
        self.may_answer = asyncio.Event()
        self._tokens = tokens

    async def __call__(self, asked: dict[str, Any]) -> int:
        self.asked.append(asked)
        await self.may_answer.wait()
        if self._tokens is None:
            raise ConnectionError("no")
        return self._tokens


def in_bytes(*parts: object) -> int:
    return sum(len(json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode()) for part in parts)


OF_MESSAGES = in_bytes(body("größer")["messages"])


def test_bytes_until_it_is_counted_and_then_the_count_and_the_bytes_of_the_rest() -> None:
    async def work() -> None:
        counter = Counter()
        count = PromptCount(counter)
        one = form("größer")
        assert count.most(one) == in_bytes(body("größer"))
        counter.may_answer.set()
        assert await count.known(one)
        assert count.most(one) == OF_MESSAGES + 700
        assert not await count.known(one)  # nothing is on its way any more
        assert count.most(form("another")) == in_bytes(body("another")["messages"]) + 700
        (asked,) = counter.asked
        assert asked["system"] == SYSTEM
        assert set(asked) == {"model", "system", "messages"}
        assert in_bytes(asked["messages"]) < 60

    asyncio.run(work())


def test_each_prefix_is_counted_once_even_while_many_ask() -> None:
    async def work() -> None:
        counter = Counter()
        count = PromptCount(counter)
        other = [*SYSTEM, {"type": "text", "text": "another persona"}]
        for _ in range(5):
            count.most(form())
            count.most(form(system=other))
            count.most(form(output_config={"format": {}}))
            await asyncio.sleep(0)
        assert len(counter.asked) == 3
        count.close()

    asyncio.run(work())


def test_where_the_api_does_not_count_bytes_do() -> None:
    async def work() -> None:
        counter = Counter(tokens=None)
        counter.may_answer.set()
        count = PromptCount(counter)
        one = form()
        first = count.most(one)
        assert await count.known(one)
        assert count.most(one) == first
        assert len(counter.asked) == 1

    asyncio.run(work())


def test_a_prompt_without_shared_blocks_is_not_counted() -> None:
    async def work() -> None:
        counter = Counter()
        count = PromptCount(counter)
        for system in (None, [], "a text"):
            one = form(system=system)
            assert count.most(one) >= in_bytes(body()["messages"], system or None)
        assert counter.asked == []

    asyncio.run(work())
