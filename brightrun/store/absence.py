"""While the database is away: how long it is waited for, and what is said about it."""

from __future__ import annotations

import logging
import threading
import time

PAUSES_S = (0.1, 5.0)
"""First and longest pause before another try; it doubles in between."""

logger = logging.getLogger("brightrun.job")


class Absence:
    """The database as one writer sees it: there, or away since some time. The log is told of both changes."""

    def __init__(self, patience_s: float, closing_patience_s: float) -> None:
        self._patience_s = patience_s
        self._closing_patience_s = closing_patience_s
        self._since: float | None = None
        self._pause_s = PAUSES_S[0]
        self._hurried = threading.Event()
        self._hurried_at = 0.0

    def hurry(self) -> None:
        """The writer is being closed: from now on wait only for its `closing_patience_s`. From any thread."""
        self._hurried_at = time.monotonic()
        self._hurried.set()

    def lasts(self, error: Exception, waiting: int) -> bool:
        """A try failed, so that so many changes wait: true, after a pause, if another try is to be made."""
        now = time.monotonic()
        if self._since is None:
            self._since = now
            self._pause_s = PAUSES_S[0]
            logger.error("the database is away; %d changes wait for it, and nothing is sent: %s", waiting, error)
        left_s = self._since + self._patience_s - now
        if self._hurried.is_set():
            left_s = min(left_s, self._hurried_at + self._closing_patience_s - now)
        if left_s <= 0:
            return False
        if self._hurried.is_set():
            time.sleep(min(PAUSES_S[0], left_s))
        else:
            self._hurried.wait(min(self._pause_s, left_s))
        self._pause_s = min(2 * self._pause_s, PAUSES_S[1])
        return True

    def is_over(self) -> None:
        """The database answers."""
        if self._since is not None:
            logger.info("the database is back after %.1f s", time.monotonic() - self._since)
            self._since = None
