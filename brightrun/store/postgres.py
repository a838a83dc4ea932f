"""Postgres as the store, directly or through a pooler that hands every transaction to another session.

So nothing is kept in a session: no prepared statement, no setting, no lock outlives its transaction.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import URL, Connection, Engine, create_engine, event, text

from brightrun.errors import StoreAwayError, StoreRefusedError
from brightrun.store.documents import read_document, written_document
from brightrun.store.embedded import LOCK_WAIT_S

DRIVER = "postgresql+psycopg"
NAMES = ("postgres", "postgresql", DRIVER)
"""How an address of a Postgres may begin."""

OLDEST = (15,)
"""The oldest server that this program is tested with."""

CONNECTIONS = 5
"""So many connections a process keeps, and as many more while it needs them; a small server has sixty for everybody."""

CONNECTING: dict[str, object] = {
    "prepare_threshold": None,
    "application_name": "brightrun",
    "connect_timeout": 10,
    # A server that is gone without a word is noticed within half a minute, where the system's own default is hours.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,
}

READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
"""All that a transaction reads is of one moment."""

WRITE = (
    "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = '{lock_wait_ms:.0f}ms'; "
    "SELECT set_config('synchronous_commit', 'on', true) "
    "WHERE current_setting('synchronous_commit') IN ('off', 'local')"
)
"""Waits so long for a lock; what is committed is on disk, whatever the server's default is."""


_UNDER_WAY = text("SELECT pg_current_xact_id()::text, pg_backend_pid()")
_SIGNED_IN = text("SELECT session_user, current_database()")
_FATE = text("SELECT pg_xact_status(CAST(CAST(:number AS text) AS xid8))")
_END = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE pid = :process AND backend_xid = xid(CAST(CAST(:number AS text) AS xid8))"
)


def is_postgres(url: URL) -> bool:
    """Whether the address is one of a Postgres."""
    return url.drivername.partition("+")[0] in NAMES


def postgres_engine(url: URL) -> Engine:
    """The engine of a Postgres. Raises StoreRefusedError for an address with another driver."""
    if url.drivername not in NAMES:
        raise StoreRefusedError(
            f"Bright Run speaks to Postgres through psycopg: write postgresql:// for {url.drivername}://"
        )
    engine = create_engine(
        url.set(drivername=DRIVER),
        isolation_level="AUTOCOMMIT",  # transactions begin where SQLAlchemy begins them, see below
        connect_args={**CONNECTING, **url.query},
        pool_pre_ping=True,
        pool_size=CONNECTIONS,
        max_overflow=CONNECTIONS,
        json_serializer=written_document,
        json_deserializer=read_document,
    )
    event.listen(engine, "begin", _begin)
    return engine


def signed_in_as(connection: Connection) -> str | None:
    """The role that signed in, at its database; None on one that knows no roles."""
    if connection.dialect.name != "postgresql":
        return None
    role, database = connection.execute(_SIGNED_IN).one()
    return f"{role}@{database}"


@dataclass(frozen=True)
class Transaction:
    """A transaction as the server knows it, whatever becomes of the connection to it."""

    number: str
    process: int


def transaction_under_way(connection: Connection) -> Transaction | None:
    """The transaction that has begun; None on another database, whose commits are answered at once."""
    if connection.dialect.name != "postgresql":
        return None
    return Transaction(*connection.execute(_UNDER_WAY).one())


def has_committed(connection: Connection, transaction: Transaction) -> bool:
    """Whether a transaction was committed. One that nobody answers to any more is ended.

    Raises StoreAwayError while it is still under way.
    """
    fate = connection.execute(_FATE, {"number": transaction.number}).scalar_one()
    if fate == "in progress":
        connection.execute(_END, {"number": transaction.number, "process": transaction.process})
        raise StoreAwayError(f"the transaction {transaction.number}, whose connection broke, is still under way")
    return bool(fate == "committed")


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    wait_s = options.get("brightrun_lock_wait_s", LOCK_WAIT_S)
    begin = READ if options.get("brightrun_reading") else WRITE.format(lock_wait_ms=1000 * wait_s)
    connection.exec_driver_sql(begin)
