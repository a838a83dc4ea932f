"""The desk: so many items are open at a time, those of the first shards first, so that memory stays flat."""

from __future__ import annotations

import asyncio
import heapq
import itertools


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
