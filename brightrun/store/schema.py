"""The schema: which one a database has, which one this program needs, and the way from one to the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from brightrun.errors import StoreError, StoreRefusedError
from brightrun.store.access import is_access_set, set_access
from brightrun.store.failures import place_of

KNOWN = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010")
"""The schemas of migrations/versions, oldest first."""

HEAD = KNOWN[-1]
"""The schema this program was written for."""

MIGRATIONS = Path(__file__).parent / "migrations"

UPGRADE_LOCK = 0x62726967687472756E % 2**63
"""The number of the lock that those who upgrade a Postgres wait for, one after the other."""


class Standing(StrEnum):
    """What a database's schema is to this program."""

    CURRENT = "current"
    EMPTY = "empty"
    BEHIND = "behind"
    AHEAD = "ahead"


@dataclass(frozen=True)
class Schema:
    """The schema of a database: its revision, or None where it has no tables of ours."""

    place: str
    revision: str | None
    server: str
    """What keeps it, with its version."""
    is_access_set: bool = True
    """Whether who may see what is as this program has it. On SQLite that is a matter of the file's own rights."""

    @property
    def standing(self) -> Standing:
        if self.revision is None:
            return Standing.EMPTY
        if self.revision not in KNOWN:
            return Standing.AHEAD
        return Standing.CURRENT if self.revision == HEAD else Standing.BEHIND

    @property
    def advice(self) -> str:
        """What is wrong with it, and what to do."""
        needed = f"this program needs {HEAD}"
        at = f"The database {self.place} is at schema {self.revision}; {needed}."
        said = {
            Standing.CURRENT: f"The database {self.place} is at schema {HEAD}, the one this program needs.",
            Standing.EMPTY: f"The database {self.place} has no tables of Bright Run; {needed}. "
            "Make them with `brightrun db upgrade`.",
            Standing.BEHIND: f"{at} Bring it up to date with `brightrun db upgrade`, when nothing older works with it.",
            Standing.AHEAD: f"{at} It belongs to a newer version of Bright Run: use that one.",
        }
        return said[self.standing]

    def required(self) -> None:
        """Raises StoreRefusedError where this program cannot work with it."""
        if self.standing is not Standing.CURRENT:
            raise StoreRefusedError(self.advice)


def schema_of(engine: Engine) -> Schema:
    """The schema that a database has now."""
    with engine.connect().execution_options(brightrun_reading=True) as connection:  # waits for no writer
        return _schema(connection)


def upgrade_schema(engine: Engine) -> Schema:
    """Bring a database to the schema this program needs, and who may see what, in one transaction: what it was at.

    Raises StoreRefusedError for one of a newer program, which is left alone.
    """
    with migrating(engine) as connection:
        found = _schema(connection)
        if found.standing is Standing.AHEAD:
            found.required()
        if found.standing is not Standing.CURRENT:
            _migrate(connection)
        if connection.dialect.name == "postgresql":
            set_access(connection)
    return found


@contextmanager
def migrating(engine: Engine) -> Iterator[Connection]:
    """A transaction in which the schema may be changed, by one process at a time."""
    with engine.connect().execution_options(brightrun_migrating=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": UPGRADE_LOCK})
        yield connection
        if connection.dialect.name == "sqlite":
            orphan = connection.execute(text("PRAGMA foreign_key_check")).first()
            if orphan is not None:
                raise StoreError(f"The schema of {place_of(engine.url)} stays: a row of {orphan[0]} refers to none.")


def _schema(connection: Connection) -> Schema:
    revision = None
    if inspect(connection).has_table("alembic_version"):
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    is_set = revision is None or connection.dialect.name != "postgresql" or is_access_set(connection)
    version = ".".join(map(str, connection.dialect.server_version_info or ()))
    kind = "SQLite" if connection.dialect.name == "sqlite" else "Postgres"
    return Schema(place_of(connection.engine.url), revision, f"{kind} {version}", is_set)


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
