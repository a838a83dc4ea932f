"""Requests are refused as the API refuses them, and counted the same way everywhere."""

from __future__ import annotations

import json
from typing import Any

import pytest

from brightrun.simulator.errors import ApiError
from brightrun.simulator.message_request import parse_request

Json = dict[str, Any]


def body(**changes: Any) -> bytes:
    request: Json = {
        "model": "claude-sonnet-5-5",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": "Hello there"}],
    }
    request.update(changes)
    return json.dumps({name: value for name, value in request.items() if value is not ...}).encode()


def refusal(data: bytes) -> ApiError:
    with pytest.raises(ApiError) as caught:
        parse_request(data)
    return caught.value


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"model": ...}, "model: Field required"),
        ({"max_tokens": ...}, "max_tokens: Field required"),
        ({"messages": ...}, "messages: Field required"),
        ({"messages": []}, "at least one message"),
        ({"messages": [{"role": "system", "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "user", "content": ""}]}, "non-empty"),
        ({"messages": [{"role": "assistant", "content": "x"}, {"role": "user", "content": "y"}]}, "first message"),
        ({"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "{"}]}, "prefill"),
        ({"max_tokens": 0}, "greater than or equal to 1"),
        ({"max_tokens": "many"}, "valid integer"),
        ({"max_tokens": 1_000_000}, "maximum allowed number of output tokens"),
        ({"temperature": 0.5}, "`temperature` is not supported"),
        ({"top_p": 0.5}, "`top_p` is not supported"),
        ({"top_k": 5}, "`top_k` is not supported"),
        ({"stream": True}, "streaming is not simulated"),
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
        ({"system": [{"type": "text", "text": ""}]}, "system.0"),
        ({"system": [{"type": "text", "text": "a", "cache_control": {"type": "forever"}}]}, "cache_control"),
        (
            {"system": [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}] * 5},
            "maximum of 4 blocks",
        ),
        ({"output_config": {"format": {"type": "grammar"}}}, "output_config.format.type"),
        (
            {"output_config": {"format": {"type": "json_schema", "schema": {"type": "object", "properties": {}}}}},
            "'additionalProperties' must be explicitly set to false",
        ),
    ],
)
def test_what_the_api_refuses(changes: Json, said: str) -> None:
    error = refusal(body(**changes))
    assert (error.status, error.kind) == (400, "invalid_request_error")
    assert said in error.message


def test_an_unknown_model_is_not_found() -> None:
    error = refusal(body(model="claude-nine"))
    assert (error.status, error.kind) == (404, "not_found_error")


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_object(data: bytes) -> None:
    assert refusal(data).status == 400


def test_a_prompt_longer_than_the_context_window() -> None:
    error = refusal(body(model="claude-haiku-4-5", messages=[{"role": "user", "content": "x" * 1_000_000}]))
    assert "prompt is too long" in error.message


def test_newer_models_count_about_30_percent_more_tokens() -> None:
    text = [{"role": "user", "content": "word " * 1000}]
    newer = parse_request(body(messages=text)).input_tokens
    older = parse_request(body(messages=text, model="claude-sonnet-4-6")).input_tokens
    assert 1.25 < newer / older < 1.35


def test_what_a_request_holds_is_read() -> None:
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    request = parse_request(
        body(
            system=[{"type": "text", "text": "One"}, {"type": "text", "text": "Two"}],
            messages=[{"role": "user", "content": [{"type": "text", "text": "Three"}]}],
            metadata={"user_id": "item-7"},
            output_config={"format": {"type": "json_schema", "schema": schema}},
        )
    )
    assert request.system_texts == ("One", "Two")
    assert request.message_texts == ("Three",)
    assert request.user_id == "item-7"
    assert request.schema == schema
