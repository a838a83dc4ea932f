"""The reply asked of Claude, and what becomes of it: a Conversation of Turns, or a reason why not."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from brightrun import quick_json
from brightrun.catalog import Outcome
from brightrun.excerpts import excerpt

MESSAGE_CHARACTERS = 700
"""Room for what is wrong, and the first 500 characters of what it is wrong with."""


TERMS_HINT = " This category concerns building competing models: read the provider's terms of use."


class ReplyProblem(StrEnum):
    """Why a reply that arrived is no conversation. Each is a reason code."""

    MAX_TOKENS = "max_tokens"
    REFUSAL = "refusal"
    CONTEXT_WINDOW = "model_context_window_exceeded"
    UNEXPECTED_STOP = "unexpected_stop_reason"
    NO_TEXT = "no_text"
    NOT_JSON = "not_json"
    SCHEMA_MISMATCH = "schema_mismatch"


class ReplyError(Exception):
    """A reply that was paid for and kept, and is no conversation."""

    def __init__(self, problem: ReplyProblem, message: str) -> None:
        self.problem = problem
        super().__init__(excerpt(message, MESSAGE_CHARACTERS))


class ReplyPart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class UserTurn(ReplyPart):
    """A message of the one who asks, with the writer's label of its feeling."""

    role: Literal["user"]
    content: str
    emotion: str
    intensity: float = Field(ge=0, le=1)


class AssistantTurn(ReplyPart):
    """An answer, with what the advisor does in it and what it teaches."""

    role: Literal["assistant"]
    content: str
    technique: str
    teaches: str


Turn = Annotated[UserTurn | AssistantTurn, Field(discriminator="role")]


class Speaker(ReplyPart):
    name: str
    age: int


class Conversation(ReplyPart):
    """A conversation as the model wrote it. What it says of itself is compared with the plan, never believed."""

    speaker: Speaker
    topic: str
    outcome: str
    turns: tuple[Turn, ...] = Field(min_length=1, strict=False)
    """Not strict, since JSON has lists and no tuples; each turn is."""


def reply_schema(emotions: Sequence[str]) -> dict[str, Any]:
    """JSON schema of the reply, for `output_config`; user turns are labelled with one of `emotions`."""
    text = {"type": "string"}
    user = _closed(
        role={"type": "string", "const": "user"},
        content=text,
        emotion={"type": "string", "enum": list(emotions)},
        intensity={"type": "number"},
    )
    assistant = _closed(role={"type": "string", "const": "assistant"}, content=text, technique=text, teaches=text)
    return _closed(
        speaker=_closed(name=text, age={"type": "integer"}),
        topic=text,
        outcome={"type": "string", "enum": [outcome.value for outcome in Outcome]},
        turns={"type": "array", "items": {"anyOf": [user, assistant]}},
    )


def _closed(**properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def parse_reply(message: dict[str, Any]) -> Conversation:
    """The conversation in a Messages API reply, as the API sent it.

    Raises ReplyError with a reason code for every way in which it is none.
    """
    return parse_conversation(reply_data(message))


def reply_data(message: dict[str, Any]) -> Any:
    """The JSON that a Messages API reply holds. Raises ReplyError where it stopped early, is empty, or holds none.

    Blocks are chosen by type, since a thinking block may come first.
    """
    _check_stop_reason(message)
    blocks = message.get("content")
    texts = [
        block["text"]
        for block in (blocks if isinstance(blocks, list) else ())
        if isinstance(block, dict) and block.get("type") == "text" and isinstance(block.get("text"), str)
    ]
    text = "".join(texts)
    if not text.strip():
        raise ReplyError(ReplyProblem.NO_TEXT, "The reply holds no text.")
    try:
        return quick_json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReplyError(ReplyProblem.NOT_JSON, f"The reply is not JSON ({error}): {text}") from error


def parse_conversation(data: Any) -> Conversation:
    """The conversation in parsed JSON; ReplyError `schema_mismatch` names the first fields that do not fit."""
    try:
        conversation = Conversation.model_validate(data)
        orjson.dumps(data)  # a lone surrogate passes as text, and cannot be kept by anything
    except (ValidationError, ValueError, TypeError, RecursionError) as error:
        raise ReplyError(ReplyProblem.SCHEMA_MISMATCH, _mismatch(error)) from error
    return conversation


def _check_stop_reason(message: dict[str, Any]) -> None:
    reason = message.get("stop_reason")
    if reason == "end_turn":
        return
    if reason == "max_tokens":
        raise ReplyError(ReplyProblem.MAX_TOKENS, "The reply was cut off at max_tokens.")
    if reason == "refusal":
        details = message.get("stop_details")
        category = details.get("category") if isinstance(details, dict) else None
        terms = TERMS_HINT if category == "frontier_llm" else ""
        raise ReplyError(ReplyProblem.REFUSAL, f"The model refused (category {category or 'not given'}).{terms}")
    if reason == "model_context_window_exceeded":
        raise ReplyError(ReplyProblem.CONTEXT_WINDOW, "Prompt and reply together passed the context window.")
    raise ReplyError(ReplyProblem.UNEXPECTED_STOP, f"The reply stopped for an unexpected reason: {reason!r}.")


def _mismatch(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return f"The reply does not fit the schema: {error}"
    details = error.errors(include_url=False, include_input=False)
    shown = "; ".join(f"{'.'.join(str(s) for s in d['loc']) or 'reply'}: {d['msg']}" for d in details[:3])
    more = f" and {len(details) - 3} more" if len(details) > 3 else ""
    return f"The reply does not fit the schema: {shown}{more}"
