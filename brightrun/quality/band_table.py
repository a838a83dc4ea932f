"""Signatures found again by what is like them: locality-sensitive hashing in arrays, about 1 kB a signature.

A signature's slots are cut into bands of four; two signatures are compared if a band of theirs is equal. With 64
bands a pair of similarity 0.5 is found with probability 0.98, of 0.6 and more with 0.9998.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from brightrun.quality.fingerprints import SLOTS, estimated_similarity
from brightrun.quality.words import distinct

BAND_SLOTS = 4
BANDS = SLOTS // BAND_SLOTS
FIRST_ROOM = 1024
MOST_STEPS = 256
"""Signatures of one bucket that are looked at, newest first. A dataset with more that are alike is full of twins
anyway, and the search must not become quadratic for it."""
MIXER = np.uint64(0x9E3779B97F4A7C15)


class BandTable:
    """Signatures by row number, from 0.

    Each bucket of a band is a chain: its newest row, and for each row the one before.
    """

    def __init__(self) -> None:
        self._count = 0
        self._signatures = np.empty((FIRST_ROOM, SLOTS), dtype=np.uint16)
        self._before = np.zeros((FIRST_ROOM, BANDS), dtype=np.uint32)
        self._newest = np.zeros((BANDS, FIRST_ROOM), dtype=np.uint32)
        self._bands = np.arange(BANDS)

    def __len__(self) -> int:
        return self._count

    def add(self, signature: NDArray[np.uint16]) -> int:
        """The number of its row."""
        if self._count == len(self._signatures):
            self._grow()
        row = self._count
        self._signatures[row] = signature
        self._count += 1
        self._chain(row, self._buckets(signature))
        return row

    def similar(self, signature: NDArray[np.uint16]) -> Iterator[tuple[int, float]]:
        """Rows that share a band with the signature, ascending, with their estimated similarity."""
        rows = self._candidates(signature)
        if rows.size:
            similarities = estimated_similarity(signature, self._signatures[rows])
            yield from zip(rows.tolist(), similarities.tolist(), strict=True)

    def nearest_similarity(self, row: int, others: Sequence[int] | None = None) -> float:
        """Estimated similarity of a row to the most similar one of the others (all, if None); each is compared."""
        rows = self._signatures[: self._count] if others is None else self._signatures[np.asarray(others)]
        similarities = estimated_similarity(self._signatures[row], rows)
        similarities[row if others is None else list(others).index(row)] = -1
        return float(similarities.max())

    @property
    def size_bytes(self) -> int:
        """Memory of its arrays."""
        return self._signatures.nbytes + self._before.nbytes + self._newest.nbytes

    def _candidates(self, signature: NDArray[np.uint16]) -> NDArray[np.intp]:
        """Links are row numbers plus one, so that 0 ends a chain."""
        links = self._newest[self._bands, self._buckets(signature)]
        bands = self._bands
        found = []
        for _ in range(MOST_STEPS):
            going = links > 0
            if not going.any():
                break
            bands, rows = bands[going], links[going] - 1
            found.append(rows)
            links = self._before[rows, bands]
        return distinct(np.concatenate(found)).astype(np.intp) if found else np.empty(0, dtype=np.intp)

    def _buckets(self, signatures: NDArray[np.uint16]) -> NDArray[np.intp]:
        """A bucket for each band of one signature, or of each row: four slots are a number of 64 bits, mixed."""
        keys = signatures.astype("<u2").view("<u8").astype(np.uint64)
        keys ^= keys >> np.uint64(31)
        keys *= MIXER
        return ((keys >> np.uint64(32)) % np.uint64(self._newest.shape[1])).astype(np.intp)

    def _chain(self, row: int, buckets: NDArray[np.intp]) -> None:
        self._before[row] = self._newest[self._bands, buckets]
        self._newest[self._bands, buckets] = row + 1

    def _grow(self) -> None:
        """Half as much room again; the chains are made anew, since there are more buckets."""
        room = self._count + self._count // 2
        signatures = np.empty((room, SLOTS), dtype=np.uint16)
        signatures[: self._count] = self._signatures
        self._signatures = signatures
        self._before = np.zeros((room, BANDS), dtype=np.uint32)
        self._newest = np.zeros((BANDS, room), dtype=np.uint32)
        for start in range(0, self._count, FIRST_ROOM):
            some = self._signatures[start : min(start + FIRST_ROOM, self._count)]
            for row, buckets in enumerate(self._buckets(some), start):
                self._chain(row, buckets)
