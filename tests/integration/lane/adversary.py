"""An API that misbehaves on request: a real HTTP server, told for each request what to do to it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Behaviour = Callable[[web.Request], Awaitable[web.StreamResponse]]

CONVERSATION = {
    "speaker": {"name": "Dana", "age": 41},
    "topic": "grandparent_529",
    "outcome": "resolved",
    "turns": [
        {"role": "user", "content": "How do I start?", "emotion": "confusion", "intensity": 0.5},
        {"role": "assistant", "content": "With one account.", "technique": "naming", "teaches": "What it is."},
    ],
}
USAGE = {"input_tokens": 1000, "output_tokens": 500}
API_ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    503: "api_error",
    529: "overloaded_error",
}


def message(text: str | None = None, **fields: Any) -> dict[str, Any]:
    """A message as the API sends it; without `text` it holds a conversation."""
    content = json.dumps(CONVERSATION) if text is None else text
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-5-5",
        "content": [{"type": "text", "text": content}],
        "stop_reason": "end_turn",
        "stop_details": None,
        "usage": USAGE,
        **fields,
    }


def answer(body: bytes, status: int = 200, content_type: str = "application/json", **headers: str) -> Behaviour:
    """These bytes."""

    async def behave(request: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(
            body=body, status=status, headers={"request-id": "req_1", "content-type": content_type, **named}
        )

    return behave


def reply(text: str | None = None, **fields: Any) -> Behaviour:
    """A message."""
    return answer(json.dumps(message(text, **fields)).encode())


def refuse(
    status: int, said: str = "no", code: str | None = None, kind: str | None = None, **headers: str
) -> Behaviour:
    """An error in the API's shape."""
    error: dict[str, Any] = {"type": kind or API_ERRORS[status], "message": said}
    if code:
        error["details"] = {"error_code": code}
    return answer(json.dumps({"type": "error", "error": error}).encode(), status, **headers)


async def reset(request: web.Request) -> web.StreamResponse:
    """Break the connection before a byte of the answer."""
    assert request.transport is not None
    request.transport.abort()  # type: ignore[attr-defined]
    return web.Response()


async def reset_in_the_body(request: web.Request) -> web.StreamResponse:
    """Promise a whole message and break the connection in the middle of it."""
    whole = json.dumps(message()).encode()
    response = web.StreamResponse(headers={"content-length": str(len(whole)), "content-type": "application/json"})
    await response.prepare(request)
    await response.write(whole[: len(whole) // 2])
    await asyncio.sleep(0)
    assert request.transport is not None
    request.transport.abort()  # type: ignore[attr-defined]
    return response


async def trickle(request: web.Request) -> web.StreamResponse:
    """A byte now and then, for ever: no pause is long enough for a read timeout."""
    response = web.StreamResponse(headers={"content-type": "application/json"})
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.05)


def stall(until: threading.Event | None = None) -> Behaviour:
    """No answer; with `until`, one that comes when it is set."""

    async def behave(request: web.Request) -> web.StreamResponse:
        while until is None or not until.is_set():
            await asyncio.sleep(0.005)
        return await reply()(request)

    return behave


@dataclass
class Received:
    """A request as it arrived."""

    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Adversary:
    """Does what `script` says to one request after the other, and then `otherwise`."""

    url: str = ""
    script: deque[Behaviour] = field(default_factory=deque)
    otherwise: Behaviour = field(default_factory=reply)
    received: list[Received] = field(default_factory=list)

    def then(self, behaviours: Sequence[Behaviour]) -> None:
        self.script.extend(behaviours)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.received.append(Received(await request.read(), dict(request.headers)))
        behave = self.script.popleft() if self.script else self.otherwise
        return await behave(request)


class AdversaryThread:
    """An adversary that listens, in a thread of its own."""

    def __init__(self) -> None:
        self.adversary = Adversary()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="adversary", daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)

    async def _start(self) -> None:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/v1/messages", self.adversary.handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.adversary.url = f"http://{host}:{port}"

    async def _stop(self) -> None:
        await self._runner.cleanup()

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
