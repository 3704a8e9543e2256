"""The shipped profiles: each reads, names its sources, and differs only in what they say."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ledger.policies import profile_names, shipped, shipped_names
from ledger.policy import ATTRIBUTES, PARAMETERS, Pack, Policy, read_policy

DEFAULT = read_policy(shipped("cn-default")).policy
PROFILES = [name for name in profile_names() if name != "cn-default"]

REGIONS = {
    "beijing": "11",
    "changning": "310105",
    "fujian": "35",
    "fuzhou": "3501",
    "guangdong-ivolunteer": "44",
    "guangxi": "45",
    "guangzhou": "4401",
    "hailin": "231083",
    "hangzhou-schools": "3301",
    "huangshan": "3410",
    "huizhou": "4413",
    "jiaozhou": "370281",
    "longgang": "440307",
    "longquanyi": "510112",
    "nanchuan": "500119",
    "nanjing": "3201",
    "qidong": "320681",
    "qingdao": "3702",
    "shanghai": "31",
    "sichuan": "51",
    "xianan": "421202",
    "xihu": "330106",
    "zhangjiagang": "320582",
    "zhejiang": "33",
    "zhiyuanhui": "CN",
}

# What domain §§1–5 says of each programme and the default does not; hours as minutes.
DIFFERENT: dict[str, dict[str, Any]] = {
    "beijing": {
        "star_nominated_from": 5,
        "tb_account_cap_minutes": 0,
        "tb_elder_home_coins": 10_000,
    },
    "changning": {
        "tb_daily_cap_minutes": 120,
        "tb_account_cap_minutes": 600 * 60,
        "tb_depositor_min_age": 50,
        "tb_depositor_guardian_ok": False,
    },
    "fujian": {},
    "fuzhou": {},
    "guangdong-ivolunteer": {},
    "guangxi": {
        "courtesy_price_percent": (90, 80, 70, 60, 50),
        "credit_measures_by_star": (0, 39),
    },
    "guangzhou": {
        "redeem_gate_stars": 1,
        "tb_granularity_minutes": 60,
        "tb_redeem_min_age": 0,
        "tb_transfer_to": frozenset(),
        "tb_goods": True,
    },
    "hailin": {
        "zero_on_bad_conduct": True,
        "points_activity_cap_minutes": 120,
        "points_referral_thousandths": 2000,
        "redeem_per_period": 1,
    },
    "hangzhou-schools": {
        "credit_min_stars": 0,
        "credit_points_by_star": (),
        "credit_points_per_10h_thousandths": 1000,
        "credit_points_max": 30,
    },
    "huangshan": {"redeem_reversible": frozenset()},
    "huizhou": {
        "credit_cycle": "half_year",
        "credit_min_stars": 0,
        "credit_measures_by_star": (13, 40, 40, 40, 40, 48),
    },
    "jiaozhou": {"excluded_time": frozenset({"meals", "rest"}), "session_min_minutes": 60},
    "longgang": {
        "star_tenure_months": (6, 6, 12, 12, 0),
        "star_granting_tier": ("township", "township", "township", "county", "province"),
    },
    "longquanyi": {
        "star_thresholds_minutes": (3_000, 6_000, 12_000, 24_000, 48_000),
        "star_points_min": (500, 1000, 2100, 4200, 8400),
        "star_after_reversal": "automatic",
        "points_per_hour_thousandths": 10_000,
        "redeem_reduces_hours": True,
    },
    "nanchuan": {
        "courtesy_packs": tuple(
            Pack(star, item, 1, value)
            for star, card, check in (
                (1, 10, 100),
                (2, 20, 200),
                (3, 0, 0),
                (4, 0, 0),
                (5, 50, 800),
            )
            for item, value in (
                ("景区门票 sight tickets", 0),
                ("公交卡 bus card", card),
                ("健康体检 health check", check),
            )
        )
    },
    "nanjing": {
        "tb_transfer_to": frozenset(),
        "tb_grant_to": frozenset({"key_lonely_elder"}),
    },
    "qidong": {
        "star_window": "year",
        "medal_thresholds_minutes": (90_000, 120_000, 150_000),
        "redeem_per_period": 1,
        "redeem_period": "year",
    },
    "qingdao": {"tb_depositor_guardian_ok": False},
    "shanghai": {
        "tb_redeem_min_age": 65,
        "tb_redeem_min_age_difficulty": 60,
        "tb_transfer_to": frozenset({"spouse", "lineal", "friend", "needy_elder"}),
        "tb_goods": True,
    },
    "sichuan": {},
    "xianan": {"publicity_points_cycle": "half_year"},
    "xihu": {"tb_redeem_min_age": 0, "tb_grant_starting_minutes": 300},
    "zhangjiagang": {
        "star_thresholds_minutes": (1_800, 3_600, 6_000, 12_000, 18_000),
        "star_window": "cycle",
        "star_cycle_minutes": 18_000,
        "medal_thresholds_minutes": (36_000, 60_000, 90_000, 180_000),
    },
    "zhejiang": {
        "credit_min_minutes": 90_000,
        "credit_min_stars": 0,
        "credit_measures_by_star": (21,),
    },
    "zhiyuanhui": {"volunteer_min_age": 3},
}


def profile(name: str) -> Policy:
    return read_policy(shipped(name)).policy


def ms(day: str) -> int:
    return int(datetime.fromisoformat(f"{day}T04:00").replace(tzinfo=UTC).timestamp()) * 1000


def test_the_profiles_are_the_shipped_documents_that_are_no_calendars() -> None:
    assert list(REGIONS) == list(DIFFERENT) == PROFILES
    calendars = {name for name in shipped_names() if name.startswith("calendar-cn-")}
    assert {*profile_names(), *calendars} == set(shipped_names())


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_is_a_document_of_its_own_name_and_place(name: str) -> None:
    policy = profile(name)
    assert (policy.id, policy.version) == (name, 1)
    assert policy.scope_region == REGIONS[name]
    # Adopted as it is, it decides for everybody: narrowing it is the adopter's to do.
    assert not policy.scoped
    assert policy.effective_to is None


@pytest.mark.parametrize("name", PROFILES)
def test_what_a_profile_states_names_its_source_and_the_sources_grade(name: str) -> None:
    bases = read_policy(shipped(name)).canonical["bases"]
    stated = {parameter: basis for parameter, basis in bases.items() if basis != "default"}
    assert stated
    for parameter, basis in stated.items():
        assert re.search(r"S[0-9]+ .*\[[ABC]\]", basis), (parameter, basis)
    # The issuer says whose texts they are, and names them all.
    issuer = read_policy(shipped(name)).canonical["issuer"]
    cited = {found for basis in stated.values() for found in re.findall(r"\bS[0-9]+\b", basis)}
    assert cited == set(re.findall(r"\bS[0-9]+\b", issuer))


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_differs_from_the_default_exactly_in_what_its_source_says(name: str) -> None:
    document = read_policy(shipped(name))
    differing = {
        attribute: getattr(document.policy, attribute)
        for attribute in ATTRIBUTES.values()
        if getattr(document.policy, attribute) != getattr(DEFAULT, attribute)
    }
    assert differing == DIFFERENT[name]
    for line in PARAMETERS.values():
        if document.canonical["bases"][line.canonical_name] == "default":
            assert ATTRIBUTES[line.name] not in differing


def test_the_default_says_where_every_value_comes_from() -> None:
    bases = read_policy(shipped("cn-default")).canonical["bases"]
    for parameter, basis in bases.items():
        sourced = re.match(r"S[0-9]+ ", basis) is not None
        assert sourced or basis.startswith("choice: "), (parameter, basis)


# --- worked examples of domain §12 that a profile decides by itself ----------------------------


def test_b4_nanjing_lets_an_account_hold_1500_hours_and_the_rest_goes_to_the_pool() -> None:
    nanjing = profile("nanjing")
    assert nanjing.tb_account_cap_minutes == 90_000
    assert nanjing.tb_overflow_to == "pool"
    assert nanjing.tb_group_account == "donate_only"


def test_b9_b10_a_friend_may_be_given_time_in_shanghai_and_not_in_beijing() -> None:
    assert "friend" in profile("shanghai").tb_transfer_to
    assert "friend" not in profile("beijing").tb_transfer_to
    assert "lineal" in profile("beijing").tb_transfer_to


@pytest.mark.parametrize(("minutes", "saved"), [(59, 0), (60, 60), (119, 60), (120, 120)])
def test_guangzhou_saves_whole_hours(minutes: int, saved: int) -> None:
    assert profile("guangzhou").time_credit(minutes) == saved


@pytest.mark.parametrize(("star", "yuan"), [(0, 100), (1, 90), (3, 70), (5, 50)])
def test_k12_guangxi_sells_a_ticket_of_100_yuan_by_star(star: int, yuan: int) -> None:
    assert profile("guangxi").price_for(star, 100) == yuan


def test_s16_nanchuan_gives_300_hours_tickets_a_card_and_a_check() -> None:
    nanchuan = profile("nanchuan")
    assert nanchuan.eligible_star(300 * 60) == 2
    assert [(pack.count, pack.value_yuan) for pack in nanchuan.pack(2)] == [
        (1, 0),
        (1, 20),
        (1, 200),
    ]


@pytest.mark.parametrize(
    ("hours", "star"),
    [(29, 0), (30, 1), (299, 4), (300, 5), (301, 5), (330, 6), (599, 9), (600, 10), (660, 12)],
)
def test_zhangjiagang_gives_five_stars_for_every_300_hours(hours: int, star: int) -> None:
    policy = profile("zhangjiagang")
    assert policy.eligible_star(policy.star_minutes_of(hours * 60, 0)) == star


def test_qidong_counts_the_hours_of_one_year() -> None:
    span = profile("qidong").star_span(ms("2025-03-07"))
    assert span is not None
    assert [DEFAULT.local_date(each) for each in span] == [date(2025, 1, 1), date(2026, 1, 1)]
    assert len(profile("qidong").redeem_months(date(2025, 3, 7))) == 12


def test_jiaozhou_lifts_a_session_under_an_hour_to_one() -> None:
    policy = profile("jiaozhou")
    assert [policy.rounded(minutes) for minutes in (0, 1, 59, 60, 61)] == [0, 60, 60, 60, 61]


def test_longquanyi_asks_hours_and_points() -> None:
    policy = profile("longquanyi")
    assert policy.eligible_star(50 * 60) == 1
    assert [policy.star_needs(star).points_min_hundredths for star in (1, 5)] == [50_000, 840_000]
    assert policy.points_hundredths(60) == 1000


def test_longgang_asks_half_a_year_for_two_stars_and_a_year_for_four() -> None:
    needs = [profile("longgang").star_needs(star) for star in range(1, 6)]
    assert [each.tenure_months for each in needs] == [6, 6, 12, 12, 0]
    assert needs[3].granting_tier == "county"


def test_beijing_nominates_for_five_stars_only() -> None:
    policy = profile("beijing")
    assert [policy.star_needs(star).nominated for star in (4, 5)] == [False, True]


@pytest.mark.parametrize(("hours", "points"), [(9, 0), (10, 1), (299, 29), (300, 30), (1000, 30)])
def test_hangzhous_schools_give_a_point_for_ten_hours_up_to_thirty(hours: int, points: int) -> None:
    assert profile("hangzhou-schools").credit_points(5, hours * 60) == points


@pytest.mark.parametrize(("star", "points"), [(0, 0), (1, 1), (5, 5)])
def test_fuzhou_gives_a_point_a_star(star: int, points: int) -> None:
    assert profile("fuzhou").credit_points(star, 100_000) == points


@pytest.mark.parametrize(("star", "measures"), [(0, 13), (1, 40), (4, 40), (5, 48)])
def test_huizhou_offers_measures_by_star(star: int, measures: int) -> None:
    assert profile("huizhou").credit_measures(star) == measures
    assert DEFAULT.credit_measures(star) == 0
