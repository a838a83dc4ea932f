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
            await self.gate.go_out(passage)
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


class Intents:
    """Calls whose intents take as long as they are told, and whose answers come at once when they are released."""

    def __init__(self, cap: int) -> None:
        self.stopped = False
        self.gate = Gate(cap, lambda: self.stopped)
        self.written: list[int] = []
        self.out: list[int] = []
        self.most_out = 0

    async def call(self, number: int, intent_s: float, answer_s: float) -> None:
        async with self.gate.passage(number) as passage:
            await asyncio.sleep(intent_s)
            self.written.append(number)
            await self.gate.go_out(passage)
            self.out.append(number)
            self.most_out = max(self.most_out, self.gate.in_flight)
            await asyncio.sleep(answer_s)
            self.gate.replied(passage, NO_HEADERS)

    async def call_all(self, count: int, intent_s: float, answer_s: float) -> None:
        await asyncio.gather(*(self.call(number, intent_s, answer_s) for number in range(count)))


def test_intents_are_written_ahead_as_far_as_answers_come_meanwhile() -> None:
    async def work() -> None:
        fast = Intents(cap=16)
        await fast.call_all(200, intent_s=0.004, answer_s=0.02)
        assert fast.gate.limit == 16
        assert 1 <= fast.gate.ahead <= 4
        assert fast.most_out == 16
        assert sorted(fast.out) == list(range(200))
        slow = Intents(cap=16)
        await slow.call_all(48, intent_s=0.0, answer_s=0.5)
        assert slow.gate.ahead == 0

    go(work())


@pytest.mark.parametrize("stopped", [False, True])
def test_who_wrote_ahead_goes_out_next_unless_nothing_may(stopped: bool) -> None:
    async def work() -> None:
        calls = Intents(cap=8)
        await calls.call_all(40, intent_s=0.005, answer_s=0.02)
        ahead = calls.gate.ahead
        assert ahead > 0
        calls.written.clear()
        calls.out.clear()
        tasks = [asyncio.create_task(calls.call(number, 0.001, 0.3)) for number in range(8 + ahead + 4)]
        await asyncio.sleep(0.2)
        assert calls.out == list(range(8))
        assert calls.written == list(range(8 + ahead))
        calls.stopped = stopped
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        went = 8 if stopped else len(tasks)
        assert calls.out == list(range(went))
        assert outcomes[:went] == [None] * went
        assert all(isinstance(outcome, StopRequested) for outcome in outcomes[went:])
        assert calls.gate.in_flight == 0

    go(work())
