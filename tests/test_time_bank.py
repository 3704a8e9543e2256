"""Saving time, giving it, granting it, spending it, and what is frozen (domain §3, §10 P33–P47,
§12)."""

from __future__ import annotations

import re
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import click
import pytest

from api import create_app
from api.cli import main
from api.settings import Settings
from audit import kinds as audited
from ledger.actions.orders import ExpireOrder, OfferService
from ledger.actions.parties import RegisterGroup
from ledger.actions.rewards import Reserve
from ledger.actions.time_bank import MoveFrozenTime
from ledger.decide.time_bank import elder_home_entitled
from ledger.entry import KINDS, Entry
from ledger.errors import Refused
from ledger.founding import adopt_policy
from ledger.policies import shipped
from ledger.policy import Policy, policy_from_canonical, read_policy
from ledger.policy.parameters import Parameters
from tests.core import names_of_actions
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


def test_an_overdraft_goes_as_far_as_policy_says(town: Town, ana: str) -> None:
    """P43 as in S35: down to −600 minutes, not one more, by orders and by rewards."""
    town.adopt(("overdraft_min_minutes = { value = 0", "overdraft_min_minutes = { value = 600"))
    town.order(ana, 540)
    town.reserve(ana, town.service_order(town.till()))
    assert town.time(ana) == -600
    with town.refuses("insufficient_time"):
        town.order(ana, 1)


def test_an_overdraft_is_for_being_served(town: Town, ana: str, bo: str) -> None:
    """P43: what one gives is there, also what a group donates; nobody makes time by owing it."""
    group = group_of(town)
    town.saved(ana, 60)
    town.adopt(("overdraft_min_minutes = { value = 0", "overdraft_min_minutes = { value = 600"))
    attempts: list[Callable[[], Entry]] = [
        lambda: town.give(ana, bo, 61),
        lambda: town.donate(ana, 61),
        lambda: town.donate(group, 601),
    ]
    for attempt in attempts:
        with town.refuses("insufficient_time"):
            attempt()
    town.give(ana, bo, 30)
    town.donate(ana, 30)
    town.donate(group, 600)
    town.order(ana)
    with town.refuses("insufficient_time"):
        town.give(ana, bo, 1)
    assert (town.time(ana), town.time(bo), town.time(group)) == (-60, 30, 0)


def test_a_pool_that_gave_its_overflow_away_is_not_driven_below_zero(town: Town, ana: str) -> None:
    """The pool owes only what it still has; the rest comes from whoever saved it."""
    town.saved(ana, CAP_MINUTES)
    last = town.served(ana, "2025-03-07 09:00", "11:00")
    town.deposit(ana, last.id, 120)
    assert town.balance("pool:platform", "TIME") == 120
    town.reverse(last.id)
    assert (town.balance("pool:platform", "TIME"), town.time(ana)) == (0, CAP_MINUTES)


# The rate, the day, the account -----------------------------------------------------------------


def adopt_shipped(town: Town, name: str) -> None:
    """A programme's profile, in force from now on: by the end of 2026 all have begun."""
    adopt_policy(town.book, shipped(name))
    town.clock.set("2026-12-31 09:00")


@scenario("""
  id             | rate | granularity | served | saved
  B1             |   60 |           1 |     90 |    90
  half-a-coin    |  120 |           1 |     90 |    45
  rounded-down   |  120 |           1 |     91 |    45
  two-coins      |   30 |           1 |     90 |   180
  whole-hours    |   60 |          60 |    119 |    60
  exactly-whole  |   60 |          60 |    120 |   120
""")
def test_the_rate_says_what_an_hour_is_worth(
    town: Town, ana: str, rate: int, granularity: int, served: int, saved: int
) -> None:
    """P33, P34: rounded down once, to whole units."""
    town.rules({"tb.rate_minutes": rate, "tb.granularity_minutes": granularity})
    record = town.served(ana, "2025-03-07 09:00", "11:00")
    entry = town.deposit(ana, record.id, served)
    assert (entry.facts["minutes"], town.time(ana)) == (saved, saved)
    assert town.minutes(ana) == 120


@scenario("""
  id          | rate | granularity | minutes
  whole-hours |   60 |          60 |      59
  slow        |  120 |           1 |       1
""")
def test_less_than_one_unit_is_nothing_to_save(
    town: Town, ana: str, rate: int, granularity: int, minutes: int
) -> None:
    town.rules({"tb.rate_minutes": rate, "tb.granularity_minutes": granularity})
    record = town.served(ana, "2025-03-07 09:00", "11:00")
    with town.refuses("nothing_to_save"):
        town.deposit(ana, record.id, minutes)
    town.deposit(ana, record.id, minutes + 1)


def test_a_category_weighs_what_its_text_says(town: Town, ana: str) -> None:
    """P33: the category of the record's activity, and no other."""
    town.adopt(
        (
            "weight = { value = []",
            'weight = { value = [{ category = "emergency", weight = 1.5, basis = "S0 [B]" }]',
        )
    )
    urgent = town.new_activity(category="emergency")
    heavy = town.served(ana, "2025-03-07 09:00", "10:00", activity=urgent)
    plain = town.served(ana, "2025-03-07 11:00", "12:00")
    assert town.deposit(ana, heavy.id, 60).facts["minutes"] == 90
    assert town.deposit(ana, plain.id, 60).facts["minutes"] == 60


def test_a_day_saves_only_so_much(town: Town, ana: str) -> None:
    """P35 as in S31: two coins a day; the rest goes where policy says. The day is that of
    check-in, and what went to the pool was of that day too."""
    town.rules({"tb.daily_cap_minutes": 120})
    morning = town.served(ana, "2025-03-07 09:00", "10:30")
    evening = town.served(ana, "2025-03-07 23:30", "2025-03-08 00:30")
    next_day = town.served(ana, "2025-03-08 09:00", "11:00")
    assert town.deposit(ana, morning.id, 90).facts["minutes"] == 90
    late = town.deposit(ana, evening.id, 60).facts
    assert (late["minutes"], late["overflow_minutes"]) == (30, 30)
    assert town.deposit(ana, next_day.id, 120).facts["minutes"] == 120
    assert (town.time(ana), town.balance("pool:platform", "TIME")) == (240, 30)


def test_a_reversed_record_leaves_room_in_its_day(town: Town, ana: str) -> None:
    town.rules({"tb.daily_cap_minutes": 60})
    first = town.served(ana, "2025-03-07 09:00", "10:00")
    town.deposit(ana, first.id, 60)
    town.reverse(first.id)
    second = town.served(ana, "2025-03-07 11:00", "12:00")
    assert town.deposit(ana, second.id, 60).facts["minutes"] == 60


def test_a_day_that_is_full_saves_nothing_where_nothing_overflows(town: Town, ana: str) -> None:
    town.rules({"tb.daily_cap_minutes": 60, "tb.overflow_to": "nowhere"})
    first = town.served(ana, "2025-03-07 09:00", "10:30")
    second = town.served(ana, "2025-03-07 11:00", "12:00")
    kept = town.deposit(ana, first.id, 90).facts
    assert (kept["minutes"], kept["overflow_minutes"]) == (60, 0)
    with town.refuses("account_full"):
        town.deposit(ana, second.id, 60)
    assert (town.time(ana), town.balance("pool:platform", "TIME")) == (60, 0)


def test_an_account_that_is_full_keeps_what_fits(town: Town, ana: str, bo: str) -> None:
    """P36 with overflow to nowhere; the record counts as saved all the same."""
    town.rules({"tb.account_cap_h": 1, "tb.overflow_to": "nowhere"})
    first = town.served(ana, "2025-03-07 09:00", "10:30")
    second = town.served(ana, "2025-03-07 11:00", "12:00")
    assert town.deposit(ana, first.id, 90).facts["minutes"] == 60
    with town.refuses("already_deposited"):
        town.deposit(ana, first.id, 30)
    with town.refuses("account_full"):
        town.deposit(ana, second.id, 60)
    town.give(ana, bo, 1)
    assert town.deposit(ana, second.id, 60).facts["minutes"] == 1
    assert town.balance("pool:platform", "TIME") == 0


def test_an_account_holds_what_the_policy_of_its_owner_says(town: Town) -> None:
    """P36, whoever gives: the cap of the giver's organisation is not the recipient's."""
    small = town.organisation()
    giver, capped = town.volunteer(organisation=town.home), town.volunteer(organisation=small)
    gone = town.volunteer(organisation=small)
    for who in (giver, capped, gone):
        town.saved(who, 60)
    town.rules({"tb.account_cap_h": 1, "tb.grant_to": ["needy_elder"]}, organisation=small)
    with town.refuses("account_full"):
        town.give(giver, capped, 1)
    town.give(capped, giver, 60)
    pool_with(town, 61)
    with town.refuses("account_full"):
        town.grant(capped, "needy_elder", 61)
    town.becomes(f"volunteer:{gone}", "left")
    moving(town, gone, 30, recipient=giver, pool="")
    town.becomes(f"volunteer:{giver}", "died")
    with town.refuses("account_full"):
        moving(town, giver, 61, recipient=capped, pool="")
    moving(town, giver, 60, recipient=capped, pool="")
    assert (town.time(giver), town.time(capped)) == (90, 60)


def test_a_cap_of_nothing_is_no_cap(town: Town, ana: str, bo: str) -> None:
    """P36: Beijing names none (S29)."""
    town.saved(ana, CAP_MINUTES)
    town.saved(bo, 60)
    town.rules({"tb.account_cap_h": 0})
    last = town.served(ana, "2025-03-07 09:00", "11:00")
    assert town.deposit(ana, last.id, 120).facts["overflow_minutes"] == 0
    town.give(bo, ana, 60)
    assert town.time(ana) == CAP_MINUTES + 180


# Who may save -----------------------------------------------------------------------------------


@scenario("""
  id            | guardian   | allowed | gate     | code
  consented     | consented  | true    | guardian |
  not-here      | consented  | false   | guardian | age_gate_unmet
  not-a-minor   | not_needed | true    | guardian | age_gate_unmet
  nobody-saw    | consented  | true    | unmet    | age_gate_unmet
""")
def test_a_minor_saves_with_a_guardian_where_policy_says_so(
    town: Town, guardian: str, allowed: str, gate: str, code: str
) -> None:
    """P37: eighteen; younger only with a guardian's consent (S29)."""
    town.rules({"tb.depositor_guardian_ok": allowed == "true"})
    kim = town.volunteer(guardian=guardian)
    served = town.served(kim, "2025-03-07 09:00", "10:00")
    if code:
        with town.refuses(code):
            town.deposit(kim, served.id, 60, age_gate=gate)
    else:
        facts = town.deposit(kim, served.id, 60, age_gate=gate).facts
        assert (facts["age_gate"], facts["age_tested"]) == ("guardian", 18)


def group_of(town: Town) -> str:
    """Volunteers who save as one, with ten hours saved."""
    group = town.new()
    town.do(RegisterGroup(volunteer=group, organisation=town.home))
    for day in ("2025-03-05", "2025-03-06"):
        record = town.served(group, f"{day} 09:00", "14:00")
        facts = town.deposit(group, record.id, 300).facts
        assert (facts["age_gate"], facts["age_tested"]) == ("group", 0)
    return group


@scenario("""
  id           | does    | code
  B13 redeems  | redeem  | group_donates_only
  B13 gives    | give    | group_donates_only
  B13 orders   | order   | group_donates_only
  B13 granted  | grant   | group_donates_only
  B13 is given | given   | group_donates_only
  B13 donates  | donate  |
""")
def test_a_group_only_donates(town: Town, ana: str, does: str, code: str) -> None:
    """P40: what the group volunteers of Nanjing saved goes to others alone."""
    group = group_of(town)
    adopt_shipped(town, "nanjing")
    town.donate(group, 60)
    town.saved(ana, 60)
    reward = town.service_order(town.till())
    doing: dict[str, Callable[[], Any]] = {
        "redeem": lambda: town.reserve(group, reward),
        "give": lambda: town.give(group, ana, 60),
        "given": lambda: town.give(ana, group, 60),
        "order": lambda: town.order(group),
        "grant": lambda: town.grant(group, "key_lonely_elder", 60),
        "donate": lambda: town.donate(group, 540),
    }
    if code:
        with town.refuses(code):
            doing[does]()
        assert town.time(group) == 540
    else:
        doing[does]()
        assert (town.time(group), town.balance("pool:platform", "TIME")) == (0, 600)


def test_a_group_without_an_account_saves_nothing(town: Town) -> None:
    town.rules({"tb.group_account": "none"})
    group = town.new()
    town.do(RegisterGroup(volunteer=group, organisation=town.home))
    record = town.served(group, "2025-03-07 09:00", "10:00")
    with town.refuses("group_has_no_account"):
        town.deposit(group, record.id, 60, age_gate="group", age_tested=0)


# Who may be given, and who may spend ------------------------------------------------------------


@scenario("""
  id              | profile  | relation    | code
  B9 mother       | beijing  | lineal      |
  B9 friend       | beijing  | friend      | not_a_relative
  B10             | shanghai | friend      |
  B10 needy elder | shanghai | needy_elder |
  nanjing-nobody  | nanjing  | lineal      | not_a_relative
""")
def test_whom_a_programme_lets_one_give_to(
    town: Town, ana: str, bo: str, profile: str, relation: str, code: str
) -> None:
    """P39."""
    town.saved(ana, 60)
    adopt_shipped(town, profile)
    if code:
        with town.refuses(code):
            town.give(ana, bo, 60, relation=relation)
    else:
        assert town.give(ana, bo, 60, relation=relation).facts["relation"] == relation
        assert (town.time(ana), town.time(bo)) == (0, 60)


@scenario("""
  id               | profile  | gate       | tested | code
  B7               | beijing  | unmet      |     60 | age_gate_unmet
  B8               | beijing  | spouse     |     60 |
  own-age          | beijing  | met        |     60 |
  no-difficulty    | beijing  | difficulty |     60 | age_gate_unmet
  difficulty       | shanghai | difficulty |     60 |
  difficulty-at-65 | shanghai | difficulty |     65 | attestation_outdated
  65               | shanghai | met        |     65 |
  60-is-too-young  | shanghai | met        |     60 | attestation_outdated
  guardian-no      | beijing  | guardian   |     60 | age_gate_unmet
""")
def test_who_may_spend_saved_time(
    town: Town, ana: str, profile: str, gate: str, tested: int, code: str
) -> None:
    """P38: the own age, a spouse's, or a special difficulty and the age for that; the same for
    rewards and for orders."""
    town.saved(ana, 120)
    adopt_shipped(town, profile)
    reward = town.service_order(town.till())
    attested: dict[str, Any] = {"age_gate": gate, "age_tested": tested}
    if code:
        with town.refuses(code):
            town.reserve(ana, reward, **attested)
        with town.refuses(code):
            town.order(ana, **attested)
    else:
        town.reserve(ana, reward, **attested)
        town.order(ana, **attested)
        assert town.time(ana) == 0


def test_a_spouse_counts_only_where_policy_says_so(town: Town, ana: str) -> None:
    town.saved(ana, 60)
    town.rules({"tb.redeem_spouse_counts": False})
    with town.refuses("age_gate_unmet"):
        town.order(ana, age_gate="spouse")


def test_an_organisations_own_programme_decides_for_its_volunteers(town: Town, ana: str) -> None:
    """A volunteer's acts follow the policy of who registered them."""
    kim = town.volunteer(organisation=town.home)
    town.rules({"tb.rate_minutes": 120}, organisation=town.home)
    ours = town.served(kim, "2025-03-07 09:00", "10:00")
    others = town.served(ana, "2025-03-07 09:00", "10:00")
    assert town.deposit(kim, ours.id, 60).facts["minutes"] == 30
    assert town.deposit(ana, others.id, 60).facts["minutes"] == 60


# Grants -----------------------------------------------------------------------------------------


def pool_with(town: Town, minutes: int, *, pool: str = "platform") -> None:
    """Somebody saved so much and gave it."""
    donor = town.volunteer()
    town.saved(donor, minutes)
    town.donate(donor, minutes, pool=pool)


def test_everybody_gets_starting_time_once(town: Town, ana: str, bo: str) -> None:
    """P44 as in S34, S35: what policy says, out of what the pool has, once."""
    town.rules({"tb.grant_starting_minutes": 120})
    pool_with(town, 360)
    assert town.grant(ana).facts["minutes"] == 120
    with town.refuses("already_granted"):
        town.grant(ana)
    with town.refuses("bad_amount"):
        town.grant(bo, minutes=121)
    town.grant(bo, minutes=120)
    assert (town.time(ana), town.time(bo)) == (120, 120)
    assert town.balance("pool:platform", "TIME") == 120


@scenario("""
  id         | ground             | minutes | code
  no-start   | starting           |       0 | no_starting_time
  not-named  | special_difficulty |      60 | ground_not_granted
  no-ground  | because            |      60 | ground_not_granted
  nothing    | key_lonely_elder   |       0 | bad_amount
  too-much   | key_lonely_elder   |     361 | pool_empty
  all-of-it  | key_lonely_elder   |     360 |
""")
def test_a_pool_gives_for_what_policy_names_and_no_more_than_it_has(
    town: Town, ana: str, ground: str, minutes: int, code: str
) -> None:
    """P44 as in Nanjing: a fund grants time to key lonely elders."""
    pool_with(town, 360)
    town.rules({"tb.grant_to": ["key_lonely_elder", "needy_elder"]})
    if code:
        with town.refuses(code):
            town.grant(ana, ground, minutes)
    else:
        town.grant(ana, ground, minutes)
        assert (town.time(ana), town.balance("pool:platform", "TIME")) == (360, 0)
        with town.refuses("pool_empty"):
            town.grant(ana, ground, 1)


def test_a_grant_comes_out_of_the_pool_that_is_named(town: Town, ana: str) -> None:
    town.rules({"tb.grant_to": ["needy_elder"]})
    pool_with(town, 60, pool=town.home)
    with town.refuses("pool_empty"):
        town.grant(ana, "needy_elder", 60)
    with town.refuses("unknown_party"):
        town.grant(ana, "needy_elder", 60, pool=town.new())
    town.grant(ana, "needy_elder", 60, pool=town.home)
    assert town.balance(f"pool:{town.home}", "TIME") == 0


def test_a_grant_must_fit_into_the_account(town: Town, ana: str) -> None:
    pool_with(town, 120)
    town.rules({"tb.grant_to": ["needy_elder"], "tb.account_cap_h": 1})
    with town.refuses("account_full"):
        town.grant(ana, "needy_elder", 61)
    town.grant(ana, "needy_elder", 60)


# What is frozen ---------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["died", "left", "suspended"])
def test_an_account_of_whoever_is_gone_is_frozen(
    town: Town, ana: str, bo: str, change: str
) -> None:
    """P46: nothing is saved, given, received or spent; what was set aside comes back."""
    town.rules({"tb.grant_to": ["needy_elder"]})
    town.saved(ana, 180)
    town.saved(bo, 60)
    pool_with(town, 60)
    unsaved = town.served(ana, "2025-03-07 09:00", "10:00")
    reward = town.service_order(town.till())
    reserved, order = town.reserve(ana, reward), town.order(ana)
    town.becomes(f"volunteer:{ana}", change)
    for attempt in (
        lambda: town.deposit(ana, unsaved.id, 60),
        lambda: town.give(ana, bo, 1),
        lambda: town.give(bo, ana, 1),
        lambda: town.donate(ana, 1),
        lambda: town.grant(ana, "needy_elder", 1),
        lambda: town.reserve(ana, reward),
        lambda: town.order(ana),
        lambda: town.do(OfferService(order=order, provider=bo)),
    ):
        with town.refuses("party_not_active"):
            attempt()
    assert town.time(ana) == 60
    town.clock.forward(days=2)
    town.expire(reserved)
    town.do(ExpireOrder(order=order))
    assert town.time(ana) == 180


def moving(town: Town, who: str, minutes: int, **given: Any) -> Entry:
    fields: dict[str, Any] = {"pool": "platform", "reason": "0" * 64, **given}
    return town.do(MoveFrozenTime(volunteer=who, minutes=minutes, **fields)).entry


@pytest.mark.parametrize("change", ["died", "left", "forgotten"])
def test_a_person_decides_where_frozen_time_goes(
    town: Town, ana: str, bo: str, change: str
) -> None:
    """P46: to a recipient, to a pool, in parts; never more than is there."""
    town.saved(ana, 180)
    town.becomes(f"volunteer:{ana}", change)
    with town.refuses("insufficient_time"):
        moving(town, ana, 181)
    moving(town, ana, 60, recipient=bo, pool="")
    moving(town, ana, 60)
    moving(town, ana, 60, pool=town.home)
    assert (town.time(ana), town.time(bo)) == (0, 60)
    assert town.balance("pool:platform", "TIME") == town.balance(f"pool:{town.home}", "TIME") == 60


@scenario("""
  id             | state      | pool     | to    | minutes | reason | code
  still-here     | reinstated | platform |       |      60 | r      | not_frozen
  only-suspended | suspended  | platform |       |      60 | r      | not_frozen
  nowhere        | left       |          |       |      60 | r      | one_destination
  both           | left       | platform | bo    |      60 | r      | one_destination
  no-reason      | left       | platform |       |      60 |        | reason_missing
  nothing        | left       | platform |       |       0 | r      | bad_amount
  gone-too       | left       |          | gone  |      60 | r      | party_not_active
  a-group        | left       |          | group |      60 | r      | group_donates_only
  full           | left       |          | full  |      60 | r      | account_full
""")
def test_frozen_time_is_not_moved_lightly(
    town: Town,
    ana: str,
    bo: str,
    state: str,
    pool: str,
    to: str,
    minutes: int,
    reason: str,
    code: str,
) -> None:
    town.saved(ana, 60)
    others = {"": "", "bo": bo, "gone": town.volunteer(), "group": town.new(), "full": ""}
    town.suspend(others["gone"])
    town.do(RegisterGroup(volunteer=others["group"], organisation=town.home))
    if to == "full":
        others["full"] = town.volunteer()
        town.saved(others["full"], 60)
        town.rules({"tb.account_cap_h": 1})
    if state == "reinstated":
        town.suspend(ana)
    town.becomes(f"volunteer:{ana}", state)
    with town.refuses(code):
        moving(town, ana, minutes, pool=pool, recipient=others[to], reason=reason and "0" * 64)


def test_nobody_borrows_in_the_name_of_who_is_gone(town: Town, ana: str) -> None:
    town.adopt(("overdraft_min_minutes = { value = 0", "overdraft_min_minutes = { value = 600"))
    town.saved(ana, 60)
    town.becomes(f"volunteer:{ana}", "died")
    with town.refuses("insufficient_time"):
        moving(town, ana, 61)


# A place in an elder home -----------------------------------------------------------------------


def policy_of(toml: bytes) -> Policy:
    return policy_from_canonical(read_policy(toml).canonical)


@scenario("""
  id              | coins  | hours  | entitled
  B12 short       |   9999 |  10000 | no
  B12 few hours   |  10000 |   9999 | no
  B12             |  10000 |  10000 | yes
""")
def test_coins_and_hours_entitle_to_a_place(coins: int, hours: int, entitled: str) -> None:
    """B12 as in Beijing (S29); nobody is entitled where policy knows no such place."""
    beijing = policy_of(shipped("beijing"))
    assert elder_home_entitled(beijing, coins * 60, hours * 60) == (entitled == "yes")
    assert not elder_home_entitled(policy_of(shipped("cn-default")), coins * 60, hours * 60)


def test_the_standing_says_who_is_entitled(town: Town, ana: str) -> None:
    town.rules({"tb.elder_home_coins": 2})
    town.saved(ana, 120)
    assert town.standing(ana).elder_home_entitled
    town.donate(ana, 1)
    assert not town.standing(ana).elder_home_entitled


# What cannot be done at all ---------------------------------------------------------------------

MONEY = re.compile(
    r"cash|money|buy|bought|purchase|sell|sale|interest|yuan|rmb|cny|currency|top_?up|invest|yield",
    re.IGNORECASE,
)


def commands(group: click.Command, path: str = "") -> list[str]:
    found = [path]
    if isinstance(group, click.Group):
        for name, command in group.commands.items():
            found += commands(command, f"{path} {name}")
    return found


def test_b17_no_coin_is_bought_cashed_out_or_earns_interest(town: Town) -> None:
    """No action, no kind, no route, no command is called anything of the kind."""
    app = create_app(town.book, Settings(home=town.book.home))
    names = {
        "actions": sorted(names_of_actions()),
        "kinds": list(KINDS),
        "routes": [rule.rule for rule in app.url_map.iter_rules()],
        "commands": commands(main),
        "parameters": [each for each in vars(Parameters) if each.startswith("tb_")],
    }
    for what, all_of_them in names.items():
        assert all_of_them, f"there are no {what} to look at"
        assert [name for name in all_of_them if MONEY.search(name)] == [], what


@pytest.mark.parametrize("parameter", ["tb.cash_out", "tb.buy_in", "tb.interest"])
@pytest.mark.parametrize("value", [True, False, 5])
def test_b17_no_policy_can_allow_it(parameter: str, value: object) -> None:
    """P41: naming such a parameter refuses the whole document, even to forbid it."""
    with pytest.raises(Refused, match=r"forbidden and cannot be a parameter \(P41\)"):
        read_policy(policy_toml({parameter: value}).encode())


def test_b17_time_comes_from_service_alone(town: Town, ana: str, bo: str) -> None:
    """Whatever is done, only a saved record issues time and only its reversal takes it back; the
    verifier allows no other kind to."""
    town.rules({"tb.grant_starting_minutes": 10})
    record = town.served(ana, "2025-03-07 09:00", "12:00")
    town.deposit(ana, record.id, 180)
    town.donate(ana, 10)
    town.grant(bo)
    town.give(ana, bo, 10)
    town.done_order(ana, bo)
    town.reverse(record.id)
    issuing, taking_back = set(), set()
    for index in range(town.size()):
        entry = town.book.entry(index)
        for posting in entry.postings:
            if posting.asset == "TIME" and posting.source == "issuer:time":
                issuing.add(entry.kind)
            if posting.asset == "TIME" and posting.destination == "issuer:time":
                taking_back.add(entry.kind)
    assert (issuing, taking_back) == ({"time_deposited"}, {"service_reversed"})
    assert set(KINDS) == set(audited.KINDS)
