"""A client that takes an answer as it comes off the wire, whatever is wrong with it."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any
from urllib.parse import urlsplit

HELLO: dict[str, Any] = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 64,
    "messages": [{"role": "user", "content": "Hello"}],
}


class End(Enum):
    WHOLE = auto()
    RESET = auto()
    CLOSED = auto()
    SILENCE = auto()


@dataclass(frozen=True)
class Answer:
    """What came, how long it took, and how it ended. `status` is 0 where no head came."""

    status: int
    headers: dict[str, str]
    body: bytes
    end: End
    seconds: float
    pieces: int

    @property
    def data(self) -> Any:
        return json.loads(self.body)


def address_of(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


def send(url: str, body: dict[str, Any] | None = HELLO, path: str = "/v1/messages", patience_s: float = 10) -> Answer:
    """One request on a connection of its own, which is left after `patience_s`; without a body, a GET."""
    content = b"" if body is None else json.dumps(body).encode()
    head = (
        f"{'GET' if body is None else 'POST'} {path} HTTP/1.1\r\nhost: simulator\r\nx-api-key: any\r\n"
        f"anthropic-version: 2023-06-01\r\ncontent-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
    )
    start = time.monotonic()
    received, pieces, end = b"", 0, End.CLOSED
    with socket.create_connection(address_of(url), timeout=patience_s) as connection:
        connection.sendall(head.encode() + content)
        try:
            while piece := _received(connection, start + patience_s):
                received, pieces = received + piece, pieces + 1
                if _is_whole(received):
                    end = End.WHOLE
                    break
        except ConnectionResetError:
            end = End.RESET
        except TimeoutError:
            end = End.SILENCE
    status, headers, content = _divided(received)
    return Answer(status, headers, content, end, time.monotonic() - start, pieces)


def _received(connection: socket.socket, until: float) -> bytes:
    left_s = until - time.monotonic()
    if left_s <= 0:
        raise TimeoutError
    connection.settimeout(left_s)
    return connection.recv(65_536)


def _divided(received: bytes) -> tuple[int, dict[str, str], bytes]:
    head, found, body = received.partition(b"\r\n\r\n")
    if not found:
        return 0, {}, b""
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return int(first.split()[1]), {name.lower(): value for name, value in headers.items()}, body


def _is_whole(received: bytes) -> bool:
    _, headers, body = _divided(received)
    return "content-length" in headers and len(body) >= int(headers["content-length"])
