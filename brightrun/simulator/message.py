"""The message that a reply is sent as, in the shape of SDK 2.12."""

from __future__ import annotations

from brightrun.simulator.message_request import MessageRequest
from brightrun.simulator.prompt_cache import CacheUse
from brightrun.simulator.reply import Reply


def message_of(message_id: str, asked: MessageRequest, reply: Reply, use: CacheUse) -> dict[str, object]:
    """The body of the answer to a request."""
    return {
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "model": asked.model.key,
        "content": reply.content(),
        "stop_reason": reply.stop_reason,
        "stop_sequence": None,
        "stop_details": reply.stop_details(),
        "container": None,
        "usage": {
            "input_tokens": use.uncached,
            "cache_creation_input_tokens": use.written_5m + use.written_1h,
            "cache_read_input_tokens": use.read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": use.written_5m,
                "ephemeral_1h_input_tokens": use.written_1h,
            },
            "output_tokens": reply.output_tokens,
            "output_tokens_details": {"thinking_tokens": reply.thinking_tokens},
            "server_tool_use": None,
            "service_tier": "standard",
            "inference_geo": "global",
            "speed": "standard",
        },
    }
