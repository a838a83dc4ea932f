"""How numbers are spread: percentiles by nearest rank, and the bars of a histogram."""

from __future__ import annotations

import math
from collections.abc import Sequence

from brightrun.reporting.facts import Bar, Distribution

MOST_BARS = 14
STEPS = (1, 2, 5)
SCORE_STEP = 0.5
SCALE_END = 10


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value that this share of the sorted values does not pass."""
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1]


def whole_numbers(name: str, unit: str, values: Sequence[int]) -> Distribution | None:
    """Counts such as words, in bars of one width; the highest hundredth shares the last. None without values."""
    if not values:
        return None
    ordered = sorted(values)
    low, high = ordered[0], int(percentile(ordered, 0.99))
    step = _step((high - low + 1) / MOST_BARS)
    first, last = low // step, high // step
    counts = [0] * (last - first + 1)
    for value in ordered:
        counts[min(value // step, last) - first] += 1
    bars = []
    for number, count in enumerate(counts, first):
        begin, end = number * step, (number + 1) * step - 1
        open_ended = number == last and ordered[-1] > end
        label = f"{begin:,}+" if open_ended else f"{begin:,}" if step == 1 else f"{begin:,}–{end:,}"
        bars.append(Bar(label=label, count=count))
    return _distribution(name, unit, ordered, bars)


def scores(name: str, values: Sequence[float]) -> Distribution | None:
    """Scores from 0 to 10 in bars of half a point. None without values."""
    if not values:
        return None
    ordered = sorted(values)
    last = int(SCALE_END / SCORE_STEP) - 1
    counts = [0] * (last + 1)
    for value in ordered:
        counts[min(int(value / SCORE_STEP), last)] += 1
    bars = [Bar(label=f"{number * SCORE_STEP:g}", count=count) for number, count in enumerate(counts)]
    return _distribution(name, "points of 10", ordered, bars)


def _distribution(name: str, unit: str, ordered: Sequence[float], bars: Sequence[Bar]) -> Distribution:
    return Distribution(
        name=name,
        unit=unit,
        count=len(ordered),
        least=ordered[0],
        p10=percentile(ordered, 0.1),
        median=percentile(ordered, 0.5),
        p90=percentile(ordered, 0.9),
        most=ordered[-1],
        bars=tuple(bars),
    )


def _step(least: float) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50, ... that is not under `least`."""
    scale = 1
    while True:
        for step in STEPS:
            if step * scale >= least:
                return step * scale
        scale *= 10
