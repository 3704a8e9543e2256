"""Periods as people name them: a day, a week, a month, a quarter, a year, or any two dates.

A name stands for the instants from the first moment of its first local day up to, and without,
the first moment after its last one. The names are those of ISO 8601 where it has one. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from ledger.errors import Refused
from ledger.policy.local_time import local_time, months_after

ZONE: Final = "Asia/Shanghai"
"""What days are counted in where nothing else is said (domain §10 P9)."""
PRESETS: Final = ("day", "week", "month", "quarter", "year")

_FIRST_YEAR: Final = 2000
_LAST_YEAR: Final = 2100
_MONTHS_OF: Final = {"month": 1, "quarter": 3, "year": 12}
_ONE_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)
_FORMS: Final = (
    ("day", re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)),
    ("week", re.compile(r"([0-9]{4})-W([0-9]{2})", re.ASCII)),
    ("month", re.compile(r"([0-9]{4})-([0-9]{2})", re.ASCII)),
    ("quarter", re.compile(r"([0-9]{4})-Q([0-9])", re.ASCII)),
    ("year", re.compile(r"([0-9]{4})", re.ASCII)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Whole local days: `first` to `last`, both included; the instants [since, until) in ms."""

    name: str
    """How it was asked for, such as `2026-Q1`."""
    first: date
    last: date
    since: int
    until: int


def period(name: str, *, zone: str = ZONE) -> Period:
    """The period of a name: `2026-02-03`, `2026-W07` (Monday to Sunday), `2026-02`, `2026-Q1`,
    `2026`, or two days with two dots between, both included: `2026-02-03..2026-02-20`.

    Refuses with `bad_period` what is no such name, a day or week that does not exist, two days in
    the wrong order, and anything outside of 2000 to 2100.
    """
    begins, dots, ends = name.partition("..")
    if dots:
        first, last = _day_alone(begins), _day_alone(ends)
        if last < first:
            raise _bad("the second day is before the first")
    else:
        first, last = _days(begins)
    return _between(name, first, last, zone)


def period_around(preset: str, instant_ms: int, *, zone: str = ZONE) -> Period:
    """The day, week, month, quarter or year in which an instant (ms) falls, under its own name.

    Refuses with `bad_period` another word than those of `PRESETS`, and years as `period` does.
    """
    if preset not in PRESETS:
        raise _bad(f"a period is one of {', '.join(PRESETS)}")
    today = local_time(zone).day(instant_ms // 1000)
    if preset == "week":
        year, week, _ = today.isocalendar()
        name = f"{year:04d}-W{week:02d}"
    else:
        name = {
            "day": today.isoformat(),
            "month": f"{today.year:04d}-{today.month:02d}",
            "quarter": f"{today.year:04d}-Q{(today.month + 2) // 3}",
            "year": f"{today.year:04d}",
        }[preset]
    return period(name, zone=zone)


def _days(name: str) -> tuple[date, date]:
    """First and last day of anything but two dates."""
    for preset, form in _FORMS:
        found = form.fullmatch(name)
        if found is None:
            continue
        try:
            return _first_and_last(preset, [int(each) for each in found.groups()])
        except ValueError:
            raise _bad("there is no such day, week, month or quarter") from None
    raise _bad(
        "name a period like 2026-02-03, 2026-W07, 2026-02, 2026-Q1, 2026 or 2026-02-03..2026-02-20"
    )


def _first_and_last(preset: str, numbers: list[int]) -> tuple[date, date]:
    """Raises ValueError where the calendar has no such thing."""
    year = numbers[0]
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise _bad(f"the years are {_FIRST_YEAR} to {_LAST_YEAR}")
    if preset == "day":
        only = date(*numbers)
        return only, only
    if preset == "week":
        monday = date.fromisocalendar(year, numbers[1], 1)
        return monday, monday + _WEEK - _ONE_DAY
    months = _MONTHS_OF[preset]
    which = numbers[1] if len(numbers) > 1 else 1
    # `date` refuses month 0 and 13, and so quarters 0 and 5 and up.
    first = date(year, (which - 1) * months + 1, 1)
    return first, months_after(first, months) - _ONE_DAY


def _day_alone(name: str) -> date:
    first, last = _days(name)
    if first != last:
        raise _bad("two dots stand between two days, like 2026-02-03..2026-02-20")
    return first


def _between(name: str, first: date, last: date, zone: str) -> Period:
    local = local_time(zone)
    return Period(
        name=name,
        first=first,
        last=last,
        since=local.starts(first) * 1000,
        until=local.starts(last + _ONE_DAY) * 1000,
    )


def _bad(sentence: str) -> Refused:
    return Refused("bad_period", sentence)
