"""An API that is away is told from a request that it cannot answer."""

from __future__ import annotations

import time

OUTAGE_PATIENCE_S = 600.0
"""So long without a single answer, and the job ends; its items stay owed, and `resume` goes on with them."""


class OutageWatch:
    """Which items only met failures that pass with time, since when, and when a call was last answered."""

    def __init__(self, patience_s: float = OUTAGE_PATIENCE_S) -> None:
        self.patience_s = patience_s
        self._troubled_since: dict[str, float] = {}
        self._answered_at = float("-inf")

    def answered(self, item_id: str) -> None:
        """A call of the item was answered with a reply."""
        self._answered_at = time.monotonic()
        self.left(item_id)

    def failed(self, item_id: str) -> None:
        """A call of the item failed in a way that passes with time."""
        self._troubled_since.setdefault(item_id, time.monotonic())

    def left(self, item_id: str) -> None:
        """The item is out of it: settled, or put back."""
        self._troubled_since.pop(item_id, None)

    def is_of_item(self, item_id: str) -> bool:
        """Whether the trouble is this item's own: nobody else has it, or others were answered meanwhile."""
        since = self._troubled_since.get(item_id, float("inf"))
        return len(self._troubled_since) <= 1 or self._answered_at > since

    @property
    def lasts_too_long(self) -> bool:
        """Whether nothing was answered for longer than it is waited for."""
        began = max(min(self._troubled_since.values(), default=float("inf")), self._answered_at)
        return time.monotonic() - began > self.patience_s
