"""Periods by name: which days they mean, and which names mean nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Refused
from ledger.periods import PRESETS, period, period_around
from tests.kit import at, scenario

DAYS = st.dates(min_value=date(2000, 1, 3), max_value=date(2099, 12, 26))


@scenario("""
name                    | first      | last
2026-02-03              | 2026-02-03 | 2026-02-03
2024-02-29              | 2024-02-29 | 2024-02-29
2026-W07                | 2026-02-09 | 2026-02-15
2026-W01                | 2025-12-29 | 2026-01-04
2020-W53                | 2020-12-28 | 2021-01-03
2026-02                 | 2026-02-01 | 2026-02-28
2024-02                 | 2024-02-01 | 2024-02-29
2026-12                 | 2026-12-01 | 2026-12-31
2026-Q1                 | 2026-01-01 | 2026-03-31
2026-Q4                 | 2026-10-01 | 2026-12-31
2026                    | 2026-01-01 | 2026-12-31
2100                    | 2100-01-01 | 2100-12-31
2026-02-03..2026-02-20  | 2026-02-03 | 2026-02-20
2026-02-03..2026-02-03  | 2026-02-03 | 2026-02-03
2025-12-31..2026-01-01  | 2025-12-31 | 2026-01-01
""", id_as="name")  # fmt: skip
def test_a_name_means_whole_days_of_shanghai(name: str | int, first: str, last: str) -> None:
    name = str(name)
    found = period(name)
    assert (found.name, str(found.first), str(found.last)) == (name, first, last)
    assert found.since == at(f"{first} 00:00")
    after = date.fromisoformat(last) + timedelta(days=1)
    assert found.until == at(f"{after} 00:00")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "february",
        "2026-2",
        "2026-02-30",
        "2023-02-29",
        "2026-00",
        "2026-13",
        "2026-W00",
        "2026-W54",
        "2025-W53",
        "2026-w07",
        "2026-Q0",
        "2026-Q5",
        "1999",
        "2101",
        "2026-02-20..2026-02-03",
        "2026-02..2026-03",
        "2026-02-03..",
        "..2026-02-03",
        "2026-02-03...2026-02-20",
        "2026-02-03..2026-02-20..2026-02-21",
        " 2026",
        "2026\n",
        "２０２６",
        "-2026",
    ],
)
def test_another_name_means_nothing(name: str) -> None:
    with pytest.raises(Refused) as no:
        period(name)
    assert no.value.code == "bad_period"


def test_a_day_without_midnight_begins_at_its_first_instant() -> None:
    """In 1986 to 1991 clocks in China were put forward; elsewhere they are, at midnight, today."""
    found = period("2026-04-24", zone="Africa/Cairo")
    assert found.until - found.since == 23 * 3_600_000


@given(DAYS, st.sampled_from(PRESETS), st.integers(0, 86_399_999))
def test_every_instant_lies_in_the_period_around_it(day: date, preset: str, into: int) -> None:
    instant = at(f"{day} 00:00") + into
    found = period_around(preset, instant)
    assert found.since <= instant < found.until
    assert found == period(found.name)
    assert period_around(preset, found.until).since == found.until


def test_there_are_no_other_presets() -> None:
    with pytest.raises(Refused, match="a period is one of day, week, month, quarter, year"):
        period_around("fortnight", at("2026-02-03 00:00"))


@given(DAYS, DAYS)
def test_two_days_are_a_period_if_they_are_in_order(one: date, other: date) -> None:
    if other < one:
        with pytest.raises(Refused, match="the second day is before the first"):
            period(f"{one}..{other}")
    else:
        found = period(f"{one}..{other}")
        assert found.until - found.since == ((other - one).days + 1) * 86_400_000
