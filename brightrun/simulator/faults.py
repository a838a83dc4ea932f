"""Where replies go wrong on purpose. Nothing does yet: this is the one place for it."""

from __future__ import annotations

from typing import Protocol

from brightrun.simulator.errors import ApiError
from brightrun.simulator.message_request import MessageRequest


class Faults(Protocol):
    """Asked once for every valid request, before anything is written."""

    def __call__(self, request: MessageRequest) -> ApiError | None:
        """The error to answer instead of a reply, or None."""


def no_faults(request: MessageRequest) -> ApiError | None:  # noqa: ARG001 (the shape of Faults)
    """Every request gets its reply."""
    return None
