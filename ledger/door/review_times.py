"""How long reviews of held records took lately, measured from the ledger itself.

No rule says how long a review may take, so nobody is promised a day; what can be said is how it
was. Nothing is searched for a request: `ReviewTimes` holds the decisions of the last `SPAN_DAYS`
days and the size of the journal at which that was so, and at most once an hour looks at the entries
that came since. After a start the first request looks at those of the whole span, once.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Connection

from ledger.book import Book
from ledger.calendar import Calendar
from ledger.decide.review import reviewed_by
from ledger.decide.service import policy_of
from ledger.entry import Entry
from ledger.standing import DAY_MS, Standing
from ledger.store import journal, queries, searching

SPAN_DAYS: Final = 90
"""Over so many days it is measured."""
DECISIONS_MIN: Final = 10
"""Of fewer decisions nothing is said: they would tell of single cases."""
DECISIONS_MAX: Final = 1_000
"""So many are held, the newest."""
FRESH_MS: Final = 3_600_000
"""For so long the same is said."""
DECIDED: Final = ("service_confirmed", "service_refused")
"""Kinds of the entries that decide about a held record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lately:
    """How long the reviews of one tier took, in working days from the day on which a record was
    entered; 0 is the same day, or before the next working day was over."""

    decisions: int
    span_days: int
    median_working_days: int
    """Half of them took no longer."""
    most_working_days: int
    """Nine of ten took no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decision:
    time: int
    tier: str
    working_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    size: int
    made: int
    decisions: tuple[_Decision, ...]


class ReviewTimes:
    """Holds the decisions of one open book. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: _Known | None = None

    def lately(self, book: Book, tier: str, now: int) -> Lately | None:
        """How long reviews of `tier` (`host`, `top`) took in the days before `now` (ms); None where
        there were too few."""
        with self._lock:
            known = self._known
            if known is None or not 0 <= now - known.made < FRESH_MS:
                self._known = known = _counted(book, known, now)
        since = now - SPAN_DAYS * DAY_MS
        took = sorted(
            each.working_days
            for each in known.decisions
            if each.tier == tier and since <= each.time <= now
        )
        if len(took) < DECISIONS_MIN:
            return None
        return Lately(
            decisions=len(took),
            span_days=SPAN_DAYS,
            median_working_days=_no_longer(took, 1, 2),
            most_working_days=_no_longer(took, 9, 10),
        )


def _no_longer(took: Sequence[int], parts: int, of: int) -> int:
    """The least of these that so many of them, in parts of the whole, do not exceed."""
    return took[-(-len(took) * parts // of) - 1]


def _counted(book: Book, before: _Known | None, now: int) -> _Known:
    """Look at what came since, and let go of what is too old."""
    since = now - SPAN_DAYS * DAY_MS
    with book.database.snapshot() as connection:
        size = journal.count(connection)
        first = before.size if before else searching.index_from(connection, since)
        entries = searching.newest_of_kinds(connection, DECIDED, first=first, limit=DECISIONS_MAX)
        fresh = _decisions(connection, entries, book.standing_in(connection)) if entries else []
    kept = [each for each in before.decisions if each.time >= since] if before else []
    held = sorted((*kept, *fresh), key=lambda each: each.time)[-DECISIONS_MAX:]
    return _Known(size=size, made=now, decisions=tuple(held))


def _decisions(
    connection: Connection, entries: Sequence[Entry], standing: Standing
) -> list[_Decision]:
    records = queries.records_named(connection, [each.facts["record"] for each in entries])
    entered = {
        each.index: each.time
        for each in journal.read_entries(
            connection, sorted({row.since for row in records.values()})
        )
    }
    found = []
    for entry in entries:
        record = records[entry.facts["record"]]
        policy = policy_of(record, standing)
        begins = policy.local_date(entered[record.since])
        took = _working_days(
            begins, policy.local_date(entry.time), standing.calendar(policy.calendar_name)
        )
        tier = reviewed_by(record, standing, policy)
        found.append(_Decision(time=entry.time, tier=tier, working_days=took))
    return found


def _working_days(first: date, last: date, calendar: Calendar) -> int:
    """How many working days came after `first`, up to `last`."""
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sum(calendar.is_working_day(each) for each in days)
