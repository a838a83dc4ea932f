"""How an answer gets to the client: whole, or as a fault of the wire has it."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from aiohttp import web

from brightrun.simulator.faults import Fault

if TYPE_CHECKING:
    from brightrun.simulator.fault_plan import FaultRule

PIECE_S = 0.1
"""How long after a piece of a slow answer the next one comes."""
LOOK_S = 0.05
"""How often somebody who waits looks whether the client is still there."""
BEFORE_RESET_S = 0.05
"""A client reads what has come before the reset follows; a reset at once would hide it from some."""
NO_LINGER = struct.pack("ii", 1, 0)
NOT_UTF8 = b"\xc3\x28 \xff"
PAGE = b"<!doctype html><html><head><title>Sign in</title></head><body>Sign in to use this network.</body></html>"


class WireFaults:
    """Plays faults of the wire. `refuse_for` makes the simulator unreachable for so many seconds."""

    def __init__(self, refuse_for: Callable[[float], None]) -> None:
        self._refuse_for = refuse_for

    async def deliver(self, request: web.Request, response: web.Response, rule: FaultRule) -> bool:
        """Write a response as the fault has it.

        Whether all of it went out undamaged. Raises ConnectionError where the connection ends before that.
        """
        match rule.fault:
            case Fault.CONNECTION_REFUSED:
                self._refuse_for(rule.seconds)
                response.force_close()
            case Fault.RESET_ON_ARRIVAL | Fault.RESET_BEFORE_HEADERS:
                reset(request)
            case Fault.RESET_IN_BODY:
                await _write_half(request, response)
                await asyncio.sleep(BEFORE_RESET_S)
                reset(request)
            case Fault.STALLED_BODY:
                await _write_half(request, response)
                await _wait_while_there(request, rule.seconds)
                reset(request)
            case Fault.LATE_ANSWER:
                await _wait_while_there(request, rule.seconds)
            case Fault.SLOW_DRIP:
                await _drip(request, response, rule.seconds)
                return True
            case Fault.WRONG_CONTENT_TYPE:
                response.content_type = "text/html"
            case _:
                if rule.fault is Fault.HTML_PAGE:
                    response.content_type = "text/html"
                response.body = _damaged(rule.fault, _body(response))
                await write_whole(request, response)
                return False
        await write_whole(request, response)
        return True


async def write_whole(request: web.Request, response: web.StreamResponse) -> None:
    """Return when the operating system has the last byte; raises ConnectionError when the peer has gone."""
    await _prepare(request, response)
    await response.write_eof()


def reset(request: web.Request) -> NoReturn:
    """End the connection with a reset instead of an orderly close."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        transport.abort()
    raise ConnectionResetError("the connection was reset on purpose")


async def _prepare(request: web.Request, response: web.StreamResponse) -> None:
    transport = request.transport
    if transport is None or transport.is_closing():
        raise ConnectionResetError("the client went away before its reply")
    if isinstance(transport, asyncio.WriteTransport):
        transport.set_write_buffer_limits(high=0)
    await response.prepare(request)


async def _begin(request: web.Request, response: web.Response) -> web.StreamResponse:
    """The head of a response, written; its body is still to come."""
    begun = web.StreamResponse(status=response.status, headers=response.headers)
    begun.content_length = len(_body(response))
    await _prepare(request, begun)
    return begun


async def _write_half(request: web.Request, response: web.Response) -> None:
    body = _body(response)
    begun = await _begin(request, response)
    await begun.write(body[: len(body) // 2])


async def _drip(request: web.Request, response: web.Response, seconds: float) -> None:
    body = _body(response)
    begun = await _begin(request, response)
    pieces = max(1, min(len(body), round(seconds / PIECE_S)))
    for piece in range(pieces):
        await _wait_while_there(request, seconds / pieces)
        await begun.write(body[len(body) * piece // pieces : len(body) * (piece + 1) // pieces])
    await begun.write_eof()


async def _wait_while_there(request: web.Request, seconds: float) -> None:
    """Wait so long; raises ConnectionError as soon as the client has gone."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        await asyncio.sleep(min(left, LOOK_S))
        if request.transport is None or request.transport.is_closing():
            raise ConnectionResetError("the client went away during its reply")


def _damaged(fault: Fault, body: bytes) -> bytes:
    if fault is Fault.TRUNCATED_JSON:
        return body[: len(body) // 2]
    if fault is Fault.HTML_PAGE:
        return PAGE
    return body[: len(body) // 2] + NOT_UTF8 + body[len(body) // 2 :]


def _body(response: web.Response) -> bytes:
    return response.body if isinstance(response.body, bytes) else b""
