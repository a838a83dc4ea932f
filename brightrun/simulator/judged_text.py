"""What a request to judge or to read shows: the messages, what is required, and what is known of the subject."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_HEAD = re.compile(r"^\[(\d+)\] (user|assistant)$", re.M)


@dataclass(frozen=True, slots=True)
class Message:
    number: int
    role: str
    content: str


@dataclass(frozen=True, slots=True)
class JudgedText:
    """A conversation that is to be judged or read. `elements` are key and text."""

    messages: tuple[Message, ...]
    elements: tuple[tuple[str, str], ...]
    reference: str

    def of(self, role: str) -> list[Message]:
        return [message for message in self.messages if message.role == role]


def read_judged_text(texts: Sequence[str]) -> JudgedText:
    """The parts of a request's texts, system blocks first."""
    elements: list[tuple[str, str]] = []
    reference = transcript = ""
    for text in texts:
        said = _between(text, "transcript")
        for line in () if said else _between(text, "elements").splitlines():
            key, colon, told = line.removeprefix("- ").partition(": ")
            if colon and line.startswith("- "):
                elements.append((key, told))
        reference = _between(text, "reference") or reference
        transcript = said or transcript
    return JudgedText(tuple(_messages(transcript)), tuple(elements), reference)


def _between(text: str, tag: str) -> str:
    """What stands between a tag and the last of its ends, since messages may say anything."""
    begin, end = text.find(f"<{tag}>\n"), text.rfind(f"\n</{tag}>")
    return text[begin + len(tag) + 3 : end] if 0 <= begin < end else ""


def _messages(transcript: str) -> list[Message]:
    """Each message under its head; a line that only looks like a head has not the number that comes next."""
    heads: list[re.Match[str]] = []
    for head in _HEAD.finditer(transcript):
        if int(head.group(1)) == len(heads) + 1:
            heads.append(head)
    ends = [head.start() for head in heads[1:]] + [len(transcript)]
    return [
        Message(int(head.group(1)), head.group(2), transcript[head.end() : end].strip("\n"))
        for head, end in zip(heads, ends, strict=True)
    ]
