"""Enrichment of a job: each accepted conversation gets its record, in the store and as files; replies are packed."""

from __future__ import annotations

from collections.abc import Sequence

from brightrun.assessors import judgement_of, reading_of
from brightrun.catalog import Catalog
from brightrun.enrich import RECORD_VERSION, Assessments, EnrichedConversation, Provenance, enrich
from brightrun.money import exact_text
from brightrun.store.assessments import Assessment, assessments_of
from brightrun.store.conversations import AcceptedConversation, accepted, keep_enriched, raw_reply
from brightrun.store.database import Database
from brightrun.store.files import CONVERSATION_FILES, LocalFiles
from brightrun.store.jobs import Job
from brightrun.store.outbox import queue_files
from brightrun.store.packing import pack_replies
from brightrun.store.states import Purpose

CHUNK = 200


def enrich_job(database: Database, files: LocalFiles, job: Job, catalog: Catalog) -> int:
    """Give every accepted conversation without a record one. Files first, then the row: a row never names
    a file that is not there. Returns how many."""
    done = 0
    while made := _make_records(database, files, job, catalog):  # until a pass finds none: others accept meanwhile
        done += made
    pack_replies(database, job.id)
    return done


def _make_records(database: Database, files: LocalFiles, job: Job, catalog: Catalog) -> int:
    """One pass over the conversations, by id."""
    done, after = 0, ""
    while True:
        with database.reading() as connection:
            waiting = accepted(connection, job.id, after, CHUNK, RECORD_VERSION)
            raws = {entry.id: raw_reply(connection, entry.generation["generation_id"]) for entry in waiting}
            said = assessments_of(connection, [entry.id for entry in waiting])
        if not waiting:
            return done
        records = [(entry.id, _record(entry, job, catalog, _assessments(said.get(entry.id, [])))) for entry in waiting]
        names = []
        for conversation_id, record in records:
            for name, content in conversation_files(job.id, raws[conversation_id], record).items():
                files.put(CONVERSATION_FILES, name, content)
                names.append((CONVERSATION_FILES, name))
        with database.writing() as connection:
            for conversation_id, record in records:
                keep_enriched(connection, conversation_id, record.model_dump(mode="json"))
            queue_files(connection, files, job.id, names)
        done, after = done + len(records), waiting[-1].id


def conversation_files(job_id: str, raw_reply: bytes, record: EnrichedConversation) -> dict[str, bytes]:
    """The files of a conversation in their bucket: its reply as it arrived, and its record."""
    file = f"{job_id}/{record.conversation_id}.json"
    return {f"raw/{file}": raw_reply, f"enriched/{file}": record.model_dump_json(indent=1).encode()}


def _assessments(said: Sequence[Assessment]) -> Assessments:
    """What was said of a conversation last."""
    last = {one.purpose: one for one in said}
    judged, read = last.get(Purpose.JUDGE), last.get(Purpose.READ)
    return Assessments(
        judgement=judgement_of(judged.content) if judged else None,
        judge_version=judged.version if judged else "",
        reading=reading_of(read.content) if read else (),
        reader_version=read.version if read else "",
    )


def _record(entry: AcceptedConversation, job: Job, catalog: Catalog, said: Assessments) -> EnrichedConversation:
    generation = entry.generation
    template = catalog.templates[entry.item.template]
    provenance = Provenance(
        job_id=job.id,
        item_id=generation["item_id"],
        generation_id=generation["generation_id"],
        attempt=generation["attempt"],
        lane=generation["lane"],
        simulated=bool(generation["simulated"]),
        model=generation["model"],
        message_id=generation["message_id"] or "",
        request_id=generation["request_id"],
        template=template.key,
        template_version=template.version,
        prompt_version=job.prompt_version,
        catalog=catalog.info.key,
        catalog_hash=job.catalog_hash,
        input_tokens=generation["input_tokens"],
        output_tokens=generation["output_tokens"],
        cost_usd=exact_text(generation["cost_usd"]),
    )
    return enrich(entry.id, entry.item, entry.content, catalog, provenance, said)
