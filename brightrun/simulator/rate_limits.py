"""Rate limits as token buckets, the refusals they lead to, and the headers that tell of them."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime
from functools import lru_cache

from brightrun.simulator.errors import ApiError
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

    def state(self) -> tuple[int, float]:
        """What is left in it, and the seconds until it is full."""
        level = self._now()
        return max(0, int(level)), (self.limit - level) * 60 / self.limit

    def holds_in_s(self, amount: int) -> float:
        """Seconds until so much is in it; 0: now. Where it is more than it can hold: until it is full, or a second."""
        level = self._now()
        if level >= amount:
            return 0.0
        return max((min(amount, self.limit) - level) * 60 / self.limit, 0.0) or 1.0

    def _now(self) -> float:
        now = time.monotonic()
        self._level = min(float(self.limit), self._level + (now - self._filled_at) * self.limit / 60)
        self._filled_at = now
        return self._level


class RateLimits:
    """An organization's limits for one model: all its clients share them.

    Requests and input are taken when a request comes, output when it has been written; what was read from
    the prompt cache does not count.
    """

    def __init__(self, settings: SimulatorSettings) -> None:
        self.requests = Bucket(settings.requests_per_minute)
        self.input_tokens = Bucket(settings.input_tokens_per_minute)
        self.output_tokens = Bucket(settings.output_tokens_per_minute)

    def admit(self, input_tokens: int) -> None:
        """Take a request and its input; raises ApiError, and takes nothing, where there is no room."""
        waits_s = (
            self.requests.holds_in_s(1),
            self.input_tokens.holds_in_s(input_tokens),
            self.output_tokens.holds_in_s(1),
        )
        if any(waits_s):
            wanted = (
                (self.requests, "requests"),
                (self.input_tokens, "input tokens"),
                (self.output_tokens, "output tokens"),
            )
            wait_s = max(waits_s)
            bucket, what = wanted[waits_s.index(wait_s)]
            raise _no_room(bucket, what, wait_s)
        self.requests.take(1)
        self.input_tokens.take(input_tokens)

    def wrote(self, output_tokens: int) -> None:
        """Take what has been written."""
        self.output_tokens.take(output_tokens)

    def headers(self) -> dict[str, str]:
        """`anthropic-ratelimit-…` for requests, input tokens, output tokens, and both kinds of tokens."""
        now = time.time()
        requests = self.requests.state()
        incoming = self.input_tokens.state()
        outgoing = self.output_tokens.state()
        both = (incoming[0] + outgoing[0], max(incoming[1], outgoing[1]))
        return {
            **_headers("requests", self.requests.limit, requests, now),
            **_headers("input-tokens", self.input_tokens.limit, incoming, now),
            **_headers("output-tokens", self.output_tokens.limit, outgoing, now),
            **_headers("tokens", self.input_tokens.limit + self.output_tokens.limit, both, now),
        }


class CountingLimits:
    """The limit of token counting, which is apart from that of messages."""

    def __init__(self, settings: SimulatorSettings) -> None:
        self.requests = Bucket(settings.requests_per_minute)

    def admit(self) -> None:
        """Take a request; raises ApiError where there is no room."""
        wait_s = self.requests.holds_in_s(1)
        if wait_s > 0:
            raise _no_room(self.requests, "requests", wait_s)
        self.requests.take(1)

    def headers(self) -> dict[str, str]:
        return _headers("requests", self.requests.limit, self.requests.state(), time.time())


def _no_room(bucket: Bucket, what: str, wait_s: float) -> ApiError:
    message = f"This request would exceed your organization's rate limit of {bucket.limit:,} {what} per minute."
    return ApiError(429, "rate_limit_error", message, retry_after_s=max(1, math.ceil(wait_s)))


def _headers(name: str, limit: int, state: tuple[int, float], now: float) -> dict[str, str]:
    remaining, full_in_s = state
    prefix = f"anthropic-ratelimit-{name}"
    return {
        f"{prefix}-limit": str(limit),
        f"{prefix}-remaining": str(remaining),
        f"{prefix}-reset": _timestamp(int(now + full_in_s)),
    }


@lru_cache(maxsize=16)
def _timestamp(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
