"""Rows in bulk, and rows that may be there already: each database has its own words for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Insert, Table, bindparam, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

AT_ONCE = 1_000
"""So many rows are written by one statement."""


def insert_new(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Write the rows of which there is none with the same key or another unique value; the others stay as they are."""
    if rows:
        connection.execute(_insert_new(table, connection.dialect.name), list(rows))


@lru_cache
def _insert_new(table: Table, dialect: str) -> Insert:
    """Made once: to make and to hash a statement takes SQLAlchemy longer than the database takes to carry it out."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing()


def insert_many(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Write many rows, all with the same columns.

    On Postgres each column of a page of them is one array. COPY would be no faster by much, and refuses tables with row
    level security.
    """
    for start in range(0, len(rows), AT_ONCE):
        page = list(rows[start : start + AT_ONCE])
        if connection.dialect.name == "postgresql":
            columns = {name: [row[name] for row in page] for name in page[0]}
            connection.execute(_insert_arrays(table, tuple(columns)), columns)
        else:
            connection.execute(insert(table), page)


@lru_cache
def _insert_arrays(table: Table, names: tuple[str, ...]) -> Insert:
    arrays = [func.unnest(bindparam(name, type_=postgresql.ARRAY(table.c[name].type))) for name in names]
    return insert(table).from_select(list(names), select(*arrays))
