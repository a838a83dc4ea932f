"""One request for a message while it is dealt with; it ends as an entry of the account."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256

from brightrun.simulator.account import Entry
from brightrun.simulator.message_request import MessageRequest
from brightrun.simulator.prompt_cache import CacheUse
from brightrun.simulator.reply import Reply

UNREAD = sha256().digest()
NOT_ANSWERED = 0
NO_COST = Decimal(0)


@dataclass(slots=True)
class Call:
    """What is known of a request so far."""

    request_id: str
    received_at: float = field(default_factory=time.time)
    body_sha256: bytes = UNREAD
    asked: MessageRequest | None = None
    status: int = NOT_ANSWERED
    fault: str | None = None
    written: Written | None = None
    delivered: bool = False

    def entry(self) -> Entry:
        """The call as the account keeps it, at its end."""
        written = self.written
        model = self.asked.model if self.asked else None
        use = written.use if written else CacheUse(0, 0, 0, 0)
        output_tokens = written.reply.output_tokens if written else 0
        return Entry(
            request_id=self.request_id,
            message_id=written.message_id if written else None,
            model=model.key if model else None,
            body_sha256=self.body_sha256,
            user_id=self.asked.user_id if self.asked else None,
            status=self.status,
            delivered=self.delivered,
            input_tokens=use.uncached,
            cache_creation_input_tokens=use.written_5m + use.written_1h,
            cache_read_input_tokens=use.read,
            output_tokens=output_tokens,
            cost_usd=(
                model.cost_usd(use.uncached, use.written_5m, use.written_1h, use.read, output_tokens)
                if model and written
                else NO_COST
            ),
            fault=self.fault,
            received_at=self.received_at,
            ended_at=time.time(),
        )


@dataclass(frozen=True, slots=True)
class Written:
    """A reply that the simulated model has written: from here on it is paid for."""

    message_id: str
    reply: Reply
    use: CacheUse
