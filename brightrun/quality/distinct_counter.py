"""How many different numbers there were, in fixed memory."""

from __future__ import annotations

import numpy as np

from brightrun.quality.words import Hashes, distinct

KEPT = 16_384


class DistinctCounter:
    """Keeps the smallest numbers: exact up to `KEPT` different ones, then with an error of about 0.8%.

    The numbers must be spread evenly over 64 bits, as hashes are. The order in which they come does not matter.
    """

    def __init__(self) -> None:
        self._smallest = np.empty(0, dtype=np.uint64)
        self._waiting: list[Hashes] = []
        self._waiting_count = 0

    def add(self, hashes: Hashes) -> None:
        if len(self._smallest) == KEPT:
            hashes = hashes[hashes < self._smallest[-1]]
        if len(hashes):
            self._waiting.append(hashes)
            self._waiting_count += len(hashes)
        if self._waiting_count > KEPT:
            self._merge()

    @property
    def count(self) -> int:
        """Different numbers so far."""
        self._merge()
        if len(self._smallest) < KEPT:
            return len(self._smallest)
        return round((KEPT - 1) * 2.0**64 / float(self._smallest[-1]))

    def _merge(self) -> None:
        self._smallest = distinct(np.concatenate([self._smallest, *self._waiting]))[:KEPT]
        self._waiting, self._waiting_count = [], 0
