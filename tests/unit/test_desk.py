"""So many are at the desk at a time, and those of the first shards get there first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from brightrun.desk import Desk
from brightrun.errors import StoreAwayError


def test_room_goes_to_the_lowest_shard_and_to_nobody_who_has_gone() -> None:
    async def work() -> None:
        desk = Desk(room=1)
        came: list[int] = []

        async def come(shard: int) -> None:
            await desk.enter(shard)
            came.append(shard)

        await come(0)
        tasks = {shard: asyncio.create_task(come(shard)) for shard in (3, 1, 2)}
        await asyncio.sleep(0)
        tasks[1].cancel()
        await asyncio.sleep(0)
        desk.leave()
        await tasks[2]
        assert came == [0, 2]
        desk.leave()
        tasks[3].cancel()  # cancelled between its turn and its coming: its room is free again
        await asyncio.gather(tasks[1], tasks[3], return_exceptions=True)
        await come(7)
        assert came == [0, 2, 7]

    asyncio.run(work())


def test_where_the_next_one_cannot_be_read_those_under_way_come_to_their_end() -> None:
    """A store that is away breaks no call off."""
    ended: list[int] = []

    async def comers() -> AsyncIterator[int]:
        yield 1
        raise StoreAwayError("gone")

    async def work(one: int) -> None:
        await asyncio.sleep(0.01)
        ended.append(one)

    with pytest.raises(StoreAwayError, match="gone"):
        asyncio.run(Desk(room=2).serve(0, comers(), work))
    assert ended == [1]
