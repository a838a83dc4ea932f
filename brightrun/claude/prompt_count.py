"""How many tokens a prompt has at the most, for what has to be reserved before it is sent."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from brightrun.store.requests import NOT_SHARED, RequestForm

WAIT_S = 10.0
"""No call is held up longer than this for a count."""

SHORTEST = [{"role": "user", "content": "."}]


class PromptCount:
    """An upper bound of a prompt's tokens: what many calls share is counted by the API, once, the rest by its bytes.

    No token is shorter than a byte. Counting is free, has limits of its own, and is done in the background: until
    the count is there, and where the API gives none, bytes stand for tokens throughout.
    """

    def __init__(self, count: Callable[[dict[str, Any]], Awaitable[int]]) -> None:
        self._ask = count
        self._counted: dict[bytes, int | None] = {}
        self._asking: dict[bytes, asyncio.Task[None]] = {}

    def most(self, form: RequestForm) -> int:
        """The most tokens that the prompt of this request can have, as far as is known now."""
        if form.in_blocks and form.shared not in self._counted and form.shared not in self._asking:
            self._asking[form.shared] = asyncio.get_running_loop().create_task(self._count(form))
        counted = self._counted.get(form.shared)
        return len(form.sent) if counted is None else form.messages_bytes + counted

    async def known(self, form: RequestForm) -> bool:
        """Wait for a count that is on its way; whether there was one to wait for."""
        asking = self._asking.get(form.shared)
        if asking is None:
            return False
        await asyncio.wait({asking}, timeout=WAIT_S)
        return True

    def close(self) -> None:
        """Ask no further."""
        for asking in self._asking.values():
            asking.cancel()

    async def _count(self, form: RequestForm) -> None:
        counted = None
        try:
            with contextlib.suppress(Exception):  # whatever it is, bytes do as well
                shared = {name: part for name, part in orjson.loads(form.sent).items() if name not in NOT_SHARED}
                counted = await self._ask({**shared, "messages": SHORTEST})
        finally:
            self._counted[form.shared] = counted
            self._asking.pop(form.shared, None)
