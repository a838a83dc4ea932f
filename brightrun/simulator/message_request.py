"""A request for a message: checked as the API checks it, and divided for counting and caching."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from brightrun.simulator import tokens
from brightrun.simulator.errors import invalid_request, not_found
from brightrun.simulator.models import MODELS, Model
from brightrun.simulator.prompt_cache import LIFETIME_S, Segment

FIELDS = frozenset(
    {"model", "messages", "max_tokens", "cache_control", "container", "diagnostics", "inference_geo"}
    | {"metadata", "output_config", "service_tier", "speed", "stop_sequences", "stream", "system", "thinking"}
    | {"tool_choice", "tools", "user_profile_id", "workspace_id", "temperature", "top_p", "top_k"}
)
SAMPLING = ("temperature", "top_p", "top_k")
BREAKPOINTS_ALLOWED = 4

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MessageRequest:
    """A request that the API would accept."""

    model: Model
    max_tokens: int
    system_texts: tuple[str, ...]
    message_texts: tuple[str, ...]
    schema: Json | None
    user_id: str | None
    segments: tuple[Segment, ...]

    @property
    def input_tokens(self) -> int:
        return sum(segment.tokens for segment in self.segments)


def parse_request(body: bytes, *, counting: bool = False) -> MessageRequest:
    """The request in an HTTP body; raises ApiError as the API would answer it.

    With `counting`, `max_tokens` is not asked for (`/v1/messages/count_tokens`).
    """
    data = _json_object(body)
    _check_fields(data, counting)
    model = _model(data["model"])
    max_tokens = 1 if counting else _max_tokens(data["max_tokens"], model)
    schema, schema_text = _schema(data.get("output_config"))
    pieces = list(_pieces(data, schema_text))
    if sum(1 for _, _, cache_for in pieces if cache_for) > BREAKPOINTS_ALLOWED:
        raise invalid_request(f"A maximum of {BREAKPOINTS_ALLOWED} blocks with cache_control may be provided.")
    segments = tuple(
        Segment(text, tokens.count(text, model.characters_per_token) + extra, cache_for)
        for text, extra, cache_for in pieces
    )
    request = MessageRequest(
        model=model,
        max_tokens=max_tokens,
        system_texts=tuple(_texts(data.get("system") or ())),
        message_texts=tuple(text for message in data["messages"] for text in _texts(message["content"])),
        schema=schema,
        user_id=_user_id(data.get("metadata")),
        segments=segments,
    )
    if request.input_tokens > model.max_input_tokens:
        raise invalid_request(f"prompt is too long: {request.input_tokens} tokens > {model.max_input_tokens} maximum")
    return request


def _json_object(body: bytes) -> Json:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise invalid_request("The request body is not valid JSON.") from error
    if not isinstance(data, dict):
        raise invalid_request("The request body must be a JSON object.")
    return data


def _check_fields(data: Json, counting: bool) -> None:
    for name in ("model", "messages") if counting else ("model", "max_tokens", "messages"):
        if name not in data:
            raise invalid_request(f"{name}: Field required")
    for name in data:
        if name not in FIELDS:
            raise invalid_request(f"{name}: Extra inputs are not permitted")
    for name in SAMPLING:
        if name in data:
            raise invalid_request(f"`{name}` is not supported by this model.")
    if data.get("stream"):
        raise invalid_request("stream: streaming is not simulated; send the request with stream false.")
    _check_messages(data["messages"])
    _check_system(data.get("system"))


def _check_messages(messages: object) -> None:
    if not isinstance(messages, list):
        raise invalid_request("messages: Input should be a valid list")
    if not messages:
        raise invalid_request("messages: at least one message is required")
    for i, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") not in ("user", "assistant"):
            raise invalid_request(f"messages.{i}.role: Input should be 'user' or 'assistant'")
        content = message.get("content")
        if not isinstance(content, (str, list)):
            raise invalid_request(f"messages.{i}.content: Input should be a valid string or list")
        if not content:
            raise invalid_request(f"messages.{i}: all messages must have non-empty content")
        if isinstance(content, list):
            _check_blocks(content, f"messages.{i}.content")
    if messages[0]["role"] != "user":
        raise invalid_request('messages: first message must use the "user" role')
    if messages[-1]["role"] == "assistant":
        raise invalid_request(
            "This model does not support assistant message prefill. The conversation must end with a user message."
        )


def _check_system(system: object) -> None:
    if system is None or isinstance(system, str):
        return
    if not isinstance(system, list):
        raise invalid_request("system: Input should be a valid string or list")
    _check_blocks(system, "system")


def _check_blocks(blocks: list[Any], where: str) -> None:
    for i, block in enumerate(blocks):
        if not isinstance(block, dict) or not isinstance(block.get("type"), str):
            raise invalid_request(f"{where}.{i}.type: Field required")
        if block["type"] == "text" and not (isinstance(block.get("text"), str) and block["text"]):
            raise invalid_request(f"{where}.{i}: text content blocks must be non-empty")
        if block.get("cache_control") is not None:
            _lifetime(block["cache_control"], f"{where}.{i}.cache_control")


def _lifetime(cache_control: object, where: str) -> str:
    if isinstance(cache_control, dict) and cache_control.get("type") == "ephemeral":
        lifetime = cache_control.get("ttl") or "5m"
        if lifetime in LIFETIME_S:
            return str(lifetime)
    raise invalid_request(f"{where}: Input should be {{'type': 'ephemeral'}} with a ttl of '5m' or '1h'")


def _model(name: object) -> Model:
    if not isinstance(name, str) or name not in MODELS:
        raise not_found(f"model: {name}")
    return MODELS[name]


def _max_tokens(value: object, model: Model) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid_request("max_tokens: Input should be a valid integer")
    if value < 1:
        raise invalid_request("max_tokens: Input should be greater than or equal to 1")
    if value > model.max_output_tokens:
        raise invalid_request(
            f"max_tokens: {value} > {model.max_output_tokens}, which is the maximum allowed number of output "
            f"tokens for {model.key}"
        )
    return value


def _schema(output_config: object) -> tuple[Json | None, str]:
    if output_config is None:
        return None, ""
    if not isinstance(output_config, dict):
        raise invalid_request("output_config: Input should be a valid dictionary")
    asked = output_config.get("format")
    if asked is None:
        return None, ""
    if not isinstance(asked, dict) or asked.get("type") != "json_schema":
        raise invalid_request("output_config.format.type: Input should be 'json_schema'")
    schema = asked.get("schema")
    if not isinstance(schema, dict):
        raise invalid_request("output_config.format.schema: Field required")
    text = json.dumps(schema)
    problem = _open_object(text)
    if problem:
        raise invalid_request(f"output_config.format.schema: {problem}")
    return schema, text


@lru_cache(maxsize=64)
def _open_object(schema: str) -> str | None:
    """What the API says of an object that does not refuse further properties."""

    def visit(node: object) -> bool:
        if isinstance(node, list):
            return any(visit(child) for child in node)
        if not isinstance(node, dict):
            return False
        if node.get("type") == "object" and node.get("additionalProperties") is not False:
            return True
        return any(visit(child) for child in node.values())

    if visit(json.loads(schema)):
        return "For 'object' type, 'additionalProperties' must be explicitly set to false"
    return None


def _pieces(data: Json, schema_text: str) -> Iterator[tuple[str, int, str | None]]:
    """The prompt in the order in which it is cached: text, tokens of its frame, breakpoint."""
    if schema_text:
        yield schema_text, 0, None
    for tool in data.get("tools") or ():
        yield json.dumps(tool), 0, _breakpoint(tool)
    system = data.get("system") or ()
    if isinstance(system, str):
        yield system, 0, None
    else:
        for block in system:
            yield _block_text(block), 0, _breakpoint(block)
    whole = data.get("cache_control")
    for message in data["messages"]:
        last_message = message is data["messages"][-1]
        content = message["content"]
        blocks: list[Any] = [{"type": "text", "text": content}] if isinstance(content, str) else content
        for i, block in enumerate(blocks):
            last = last_message and i == len(blocks) - 1
            cache_for = _breakpoint(block)
            if last and whole is not None and cache_for is None:
                cache_for = _lifetime(whole, "cache_control")
            extra = (tokens.PER_MESSAGE if i == 0 else 0) + (tokens.PER_REQUEST if last else 0)
            yield _block_text(block), extra, cache_for


def _breakpoint(block: Json) -> str | None:
    cache_control = block.get("cache_control")
    return None if cache_control is None else _lifetime(cache_control, "cache_control")


def _block_text(block: Json) -> str:
    return block["text"] if block["type"] == "text" else json.dumps(block)


def _texts(content: object) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, (list, tuple)):
        yield from (block["text"] for block in content if block.get("type") == "text")


def _user_id(metadata: object) -> str | None:
    value = metadata.get("user_id") if isinstance(metadata, dict) else None
    return value if isinstance(value, str) else None
