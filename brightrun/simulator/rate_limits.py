"""Rate limits as token buckets, and the headers that tell of them."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import lru_cache

from brightrun.simulator.settings import SimulatorSettings


class Bucket:
    """A bucket that holds a minute's worth and fills continuously."""

    __slots__ = ("_filled_at", "_level", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._level = float(limit)
        self._filled_at = time.monotonic()

    def take(self, amount: int) -> None:
        """Take out so much; the bucket may run into debt, since output is only known afterwards."""
        self._level = self._now() - amount

    def remaining(self) -> int:
        return max(0, int(self._now()))

    def full_in_s(self) -> float:
        return max(0.0, (self.limit - self._now()) * 60 / self.limit)

    def _now(self) -> float:
        now = time.monotonic()
        self._level = min(float(self.limit), self._level + (now - self._filled_at) * self.limit / 60)
        self._filled_at = now
        return self._level


class RateLimits:
    """The three limits of an organization, taken from as requests come and replies go.

    Whoever enforces them (429, `retry-after`) asks `remaining` before `take`, in the server's one
    place for faults.
    """

    def __init__(self, settings: SimulatorSettings) -> None:
        self.requests = Bucket(settings.requests_per_minute)
        self.input_tokens = Bucket(settings.input_tokens_per_minute)
        self.output_tokens = Bucket(settings.output_tokens_per_minute)

    def headers(self) -> dict[str, str]:
        """`anthropic-ratelimit-…` for requests, input tokens, output tokens, and both kinds of tokens."""
        now = time.time()
        headers: dict[str, str] = {}
        left = limit = 0
        full_in_s = 0.0
        for name, bucket in (("input-tokens", self.input_tokens), ("output-tokens", self.output_tokens)):
            left, limit = left + bucket.remaining(), limit + bucket.limit
            full_in_s = max(full_in_s, bucket.full_in_s())
            headers |= _headers(name, bucket.limit, bucket.remaining(), now + bucket.full_in_s())
        requests = self.requests
        headers |= _headers("requests", requests.limit, requests.remaining(), now + requests.full_in_s())
        return headers | _headers("tokens", limit, left, now + full_in_s)


def _headers(name: str, limit: int, remaining: int, reset: float) -> dict[str, str]:
    prefix = f"anthropic-ratelimit-{name}"
    return {
        f"{prefix}-limit": str(limit),
        f"{prefix}-remaining": str(remaining),
        f"{prefix}-reset": _timestamp(int(reset)),
    }


@lru_cache(maxsize=16)
def _timestamp(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
