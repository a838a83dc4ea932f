"""Replies that are wrong: each fault leaves a reply with exactly its flaw, and nothing else disturbed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from brightrun.conversation import Conversation, ReplyError, ReplyProblem, parse_reply
from brightrun.simulator.fault_plan import plan_of
from brightrun.simulator.message import message_of
from brightrun.simulator.message_request import MessageRequest, parse_request
from brightrun.simulator.prompt_cache import CacheUse
from brightrun.simulator.reply import Reply, write_reply
from brightrun.simulator.reply_faults import spoiled
from brightrun.simulator.weather import Strike

SEEDS = range(12)


@pytest.fixture
def asked(schema: dict[str, Any], arc: str, request_text: str) -> MessageRequest:
    return request(arc + request_text, schema)


def request(text: str, schema: dict[str, Any] | None = None, max_tokens: int = 8192) -> MessageRequest:
    body: dict[str, Any] = {"model": "claude-sonnet-5-5", "max_tokens": max_tokens}
    body["messages"] = [{"role": "user", "content": text}]
    if schema is not None:
        body["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
    return parse_request(json.dumps(body).encode())


def with_fault(asked: MessageRequest, flag: str, seed: int = 0) -> Reply:
    reply = spoiled(write_reply(asked, b"seed"), Strike(plan_of(flag).faults[0], seed), asked)
    assert reply is not None
    return reply


def message(asked: MessageRequest, reply: Reply) -> dict[str, Any]:
    return message_of("msg_1", asked, reply, CacheUse(1, 0, 0, 0))


def parsed(asked: MessageRequest, reply: Reply) -> Conversation:
    return parse_reply(message(asked, reply))


@pytest.mark.parametrize(
    ("flag", "problem"),
    [
        ("max_tokens", ReplyProblem.MAX_TOKENS),
        ("refusal", ReplyProblem.REFUSAL),
        ("context_window_exceeded", ReplyProblem.CONTEXT_WINDOW),
        ("unknown_stop_reason", ReplyProblem.UNEXPECTED_STOP),
        ("no_text", ReplyProblem.NO_TEXT),
        ("not_json", ReplyProblem.NOT_JSON),
        ("cut_mid_string", ReplyProblem.NOT_JSON),
        ("schema_mismatch", ReplyProblem.SCHEMA_MISMATCH),
    ],
)
def test_kf_08_a_reply_that_is_no_conversation_fails_for_its_own_reason(
    asked: MessageRequest, flag: str, problem: ReplyProblem
) -> None:
    for seed in SEEDS:
        with pytest.raises(ReplyError) as refused:
            parsed(asked, with_fault(asked, flag, seed))
        assert refused.value.problem is problem


def test_a_refusal_says_its_category(asked: MessageRequest) -> None:
    for flag, category in (("refusal,category=frontier_llm", "frontier_llm"), ("refusal,category=none", None)):
        sent = message(asked, with_fault(asked, flag))
        assert sent["stop_details"] == {"type": "refusal", "category": category, "explanation": None}
        assert sent["content"] == []


def test_a_cut_at_max_tokens_has_used_them_all(asked: MessageRequest) -> None:
    assert with_fault(asked, "max_tokens").output_tokens == asked.max_tokens


def test_thinking_comes_first_and_is_paid_as_output(asked: MessageRequest) -> None:
    whole, thought = write_reply(asked, b"seed"), with_fault(asked, "thinking_first")
    sent = message(asked, thought)
    assert [block["type"] for block in sent["content"]] == ["thinking", "text"]
    assert thought.output_tokens == whole.output_tokens + thought.thinking_tokens > whole.output_tokens
    assert parsed(asked, thought).turns


@pytest.mark.parametrize("role", ["user", "assistant", None])
def test_kf_06_a_turn_ends_at_a_lone_backslash(asked: MessageRequest, role: str | None) -> None:
    flag = "lone_backslash" if role is None else f"lone_backslash,role={role}"
    whole = parsed(asked, write_reply(asked, b"seed")).turns
    struck_roles = set()
    for seed in SEEDS:
        turns = parsed(asked, with_fault(asked, flag, seed)).turns
        changed = [(before, after) for before, after in zip(whole, turns, strict=True) if before != after]
        assert len(changed) == 1
        before, after = changed[0]
        assert after.content.endswith("\\")
        assert before.content.startswith(after.content[:-1])
        struck_roles.add(after.role)
    assert struck_roles == ({role} if role else {"user", "assistant"})


def test_kf_06_a_turn_holds_a_literal_new_line(asked: MessageRequest) -> None:
    whole = parsed(asked, write_reply(asked, b"seed")).turns
    for seed in SEEDS:
        turns = parsed(asked, with_fault(asked, "literal_newline", seed)).turns
        changed = [after.content for before, after in zip(whole, turns, strict=True) if before != after]
        assert len(changed) == 1
        assert r"\n" in changed[0]


def test_kf_04_another_person_speaks_than_was_asked_for(asked: MessageRequest) -> None:
    whole, other = parsed(asked, write_reply(asked, b"seed")), parsed(asked, with_fault(asked, "wrong_persona"))
    assert whole.speaker.name == "Ada Moreno"
    assert other.speaker.name != whole.speaker.name
    assert other.speaker.age != whole.speaker.age
    assert other.turns == whole.turns


def test_another_schema_and_no_schema_are_spoiled_too() -> None:
    schema = {
        "type": "object",
        "properties": {"score": {"type": "integer"}, "why": {"type": "string"}},
        "required": ["score", "why"],
        "additionalProperties": False,
    }
    judged, plain = request("Judge this.", schema), request("Hello")
    assert json.loads(with_fault(judged, "lone_backslash").text or "")["why"].endswith("\\")
    assert len(json.loads(with_fault(judged, "schema_mismatch").text or "")) == 1
    assert (with_fault(plain, "lone_backslash").text or "").endswith("\\")
    assert r"\n" in (with_fault(plain, "literal_newline").text or "")


def test_what_has_no_place_is_not_played() -> None:
    plain = request("Hello")
    tight = request("Hello", max_tokens=write_reply(plain, b"seed").output_tokens)
    for asked, flag in ((plain, "wrong_persona"), (plain, "schema_mismatch"), (tight, "thinking_first")):
        assert spoiled(write_reply(asked, b"seed"), Strike(plan_of(flag).faults[0], 0), asked) is None
