"""A conversation that fits a reply schema with `turns`."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from brightrun.simulator.advisor_voice import AdvisorVoice, Answer
from brightrun.simulator.crisis_voice import CrisisVoice
from brightrun.simulator.outline import Exchange, outline
from brightrun.simulator.phrase_bank import Drawer
from brightrun.simulator.prompt import Brief, read_brief
from brightrun.simulator.schema_instance import instance_of
from brightrun.simulator.user_voice import UserVoice
from brightrun.simulator.writing_style import WritingStyle, read_style

Json = dict[str, Any]


def asks_for_conversation(schema: Json) -> bool:
    return "turns" in schema.get("properties", {})


def conversation_reply(schema: Json, texts: Sequence[str], rng: Random) -> Json:
    """The conversation that the request's texts ask for, with the schema's own fields in its order."""
    brief = read_brief(texts)
    style = read_style(brief.writing)
    exchanges = outline(brief, style, _emotions(schema), rng)
    known: Json = {
        "speaker": {"name": brief.name, "age": brief.age},
        "topic": brief.topic.key,
        "outcome": brief.outcome,
        "turns": _turns(brief, style, exchanges, rng),
    }
    return {
        name: known[name] if name in known else instance_of(part, rng) for name, part in schema["properties"].items()
    }


def _turns(brief: Brief, style: WritingStyle, exchanges: list[Exchange], rng: Random) -> list[Json]:
    drawer = Drawer(rng)
    turns: list[Json] = []
    crisis = CrisisVoice(brief, style, drawer, rng) if brief.crisis else None
    user = UserVoice(brief, style, drawer, rng)
    advisor = AdvisorVoice(brief, drawer, rng)
    for exchange in exchanges:
        message = crisis.message(exchange) if crisis else user.message(exchange)
        turns.append(
            {
                "role": "user",
                "content": message,
                "emotion": exchange.emotion,
                "intensity": exchange.intensity,
            }
        )
        answer: Answer = crisis.answer(exchange) if crisis else advisor.answer(exchange, user.heard())
        turns.append(
            {
                "role": "assistant",
                "content": answer.content,
                "technique": answer.technique,
                "teaches": answer.teaches,
            }
        )
    return turns


def _emotions(schema: Json) -> list[str]:
    """The emotions a user turn may carry, in the schema's order; none: any."""
    items = schema["properties"]["turns"].get("items", {})
    for shape in items.get("anyOf") or items.get("oneOf") or [items]:
        allowed = shape.get("properties", {}).get("emotion", {}).get("enum")
        if allowed:
            return list(allowed)
    return []
