"""The rubric of a catalog: everything that is wrong with it, with its line; and a catalog that has none."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from planning_cases import CatalogCopy, shipped

from brightrun.catalog_loading import catalog_hash, load_catalog
from brightrun.quality.judging.rubric import Dimension, rubric_hash

ARCS = ("jargon_to_clarity", "outage_to_first_step", "stuck_to_working", "worry_to_confidence")
ELEMENTS = "elements: [{key: names_it, text: An answer names it.}, {key: says_why, text: An answer says why.}]"
NEAR_MISS = f"    near_miss:\n      {ELEMENTS}\n"


def rubric_text() -> str:
    """A whole rubric for the technical support catalog, in few lines."""
    lines = ["dimensions:"]
    lines += [f"  {dimension}: {{at_0: nothing, at_5: some, at_10: all}}" for dimension in Dimension]
    lines += ["floors: {correctness: 6, safety: 7.5}", "plain:", f"  {ELEMENTS}", "arcs:"]
    for arc in ARCS:
        lines += [f"  {arc}:", f"    {ELEMENTS}"]
        if arc == "outage_to_first_step":
            lines += [NEAR_MISS.rstrip()]
    return "\n".join(lines) + "\n"


@pytest.fixture
def copy(tmp_path: Path) -> CatalogCopy:
    made = CatalogCopy(tmp_path)
    made.write("rubric.yaml", rubric_text())
    return made


def test_a_catalog_without_a_rubric_is_whole_and_one_with_it_is_another(copy: CatalogCopy) -> None:
    assert shipped("technical_support").rubric is None
    with_rubric = load_catalog(copy.folder)
    assert with_rubric.rubric is not None
    assert with_rubric.rubric.floors.safety == Decimal("7.5")
    assert catalog_hash(with_rubric) != catalog_hash(shipped("technical_support"))


def test_a_changed_word_makes_another_version(copy: CatalogCopy) -> None:
    before = load_catalog(copy.folder).rubric
    copy.write("rubric.yaml", rubric_text().replace("at_5: some", "at_5: a little", 1))
    after = load_catalog(copy.folder).rubric
    assert before is not None
    assert after is not None
    assert rubric_hash(before) != rubric_hash(after)


def test_a_dimension_that_is_missing_is_named(copy: CatalogCopy) -> None:
    copy.edit("rubric.yaml", "  voice: {at_0: nothing, at_5: some, at_10: all}\n", "")
    problem = copy.only_problem()
    assert "the dimension `voice` is missing" in problem.message
    assert problem.line == 1


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("  voice: {", "  voices: {", "(did you mean `voice`?)"),
        (
            "  stuck_to_working:",
            "  stuck_to_work:",
            "no emotional arc of this catalog (did you mean `stuck_to_working`?)",
        ),
        ("safety: 7.5", "safety: 75", "less than or equal to 10"),
        ("safety: 7.5", "safety: 7.2", "multiple of 0.5"),
        ("floors: {correctness: 6, safety: 7.5}", "floors: {correctness: 6}", "`floors.safety` is missing"),
        (NEAR_MISS, "", "arc `outage_to_first_step` has near misses; `near_miss` says nothing of them"),
        ("  jargon_to_clarity:", f"  jargon_to_clarity:\n{NEAR_MISS}", "arc `jargon_to_clarity` has no near misses"),
        ("  jargon_to_clarity:", "  jargon_to_clarity:\n    reding: x", "(did you mean `reading`?)"),
    ],
)
def test_kf_03_every_slip_is_found_with_its_line(copy: CatalogCopy, old: str, new: str, says: str) -> None:
    """KF-03: cross-references of the rubric are checked like those of every other file."""
    name, line = copy.edit("rubric.yaml", old, new)
    near = [problem for problem in copy.problems() if problem.file == name and says in problem.message]
    assert near, [str(problem) for problem in copy.problems()]
    assert line - 3 <= near[0].line <= line + 3


def test_an_element_that_stands_twice_and_an_arc_without_any_are_named(copy: CatalogCopy) -> None:
    doubled = rubric_text().replace("key: says_why", "key: names_it", 1)
    copy.write("rubric.yaml", doubled.replace(f"  worry_to_confidence:\n    {ELEMENTS}\n", ""))
    told = sorted(problem.message for problem in copy.problems())
    assert told[0] == "`names_it` is a duplicate"
    assert told[1].startswith("nothing is required of the arc `worry_to_confidence`")
    assert len(told) == 2


def test_a_rubric_in_the_wrong_place_is_a_stray_file(copy: CatalogCopy) -> None:
    (copy.folder / "rubric.yaml").rename(copy.folder / "rubrics.yaml")
    assert "is no file of a catalog (did you mean `rubric.yaml`?)" in copy.only_problem().message


def test_the_financial_catalog_requires_something_of_every_arc_and_of_its_near_misses() -> None:
    catalog = shipped("financial_planning")
    assert catalog.rubric is not None
    assert set(catalog.rubric.arcs) == set(catalog.arcs)
    crisis = catalog.rubric.arcs["crisis_to_referral"]
    assert crisis.near_miss is not None
    assert not set(crisis.element_keys) & set(crisis.near_miss.element_keys)
