"""Replies that arrive whole and are wrong: what the model wrote, spoiled as a fault has it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

from brightrun.simulator import tokens
from brightrun.simulator.assessment_faults import spoil_assessment
from brightrun.simulator.faults import Fault, RefusalCategory
from brightrun.simulator.message_request import MessageRequest
from brightrun.simulator.reply import Reply
from brightrun.simulator.weather import Strike

if TYPE_CHECKING:
    from brightrun.simulator.fault_plan import FaultRule

THINKING = "The request names a person and a topic. The conversation should begin where the person stands."
PROSE = "I'm glad to help with this conversation. Before I write it, could you tell me more about the person?"
OTHER_NAMES = ("Leopold Vance", "Wilhelmina Okafor-Reyes", "Tobias Lindqvist", "Marguerite Achterberg")
YEARS_OLDER = 31
SENTENCE_END = re.compile(r"\n+|(?<=[.?!]) ")
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')

Json = dict[str, Any]


def spoiled(reply: Reply, strike: Strike, request: MessageRequest) -> Reply | None:
    """The reply with the fault in it; None where it cannot be: a wrong persona without a speaker."""
    rule = strike.rule
    match rule.fault:
        case Fault.MAX_TOKENS:
            return replace(reply, text=_half(reply.text), output_tokens=request.max_tokens, stop_reason="max_tokens")
        case Fault.REFUSAL:
            category = None if rule.category is RefusalCategory.NONE else rule.category.value
            return Reply(None, 0, "refusal", refused_for=category)
        case Fault.CONTEXT_WINDOW_EXCEEDED:
            return _with_text(reply, _half(reply.text), "model_context_window_exceeded", request)
        case Fault.UNKNOWN_STOP_REASON:
            return replace(reply, stop_reason=rule.stop_reason)
        case Fault.THINKING_FIRST:
            return _with_thinking(reply, request)
        case Fault.NO_TEXT:
            return Reply(None, 0, "end_turn")
        case Fault.NOT_JSON:
            return _with_text(reply, PROSE, "end_turn", request)
    if request.schema is None:
        text = _unstructured(reply.text or "", rule)
    else:
        text = _structured(reply.text or "", rule, strike.rng())
    return None if text is None else _with_text(reply, text, reply.stop_reason, request)


def _with_text(reply: Reply, text: str, stop_reason: str, request: MessageRequest) -> Reply:
    written = min(tokens.count(text, request.model.characters_per_token), request.max_tokens)
    return replace(reply, text=text, output_tokens=written, stop_reason=stop_reason)


def _with_thinking(reply: Reply, request: MessageRequest) -> Reply | None:
    thought = tokens.count(THINKING, request.model.characters_per_token)
    together = reply.output_tokens + thought
    if together > request.max_tokens:
        return None
    return replace(reply, output_tokens=together, thinking=THINKING, thinking_tokens=thought)


def _unstructured(text: str, rule: FaultRule) -> str | None:
    """A plain text with the fault in it."""
    match rule.fault:
        case Fault.LONE_BACKSLASH:
            return _broken_off(text)
        case Fault.LITERAL_NEWLINE:
            return _spelled_out(text)
    return None


def _structured(text: str, rule: FaultRule, rng: Random) -> str | None:
    """JSON with the fault in it; None where there is no place for it, or where the JSON is broken already."""
    try:
        data = json.loads(text)
    except ValueError:
        return None
    if not isinstance(data, dict) or not data:
        return None
    match rule.fault:
        case Fault.CUT_MID_STRING:
            return _cut_mid_string(text)
        case Fault.SCHEMA_MISMATCH:
            _drop_a_field(data, rng)
        case Fault.LONE_BACKSLASH:
            if not _change_a_text(data, rule, rng, _broken_off):
                return None
        case Fault.LITERAL_NEWLINE:
            if not _change_a_text(data, rule, rng, _spelled_out):
                return None
        case Fault.WRONG_PERSONA:
            if not isinstance(data.get("speaker"), dict):
                return None
            data["speaker"] = _somebody_else(data["speaker"], rng)
        case Fault.MISSING_PART | Fault.OUT_OF_RANGE | Fault.INVENTED_QUOTE:
            if not spoil_assessment(data, rule.fault, rng):
                return None
    return json.dumps(data, ensure_ascii=False)


def _cut_mid_string(text: str) -> str | None:
    """Cut in the middle of the longest string of the second half."""
    spans = [found.span(1) for found in STRING.finditer(text)]
    late = [span for span in spans if span[0] >= len(text) // 2] or spans
    start, end = max(late, key=lambda span: span[1] - span[0])
    return text[: (start + end) // 2].rstrip("\\")


def _drop_a_field(data: Json, rng: Random) -> None:
    turns = data.get("turns")
    within = turns[0] if isinstance(turns, list) and turns and isinstance(turns[0], dict) else data
    del within[rng.choice(list(within))]


def _change_a_text(data: Json, rule: FaultRule, rng: Random, change: Callable[[str], str]) -> bool:
    """Change what is said in one of the turns; without turns, the first text. False: there is none."""
    turns = data.get("turns")
    if isinstance(turns, list):
        places = [(turn, "content") for turn in turns if isinstance(turn, dict) and _speaks(turn, rule.role)]
    else:
        places = [(data, name) for name, value in data.items() if isinstance(value, str)][:1]
    if not places:
        return False
    holder, name = rng.choice(places)
    holder[name] = change(holder[name])
    return True


def _speaks(turn: Json, role: str | None) -> bool:
    return isinstance(turn.get("content"), str) and role in (None, turn.get("role"))


def _broken_off(content: str) -> str:
    return content[: max(1, len(content) * 2 // 3)].rstrip() + "\\"


def _spelled_out(content: str) -> str:
    changed = SENTENCE_END.sub(r"\\n\\n", content, count=2)
    return changed if changed != content else f"{content}\\n"


def _somebody_else(speaker: Json, rng: Random) -> Json:
    age = speaker.get("age")
    name = rng.choice([other for other in OTHER_NAMES if other != speaker.get("name")])
    return {"name": name, "age": age + YEARS_OLDER if isinstance(age, int) else YEARS_OLDER}


def _half(text: str | None) -> str:
    return (text or "")[: len(text or "") // 2]
