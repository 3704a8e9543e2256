"""What the search for patterns reads (`ledger/anomalies.py`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, case, func, select

from ledger.anomalies import Session
from ledger.store import tables

_AT_ONCE: Final = 5_000


def sessions(connection: Connection, since: int = 0) -> Iterator[Session]:
    """Effective and held records made on this ledger with check-in at or after `since` (ms), in
    order of their entries. What came over from another ledger is not among them: who recorded
    and approved it is known there alone."""
    records, terms = tables.records, tables.terms
    effective = records.c.state == "effective"
    query = (
        select(
            records.c.record,
            records.c.since,
            records.c.volunteer,
            records.c.organisation,
            records.c.activity,
            effective,
            records.c.evidence,
            records.c.starts,
            records.c.ends,
            records.c.check_in,
            records.c.check_out,
            records.c.recorded,
            records.c.entered,
            case((effective, records.c.paid), else_=records.c.minutes),
            records.c.recorder,
            records.c.approver,
            func.coalesce(terms.c.participants, 0),
        )
        .select_from(records.outerjoin(terms, terms.c.activity == records.c.activity))
        .where(
            records.c.state.in_(("effective", "held")),
            records.c.organisation != "",
            records.c.check_in >= since,
        )
        .order_by(records.c.since)
        .execution_options(yield_per=_AT_ONCE)
    )
    for row in connection.execute(query):
        yield Session(*row)
