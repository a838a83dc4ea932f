"""Rate limits as token buckets, and the headers that tell of them."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

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
        now = datetime.now(UTC)
        headers: dict[str, str] = {}
        named = (
            ("requests", self.requests),
            ("input-tokens", self.input_tokens),
            ("output-tokens", self.output_tokens),
        )
        remaining = [(name, bucket.limit, bucket.remaining(), bucket.full_in_s()) for name, bucket in named]
        _, input_limit, input_left, input_full = remaining[1]
        _, output_limit, output_left, output_full = remaining[2]
        remaining.append(
            ("tokens", input_limit + output_limit, input_left + output_left, max(input_full, output_full))
        )
        for name, limit, left, full_in_s in remaining:
            prefix = f"anthropic-ratelimit-{name}"
            headers[f"{prefix}-limit"] = str(limit)
            headers[f"{prefix}-remaining"] = str(left)
            reset = (now + timedelta(seconds=full_in_s)).replace(microsecond=0, tzinfo=None)
            headers[f"{prefix}-reset"] = reset.isoformat() + "Z"
        return headers
