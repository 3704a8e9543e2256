"""Finding entries by what they say: kind, whom they are about, when, and which account they move.

The journal has no index for these but mentions, so bytes are searched by the database itself; what
is found is decoded and looked at again, since a document may hold the same words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Connection, bindparam, func, or_, select, text

from ledger import account
from ledger.entry import Entry, decode
from ledger.store import journal, tables

MENTIONED: Final = ("volunteer:", "merchant:")
"""Owners that every entry which moves their value mentions."""
SCAN_MAX: Final = 200_000
"""How long a journal may be to be searched whole for an account's postings."""
LINES_MAX: Final = 20_000
"""How many entries of one account are added up for a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries: of `kind`, about `owner`, with an index from `first` up to `end`."""

    kind: str = ""
    owner: str = ""
    first: int = 0
    end: int | None = None


def entries_that_fit(
    connection: Connection, wanted: Wanted, *, after: int, limit: int
) -> tuple[list[Entry], bool]:
    """Entries with an index above `after`, in order, and whether more follow."""
    table, mentions = tables.entries, tables.mentions
    query = select(table.c.data).where(table.c.idx > max(after, wanted.first - 1))
    if wanted.end is not None:
        query = query.where(table.c.idx < wanted.end)
    if wanted.owner:
        query = query.join(mentions, mentions.c.entry == table.c.idx)
        query = query.where(mentions.c.owner == wanted.owner)
    if wanted.kind:
        query = query.where(_holds(connection, f'"kind":"{wanted.kind}"'))
    found = connection.execute(query.order_by(table.c.idx).limit(limit + 1)).fetchall()
    entries = [decode(bytes(row[0])) for row in found]
    shown = [each for each in entries[:limit] if wanted.kind in ("", each.kind)]
    return shown, len(entries) > limit


def newest_of_kinds(
    connection: Connection, kinds: Sequence[str], *, first: int, limit: int
) -> list[Entry]:
    """The newest entries of these kinds from index `first` on, the newest first."""
    table = tables.entries
    holds = [_holds(connection, f'"kind":"{kind}"', f"kind{n}") for n, kind in enumerate(kinds)]
    query = select(table.c.data).where(table.c.idx >= first, or_(*holds))
    found = connection.execute(query.order_by(table.c.idx.desc()).limit(limit)).fetchall()
    entries = (decode(bytes(row[0])) for row in found)
    return [each for each in entries if each.kind in kinds]


def index_from(connection: Connection, at: int) -> int:
    """The index of the first entry written at `at` (ms) or later; the size where there is none.

    Times never decrease, so halving finds it.
    """
    low, high = 0, journal.count(connection)
    while low < high:
        middle = (low + high) // 2
        (data,) = journal.read_data(connection, middle, 1)
        if orjson.loads(data)["time"] < at:
            low = middle + 1
        else:
            high = middle
    return low


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One posting as a line of an account's page."""

    entry: int
    time: int
    kind: str
    account: str
    other: str
    """The account on the other side."""
    asset: str
    amount: int
    """Above zero where it arrived, below where it left."""
    balance: int
    """Of this account and asset after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """An owner's accounts: as stored, and as its postings make them."""

    stored: dict[tuple[str, str], int]
    """By (account, asset)."""
    replayed: dict[tuple[str, str], int]
    lines: Sequence[Line]
    is_whole: bool
    """Whether every posting was found; False where the journal is too long to be searched here."""


def accounts_of(connection: Connection, owner: str) -> Accounts:
    """Every account of an owner, with each line that its postings make."""
    balances = tables.balances
    rows = connection.execute(
        select(balances.c.purse, balances.c.asset, balances.c.amount).where(
            balances.c.owner == owner
        )
    )
    stored = {(f"{owner}:{purse}" if purse else owner, asset): n for purse, asset, n in rows}
    replayed: dict[tuple[str, str], int] = {}
    lines: list[Line] = []
    documents = _moving(connection, owner)
    if documents is None:
        return Accounts(stored=stored, replayed={}, lines=(), is_whole=False)
    for document in documents:
        for posting in document["postings"]:
            asset, amount = posting["asset"], posting["amount"]
            source, destination = posting["source"], posting["destination"]
            for here, there, change in (
                (source, destination, -amount),
                (destination, source, amount),
            ):
                if account.split(here)[0] != owner:
                    continue
                balance = replayed.get((here, asset), 0) + change
                replayed[here, asset] = balance
                lines.append(
                    Line(
                        entry=document["index"],
                        time=document["time"],
                        kind=document["kind"],
                        account=here,
                        other=there,
                        asset=asset,
                        amount=change,
                        balance=balance,
                    )
                )
    return Accounts(stored=stored, replayed=replayed, lines=lines, is_whole=True)


def _moving(connection: Connection, owner: str) -> list[Any] | None:
    """The entries that may move an owner's value, in order; None where they are too many."""
    table, mentions = tables.entries, tables.mentions
    query = select(table.c.data)
    if owner.startswith(MENTIONED):
        query = query.join(mentions, mentions.c.entry == table.c.idx)
        query = query.where(mentions.c.owner == owner)
    else:
        if journal.count(connection) > SCAN_MAX:
            return None
        query = query.where(_holds(connection, f'"{owner}'))
    rows = connection.execute(query.order_by(table.c.idx).limit(LINES_MAX + 1)).fetchall()
    return None if len(rows) > LINES_MAX else list(_documents(rows))


def _documents(rows: Sequence[Any]) -> Iterator[Any]:
    for row in rows:
        yield orjson.loads(bytes(row[0]))


def _holds(connection: Connection, words: str, name: str = "words") -> ColumnElement[bool]:
    """Whether an entry's bytes hold these; `name` tells several in one question apart."""
    if connection.dialect.name == "postgresql":
        found = text(f"position(:{name} IN entries.data) > 0")
        return found.bindparams(bindparam(name, words.encode()))  # type: ignore[return-value]
    return func.instr(tables.entries.c.data, words.encode()) > 0
