"""The columns of every format: names, types, meaning, and where each value comes from.

One table serves the Parquet schema, the pinned features of the JSONL, and the reference in
docs/reference/release.md. Names that trainers take for their own (`RESERVED`) are never used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from brightrun.catalog import SystemPrompt
from brightrun.enrich import EnrichedConversation, PairContext

Format = Literal["messages", "pairs", "sharegpt"]
Kind = Literal["string", "integer", "number", "boolean", "role and content", "from and value"]

RESERVED = frozenset(
    (
        *("text", "label", "labels", "input_ids", "prompt", "completion", "messages", "tools", "images"),
        *("conversations", "chosen", "rejected", "chat_template_kwargs"),
        *("image", "video", "videos", "audio", "audios", "attention_mask", "position_ids", "length"),
        *("assistant_masks", "completion_mask", "seq_lengths", "weight", "score", "reward"),
    )
)
"""Names that a trainer acts on. A format uses only those that are its own: messages; prompt and completion."""


@dataclass(frozen=True)
class RowSource:
    """What a row is made of. `pair` is None where a row is a whole conversation."""

    record: EnrichedConversation
    system_prompt: SystemPrompt
    pair: PairContext | None = None


@dataclass(frozen=True)
class Column:
    name: str
    kind: Kind
    meaning: str
    value: Callable[[RowSource], Any]


def messages_of(source: RowSource) -> list[dict[str, str]]:
    """The system prompt, if it has a text, and the turns: user and assistant in turn, the assistant last."""
    turns = source.record.turns
    return _system_message(source) + [{"role": turn.role, "content": turn.content} for turn in turns]


def _system_message(source: RowSource) -> list[dict[str, str]]:
    text = source.system_prompt.text
    return [{"role": "system", "content": text}] if text.strip() else []


def _prompt(source: RowSource) -> list[dict[str, str]]:
    """Everything before the answer; its last message is the user's turn that is answered."""
    return messages_of(source)[: _answer_index(source)]


def _completion(source: RowSource) -> list[dict[str, str]]:
    index = _answer_index(source)
    return messages_of(source)[index : index + 1]


def _answer_index(source: RowSource) -> int:
    return len(_system_message(source)) + 2 * _pair(source).turn - 1


def _dialogue(source: RowSource) -> list[dict[str, str]]:
    sender = {"user": "human", "assistant": "gpt"}
    return [
        {"from": sender[message["role"]], "value": message["content"]}
        for message in messages_of(source)[len(_system_message(source)) :]
    ]


def _system_text(source: RowSource) -> str:
    return "".join(message["content"] for message in _system_message(source))


def _pair(source: RowSource) -> PairContext:
    if source.pair is None:
        raise AssertionError("a column of pairs was asked of a whole conversation")
    return source.pair


CONVERSATION_COLUMNS: tuple[Column, ...] = (
    Column("conversation_id", "string", "the conversation", lambda s: s.record.conversation_id),
    Column("turns", "integer", "answers in the conversation", lambda s: len(s.record.pairs)),
    Column("persona", "string", "key of the persona", lambda s: s.record.persona),
    Column("persona_name", "string", "its name", lambda s: s.record.persona_name),
    Column("arc", "string", "key of the emotional arc", lambda s: s.record.arc),
    Column("arc_name", "string", "its name", lambda s: s.record.arc_name),
    Column("topic", "string", "key of the training topic", lambda s: s.record.topic),
    Column("topic_name", "string", "its name", lambda s: s.record.topic_name),
    Column("topic_category", "string", "category of the topic", lambda s: s.record.topic_category),
    Column("complexity", "string", "complexity of the topic", lambda s: s.record.complexity),
    Column(
        "register_kind",
        "string",
        "how emotional it was planned to be: emotional, plain, near_miss",
        lambda s: s.record.register_kind,
    ),
    Column("intended_outcome", "string", "how it was planned to end", lambda s: s.record.intended_outcome),
    Column(
        "intended_start_emotion",
        "string",
        "planned feeling at the start",
        lambda s: s.record.intended_start_emotion,
    ),
    Column(
        "intended_start_intensity",
        "number",
        "its strength, 0 to 1",
        lambda s: s.record.intended_start_intensity,
    ),
    Column("intended_end_emotion", "string", "planned feeling at the end", lambda s: s.record.intended_end_emotion),
    Column("intended_end_intensity", "number", "its strength, 0 to 1", lambda s: s.record.intended_end_intensity),
    Column("labelled_outcome", "string", "the writer's label of the end", lambda s: s.record.labelled_outcome),
    Column(
        "labelled_start_emotion",
        "string",
        "the writer's label of the first user turn",
        lambda s: s.record.labelled_start_emotion,
    ),
    Column(
        "labelled_start_intensity",
        "number",
        "its strength, 0 to 1",
        lambda s: s.record.labelled_start_intensity,
    ),
    Column(
        "labelled_end_emotion",
        "string",
        "the writer's label of the last user turn",
        lambda s: s.record.labelled_end_emotion,
    ),
    Column("labelled_end_intensity", "number", "its strength, 0 to 1", lambda s: s.record.labelled_end_intensity),
    Column(
        "facts_as_of",
        "string",
        # A bare date would be read from JSON Lines as a timestamp, even where the features say string.
        "date of the topic's figures, as in `as of 2026-10-01`; empty where it has none",
        lambda s: f"as of {s.record.facts_as_of}" if s.record.facts_as_of else "",
    ),
    Column("system_prompt", "string", "key of the training system prompt", lambda s: s.system_prompt.key),
    Column("simulated", "boolean", "whether no real model wrote it", lambda s: s.record.provenance.simulated),
    Column("model", "string", "the model that wrote it", lambda s: s.record.provenance.model),
    Column("job_id", "string", "the job it comes from", lambda s: s.record.provenance.job_id),
)

PAIR_COLUMNS: tuple[Column, ...] = (
    Column("pair_id", "string", "the pair", lambda s: _pair(s).pair_id),
    Column("turn", "integer", "number of the answer, from 1", lambda s: _pair(s).turn),
    Column(
        "intended_phase",
        "string",
        "phase of the arc by the plan, empty where none is",
        lambda s: _pair(s).intended_phase or "",
    ),
    Column("arc_position", "number", "place in the conversation, 0 to 1", lambda s: _pair(s).arc_position),
    Column(
        "labelled_emotion",
        "string",
        "the writer's label of the user turn that is answered",
        lambda s: _pair(s).labelled_emotion,
    ),
    Column("labelled_intensity", "number", "its strength, 0 to 1", lambda s: _pair(s).labelled_intensity),
    Column(
        "next_labelled_emotion",
        "string",
        "the label of the user turn after the answer; empty after the last",
        lambda s: _pair(s).next_labelled_emotion or "",
    ),
    Column("technique", "string", "what the advisor does in the answer", lambda s: _pair(s).technique),
    Column("teaches", "string", "what the answer teaches", lambda s: _pair(s).teaches),
)

COLUMNS: dict[Format, tuple[Column, ...]] = {
    "messages": (
        Column("messages", "role and content", "the conversation", messages_of),
        *CONVERSATION_COLUMNS,
    ),
    "pairs": (
        Column("prompt", "role and content", "everything before the answer", _prompt),
        Column("completion", "role and content", "the answer", _completion),
        *PAIR_COLUMNS,
        *CONVERSATION_COLUMNS,
    ),
    "sharegpt": (
        Column("dialogue", "from and value", "the conversation, between human and gpt", _dialogue),
        Column("system", "string", "the system prompt; empty for none", _system_text),
        *CONVERSATION_COLUMNS,
    ),
}


def sources_of(format_: Format, record: EnrichedConversation, system_prompt: SystemPrompt) -> tuple[RowSource, ...]:
    """The rows of a conversation in a format: one of each answer in pairs, else one."""
    if format_ == "pairs":
        return tuple(RowSource(record, system_prompt, pair) for pair in record.pairs)
    return (RowSource(record, system_prompt),)


def row_of(format_: Format, source: RowSource) -> dict[str, Any]:
    """A row, its columns in order. Numbers are floats even where they are whole, as the schema says."""
    return {
        column.name: float(column.value(source)) if column.kind == "number" else column.value(source)
        for column in COLUMNS[format_]
    }
