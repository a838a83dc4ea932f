"""Conversations for quality.py: one for each item of a plan, some of them near-copies of others.

They are the simulator's, made as long as those of real models: 850 to 4,100 tokens of output, drawn evenly by seeds, or
all as the longest.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import orjson
from planned_job import plan_of

from brightrun.catalog import Catalog
from brightrun.conversation import AssistantTurn, Conversation, Speaker, UserTurn, reply_schema
from brightrun.enrich import EnrichedConversation, Provenance, enrich
from brightrun.items import Item
from brightrun.planning import Plan
from brightrun.prompts import PromptWriter
from brightrun.simulator.conversation_reply import conversation_reply

TOKENS = (850, 4_100)
CHARACTERS_PER_TOKEN = 4
COPY_EVERY = 20
CHANGED_WORD_EVERY = 25
"""A near-copy has one word in so many changed: Jaccard similarity of 5-grams about 0.67."""
CHUNK = 250
VOCABULARY = 8_000


def write_replies(path: Path, items: int, processes: int, *, all_long: bool = False) -> int:
    """One reply a line, in the order of the plan's items; returns how many are near-copies."""
    chunks = [(start, min(start + CHUNK, items), items, all_long) for start in range(0, items, CHUNK)]
    with ProcessPoolExecutor(processes) as pool, path.open("wb") as file:
        for lines in pool.map(_lines, chunks):
            file.writelines(lines)
    return sum(is_copy(number) for number in range(items))


def is_copy(number: int) -> bool:
    return number % COPY_EVERY == COPY_EVERY - 1


def _lines(chunk: tuple[int, int, int, bool]) -> list[bytes]:
    start, end, items, all_long = chunk
    plan = _plan(items)
    schema, writer = reply_schema(plan.catalog.info.emotions), PromptWriter(plan.catalog)
    lines = []
    for number in range(start, end):
        source = number - 1 if is_copy(number) else number
        tokens = TOKENS[1] if all_long else random.Random(-source).randint(*TOKENS)
        reply = _reply(plan, schema, writer, source, tokens * CHARACTERS_PER_TOKEN)
        if source != number:
            for turn in reply["turns"]:
                turn["content"] = _changed(turn["content"])
        lines.append(orjson.dumps(reply) + b"\n")
    return lines


def _reply(plan: Plan, schema: dict[str, Any], writer: PromptWriter, number: int, characters: int) -> dict[str, Any]:
    """Turns grow by those of other replies to the same item, one after the other, until it has so many characters."""
    prompt = writer.write(plan.items[number])
    asked = (*prompt.system, prompt.user)
    reply: Any = conversation_reply(schema, asked, random.Random(number))
    more = number
    missing = characters - len(json.dumps(reply))
    while missing > 0:
        more += len(plan.items)
        longer: Any = conversation_reply(schema, asked, random.Random(more))
        for turn, other in zip(reply["turns"], longer["turns"], strict=False):
            if missing > 0:
                turn["content"] += " " + other["content"]
                missing -= len(other["content"]) + 1
    return dict(reply)


def _changed(text: str) -> str:
    words = text.split(" ")
    words[CHANGED_WORD_EVERY - 1 :: CHANGED_WORD_EVERY] = [
        f"other{place}" for place in range(len(words[CHANGED_WORD_EVERY - 1 :: CHANGED_WORD_EVERY]))
    ]
    return " ".join(words)


_PLANS: dict[int, Plan] = {}


def _plan(items: int) -> Plan:
    """The same plan in each process, made once."""
    if items not in _PLANS:
        _PLANS[items] = plan_of(items)
    return _PLANS[items]


def invented_texts(count: int, characters: int, seed: int = 7) -> Iterator[list[str]]:
    """Messages of conversations that share nothing, of so many characters together; quick to make."""
    dice = random.Random(seed)
    vocabulary = ["".join(dice.choices("abcdefghilmnoprstuvw", k=dice.randint(2, 9))) for _ in range(VOCABULARY)]
    turns = 10
    words = characters // turns // 6
    for _ in range(count):
        yield [" ".join(dice.choices(vocabulary, k=words)) for _ in range(turns)]


def as_conversation(messages: list[str]) -> Conversation:
    """Messages of user and advisor in turn."""
    turns: list[UserTurn | AssistantTurn] = [
        AssistantTurn(role="assistant", content=text, technique="t", teaches="t")
        if number % 2
        else UserTurn(role="user", content=text, emotion="worry", intensity=0.5)
        for number, text in enumerate(messages)
    ]
    return Conversation(speaker=Speaker(name="A", age=40), topic="t", outcome="resolved", turns=tuple(turns))


def as_record(conversation_id: str, item: Item, conversation: Conversation, catalog: Catalog) -> EnrichedConversation:
    """The record that a release has of a conversation."""
    provenance = Provenance(
        job_id="j",
        item_id=f"i-{conversation_id}",
        generation_id=f"g-{conversation_id}",
        attempt=1,
        lane="online",
        simulated=True,
        model="model",
        message_id="m",
        request_id=None,
        template=item.template,
        template_version="1",
        prompt_version="1",
        catalog=catalog.info.key,
        catalog_hash="0" * 64,
        input_tokens=2_000,
        output_tokens=4_000,
        cost_usd="0.05",
    )
    return enrich(conversation_id, item, conversation, catalog, provenance)
