"""The conversations of a real plan differ enough for checks, splits and reports to work on."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, NamedTuple

import pytest

from brightrun.conversation import parse_conversation, reply_schema
from brightrun.planning import make_plan
from brightrun.prompts import PromptWriter
from brightrun.simulator.conversation_reply import conversation_reply

SPEC = Path(__file__).parents[3] / "datasets" / "financial_planning.yaml"
LEAST_CONVERSATIONS = 200
FLAW = re.compile(
    r"[{}\[\]|*#\\]|\n{3}| {2}|\s[,.;?!]|[,.;:]{2}|\.\?|\b(\w+) \1\b|\ban [bcdfgjkl]|\b(?:User|Assistant|Advisor):"
)
HARMLESS = re.compile(r"\b(?:that that|had had)\b")


class Written(NamedTuple):
    topic: str
    crisis: bool
    reply: dict[str, Any]
    grams: frozenset[tuple[str, ...]]

    def texts(self, role: str) -> list[str]:
        return [turn["content"] for turn in self.reply["turns"] if turn["role"] == role]


@pytest.fixture(scope="module")
def conversations() -> list[Written]:
    plan = make_plan(SPEC)
    writer, schema = PromptWriter(plan.catalog), reply_schema(plan.catalog.info.emotions)
    written = []
    for i, item in enumerate(plan.items):
        prompt = writer.write(item)
        reply = conversation_reply(schema, (*prompt.system, prompt.user), Random(f"{i}"))
        words = re.findall(r"[a-z0-9']+", " ".join(t["content"] for t in reply["turns"][1::2]).lower())
        grams = frozenset(zip(*(words[k:] for k in range(5)), strict=False))
        crisis = item.end.emotion == "referred" or "crisis" in item.cell.arc
        written.append(Written(item.cell.topic, crisis, reply, grams))
    assert len(written) >= LEAST_CONVERSATIONS
    return written


def test_all_of_them_are_conversations(conversations: list[Written]) -> None:
    for written in conversations:
        assert parse_conversation(json.loads(json.dumps(written.reply))).turns


def test_first_messages_begin_differently(conversations: list[Written]) -> None:
    begun = Counter(" ".join(w.texts("user")[0].lower().split()[:5]) for w in conversations)
    assert begun.most_common(1)[0][1] <= max(2, 0.02 * len(conversations))
    assert sum(n for n in begun.values() if n > 1) <= 0.05 * len(conversations)


def test_what_is_answered_differs(conversations: list[Written]) -> None:
    other_topic, same_topic = [], []
    for i, one in enumerate(conversations):
        for two in conversations[:i]:
            similarity = len(one.grams & two.grams) / len(one.grams | two.grams)
            (same_topic if one.topic == two.topic else other_topic).append(similarity)
    assert max(other_topic) < 0.3
    assert median(other_topic) < 0.05
    assert max(same_topic) < 0.5


def test_lengths_are_those_of_people(conversations: list[Written]) -> None:
    ordinary = [w for w in conversations if not w.crisis]
    asked = sorted(len(text.split()) for w in ordinary for text in w.texts("user"))
    answered = sorted(len(text.split()) for w in ordinary for text in w.texts("assistant"))
    assert 20 <= asked[len(asked) // 4] <= asked[len(asked) * 3 // 4] <= 90
    assert 60 <= median(answered) <= 200
    tokens = [len(json.dumps(w.reply)) / 3.3 for w in ordinary]
    assert sum(700 <= n <= 2_700 for n in tokens) >= 0.9 * len(tokens)


def test_no_text_has_a_visible_flaw(conversations: list[Written]) -> None:
    flawed = [
        text
        for written in conversations
        for turn in written.reply["turns"]
        for text in (turn["content"], turn.get("teaches", ""))
        if FLAW.search(HARMLESS.sub("", text))
    ]
    assert not flawed[:5]
