"""A question about a conversation, as it is sent: the shared blocks, the conversation, and the shape of the answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Question:
    """System blocks, what is shared by most requests first; the user message; the JSON schema of the answer."""

    system: tuple[str, ...]
    user: str
    schema: dict[str, Any]


@dataclass(frozen=True)
class JudgeVersion:
    """Who judged by what: answers of two versions are not to be compared as they are."""

    rubric: str
    prompt: str
    model: str

    def __str__(self) -> str:
        return f"{self.model}/{self.prompt}/{self.rubric}"


@dataclass(frozen=True)
class ReaderVersion:
    """Who read, asked in which words."""

    prompt: str
    model: str

    def __str__(self) -> str:
        return f"{self.model}/{self.prompt}"


def text_hash(texts: Iterable[str]) -> str:
    """Twelve hex digits that change when any of the texts does."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]


def closed(**properties: dict[str, Any]) -> dict[str, Any]:
    """The schema of an object with these properties, all of them and no other."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
