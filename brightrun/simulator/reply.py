"""The reply to a request: which kind of text it asks for, and how long that may be."""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random

from brightrun.simulator import tokens
from brightrun.simulator.conversation_reply import asks_for_conversation, conversation_reply
from brightrun.simulator.message_request import MessageRequest
from brightrun.simulator.schema_instance import instance_of

PLAIN_REPLIES = (
    "This is a simulated answer. It was written by a program, and knows only your request.",
    "A simulated reply: nothing was generated, and nothing was charged.",
    "You have reached the simulator, which answers in place of a model.",
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the simulated model wrote."""

    text: str
    output_tokens: int
    stop_reason: str


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
    if asks_for_conversation(request.schema):
        texts = (*request.system_texts, *request.message_texts)
        reply = conversation_reply(request.schema, texts, rng)
    else:
        reply = instance_of(request.schema, rng)
    return json.dumps(reply, ensure_ascii=False)
