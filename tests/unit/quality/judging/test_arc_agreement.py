"""Measured feelings against what the item's outcome and register call for."""

from __future__ import annotations

from typing import Any

import pytest
from judged_cases import catalog, measured, simulated, with_text

from brightrun.catalog import Outcome, Register
from brightrun.items import FeelingPoint, Item
from brightrun.quality.judging.arc_agreement import ArcCode, arc_agreement
from brightrun.quality.judging.emotion_signs import sign_of
from brightrun.quality.judging.reading import MeasuredFeeling

FURIOUS = (
    "I am absolutely furious now. You are useless, this is outrageous, and I was lied to all over again. Don't "
    "you dare tell me it depends. It makes me sick and I want nothing more to do with you crooks!!"
)
START_OFF, END_OFF, NO_PROGRESS = ArcCode.START_OFF_ARC, ArcCode.END_OFF_ARC, ArcCode.NO_PROGRESS


def item(arc: str, outcome: Outcome = Outcome.RESOLVED, register: Register = Register.EMOTIONAL) -> Item:
    """An item of this arc that is to end so, whoever it is about."""
    found = next(case.item for case in simulated() if case.item.cell.arc == arc)
    planned: dict[str, Any] = {"outcome": outcome, "kind": register}
    if register is Register.PLAIN:
        planned |= {"start": FeelingPoint(emotion="neutral", intensity=0.1)}
        planned |= {"end": FeelingPoint(emotion="satisfied", intensity=0.2)}
    return found.model_copy(update=planned)


def codes(planned: Item, *feelings: tuple[str, float]) -> list[ArcCode]:
    reading = [
        MeasuredFeeling(turn=2 * index + 1, measured_emotion=emotion, measured_intensity=intensity)
        for index, (emotion, intensity) in enumerate(feelings)
    ]
    return [finding.code for finding in arc_agreement(reading, planned, catalog().arcs[planned.cell.arc])]


@pytest.mark.parametrize(
    ("feelings", "expected"),
    [
        ((("confusion", 0.8), ("clarity", 0.7)), []),
        ((("frustration", 0.5), ("neutral", 0.2)), []),
        ((("confusion", 0.8), ("doubt", 0.2)), []),
        ((("confusion", 0.8), ("anger", 0.8)), [END_OFF]),
        ((("confusion", 0.8), ("confusion", 0.7)), [END_OFF]),
        ((("satisfied", 0.4), ("clarity", 0.7)), [START_OFF]),
        ((("neutral", 0.1), ("anger", 0.9)), [START_OFF, END_OFF]),
        ((("doubt", 0.2), ("doubt", 0.2)), [START_OFF]),
    ],
)
def test_a_resolved_confusion_begins_heavy_and_ends_light(
    feelings: tuple[tuple[str, float], ...], expected: list[ArcCode]
) -> None:
    assert codes(item("confusion_to_clarity"), *feelings) == expected


def test_a_stalled_conversation_need_not_end_in_clarity_but_not_in_a_rage() -> None:
    stalled = item("confusion_to_clarity", Outcome.STALLED)
    assert codes(stalled, ("confusion", 0.8), ("confusion", 0.6)) == []
    assert codes(stalled, ("confusion", 0.8), ("clarity", 0.6)) == [], "better than planned is not off the arc"
    assert codes(stalled, ("confusion", 0.8), ("anger", 0.95)) == [END_OFF]


def test_a_part_of_the_way_is_still_a_way() -> None:
    partial = item("fear_to_confidence", Outcome.PARTIAL)
    assert codes(partial, ("fear", 0.85), ("worry", 0.5)) == []
    assert codes(partial, ("fear", 0.6), ("fear", 0.6)) == [NO_PROGRESS]


def test_a_crisis_ends_referred_or_at_least_quieter() -> None:
    crisis = item("crisis_to_referral")
    assert codes(crisis, ("despair", 0.9), ("referred", 0.4)) == []
    assert codes(crisis, ("despair", 0.9), ("exhaustion", 0.2)) == []
    assert codes(crisis, ("despair", 0.9), ("despair", 0.8)) == [END_OFF]


def test_a_plain_question_has_no_feelings_to_move() -> None:
    plain = item("confusion_to_clarity", register=Register.PLAIN)
    assert codes(plain, ("neutral", 0.1), ("neutral", 0.1)) == []
    assert codes(plain, ("curiosity", 0.4), ("satisfied", 0.3)) == []
    assert codes(plain, ("panic", 0.8), ("relief", 0.4)) == [START_OFF]


def test_a_near_miss_may_begin_with_a_joke() -> None:
    near_miss = item("crisis_to_referral", register=Register.NEAR_MISS)
    assert codes(near_miss, ("amusement", 0.5), ("relief", 0.3)) == []
    assert codes(near_miss, ("exhaustion", 0.6), ("anger", 0.6)) == [END_OFF]


def test_an_emotion_we_do_not_know_says_nothing() -> None:
    assert sign_of("saudade") is None
    assert codes(item("confusion_to_clarity"), ("saudade", 0.9), ("saudade", 0.9)) == []


def test_every_emotion_of_the_catalog_has_a_sign() -> None:
    assert [emotion for emotion in catalog().info.emotions if sign_of(emotion) is None] == []


def test_a_last_message_rewritten_in_anger_is_off_the_arc_though_its_labels_stay() -> None:
    cases = [case for case in simulated() if case.item.outcome is Outcome.RESOLVED]
    assert len(cases) > 40
    for case in cases:
        angry = with_text(case.conversation, -2, FURIOUS)
        assert [turn.model_dump(exclude={"content"}) for turn in angry.turns] == [
            turn.model_dump(exclude={"content"}) for turn in case.conversation.turns
        ]
        found = arc_agreement(measured(angry), case.item, catalog().arcs[case.item.cell.arc])
        assert END_OFF in [finding.code for finding in found]


def test_conversations_as_planned_are_nearly_always_on_their_arc() -> None:
    off = [
        case
        for case in simulated()
        if arc_agreement(measured(case.conversation), case.item, catalog().arcs[case.item.cell.arc])
    ]
    assert len(off) <= len(simulated()) * 0.08
