"""How alike the conversations of a dataset are to their nearest neighbours, within their cells and over all."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from hashlib import blake2b

import numpy as np
from pydantic import BaseModel, ConfigDict

from brightrun.quality.band_table import BandTable
from brightrun.quality.fingerprints import COMPARED, Fingerprint, Part
from brightrun.quality.spreads import Spread, spread_of

MOST_ASKED = 500
MOST_PAIRS = 20_000_000
"""Of a large dataset a sample is compared with all the others: at most so many conversations, in so many pairs."""


class Within(StrEnum):
    """Among which conversations the nearest neighbour is looked for."""

    CELL = "cell"
    DATASET = "dataset"


class NearestNeighbours(BaseModel):
    """Similarity of one part to the most similar other conversation's, 0 to 1, as MinHash estimates it.

    `similarity.measured` says for how many conversations; a pair more alike than `similarity.most` that the sample
    missed stands in `most_similarity`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    part: Part
    within: Within
    similarity: Spread
    most_similarity: float


class NeighbourMeter:
    """Signatures of a dataset's conversations, about 2 kB each."""

    def __init__(self) -> None:
        self._parts = {part: _PartMeter() for part in COMPARED}

    def add(self, conversation_id: str, cell: str, printed: Fingerprint) -> None:
        rank = blake2b(conversation_id.encode(), digest_size=8).digest()
        for part, each in printed.parts.items():
            self._parts[part].add(rank, cell, each.signature)

    def result(self) -> tuple[NearestNeighbours, ...]:
        """For each part, within cells and over all; absent where no conversation has a neighbour."""
        found = []
        for part, meter in self._parts.items():
            for within, spread, most in meter.result():
                if spread is not None:
                    nearest = NearestNeighbours(part=part, within=within, similarity=spread, most_similarity=most)
                    found.append(nearest)
        return tuple(found)


class _PartMeter:
    def __init__(self) -> None:
        self._table = BandTable()
        self._ranks: list[bytes] = []
        self._cells: dict[str, list[int]] = {}
        self._most = 0.0

    def add(self, rank: bytes, cell: str, signature: np.ndarray[tuple[int, ...], np.dtype[np.uint16]]) -> None:
        """The most similar pair is looked for at once, among those that share a band."""
        self._most = max([self._most, *(similarity for _, similarity in self._table.similar(signature))])
        self._cells.setdefault(cell, []).append(self._table.add(signature))
        self._ranks.append(rank)

    def result(self) -> list[tuple[Within, Spread | None, float]]:
        cells = [self._nearest(rows) for rows in self._cells.values() if len(rows) > 1]
        in_cells = [each for cell in cells for each in cell]
        over_all = self._nearest(list(range(len(self._table)))) if len(self._table) > 1 else []
        return [
            (Within.CELL, spread_of(in_cells), max(in_cells, default=0.0)),
            (Within.DATASET, spread_of(over_all), max([*over_all, *in_cells, self._most])),
        ]

    def _nearest(self, rows: list[int]) -> list[float]:
        """For a sample of these rows, the similarity to the most similar other one. The sample is drawn by the ids."""
        asked_count = min(len(rows), MOST_ASKED, max(MOST_PAIRS // len(rows), 1))
        asked = sorted(rows, key=self._ranks.__getitem__)[:asked_count]
        everything = rows if len(rows) < len(self._table) else None
        return [self._table.nearest_similarity(row, everything) for row in asked]


def named(neighbours: tuple[NearestNeighbours, ...]) -> Mapping[str, float]:
    """The figures by names such as `nearest_advisor_in_cell_p95`."""
    named: dict[str, float] = {}
    for each in neighbours:
        name = f"nearest_{each.part.value}_in_{each.within.value}"
        figures = {"p50": each.similarity.p50, "p95": each.similarity.p95, "most": each.most_similarity}
        named |= {f"{name}_{figure}": value for figure, value in figures.items()}
    return named
