"""Rows into tables, many at a time: the fastest plain way each driver has.

SQLite takes tuples in a loop of its own. PostgreSQL takes many new rows by COPY, and otherwise each
column of a table as an array; a small group's rows of all tables go in one statement.
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
    Writer(connection).add(table, rows)


def put_rows(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows, or replace those with the same key; columns in the table's order."""
    Writer(connection).put(table, rows)


class Writer:
    """Where rows go during one transaction.

    With `together`, PostgreSQL gets everything in one statement, and only at `finish()`: a trip for
    each table would be most of what a small group costs. No row may then be written twice.
    """

    def __init__(self, connection: Connection, *, together: bool = False) -> None:
        self._raw = driver(connection)
        self._is_sqlite = connection.dialect.name != "postgresql"
        self._together = together and not self._is_sqlite
        self._kept: list[tuple[Table, Rows, bool]] = []

    def add(self, table: Table, rows: Rows) -> None:
        """Insert rows that do not exist; columns in the table's order."""
        self._take(table, rows, replace=False)

    def put(self, table: Table, rows: Rows) -> None:
        """Insert rows, or replace those with the same key; columns in the table's order."""
        self._take(table, rows, replace=True)

    def finish(self) -> None:
        """Send what was kept back."""
        if self._kept:
            shape = tuple((table, replace) for table, _, replace in self._kept)
            columns = [
                array_text(column)
                for _, rows, _ in self._kept
                for column in zip(*rows, strict=True)
            ]
            self._raw.execute(_at_once(shape), columns)
            self._kept.clear()

    def _take(self, table: Table, rows: Rows, *, replace: bool) -> None:
        if not rows:
            return
        if self._is_sqlite:
            self._raw.executemany(_sqlite(table, replace), rows)
        elif self._together:
            self._kept.append((table, rows, replace))
        elif replace or len(rows) < COPIED_ROWS_MIN:
            columns = [array_text(column) for column in zip(*rows, strict=True)]
            self._raw.execute(_postgresql(table, replace), columns)
        else:
            with (
                self._raw.cursor() as cursor,
                cursor.copy(f"COPY {table.name} FROM STDIN") as copy,
            ):
                for row in rows:
                    copy.write_row(row)


@contextmanager
def in_one_trip(connection: Connection) -> Iterator[None]:
    """On PostgreSQL, send the statements within without waiting for each one's answer; what fails
    is raised at the end. Not for COPY, which is a conversation."""
    if connection.dialect.name != "postgresql":
        yield
        return
    with driver(connection).pipeline():
        yield


@cache
def _at_once(shape: tuple[tuple[Table, bool], ...]) -> str:
    *others, last = (_postgresql(table, replace) for table, replace in shape)
    if not others:
        return last
    named = ", ".join(f"w{number} AS ({each})" for number, each in enumerate(others))
    return f"WITH {named} {last}"


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
