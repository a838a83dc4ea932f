"""Which prefixes of prompts are in the API's prompt cache, and who is putting one there.

A prefix can be read only after the answer that wrote it has begun, so calls in flight together would all pay for
writing it. The first call of a cold prefix leads; the others wait until it has landed.
"""

from __future__ import annotations

from collections.abc import Sequence

LIFETIME_S = 290.0
"""The cache keeps a prefix for 300 s after its last use; a call takes a moment to get there."""

LEAD_PATIENCE_S = 120.0
"""No call waits for another one longer than this: paying for the cache twice is better than standing still."""


class WarmPrefixes:
    """The prefixes of one model. Seconds are those of the clock handed in."""

    def __init__(self) -> None:
        self._warm_until: dict[str, float] = {}
        self._led_since: dict[str, float] = {}

    def awaited(self, prefixes: Sequence[str], now: float) -> str | None:
        """The first of these prefixes that another call is putting into the cache; None: nothing to wait for."""
        for prefix in prefixes:
            if not self._is_warm(prefix, now) and now < self._led_since.get(prefix, -LEAD_PATIENCE_S) + LEAD_PATIENCE_S:
                return prefix
        return None

    def lead(self, prefixes: Sequence[str], now: float) -> tuple[str, ...]:
        """A call with these prefixes goes out: those it puts into the cache."""
        led = tuple(prefix for prefix in prefixes if not self._is_warm(prefix, now))
        self._led_since.update(dict.fromkeys(led, now))
        return led

    def landed(self, led: Sequence[str], prefixes: Sequence[str], sent_at: float, replied: bool) -> None:
        """A call is over. With a reply, its prefixes were used when it was sent; without one, others may lead."""
        for prefix in led:
            self._led_since.pop(prefix, None)
        if replied:
            for prefix in prefixes:
                self._warm_until[prefix] = max(self._warm_until.get(prefix, 0.0), sent_at + LIFETIME_S)

    def patience_ends_at(self) -> float | None:
        """When the first of those who lead has been waited for long enough."""
        return min(self._led_since.values(), default=0.0) + LEAD_PATIENCE_S if self._led_since else None

    def _is_warm(self, prefix: str, now: float) -> bool:
        return now < self._warm_until.get(prefix, float("-inf"))
