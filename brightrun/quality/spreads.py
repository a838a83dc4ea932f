"""How measured values are spread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict


class Spread(BaseModel):
    """Values from the least to the most. A percentile is a measured value: so many percent are not above it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    measured: int
    least: float
    p50: float
    p95: float
    most: float
    mean: float


def spread(counts: Mapping[float, int] | Mapping[int, int]) -> Spread | None:
    """The spread of values by how often each came; None where none did (KF-47)."""
    total = sum(counts.values())
    if not total:
        return None
    values = sorted(counts.items())
    return Spread(
        measured=total,
        least=values[0][0],
        p50=_percentile(values, total, 50),
        p95=_percentile(values, total, 95),
        most=values[-1][0],
        mean=round(sum(value * count for value, count in values) / total, 6),
    )


def spread_of(values: list[float]) -> Spread | None:
    return spread(Counter(values))


def _percentile(values: list[tuple[float, int]], total: int, percent: int) -> float:
    seen = 0
    for value, count in values:
        seen += count
        if seen * 100 >= total * percent:
            return value
    raise AssertionError("the counts do not sum up to their total")
