"""What a catalog's rubric says of its arcs: each has its requirements, near misses their own, nothing twice."""

from __future__ import annotations

from collections.abc import Mapping

from brightrun.catalog import EmotionalArc
from brightrun.catalog_reading import CatalogReading
from brightrun.quality.judging.rubric import Dimension, Rubric, RubricSection
from brightrun.yaml_source import Location, nearest

FILE = "rubric.yaml"


def check_rubric(rubric: Rubric, arcs: Mapping[str, EmotionalArc], reading: CatalogReading) -> None:
    """Notes every dimension and arc that is missing, every arc that is none, and every element that stands twice."""
    for dimension in Dimension:
        if dimension not in rubric.dimensions:
            _note(reading, ("dimensions",), f"the dimension `{dimension}` is missing")
    _check_arcs(rubric, arcs, reading)
    _check_elements(rubric.plain, ("plain",), reading)
    for key, section in rubric.arcs.items():
        _check_elements(section, ("arcs", key), reading)
        if section.near_miss is not None:
            _check_elements(section.near_miss, ("arcs", key, "near_miss"), reading)


def _check_arcs(rubric: Rubric, arcs: Mapping[str, EmotionalArc], reading: CatalogReading) -> None:
    known = reading.known("arcs", arcs)
    for key, section in rubric.arcs.items():
        arc = arcs.get(key)
        if key not in known and not reading.cannot_say("arcs"):
            _note(reading, ("arcs", key), f"`{key}` is no emotional arc of this catalog{nearest(key, known)}")
        elif arc and arc.near_misses and section.near_miss is None:
            _note(reading, ("arcs", key), f"arc `{key}` has near misses; `near_miss` says nothing of them")
        elif arc and arc.near_misses is None and section.near_miss is not None:
            _note(reading, ("arcs", key, "near_miss"), f"arc `{key}` has no near misses")
    for key in arcs:
        if key not in rubric.arcs:
            _note(
                reading,
                ("arcs",),
                f"nothing is required of the arc `{key}`{nearest(key, set(rubric.arcs) - set(arcs))}",
            )


def _check_elements(section: RubricSection, where: Location, reading: CatalogReading) -> None:
    keys = section.element_keys
    for index, key in enumerate(keys):
        if key in keys[:index]:
            _note(reading, (*where, "elements", index, "key"), f"`{key}` is a duplicate")


def _note(reading: CatalogReading, where: Location, message: str) -> None:
    reading.problems.append(reading.sources[FILE].problem(where, message))
