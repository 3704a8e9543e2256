"""The laws of working days: holidays, make-up working days, and the ten-day deadline."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.calendar import MONDAY_TO_FRIDAY, Calendar, Deadline, read_calendar
from ledger.policies import shipped, shipped_names
from ledger.policy import PolicyRefused, read_policy

YEARS = tuple(range(2020, 2027))
DOCUMENTS = [read_calendar(shipped(f"calendar-cn-{year}")).canonical for year in YEARS]
CHINA = Calendar.from_canonical(DOCUMENTS)
POLICY = read_policy(shipped("cn-default")).policy

YEAR = """
id = "cn"
year = 2025
version = 1
source = "a notice"
holidays = [2025-01-01, 2025-01-28]
workdays = [2025-01-26]
"""


def ms(local: str) -> int:
    at = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def refusal(document: str) -> tuple[str, str]:
    with pytest.raises(PolicyRefused) as refused:
        read_calendar(document.encode())
    return refused.value.path, refused.value.reason


# --- the shipped years -------------------------------------------------------------------------


def test_every_published_year_is_shipped() -> None:
    shipped_years = [name for name in shipped_names() if name.startswith("calendar-cn-")]
    assert shipped_years == [f"calendar-cn-{year}" for year in YEARS]
    assert [(document["id"], document["year"]) for document in DOCUMENTS] == [
        ("cn", year) for year in YEARS
    ]
    assert CHINA.years == set(YEARS)


@pytest.mark.parametrize(
    ("year", "days_off", "days_worked"),
    # Days off as the notices count them: 2020 is 1+7+3+5+3+8, and 3 more by the extension.
    [
        (2020, 30, 6),
        (2021, 31, 7),
        (2022, 32, 7),
        (2023, 26, 7),
        (2024, 28, 8),
        (2025, 28, 5),
        (2026, 33, 6),
    ],
)
def test_a_year_has_the_days_that_its_notice_counts(
    year: int, days_off: int, days_worked: int
) -> None:
    document = DOCUMENTS[year - 2020]
    assert (len(document["holidays"]), len(document["workdays"])) == (days_off, days_worked)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2025-01-27", True),  # Monday before Spring Festival
        ("2025-01-28", False),  # Spring Festival's first day, a Tuesday
        ("2025-02-04", False),
        ("2025-02-05", True),
        ("2025-01-26", True),  # a Sunday worked instead
        ("2025-01-25", False),  # an ordinary Saturday
        ("2025-02-08", True),  # a Saturday worked instead
        ("2025-02-09", False),
        ("2020-01-31", False),  # a Friday, off by the extension
        ("2020-02-01", False),  # a Saturday: to be worked by the first notice, off by the second
        ("2020-02-03", True),
        ("2024-02-09", True),  # New Year's Eve was no public holiday that year
        ("2026-02-23", False),  # the ninth day of Spring Festival, a Monday
        ("2026-02-28", True),
    ],
)
def test_a_day_is_worked_or_off_as_the_notices_say(day: str, working: bool) -> None:
    assert CHINA.is_working_day(date.fromisoformat(day)) is working


# --- counting working days ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "n", "day"),
    [
        ("2025-03-07", 1, "2025-03-10"),  # Friday: the next working day is Monday
        ("2025-03-07", 10, "2025-03-21"),  # T14
        ("2025-03-08", 10, "2025-03-21"),  # Saturday: day 1 is the same Monday
        ("2025-03-07", 0, "2025-03-07"),
        ("2025-01-24", 1, "2025-01-26"),  # Friday: the make-up Sunday counts
        ("2025-01-24", 3, "2025-02-05"),  # Sunday, Monday, then after the festival
        ("2025-01-24", 6, "2025-02-08"),  # the make-up Saturday counts too
        ("2025-01-24", 7, "2025-02-10"),
        # Sun 28, Mon 29, Tue 30 September; Thu 9, Fri 10, Sat 11, Mon 13 to Thu 16 October.
        ("2025-09-26", 10, "2025-10-16"),
    ],
)
def test_the_nth_working_day_steps_over_what_is_off(start: str, n: int, day: str) -> None:
    assert CHINA.nth_working_day_after(date.fromisoformat(start), n) == date.fromisoformat(day)


@given(st.dates(date(2019, 1, 1), date(2027, 12, 31)), st.integers(1, 40))
def test_the_nth_working_day_is_worked_and_has_n_working_days_up_to_it(day: date, n: int) -> None:
    found = CHINA.nth_working_day_after(day, n)
    span = [day + timedelta(days=step) for step in range(1, (found - day).days + 1)]
    assert CHINA.is_working_day(found)
    assert sum(map(CHINA.is_working_day, span)) == n


def test_counting_stops_at_the_last_day_there_is() -> None:
    assert CHINA.nth_working_day_after(date(9999, 12, 30), 10) == date.max
    assert CHINA.deadline(date.max, 10).last_day == date.max


def test_working_days_are_not_counted_backwards() -> None:
    with pytest.raises(ValueError, match="counted from 0"):
        CHINA.nth_working_day_after(date(2025, 3, 7), -1)


# --- years without a calendar ------------------------------------------------------------------


def test_a_year_without_a_calendar_counts_monday_to_friday() -> None:
    nothing = Calendar.from_canonical([])
    assert nothing.is_working_day(date(2025, 1, 28))  # Spring Festival, unknown here
    assert not nothing.is_working_day(date(2025, 1, 26))
    assert nothing.nth_working_day_after(date(2025, 1, 24), 3) == date(2025, 1, 29)


def test_the_missing_years_are_named() -> None:
    assert CHINA.years_missing(date(2019, 12, 31), date(2020, 1, 1)) == (2019,)
    assert CHINA.years_missing(date(2026, 12, 31), date(2028, 1, 1)) == (2027, 2028)
    assert CHINA.years_missing(date(2020, 1, 1), date(2026, 12, 31)) == ()


@pytest.mark.parametrize(
    ("ended", "deadline"),
    [
        (date(2025, 3, 7), Deadline(date(2025, 3, 21), "cn")),
        # 17 December 2026 is a Thursday; the tenth working day is the last day of the year.
        (date(2026, 12, 17), Deadline(date(2026, 12, 31), "cn")),
        (date(2026, 12, 18), Deadline(date(2027, 1, 1), MONDAY_TO_FRIDAY)),
        (date(2019, 12, 31), Deadline(date(2020, 1, 15), "cn")),
        (date(2019, 12, 30), Deadline(date(2020, 1, 14), MONDAY_TO_FRIDAY)),
    ],
)
def test_a_deadline_names_the_calendar_it_was_counted_with(ended: date, deadline: Deadline) -> None:
    assert CHINA.deadline(ended, 10) == deadline
    assert CHINA.deadline(ended, 10) == deadline  # the remembered answer is the same


def test_a_year_adopted_again_counts_as_adopted_last() -> None:
    first = {**DOCUMENTS[0], "holidays": ["2020-01-24"], "workdays": ["2020-02-01"]}
    assert Calendar.from_canonical([first]).is_working_day(date(2020, 2, 1))
    amended = Calendar.from_canonical([first, DOCUMENTS[0]])
    assert not amended.is_working_day(date(2020, 2, 1))
    assert not amended.is_working_day(date(2020, 1, 31))


def test_another_calendar_has_its_own_days() -> None:
    hong_kong = {**DOCUMENTS[5], "id": "hk", "holidays": ["2025-04-18"], "workdays": []}
    both = Calendar.from_canonical([*DOCUMENTS, hong_kong])
    assert both.years == set(YEARS)
    assert both.is_working_day(date(2025, 4, 18))
    assert both.named("hk").years == {2025}
    assert not both.named("hk").is_working_day(date(2025, 4, 18))
    assert both.named("cn") is both
    assert both.named("mo").years == set()


# --- lateness (domain §12 T14) -----------------------------------------------------------------


def late(ended: str, recorded: str) -> bool:
    answer, calendar = POLICY.lateness(CHINA, ms(ended), ms(recorded))
    assert calendar == "cn"
    return answer


def test_the_tenth_working_day_is_on_time_and_the_next_is_late() -> None:
    assert not late("2025-03-07 17:00", "2025-03-07 17:00")
    assert not late("2025-03-07 17:00", "2025-03-21 23:59")
    assert late("2025-03-07 17:00", "2025-03-22 00:00")
    assert late("2025-03-07 17:00", "2025-03-24 09:00")


def test_the_days_of_a_deadline_are_local() -> None:
    """23:59 on Sunday and 00:00 on Monday in Shanghai are the same Sunday in UTC."""
    assert late("2025-03-09 23:59", "2025-03-24 00:00")
    assert not late("2025-03-10 00:00", "2025-03-24 00:00")


def test_a_policy_may_count_with_a_calendar_and_days_of_its_own() -> None:
    """Friday 2025-01-24 and two working days: Sunday and Monday by China's, Tuesday without."""
    two_days = replace(POLICY, deadline_working_days=2)
    elsewhere = replace(two_days, calendar_name="mo")
    tuesday = ms("2025-01-24 17:00"), ms("2025-01-28 09:00")
    assert two_days.lateness(CHINA, *tuesday) == (True, "cn")
    assert elsewhere.lateness(CHINA, *tuesday) == (False, MONDAY_TO_FRIDAY)


# --- refusals ----------------------------------------------------------------------------------


def test_a_year_well_written_is_read() -> None:
    document = read_calendar(YEAR.encode())
    assert (document.name, document.year) == ("cn", 2025)
    assert document.canonical == {
        "id": "cn",
        "year": 2025,
        "version": 1,
        "source": "a notice",
        "holidays": ["2025-01-01", "2025-01-28"],
        "workdays": ["2025-01-26"],
    }


@pytest.mark.parametrize(
    ("before", "after", "path", "reason"),
    [
        ('id = "cn"', "", "id", "is missing"),
        ("year = 2025", "year = 2024", "holidays[0]", "2025-01-01 is not in 2024"),
        ("year = 2025", 'year = "2025"', "year", "must be a whole number"),
        ("version = 1", "version = 0", "version", "must be from 1"),
        ('"a notice"', '""', "source", "must have 1 to 500 characters"),
        ("[2025-01-26]", "[2025-01-27]", "workdays[0]", "2025-01-27 is no Saturday or Sunday"),
        ("[2025-01-26]", "2025-01-26", "workdays", "must be a list of dates"),
        ("[2025-01-26]", "[1]", "workdays[0]", "must be a date such as 2025-03-07, not 1"),
        ("[2025-01-01, 2025-01-28]", "[]", "holidays", "a year has at least one holiday"),
        ("2025-01-28]", "2025-01-01]", "holidays[1]", "days are listed once, in order"),
        ("2025-01-28]", "2025-01-26]", "workdays[0]", "2025-01-26 is among the holidays too"),
        ("2025-01-28]", "2025-01-28T08:00:00]", "holidays[1]", "must be a date"),
        ("version = 1", "version = 1\ncolour = 1", "colour", "there is no such key here"),
        ("version = 1", "version = ", "", "line 4"),
    ],
)
def test_a_year_written_wrongly_is_refused_by_path_and_reason(
    before: str, after: str, path: str, reason: str
) -> None:
    assert before in YEAR
    found, said = refusal(YEAR.replace(before, after))
    assert found == path
    assert reason in said
