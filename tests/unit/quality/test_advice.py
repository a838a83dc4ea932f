"""What an advisor must not say, and what sounds like it (KF-07)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from brightrun.quality.candidate import Candidate
from brightrun.quality.promises import promises
from brightrun.quality.reproach import judgement
from brightrun.quality.sales import sales

CandidateOf = Callable[[dict[str, Any]], Candidate]

FORBIDDEN = {
    "judges_user": (
        "That was foolish of you.",
        "Honestly, that was a careless decision.",
        "You really should have saved more about ten years sooner.",
        "What were you thinking when you signed that?",
        "How could you let it come to this?",
        "You have nobody but yourself to blame here.",
        "You clearly don't care about your kids' future.",
        "You're being lazy about this.",
    ),
    "product_sale": (
        "Sign up for our newsletter and you'll see.",
        "Join our premium program today.",
        "I sell an annuity that fits you well.",
        "Act now, the price goes up on Friday.",
        "Go with Vanguard and be done.",
        "Robinhood is by far the best.",
    ),
    "promised_return": (
        "I guarantee you will double your money in six years.",
        "You'll double your money by 2032.",
        "The market will certainly recover by next year.",
        "The fund is guaranteed to make 9 percent.",
        "There is no way you can lose with an index fund.",
        "House prices only go up.",
        "It's a risk-free investment, so put it all in.",
        "You'll never run out of money with this plan.",
    ),
}
ALLOWED = (
    "A reckless move would be to sell everything today.",
    "What were you thinking of doing with the bonus?",
    "How could you not worry, with two kids and a mortgage?",
    "How could you be sure? You couldn't, and nobody can.",
    "In the first year you will easily double the emergency fund from $400 to $800.",
    "You'll never run out of questions, and that's fine.",
    "I can promise you that the form will take ten minutes.",
    "A CD with a guaranteed 4% for a year is there for exactly that.",
    "Your salary will certainly grow over thirty years, and so will your needs.",
    "You can sign up here at the office of your county.",
    "Follow the link in the letter, not the one in the e-mail.",
    "Use the code from the back of the card.",
    "It's a limited-time offer by the bank, and that is a reason to wait.",
    "Your 401(k) is at Fidelity, so choose Fidelity's own form.",
    "Open an account at Ally or anywhere else that pays more than zero.",
    "It's your fault only in the sense that you signed it.",
    "You clearly never got the letter.",
    "You obviously don't need me to tell you that.",
    "You brought this on yourself, he said, and he was wrong.",
    "I don't offer a product for that.",
    "My program for tonight is short: one form.",
    "An annuity can guarantee 3 percent, and charges for it.",
    "It is neither stupid nor rare.",
    "It would be foolish to promise you a number.",
    "What was careless was the letter, not you.",
    "You should have received a letter by now about the match.",
    "It was careless of the plan not to tell you.",
    "There's nothing foolish about being careful.",
    "You're being careful, which people sometimes mistake for lazy.",
    "You can't lose what you have already put in, because it is vested.",
    "The rate is guaranteed for 60 days.",
    "Paying the card is a guaranteed 22 percent return.",
    "Treasury bills are about as close to risk-free as anything gets.",
    "Sign up for the plan through your employer's portal before Friday.",
    "Get your free credit report at annualcreditreport.com.",
    "You could compare Vanguard, Fidelity and Schwab; they all have one.",
    "If you move everything to Schwab, the old plan sends a check.",
    "It is not your fault.",
)


def found(answer: str, candidate_of: CandidateOf) -> set[str]:
    candidate = candidate_of({"turns": [{"user": "What would you do?"}, {"assistant": answer}]})
    return {finding.code.value for check in (judgement, sales, promises) for finding in check(candidate)}


@pytest.mark.parametrize("code, answer", [(code, answer) for code, answers in FORBIDDEN.items() for answer in answers])
def test_what_an_advisor_must_not_say_is_found(code: str, answer: str, candidate_of: CandidateOf) -> None:
    assert found(answer, candidate_of) == {code}


@pytest.mark.parametrize("answer", ALLOWED)
def test_what_only_sounds_like_it_is_left_alone(answer: str, candidate_of: CandidateOf) -> None:
    """KF-07: denied, quoted, supposed, said of others, or simply something else."""
    assert found(answer, candidate_of) == set()
