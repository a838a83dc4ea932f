"""Charts as inline SVG. Colours are classes of the page's style sheet; every text is escaped.

Each chart has its words beside it on the page (a caption, a table), so that nobody needs to see it to know it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from markupsafe import Markup

from brightrun.reporting.facts import ArcPath, Distribution, FeelingPath, PathPoint
from brightrun.reporting.wording import counted

WIDTH = 420
LABEL_CHARACTERS = 7.5
SMALL_CHARACTERS = 6.4
"""Widths of a character of a label, at most, in units of the drawing."""


def histogram(distribution: Distribution, end_label: str | None = None) -> Markup:
    """Bars with their counts above and their values below.

    With `end_label`, values stand at the edges of the bars, and this one at the end of the last.
    """
    height, top, bottom, left = 150, 18, 24, 8
    bars = distribution.bars
    slot = (WIDTH - 2 * left) / len(bars)
    tallest = max(bar.count for bar in bars)
    every = math.ceil((max(len(bar.label) for bar in bars) + 1) * LABEL_CHARACTERS / slot)
    parts = []
    for number, bar in enumerate(bars):
        x = left + number * slot
        full = (height - top - bottom) * bar.count / tallest
        y = height - bottom - full
        if bar.count:
            parts.append(_rect("bar", x + 1, y, slot - 2, full))
            count = f"{bar.count:,}"
            if len(count) * SMALL_CHARACTERS <= slot:
                size = "value" if len(count) * LABEL_CHARACTERS <= slot else "value small"
                parts.append(_text(x + slot / 2, y - 4, count, "middle", size))
        if number % every == 0:
            parts.append(_text(x if end_label else x + slot / 2, height - 8, bar.label, "middle", "axis"))
    if end_label:
        parts.append(_text(WIDTH - left, height - 8, end_label, "middle", "axis"))
    parts.append(_line("baseline", left, height - bottom, WIDTH - left, height - bottom))
    label = (
        f"Histogram of {distribution.name.lower()}: half have at most {distribution.median:,g} {distribution.unit}, "
        f"nine of ten at most {distribution.p90:,g}; {counted(distribution.count, 'value')} "
        f"from {distribution.least:,g} to {distribution.most:,g}."
    )
    return _svg(label, WIDTH, height, parts)


def feeling_chart(path: ArcPath) -> Markup:
    """Strength of feeling on the way through a conversation: planned, by the writer's label, by a blind reader."""
    height, top, bottom, left, right = 190, 12, 26, 30, 10
    plot = _Plot(left, top, WIDTH - left - right, height - top - bottom)
    parts = []
    for value in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(_line("gridline", left, plot.y(value), WIDTH - right, plot.y(value)))
        if value in (0.0, 0.5, 1.0):
            parts.append(_text(left - 6, plot.y(value) + 4, f"{value:g}", "end", "axis"))
    for position, name, anchor in ((0.0, "first message", "start"), (0.5, "middle", "middle"), (1.0, "last", "end")):
        parts.append(_text(plot.x(position), height - 8, name, anchor, "axis"))
    parts += _band(plot, path.labelled.points)
    parts += _series(plot, path.intended, "intended", "square")
    parts += _series(plot, path.labelled, "labelled", "circle")
    if path.measured:
        parts += _series(plot, path.measured, "measured", "diamond")
    return _svg(_in_words(path), WIDTH, height, parts)


def shares(values: Sequence[tuple[str, int]], label: str) -> Markup:
    """One bar divided by counts; `values` are class and count."""
    height, total, x, parts = 14, sum(count for _, count in values), 0.0, []
    for name, count in values:
        width = WIDTH * count / total if total else 0
        if width:
            parts.append(_rect(f"share {name}", x, 0, width, height))
        x += width
    return _svg(label, WIDTH, height, parts, stretched=True)


class _Plot:
    """Places of values from 0 to 1 in a drawing."""

    def __init__(self, left: float, top: float, width: float, height: float) -> None:
        self._left, self._top, self._width, self._height = left, top, width, height

    def x(self, position: float) -> float:
        return self._left + position * self._width

    def y(self, value: float) -> float:
        return self._top + (1 - value) * self._height


def _series(plot: _Plot, path: FeelingPath, name: str, marker: str) -> list[Markup]:
    places = [(plot.x(point.position), plot.y(point.mean)) for point in path.points]
    line = Markup('<polyline class="path {}" points="{}"/>').format(name, _points(places))
    return [line, *(_marker(marker, name, x, y) for x, y in places)]


def _marker(marker: str, name: str, x: float, y: float) -> Markup:
    if marker == "square":
        return _rect(f"mark {name}", x - 4, y - 4, 8, 8)
    if marker == "diamond":
        around = _points([(x, y - 6), (x + 6, y), (x, y + 6), (x - 6, y)])
        return Markup('<polygon class="mark {}" points="{}"/>').format(name, around)
    return Markup('<circle class="mark {}" cx="{}" cy="{}" r="4"/>').format(name, _number(x), _number(y))


def _band(plot: _Plot, points: Sequence[PathPoint]) -> list[Markup]:
    """Where four of five labels lie."""
    over = [(plot.x(point.position), plot.y(point.p90)) for point in points]
    under = [(plot.x(point.position), plot.y(point.p10)) for point in reversed(points)]
    return [Markup('<polygon class="band" points="{}"/>').format(_points([*over, *under]))]


def _in_words(path: ArcPath) -> str:
    said = [f"{path.name}, {counted(path.conversations, 'conversation')}."]
    sources = (("Intended", path.intended), ("Labelled by the writer", path.labelled), ("Measured", path.measured))
    for name, source in sources:
        if source and source.points:
            values = ", ".join(f"{point.mean:.2f}" for point in source.points)
            said.append(f"{name}: {values} from first to last.")
    return " ".join(said)


def _points(places: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in places)


def _rect(name: str, x: float, y: float, width: float, height: float) -> Markup:
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        name, *(_number(value) for value in (x, y, width, height))
    )


def _line(name: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
        name, *(_number(value) for value in (x1, y1, x2, y2))
    )


def _text(x: float, y: float, text: str, anchor: str, name: str = "value") -> Markup:
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        name, _number(x), _number(y), anchor, text
    )


def _svg(label: str, width: int, height: int, parts: Iterable[Markup], stretched: bool = False) -> Markup:
    ratio = Markup(' preserveAspectRatio="none"') if stretched else Markup("")
    return Markup('<svg role="img" aria-label="{}" viewBox="0 0 {} {}"{}>{}</svg>').format(
        label, width, height, ratio, Markup("").join(parts)
    )


def _number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
