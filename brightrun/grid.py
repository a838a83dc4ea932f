"""The grid: which combinations are built, how many conversations each is owed, and why some are dropped."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from allpairspy import AllPairs

from brightrun.catalog import Catalog, EmotionalArc, Persona, TrainingTopic
from brightrun.errors import Problem, ProblemsError
from brightrun.frozen import Frozen
from brightrun.person_ranges import can_meet
from brightrun.spec import GridSpec, LoadedSpec, SampleSpec, Selection
from brightrun.yaml_source import nearest


class Cell(Frozen):
    """One persona × arc × topic combination, by key."""

    persona: str
    arc: str
    topic: str

    def __str__(self) -> str:
        return f"{self.persona} × {self.arc} × {self.topic}"

    @property
    def sort_key(self) -> tuple[str, str, str]:
        """Arc first, then persona: requests that share a prompt prefix stand together."""
        return (self.arc, self.persona, self.topic)


@dataclass(frozen=True)
class UnsuitableCell:
    """A combination the catalog advises against, and why."""

    cell: Cell
    reason: str


@dataclass(frozen=True)
class Grid:
    """What is built: cells with their quotas in order, and the combinations the catalog advises against."""

    quotas: dict[Cell, int]
    unsuitable: tuple[UnsuitableCell, ...]
    considered: int

    @property
    def items(self) -> int:
        return sum(self.quotas.values())


MOST_ITEMS = 100_000
"""Conversations of one job. More would be planned for minutes, and no budget a spec may have would pay for them."""


@dataclass(frozen=True)
class _Axes:
    personas: tuple[str, ...]
    arcs: tuple[str, ...]
    topics: tuple[str, ...]


def plan_grid(loaded: LoadedSpec, catalog: Catalog) -> Grid:
    """Cells and quotas. Raises ProblemsError for unknown keys, an empty grid, or a sample it cannot give."""
    grid = loaded.spec.grid
    axes = _selected(loaded, catalog)
    core = [key for key in axes.arcs if not catalog.arcs[key].is_edge]
    edge = [key for key in axes.arcs if catalog.arcs[key].is_edge]
    as_share = grid.edge_share is not None and bool(core) and bool(edge)
    product_arcs = core if as_share else list(axes.arcs)

    unsuitable: list[UnsuitableCell] = []
    kept = _suitable_cells(catalog, axes, product_arcs, grid, unsuitable)
    edge_cells = _suitable_cells(catalog, axes, edge, grid, unsuitable) if as_share else []
    considered = len(axes.personas) * len(axes.arcs) * len(axes.topics)
    if not kept:
        raise ProblemsError("The grid is empty", [_empty(loaded, considered, unsuitable)])

    chosen = _sampled(kept, grid.sample, loaded) if grid.sample else kept
    quotas = dict.fromkeys(chosen, grid.per_cell)
    core_items = len(quotas) * grid.per_cell
    edge_items = round(core_items * grid.edge_share / (1 - grid.edge_share)) if as_share and grid.edge_share else 0
    _refuse_too_many(loaded, len(quotas), core_items, edge_items)
    quotas.update(_edge_quotas(edge_cells, edge_items, grid.seed))
    ordered = sorted(quotas, key=lambda cell: cell.sort_key)
    return Grid({cell: quotas[cell] for cell in ordered}, tuple(unsuitable), considered)


def _refuse_too_many(loaded: LoadedSpec, cells: int, core_items: int, edge_items: int) -> None:
    if core_items + edge_items <= MOST_ITEMS:
        return
    grid = loaded.spec.grid
    edge = f" and {edge_items:,} of edge arcs at edge_share {grid.edge_share}" if edge_items else ""
    comes_to = f"{core_items + edge_items:,} conversations ({cells:,} combinations × {grid.per_cell}{edge})"
    message = (
        f"the grid comes to {comes_to}, and one job holds at most {MOST_ITEMS:,}. Lower `per_cell`, choose fewer "
        "combinations, or draw a `sample`; several specs with other seeds build several jobs"
    )
    field = "per_cell" if core_items > MOST_ITEMS else "edge_share"
    raise ProblemsError("The grid is too large", [loaded.source.problem(("grid", field), message)])


def why_unsuitable(persona: Persona, arc: EmotionalArc, topic: TrainingTopic) -> str | None:
    """Why the catalog advises against a combination, or None.

    Suitable: the arc names the topic or the topic names the arc (edge arcs suit all topics), and the
    persona is in both lists; an empty list suits all.
    """
    if arc.suitable_personas and persona.key not in arc.suitable_personas:
        return f"the arc is not for {persona.key}"
    if topic.suitable_personas and persona.key not in topic.suitable_personas:
        return f"the topic is not for {persona.key}"
    named = topic.key in arc.suitable_topics or arc.key in topic.suitable_arcs
    free = not arc.suitable_topics or not topic.suitable_arcs
    if not (arc.is_edge or named or free):
        return "arc and topic do not name each other"
    if not can_meet(persona.identity, arc.requires):
        return f"no {persona.key} can be what the arc requires ({', '.join(arc.requires)})"
    return None


def _suitable_cells(
    catalog: Catalog, axes: _Axes, arcs: Sequence[str], grid: GridSpec, unsuitable: list[UnsuitableCell]
) -> list[Cell]:
    kept = []
    for arc in arcs:
        for persona in axes.personas:
            for topic in axes.topics:
                cell = Cell.model_construct(persona=persona, arc=arc, topic=topic)
                reason = why_unsuitable(catalog.personas[persona], catalog.arcs[arc], catalog.topics[topic])
                if reason and grid.unsuitable != "keep":
                    unsuitable.append(UnsuitableCell(cell, reason))
                if not reason or grid.unsuitable != "drop":
                    kept.append(cell)
    return sorted(kept, key=lambda cell: cell.sort_key)


def _edge_quotas(cells: Sequence[Cell], wanted: int, seed: int) -> Counter[Cell]:
    """`wanted` conversations over the edge cells, the arcs in turn, each with topics and personas spread."""
    by_arc: dict[str, list[Cell]] = {}
    for cell in cells:
        by_arc.setdefault(cell.arc, []).append(cell)
    orders = [_spread(by_arc[arc], random.Random(f"{seed}:edge:{arc}")) for arc in sorted(by_arc)]
    quotas: Counter[Cell] = Counter()
    for number in range(wanted if orders else 0):
        order = orders[number % len(orders)]
        quotas[order[number // len(orders) % len(order)]] += 1
    return quotas


def _spread(cells: Sequence[Cell], rng: random.Random) -> list[Cell]:
    """A seeded order in which personas take turns and no topic returns before the others were there."""
    shuffled = list(cells)
    rng.shuffle(shuffled)
    seen_topics: Counter[str] = Counter()
    seen_personas: Counter[str] = Counter()
    order = []
    while shuffled:
        best = min(
            range(len(shuffled)),
            key=lambda i: (seen_topics[shuffled[i].topic], seen_personas[shuffled[i].persona]),
        )
        cell = shuffled.pop(best)
        seen_topics[cell.topic] += 1
        seen_personas[cell.persona] += 1
        order.append(cell)
    return order


def _sampled(cells: Sequence[Cell], sample: SampleSpec, loaded: LoadedSpec) -> list[Cell]:
    if sample.size is not None and sample.size > len(cells):
        message = f"a sample of {sample.size} was asked for, and the grid has {len(cells)} combinations"
        raise ProblemsError("The sample cannot be drawn", [loaded.source.problem(("grid", "sample", "size"), message)])
    rng = random.Random(f"{sample.seed}:sample")
    if sample.method == "random":
        assert sample.size is not None  # the spec refuses a random sample without one
        return rng.sample(list(cells), sample.size)
    chosen = pairwise(cells, rng)
    if sample.size is not None and sample.size < len(chosen):
        message = f"every pair of values needs {len(chosen)} combinations; `size` is {sample.size}"
        raise ProblemsError("The sample cannot be drawn", [loaded.source.problem(("grid", "sample", "size"), message)])
    if sample.size is not None:
        taken = set(chosen)
        rest = [cell for cell in cells if cell not in taken]
        chosen += rng.sample(rest, sample.size - len(chosen))
    return chosen


def pairwise(cells: Sequence[Cell], rng: random.Random) -> list[Cell]:
    """A small set of cells in which every pair of values that occurs in `cells` occurs at least once."""
    axes = ("persona", "arc", "topic")
    columns = [sorted({(axis, str(getattr(cell, axis))) for cell in cells}) for axis in axes]
    for column in columns:
        rng.shuffle(column)
    columns.sort(key=len, reverse=True)
    by_values = {frozenset((axis, str(getattr(cell, axis))) for axis in axes): cell for cell in cells}
    possible = {frozenset(part) for values in by_values for size in (1, 2, 3) for part in combinations(values, size)}
    rows: Iterable[Sequence[tuple[str, str]]] = AllPairs(columns, filter_func=lambda row: frozenset(row) in possible)
    chosen = [by_values[frozenset(row)] for row in rows]
    return chosen + _missing_pairs(cells, chosen)


def _missing_pairs(cells: Sequence[Cell], chosen: Sequence[Cell]) -> list[Cell]:
    """Cells for the pairs that the covering array left out (it is greedy, and drops what it cannot place)."""
    covered = {pair for cell in chosen for pair in _pairs(cell)}
    added = []
    for cell in cells:
        if not covered.issuperset(_pairs(cell)):
            covered.update(_pairs(cell))
            added.append(cell)
    return added


def _pairs(cell: Cell) -> tuple[tuple[str, str, str], ...]:
    return (
        ("persona × arc", cell.persona, cell.arc),
        ("persona × topic", cell.persona, cell.topic),
        ("arc × topic", cell.arc, cell.topic),
    )


def _selected(loaded: LoadedSpec, catalog: Catalog) -> _Axes:
    problems: list[Problem] = []
    grid = loaded.spec.grid
    active = [key for key, topic in catalog.topics.items() if topic.active]
    axes = _Axes(
        _select(loaded, "personas", grid.personas, catalog.personas, list(catalog.personas), problems),
        _select(loaded, "arcs", grid.arcs, catalog.arcs, list(catalog.arcs), problems),
        _select(loaded, "topics", grid.topics, catalog.topics, active, problems),
    )
    if problems:
        raise ProblemsError("The grid cannot be planned", problems)
    return axes


def _select(
    loaded: LoadedSpec,
    axis: str,
    selection: Selection,
    known: Iterable[str],
    active: list[str],
    problems: list[Problem],
) -> tuple[str, ...]:
    names = list(known)
    if selection == "all":
        return tuple(names)
    if selection == "active":
        return tuple(active)
    if not selection:
        problems.append(loaded.source.problem(("grid", axis), f"`grid.{axis}` is empty; name keys, or `all`"))
    for index, key in enumerate(selection):
        where = ("grid", axis, index)
        if key not in names:
            message = f"`{key}` is not among the catalog's {axis}{nearest(key, names)}"
            problems.append(loaded.source.problem(where, message))
        elif key in selection[:index]:
            problems.append(loaded.source.problem(where, f"`{key}` stands in grid.{axis} twice"))
    return tuple(selection)


def _empty(loaded: LoadedSpec, considered: int, unsuitable: Sequence[UnsuitableCell]) -> Problem:
    if not considered:
        message = "`topics: active` chooses nothing: the catalog marks no topic as active. Name topics, or take `all`"
        return loaded.source.problem(("grid", "topics"), message)
    reasons = Counter(entry.reason for entry in unsuitable)
    listed = "; ".join(f"{count} × {reason}" for reason, count in reasons.most_common(4))
    message = (
        f"none of the {considered} combinations is suitable ({listed}). "
        "Choose others, or set `unsuitable: warn` to build them all the same"
    )
    return loaded.source.problem(("grid",), message)
