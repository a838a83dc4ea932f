"""Replies are packed where it pays and when they are decided, and read as they were."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from single_calls import intend
from small_jobs import JobAtHand
from sqlalchemy import LargeBinary, select, type_coerce, update
from sqlalchemy.dialects import sqlite

from brightrun.store.ledger import Intent, KeptReply, keep_replies
from brightrun.store.packing import pack_replies
from brightrun.store.tables import PACKED, Packable, batch_items, generations, packed

TEXT = json.dumps({"turns": ["What a reply says, it says in words that come again and again."] * 40}).encode()
NOISE = Random(7).randbytes(4_000)
DIALECT = sqlite.dialect()


@given(value=st.binary() | st.binary().map(lambda rest: PACKED + rest))
def test_bytes_are_read_as_they_were_kept(value: bytes) -> None:
    kind = Packable()
    assert kind.process_result_value(kind.process_bind_param(value, DIALECT), DIALECT) == value
    assert kind.process_result_value(packed(value), DIALECT) == value


def with_replies(job: JobAtHand, raws: list[bytes], state: str = "accepted") -> None:
    with job.here.database.writing() as connection:
        for number, (item, raw) in enumerate(zip(job.items, raws, strict=True)):
            call = f"{job.id}-{number:02d}"
            intend(connection, Intent(call, job.id, item["id"], 1, 1, "online", "m", "{}", Decimal("0.001")))
            keep_replies(connection, [KeptReply(call, raw, Decimal(0), None, None, "end_turn", {}, 1, 1, False, 200)])
        connection.execute(update(batch_items).where(batch_items.c.job_id == job.id).values(state=state))


def as_kept(job: JobAtHand) -> list[bytes]:
    raw = type_coerce(generations.c.raw_reply, LargeBinary)
    query = select(raw).where(generations.c.job_id == job.id).order_by(generations.c.id)
    with job.here.database.reading() as connection:
        return list(connection.execute(query).scalars())


def test_replies_that_shrink_are_packed_once_and_read_as_they_arrived(new_job: Callable[..., JobAtHand]) -> None:
    job = new_job(items=5)
    raws = [TEXT, b"{}", NOISE, PACKED + TEXT, TEXT + b"2"]
    with_replies(job, raws)
    assert pack_replies(job.here.database, job.id) == 2
    kept = as_kept(job)
    assert [call["raw_reply"] for call in job.rows(generations, generations.c.id)] == raws
    assert kept[0] == packed(TEXT)
    assert len(kept[0]) < len(TEXT) / 5
    assert kept[1:3] == raws[1:3]
    assert pack_replies(job.here.database, job.id) == 0
    assert as_kept(job) == kept


@pytest.mark.parametrize(("state", "expected"), [("planned", 0), ("generating", 0), ("generated", 0), ("rejected", 1)])
def test_only_what_is_decided_is_packed(new_job: Callable[..., JobAtHand], state: str, expected: int) -> None:
    job = new_job()
    with_replies(job, [TEXT], state)
    assert pack_replies(job.here.database, job.id) == expected


def test_more_than_a_page_is_packed(new_job: Callable[..., JobAtHand]) -> None:
    job, other = new_job(items=60), new_job()
    with_replies(job, [TEXT, NOISE] * 30)
    with_replies(other, [TEXT])
    assert pack_replies(job.here.database, job.id, page=25) == 30
    assert as_kept(other) == [TEXT]
