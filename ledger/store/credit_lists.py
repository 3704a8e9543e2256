"""Questions about consent and the credit list (domain §5, §10 P58–P60)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, literal, select

from ledger.rows import Consent, Credit
from ledger.store import tables

_SHOWN: Final = ("active", "suspended")
"""Who left, died or was forgotten stands on no list, even where an entry left them listed."""
_OF_WHOM: Final = tables.parties.c.address == literal("volunteer:") + tables.credits_.c.volunteer


def consents_page(
    connection: Connection, volunteer: str, *, after: int, limit: int
) -> tuple[list[Consent], bool]:
    """A volunteer's answers behind entry `after`, and whether more follow."""
    table = tables.consents
    rows = connection.execute(
        select(table)
        .where(table.c.volunteer == volunteer, table.c.since > after)
        .order_by(table.c.since)
        .limit(limit + 1)
    ).fetchall()
    return [Consent(*row) for row in rows[:limit]], len(rows) > limit


def willing(connection: Connection, purpose: str, *, after: str, limit: int) -> list[str]:
    """Volunteers who consent to `purpose` for everybody, in order of their ids, behind `after`."""
    table = tables.consents
    rows = connection.execute(
        select(table.c.volunteer)
        .where(
            table.c.volunteer > after,
            table.c.purpose == purpose,
            table.c.party == "",
            table.c.state == "given",
        )
        .order_by(table.c.volunteer)
        .limit(limit)
    )
    return [row[0] for row in rows]


def credits_page(
    connection: Connection,
    *,
    after: int,
    limit: int,
    volunteer: str | None = None,
    listed_below: Sequence[str] | None = None,
) -> tuple[list[Credit], bool]:
    """Places on the credit list, one volunteer's if asked, and whether more follow.

    With `listed_below` only those of volunteers of these organisations (addresses) who are listed
    and not gone: they have consented, and nothing is shown of anybody else.
    """
    table, parties = tables.credits_, tables.parties
    query = select(table).where(table.c.since > after)
    if volunteer is not None:
        query = query.where(table.c.volunteer == volunteer)
    if listed_below is not None:
        query = query.join(parties, _OF_WHOM).where(
            parties.c.parent.in_(listed_below), parties.c.state.in_(_SHOWN), table.c.cycle != ""
        )
    rows = connection.execute(query.order_by(table.c.since).limit(limit + 1)).fetchall()
    return [Credit(*row) for row in rows[:limit]], len(rows) > limit


def list_page(
    connection: Connection, cycle: str, *, after: int, limit: int
) -> tuple[list[Credit], bool]:
    """Who is on the list of a cycle from position `after` + 1 on: the most points first, then the
    earliest listed; and whether more follow."""
    table = tables.credits_
    rows = connection.execute(
        select(table)
        .join(tables.parties, _OF_WHOM)
        .where(table.c.cycle == cycle, tables.parties.c.state.in_(_SHOWN))
        .order_by(table.c.points.desc(), table.c.since)
        .offset(after)
        .limit(limit + 1)
    ).fetchall()
    return [Credit(*row) for row in rows[:limit]], len(rows) > limit
