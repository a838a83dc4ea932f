"""The listening socket, which can go away for a while and come back at the same address."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Set
from typing import Any

from aiohttp import web

BACKLOG = 1024


class Listener:
    """Listens for a server's connections. While it refuses, the address stays bound: nobody else can take it.

    `busy` holds the connections on which a request is being answered.
    """

    def __init__(self, server: web.Server, busy: Set[web.RequestHandler], host: str, port: int) -> None:
        self._server = server
        self._busy = busy
        self._host = host
        self._port = port
        self._listening: asyncio.Server | None = None
        self._back_at = 0.0
        self._returning: asyncio.Task[None] | None = None

    async def open(self) -> str:
        """Begin to listen; the URL. Raises OSError where that cannot be done."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
        bound = _bound(family, address)
        self._family, self._address = family, bound.getsockname()
        await self._listen(bound)
        host, port = self._address[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    def refuse_for(self, seconds: float) -> None:
        """Refuse connections from now on for so long; those that are idle are closed, the others after their answer."""
        self._back_at = max(self._back_at, time.monotonic() + seconds)
        if self._listening is None:
            return
        self._listening.close()
        self._listening = None
        # Bound and not listening: the system refuses connections, and keeps the port from everybody else.
        self._returning = asyncio.create_task(self._return(_bound(self._family, self._address)))
        for connection in self._server.connections:
            if connection in self._busy:
                connection.close()
            else:
                connection.force_close()

    def close(self) -> None:
        """Listen no more."""
        if self._returning is not None:
            self._returning.cancel()
        if self._listening is not None:
            self._listening.close()

    async def _return(self, bound: socket.socket) -> None:
        try:
            while (left := self._back_at - time.monotonic()) > 0:
                await asyncio.sleep(left)
        except asyncio.CancelledError:
            bound.close()
            raise
        await self._listen(bound)

    async def _listen(self, bound: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_server(self._server, sock=bound, backlog=BACKLOG)


def _bound(family: int, address: Any) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound
