"""What a failure of the database means, and what is said of it: never with the password of its address."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from brightrun.errors import StoreAwayError, StoreConflictError, StoreError, StoreRefusedError

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
POSTGRES_CONFLICT = "40"
"""How the SQLSTATE begins where others were in the way: a deadlock, a serialization failure. The same goes at once."""
POSTGRES_AWAY = ("08", "25006", "53", "55", "57", "58")
"""How the SQLSTATE begins: connection, read-only, resources, lock, operator and system."""
PASSING = (
    "Is the server running",
    "refused",
    "timeout",
    "timed out",
    "unreachable",
    "reset by peer",
    "closed the connection",
    "starting up",
    "shutting down",
    "recovery",
    "too many",
    "connection slots",
    "server_login_retry",
)
"""What is said of a server that has no connection to give just now, and may have one later."""


def place_of(url: URL) -> str:
    """The address as it may be shown: without its password, and without what else it says to the driver."""
    return url.set(drivername=url.drivername.removesuffix("+psycopg"), query={}).render_as_string()


@contextmanager
def explained(engine: Engine) -> Iterator[None]:
    """The database's own errors as ours."""
    try:
        yield
    except (DBAPIError, PoolTimeoutError, sqlite3.Error) as error:  # the last: from setting up a connection
        raise _kind(error)(f"The database {place_of(engine.url)} failed: {first_line(error)}") from error


def not_opened(url: URL, error: Exception) -> StoreError:
    """The error of a database that cannot be opened: away for now, or refused until somebody changes something."""
    text = str(getattr(error, "orig", None) or error)
    passing = isinstance(error, OperationalError) and any(words in text for words in PASSING)
    embedded = url.get_backend_name() == "sqlite"
    kind = StoreError if embedded else StoreAwayError if passing else StoreRefusedError
    return kind(f"The database {place_of(url)} cannot be opened: {first_line(error)}")


def first_line(error: BaseException) -> str:
    """What the database said, in short."""
    return str(getattr(error, "orig", None) or error).splitlines()[0]


def _kind(error: DBAPIError | PoolTimeoutError | sqlite3.Error) -> type[StoreError]:
    """Whether it is the database as a whole that cannot be worked with, and no fault of what was asked of it."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    state = str(getattr(cause, "sqlstate", None) or "")
    if state.startswith(POSTGRES_CONFLICT):
        return StoreConflictError
    if isinstance(error, PoolTimeoutError) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return StoreAwayError
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        return StoreAwayError if code is not None and code & PRIMARY_CODE in SQLITE_AWAY else StoreError
    if state:
        return StoreAwayError if state.startswith(POSTGRES_AWAY) else StoreError
    # without a state there was no server to give one
    return StoreAwayError if isinstance(error, OperationalError | InterfaceError) else StoreError
