"""Opening the database: SQLite by default, Postgres by address; migrated by Alembic."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import QueuePool

from brightrun.errors import StoreError

KNOWN = ("0001", "0002")
"""The schemas of migrations/versions, oldest first."""

HEAD = KNOWN[-1]
"""The schema this program was written for."""

LOCK_WAIT_S = 60
MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """An open database at the schema this program knows."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that writes. On SQLite it takes the write lock at its beginning."""
        with _explained(self.engine), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One transaction that only reads, and waits for no writer."""
        with _explained(self.engine), self.engine.connect() as connection:
            connection = connection.execution_options(brightrun_reading=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        self.engine.dispose()


def open_database(url: str) -> Database:
    """The database at `url`. The embedded one is made and migrated; another must be at the right schema already."""
    parsed = make_url(url)
    place = parsed.render_as_string()
    embedded = parsed.get_backend_name() == "sqlite"
    if embedded and parsed.database in (None, "", ":memory:"):
        raise StoreError(f"The database {place} is in memory, where nothing is kept; give it a file.")
    try:
        engine = _sqlite(url) if embedded else _server(url)
    except (ImportError, SQLAlchemyError) as error:
        raise StoreError(f"The database {place} cannot be opened: {_first_line(error)}") from error
    try:
        version = _version(engine)
        if version not in (None, *KNOWN) or (version not in (None, HEAD) and not embedded):
            raise StoreError(f"The database {place} is at schema {version}; this program needs {HEAD}.")
        if version != HEAD and not embedded:
            raise StoreError(
                f"The database {place} has no tables of Bright Run; only the embedded one is set up by itself."
            )
        if version != HEAD:
            _migrate(engine)
    except SQLAlchemyError as error:
        engine.dispose()
        raise StoreError(f"The database {place} cannot be opened: {_first_line(error)}") from error
    except StoreError:
        engine.dispose()
        raise
    return Database(engine)


def sqlite_url(path: Path) -> str:
    """Address of an embedded database in a file."""
    return f"sqlite:///{path}"


def _sqlite(url: str) -> Engine:
    path = make_url(url).database
    if path:
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"The folder of the database {path} cannot be made: {error.strerror}") from error
    engine = create_engine(
        url,
        connect_args={"timeout": LOCK_WAIT_S, "check_same_thread": False},
        poolclass=QueuePool,
        pool_size=8,
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where SQLAlchemy begins them, see below
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("brightrun_reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _server(url: str) -> Engine:
    # Transaction poolers hand every transaction to another session: no prepared statements.
    arguments: dict[str, Any] = {"prepare_threshold": None} if make_url(url).get_driver_name() == "psycopg" else {}
    return create_engine(url, pool_pre_ping=True, connect_args=arguments)


def _version(engine: Engine) -> str | None:
    with engine.connect().execution_options(brightrun_reading=True) as connection:  # waits for no writer
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def _explained(engine: Engine) -> Iterator[None]:
    try:
        yield
    except (DBAPIError, PoolTimeoutError) as error:
        place = engine.url.render_as_string()
        raise StoreError(f"The database {place} failed: {_first_line(error)}") from error


def _first_line(error: BaseException) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]
