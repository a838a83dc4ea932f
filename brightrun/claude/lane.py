"""The online lane: carries requests to the Messages API, under the ledger, the budget and one limit for all.

A lane carries requests and knows nothing of conversations. Each process has one, with one event loop
in a thread of its own; whoever has work hands a coroutine to it and waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from functools import partial
from typing import Any, TypeVar

import httpx2
from sqlalchemy import Connection

from brightrun.claude.client import Endpoint, make_client
from brightrun.claude.errors import TIMED_OUT_MESSAGE, CallError, CallErrorCategory, excerpt, explain
from brightrun.claude.pricing import Prices
from brightrun.configuration import secrets
from brightrun.store.ledger import (
    CallFailure,
    Intent,
    KeptReply,
    block_hash,
    intend,
    keep_failure,
    keep_reply,
    may_fit_later,
    store_blocks,
)
from brightrun.store.tables import storable
from brightrun.store.writer import LedgerWriter

T = TypeVar("T")

logger = logging.getLogger("brightrun.job")

SIMULATOR_HEADER = "x-brightrun-simulator"

CLOSE_BOUND_S = 10.0

BUDGET_POLL_S = 1.0
"""How often a call that waits for room in the budget looks again: other processes settle without a word to this one."""

SHOWN_BYTES = 4_000
"""Of a body that is no message; enough for an excerpt of it in any encoding."""

LARGEST_COUNT = 2**31 - 1
"""More tokens than this are no count of tokens, and no column holds them."""


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


@dataclass(frozen=True)
class _Answer:
    """What came back on the wire, read once."""

    raw: bytes
    headers: httpx2.Headers
    status: int


class _Reservation(Enum):
    """What came of the wish to reserve: done; not now, as others hold what is free; never, as too much is spent."""

    MADE = auto()
    LATER = auto()
    IMPOSSIBLE = auto()


class EventLoopThread:
    """An event loop in a daemon thread."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def call(self, function: Callable[[], object]) -> None:
        """Have a function called on the loop."""
        self.loop.call_soon_threadsafe(function)

    def close(self) -> None:
        """Cancel what still runs, so that nobody waits for it in vain, and end."""
        with contextlib.suppress(TimeoutError):
            self.submit(_cancel_the_others()).result(timeout=CLOSE_BOUND_S)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=CLOSE_BOUND_S)
        if not self.loop.is_running():
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
        self._timeout_s = timeout_s
        self._stopped = stopped
        self._given_up = False
        self._in_flight = 0
        self._settled = asyncio.Condition()
        self._settlements = 0
        self._exchanges: set[asyncio.Task[_Answer]] = set()
        self._blocks: set[str] = set()

    async def send(self, request: CallRequest) -> CallReply | CallError:
        """Send one call: intent first, then the call, then reply or failure into the ledger.

        Raises StopRequested where nothing may be sent any more, BudgetReached where it does not fit.
        """
        async with self._places:
            self._check_may_send()
            await self._intend(request)
            self._in_flight += 1
            try:
                await self._check_still_may_send(request)
                return await self._call(request)
            finally:
                self._in_flight -= 1
                self._settlements += 1
                async with self._settled:
                    self._settled.notify_all()

    def give_up(self) -> None:
        """Break off every call on its way, and send nothing more; the ledger counts each as possibly paid."""
        self._given_up = True
        for exchange in self._exchanges:
            exchange.cancel()

    async def close(self) -> None:
        await self._client.close()

    def _check_may_send(self) -> None:
        if self._given_up or self._stopped():
            raise StopRequested

    async def _check_still_may_send(self, request: CallRequest) -> None:
        """A stop that came while the intent was written: the call is ended unsent, and costs nothing."""
        try:
            self._check_may_send()
        except StopRequested:
            await self._fail(request, CallError(CallErrorCategory.NOT_SENT, "The run was stopped before it was sent."))
            raise

    async def _intend(self, request: CallRequest) -> None:
        """Write the intent, as soon as the budget has room for it."""
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
        patience_s = self._timeout_s
        while True:
            self._check_may_send()
            settlements = self._settlements
            reservation = await self._writer.write(partial(_reserve, intent))
            if reservation is _Reservation.MADE:
                return
            if reservation is _Reservation.IMPOSSIBLE or patience_s <= 0:
                raise BudgetReached  # without patience: what another process reserved does not come back
            if self._in_flight == 0:
                patience_s -= BUDGET_POLL_S
            await self._wait_for_settlement(settlements)

    async def _wait_for_settlement(self, seen: int) -> None:
        """Until a call of this process has settled since `seen`, at most `BUDGET_POLL_S`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BUDGET_POLL_S), self._settled:
                await self._settled.wait_for(lambda: self._settlements != seen)

    async def _keep_blocks(self, body: dict[str, Any]) -> None:
        texts = [block["text"] for block in body.get("system", ()) if block["text"] not in self._blocks]
        if texts:
            await self._writer.write(lambda connection: store_blocks(connection, texts))
            self._blocks.update(texts)

    async def _call(self, request: CallRequest) -> CallReply | CallError:
        exchange = asyncio.ensure_future(self._exchange(request.body))
        self._exchanges.add(exchange)
        broken_off = CallError(CallErrorCategory.CONNECTION_BROKEN, "Given up while it was on its way.")
        cancellation: asyncio.CancelledError | None = None
        try:
            done, _ = await asyncio.wait({exchange}, timeout=self._timeout_s)
            if not done:
                broken_off = CallError(CallErrorCategory.TIMED_OUT, TIMED_OUT_MESSAGE)
        except asyncio.CancelledError as cancelled:
            cancellation = cancelled
        if not exchange.done():
            exchange.cancel()
            await asyncio.wait({exchange})
        self._exchanges.discard(exchange)
        outcome = await self._record(request, exchange, broken_off)
        if cancellation:
            raise cancellation
        return outcome

    async def _record(
        self, request: CallRequest, exchange: asyncio.Task[_Answer], broken_off: CallError
    ) -> CallReply | CallError:
        """Put into the ledger how the exchange ended; a reply that arrived all the same is a reply."""
        if exchange.cancelled():
            return await self._fail(request, broken_off)
        error = exchange.exception()
        if error is None:
            return await self._keep(request, exchange.result())
        if not isinstance(error, Exception):
            raise error
        explained = explain(error)
        if explained.category is CallErrorCategory.UNEXPECTED:
            logger.error("%s: %s", request.generation_id, explained.message, exc_info=error)
        return await self._fail(request, explained)

    async def _exchange(self, body: dict[str, Any]) -> _Answer:
        response = await self._client.messages.with_raw_response.create(**body)
        return _Answer(await response.read(), response.headers, response.status_code)

    async def _keep(self, request: CallRequest, answer: _Answer) -> CallReply | CallError:
        message = _message_in(answer.raw)
        request_id = _short(answer.headers.get("request-id"), 96)
        if message is None:
            shown = excerpt(answer.raw[:SHOWN_BYTES].decode("utf-8", "replace"))
            text = f"HTTP {answer.status} with a body that is no message: {shown}"
            error = CallError(CallErrorCategory.UNREADABLE_REPLY, text, answer.status, request_id)
            return await self._fail(request, error, answer.raw)
        usage = _usage(message)
        reply = KeptReply(
            generation_id=request.generation_id,
            raw=answer.raw,
            cost_usd=self._prices.cost(request.body["model"], usage) if usage else None,
            message_id=_short(message.get("id"), 96),
            request_id=request_id,
            stop_reason=_short(message.get("stop_reason"), 64),
            usage=usage,
            input_tokens=_tokens(usage, "input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"),
            output_tokens=_tokens(usage, "output_tokens"),
            cache_read_tokens=_tokens(usage, "cache_read_input_tokens"),
            cache_write_tokens=_tokens(usage, "cache_creation_input_tokens"),
            cache_saved_usd=self._prices.cache_saved(request.body["model"], usage) if usage else Decimal(0),
            simulated=SIMULATOR_HEADER in answer.headers,
            http_status=answer.status,
        )
        await self._writer.write(lambda connection: keep_reply(connection, reply))
        return CallReply(request.generation_id, message)

    async def _fail(self, request: CallRequest, error: CallError, raw: bytes | None = None) -> CallError:
        failure = CallFailure(
            generation_id=request.generation_id,
            category=error.category.value,
            message=error.message,
            possibly_paid=error.possibly_paid,
            request_id=_short(error.request_id, 96),
            http_status=error.http_status,
            raw=None if raw is None else _without_secrets(raw),
        )
        await self._writer.write(lambda connection: keep_failure(connection, failure))
        return error


def _stored_form(body: dict[str, Any]) -> tuple[str, int]:
    """The request as the ledger keeps it, its system blocks by content, and the bytes of what is sent."""
    sent = len(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())
    stored = dict(body)
    if "system" in body:
        stored["system"] = [
            dict(("sha256", block_hash(value)) if key == "text" else (key, value) for key, value in block.items())
            for block in body["system"]
        ]
    return json.dumps(stored, ensure_ascii=False, separators=(",", ":")), sent


def _reserve(intent: Intent, connection: Connection) -> _Reservation:
    if intend(connection, intent):
        return _Reservation.MADE
    fits = may_fit_later(connection, intent.job_id, intent.reserved_usd)
    return _Reservation.LATER if fits else _Reservation.IMPOSSIBLE


def _message_in(raw: bytes) -> dict[str, Any] | None:
    try:
        message = json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) and message.get("type") == "message" else None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _usage(message: dict[str, Any]) -> dict[str, Any]:
    """The usage of a reply, or nothing where it does not say what was used in numbers that can be."""
    usage = message.get("usage")
    if not isinstance(usage, dict):
        return {}
    counts = [usage.get(name) for name in ("input_tokens", "output_tokens")]
    counts += [usage.get(name) or 0 for name in ("cache_creation_input_tokens", "cache_read_input_tokens")]
    return usage if all(_is_count(count) for count in counts) else {}


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_COUNT // 4


def _tokens(usage: dict[str, Any], *names: str) -> int:
    return sum(usage.get(name) or 0 for name in names)


def _short(value: object, most: int) -> str | None:
    """What somebody else gave as a short text, as a column holds it; None for what is no text."""
    return storable(value)[:most] if isinstance(value, str) else None


def _without_secrets(raw: bytes) -> bytes:
    for secret in secrets():
        raw = raw.replace(secret.encode(), b"[secret]")
    return raw


async def _cancel_the_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    if others:
        await asyncio.wait(others, timeout=CLOSE_BOUND_S / 2)
    await asyncio.get_running_loop().shutdown_default_executor()
