"""The gate lets calls through in their order, makes them wait for a prefix, and sends all away at a stop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from brightrun.claude.calls import StopRequested
from brightrun.claude.gate import Gate

NO_HEADERS: dict[str, str] = {}


def go(work: Coroutine[Any, Any, Any]) -> Any:
    async def bounded() -> Any:
        async with asyncio.timeout(10):
            return await work

    return asyncio.run(bounded())


class Calls:
    """Calls through a gate, each held until it is released."""

    def __init__(self, cap: int) -> None:
        self.stopped = False
        self.gate = Gate(cap, lambda: self.stopped)
        self.out: list[int] = []
        self.held: dict[int, asyncio.Event] = {}
        self.tasks: dict[int, asyncio.Task[None]] = {}

    def send(self, position: int, *prefixes: str, outcome: str = "reply") -> None:
        self.held[position] = asyncio.Event()
        self.tasks[position] = asyncio.create_task(self._pass(position, prefixes, outcome))

    async def _pass(self, position: int, prefixes: tuple[str, ...], outcome: str) -> None:
        async with self.gate.passage(position, prefixes) as passage:
            self.out.append(position)
            await self.held[position].wait()
            if outcome == "reply":
                self.gate.replied(passage, NO_HEADERS)
            elif outcome == "429":
                self.gate.rate_limited(passage, 0.0, NO_HEADERS)

    async def until(self, out: int) -> None:
        while len(self.out) < out:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0)

    async def release(self, *positions: int) -> None:
        for position in positions:
            self.held[position].set()
        await asyncio.gather(*(self.tasks[position] for position in positions))


def test_no_more_than_the_limit_and_the_first_in_the_job_first() -> None:
    async def work() -> list[int]:
        calls = Calls(cap=2)
        for position in (9, 8, 3, 7, 1):
            calls.send(position)
        for released in range(5):
            await calls.until(min(released + 2, 5))
            assert len(calls.out) == min(released + 2, 5)
            await calls.release(calls.out[released])
        return calls.out

    assert go(work()) == [9, 8, 1, 3, 7]


def test_those_of_a_cold_prefix_wait_for_its_leader_and_others_pass_them() -> None:
    async def work() -> None:
        calls = Calls(cap=8)
        calls.send(1, "all", "a")
        calls.send(2, "all", "a")
        await calls.until(1)
        assert calls.out == [1]
        await calls.release(1)
        await calls.until(2)
        calls.send(3, "all", "b")
        calls.send(4, "all", "b")
        calls.send(5, "all", "a")
        await calls.until(4)
        assert calls.out == [1, 2, 3, 5]
        await calls.release(3)
        await calls.until(5)
        assert calls.out[-1] == 4
        await calls.release(2, 4, 5)

    go(work())


def test_a_leader_that_fails_is_followed_by_another() -> None:
    async def work() -> None:
        calls = Calls(cap=8)
        calls.send(1, "all", outcome="failed")
        calls.send(2, "all")
        calls.send(3, "all")
        await calls.until(1)
        await calls.release(1)
        await calls.until(2)
        assert calls.out == [1, 2]
        await calls.release(2)
        await calls.until(3)
        await calls.release(3)

    go(work())


def test_a_stop_sends_away_whoever_waits() -> None:
    async def work() -> None:
        calls = Calls(cap=1)
        calls.send(1, "all")
        calls.send(2, "all")
        calls.send(3)
        await calls.until(1)
        calls.stopped = True
        for position in (2, 3):
            with pytest.raises(StopRequested):
                await calls.tasks[position]
        await calls.release(1)
        with pytest.raises(StopRequested):
            async with calls.gate.passage(4):
                pass

    go(work())


def test_who_is_cancelled_takes_no_place_away() -> None:
    async def work() -> None:
        calls = Calls(cap=1)
        calls.send(1)
        await calls.until(1)
        for position in range(2, 6):
            calls.send(position)
        await asyncio.sleep(0)
        for position in (2, 3):
            calls.tasks[position].cancel()
        calls.held[1].set()
        calls.tasks[1].cancel()  # between its turn and its end
        await calls.until(2)
        assert calls.out == [1, 4]
        await calls.release(4)
        await calls.until(3)
        await calls.release(5)

    go(work())


def test_after_a_429_the_rest_waits_and_goes_on_in_smaller_numbers() -> None:
    async def work() -> None:
        calls = Calls(cap=8)
        for position in range(20):
            calls.send(position, outcome="429" if position < 8 else "reply")
        await calls.until(8)
        await calls.release(*range(8))
        await calls.until(12)
        assert len(calls.out) == 12
        assert calls.gate.limit == 4
        for position in range(8, 20):
            calls.held[position].set()
        await asyncio.gather(*(calls.tasks[position] for position in range(8, 20)))

    go(work())
