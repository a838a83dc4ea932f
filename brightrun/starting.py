"""A catalog and a spec of one's own, copied from one that is there."""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from brightrun.catalog_loading import load_catalog
from brightrun.errors import RequestError
from brightrun.yaml_source import nearest

NAME = re.compile(r"^[a-z0-9]+(_[a-z0-9]+)*$")
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
    if not NAME.match(name):
        raise RequestError(
            f"{name!r} is no name for a catalog: lower case letters, digits and underscores, as in my_catalog"
        )
    source = _origin(origin, folder)
    catalog, spec = folder / "catalogs" / name, folder / "datasets" / f"{name}.yaml"
    for path in (catalog, spec):
        if path.exists():
            raise RequestError(f"{path} is there already; choose another name, or remove it")
    read = load_catalog(source)
    try:
        catalog.parent.mkdir(parents=True, exist_ok=True)
        spec.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=catalog.parent, prefix=".starting-") as work:
            copied = Path(work) / name
            shutil.copytree(source, copied)
            info = copied / "catalog.yaml"
            info.write_text(re.sub(r"(?m)^key: .*$", f"key: {name}", info.read_text(encoding="utf-8"), count=1))
            copied.rename(catalog)
        arc = next(arc for arc in read.arcs.values() if not arc.is_edge)
        topics = arc.suitable_topics[:2] or tuple(read.topics)[:2]
        spec.write_text(
            SPEC.format(
                catalog=name,
                dataset=name.replace("_", "-"),
                personas=", ".join(arc.suitable_personas[:2] or tuple(read.personas)[:2]),
                arcs=arc.key,
                topics=", ".join(topics),
            )
        )
    except OSError as error:
        raise RequestError(f"{error.filename or folder} cannot be written: {error.strerror}") from error
    return Started(catalog, spec)


def _origin(origin: str, folder: Path) -> Path:
    given = Path(origin)
    for candidate in (given, folder / "catalogs" / origin, SHIPPED / origin):
        if (candidate / "catalog.yaml").is_file():
            return candidate
    known = sorted({p.parent.name for base in (folder / "catalogs", SHIPPED) for p in base.glob("*/catalog.yaml")})
    hint = nearest(origin, known) or f"; there are {', '.join(known)}"
    raise RequestError(f"There is no catalog {origin!r}{hint}")
