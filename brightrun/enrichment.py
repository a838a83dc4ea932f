"""Enrichment of a job: each accepted conversation gets its record, in the store and as files; replies are packed."""

from __future__ import annotations

from brightrun.catalog import Catalog
from brightrun.enrich import RECORD_VERSION, EnrichedConversation, Provenance, enrich
from brightrun.store.conversations import AcceptedConversation, accepted, keep_enriched, raw_reply
from brightrun.store.database import Database
from brightrun.store.files import CONVERSATION_FILES, LocalFiles
from brightrun.store.jobs import Job
from brightrun.store.packing import pack_replies

CHUNK = 200


def enrich_job(database: Database, files: LocalFiles, job: Job, catalog: Catalog) -> int:
    """Give every accepted conversation without a record one. Files first, then the row: a row never names
    a file that is not there. Returns how many."""
    done = _make_records(database, files, job, catalog)
    pack_replies(database, job.id)
    return done


def _make_records(database: Database, files: LocalFiles, job: Job, catalog: Catalog) -> int:
    done = 0
    while True:
        with database.reading() as connection:
            waiting = accepted(connection, job.id, limit=CHUNK, record_version=RECORD_VERSION)
            raws = {entry.id: raw_reply(connection, entry.generation["generation_id"]) for entry in waiting}
        if not waiting:
            return done
        records = [(entry.id, _record(entry, job, catalog)) for entry in waiting]
        for conversation_id, record in records:
            files.put(CONVERSATION_FILES, f"raw/{job.id}/{conversation_id}.json", raws[conversation_id])
            enriched = record.model_dump_json(indent=1).encode()
            files.put(CONVERSATION_FILES, f"enriched/{job.id}/{conversation_id}.json", enriched)
        with database.writing() as connection:
            for conversation_id, record in records:
                keep_enriched(connection, conversation_id, record.model_dump(mode="json"))
        done += len(records)


def _record(entry: AcceptedConversation, job: Job, catalog: Catalog) -> EnrichedConversation:
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
        cost_usd=format(generation["cost_usd"].normalize(), "f"),
    )
    return enrich(entry.id, entry.item, entry.content, catalog, provenance)
