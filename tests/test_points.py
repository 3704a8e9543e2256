"""Points: earned into vintages, the oldest spent first, taken back, lapsing (domain §4, §12)."""

from __future__ import annotations

import pytest

from ledger.founding import adopt_policy
from ledger.policies import shipped
from tests.kit import Town, at, scenario


def test_points_last_to_the_end_of_the_thirty_sixth_month(town: Town, ana: str) -> None:
    town.served(ana, "2025-03-07 09:00", "10:00")
    assert town.vintages(ana) == {"2028-03-31": 100}
    assert town.standing(ana).lapsing == (("2028-03-31", 100),)


@scenario("""
  id                    | credited                | vintage
  last-moment-of-march  | 2025-03-31 23:59:59.999 | 2028-03-31
  first-of-april        | 2025-04-01 00:00        | 2028-04-30
  to-a-leap-february    | 2029-02-15 09:00        | 2032-02-29
  over-the-new-year     | 2025-12-31 23:00        | 2028-12-31
""")
def test_the_month_is_the_one_in_which_they_are_credited(
    town: Town, ana: str, credited: str, vintage: str
) -> None:
    """Asia/Shanghai, and the entry's time, whenever the service was."""
    town.clock.set(credited)
    town.served(ana, "2025-02-03 09:00", "10:00", recorded="2025-02-04 09:00")
    assert town.vintages(ana) == {vintage: 100}


def test_the_oldest_are_spent_first(town: Town, ana: str) -> None:
    """K7: lots of 10 from 2023 and of 10 from 2024, spend 12: 0 and 8 are left."""
    town.served(ana, "2025-03-07 07:00", "17:00", deducted=120)
    town.served(ana, "2025-03-08 09:00", "11:00")
    town.clock.set("2026-03-02 09:00")
    town.minutes_served(ana, 600, since="2025-05-05")
    assert town.vintages(ana) == {"2028-03-31": 1_000, "2029-03-31": 1_000}
    till = town.till()
    town.capture(town.reserve(ana, town.reward(till), 12), till)
    assert town.vintages(ana) == {"2029-03-31": 800}


def test_exactly_enough_is_enough(town: Town, ana: str) -> None:
    town.minutes_served(ana, 180)
    coffee = town.reward(town.till())
    with town.refuses("insufficient_points"):
        town.reserve(ana, coffee, 4)
    town.reserve(ana, coffee, 3)
    assert town.points(ana) == 0
    with town.refuses("insufficient_points"):
        town.reserve(ana, coffee)


def test_an_empty_account_buys_nothing(town: Town, ana: str) -> None:
    penny = town.reward(town.till(), price=1)
    with town.refuses("insufficient_points"):
        town.reserve(ana, penny)


# Lapse -----------------------------------------------------------------------------------------


def test_points_are_good_until_the_last_moment_of_their_last_day(town: Town, ana: str) -> None:
    """Nothing extra happens exactly on it (workers-control PR 682)."""
    town.minutes_served(ana, 180)
    coffee = town.reward(town.till(), hold_minutes=5)
    town.clock.set("2028-03-31 23:59:59.999")
    with town.refuses("nothing_to_lapse"):
        town.lapse(ana)
    town.reserve(ana, coffee)
    assert town.points(ana) == 200
    town.clock.set("2028-04-01 00:00")
    assert town.points(ana) == 0
    with town.refuses("insufficient_points"):
        town.reserve(ana, coffee)
    town.lapse(ana)
    assert town.vintages(ana) == {}
    assert town.balance("lapsed", "POINT") == 200
    with town.refuses("nothing_to_lapse"):
        town.lapse(ana)


def test_what_lapses_takes_no_debit_with_it(town: Town, ana: str) -> None:
    """Of ten, four were spent: six lapse, and later points are whole (FloCafe 78)."""
    town.minutes_served(ana, 600)
    till = town.till()
    town.capture(town.reserve(ana, town.reward(till), 4), till)
    town.clock.set("2028-04-01 00:00")
    town.served(ana, "2028-03-31 09:00", "10:00")
    town.lapse(ana)
    assert town.balance("lapsed", "POINT") == 600
    assert (town.points(ana), town.owed(ana)) == (100, 0)


def test_each_vintage_lapses_by_itself(town: Town, ana: str) -> None:
    town.served(ana, "2025-03-07 09:00", "10:00")
    town.clock.set("2025-04-01 09:00")
    town.served(ana, "2025-03-31 09:00", "11:00")
    town.clock.set("2025-05-01 09:00")
    town.served(ana, "2025-04-30 09:00", "12:00")
    town.clock.set("2028-05-01 00:00")
    receipt = town.lapse(ana)
    assert [entry.facts["lapse"] for entry in receipt.entries] == ["2028-03-31", "2028-04-30"]
    assert town.vintages(ana) == {"2028-05-31": 300}
    assert town.balance("lapsed", "POINT") == 300


def test_lapsing_demotes_nobody(town: Town, ana: str) -> None:
    """Neither does spending: the star comes from hours, not from a balance (open-loyalty 131)."""
    town.minutes_served(ana, 6_000)
    till = town.till()
    town.capture(town.reserve(ana, town.reward(till), 50), till)
    assert town.standing(ana).eligible_star == 1
    town.clock.set("2030-01-01 09:00")
    town.lapse(ana)
    standing = town.standing(ana)
    assert (standing.points_hundredths, standing.eligible_star) == (0, 1)
    assert standing.service_minutes == 6_000


# Taking back -----------------------------------------------------------------------------------


def test_what_was_spent_is_owed_and_blocks_spending(town: Town, ana: str) -> None:
    """K8: 100 earned, 80 spent, 50 taken back: −30, and no spending until it is repaid."""
    first, *_ = (
        town.served(ana, "2025-03-07 09:00", "09:30"),
        town.served(ana, "2025-03-07 10:00", "10:30"),
    )
    till = town.till()
    town.capture(town.reserve(ana, town.reward(till, price=80)), till)
    assert town.points(ana) == 20
    town.reverse(first.id)
    assert (town.points(ana), town.owed(ana)) == (0, 30)
    penny = town.reward(till, price=1)
    with town.refuses("spending_blocked"):
        town.reserve(ana, penny)
    town.served(ana, "2025-03-07 11:00", "11:17")
    assert (town.points(ana), town.owed(ana)) == (0, 2)
    with town.refuses("spending_blocked"):
        town.reserve(ana, penny)
    town.served(ana, "2025-03-07 12:00", "12:03")
    assert (town.points(ana), town.owed(ana)) == (3, 0)
    town.reserve(ana, penny)


def test_points_are_taken_from_their_own_vintage_then_from_the_soonest(
    town: Town, ana: str
) -> None:
    """One hour in each of three months; the middle one is taken back, and then also the first,
    after its own vintage was spent."""
    records = []
    for month in (4, 5, 6):
        town.clock.set(f"2025-{month:02d}-15 20:00")
        records.append(town.served(ana, f"2025-{month:02d}-15 09:00", "10:00").id)
    town.reverse(records[1])
    assert town.vintages(ana) == {"2028-04-30": 100, "2028-06-30": 100}
    town.reserve(ana, town.reward(town.till()))
    assert town.vintages(ana) == {"2028-06-30": 100}
    town.reverse(records[0])
    assert (town.vintages(ana), town.owed(ana)) == ({}, 0)
    town.reverse(records[2])
    assert (town.vintages(ana), town.owed(ana)) == ({}, 100)


def test_among_strange_vintages_the_soonest_goes_first(town: Town, ana: str) -> None:
    records = []
    for month in (4, 5, 6):
        town.clock.set(f"2025-{month:02d}-15 20:00")
        records.append(town.served(ana, f"2025-{month:02d}-15 09:00", "10:00").id)
    town.reserve(ana, town.reward(town.till(), price=150))
    assert town.vintages(ana) == {"2028-05-31": 50, "2028-06-30": 100}
    town.reverse(records[0])
    assert town.vintages(ana) == {"2028-06-30": 50}


def test_reversing_takes_what_was_brought_and_nothing_twice(town: Town, ana: str) -> None:
    """An earn is cancelled after its points were spent (odoo PR 206048), and refunds do not
    deduct again what was spent (odoo PR 212922)."""
    served = town.served(ana, "2025-03-07 09:00", "14:00")
    till = town.till()
    reserved = town.reserve(ana, town.reward(till), 5)
    town.reverse(served.id)
    assert (town.points(ana), town.owed(ana)) == (0, 500)
    town.release(reserved, ana)
    assert (town.points(ana), town.owed(ana)) == (0, 0)


def test_what_repaid_a_debt_is_taken_back_as_a_debt(town: Town, ana: str) -> None:
    """Earn 1, spend it, lose it; earn 1 (repays), lose that too: owed 1, not 0 and not 2."""
    first = town.served(ana, "2025-03-07 09:00", "10:00")
    till = town.till()
    town.capture(town.reserve(ana, town.reward(till)), till)
    town.reverse(first.id)
    second = town.served(ana, "2025-03-07 11:00", "12:00")
    assert (town.points(ana), town.owed(ana)) == (0, 0)
    town.reverse(second.id)
    assert (town.points(ana), town.owed(ana)) == (0, 100)


def test_a_debt_never_lapses(town: Town, ana: str) -> None:
    served = town.served(ana, "2025-03-07 09:00", "10:00")
    till = town.till()
    town.capture(town.reserve(ana, town.reward(till)), till)
    town.reverse(served.id)
    town.clock.set("2031-01-01 09:00")
    with town.refuses("nothing_to_lapse"):
        town.lapse(ana)
    assert town.owed(ana) == 100


# Lapse by other rules --------------------------------------------------------------------------


@scenario("""
  id         | rule      | vintage
  month-end  | month_end | 2028-03-31
  year-end   | year_end  | 2028-12-31
  never      | never     | 9999-12-31
""")
def test_a_policy_says_when_points_lapse(town: Town, ana: str, rule: str, vintage: str) -> None:
    """Domain §10 P52: to the last day, and on the day after they are gone."""
    town.rules({"points.lapse": rule})
    town.served(ana, "2025-03-07 09:00", "10:00")
    assert town.vintages(ana) == {vintage: 100}
    if rule == "never":
        town.clock.set("2099-12-31 09:00")
        with town.refuses("nothing_to_lapse"):
            town.lapse(ana)
        town.reserve(ana, town.reward(town.till(), valid_until=at("2101-01-01 00:00")))
        return
    town.clock.set(f"{vintage} 23:59:59.999")
    with town.refuses("nothing_to_lapse"):
        town.lapse(ana)
    town.clock.ms += 1
    town.lapse(ana)
    assert town.vintages(ana) == {}


def test_points_that_never_lapse_are_spent_last(town: Town, ana: str) -> None:
    """The soonest to lapse goes first, whichever was earned first (P52)."""
    town.rules({"points.lapse": "never"})
    town.served(ana, "2025-03-07 09:00", "10:00")
    town.rules({"points.lapse": "month_end"})
    town.served(ana, "2025-03-07 11:00", "12:00")
    town.reserve(ana, town.reward(town.till(), price=150))
    assert town.vintages(ana) == {"9999-12-31": 50}


def test_the_nearest_rules_decide_about_a_volunteers_points(town: Town) -> None:
    """A document for an organisation counts for whoever it registered, and for nobody else."""
    ours, theirs = town.volunteer(organisation=town.home), town.volunteer()
    town.rules({"points.referral": 2, "points.lapse": "never"}, organisation=town.home)
    served = [town.volunteer(), town.volunteer()]
    for each in served:
        town.served(each, "2025-03-07 09:00", "10:00")
    town.refer(ours, served[0])
    assert town.vintages(ours) == {"9999-12-31": 200}
    with town.refuses("referral_not_rewarded"):
        town.refer(theirs, served[1])


# Who brings a newcomer -------------------------------------------------------------------------


@pytest.fixture
def brings_two(town: Town) -> None:
    """Hailin's rule: two points for each newcomer (domain §4, S41)."""
    adopt_policy(town.book, shipped("hailin"))


@pytest.mark.usefixtures("brings_two")
def test_a_newcomer_brings_points_once(town: Town, ana: str, bo: str) -> None:
    town.served(bo, "2025-03-07 09:00", "10:00")
    entry = town.refer(ana, bo)
    assert entry.facts == {"volunteer": ana, "referred": bo}
    assert (town.points(ana), town.points(bo)) == (200, 100)
    assert town.vintages(ana) == {"2028-03-31": 200}
    with town.refuses("already_referred"):
        town.refer(ana, bo)


@pytest.mark.usefixtures("brings_two")
def test_another_claims_the_same_newcomer_in_vain(town: Town, ana: str) -> None:
    other = town.volunteer()
    newcomer = town.volunteer()
    town.served(newcomer, "2025-03-07 09:00", "10:00")
    town.refer(other, newcomer)
    with town.refuses("already_referred"):
        town.refer(ana, newcomer)


@pytest.mark.usefixtures("brings_two")
def test_only_a_newcomer_who_served_brings_points(town: Town, ana: str, bo: str) -> None:
    """59 minutes and 60; and backfilled hours are not those that anybody checked."""
    town.served(bo, "2025-03-07 09:00", "09:59")
    town.served(bo, "2025-03-06 09:00", "12:00", evidence="backfill")
    with town.refuses("served_too_little"):
        town.refer(ana, bo)
    town.served(bo, "2025-03-07 11:00", "11:01")
    town.refer(ana, bo)


@pytest.mark.usefixtures("brings_two")
def test_nobody_is_brought_by_themselves_or_by_who_came_later(
    town: Town, ana: str, bo: str
) -> None:
    town.served(ana, "2025-03-07 09:00", "10:00")
    town.served(bo, "2025-03-07 09:00", "10:00")
    with town.refuses("referral_of_oneself"):
        town.refer(ana, ana)
    with town.refuses("not_a_newcomer"):
        town.refer(bo, ana)
    town.suspend(ana)
    with town.refuses("party_not_active"):
        town.refer(ana, bo)


def test_bringing_somebody_earns_nothing_by_default(town: Town, ana: str, bo: str) -> None:
    town.served(bo, "2025-03-07 09:00", "10:00")
    with town.refuses("referral_not_rewarded"):
        town.refer(ana, bo)


@pytest.mark.usefixtures("brings_two")
def test_what_bringing_earns_repays_a_debt_first(town: Town, ana: str, bo: str) -> None:
    served = town.served(ana, "2025-03-07 09:00", "10:00")
    till = town.till()
    town.capture(town.reserve(ana, town.reward(till)), till)
    town.reverse(served.id)
    town.served(bo, "2025-03-07 09:00", "10:00")
    town.refer(ana, bo)
    assert (town.points(ana), town.owed(ana)) == (100, 0)


# The worked examples of domain §12, with what lies next to each --------------------------------


@scenario("""
  id             | spend | first_lot | second_lot
  K7-under-a-lot | 9     | 1         | 10
  K7-a-whole-lot | 10    | 0         | 10
  K7             | 12    | 0         | 8
  K7-everything  | 20    | 0         | 0
""")
def test_lots_are_spent_from_the_oldest_on(
    town: Town, ana: str, spend: int, first_lot: int, second_lot: int
) -> None:
    """Two lots of ten, a year between them."""
    town.minutes_served(ana, 600)
    town.clock.set("2026-03-02 09:00")
    town.minutes_served(ana, 600, since="2022-01-03")
    till = town.till()
    town.capture(town.reserve(ana, town.reward(till), spend), till)
    lots = {"2028-03-31": 100 * first_lot, "2029-03-31": 100 * second_lot}
    assert town.vintages(ana) == {lot: left for lot, left in lots.items() if left}
    coffee = town.reward(till)
    with town.refuses("insufficient_points"):
        town.reserve(ana, coffee, 21 - spend)


@scenario("""
  id               | spent | left | owed
  K8-just-covered  | 50    | 0    | 0
  K8-one-too-many  | 51    | 0    | 1
  K8               | 80    | 0    | 30
  K8-spent-nothing | 0     | 50   | 0
""")
def test_a_clawback_goes_below_zero_and_blocks_spending(
    town: Town, ana: str, spent: int, left: int, owed: int
) -> None:
    """A point earned in two halves; so much of it is spent, and one half is taken back (P56)."""
    first = town.served(ana, "2025-03-07 09:00", "09:30")
    town.served(ana, "2025-03-07 10:00", "10:30")
    till = town.till()
    if spent:
        town.capture(town.reserve(ana, town.reward(till, price=spent)), till)
    town.reverse(first.id)
    assert (town.points(ana), town.owed(ana)) == (left, owed)
    penny = town.reward(till, price=1)
    if left:
        town.reserve(ana, penny)
    else:
        with town.refuses("spending_blocked" if owed else "insufficient_points"):
            town.reserve(ana, penny)
