"""A batch of service records, against bare `executemany` of every row that it writes.

The rows are caught in a rehearsal, already encoded; the baseline puts them into a copy of the
same database, with the same tables, indexes and triggers, one `executemany` a table, one
transaction, one commit. On PostgreSQL the same rows are also sent by COPY: the fastest way there
is, and a harder baseline than the one that is asked for.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import psycopg
from sqlalchemy import Table, make_url

from bench.figure import Figure, Settings, listed, median, settled_memory, take_turns, timed
from bench.profiling import profiled_sequencer
from bench.town import Asks, Place, Town, require_written, settle
from ledger.book import CONSOLE
from ledger.store import tables
from ledger.store.database import SQLITE_PRAGMAS, WRITER_ROLE
from ledger.store.writing import Rows, Writer
from tests.postgres import PostgresServer

RECORDS: Final = 5_000
PEOPLE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Written:
    """Rows that went into one table together."""

    table: Table
    rows: Sequence[Sequence[Any]]


def run(settings: Settings) -> list[Figure]:
    """SQLite, then PostgreSQL."""
    repetitions = settings.choose(5, 9)
    sqlite = Batch(Place.on_sqlite(settings.folder / "batch-sqlite"), settings.folder, None)
    figures = [sqlite.measure("SQLite", repetitions, settings)]
    with PostgresServer(durable=True) as server:
        place = Place(
            home=settings.folder / "batch-postgresql", database_url=server.create_database()
        )
        postgresql = Batch(place, settings.folder, server)
        figures.append(postgresql.measure("PostgreSQL", repetitions, settings))
    return figures


class Batch:
    """One prepared ledger, and copies of it to write into."""

    def __init__(self, place: Place, folder: Path, server: PostgresServer | None) -> None:
        self._place, self._folder, self._server = place, folder, server
        self._copies = 0
        book = place.found()
        town = settle(book, PEOPLE)
        self._asks = _asks(town, book.new_id)
        book.close()
        self._written = self._rehearse()

    def measure(self, name: str, repetitions: int, settings: Settings) -> Figure:
        """Records a second, ours against bare rows."""
        contenders: dict[str, Callable[[], float]] = {
            "executemany": partial(self._bare, by_copy=False),
            "record_all": self._ours,
        }
        if self._server is not None:
            contenders["COPY"] = partial(self._bare, by_copy=True)
        runs = take_turns(repetitions, contenders)
        rates = {contender: median(numbers) for contender, numbers in runs.items()}
        if settings.profile is not None:
            with profiled_sequencer(settings.profile, f"batch-{name.lower()}"):
                self._ours()
        rows = sum(len(each.rows) for each in self._written)
        how: dict[str, Any] = {
            "records": RECORDS,
            "volunteers": PEOPLE,
            "repetitions": repetitions,
            "rows": rows,
            "rows_by_table": {each.table.name: len(each.rows) for each in self._written},
            "runs": listed(runs),
        }
        if "COPY" in rates:
            how["against_copy"] = round(rates["record_all"] / rates["COPY"], 3)
        return Figure(
            name=f"batch of {RECORDS:,} service records, {name}",
            value=rates["record_all"],
            unit="records/s",
            baseline=rates["executemany"],
            floor=0.4,
            how=how,
        )

    def _rehearse(self) -> list[Written]:
        """Write the batch into a copy, and remember every row."""
        caught: list[Written] = []
        with _catching(caught):
            self._ours()
        return caught

    def _ours(self) -> float:
        with self._copy() as place:
            book = place.open()
            results: list[Any] = []
            with settled_memory():
                taken = timed(lambda: results.extend(book.record_all(self._asks, caller=CONSOLE)))
            require_written(results)
            book.close()
        return RECORDS / taken

    def _bare(self, *, by_copy: bool) -> float:
        with self._copy() as place, settled_memory():
            if self._server is None:
                return RECORDS / _into_sqlite(place.file, self._written)
            return RECORDS / _into_postgresql(place.database_url, self._written, by_copy=by_copy)

    @contextmanager
    def _copy(self) -> Iterator[Place]:
        """The ledger as it was before the batch."""
        self._copies += 1
        home = self._place.home.with_name(f"{self._place.home.name}-{self._copies}")
        if self._server is None:
            yield self._place.copied(home)
            return
        url = self._server.create_database(template=self._place.database_url)
        try:
            yield self._place.copied(home, url)
        finally:
            self._server.drop_database(url)


def _asks(town: Town, new_id: Callable[[], str]) -> Asks:
    sessions = [
        town.session(number % PEOPLE, number // PEOPLE, new_id()) for number in range(RECORDS)
    ]
    return [(session, new_id(), None) for session in sessions]


@contextmanager
def _catching(caught: list[Written]) -> Iterator[None]:
    """Every row that the ledger stores while this block runs."""
    take = Writer._take

    def catch(writer: Writer, table: Table, rows: Rows, *, replace: bool) -> None:
        if rows:
            caught.append(Written(table, [tuple(row) for row in rows]))
        take(writer, table, rows, replace=replace)

    with patch.object(Writer, "_take", catch):
        yield


def _statement(table: Table, mark: str) -> str:
    """A plain INSERT; only the head was there before and is replaced."""
    marks = ", ".join(mark for _ in table.columns)
    insert = f"INSERT INTO {table.name} VALUES ({marks})"
    if table is not tables.head:
        return insert
    moved = ", ".join(
        f"{column.name} = excluded.{column.name}" for column in table.columns if column.name != "id"
    )
    return f"{insert} ON CONFLICT (id) DO UPDATE SET {moved}"


def _into_sqlite(file: Path, written: Sequence[Written]) -> float:
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in SQLITE_PRAGMAS:
        connection.execute(pragma).close()
    statements = [(_statement(each.table, "?"), each.rows) for each in written]
    start = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    for statement, rows in statements:
        connection.executemany(statement, rows)
    connection.execute("COMMIT")
    taken = time.perf_counter() - start
    connection.close()
    return taken


def _into_postgresql(url: str, written: Sequence[Written], *, by_copy: bool) -> float:
    address = make_url(url).set(drivername="postgresql")
    with psycopg.connect(address.render_as_string(hide_password=False)) as connection:
        connection.execute(f"SET ROLE {WRITER_ROLE}")
        connection.commit()
        statements = [(_statement(each.table, "%b"), each) for each in written]
        start = time.perf_counter()
        with connection.cursor() as cursor:
            for statement, each in statements:
                if by_copy and each.table is not tables.head:
                    with cursor.copy(f"COPY {each.table.name} FROM STDIN") as copy:
                        for row in each.rows:
                            copy.write_row(row)
                else:
                    cursor.executemany(statement, each.rows)
        connection.commit()
        return time.perf_counter() - start
