"""Where a record comes from: its plan, every call and what it cost, every verdict, and the releases that hold it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, RowMapping, select

from brightrun.errors import RequestError
from brightrun.export.release import RECORDS_FILE
from brightrun.items import Item
from brightrun.store.files import DATASETS, LocalFiles
from brightrun.store.requests import stored_request
from brightrun.store.states import GenerationState
from brightrun.store.tables import (
    assessments,
    batch_items,
    batch_jobs,
    conversations,
    generations,
    item_transitions,
    releases,
    verdicts,
)
from brightrun.workplace import Workplace
from brightrun.yaml_source import nearest

RECORD_ID = re.compile(r"(?P<item>[icg][0-9a-z]+)(?:-(?P<attempt>\d\d))?(?:-[jr]?\d\d)?")
"""An item, a conversation of an attempt, or a pair or a call of it: they begin alike."""


class Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class CallStory(Part):
    """One call: what for, how it ended, what it cost. Costs are exact US dollars, as text."""

    id: str
    purpose: str
    state: str
    model: str
    lane: str
    request_id: str | None
    message_id: str | None
    stop_reason: str | None
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: str
    error: str | None
    sent_at: str
    request: dict[str, Any]


class SaidStory(Part):
    """What a judge or a reader said, in which version, by which call."""

    purpose: str
    version: str
    call: str
    content: dict[str, Any]
    at: str


class VerdictStory(Part):
    """One verdict: what the checks found, or what followed from judge and reader."""

    verdict: str
    reasons: tuple[str, ...]
    findings: tuple[dict[str, Any], ...]
    results: tuple[dict[str, Any], ...] | None
    checks_version: str
    at: str


class AttemptStory(Part):
    """One attempt: its calls, and its conversation, if it brought one."""

    number: int
    conversation_id: str | None
    calls: tuple[CallStory, ...]
    verdicts: tuple[VerdictStory, ...]
    said: tuple[SaidStory, ...]


class Step(Part):
    """One change of the item's state."""

    was: str
    becomes: str
    attempt: int
    reason: str | None
    message: str | None
    actor: str | None
    at: str


class ReleaseStory(Part):
    """A release of the job. `holds_it` is None where its files are not to be read from here."""

    version: str
    path: str
    at: str
    holds_it: bool | None


class Explanation(Part):
    """All that is known of an item and its conversations."""

    item_id: str
    job_id: str
    dataset: str
    simulated: bool
    state: str
    reason: str | None
    conversation_id: str | None
    catalog_hash: str
    prompt_version: str
    code_version: str
    actor: str
    plan: Item
    attempts: tuple[AttemptStory, ...]
    steps: tuple[Step, ...]
    releases: tuple[ReleaseStory, ...]


def explain(here: Workplace, record: str) -> Explanation:
    """The explanation of a conversation, pair, call or item. Raises RequestError where there is none of this id."""
    with here.database.reading() as connection:
        item = _item_of(connection, record)
        job = connection.execute(select(batch_jobs).where(batch_jobs.c.id == item["job_id"])).mappings().one()
        return Explanation(
            item_id=item["id"],
            job_id=job["id"],
            dataset=job["name"],
            simulated=job["simulated"],
            state=item["state"],
            reason=item["reason_code"],
            conversation_id=item["conversation_id"],
            catalog_hash=job["catalog_hash"],
            prompt_version=job["prompt_version"],
            code_version=job["code_version"],
            actor=job["actor"],
            plan=Item.model_validate(item["plan"]),
            attempts=_attempts(connection, item["id"]),
            steps=_steps(connection, item["id"]),
            releases=_releases(connection, here.files, job["id"], item["conversation_id"]),
        )


def _item_of(connection: Connection, record: str) -> RowMapping:
    shape = RECORD_ID.fullmatch(record.strip())
    if shape:
        wanted = f"i{shape['item'][1:]}"
        row = connection.execute(select(batch_items).where(batch_items.c.id == wanted)).mappings().first()
        if row:
            return row
    known = connection.execute(select(conversations.c.id).order_by(conversations.c.id).limit(2000)).scalars()
    raise RequestError(
        f"There is no record `{record}`{nearest(record, known)}; ids stand in the column conversation_id of a release"
    )


def _attempts(connection: Connection, item_id: str) -> tuple[AttemptStory, ...]:
    g, c, v, a = generations.c, conversations.c, verdicts.c, assessments.c
    calls: dict[int, list[CallStory]] = {}
    query = select(generations).where(g.item_id == item_id).order_by(g.attempt, g.sent_at, g.id)
    for row in connection.execute(query).mappings():
        calls.setdefault(row["attempt"], []).append(_call(connection, row))
    written = dict(connection.execute(select(c.attempt, c.id).where(c.item_id == item_id)).tuples().all())
    stories = []
    for number in sorted(calls):
        conversation_id = written.get(number)
        of_it = select(verdicts).where(v.conversation_id == conversation_id).order_by(v.id)
        said = select(assessments).where(a.conversation_id == conversation_id).order_by(a.id)
        stories.append(
            AttemptStory(
                number=number,
                conversation_id=conversation_id,
                calls=tuple(calls[number]),
                verdicts=tuple(_verdict(row) for row in connection.execute(of_it).mappings()),
                said=tuple(_said(row) for row in connection.execute(said).mappings()),
            )
        )
    return tuple(stories)


def _call(connection: Connection, row: RowMapping) -> CallStory:
    is_open = row["state"] == GenerationState.OPEN.value
    return CallStory(
        id=row["id"],
        purpose=row["purpose"],
        state=row["state"],
        model=row["model"],
        lane=row["lane"],
        request_id=row["request_id"],
        message_id=row["message_id"],
        stop_reason=row["stop_reason"],
        input_tokens=row["input_tokens"],
        output_tokens=row["output_tokens"],
        cost_usd=str(row["reserved_usd"] if is_open else row["cost_usd"]),
        error=": ".join(part for part in (row["error_category"], row["error_message"]) if part) or None,
        sent_at=row["sent_at"].isoformat(),
        request=stored_request(connection, row["id"]),
    )


def _verdict(row: RowMapping) -> VerdictStory:
    return VerdictStory(
        verdict=row["verdict"],
        reasons=tuple(row["reasons"]),
        findings=tuple(row["findings"]),
        results=None if row["results"] is None else tuple(row["results"]),
        checks_version=row["checks_version"],
        at=row["at"].isoformat(),
    )


def _said(row: RowMapping) -> SaidStory:
    return SaidStory(
        purpose=row["purpose"],
        version=row["version"],
        call=row["generation_id"],
        content=row["content"],
        at=row["at"].isoformat(),
    )


def _steps(connection: Connection, item_id: str) -> tuple[Step, ...]:
    t = item_transitions.c
    return tuple(
        Step(
            was=row["from_state"],
            becomes=row["to_state"],
            attempt=row["attempt"],
            reason=row["reason_code"],
            message=row["reason_message"],
            actor=row["actor"],
            at=row["at"].isoformat(),
        )
        for row in connection.execute(select(item_transitions).where(t.item_id == item_id).order_by(t.id)).mappings()
    )


def _releases(
    connection: Connection, files: LocalFiles, job_id: str, conversation_id: str | None
) -> tuple[ReleaseStory, ...]:
    r = releases.c
    stories = []
    for row in connection.execute(select(releases).where(r.job_id == job_id).order_by(r.id)).mappings():
        path = files.path(DATASETS, row["path"])
        stories.append(
            ReleaseStory(
                version=row["version"],
                path=str(path),
                at=row["at"].isoformat(),
                holds_it=_holds(path / RECORDS_FILE, conversation_id),
            )
        )
    return tuple(stories)


def _holds(records: Path, conversation_id: str | None) -> bool | None:
    """Whether the records of a release, one JSON object a line, have this conversation."""
    if not records.is_file():
        return None
    wanted = (conversation_id or "").encode()
    with records.open("rb") as lines:
        return any(wanted in line and orjson.loads(line)["conversation_id"] == conversation_id for line in lines)
