"""The online lane: requests to the Messages API, one HTTP call each, under the books and behind the gate."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

import httpx2

from brightrun.claude.books import Answer, Books, tokens
from brightrun.claude.calls import CallReply, CallRequest, StopRequested
from brightrun.claude.client import Endpoint, MessagesDoor
from brightrun.claude.errors import TIMED_OUT_MESSAGE, CallError, CallErrorCategory, Decision, explain
from brightrun.claude.gate import Gate, Passage
from brightrun.claude.pricing import Prices
from brightrun.claude.prompt_count import PromptCount
from brightrun.store.requests import request_form
from brightrun.store.writer import LedgerWriter

SIMULATOR_HEADER = "x-brightrun-simulator"

NO_HEADERS = httpx2.Headers()

logger = logging.getLogger("brightrun.job")


@dataclass(frozen=True)
class _Exchange:
    """How a call ended on the wire: with an answer, or with an error that says why not."""

    answer: Answer | None
    error: CallError | None
    headers: httpx2.Headers


class OnlineLane:
    """Sends calls to one endpoint. Made and used on its event loop."""

    def __init__(
        self,
        endpoint: Endpoint,
        prices: Prices,
        writer: LedgerWriter,
        concurrency: int,
        timeout_s: float,
        stopped: Callable[[], bool],
    ) -> None:
        self._door = MessagesDoor(endpoint, timeout_s)
        self._count = PromptCount(self._door.count_tokens)
        self._books = Books(writer, prices, self._count, "online", timeout_s)
        self._concurrency = concurrency
        self._gates: dict[str, Gate] = {}
        self._timeout_s = timeout_s
        self._stopped = stopped
        self._given_up = False
        self._calls: set[asyncio.Task[_Exchange]] = set()

    async def send(self, request: CallRequest) -> CallReply | CallError:
        """Send one call: intent first, then the call, then reply or failure into the ledger.

        Raises StopRequested where nothing may be sent any more, BudgetReached where it does not fit, and what
        `write_body` raises; then nothing was sent.
        """
        gate = self._gate_of(request.model)
        async with gate.passage(request.position, request.prefixes) as passage:
            body = request.write_body()
            form = request_form(body)
            await self._books.intend(request, body, form, self._check_may_send)
            await self._go_out(gate, passage, request)
            exchange, cancellation = await self._carry(form.sent)
            _report(gate, passage, exchange)
        outcome = await self._record(request, exchange)
        if isinstance(outcome, CallReply):
            uncached = tokens(outcome.usage, "input_tokens", "cache_creation_input_tokens")
            gate.used(uncached, tokens(outcome.usage, "output_tokens"))
        if cancellation:
            raise cancellation
        return outcome

    def give_up(self) -> None:
        """Break off every call on its way, and send nothing more; the ledger counts each as possibly paid."""
        self._given_up = True
        for call in self._calls:
            call.cancel()

    async def close(self) -> None:
        self._count.close()
        await self._door.close()

    def _is_over(self) -> bool:
        return self._given_up or self._stopped()

    def _check_may_send(self) -> None:
        if self._is_over():
            raise StopRequested

    async def _go_out(self, gate: Gate, passage: Passage, request: CallRequest) -> None:
        """Wait for the place on the wire. A stop that comes before it: the call is ended unsent, and costs nothing."""
        try:
            await gate.go_out(passage)
            self._check_may_send()
        except (StopRequested, asyncio.CancelledError):
            error = CallError(CallErrorCategory.NOT_SENT, "The run was stopped before it was sent.")
            await self._books.fail(request, error)
            raise

    async def _carry(self, body: bytes) -> tuple[_Exchange, asyncio.CancelledError | None]:
        """The call itself, within its time. A cancellation waits until it is known how the call ended."""
        call = asyncio.ensure_future(self._exchange(body))
        self._calls.add(call)
        broken_off = CallError(CallErrorCategory.CONNECTION_BROKEN, "Given up while it was on its way.")
        cancellation: asyncio.CancelledError | None = None
        try:
            done, _ = await asyncio.wait({call}, timeout=self._timeout_s)
            if not done:
                broken_off = CallError(CallErrorCategory.TIMED_OUT, TIMED_OUT_MESSAGE)
        except asyncio.CancelledError as cancelled:
            cancellation = cancelled
        if not call.done():
            call.cancel()
            await asyncio.wait({call})
        self._calls.discard(call)
        if call.cancelled():
            return _Exchange(None, broken_off, NO_HEADERS), cancellation
        return call.result(), cancellation  # a reply that arrived all the same is a reply

    async def _exchange(self, body: bytes) -> _Exchange:
        try:
            response = await self._door.post(body)
        except Exception as error:
            explained = explain(error)
            if explained.category is CallErrorCategory.UNEXPECTED:
                logger.error("a call failed in an unforeseen way: %s", explained.message, exc_info=error)
            answered = getattr(error, "response", None)
            return _Exchange(None, explained, NO_HEADERS if answered is None else answered.headers)
        headers = response.headers
        answer = Answer(response.content, response.status_code, headers.get("request-id"), SIMULATOR_HEADER in headers)
        return _Exchange(answer, None, headers)

    async def _record(self, request: CallRequest, exchange: _Exchange) -> CallReply | CallError:
        """Put into the ledger how the call ended."""
        if exchange.answer is None:
            assert exchange.error is not None  # one of the two is there
            return await self._books.fail(request, exchange.error)
        return await self._books.keep(request, exchange.answer)

    def _gate_of(self, model: str) -> Gate:
        """Limits are a model's; whatever this process sends to it shares them."""
        if model not in self._gates:
            self._gates[model] = Gate(self._concurrency, self._is_over)
        return self._gates[model]


def _report(gate: Gate, passage: Passage, exchange: _Exchange) -> None:
    """Tell the gate what came back on the wire."""
    error = exchange.error
    if error is None:
        gate.replied(passage, exchange.headers)
    elif error.decision is Decision.SHRINK:
        gate.rate_limited(passage, error.retry_after_s, exchange.headers)
    elif error.decision is Decision.BACK_OFF:
        gate.troubled()
