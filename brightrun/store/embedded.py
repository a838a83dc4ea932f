"""The embedded database: SQLite in a file, durable, with one writer at a time and readers that wait for none."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from brightrun.errors import StoreError
from brightrun.store.documents import read_document, written_document

LOCK_WAIT_S = 60

WAL_PAGES = 8_000
"""So many pages (32 MB) are in the log before they are copied into the database: most pages of the ledger are written
again and again, and are copied once. SQLite's own default is 1,000."""

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "temp_store=MEMORY",
    f"wal_autocheckpoint={WAL_PAGES}",
)


def sqlite_url(path: Path) -> str:
    """Address of an embedded database in a file."""
    return f"sqlite:///{path}"


def embedded_engine(url: URL) -> Engine:
    """The engine of an embedded database; its folder is made."""
    path = Path(url.database or "")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"The folder of the database {path} cannot be made: {error.strerror}") from error
    engine = create_engine(
        url,
        connect_args={"timeout": LOCK_WAIT_S, "check_same_thread": False},
        poolclass=QueuePool,
        pool_size=8,
        json_serializer=written_document,
        json_deserializer=read_document,
    )
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _configure(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where SQLAlchemy begins them, see below
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """A transaction that writes takes the write lock at its beginning.

    While tables are made anew in a migration, no foreign key is looked at: a table that is dropped would take with it
    what refers to it. That is set outside of transactions.
    """
    options = connection.get_execution_options()
    migrating = options.get("brightrun_migrating", False)
    if connection.info.get("migrating", False) is not migrating:
        connection.exec_driver_sql(f"PRAGMA foreign_keys={'OFF' if migrating else 'ON'}")
        connection.info["migrating"] = migrating
    wait_s = options.get("brightrun_lock_wait_s", LOCK_WAIT_S)
    if connection.info.get("lock_wait_s") != wait_s:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={wait_s * 1000:.0f}")
        connection.info["lock_wait_s"] = wait_s
    connection.exec_driver_sql("BEGIN" if options.get("brightrun_reading") else "BEGIN IMMEDIATE")
