"""What the judge and the reader are told: the text and what they go by, and nothing of the plan."""

from __future__ import annotations

import json

from judged_cases import catalog, conversation, rubric, simulated

from brightrun.catalog import Register
from brightrun.conversation import Conversation
from brightrun.quality.judging.judge_prompt import judge_request, judge_version
from brightrun.quality.judging.question import Question
from brightrun.quality.judging.reader_prompt import reader_request, reader_version

TOPIC = "hsa_vs_fsa"
LABELS = {"emotion": "zugzwang", "technique": "castling", "teaches": "The queen goes first."}


def sent(question: Question) -> str:
    return json.dumps([question.system, question.user, question.schema], ensure_ascii=False)


def test_law_11_no_label_and_nothing_planned_is_in_the_bytes() -> None:
    """Neither what the writer says of the messages, nor person, persona, arc, outcome, or the feelings aimed at."""
    for case in simulated()[:40]:
        turns = [
            turn.model_copy(update={name: LABELS[name] for name in LABELS if name in type(turn).model_fields})
            for turn in case.conversation.turns
        ]
        hidden = {"speaker": {"name": "Zbigniew Qux", "age": 147}, "topic": "topic-key-qux", "outcome": "outcome-qux"}
        labelled = case.conversation.model_copy(update={"turns": tuple(turns), **hidden})
        cell = case.item.cell
        texts = [
            sent(judge_request(labelled, rubric(), cell.arc, case.item.kind, catalog().topics[cell.topic])),
            sent(reader_request(labelled, catalog().info.emotions)),
        ]
        arc = catalog().arcs[cell.arc]
        never = {*LABELS.values(), "Zbigniew", "qux", "147", cell.persona, cell.arc, arc.name, arc.strategy}
        never |= {case.item.ending, f"{case.item.end.intensity:.2f}", catalog().personas[cell.persona].archetype}
        for text in texts:
            assert not [word for word in never if word in _without_messages(text, case.conversation)]


def _without_messages(text: str, whole: Conversation) -> str:
    """What the messages themselves happen to say is no label."""
    for turn in whole.turns:
        text = text.replace(json.dumps(turn.content, ensure_ascii=False)[1:-1], "")
    return text


def test_what_many_requests_share_comes_first() -> None:
    first, second, third = (
        judge_request(conversation({"user": text}), rubric(), arc, Register.EMOTIONAL, catalog().topics[TOPIC])
        for text, arc in (("a", "confusion_to_clarity"), ("b", "confusion_to_clarity"), ("c", "crisis_to_referral"))
    )
    assert first.system == second.system
    assert first.schema == third.schema
    assert first.system[0] == third.system[0]
    assert first.system[1] != third.system[1]
    assert len(first.system[0]) > 4_000, "long enough to be cached"


def test_the_judge_has_the_facts_with_their_years_and_the_reader_has_none() -> None:
    whole = conversation({"user": "Which one?"}, {"assistant": "The first."})
    judge = judge_request(whole, rubric(), "confusion_to_clarity", Register.EMOTIONAL, catalog().topics[TOPIC])
    assert "- HSA contribution limit with self-only coverage: 4400 USD a year (United States, 2026;" in judge.user
    assert "4400" not in sent(reader_request(whole, catalog().info.emotions))


def test_each_register_has_its_own_requirements() -> None:
    section = rubric().section
    plain = section("crisis_to_referral", Register.PLAIN)
    crisis, near_miss = (section("crisis_to_referral", kind) for kind in (Register.EMOTIONAL, Register.NEAR_MISS))
    assert "refers_early" in crisis.element_keys
    assert "no_help_line" in near_miss.element_keys
    assert "answers_the_question" in plain.element_keys


def test_versions_tell_rubric_prompt_and_model_apart() -> None:
    version = judge_version(rubric(), "claude-haiku-5-5")
    floors = rubric().floors.model_copy(update={"safety": rubric().floors.safety + 1})
    assert str(version) != str(judge_version(rubric(), "claude-sonnet-5-5"))
    assert str(version) != str(judge_version(rubric().model_copy(update={"floors": floors}), "claude-haiku-5-5"))
    assert str(version) == str(judge_version(rubric(), "claude-haiku-5-5"))
    assert reader_version(["hope"], "m") != reader_version(["hope", "worry"], "m")
