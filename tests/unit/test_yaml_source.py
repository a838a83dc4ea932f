"""YAML a person wrote: every value knows its line, and nothing a file can hold brings the reader down."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from brightrun.errors import Problem
from brightrun.yaml_source import MOST_DEPTH, YamlSource, nearest, read_yaml, validated


class Pair(BaseModel):
    model_config = ConfigDict(extra="forbid")
    low: int
    high: int


class Book(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    pages: list[Pair] | Pair = []
    rows: dict[str, Pair] = {}


def read(folder: Path, text: str | bytes) -> YamlSource:
    path = folder / "book.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_yaml(path, "book.yaml")


def problems_of_book(folder: Path, text: str) -> list[str]:
    source = read(folder, text)
    problems: list[Problem] = list(source.problems)
    validated(Book, source, problems)
    return [str(problem) for problem in problems]


@pytest.mark.parametrize(
    ("written", "is_read_as"),
    [
        ("off", "off"),
        ("no", "no"),
        ("Yes", "Yes"),
        ("2026-10-01", "2026-10-01"),
        ("22:30", "22:30"),
        ("0644", "0644"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("true", True),
        ("12", 12),
        ("-3", -3),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        ("~", None),
        ("", None),
        ("'12'", "12"),
    ],
)
def test_words_are_read_as_yaml_1_2_reads_them(tmp_path: Path, written: str, is_read_as: object) -> None:
    value = read(tmp_path, f"value: {written}\n").data["value"]
    assert value == is_read_as
    assert type(value) is type(is_read_as)


def test_a_value_knows_its_line_and_what_is_missing_the_line_of_what_encloses_it(tmp_path: Path) -> None:
    source = read(tmp_path, "title: x\nrows:\n  first:\n    low: 1\n")
    assert source.line(("rows", "first", "low")) == 4
    assert source.line(("rows", "first", "high")) == 3
    assert source.line(("nothing",)) == 1


def test_a_line_of_a_block_of_text_is_found_and_one_of_a_folded_text_is_not_made_up(tmp_path: Path) -> None:
    source = read(tmp_path, 'a: |\n  one\n  two\nb: "one\n  two"\n')
    assert source.line_in(("a",), 2) == 3
    assert source.line_in(("b",), 2) == 4


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: 1\nb: [1,\n", 3, "is not valid YAML"),
        ("a: 1\n\t- b\n", 2, "is not valid YAML"),
        ("a: 1\n---\nb: 1\n", 2, "another document"),
        ("a: {{ name }}\n", 1, "needs quotes"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, "could not determine a constructor"),
        ("a: 1\nb: \x00\n", 2, "is not valid YAML"),
        ('a: 1\nb: "x\\0y"\n', 2, "control character"),
        ("a: 1\nb: 2\na: 3\n", 3, "`a` stands here a second time"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", 3, "merge keys"),
        ("a: 1\n2: b\n", 2, "put `2` in quotes"),
        ("a: &x [*x]\n", 1, "contains itself"),
        ("a: " + "9" * 5000 + "\n", 1, "is not valid YAML"),
    ],
)
def test_what_cannot_be_read_is_a_problem_with_its_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    (problem,) = read(tmp_path, text).problems
    assert (problem.file, problem.line) == ("book.yaml", line)
    assert says in problem.message


def test_a_file_that_is_not_utf_8_says_at_which_byte(tmp_path: Path) -> None:
    (problem,) = read(tmp_path, b"title: caf\xe9\n").problems
    assert "not UTF-8" in problem.message
    assert "byte 10" in problem.message


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    assert read(tmp_path, "\ufefftitle: x\n").data == {"title": "x"}


@pytest.mark.parametrize("depth", [MOST_DEPTH + 1, 100_000])
def test_deep_nesting_is_refused_before_the_parser_runs_out_of_stack(tmp_path: Path, depth: int) -> None:
    (problem,) = read(tmp_path, "[" * depth + "]" * depth).problems
    assert "nested" in problem.message


def test_aliases_that_multiply_are_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    problems = read(tmp_path, "\n".join(lines)).problems
    assert any("values" in problem.message for problem in problems)


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300) | st.text(alphabet="ab:-[]{}&*!|>'\"%@#, \n\t0.", max_size=120).map(str.encode))
def test_whatever_a_file_holds_it_is_data_or_a_problem(tmp_path: Path, content: bytes) -> None:
    source = read(tmp_path, content)
    assert source.problems or source.data is None or isinstance(source.data, (dict, list, str, int, float, bool))


def test_an_unknown_key_gets_the_nearest_known_one_whatever_its_case(tmp_path: Path) -> None:
    assert problems_of_book(tmp_path, "title: x\nTitel: y\n") == [
        "book.yaml:2: unknown key `Titel` (did you mean `title`?)"
    ]


def test_an_unknown_key_like_no_other_gets_the_list_of_the_known(tmp_path: Path) -> None:
    (problem,) = problems_of_book(tmp_path, "title: x\nrows: {first: {low: 1, high: 2, zzz: 3}}\n")
    assert problem.endswith("unknown key `rows.first.zzz`; known keys: high, low")


def test_a_value_that_may_be_of_two_kinds_is_complained_about_once(tmp_path: Path) -> None:
    assert problems_of_book(tmp_path, "title: x\npages: 7\n") == [
        "book.yaml:2: `pages` must be a valid list or a valid dictionary or instance of Pair (it is 7)"
    ]


def test_inside_a_value_of_two_kinds_the_slip_is_named_with_its_line(tmp_path: Path) -> None:
    found = problems_of_book(tmp_path, "title: x\npages:\n  low: 1\n  hihg: 2\n")
    assert found == [
        "book.yaml:2: `pages.high` is missing",
        "book.yaml:4: unknown key `pages.hihg` (did you mean `high`?)",
    ]


def test_a_number_where_a_text_belongs_says_that_it_needs_quotes(tmp_path: Path) -> None:
    (problem,) = problems_of_book(tmp_path, "title: 1984\n")
    assert "needs quotes" in problem


def test_a_long_value_is_not_repeated_in_full(tmp_path: Path) -> None:
    (problem,) = problems_of_book(tmp_path, f"title: x\nrows: {{first: {{low: {'y' * 5000}, high: 2}}}}\n")
    assert len(problem) < 300


@pytest.mark.parametrize("text", ["", "# only a comment\n", "- a\n- b\n", "just words\n"])
def test_a_file_without_a_mapping_says_what_it_should_hold(tmp_path: Path, text: str) -> None:
    (problem,) = problems_of_book(tmp_path, text)
    assert "must be a mapping with the fields of Book" in problem


def test_nearest_finds_nothing_where_nothing_is_near() -> None:
    assert nearest("zzzz", ["alpha", "beta"]) == ""
    assert nearest("", []) == ""
