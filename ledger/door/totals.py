"""Public totals: what all volunteers did by month, category and tier; nobody is singled out.

Nothing is scanned for a request. `Keeper` holds what every month came to and the size of the
journal at which that was so; when it is asked again, at most once a minute, it counts anew only the
months of records and captures that newer entries touched (indexes `records_by_entry`,
`records_by_check_in`).

What fewer than `PEOPLE_MIN` people did is not told, and the smallest of the other parts is hidden
with it, since the whole would give away what is missing. Time is told in whole
hours, rounded down, so that no single session can be read from how totals grow.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final, TypeVar

from sqlalchemy import Connection

from ledger.account import POINT
from ledger.book import Book
from ledger.indicators import NO_TIER
from ledger.policy.local_time import local_time, months_after
from ledger.standing import china_time
from ledger.store import counting, journal, reporting, totals
from ledger.store.reporting import NOTHING, Done

PEOPLE_MIN: Final = 5
"""Fewer people than these are not told about."""
FRESH_MS: Final = 60_000
"""For so long the same answer is given."""
MONTHS: Final = 12
"""So many months are told about one by one."""
_HOUR: Final = 60
_FIRST_YEAR: Final = 2000

K = TypeVar("K")


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What one month came to, before anything is hidden."""

    all: Done
    by_category: Mapping[str, Done]
    by_tier: Mapping[str, Done]
    redeemed: int
    """Hundredths of a point that were taken at shops and not given back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A part as it is told: None where it is hidden. Minutes are whole hours."""

    volunteers: int | None
    minutes: int | None
    points: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What anybody may know. `volunteers` are registered and active now."""

    size: int
    """So many entries were counted."""
    made: int
    """When (ms)."""
    since: str
    """The first month of all, such as `2025-03`; "" before any service."""
    volunteers: int | None
    minutes: int | None
    by_month: Mapping[str, Told]
    """The newest `MONTHS`, the oldest first."""
    by_category: Mapping[str, int | None]
    """Minutes of those months together."""
    by_tier: Mapping[str, int | None]
    points: Mapping[str, tuple[int | None, int | None]]
    """By cycle of publicity (domain §10 P62), points issued and redeemed, hundredths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    size: int
    made: int
    months: Mapping[str, Month]
    totals: Totals


class Keeper:
    """Holds the totals of one open book. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: _Known | None = None

    def totals(self, book: Book) -> Totals:
        """The totals, at most a minute old. Whoever comes while they are counted anew is given
        those from before."""
        known, now = self._known, book.clock.now_ms()
        if known is None:
            # The first of all waits; later ones do not.
            with self._lock:
                return self._anew(book, now)
        if _is_fresh(known, now) or not self._lock.acquire(blocking=False):
            return known.totals
        try:
            return self._anew(book, now)
        finally:
            self._lock.release()

    def _anew(self, book: Book, now: int) -> Totals:
        """Count, unless somebody else has just done so. The lock is held."""
        known = self._known
        if known is None or not _is_fresh(known, now):
            self._known = known = _counted(book, known, now)
        return known.totals


def _is_fresh(known: _Known, now: int) -> bool:
    return 0 <= now - known.made < FRESH_MS


def told(parts: Mapping[K, tuple[int, int]]) -> dict[K, int | None]:
    """Of parts of a whole, each (people, amount): the amounts, None where they are hidden.

    A part of fewer than `PEOPLE_MIN` people is, unless it is nothing; and besides any such part the
    one with the fewest people of the others, so that all that is hidden is never of a few alone.
    """
    hidden = {key for key, (people, _) in parts.items() if 0 < people < PEOPLE_MIN}
    others = [key for key, (people, _) in parts.items() if people >= PEOPLE_MIN]
    if hidden and others:
        hidden.add(min(others, key=lambda key: parts[key]))
    return {key: None if key in hidden else amount for key, (_, amount) in parts.items()}


def _counted(book: Book, before: _Known | None, now: int) -> _Known:
    """Count what newer entries touched."""
    with book.database.snapshot() as connection:
        size = journal.read_head(connection, book.origin).chain.size
        policy = book.standing_in(connection).policy_for(now)
        first = max(totals.first_check_in(connection), 0)
        today = china_time(now).date()
        begins = _months(china_time(first).date() if first else today, today)
        days = local_time(policy.time_zone)
        bounds = [days.starts(each) * 1000 for each in begins]
        names = [f"{each:%Y-%m}" for each in begins[:-1]]
        months = dict(before.months) if before else {}
        touched = {name for name in names if name not in months} | {names[-1]}
        if before is not None:
            for time in (
                *totals.touched_since(connection, before.size),
                *totals.taken_since(connection, before.size),
            ):
                place = bisect_right(bounds, time) - 1
                touched |= {names[place]} if 0 <= place < len(names) else set()
        tier_of = {each.organisation: each.tier for each in counting.places(connection)}
        for name, (since, until) in zip(names, pairwise(bounds), strict=True):
            if name in touched:
                months[name] = _month(connection, (since, until), tier_of)
        volunteers = totals.active_volunteers(connection)
    shown = {name: months[name] for name in names[-MONTHS:]}
    served = [name for name in names if months[name].all.minutes]
    made = Totals(
        size=size,
        made=now,
        since=served[0] if served else "",
        volunteers=volunteers if volunteers >= PEOPLE_MIN or not volunteers else None,
        minutes=_minutes_of_all(months.values()),
        by_month=_by_month(shown),
        by_category=_by_part([each.by_category for each in shown.values()]),
        by_tier=_by_part([each.by_tier for each in shown.values()]),
        points=_by_cycle(shown, policy.publicity_points_cycle),
    )
    return _Known(size=size, made=now, months=months, totals=made)


def _month(connection: Connection, bounds: tuple[int, int], tier_of: Mapping[str, str]) -> Month:
    done = reporting.served(connection, bounds, None).get("", NOTHING)
    if not done.minutes:
        redeemed = reporting.redeemed(connection, bounds, None)
        return Month(all=done, by_category={}, by_tier={}, redeemed=redeemed.get((0, POINT), 0))
    by_tier: dict[str, Done] = {}
    for home, part in reporting.served(connection, bounds, None, by="home").items():
        tier = tier_of.get(home.partition(":")[2], "") or NO_TIER
        by_tier[tier] = _sum(by_tier.get(tier, NOTHING), part)
    return Month(
        all=done,
        by_category=reporting.served(connection, bounds, None, by="category"),
        by_tier=by_tier,
        redeemed=reporting.redeemed(connection, bounds, None).get((0, POINT), 0),
    )


def _months(first: date, last: date) -> list[date]:
    """The first days of the months from one to another, and of the one after."""
    begin = date(max(first.year, _FIRST_YEAR), first.month, 1)
    count = (last.year - begin.year) * 12 + last.month - begin.month + 1
    return [months_after(begin, each) for each in range(max(count, 1) + 1)]


def _minutes_of_all(months: Collection[Month]) -> int | None:
    people = max((each.all.volunteers for each in months), default=0)
    minutes = sum(each.all.minutes for each in months)
    return None if 0 < people < PEOPLE_MIN else _whole_hours(minutes)


def _by_month(months: Mapping[str, Month]) -> dict[str, Told]:
    shown = told({name: (each.all.volunteers, each.all.minutes) for name, each in months.items()})
    return {
        name: Told(volunteers=None, minutes=None, points=None)
        if shown[name] is None
        else Told(
            volunteers=each.all.volunteers,
            minutes=_whole_hours(each.all.minutes),
            points=each.all.points,
        )
        for name, each in months.items()
    }


def _by_part(months: Sequence[Mapping[str, Done]]) -> dict[str, int | None]:
    """Minutes by category or tier. How many people did it is not known of months together, but
    never fewer than in any one of them."""
    people: dict[str, int] = {}
    minutes: dict[str, int] = {}
    for month in months:
        for name, done in month.items():
            people[name] = max(people.get(name, 0), done.volunteers)
            minutes[name] = minutes.get(name, 0) + done.minutes
    shown = told({name: (people[name], minutes[name]) for name in sorted(people)})
    return {
        name: None if value is None else _whole_hours(value)
        for name, value in shown.items()
        if minutes[name]
    }


def _by_cycle(months: Mapping[str, Month], cycle: str) -> dict[str, tuple[int | None, int | None]]:
    """Points issued and redeemed in each cycle that those months touch; nothing where policy
    publishes none."""
    length = {"quarter": 3, "half_year": 6}.get(cycle, 0)
    found: dict[str, list[Month]] = {}
    for name, each in months.items() if length else ():
        part = (int(name[5:]) - 1) // length + 1
        found.setdefault(f"{name[:4]}-{'Q' if length == 3 else 'H'}{part}", []).append(each)
    issued = {
        name: (max(each.all.volunteers for each in parts), sum(each.all.points for each in parts))
        for name, parts in found.items()
    }
    shown = told(issued)
    return {
        name: (None, None)
        if shown[name] is None
        else (shown[name], sum(each.redeemed for each in parts))
        for name, parts in found.items()
    }


def _sum(one: Done, other: Done) -> Done:
    return Done(*(a + b for a, b in zip(one, other, strict=True)))


def _whole_hours(minutes: int) -> int:
    return minutes // _HOUR * _HOUR
