"""Questions about sponsors' funds."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from ledger.rows import Fund
from ledger.store import tables

_COUNTS = ("captured", "settled")


def page(
    connection: Connection,
    *,
    after: int,
    limit: int,
    organisation: str | None = None,
    sponsors: Sequence[str] | None = None,
    merchant: str | None = None,
) -> tuple[list[Fund], bool]:
    """Funds, those of one sponsor (id), of some (addresses), or that pay for one merchant's rewards
    if asked, and whether more follow."""
    table = tables.funds
    query = select(table).where(table.c.since > after)
    if sponsors is not None:
        query = query.where(table.c.organisation.in_([each.partition(":")[2] for each in sponsors]))
    if merchant is not None:
        # Ids all have one length, so that none is part of another.
        query = query.where(table.c.merchants.contains(merchant, autoescape=True))
    if organisation is not None:
        query = query.where(table.c.organisation == organisation)
    found = connection.execute(query.order_by(table.c.since).limit(limit + 1)).fetchall()
    return [Fund(*row) for row in found[:limit]], len(found) > limit


def one(connection: Connection, fund: str) -> Fund | None:
    """One fund, or None."""
    row = connection.execute(select(tables.funds).where(tables.funds.c.fund == fund)).fetchone()
    return None if row is None else Fund(*row)


def captured_cents(connection: Connection, funds: Sequence[str]) -> dict[str, int]:
    """By fund, what was captured of it (hundredths of a yuan)."""
    if not funds:
        return {}
    terms, redemptions = tables.reward_terms, tables.redemptions
    query = (
        select(terms.c.fund, func.sum(terms.c.value_cents * redemptions.c.captured_quantity))
        .join(redemptions, redemptions.c.reward == terms.c.reward)
        .where(terms.c.fund.in_(funds), redemptions.c.state.in_(_COUNTS))
        .group_by(terms.c.fund)
    )
    return {fund: int(cents) for fund, cents in connection.execute(query)}
