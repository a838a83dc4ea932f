"""The gate before the wire: who may send next, shared by all that one process sends to one endpoint and model.

A call waits here for a place (`AdaptiveLimit`), for room in the API's own limits (`RateWindows`), and for a prefix
that another call is putting into the prompt cache (`WarmPrefixes`). Whoever stands further in front is let through
first, writes its intent, and goes out. It lives on one event loop, and needs no locks.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from brightrun.claude.calls import StopRequested
from brightrun.claude.concurrency import AdaptiveLimit
from brightrun.claude.rate_windows import RateWindows
from brightrun.claude.warm_prefixes import WarmPrefixes

LOOK_S = 0.25
"""Whoever waits learns of a stop no later than this."""

MOST_AHEAD = 0.25
"""Of the calls that may be in flight: so many more may write their intents meanwhile."""

LEARNT = 0.1
"""Weight of the newest call in how long an intent and an answer take."""

logger = logging.getLogger("brightrun.job")


@dataclass(order=True)
class _Waiting:
    position: int
    number: int
    prefixes: tuple[str, ...] = field(compare=False)
    turn: asyncio.Future[Passage] = field(compare=False)


@dataclass
class Passage:
    """A call that was let through. Whoever holds it says, once, what came back on the wire."""

    since: float
    prefixes: tuple[str, ...]
    led: tuple[str, ...]
    sent_at: float | None = None
    replied: bool = False


class Gate:
    """Lets calls through in the order of their positions, as many at once as goes well, at most `cap` of them out.

    While an intent is written, its place on the wire would stand empty: at thousands of calls a minute a few intents
    are written ahead, as many as answers come in that time. At an API's usual pace that is none.

    `stopped` says that nothing may be sent any more: whoever waits is told so by StopRequested.
    """

    def __init__(self, cap: int, stopped: Callable[[], bool]) -> None:
        self._limit = AdaptiveLimit(cap)
        self._windows = RateWindows()
        self._warm = WarmPrefixes()
        self._stopped = stopped
        self._waiting: list[_Waiting] = []
        self._parked: dict[str, list[_Waiting]] = {}
        self._numbers = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self._writing = 0
        self._ready: deque[tuple[Passage, asyncio.Future[None]]] = deque()
        self._intent_s = _Mean()
        self._answer_s = _Mean()

    @property
    def limit(self) -> int:
        """How many calls may be in flight now."""
        return self._limit.limit

    @property
    def in_flight(self) -> int:
        """How many calls are out."""
        return self._limit.in_flight

    @property
    def ahead(self) -> int:
        """How many intents may be written before there is a place for their calls."""
        if not self._answer_s.value:
            return 0
        meanwhile = self.limit * self._intent_s.value / self._answer_s.value
        return int(min(meanwhile, self.limit * MOST_AHEAD))

    @asynccontextmanager
    async def passage(self, position: int, prefixes: tuple[str, ...] = ()) -> AsyncIterator[Passage]:
        """Wait for a turn, and have it while inside; `go_out` takes the place. Raises StopRequested."""
        turn: asyncio.Future[Passage] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, _Waiting(position, next(self._numbers), prefixes, turn))
        self._let_through()
        try:
            passage = await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._leave(turn.result())
            raise
        try:
            yield passage
        finally:
            self._leave(passage)

    async def go_out(self, passage: Passage) -> None:
        """The intent is written: wait for the place on the wire. Raises StopRequested."""
        now = asyncio.get_running_loop().time()
        self._intent_s.learn(now - passage.since)
        if not self._ready and self._limit.is_free(now):
            self._start(passage, now)
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ready.append((passage, place))
        self._let_through()
        await place

    def replied(self, passage: Passage, headers: Mapping[str, str]) -> None:
        """A reply came."""
        now, sent_at = asyncio.get_running_loop().time(), _sent_at(passage)
        passage.replied = True
        self._answer_s.learn(now - sent_at)
        self._windows.read(headers, now)
        self._limit.succeeded(sent_at, now)

    def used(self, uncached_input_tokens: int, output_tokens: int) -> None:
        """What a reply took of the tokens that the API's limits count."""
        self._windows.used(uncached_input_tokens, output_tokens)

    def rate_limited(self, passage: Passage, retry_after_s: float | None, headers: Mapping[str, str]) -> None:
        """A 429 that passes with time."""
        now = asyncio.get_running_loop().time()
        before = self.limit
        self._windows.read(headers, now)
        self._limit.rate_limited(_sent_at(passage), now, retry_after_s)
        if self.limit < before:
            logger.info("rate limited: from %d calls in flight down to %d for now", before, self.limit)

    def troubled(self) -> None:
        """A server error, a connection that broke or was refused, or no answer in time."""
        self._limit.troubled(asyncio.get_running_loop().time())

    def _leave(self, passage: Passage) -> None:
        now = asyncio.get_running_loop().time()
        if passage.sent_at is None:
            self._writing -= 1
        else:
            self._limit.ended(now)
        self._windows.ended()
        self._warm.landed(passage.led, passage.prefixes, passage.sent_at or now, passage.replied)
        for prefix in passage.led:
            self._take_up(prefix)
        self._let_through()

    def _let_through(self) -> None:
        """Let through whoever may go now, and look again when that can have changed."""
        now = asyncio.get_running_loop().time()
        if self._stopped():
            self._send_away()
            return
        if (self._waiting or self._ready) and self._limit.in_flight >= self.limit:
            self._limit.grow_with_time(now)
        while self._ready and self._limit.is_free(now):
            passage, place = self._ready.popleft()
            if not place.done():
                self._start(passage, now)
                place.set_result(None)
        ahead = self.ahead
        while self._waiting and self._limit.is_free(now, self._writing - ahead) and self._windows.free_at(now) <= now:
            one = heapq.heappop(self._waiting)
            if one.turn.done():
                continue
            awaited = self._warm.awaited(one.prefixes, now)
            if awaited is not None:
                self._parked.setdefault(awaited, []).append(one)
                continue
            self._writing += 1
            self._windows.take(now)
            one.turn.set_result(Passage(now, one.prefixes, self._warm.lead(one.prefixes, now)))
        self._look_again(now)

    def _start(self, passage: Passage, now: float) -> None:
        """The call goes out."""
        self._writing -= 1
        self._limit.started(now)
        passage.sent_at = now

    def _look_again(self, now: float) -> None:
        if not self._waiting and not self._parked and not self._ready:
            return
        times = [now + LOOK_S, self._limit.wakes_at(now), self._windows.free_at(now)]
        at = min(time for time in times if time is not None and time > now)
        if self._timer is not None:
            if self._timer.when() <= at and not self._timer.cancelled():
                return
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(at, self._on_time)

    def _on_time(self) -> None:
        self._timer = None
        patience_ends_at = self._warm.patience_ends_at()
        if patience_ends_at is not None and asyncio.get_running_loop().time() >= patience_ends_at:
            for prefix in list(self._parked):
                self._take_up(prefix)
        self._let_through()

    def _take_up(self, prefix: str) -> None:
        """Those who waited for a prefix wait for a place again."""
        for one in self._parked.pop(prefix, ()):
            heapq.heappush(self._waiting, one)

    def _send_away(self) -> None:
        """Nothing may be sent any more: tell everyone who waits."""
        for prefix in list(self._parked):
            self._take_up(prefix)
        waiting, self._waiting = self._waiting, []
        waiters: list[asyncio.Future[Any]] = [one.turn for one in waiting]
        waiters += [place for _, place in self._ready]
        for waiter in waiters:
            if not waiter.done():
                waiter.set_exception(StopRequested())
        self._ready.clear()


@dataclass
class _Mean:
    """Of seconds, the newest counting most; 0 before the first."""

    value: float = 0.0

    def learn(self, seconds: float) -> None:
        self.value = self.value + (seconds - self.value) * LEARNT if self.value else seconds


def _sent_at(passage: Passage) -> float:
    assert passage.sent_at is not None  # what came back on the wire went out
    return passage.sent_at
