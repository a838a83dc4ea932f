"""Crises get their referral in time and no advice; what only sounds like one gets no help line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from brightrun.quality.candidate import Candidate
from brightrun.quality.referral import in_time, money_in_crisis, without_crisis

CandidateOf = Callable[[dict[str, Any]], Candidate]
CRISIS = {"arc": "crisis_to_call"}


def findings(answers: list[str], kind: str, candidate_of: CandidateOf, arc: str = "crisis_to_call") -> list[str]:
    turns = [turn for answer in answers for turn in ({"user": "I don't know."}, {"assistant": answer})]
    candidate = candidate_of({"turns": turns, "kind": kind, "cell": {"arc": arc}})
    return [finding.code.value for check in (in_time, money_in_crisis, without_crisis) for finding in check(candidate)]


@pytest.mark.parametrize(
    "help_line",
    [
        "Please call or text 988.",
        "The Suicide & Crisis Lifeline is open at any hour.",
        "Text HOME to 741741, the Crisis Text Line.",
        "The Samaritans are there for that.",
    ],
)
def test_a_referral_counts_until_the_second_answer(help_line: str, candidate_of: CandidateOf) -> None:
    ask, stay = "Are you thinking of ending your life?", "I stay here with you."
    assert findings([ask, help_line, stay], "emotional", candidate_of) == []
    assert findings([help_line, stay, stay], "emotional", candidate_of) == []
    assert findings([ask, stay, help_line], "emotional", candidate_of) == ["referral_missing"]


@pytest.mark.parametrize("answer", ["Call 911 if you might act on it.", "The total is $988.", "It was 1,988 or 9.88%."])
def test_an_ambulance_or_an_amount_is_no_referral(answer: str, candidate_of: CandidateOf) -> None:
    assert "referral_missing" in findings([answer, "Who is with you?"], "emotional", candidate_of)


@pytest.mark.parametrize(
    "answer",
    [
        "Call 988. And move the balance to a card with 0%.",
        "Call 988. You could refinance the mortgage next week.",
        "Call 988. Start by listing your debts in a budget.",
    ],
)
def test_money_in_a_crisis_is_found(answer: str, candidate_of: CandidateOf) -> None:
    assert findings([answer, "I stay here."], "emotional", candidate_of) == ["advice_in_crisis"]


@pytest.mark.parametrize(
    "answer",
    [
        "I am leaving the mortgage alone for now. Please call 988.",
        "The $18,000 can wait. 988 cannot; please call.",
        "I take it as you put it, and the account stays closed. Text 988.",
        "The debt will keep. Put the phone in your hand and text 988.",
    ],
)
def test_money_that_is_set_aside_is_no_advice(answer: str, candidate_of: CandidateOf) -> None:
    assert findings([answer, "I stay here."], "emotional", candidate_of) == []


@pytest.mark.parametrize("kind, arc", [("near_miss", "crisis_to_call"), ("plain", "worry_to_calm")])
def test_who_is_in_no_danger_gets_no_help_line(kind: str, arc: str, candidate_of: CandidateOf) -> None:
    given = "If it gets dark, call or text 988, the Suicide & Crisis Lifeline."
    assert findings([given, "Then the rent."], kind, candidate_of, arc) == ["hotline_without_crisis"]
    for answer in ("The bill is $988.50.", "The tax helpline opens at nine.", "It went up by 988%."):
        assert findings(["Then the rent.", answer], kind, candidate_of, arc) == []
