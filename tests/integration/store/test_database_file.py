"""The embedded database: made and migrated by itself, durable, and refused with a reason where it cannot be used."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from database_servers import only_on_sqlite
from sqlalchemy import inspect, text

from brightrun.errors import StoreError
from brightrun.store.database import Database, open_database, sqlite_url
from brightrun.workplace import Workplace


def tables(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(inspect(connection).get_table_names())


def pragma(database: Database, name: str) -> object:
    with database.reading() as connection:
        return connection.execute(text(f"PRAGMA {name}")).scalar()


@only_on_sqlite
def test_durable_concurrent_and_with_foreign_keys(here: Workplace) -> None:
    assert pragma(here.database, "journal_mode") == "wal"
    assert pragma(here.database, "synchronous") == 2  # FULL
    assert pragma(here.database, "foreign_keys") == 1


def test_kf_24_a_row_without_its_parent_is_refused(here: Workplace) -> None:
    """KF-24."""
    orphan = text(
        "INSERT INTO message_batches (id, job_id, state, custom_ids_sha256, requests, created_at) "
        "VALUES ('m', 'no such job', 's', 'h', 1, '2026-11-01')"
    )
    with pytest.raises(StoreError, match=r"(?i)foreign key"), here.database.writing() as connection:
        connection.execute(orphan)


def test_many_open_a_new_database_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    start = threading.Barrier(4)
    found: list[set[str]] = []

    def open_it() -> None:
        start.wait(10)
        database = open_database(sqlite_url(path))
        found.append(tables(database))
        database.close()

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == 4
    assert all(names == found[0] for names in found)


def test_what_cannot_be_opened_is_named_without_its_password(tmp_path: Path) -> None:
    junk, file = tmp_path / "junk.db", tmp_path / "file"
    junk.write_bytes(b"this is no database at all " * 200)
    file.write_text("")
    cases = {
        sqlite_url(junk): "not a database",
        sqlite_url(tmp_path): "unable to open",
        sqlite_url(file / "a.db"): "cannot be made",
        "sqlite://": "in memory",
        "sqlite:///:memory:": "in memory",
        "postgresql+psycopg://me:geheim-1@127.0.0.1:1/x": "refused",
        "mysql://me:geheim-1@127.0.0.1:1/x": "cannot",
    }
    for url, said in cases.items():
        with pytest.raises(StoreError, match=said) as caught:
            open_database(url)
        assert "geheim" not in str(caught.value)


def test_reading_waits_for_no_writer_and_sees_no_half_of_it(here: Workplace) -> None:
    insert = text("INSERT INTO prompt_blocks VALUES ('a', 'text')")
    count = text("SELECT count(*) FROM prompt_blocks")
    with here.database.writing() as writer:
        writer.execute(insert)
        with here.database.reading() as reader:
            assert reader.execute(count).scalar() == 0
    with here.database.reading() as reader:
        assert reader.execute(count).scalar() == 1


def test_what_fails_is_rolled_back(here: Workplace) -> None:
    insert = text("INSERT INTO prompt_blocks VALUES ('a', 'text')")
    with pytest.raises(StoreError, match=r"(?i)unique"), here.database.writing() as connection:
        connection.execute(insert).close() or connection.execute(insert)
    with here.database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM prompt_blocks")).scalar() == 0


def test_who_only_looks_waits_for_no_writer(here: Workplace) -> None:
    """`brightrun status` answers while another process holds the write lock."""
    with here.database.writing():
        second = open_database(here.config.database_url)
        with second.reading() as connection:
            assert connection.execute(text("SELECT count(*) FROM batch_jobs")).scalar() == 0
        second.close()
