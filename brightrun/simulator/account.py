"""The account: every request received, every reply delivered whole, with ids and cost."""

from __future__ import annotations

from collections import Counter, deque
from decimal import Decimal
from typing import NamedTuple

from brightrun.simulator.faults import Route

ENTRIES_KEPT = 200_000
"""The newest entries; totals go on counting past it."""


class Entry(NamedTuple):
    """One request for a message: what was asked, what it was answered, and whether that arrived.

    `delivered`: the operating system took every byte of the reply, undamaged. `received_at` and `ended_at` are
    seconds since 1970.
    """

    request_id: str
    message_id: str | None
    model: str | None
    body_sha256: bytes
    user_id: str | None
    status: int
    delivered: bool
    input_tokens: int
    cache_creation_input_tokens: int
    cache_read_input_tokens: int
    output_tokens: int
    cost_usd: Decimal
    fault: str | None
    received_at: float
    ended_at: float

    def as_json(self) -> dict[str, object]:
        return {**self._asdict(), "body_sha256": self.body_sha256.hex(), "cost_usd": str(self.cost_usd)}


class Account:
    """Totals for all requests, and an entry for each request for a message."""

    def __init__(self) -> None:
        self.received: Counter[str] = Counter()
        self.faults: dict[str, Counter[str]] = {}
        self.delivered = self.errors = self.refused_by_limits = self.in_flight = 0
        self.input_tokens = self.output_tokens = 0
        self.cache_creation_input_tokens = self.cache_read_input_tokens = 0
        self.cost_usd = self.delivered_cost_usd = Decimal(0)
        self.written = 0
        self._entries: deque[Entry] = deque(maxlen=ENTRIES_KEPT)

    def add(self, entry: Entry) -> None:
        """Put down a request for a message that has been dealt with."""
        self._entries.append(entry)
        if entry.fault is not None:
            self.played(Route.MESSAGES, entry.fault)
        if entry.message_id is None:
            self.errors += 1
            return
        self.written += 1
        self.cost_usd += entry.cost_usd
        self.input_tokens += entry.input_tokens
        self.cache_creation_input_tokens += entry.cache_creation_input_tokens
        self.cache_read_input_tokens += entry.cache_read_input_tokens
        self.output_tokens += entry.output_tokens
        if entry.delivered:
            self.delivered += 1
            self.delivered_cost_usd += entry.cost_usd

    def played(self, route: Route, fault: str) -> None:
        """Count a fault that a request has met; `add` counts those of messages."""
        self.faults.setdefault(route.value, Counter())[fault] += 1

    def as_json(self, *, entries: bool) -> dict[str, object]:
        account: dict[str, object] = {
            "requests_received": self.received["/v1/messages"],
            "other_requests": {path: n for path, n in sorted(self.received.items()) if path != "/v1/messages"},
            "in_flight": self.in_flight,
            "replies_written": self.written,
            "replies_delivered": self.delivered,
            "errors": self.errors,
            "refused_by_limits": self.refused_by_limits,
            "faults": {route: dict(sorted(played.items())) for route, played in sorted(self.faults.items())},
            "input_tokens": self.input_tokens,
            "cache_creation_input_tokens": self.cache_creation_input_tokens,
            "cache_read_input_tokens": self.cache_read_input_tokens,
            "output_tokens": self.output_tokens,
            "cost_usd": str(self.cost_usd),
            "delivered_cost_usd": str(self.delivered_cost_usd),
        }
        if entries:
            account["entries"] = [entry.as_json() for entry in self._entries]
        return account
