"""Reading a suite: what Great Expectations would drop without a word is refused by file and line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brightrun.errors import ExitCode, SuiteError
from brightrun.quality.expectation_types import EXPECTATION_TYPES, SQL_ONLY
from brightrun.quality.suite_file import ExpectationSeverity, load_suite

SHIPPED = Path(__file__).parents[3] / "expectations" / "conversations.json"
GOOD = {
    "type": "expect_column_values_to_not_be_null",
    "kwargs": {"column": "conversation_id"},
    "severity": "critical",
}
WriteSuite = Callable[..., Path]


@pytest.fixture
def write_suite(tmp_path: Path) -> WriteSuite:
    def write(*expectations: Any, text: str | None = None) -> Path:
        path = tmp_path / "suite.json"
        path.write_text(text or json.dumps({"name": "test", "expectations": expectations}, indent=2))
        return path

    return write


def test_the_shipped_suite_is_read_whole() -> None:
    written = json.loads(SHIPPED.read_text())["expectations"]
    suite = load_suite(SHIPPED)
    assert [expectation.type for expectation in suite.expectations] == [each["type"] for each in written]
    assert {each.severity for each in suite.expectations} == {
        ExpectationSeverity.CRITICAL,
        ExpectationSeverity.WARNING,
    }
    lines = SHIPPED.read_text().splitlines()
    for expectation in suite.expectations:
        assert lines[expectation.line - 1].strip() == "{"
        assert expectation.type in lines[expectation.line]


@pytest.mark.parametrize(
    "change, message",
    [
        (
            {"type": "expect_column_values_to_not_be_nul"},
            "no expectation type .*did you mean `expect_column_values_to_not_be_null`",
        ),
        ({"type": None}, "`type` must be the name of an expectation, not None"),
        ({"type": "unexpected_rows_expectation"}, "SQL databases only"),
        ({"severity": "error"}, "severity 'error' is not one of critical, warning, info"),
        ({"severity": "warn"}, "did you mean `warning`"),
        ({"severity": None}, "severity None is not one of"),
        ({"sevrity": "critical"}, "unknown key `sevrity` .did you mean `severity`"),
        ({"kwargs": {"column": "conversation_ids"}}, "no column .*did you mean `conversation_id`"),
        ({"kwargs": {"column": 7}}, "no column `7`"),
        ({"kwargs": {"colum": "conversation_id"}}, "unknown key `colum` .did you mean `column`"),
        ({"kwargs": {}}, "the parameter `column` is missing"),
        ({"kwargs": []}, "`kwargs` must be an object"),
        ({"meta": "why"}, "`meta` must be an object"),
        ({"description": 5}, "`description` must be a text"),
    ],
)
def test_what_is_misspelt_is_refused_with_its_line_and_the_nearest_name(
    change: dict[str, Any], message: str, write_suite: WriteSuite
) -> None:
    path = write_suite(GOOD, {**GOOD, **change})
    with pytest.raises(SuiteError, match=message) as raised:
        load_suite(path)
    assert f"{path}:11: expectation 2" in str(raised.value)
    assert raised.value.exit_code is ExitCode.BAD_REQUEST


@pytest.mark.parametrize("key", ["type", "kwargs", "severity"])
def test_what_is_missing_is_named(key: str, write_suite: WriteSuite) -> None:
    path = write_suite({name: value for name, value in GOOD.items() if name != key})
    with pytest.raises(SuiteError, match=f"expectation 1: `{key}` is missing"):
        load_suite(path)


def test_all_problems_are_told_at_once(write_suite: WriteSuite) -> None:
    path = write_suite({**GOOD, "type": "expect"}, "text", {**GOOD, "severity": "high", "kwargs": {}})
    with pytest.raises(SuiteError, match="4 problems") as raised:
        load_suite(path)
    assert "expectation 2 must be an object" in str(raised.value)


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "is not JSON"),
        ('{"name": "x",\n "expectations": [}', ":2: is not JSON"),
        ("[]", "a suite is an object"),
        ('{"name": "x"}', "would pass anything"),
        ('{"expectations": []}', "would pass anything"),
        ('{"expectations": {}}', "must be a list"),
        ('{"name": "", "expectations": []}', "`name` must be a text"),
        ('{"expectation": []}', "did you mean `expectations`"),
        ('{"expectations": [], "expectations": []}', "`expectations` stands twice"),
    ],
)
def test_a_file_that_is_no_suite_is_refused(text: str, message: str, write_suite: WriteSuite) -> None:
    with pytest.raises(SuiteError, match=message):
        load_suite(write_suite(text=text or " "))


def test_a_repeated_key_is_refused_since_the_first_would_be_dropped(write_suite: WriteSuite) -> None:
    text = json.dumps({"expectations": [GOOD]})
    path = write_suite(text=text.replace('"severity"', '"severity": "info", "severity"'))
    with pytest.raises(SuiteError, match="`severity` stands twice"):
        load_suite(path)


def test_a_suite_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    (tmp_path / "strict.json").write_text("{}")
    with pytest.raises(SuiteError, match=r"no such expectation suite; suites in .*: strict\.json"):
        load_suite(tmp_path / "conversation.json")
    with pytest.raises(SuiteError, match="no such expectation suite"):
        load_suite(tmp_path / "nowhere" / "x.json")
    with pytest.raises(SuiteError, match="cannot be read"):
        load_suite(tmp_path)
    (tmp_path / "latin.json").write_bytes(b'{"name": "caf\xe9"}')
    with pytest.raises(SuiteError, match="is not UTF-8"):
        load_suite(tmp_path / "latin.json")


KEYS = st.sampled_from(["type", "kwargs", "severity", "expectations", "name", "meta"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)


@given(JSON)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_json_holds_is_a_suite_error_at_most(write_suite: WriteSuite, data: Any) -> None:
    """No other exception, whatever the file says."""
    for text in (json.dumps({"expectations": [GOOD, data]}), json.dumps(data)):
        with pytest.raises(SuiteError):
            load_suite(write_suite(text=text))


def test_a_suite_is_checked_without_importing_great_expectations_or_pandas() -> None:
    """The import takes seconds, and `brightrun plan` must not wait for it."""
    code = (
        "import sys; from pathlib import Path; from brightrun.quality.suite_file import load_suite; "
        "import brightrun.quality.suite_run, brightrun.quality.checks; load_suite(Path(sys.argv[1])); "
        "print([m for m in ('great_expectations', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(SHIPPED)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_known_types_are_those_of_the_installed_package() -> None:
    """What is copied into expectation_types.py is compared with Great Expectations itself."""
    from great_expectations import expectations as _registers_them  # noqa: F401
    from great_expectations.expectations.registry import (
        get_expectation_impl,
        list_registered_expectation_implementations,
    )

    assert {*EXPECTATION_TYPES, *SQL_ONLY} == set(list_registered_expectation_implementations())
    common = {"id", "meta", "notes", "result_format", "description", "catch_exceptions", "rendered_content"}
    common |= {"severity", "windows", "batch_id", "library_metadata"}
    for name, parameters in EXPECTATION_TYPES.items():
        fields = {k: v for k, v in get_expectation_impl(name).__fields__.items() if k not in common}
        assert set(parameters.allowed) == set(fields), name
        assert set(parameters.required) == {key for key, value in fields.items() if value.required}, name
