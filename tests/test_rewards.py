"""From reserve to capture: every way a voucher goes, and every no at the till (design §6)."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest

from ledger.actions import Capture, PublishReward, Release, WithdrawReward
from ledger.errors import Refused
from tests.kit import Town, at, scenario


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
    assert caught.value.facts == {"captured_at": when, "branch": till.branch}
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
    redemption, reward, flag = town.book.would_capture(town.capturing(reserved, till))
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
