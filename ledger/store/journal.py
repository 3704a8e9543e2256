"""Entries and the head: appended, read, never changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, select

from ledger.chain import Head
from ledger.entry import NOTHING_BEFORE, Entry, decode
from ledger.errors import Refused
from ledger.merkle import Frontier, TileRoot
from ledger.store import tables
from ledger.store.database import driver, look
from ledger.store.writing import Writer

PAGE: Final = 2_000
"""Entries fetched at a time when many are read."""


@dataclass(slots=True)
class StoredHead:
    """The head row: where the chain stands, and the tree's frontier there."""

    chain: Head
    frontier: Frontier


def read_head(connection: Connection, origin: str, *, lock: bool = False) -> StoredHead:
    """The head; with `lock`, nobody else can move it until this transaction ends."""
    return ask_head(connection, origin, lock=lock)()


def ask_head(connection: Connection, origin: str, *, lock: bool) -> Callable[[], StoredHead]:
    """Ask for the head now and take the answer later, so that questions share a trip."""
    query = "SELECT size, hash, time, frontier FROM head WHERE id = 1"
    if lock and connection.dialect.name == "postgresql":
        query += " FOR UPDATE"
    cursor = driver(connection).execute(query)

    def answer() -> StoredHead:
        row = cursor.fetchone()
        if row is None:
            return StoredHead(Head(origin), Frontier())
        size, hash_, time, frontier = row
        return StoredHead(
            Head(origin, size, bytes(hash_), time), Frontier.from_bytes(bytes(frontier))
        )

    return answer


def write_head(writer: Writer, head: StoredHead) -> None:
    """Move the head."""
    chain = head.chain
    row = (1, chain.size, chain.hash, chain.time, head.frontier.to_bytes())
    writer.put(tables.head, [row])


def empty_head_row() -> tuple[int, int, bytes, int, bytes]:
    """The head before the first entry: there to be locked by whoever writes it."""
    return (1, 0, NOTHING_BEFORE, 0, Frontier().to_bytes())


def append(writer: Writer, entries: Sequence[Entry], roots: Sequence[TileRoot]) -> None:
    """Store entries and the tile roots that they complete. The database refuses a gap."""
    writer.add(tables.entries, [(e.index, e.hash, e.data) for e in entries])
    if roots:
        writer.add(tables.tile_roots, [(r.level, r.index, r.hash) for r in roots])


def read_data(connection: Connection, first: int, count: int) -> list[bytes]:
    """The bytes of up to `count` entries from `first` on, in order."""
    rows = connection.execute(
        select(tables.entries.c.data)
        .where(tables.entries.c.idx >= first, tables.entries.c.idx < first + count)
        .order_by(tables.entries.c.idx)
    )
    return [bytes(row[0]) for row in rows]


def read_entries(connection: Connection, indexes: Sequence[int]) -> list[Entry]:
    """The entries at these indexes that exist, in order of index."""
    return [decode(data) for data in read_bytes(connection, indexes)]


def read_bytes(connection: Connection, indexes: Sequence[int]) -> list[bytes]:
    """The bytes of these entries, for who looks into few of many."""
    if not indexes:
        return []
    rows = connection.execute(
        select(tables.entries.c.data)
        .where(tables.entries.c.idx.in_(indexes))
        .order_by(tables.entries.c.idx)
    )
    return [bytes(row[0]) for row in rows]


def kind_in(data: bytes) -> str:
    """The kind that an entry's bytes say, without reading the rest: of the names that can follow it
    in canonical order, none holds text that somebody chose (docs/format.md §2)."""
    start = data.rindex(b'"kind":"') + 8
    return data[start : data.index(b'"', start)].decode()


def first_at(connection: Connection, time: int) -> int:
    """Index of the first entry of this time (ms) or later, or how many entries there are: times
    never go back along the chain, so some twenty looks find it."""
    low, high = 0, count(connection)
    while low < high:
        middle = (low + high) // 2
        (data,) = read_data(connection, middle, 1)
        if decode(data).time < time:
            low = middle + 1
        else:
            high = middle
    return low


def every_entry(
    connection: Connection, *, first: int = 0, end: int | None = None
) -> Iterator[tuple[bytes, bytes]]:
    """(stored hash, bytes) of the entries first … end − 1, a page in memory at a time."""
    while True:
        query = (
            select(tables.entries.c.hash, tables.entries.c.data)
            .where(tables.entries.c.idx >= first, tables.entries.c.idx < first + PAGE)
            .order_by(tables.entries.c.idx)
        )
        if end is not None:
            query = query.where(tables.entries.c.idx < end)
        rows = connection.execute(query).fetchall()
        for at, (hash_, data) in enumerate(rows, first):
            if isinstance(hash_, str) or isinstance(data, str):
                raise Refused(
                    "entry_changed",
                    f"entry {at} is stored as text, not as the bytes that were hashed",
                    entry=at,
                )
            yield bytes(hash_), bytes(data)
        if len(rows) < PAGE:
            return
        first += PAGE


def count(connection: Connection) -> int:
    """How many entries there are, counted in the table itself."""
    highest = connection.execute(select(func.max(tables.entries.c.idx))).scalar_one()
    return 0 if highest is None else int(highest) + 1


def read_tile(connection: Connection, level: int, index: int, width: int) -> list[bytes]:
    """The first `width` hashes of a tile (C2SP tlog-tiles): leaf hashes at level 0."""
    start = index * 256
    if level:
        query = "SELECT hash FROM tile_roots WHERE level = ? AND idx >= ? AND idx < ? ORDER BY idx"
        found = look(connection, query, (level, start, start + width))
    else:
        query = "SELECT hash FROM entries WHERE idx >= ? AND idx < ? ORDER BY idx"
        found = look(connection, query, (start, start + width))
    return [row[0] for row in found]
