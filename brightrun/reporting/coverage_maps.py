"""Coverage as heat maps: every combination where a page has room for them, else two axes at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from brightrun.catalog import Catalog
from brightrun.reporting.facts import ColumnGroup, Coverage, HeatCell, HeatMap, HeatRow, ShortCombination
from brightrun.reporting.reasons import UNFINISHED, meaning_of
from brightrun.store.jobs import CellCoverage

MOST_COLUMNS = 36
"""Columns that still stand side by side on a screen and a printed page."""
MOST_CELLS = 4000
SHORT_SHOWN = 100

Key = Callable[[CellCoverage], str]


def _persona(cell: CellCoverage) -> str:
    return cell.persona


def _arc(cell: CellCoverage) -> str:
    return cell.arc


def _topic(cell: CellCoverage) -> str:
    return cell.topic


def coverage_of(cells: Sequence[CellCoverage], catalog: Catalog) -> Coverage:
    """The coverage of a job's cells, in the catalog's order and by the catalog's names."""
    personas = _named(cells, _persona, {key: persona.name for key, persona in catalog.personas.items()})
    arcs = _named(cells, _arc, {key: arc.name for key, arc in catalog.arcs.items()})
    topics = _named(cells, _topic, {key: topic.name for key, topic in catalog.topics.items()})
    width = len(personas) * len(arcs)
    whole = width <= MOST_COLUMNS and width * len(topics) <= MOST_CELLS
    maps = _whole_map(cells, personas, arcs, topics) if whole else _two_axes_each(cells, personas, arcs, topics)
    short = sorted(
        (cell for cell in cells if cell.is_short),
        key=lambda cell: (cell.accepted - cell.owed, cell.arc, cell.persona, cell.topic),
    )
    return Coverage(
        combinations=len(cells),
        filled=sum(cell.accepted >= cell.owed for cell in cells),
        whole=whole,
        maps=maps,
        short=tuple(
            ShortCombination(
                persona=personas[cell.persona],
                arc=arcs[cell.arc],
                topic=topics[cell.topic],
                owed=cell.owed,
                ready=cell.accepted,
                reasons=tuple(meaning_of(code) for code in cell.reasons or (UNFINISHED,)),
            )
            for cell in short[:SHORT_SHOWN]
        ),
        short_total=len(short),
    )


def _named(cells: Sequence[CellCoverage], key: Key, names: Mapping[str, str]) -> dict[str, str]:
    """The keys that the cells use, in the catalog's order, each with its name."""
    used = {key(cell) for cell in cells}
    ordered = [known for known in names if known in used] + sorted(used - set(names))
    return {known: names.get(known, known) for known in ordered}


def _whole_map(
    cells: Sequence[CellCoverage], personas: Mapping[str, str], arcs: Mapping[str, str], topics: Mapping[str, str]
) -> tuple[HeatMap, ...]:
    """One map of all three axes: topics down, personas across within each arc. Columns without a cell are left out."""
    found = {(cell.topic, cell.arc, cell.persona): HeatCell(owed=cell.owed, ready=cell.accepted) for cell in cells}
    used = {(cell.arc, cell.persona) for cell in cells}
    columns = [(arc, persona) for arc in arcs for persona in personas if (arc, persona) in used]
    groups = tuple(
        ColumnGroup(name=name, columns=tuple(personas[persona] for own, persona in columns if own == arc))
        for arc, name in arcs.items()
    )
    rows = tuple(
        HeatRow(name=name, cells=tuple(found.get((topic, arc, persona)) for arc, persona in columns))
        for topic, name in topics.items()
    )
    if not rows:
        return ()
    title = "Every combination: topic by arc and persona"
    return (HeatMap(title=title, row_axis="Topic", column_axis="Arc and persona", groups=groups, rows=rows),)


def _two_axes_each(
    cells: Sequence[CellCoverage], personas: Mapping[str, str], arcs: Mapping[str, str], topics: Mapping[str, str]
) -> tuple[HeatMap, ...]:
    """Three maps of two axes; the third axis is added up in each."""
    return (
        _map_of("Persona", "Arc", cells, (_persona, personas), (_arc, arcs)),
        _map_of("Topic", "Arc", cells, (_topic, topics), (_arc, arcs)),
        _map_of("Topic", "Persona", cells, (_topic, topics), (_persona, personas)),
    )


def _map_of(
    row_axis: str,
    column_axis: str,
    cells: Sequence[CellCoverage],
    down: tuple[Key, Mapping[str, str]],
    across: tuple[Key, Mapping[str, str]],
) -> HeatMap:
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for cell in cells:
        place = (down[0](cell), across[0](cell))
        owed, ready = sums.get(place, (0, 0))
        sums[place] = (owed + cell.owed, ready + cell.accepted)
    rows = tuple(
        HeatRow(
            name=name,
            cells=tuple(
                HeatCell(owed=sums[key, column][0], ready=sums[key, column][1]) if (key, column) in sums else None
                for column in across[1]
            ),
        )
        for key, name in down[1].items()
    )
    groups = (ColumnGroup(name=None, columns=tuple(across[1].values())),)
    title = f"{row_axis} by {column_axis.lower()}"
    return HeatMap(title=title, row_axis=row_axis, column_axis=column_axis, groups=groups, rows=rows)
