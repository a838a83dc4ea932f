"""A catalog of one's own: whole or not at all, and ready to be planned."""

from __future__ import annotations

from pathlib import Path

import pytest
from planning_cases import CatalogCopy

from brightrun.catalog_loading import load_catalog
from brightrun.errors import ProblemsError, RequestError
from brightrun.planning import make_plan
from brightrun.starting import start_catalog


@pytest.mark.parametrize("origin", ["financial_planning", "technical_support"])
def test_a_copy_of_any_shipped_catalog_can_be_planned_as_it_is(tmp_path: Path, origin: str) -> None:
    made = start_catalog("my_own", origin, tmp_path)
    plan = make_plan(made.spec)
    assert plan.catalog.info.key == "my_own"
    assert plan.items
    assert plan.grid.unsuitable == () or len(plan.grid.unsuitable) < plan.grid.considered
    assert sorted(p.name for p in tmp_path.iterdir()) == ["catalogs", "datasets"]
    assert [p.name for p in (tmp_path / "catalogs").iterdir()] == ["my_own"]


@pytest.mark.parametrize("name", ["", "My Own", "my-own", "../up", "a/b", "own\n", "x" * 200, "_a", "ümlaut"])
def test_a_name_that_is_no_key_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RequestError, match="is no name for a catalog"):
        start_catalog(name, "technical_support", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_origin_gets_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="did you mean `technical_support`"):
        start_catalog("my_own", "technical_suport", tmp_path)


@pytest.mark.parametrize("there", ["catalogs/my_own/x", "datasets/my_own.yaml"])
def test_nothing_that_is_there_is_overwritten(tmp_path: Path, there: str) -> None:
    path = tmp_path / there
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    with pytest.raises(RequestError, match="is there already"):
        start_catalog("my_own", "technical_support", tmp_path)
    assert path.read_text() == "mine"


def test_a_broken_origin_is_refused_and_nothing_is_made(tmp_path: Path) -> None:
    copy = CatalogCopy(tmp_path)
    copy.edit("catalog.yaml", "user_role:", "user_roll:")
    target = tmp_path / "target"
    with pytest.raises(ProblemsError):
        start_catalog("my_own", str(copy.folder), target)
    assert not target.exists()


def test_a_catalog_of_edge_arcs_alone_can_be_begun_with(tmp_path: Path) -> None:
    copy = CatalogCopy(tmp_path)
    for path in (copy.folder / "arcs").glob("*.yaml"):
        path.write_text(path.read_text().replace("category: core", "category: edge"))
    made = start_catalog("my_own", str(copy.folder), tmp_path / "target")
    assert make_plan(made.spec).items
    assert load_catalog(made.catalog).info.key == "my_own"


def test_a_place_that_cannot_be_written_is_said_and_nothing_is_half_made(tmp_path: Path) -> None:
    (tmp_path / "datasets").write_text("a file where a folder belongs")
    with pytest.raises(RequestError, match="cannot be written"):
        start_catalog("my_own", "technical_support", tmp_path)
    assert not (tmp_path / "catalogs/my_own").exists()
