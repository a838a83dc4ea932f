"""The open database: SQLite by default, Postgres by address."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection, Engine, RootTransaction
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from brightrun.errors import StoreAwayError, StoreError, StoreRefusedError
from brightrun.store.embedded import LOCK_WAIT_S, embedded_engine, sqlite_url
from brightrun.store.failures import explained, not_opened, place_of
from brightrun.store.postgres import (
    OLDEST,
    Transaction,
    has_committed,
    is_postgres,
    postgres_engine,
    transaction_under_way,
)
from brightrun.store.schema import Schema, Standing, schema_of, upgrade_schema

__all__ = ["Database", "SteadyConnection", "open_database", "schema_at", "sqlite_url", "upgrade_database"]

AWAY_PAUSE_S = 0.2
"""Between two tries to begin a transaction with a server that is away."""


class Database:
    """An open database at the schema this program knows."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def writing(self, lock_wait_s: float = LOCK_WAIT_S) -> Iterator[Connection]:
        """One transaction that writes; for a server that is away it waits so long.

        On SQLite it takes the write lock at its beginning, and waits so long for it.
        """
        with self._transaction(lock_wait_s, brightrun_lock_wait_s=lock_wait_s) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One transaction that only reads, and waits for no writer; for a server that is away it waits."""
        with self._transaction(LOCK_WAIT_S, brightrun_reading=True) as connection:
            yield connection

    @contextmanager
    def _transaction(self, wait_s: float, **options: object) -> Iterator[Connection]:
        with explained(self.engine):
            begun = self._begin_patiently(wait_s, options)
            with begun.connection, begun:
                yield begun.connection

    def _begin_patiently(self, wait_s: float, options: dict[str, object]) -> RootTransaction:
        """A transaction. Nothing is asked of it yet, so it may be begun as often as it takes."""
        end = time.monotonic() + (0 if self.engine.dialect.name == "sqlite" else wait_s)  # SQLite waits by itself
        while True:
            try:
                return self._begin(options)
            except StoreAwayError:
                if time.monotonic() >= end:
                    raise
                time.sleep(AWAY_PAUSE_S)

    def _begin(self, options: dict[str, object]) -> RootTransaction:
        with explained(self.engine):
            connection = self.engine.connect().execution_options(**options)
            try:
                return connection.begin()
            except BaseException:
                connection.close()
                raise

    def close(self) -> None:
        self.engine.dispose()


class SteadyConnection:
    """A connection that one thread keeps for its transactions; after one that failed it is opened anew."""

    def __init__(self, database: Database, lock_wait_s: float) -> None:
        self._engine = database.engine
        self._options = {"brightrun_lock_wait_s": lock_wait_s}
        self._connection: Connection | None = None
        self._last: Transaction | None = None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """As `Database.writing`; where it fails, `has_committed` tells whether it was kept all the same."""
        self._last = None
        with explained(self._engine):
            if self._connection is None:
                self._connection = self._engine.connect().execution_options(**self._options)
            try:
                with self._connection.begin():
                    self._last = transaction_under_way(self._connection)
                    yield self._connection
            except BaseException:
                self.close()
                raise

    def has_committed(self) -> bool:
        """Whether the last transaction was committed, though the connection broke before that was answered.

        Raises StoreAwayError while the database does not know it.
        """
        if self._last is None:
            return False
        with explained(self._engine), self._engine.connect() as connection:
            connection = connection.execution_options(brightrun_reading=True)
            with connection.begin():
                return has_committed(connection, self._last)

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def open_database(url: str) -> Database:
    """The database at `url`. The embedded one is made and brought up to date; another must be at the right schema.

    Raises StoreRefusedError for one that this program cannot work with, StoreAwayError for one that is not there.
    """
    with _opening(url) as engine:
        schema = schema_of(engine)
        if engine.dialect.name == "sqlite" and schema.standing in (Standing.EMPTY, Standing.BEHIND):
            upgrade_schema(engine)
        else:
            schema.required()
    return Database(engine)


def schema_at(url: str) -> Schema:
    """The schema of the database at `url`, as it is; nothing is changed."""
    with _opening(url) as engine:
        schema = schema_of(engine)
    engine.dispose()
    return schema


def upgrade_database(url: str) -> Schema:
    """Bring the database at `url` to the schema this program needs: what it was at. Raises as `open_database`."""
    with _opening(url) as engine:
        was = upgrade_schema(engine)
    engine.dispose()
    return was


@contextmanager
def _opening(url: str) -> Iterator[Engine]:
    """The engine of a database; where something fails while inside, it is closed and the error is one of ours."""
    address = _address(url)
    try:
        engine = _engine(address)
    except (ImportError, SQLAlchemyError) as error:
        raise not_opened(address, error) from error
    try:
        yield engine
        version = getattr(engine.dialect, "server_version_info", None)
        if engine.dialect.name == "postgresql" and version and version < OLDEST:
            raise StoreRefusedError(
                f"The database {place_of(address)} is a Postgres {version[0]}; this program needs {OLDEST[0]} or newer."
            )
    except SQLAlchemyError as error:
        engine.dispose()
        raise not_opened(address, error) from error
    except StoreError:
        engine.dispose()
        raise


def _address(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        raise StoreRefusedError(
            "BRIGHTRUN_DATABASE_URL cannot be read as an address: it is postgresql://user:password@host:port/name, "
            "and what is special in the password (such as @, / or :) is written as %40, %2F or %3A."
        ) from None  # the cause would show the address, and with it the password


def _engine(address: URL) -> Engine:
    if is_postgres(address):
        return postgres_engine(address)
    if address.get_backend_name() != "sqlite":
        raise StoreRefusedError(f"The database {place_of(address)} is of a kind that Bright Run cannot use.")
    if address.database in (None, "", ":memory:"):
        raise StoreRefusedError(
            f"The database {place_of(address)} is in memory, where nothing is kept; give it a file."
        )
    return embedded_engine(address)
