"""The reply to a request: which kind of text it asks for, and how long that may be."""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random

from brightrun.simulator import tokens
from brightrun.simulator.conversation_reply import asks_for_conversation, conversation_reply
from brightrun.simulator.judge_voice import asks_for_judgement, judgement_reply
from brightrun.simulator.judged_text import read_judged_text
from brightrun.simulator.message_request import MessageRequest
from brightrun.simulator.reader_voice import asks_for_reading, reading_reply
from brightrun.simulator.schema_instance import instance_of

PLAIN_REPLIES = (
    "This is a simulated answer. It was written by a program, and knows only your request.",
    "A simulated reply: nothing was generated, and nothing was charged.",
    "You have reached the simulator, which answers in place of a model.",
)

SIGNATURE = "simulated"
"""Of thinking blocks: the API's are opaque as well."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the simulated model wrote."""

    text: str | None
    """None: nothing."""
    output_tokens: int
    """Thinking included."""
    stop_reason: str
    thinking: str = ""
    thinking_tokens: int = 0
    refused_for: str | None = None
    """The category, where it is a refusal that has one."""

    def content(self) -> list[dict[str, str]]:
        """The blocks of the message, thinking first."""
        blocks = []
        if self.thinking:
            blocks.append({"type": "thinking", "thinking": self.thinking, "signature": SIGNATURE})
        if self.text is not None:
            blocks.append({"type": "text", "text": self.text})
        return blocks

    def stop_details(self) -> dict[str, str | None] | None:
        if self.stop_reason != "refusal":
            return None
        return {"type": "refusal", "category": self.refused_for, "explanation": None}


def write_reply(request: MessageRequest, seed: bytes) -> Reply:
    """The reply to a request; the same request and seed give the same text, in every process."""
    rng = Random(int.from_bytes(seed, "big"))
    text = _text(request, rng)
    rate = request.model.characters_per_token
    needed = tokens.count(text, rate)
    if needed <= request.max_tokens:
        return Reply(text, needed, "end_turn")
    cut = text.encode()[: int(request.max_tokens * rate)].decode("utf-8", "ignore")
    return Reply(cut, request.max_tokens, "max_tokens")


def _text(request: MessageRequest, rng: Random) -> str:
    if request.schema is None:
        return PLAIN_REPLIES[int(rng.random() * len(PLAIN_REPLIES))]
    texts = (*request.system_texts, *request.message_texts)
    if asks_for_conversation(request.schema):
        reply = conversation_reply(request.schema, texts, rng)
    elif asks_for_judgement(request.schema):
        reply = judgement_reply(read_judged_text(texts))
    elif asks_for_reading(request.schema):
        reply = reading_reply(request.schema, read_judged_text(texts))
    else:
        reply = instance_of(request.schema, rng)
    return json.dumps(reply, ensure_ascii=False)
