"""The body of a Messages request that is answered by JSON of a schema."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any


def structured_request(
    model: str,
    max_tokens: int,
    system: Sequence[str],
    user: str,
    schema: dict[str, Any],
    marked: Collection[int] = (),
) -> dict[str, Any]:
    """The body. `marked`: numbers, from 0, of the system blocks with which a shared prefix ends (cache marks)."""
    blocks: list[dict[str, Any]] = [{"type": "text", "text": text} for text in system]
    for number in marked:
        blocks[number]["cache_control"] = {"type": "ephemeral"}
    return {
        "model": model,
        "max_tokens": max_tokens,
        "system": blocks,
        "messages": [{"role": "user", "content": user}],
        "output_config": {"format": {"type": "json_schema", "schema": schema}},
    }
