"""Opening the database: SQLite by default, Postgres by address; migrated by Alembic."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import QueuePool

from brightrun import quick_json
from brightrun.errors import StoreAwayError, StoreError

KNOWN = ("0001", "0002", "0003", "0004")
"""The schemas of migrations/versions, oldest first."""

HEAD = KNOWN[-1]
"""The schema this program was written for."""

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

PRIMARY_CODE = 0xFF
SQLITE_AWAY = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)
POSTGRES_AWAY = ("08", "25006", "40", "53", "55", "57", "58")
"""How the SQLSTATE begins: connection, read-only, rolled back, resources, lock, operator and system."""

MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """An open database at the schema this program knows."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def writing(self, lock_wait_s: float = LOCK_WAIT_S) -> Iterator[Connection]:
        """One transaction that writes. On SQLite it takes the write lock at its beginning, and waits so long for it."""
        with _explained(self.engine), self.engine.connect() as connection:
            connection = connection.execution_options(brightrun_lock_wait_s=lock_wait_s)
            with connection.begin():
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


class SteadyConnection:
    """A connection that one thread keeps for its transactions; after one that failed it is opened anew."""

    def __init__(self, database: Database, lock_wait_s: float) -> None:
        self._engine = database.engine
        self._options = {"brightrun_lock_wait_s": lock_wait_s}
        self._connection: Connection | None = None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """As `Database.writing`."""
        with _explained(self._engine):
            if self._connection is None:
                self._connection = self._engine.connect().execution_options(**self._options)
            try:
                with self._connection.begin():
                    yield self._connection
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


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
        json_serializer=_json,
        json_deserializer=quick_json.loads,
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where SQLAlchemy begins them, see below
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        wait_s = options.get("brightrun_lock_wait_s", LOCK_WAIT_S)
        if connection.info.get("lock_wait_s") != wait_s:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={wait_s * 1000:.0f}")
            connection.info["lock_wait_s"] = wait_s
        connection.exec_driver_sql("BEGIN" if options.get("brightrun_reading") else "BEGIN IMMEDIATE")

    return engine


def _server(url: str) -> Engine:
    # Transaction poolers hand every transaction to another session: no prepared statements.
    arguments: dict[str, Any] = {"prepare_threshold": None} if make_url(url).get_driver_name() == "psycopg" else {}
    return create_engine(
        url,
        pool_pre_ping=True,
        connect_args=arguments,
        json_serializer=_json,
        json_deserializer=quick_json.loads,
    )


def _json(value: Any) -> str:
    """A value for a JSON column; a model writes itself, many times faster."""
    return value.model_dump_json() if isinstance(value, BaseModel) else json.dumps(value)


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
    except (DBAPIError, PoolTimeoutError, sqlite3.Error) as error:  # the last: from setting up a connection
        kind = StoreAwayError if _is_away(error) else StoreError
        raise kind(f"The database {engine.url.render_as_string()} failed: {_first_line(error)}") from error


def _is_away(error: DBAPIError | PoolTimeoutError | sqlite3.Error) -> bool:
    """Whether it is the database as a whole that cannot be worked with, and no fault of what was asked of it."""
    if isinstance(error, PoolTimeoutError) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return True
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        return code is not None and code & PRIMARY_CODE in SQLITE_AWAY
    if not isinstance(error, OperationalError):
        return False
    state = getattr(cause, "sqlstate", None)
    return state is None or str(state).startswith(POSTGRES_AWAY)  # none: there was no server to give one


def _first_line(error: BaseException) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]
