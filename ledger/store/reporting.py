"""What volunteers did, held and spent in a span of months, added up for reports.

Everything is counted by the volunteer's own organisation, from effective records by the month of
their check-in and from captures by theirs. Groups bring minutes and are no people. Nobody is named:
an answer holds counts and sums alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, select

from ledger.account import POINT, STAR, STARS_PURSE, TIME
from ledger.store import tables

_VOLUNTEER: Final = "volunteer:"
_PAID_ORDERS: Final = ("confirmed", "settled")
_TAKEN: Final = ("captured", "settled")


class Done(NamedTuple):
    """What was served in one month, category or organisation."""

    volunteers: int
    minutes: int
    points: int
    """Hundredths that these records brought."""
    saved: int
    """Minutes that volunteers saved of them, apart from what service orders paid."""


NOTHING: Final = Done(0, 0, 0, 0)


def served(
    connection: Connection, bounds: Sequence[int], homes: Collection[str] | None, *, by: str = ""
) -> dict[Any, Done]:
    """What was served from the first of `bounds` to the last (ms, where months begin), `by` "month"
    (from 0), "category", "home" (an address, "" without one) or "" for all of it. `homes` are the
    addresses of the volunteers' own organisations; None for everybody."""
    parties, records, orders = tables.parties, tables.records, tables.orders
    activities = tables.activities
    rows = (
        select(
            _month(records.c.check_in, bounds).label("month"),
            func.coalesce(activities.c.category, "").label("category"),
            parties.c.parent.label("home"),
            case((parties.c.form == "", records.c.volunteer)).label("person"),
            records.c.paid,
            records.c.points,
            case((orders.c.order_id.is_(None), records.c.deposited), else_=0).label("saved"),
        )
        .select_from(
            records.join(parties, parties.c.address == _VOLUNTEER + records.c.volunteer)
            .outerjoin(activities, activities.c.activity == records.c.activity)
            .outerjoin(
                orders,
                and_(orders.c.record == records.c.record, orders.c.state.in_(_PAID_ORDERS)),
            )
        )
        .where(records.c.state == "effective", *_within(records.c.check_in, bounds, homes))
        .subquery()
    )
    sums = (
        func.count(rows.c.person.distinct()),
        func.coalesce(func.sum(rows.c.paid), 0),
        func.coalesce(func.sum(rows.c.points), 0),
        func.coalesce(func.sum(rows.c.saved), 0),
    )
    query: Select[Any] = select(*sums)
    if by:
        query = select(rows.c[by], *sums).group_by(rows.c[by])
    return {
        (row[0] if by else ""): Done(*(int(each) for each in row[1 if by else 0 :]))
        for row in connection.execute(query)
    }


def redeemed(
    connection: Connection, bounds: Sequence[int], homes: Collection[str] | None
) -> dict[tuple[int, str], int]:
    """By (month, asset), what was captured for rewards and not given back: hundredths of a point,
    minutes of saved time."""
    parties, taken = tables.parties, tables.redemptions
    rows = (
        select(
            _month(taken.c.captured, bounds).label("month"),
            taken.c.asset,
            # Every piece costs the same, so that a part is exact.
            (taken.c.amount / taken.c.quantity * taken.c.captured_quantity).label("amount"),
        )
        .select_from(taken.join(parties, parties.c.address == _VOLUNTEER + taken.c.volunteer))
        .where(
            taken.c.state.in_(_TAKEN),
            taken.c.asset.in_((POINT, TIME)),
            *_within(taken.c.captured, bounds, homes),
        )
        .subquery()
    )
    found = connection.execute(
        select(rows.c.month, rows.c.asset, func.sum(rows.c.amount)).group_by(
            rows.c.month, rows.c.asset
        )
    )
    return {(int(month), asset): int(amount) for month, asset, amount in found}


def paid_by_orders(
    connection: Connection, bounds: Sequence[int], homes: Collection[str] | None
) -> dict[int, int]:
    """By the month of the service, minutes of saved time that its recipients paid for it."""
    parties, orders, records = tables.parties, tables.orders, tables.records
    rows = (
        select(
            _month(records.c.check_in, bounds).label("month"),
            (records.c.deposited + records.c.overflow).label("minutes"),
        )
        .select_from(
            orders.join(records, records.c.record == orders.c.record).join(
                parties, parties.c.address == _VOLUNTEER + orders.c.volunteer
            )
        )
        .where(
            orders.c.state.in_(_PAID_ORDERS),
            *_within(records.c.check_in, bounds, homes),
        )
        .subquery()
    )
    found = connection.execute(
        select(rows.c.month, func.sum(rows.c.minutes)).group_by(rows.c.month)
    )
    return {int(month): int(minutes) for month, minutes in found}


def stars_held(connection: Connection, homes: Collection[str] | None) -> dict[int, int]:
    """By number of stars, how many hold them now; who holds none is not counted."""
    balances, parties = tables.balances, tables.parties
    query = (
        select(balances.c.amount, func.count())
        .select_from(balances.join(parties, parties.c.address == balances.c.owner))
        .where(
            balances.c.owner >= _VOLUNTEER,
            balances.c.owner < "volunteer;",
            balances.c.asset == STAR,
            balances.c.purse == STARS_PURSE,
            balances.c.amount > 0,
            parties.c.state.in_(("active", "suspended")),
        )
        .group_by(balances.c.amount)
    )
    if homes is not None:
        query = query.where(parties.c.parent.in_(list(homes)))
    return {int(star): int(count) for star, count in connection.execute(query)}


def _month(column: ColumnElement[int], bounds: Sequence[int]) -> ColumnElement[int]:
    """Which of the months that begin at `bounds` a time falls into, from 0."""
    inner = bounds[1:-1]
    if not inner:
        return case((column < bounds[-1], 0), else_=0)
    return case(*((column < bound, at) for at, bound in enumerate(inner)), else_=len(inner))


def _within(
    column: ColumnElement[int], bounds: Sequence[int], homes: Collection[str] | None
) -> list[ColumnElement[bool]]:
    found = [column >= bounds[0], column < bounds[-1]]
    if homes is not None:
        found.append(tables.parties.c.parent.in_(list(homes)))
    return found
