"""Running a suite with Great Expectations: its verdicts, and the traps that are closed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pandas as pd
import pytest

from brightrun.errors import SuiteError
from brightrun.quality.suite_file import Expectation, ExpectationSeverity, Suite, load_suite
from brightrun.quality.suite_run import prove_suite, run_suite
from brightrun.quality.table import ConversationRow, conversation_table, example_row

SHIPPED = Path(__file__).parents[3] / "expectations" / "conversations.json"
SuiteOf = Callable[..., Path]


@pytest.fixture
def suite_of(tmp_path: Path) -> SuiteOf:
    def write(*expectations: dict[str, Any]) -> Path:
        path = tmp_path / "suite.json"
        whole = [{"severity": "critical", **expectation} for expectation in expectations]
        path.write_text(json.dumps({"name": "test", "expectations": whole}, indent=2))
        return path

    return write


def rows(count: int = 10) -> list[ConversationRow]:
    return [example_row(number) for number in range(1, count + 1)]


def test_the_shipped_suite_passes_good_rows_and_keeps_its_order() -> None:
    report = run_suite(SHIPPED, rows())
    assert report.passed
    assert (report.rows, report.warnings) == (10, ())
    suite = load_suite(SHIPPED)
    assert [(r.type, r.line, r.severity) for r in report.results] == [
        (e.type, e.line, e.severity) for e in suite.expectations
    ]
    assert all(result.why for result in report.results)
    json.loads(report.model_dump_json())


@pytest.mark.parametrize(
    "change, column",
    [
        ({"ends_with_assistant": False}, "ends_with_assistant"),
        ({"begins_with_user": False}, "begins_with_user"),
        ({"empty_texts": 1}, "empty_texts"),
        ({"exchanges": 0}, "exchanges"),
        ({"pairs": 3}, "pairs"),
        ({"labelled_start_intensity": 1.2}, "labelled_start_intensity"),
        ({"labelled_end_intensity": -0.1}, "labelled_end_intensity"),
    ],
)
def test_the_shipped_suite_stops_a_broken_row_and_names_it(change: dict[str, Any], column: str) -> None:
    """KF-16, KF-44: one bad conversation among ten is found, and told by its id."""
    table = rows()
    table[6] = table[6].model_copy(update=change)
    report = run_suite(SHIPPED, table)
    assert not report.passed
    failed = [result for result in report.critical_failures if column in result.columns]
    assert failed
    assert failed[0].unexpected_ids == ("example-7",)
    assert failed[0].unexpected_count == 1


def test_the_shipped_suite_stops_duplicates_and_the_mixing_of_simulated_and_real() -> None:
    """KF-56: ids and texts stand once. Both of two equal rows are named."""
    table = rows()
    table[1] = table[1].model_copy(update={"conversation_id": "example-1"})
    table[3] = table[3].model_copy(update={"text_digest": table[4].text_digest})
    table[8] = table[8].model_copy(update={"simulated": False})
    failed = {result.columns: result for result in run_suite(SHIPPED, table).critical_failures}
    assert set(failed) == {("conversation_id",), ("text_digest",), ("simulated",)}
    assert failed["text_digest",].unexpected_ids == ("example-4", "example-5")
    assert failed["simulated",].observed == 2


def test_warnings_do_not_stop_a_dataset() -> None:
    """KF-01, KF-15: a band that is missed everywhere and one opening for all are said, not hidden."""
    table = [row.model_copy(update={"start_intensity_difference": -0.5, "opening": "a b c d e"}) for row in rows()]
    report = run_suite(SHIPPED, table)
    assert report.passed
    assert {result.columns for result in report.warnings} == {
        ("start_intensity_difference",),
        ("opening_shared",),
    }
    share = next(result for result in report.warnings if result.columns == ("opening_shared",))
    assert share.observed == 1.0
    assert type(share.observed) is float


def test_at_most_twenty_ids_are_named_and_all_are_counted(suite_of: SuiteOf) -> None:
    path = suite_of({"type": "expect_column_values_to_be_between", "kwargs": {"column": "attempt", "max_value": 0}})
    (result,) = run_suite(path, rows(50)).results
    assert (len(result.unexpected_ids), result.unexpected_count) == (20, 50)


def test_an_empty_table_is_not_evaluated_and_has_not_passed(tmp_path: Path) -> None:
    """KF-33: nothing was checked, and that is what the report says."""
    for nothing in ([], conversation_table([])):
        report = run_suite(SHIPPED, nothing, tmp_path / "docs")
        assert (report.rows, report.results, report.passed, report.data_docs) == (0, (), False, None)
    assert not (tmp_path / "docs").exists()


@pytest.mark.filterwarnings("ignore:Passing a string to the row_condition")
def test_a_condition_limits_an_expectation_to_some_rows(suite_of: SuiteOf) -> None:
    table = rows(4)
    table[0] = table[0].model_copy(update={"register_kind": "plain", "labelled_start_intensity": 0.1})
    condition = {"row_condition": 'register_kind=="emotional"', "condition_parser": "pandas"}
    column = {"column": "labelled_start_intensity", "min_value": 0.5}
    path = suite_of(
        {"type": "expect_column_values_to_be_between", "kwargs": {**column, **condition}},
        {"type": "expect_column_values_to_be_between", "kwargs": column, "severity": "warning"},
    )
    report = run_suite(path, table)
    assert [result.success for result in report.results] == [True, False]


def test_a_wrong_value_is_a_suite_error_before_anything_is_checked(suite_of: SuiteOf) -> None:
    path = suite_of(
        {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "arc"}},
        {"type": "expect_column_values_to_be_between", "kwargs": {"column": "age", "min_value": "abc"}},
    )
    suite = load_suite(path)
    line = suite.expectations[1].line
    for run in (lambda: prove_suite(suite), lambda: run_suite(suite, rows())):
        with pytest.raises(SuiteError, match=rf"suite\.json:{line}: expect_column_values_to_be_between: .*float"):
            run()


@pytest.mark.filterwarnings("ignore:Passing a string to the row_condition")
def test_an_expectation_that_raised_is_a_suite_error_and_no_verdict(suite_of: SuiteOf) -> None:
    """Law 5: a failure of ours is never a verdict on data."""
    path = suite_of(
        {
            "type": "expect_column_values_to_be_between",
            "kwargs": {
                "column": "age",
                "min_value": 1,
                "row_condition": "no_such_column==1",
                "condition_parser": "pandas",
            },
        },
    )
    with pytest.raises(SuiteError, match=r"could not be evaluated.*(\n.*)*suite\.json:4: .*no_such_column"):
        prove_suite(load_suite(path))


def test_a_column_without_values_is_a_suite_error_and_no_failure(suite_of: SuiteOf) -> None:
    """KF-40, KF-47: nothing was measured, so nothing is said of it."""
    path = suite_of({"type": "expect_column_mean_to_be_between", "kwargs": {"column": "age", "min_value": 1}})
    for nothing in ([None] * 3, [float("nan")] * 3):
        with pytest.raises(SuiteError, match="nothing to measure"):
            run_suite(path, pd.DataFrame({"conversation_id": ["a", "b", "c"], "age": nothing}))


def test_a_column_that_is_missing_is_a_suite_error() -> None:
    table = conversation_table(rows()).drop(columns="exchanges")
    with pytest.raises(SuiteError, match="no column `exchanges`"):
        run_suite(SHIPPED, table)
    with pytest.raises(SuiteError, match="could not be evaluated") as raised:
        run_suite(load_suite(SHIPPED), table)
    assert '"exchanges"' in str(raised.value)


def test_what_great_expectations_drops_is_a_suite_error_even_past_the_first_check() -> None:
    """It drops a type it does not know with a log line, and then passes: one in, none kept, success."""
    odd = Expectation("expect_column_values_to_be_lucky", {"column": "age"}, ExpectationSeverity.CRITICAL, {}, None, 7)
    with pytest.raises(SuiteError, match=r"x\.json:7: expect_column_values_to_be_lucky"):
        run_suite(Suite("x", "x.json", (odd,)), rows())


def test_repeated_expectations_are_all_evaluated(suite_of: SuiteOf) -> None:
    same = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "arc"}}
    report = run_suite(suite_of(same, same, {**same, "severity": "info"}), rows())
    assert [result.severity.value for result in report.results] == ["critical", "critical", "info"]


def test_other_tables_can_be_checked_too(suite_of: SuiteOf) -> None:
    """A data frame brings its own columns; without ids failures are counted and not named."""
    path = suite_of(
        {"type": "expect_column_values_to_be_between", "kwargs": {"column": "x", "min_value": 2}},
        {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 1}},
    )
    report = run_suite(path, pd.DataFrame({"x": [1, 2, 3]}))
    assert [(r.success, r.unexpected_count, r.unexpected_ids) for r in report.results] == [
        (False, 1, ()),
        (True, 0, ()),
    ]
    assert report.results[1].observed == 3


def test_the_shipped_suite_can_run() -> None:
    prove_suite(load_suite(SHIPPED))


def test_data_docs_lie_in_the_folder_and_nothing_is_written_elsewhere(tmp_path: Path) -> None:
    """Nor are progress bars drawn, or anything sent."""
    home, scratch, work = (tmp_path / name for name in ("home", "scratch", "work"))
    for folder in (home, scratch, work):
        folder.mkdir()
    docs = tmp_path / "release.docs"
    code = (
        "import os, sys; from pathlib import Path; calls = []; "
        "sys.addaudithook(lambda name, _: calls.append(name) if name.startswith('socket.') else None); "
        "from brightrun.quality.suite_run import run_suite; "
        "from brightrun.quality.table import example_row; "
        "report = run_suite(Path(sys.argv[1]), [example_row(1)], Path(sys.argv[2])); "
        "print(report.data_docs, os.environ['GX_ANALYTICS_ENABLED']); "
        "print({'socket.connect', 'socket.getaddrinfo', 'socket.sendto'} & set(calls))"
    )
    environment = {**os.environ, "HOME": str(home), "TMPDIR": str(scratch), "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {"GX_ANALYTICS_ENABLED": "true", "PYTHONPATH": str(SHIPPED.parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", code, str(SHIPPED), str(docs)],
        capture_output=True,
        text=True,
        check=True,
        cwd=work,
        env=environment,
    )
    assert done.stdout.splitlines() == [f"{docs / 'index.html'} false", "set()"]
    assert "Calculating" not in done.stderr
    assert "it/s" not in done.stderr
    assert (docs / "index.html").is_file()
    (place,) = re.findall(r'href="(.+?)"', (docs / "results.html").read_text(encoding="utf-8"))
    assert "labelled_start_intensity" in (docs / unquote(place)).read_text(encoding="utf-8")
    assert [list(folder.rglob("*")) for folder in (home, scratch, work)] == [[], [], []]
