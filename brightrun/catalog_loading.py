"""A catalog from its folder: read, checked, and refused with everything that is wrong with it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from brightrun.catalog import Catalog, EmotionalArc, Persona, PromptTemplate
from brightrun.catalog_checks import check
from brightrun.catalog_reading import (
    OPTIONAL_FIELDS,
    OPTIONAL_FILES,
    SINGLE_FIELDS,
    SINGLE_FILES,
    CatalogReading,
    check_stray_files,
    read_each,
    read_single,
    read_topics,
)
from brightrun.errors import Problem, ProblemsError
from brightrun.yaml_source import nearest


def load_catalog(folder: Path) -> Catalog:
    """The catalog in `folder`. Raises ProblemsError with everything that is wrong with it."""
    if not folder.is_dir():
        beside = sorted(p.name for p in folder.parent.glob("*") if (p / "catalog.yaml").is_file())
        hint = nearest(folder.name, beside) or (f"; there are {', '.join(beside)}" if beside else "")
        raise ProblemsError("The catalog cannot be read", [Problem(str(folder), 0, f"is no folder{hint}")])
    reading = CatalogReading(folder)
    for name, model in SINGLE_FILES.items():
        read_single(reading, name, model)
    for name, model in OPTIONAL_FILES.items():
        if (folder / name).exists():
            read_single(reading, name, model)
    fields = SINGLE_FIELDS | OPTIONAL_FIELDS
    parts: dict[str, Any] = {fields[name]: value for name, value in reading.singles.items()}
    parts |= {
        "personas": read_each(reading, "personas", Persona),
        "arcs": read_each(reading, "arcs", EmotionalArc),
        "topics": read_topics(reading),
        "templates": read_each(reading, "prompts", PromptTemplate, leave_out={"shared.yaml"}),
    }
    catalog = Catalog.model_construct(**parts)
    check_stray_files(reading)
    check(catalog, reading)
    if reading.problems:
        raise ProblemsError(f"The catalog {folder} cannot be used", reading.problems)
    return catalog


def catalog_hash(catalog: Catalog) -> str:
    """SHA-256 of everything in the catalog, in hex."""
    return hashlib.sha256(catalog.model_dump_json().encode()).hexdigest()
