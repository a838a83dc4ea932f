"""Replies: what is sent is what is stored, what arrives is kept, and every way to stop has its reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import adversary as api
import pytest
from adversary import CONVERSATION, Adversary, Behaviour
from small_jobs import JobAtHand
from sqlalchemy import select

from brightrun.claude.pricing import load_prices
from brightrun.store.requests import stored_request
from brightrun.store.tables import conversations

NewJob = Callable[..., JobAtHand]


def test_kf_05_the_stored_prompt_is_the_one_that_was_sent(new_job: NewJob, adversary: Adversary) -> None:
    """KF-05."""
    adversary.then([api.refuse(529)])
    job = new_job(items=3, concurrency=1)
    job.run(adversary.url)
    with job.here.database.reading() as connection:
        stored = [stored_request(connection, call["id"]) for call in job.calls]
    assert len(adversary.received) == len(stored) == 4
    for sent, kept in zip(adversary.received, stored, strict=True):
        assert sent.json == kept
        for part in ("system", "messages", "output_config"):
            assert json.dumps(kept[part], ensure_ascii=False, separators=(",", ":")).encode() in sent.body
        assert len(kept["system"][0]["text"]) > 100
        assert kept["messages"][0]["content"]
        assert "temperature" not in kept


def test_kf_24_a_conversation_has_one_id_and_hangs_on_the_call_that_brought_it(
    new_job: NewJob, adversary: Adversary
) -> None:
    """KF-24."""
    adversary.then([api.reply("not JSON")])
    job = new_job()
    job.run(adversary.url)
    (item,) = job.items
    with job.here.database.reading() as connection:
        (conversation,) = connection.execute(select(conversations)).mappings()
    assert item["conversation_id"] == conversation["id"]
    assert conversation["item_id"] == item["id"]
    assert conversation["generation_id"] == job.calls[1]["id"]
    assert conversation["attempt"] == item["attempt"] == 2


STOPS: list[tuple[str, Behaviour, str, str]] = [
    ("max_tokens", api.reply(stop_reason="max_tokens"), "max_tokens", "cut off"),
    ("refusal", api.reply(stop_reason="refusal", stop_details={"category": "frontier_llm"}), "refusal", "frontier_llm"),
    ("refusal without category", api.reply(stop_reason="refusal"), "refusal", "not given"),
    (
        "context window",
        api.reply(stop_reason="model_context_window_exceeded"),
        "model_context_window_exceeded",
        "context window",
    ),
    ("unknown", api.reply(stop_reason="bored"), "unexpected_stop_reason", "'bored'"),
    ("none", api.reply(stop_reason=None), "unexpected_stop_reason", "None"),
    ("very long", api.reply(stop_reason="x" * 300), "unexpected_stop_reason", "xxx"),
    ("no content", api.reply(content=[]), "no_text", "no text"),
    ("thinking only", api.reply(content=[{"type": "thinking", "thinking": "hm"}]), "no_text", "no text"),
    ("prose", api.reply("I would rather not."), "not_json", "I would rather not."),
    ("cut JSON", api.reply(json.dumps(CONVERSATION)[:-5]), "not_json", "speaker"),
    ("other JSON", api.reply('{"hello": 1}'), "schema_mismatch", "speaker"),
    ("NUL and a lone surrogate", api.reply("\0 \ud800 no JSON"), "not_json", "no JSON"),
    ("wrong type", api.reply(json.dumps({**CONVERSATION, "turns": "none"})), "schema_mismatch", "turns"),
]
"""Name, behaviour, reason code, what the message holds."""


@pytest.mark.parametrize(("behaviour", "code", "text"), [case[1:] for case in STOPS], ids=[case[0] for case in STOPS])
def test_kf_08_kf_10_a_reply_that_is_no_conversation_is_kept_paid_and_named(
    new_job: NewJob, adversary: Adversary, behaviour: Behaviour, code: str, text: str
) -> None:
    """KF-08."""
    adversary.otherwise = behaviour
    job = new_job(attempts_per_item=1)
    job.run(adversary.url)
    (item,) = job.items
    assert (item["state"], item["reason_code"]) == ("failed", code)
    assert text in item["reason_message"]
    (call,) = job.calls
    assert (call["state"], call["message_id"], call["request_id"]) == ("replied", "msg_1", "req_1")
    assert json.loads(call["raw_reply"])["type"] == "message"
    assert call["cost_usd"] == job.job.spent_usd == Decimal("0.007")  # 1000 tokens at 2 and 500 at 10 USD a million
    job.assert_books_balance()


def test_kf_10_a_thinking_block_may_come_first(new_job: NewJob, adversary: Adversary) -> None:
    """KF-10."""
    text = {"type": "text", "text": json.dumps(CONVERSATION)}
    adversary.otherwise = api.reply(content=[{"type": "thinking", "thinking": "{"}, text])
    job = new_job()
    job.run(adversary.url)
    assert job.states == ["generated"]


UNUSABLE: list[dict[str, Any]] = [
    {},
    {"input_tokens": 10},
    {"input_tokens": 10, "output_tokens": None},
    {"input_tokens": -1, "output_tokens": 5},
    {"input_tokens": 10**30, "output_tokens": 5},
    {"input_tokens": "10", "output_tokens": 5},
    {"input_tokens": True, "output_tokens": 5},
]


@pytest.mark.parametrize("usage", UNUSABLE)
def test_a_reply_whose_usage_cannot_be_told_is_kept_at_its_worst_case(
    new_job: NewJob, adversary: Adversary, usage: dict[str, Any]
) -> None:
    adversary.otherwise = api.reply(usage=usage)
    job = new_job()
    job.run(adversary.url)
    (call,) = job.calls
    prices = load_prices()
    assert call["state"] == "replied"
    assert call["cost_usd"] >= prices.worst_case("claude-sonnet-5-5", len(adversary.received[0].body), 8192)
    assert job.states == ["generated"]
    job.assert_books_balance()


@pytest.mark.parametrize("fields", [{"id": {"no": "text"}}, {"id": None}, {"id": "\ud800" * 200}, {"stop_reason": 7}])
def test_law_1_odd_fields_lose_no_reply(new_job: NewJob, adversary: Adversary, fields: dict[str, Any]) -> None:
    adversary.otherwise = api.reply(**fields)
    job = new_job(attempts_per_item=1)
    job.run(adversary.url)
    (call,) = job.calls
    assert call["state"] == "replied"
    assert json.loads(call["raw_reply"]) == json.loads(json.dumps(api.message(**fields)))


def test_kf_13_an_item_whose_prompt_cannot_be_written_fails_alone_and_says_why(
    new_job: NewJob, adversary: Adversary
) -> None:
    """KF-13."""
    job = new_job(items=3)
    with job.runtime(adversary.url) as made:
        topic = made.catalog.topics["grandparent_529"]
        broken = made.catalog.model_copy(update={"topics": {}})
        reports = []
        for shard, catalog in enumerate((broken, made.catalog, made.catalog)):
            made.run.prompts = type(made.run.prompts)(catalog)
            reports.append(made.generate(shard))
    assert topic.key == "grandparent_529"
    assert job.states == ["failed", "generated", "generated"]
    assert job.items[0]["reason_code"] == "not_plannable"
    assert "grandparent_529" in job.items[0]["reason_message"]
    assert [report.failed for report in reports] == [1, 0, 0]
    assert len(adversary.received) == len(job.calls) == 2
