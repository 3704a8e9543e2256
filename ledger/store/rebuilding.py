"""Projections made again from entries alone, and compared with what is stored.

`rebuild` throws the projections away and folds the journal into fresh ones. `differences` folds it
into a scratch database instead and compares every row both ways; the ledger is not touched.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain as chained
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Table, delete, select

from ledger import chain
from ledger.entry import decode
from ledger.errors import Refused
from ledger.fold import fold
from ledger.merkle import Frontier, TileRoot
from ledger.standing import Standing
from ledger.store import journal, tables
from ledger.store.database import Database
from ledger.store.journal import StoredHead
from ledger.store.projections import StoredRows, write_changes
from ledger.store.writing import Writer
from migrations import ledger as ledger_migrations

ENTRIES_A_STEP: Final = 5_000


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not what the entries say. None stands for no row."""

    table: str
    key: tuple[Any, ...]
    stored: tuple[Any, ...] | None
    rebuilt: tuple[Any, ...] | None


def rebuild(database: Database, origin: str) -> int:
    """Throw the projections away and make them again, in one transaction; how many entries.

    Refuses with `entry_changed` where an entry does not hash to what is stored or linked.
    """
    with database.writing() as connection:
        # Locks the head: nobody writes while the tables are empty.
        journal.read_head(connection, origin, lock=True)
        for table in (*tables.PROJECTIONS, tables.stops):
            connection.execute(delete(table))
        return _fold(connection, connection, origin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Stored projections beside those that the first `entries` entries make."""

    entries: int
    count: int
    """Rows that differ."""
    first: tuple[Difference, ...]
    """Some of them."""


def compared(database: Database, origin: str, *, shown: int) -> Comparison:
    """Make every projection again beside the stored ones, and compare each row; how many differ,
    and the first `shown` of them. The ledger is not touched. Refuses as `rebuild` does."""
    with comparing(database, origin) as (entries, found):
        first = tuple(islice(found, shown))
        return Comparison(entries=entries, count=len(first) + sum(1 for _ in found), first=first)


def differences(database: Database, origin: str) -> Iterator[Difference]:
    """Every projected row that the entries do not say, and every one they say that is not stored.

    Refuses with `entry_changed` as `rebuild` does.
    """
    with comparing(database, origin) as (_, found):
        yield from found


@contextmanager
def comparing(database: Database, origin: str) -> Iterator[tuple[int, Iterator[Difference]]]:
    """How many entries were folded into a scratch database, and what differs from it."""
    with tempfile.TemporaryDirectory(prefix="sidereal-rebuild-") as folder:
        url = f"sqlite:///{Path(folder) / 'scratch.db'}"
        ledger_migrations.upgrade(url)
        scratch = Database(url)
        try:
            with database.snapshot() as stored:
                with scratch.writing() as rebuilt:
                    entries = _fold(stored, rebuilt, origin)
                with scratch.snapshot() as rebuilt:
                    yield (
                        entries,
                        chained.from_iterable(
                            _compare(table, stored, rebuilt) for table in tables.PROJECTIONS
                        ),
                    )
        finally:
            scratch.close()


def _fold(entries: Connection, into: Connection, origin: str) -> int:
    """Fold every entry of one database into the empty projections of another (or the same)."""
    head = StoredHead(chain.Head(origin), Frontier())
    standing, writer = Standing(StoredRows(into)), Writer(into)
    standing.keeps_floors = False
    count = journal.count(entries)
    for first in range(0, count, ENTRIES_A_STEP):
        roots: list[TileRoot] = []
        for data in journal.read_data(entries, first, ENTRIES_A_STEP):
            entry = decode(data)
            if entry.index != head.chain.size or _prev(data) != head.chain.hash.hex():
                raise Refused(
                    "entry_changed",
                    f"entry {head.chain.size} does not follow the one before; verify an export",
                    entry=head.chain.size,
                )
            fold(standing, entry)
            roots.extend(head.frontier.append(entry.hash))
            chain.advance(head.chain, [entry])
        if roots:
            writer.add(tables.tile_roots, [(r.level, r.index, r.hash) for r in roots])
        write_changes(writer, standing)
        standing.forget_rows()
    journal.write_head(writer, head)
    return count


def _prev(data: bytes) -> str:
    # `prev` stands between `postings` and `rules`; its place differs, its name does not.
    at = data.index(b'"prev":"') + 8
    return data[at : at + 64].decode()


def _compare(table: Table, stored: Connection, rebuilt: Connection) -> Iterator[Difference]:
    """Walk both tables in key order."""
    key_length = len(table.primary_key)
    theirs, ours = _rows(table, stored), _rows(table, rebuilt)
    left, right = next(theirs, None), next(ours, None)
    while left is not None or right is not None:
        left_key = left[:key_length] if left is not None else None
        right_key = right[:key_length] if right is not None else None
        if left_key == right_key:
            if left != right:
                yield Difference(table.name, left_key or (), left, right)
            left, right = next(theirs, None), next(ours, None)
        elif right_key is None or (left_key is not None and left_key < right_key):
            yield Difference(table.name, left_key or (), left, None)
            left = next(theirs, None)
        else:
            yield Difference(table.name, right_key, None, right)
            right = next(ours, None)


def _rows(table: Table, connection: Connection) -> Iterator[tuple[Any, ...]]:
    query = select(table).order_by(*table.primary_key).execution_options(yield_per=2_000)
    for row in connection.execute(query):
        yield tuple(bytes(each) if isinstance(each, memoryview) else each for each in row)
