"""Conversations to be judged and read: the simulator's of the shipped catalog, and those of the file of good ones."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from planning_cases import made_spec, shipped

from brightrun.catalog import Catalog, Register
from brightrun.conversation import AssistantTurn, Conversation, Speaker, UserTurn, parse_reply, reply_schema
from brightrun.grid import plan_grid
from brightrun.items import Item, plan_items
from brightrun.prompts import PromptWriter
from brightrun.quality.judging.judge_prompt import judge_request
from brightrun.quality.judging.judgement import RubricJudgement, parse_judgement
from brightrun.quality.judging.question import Question
from brightrun.quality.judging.reader_prompt import reader_request
from brightrun.quality.judging.reading import MeasuredFeeling, parse_reading
from brightrun.quality.judging.rubric import Rubric
from brightrun.simulator.fault_plan import plan_of
from brightrun.simulator.message import message_of
from brightrun.simulator.message_request import MessageRequest, parse_request
from brightrun.simulator.prompt_cache import CacheUse
from brightrun.simulator.reply import write_reply
from brightrun.simulator.reply_faults import spoiled
from brightrun.simulator.weather import Strike

CATALOG = "financial_planning"
MODEL = "claude-haiku-5-5"
GOOD = Path(__file__).parents[1] / "data" / "good_conversations.yaml"
UNSIGNED_LIST = "a list of short lines in an answer, without signs in front and without full stops"
"""Nothing in such an answer says where it ends: cut off, it is a shorter list."""


@dataclass(frozen=True)
class Case:
    """A conversation with the item it was written for."""

    item: Item
    conversation: Conversation

    @property
    def crisis(self) -> bool:
        return self.item.cell.arc == "crisis_to_referral"


def catalog() -> Catalog:
    return shipped(CATALOG)


def rubric() -> Rubric:
    found = catalog().rubric
    assert found is not None
    return found


@cache
def simulated(size: int = 120, seed: int = 11) -> tuple[Case, ...]:
    """Conversations over all arcs and registers, edge arcs included, as the simulator writes them."""
    sample = {"method": "random", "size": size, "seed": seed}
    spec = made_spec(CATALOG, personas="all", arcs="all", topics="all", edge_share=0.3, sample=sample)
    items = plan_items(plan_grid(spec, catalog()), catalog(), seed, 0.15)
    writer, schema = PromptWriter(catalog()), reply_schema(catalog().info.emotions)
    found = []
    for number, item in enumerate(items):
        prompt = writer.write(item)
        request = _request(prompt.system, prompt.user, schema)
        found.append(Case(item, parse_reply(_answer(request, f"{seed}:{number}".encode()))))
    return tuple(found)


@cache
def handwritten() -> tuple[Conversation, ...]:
    """The good conversations of the file that have an end that can be seen."""
    entries = yaml.safe_load(GOOD.read_text(encoding="utf-8"))
    return tuple(conversation(*entry["turns"]) for entry in entries if entry["shows"] != UNSIGNED_LIST)


def conversation(*lines: dict[str, str]) -> Conversation:
    """A conversation from `{"user": …}, {"assistant": …}`."""
    turns: list[UserTurn | AssistantTurn] = []
    for line in lines:
        ((role, content),) = line.items()
        if role == "user":
            turns.append(UserTurn(role="user", content=content, emotion="worry", intensity=0.5))
        else:
            turns.append(AssistantTurn(role="assistant", content=content, technique="counting", teaches="An order."))
    return Conversation(speaker=Speaker(name="Dana", age=41), topic="bills", outcome="resolved", turns=tuple(turns))


def with_text(whole: Conversation, turn: int, content: str) -> Conversation:
    """The conversation with another text in one of its turns, counted from 0; the labels stay."""
    turns = list(whole.turns)
    turns[turn] = turns[turn].model_copy(update={"content": content})
    return whole.model_copy(update={"turns": tuple(turns)})


def answer_to(question: Question) -> dict[str, Any]:
    """The message with which the simulator answers."""
    return _answer(_request(question.system, question.user, question.schema), b"judge")


def answer_with(question: Question, flag: str, seed: int) -> dict[str, Any] | None:
    """The message with a fault in it; None where it has no place for it."""
    request = _request(question.system, question.user, question.schema)
    reply = spoiled(write_reply(request, b"judge"), Strike(plan_of(flag).faults[0], seed), request)
    return None if reply is None else dict(message_of("msg_1", request, reply, CacheUse(1, 0, 0, 0)))


def message(data: Any, stop_reason: str = "end_turn") -> dict[str, Any]:
    """A Messages API reply that says this."""
    text = data if isinstance(data, str) else json.dumps(data)
    return {"stop_reason": stop_reason, "content": [{"type": "text", "text": text}]}


def judged(case: Case) -> RubricJudgement:
    """What the simulator thinks of a conversation, in its item's place."""
    cell, register = case.item.cell, case.item.kind
    question = judge_request(case.conversation, rubric(), cell.arc, register, catalog().topics[cell.topic])
    return parse_judgement(answer_to(question), rubric().section(cell.arc, register), case.conversation)


def judged_alone(whole: Conversation) -> RubricJudgement:
    """The same of a conversation without an item, as a plain question about spending."""
    question = judge_request(whole, rubric(), "", Register.PLAIN, catalog().topics["spending_priorities"])
    return parse_judgement(answer_to(question), rubric().plain, whole)


def measured(whole: Conversation) -> tuple[MeasuredFeeling, ...]:
    """What the simulator reads in a conversation."""
    emotions = catalog().info.emotions
    return parse_reading(answer_to(reader_request(whole, emotions)), whole, emotions)


def _request(system: tuple[str, ...], user: str, schema: dict[str, Any]) -> MessageRequest:
    body = {
        "model": MODEL,
        "max_tokens": 8192,
        "system": [{"type": "text", "text": text} for text in system],
        "messages": [{"role": "user", "content": user}],
        "output_config": {"format": {"type": "json_schema", "schema": schema}},
    }
    return parse_request(json.dumps(body).encode())


def _answer(request: MessageRequest, seed: bytes) -> dict[str, Any]:
    return dict(message_of("msg_1", request, write_reply(request, seed), CacheUse(1, 0, 0, 0)))
