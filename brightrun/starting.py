"""A catalog and a spec of one's own, copied from one that is there."""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from brightrun.catalog import Catalog
from brightrun.catalog_loading import load_catalog
from brightrun.errors import RequestError
from brightrun.grid import why_unsuitable
from brightrun.yaml_source import nearest

NAME = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
LONGEST_NAME = 60
SHIPPED = Path(__file__).resolve().parent.parent / "catalogs"

SPEC = """\
# What to build from {catalog}. `brightrun plan` says what it comes to.
name: {dataset}
catalog: catalogs/{catalog}
grid:
  personas: [{personas}]
  arcs: [{arcs}]
  topics: [{topics}]
  per_cell: 1
  seed: 7
generate:
  model: claude-sonnet-5-5
  budget_usd: 5
"""


@dataclass(frozen=True)
class Started:
    """What was made."""

    catalog: Path
    spec: Path


def start_catalog(name: str, origin: str, folder: Path) -> Started:
    """Copy the catalog `origin` to `catalogs/<name>` in `folder`, with a small spec beside it.

    Raises RequestError for a bad name, an unknown origin, or something that is there already; nothing is
    half-made.
    """
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        rule = "lower case letters, digits and underscores, as in my_catalog"
        raise RequestError(f"{name!r} is no name for a catalog: {rule}")
    source = _origin(origin, folder)
    catalog, spec = folder / "catalogs" / name, folder / "datasets" / f"{name}.yaml"
    for path in (catalog, spec):
        if path.exists():
            raise RequestError(f"{path} is there already; choose another name, or remove it")
    text = _spec_text(name, load_catalog(source))
    try:
        catalog.parent.mkdir(parents=True, exist_ok=True)
        spec.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=catalog.parent, prefix=".starting-") as work:
            copied = Path(work) / name
            shutil.copytree(source, copied)
            info = copied / "catalog.yaml"
            renamed = re.sub(r"(?m)^key:.*$", f"key: {name}", info.read_text(encoding="utf-8"), count=1)
            info.write_text(renamed, encoding="utf-8")
            written = Path(work) / "spec.yaml"
            written.write_text(text, encoding="utf-8")
            copied.rename(catalog)
            try:
                written.rename(spec)
            except OSError:
                shutil.rmtree(catalog)
                raise
    except OSError as error:
        raise RequestError(f"{error.filename or folder} cannot be written: {error.strerror or error}") from error
    return Started(catalog, spec)


def _spec_text(name: str, catalog: Catalog) -> str:
    """A spec of a few combinations that suit each other: of the first core arc that has any."""
    arcs = sorted(catalog.arcs.values(), key=lambda arc: arc.is_edge)
    for arc in arcs:
        suitable = [
            (persona.key, topic.key)
            for topic in catalog.topics.values()
            for persona in catalog.personas.values()
            if why_unsuitable(persona, arc, topic) is None
        ]
        if suitable:
            break
    else:
        raise RequestError(f"No persona, arc and topic of the catalog {catalog.info.key} suit each other")
    return SPEC.format(
        catalog=name,
        dataset=name.replace("_", "-"),
        personas=", ".join(list(dict.fromkeys(persona for persona, _ in suitable))[:2]),
        arcs=arc.key,
        topics=", ".join(list(dict.fromkeys(topic for _, topic in suitable))[:2]),
    )


def _origin(origin: str, folder: Path) -> Path:
    given = Path(origin)
    for candidate in (given, folder / "catalogs" / origin, SHIPPED / origin):
        if (candidate / "catalog.yaml").is_file():
            return candidate
    known = sorted({p.parent.name for base in (folder / "catalogs", SHIPPED) for p in base.glob("*/catalog.yaml")})
    hint = nearest(origin, known) or f"; there are {', '.join(known)}"
    raise RequestError(f"There is no catalog {origin!r}{hint}")
