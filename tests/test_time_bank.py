"""Saving time, giving it, granting it, spending it, and what is frozen (domain §3, §10 P33–P47,
§12)."""

from __future__ import annotations

import re
from threading import Barrier, Thread
from typing import Any

import click
import pytest

from api import create_app
from api.cli import main
from api.settings import Settings
from audit import kinds as audited
from ledger import actions
from ledger.actions import MoveFrozenTime, RegisterGroup, Reserve
from ledger.decide.time_bank import elder_home_entitled
from ledger.entry import KINDS, Entry
from ledger.errors import Refused
from ledger.founding import adopt_policy
from ledger.policies import shipped
from ledger.policy import Policy, policy_from_canonical, read_policy
from ledger.policy.parameters import Parameters
from ledger.standing import Standing
from tests.kit import Town, policy_toml, scenario

CAP_MINUTES = 90_000
"""1,500 hours (P36)."""


def test_a_record_is_saved_by_its_volunteer_and_by_nothing_else(town: Town, ana: str) -> None:
    served = town.served(ana, "2025-03-07 09:00", "10:30")
    assert town.time(ana) == 0
    town.deposit(ana, served.id, 90)
    assert (town.time(ana), town.minutes(ana)) == (90, 90)


def test_a_record_is_saved_once(town: Town, ana: str) -> None:
    """Also where a part of it was left."""
    served = town.served(ana, "2025-03-07 09:00", "10:30")
    town.deposit(ana, served.id, 30)
    with town.refuses("already_deposited"):
        town.deposit(ana, served.id, 60)
    assert town.time(ana) == 30


@scenario("""
  id             | minutes | code
  none           |       0 | too_many_minutes
  below-none     |      -1 | too_many_minutes
  one-too-many   |      91 | too_many_minutes
""")
def test_no_more_is_saved_than_was_served(town: Town, ana: str, minutes: int, code: str) -> None:
    served = town.served(ana, "2025-03-07 09:00", "10:30")
    with town.refuses(code):
        town.deposit(ana, served.id, minutes)
    town.deposit(ana, served.id, 90)


def test_only_what_a_confirmation_paid_can_be_saved(town: Town, ana: str) -> None:
    town.served(ana, "2025-03-07 09:00", "10:00")
    held = town.served(ana, "2025-03-07 09:30", "10:30").id
    with town.refuses("record_state_conflict"):
        town.deposit(ana, held, 30)
    town.confirm(held)
    with town.refuses("too_many_minutes"):
        town.deposit(ana, held, 31)
    town.deposit(ana, held, 30)


def test_nobody_saves_what_somebody_else_served(town: Town, ana: str, bo: str) -> None:
    served = town.served(ana, "2025-03-07 09:00", "10:00")
    with town.refuses("unknown_record"):
        town.deposit(bo, served.id, 60)


@scenario("""
  id            | gate     | tested | code
  not-of-age    | not_met  |     18 | age_gate_unmet
  not-known     | unknown  |     18 | age_gate_unmet
  other-rule    | met      |     17 | attestation_outdated
""")
def test_saving_needs_an_age(town: Town, ana: str, gate: str, tested: int, code: str) -> None:
    """P37: eighteen, as the door attested it for the very rule that counts."""
    served = town.served(ana, "2025-03-07 09:00", "10:00")
    with town.refuses(code):
        town.deposit(ana, served.id, 60, age_gate=gate, age_tested=tested)


def test_what_does_not_fit_goes_to_the_pool(town: Town, ana: str) -> None:
    """B4: 1,499 h 30, +2 h: 1,500 h, and an hour and a half to the pool."""
    town.saved(ana, CAP_MINUTES - 30)
    last = town.served(ana, "2025-03-07 09:00", "11:00")
    entry = town.deposit(ana, last.id, 120)
    assert (entry.facts["minutes"], entry.facts["overflow_minutes"]) == (30, 90)
    assert town.time(ana) == CAP_MINUTES
    assert town.balance("pool:platform", "TIME") == 90
    more = town.served(ana, "2025-03-07 12:00", "13:00")
    town.deposit(ana, more.id, 60)
    with town.refuses("already_deposited"):
        town.deposit(ana, more.id, 60)
    assert (town.time(ana), town.balance("pool:platform", "TIME")) == (CAP_MINUTES, 150)
    town.reverse(last.id)
    assert (town.time(ana), town.balance("pool:platform", "TIME")) == (CAP_MINUTES - 30, 60)


def test_exactly_full_overflows_nothing(town: Town, ana: str) -> None:
    town.saved(ana, CAP_MINUTES - 60)
    town.deposit(ana, town.served(ana, "2025-03-07 09:00", "10:00").id, 60)
    assert (town.time(ana), town.balance("pool:platform", "TIME")) == (CAP_MINUTES, 0)


def test_a_gift_moves_time_and_no_hours(town: Town, ana: str, bo: str) -> None:
    """B16: A −5, B +5, and the service hours of both as they were."""
    town.saved(ana, 300)
    town.give(ana, bo, 300)
    assert (town.time(ana), town.time(bo)) == (0, 300)
    assert (town.minutes(ana), town.minutes(bo)) == (300, 0)
    with town.refuses("insufficient_time"):
        town.give(ana, bo, 1)


@scenario("""
  id         | relation | code
  B9-mother  | lineal   |
  B8-spouse  | spouse   |
  B9-friend  | none     | not_a_relative
""")
def test_time_goes_to_relatives_only(
    town: Town, ana: str, bo: str, relation: str, code: str
) -> None:
    """P39 as in Beijing."""
    town.saved(ana, 60)
    if code:
        with town.refuses(code):
            town.give(ana, bo, 60, relation=relation)
    else:
        town.give(ana, bo, 60, relation=relation)
        assert town.time(bo) == 60


def test_nobody_gives_to_themselves(town: Town, ana: str) -> None:
    """Whatever the door says about the relation: a refusal, not a fault."""
    town.saved(ana, 60)
    with town.refuses("not_a_relative"):
        town.give(ana, ana, 60, relation="lineal")


@pytest.mark.parametrize("minutes", [0, -60])
def test_nothing_is_no_gift(town: Town, ana: str, bo: str, minutes: int) -> None:
    """A gift below zero would take from the other."""
    town.saved(ana, 60)
    town.saved(bo, 60)
    with town.refuses("bad_amount"):
        town.give(ana, bo, minutes)
    with town.refuses("bad_amount"):
        town.donate(ana, minutes)


def test_a_gift_must_fit_into_the_other_account(town: Town, ana: str, bo: str) -> None:
    town.saved(ana, 120)
    town.saved(bo, CAP_MINUTES - 60)
    with town.refuses("account_full"):
        town.give(ana, bo, 61)
    town.give(ana, bo, 60)
    assert town.time(bo) == CAP_MINUTES


def test_time_can_be_donated_to_a_pool(town: Town, ana: str) -> None:
    town.saved(ana, 120)
    town.donate(ana, 60)
    town.donate(ana, 60, pool=town.home)
    assert town.balance("pool:platform", "TIME") == 60
    assert town.balance(f"pool:{town.home}", "TIME") == 60
    with town.refuses("insufficient_time"):
        town.donate(ana, 1)
    with town.refuses("unknown_party"):
        town.donate(ana, 1, pool=town.new())


def test_spending_time_changes_no_hours_and_no_star(town: Town, ana: str) -> None:
    """B20: coins −2 h, hours and star as they were."""
    town.minutes_served(ana, 5_880)
    last = town.served(ana, "2025-03-07 09:00", "11:00")
    town.deposit(ana, last.id, 120)
    till = town.till()
    order = town.service_order(till, price=120)
    before = town.standing(ana)
    assert before.eligible_star == 1
    town.capture(town.reserve(ana, order), till)
    after = town.standing(ana)
    assert (after.time_minutes, after.service_minutes, after.eligible_star) == (0, 6_000, 1)
    assert after.points_hundredths == before.points_hundredths
    assert town.balance(f"merchant:{till.merchant}:claims", "TIME") == 120


def test_of_two_who_spend_the_same_time_at_once_one_succeeds(town: Town, ana: str) -> None:
    """B14: balance 2 h, two redemptions of 2 h in the same moment; balance 0."""
    town.saved(ana, 120)
    order = town.service_order(town.till(), price=120)
    gate = Barrier(2)
    answers: list[str] = []

    def spend() -> None:
        gate.wait()
        try:
            town.reserve(ana, order)
            answers.append("reserved")
        except Refused as refused:
            answers.append(refused.code)

    threads = [Thread(target=spend) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["insufficient_time", "reserved"]
    assert town.time(ana) == 0


def test_time_pays_no_goods(town: Town) -> None:
    """P42; and rewards in time need a policy that says so."""
    till = town.till()
    for form in ("gift", "discount"):
        with town.refuses("time_pays_service_only"):
            town.reward(till, asset="TIME", form=form)
    town.adopt(("goods = { value = false", "goods = { value = true"))
    town.reward(till, asset="TIME", form="gift")


@pytest.mark.parametrize("asset", ["SERVICE", "STAR", "CREDIT", "CNY"])
def test_nothing_else_can_be_spent(town: Town, asset: str) -> None:
    """Hours are never spent, and nothing is cashed out (B17)."""
    till = town.till()
    with town.refuses("bad_reward"):
        town.reward(till, asset=asset)


@scenario("""
  id           | gate    | tested | code
  B7-too-young | not_met |     60 | age_gate_unmet
  other-rule   | met     |     18 | attestation_outdated
""")
def test_spending_time_needs_an_age(
    town: Town, ana: str, gate: str, tested: int, code: str
) -> None:
    """P38: sixty, oneself or one's spouse, as the door attested."""
    town.saved(ana, 60)
    order = town.service_order(town.till())
    with town.refuses(code):
        town.reserve(ana, order, age_gate=gate, age_tested=tested)
    town.reserve(ana, order)


def test_points_ask_for_no_age(town: Town, ana: str) -> None:
    town.minutes_served(ana, 60)
    coffee = town.reward(town.till())
    which = town.new()
    entry = town.do(Reserve(redemption=which, volunteer=ana, reward=coffee, quantity=1)).entry
    assert (entry.facts["age_gate"], entry.facts["age_tested"]) == ("", 0)


# Taking back -----------------------------------------------------------------------------------


def test_saved_time_that_was_spent_is_owed(town: Town, ana: str, bo: str) -> None:
    """A reversal finds what is there, the rest is owed; nothing is given or spent until later
    savings have repaid it, and those repay it first."""
    served = town.served(ana, "2025-03-07 09:00", "12:00")
    town.deposit(ana, served.id, 180)
    town.give(ana, bo, 120)
    town.reverse(served.id)
    standing = town.standing(ana)
    assert (standing.time_minutes, standing.time_owed_minutes) == (0, 120)
    assert town.time(bo) == 120
    again = town.served(ana, "2025-03-07 13:00", "16:00")
    town.deposit(ana, again.id, 100)
    with town.refuses("spending_blocked"):
        town.donate(ana, 1)
    assert (town.time(ana), town.standing(ana).time_owed_minutes) == (0, 20)
    town.give(bo, ana, 30)
    assert (town.time(ana), town.standing(ana).time_owed_minutes) == (10, 0)
    town.donate(ana, 10)


def test_a_reservation_given_back_repays_what_is_owed(town: Town, ana: str) -> None:
    served = town.served(ana, "2025-03-07 09:00", "12:00")
    town.deposit(ana, served.id, 180)
    reserved = town.reserve(ana, town.service_order(town.till(), price=120))
    town.reverse(served.id)
    assert town.standing(ana).time_owed_minutes == 120
    town.release(reserved, ana)
    assert (town.time(ana), town.standing(ana).time_owed_minutes) == (0, 0)


def test_an_overdraft_goes_as_far_as_policy_says(town: Town, ana: str, bo: str) -> None:
    """P43 as in S35: down to −600 minutes, not one more."""
    town.adopt(("overdraft_min_minutes = { value = 0", "overdraft_min_minutes = { value = 600"))
    town.give(ana, bo, 600)
    assert town.time(ana) == -600
    with town.refuses("insufficient_time"):
        town.give(ana, bo, 1)


def test_a_pool_that_gave_its_overflow_away_is_not_driven_below_zero(town: Town, ana: str) -> None:
    """The pool owes only what it still has; the rest comes from whoever saved it."""
    town.saved(ana, CAP_MINUTES)
    last = town.served(ana, "2025-03-07 09:00", "11:00")
    town.deposit(ana, last.id, 120)
    assert town.balance("pool:platform", "TIME") == 120
    town.reverse(last.id)
    assert (town.balance("pool:platform", "TIME"), town.time(ana)) == (0, CAP_MINUTES)
