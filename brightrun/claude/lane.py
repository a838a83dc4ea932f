"""The online lane: carries requests to the Messages API, under the ledger, the budget and one limit for all.

A lane carries requests and knows nothing of conversations. Each process has one, with one event loop
in a thread of its own; whoever has work hands a coroutine to it and waits.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

import anthropic
import httpx2

from brightrun.claude.client import Endpoint, make_client
from brightrun.claude.errors import CallError, CallErrorCategory, explain
from brightrun.claude.pricing import Prices
from brightrun.store.ledger import (
    CallFailure,
    Intent,
    KeptReply,
    block_hash,
    intend,
    keep_failure,
    keep_reply,
    store_blocks,
)
from brightrun.store.writer import LedgerWriter

T = TypeVar("T")

SIMULATOR_HEADER = "x-brightrun-simulator"


class BudgetReached(Exception):
    """The next call does not fit the budget, and nothing in flight could make room for it."""


class StopRequested(Exception):
    """The job is being stopped; nothing new is sent."""


@dataclass(frozen=True)
class CallRequest:
    """One call: who it is for, and the body of the request."""

    generation_id: str
    job_id: str
    item_id: str
    attempt: int
    call: int
    body: dict[str, Any]


@dataclass(frozen=True)
class CallReply:
    """A reply that is in the ledger. `message` is its JSON."""

    generation_id: str
    message: dict[str, Any]


class EventLoopThread:
    """An event loop in a daemon thread."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=10)
        self.loop.close()


class Lane:
    """Sends calls of one endpoint. Made and used on its event loop, except for `close`."""

    def __init__(
        self,
        endpoint: Endpoint,
        prices: Prices,
        writer: LedgerWriter,
        concurrency: int,
        timeout_s: float,
        stopped: Callable[[], bool],
    ) -> None:
        self._client = make_client(endpoint, timeout_s)
        self._prices = prices
        self._writer = writer
        self._places = asyncio.Semaphore(concurrency)
        self._stopped = stopped
        self._in_flight = 0
        self._settled = asyncio.Event()
        self._blocks: set[str] = set()

    async def send(self, request: CallRequest) -> CallReply | CallError:
        """Send one call: intent first, then the call, then reply or failure into the ledger.

        Raises StopRequested where nothing may be sent any more, BudgetReached where it does not fit.
        """
        async with self._places:
            await self._intend(request)
            self._in_flight += 1
            try:
                return await self._call(request)
            finally:
                self._in_flight -= 1
                self._settled.set()

    async def close(self) -> None:
        await self._client.close()

    async def _intend(self, request: CallRequest) -> None:
        body = request.body
        stored, prompt_bytes = _stored_form(body)
        intent = Intent(
            generation_id=request.generation_id,
            job_id=request.job_id,
            item_id=request.item_id,
            attempt=request.attempt,
            call=request.call,
            lane="online",
            model=body["model"],
            request=stored,
            reserved_usd=self._prices.worst_case(body["model"], prompt_bytes, body["max_tokens"]),
        )
        await self._keep_blocks(body)
        while True:
            if self._stopped():
                raise StopRequested
            self._settled.clear()
            if await self._writer.write(lambda connection: intend(connection, intent)):
                return
            if self._in_flight == 0:
                raise BudgetReached
            await self._settled.wait()

    async def _keep_blocks(self, body: dict[str, Any]) -> None:
        texts = [block["text"] for block in body.get("system", ()) if block["text"] not in self._blocks]
        if texts:
            await self._writer.write(lambda connection: store_blocks(connection, texts))
            self._blocks.update(texts)

    async def _call(self, request: CallRequest) -> CallReply | CallError:
        try:
            response = await self._client.messages.with_raw_response.create(**request.body)
            raw = await response.read()
        except asyncio.CancelledError:
            await self._fail(
                request, CallError(CallErrorCategory.CONNECTION_BROKEN, "Given up while it was on its way.")
            )
            raise
        except anthropic.AnthropicError as error:
            return await self._fail(request, explain(error))
        except (
            httpx2.HTTPError,
            httpx2.StreamError,
            OSError,
        ) as error:  # the body broke off while it was read
            text = f"{type(error).__name__}: {error}"
            return await self._fail(request, CallError(CallErrorCategory.CONNECTION_BROKEN, text[:500]))
        return await self._keep(request, raw, response.headers, response.status_code)

    async def _keep(
        self, request: CallRequest, raw: bytes, headers: httpx2.Headers, status: int
    ) -> CallReply | CallError:
        message = _message_in(raw)
        if message is None:
            shown = raw[:500].decode("utf-8", "replace")
            error = CallError(
                CallErrorCategory.UNREADABLE_REPLY,
                f"HTTP {status} with a body that is no message: {shown}",
                status,
                headers.get("request-id"),
            )
            return await self._fail(request, error, raw)
        usage = message.get("usage")
        usage = usage if isinstance(usage, dict) else {}
        reply = KeptReply(
            generation_id=request.generation_id,
            raw=raw,
            cost_usd=self._prices.cost(request.body["model"], usage),
            message_id=message.get("id"),
            request_id=headers.get("request-id"),
            stop_reason=message.get("stop_reason"),
            usage=usage,
            input_tokens=_tokens(usage, "input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"),
            output_tokens=_tokens(usage, "output_tokens"),
            simulated=SIMULATOR_HEADER in headers,
            http_status=status,
        )
        await self._writer.write(lambda connection: keep_reply(connection, reply))
        return CallReply(request.generation_id, message)

    async def _fail(self, request: CallRequest, error: CallError, raw: bytes | None = None) -> CallError:
        failure = CallFailure(
            generation_id=request.generation_id,
            category=error.category.value,
            message=error.message,
            possibly_paid=error.possibly_paid,
            request_id=error.request_id,
            http_status=error.http_status,
            raw=raw,
        )
        await self._writer.write(lambda connection: keep_failure(connection, failure))
        return error


def _stored_form(body: dict[str, Any]) -> tuple[str, int]:
    """The request as the ledger keeps it, its system blocks by content, and the bytes of what is sent."""
    sent = len(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())
    system = [
        {**{k: v for k, v in block.items() if k != "text"}, "sha256": block_hash(block["text"])}
        for block in body.get("system", ())
    ]
    return json.dumps({**body, "system": system}, ensure_ascii=False, separators=(",", ":")), sent


def _message_in(raw: bytes) -> dict[str, Any] | None:
    try:
        message = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) and message.get("type") == "message" else None


def _tokens(usage: dict[str, Any], *names: str) -> int:
    return sum(value for name in names if isinstance(value := usage.get(name), int))
