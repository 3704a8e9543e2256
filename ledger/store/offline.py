"""Questions about tills that take vouchers without a network."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from ledger.entry import Entry
from ledger.rows import OfflineSession
from ledger.store import journal, tables
from ledger.store.queries import from_either_end


def session(connection: Connection, which: str) -> OfflineSession | None:
    """One session, or None."""
    row = connection.execute(
        select(tables.offline_sessions).where(tables.offline_sessions.c.session == which)
    ).fetchone()
    return None if row is None else OfflineSession(*row)


def sessions_page(
    connection: Connection,
    *,
    after: int,
    limit: int,
    merchant: str | None,
    newest_first: bool = False,
) -> tuple[list[OfflineSession], bool]:
    """Sessions of one merchant or of all, those that follow the one opened by the entry `after`;
    and whether more follow."""
    sessions = tables.offline_sessions
    query = from_either_end(select(sessions), sessions, after=after, newest_first=newest_first)
    if merchant is not None:
        query = query.where(sessions.c.merchant == merchant)
    rows = connection.execute(query.limit(limit + 1)).fetchall()
    return [OfflineSession(*row) for row in rows[:limit]], len(rows) > limit


def conflicts_page(
    connection: Connection, *, after: int, limit: int, **whose: str | None
) -> tuple[list[Entry], bool]:
    """Entries of conflicts above `after`, the oldest first, and whether more follow. `whose` names
    columns of the table, `session`, `merchant` or `volunteer`; None stands for all."""
    conflicts = tables.offline_conflicts
    query: Any = select(conflicts.c.since).where(conflicts.c.since > after)
    for column, value in whose.items():
        if value is not None:
            query = query.where(conflicts.c[column] == value)
    rows = connection.execute(query.order_by(conflicts.c.since).limit(limit + 1)).fetchall()
    indexes = [row[0] for row in rows[:limit]]
    return journal.read_entries(connection, indexes), len(rows) > limit


def missing_counters(connection: Connection, found: OfflineSession, limit: int) -> list[int]:
    """Counters below the highest one that nobody uploaded yet, the first `limit` of them."""
    if found.last == found.recorded:
        return []
    marks = tables.marks
    rows = connection.execute(
        select(marks.c.what).where(marks.c.owner == f"offline:{found.session}")
    )
    there = {int(row[0]) for row in rows}
    missing = (each for each in range(1, found.last) if each not in there)
    return [each for _, each in zip(range(limit), missing, strict=False)]
