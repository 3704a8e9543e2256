"""Counting over the projections: who serves where, whose star is due, what was honoured.

Reports read whole tables, so nothing here is asked by a decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, case, func, literal, or_, select

from ledger import account
from ledger.account import SERVICE, SERVICE_PURSE, STAR, STARS_PURSE
from ledger.indicators import Place
from ledger.rows import Mark, Population, StarCase
from ledger.store import tables
from ledger.store.queries import from_either_end

_VOLUNTEER: Final = "volunteer:"
_COUNTED_STATES: Final = ("active", "suspended")
"""Who left, died or was forgotten is no registered volunteer any more."""
_INSURANCE: Final = "insurance"


def places(connection: Connection) -> list[Place]:
    """Every organisation and team, whatever its state, in order of registration."""
    parties = tables.parties
    rows = connection.execute(
        select(parties.c.address, parties.c.parent, parties.c.tier)
        .where(parties.c.address >= "organisation:", parties.c.address < "organisation;")
        .order_by(parties.c.since)
    )
    return [Place(_bare(address), _bare(parent), tier) for address, parent, tier in rows]


def populations(connection: Connection, year: int) -> list[Population]:
    """What every organisation stated for a year."""
    table = tables.populations
    rows = connection.execute(select(table).where(table.c.year == year))
    return [Population(*row) for row in rows]


def populations_page(
    connection: Connection, organisation: str, *, after: int, limit: int
) -> tuple[list[Population], bool]:
    """What an organisation stated of each year, and whether more follow."""
    table = tables.populations
    rows = connection.execute(
        select(table)
        .where(table.c.organisation == organisation, table.c.since > after)
        .order_by(table.c.since)
        .limit(limit + 1)
    ).fetchall()
    return [Population(*row) for row in rows[:limit]], len(rows) > limit


def registered_by_home(connection: Connection, bounds: Sequence[int]) -> dict[str, tuple[int, ...]]:
    """How many volunteers each organisation ("" for none) had, by its id: for each of `bounds`
    (ms), those registered before it who have not gone since, or who have an effective record with
    check-in before it: history is entered here later. Groups are no people."""
    parties, records = tables.parties, tables.records
    served = (
        select(
            (_VOLUNTEER + records.c.volunteer).label("address"),
            func.min(records.c.check_in).label("first"),
        )
        .where(records.c.state == "effective")
        .group_by(records.c.volunteer)
        .subquery()
    )
    registered = parties.c.registered
    since = case((served.c.first < registered, served.c.first), else_=registered)
    before = [func.sum(case((since < bound, 1), else_=0)) for bound in bounds]
    rows = connection.execute(
        select(parties.c.parent, *before)
        .select_from(parties.outerjoin(served, served.c.address == parties.c.address))
        .where(*_people())
        .group_by(parties.c.parent)
    )
    return {_bare(row[0]): tuple(int(each) for each in row[1:]) for row in rows}


def served_by_home(connection: Connection, start: int, end: int) -> dict[str, tuple[int, int]]:
    """(volunteers, minutes) by home organisation's id: who of its volunteers have an effective
    record with start ≤ check-in < end (ms), and what those records brought."""
    parties, records = tables.parties, tables.records
    rows = connection.execute(
        select(
            parties.c.parent,
            func.count(records.c.volunteer.distinct()),
            func.sum(records.c.paid),
        )
        .select_from(records.join(parties, parties.c.address == _VOLUNTEER + records.c.volunteer))
        .where(
            records.c.state == "effective",
            records.c.check_in >= start,
            records.c.check_in < end,
            *_people(),
        )
        .group_by(parties.c.parent)
    )
    return {_bare(parent): (int(people), int(minutes)) for parent, people, minutes in rows}


def _people() -> tuple[ColumnElement[bool], ...]:
    parties = tables.parties
    return (
        parties.c.address >= _VOLUNTEER,
        parties.c.address < "volunteer;",
        parties.c.form == "",
        parties.c.state.in_(_COUNTED_STATES),
    )


def learning_minutes(connection: Connection, volunteer: str) -> int:
    """Minutes of learning that a volunteer completed, apart from service (domain §10 P5)."""
    table = tables.qualifications
    total = connection.execute(
        select(func.coalesce(func.sum(table.c.minutes), 0)).where(
            table.c.volunteer == volunteer, table.c.what != _INSURANCE
        )
    )
    return int(total.scalar_one())


def star_cases_page(
    connection: Connection,
    *,
    after: int,
    limit: int,
    state: str | None = None,
    volunteer: str | None = None,
    homes: Sequence[str] | None = None,
    newest_first: bool = False,
) -> tuple[list[StarCase], bool]:
    """Star cases that fit every filter given, and whether more follow. `homes` are addresses of
    the organisations whose volunteers are meant."""
    cases, parties = tables.star_cases, tables.parties
    query = select(cases)
    if state is not None:
        query = query.where(cases.c.state == state)
    if volunteer is not None:
        query = query.where(cases.c.volunteer == volunteer)
    if homes is not None:
        theirs = parties.c.address == _VOLUNTEER + cases.c.volunteer
        query = query.join(parties, theirs).where(parties.c.parent.in_(homes))
    query = from_either_end(query, cases, after=after, newest_first=newest_first)
    found = connection.execute(query.limit(limit + 1)).fetchall()
    return [StarCase(*row) for row in found[:limit]], len(found) > limit


def notices_begun(connection: Connection, cases: Sequence[str]) -> dict[str, str]:
    """The day (ISO) on which the public notice of each of these cases began."""
    marks = tables.marks
    owners = {f"star_case:{one}": one for one in cases}
    rows = connection.execute(
        select(marks.c.owner, marks.c.value).where(
            marks.c.owner.in_(list(owners)), marks.c.what == "noticed"
        )
    )
    return {owners[owner]: begun for owner, begun in rows}


def honours(connection: Connection, volunteer: str) -> list[Mark]:
    """The medals and commendations of a volunteer, the oldest first."""
    marks = tables.marks
    rows = connection.execute(
        select(marks)
        .where(
            marks.c.owner == account.volunteer(volunteer),
            or_(marks.c.what.like("medal:%"), marks.c.what.like("commendation:%")),
        )
        .order_by(marks.c.since)
    )
    return [Mark(*row) for row in rows]


def due_for_a_star(
    connection: Connection, thresholds: Sequence[int], cycle: int, *, after: str, limit: int
) -> list[str]:
    """Ids above `after`, in order, of active volunteers whose service minutes of both classes
    reach the threshold of the star after theirs: at most `limit`. Where `cycle` is not 0, the
    thresholds come round again after so many minutes.

    That is what every window needs at least; whether it is enough is the rules' to say.
    """
    balances, parties = tables.balances, tables.parties
    is_service = and_(
        balances.c.asset == SERVICE,
        balances.c.purse >= SERVICE_PURSE,
        balances.c.purse < "service;",
    )
    is_star = and_(balances.c.asset == STAR, balances.c.purse == STARS_PURSE)
    minutes = func.sum(case((is_service, balances.c.amount), else_=0))
    stars: ColumnElement[Any] = func.sum(case((is_star, balances.c.amount), else_=0))
    reached = [and_(stars == star, minutes >= needed) for star, needed in enumerate(thresholds)]
    if cycle:
        # Full cycles × number of thresholds is what is held beyond the star within the cycle;
        # multiplied out, for databases do not agree on how whole numbers are divided.
        count = len(thresholds)
        reached = [
            and_(stars % count == star, (minutes - needed) * count >= (stars - star) * cycle)
            for star, needed in enumerate(thresholds)
        ]
    rows = connection.execute(
        select(balances.c.owner)
        .select_from(balances.join(parties, parties.c.address == balances.c.owner))
        .where(
            balances.c.owner > _VOLUNTEER + after,
            balances.c.owner < literal("volunteer;"),
            or_(is_service, is_star),
            parties.c.state == "active",
        )
        .group_by(balances.c.owner)
        .having(or_(*reached))
        .order_by(balances.c.owner)
        .limit(limit)
    )
    return [_bare(row[0]) for row in rows]


def _bare(address: str) -> str:
    return address.partition(":")[2]
