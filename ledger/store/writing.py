"""Rows into tables, many at a time: the fastest plain way each driver has.

SQLite takes tuples in a loop of its own. PostgreSQL takes many new rows by COPY, and few rows, or
rows that may be there already, in one statement a table, each column an array.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Table

from ledger.store.database import array_text, array_type, driver

Rows = Sequence[Sequence[Any]]

COPIED_ROWS_MIN: Final = 500
"""A COPY costs a row less than arrays do, and each table two more trips to the server."""


def add_rows(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows that do not exist; columns in the table's order."""
    _execute(connection, table, rows, replace=False)


def put_rows(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows, or replace those with the same key; columns in the table's order."""
    _execute(connection, table, rows, replace=True)


@contextmanager
def in_one_trip(connection: Connection, *, rows: int = 0) -> Iterator[None]:
    """On PostgreSQL, send the statements within without waiting for each one's answer.

    For up to `COPIED_ROWS_MIN` rows a table, because a COPY is a conversation. What fails is raised
    at the end; commit within.
    """
    if connection.dialect.name != "postgresql" or rows >= COPIED_ROWS_MIN:
        yield
        return
    with driver(connection).pipeline():
        yield


def _execute(connection: Connection, table: Table, rows: Rows, *, replace: bool) -> None:
    if not rows:
        return
    raw = driver(connection)
    if connection.dialect.name != "postgresql":
        raw.executemany(_sqlite(table, replace), rows)
        return
    with raw.cursor() as cursor:
        if replace or len(rows) < COPIED_ROWS_MIN:
            columns = [array_text(column) for column in zip(*rows, strict=True)]
            cursor.execute(_postgresql(table, replace), columns)
        else:
            with cursor.copy(f"COPY {table.name} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)


@cache
def _sqlite(table: Table, replace: bool) -> str:
    marks = ", ".join("?" for _ in table.columns)
    return f"INSERT INTO {table.name} VALUES ({marks})" + _on_conflict(table, replace)  # noqa: S608


@cache
def _postgresql(table: Table, replace: bool) -> str:
    arrays = ", ".join(f"%s::{array_type(column)}" for column in table.columns)
    statement = f"INSERT INTO {table.name} SELECT * FROM unnest({arrays})"  # noqa: S608
    return statement + _on_conflict(table, replace)


def _on_conflict(table: Table, replace: bool) -> str:
    if not replace:
        return ""
    key = ", ".join(column.name for column in table.primary_key)
    rest = ", ".join(
        f"{column.name} = excluded.{column.name}"
        for column in table.columns
        if not column.primary_key
    )
    return f" ON CONFLICT ({key}) DO UPDATE SET {rest}"
