"""Looking for patterns in a ledger's service records (`ledger/anomalies.py`)."""

from __future__ import annotations

from datetime import date

from ledger.anomalies import Finding, find
from ledger.book import Book
from ledger.policy.local_time import local_time
from ledger.store import patterns


def look(book: Book, *, since: date | None = None) -> list[Finding]:
    """Every finding among sessions that began on the local day `since` or later, the heaviest
    first. Reads each of those records once."""
    starts = local_time(book.policy().time_zone).starts(since) * 1000 if since else 0
    # One transaction, as a cursor that is read piece by piece needs.
    with book.database.snapshot() as connection:
        return find(patterns.sessions(connection, starts))
