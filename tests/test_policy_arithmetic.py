"""The arithmetic that a policy decides, against the plainest definitions there are."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import ceil, floor
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.policies import shipped
from ledger.policy import (
    ATTRIBUTES,
    NEVER,
    PARAMETERS,
    SERVICE_CATEGORIES,
    Listed,
    MonthDay,
    Name,
    Pack,
    Packs,
    Policy,
    Rising,
    Shape,
    TimeZone,
    Weight,
    Weights,
    Whole,
    Word,
    Words,
    WordsListed,
    months_after,
    policy_from_canonical,
    read_policy,
)
from ledger.policy import Flag as FlagShape
from ledger.policy import Fraction as FractionShape

DEFAULT = read_policy(shipped("cn-default")).policy
INVENTED = Path(__file__).parent / "data" / "invented-programme.toml"
MINUTES = st.integers(0, 100_000)
CITED = st.sampled_from(("S1", "Town order 2025-12, article 4", "某办法第三条"))


def ms(local: str, zone: str = "Asia/Shanghai") -> int:
    at = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone))
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


# --- every parameter, written and read back ----------------------------------------------------


def written(shape: Shape) -> st.SearchStrategy[str]:
    """TOML for any value that a shape allows."""
    match shape:
        case Whole(low, high):
            return st.integers(low, high).map(str)
        case FractionShape(low, high):
            return st.integers(low * 1000, high * 1000).map(lambda n: f"{n // 1000}.{n % 1000:03}")
        case FlagShape():
            return st.sampled_from(("true", "false"))
        case Word(allowed):
            return st.sampled_from(allowed).map(lambda word: f'"{word}"')
        case Words(allowed):
            return st.lists(st.sampled_from(allowed), unique=True).map(toml_list)
        case WordsListed(allowed, most):
            return st.lists(st.sampled_from(allowed), min_size=1, max_size=most).map(toml_list)
        case Listed(low, high, most):
            return st.lists(st.integers(low, high), max_size=most).map(str)
        case Rising(low, high, most, least=least):
            numbers = st.sets(st.integers(low, high), min_size=least, max_size=most)
            return numbers.map(lambda drawn: str(sorted(drawn)))
        case MonthDay():
            return st.dates(date(2025, 1, 1), date(2025, 12, 31)).map(lambda d: f'"{d:%m-%d}"')
        case Name():
            return st.sampled_from(('"cn"', '"our-town"'))
        case TimeZone():
            return st.sampled_from(('"Asia/Shanghai"', '"Asia/Urumqi"'))
        case Weights():
            weight = st.tuples(st.integers(0, 100_000), CITED)
            weights = st.dictionaries(st.sampled_from(SERVICE_CATEGORIES), weight, max_size=5)
            return weights.map(
                lambda drawn: (
                    "["
                    + ", ".join(
                        f'{{category = "{category}", weight = {n // 1000}.{n % 1000:03},'
                        f' basis = "{basis}"}}'
                        for category, (n, basis) in drawn.items()
                    )
                    + "]"
                )
            )
        case Packs():
            item = st.tuples(st.integers(1, 5), st.integers(1, 9), st.integers(0, 900))
            return st.lists(item, max_size=5).map(
                lambda drawn: (
                    "["
                    + ", ".join(
                        f'{{star = {star}, item = "体检", count = {count}, value_yuan = {yuan}}}'
                        for star, count, yuan in drawn
                    )
                    + "]"
                )
            )
    raise AssertionError(f"no value is drawn for {shape}")


def toml_list(words: list[str]) -> str:
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"


HEAD = """
id = "drawn"
version = 1
title = "Drawn"
issuer = "Chance"
effective_from = 2025-01-01
"""

# What a draw of one parameter alone would contradict.
_WITH = {
    "time.day_auto_limit": "time.day_review_limit = {value = 1440, basis = 'choice'}",
    "time.day_review_limit": "time.day_auto_limit = {value = 1, basis = 'choice'}",
    "time.session_max": "",
    "volunteer.guardian_below_age": "volunteer.sensitive_below_age = {value = 0, basis = 'choice'}",
    "volunteer.sensitive_below_age": (
        "volunteer.guardian_below_age = {value = 150, basis = 'choice'}"
    ),
    "redeem.rapid_refuse_s": "redeem.rapid_flag_s = {value = 86400, basis = 'choice'}",
    "redeem.rapid_flag_s": "redeem.rapid_refuse_s = {value = 0, basis = 'choice'}",
    "star.cycle_h": (
        "star.window = {value = 'cycle', basis = 'choice'}\n"
        "star.thresholds_h = {value = [1], basis = 'choice'}"
    ),
    "star.thresholds_h": (
        f"star.granting_tier = {{value = {['city'] * 20}, basis = 'choice'}}\n"
        "credit.min_stars = {value = 0, basis = 'choice'}"
    ),
    "tb.redeem_min_age_difficulty": "tb.redeem_min_age = {value = 150, basis = 'choice'}",
    "tb.granularity_minutes": (
        "tb.daily_cap_minutes = {value = 0, basis = 'choice'}\n"
        "tb.account_cap_h = {value = 0, basis = 'choice'}"
    ),
    "tb.elder_home_coins": "tb.account_cap_h = {value = 0, basis = 'choice'}",
}
_NO_STARS = "credit.min_stars = {value = 0, basis = 'choice'}"
_STARS = (
    "star.thresholds_h = {value = [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20],"
    " basis = 'choice'}\n"
)
_NEEDS_STARS = {
    "star.nominated_from": _STARS + _WITH["star.thresholds_h"].split("\n")[0],
    "redeem.gate_stars": _STARS + _WITH["star.thresholds_h"].split("\n")[0],
    "credit.min_stars": _STARS + _WITH["star.thresholds_h"].split("\n")[0],
    **dict.fromkeys(
        (
            "star.min_tenure_months",
            "star.quality_min",
            "star.points_min",
            "courtesy.price_percent",
            "credit.points_by_star",
            "credit.measures_by_star",
        ),
        _STARS + _WITH["star.thresholds_h"],
    ),
}


@pytest.mark.parametrize("name", PARAMETERS)
@given(st.data())
def test_what_is_written_is_what_decides_and_what_a_replay_reads(
    name: str, data: st.DataObject
) -> None:
    """TOML → canonical form → `Policy`, and again from the canonical form alone."""
    line = PARAMETERS[name]
    value = data.draw(written(line.shape))
    if (name, value) == ("star.cycle_h", "0"):
        value = "1"
    beside = {**_WITH, **_NEEDS_STARS}.get(name, "")
    if (name, value) == ("star.window", '"cycle"'):
        beside = "star.cycle_h = {value = 1500, basis = 'choice'}"
    if name == "star.granting_tier":
        stars = list(range(1, len(json.loads(value)) + 1))
        beside = f"star.thresholds_h = {{value = {stars}, basis = 'choice'}}\n{_NO_STARS}"
    if name == "star.thresholds_h":
        tiers = ["city"] * len(json.loads(value))
        beside = f"star.granting_tier = {{value = {tiers}, basis = 'choice'}}\n{_NO_STARS}"
    toml = f"{HEAD}scope.region = 'CN'\n[parameters]\n{beside}\n{name}.value = {value}\n"
    document = read_policy(f"{toml}{name}.basis = 'S1'\n".encode())
    assert policy_from_canonical(document.canonical) == document.policy
    stored = document.canonical["values"][line.canonical_name]
    assert getattr(document.policy, ATTRIBUTES[name]) == line.shape.typed(stored)
    assert document.canonical["bases"][line.canonical_name] == "S1"
    untouched = {attribute for other, attribute in ATTRIBUTES.items() if other not in toml}
    for attribute in untouched:
        assert getattr(document.policy, attribute) == getattr(DEFAULT, attribute)


def test_every_field_of_a_policy_is_a_parameter_or_says_which_document_it_is() -> None:
    head = {"id", "version", "effective_from", "effective_to"}
    scope = {"scope_region", "scope_organisation", "scope_tier", "scope_categories"}
    assert {one.name for one in fields(Policy)} == head | scope | set(ATTRIBUTES.values())


# --- service time ------------------------------------------------------------------------------


def rounded(minutes: int, rule: str, least: int) -> int:
    way, _, unit = rule.partition("_")
    if way == "floor":
        minutes = floor(Fraction(minutes, int(unit))) * int(unit)
    elif way == "ceil":
        minutes = ceil(Fraction(minutes, int(unit))) * int(unit)
    return least if 0 < minutes < least else minutes


RULES = ("none", "floor_15", "ceil_15", "floor_30", "ceil_30", "floor_60")


@given(st.integers(0, 1440), st.sampled_from(RULES), st.integers(0, 1440))
@example(20, "floor_30", 60)
@example(0, "none", 60)
@example(1, "none", 60)
def test_rounding_is_of_what_is_left_and_lifts_nothing_out_of_none(
    minutes: int, rule: str, least: int
) -> None:
    policy = replace(DEFAULT, rounding=rule, session_min_minutes=least)
    assert policy.rounded(minutes) == rounded(minutes, rule, least)


@given(st.integers(0, 1440), st.sampled_from(RULES))
def test_rounding_twice_changes_nothing(minutes: int, rule: str) -> None:
    policy = replace(DEFAULT, rounding=rule)
    assert policy.rounded(policy.rounded(minutes)) == policy.rounded(minutes)


def test_without_the_split_a_night_belongs_to_its_first_day() -> None:
    policy = replace(DEFAULT, day_split=False)
    night = ms("2025-03-07 22:00")
    assert policy.split_minutes_by_day(night, 240) == [(date(2025, 3, 7), 240)]
    assert policy.split_minutes_by_day(night, 0) == []
    assert len(DEFAULT.split_minutes_by_day(night, 240)) == 2


# --- points and saved time ---------------------------------------------------------------------


def weights(thousandths: int) -> tuple[Weight, ...]:
    return (Weight("culture", 250, "S1"), Weight("health", thousandths, "S1"))


@given(MINUTES, st.integers(0, 1_000_000), st.integers(0, 100_000))
def test_points_are_minutes_times_rate_times_weight_rounded_down_once(
    minutes: int, rate: int, weight: int
) -> None:
    policy = replace(DEFAULT, points_per_hour_thousandths=rate, points_weights=weights(weight))
    exact = Fraction(minutes, 60) * Fraction(rate, 1000) * 100
    assert policy.points_hundredths(minutes, "health") == floor(exact * Fraction(weight, 1000))
    assert policy.points_hundredths(minutes) == floor(exact)
    assert policy.points_hundredths(minutes, "traffic") == floor(exact)


@given(MINUTES, st.integers(1, 1440), st.integers(1, 1440), st.integers(0, 100_000))
@example(90, 60, 60, 1000)
@example(59, 60, 60, 1000)
@example(90, 60, 1, 1000)
def test_saved_time_is_in_whole_grains_and_never_more_than_the_rate_gives(
    minutes: int, rate: int, grain: int, weight: int
) -> None:
    policy = replace(
        DEFAULT, tb_rate_minutes=rate, tb_granularity_minutes=grain, tb_weights=weights(weight)
    )
    exact = Fraction(minutes * 60, rate) * Fraction(weight, 1000)
    saved = policy.time_credit(minutes, "health")
    assert saved == floor(exact / grain) * grain
    assert saved % grain == 0
    assert 0 <= exact - saved < grain


@pytest.mark.parametrize(
    ("minutes", "saved"), [(90, 90), (1, 1), (0, 0)], ids=["B1", "a minute", "nothing"]
)
def test_an_hour_served_is_an_hour_saved(minutes: int, saved: int) -> None:
    assert DEFAULT.time_credit(minutes) == saved


@pytest.mark.parametrize(
    ("lapse", "last_day"),
    [
        ("month_end", date(2029, 11, 30)),
        ("year_end", date(2029, 12, 31)),
        ("never", NEVER),
    ],
)
def test_points_lapse_with_a_month_a_year_or_never(lapse: str, last_day: date) -> None:
    earned = ms("2026-11-22 12:00")
    assert replace(DEFAULT, points_lapse=lapse).lapse_date(earned) == last_day


@given(st.dates(date(1970, 1, 1), date(2200, 1, 1)))
def test_the_year_of_lapse_is_that_of_the_month_of_lapse(day: date) -> None:
    earned = ms(f"{day} 12:00")
    by_year = replace(DEFAULT, points_lapse="year_end").lapse_date(earned)
    assert (by_year.year, by_year.month, by_year.day) == (
        DEFAULT.lapse_date(earned).year,
        12,
        31,
    )


@pytest.mark.parametrize(
    ("period", "months"),
    [
        ("month", ("2025-05",)),
        ("quarter", ("2025-04", "2025-05", "2025-06")),
        ("half_year", tuple(f"2025-0{month}" for month in range(1, 7))),
        ("year", tuple(f"2025-{month:02}" for month in range(1, 13))),
    ],
)
def test_a_redemption_is_counted_in_the_calendars_own_periods(
    period: str, months: tuple[str, ...]
) -> None:
    policy = replace(DEFAULT, redeem_period=period)
    assert policy.redeem_months(date(2025, 5, 31)) == months


@given(st.dates(), st.sampled_from(("month", "quarter", "half_year", "year")))
def test_a_day_lies_in_its_own_period(day: date, period: str) -> None:
    policy = replace(DEFAULT, redeem_period=period)
    months = policy.redeem_months(day)
    assert f"{day.year:04}-{day.month:02}" in months
    for month in months:
        assert policy.redeem_months(date.fromisoformat(f"{month}-01")) == months


# --- prices, packs, credit ---------------------------------------------------------------------


@given(
    st.integers(0, 20),
    st.integers(1, 1_000_000),
    st.lists(st.integers(0, 100), max_size=20).map(tuple),
)
def test_a_price_is_a_percentage_rounded_up_and_never_nothing(
    star: int, price: int, percents: tuple[int, ...]
) -> None:
    policy = replace(DEFAULT, courtesy_price_percent=percents)
    percent = 100
    if star and percents:
        percent = percents[star - 1] if star <= len(percents) else percents[-1]
    assert policy.price_for(star, price) == max(1, ceil(Fraction(price * percent, 100)))
    assert 1 <= policy.price_for(star, price) <= price


def test_a_pack_is_that_of_its_star_alone() -> None:
    ticket, card = Pack(1, "ticket", 1, 0), Pack(2, "card", 1, 20)
    policy = replace(DEFAULT, courtesy_packs=(card, ticket))
    assert [policy.pack(star) for star in range(4)] == [(), (ticket,), (card,), ()]


@given(st.integers(0, 20), MINUTES, st.integers(0, 1_000_000), st.integers(0, 100_000))
def test_credit_points_are_those_of_the_star_and_of_full_parts_of_ten_hours(
    star: int, minutes: int, rate: int, most: int
) -> None:
    policy = replace(DEFAULT, credit_points_per_10h_thousandths=rate, credit_points_max=most)
    exact = min(star, 5) + floor(Fraction(minutes, 600) * Fraction(rate, 1000))
    assert policy.credit_points(star, minutes) == (min(exact, most) if most else exact)


def test_credit_lists_are_yearly_or_half_yearly() -> None:
    half = replace(DEFAULT, credit_cycle="half_year")
    assert DEFAULT.credit_cycle_of(date(2025, 6, 30)) == "2025"
    assert half.credit_cycle_of(date(2025, 6, 30)) == "2025-H1"
    assert half.credit_cycle_of(date(2025, 7, 1)) == "2025-H2"


# --- stars -------------------------------------------------------------------------------------


@given(MINUTES, MINUTES, st.sampled_from(("lifetime", "cycle")), st.booleans())
def test_all_minutes_count_and_backfilled_ones_where_policy_says_so(
    check_in: int, backfill: int, window: str, counts: bool
) -> None:
    policy = replace(
        DEFAULT,
        star_window=window,
        star_cycle_minutes=90_000 if window == "cycle" else 0,
        backfill_counts_for=frozenset({"stars"} if counts else {"certificate"}),
    )
    total = check_in + (backfill if counts else 0)
    assert policy.star_minutes_of(check_in, backfill) == total


@st.composite
def cycles(draw: st.DrawFn) -> Policy:
    """Cycles that end with their last threshold, or some time after it."""
    hours = draw(st.lists(st.integers(1, 40), min_size=1, max_size=6, unique=True).map(sorted))
    cycle = hours[-1] + draw(st.integers(0, 20))
    return replace(
        DEFAULT,
        star_window="cycle",
        star_cycle_minutes=cycle * 60,
        star_thresholds_minutes=tuple(each * 60 for each in hours),
    )


@given(cycles(), st.integers(0, 20_000))
def test_every_cycle_brings_all_its_stars(policy: Policy, minutes: int) -> None:
    """As if the thresholds were written down once more for each cycle, one after the other."""
    thresholds, cycle = policy.star_thresholds_minutes, policy.star_cycle_minutes
    written_out = [
        full * cycle + each for full in range(minutes // cycle + 2) for each in thresholds
    ]
    star = sum(each <= minutes for each in written_out)
    assert policy.eligible_star(minutes) == star
    assert policy.minutes_to_next_star(minutes) == written_out[star] - minutes
    assert [policy.minutes_of_star(1 + each) for each in range(len(written_out))] == written_out
    count = len(thresholds)
    assert star == minutes // cycle * count + sum(each <= minutes % cycle for each in thresholds)


@given(cycles(), st.integers(1, 60), st.integers(0, 10_000))
def test_lists_by_star_begin_again_with_every_cycle(
    policy: Policy, star: int, minutes: int
) -> None:
    count = len(policy.star_thresholds_minutes)
    level = policy.level_of(star)
    assert 1 <= level <= count
    assert (star - level) % count == 0
    policy = replace(
        policy,
        star_tenure_months=(1, 2, 3, 4, 5, 6),
        star_nominated_from=3,
        courtesy_price_percent=(90, 80, 70, 60),
        courtesy_packs=tuple(Pack(each, "thing", each, 0) for each in range(1, 7)),
        credit_points_by_star=(3, 6, 9),
        credit_measures_by_star=(0, 5, 7, 9),
    )
    once = replace(policy, star_window="lifetime", star_cycle_minutes=0)
    assert policy.star_needs(star) == once.star_needs(level)
    assert policy.price_for(star, minutes) == once.price_for(level, minutes)
    assert policy.pack(star) == once.pack(level)
    assert policy.credit_points(star, minutes) == once.credit_points(level, minutes)
    assert policy.credit_measures(star) == once.credit_measures(level)
    assert (policy.level_of(0), once.level_of(star)) == (0, star)


@pytest.mark.parametrize(
    ("window", "ends", "now", "start", "end"),
    [
        ("year", "12-31", "2025-03-07 12:00", "2025-01-01", "2026-01-01"),
        ("year", "12-31", "2025-12-31 23:59", "2025-01-01", "2026-01-01"),
        ("year", "12-31", "2026-01-01 00:00", "2026-01-01", "2027-01-01"),
        ("year", "11-30", "2025-11-30 23:59", "2024-12-01", "2025-12-01"),
        ("year", "11-30", "2025-12-01 00:00", "2025-12-01", "2026-12-01"),
        ("year", "02-28", "2024-02-29 12:00", "2024-02-29", "2025-03-01"),
        ("rolling_year", "12-31", "2025-03-07 12:00", "2024-03-08", "2025-03-08"),
        ("rolling_year", "12-31", "2024-02-29 12:00", "2023-03-01", "2024-03-01"),
        ("rolling_year", "12-31", "2025-02-28 12:00", "2024-02-29", "2025-03-01"),
    ],
)
def test_the_star_year_is_a_span_of_local_days(
    window: str, ends: str, now: str, start: str, end: str
) -> None:
    policy = replace(DEFAULT, star_window=window, star_year_ends=ends)
    assert policy.star_span(ms(now)) == (ms(f"{start} 00:00"), ms(f"{end} 00:00"))


@pytest.mark.parametrize("window", ["lifetime", "cycle"])
def test_without_a_year_every_check_in_is_looked_at(window: str) -> None:
    assert replace(DEFAULT, star_window=window).star_span(ms("2025-03-07 12:00")) is None


@given(
    st.integers(ms("1971-01-01 00:00"), ms("2200-01-01 00:00")),
    st.dates(date(2025, 1, 1), date(2025, 12, 31)).map("{:%m-%d}".format),
    st.sampled_from(("year", "rolling_year")),
)
def test_a_span_is_whole_days_of_a_year_and_holds_its_now(now: int, ends: str, window: str) -> None:
    policy = replace(DEFAULT, star_window=window, star_year_ends=ends)
    span = policy.star_span(now)
    assert span is not None
    start, end = span
    assert start <= now < end
    first, after = policy.local_date(start), policy.local_date(end)
    assert policy.local_date(start - 1) == first - timedelta(days=1)
    assert (after - first).days in (365, 366)
    if window == "year":
        assert f"{after - timedelta(days=1):%m-%d}" == ends
        assert policy.star_span(end - 1) == span
    else:
        assert after - timedelta(days=1) == policy.local_date(now)


def test_a_star_asks_what_its_place_in_each_list_says() -> None:
    policy = replace(
        DEFAULT,
        star_tenure_months=(6, 12),
        star_quality_min=(0, 350),
        star_points_min=(500,),
        star_nominated_from=3,
        star_granting_tier=("township", "county"),
    )
    assert policy.star_needs(1) == (6, 0, 50_000, False, "township")
    assert policy.star_needs(2) == (12, 350, 0, False, "county")
    assert policy.star_needs(3) == (0, 0, 0, True, "county")
    assert [DEFAULT.star_needs(star).granting_tier for star in range(1, 7)] == [
        "county",
        "county",
        "city",
        "city",
        "province",
        "province",
    ]
    assert not DEFAULT.star_needs(5).nominated


@pytest.mark.parametrize(
    ("hours", "medals"), [(1999, 0), (2000, 1), (2999, 1), (3000, 2), (5000, 3)]
)
def test_a_medal_is_reached_at_its_hours(hours: int, medals: int) -> None:
    policy = replace(DEFAULT, medal_thresholds_minutes=(120_000, 180_000, 300_000))
    assert policy.medals(hours * 60) == medals
    assert policy.medals(hours * 60 - 1) == max(0, medals - (hours in (2000, 3000, 5000)))


# --- calendar months (Civil Code art. 202) -----------------------------------------------------


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        ("2025-01-31", 1, "2025-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2025-12-15", 1, "2026-01-15"),
        ("2025-03-31", -1, "2025-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2025-03-07", 0, "2025-03-07"),
    ],
)
def test_a_month_later_is_the_corresponding_day(day: str, months: int, after: str) -> None:
    assert months_after(date.fromisoformat(day), months) == date.fromisoformat(after)
    assert Policy.months_after(date.fromisoformat(day), months) == date.fromisoformat(after)


@given(st.dates(date(1970, 1, 1), date(2200, 1, 1)), st.integers(0, 600))
def test_months_later_is_that_many_months_later_and_clamped(day: date, months: int) -> None:
    after = months_after(day, months)
    assert (after.year - day.year) * 12 + after.month - day.month == months
    assert after.day == day.day or (
        after.day < day.day and (after + timedelta(days=1)).month != after.month
    )


# --- a programme that nobody has written yet ---------------------------------------------------


def test_a_programme_nobody_wrote_code_for_reads_from_its_file_alone() -> None:
    """A yearly star window, coins in whole hours, two a day, one redemption a quarter."""
    policy = read_policy(INVENTED.read_bytes()).policy
    # The star year runs from 1 July to 30 June.
    now = ms("2026-03-07 12:00")
    assert policy.star_span(now) == (ms("2025-07-01 00:00"), ms("2026-07-01 00:00"))
    assert [policy.eligible_star(hours * 60) for hours in (19, 20, 50, 100)] == [0, 1, 2, 3]
    assert policy.star_needs(3).granting_tier == "county"
    # Whole hours, and two of them a day.
    assert [policy.time_credit(minutes) for minutes in (59, 60, 119, 120)] == [0, 60, 60, 120]
    assert policy.tb_daily_cap_minutes == 2 * 60
    # Once a quarter.
    assert policy.redeem_per_period == 1
    assert policy.redeem_months(date(2026, 3, 7)) == ("2026-01", "2026-02", "2026-03")
    # Nothing else is its own.
    stated = {
        "star_thresholds_minutes",
        "star_window",
        "star_year_ends",
        "star_granting_tier",
        "tb_granularity_minutes",
        "tb_daily_cap_minutes",
        "redeem_per_period",
    }
    differing: set[Any] = {
        attribute
        for attribute in ATTRIBUTES.values()
        if getattr(policy, attribute) != getattr(DEFAULT, attribute)
    }
    assert differing == stated
