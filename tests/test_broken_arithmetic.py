"""The nine arithmetics that broke in public, elsewhere, and what becomes of each here.

Each test names where it broke. They are stories of points, stars and vouchers as other systems
tell them; the laws behind them stand in tests/test_points_laws.py.
"""

from __future__ import annotations

import pytest

from ledger.actions.stars import AssessStars
from tests.kit import Town, scenario

SOON_A_STAR = {"star.thresholds_h": [2, 4], "star.mode": "automatic"}
"""A star at two hours, another at four."""


def test_spending_demotes_nobody(town: Town, ana: str) -> None:
    """open-loyalty 131: the level was computed from the current balance, so spending demoted.

    Here stars come from hours; spending everything, letting the rest lapse and owing points leave
    hours, the star held and the star in reach as they are.
    """
    town.rules(SOON_A_STAR)
    town.minutes_served(ana, 241)
    town.do(AssessStars(volunteer=ana))
    till = town.till()
    town.capture(town.reserve(ana, town.reward(till), 4), till)
    town.reverse(town.served(ana, "2025-03-07 09:00", "10:00").id)
    town.clock.set("2031-01-01 09:00")
    town.lapse(ana)
    standing = town.standing(ana)
    assert (standing.points_hundredths, standing.service_minutes) == (0, 241)
    assert (standing.star, standing.eligible_star) == (2, 2)


@pytest.mark.parametrize("swept", [False, True])
@pytest.mark.parametrize("how", ["correct", "reverse"])
def test_what_lapsed_is_taken_from_nothing_else(
    town: Town, ana: str, swept: bool, how: str
) -> None:
    """FloCafe 78 again, the other way round: taking back what had lapsed destroyed good points.

    The record's own vintage pays for it as long as anything is there; what a timer swept away is
    gone, and points of another vintage are not taken for it.
    """
    old = town.served(ana, "2025-03-08 09:00", "17:00")
    town.clock.set("2028-06-10 20:00")
    town.served(ana, "2028-06-09 09:00", "17:00")
    if swept:
        town.lapse(ana)
    if how == "correct":
        town.correct(old.id, town.session(ana, "2025-03-08 09:00", "16:59"))
        assert town.vintages(ana) == {"2028-03-31": 798, "2031-06-30": 800}
    else:
        town.reverse(old.id)
        assert town.vintages(ana) == {"2031-06-30": 800}
    assert (town.points(ana), town.owed(ana)) == (800, 0)


def test_what_lapses_takes_its_own_debits_along(town: Town, ana: str) -> None:
    """FloCafe 78: lapsed credit left the credits while its debits stayed, and the balance
    collapsed.

    Ten earned and four spent in March, five earned in April: when March lapses, six go and five
    stay. There is one vintage a month, and what was spent of it is gone from that very vintage.
    """
    town.minutes_served(ana, 600)
    till = town.till()
    town.capture(town.reserve(ana, town.reward(till), 4), till)
    town.clock.set("2025-04-15 09:00")
    town.served(ana, "2025-04-14 09:00", "14:00")
    town.clock.set("2028-04-01 00:00")
    town.lapse(ana)
    assert town.balance("lapsed", "POINT") == 600
    assert (town.points(ana), town.owed(ana)) == (500, 0)


@scenario("""
  id           | spent | left | owed
  kept-whole   | 0     | 0    | 0
  spent-a-part | 2     | 0    | 200
  spent-all    | 5     | 0    | 500
""")
def test_who_gives_the_hours_back_gives_the_points_back(
    town: Town, ana: str, spent: int, left: int, owed: int
) -> None:
    """odoo PR 257854, 238806: earn, refund the purchase, keep the points.

    Here a reversed record takes its points with it, those that are spent as a debt.
    """
    served = town.served(ana, "2025-03-07 09:00", "14:00")
    till = town.till()
    if spent:
        town.capture(town.reserve(ana, town.reward(till), spent), till)
    town.reverse(served.id)
    assert (town.points(ana), town.owed(ana)) == (left, owed)


@pytest.mark.parametrize("undone", ["released", "expired", "voided"])
def test_a_refund_gives_back_and_deducts_nothing(town: Town, ana: str, undone: str) -> None:
    """odoo PR 212922, 221928: a refund deducted again the points that had been spent.

    Whichever way a redemption is undone, everything is as it was before it.
    """
    town.minutes_served(ana, 600)
    before = town.vintages(ana)
    till = town.till()
    reserved = town.reserve(ana, town.reward(till), 4)
    if undone == "released":
        town.release(reserved, ana)
    elif undone == "expired":
        town.clock.forward(minutes=30)
        town.expire(reserved)
    else:
        town.capture(reserved, till)
        town.void(reserved, till)
    assert (town.vintages(ana), town.points(ana), town.owed(ana)) == (before, 1_000, 0)
    assert town.balance(f"merchant:{till.merchant}:claims", "POINT") == 0


def test_what_was_voided_earns_nothing(town: Town, ana: str) -> None:
    """FloCafe 720: a voided item still earned.

    Neither a record that was refused, nor one that was reversed, nor a redemption that was voided
    brings a point; and a correction brings those of the corrected record alone.
    """
    held = town.served(ana, "2025-03-06 08:00", "20:00")
    assert held.outcome == "held"
    town.refuse(held.id)
    reversed_ = town.served(ana, "2025-03-05 09:00", "12:00")
    town.reverse(reversed_.id)
    corrected = town.served(ana, "2025-03-07 09:00", "14:00")
    town.correct(corrected.id, town.session(ana, "2025-03-07 09:00", "11:00"))
    till = town.till()
    reserved = town.reserve(ana, town.reward(till))
    town.capture(reserved, till)
    town.void(reserved, till)
    assert (town.points(ana), town.minutes(ana)) == (200, 120)
    assert town.standing(ana).points_earned_hundredths == 200


def test_an_empty_voucher_gives_nothing_back(town: Town, ana: str) -> None:
    """odoo 135393: an empty gift card was used in a refund.

    A voucher gives its value back once: after it was released, expired, captured or voided there
    is nothing in it, and every further try is refused.
    """
    town.minutes_served(ana, 600)
    till = town.till()
    coffee = town.reward(till)
    released, expired, captured = (town.reserve(ana, coffee) for _ in range(3))
    town.release(released, ana)
    town.capture(captured, till)
    town.clock.forward(minutes=30)
    town.expire(expired)
    town.void(captured, till)
    assert town.points(ana) == 1_000
    for empty in (released, expired, captured):
        with town.refuses("redemption_state_conflict"):
            town.release(empty, ana)
        with town.refuses("redemption_state_conflict"):
            town.expire(empty)
        with town.refuses("redemption_state_conflict"):
            town.void(empty, till)
    assert town.points(ana) == 1_000


def test_an_earn_is_cancelled_after_its_points_were_spent(town: Town, ana: str) -> None:
    """odoo PR 206048: cancelling an earn whose points are already spent.

    The balance is below zero and says so, spending waits, and the next hours repay it: nothing is
    refused, nothing lost, nothing for free.
    """
    first = town.served(ana, "2025-03-07 09:00", "11:00")
    till = town.till()
    coffee = town.reward(till)
    town.capture(town.reserve(ana, coffee, 2), till)
    town.reverse(first.id)
    assert (town.points(ana), town.owed(ana)) == (0, 200)
    town.served(ana, "2025-03-07 12:00", "13:59")
    with town.refuses("spending_blocked"):
        town.reserve(ana, coffee)
    town.served(ana, "2025-03-07 14:00", "15:02")
    assert (town.points(ana), town.owed(ana)) == (101, 0)
    town.reserve(ana, coffee)


@scenario("""
  id                | minutes | eligible
  a-minute-short    | 119     | 0
  exactly           | 120     | 1
  a-minute-more     | 121     | 1
  next-minute-short | 239     | 1
  next-exactly      | 240     | 2
""")
def test_nobody_lands_in_a_star_without_reaching_it(
    town: Town, ana: str, minutes: int, eligible: int
) -> None:
    """erpnext 24672: a holder landed in a tier without reaching it.

    Exactly the threshold is enough and a minute less is not, for what is in reach and for what
    is granted.
    """
    town.rules(SOON_A_STAR)
    town.minutes_served(ana, minutes)
    if eligible:
        town.do(AssessStars(volunteer=ana))
    with town.refuses("nothing_to_grant"):
        town.do(AssessStars(volunteer=ana))
    standing = town.standing(ana)
    assert (standing.eligible_star, standing.star) == (eligible, eligible)


@scenario("""
  id            | at                      | lapsed
  a-moment-less | 2028-03-31 23:59:59.999 | 0
  the-moment    | 2028-04-01 00:00        | 1
  long-after    | 2028-07-01 09:00        | 1
""")
def test_a_run_on_the_last_moment_runs_once(town: Town, ana: str, at: str, lapsed: int) -> None:
    """workers-control PR 682: an extra payout when the run fell exactly on the last moment.

    Lapsing at the boundary, before it and after it, and again at once: each vintage lapses once,
    on the first moment after its last day.
    """
    town.minutes_served(ana, 180)
    town.clock.set(at)
    for _ in range(2):
        if lapsed and town.vintages(ana):
            assert len(town.lapse(ana).entries) == 1
        else:
            with town.refuses("nothing_to_lapse"):
                town.lapse(ana)
    assert town.balance("lapsed", "POINT") == 300 * lapsed
    assert sum(town.vintages(ana).values()) == 300 - 300 * lapsed
