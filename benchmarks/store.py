"""The store with a job of 100,000 items: how long it takes to write, and to answer what is asked of it.

    python benchmarks/store.py                                     # SQLite, in a temporary folder
    python benchmarks/store.py --url postgresql://me@localhost/empty --explain

The database at the address has to be empty. Of the items one in ten is owed, one in twenty is undecided, the others are
accepted; every conversation has its call in the ledger, every third one another for a judge, with replies as long as
packed ones are. Each question is asked twenty times; what is printed is the median and the worst.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from planned_job import plan_of
from sqlalchemy import Connection, bindparam, event, text, update

from brightrun.garbage import rarely_collected
from brightrun.planning import Plan, open_job
from brightrun.store.assessments import undecided_items
from brightrun.store.conversations import accepted, conversation_id_of, conversations_in
from brightrun.store.database import Database, open_database, sqlite_url, upgrade_database
from brightrun.store.inserts import insert_many
from brightrun.store.items import has_items_under_way, owed_items, owed_shards, prompt_counts
from brightrun.store.jobs import cancel_requested, coverage, get_job, list_jobs
from brightrun.store.ledger import take_over
from brightrun.store.states import ItemState
from brightrun.store.tables import batch_items, conversations, generations, item_transitions
from brightrun.summary import summarize

PACKED_BYTES = 5_000
REQUEST_CHARACTERS = 3_000
AT_ONCE = 1_000
ASKED = 20


def state_of(position: int) -> ItemState:
    """Where the item at a position stands."""
    if position % 10 == 0:
        return ItemState.PLANNED
    return ItemState.UNDECIDED if position % 20 == 1 else ItemState.ACCEPTED


def fill(database: Database, job_id: str) -> None:
    """Calls, conversations and states, as if most of the job were done."""
    with database.reading() as connection:
        query = batch_items.select().with_only_columns(batch_items.c.id, batch_items.c.position)
        rows = list(connection.execute(query.order_by(batch_items.c.position)))
    for start in range(0, len(rows), AT_ONCE):
        page = [(item, position) for item, position in rows[start : start + AT_ONCE] if position % 10]
        with database.writing() as connection:
            write_page(connection, job_id, page)


def write_page(connection: Connection, job_id: str, page: list[tuple[str, int]]) -> None:
    now = datetime.now(UTC)
    content = {"speaker": {"name": "D", "age": 4}, "topic": "t", "outcome": "o"}
    turns = [{"role": "user", "content": "w " * 700, "emotion": "e", "intensity": 0.5}]
    calls = [call(job_id, item, "write", now) for item, _ in page]
    calls += [call(job_id, item, "judge", now) for item, position in page if position % 3 == 0]
    insert_many(connection, generations, calls)
    said = [
        {
            "id": conversation_id_of(item, 1),
            "job_id": job_id,
            "item_id": item,
            "generation_id": f"g{item[1:]}-write",
            "attempt": 1,
            "content": {**content, "turns": turns},
            "created_at": now,
        }
        for item, _ in page
    ]
    insert_many(connection, conversations, said)
    moved = [
        {"item": item, "to": state_of(position).value, "has": conversation_id_of(item, 1)} for item, position in page
    ]
    connection.execute(
        update(batch_items)
        .where(batch_items.c.id == bindparam("item"))
        .values(state=bindparam("to"), conversation_id=bindparam("has")),
        moved,
    )
    notes = [
        {"item_id": row["item"], "from_state": "generating", "to_state": row["to"], "attempt": 1, "at": now}
        for row in moved
    ]
    insert_many(connection, item_transitions, notes)


def call(job_id: str, item: str, purpose: str, now: datetime) -> dict[str, Any]:
    """A call that was replied to."""
    return {
        "id": f"g{item[1:]}-{purpose}",
        "job_id": job_id,
        "item_id": item,
        "attempt": 1,
        "call": 1,
        "purpose": purpose,
        "conversation_id": None if purpose == "write" else conversation_id_of(item, 1),
        "lane": "online",
        "state": "replied",
        "model": "claude-sonnet-5-5",
        "request": "r" + os.urandom(REQUEST_CHARACTERS // 2).hex(),
        "reserved_usd": Decimal(0),
        "cost_usd": Decimal("0.012345"),
        "message_id": f"msg_{item}",
        "request_id": f"req_{item}",
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 4_000, "output_tokens": 2_000, "cache_read_input_tokens": 2_000},
        "input_tokens": 4_000,
        "output_tokens": 2_000,
        "cache_read_tokens": 2_000,
        "cache_write_tokens": 0,
        "cache_saved_usd": Decimal("0.003"),
        "raw_reply": os.urandom(PACKED_BYTES),
        "simulated": True,
        "http_status": 200,
        "sent_at": now,
        "ended_at": now,
    }


def questions(job_id: str) -> dict[str, Callable[[Connection], object]]:
    """What a run, a watcher and an operator ask while a job is under way."""
    middle = 100
    last = accepted_after(job_id)
    return {
        "next owed items of a shard": lambda c: owed_items(c, job_id, middle, limit=12),
        "next undecided items of a shard": lambda c: undecided_items(c, job_id, middle, limit=12),
        "items under way in a shard": lambda c: has_items_under_way(c, job_id, middle),
        "shards with something owed": lambda c: owed_shards(c, job_id),
        "prompts by template, arc and persona": lambda c: prompt_counts(c, job_id),
        "combinations that lack something": lambda c: [cell for cell in coverage(c, job_id) if cell.is_short],
        "200 conversations to check": lambda c: conversations_in(c, job_id, ItemState.ACCEPTED, 200),
        "500 accepted conversations": last,
        "whether a cancel was asked for": lambda c: cancel_requested(c, job_id),
        "what a dead run left (nothing)": lambda c: take_over(c, job_id, 6),
        "a job, by the beginning of its id": lambda c: get_job(c, job_id[:14]),
        "the newest jobs": list_jobs,
    }


def accepted_after(job_id: str) -> Callable[[Connection], object]:
    return lambda connection: accepted(connection, job_id, after="c8", limit=500)


def asked(database: Database, ask: Callable[[], object], explain: bool, name: str) -> None:
    """Ask, and print how long it took; with `explain` also the plans."""
    statements: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        statements.append((statement, parameters))

    ask()
    event.listen(database.engine, "before_cursor_execute", note)
    ask()
    event.remove(database.engine, "before_cursor_execute", note)
    took = []
    for _ in range(ASKED):
        began = time.perf_counter()
        ask()
        took.append(1000 * (time.perf_counter() - began))
    print(f"{name:<40} {statistics.median(took):8.1f} ms, at worst {max(took):8.1f} ms", flush=True)
    if explain:
        show_plans(database, [entry for entry in statements if entry[0].startswith("SELECT") and "FROM" in entry[0]])


def show_plans(database: Database, statements: list[tuple[str, Any]]) -> None:
    head = "EXPLAIN QUERY PLAN " if database.engine.dialect.name == "sqlite" else "EXPLAIN (ANALYZE, BUFFERS) "
    with database.writing() as connection:
        for statement, parameters in statements:
            for row in connection.exec_driver_sql(head + statement, parameters):
                print("      ", row[-1])
            print()


def settle(database: Database) -> None:
    """What each database does by itself from time to time."""
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            assert raw is not None
            raw.execute("VACUUM (ANALYZE)")  # type: ignore[attr-defined]
    else:
        with database.writing() as connection:
            connection.execute(text("ANALYZE"))


def measure(url: str, plan: Plan, explain: bool) -> None:
    upgrade_database(url)
    database = open_database(url)
    print("\n" + database.engine.dialect.name, *(database.engine.dialect.server_version_info or ()))
    began = time.perf_counter()
    job_id = open_job(database, plan, simulated=True, new=True).job.id
    print(f"{'writing the job and its items':<40} {time.perf_counter() - began:8.1f} s", flush=True)
    began = time.perf_counter()
    fill(database, job_id)
    print(f"{'filling it':<40} {time.perf_counter() - began:8.1f} s", flush=True)
    for moment in ("just written", "settled"):
        print(f"\n{moment}:")
        asked(database, lambda: summarize(database, job_id), explain, "status")
        for name, question in questions(job_id).items():
            asked(database, lambda question=question: ask(database, question), explain, name)  # type: ignore[misc]
        settle(database)
    database.close()


def ask(database: Database, question: Callable[[Connection], object]) -> object:
    with database.reading() as connection:
        return question(connection)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--url", action="append", help="an empty database; unless given, a SQLite file in a temporary folder"
    )
    parser.add_argument(
        "--items", type=int, default=99_680, help="a job holds 100,000 at most, and each combination alike"
    )
    parser.add_argument("--explain", action="store_true", help="print the plan of each statement")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="brightrun-store-") as folder:
        began = time.perf_counter()
        plan = plan_of(arguments.items)
        print(f"planned {arguments.items:,} items in {time.perf_counter() - began:.1f} s", flush=True)
        with rarely_collected():  # the plan stays, and nobody who asks has one
            for url in arguments.url or [sqlite_url(Path(folder) / "brightrun.db")]:
                measure(url, plan, arguments.explain)


if __name__ == "__main__":
    main()
