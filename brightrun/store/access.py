"""Who may see and do what on a Postgres: `access.sql`, set by whoever owns the tables."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection, text

ACCESS = Path(__file__).parent / "access.sql"

ROLES = ("anon", "authenticated", "brightrun_worker")
"""Roles that are given something, or kept from something, where they are there."""

_OWNED = text(
    "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('members')"  # also a superuser's
)
_SET = text("SELECT obj_description(to_regprocedure('brightrun_subject()'), 'pg_proc')")
_THERE = text("SELECT rolname FROM pg_roles WHERE rolname = ANY(:roles) ORDER BY rolname")


def set_access(connection: Connection) -> bool:
    """Set who may see and do what, unless it is set so already; whether it was. Only an owner of the tables can.

    Roles that are missing get nothing, and get it the next time, when they are there.
    """
    if is_access_set(connection) or not connection.execute(_OWNED).scalar():
        return False
    connection.execution_options(no_parameters=True).exec_driver_sql(ACCESS.read_text(encoding="utf-8"))
    connection.exec_driver_sql(f"COMMENT ON FUNCTION brightrun_subject() IS '{_mark(connection)}'")
    return True


def is_access_set(connection: Connection) -> bool:
    """Whether it is set as this program has it, for all roles that are there."""
    return bool(connection.execute(_SET).scalar() == _mark(connection))


def _mark(connection: Connection) -> str:
    """What is noted in the database: which version was set, and for which roles."""
    roles = connection.execute(_THERE, {"roles": list(ROLES)}).scalars()
    return f"access {_version()} for {', '.join(roles)}"


@lru_cache
def _version() -> str:
    return hashlib.sha256(ACCESS.read_bytes()).hexdigest()[:12]
