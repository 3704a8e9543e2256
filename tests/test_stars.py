"""Stars: eligible → applied → public notice → granted, and what a reversal does to them.

The ids S-1 … S-16 are the worked examples of domain §12. Minutes are minutes; today is Monday,
10 March 2025.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from api import timers
from api.cli import main
from api.settings import Settings
from ledger import account
from ledger.actions import Action
from ledger.actions.catalogue import PublishReward
from ledger.actions.documents import AdoptPolicy
from ledger.actions.parties import (
    RegisterMerchant,
    RegisterOrganisation,
    RegisterStaff,
    RegisterVolunteer,
)
from ledger.actions.rewards import Release, Reserve
from ledger.actions.service import (
    CorrectService,
    EvaluateService,
    RecordService,
    RegisterActivity,
    ReverseService,
)
from ledger.actions.stars import (
    ApplyForStar,
    AssessStars,
    DecideDowngrade,
    GrantStar,
    NoticeStar,
    RefuseStar,
)
from ledger.actions.time_bank import DepositTime, DonateTime
from ledger.book import Book
from ledger.door.stars import assess_all
from ledger.errors import Refused
from ledger.founding import adopt_policy
from ledger.policies import shipped
from ledger.policy import read_policy
from tests.api_client import Cast, Site
from tests.core import Core
from tests.kit import DAY_MS, MINUTE_MS, Ledger, Town

HOUR = 60
WINDOW = 'window = { value = "lifetime"'
NOTICE = "publicity_working_days = { value = 3"
MODE = 'mode = { value = "application"'
SEQUENTIAL = "sequential = { value = true"
THRESHOLDS = "thresholds_h = { value = [100, 300, 600, 1000, 1500]"
TENURE = "min_tenure_months = { value = [0, 0, 0, 0, 0]"
QUALITY = "quality_min = { value = []"
POINTS = "points_min = { value = []"
NOMINATED = "nominated_from = { value = 0"
AFTER = 'after_reversal = { value = "propose"'
NO_NOTICE = (NOTICE, "publicity_working_days = { value = 0")
FEW_HOURS = (THRESHOLDS, "thresholds_h = { value = [1, 2, 3, 4, 5]")
AUTOMATIC = (MODE, 'mode = { value = "automatic"')
CYCLES_OF_TWO = {
    "star.window": "cycle",
    "star.cycle_h": 2,
    "star.thresholds_h": [1, 2],
    "star.granting_tier": ["county", "city"],
    "star.publicity_working_days": 0,
    "credit.min_stars": 0,
}
S22_RULES = {
    "star.window": "cycle",
    "star.cycle_h": 300,
    "star.thresholds_h": [30, 60, 100, 200, 300],
    "star.mode": "automatic",
}


@pytest.fixture
def one_clock(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database's clock is the test's, so that timers trust it."""
    now_ms = "ledger.store.database.Database.now_ms"
    monkeypatch.setattr(now_ms, lambda _self: ledger.clock.now_ms())


@pytest.fixture
def tree(town: Town) -> dict[str, str]:
    """A city, a county below it, a township, a community; each by its tier."""
    made: dict[str, str] = {}
    above = ""
    for tier in ("city", "county", "township", "community"):
        above = made[tier] = town.organisation(tier=tier, parent=above)
    return made


# What the hours reach (P23) -----------------------------------------------------------------------

REACHED = """
    S-1    5,999   0        1
    S-2    6,000   1   12,000
    S-3   17,999   1        1
    S-3   18,000   2   18,000
    S-4   35,999   2        1
    S-4   36,000   3   24,000
    S-5   59,999   3        1
    S-5   60,000   4   30,000
    S-6   89,999   4        1
    S-6   90,000   5     none
"""
"""Minutes served, the star they reach, minutes to the next."""


@pytest.mark.parametrize("line", [line.strip() for line in REACHED.strip().split("\n")])
def test_the_hours_reach_a_star_and_grant_none(line: str, town: Town, ana: str) -> None:
    _, minutes, star, left = line.replace(",", "").split()
    town.minutes_served(ana, int(minutes))
    found = town.standing(ana)
    assert (found.star_minutes, found.eligible_star, found.star) == (int(minutes), int(star), 0)
    assert found.minutes_to_next_star == (None if left == "none" else int(left))


def test_who_reaches_it_by_a_minute_may_apply_and_who_misses_it_by_one_may_not(
    town: Town, ana: str, bo: str
) -> None:
    """S-1, S-2."""
    town.minutes_served(ana, 5_999)
    town.minutes_served(bo, 6_000)
    with town.refuses("star_not_eligible"):
        town.apply_for(ana)
    case = town.apply_for(bo)
    assert town.standing(bo).star_case == case


def test_one_star_at_a_time_in_sequence(town: Town, ana: str) -> None:
    """S-7: 1,600 hours and 3 stars: only the fourth can be applied for."""
    town.minutes_served(ana, 1_600 * HOUR)
    town.starred(ana, 3)
    for star in (1, 3, 5):
        with town.refuses("star_out_of_sequence"):
            town.apply_for(ana, star)
    town.apply_for(ana, 4)


def test_where_no_sequence_is_asked_one_may_jump_and_not_above_what_is_reached(
    town: Town, ana: str
) -> None:
    town.adopt((SEQUENTIAL, "sequential = { value = false"), NO_NOTICE)
    town.minutes_served(ana, 600 * HOUR)
    with town.refuses("star_not_eligible"):
        town.apply_for(ana, 4)
    entry = town.grant_star(town.apply_for(ana, 3))
    assert (entry.facts["star"], entry.facts["stars"]) == (3, 3)
    assert town.standing(ana).star == 3
    with town.refuses("star_out_of_sequence"):
        town.apply_for(ana, 3)


def test_who_never_applied_holds_none(town: Town, ana: str) -> None:
    """S-8."""
    town.minutes_served(ana, 1_600 * HOUR)
    found = town.standing(ana)
    assert (found.eligible_star, found.star) == (5, 0)
    assert found.minutes_to_next_star is None


# What counts (P16, P24) ---------------------------------------------------------------------------


def served_at(town: Town, who: str, minutes: int, since: str, **given: Any) -> str:
    """The record of so many minutes of one class, entered as they ended."""
    ended = f"{since} {9 + minutes // 60:02d}:{minutes % 60:02d}"
    return town.served(who, f"{since} 09:00", ended, **given).id


@pytest.mark.parametrize(
    ("window", "ends", "days", "counted"),
    [
        # A year that ends with December: what was served in the one before counts no more.
        ("year", "12-31", ("2024-12-31", "2025-01-01"), [2]),
        ("year", "12-31", ("2025-01-01", "2025-03-09"), [1, 2]),
        # A year cut off at the end of November began on 1 December.
        ("year", "11-30", ("2024-11-30", "2024-12-01"), [2]),
        # Twelve months that end today began on 11 March.
        ("rolling_year", "12-31", ("2024-03-10", "2024-03-11"), [2]),
        ("lifetime", "12-31", ("2023-01-01", "2025-03-09"), [1, 2]),
    ],
)
def test_what_counts_is_what_was_served_in_the_window(
    town: Town, ana: str, window: str, ends: str, days: tuple[str, str], counted: list[int]
) -> None:
    town.adopt(
        (WINDOW, f'window = {{ value = "{window}"'),
        ('year_ends = { value = "12-31"', f'year_ends = {{ value = "{ends}"'),
    )
    for hours, day in enumerate(days, 1):
        served_at(town, ana, hours * HOUR, day)
    found = town.standing(ana)
    assert found.star_minutes == sum(counted) * HOUR
    assert found.service_minutes == 3 * HOUR, "hours are kept for ever"


def test_a_star_of_a_year_stays_when_the_year_is_over(ledger: Ledger, town: Town, ana: str) -> None:
    town.adopt((WINDOW, 'window = { value = "year"'), FEW_HOURS, NO_NOTICE)
    record = town.served(ana, "2025-03-03 09:00", "10:00")
    town.grant_star(town.apply_for(ana))
    ledger.clock.set("2026-01-02 09:00")
    found = town.standing(ana)
    assert (found.star_minutes, found.eligible_star, found.star) == (0, 0, 1)
    # Nor does a reversal take it: the year would have, and did not.
    town.reverse(record.id)
    assert town.standing(ana).star_case == ""
    with town.refuses("star_not_eligible"):
        town.apply_for(ana, 2)


@pytest.mark.parametrize(
    ("window", "served_on", "applied_on"),
    [("year", "2025-06-30", "2025-12-30"), ("rolling_year", "2024-12-31", "2025-12-30")],
)
def test_a_notice_that_outlasts_the_window_costs_no_star(
    ledger: Ledger, town: Town, ana: str, window: str, served_on: str, applied_on: str
) -> None:
    """Who had the hours in the window when applying has them when it is granted (P24, P30)."""
    town.adopt((WINDOW, f'window = {{ value = "{window}"'), FEW_HOURS)
    record = served_at(town, ana, HOUR, served_on)
    ledger.clock.set(f"{applied_on} 18:00")
    case = town.apply_for(ana)
    ledger.clock.set("2026-01-05 09:00")
    until = town.notice_star(case).facts["notice_until"]
    ledger.clock.set(f"{until} 12:00")
    ledger.clock.forward(days=1)
    assert town.standing(ana).star_minutes == 0
    granted = town.grant_star(case)
    assert (granted.facts["star"], granted.facts["minutes"]) == (1, HOUR)
    assert (town.standing(ana).star, town.state(record)) == (1, "effective")


def test_what_was_reversed_since_the_application_counts_no_more(
    ledger: Ledger, town: Town, ana: str
) -> None:
    town.adopt((WINDOW, 'window = { value = "year"'), FEW_HOURS, NO_NOTICE)
    record = served_at(town, ana, HOUR, "2025-06-30")
    ledger.clock.set("2025-12-30 18:00")
    case = town.apply_for(ana)
    ledger.clock.set("2026-01-05 09:00")
    town.reverse(record)
    # Nor do hours of the new year make up for it.
    served_at(town, ana, HOUR, "2026-01-04")
    with town.refuses("star_not_eligible"):
        town.grant_star(case)
    with town.refuses("star_case_open"):
        town.apply_for(ana)


S22 = """
     29 h  0 0    1 h
     30 h  1 1   30 h
    299 h  4 4    1 h
    300 h  5 5   30 h
    301 h  5 5   29 h
    330 h  6 1   30 h
    599 h  9 4    1 h
    600 h 10 5   30 h
    660 h 12 2   40 h
"""
"""Zhangjiagang: hours served, stars in all, the star within its cycle, hours to the next."""


@pytest.mark.parametrize("line", [line.strip() for line in S22.strip().split("\n")])
def test_s22_every_300_hours_bring_five_stars(line: str, town: Town, ana: str) -> None:
    """Granted by themselves in sequence, however the hours came together."""
    hours, stars, level, left = (int(each) for each in line.replace("h", "").split())
    town.rules(S22_RULES)
    town.minutes_served(ana, hours * HOUR)
    found = town.standing(ana)
    assert (found.star_minutes, found.eligible_star) == (hours * HOUR, stars)
    assert found.minutes_to_next_star == left * HOUR
    if stars:
        kinds = [entry.kind for entry in town.assess(ana).entries]
        assert kinds == ["star_granted"] * stars
    else:
        with town.refuses("nothing_to_grant"):
            town.assess(ana)
    assert town.standing(ana).star == stars
    policy = town.book.policy()
    assert policy.level_of(stars) == level


def test_s22_one_star_after_the_other_in_every_cycle(town: Town, ana: str) -> None:
    """The document as it is shipped: applied for, noticed, granted; hours go on meanwhile."""
    town.clock.set("2014-01-06 09:00")
    adopt_policy(town.book, shipped("zhangjiagang"))
    town.clock.set("2025-03-10 09:00")
    town.minutes_served(ana, 299 * HOUR)
    town.starred(ana, 4)
    with pytest.raises(Refused) as no:
        town.apply_for(ana, 5)
    assert (no.value.code, no.value.facts["needed_minutes"]) == ("star_not_eligible", 300 * HOUR)
    # Past the end of the cycle in one leap: its fifth star is not lost.
    town.minutes_served(ana, 31 * HOUR, since="2024-01-01")
    town.starred(ana, 6)
    found = town.standing(ana)
    assert (found.star, found.eligible_star, found.minutes_to_next_star) == (6, 6, 30 * HOUR)


def test_in_a_cycle_a_reversal_takes_what_is_no_longer_reached(town: Town, ana: str) -> None:
    """All hours count there, so P31 holds as it does over a lifetime."""
    town.rules({**CYCLES_OF_TWO, "star.mode": "automatic"})
    served_at(town, ana, 120, "2025-03-03")
    last = served_at(town, ana, 60, "2025-03-04")
    town.assess(ana)
    assert town.standing(ana).star == 3
    town.reverse(last)
    assert town.standing(ana).star_case == last
    town.decide_downgrade(last, True)
    assert town.standing(ana).star == 2


def test_in_a_cycle_lists_by_star_begin_again(town: Town, tree: dict[str, str]) -> None:
    """The third star of cycles of two is a first one: for its tier, its tenure and its quality."""
    ana = town.volunteer(organisation=tree["community"])
    town.rules(CYCLES_OF_TWO)
    served_at(town, ana, 180, "2025-03-03")
    for star, tier in ((1, "county"), (2, "city"), (3, "county")):
        other = {"county": "city", "city": "county"}[tier]
        case = town.apply_for(ana, star)
        with town.refuses("wrong_granting_tier"):
            town.grant_star(case, tree[other])
        town.grant_star(case, tree[tier])


@pytest.mark.parametrize(("minutes", "stars"), [(59, 0), (60, 1), (120, 2), (170, 2), (180, 3)])
def test_the_timer_finds_who_is_due_in_any_cycle(
    ledger: Ledger, town: Town, ana: str, minutes: int, stars: int
) -> None:
    town.rules({**CYCLES_OF_TWO, "star.mode": "automatic"})
    served_at(town, ana, minutes, "2025-03-03")
    assert assess_all(town.book) == (1 if stars else 0)
    assert town.standing(ana).star == stars
    assert assess_all(town.book) == 0
    ledger.clock.forward(days=1)
    served_at(town, ana, 60, "2025-03-04")
    assert assess_all(town.book) == 1
    assert town.standing(ana).star == stars + 1


@pytest.mark.parametrize(
    ("counts_for", "counted"), [("certificate, stars", 120), ("certificate", 60)]
)
def test_backfilled_minutes_count_where_policy_says_so(
    town: Town, ana: str, counts_for: str, counted: int
) -> None:
    words = ", ".join(f'"{each}"' for each in counts_for.split(", "))
    town.adopt(
        (
            'counts_for = { value = ["certificate", "stars"]',
            f"counts_for = {{ value = [{words}]",
        )
    )
    served_at(town, ana, 60, "2025-03-03")
    served_at(town, ana, 60, "2025-03-04", evidence="backfill")
    found = town.standing(ana)
    assert (found.service_minutes, found.star_minutes) == (120, counted)


@pytest.mark.parametrize("window", ["lifetime", "year"])
@pytest.mark.parametrize(("reduces", "counted"), [("false", 120), ("true", 60)])
def test_hours_that_a_reward_costs_count_no_more_where_policy_takes_them(
    town: Town, ana: str, window: str, reduces: str, counted: int
) -> None:
    """P47: by default spending changes neither hours nor stars."""
    town.adopt(
        (WINDOW, f'window = {{ value = "{window}"'),
        (
            "reduces_service_hours = { value = false",
            f"reduces_service_hours = {{ value = {reduces}",
        ),
        FEW_HOURS,
        NO_NOTICE,
    )
    record = town.served(ana, "2025-03-03 09:00", "11:00")
    town.grant_star(town.apply_for(ana))
    town.deposit(ana, record.id, 60)
    till = town.till()
    town.capture(town.reserve(ana, town.service_order(till)), till)
    found = town.standing(ana)
    assert (found.star_minutes, found.star) == (counted, 1)
    assert found.eligible_star == counted // HOUR


# Conditions beside the hours (P27, P28) -----------------------------------------------------------


def test_tenure_is_counted_in_months_to_the_corresponding_day(
    ledger: Ledger, town: Town, ana: str
) -> None:
    """Registered on 10 March: six months are over on 10 September (Civil Code art. 202)."""
    town.adopt((TENURE, "min_tenure_months = { value = [6]"), FEW_HOURS)
    town.minutes_served(ana, 60, since="2025-03-03")
    ledger.clock.set("2025-09-09 23:59")
    with town.refuses("star_tenure_short"):
        town.apply_for(ana)
    ledger.clock.set("2025-09-10 00:00")
    town.apply_for(ana)


def test_a_mean_evaluation_is_compared_exactly(town: Town, ana: str, bo: str) -> None:
    """4.50 is enough where 450 hundredths are asked, 4.33 is not, nor is no evaluation at all."""
    town.adopt((QUALITY, "quality_min = { value = [450]"), FEW_HOURS)
    for who, scores in ((ana, (5, 4)), (bo, (5, 4, 4))):
        records = town.minutes_served(who, 480 * len(scores), since="2025-03-03")
        with town.refuses("star_quality_short"):
            town.apply_for(who)
        for record, score in zip(records, scores, strict=True):
            town.do(EvaluateService(record=record.id, score=score))
    town.apply_for(ana)
    with town.refuses("star_quality_short"):
        town.apply_for(bo)


def test_points_earned_in_all_count_though_they_were_spent(town: Town, ana: str) -> None:
    town.adopt((POINTS, "points_min = { value = [2, 3]"), FEW_HOURS, NO_NOTICE)
    town.minutes_served(ana, 119, since="2025-03-03")
    with town.refuses("star_points_short"):
        town.apply_for(ana)
    town.minutes_served(ana, 3, since="2025-03-05")
    town.reserve(ana, town.reward(town.till()))
    town.grant_star(town.apply_for(ana))
    with town.refuses("star_points_short"):
        town.apply_for(ana, 2)


def test_from_some_star_on_an_organisation_nominates(town: Town, tree: dict[str, str]) -> None:
    town.adopt((NOMINATED, "nominated_from = { value = 2"), FEW_HOURS, NO_NOTICE)
    ana = town.volunteer(organisation=tree["community"])
    town.minutes_served(ana, 120, since="2025-03-03")
    town.grant_star(town.apply_for(ana), tree["county"])
    with town.refuses("star_nomination_needed"):
        town.apply_for(ana, 2)
    for other in (town.home, town.organisation(parent=tree["community"], form="team")):
        with town.refuses("wrong_nominator"):
            town.apply_for(ana, 2, nominated_by=other)
    case = town.apply_for(ana, 2, nominated_by=tree["community"])
    assert town.grant_star(case, tree["county"]).facts["star"] == 2


def test_an_organisation_above_may_nominate(town: Town, tree: dict[str, str]) -> None:
    """And of whom no organisation registered, none nominates."""
    town.adopt((NOMINATED, "nominated_from = { value = 1"), FEW_HOURS, NO_NOTICE)
    ana, alone = town.volunteer(organisation=tree["community"]), town.volunteer()
    for who in (ana, alone):
        town.minutes_served(who, 120, since="2025-03-03")
    with town.refuses("wrong_nominator"):
        town.apply_for(alone, 1, nominated_by=tree["county"])
    town.apply_for(ana, 1, nominated_by=tree["county"])


# The notice (P30) ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begun", "until", "granted", "why"),
    [
        ("2025-03-10 09:00", "2025-03-13", "2025-03-14 00:00", "Monday to Thursday"),
        ("2025-03-14 09:00", "2025-03-19", "2025-03-20 00:00", "over a weekend"),
        ("2025-04-03 23:59", "2025-04-09", "2025-04-10 00:00", "over Qingming, a Friday off"),
    ],
)
def test_a_star_is_granted_the_day_after_the_notice(
    ledger: Ledger, town: Town, begun: str, until: str, granted: str, why: str
) -> None:
    ledger.clock.set(begun)
    ana = town.volunteer()
    town.minutes_served(ana, 100 * HOUR)
    case = town.apply_for(ana)
    with town.refuses("star_notice_needed"):
        town.grant_star(case)
    notice = town.notice_star(case)
    assert notice.facts["notice_from"] == begun[:10]
    assert (notice.facts["notice_until"], notice.facts["calendar"]) == (until, "cn"), why
    ledger.clock.set(f"{until} 23:59")
    with town.refuses("notice_running"):
        town.grant_star(case)
    ledger.clock.set(granted)
    entry = town.grant_star(case)
    assert [tuple(each) for each in entry.postings] == [
        ("issuer:star", f"volunteer:{ana}:stars", "STAR", 1)
    ]
    assert town.standing(ana).star == 1
    assert town.standing(ana).star_case == ""


def test_without_a_notice_policy_an_application_can_be_granted_at_once(
    town: Town, ana: str
) -> None:
    town.adopt(NO_NOTICE)
    town.minutes_served(ana, 100 * HOUR)
    town.grant_star(town.apply_for(ana))
    assert town.standing(ana).star == 1


def test_one_case_at_a_time_and_each_ends_once(ledger: Ledger, town: Town, ana: str) -> None:
    town.minutes_served(ana, 600 * HOUR)
    first = town.apply_for(ana)
    with town.refuses("star_case_open"):
        town.apply_for(ana)
    town.notice_star(first)
    with town.refuses("star_case_state_conflict"):
        town.notice_star(first)
    town.do(RefuseStar(case=first, reason="ab" * 32))
    for action in (NoticeStar(case=first), GrantStar(case=first)):
        with town.refuses("star_case_state_conflict"):
            town.do(action)
    ledger.clock.forward(days=10)
    town.starred(ana, 1)


def test_a_refusal_says_why(town: Town, ana: str) -> None:
    town.minutes_served(ana, 100 * HOUR)
    case = town.apply_for(ana)
    with town.refuses("reason_missing"):
        town.do(RefuseStar(case=case))
    with town.refuses("unknown_star_case"):
        town.do(RefuseStar(case=town.new(), reason="ab" * 32))
    # A downgrade is decided by its own action.
    with town.refuses("unknown_star_case"):
        town.decide_downgrade(case, confirmed=True)


def test_what_was_true_when_applied_for_must_be_true_when_granted(
    ledger: Ledger, town: Town, ana: str
) -> None:
    records = town.minutes_served(ana, 100 * HOUR)
    case = town.apply_for(ana)
    until = town.notice_star(case).facts["notice_until"]
    town.reverse(records[0].id)
    ledger.clock.set(f"{until} 12:00")
    ledger.clock.forward(days=1)
    with town.refuses("star_not_eligible"):
        town.grant_star(case)
    town.minutes_served(ana, 480, since="2025-03-01")
    town.grant_star(case)


@pytest.mark.parametrize("change", ["suspended", "left"])
@pytest.mark.usefixtures("one_clock")
def test_who_is_suspended_or_gone_gets_nothing(
    ledger: Ledger, town: Town, ana: str, change: str
) -> None:
    town.adopt(AUTOMATIC, NO_NOTICE)
    town.minutes_served(ana, 100 * HOUR)
    case = town.apply_for(ana)
    town.becomes(f"volunteer:{ana}", change)
    asks: list[Callable[[], Any]] = [
        lambda: town.apply_for(ana),
        lambda: town.notice_star(case),
        lambda: town.grant_star(case),
        lambda: town.assess(ana),
    ]
    for ask in asks:
        with town.refuses("party_not_active"):
            ask()
    assert timers.grant_stars(town.book, ledger.clock.now_ms()) == {}
    # The application itself can be ended.
    town.do(RefuseStar(case=case, reason="ab" * 32))


# Who grants (P29) ---------------------------------------------------------------------------------

GRANTS = """
    star 1   county      yes
    star 1   city        no
    star 1   township    no
    star 1   community   no
    star 1   operator    no
    star 1   elsewhere   no
    star 3   city        yes
    star 3   county      no
    star 5   operator    yes
    star 5   city        no
"""


@pytest.mark.parametrize("line", [line.strip() for line in GRANTS.strip().split("\n")])
def test_the_tier_of_the_star_grants_it_and_the_operator_where_there_is_none(
    line: str, town: Town, tree: dict[str, str]
) -> None:
    _, star, who, outcome = line.split()
    town.adopt(FEW_HOURS, NO_NOTICE, (SEQUENTIAL, "sequential = { value = false"))
    ana = town.volunteer(organisation=tree["community"])
    town.minutes_served(ana, 5 * HOUR, since="2025-03-03")
    elsewhere = town.organisation(tier="county", parent=tree["city"])
    body = {**tree, "operator": "", "elsewhere": elsewhere}[who]
    case = town.apply_for(ana, int(star))
    if outcome == "yes":
        town.notice_star(case, body)
        assert town.grant_star(case, body).facts["organisation"] == body
    else:
        for action in (
            NoticeStar(case=case, organisation=body),
            GrantStar(case=case, organisation=body),
            RefuseStar(case=case, organisation=body, reason="ab" * 32),
        ):
            with town.refuses("wrong_granting_tier"):
                town.do(action)


def test_a_suspended_county_grants_nothing_and_the_operator_does(
    town: Town, tree: dict[str, str]
) -> None:
    town.adopt(NO_NOTICE)
    ana = town.volunteer(organisation=tree["community"])
    town.minutes_served(ana, 100 * HOUR)
    case = town.apply_for(ana)
    town.becomes(f"organisation:{tree['county']}", "suspended")
    with town.refuses("party_not_active"):
        town.grant_star(case, tree["county"])
    town.grant_star(case)


# After a reversal (P31) ---------------------------------------------------------------------------


def with_one_star(town: Town, who: str, minutes: int) -> str:
    """A volunteer with so many minutes and one star; the id of a record of 30 of them."""
    record = town.served(who, "2025-03-03 09:00", "09:30").id
    town.minutes_served(who, minutes - 30)
    town.starred(who, 1)
    return record


def test_a_reversal_below_the_star_proposes_and_a_person_confirms(town: Town, ana: str) -> None:
    """S-15: 1 star at 100 h, 30 minutes reversed: 99 h 30."""
    record = with_one_star(town, ana, 6_000)
    receipt = town.do(ReverseService(record=record))
    proposed = receipt.entries[-1]
    assert (proposed.kind, proposed.postings) == ("star_downgrade_proposed", ())
    assert proposed.facts == {
        "case": record,
        "volunteer": ana,
        "star": 0,
        "held": 1,
        "minutes": 5_970,
    }
    found = town.standing(ana)
    assert (found.star, found.eligible_star, found.star_case) == (1, 0, record)
    with town.refuses("reason_missing"):
        town.decide_downgrade(record, confirmed=True, reason="")
    with town.refuses("unknown_star_case"):
        town.grant_star(record)

    entry = town.decide_downgrade(record, confirmed=True)
    assert entry.kind == "star_downgraded"
    assert [tuple(each) for each in entry.postings] == [
        (f"volunteer:{ana}:stars", "issuer:star", "STAR", 1)
    ]
    assert (town.standing(ana).star, town.standing(ana).star_case) == (0, "")
    with town.refuses("star_case_state_conflict"):
        town.decide_downgrade(record, confirmed=False)


def test_a_reversal_that_leaves_enough_proposes_nothing(town: Town, ana: str) -> None:
    """S-15's nearest no: 100 h 30, of which 30 minutes are reversed."""
    record = with_one_star(town, ana, 6_030)
    assert [entry.kind for entry in town.do(ReverseService(record=record)).entries] == [
        "service_reversed"
    ]
    assert town.standing(ana).star_case == ""


def test_a_proposal_that_is_dismissed_leaves_the_star(town: Town, ana: str) -> None:
    record = with_one_star(town, ana, 6_000)
    town.reverse(record)
    entry = town.decide_downgrade(record, confirmed=False)
    assert (entry.kind, entry.postings) == ("star_downgrade_dismissed", ())
    assert town.standing(ana).star == 1


def test_hours_earned_again_leave_nothing_to_confirm(town: Town, ana: str) -> None:
    record = with_one_star(town, ana, 6_000)
    town.reverse(record)
    town.served(ana, "2025-03-04 09:00", "09:30")
    with town.refuses("star_reached_again"):
        town.decide_downgrade(record, confirmed=True)
    town.decide_downgrade(record, confirmed=False)


def test_a_downgrade_goes_to_what_the_hours_reach_on_the_day_it_is_confirmed(
    town: Town, ana: str
) -> None:
    """A second reversal while the first is being decided proposes nothing and is not forgotten."""
    town.adopt(FEW_HOURS)
    records = [town.served(ana, f"2025-03-0{day} 09:00", "10:00").id for day in (3, 4, 5)]
    town.starred(ana, 3)
    town.reverse(records[0])
    assert len(town.do(ReverseService(record=records[1])).entries) == 1
    entry = town.decide_downgrade(records[0], confirmed=True)
    assert (entry.facts["star"], entry.facts["stars"]) == (1, 2)
    assert town.standing(ana).star == town.standing(ana).eligible_star == 1


def test_an_open_application_is_left_alone(town: Town, ana: str) -> None:
    town.adopt(FEW_HOURS)
    records = [town.served(ana, f"2025-03-0{day} 09:00", "10:00").id for day in (3, 4)]
    town.starred(ana, 1)
    case = town.apply_for(ana, 2)
    for record in records:
        assert len(town.do(ReverseService(record=record)).entries) == 1
    assert town.standing(ana).star_case == case


def test_when_that_application_is_refused_the_downgrade_is_proposed(town: Town, ana: str) -> None:
    """The star that is held has lost its hours meanwhile, and nobody is to forget it."""
    town.adopt(FEW_HOURS)
    records = [town.served(ana, f"2025-03-0{day} 09:00", "10:00").id for day in (3, 4)]
    town.starred(ana, 1)
    case = town.apply_for(ana, 2)
    for record in records:
        assert len(town.do(ReverseService(record=record)).entries) == 1
    follows = town.new()
    receipt = town.do(RefuseStar(case=case, reason="a" * 64, next_case=follows))
    assert [entry.kind for entry in receipt.entries] == ["star_refused", "star_downgrade_proposed"]
    assert town.standing(ana).star_case == follows
    town.decide_downgrade(follows, confirmed=True)
    assert town.standing(ana).star == 0


@pytest.mark.parametrize(
    ("word", "kinds", "star"),
    [
        ("automatic", ["service_reversed", "star_downgraded"], 0),
        ("none", ["service_reversed"], 1),
    ],
)
def test_other_policies_downgrade_at_once_or_never(
    town: Town, ana: str, word: str, kinds: list[str], star: int
) -> None:
    town.adopt((AFTER, f'after_reversal = {{ value = "{word}"'))
    record = with_one_star(town, ana, 6_000)
    receipt = town.do(ReverseService(record=record))
    assert [entry.kind for entry in receipt.entries] == kinds
    assert (town.standing(ana).star, town.standing(ana).star_case) == (star, "")


def test_a_correction_counts_what_the_corrected_record_brings(town: Town) -> None:
    """300 minutes corrected to 240 (T20): 99 h are left of 100; to 300 again, all are."""
    for start, end, kinds in (
        ("09:00", "13:00", ["service_reversed", "service_recorded", "star_downgrade_proposed"]),
        ("09:01", "14:01", ["service_reversed", "service_recorded"]),
    ):
        who = town.volunteer()
        record = town.served(who, "2025-03-04 09:00", "14:00").id
        town.minutes_served(who, 6_000 - 300)
        town.starred(who, 1)
        corrected = town.session(who, f"2025-03-04 {start}", end, recorded="2025-03-05 09:00")
        receipt = town.do(CorrectService(record=record, corrected=corrected))
        assert sorted(entry.kind for entry in receipt.entries) == sorted(kinds)


def test_the_body_that_grants_the_held_star_decides_or_the_operator(
    town: Town, tree: dict[str, str]
) -> None:
    for body, outcome in ((tree["county"], "yes"), (tree["city"], "no"), ("", "yes")):
        ana = town.volunteer(organisation=tree["community"])
        record = town.served(ana, "2025-03-03 09:00", "09:30").id
        town.minutes_served(ana, 5_970)
        town.starred(ana, 1, organisation=tree["county"])
        town.reverse(record)
        if outcome == "no":
            with town.refuses("wrong_granting_tier"):
                town.decide_downgrade(record, confirmed=True, organisation=body)
        else:
            town.decide_downgrade(record, confirmed=True, organisation=body)
            assert town.standing(ana).star == 0


# Automatic mode (P25) -----------------------------------------------------------------------------


@pytest.mark.usefixtures("one_clock")
def test_where_stars_are_applied_for_none_is_granted_by_itself(
    ledger: Ledger, town: Town, ana: str
) -> None:
    town.minutes_served(ana, 100 * HOUR)
    with town.refuses("star_by_application"):
        town.assess(ana)
    assert timers.grant_stars(town.book, ledger.clock.now_ms()) == {}


def test_automatic_grants_go_up_level_by_level(town: Town, ana: str) -> None:
    town.adopt(AUTOMATIC)
    town.minutes_served(ana, 5_999)
    with town.refuses("nothing_to_grant"):
        town.assess(ana)
    town.minutes_served(ana, 12_001, since="2023-01-02")
    entries = town.assess(ana).entries
    assert [(entry.facts["star"], entry.facts["stars"]) for entry in entries] == [(1, 1), (2, 1)]
    assert {(entry.facts["case"], entry.facts["organisation"]) for entry in entries} == {("", "")}
    assert town.standing(ana).star == 2
    with town.refuses("nothing_to_grant"):
        town.assess(ana)


def test_automatic_grants_jump_where_no_sequence_is_asked(town: Town, ana: str) -> None:
    town.adopt(AUTOMATIC, (SEQUENTIAL, "sequential = { value = false"))
    town.minutes_served(ana, 18_000)
    (entry,) = town.assess(ana).entries
    assert (entry.facts["star"], entry.facts["stars"]) == (2, 2)


def test_automatic_grants_stop_at_the_first_condition_that_is_not_met(
    ledger: Ledger, town: Town, ana: str
) -> None:
    town.adopt(AUTOMATIC, FEW_HOURS, (TENURE, "min_tenure_months = { value = [0, 1, 0]"))
    town.minutes_served(ana, 180, since="2025-03-03")
    assert len(town.assess(ana).entries) == 1
    with town.refuses("nothing_to_grant"):
        town.assess(ana)
    ledger.clock.set("2025-04-10 00:00")
    assert len(town.assess(ana).entries) == 2


@pytest.mark.usefixtures("one_clock")
def test_the_timer_grants_what_is_due_once(
    ledger: Ledger, book: Book, town: Town, ana: str, bo: str
) -> None:
    town.adopt(AUTOMATIC)
    town.minutes_served(ana, 18_000)
    town.minutes_served(bo, 5_999)
    assert timers.grant_stars(book, ledger.clock.now_ms()) == {"volunteers_granted_stars": 1}
    assert [town.standing(who).star for who in (ana, bo)] == [2, 0]
    before = town.size()
    assert timers.grant_stars(book, ledger.clock.now_ms()) == {}
    assert town.size() == before


@pytest.mark.usefixtures("one_clock")
def test_the_timer_follows_the_policy_of_each_place(
    ledger: Ledger, book: Book, town: Town, tree: dict[str, str]
) -> None:
    """One county grants by itself; elsewhere stars are applied for."""
    toml = shipped("cn-default").decode().replace('id = "cn-default"', 'id = "county"')
    toml = toml.replace(*AUTOMATIC)
    toml = toml.replace('region = "CN"', f'region = "CN"\norganisation = "{tree["county"]}"')
    adopt_policy(book, toml.encode())
    ana = town.volunteer(organisation=tree["community"])
    bo = town.volunteer(organisation=tree["city"])
    for who in (ana, bo):
        town.minutes_served(who, 6_000)
    assert timers.grant_stars(book, ledger.clock.now_ms()) == {"volunteers_granted_stars": 1}
    assert [town.standing(who).star for who in (ana, bo)] == [1, 0]


def test_the_command_line_grants_for_one_or_for_all(
    ledger: Ledger, book: Book, town: Town, ana: str, bo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.minutes_served(ana, 18_000)
    town.minutes_served(bo, 6_000)
    monkeypatch.setattr("api.cli.common.open_ledger", lambda *_args, **_kwargs: ledger.open())
    monkeypatch.setattr(Settings, "read", staticmethod(lambda: Settings(home=ledger.home)))

    def typed(*words: str) -> tuple[int, str]:
        answered = CliRunner().invoke(main, ["stars", "assess", *words])
        return answered.exit_code, answered.output

    code, said = typed("--volunteer", ana)
    assert (code, said.partition(":")[0]) == (1, "star_by_application")
    town.adopt(AUTOMATIC)
    code, said = typed("--volunteer", ana)
    assert code == 0
    assert [line.partition(" by")[0] for line in said.strip().split("\n")] == [
        "star 1 granted",
        "star 2 granted",
    ]
    assert typed() == (0, "1 volunteer got a star\n")
    assert typed() == (0, "0 volunteers got a star\n")
    assert [town.standing(who).star for who in (ana, bo)] == [2, 1]
    assert book.entry(town.size() - 1).actor == "system"


# Courtesy -----------------------------------------------------------------------------------------


def test_a_held_star_brings_its_pack(book: Book, town: Town, ana: str) -> None:
    """S-16, Nanchuan: at 300 h the pack of 2 stars; with 1 star, that of 1."""
    adopt_policy(book, shipped("nanchuan"))
    town.minutes_served(ana, 300 * HOUR)
    assert town.standing(ana).courtesy_pack == ()
    town.starred(ana, 1)
    assert {pack.star for pack in town.standing(ana).courtesy_pack} == {1}
    town.starred(ana, 2)
    pack = [(each.star, each.count, each.value_yuan) for each in town.standing(ana).courtesy_pack]
    assert pack == [(2, 1, 0), (2, 1, 20), (2, 1, 200)]


def test_a_minute_short_of_the_second_star_brings_no_second_pack(
    book: Book, town: Town, ana: str
) -> None:
    """S-16's nearest no."""
    adopt_policy(book, shipped("nanchuan"))
    town.minutes_served(ana, 300 * HOUR - 1)
    town.starred(ana, 1)
    with town.refuses("star_not_eligible"):
        town.apply_for(ana, 2)


# Over HTTP ----------------------------------------------------------------------------------------


@pytest.fixture
def site(book: Book, ledger: Ledger) -> Site:
    return Site(book, ledger.clock)


def test_a_star_from_application_to_grant_over_http(
    site: Site, cast: Cast, town: Town, ledger: Ledger
) -> None:
    town.minutes_served(cast.ana, 6_000)
    made = site.made(cast.ana_token, "/stars/applications", {"star": 1})
    assert (made["star"], made["minutes"]) == (1, 6_000)
    case = made["case"]
    (shown,) = site.get(cast.ana_token, "/stars/applications").json["data"]
    assert (shown["case"], shown["state"], shown["organisation"]) == (case, "applied", cast.home)
    assert site.get("", "/stars/notices").json["data"] == []

    # There is no county above, so the operator gives notice; the community may not.
    path = f"/stars/applications/{case}"
    assert site.post(cast.host, f"{path}/notice").code == "wrong_granting_tier"
    noticed = site.made(site.operator, f"{path}/notice")
    assert (noticed["notice_from"], noticed["notice_until"]) == ("2025-03-10", "2025-03-13")
    public = site.get("", "/stars/notices")
    assert public.json["data"] == [
        {
            "entry": made["entry"],
            "star": 1,
            "organisation": cast.home,
            "notice_from": "2025-03-10",
            "notice_until": "2025-03-13",
        }
    ]
    assert cast.ana not in public.text
    assert case not in public.text

    assert site.post(site.operator, f"{path}/grant").code == "notice_running"
    ledger.clock.set("2025-03-14 00:00")
    assert site.made(site.operator, f"{path}/grant")["star"] == 1
    found = site.get(cast.ana_token, f"/volunteers/{cast.ana}/standing").json
    assert (found["star"], found["star_case"], found["star_minutes"]) == (1, "", 6_000)
    assert site.get("", "/stars/notices").json["data"] == []


def test_what_is_anothers_is_not_there(site: Site, cast: Cast, town: Town) -> None:
    town.minutes_served(cast.ana, 6_000)
    other = site.organisation_token(site.organisation(tier="county"))
    stranger = site.volunteer()
    token = site.volunteer_token(stranger)
    body = {"star": 1, "volunteer": cast.ana}
    for sender in (other, token):
        assert site.post(sender, "/stars/applications", body).code == "unknown_party"
    assert site.post(site.operator, "/stars/applications", {"star": 1}).code == "volunteer_needed"
    case = site.made(cast.host, "/stars/applications", body)["case"]
    for reader in (other, token):
        assert site.get(reader, "/stars/applications").json["data"] == []
    for verb in ("notice", "grant"):
        answer = site.post(other, f"/stars/applications/{case}/{verb}")
        assert answer.code == "unknown_star_case"
    (shown,) = site.get(cast.host, "/stars/applications?state=applied").json["data"]
    assert shown["case"] == case
    assert site.get(cast.host, "/stars/applications?state=granted").json["data"] == []


def test_a_downgrade_is_decided_over_http_with_its_reason(
    site: Site, cast: Cast, town: Town
) -> None:
    record = with_one_star(town, cast.ana, 6_000)
    town.reverse(record)
    path = f"/stars/downgrades/{record}/decide"
    assert site.post(site.operator, path, {"confirmed": True}).code == "missing_field"
    body = {"confirmed": True, "reason": "重复记录"}
    assert site.post(cast.host, path, body).code == "wrong_granting_tier"
    made = site.made(site.operator, path, body)
    assert (made["kind"], made["star"]) == ("star_downgraded", 0)
    entry = site.book.entry(made["entry"])
    assert site.book.vault.open_text(entry.facts["reason"]) == {"reason": "重复记录"}


# Whatever happens ---------------------------------------------------------------------------------

VOLUNTEERS = ("ana", "bo")
WHO = st.sampled_from(VOLUNTEERS)
ANY = st.integers(0, 20)
"""Which of the things made so far, counted from the newest and round again."""
STAR_KINDS = {"star_granted", "star_downgraded"}
SPENDING = {"redemption_reserved", "redemption_released", "time_deposited", "time_donated"}


def _founded(*changes: tuple[str, str]) -> Core:
    """Stars for one hour to five, granted without notice."""
    core = Core()
    toml = shipped("cn-default").decode()
    for old, new in (FEW_HOURS, NO_NOTICE, *changes):
        assert old in toml
        toml = toml.replace(old, new)
    policy = read_policy(toml.encode())
    setup: list[Action] = [
        AdoptPolicy(policy="cn-default", version=2, toml_sha256="00", document=policy.canonical),
        *(RegisterVolunteer(volunteer=who) for who in VOLUNTEERS),
        *(RegisterStaff(staff=who) for who in ("rex", "sam")),
        RegisterOrganisation(organisation="home"),
        RegisterActivity(activity="walk", organisation="home", category="health"),
        RegisterMerchant(merchant="shop"),
        PublishReward(
            reward="coffee",
            merchant="shop",
            form="gift",
            asset="POINT",
            price=50,
            stock=1_000,
            valid_from=0,
            valid_until=2**50,
        ),
    ]
    for action in setup:
        assert not isinstance(core.do(action), Refused)
    return core


APPLIED_FOR = _founded()
BY_ITSELF = _founded(AUTOMATIC, (AFTER, 'after_reversal = { value = "automatic"'))


def _newest(made: list[str], which: int) -> str:
    return made[-1 - which % len(made)] if made else "none"


class Stars(RuleBasedStateMachine):
    """Volunteers who serve, apply, spend, and whose records are reversed, in any order."""

    @initialize(automatic=st.booleans())
    def found(self, automatic: bool) -> None:
        self.automatic = automatic
        self.core = copy.deepcopy(BY_ITSELF if automatic else APPLIED_FOR)
        self.records: list[str] = []
        self.cases: list[str] = []
        self.redemptions: list[tuple[str, str]] = []
        for who in VOLUNTEERS:
            self.serve(who, 3 * HOUR, backfill=False)

    def held(self, who: str) -> int:
        return self.core.standing.balance(account.stars_of(who), "STAR")

    def reached(self, who: str) -> int:
        """By the postings that `Laws` added up, one star an hour."""
        return min(5, self.core.laws.minutes(who) // HOUR)

    def do(self, action: Action) -> list[str]:
        """Ask, and hold what was written to the laws of this file; the kinds written."""
        before = {who: (self.held(who), self.reached(who)) for who in VOLUNTEERS}
        drafts = self.core.do(action)
        if isinstance(drafts, Refused):
            return []
        kinds = [draft.kind for draft in drafts]
        after = {who: (self.held(who), self.reached(who)) for who in VOLUNTEERS}
        if SPENDING.issuperset(kinds):
            assert after == before, "spending changed stars"
        for draft in drafts:
            if draft.kind in STAR_KINDS:
                who = draft.facts["volunteer"]
                assert self.held(who) <= self.reached(who), "a star that was never reached"
        for who in VOLUNTEERS:
            if before[who][0] != after[who][0]:
                assert STAR_KINDS.intersection(kinds)
        return kinds

    @rule(who=WHO, minutes=st.sampled_from([30, 60, 90, 180]), backfill=st.booleans())
    def serve(self, who: str, minutes: int, backfill: bool) -> None:
        self.core.time += DAY_MS
        end = self.core.time - HOUR * MINUTE_MS
        start = end - minutes * MINUTE_MS
        record = self.core.new("record")
        wrote = self.do(
            RecordService(
                record=record,
                volunteer=who,
                organisation="home",
                activity="walk",
                evidence="backfill" if backfill else "check_in",
                starts=start,
                ends=end,
                check_in=start,
                check_out=end,
                deducted_minutes=0,
                recorder="rex",
                approver="sam",
                recorded=end,
            )
        )
        assert wrote == ["service_recorded"]
        self.records.append(record)

    @rule(which=ANY)
    def reverse(self, which: int) -> None:
        record = _newest(self.records, which)
        if "star_downgrade_proposed" in self.do(ReverseService(record=record)):
            self.cases.append(record)

    @rule(who=WHO, above=st.sampled_from([1, 1, 1, 0, 2]))
    def apply(self, who: str, above: int) -> None:
        case = self.core.new("case")
        star = self.held(who) + above
        if self.do(ApplyForStar(case=case, volunteer=who, star=star)):
            assert above == 1, "out of sequence"
            self.cases.append(case)

    @rule(which=ANY, what=st.sampled_from(["notice", "grant", "refuse", "confirm", "dismiss"]))
    def decide(self, which: int, what: str) -> None:
        case = _newest(self.cases, which)
        reason = "ab" * 32
        action: Action = {
            "notice": NoticeStar(case=case),
            "grant": GrantStar(case=case),
            "refuse": RefuseStar(case=case, reason=reason),
            "confirm": DecideDowngrade(case=case, confirmed=True, reason=reason),
            "dismiss": DecideDowngrade(case=case, confirmed=False, reason=reason),
        }[what]
        self.do(action)

    @rule(who=WHO)
    def assess(self, who: str) -> None:
        if self.do(AssessStars(volunteer=who)):
            assert self.automatic
            assert self.held(who) == self.reached(who)

    @rule(who=WHO, quantity=st.integers(1, 3))
    def spend(self, who: str, quantity: int) -> None:
        which = self.core.new("redemption")
        if self.do(Reserve(redemption=which, volunteer=who, reward="coffee", quantity=quantity)):
            self.redemptions.append((which, who))

    @rule(which=ANY)
    def give_back(self, which: int) -> None:
        if self.redemptions:
            redemption, who = self.redemptions[which % len(self.redemptions)]
            self.do(Release(redemption=redemption, volunteer=who))

    @rule(which=ANY, who=WHO)
    def save(self, which: int, who: str) -> None:
        record = _newest(self.records, which)
        self.do(
            DepositTime(record=record, volunteer=who, minutes=30, age_gate="met", age_tested=18)
        )
        self.do(DonateTime(volunteer=who, pool="platform", minutes=10))

    @invariant()
    def an_open_case_is_one_of_the_volunteers_own(self) -> None:
        for who in VOLUNTEERS:
            mark = self.core.standing.marks[account.volunteer(who), "open_star_case"]
            if mark is not None and mark.value:
                case = self.core.standing.star_cases[mark.value]
                assert case is not None
                assert case.volunteer == who
                assert case.state in ("applied", "noticed", "proposed")

    @invariant()
    def where_policy_takes_by_itself_nobody_holds_what_is_not_reached(self) -> None:
        if self.automatic:
            for who in VOLUNTEERS:
                assert self.held(who) <= self.reached(who)


Stars.TestCase.settings = settings(
    max_examples=80,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestStars = Stars.TestCase
