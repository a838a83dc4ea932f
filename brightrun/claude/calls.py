"""What travels to the API and back, and what every lane is: requests in, replies or explained failures out.

A lane carries requests and knows nothing of conversations. Whatever it carries goes through the same
books (`claude/books.py`), and fails in the same words (`claude/errors.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from brightrun.claude.errors import CallError
from brightrun.store.states import Purpose


class BudgetReached(Exception):
    """The next call does not fit the budget, and nothing in flight could make room for it."""


class StopRequested(Exception):
    """The job is being stopped; nothing new is sent."""


@dataclass(frozen=True)
class CallRequest:
    """One call: who it is for, and how its body is written."""

    generation_id: str
    job_id: str
    item_id: str
    attempt: int
    call: int
    model: str
    write_body: Callable[[], dict[str, Any]]
    """The body of the request. It is written when the call's turn has come, so that what waits stays small."""
    purpose: Purpose = Purpose.WRITE
    conversation_id: str | None = None
    """The conversation that it is about, unless it writes one."""
    aside_usd: Decimal = Decimal(0)
    """What must stay free of the budget for judging the conversation once it is written."""
    holder: str | None = None
    """The worker to which the item is leased."""
    position: int = 0
    """Whoever stands further in front is sent first."""
    prefixes: tuple[str, ...] = ()
    """Names of the prompt's prefixes that end in a cache breakpoint, the shortest first."""


@dataclass(frozen=True)
class CallReply:
    """A reply that is in the ledger. `message` is its JSON, `usage` what it says it used, where that can be."""

    generation_id: str
    message: dict[str, Any]
    usage: dict[str, Any]


class Lane(Protocol):
    """A way for requests to travel. Made and used on its event loop."""

    async def send(self, request: CallRequest) -> CallReply | CallError:
        """Carry one request: intent first, then the call, then reply or failure into the ledger.

        Raises StopRequested where nothing may be sent any more, BudgetReached where it does not fit, and what
        `write_body` raises; then nothing was sent.
        """

    def give_up(self) -> None:
        """Break off what is on its way, and send nothing more."""

    async def close(self) -> None:
        """Let go of the connections."""
