"""Other people's text in sentences of ours."""

from __future__ import annotations

import pytest

from brightrun.simulator.grammar import first_person, listed, lowered, sentence
from brightrun.simulator.prompt import Fact
from brightrun.simulator.slots import concept_slots, fact_text, with_symbols


@pytest.mark.parametrize(
    "text, expected",
    [
        ("a neighbor  has complained", "A neighbor has complained."),
        ("Is that so?", "Is that so?"),
        ("He said \u201cno.\u201d", 'He said "no."'),
        ("ends oddly,", "Ends oddly."),
        ("", ""),
    ],
)
def test_sentence(text: str, expected: str) -> None:
    assert sentence(text) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("The limit", "the limit"),
        ("Medicare premium", "Medicare premium"),
        ("HSA limit", "HSA limit"),
        ("A, b", "a, b"),
    ],
)
def test_only_what_is_surely_no_name_is_lowered(text: str, expected: str) -> None:
    assert lowered(text) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("their father has retired", "My father has retired."),
        ("they move to another town", "I move to another town."),
        ("they are to have knee surgery", "I am to have knee surgery."),
        ("has just lost a job", "I have just lost a job."),
        ("the partner's hours have been cut", "My partner's hours have been cut."),
        ("a raise has come through", "A raise has come through."),
    ],
)
def test_what_a_plan_says_of_somebody_as_they_would_say_it(text: str, expected: str) -> None:
    assert first_person(text) == expected


def test_lists() -> None:
    assert [listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == ["a", "a and b", "a, b and c"]


def test_amounts() -> None:
    assert with_symbols("gone up by 220 USD a month") == "gone up by $220 a month"
    assert with_symbols("40 EUR a month") == "\u20ac40 a month"
    assert fact_text(Fact("Least time", "21", "days", "2026")) == "least time, 21 days"
    assert fact_text(Fact("Port of SSH", "22", "TCP", "2006")) == "Port of SSH, 22 TCP"
    assert fact_text(Fact("Least fee", "4,400", "USD a year", "2026")) == "least fee, $4,400 a year"


@pytest.mark.parametrize("value", ["3389", "12,500", "0.50", "100.64.0.0/10"])
def test_a_figure_stays_as_the_request_writes_it(value: str) -> None:
    assert fact_text(Fact("Port of Remote Desktop", value, "", "2026")) == f"Port of Remote Desktop, {value}"


def test_verbs_agree_with_the_concept() -> None:
    assert concept_slots("c", "brackets")["is_c"] == "are"
    assert concept_slots("c", "asset allocation")["is_c"] == "is"
    assert concept_slots("c", "pro-rata rule")["c"] == "the pro-rata rule"
