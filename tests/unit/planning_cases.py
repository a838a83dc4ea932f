"""What the tests of planning share: the shipped catalogs, copies of one to break, and specs made in Python."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import Any

from brightrun.catalog import Catalog
from brightrun.catalog_loading import load_catalog
from brightrun.errors import Problem, ProblemsError
from brightrun.grid import Grid, plan_grid
from brightrun.items import Item, plan_items
from brightrun.spec import DatasetSpec, LoadedSpec, load_spec

ROOT = Path(__file__).parents[2]
CATALOGS = ROOT / "catalogs"


@cache
def shipped(name: str) -> Catalog:
    return load_catalog(CATALOGS / name)


class CatalogCopy:
    """A copy of the technical support catalog, to be broken by editing its files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "technical_support"
        shutil.copytree(CATALOGS / "technical_support", self.folder)

    def write(self, file: str, text: str | bytes) -> Path:
        path = self.folder / file
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def edit(self, file: str, old: str, new: str) -> tuple[str, int]:
        """Replace a text that is there once. Returns where it began, as file name and line."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return str(path), text[: text.index(old)].count("\n") + 1

    def problems(self) -> list[Problem]:
        try:
            load_catalog(self.folder)
        except ProblemsError as error:
            return list(error.problems)
        return []

    def only_problem(self) -> Problem:
        problems = self.problems()
        assert len(problems) == 1, [str(problem) for problem in problems]
        return problems[0]


def made_spec(catalog: str = "technical_support", **grid: Any) -> LoadedSpec:
    """A spec made in Python, with these fields of its grid."""
    return load_spec(
        DatasetSpec.model_validate(
            {"name": "made", "catalog": str(CATALOGS / catalog), "grid": grid, "generate": {"budget_usd": 1}}
        )
    )


def made_grid(catalog: Catalog, **grid: Any) -> Grid:
    return plan_grid(made_spec(**grid), catalog)


def made_items(catalog: Catalog, seed: int = 7, plain_share: float = 0.1, **grid: Any) -> list[Item]:
    return plan_items(made_grid(catalog, seed=seed, **grid), catalog, seed, plain_share)
