"""Working days: public holidays and make-up working days as dated documents.

A calendar document covers one year and copies the facts of a published notice. Adopted documents
merge into a `Calendar`; a year that none of them covers counts Monday to Friday, and whoever
decides by it can say so. Pure, like `ledger.policy`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, Final

from ledger.policy import (
    Name,
    PolicyRefused,
    Whole,
    checked,
    day,
    fits_an_entry,
    only_keys,
    parse_toml,
    text,
)

MONDAY_TO_FRIDAY: Final = "monday_to_friday"
"""What a decision names instead of a calendar when a year it needed had none."""

_KEYS: Final = ("id", "year", "version", "source", "holidays", "workdays")
_SATURDAY: Final = 5
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDocument:
    """A checked document: what an entry holds of it and the digest of its TOML."""

    canonical: dict[str, Any]
    toml_sha256: str

    @property
    def name(self) -> str:
        """The calendar that this year belongs to, such as `cn`."""
        return str(self.canonical["id"])

    @property
    def year(self) -> int:
        """The year that the document covers."""
        return int(self.canonical["year"])


def read_calendar(toml: bytes) -> CalendarDocument:
    """Read and check one year of a calendar.

    Raises `PolicyRefused` with the key's path and the reason: a day of another year, a day twice
    or out of order, a make-up working day that is a weekday anyhow, a day both off and worked.
    """
    document = parse_toml(toml)
    only_keys(document, needed=_KEYS, allowed=())
    year = checked(Whole(1900, 9998).canonical, document["year"], "year")
    holidays = _days_of_year(document["holidays"], year, "holidays")
    workdays = _days_of_year(document["workdays"], year, "workdays")
    if not holidays:
        raise PolicyRefused("holidays", "a year has at least one holiday")
    for number, worked in enumerate(workdays):
        if worked.weekday() < _SATURDAY:
            raise PolicyRefused(f"workdays[{number}]", f"{worked} is no Saturday or Sunday")
        if worked in holidays:
            raise PolicyRefused(f"workdays[{number}]", f"{worked} is among the holidays too")
    canonical = {
        "id": checked(Name().canonical, document["id"], "id"),
        "year": year,
        "version": checked(Whole(1, 1_000_000).canonical, document["version"], "version"),
        "source": text(document["source"], "source"),
        "holidays": [off.isoformat() for off in holidays],
        "workdays": [worked.isoformat() for worked in workdays],
    }
    fits_an_entry(canonical)
    return CalendarDocument(canonical=canonical, toml_sha256=sha256(toml).hexdigest())


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day that is on time, and the calendar that was counted with.

    `calendar` is `monday_to_friday` if any year that the count touched had no adopted calendar.
    """

    last_day: date
    calendar: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The adopted years of one calendar, merged; `named` reaches the others."""

    name: str
    years: frozenset[int]
    days_off: frozenset[date]
    days_worked: frozenset[date]
    # Deadlines are asked for every record and there are few distinct days; bounded below.
    _deadlines: dict[tuple[date, int], Deadline] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _documents: tuple[Mapping[str, Any], ...] = field(default=(), repr=False, compare=False)
    _others: dict[str, Calendar] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def from_canonical(
        cls, documents: Iterable[Mapping[str, Any]], *, name: str = "cn"
    ) -> Calendar:
        """Merge the documents of the calendar `name`, given in the order of their adoption.

        Documents of other calendars are left to `named`. A year that was adopted twice counts as it
        was adopted last: notices are amended, as that of 2020 was.
        """
        documents = tuple(documents)
        latest = {document["year"]: document for document in documents if document["id"] == name}
        return cls(
            name=name,
            years=frozenset(latest),
            days_off=_all_days(latest.values(), "holidays"),
            days_worked=_all_days(latest.values(), "workdays"),
            _documents=documents,
        )

    def named(self, name: str) -> Calendar:
        """The calendar of another name, made from the same adopted documents.

        If no document has that name, every year of it counts Monday to Friday.
        """
        if name == self.name:
            return self
        if name not in self._others:
            self._others[name] = Calendar.from_canonical(self._documents, name=name)
        return self._others[name]

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday but no holiday, or a make-up working day."""
        if day.weekday() >= _SATURDAY:
            return day in self.days_worked
        return day not in self.days_off

    def nth_working_day_after(self, day: date, n: int) -> date:
        """The n-th working day after `day`, which is day 0 itself; n ≥ 0.

        Ends at 9999-12-31, the last day there is. `ValueError` for a negative n.
        """
        if n < 0:
            raise ValueError(f"working days are counted from 0, not {n}")
        while n and day < date.max:
            day += _ONE_DAY
            n -= self.is_working_day(day)
        return day

    def years_missing(self, first: date, last: date) -> tuple[int, ...]:
        """The years from that of `first` to that of `last` that no adopted document covers."""
        return tuple(y for y in range(first.year, last.year + 1) if y not in self.years)

    def deadline(self, day: date, working_days: int) -> Deadline:
        """The last day on time for what ended on `day` (domain §10 P13: the end day is day 0)."""
        known = self._deadlines.get((day, working_days))
        if known is None:
            last = self.nth_working_day_after(day, working_days)
            # Counting starts on the day after, so only from there on a missing year matters.
            missing = self.years_missing(day + _ONE_DAY if day < last else day, last)
            known = Deadline(last, MONDAY_TO_FRIDAY if missing else self.name)
            if len(self._deadlines) >= 20_000:
                self._deadlines.clear()
            self._deadlines[day, working_days] = known
        return known


def _days_of_year(written: object, year: int, path: str) -> list[date]:
    if not isinstance(written, list):
        raise PolicyRefused(path, "must be a list of dates")
    days: list[date] = []
    for number, one in enumerate(written):
        here = f"{path}[{number}]"
        this = day(one, here)
        if this.year != year:
            raise PolicyRefused(here, f"{this} is not in {year}")
        if days and this <= days[-1]:
            raise PolicyRefused(here, f"{this} follows {days[-1]}; days are listed once, in order")
        days.append(this)
    return days


def _all_days(documents: Iterable[Mapping[str, Any]], key: str) -> frozenset[date]:
    return frozenset(date.fromisoformat(one) for document in documents for one in document[key])
