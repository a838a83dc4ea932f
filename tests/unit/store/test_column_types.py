"""Money is exact, time is aware, and the statements are understood by Postgres as well."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import single_calls
from hypothesis import given
from hypothesis import strategies as st
from small_jobs import JobAtHand
from sqlalchemy import event, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable

import brightrun.store
from brightrun.conversation import Conversation
from brightrun.store import conversations, items, jobs, ledger, requests, spend
from brightrun.store.states import ItemState
from brightrun.store.tables import Money, Said, UtcTime, batch_items, batch_jobs, item_transitions, metadata

amounts = st.decimals(Decimal(-900_000), Decimal(900_000), places=12)
DIALECTS = [sqlite.dialect(), postgresql.dialect()]


@given(amount=amounts)
def test_money_comes_back_as_it_went(amount: Decimal) -> None:
    for dialect in DIALECTS:
        kept = Money().process_bind_param(amount, dialect)
        assert isinstance(kept, int)
        assert abs(kept) < 2**63
        assert Money().process_result_value(kept, dialect) == amount


@given(parts=st.lists(amounts, max_size=20))
def test_money_adds_up_in_the_database_as_in_decimal(parts: list[Decimal]) -> None:
    dialect = sqlite.dialect()
    kept = [Money().process_bind_param(part, dialect) or 0 for part in parts]
    assert Money().process_result_value(sum(kept), dialect) == sum(parts, Decimal(0))


@pytest.mark.parametrize("wrong", [Decimal("0.0000000000001"), Decimal("NaN"), Decimal("1E-20")])
def test_money_is_never_rounded(wrong: Decimal) -> None:
    with pytest.raises(ValueError, match="twelve"):
        Money().process_bind_param(wrong, sqlite.dialect())


@given(moment=st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])))
def test_times_are_utc_whatever_they_were(moment: datetime) -> None:
    kept = UtcTime().process_bind_param(moment, sqlite.dialect())
    assert kept == moment
    assert kept is not None
    assert kept.utcoffset() == timedelta(0)
    back = UtcTime().process_result_value(kept.replace(tzinfo=None), sqlite.dialect())  # as SQLite gives it
    assert back == moment


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        UtcTime().process_bind_param(datetime(2026, 11, 1), sqlite.dialect())  # noqa: DTZ001


@given(text=st.text(st.characters(exclude_categories=())))
def test_whatever_is_said_can_be_kept(text: str) -> None:
    kept = Said().process_bind_param(text, postgresql.dialect())
    assert kept is not None
    assert "\0" not in kept
    assert kept.encode().decode() == kept


def test_times_and_money_survive_the_real_database(new_job: Callable[..., JobAtHand]) -> None:
    job = new_job(budget_usd=Decimal("0.123456")).job
    assert job.budget_usd == Decimal("0.123456")
    assert job.created_at.utcoffset() == timedelta(0)
    assert abs(job.created_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_tables_can_be_made_on_postgres() -> None:
    for table in metadata.sorted_tables:
        text = str(CreateTable(table).compile(dialect=postgresql.dialect()))
        assert "CREATE TABLE" in text


def statements_of_the_store(job: JobAtHand) -> list[Any]:
    """Every statement that the store's functions make, as SQLAlchemy has it before any dialect."""
    seen: list[Any] = []
    engine = job.here.database.engine
    event.listen(engine, "before_execute", lambda _c, statement, *_rest: seen.append(statement))
    item_id = job.items[0]["id"]
    one = Decimal(1)
    with job.here.database.writing() as c:
        jobs.latest_job(c, "x"), jobs.list_jobs(c), jobs.get_job(c, job.id[:8]), jobs.catalog_json(c, job.id)
        jobs.claim_job(c, job.id, "me:1", None), jobs.heartbeat(c, job.id, "me:1")
        (
            jobs.request_cancel(c, job.id, "me"),
            jobs.cancel_requested(c, job.id),
            jobs.adopt_spec(c, job.id, {}, one * 5, "me"),
        )
        jobs.state_counts(c, job.id), jobs.reason_counts(c, job.id), jobs.coverage(c, job.id)
        items.owed_items(c, job.id, 0, limit=5), items.owed_shards(c, job.id)
        items.has_items_under_way(c, job.id, 0)
        requests.store_blocks(c, ["a"]), ledger.may_fit_later(c, job.id, one)
        single_calls.intend(c, ledger.Intent("g", job.id, item_id, 1, 1, "online", "m", '{"system":[]}', one))
        requests.stored_request(c, "g"), ledger.take_over(c, "nobody", 2, shard=0)
        single_calls.keep_reply(c, ledger.KeptReply("g", b"{}", one, "m", "r", "s", {}, 1, 1, True, 200))
        spend.spend(c, job.id)
        content = Conversation.model_validate_json(
            '{"speaker":{"name":"D","age":4},"topic":"t","outcome":"o","turns":'
            '[{"role":"user","content":"c","emotion":"e","intensity":0.5}]}'
        )
        conversations.keep_conversations(c, [conversations.NewConversation(job.id, item_id, "g", 1, content)])
        conversations.conversations_in(c, job.id, ItemState.GENERATED, 5), conversations.raw_reply(c, "g")
        conversations.accepted(c, job.id, record_version=1), conversations.current_conversations(c, job.id)
        list(conversations.enriched_records(c, job.id))
        conversations.keep_enriched(c, "c", {})
        jobs.record_release(c, job.id, "v", "p", []), jobs.latest_release(c, job.id)
        jobs.finish_job(c, job.id, "me:1", jobs.JobStatus.DONE, None)
    return seen


def test_every_statement_of_the_store_is_understood(new_job: Callable[..., JobAtHand]) -> None:
    assert len(statements_of_the_store(new_job())) > 40


def test_the_store_writes_no_sql_of_one_database_only() -> None:
    """Text statements stand in the modules that are about one database or about its schema, and nowhere else."""
    for path in Path(brightrun.store.__file__).parent.glob("*.py"):
        if path.name in ("embedded.py", "postgres.py", "schema.py", "inserts.py", "access.py"):
            continue
        tree = ast.parse(path.read_text())
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names = {alias.name for node in imports for alias in node.names}
        attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not {"text", "literal_column"} & names, path.name
        assert "exec_driver_sql" not in attributes, path.name
        assert not any(node.module and "dialects" in node.module for node in imports), path.name


def test_sums_of_money_are_money(new_job: Callable[..., JobAtHand]) -> None:
    job = new_job()
    with job.here.database.writing() as connection:
        for n in range(3):
            single_calls.intend(
                connection,
                ledger.Intent(f"g{n}", job.id, job.items[0]["id"], 1, n, "online", "m", "{}", Decimal("0.1")),
            )
        total = connection.execute(select(func.sum(batch_jobs.c.reserved_usd))).scalar()
    assert total == job.spend.reserved_usd == Decimal("0.3")


def test_the_transition_log_numbers_itself(new_job: Callable[..., JobAtHand]) -> None:
    job = new_job()
    row = {"item_id": job.items[0]["id"], "from_state": "a", "to_state": "b", "attempt": 1, "at": datetime.now(UTC)}
    with job.here.database.writing() as connection:
        connection.execute(insert(item_transitions), [row, row])
    assert [entry["id"] for entry in job.transitions] == [1, 2]
    assert batch_items.c.state.type.length == 16
