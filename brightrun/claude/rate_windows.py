"""What the API's rate-limit headers leave room for: requests, input tokens and output tokens.

Each is a bucket that fills evenly. A header says how much is left and when it is full again; between two answers
the bucket is filled and taken from here. Several processes on one key see each other only in these headers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

KINDS = ("requests", "input-tokens", "output-tokens")
LONGEST_FILL_S = 60.0
READ_EVERY_S = 0.05
"""Headers are read no more often than this: at hundreds of answers a second they say the same."""

LEARNT = 0.2
"""Weight of the newest call in what a call is expected to take."""


@dataclass
class _Window:
    """One bucket as it was last told of, and what was taken since."""

    limit: float
    left: float
    fills_per_s: float
    at: float

    def level(self, now: float) -> float:
        return min(self.limit, self.left + (now - self.at) * self.fills_per_s)


class RateWindows:
    """Whether the next call has room, as far as the API has said. Seconds are those of the clock handed in."""

    def __init__(self) -> None:
        self._windows: dict[str, _Window] = {}
        self._expected = dict.fromkeys(KINDS, 0.0) | {"requests": 1.0}
        self._read_at = float("-inf")
        self._in_flight = 0

    def free_at(self, now: float) -> float:
        """When a call of the usual size has room; `now` or before if it has room now."""
        return max((self._has_room_at(kind, now) for kind in self._windows), default=now)

    def take(self, now: float) -> None:
        """A call goes out."""
        self._in_flight += 1
        for kind, window in self._windows.items():
            window.left, window.at = window.level(now) - self._expected[kind], now

    def ended(self) -> None:
        """A call is over."""
        self._in_flight -= 1

    def used(self, input_tokens: int, output_tokens: int) -> None:
        """What a call took that counts: input tokens without those read from the cache, and output tokens."""
        for kind, tokens in (("input-tokens", input_tokens), ("output-tokens", output_tokens)):
            before = self._expected[kind]
            self._expected[kind] = tokens if not before else before + (tokens - before) * LEARNT

    def read(self, headers: Mapping[str, str], now: float) -> None:
        """Take in what an answer says."""
        if now - self._read_at < READ_EVERY_S:
            return
        self._read_at = now
        for kind in KINDS:
            limit = _number(headers.get(f"anthropic-ratelimit-{kind}-limit"))
            left = _number(headers.get(f"anthropic-ratelimit-{kind}-remaining"))
            if limit is None or left is None or limit <= 0:
                continue
            fill_s = _seconds_until(headers.get(f"anthropic-ratelimit-{kind}-reset"), headers.get("date"))
            fills_per_s = _fills_per_s(limit, left, fill_s)
            if kind == "output-tokens":  # known to the API only when they are written: those in flight come on top
                left -= self._in_flight * self._expected[kind]
            self._windows[kind] = _Window(limit, left, fills_per_s, now)

    def _has_room_at(self, kind: str, now: float) -> float:
        window = self._windows[kind]
        missing = min(self._expected[kind], window.limit) - window.level(now)
        return now + min(missing / window.fills_per_s, LONGEST_FILL_S) if missing > 0 else now


def _fills_per_s(limit: float, left: float, fill_s: float | None) -> float:
    """How fast a bucket fills: as its header says, and at least a whole one in a minute."""
    even = limit / LONGEST_FILL_S
    return max((limit - left) / fill_s, even) if fill_s else even


def _seconds_until(reset: str | None, date: str | None) -> float | None:
    """From the answer's own date to the reset: by the API's clock alone, since ours may be wrong."""
    if not reset or not date:
        return None
    try:
        return (datetime.fromisoformat(reset) - parsedate_to_datetime(date)).total_seconds()
    except (ValueError, TypeError):
        return None


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None
