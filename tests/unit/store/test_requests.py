"""A request is sent as it would be dumped, kept with what many share by content, and found again as it was sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from single_calls import intend
from small_jobs import JobAtHand

from brightrun.store.ledger import Intent
from brightrun.store.requests import block_hash, request_form, store_blocks, stored_request

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=30) | st.sampled_from(
    ['"sha256":"', '{"sha256":"x"}', "\\", "é\u2028", f'"sha256":"{block_hash("a")}"', "a"]
)
blocks = st.builds(
    lambda text, marked: {"type": "text", "text": text, **({"cache_control": {"type": "ephemeral"}} if marked else {})},
    texts,
    st.booleans(),
)
schemas = st.dictionaries(texts.filter(lambda key: key != "sha256"), texts, max_size=3)
bodies = st.fixed_dictionaries(
    {"model": texts, "max_tokens": st.integers(1, 9), "messages": st.lists(st.fixed_dictionaries({"content": texts}))},
    optional={
        "system": texts | st.lists(blocks, max_size=4),
        "output_config": st.fixed_dictionaries({"format": st.fixed_dictionaries({"schema": schemas})}),
    },
)


def dumped(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


@given(body=bodies)
def test_kf_05_what_is_sent_is_the_body_byte_for_byte(body: dict[str, Any]) -> None:
    assert request_form(body).sent == dumped(body)


def test_what_is_kept_is_found_as_it_was_sent(new_job: Callable[..., JobAtHand]) -> None:
    job = new_job()
    schema = {"type": "object", "properties": {"é": {"enum": ["a", "b"]}}}
    system = [
        {"type": "text", "text": "craft"},
        {"text": "craft", "type": "text"},
        {"type": "text", "text": '"text":"'},
    ]
    body = {"system": system, "output_config": {"format": {"type": "json_schema", "schema": schema}}, "n": "craft"}
    form = request_form(body)
    assert all(text not in form.stored for text in ("properties", '"text":"craft"'))
    assert len(form.blocks) == 3
    intent = Intent("g", job.id, job.items[0]["id"], 1, 1, "online", "m", form.stored, Decimal(1))
    with job.here.database.writing() as connection:
        store_blocks(connection, form.blocks)
        intend(connection, intent)
        intend(connection, replace(intent, generation_id="plain", call=2, request='{"system":"as text"}'))
        assert dumped(stored_request(connection, "g")) == form.sent
        assert stored_request(connection, "plain") == {"system": "as text"}


def test_text_that_is_not_unicode_is_refused() -> None:
    with pytest.raises(TypeError):
        request_form({"messages": [{"content": "\ud800"}]})
