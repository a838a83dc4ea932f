"""The desk: so many items are open at a time, those of the first shards first, so that memory stays flat."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


class Desk:
    """Room for so many open items. It lives on one event loop."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    async def enter(self, shard: int) -> None:
        """Wait for room; whoever is of a lower shard gets it first. Each `enter` is followed by a `leave`."""
        if self._room > 0:
            self._room -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (shard, next(self._numbers), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        """Make room for the next."""
        while self._waiting:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self._room += 1

    async def serve(self, shard: int, comers: AsyncIterator[T], work: Callable[[T], Awaitable[None]]) -> None:
        """Work at everything that comes, as there is room; returns when all of it is done.

        Where work on one, or the next one, fails in an unforeseen way (the store is away), nothing more is begun, those
        that are under way come to their end, and the failure is raised then; nothing is left running behind the
        caller's back.
        """
        failures: list[Exception] = []

        async def at(one: T) -> None:
            try:
                await work(one)
            except Exception as error:  # noqa: BLE001  (raised below, when nobody is under way any more)
                failures.append(error)
            finally:
                self.leave()

        async with asyncio.TaskGroup() as under_way:
            while not failures:
                await self.enter(shard)
                try:
                    one = await anext(comers)
                except StopAsyncIteration:
                    self.leave()
                    break
                except Exception as error:  # noqa: BLE001  (as above)
                    self.leave()
                    failures.append(error)
                    break
                except BaseException:
                    self.leave()
                    raise
                under_way.create_task(at(one))
        if failures:
            raise failures[0]
