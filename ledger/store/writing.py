"""Rows into tables, many at a time: the fastest plain way each driver has.

SQLite takes tuples in a loop of its own. PostgreSQL takes new rows by COPY, and rows that may be
there already in one statement a table, each column an array.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, LargeBinary, Table, Text

Rows = Sequence[Sequence[Any]]


def add_rows(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows that do not exist; columns in the table's order."""
    _execute(connection, table, rows, replace=False)


def put_rows(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows, or replace those with the same key; columns in the table's order."""
    _execute(connection, table, rows, replace=True)


def _execute(connection: Connection, table: Table, rows: Rows, *, replace: bool) -> None:
    if not rows:
        return
    raw = connection.connection.driver_connection
    if raw is None:
        raise RuntimeError("the connection is closed")
    if connection.dialect.name != "postgresql":
        raw.executemany(_sqlite(table, replace), rows)
        return
    with raw.cursor() as cursor:
        if replace:
            columns = [list(column) for column in zip(*rows, strict=True)]
            cursor.execute(_postgresql(table), columns)
        else:
            with cursor.copy(f"COPY {table.name} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)


@cache
def _sqlite(table: Table, replace: bool) -> str:
    marks = ", ".join("?" for _ in table.columns)
    return f"INSERT INTO {table.name} VALUES ({marks})" + _on_conflict(table, replace)  # noqa: S608


@cache
def _postgresql(table: Table) -> str:
    arrays = ", ".join(f"%b::{_array_of(column.type)}" for column in table.columns)
    statement = f"INSERT INTO {table.name} SELECT * FROM unnest({arrays})"  # noqa: S608
    return statement + _on_conflict(table, replace=True)


def _array_of(kind: Any) -> str:
    if isinstance(kind, Text):
        return "text[]"
    return "bytea[]" if isinstance(kind, LargeBinary) else "bigint[]"


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
