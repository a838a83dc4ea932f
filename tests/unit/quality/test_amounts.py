"""Amounts as people write them, and the calculations that are made of them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brightrun.quality.amounts import AmountKind, amounts_in, counts_in
from brightrun.quality.arithmetic import miscalculations
from brightrun.quality.derivation import Derivation

MONEY, PERCENT, COUNT = AmountKind.MONEY, AmountKind.PERCENT, AmountKind.COUNT


@pytest.mark.parametrize(
    "text, value, kind",
    [
        ("$1,240.50", "1240.50", MONEY),
        ("$1.2k", "1200", MONEY),
        ("95k", "95000", MONEY),
        ("$1.5 million", "1500000", MONEY),
        ("1.5 million", "1500000", MONEY),
        ("$.50", "0.50", MONEY),
        ("300 dollars", "300", MONEY),
        ("twelve hundred dollars", "1200", MONEY),
        ("forty-five thousand dollars", "45000", MONEY),
        ("half a million dollars", "500000", MONEY),
        ("6%", "6", PERCENT),
        ("7.25 percent", "7.25", PERCENT),
        ("two percent", "2", PERCENT),
        ("Two Hundred dollars", "200", MONEY),
        ("1100", "1100", COUNT),
    ],
)
def test_an_amount_is_read_as_it_is_written(text: str, value: str, kind: AmountKind) -> None:
    for sentence in (text, f"It is {text}, I think.", f"({text})"):
        (amount,) = amounts_in(sentence)
        assert (amount.value, amount.kind) == (Decimal(value), kind)


@pytest.mark.parametrize("text", ["401(k)", "529b", "2026-10-01", "5:10", "1099-C", "W-2", "a person", "10/31", "59½"])
def test_forms_dates_and_times_are_no_amounts(text: str) -> None:
    assert list(amounts_in(text)) == []


def test_counts_in_words_are_found_without_their_place() -> None:
    assert counts_in("Nine weeks, or twenty-five if you count the two in May") == {9, 20, 5, 2}


@pytest.mark.parametrize(
    "text",
    [
        "$400 x 12 = $4,800",
        "$400 × 12 is $4,800",
        "12 times $400 comes to $4,800",
        "10% of $50,000 is $5,000",
        "4.5 percent of your $310,000 is about $14,000",
        "$500 a month for 10 years is $60,000",
        "$75 a week for a year is $3,900",
        "$500 a month is $6,000 a year",
        "$1,240 + $310 + $90 = $1,640",
        "$4,000 - $1,550 leaves $2,450",
        "$9,600 divided by 12 is $800",
        "$9,600 / 24 = $400",
        "half of $900 is $450",
        "a third of $1,000 is about $333",
        "$6,000 over 12 months is $500 a month",
    ],
)
def test_what_comes_out_is_no_finding_and_what_does_not_is_one(text: str) -> None:
    assert list(miscalculations(text)) == []
    digits = text.rsplit("$", 1)
    wrong = f"{digits[0]}$9{digits[1]}"
    assert len(list(miscalculations(wrong))) == 1, wrong


@pytest.mark.parametrize(
    "text",
    [
        "$500 a month for 10 years at 7% is about $86,000",
        "$500 a month invested for 10 years is $86,000",
        "between $4,000 - $5,000 is what they ask",
        "the 10% of $50,000 is not the point, $200 is",
        "5 x 7 is the size of the form",
        "call between 9 - 5, 7 days a week",
        "$2,000 a month is more than $500 a week",
    ],
)
def test_what_is_no_calculation_is_left_alone(text: str) -> None:
    assert list(miscalculations(text)) == []


@given(a=st.integers(1, 99_999), b=st.integers(2, 60), off=st.integers(3, 60))
def test_products_are_done_again(a: int, b: int, off: int) -> None:
    product = a * b
    assert list(miscalculations(f"${a:,} x {b} = ${product:,}.")) == []
    wrong = product + max(off, product * off // 100)
    (found,) = miscalculations(f"${a:,} x {b} = ${wrong:,}.")
    assert found.expected == product


@pytest.mark.parametrize(
    "given_text, stated, follows",
    [
        ("rent 1100, gas 60", "$1,160", True),
        ("$1,240 and $310, pay is $2,000", "$450", True),
        ("abt 900 in nine weeks", "$100", True),
        ("9,600 at 24%", "$2,304", True),
        ("9,600 at 24%", "about $190 a", True),
        ("$400 a month for 5 years", "$24,000", True),
        ("$200 a month at 6% for 30 years", "about $190,000", True),
        ("it went from 5.75% to 7.1%", "1.35%", True),
        ("12,000 of 48,000", "25%", True),
        ("rent 1100, gas 60", "$2,975", False),
        ("9,600 at 24%", "21.4%", False),
        ("nothing yet", "$300", False),
    ],
)
def test_an_amount_follows_from_what_was_given(given_text: str, stated: str, follows: bool) -> None:
    derivation = Derivation()
    derivation.add(amounts_in(given_text))
    derivation.add_counts(counts_in(given_text))
    amount = next(amounts_in(stated))
    assert derivation.explains(amount) is follows
