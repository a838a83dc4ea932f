"""The spec: what is wrong with one is said with file, line and the nearest valid name."""

from __future__ import annotations

import math
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from brightrun.errors import ExitCode, ProblemsError
from brightrun.spec import DatasetSpec, ExportSpec, GenerateSpec, GridSpec, load_spec, parse_spec

GOOD = """\
name: a-dataset
catalog: catalogs/own
grid:
  personas: [one, two]
  per_cell: 2
generate:
  budget_usd: 2.50
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "spec.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ProblemsError) as refused:
        load_spec(write(folder, text))
    assert refused.value.exit_code is ExitCode.BAD_REQUEST
    return [str(problem).removeprefix(str(folder) + "/") for problem in refused.value.problems]


def test_a_good_spec_is_read_and_what_it_leaves_out_has_its_default(tmp_path: Path) -> None:
    spec = load_spec(write(tmp_path, GOOD)).spec
    assert spec.grid.personas == ["one", "two"]
    assert spec.grid.unsuitable == "drop"
    assert spec.generate.budget_usd == Decimal("2.50")
    assert spec.export.splits == {"train": 0.9, "validation": 0.1}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("  per_cell: 2", "  per_cel: 2", "spec.yaml:5: unknown key `grid.per_cel` (did you mean `per_cell`?)"),
        ("  per_cell: 2", "  per_cell: 0", "spec.yaml:5: `grid.per_cell`: Input should be greater than or equal to 1"),
        ("  per_cell: 2", "  per_cell: two", "spec.yaml:5: `grid.per_cell`: Input should be a valid integer"),
        ("  per_cell: 2", "  unsuitable: dorp", "spec.yaml:5: `grid.unsuitable` is 'dorp', allowed: 'keep', 'warn' or"),
        ("  per_cell: 2", "  unsuitable: off", "spec.yaml:5: `grid.unsuitable` is 'off', allowed:"),
        ("  per_cell: 2", "  edge_share: 1", "spec.yaml:5: `grid.edge_share`: Input should be less than 1"),
        ("  per_cell: 2", "  edge_share: .nan", "spec.yaml:5: `grid.edge_share`"),
        ("  per_cell: 2", "  plain_share: 1.5", "spec.yaml:5: `grid.plain_share`"),
        ("  per_cell: 2", "  seed: 7.5", "spec.yaml:5: `grid.seed`"),
        ("  per_cell: 2", "  sample: {method: random}", "spec.yaml:5: `grid.sample`: method random needs a size"),
        ("  per_cell: 2", "  sample: {method: pairs}", "spec.yaml:5: `grid.sample.method` is 'pairs', allowed:"),
        ("[one, two]", "one", "spec.yaml:4: `grid.personas` must be a valid list or 'all' (it is 'one')"),
        ("[one, two]", "active", "spec.yaml:4: `grid.personas` must be a valid list or 'all' (it is 'active')"),
        ("[one, two]", "[one, 529]", "spec.yaml:4: `grid.personas.1`: Input should be a valid string (it is 529); a"),
        ("2.50", "-1", "spec.yaml:7: `generate.budget_usd`: Input should be greater than or equal to 0"),
        ("2.50", ".nan", "spec.yaml:7: `generate.budget_usd`: Input should be a finite number"),
        ("2.50", ".inf", "spec.yaml:7: `generate.budget_usd`: Input should be a finite number"),
        ("2.50", "1e400", "spec.yaml:7: `generate.budget_usd`: Input should be a finite number"),
        ("2.50", "0.12345678", "spec.yaml:7: `generate.budget_usd`"),
        ("2.50", "two dollars", "spec.yaml:7: `generate.budget_usd`"),
        ("budget_usd: 2.50", "modle: x", "spec.yaml:7: unknown key `generate.modle` (did you mean `model`?)"),
        ("budget_usd: 2.50", "concurrency: 4", "spec.yaml:6: `generate.budget_usd` is missing"),
        ("name: a-dataset", "name: A Dataset", "spec.yaml:1: `name`: String should match pattern"),
        ("name: a-dataset", "name: 2026", "spec.yaml:1: `name`: Input should be a valid string (it is 2026)"),
        ("name: a-dataset", "name: 2026-10-01x y", "spec.yaml:1: `name`: String should match pattern"),
        ("catalogs/own", '""', "spec.yaml:2: `catalog`: String should have at least 1 character"),
        ("catalogs/own", "x" * 3000, "spec.yaml:2: `catalog`: String should have at most 500 characters"),
        ("generate:", "generates:", "spec.yaml:6: unknown key `generates` (did you mean `generate`?)"),
    ],
)
def test_each_slip_is_refused_with_its_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    found = problems(tmp_path, GOOD.replace(old, new))
    assert any(problem.startswith(says) for problem in found), found


def test_all_slips_are_reported_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = GOOD.replace("per_cell: 2", "per_cell: 0\n  sed: 7").replace("2.50", "-2") + "exports: {}\n"
    lines = [int(problem.split(":")[1]) for problem in problems(tmp_path, text)]
    assert lines == [5, 6, 8, 9]


@pytest.mark.parametrize(
    ("splits", "says"),
    [
        ("{train: 0.9, validation: 0.2}", "must add up to 1; they add up to 1.1"),
        ("{train: 1, validation: 0}", "every split needs a share above 0"),
        ("{train: 1.5, validation: -0.5}", "every split needs a share above 0"),
        ("{train: .nan}", "every split needs a share above 0"),
        ("{train: .inf}", "every split needs a share above 0"),
        ("{}", "at least 1 item"),
        ("{trian: 1}", "`export.splits.trian` is 'trian', allowed: 'train', 'validation' or 'test' (did you mean"),
        ("0.9", "valid dictionary"),
    ],
)
def test_splits_that_do_not_divide_the_whole_are_refused(tmp_path: Path, splits: str, says: str) -> None:
    (problem,) = problems(tmp_path, GOOD + f"export:\n  splits: {splits}\n")
    assert problem.startswith("spec.yaml:9:")
    assert says in problem


def test_thirds_and_tenths_add_up() -> None:
    assert ExportSpec(splits={"train": 0.7, "validation": 0.2, "test": 0.1})
    assert ExportSpec(splits={"train": 1 / 3, "validation": 1 / 3, "test": 1 / 3})


@pytest.mark.parametrize("budget", [math.nan, math.inf, Decimal("NaN"), Decimal("Infinity"), "nan", -0.01, 2_000_000])
def test_a_budget_made_in_python_is_held_to_the_same_rules(budget: object) -> None:
    with pytest.raises(ValidationError):
        GenerateSpec.model_validate({"budget_usd": budget})


@pytest.mark.parametrize("timeout", [math.nan, math.inf, 0, 100_000])
def test_a_timeout_is_a_finite_number_of_seconds(timeout: float) -> None:
    with pytest.raises(ValidationError):
        GenerateSpec(budget_usd=Decimal(1), timeout_s=timeout)


@pytest.mark.parametrize("share", [math.nan, math.inf, -0.1])
def test_shares_of_the_grid_are_finite(share: float) -> None:
    with pytest.raises(ValidationError):
        GridSpec(edge_share=share)
    with pytest.raises(ValidationError):
        GridSpec(plain_share=share)


def test_a_spec_made_in_python_is_taken_as_it_is() -> None:
    spec = DatasetSpec(name="made", catalog="catalogs/technical_support", generate=GenerateSpec(budget_usd=Decimal(1)))
    loaded = load_spec(spec)
    assert loaded.spec is spec
    assert loaded.source.problem(("grid",), "x").file == "<spec>"


def test_a_stored_spec_that_no_longer_fits_says_where_from() -> None:
    with pytest.raises(ProblemsError, match=r"job-1:1: `generate` is missing"):
        parse_spec({"name": "a", "catalog": "b"}, "job-1")


def test_a_path_is_found_beside_the_spec_or_above_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    (tmp_path / "project/datasets/own").mkdir(parents=True)
    (tmp_path / "project/catalogs/own").mkdir(parents=True)
    loaded = load_spec(write(tmp_path / "project/datasets", GOOD))
    assert loaded.resolve("own") == tmp_path / "project/datasets/own"
    assert loaded.resolve("catalogs/own") == tmp_path / "project/catalogs/own"
    assert loaded.resolve("nowhere") == tmp_path / "elsewhere/nowhere"
    assert loaded.resolve(str(tmp_path)) == tmp_path


def test_the_working_directory_comes_before_the_place_of_the_spec(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("here/catalogs/own", "there/catalogs/own"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    loaded = load_spec(write(tmp_path / "there", GOOD))
    assert loaded.resolve("catalogs/own") == tmp_path / "here/catalogs/own"


def test_a_spec_that_is_not_there_is_told_from_the_others_beside_it(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    with pytest.raises(ProblemsError, match=r"no such file; specs in .*: spec\.yaml"):
        load_spec(tmp_path / "spce.yaml")
    with pytest.raises(ProblemsError, match="there is no folder"):
        load_spec(tmp_path / "nowhere" / "spec.yaml")


def test_a_folder_is_no_spec(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError, match="cannot be read"):
        load_spec(tmp_path)


@pytest.mark.parametrize("text", ["", "- a\n", "name: [\n", "name: a\nname: b\n"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text)
