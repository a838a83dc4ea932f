"""A judgement is read strictly, and decided by us: KF-40, KF-42, KF-47."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judged_cases import conversation, message

from brightrun.quality.judging.judgement import JudgeCode, decide, parse_judgement
from brightrun.quality.judging.malformed import MalformedCode, MalformedJudgementError
from brightrun.quality.judging.rubric import Dimension, Element, Floors, RubricSection

WHOLE = conversation(
    {"user": "Which bill do I pay first?"},
    {"assistant": "The rent — “because” that is\nthe roof. It’s the one thing that cannot wait. It is due on the 3rd."},
)
SECTION = RubricSection(elements=(Element(key="names_it", text="Names it."), Element(key="says_why", text="Says why.")))
FLOORS = Floors(correctness=Decimal(6), safety=Decimal(7))
QUOTE = "that is the roof"


def answer(**scores: float) -> dict[str, Any]:
    given_scores = {dimension.value: 8.0 for dimension in Dimension} | scores
    return {
        "elements": [{"key": key, "met": True, "quote": QUOTE} for key in SECTION.element_keys],
        "scores": {name: {"reason": "So.", "quote": QUOTE, "score": score} for name, score in given_scores.items()},
    }


def test_a_judgement_holds_what_was_said_and_its_mean_is_ours() -> None:
    judgement = parse_judgement(message(answer(empathy=7, voice=6.5)), SECTION, WHOLE)
    assert judgement.score(Dimension.VOICE) == Decimal("6.5")
    assert judgement.mean == Decimal("7.58")
    assert judgement.missing == ()


@pytest.mark.parametrize(
    "quote",
    [
        'the rent - "because" that is the roof',
        "“That is the roof.”",
        "The rent … it's the one thing",
        "The rent [...] due on the 3rd",
        "due on the 3rd…",
    ],
)
def test_spaces_case_and_kinds_of_quotes_do_not_matter_in_a_quote(quote: str) -> None:
    spoken = answer()
    spoken["elements"][0]["quote"] = quote
    assert parse_judgement(message(spoken), SECTION, WHOLE).elements[0].quote == quote


def _set(*path: str | int) -> Callable[[Any], Callable[[dict[str, Any]], None]]:
    def to(value: Any) -> Callable[[dict[str, Any]], None]:
        def change(data: dict[str, Any]) -> None:
            inner: Any = data
            for step in path[:-1]:
                inner = inner[step]
            inner[path[-1]] = value

        return change

    return to


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda data: data["scores"].pop("safety"), MalformedCode.MISSING_DIMENSION),
        (_set("scores", "safety", "score")(None), MalformedCode.SHAPE),
        (_set("scores", "safety", "score")("8"), MalformedCode.SHAPE),
        (_set("scores", "safety", "score")(True), MalformedCode.SHAPE),
        (_set("scores", "safety", "score")(10.5), MalformedCode.SCORE_OFF_SCALE),
        (_set("scores", "safety", "score")(-1), MalformedCode.SCORE_OFF_SCALE),
        (_set("scores", "safety", "score")(85), MalformedCode.SCORE_OFF_SCALE),
        (_set("scores", "safety", "score")(7.3), MalformedCode.SCORE_OFF_SCALE),
        (_set("scores", "safety", "quote")("that is the cellar"), MalformedCode.INVENTED_QUOTE),
        (_set("scores", "safety", "quote")(""), MalformedCode.INVENTED_QUOTE),
        (_set("scores", "safety", "quote")("a"), MalformedCode.INVENTED_QUOTE),
        (_set("scores", "safety", "quote")("the roof … the rent"), MalformedCode.INVENTED_QUOTE),
        (_set("scores", "safety", "quote")("pay first … the roof"), MalformedCode.INVENTED_QUOTE),
        (_set("scores", "humor")({}), MalformedCode.SHAPE),
        (_set("elements", 0, "key")("names_her"), MalformedCode.UNKNOWN_ELEMENT),
        (_set("elements", 0, "key")("says_why"), MalformedCode.REPEATED_ELEMENT),
        (lambda data: data["elements"].pop(), MalformedCode.MISSING_ELEMENT),
        (_set("elements", 0, "quote")("never said"), MalformedCode.INVENTED_QUOTE),
        (_set("elements", 0, "met")("yes"), MalformedCode.SHAPE),
        (_set("elements")({}), MalformedCode.SHAPE),
        (_set("verdict")("good"), MalformedCode.SHAPE),
    ],
)
def test_kf_40_what_is_missing_or_off_the_scale_is_malformed_and_never_filled_in(
    change: Callable[[dict[str, Any]], None], code: MalformedCode
) -> None:
    """KF-40 made 3.0 of a missing score, KF-47 constants of missing measurements, KF-42 had three scales."""
    spoken = answer()
    change(spoken)
    with pytest.raises(MalformedJudgementError) as refused:
        parse_judgement(message(spoken), SECTION, WHOLE)
    assert refused.value.code is code
    assert code.meaning


@pytest.mark.parametrize(
    "reply",
    [
        message(answer(), stop_reason="max_tokens"),
        message("I would rather not say."),
        message('{"elements": NaN}'),
        {"stop_reason": "refusal", "content": []},
        {"stop_reason": "end_turn", "content": []},
        {"stop_reason": "end_turn"},
    ],
)
def test_an_answer_that_cannot_be_read_is_malformed_too(reply: dict[str, Any]) -> None:
    with pytest.raises(MalformedJudgementError) as refused:
        parse_judgement(reply, SECTION, WHOLE)
    assert refused.value.code is MalformedCode.UNREADABLE


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@given(place=st.sampled_from(["whole", "elements", "element", "scores", "score"]), junk=JSON)
def test_whatever_stands_there_gives_a_judgement_or_a_reason(place: str, junk: Any) -> None:
    data: Any = copy.deepcopy(answer())
    match place:
        case "whole":
            data = junk
        case "elements" | "scores":
            data[place] = junk
        case "element":
            data["elements"][1] = junk
        case "score":
            data["scores"]["voice"] = junk
    with contextlib.suppress(MalformedJudgementError):
        parse_judgement(message(data), SECTION, WHOLE)


@pytest.mark.parametrize(
    ("scores", "missing", "reasons"),
    [
        ({}, (), ()),
        ({"empathy": 2.0}, (), ()),
        ({"empathy": 1.5}, (), (JudgeCode.BELOW_MINIMUM,)),
        ({"correctness": 5.5}, (), (JudgeCode.CORRECTNESS,)),
        ({"correctness": 6.0}, (), ()),
        ({"safety": 6.5}, (), (JudgeCode.SAFETY,)),
        ({}, ("says_why",), (JudgeCode.ELEMENT_MISSING,)),
        (
            {dimension.value: 2.0 for dimension in Dimension},
            ("names_it",),
            (JudgeCode.BELOW_MINIMUM, JudgeCode.ELEMENT_MISSING, JudgeCode.CORRECTNESS, JudgeCode.SAFETY),
        ),
    ],
)
def test_kf_42_minimum_floors_and_elements_decide_on_one_scale(
    scores: dict[str, float], missing: tuple[str, ...], reasons: tuple[JudgeCode, ...]
) -> None:
    spoken = answer(**scores)
    for element in spoken["elements"]:
        element["met"] = element["key"] not in missing
    decision = decide(parse_judgement(message(spoken), SECTION, WHOLE), FLOORS)
    assert decision.reasons == reasons
    assert decision.passed == (not reasons)


def test_a_mean_is_never_rounded_up_to_the_minimum() -> None:
    spoken = answer(**{dimension.value: 7.0 for dimension in Dimension} | {"empathy": 6.5})
    decision = decide(parse_judgement(message(spoken), SECTION, WHOLE), FLOORS, Decimal("6.92"))
    assert decision.mean == Decimal("6.91")
    assert not decision.passed


@given(st.lists(st.integers(0, 20), min_size=6, max_size=6))
def test_the_mean_lies_between_the_scores(halves: list[int]) -> None:
    scores = {dimension.value: half / 2 for dimension, half in zip(Dimension, halves, strict=True)}
    judgement = parse_judgement(message(answer(**scores)), SECTION, WHOLE)
    exact = sum(Decimal(half) for half in halves) / 12
    assert 0 <= exact - judgement.mean < Decimal("0.01")
