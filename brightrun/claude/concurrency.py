"""How many calls may be in flight: as many as go well, and fewer as soon as the API says so.

Plain arithmetic on a clock that is handed in (seconds, monotonic); who waits for what is `claude/gate.py`.
"""

from __future__ import annotations

START = 8
"""So many at the beginning, and after a pause: a connection each, and no 256 of them in one instant."""

GROW_EVERY_S = 0.25
"""Calls take minutes and refusals come at once: where all places were taken for so long without one, there is
room for half as many again."""

CREEP_EVERY_S = 2.0
"""Above the size that was too large once, the limit grows by one at a time."""

IDLE_S = 10.0
"""After so long without a call, connections have to be opened again."""

TROUBLE_S = 5.0
"""So long after a server error nothing grows."""

SHRINK_TO = 0.5

UNTOLD_PAUSE_S = 1.0
"""The pause after a 429 that does not say how long."""

LONGEST_PAUSE_S = 60.0
"""No longer than this is sending held back at the word of one answer; the next one can say it again."""


class AdaptiveLimit:
    """The number of calls that may be in flight, between 1 and `cap`.

    It begins small, grows with every success up to the size that was too large once, and creeps beyond that.
    A burst of 429 halves it, once, and holds sending back; a server error only stops it from growing.
    """

    def __init__(self, cap: int) -> None:
        self._cap = cap
        self._limit = float(min(cap, START))
        self._threshold = float(cap)
        self._shrunk_at = float("-inf")
        self._paused_until = float("-inf")
        self._troubled_until = float("-inf")
        self._grown_at = float("-inf")
        self._ended_at: float | None = None
        self.in_flight = 0

    @property
    def limit(self) -> int:
        """How many calls may be in flight."""
        return int(self._limit)

    def is_free(self, now: float, others: int = 0) -> bool:
        """Whether another call may go out, beside `others` that are about to."""
        if self.in_flight == 0 and self._ended_at is not None and now - self._ended_at > IDLE_S:
            self._threshold = max(self._threshold, self._limit)
            self._begin_small()
            self._ended_at = None
        return now >= self._paused_until and self.in_flight + others < self.limit

    def wakes_at(self, now: float) -> float | None:
        """When it is worth looking again, though no call has ended: a pause is over, or there is room to grow."""
        if now < self._paused_until:
            return self._paused_until
        if self.limit >= self._cap:
            return None
        return max(self._grown_at + self._pace_s, self._troubled_until)

    def grow_with_time(self, now: float) -> None:
        """All places are taken, somebody waits, and nobody has complained."""
        if self.limit >= self._cap or now < max(self._troubled_until, self._paused_until):
            return
        if now - self._grown_at >= self._pace_s:
            self._grow(now, self._limit / 2 if self._limit < self._threshold else 1.0)

    def started(self, now: float) -> None:
        """A call goes out."""
        self.in_flight += 1
        if self._grown_at == float("-inf"):
            self._grown_at = now

    def ended(self, now: float) -> None:
        """A call is over, however it ended."""
        self.in_flight -= 1
        self._ended_at = now

    def succeeded(self, sent_at: float, now: float) -> None:
        """A call that went out then was answered, and is still counted. The limit grows if all places are taken."""
        if self.in_flight >= self.limit and sent_at >= self._shrunk_at and now >= self._troubled_until:
            self._grow(now, 1.0 if self._limit < self._threshold else 1.0 / self._limit)

    def rate_limited(self, sent_at: float, now: float, retry_after_s: float | None) -> None:
        """A 429. Those of calls that went out before the limit was last halved are the same burst."""
        pause_s = min(UNTOLD_PAUSE_S if retry_after_s is None else retry_after_s, LONGEST_PAUSE_S)
        self._paused_until = max(self._paused_until, now + pause_s)
        if sent_at <= self._shrunk_at:
            return
        self._shrunk_at = now
        self._threshold = max(1.0, self._limit * SHRINK_TO)
        self._begin_small()
        self._grown_at = now

    def troubled(self, now: float) -> None:
        """A server error, or none at all: it says nothing about how much is too much."""
        self._troubled_until = now + TROUBLE_S

    def _begin_small(self) -> None:
        self._limit = min(self._limit, self._threshold, float(START))

    def _grow(self, now: float, by: float) -> None:
        ceiling = self._threshold if self._limit < self._threshold else float(self._cap)
        self._limit = min(self._limit + by, ceiling, float(self._cap))
        self._grown_at = now

    @property
    def _pace_s(self) -> float:
        return GROW_EVERY_S if self._limit < self._threshold else CREEP_EVERY_S
