"""Requests as they are sent and as the ledger keeps them: what many of them share is kept once, by content.

In the ledger's form the text of each system block and the schema of the reply stand as their SHA-256; put back, they
give the request as it was sent.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from brightrun.store.tables import generations, prompt_blocks

SHARED_TEXTS = 2_048
"""So many texts are kept at hand with their hash and their JSON; a catalog's prompts share some hundreds."""


@dataclass(frozen=True)
class RequestForm:
    """A request, ready: the bytes to send, the ledger's form of them, and the texts that stand in it by hash."""

    sent: bytes
    stored: str
    blocks: tuple[str, ...]


def request_form(body: dict[str, Any]) -> RequestForm:
    """The forms of a request for the Messages API. Raises UnicodeEncodeError for text that is not Unicode."""
    stored_body = dict(body)
    blocks: dict[str, str] = {}
    as_sent: dict[str, str] = {}
    system, wanted = body.get("system"), body.get("output_config", {}).get("format", {})
    if isinstance(system, list):
        for block in system:
            digest, written = _shared(block["text"])
            blocks[digest] = block["text"]
            as_sent[f'"sha256":"{digest}"'] = f'"text":{written}'
        stored_body["system"] = [
            {
                "sha256" if key == "text" else key: _shared(value)[0] if key == "text" else value
                for key, value in b.items()
            }
            for b in system
        ]
    if "schema" in wanted:
        schema = _dumped(wanted["schema"])
        digest = block_hash(schema)
        blocks[digest] = schema
        as_sent[f'"schema":{{"sha256":"{digest}"}}'] = f'"schema":{schema}'
        stored_body["output_config"] = {
            **body["output_config"],
            "format": {**wanted, "schema": {"sha256": digest}},
        }
    stored = _dumped(stored_body)
    sent = stored
    for hashed, written in as_sent.items():  # within a string its quotes would be escaped: no text can hold one
        sent = sent.replace(hashed, written)
    return RequestForm(sent.encode(), stored, tuple(blocks.values()))


def block_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def store_blocks(connection: Connection, texts: Sequence[str]) -> None:
    """Keep prompt blocks by content; those that are there already stay."""
    by_hash = {block_hash(text): text for text in texts}
    there = set(
        connection.execute(select(prompt_blocks.c.sha256).where(prompt_blocks.c.sha256.in_(list(by_hash)))).scalars()
    )
    for digest, text in by_hash.items():
        if digest in there:
            continue
        try:
            with connection.begin_nested():
                connection.execute(insert(prompt_blocks).values(sha256=digest, text=text))
        except IntegrityError:
            continue  # another process has just kept the same block


def stored_request(connection: Connection, generation_id: str) -> dict[str, Any]:
    """The request of a call, as it was sent: what is kept by content is put back in its place."""
    text = connection.execute(select(generations.c.request).where(generations.c.id == generation_id)).scalar_one()
    request: dict[str, Any] = json.loads(text)
    if isinstance(request.get("system"), list):
        request["system"] = [_block_as_sent(connection, block) for block in request["system"]]
    wanted = request.get("output_config", {}).get("format", {})
    if "sha256" in wanted.get("schema", {}):
        wanted["schema"] = json.loads(_block(connection, wanted["schema"]["sha256"]))
    return request


def _block_as_sent(connection: Connection, block: dict[str, Any]) -> dict[str, Any]:
    """The block with its text in the place of its hash: even the order of keys is the one that was sent."""
    return dict(
        ("text", _block(connection, value)) if key == "sha256" else (key, value) for key, value in block.items()
    )


def _block(connection: Connection, digest: str) -> str:
    return str(connection.execute(select(prompt_blocks.c.text).where(prompt_blocks.c.sha256 == digest)).scalar_one())


@lru_cache(maxsize=SHARED_TEXTS)
def _shared(text: str) -> tuple[str, str]:
    """The hash of a text and its JSON, made once for all requests that share it."""
    return block_hash(text), _dumped(text)


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
