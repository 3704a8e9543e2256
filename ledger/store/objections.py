"""Questions about objections."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Connection, and_, exists, or_, select

from ledger.decide.objections import OPEN
from ledger.rows import Objection, Record
from ledger.store import tables
from ledger.store.queries import from_either_end

_ASKED_AT_ONCE: Final = 500


def objections_page(
    connection: Connection,
    *,
    after: int,
    limit: int,
    states: Sequence[str] | None = None,
    overdue_on: str = "",
    volunteer: str | None = None,
    organisations: Sequence[str] | None = None,
    newest_first: bool = False,
) -> tuple[list[Objection], bool]:
    """Objections that fit every filter given, and whether more follow.

    Where only open ones are asked for they stand by their last day, so that overdue ones come
    first, unless the newest are to; else by entry. `after` is the entry of the last one of the
    page before. `overdue_on` keeps those whose last day lies before that date (ISO) and which are
    open.
    """
    table = tables.objections
    query = select(table)
    if overdue_on:
        states = OPEN
        query = query.where(table.c.decide_by < overdue_on)
    if states is not None:
        query = query.where(table.c.state.in_(states))
    if volunteer is not None:
        query = query.where(table.c.volunteer == volunteer)
    if organisations is not None:
        # Its own records are an organisation's business, whoever answers.
        recorded = exists().where(
            table.c.subject_kind == "record",
            tables.records.c.record == table.c.subject,
            tables.records.c.organisation.in_(organisations),
        )
        query = query.where(or_(table.c.organisation.in_(organisations), recorded))
    if not newest_first and states is not None and set(states) <= set(OPEN):
        if after >= 0:
            # An answer given since leaves this day as it was, so the page after begins rightly.
            day = select(table.c.decide_by).where(table.c.since == after).scalar_subquery()
            query = query.where(
                or_(table.c.decide_by > day, and_(table.c.decide_by == day, table.c.since > after))
            )
        query = query.order_by(table.c.decide_by, table.c.since)
    else:
        query = from_either_end(query, table, after=after, newest_first=newest_first)
    found = [Objection(*row) for row in connection.execute(query.limit(limit + 1))]
    return found[:limit], len(found) > limit


def objected_records(connection: Connection, records: Iterable[Record]) -> dict[str, str]:
    """Of these records, those to which an objection is open, and which objection it is."""
    table = tables.objections
    wanted = [record.record for record in records]
    found: dict[str, str] = {}
    for start in range(0, len(wanted), _ASKED_AT_ONCE):
        rows = connection.execute(
            select(table.c.subject, table.c.objection).where(
                table.c.state.in_(OPEN),
                table.c.subject_kind == "record",
                table.c.subject.in_(wanted[start : start + _ASKED_AT_ONCE]),
            )
        )
        found.update({row[0]: row[1] for row in rows})
    return found
