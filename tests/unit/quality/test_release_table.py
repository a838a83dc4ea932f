"""The dataset in one row: what the release suite looks at, and what stands behind a figure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from brightrun.errors import SuiteError
from brightrun.quality.figure_rows import behind_figures
from brightrun.quality.release_table import RELEASE_COLUMNS, DatasetAsPlanned, release_row, release_table
from brightrun.quality.suite_file import ExpectationSeverity, load_suite
from brightrun.quality.suite_report import SuiteReport, about_dataset
from brightrun.quality.suite_run import prove_suite, run_suite
from brightrun.quality.table import ConversationRow, example_row
from brightrun.quality.variety import Commonest, IntendedOutcome, Variety, VarietyMeter
from brightrun.store.jobs import CellCoverage

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "expectations" / "release.json"
GUIDE = ROOT / "docs" / "guide" / "expectations.md"
SUBJECTS = {
    "coverage": ("ready_share", "short_combinations"),
    "balance of personas": ("persona_balance", "least_ready_persona_share"),
    "balance of arcs": ("least_ready_arc_share",),
    "duplicates": ("exact_duplicates", "nearest_advisor_in_dataset_most"),
    "score distribution": ("judge_mean", "judge_p10"),
    "lengths": ("words_per_advisor_turn_p95",),
    "splits": ("groups_in_several_splits", "texts_in_several_splits", "largest_split_difference"),
    "variety": ("commonest_first_opening_share", "commonest_closing_share", "thanking_user_turn_share"),
}


def rows(count: int = 10) -> list[ConversationRow]:
    """Conversations of two personas and two arcs, all different, scored from 8.1 upwards."""
    return [
        example_row(number).model_copy(
            update={"persona": f"p{number % 2}", "arc": f"a{number // 2 % 2}", "topic": f"t{number}"}
        )
        for number in range(1, count + 1)
    ]


def planned(found: list[ConversationRow], **changes: Any) -> DatasetAsPlanned:
    """All that was asked for is there; each conversation is a group of its own, the first eight in ten in train."""
    owed: dict[tuple[str, str, str], int] = {}
    for row in found:
        owed[row.persona, row.arc, row.topic] = owed.get((row.persona, row.arc, row.topic), 0) + 1
    given: dict[str, Any] = {
        "cells": [CellCoverage(*cell, count, count, ()) for cell, count in owed.items()],
        "groups": [row.topic for row in found],
        "splits": ["train" if place * 10 < len(found) * 8 else "validation" for place in range(len(found))],
        "wanted": {"train": 0.8, "validation": 0.2},
    }
    return DatasetAsPlanned(**(given | changes))


def variety(**changes: Any) -> Variety:
    """Measures of ten conversations that all end as planned."""
    ends = IntendedOutcome(intended_outcome="resolved", labelled_outcome="resolved", conversations=10)
    nothing = VarietyMeter().result()
    return nothing.model_copy(update={"conversations": 10, "labelled_outcomes": (ends,), **changes})


def checked(found: list[ConversationRow], plan: DatasetAsPlanned, measured: Variety | None = None) -> SuiteReport:
    """What the shipped suite says."""
    measured = measured or variety()
    row = release_row(measured, found, plan)
    return about_dataset(run_suite(SHIPPED_SUITE, release_table(row)), row, behind_figures(measured, found, plan))


SHIPPED_SUITE = load_suite(SHIPPED, RELEASE_COLUMNS)


def test_a_good_dataset_passes_and_each_result_has_its_figure() -> None:
    report = checked(rows(), planned(rows()))
    assert report.passed
    assert report.warnings == ()
    figures = {result.columns[0]: result.observed for result in report.results}
    assert (figures["largest_split_difference"], figures["persona_balance"], figures["ready_share"]) == (0, 1, 1)
    assert figures["judge_p10"] == 8.1


def test_the_shipped_suite_has_every_subject() -> None:
    columns = {expectation.kwargs["column"] for expectation in SHIPPED_SUITE.expectations}
    for subject, wanted in SUBJECTS.items():
        assert set(wanted) <= columns, subject
    prove_suite(SHIPPED_SUITE, release_table(dict.fromkeys(RELEASE_COLUMNS, 0.5)))


@pytest.mark.parametrize("position", range(len(SHIPPED_SUITE.expectations)))
def test_each_shipped_expectation_fails_alone(position: int) -> None:
    """Past its limit it fails, and nothing else does."""
    values = {}
    for number, expectation in enumerate(SHIPPED_SUITE.expectations):
        column, least, most = (expectation.kwargs.get(key) for key in ("column", "min_value", "max_value"))
        inside, outside = (most, most + 0.05) if most is not None else (least, least - 0.05)
        values[column] = outside if number == position else inside
    report = run_suite(SHIPPED_SUITE, release_table(values))
    failed = [number for number, result in enumerate(report.results) if not result.success]
    assert failed == [position]
    assert report.passed is (SHIPPED_SUITE.expectations[position].severity is not ExpectationSeverity.CRITICAL)


def test_kf57_a_group_or_a_text_in_two_splits_keeps_a_dataset_from_release_and_is_named() -> None:
    found = rows()
    found[9] = found[9].model_copy(update={"topic": "t1"})
    leaking = planned(found)
    failed = {result.columns[0]: result for result in checked(found, leaking).critical_failures}
    assert set(failed) == {"groups_in_several_splits"}
    assert failed["groups_in_several_splits"].found == "measured 1: t1"

    found = rows()
    found[9] = found[9].model_copy(update={"text_digest": found[0].text_digest})
    failed = {result.columns[0]: result for result in checked(found, planned(found)).critical_failures}
    assert set(failed) == {"exact_duplicates", "texts_in_several_splits"}
    assert failed["texts_in_several_splits"].behind == ("example-1", "example-10")
    assert failed["exact_duplicates"].behind == ("example-1", "example-10")


def test_shares_of_splits_and_what_is_missing_of_them() -> None:
    found = rows(4)
    row = release_row(
        variety(), found, planned(found, splits=["train"] * 4, wanted={"train": 0.7, "validation": 0.2, "test": 0.1})
    )
    assert (row["split_train_share"], row["split_validation_share"], row["split_test_share"]) == (1, 0, 0)
    assert (row["unwritten_splits"], row["largest_split_difference"]) == (2, 0.3)
    two = release_row(variety(), found, planned(found))
    assert two["split_test_share"] is None
    assert (two["split_train_share"], two["split_validation_share"]) == (1, 0)


def test_what_fell_short_is_named_by_combination_persona_and_arc() -> None:
    found = rows()
    plan = planned(found)
    short = planned(found, cells=[*plan.cells, CellCoverage("p0", "a1", "t99", 5, 1, ("refusal",))])
    said = {result.columns[0]: result.found for result in checked(found, short).warnings}
    assert said["short_combinations"] == "measured 1: p0 × a1 × t99 (1 of 5)"
    assert said["ready_share"] == "measured 0.6667: p0 × a1 × t99 (1 of 5)"
    assert said["least_ready_persona_share"] == "measured 0.6: p0 (1)"
    assert said["least_ready_arc_share"] == "measured 0.6: a1 (1)"


def test_low_scores_rare_personas_and_common_words_are_named() -> None:
    found = [row.model_copy(update={"judge_mean": 6.0 + place / 10}) for place, row in enumerate(rows())]
    found = [row.model_copy(update={"persona": "rare" if place == 9 else "often"}) for place, row in enumerate(found)]
    begin = Commonest(phrase="so i just got the", conversations=5, share=0.5)
    said = {
        result.columns[0]: result for result in checked(found, planned(found), variety(first_opening=begin)).warnings
    }
    assert said["judge_p10"].behind[:2] == ("example-1", "example-2")
    assert said["judge_mean"].found == "measured 6.45: example-1, example-2, example-3, …"
    assert said["persona_balance"].behind == ("rare (1)", "often (9)")
    assert said["commonest_first_opening_share"].behind == ("“so i just got the” (5)",)


def test_an_expectation_about_a_figure_that_nobody_measured_is_an_error_of_the_suite(tmp_path: Path) -> None:
    """KF-40: no score is no low score; where a value has to be there, its absence is no verdict."""
    unscored = [row.model_copy(update={"judge_mean": None}) for row in rows()]
    assert checked(unscored, planned(unscored)).passed
    suite = tmp_path / "suite.json"
    mean = {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "judge_mean", "min_value": 7}}
    suite.write_text(json.dumps({"name": "scores", "expectations": [{**mean, "severity": "critical"}]}))
    row = release_row(variety(), unscored, planned(unscored))
    with pytest.raises(SuiteError, match=r"suite\.json:1: .*nothing to measure"):
        run_suite(load_suite(suite, RELEASE_COLUMNS), release_table(row))


def test_every_column_is_filled_or_absent_and_described_in_the_guide() -> None:
    row = release_row(variety(), rows(), planned(rows(), evaluation_overlaps=2))
    assert list(row) == list(RELEASE_COLUMNS)
    assert row["evaluation_overlaps"] == 2
    assert set(release_row(VarietyMeter().result(), [], planned([], wanted={})).values()) <= {None, 0}
    guide = GUIDE.read_text(encoding="utf-8")
    for name, meaning in RELEASE_COLUMNS.items():
        assert f"| `{name}` | {meaning} |" in guide
