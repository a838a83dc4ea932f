"""How long a failing call is put up with: again, given up, or the end of the run."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from enum import Enum, auto

from brightrun.claude.errors import CallError, Decision
from brightrun.outage import OutageWatch

RATE_LIMITS_PER_FAILURE = 10
"""A 429 is about the key, not about the conversation: so many of them count as one failure."""

LOOK_S = 0.25
"""Whoever waits learns of a stop no later than this."""

logger = logging.getLogger("brightrun.job")


class Fate(Enum):
    """What becomes of a call that failed."""

    AGAIN = auto()
    GIVE_UP = auto()
    END_RUN = auto()


class Patience:
    """The patience with the calls about one item. `back_off_s`: first and longest wait; it doubles in between."""

    def __init__(
        self, item_id: str, title: str, outage: OutageWatch, passing_failures: int, back_off_s: tuple[float, float]
    ) -> None:
        self._item_id = item_id
        self._title = title
        self._outage = outage
        self._passing_failures = passing_failures
        self._back_off_s = back_off_s
        self._failures = self._rate_limits = 0

    def answered(self) -> None:
        """A reply came, whatever it was."""
        self._failures = self._rate_limits = 0
        self._outage.answered(self._item_id)

    def fate(self, error: CallError) -> Fate:
        """What the policy says about a failed call; a failure that passes with time is counted."""
        if error.decision is Decision.STOP_JOB:
            return Fate.END_RUN
        if error.decision is Decision.GIVE_UP_ITEM:
            return Fate.GIVE_UP
        self._rate_limits += error.decision is Decision.SHRINK
        self._failures += error.decision is not Decision.SHRINK
        self._outage.failed(self._item_id)
        failures = self._failures + self._rate_limits // RATE_LIMITS_PER_FAILURE
        is_given_up = failures >= self._passing_failures and self._outage.is_of_item(self._item_id)
        return Fate.GIVE_UP if is_given_up else Fate.AGAIN

    def why_no_longer(self, error: CallError) -> str | None:
        """Why nobody is asked again, though the failure passes with time: nothing is answered any more."""
        if not self._outage.lasts_too_long:
            return None
        return f"Nothing was answered for {self._outage.patience_s:.0f} s; last: {error.message}"

    async def back_off(self, error: CallError, may_send: Callable[[], bool]) -> None:
        """Wait before the next call, where the failure asks for it; a stop ends the wait."""
        if error.decision is not Decision.BACK_OFF:
            return
        first, longest = self._back_off_s
        wait_s = min(longest, first * 2 ** (self._failures - 1)) * random.uniform(0.5, 1.0)
        wait_s = max(wait_s, min(error.retry_after_s or 0.0, longest))
        logger.info("%s: waiting %.1f s", self._title, wait_s)
        end = asyncio.get_running_loop().time() + wait_s
        while may_send() and (left := end - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(min(left, LOOK_S))
