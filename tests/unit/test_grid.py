"""The grid: what suits what, what is dropped and why, samples, and the share of edge arcs."""

from __future__ import annotations

import random
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planning_cases import made_grid, made_spec, shipped

from brightrun.catalog import Catalog
from brightrun.errors import ProblemsError
from brightrun.grid import MOST_ITEMS, Cell, Grid, pairwise, plan_grid, why_unsuitable
from brightrun.person_ranges import Condition
from brightrun.spec import load_spec

TECHNICAL = shipped("technical_support")
FINANCIAL = shipped("financial_planning")


@cache
def free_catalog() -> Catalog:
    """The financial catalog without any advice: everything suits everything."""
    arcs = {
        k: a.model_copy(update={"suitable_personas": (), "suitable_topics": (), "requires": {}, "category": "core"})
        for k, a in FINANCIAL.arcs.items()
    }
    topics = {
        k: t.model_copy(update={"suitable_personas": (), "suitable_arcs": ()}) for k, t in FINANCIAL.topics.items()
    }
    return FINANCIAL.model_copy(update={"arcs": arcs, "topics": topics})


def refused(catalog: Catalog, **grid: Any) -> str:
    with pytest.raises(ProblemsError) as error:
        made_grid(catalog, **grid)
    return str(error.value)


def reason(*, arc: dict[str, Any] | None = None, topic: dict[str, Any] | None = None) -> str | None:
    """Why the family helpline is not for an arc and a topic with these lists."""
    persona = TECHNICAL.personas["family_helpline"]
    empty_arc = {"suitable_personas": (), "suitable_topics": (), "requires": {}}
    empty_topic = {"suitable_personas": (), "suitable_arcs": (), "requires": {}}
    the_arc = TECHNICAL.arcs["stuck_to_working"].model_copy(update={**empty_arc, **(arc or {})})
    the_topic = TECHNICAL.topics["wifi_dead_spots"].model_copy(update={**empty_topic, **(topic or {})})
    return why_unsuitable(persona, the_arc, the_topic)


@pytest.mark.parametrize(
    ("arc", "topic", "suits"),
    [
        ({}, {}, True),
        ({"suitable_topics": ("wifi_dead_spots",)}, {"suitable_arcs": ("stuck_to_working",)}, True),
        ({"suitable_topics": ("wifi_dead_spots",)}, {"suitable_arcs": ("jargon_to_clarity",)}, True),
        ({"suitable_topics": ("slow_connection",)}, {"suitable_arcs": ("stuck_to_working",)}, True),
        ({"suitable_topics": ("slow_connection",)}, {"suitable_arcs": ("jargon_to_clarity",)}, False),
        ({"suitable_topics": ("slow_connection",)}, {}, True),
        ({}, {"suitable_arcs": ("jargon_to_clarity",)}, True),
        ({"suitable_personas": ("family_helpline",)}, {"suitable_personas": ("family_helpline",)}, True),
        ({"suitable_personas": ("accidental_administrator",)}, {"suitable_personas": ("family_helpline",)}, False),
        ({"suitable_personas": ("family_helpline",)}, {"suitable_personas": ("accidental_administrator",)}, False),
        ({"category": "edge", "suitable_topics": ("slow_connection",)}, {"suitable_arcs": ("x",)}, True),
        ({"category": "edge", "suitable_personas": ("accidental_administrator",)}, {}, False),
        ({"requires": {"age": Condition(min=100)}}, {}, False),
        ({"requires": {"age": Condition(min=60)}}, {}, True),
        ({"requires": {"household": Condition(tags=("couple",))}}, {}, True),
        ({"requires": {"household": Condition(tags=("couple", "alone"))}}, {}, False),
        ({}, {"requires": {"age": Condition(min=100)}}, True),
    ],
)
def test_kf_43_suitability_is_a_matter_of_sets(arc: dict[str, Any], topic: dict[str, Any], suits: bool) -> None:
    """KF-43: named or not named; there is no score that a rounding error could tip."""
    assert (reason(arc=arc, topic=topic) is None) is suits


def test_what_a_topic_requires_makes_nobody_unsuitable_since_there_are_reasons_to_ask() -> None:
    grid = made_grid(TECHNICAL, arcs=["jargon_to_clarity"], topics=["remote_access_to_files"])
    assert {cell.persona for cell in grid.quotas} == {"accidental_administrator", "family_helpline"}


def test_david_chen_a_couples_quarrel_and_estate_planning_are_dropped_with_the_reason() -> None:
    """The combination the catalog advises against three times over."""
    chosen = {
        "personas": ["pragmatic_optimist"],
        "arcs": ["couple_conflict_to_alignment"],
        "topics": ["estate_planning_basics", "spending_priorities"],
    }
    assert FINANCIAL.personas["pragmatic_optimist"].name == "David Chen"
    dropped = made_grid(FINANCIAL, **chosen)
    assert [cell.topic for cell in dropped.quotas] == ["spending_priorities"]
    (unsuitable,) = dropped.unsuitable
    assert unsuitable.cell.topic == "estate_planning_basics"
    assert unsuitable.reason == "the topic is not for pragmatic_optimist"

    warned = made_grid(FINANCIAL, **chosen, unsuitable="warn")
    assert {cell.topic for cell in warned.quotas} == {"estate_planning_basics", "spending_priorities"}
    assert warned.unsuitable == dropped.unsuitable

    kept = made_grid(FINANCIAL, **chosen, unsuitable="keep")
    assert kept.quotas == warned.quotas
    assert kept.unsuitable == ()


def test_the_whole_product_is_planned_when_nothing_is_advised_against() -> None:
    grid = made_grid(free_catalog(), per_cell=2)
    assert len(grid.quotas) == grid.considered == 3 * 10 * 65
    assert grid.items == 3900
    assert list(grid.quotas) == sorted(grid.quotas, key=lambda cell: (cell.arc, cell.persona, cell.topic))


@pytest.mark.parametrize(("share", "of_all"), [(0.08, 0.08), (0.25, 0.25), (0.5, 0.5)])
def test_edge_arcs_get_their_share_of_all_conversations(share: float, of_all: float) -> None:
    grid = made_grid(FINANCIAL, per_cell=2, edge_share=share)
    counted = Counter(FINANCIAL.arcs[cell.arc].category for cell, n in grid.quotas.items() for _ in range(n))
    assert abs(counted["edge"] / grid.items - of_all) <= 1 / grid.items


def test_edge_arcs_take_turns_and_spread_over_topics_and_personas() -> None:
    grid = made_grid(FINANCIAL, per_cell=2, edge_share=0.2)
    edge = [cell for cell, n in grid.quotas.items() for _ in range(n) if FINANCIAL.arcs[cell.arc].is_edge]
    arcs = Counter(cell.arc for cell in edge)
    assert len(arcs) == 3
    assert max(arcs.values()) - min(arcs.values()) <= 1
    for arc, count in arcs.items():
        topics = Counter(cell.topic for cell in edge if cell.arc == arc)
        assert len(topics) == min(count, 65)
        assert len({cell.persona for cell in edge if cell.arc == arc}) == 3


def test_without_a_share_edge_arcs_are_arcs_like_any_other() -> None:
    grid = made_grid(TECHNICAL, edge_share=None)
    assert Counter(cell.arc for cell in grid.quotas)["outage_to_first_step"] == 2 * 6


def test_a_share_of_zero_leaves_edge_arcs_out() -> None:
    assert "outage_to_first_step" not in {cell.arc for cell in made_grid(TECHNICAL, edge_share=0).quotas}


def test_a_grid_of_edge_arcs_alone_is_their_product() -> None:
    grid = made_grid(TECHNICAL, arcs=["outage_to_first_step"], per_cell=3)
    assert len(grid.quotas) == 2 * 6
    assert set(grid.quotas.values()) == {3}


@pytest.mark.parametrize(
    ("grid", "says"),
    [
        ({"personas": ["family_helplin"]}, "`family_helplin` is not among the catalog's personas (did you mean"),
        (
            {"arcs": ["stuck_to_work"]},
            "`stuck_to_work` is not among the catalog's arcs (did you mean `stuck_to_working`?)",
        ),
        ({"topics": ["wifi_dead_spots", "wifi_dead_spots"]}, "`wifi_dead_spots` stands in grid.topics twice"),
        ({"topics": []}, "`grid.topics` is empty; name keys, or `all`"),
    ],
)
def test_a_selection_names_what_is_there_and_once(grid: dict[str, Any], says: str) -> None:
    assert says in refused(TECHNICAL, **grid)


def test_a_selection_in_a_file_is_refused_with_the_line_of_the_key(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(
        "name: a\ncatalog: technical_support\ngrid:\n  topics:\n    - wifi_dead_spots\n    - wifi_dead_spot\n"
        "  arcs: [nonsense]\ngenerate: {budget_usd: 1}\n"
    )
    with pytest.raises(ProblemsError) as error:
        plan_grid(load_spec(path), TECHNICAL)
    assert [problem.line for problem in error.value.problems] == [6, 7]


def test_active_topics_are_those_the_catalog_marks() -> None:
    marked = {key for key, topic in FINANCIAL.topics.items() if topic.active}
    grid = made_grid(FINANCIAL, topics="active", unsuitable="warn", edge_share=0)
    assert {cell.topic for cell in grid.quotas} == marked
    assert 0 < len(marked) < 65


def test_active_without_any_active_topic_says_so() -> None:
    topics = {key: topic.model_copy(update={"active": False}) for key, topic in TECHNICAL.topics.items()}
    assert "marks no topic as active" in refused(TECHNICAL.model_copy(update={"topics": topics}), topics="active")


def test_an_empty_grid_says_why_and_what_to_do() -> None:
    message = refused(TECHNICAL, arcs=["stuck_to_working"], topics=["remote_access_to_files", "clicked_a_link"])
    assert "none of the 4 combinations is suitable" in message
    assert "4 × arc and topic do not name each other" in message
    assert "unsuitable: warn" in message


def test_a_random_sample_has_its_size_and_another_seed_takes_others() -> None:
    def sample(seed: int) -> set[Cell]:
        return set(made_grid(free_catalog(), sample={"method": "random", "size": 50, "seed": seed}).quotas)

    assert len(sample(1)) == 50
    assert sample(1) == sample(1)
    assert sample(1) != sample(2)


@pytest.mark.parametrize("method", ["random", "pairwise"])
def test_a_sample_larger_than_the_grid_is_refused(method: str) -> None:
    message = refused(TECHNICAL, arcs=["stuck_to_working"], sample={"method": method, "size": 7})
    assert "a sample of 7 was asked for, and the grid has 6 combinations" in message


def test_a_pairwise_sample_too_small_for_the_pairs_says_how_many_they_need() -> None:
    message = refused(free_catalog(), sample={"method": "pairwise", "size": 100})
    assert "every pair of values needs 6" in message


def test_a_pairwise_sample_is_filled_up_to_its_size() -> None:
    assert len(made_grid(free_catalog(), sample={"method": "pairwise", "size": 900}).quotas) == 900


def test_pairwise_takes_about_the_two_largest_axes_of_the_whole_grid() -> None:
    grid = made_grid(free_catalog(), sample={"method": "pairwise"})
    assert_every_pair_is_there(list(made_grid(free_catalog()).quotas), list(grid.quotas))
    assert 650 <= len(grid.quotas) <= 700


CELLS = st.sets(
    st.tuples(st.sampled_from("pqrs"), st.sampled_from("abcdef"), st.sampled_from("tuvwxyz")), min_size=1, max_size=80
).map(lambda cells: [Cell(persona=p, arc=a, topic=t) for p, a, t in sorted(cells)])


@settings(deadline=None, max_examples=150)
@given(CELLS, st.integers())
def test_pairwise_covers_every_pair_that_is_feasible_and_nothing_else(cells: list[Cell], seed: int) -> None:
    chosen = pairwise(cells, random.Random(seed))
    assert_every_pair_is_there(cells, chosen)
    assert len(chosen) == len(set(chosen)) <= len(cells)
    assert set(chosen) <= set(cells)


def assert_every_pair_is_there(cells: list[Cell], chosen: list[Cell]) -> None:
    for one, other in (("persona", "arc"), ("persona", "topic"), ("arc", "topic")):
        feasible = {(getattr(cell, one), getattr(cell, other)) for cell in cells}
        assert {(getattr(cell, one), getattr(cell, other)) for cell in chosen} == feasible


def test_a_grid_too_large_for_one_job_is_refused_before_it_is_planned() -> None:
    message = refused(free_catalog(), per_cell=1000)
    assert "the grid comes to 1,950,000 conversations (1,950 combinations × 1000)" in message
    assert f"one job holds at most {MOST_ITEMS:,}" in message


def test_a_share_of_edge_arcs_that_dwarfs_the_rest_is_refused_too() -> None:
    message = refused(FINANCIAL, edge_share=0.999999999)
    assert "of edge arcs at edge_share 0.999999999" in message


def test_the_largest_grid_that_is_allowed_is_planned() -> None:
    grid: Grid = plan_grid(made_spec(per_cell=51), free_catalog())
    assert grid.items == 99_450
