"""Rows that may be there already, because another process has just written the same."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Write the rows of which there is none with the same key or another unique value; the others stay as they are."""
    if rows:
        connection.execute(_insert_new(table, connection.dialect.name), list(rows))


@lru_cache
def _insert_new(table: Table, dialect: str) -> Insert:
    """Made once: to make and to hash a statement takes SQLAlchemy longer than the database takes to carry it out."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing()
