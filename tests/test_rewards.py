"""From reserve to capture: every way a voucher goes, and every no at the till (design §6)."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest

from ledger.actions.catalogue import PublishReward, WithdrawReward
from ledger.actions.rewards import Capture, Release, VoidRedemption
from ledger.actions.settlement import CloseSettlement
from ledger.actions.stars import AssessStars
from ledger.errors import Refused
from ledger.founding import adopt_policy
from ledger.policies import shipped
from tests.kit import Till, Town, at, scenario


@pytest.fixture
def rich(town: Town, ana: str) -> str:
    """A volunteer with ten points."""
    town.minutes_served(ana, 600)
    return ana


# The good way ----------------------------------------------------------------------------------


def test_value_leaves_at_reserve_and_reaches_the_merchant_at_capture(town: Town, rich: str) -> None:
    till = town.till()
    reserved = town.reserve(rich, town.reward(till), 2)
    assert town.points(rich) == 800
    assert town.balance(f"held:{reserved}", "POINT") == 200
    entry = town.capture(reserved, till)
    assert (entry.facts["quantity"], entry.facts["amount"]) == (2, 200)
    assert town.balance(f"held:{reserved}", "POINT") == 0
    assert town.balance(f"merchant:{till.merchant}:claims", "POINT") == 200
    assert town.points(rich) == 800
    assert town.minutes(rich) == 600, "spending changes no hours (P47)"


def test_capture_is_once(town: Town, rich: str) -> None:
    """B15: one debit only; a second scan says when and where it was used."""
    till = town.till()
    reserved = town.reserve(rich, town.reward(till))
    town.capture(reserved, till)
    when = town.clock.ms
    town.clock.forward(minutes=1)
    with pytest.raises(Refused) as caught:
        town.capture(reserved, till)
    assert caught.value.code == "already_captured"
    assert caught.value.facts == {
        "captured_at": when,
        "branch": till.branch,
        "terminal": till.terminal,
    }
    assert town.balance(f"merchant:{till.merchant}:claims", "POINT") == 100


def test_the_same_capture_sent_again_gets_the_same_answer(town: Town, rich: str) -> None:
    """B15: the same key answers alike, however late."""
    till = town.till()
    reserved = town.reserve(rich, town.reward(till))
    key = "till-0001-capture-1"
    first = town.do(town.capturing(reserved, till), key=key)
    town.clock.forward(days=400)
    again = town.do(town.capturing(reserved, till), key=key)
    assert (again.entry.data, again.replayed) == (first.entry.data, True)
    with town.refuses("key_reused"):
        town.do(town.capturing(reserved, till, quantity=1), key=key)


def test_two_tills_at_once_take_it_once(town: Town, rich: str) -> None:
    till = town.till()
    other = town.till(till.merchant)
    reserved = town.reserve(rich, town.reward(till))
    gate = Barrier(2)
    answers: list[str] = []

    def take(at_till: object) -> None:
        gate.wait()
        try:
            town.do(town.capturing(reserved, at_till))  # type: ignore[arg-type]
            answers.append("captured")
        except Refused as refused:
            answers.append(refused.code)

    threads = [Thread(target=take, args=(each,)) for each in (till, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["already_captured", "captured"]


def test_part_of_it_gives_the_rest_back(town: Town, rich: str) -> None:
    till = town.till()
    coffee = town.reward(till, stock=5, per_person=5)
    reserved = town.reserve(rich, coffee, 5)
    with town.refuses("out_of_stock"):
        town.reserve(rich, coffee)
    town.capture(reserved, till, quantity=2)
    assert town.points(rich) == 800
    assert town.stock(coffee) == 3
    assert town.redemption(reserved).captured_quantity == 2
    town.clock.forward(minutes=1)
    with town.refuses("already_captured"):
        town.capture(reserved, till, quantity=3)
    with town.refuses("out_of_stock"):
        town.reserve(rich, coffee, 4)
    town.reserve(rich, coffee, 3)


@scenario("""
  id          | quantity
  below-zero  | -1
  one-too-many | 3
""")
def test_no_more_is_captured_than_was_reserved(town: Town, rich: str, quantity: int) -> None:
    till = town.till()
    reserved = town.reserve(rich, town.reward(till), 2)
    with town.refuses("quantity_too_large"):
        town.capture(reserved, till, quantity=quantity)
    town.capture(reserved, till, quantity=2)


def test_a_part_gives_back_what_lives_longest(town: Town, ana: str) -> None:
    """The soonest to lapse is what the merchant gets."""
    town.served(ana, "2025-03-07 09:00", "10:00")
    town.clock.set("2025-04-01 09:00")
    town.served(ana, "2025-03-31 09:00", "10:00")
    till = town.till()
    town.capture(town.reserve(ana, town.reward(till), 2), till, quantity=1)
    assert town.vintages(ana) == {"2028-04-30": 100}


# Back again ------------------------------------------------------------------------------------


def test_a_release_puts_everything_back_where_it_was(town: Town, ana: str) -> None:
    town.served(ana, "2025-03-07 09:00", "10:00")
    town.clock.set("2025-04-01 09:00")
    town.served(ana, "2025-03-31 09:00", "12:00")
    before = town.vintages(ana)
    coffee = town.reward(town.till(), stock=3)
    reserved = town.reserve(ana, coffee, 3)
    assert town.vintages(ana) == {"2028-04-30": 100}
    town.release(reserved, ana)
    assert (town.vintages(ana), town.stock(coffee)) == (before, 3)
    with town.refuses("redemption_state_conflict"):
        town.release(reserved, ana)


def test_only_the_holder_releases(town: Town, rich: str, bo: str) -> None:
    reserved = town.reserve(rich, town.reward(town.till()))
    with town.refuses("unknown_redemption"):
        town.release(reserved, bo)
    with town.refuses("unknown_redemption"):
        town.do(Release(redemption=town.new(), volunteer=rich))


def test_a_reservation_runs_to_its_last_millisecond(town: Town, rich: str) -> None:
    """Thirty minutes under cn-default; at that very moment it is over."""
    till = town.till()
    coffee = town.reward(till)
    early, late = town.reserve(rich, coffee), town.reserve(rich, coffee)
    town.clock.forward(minutes=30)
    town.clock.ms -= 1
    with town.refuses("not_expired_yet"):
        town.expire(late)
    town.capture(early, till)
    town.clock.ms += 1
    with town.refuses("expired"):
        town.capture(late, till)
    town.expire(late)
    assert (town.points(rich), town.stock(coffee)) == (900, 999)
    with town.refuses("redemption_state_conflict"):
        town.expire(late)
    with town.refuses("redemption_state_conflict"):
        town.release(late, rich)
    with town.refuses("expired"):
        town.capture(late, till)


def test_a_reservation_that_is_over_can_still_be_given_back(town: Town, rich: str) -> None:
    reserved = town.reserve(rich, town.reward(town.till()))
    town.clock.forward(days=1)
    town.release(reserved, rich)
    assert town.points(rich) == 1_000


def test_what_was_captured_neither_expires_nor_comes_back(town: Town, rich: str) -> None:
    """K6: no refund for a change of mind."""
    till = town.till()
    reserved = town.reserve(rich, town.reward(till))
    town.capture(reserved, till)
    town.clock.forward(days=1)
    with town.refuses("redemption_state_conflict"):
        town.release(reserved, rich)
    with town.refuses("redemption_state_conflict"):
        town.expire(reserved)


def test_what_was_released_is_not_captured(town: Town, rich: str) -> None:
    till = town.till()
    reserved = town.reserve(rich, town.reward(till))
    town.release(reserved, rich)
    with town.refuses("released"):
        town.capture(reserved, till)


def test_what_has_lapsed_meanwhile_lapses(town: Town, ana: str) -> None:
    """Reserved on the last day, given back on the next: the old vintage goes to `lapsed`."""
    town.served(ana, "2025-03-07 09:00", "10:00")
    town.clock.set("2028-03-31 23:50")
    town.served(ana, "2028-03-31 09:00", "10:00")
    reserved = town.reserve(ana, town.reward(town.till()), 2)
    town.clock.set("2028-04-01 00:10")
    town.release(reserved, ana)
    assert town.vintages(ana) == {"2031-03-31": 100}
    assert town.balance("lapsed", "POINT") == 100


def test_on_its_very_last_day_nothing_lapses_yet(town: Town, ana: str) -> None:
    town.served(ana, "2025-03-07 09:00", "10:00")
    town.clock.set("2028-03-31 23:50")
    reserved = town.reserve(ana, town.reward(town.till()))
    town.clock.set("2028-03-31 23:59:59.999")
    town.release(reserved, ana)
    assert town.vintages(ana) == {"2028-03-31": 100}


# How many --------------------------------------------------------------------------------------


def test_of_two_buyers_of_the_last_one_only_one_pays(town: Town, rich: str, bo: str) -> None:
    """K9: the other keeps the points."""
    town.minutes_served(bo, 600)
    last = town.reward(town.till(), stock=1)
    gate = Barrier(2)
    answers: dict[str, str] = {}

    def buy(who: str) -> None:
        gate.wait()
        try:
            town.reserve(who, last)
            answers[who] = "reserved"
        except Refused as refused:
            answers[who] = refused.code

    threads = [Thread(target=buy, args=(who,)) for who in (rich, bo)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers.values()) == ["out_of_stock", "reserved"]
    for who, answer in answers.items():
        assert town.points(who) == (900 if answer == "reserved" else 1_000)


def test_one_person_has_only_so_many(town: Town, rich: str, bo: str) -> None:
    town.minutes_served(bo, 600)
    till = town.till()
    coffee = town.reward(till, per_person=2)
    first = town.reserve(rich, coffee)
    with town.refuses("per_person_limit"):
        town.reserve(rich, coffee, 2)
    second = town.reserve(rich, coffee)
    town.capture(first, till)
    with town.refuses("per_person_limit"):
        town.reserve(rich, coffee)
    town.release(second, rich)
    town.reserve(rich, coffee)
    town.reserve(bo, coffee, 2)


@pytest.mark.parametrize("quantity", [0, -1])
def test_at_least_one_is_reserved(town: Town, rich: str, quantity: int) -> None:
    """A reservation below zero would bring points."""
    coffee = town.reward(town.till())
    with town.refuses("bad_amount"):
        town.reserve(rich, coffee, quantity)


def test_a_price_beyond_all_numbers_is_only_too_dear(town: Town, rich: str) -> None:
    dear = town.reward(town.till(), price=2**53 - 1, stock=2**53 - 1)
    with town.refuses("insufficient_points"):
        town.reserve(rich, dear, 2**53 - 1)


# Whose, where, when ----------------------------------------------------------------------------


def test_another_merchants_code_is_an_unknown_one(town: Town, rich: str) -> None:
    """Word for word, so that nobody learns which vouchers exist."""
    till, rival = town.till(), town.till()
    reserved = town.reserve(rich, town.reward(till))
    with pytest.raises(Refused) as foreign:
        town.capture(reserved, rival)
    with pytest.raises(Refused) as unknown:
        town.capture(town.new(), rival)
    assert foreign.value.code == "unknown_code"
    assert (foreign.value.sentence, foreign.value.facts) == (
        unknown.value.sentence,
        unknown.value.facts,
    )
    town.capture(reserved, till)


def test_a_terminal_stands_at_its_own_branch(town: Town, rich: str) -> None:
    till, rival = town.till(), town.till()
    other = town.till(till.merchant)
    reserved = town.reserve(rich, town.reward(till))
    for branch, terminal in (
        (till.branch, rival.terminal),
        (rival.branch, rival.terminal),
        (till.branch, other.terminal),
        (till.branch, town.new()),
    ):
        with town.refuses("unknown_party"):
            town.do(
                Capture(
                    redemption=reserved,
                    merchant=till.merchant,
                    branch=branch,
                    terminal=terminal,
                )
            )
    town.capture(reserved, other)


def test_a_reward_may_belong_to_some_branches(town: Town, rich: str) -> None:
    first = town.till()
    second, third = town.till(first.merchant), town.till(first.merchant)
    coffee = town.reward(first, branches=f"{first.branch}+{second.branch}")
    reserved = town.reserve(rich, coffee)
    with town.refuses("wrong_branch"):
        town.capture(reserved, third)
    town.capture(reserved, second)
    rival = town.till()
    with town.refuses("unknown_party"):
        town.reward(first, branches=f"{first.branch}+{rival.branch}")


@scenario("""
  id              | now   | refusal
  before-it-opens | 08:59 | outside_hours
  as-it-opens     | 09:00 |
  the-last-minute | 17:59 |
  as-it-closes    | 18:00 | outside_hours
""")
def test_a_reward_has_its_hours(town: Town, rich: str, now: str, refusal: str) -> None:
    till = town.till()
    coffee = town.reward(till, opens=540, closes=1_080, hold_minutes=1_440)
    reserved = town.reserve(rich, coffee)
    town.clock.set(f"2025-03-11 {now}" if now < "09:00" else f"2025-03-10 {now}")
    if refusal:
        with town.refuses(refusal):
            town.capture(reserved, till)
    else:
        town.capture(reserved, till)


@scenario("""
  id                | now                     | available
  the-day-before    | 2025-03-31 23:59:59.999 | no
  as-it-begins      | 2025-04-01 00:00        | yes
  the-last-moment   | 2025-04-30 23:59:59.999 | yes
  as-it-ends        | 2025-05-01 00:00        | no
""")
def test_a_reward_has_its_dates(town: Town, rich: str, now: str, available: str) -> None:
    april = town.reward(
        town.till(), valid_from=at("2025-04-01 00:00"), valid_until=at("2025-05-01 00:00")
    )
    town.clock.set(now)
    if available == "yes":
        town.reserve(rich, april)
    else:
        with town.refuses("reward_not_available"):
            town.reserve(rich, april)


def test_a_withdrawn_reward_takes_nothing_new_and_keeps_its_word(town: Town, rich: str) -> None:
    till = town.till()
    coffee = town.reward(till)
    reserved = town.reserve(rich, coffee)
    town.do(WithdrawReward(reward=coffee))
    with town.refuses("reward_not_available"):
        town.reserve(rich, coffee)
    with town.refuses("reward_withdrawn"):
        town.do(WithdrawReward(reward=coffee))
    town.capture(reserved, till)


def test_a_star_gate_asks_for_granted_stars(town: Town, ana: str) -> None:
    """Eligible and granted are different."""
    town.minutes_served(ana, 6_000)
    gated = town.reward(town.till(), gate_stars=1)
    assert town.standing(ana).eligible_star == 1
    with town.refuses("star_gate_unmet"):
        town.reserve(ana, gated)


@scenario("""
  id                 | field       | value | code
  no-price           | price       |     0 | bad_amount
  no-stock           | stock       |     0 | bad_amount
  limit-below-zero   | per_person  |    -1 | bad_amount
  gate-below-zero    | gate_stars  |    -1 | bad_amount
  hold-below-zero    | hold_minutes |   -1 | bad_amount
  never-open         | closes      |     0 | bad_time
  open-after-day     | closes      | 1_441 | bad_time
  over-before-begun  | valid_until |     0 | bad_time
  no-form            | form        | house | bad_reward
""")
def test_a_reward_that_makes_no_sense(town: Town, field: str, value: int | str, code: str) -> None:
    till = town.till()
    with town.refuses(code):
        town.reward(till, **{field: value})


def test_a_reward_belongs_to_a_registered_merchant(town: Town, rich: str) -> None:
    till = town.till()
    coffee = town.reward(till)
    reserved = town.reserve(rich, coffee)
    town.becomes(f"merchant:{till.merchant}", "suspended")
    with town.refuses("party_not_active"):
        town.reserve(rich, coffee)
    with town.refuses("party_not_active"):
        town.capture(reserved, till)
    with town.refuses("party_not_active"):
        town.reward(till)
    town.release(reserved, rich)
    assert town.points(rich) == 1_000
    with town.refuses("unknown_party"):
        town.do(
            PublishReward(
                reward=town.new(),
                merchant=town.new(),
                form="gift",
                asset="POINT",
                price=1,
                stock=1,
                valid_from=0,
                valid_until=1,
            )
        )


def test_a_suspended_till_takes_nothing(town: Town, rich: str) -> None:
    for which in ("branch", "terminal"):
        till = town.till()
        reserved = town.reserve(rich, town.reward(till))
        town.becomes(f"{which}:{getattr(till, which)}", "suspended")
        with town.refuses("party_not_active"):
            town.capture(reserved, till)


# Two in a row ----------------------------------------------------------------------------------


@scenario("""
  id                  | apart_ms | outcome
  at-once             |        0 | too_soon
  just-under-five     |    4_999 | too_soon
  five-seconds        |    5_000 | rapid
  just-under-fifteen  |   14_999 | rapid
  fifteen-seconds     |   15_000 | none
""")
def test_two_captures_in_a_row(town: Town, rich: str, apart_ms: int, outcome: str) -> None:
    """Within 5 s for one holder refused, within 15 s flagged for review."""
    till = town.till()
    coffee = town.reward(till)
    first, second = town.reserve(rich, coffee), town.reserve(rich, coffee)
    assert town.capture(first, till).facts["flag"] == "none"
    town.clock.forward(seconds=apart_ms / 1000)
    if outcome == "too_soon":
        with town.refuses("too_soon"):
            town.capture(second, till)
    else:
        assert town.capture(second, till).facts["flag"] == outcome
        assert town.redemption(second).flag == outcome


def test_another_holder_need_not_wait(town: Town, rich: str, bo: str) -> None:
    town.minutes_served(bo, 600)
    till = town.till()
    coffee = town.reward(till)
    first, second = town.reserve(rich, coffee), town.reserve(bo, coffee)
    town.capture(first, till)
    assert town.capture(second, till).facts["flag"] == "none"


# Verify ----------------------------------------------------------------------------------------


def test_verify_says_what_capture_would_and_changes_nothing(town: Town, rich: str) -> None:
    till = town.till()
    reserved = town.reserve(rich, town.reward(till), 2)
    before = town.size()
    redemption, reward, flag, *_ = town.book.would_capture(town.capturing(reserved, till))
    assert (redemption.quantity, reward.price, flag) == (2, 100, "none")
    assert (town.size(), town.redemption(reserved).state) == (before, "reserved")
    town.capture(reserved, till)
    town.clock.forward(minutes=1)
    with pytest.raises(Refused, match="already_captured"):
        town.book.would_capture(town.capturing(reserved, till))
    with pytest.raises(Refused, match="unknown_code"):
        town.book.would_capture(town.capturing(reserved, town.till()))


def test_a_suspended_holder_redeems_nothing(town: Town, rich: str) -> None:
    till = town.till()
    coffee = town.reward(till)
    reserved = town.reserve(rich, coffee)
    town.suspend(rich)
    with town.refuses("holder_not_active"):
        town.capture(reserved, till)
    with town.refuses("party_not_active"):
        town.reserve(rich, coffee)
    town.becomes(f"volunteer:{rich}", "reinstated")
    town.capture(reserved, till)


# How often -------------------------------------------------------------------------------------


@scenario("""
  id         | period    | again      | before
  month      | month     | 2025-04-01 | 2025-03-31 23:59:59.999
  quarter    | quarter   | 2025-04-01 | 2025-03-31 23:59:59.999
  half-year  | half_year | 2025-07-01 | 2025-06-30 23:59:59.999
  year       | year      | 2026-01-01 | 2025-12-31 23:59:59.999
""")
def test_one_redeems_so_often_in_a_period(
    town: Town, rich: str, period: str, again: str, before: str
) -> None:
    """Domain §10 P53: the no says from when on it is open again, and it is."""
    town.rules({"redeem.per_period": 1, "redeem.period": period})
    coffee = town.reward(town.till())
    town.reserve(rich, coffee)
    town.clock.set(before)
    with pytest.raises(Refused) as caught:
        town.reserve(rich, coffee)
    assert (caught.value.code, caught.value.facts) == (
        "redemption_frequency",
        {"limit": 1, "opens_on": again},
    )
    town.clock.set(f"{again} 00:00")
    town.reserve(rich, coffee)


def test_what_came_back_does_not_count_for_the_period(town: Town, rich: str) -> None:
    """Released, expired and voided: each leaves room for another; captured does not."""
    town.rules({"redeem.per_period": 2})
    till = town.till()
    coffee = town.reward(till)
    released, expired = town.reserve(rich, coffee), town.reserve(rich, coffee)
    with town.refuses("redemption_frequency"):
        town.reserve(rich, coffee)
    town.release(released, rich)
    captured = town.reserve(rich, coffee, 3)
    town.capture(captured, till)
    town.clock.forward(minutes=31)
    town.expire(expired)
    town.reserve(rich, coffee)
    with town.refuses("redemption_frequency"):
        town.reserve(rich, coffee)
    town.void(captured, till)
    town.reserve(rich, coffee)
    with town.refuses("redemption_frequency"):
        town.reserve(rich, coffee)


def test_by_default_one_redeems_as_often_as_one_likes(town: Town, rich: str) -> None:
    coffee = town.reward(town.till())
    for _ in range(10):
        town.reserve(rich, coffee)


# Cheaper for stars -----------------------------------------------------------------------------

STARS_BY_THE_HOUR = {
    "star.thresholds_h": [1, 2, 3, 4, 5],
    "star.mode": "automatic",
}
"""So that tests hold stars without serving for years."""


def with_stars(town: Town, stars: int) -> str:
    """A volunteer with ten points and so many stars."""
    town.rules(STARS_BY_THE_HOUR)
    who = town.volunteer()
    town.minutes_served(who, 60 * stars)
    if stars:
        town.do(AssessStars(volunteer=who))
    town.minutes_served(who, 600 - 60 * stars, since="2022-01-03")
    assert town.standing(who).star == stars
    return who


@scenario("""
  id            | stars | price | paid
  K12-no-star   | 0     | 100   | 100
  K12-one-star  | 1     | 100   | 90
  K12-three     | 3     | 100   | 70
  K12-five      | 5     | 100   | 50
  rounded-up    | 3     | 33    | 24
  never-free    | 5     | 1     | 1
""")
def test_stars_lower_the_price_of_a_discount(town: Town, stars: int, price: int, paid: int) -> None:
    """Guangxi: 9, 8, 7, 6, 5 折 (domain §12 K12); a unit is never split, and never free."""
    who = with_stars(town, stars)
    adopt_policy(town.book, shipped("guangxi"))
    till = town.till()
    ticket = town.reward(till, form="discount", price=price)
    reserved = town.reserve(who, ticket, 2)
    assert town.redemption(reserved).amount == 2 * paid
    town.capture(reserved, till)
    assert town.points(who) == 1_000 - 2 * paid


def test_a_gift_costs_everybody_alike(town: Town) -> None:
    who = with_stars(town, 5)
    adopt_policy(town.book, shipped("guangxi"))
    reserved = town.reserve(who, town.reward(town.till()))
    assert town.redemption(reserved).amount == 100


def test_a_part_of_a_discount_is_exact(town: Town) -> None:
    """Seven tickets at 24 hundredths: three are taken for 72 and 96 come back, to the unit."""
    who = with_stars(town, 3)
    adopt_policy(town.book, shipped("guangxi"))
    till = town.till()
    reserved = town.reserve(who, town.reward(till, form="discount", price=33), 7)
    entry = town.capture(reserved, till, quantity=3)
    assert entry.facts["amount"] == 72
    assert town.points(who) == 1_000 - 72
    town.void(reserved, till)
    assert town.points(who) == 1_000


def test_the_price_is_that_of_the_moment_of_reserving(town: Town) -> None:
    """A star lost or won between reserve and capture changes no price."""
    who = with_stars(town, 3)
    adopt_policy(town.book, shipped("guangxi"))
    till = town.till()
    reserved = town.reserve(who, town.reward(till, form="discount"))
    town.rules({})
    assert town.capture(reserved, till).facts["amount"] == 70


# Undone ----------------------------------------------------------------------------------------


@scenario("""
  id               | rules      | ground        | code
  cannot-supply    | cn-default | cannot_supply |
  system-fault     | cn-default | system_fault  |
  mistake          | cn-default | mistake       | not_reversible
  K6-mistake       | huangshan  | mistake       | not_reversible
  K6-cannot-supply | huangshan  | cannot_supply | not_reversible
""")
def test_a_capture_is_undone_for_the_grounds_that_policy_names(
    town: Town, rich: str, rules: str, ground: str, code: str
) -> None:
    """Domain §10 P54; K6: in Huangshan a mistake gives nothing back."""
    if rules != "cn-default":
        adopt_policy(town.book, shipped(rules))
    till = town.till()
    reserved = town.reserve(rich, town.reward(till))
    town.capture(reserved, till)
    if code:
        with town.refuses(code):
            town.void(reserved, till, ground)
        assert town.points(rich) == 900
        return
    entry = town.void(reserved, till, ground)
    assert (entry.kind, entry.facts["amount"]) == ("redemption_voided", 100)
    assert town.points(rich) == 1_000
    assert town.redemption(reserved).state == "voided"


def test_a_void_gives_back_value_stock_and_the_persons_share(town: Town, rich: str) -> None:
    till = town.till()
    coffee = town.reward(till, stock=3, per_person=3)
    before = town.vintages(rich)
    reserved = town.reserve(rich, coffee, 3)
    town.capture(reserved, till)
    with town.refuses("out_of_stock"):
        town.reserve(rich, coffee)
    town.void(reserved, till)
    assert town.vintages(rich) == before
    assert town.balance(f"merchant:{till.merchant}:claims", "POINT") == 0
    assert town.stock(coffee) == 3
    town.reserve(rich, coffee, 3)


def test_of_a_part_only_what_was_captured_comes_back(town: Town, ana: str) -> None:
    """What lapses soonest went to the merchant, and returns to its own vintage."""
    town.served(ana, "2025-03-07 09:00", "10:00")
    town.clock.set("2025-04-01 09:00")
    town.served(ana, "2025-03-31 09:00", "11:00")
    till = town.till()
    coffee = town.reward(till, stock=3)
    reserved = town.reserve(ana, coffee, 3)
    town.capture(reserved, till, quantity=2)
    assert town.vintages(ana) == {"2028-04-30": 100}
    town.void(reserved, till)
    assert town.vintages(ana) == {"2028-03-31": 100, "2028-04-30": 200}
    assert town.stock(coffee) == 3


def test_what_lapsed_meanwhile_lapses_and_what_is_owed_is_repaid(town: Town, ana: str) -> None:
    first = town.served(ana, "2025-03-07 09:00", "10:00")
    town.clock.set("2025-04-01 09:00")
    town.served(ana, "2025-03-31 09:00", "11:00")
    till = town.till()
    reserved = town.reserve(ana, town.reward(till), 3)
    town.capture(reserved, till)
    town.reverse(first.id)
    assert town.owed(ana) == 100
    town.clock.set("2028-04-01 00:00")
    town.void(reserved, till)
    assert town.balance("lapsed", "POINT") == 100
    assert (town.owed(ana), town.points(ana)) == (0, 100)


def test_saved_time_comes_back_too(town: Town, ana: str) -> None:
    town.saved(ana, 120)
    till = town.till()
    reserved = town.reserve(ana, town.service_order(till), 2)
    town.capture(reserved, till)
    assert town.time(ana) == 0
    town.void(reserved, till)
    assert town.time(ana) == 120
    assert town.balance(f"merchant:{till.merchant}:claims", "TIME") == 0


def test_only_a_capture_is_undone_and_only_once(town: Town, rich: str) -> None:
    till, stranger = town.till(), town.till()
    coffee = town.reward(till)
    reserved = town.reserve(rich, coffee)
    with town.refuses("redemption_state_conflict"):
        town.void(reserved, till)
    town.capture(reserved, till)
    with town.refuses("unknown_redemption"):
        town.void(reserved, stranger)
    town.void(reserved, till)
    with town.refuses("redemption_state_conflict"):
        town.void(reserved, till)
    town.clock.forward(minutes=1)
    with town.refuses("voided"):
        town.capture(reserved, till)
    with town.refuses("redemption_state_conflict"):
        town.release(reserved, rich)
    with town.refuses("unknown_redemption"):
        town.do(VoidRedemption(redemption=town.new(), merchant=till.merchant, ground="mistake"))


def test_what_is_settled_is_neither_undone_nor_taken_again(town: Town, rich: str) -> None:
    till = town.till()
    reserved = town.reserve(rich, town.reward(till))
    town.capture(reserved, till)
    town.clock.forward(days=1)
    town.do(CloseSettlement(settlement=town.new(), merchant=till.merchant, redemptions=(reserved,)))
    with town.refuses("redemption_state_conflict"):
        town.void(reserved, till)
    town.clock.forward(minutes=1)
    with town.refuses("already_captured"):
        town.capture(reserved, till)


def test_a_void_reaches_who_is_suspended(town: Town, rich: str) -> None:
    """It is theirs, whatever they may do at present."""
    till = town.till()
    reserved = town.reserve(rich, town.reward(till))
    town.capture(reserved, till)
    town.suspend(rich)
    town.void(reserved, till)
    assert town.points(rich) == 1_000


# Where redeeming takes hours along (domain §10 P47) ----------------------------------------------

TAKES_HOURS = {"redeem.reduces_service_hours": True}


def test_by_default_redeeming_takes_no_hours(town: Town, ana: str) -> None:
    """B20: two hours are redeemed; hours and star stay."""
    town.saved(ana, 120)
    till = town.till()
    town.capture(town.reserve(ana, town.service_order(till), 2), till)
    assert (town.time(ana), town.minutes(ana)) == (0, 120)


def test_redeemed_time_takes_checked_in_hours_first(town: Town, ana: str) -> None:
    """Longquanyi's rule: 150 of 90 checked-in and 120 backfilled minutes leave 60 backfilled."""
    town.rules(TAKES_HOURS)
    checked_in = town.served(ana, "2025-03-07 09:00", "10:30")
    backfilled = town.served(ana, "2025-03-06 09:00", "11:00", evidence="backfill")
    town.deposit(ana, checked_in.id, 90)
    town.deposit(ana, backfilled.id, 120)
    till = town.till()
    reserved = town.reserve(ana, town.service_order(till, price=150))
    assert town.minutes(ana) == 210, "reserving takes none"
    town.capture(reserved, till)
    standing = town.standing(ana)
    assert (standing.check_in_minutes, standing.backfill_minutes) == (0, 60)
    assert (town.state(checked_in.id), town.state(backfilled.id)) == ("effective", "effective")
    town.void(reserved, till)
    standing = town.standing(ana)
    assert (standing.check_in_minutes, standing.backfill_minutes) == (90, 120)


def test_points_take_no_hours_along(town: Town, rich: str) -> None:
    town.rules(TAKES_HOURS)
    till = town.till()
    town.capture(town.reserve(rich, town.reward(till)), till)
    assert town.minutes(rich) == 600


def test_hours_never_go_below_zero(town: Town, ana: str, bo: str) -> None:
    """Time that was given to somebody takes no hours that they never served."""
    town.rules(TAKES_HOURS)
    town.saved(ana, 120)
    town.served(bo, "2025-03-07 09:00", "09:30")
    town.give(ana, bo, 120)
    till = town.till()
    reserved = town.reserve(bo, town.service_order(till), 2)
    town.capture(reserved, till)
    assert (town.minutes(ana), town.minutes(bo)) == (120, 0)
    town.void(reserved, till)
    assert (town.minutes(bo), town.time(bo)) == (30, 120)


def test_hours_taken_along_are_not_taken_twice_nor_given_back_for_nothing(
    town: Town, ana: str
) -> None:
    """A record whose hours went with redeemed time is reversed, and then the redemption is voided:
    what is left is what effective records brought."""
    town.rules(TAKES_HOURS)
    first = town.served(ana, "2025-03-07 09:00", "10:00")
    second = town.served(ana, "2025-03-07 11:00", "12:00")
    town.deposit(ana, second.id, 60)
    till = town.till()
    reserved = town.reserve(ana, town.service_order(till))
    town.capture(reserved, till)
    assert town.minutes(ana) == 60
    town.reverse(first.id)
    town.reverse(second.id)
    assert town.minutes(ana) == 0
    town.void(reserved, till)
    assert town.minutes(ana) == 0
    town.served(ana, "2025-03-07 14:00", "15:00")
    assert town.minutes(ana) == 60


def used_up(town: Town, who: str, **given: str) -> tuple[str, str, Till]:
    """(record, redemption, till): seven hours served, saved and redeemed, and gone with it."""
    town.rules({**TAKES_HOURS, "activity.publish_before_start": False})
    record = town.served(who, "2025-03-06 09:00", "16:00", **given)
    town.deposit(who, record.id, 420)
    till = town.till()
    redemption = town.reserve(who, town.service_order(till), 7)
    town.capture(redemption, till)
    assert (town.minutes(who), town.time(who)) == (0, 0)
    return record.id, redemption, till


def test_a_correction_gives_no_hours_back_that_redeemed_time_took(town: Town, ana: str) -> None:
    """Seven hours were served and went with what they paid for; that it was a minute less is no
    reason to have them again."""
    record, redemption, till = used_up(town, ana)
    corrected = town.correct(record, town.session(ana, "2025-03-06 09:00", "15:59"))
    assert town.minutes(ana) == 0
    assert [posting.amount for posting in corrected.entry.postings[:2]] == [419, 419]
    town.void(redemption, till)
    assert town.minutes(ana) == 419


def test_a_longer_correction_gives_what_was_not_taken(town: Town, ana: str) -> None:
    record, redemption, till = used_up(town, ana)
    town.correct(record, town.session(ana, "2025-03-06 08:30", "16:00", deducted=20))
    assert town.minutes(ana) == 10
    town.void(redemption, till)
    assert town.minutes(ana) == 430


def test_another_class_of_evidence_does_not_give_them_back_either(town: Town, ana: str) -> None:
    """Voided, they come back as what the corrected record is."""
    record, redemption, till = used_up(town, ana, evidence="backfill")
    town.correct(record, town.session(ana, "2025-03-06 09:00", "16:00"))
    assert town.minutes(ana) == 0
    town.served(ana, "2025-03-07 09:00", "10:00")
    assert town.minutes(ana) == 60
    town.void(redemption, till)
    standing = town.standing(ana)
    assert (standing.check_in_minutes, standing.backfill_minutes) == (480, 0)


def test_a_held_correction_repays_when_it_is_confirmed(town: Town, ana: str) -> None:
    record, redemption, till = used_up(town, ana)
    held = town.correct(record, town.session(ana, "2025-03-06 09:00", "17:10"))
    assert (held.reasons, town.minutes(ana)) == ("day_over_8h", 0)
    assert town.confirm(held.id) == 490
    assert town.minutes(ana) == 70
    town.void(redemption, till)
    assert town.minutes(ana) == 490


def test_new_service_repays_first_what_is_short(town: Town, ana: str) -> None:
    """The record is reversed and its hours are gone: the next ones come in their place, so that
    hours are those of effective records, less what was taken, and never below zero."""
    record, redemption, till = used_up(town, ana)
    town.reverse(record)
    town.served(ana, "2025-03-07 09:00", "12:00")
    assert town.minutes(ana) == 0
    town.void(redemption, till)
    assert town.minutes(ana) == 180
    town.served(ana, "2025-03-08 09:00", "10:00")
    assert town.minutes(ana) == 240
