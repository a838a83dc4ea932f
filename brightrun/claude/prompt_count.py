"""How many tokens a prompt has at the most, for what has to be reserved before it is sent."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

Key = tuple[str, ...]

WAIT_S = 10.0
"""No call is held up longer than this for a count."""

NOT_SHARED = frozenset({"max_tokens", "messages", "metadata"})

SHORTEST = [{"role": "user", "content": "."}]


class PromptCount:
    """An upper bound of a prompt's tokens: what many calls share is counted by the API, once, the rest by its bytes.

    No token is shorter than a byte. Counting is free, has limits of its own, and is done in the background: until
    the count is there, and where the API gives none, bytes stand for tokens throughout.
    """

    def __init__(self, count: Callable[[dict[str, Any]], Awaitable[int]]) -> None:
        self._ask = count
        self._counted: dict[Key | None, int | None] = {}
        self._asking: dict[Key, asyncio.Task[None]] = {}

    def most(self, body: dict[str, Any]) -> int:
        """The most tokens that the prompt of this request can have, as far as is known now."""
        key = _key(body)
        if key is not None and key not in self._counted and key not in self._asking:
            self._asking[key] = asyncio.get_running_loop().create_task(self._count(key, body))
        counted = self._counted.get(key)
        return _bytes(body["messages"]) + (_bytes(_shared(body)) if counted is None else counted)

    async def known(self, body: dict[str, Any]) -> bool:
        """Wait for a count that is on its way; whether there was one to wait for."""
        key = _key(body)
        asking = self._asking.get(key) if key is not None else None
        if asking is None:
            return False
        await asyncio.wait({asking}, timeout=WAIT_S)
        return True

    def close(self) -> None:
        """Ask no further."""
        for asking in self._asking.values():
            asking.cancel()

    async def _count(self, key: Key, body: dict[str, Any]) -> None:
        counted = None
        try:
            with contextlib.suppress(Exception):  # whatever it is, bytes do as well
                counted = await self._ask({**_shared(body), "messages": SHORTEST})
        finally:
            self._counted[key] = counted
            self._asking.pop(key, None)


def _shared(body: dict[str, Any]) -> dict[str, Any]:
    """All of a request that is prompt and not its messages."""
    return {name: part for name, part in body.items() if name not in NOT_SHARED}


def _key(body: dict[str, Any]) -> Key | None:
    """What is shared, by content; nothing where a prompt has no system blocks."""
    system = body.get("system")
    if not system or isinstance(system, str):
        return None
    rest = {name: part for name, part in _shared(body).items() if name != "system"}
    return (json.dumps(rest), *(block["text"] for block in system))


def _bytes(part: object) -> int:
    return len(json.dumps(part, ensure_ascii=False).encode())
