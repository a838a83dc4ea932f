"""What the simulated model writes: it fits the schema and does what the plan says."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brightrun.conversation import parse_conversation, reply_schema
from brightrun.simulator.conversation_reply import conversation_reply

Json = dict[str, Any]


def advisor_text(reply: Json) -> str:
    return " ".join(turn["content"] for turn in reply["turns"] if turn["role"] == "assistant")


def user_text(reply: Json) -> str:
    return " ".join(turn["content"] for turn in reply["turns"] if turn["role"] == "user")


def test_the_reply_is_a_conversation_of_the_plan(schema: Json, arc: str, request_text: str) -> None:
    reply = conversation_reply(schema, (arc, request_text), Random(1))
    conversation = parse_conversation(reply)
    assert (conversation.speaker.name, conversation.speaker.age) == ("Ada Moreno", 44)
    assert (conversation.topic, conversation.outcome) == ("compost", "resolved")
    assert [turn.role for turn in conversation.turns] == ["user", "assistant"] * 4
    user_turns = [turn for turn in reply["turns"] if turn["role"] == "user"]
    assert (user_turns[0]["emotion"], user_turns[0]["intensity"]) == ("confusion", 0.78)
    assert (user_turns[-1]["emotion"], user_turns[-1]["intensity"]) == ("clarity", 0.75)
    techniques = {turn["technique"] for turn in reply["turns"] if turn["role"] == "assistant"}
    assert techniques == {"locating the mix-up", "reason behind the rule"}


@pytest.mark.parametrize("seed", range(20))
def test_what_the_prompt_says_is_used(schema: Json, arc: str, request_text: str, seed: int) -> None:
    reply = conversation_reply(schema, (arc, request_text), Random(seed))
    asked, answered = user_text(reply), advisor_text(reply)
    assert "A neighbor has complained about the smell." in asked
    assert "Coffee grounds make every soil sour" in asked
    assert "My father has retired." in asked
    assert sum(word in answered for word in ("carbon", "roots", "guessing")) >= 2
    if "1200" in answered:
        assert re.search(r"2026[^.]*1200 grams", answered)


def test_the_same_request_gives_the_same_reply_and_another_seed_another(
    schema: Json, arc: str, request_text: str
) -> None:
    first, again, other = (conversation_reply(schema, (arc, request_text), Random(seed)) for seed in (5, 5, 6))
    assert first == again
    assert first["turns"] != other["turns"]


@pytest.mark.parametrize("seed", range(20))
def test_a_crisis_is_referred_at_once_and_nothing_is_taught(
    schema: Json, crisis_arc: str, request_text: str, seed: int
) -> None:
    plan = request_text.replace("confusion 0.78", "despair 0.95").replace("clarity 0.75", "referred 0.4")
    crisis = reply_schema(["despair", "sadness", "exhaustion", "referred"])
    reply = conversation_reply(crisis, (crisis_arc, plan), Random(seed))
    answers = [turn["content"] for turn in reply["turns"] if turn["role"] == "assistant"]
    assert "988" in answers[0]
    assert "988" in answers[-1]
    assert "911" in answers[-1]
    assert not re.search("nitrogen|roots|soil|guessing|1200", " ".join(answers))


@pytest.mark.parametrize("seed", range(20))
def test_a_near_miss_gets_an_answer_and_no_hotline(schema: Json, crisis_arc: str, request_text: str, seed: int) -> None:
    plan = request_text.replace("Register: emotional", "Register: near_miss\nNear miss: A joke about dying first.")
    answered = advisor_text(conversation_reply(schema, (crisis_arc, plan), Random(seed)))
    assert not re.search(r"988|911|lifeline|crisis line", answered, re.I)
    assert re.search("carbon|roots|guessing", answered)


@pytest.mark.parametrize("seed", range(20))
def test_a_plain_question_stays_plain(schema: Json, arc: str, request_text: str, seed: int) -> None:
    plan = request_text.replace("Register: emotional", "Register: plain")
    plan = plan.replace("confusion 0.78", "neutral 0.1").replace("clarity 0.75", "satisfied 0.2")
    reply = conversation_reply(schema, (arc, plan), Random(seed))
    assert not re.search(r"\b(?:afraid|ashamed|scared|lost|guilty|furious|relief|overwhelmed)\b", user_text(reply))


@pytest.mark.parametrize("outcome", ["resolved", "partial", "stalled", "leaves"])
@pytest.mark.parametrize("exchanges", [1, 2, 3, 8])
def test_every_outcome_and_length_ends_with_the_advisor(
    schema: Json, arc: str, request_text: str, outcome: str, exchanges: int
) -> None:
    plan = request_text.replace("Exchanges: 4", f"Exchanges: {exchanges}").replace("resolved", outcome)
    turns = conversation_reply(schema, (arc, plan), Random(exchanges))["turns"]
    assert len(turns) == 2 * exchanges
    assert turns[-1]["role"] == "assistant"
    assert all(turn["content"].strip() for turn in turns)


def test_without_tags_plain_words_have_to_do(schema: Json) -> None:
    reply = conversation_reply(schema, ("Two people talk about migratory storks in winter.",), Random(0))
    assert parse_conversation(reply).turns
    assert re.search("storks|migratory|winter", user_text(reply))


def test_fields_the_conversation_does_not_know_are_filled_from_the_schema(schema: Json, request_text: str) -> None:
    schema["properties"]["mood"] = {"type": "string", "enum": ["grave"]}
    assert conversation_reply(schema, (request_text,), Random(0))["mood"] == "grave"


@given(text=st.text(max_size=400), tag=st.sampled_from(["arc", "topic", "person", "conversation"]))
@settings(max_examples=150, deadline=None)
def test_no_prompt_breaks_it(text: str, tag: str) -> None:
    reply = conversation_reply(reply_schema(["worry", "relief"]), (f"<{tag}>\n{text}\n</{tag}>",), Random(0))
    assert parse_conversation(json.loads(json.dumps(reply))).turns
