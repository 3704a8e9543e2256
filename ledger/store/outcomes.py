"""What became of each record of an imported file or batch: operational rows (docs/format.md).

They are written in the transaction of the entries they speak of, so a crash never parts the two.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, delete, func, select

from ledger.store import tables

NO_ENTRY = -1
"""`Outcome.entry` of an item that wrote nothing."""


class Outcome(NamedTuple):
    """One item's fate; field order is column order in `ledger/store/tables.py`."""

    source: bytes
    """SHA-256 of the file, or the mark of the batch's request."""
    item: int
    outcome: str
    """effective, held, refused or skipped."""
    reasons: str
    """Reasons to hold joined by `+`, or the one code of a refusal."""
    minutes: int
    points: int
    """Hundredths of a point earned."""
    flag: str
    entry: int
    """Index of the entry, or `NO_ENTRY`."""


def read_outcomes(
    connection: Connection, source: bytes, first: int, last: int
) -> dict[int, Outcome]:
    """The outcomes of items `first` … `last` of a source that are known, by item, in order."""
    table = tables.outcomes
    rows = connection.execute(
        select(table)
        .where(table.c.source == source, table.c.item.between(first, last))
        .order_by(table.c.item)
    )
    return {row[1]: Outcome(bytes(row[0]), *row[1:]) for row in rows}


def highest_entry(connection: Connection, source: bytes) -> int | None:
    """The last entry that a source led to, `NO_ENTRY` if it only has refusals; None if nothing is
    known of the source."""
    table = tables.outcomes
    query = select(func.max(table.c.entry)).where(table.c.source == source)
    highest = connection.execute(query).scalar_one()
    return None if highest is None else int(highest)


def forget_outcomes(connection: Connection, source: bytes) -> None:
    """Remember nothing of a source: what only was refused may be sent again."""
    connection.execute(delete(tables.outcomes).where(tables.outcomes.c.source == source))
