"""What every redemption asks, of a reward or of service: goods for saved time, stars, how often,
whole coins (domain §10 P34, P42, P53, P55)."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.actions.orders import (
    CancelOrder,
    ConfirmOrder,
    DisputeOrder,
    ExpireOrder,
    ReportOrderDone,
    SettleOrder,
)
from ledger.errors import Refused
from tests.kit import Town

COINS: dict[str, Any] = {"tb.granularity_minutes": 60, "tb.redeem_min_age": 60}


def gift(town: Town, **given: Any) -> tuple[Any, str]:
    """A till and a gift for an hour of saved time."""
    till = town.till()
    return till, town.reward(till, asset="TIME", price=60, form="gift", **given)


# Goods for saved time ----------------------------------------------------------------------------


def test_time_buys_no_goods_once_the_rules_forbid_it(town: Town, ana: str) -> None:
    town.rules({"tb.goods": True})
    town.saved(ana, 480)
    till, reward = gift(town)
    town.rules({"tb.goods": False})
    with town.refuses("time_pays_service_only"):
        town.reserve(ana, reward)
    with town.refuses("time_pays_service_only"):
        town.reward(till, asset="TIME", price=60, form="gift")


def test_whether_time_buys_goods_is_for_the_holders_organisation_to_say(
    town: Town, ana: str
) -> None:
    town.rules({"tb.goods": True})
    town.rules({"tb.goods": False}, organisation=town.home)
    bo = town.volunteer(organisation=town.home)
    for who in (ana, bo):
        town.saved(who, 480)
    till, reward = gift(town)
    with town.refuses("time_pays_service_only"):
        town.reserve(bo, reward)
    town.reserve(bo, town.reward(till, asset="TIME", price=60, form="service_order"))
    town.reserve(ana, reward)


def test_goods_that_one_organisation_allows_can_be_offered(town: Town) -> None:
    town.rules({"tb.goods": True}, organisation=town.home)
    bo = town.volunteer(organisation=town.home)
    town.saved(bo, 480)
    till, reward = gift(town)
    taken = town.reserve(bo, reward)
    assert town.capture(taken, till).facts["amount"] == 60


# How often, and with how many stars --------------------------------------------------------------


def test_periods_are_of_chinas_calendar_whatever_the_days_are(town: Town, ana: str) -> None:
    zone = {"redeem.per_period": 1, "time.day_boundary": "America/New_York"}
    town.rules(zone)
    town.served(ana, "2025-03-01 09:00", "17:00")
    reward = town.reward(town.till())
    # Still 31 March in New York.
    town.clock.set("2025-04-01 09:00")
    town.reserve(ana, reward)
    with pytest.raises(Refused) as refused:
        town.reserve(ana, reward)
    assert refused.value.facts["opens_on"] == "2025-07-01"


def test_orders_count_as_redemptions_until_they_are_called_off(town: Town, ana: str) -> None:
    town.rules({"redeem.per_period": 2})
    town.saved(ana, 480)
    town.served(ana, "2025-03-01 09:00", "17:00")
    reward = town.reward(town.till())
    order = town.order(ana)
    town.reserve(ana, reward)
    with town.refuses("redemption_frequency"):
        town.order(ana)
    with town.refuses("redemption_frequency"):
        town.reserve(ana, reward)
    town.do(CancelOrder(order=order, volunteer=ana))
    late = town.order(ana)
    with town.refuses("redemption_frequency"):
        town.order(ana)
    town.clock.forward(days=1)
    town.do(ExpireOrder(order=late))
    town.order(ana)


def test_an_order_that_was_served_counts_and_one_of_last_quarter_gives_nothing_back(
    town: Town, ana: str, bo: str
) -> None:
    town.rules({"redeem.per_period": 1})
    town.saved(ana, 480)
    order = town.done_order(ana, bo)
    town.do(ConfirmOrder(order=order, volunteer=ana))
    with town.refuses("redemption_frequency"):
        town.order(ana)
    town.clock.set("2025-06-30 12:00")
    before = town.order(ana)
    town.clock.set("2025-07-01 00:00")
    town.order(ana)
    town.do(CancelOrder(order=before, volunteer=ana))
    with town.refuses("redemption_frequency"):
        town.order(ana)


def test_an_order_asks_the_stars_that_any_redemption_asks(town: Town, ana: str) -> None:
    rules = {"star.thresholds_h": [1, 2, 3, 4, 5], "redeem.gate_stars": 1, "star.mode": "automatic"}
    town.saved(ana, 480)
    town.rules(rules)
    with town.refuses("star_gate_unmet"):
        town.order(ana)
    town.rules({**rules, "redeem.gate_stars": 0})
    town.order(ana)


# Whole coins -------------------------------------------------------------------------------------


def test_only_whole_coins_are_given_donated_granted_and_asked_for(
    town: Town, ana: str, bo: str
) -> None:
    town.rules({**COINS, "tb.grant_to": ["needy_elder"]})
    town.saved(ana, 480)
    town.donate(ana, 120)
    with pytest.raises(Refused) as refused:
        town.give(ana, bo, 30)
    assert refused.value.code == "not_whole_coins"
    assert refused.value.facts["granularity_minutes"] == 60
    with town.refuses("not_whole_coins"):
        town.donate(ana, 90)
    with town.refuses("not_whole_coins"):
        town.grant(bo, "needy_elder", 61)
    with town.refuses("not_whole_coins"):
        town.order(ana, 59)
    town.give(ana, bo, 60)
    town.grant(bo, "needy_elder", 60)
    town.order(ana, 60)
    assert (town.time(ana), town.time(bo)) == (240, 120)


@pytest.mark.parametrize(("served", "paid"), [(119, 60), (120, 120), (150, 120)])
def test_an_order_pays_whole_coins(town: Town, ana: str, bo: str, served: int, paid: int) -> None:
    town.rules(COINS)
    town.saved(ana, 480)
    order = town.done_order(ana, bo, 120, served=served)
    facts = town.do(ConfirmOrder(order=order, volunteer=ana)).entry.facts
    assert (facts["minutes"], facts["returned_minutes"]) == (paid, 120 - paid)
    assert (town.time(ana), town.time(bo)) == (480 - paid, paid)


def test_a_dispute_is_settled_in_whole_coins(town: Town, ana: str, bo: str) -> None:
    town.rules(COINS)
    town.saved(ana, 480)
    order = town.done_order(ana, bo, 120, served=120)
    town.do(DisputeOrder(order=order, volunteer=ana))
    settled: dict[str, Any] = {"order": order, "organisation": town.home, "reason": "0" * 64}
    with town.refuses("not_whole_coins"):
        town.do(SettleOrder(minutes=90, **settled))
    town.do(SettleOrder(minutes=60, **settled))
    assert (town.time(ana), town.time(bo)) == (420, 60)


def test_a_day_and_an_account_leave_no_part_of_a_coin(town: Town, ana: str, bo: str) -> None:
    """Where an account holds a part of a coin from before, what still fits is rounded down."""
    town.rules({"tb.account_cap_h": 5})
    town.saved(bo, 60)
    town.give(bo, ana, 30)
    town.rules({**COINS, "tb.account_cap_h": 5})
    session = town.served(ana, "2025-03-01 09:00", "15:00")
    facts = town.deposit(ana, session.id, session.minutes).facts
    assert (facts["minutes"], facts["overflow_minutes"]) == (240, 120)
    assert town.time(ana) == 270


def test_an_order_from_before_coins_were_whole_is_paid_to_the_minute(
    town: Town, ana: str, bo: str
) -> None:
    town.saved(ana, 480)
    order = town.accepted_order(ana, bo, 45)
    town.rules(COINS)
    record = town.served_order(order, bo, 45)
    town.do(ReportOrderDone(order=order, record=record))
    town.do(ConfirmOrder(order=order, volunteer=ana))
    assert town.time(bo) == 45


# Whose policy decides ----------------------------------------------------------------------------


def test_a_till_reads_the_clock_and_the_pace_of_the_holders_policy(town: Town, ana: str) -> None:
    """A wait that only the rules of the holder's organisation ask."""
    town.rules({"redeem.rapid_refuse_s": 0, "redeem.rapid_flag_s": 0})
    town.rules(
        {"redeem.rapid_refuse_s": 600, "redeem.rapid_flag_s": 600, "redeem.hold_minutes": 600},
        organisation=town.home,
    )
    bo = town.volunteer(organisation=town.home)
    till = town.till()
    reward = town.reward(till)
    for who, refused in ((ana, ""), (bo, "too_soon")):
        town.served(who, "2025-03-01 09:00", "17:00")
        first, second = town.reserve(who, reward), town.reserve(who, reward)
        town.capture(first, till)
        town.clock.forward(minutes=1)
        if refused:
            with town.refuses(refused):
                town.capture(second, till)
        else:
            town.capture(second, till)


def test_no_policy_is_adopted_for_an_organisation_that_nobody_registered(town: Town) -> None:
    with town.refuses("unknown_party"):
        town.rules({"tb.goods": True}, organisation=town.new())
