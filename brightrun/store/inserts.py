"""Rows in bulk, and rows that may be there already, for which each database has its own words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Insert, Table, insert
from sqlalchemy.dialects import postgresql, sqlite

AT_ONCE = 1_000
"""So many rows are handed to the driver together."""


def insert_new(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Write the rows of which there is none with the same key or another unique value; the others stay as they are."""
    if rows:
        connection.execute(_insert_new(table, connection.dialect.name), list(rows))


@lru_cache
def _insert_new(table: Table, dialect: str) -> Insert:
    """Made once: to make and to hash a statement takes SQLAlchemy longer than the database takes to carry it out."""
    return insert_or(table, dialect).on_conflict_do_nothing()


def insert_or(table: Table, dialect: str) -> postgresql.Insert | sqlite.Insert:
    """An insert that can be told what to do with rows that are there."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def insert_many(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Write many rows, all with the same columns, a page of them at a time and without waiting for each."""
    for start in range(0, len(rows), AT_ONCE):
        connection.execute(insert(table), list(rows[start : start + AT_ONCE]))
