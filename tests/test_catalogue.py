"""The catalogue: drafts, publication, stock, gates, limits and what a sponsor pays for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.actions.catalogue import RestockReward, StateFund, WithdrawReward
from ledger.actions.rewards import ExtendRedemption
from ledger.standing import period_of
from tests.api_client import Cast, Site, moment
from tests.kit import Till, Town, at


@pytest.fixture
def till(town: Town) -> Till:
    return town.till()


@pytest.fixture
def rich(town: Town) -> str:
    """A volunteer of the town's own organisation, with twenty points."""
    who = town.volunteer(organisation=town.home)
    town.minutes_served(who, 1_200)
    return who


def fund(town: Town, till: Till, cents: int, **given: Any) -> str:
    which = str(given.pop("fund", "") or town.new())
    given = {"organisation": town.home, "merchants": till.merchant, **given}
    town.do(StateFund(fund=which, cents=cents, **given))
    return which


# Drafts and stock -------------------------------------------------------------------------------


def test_nobody_reserves_a_draft(town: Town, rich: str, till: Till) -> None:
    draft = town.reward(till, draft=True)
    with town.refuses("reward_not_available"):
        town.reserve(rich, draft)
    town.reward(till, reward=draft, price=150)
    town.reserve(rich, draft)
    assert town.points(rich) == 2_000 - 150


def test_a_draft_is_written_anew_with_all_that_it_says(town: Town, rich: str, till: Till) -> None:
    draft = town.reward(till, draft=True, min_age=60, per_period=1, period="week")
    town.reward(till, draft=True, reward=draft, stock=2)
    town.reward(till, reward=draft, stock=2)
    town.reserve(rich, draft, 2)
    with town.refuses("out_of_stock"):
        town.reserve(rich, draft)


def test_what_is_published_changes_only_its_stock(town: Town, rich: str, till: Till) -> None:
    coffee, elsewhere = town.reward(till, stock=1), town.till()
    for draft in (True, False):
        with town.refuses("reward_state_conflict"):
            town.reward(till, draft=draft, reward=coffee, price=1)
    with town.refuses("unknown_reward"):
        town.reward(elsewhere, reward=coffee)
    town.do(RestockReward(reward=coffee, change=2))
    town.reserve(rich, coffee, 3)
    for change in (0, -1):
        with town.refuses("bad_amount"):
            town.do(RestockReward(reward=coffee, change=change))
    town.do(WithdrawReward(reward=coffee))
    with town.refuses("reward_withdrawn"):
        town.do(RestockReward(reward=coffee, change=1))


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"per_period": 1}, "bad_reward"),
        ({"period": "week"}, "bad_reward"),
        ({"per_period": 1, "period": "decade"}, "bad_reward"),
        ({"min_age": 151}, "bad_reward"),
        ({"tiers": "province"}, "bad_tier"),
        ({"weekdays": "1+8"}, "bad_time"),
        ({"within": "0" * 16}, "unknown_party"),
        ({"value_cents": 5}, "bad_reward"),
        ({"fund": "0" * 16, "value_cents": 5}, "unknown_fund"),
    ],
)
def test_terms_that_cannot_be_are_refused(
    town: Town, till: Till, terms: dict[str, Any], code: str
) -> None:
    with town.refuses(code):
        town.reward(till, **terms)


# Gates ------------------------------------------------------------------------------------------


def test_a_reward_is_for_those_who_are_old_enough(town: Town, rich: str, till: Till) -> None:
    walk = town.reward(till, min_age=60)
    with town.refuses("attestation_outdated"):
        town.reserve(rich, walk, reward_gate="met", reward_tested=59)
    for gate in ("unmet", "unknown", ""):
        with town.refuses("age_gate_unmet"):
            town.reserve(rich, walk, reward_gate=gate, reward_tested=60)
    reserved = town.reserve(rich, walk, reward_gate="met", reward_tested=60)
    gates = town.book.entry(town.redemption(reserved).since - 1)
    assert (gates.kind, gates.facts["age_gate"], gates.facts["age_tested"]) == (
        "redemption_gates",
        "met",
        60,
    )


def test_a_reward_is_for_a_tier_and_for_a_place(town: Town, till: Till) -> None:
    city = town.organisation(tier="city")
    street = town.organisation(tier="township", parent=city)
    other = town.organisation(tier="township")
    here, there, nowhere = (
        town.volunteer(organisation=street),
        town.volunteer(organisation=other),
        town.volunteer(),
    )
    for who in (here, there, nowhere):
        town.minutes_served(who, 120)
    in_the_city = town.reward(till, within=city)
    for_streets = town.reward(till, tiers="township")
    for_cities = town.reward(till, tiers="city")
    town.reserve(here, in_the_city)
    for who in (there, nowhere):
        with town.refuses("outside_organisation"):
            town.reserve(who, in_the_city)
    town.reserve(there, for_streets)
    with town.refuses("tier_gate_unmet"):
        town.reserve(nowhere, for_streets)
    with town.refuses("tier_gate_unmet"):
        town.reserve(here, for_cities)


# Limits -----------------------------------------------------------------------------------------


def test_one_person_can_have_so_many_in_a_period(town: Town, rich: str, till: Till) -> None:
    town.clock.set("2025-03-31 12:00")
    monthly = town.reward(till, per_period=2, period="month")
    town.reserve(rich, monthly)
    with town.refuses("per_period_limit"):
        town.reserve(rich, monthly, 2)
    second = town.reserve(rich, monthly)
    town.clock.set("2025-03-31 23:59")
    with town.refuses("per_period_limit"):
        town.reserve(rich, monthly)
    town.clock.set("2025-04-01 00:00")
    town.reserve(rich, monthly, 2)
    # What was reserved in March comes back to March, and April stays full.
    town.clock.set("2025-04-01 00:01")
    town.expire(second)
    with town.refuses("per_period_limit"):
        town.reserve(rich, monthly)


@settings(max_examples=200)
@given(st.integers(at("2000-01-01 00:00"), at("2100-01-01 00:00")))
def test_a_period_contains_its_own_days(time: int) -> None:
    """Days nest in months, quarters and years; weeks are ISO's."""
    day, month, year = (period_of(each, time) for each in ("day", "month", "year"))
    assert day[:7] == month
    assert month[:4] == year
    quarter = period_of("quarter", time)
    assert quarter == f"{year}-Q{(int(month[5:]) + 2) // 3}"
    assert period_of("week", time)[5] == "W"


def test_a_reward_is_taken_on_its_weekdays(town: Town, rich: str, till: Till) -> None:
    town.clock.set("2025-03-14 12:00")
    weekdays = town.reward(till, weekdays="1+2+3+4+5", hold_minutes=5 * 1440)
    reserved = town.reserve(rich, weekdays)
    town.clock.set("2025-03-15 12:00")
    with town.refuses("outside_hours"):
        town.capture(reserved, till)
    town.clock.set("2025-03-17 12:00")
    town.capture(reserved, till)


# Funds ------------------------------------------------------------------------------------------


def test_a_fund_pays_for_as_many_as_it_covers(town: Town, rich: str, till: Till) -> None:
    """Two rewards share one promise; what is given back can be had again."""
    money = fund(town, till, 1_000)
    bus = town.reward(till, fund=money, value_cents=400)
    tea = town.reward(till, fund=money, value_cents=200)
    first = town.reserve(rich, bus)
    town.reserve(rich, tea, 3)
    with town.refuses("fund_exhausted"):
        town.reserve(rich, tea)
    town.release(first, rich)
    three = town.reserve(rich, tea, 2)
    town.capture(three, till, 1)
    town.clock.forward(minutes=1)
    assert committed(town, money) == 800
    one_more = town.reserve(rich, tea)
    town.capture(one_more, till)
    town.void(one_more, till)
    assert committed(town, money) == 800
    with town.refuses("fund_committed"):
        fund(town, till, 799, fund=money)
    fund(town, till, 800, fund=money)


def committed(town: Town, which: str) -> int:
    with town.book.database.reading() as connection:
        row = town.book.standing_in(connection).funds[which]
    assert row is not None
    return row.committed


def test_no_merchant_draws_on_a_fund_that_is_not_for_it(town: Town, till: Till) -> None:
    money, elsewhere, another = fund(town, till, 1_000), town.till(), town.organisation()
    with town.refuses("unknown_fund"):
        town.reward(elsewhere, fund=money, value_cents=1)
    with town.refuses("unknown_fund"):
        fund(town, till, 1_000, fund=money, organisation=another)
    with town.refuses("bad_amount"):
        fund(town, till, 0)


def test_who_is_named_no_more_and_whose_sponsor_is_gone_have_nothing_from_a_fund(
    town: Town, rich: str, till: Till
) -> None:
    """What is reserved already stays good."""
    money, elsewhere, sponsor = town.new(), town.till(), town.organisation()

    def promise(*merchants: str) -> None:
        names = "+".join(sorted(merchants))
        town.do(StateFund(fund=money, organisation=sponsor, cents=1_000, merchants=names))

    promise(till.merchant, elsewhere.merchant)
    tea = town.reward(till, fund=money, value_cents=200)
    bus = town.reward(elsewhere, fund=money, value_cents=200)
    before = town.reserve(rich, tea)
    promise(elsewhere.merchant)
    with town.refuses("fund_exhausted"):
        town.reserve(rich, tea)
    town.reserve(rich, bus)
    town.becomes(f"organisation:{sponsor}", "suspended")
    with town.refuses("fund_exhausted"):
        town.reserve(rich, bus)
    town.capture(before, till)
    assert committed(town, money) == 400
    town.becomes(f"organisation:{sponsor}", "reinstated")
    town.reserve(rich, bus)


# Longer, once -----------------------------------------------------------------------------------


def test_a_reservation_is_made_longer_once(town: Town, rich: str, till: Till) -> None:
    reserved = town.reserve(rich, town.reward(till, hold_minutes=30))
    before = town.redemption(reserved).expires
    longer, another = ExtendRedemption(redemption=reserved, volunteer=rich), town.volunteer()
    with town.refuses("unknown_redemption"):
        town.do(ExtendRedemption(redemption=reserved, volunteer=another))
    town.clock.forward(minutes=29)
    assert town.do(longer).entry.facts["expires"] == before + 30 * 60_000
    with town.refuses("already_extended"):
        town.do(longer)
    town.clock.forward(minutes=30)
    town.capture(reserved, till)
    with town.refuses("redemption_state_conflict"):
        town.do(longer)


def test_what_is_over_is_not_made_longer(town: Town, rich: str, till: Till) -> None:
    reserved = town.reserve(rich, town.reward(till, hold_minutes=30))
    longer = ExtendRedemption(redemption=reserved, volunteer=rich)
    town.clock.forward(minutes=30)
    with town.refuses("expired"):
        town.do(longer)


def test_rules_may_let_nobody_make_it_longer(town: Town, rich: str, till: Till) -> None:
    town.rules({"redeem.extendable": False})
    reserved = town.reserve(rich, town.reward(till))
    with town.refuses("not_extendable"):
        town.do(ExtendRedemption(redemption=reserved, volunteer=rich))


# Over HTTP --------------------------------------------------------------------------------------


def test_a_merchant_drafts_publishes_and_restocks(site: Site) -> None:
    cast = Cast(site)
    cast.served("2025-03-08 09:00", "14:00")
    till = site.till()
    shop = site.token(f"merchant:{till.merchant}", "merchant")
    money = site.made(
        cast.host, "/funds", {"cents": 100_00, "merchants": [till.merchant], "title": "街道礼遇"}
    )["fund"]
    body = {
        "title": "公交卡",
        "form": "gift",
        "price_hundredths": 100,
        "stock": 1,
        "valid_from": moment("2020-01-01 00:00"),
        "valid_until": moment("2040-01-01 00:00"),
        "weekdays": [7, 1, 1],
        "per_period": 1,
        "period": "month",
        "min_age": 70,
        "tiers": ["community"],
        "within": cast.home,
        "fund": money,
        "value_cents": 10_00,
    }
    made = site.made(shop, "/rewards", {**body, "draft": True})
    reward = made["reward"]
    assert made["kind"] == "reward_drafted"
    assert site.get(cast.ana_token, f"/rewards/{reward}").status == 404
    revised = site.made(shop, f"/rewards/{reward}/revise", {**body, "min_age": 18})
    assert revised["reward"] == reward
    assert site.made(shop, f"/rewards/{reward}/publish")["kind"] == "reward_published"
    again = site.post(shop, f"/rewards/{reward}/publish")
    assert (again.status, again.code) == (409, "reward_state_conflict")
    site.made(shop, f"/rewards/{reward}/restock", {"change": 4})

    shown = site.get(cast.ana_token, f"/rewards/{reward}")
    for name, value in (("stock", 5), ("weekdays", [1, 7]), ("min_age", 18), ("fund", money)):
        assert shown[name] == value
    assert shown["can_reserve"] is True
    assert "can_reserve" not in site.get("", f"/rewards/{reward}").json
    site.made(cast.ana_token, "/redemptions", {"reward": reward})
    shown = site.get(cast.ana_token, f"/rewards/{reward}")
    assert (shown["can_reserve"], shown["why_not"]["code"]) == (False, "per_period_limit")

    seen = site.get(shop, f"/funds/{money}").json
    assert (seen["cents"], seen["committed_cents"], seen["left_cents"]) == (10_000, 1_000, 9_000)
    assert seen["text"] == {"title": "街道礼遇"}
    other = site.token(f"merchant:{site.merchant()}", "merchant")
    assert site.get(other, f"/funds/{money}").status == 404
    assert site.get(other, "/funds")["data"] == []
    assert [each["fund"] for each in site.get(cast.host, "/funds")["data"]] == [money]


def test_a_till_decides_about_no_reward(site: Site) -> None:
    """Whoever takes a till away has taken a till, not the shop."""
    till = site.till()
    shop = site.token(f"merchant:{till.merchant}", "merchant")
    reward = site.reward(till)
    body = {
        "title": "咖啡",
        "form": "gift",
        "price_hundredths": 1,
        "stock": 1_000,
        "valid_from": "2025-01-01T00:00:00Z",
        "valid_until": "2026-01-01T00:00:00Z",
    }
    draft = site.made(shop, "/rewards", {**body, "draft": True})["reward"]
    asked = [
        ("/rewards", body),
        (f"/rewards/{draft}/revise", body),
        (f"/rewards/{draft}/publish", {}),
        (f"/rewards/{reward}/restock", {"change": 1}),
        (f"/rewards/{reward}/withdraw", {}),
    ]
    before = site.size()
    for path, sent in asked:
        assert site.post(till.token, path, sent).code == "role_not_allowed", path
    assert site.size() == before
    site.made(shop, f"/rewards/{draft}/publish")


def test_a_child_cannot_have_what_is_for_grown_ups(site: Site) -> None:
    cast = Cast(site)
    young = site.volunteer(cast.home, born="2010-01-01", guardian_consent=True)
    token = site.volunteer_token(young)
    cast.history("2025-03-08 09:00", "2025-03-08 14:00", who=young)
    wine = site.reward(site.till(), min_age=18)
    refused = site.post(token, "/redemptions", {"reward": wine})
    assert (refused.status, refused.code) == (422, "age_gate_unmet")
    assert site.get(token, f"/rewards/{wine}")["why_not"]["code"] == "age_gate_unmet"


def test_a_holder_makes_it_longer_and_sees_the_times(site: Site) -> None:
    cast = Cast(site)
    cast.served("2025-03-08 09:00", "14:00")
    till = site.till()
    made = site.made(cast.ana_token, "/redemptions", {"reward": site.reward(till)})
    path = f"/redemptions/{made['redemption']}"
    assert site.get(cast.ana_token, path)["capturable_until"] == made["expires"]
    longer = site.made(cast.ana_token, f"{path}/extend")
    shown = site.get(cast.ana_token, path).json
    assert shown["expires_at"] == shown["capturable_until"] == longer["expires"] > made["expires"]
    assert shown["extended"] is True
    again = site.post(cast.ana_token, f"{path}/extend")
    assert (again.status, again.code) == (409, "already_extended")
    site.made(till.token, "/redemptions/capture", {"code": made["code"]})
    shown = site.get(till.token, path).json
    assert {"settles_at", "refundable_until"} <= set(shown)
    assert "capturable_until" not in shown


def test_a_till_says_on_which_days_it_is_given(site: Site) -> None:
    """Days in a row are said from the first to the last."""
    cast = Cast(site)
    cast.served("2025-03-08 09:00", "14:00")
    till = site.till()
    site.clock.set("2025-03-14 12:00")
    reward = site.reward(till, weekdays=[1, 2, 3, 5, 7], hold_minutes=1440, closes_minute=1200)
    made = site.made(cast.ana_token, "/redemptions", {"reward": reward})
    site.clock.set("2025-03-15 11:00")
    refused = site.post(till.token, "/redemptions/verify", {"code": made["code"]}, key="")
    assert refused.code == "outside_hours"
    assert refused["till"] == {
        "zh": "这张券限 周一至周三、周五、周日 00:00 至 20:00 可用，请在此时间内再来。",
        "en": "This voucher can be used on Monday to Wednesday, Friday, Sunday from 00:00 to 20:00."
        " Please come back then.",
    }
