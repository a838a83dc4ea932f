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

import orjson
from sqlalchemy import Connection, select

from brightrun.store.inserts import insert_new
from brightrun.store.tables import generations, prompt_blocks

SHARED_TEXTS = 2_048
"""So many texts are kept at hand with their hash and their JSON; a catalog's prompts share some hundreds."""

NOT_SHARED = frozenset({"max_tokens", "messages", "metadata"})
"""What is a request's own, or no part of its prompt."""


@dataclass(frozen=True)
class RequestForm:
    """A request, ready: the bytes to send, the ledger's form of them, and the texts that stand in it by hash."""

    sent: bytes
    stored: str
    blocks: tuple[str, ...]
    shared: bytes
    """What of its prompt others may have, too, in the ledger's form."""
    messages_bytes: int
    in_blocks: bool
    """Whether its system prompt is made of blocks, which others may have, too."""


def request_form(body: dict[str, Any]) -> RequestForm:
    """The forms of a request for the Messages API. Raises TypeError for text that is not Unicode."""
    blocks: dict[str, str] = {}
    sent: dict[str, bytes] = {}
    stored: dict[str, bytes] = {}
    in_blocks = bool(body.get("system")) and isinstance(body["system"], list)
    for name, value in body.items():
        as_sent = as_stored = None
        if name == "system" and in_blocks:
            as_sent, as_stored = _system(value, blocks)
        elif name == "output_config" and "schema" in value.get("format", {}):
            as_stored = _output_config(value, blocks)
        sent[name] = as_sent or orjson.dumps(value)
        stored[name] = as_stored or sent[name]
    return RequestForm(
        sent=_object(sent),
        stored=_object(stored).decode(),
        blocks=tuple(blocks.values()),
        shared=_object({name: part for name, part in stored.items() if name not in NOT_SHARED}),
        messages_bytes=len(sent.get("messages", b"")),
        in_blocks=in_blocks,
    )


def _system(system: list[dict[str, Any]], blocks: dict[str, str]) -> tuple[bytes, bytes]:
    """System blocks as they are sent, and with each text by its hash."""
    forms = [_block_forms(block["text"], orjson.dumps({**block, "text": None})) for block in system]
    blocks.update((form.digest, block["text"]) for form, block in zip(forms, system, strict=True))
    return b"[%b]" % b",".join(form.sent for form in forms), b"[%b]" % b",".join(form.stored for form in forms)


@dataclass(frozen=True)
class _BlockForms:
    digest: str
    sent: bytes
    stored: bytes


@lru_cache(maxsize=SHARED_TEXTS)
def _block_forms(text: str, around: bytes) -> _BlockForms:
    """The forms of a block, made once for all requests that share it. `around`: the block without its text, as JSON."""
    block = orjson.loads(around)
    digest = block_hash(text)
    hashed = {("sha256" if key == "text" else key): (digest if key == "text" else part) for key, part in block.items()}
    return _BlockForms(digest, orjson.dumps({**block, "text": text}), orjson.dumps(hashed))


def _output_config(config: dict[str, Any], blocks: dict[str, str]) -> bytes:
    """The wanted output with its schema by hash."""
    schema = orjson.dumps(config["format"]["schema"]).decode()
    digest = block_hash(schema)
    blocks[digest] = schema
    return orjson.dumps({**config, "format": {**config["format"], "schema": {"sha256": digest}}})


def _object(parts: dict[str, bytes]) -> bytes:
    """A JSON object of what is JSON already."""
    return b"{%b}" % b",".join(b"%b:%b" % (orjson.dumps(key), part) for key, part in parts.items())


def block_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def store_blocks(connection: Connection, texts: Sequence[str]) -> None:
    """Keep prompt blocks by content; those that are there already stay."""
    by_hash = {block_hash(text): text for text in texts}
    there = set(
        connection.execute(select(prompt_blocks.c.sha256).where(prompt_blocks.c.sha256.in_(list(by_hash)))).scalars()
    )
    new = [{"sha256": digest, "text": text} for digest, text in sorted(by_hash.items()) if digest not in there]
    insert_new(connection, prompt_blocks, new)


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
