"""Questions that pages and programs ask of the projections."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from ledger.store import tables


def points_earned(connection: Connection, volunteer: str) -> int:
    """Hundredths of a point that a volunteer's effective records brought."""
    records = tables.records
    total = connection.execute(
        select(func.coalesce(func.sum(records.c.points), 0)).where(
            records.c.volunteer == volunteer, records.c.state == "effective"
        )
    )
    return int(total.scalar_one())


def mentions(connection: Connection, owner: str, *, after: int, limit: int) -> list[int]:
    """Indexes above `after` of the entries about an owner, the lowest first."""
    rows = connection.execute(
        select(tables.mentions.c.entry)
        .where(tables.mentions.c.owner == owner, tables.mentions.c.entry > after)
        .order_by(tables.mentions.c.entry)
        .limit(limit)
    )
    return [row[0] for row in rows]


def newest_checkpoint(connection: Connection) -> tuple[int, bytes, bytes] | None:
    """(size, root, signed note) of the newest published checkpoint."""
    row = connection.execute(
        select(tables.checkpoints.c.size, tables.checkpoints.c.root, tables.checkpoints.c.note)
        .order_by(tables.checkpoints.c.size.desc())
        .limit(1)
    ).fetchone()
    return None if row is None else (row[0], bytes(row[1]), row[2].encode())
