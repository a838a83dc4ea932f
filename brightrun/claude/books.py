"""The books that every lane keeps: intent before a call, reply or failure after it, the budget held throughout."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from brightrun import quick_json
from brightrun.claude.calls import BudgetReached, CallReply, CallRequest
from brightrun.claude.errors import CallError, CallErrorCategory, excerpt
from brightrun.claude.pricing import Prices
from brightrun.claude.prompt_count import PromptCount
from brightrun.configuration import secrets
from brightrun.store.ledger import (
    CallFailure,
    Intent,
    KeptReply,
    Reservation,
    keep_failures,
    keep_replies,
    reserve,
)
from brightrun.store.requests import RequestForm, store_blocks
from brightrun.store.tables import storable
from brightrun.store.writer import LedgerWriter

BUDGET_POLL_S = 1.0
"""How often a call that waits for room in the budget looks again: other processes settle without a word to this one."""

SHOWN_BYTES = 4_000
"""Of a body that is no message; enough for an excerpt of it in any encoding."""

LARGEST_COUNT = 2**31 - 1
"""More tokens than this are no count of tokens, and no column holds them."""


@dataclass(frozen=True)
class Answer:
    """What came back for a call, read once."""

    raw: bytes
    status: int
    request_id: str | None
    simulated: bool


class Books:
    """Intents, replies and failures of one process, whatever lane they travel on. Lives on one event loop.

    `budget_patience_s`: how long a call waits for room that only another process could make.
    """

    def __init__(
        self, writer: LedgerWriter, prices: Prices, count: PromptCount, lane: str, budget_patience_s: float
    ) -> None:
        self._writer = writer
        self._prices = prices
        self._count = count
        self._lane = lane
        self._budget_patience_s = budget_patience_s
        self._open = 0
        self._settled = asyncio.Event()
        self._blocks: set[str] = set()

    async def intend(
        self, request: CallRequest, body: dict[str, Any], form: RequestForm, check: Callable[[], None]
    ) -> None:
        """Write the intent of a call, as soon as the budget has room for its worst case.

        `form` is how `body` is sent and kept. `check` is called before each try, and raises where nothing is to be
        sent any more. Raises BudgetReached. Whoever gets an intent settles it with `keep` or `fail`.
        """
        await self._keep_blocks(form.blocks)
        patience_s = self._budget_patience_s
        while True:
            check()
            settled = self._settled
            intent = self._intent(request, form, body["max_tokens"])
            reservation = await self._writer.write_together(reserve, intent, intent.generation_id, urgent=True)
            if reservation is Reservation.MADE:
                self._open += 1
                return
            if await self._count.known(form):
                continue
            if reservation is Reservation.IMPOSSIBLE or patience_s <= 0:
                raise BudgetReached  # without patience: what another process reserved does not come back
            if self._open == 0:
                patience_s -= BUDGET_POLL_S
            await _at_most(BUDGET_POLL_S, settled.wait())

    async def keep(self, request: CallRequest, answer: Answer) -> CallReply | CallError:
        """Keep what arrived, as it arrived, and settle its cost; a body that is no message is a failed call."""
        message = _message_in(answer.raw)
        request_id = _short(answer.request_id, 96)
        if message is None:
            shown = excerpt(answer.raw[:SHOWN_BYTES].decode("utf-8", "replace"))
            text = f"HTTP {answer.status} with a body that is no message: {shown}"
            error = CallError(CallErrorCategory.UNREADABLE_REPLY, text, answer.status, request_id)
            return await self.fail(request, error, answer.raw)
        usage = _usage_of(message)
        cost = self._prices.cost(request.model, usage) if usage else None
        reply = KeptReply(
            generation_id=request.generation_id,
            raw=answer.raw,
            cost_usd=cost,
            message_id=_short(message.get("id"), 96),
            request_id=request_id,
            stop_reason=_short(message.get("stop_reason"), 64),
            usage=usage,
            input_tokens=tokens(usage, "input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"),
            output_tokens=tokens(usage, "output_tokens"),
            cache_read_tokens=tokens(usage, "cache_read_input_tokens"),
            cache_write_tokens=tokens(usage, "cache_creation_input_tokens"),
            cache_saved_usd=self._prices.cost_without_cache(request.model, usage) - (cost or Decimal(0)),
            simulated=answer.simulated,
            http_status=answer.status,
        )
        try:
            await self._writer.write_together(keep_replies, reply, reply.generation_id)
        finally:
            self._settle()
        return CallReply(request.generation_id, message, usage)

    async def fail(self, request: CallRequest, error: CallError, raw: bytes | None = None) -> CallError:
        """Keep what is known of a call that brought no reply."""
        failure = CallFailure(
            generation_id=request.generation_id,
            category=error.category.value,
            message=error.message,
            possibly_paid=error.possibly_paid,
            request_id=_short(error.request_id, 96),
            http_status=error.http_status,
            raw=None if raw is None else _without_secrets(raw),
        )
        try:
            await self._writer.write_together(keep_failures, failure, failure.generation_id)
        finally:
            self._settle()
        return error

    def _intent(self, request: CallRequest, form: RequestForm, max_tokens: int) -> Intent:
        return Intent(
            generation_id=request.generation_id,
            job_id=request.job_id,
            item_id=request.item_id,
            attempt=request.attempt,
            call=request.call,
            lane=self._lane,
            model=request.model,
            request=form.stored,
            reserved_usd=self._prices.worst_case(request.model, self._count.most(form), max_tokens),
            purpose=request.purpose,
            conversation_id=request.conversation_id,
            aside_usd=request.aside_usd,
            holder=request.holder,
        )

    def _settle(self) -> None:
        """One call less is open; whoever waits for that is told."""
        self._open -= 1
        self._settled.set()
        self._settled = asyncio.Event()

    async def _keep_blocks(self, blocks: Sequence[str]) -> None:
        texts = [text for text in blocks if text not in self._blocks]
        if texts:
            await self._writer.write(lambda connection: store_blocks(connection, texts), urgent=True)
            self._blocks.update(texts)


async def _at_most(seconds: float, waiting: Awaitable[object]) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await waiting


def _usage_of(message: Mapping[str, Any]) -> dict[str, Any]:
    """The usage of a reply, or nothing where it does not say what was used in numbers that can be."""
    usage = message.get("usage")
    if not isinstance(usage, dict):
        return {}
    counts = [usage.get(name) for name in ("input_tokens", "output_tokens")]
    counts += [usage.get(name) or 0 for name in ("cache_creation_input_tokens", "cache_read_input_tokens")]
    return usage if all(_is_count(count) for count in counts) else {}


def tokens(usage: Mapping[str, Any], *names: str) -> int:
    """The sum of these counts of a usage."""
    return sum(usage.get(name) or 0 for name in names)


def _message_in(raw: bytes) -> dict[str, Any] | None:
    try:
        message = quick_json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) and message.get("type") == "message" else None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_COUNT // 4


def _short(value: object, most: int) -> str | None:
    """What somebody else gave as a short text, as a column holds it; None for what is no text."""
    return storable(value)[:most] if isinstance(value, str) else None


def _without_secrets(raw: bytes) -> bytes:
    for secret in secrets():
        raw = raw.replace(secret.encode(), b"[secret]")
    return raw
