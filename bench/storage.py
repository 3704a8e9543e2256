"""Bytes that a service record takes, all tables and indexes, as the files stand afterwards."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from bench.figure import Figure, Settings
from bench.town import Place, record_everything, settle
from ledger.book import Book
from tests.postgres import PostgresServer

RECORDS_EACH: Final = 20
"""Sessions of each volunteer: about what the demonstration's people have."""
BYTES_A_RECORD_MAX: Final = 2_000
IN_POSTGRESQL: Final = """
    SELECT c.relname, pg_total_relation_size(c.oid) FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND c.relkind = 'r'
"""


def run(settings: Settings) -> list[Figure]:
    """SQLite, then PostgreSQL."""
    people = settings.choose(500, 5_000)
    figures = [_measure(Place.on_sqlite(settings.folder / "storage-sqlite"), "SQLite", people)]
    with PostgresServer(durable=True) as server:
        home = settings.folder / "storage-postgresql"
        place = Place(home=home, database_url=server.create_database())
        figures.append(_measure(place, "PostgreSQL", people))
    return figures


def _measure(place: Place, name: str, people: int) -> Figure:
    book = place.found()
    town = settle(book, people)
    before = _sizes(book)
    count = people * RECORDS_EACH
    record_everything(book, town.sessions(book, 0, count))
    after = _sizes(book)
    book.close()
    each = {
        table: round((size - before.get(table, 0)) / count)
        for table, size in sorted(after.items())
        if size > before.get(table, 0)
    }
    return Figure(
        name=f"bytes stored per service record, {name}",
        value=(sum(after.values()) - sum(before.values())) / count,
        unit="bytes",
        ceiling=BYTES_A_RECORD_MAX,
        how={
            "records": count,
            "volunteers": people,
            "written": "in batches of 5,000; no VACUUM",
            "bytes_by_table": each,
        },
    )


def _sizes(book: Book) -> dict[str, int]:
    """Bytes of each table with its indexes; on SQLite of the file, where it cannot say more."""
    if not book.database.is_sqlite:
        with book.database.reading() as connection:
            return {name: int(size) for name, size in connection.execute(text(IN_POSTGRESQL))}
    with book.database.reading() as connection:
        compiled = {row[0] for row in connection.execute(text("PRAGMA compile_options"))}
        pages = int(connection.execute(text("PRAGMA page_count")).scalar_one())
        size = pages * int(connection.execute(text("PRAGMA page_size")).scalar_one())
        if "ENABLE_DBSTAT_VTAB" not in compiled:
            return {"file": size}
        query = (
            "SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s JOIN sqlite_master m"
            " ON m.name = s.name GROUP BY 1"
        )
        sizes = {name: int(bytes_) for name, bytes_ in connection.execute(text(query))}
    # What the file has beyond its tables counts as well.
    return sizes | {"file": size - sum(sizes.values())}
