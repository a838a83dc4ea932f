"""Planning: everything checked and decided before anything is sent, and jobs told apart by their content."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planning_cases import CATALOGS, ROOT, CatalogCopy

from brightrun.errors import ProblemsError
from brightrun.planning import (
    MOST_SHARDS,
    ONE_ITEM_SHARDS,
    Plan,
    identity_of,
    item_id,
    make_plan,
    shard_count,
    shard_of,
)

SPEC = """\
name: a-dataset
catalog: {catalog}
grid:
  personas: [family_helpline]
  arcs: [stuck_to_working]
generate:
  model: claude-sonnet-5-5
  budget_usd: 2
"""


def plan_of(folder: Path, text: str = SPEC, catalog: Path = CATALOGS / "technical_support") -> Plan:
    path = folder / "spec.yaml"
    path.write_text(text.format(catalog=catalog), encoding="utf-8")
    return make_plan(path)


@pytest.mark.parametrize("spec", sorted((ROOT / "datasets").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_spec_can_be_planned(spec: Path) -> None:
    plan = make_plan(spec)
    assert len(plan.items) == plan.grid.items > 0


def test_a_plan_has_an_item_for_every_conversation_owed_in_the_order_of_the_grid(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, SPEC.replace("  arcs:", "  per_cell: 3\n  arcs:"))
    assert [(item.cell, item.slot) for item in plan.items] == [
        (cell, slot) for cell, quota in plan.grid.quotas.items() for slot in range(1, quota + 1)
    ]


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ("{{ plan.situation }}", "stands for nothing here"),
        ("{{ topic.concepts[9].name }}", "no element 9"),
        ("{{ 1 // (plan.exchanges - plan.exchanges) }}", "modulo by zero"),
        ("{{ loop_of_mine }}", "nothing fills"),
    ],
)
def test_kf_01_what_only_some_items_cannot_fill_stops_planning_in_its_line(
    tmp_path: Path, broken: str, says: str
) -> None:
    """KF-01: also where the catalog's files look right and a value turns out to be missing."""
    copy = CatalogCopy(tmp_path)
    topics = copy.folder / "topics/wifi.yaml"
    text = topics.read_text()
    start = text.index("    situations:")
    topics.write_text(text[:start] + text[text.index("    facts:") :])
    name, line = copy.edit("prompts/shared.yaml", "Age: {{ person.age }}", f"Age: {broken}")
    with pytest.raises(ProblemsError) as error:
        plan_of(tmp_path, catalog=copy.folder)
    (problem,) = error.value.problems
    assert (problem.file, problem.line) == (name, line)
    assert says.replace("modulo by zero", "by zero") in problem.message


def test_kf_01_a_template_is_rendered_before_anything_is_sent_too(tmp_path: Path) -> None:
    """KF-01: with the file of the template and the conversation it fails for."""
    copy = CatalogCopy(tmp_path)
    name, line = copy.edit("prompts/stuck_to_working.yaml", "{{ arc.name }}", "{{ arc.name }} {{ arc.phases[9].name }}")
    with pytest.raises(ProblemsError) as error:
        plan_of(tmp_path, catalog=copy.folder)
    (problem,) = error.value.problems
    assert (problem.file, problem.line) == (name, line)
    assert "cannot be rendered for family_helpline × stuck_to_working" in problem.message


def test_a_model_without_a_price_is_refused_in_its_line(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError) as error:
        plan_of(tmp_path, SPEC.replace("claude-sonnet-5-5", "claude-sonet-5-5"))
    (problem,) = error.value.problems
    assert problem.line == 7
    assert problem.file.endswith("spec.yaml")
    assert "did you mean `claude-sonnet-5-5`" in problem.message


def test_a_catalog_that_is_not_there_is_refused_in_its_line_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError) as error:
        plan_of(tmp_path, catalog=CATALOGS / "technical_suport")
    (problem,) = error.value.problems
    assert problem.line == 2
    assert "did you mean `technical_support`" in problem.message


def test_the_catalog_is_found_from_the_place_of_the_spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    CatalogCopy(tmp_path)
    (tmp_path / "datasets").mkdir()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    plan = plan_of(tmp_path / "datasets", catalog=Path("technical_support"))
    assert plan.catalog.info.key == "technical_support"


@pytest.mark.parametrize(
    ("old", "new", "another_job"),
    [
        ("budget_usd: 2", "budget_usd: 9", False),
        ("budget_usd: 2", "budget_usd: 2\n  concurrency: 3", False),
        ("name: a-dataset", "name: b-dataset", True),
        ("grid:", "grid:\n  seed: 8", True),
        ("claude-sonnet-5-5", "claude-haiku-5-5", True),
        ("budget_usd: 2", "budget_usd: 2\n  max_tokens: 4096", True),
    ],
)
def test_a_job_is_identified_by_what_decides_its_conversations(
    tmp_path: Path, old: str, new: str, another_job: bool
) -> None:
    one, other = plan_of(tmp_path), plan_of(tmp_path, SPEC.replace(old, new))
    assert (identity_of(one, simulated=False) != identity_of(other, simulated=False)) is another_job


def test_simulated_and_real_jobs_never_meet(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    assert identity_of(plan, simulated=True) != identity_of(plan, simulated=False)


def test_items_have_ids_of_their_own_that_stay(tmp_path: Path) -> None:
    one, other = plan_of(tmp_path), plan_of(tmp_path)
    ids = [item_id("job", item) for item in one.items]
    assert ids == [item_id("job", item) for item in other.items]
    assert len(set(ids)) == len(ids)
    assert item_id("another", one.items[0]) != ids[0]


@given(st.integers(1, 100_000))
def test_shards_are_few_and_no_item_is_left_out(items: int) -> None:
    shards = shard_count(items)
    assert 1 <= shards <= MOST_SHARDS
    assert shards == items if items <= ONE_ITEM_SHARDS else shards >= 2
    assert shard_of(0, items) == 0
    assert shard_of(items - 1, items) == shards - 1


@given(st.integers(1, 5_000))
def test_every_shard_has_neighbours_and_about_as_many_as_the_others(items: int) -> None:
    shards = [shard_of(position, items) for position in range(items)]
    assert shards == sorted(shards)
    sizes = [shards.count(shard) for shard in range(shard_count(items))] if items < 1_000 else []
    assert not sizes or max(sizes) - min(sizes) <= 1
