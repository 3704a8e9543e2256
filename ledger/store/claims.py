"""Questions about claims: what merchants captured, and what became of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, func, select, text

from ledger.rows import Redemption, Settlement
from ledger.store import tables
from ledger.store.queries import from_either_end

CLAIMS = ("captured", "settled", "refunded", "voided")
"""States of a redemption that was captured once."""
# In the words of the indexes that hold these rows alone (`ledger/store/tables.py`).
_TO_SETTLE: Final = text("state = 'captured'")
_TO_TAKE_OFF: Final = text("state = 'refunded' AND adjusted = ''")


def captured_before(
    connection: Connection, merchant: str, branch: str, ends: int, limit: int
) -> list[str]:
    """Ids of what was captured before `ends` (ms) and is not settled, the oldest capture first."""
    table = tables.redemptions
    query = select(table.c.redemption).where(
        table.c.merchant == merchant, _TO_SETTLE, table.c.captured < ends
    )
    if branch:
        query = query.where(table.c.branch == branch)
    query = query.order_by(table.c.captured, table.c.redemption).limit(limit)
    return [row[0] for row in connection.execute(query)]


def outstanding(connection: Connection, merchant: str) -> tuple[dict[str, int], dict[str, int]]:
    """By asset, what was captured and is not settled, and what was refunded and not taken off: what
    the merchant's claims and its clawed-back account come to."""
    table = tables.redemptions
    # Each piece costs the same, so each row's part is a whole number.
    part = table.c.amount * table.c.captured_quantity // table.c.quantity
    claimed, refunded = (
        {
            asset: int(total)
            for asset, total in connection.execute(
                select(table.c.asset, func.sum(part))
                .where(table.c.merchant == merchant, which)
                .group_by(table.c.asset)
            )
        }
        for which in (_TO_SETTLE, _TO_TAKE_OFF)
    )
    return claimed, refunded


def refunds_to_take_off(
    connection: Connection, merchant: str, branch: str, limit: int
) -> list[str]:
    """Ids of what was refunded after settlement and no settlement took off, the oldest first."""
    table = tables.redemptions
    query = select(table.c.redemption).where(table.c.merchant == merchant, _TO_TAKE_OFF)
    if branch:
        query = query.where(table.c.branch == branch)
    query = query.order_by(table.c.refunded).limit(limit)
    return [row[0] for row in connection.execute(query)]


def unclaimed(connection: Connection, merchant: str) -> dict[str, int]:
    """By asset, what is set aside for a merchant's rewards and was not captured."""
    table = tables.redemptions
    query = (
        select(table.c.asset, func.sum(table.c.amount))
        .where(table.c.merchant == merchant, table.c.state == "reserved")
        .group_by(table.c.asset)
    )
    return {asset: int(total) for asset, total in connection.execute(query)}


def claims_between(
    connection: Connection,
    merchant: str,
    *,
    branch: str = "",
    clerk: str = "",
    starts: int,
    ends: int,
    states: Collection[str] = CLAIMS,
    limit: int,
) -> list[Redemption]:
    """What was captured in [`starts`, `ends`) (ms), in the order of capture."""
    table = tables.redemptions
    query = select(table).where(
        table.c.merchant == merchant,
        table.c.captured >= starts,
        table.c.captured < ends,
        table.c.state.in_(tuple(states)),
    )
    if branch:
        query = query.where(table.c.branch == branch)
    if clerk:
        query = query.where(table.c.clerk == clerk)
    query = query.order_by(table.c.captured, table.c.captured_entry).limit(limit)
    return [Redemption(*row) for row in connection.execute(query)]


def lines_of(connection: Connection, settlement: str) -> list[Redemption]:
    """The claims that a settlement closed, in the order of capture."""
    table = tables.redemptions
    query = select(table).where(table.c.settlement == settlement, text("settlement <> ''"))
    query = query.order_by(table.c.captured_entry)
    return [Redemption(*row) for row in connection.execute(query)]


def taken_off_by(connection: Connection, settlement: str) -> list[Redemption]:
    """The refunds that a settlement took off, in the order in which they were made."""
    table = tables.redemptions
    query = (
        select(table)
        .where(table.c.adjusted == settlement, text("adjusted <> ''"))
        .order_by(table.c.refunded)
    )
    return [Redemption(*row) for row in connection.execute(query)]


def settlements_page(
    connection: Connection,
    *,
    after: int,
    limit: int,
    merchant: str | None = None,
    branch: str | None = None,
    newest_first: bool = False,
) -> tuple[list[Settlement], bool]:
    """Settlements, those of one merchant or one branch if given, and whether more follow."""
    table = tables.settlements
    query = from_either_end(select(table), table, after=after, newest_first=newest_first)
    if branch is not None:
        query = query.where(table.c.branch == branch)
    if merchant is not None:
        query = query.where(table.c.merchant == merchant)
    found = connection.execute(query.limit(limit + 1)).fetchall()
    return [Settlement(*row) for row in found[:limit]], len(found) > limit


def settlement(connection: Connection, settlement_id: str) -> Settlement | None:
    """One settlement, or None."""
    table = tables.settlements
    row = connection.execute(select(table).where(table.c.settlement == settlement_id)).fetchone()
    return None if row is None else Settlement(*row)
