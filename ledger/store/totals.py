"""What public totals look up besides `reporting`: what changed since they were counted last."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from ledger.store import tables


def first_check_in(connection: Connection) -> int:
    """When (ms) the oldest record's session began; 0 where there is none."""
    return int(connection.execute(select(func.min(tables.records.c.check_in))).scalar() or 0)


def touched_since(connection: Connection, size: int) -> list[int]:
    """Times of check-in (ms) of the records that entries from `size` on made or changed."""
    table = tables.records
    found = connection.execute(select(table.c.check_in).where(table.c.since >= size))
    return [int(row[0]) for row in found]


def taken_since(connection: Connection, size: int) -> list[int]:
    """When (ms) what was captured was, of redemptions that entries from `size` on changed."""
    table = tables.redemptions
    found = connection.execute(
        select(table.c.captured).where(table.c.since >= size, table.c.captured > 0)
    )
    return [int(row[0]) for row in found]


def active_volunteers(connection: Connection) -> int:
    """People who are registered and active now; groups are no people."""
    table = tables.parties
    query = select(func.count()).where(
        table.c.address >= "volunteer:",
        table.c.address < "volunteer;",
        table.c.state == "active",
        table.c.form == "",
    )
    return int(connection.execute(query).scalar() or 0)
