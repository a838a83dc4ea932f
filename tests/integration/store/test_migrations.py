"""Migrations go forwards and back on both databases, and keep what is there."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from database_servers import PASSWORD, Postgres
from small_jobs import JobAtHand
from sqlalchemy import Connection, inspect, make_url, select, text

from brightrun.conversation import Conversation
from brightrun.errors import ExitCode, StoreAwayError, StoreError, StoreRefusedError
from brightrun.store.conversations import NewConversation, keep_conversations
from brightrun.store.database import Database, open_database, schema_at, sqlite_url, upgrade_database
from brightrun.store.ledger import Intent, KeptReply, keep_replies, reserve
from brightrun.store.postgres import postgres_engine
from brightrun.store.schema import HEAD, KNOWN, MIGRATIONS, Standing, migrating
from brightrun.store.tables import metadata

WAIT_S = 60
CONTENT = Conversation.model_validate(
    {
        "speaker": {"name": "D", "age": 4},
        "topic": "t",
        "outcome": "o",
        "turns": [{"role": "user", "content": "c", "emotion": "e", "intensity": 0.5}],
    }
)


def migrations() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def migrate(database: Database, go: Callable[[Config, str], None], revision: str) -> None:
    config = migrations()
    with migrating(database.engine) as connection:
        config.attributes["connection"] = connection
        go(config, revision)


def everything(connection: Connection) -> dict[str, list[str]]:
    """All rows of all tables, as text."""
    return {
        table.name: sorted(json.dumps(dict(row), default=str) for row in connection.execute(select(table)).mappings())
        for table in metadata.sorted_tables
    }


@pytest.fixture(params=["sqlite", "postgres", "pgbouncer"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with nothing in it."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "folder" / "empty.db")
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    with postgres.database(template="template1") as name:
        yield request.getfixturevalue(request.param).address(name)


def test_the_program_knows_its_migrations() -> None:
    revisions = [script.revision for script in ScriptDirectory.from_config(migrations()).walk_revisions()]
    assert tuple(reversed(revisions)) == KNOWN
    assert revisions[0] == HEAD


def test_they_end_at_the_tables_of_the_program(empty_url: str) -> None:
    assert upgrade_database(empty_url).revision is None
    database = open_database(empty_url)
    with database.reading() as connection:
        made = set(inspect(connection).get_table_names())
        context = MigrationContext.configure(connection, opts={"compare_type": connection.dialect.name != "sqlite"})
        assert compare_metadata(context, metadata) == []
    assert set(metadata.tables) | {"alembic_version"} == made
    migrate(database, command.downgrade, "base")
    with database.reading() as connection:
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
    database.close()


def test_back_and_forwards_again_nothing_is_lost(new_job: Callable[..., JobAtHand]) -> None:
    job = new_job(3)
    database = job.here.database
    item_id = job.items[0]["id"]
    intent = Intent("g-1", job.id, item_id, 1, 1, "online", "m", "{}", job.job.budget_usd / 10)
    reply = KeptReply("g-1", b"\0{}\xff", job.job.budget_usd / 20, "msg", "req", "end_turn", {"a": 1}, 5, 6, False, 200)
    with database.writing() as connection:
        reserve(connection, [intent])
        keep_replies(connection, [reply])
        keep_conversations(connection, [NewConversation(job.id, item_id, "g-1", 1, CONTENT)])
    with database.reading() as connection:
        before = everything(connection)
    assert all(before[table] for table in ("batch_items", "generations", "conversations", "item_transitions"))
    for older in reversed(KNOWN[1:-1]):  # further back what the prompt cache did is not known
        migrate(database, command.downgrade, older)
        migrate(database, command.upgrade, HEAD)
        with database.reading() as connection:
            assert everything(connection) == before, older
        with pytest.raises(StoreError, match=r"(?i)foreign key"), database.writing() as connection:
            connection.execute(text("UPDATE generations SET job_id = 'no such job'"))
    job.assert_books_balance()


def test_text_is_ordered_by_its_characters(new_job: Callable[..., JobAtHand]) -> None:
    """Law 6: what is exported in the database's order is the same on all of them."""
    names = ["a_b", "ab", "a-b", "B", "a", "é", "b"]
    job = new_job(len(names))
    with job.here.database.writing() as connection:
        for name, item in zip(names, job.items, strict=True):
            move = text("UPDATE batch_items SET persona = :name WHERE id = :id")
            connection.execute(move, {"name": name, "id": item["id"]})
        found = connection.execute(text("SELECT persona FROM batch_items ORDER BY persona")).scalars().all()
        if connection.dialect.name == "postgresql":
            kinds = text(
                "SELECT DISTINCT collation_name FROM information_schema.columns WHERE table_schema = current_schema() "
                "AND data_type = 'character varying' AND table_name <> 'alembic_version'"
            )
            assert connection.execute(kinds).scalars().all() == ["C"]
    assert found == sorted(names)


def test_a_table_of_others_is_left_alone(postgres: Postgres) -> None:
    with postgres.database(template="template1") as name:
        engine = postgres_engine(make_url(postgres.address(name)))
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE theirs (name varchar(10) PRIMARY KEY)"))
        upgrade_database(postgres.address(name))
        with engine.begin() as connection:
            kind = text("SELECT collation_name FROM information_schema.columns WHERE table_name = 'theirs'")
            assert connection.execute(kind).scalar_one() is None
        engine.dispose()


def test_many_upgrade_at_once_and_one_does(empty_url: str) -> None:
    start = threading.Barrier(4)
    found: list[Any] = []

    def upgrade() -> None:
        start.wait(10)
        found.append(upgrade_database(empty_url).revision)

    threads = [threading.Thread(target=upgrade) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    assert sorted(found, key=str) == [HEAD, HEAD, HEAD, None]
    assert schema_at(empty_url).standing is Standing.CURRENT


def set_revision(url: str, revision: str) -> None:
    database = open_database(url)
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    database.close()


def test_a_database_of_a_newer_program_is_refused_and_left_alone(database_url: str) -> None:
    set_revision(database_url, "9999")
    for open_it in (open_database, upgrade_database):
        with pytest.raises(
            StoreRefusedError, match=f"at schema 9999; this program needs {HEAD}.* newer version"
        ) as caught:
            open_it(database_url)
        assert caught.value.exit_code is ExitCode.BAD_REQUEST
    assert schema_at(database_url).revision == "9999"


def test_a_server_that_was_not_upgraded_is_refused_with_what_to_type(postgres: Postgres, postgres_url: str) -> None:
    set_revision(postgres_url, "0001")
    with pytest.raises(StoreRefusedError, match=f"at schema 0001; this program needs {HEAD}.*brightrun db upgrade"):
        open_database(postgres_url)
    with (
        postgres.database(template="template1") as name,
        pytest.raises(StoreRefusedError, match=r"no tables.*db upgrade"),
    ):
        open_database(postgres.address(name))


def test_what_cannot_be_reached_is_told_apart_from_what_is_wrong_and_no_password_is_shown(postgres: Postgres) -> None:
    good = postgres.address("template1")
    wrong = {
        good.replace("template1", "nothere"): 'database "nothere" does not exist',
        good.replace("geheim", "falsch"): "password authentication failed",
        good.replace("127.0.0.1", "nowhere.invalid"): "nowhere.invalid",
        good.replace("://", "+asyncpg://"): "psycopg",
        good.replace(f":{postgres.port}", ":port"): "cannot be read as an address",
        good + "?sslmode=verify-full": "cannot be opened",
        good + "?password=geheim-9&nosuchoption=1": "cannot be opened",
    }
    away = {good.replace(f":{postgres.port}/", ":1/"): "refused"}
    for kind, cases in ((StoreRefusedError, wrong), (StoreAwayError, away)):
        for url, said in cases.items():
            with pytest.raises(kind, match=said) as caught:
                open_database(url)
            assert type(caught.value) is kind, url
            assert caught.value.exit_code is (ExitCode.BAD_REQUEST if kind is StoreRefusedError else ExitCode.SHORT)
            shown = f"{caught.value} {caught.value.__cause__!r}"
            assert not any(secret in shown for secret in (PASSWORD, "geheim", "falsch")), shown
