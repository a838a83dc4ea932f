"""A server that answers with prepared messages after a fixed latency, and does as little as it can for it.

    python benchmarks/reply_server.py REPLIES.json LATENCY_S

REPLIES.json is a list of reply texts. The port is printed as the first line of stdout; the server ends when its stdin
does. It speaks just enough HTTP/1.1 for the clients of throughput.py: requests with a Content-Length, and connections
that stay open. Every message has an id of its own.
"""

from __future__ import annotations

import asyncio
import json
import sys
from itertools import count, cycle
from pathlib import Path

ID_PLACE = "msg_place_of_the_id"
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nrequest-id: req_%020d\r\ncontent-length: %d\r\n\r\n"
USAGE = {
    "input_tokens": 1900,
    "output_tokens": 4000,
    "cache_creation_input_tokens": 0,
    "cache_read_input_tokens": 4200,
    "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
    "service_tier": "standard",
}


def message(text: str) -> bytes:
    """A message of the Messages API that says `text`, with a mark where its id belongs."""
    body = {
        "id": ID_PLACE,
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-5-5",
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "stop_details": None,
        "usage": USAGE,
    }
    return json.dumps(body).encode()


class Answers:
    """The prepared messages, one after the other, over and over."""

    def __init__(self, texts: list[str]) -> None:
        cut = [message(text).split(ID_PLACE.encode()) for text in texts]
        self._parts = cycle([(head, tail) for head, tail in cut])
        self._numbers = count(1)

    def next(self, counts: bool) -> bytes:
        """The next answer, headers and body; to a request to count tokens one with a count."""
        number = next(self._numbers)
        if counts:
            body = b'{"input_tokens": 4200}'
        else:
            head, tail = next(self._parts)
            body = b"%smsg_%020d%s" % (head, number, tail)
        return HEAD % (number, len(body)) + body


class Connection(asyncio.Protocol):
    """One connection: requests are read by their length, and answered one at a time."""

    def __init__(self, answers: Answers, latency_s: float) -> None:
        self._answers = answers
        self._latency_s = latency_s
        self._received = bytearray()
        self._wanted: int | None = None
        self._counts = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._wanted is None:
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._received[:end]).lower()
            length = head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
            self._wanted = end + 4 + int(length)
            self._counts = b"/count_tokens" in head.partition(b"\r\n")[0]
        if len(self._received) >= self._wanted:
            del self._received[: self._wanted]
            self._wanted = None
            asyncio.get_running_loop().call_later(self._latency_s, self._answer)

    def _answer(self) -> None:
        assert self._transport is not None
        if not self._transport.is_closing():
            self._transport.write(self._answers.next(self._counts))


async def serve(texts: list[str], latency_s: float) -> None:
    answers = Answers(texts)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(answers, latency_s), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(json.loads(Path(sys.argv[1]).read_text()), float(sys.argv[2])))
