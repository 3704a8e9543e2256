"""Service orders: who may do what when, how time moves, and that it moves once (domain §3, §10
P36–P40, P46, P47, §12)."""

from __future__ import annotations

import copy
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from threading import Barrier, Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from api import timers
from ledger.actions import Action
from ledger.actions.orders import (
    AcceptOrder,
    AssignOrder,
    CancelOrder,
    ConfirmOrder,
    DeclineOrder,
    DisputeOrder,
    ExpireOrder,
    OfferService,
    ReportOrderDone,
    RequestOrder,
    SettleOrder,
)
from ledger.actions.parties import ChangeParty, RegisterGroup
from ledger.actions.service import RecordService
from ledger.actions.time_bank import DepositTime
from ledger.decide.orders import OPEN
from ledger.entry import Entry
from ledger.errors import Refused
from tests.core import VOLUNTEERS
from tests.kit import DAY_MS, MINUTE_MS, Town, at, scenario
from tests.test_properties import FOUNDED, WHO

REASON = "0" * 64
"""The digest of a text, as the door would have sealed it."""


@pytest.fixture
def kim(town: Town) -> str:
    """A third volunteer, who takes no part."""
    return town.volunteer()


def confirm(town: Town, order: str, who: str) -> Entry:
    return town.do(ConfirmOrder(order=order, volunteer=who)).entry


def settle(town: Town, order: str, minutes: int, **given: Any) -> Entry:
    fields: dict[str, Any] = {"organisation": town.home, "reason": REASON, **given}
    return town.do(SettleOrder(order=order, minutes=minutes, **fields)).entry


def cancel(town: Town, order: str, who: str = "") -> Entry:
    return town.do(CancelOrder(order=order, volunteer=who)).entry


def held(town: Town, order: str) -> int:
    return town.balance(f"held:{order}", "TIME")


# From request to confirmation -------------------------------------------------------------------


def test_an_order_from_request_to_confirmation(town: Town, ana: str, bo: str) -> None:
    """Time is set aside, waits, and moves once it is confirmed; hours are as they were served."""
    town.saved(ana, 180)
    order = town.order(ana, 120)
    assert (town.time(ana), held(town, order)) == (60, 120)
    town.do(OfferService(order=order, provider=bo))
    town.do(AcceptOrder(order=order, volunteer=ana))
    record = town.served_order(order, bo, 120)
    done = town.do(ReportOrderDone(order=order, record=record)).entry
    assert (done.facts["minutes"], town.time(bo)) == (120, 0)
    facts = confirm(town, order, ana).facts
    assert (facts["minutes"], facts["overflow_minutes"], facts["returned_minutes"]) == (120, 0, 0)
    assert (town.time(ana), town.time(bo), held(town, order)) == (60, 120, 0)
    assert (town.minutes(ana), town.minutes(bo)) == (180, 120)
    assert town.order_row(order).state == "confirmed"


def test_an_assignment_is_the_providers_to_accept(town: Town, ana: str, bo: str) -> None:
    town.saved(ana, 60)
    order = town.order(ana)
    town.do(AssignOrder(order=order, provider=bo, organisation=town.home))
    with town.refuses("not_the_provider"):
        town.do(AcceptOrder(order=order, volunteer=ana))
    town.do(AcceptOrder(order=order, volunteer=bo))
    assert town.order_row(order).state == "accepted"


def test_who_declines_leaves_it_to_others(town: Town, ana: str, bo: str, kim: str) -> None:
    town.saved(ana, 60)
    order = town.order(ana)
    town.do(OfferService(order=order, provider=bo))
    town.do(DeclineOrder(order=order, volunteer=ana))
    # Who was declined takes no part any more.
    with town.refuses("unknown_order"):
        cancel(town, order, bo)
    town.do(AssignOrder(order=order, provider=kim, organisation=town.home))
    town.do(DeclineOrder(order=order, volunteer=kim))
    town.do(OfferService(order=order, provider=bo))
    town.do(AcceptOrder(order=order, volunteer=ana))
    row = town.order_row(order)
    assert (row.state, row.provider) == ("accepted", bo)


@scenario("""
  id           | asked | served | to_provider | back
  all-of-it    |    60 |     60 |          60 |    0
  done-sooner  |    90 |     60 |          60 |   30
  took-longer  |    60 |     90 |          60 |    0
""")
def test_no_more_is_paid_than_was_asked_for_and_served(
    town: Town, ana: str, bo: str, asked: int, served: int, to_provider: int, back: int
) -> None:
    town.saved(ana, 90)
    order = town.done_order(ana, bo, asked, served=served)
    facts = confirm(town, order, ana).facts
    assert (facts["minutes"], facts["returned_minutes"]) == (to_provider, back)
    assert (town.time(ana), town.time(bo)) == (90 - asked + back, to_provider)


def test_what_the_providers_account_cannot_hold_goes_to_the_pool(
    town: Town, ana: str, bo: str
) -> None:
    """P36."""
    town.saved(ana, 120)
    town.saved(bo, 30)
    town.rules({"tb.account_cap_h": 1})
    order = town.done_order(ana, bo, 90, served=75)
    facts = confirm(town, order, ana).facts
    moved = (facts["minutes"], facts["overflow_minutes"], facts["returned_minutes"])
    assert moved == (30, 45, 15)
    assert (town.time(ana), town.time(bo)) == (45, 60)
    assert town.balance("pool:platform", "TIME") == 45


@scenario("""
  id             | whose     | kept | pool
  the-providers  | provider  |   60 |   30
  the-recipients | recipient |   90 |    0
""")
def test_an_account_holds_what_the_policy_of_its_owner_says(
    town: Town, whose: str, kept: int, pool: int
) -> None:
    """P36: a cap of the recipient's organisation is not the provider's."""
    homes = {"recipient": town.organisation(), "provider": town.organisation()}
    recipient, provider = (town.volunteer(organisation=one) for one in homes.values())
    town.saved(recipient, 90)
    town.rules({"tb.account_cap_h": 1}, organisation=homes[whose])
    confirm(town, town.done_order(recipient, provider, 90, served=90), recipient)
    assert (town.time(provider), town.balance("pool:platform", "TIME")) == (kept, pool)


def test_what_is_owed_is_repaid_first(town: Town, ana: str, bo: str) -> None:
    """Whatever comes back or in meets what a clawback could not find."""
    spent = town.served(ana, "2025-03-07 09:00", "11:00")
    earned = town.served(bo, "2025-03-07 09:00", "10:00")
    town.deposit(ana, spent.id, 120)
    town.deposit(bo, earned.id, 60)
    town.donate(bo, 60)
    order = town.done_order(ana, bo, 120, served=90)
    town.reverse(spent.id)
    town.reverse(earned.id)
    assert (town.standing(ana).time_owed_minutes, town.standing(bo).time_owed_minutes) == (120, 60)
    confirm(town, order, ana)
    assert (town.time(ana), town.standing(ana).time_owed_minutes) == (0, 90)
    assert (town.time(bo), town.standing(bo).time_owed_minutes) == (30, 0)


# Time, hours and records ------------------------------------------------------------------------


def test_an_order_takes_no_hours_from_anybody(town: Town, ana: str, bo: str) -> None:
    """B20: coins −2 h; lifetime hours and star as they were."""
    town.saved(ana, 6_000)
    before = town.standing(ana)
    confirm(town, town.done_order(ana, bo, 120, served=120), ana)
    after = town.standing(ana)
    assert after.time_minutes == before.time_minutes - 120
    assert (after.service_minutes, after.eligible_star) == (6_000, 1)
    assert after.points_hundredths == before.points_hundredths


def test_hours_go_along_where_policy_says_so(town: Town, ana: str, bo: str) -> None:
    """P47: as many as were paid for, checked-in ones first, and never more than there are."""
    town.rules({"redeem.reduces_service_hours": True})
    kept = town.served(ana, "2025-03-06 09:00", "10:00")
    backfilled = town.served(ana, "2025-03-07 09:00", "10:00", evidence="backfill")
    for each in (kept, backfilled):
        town.deposit(ana, each.id, 60)
    order = town.done_order(ana, bo, 100, served=90)
    assert town.minutes(ana) == 120
    confirm(town, order, ana)
    standing = town.standing(ana)
    assert (standing.check_in_minutes, standing.backfill_minutes) == (0, 30)
    assert (town.minutes(bo), town.time(bo), town.time(ana)) == (90, 90, 30)


def test_whoever_was_given_time_has_no_hours_to_lose(town: Town, ana: str, bo: str) -> None:
    town.rules({"redeem.reduces_service_hours": True})
    town.saved(bo, 120)
    town.give(bo, ana, 120)
    confirm(town, town.done_order(ana, bo, 60), ana)
    assert (town.minutes(ana), town.time(ana)) == (0, 60)


def test_hours_that_went_along_are_not_taken_a_second_time(town: Town, ana: str, bo: str) -> None:
    """A record reversed after P47 took its hours leaves nobody below zero."""
    town.rules({"redeem.reduces_service_hours": True})
    record = town.served(ana, "2025-03-07 09:00", "10:00")
    town.deposit(ana, record.id, 60)
    confirm(town, town.done_order(ana, bo), ana)
    town.reverse(record.id)
    assert (town.minutes(ana), town.standing(ana).time_owed_minutes) == (0, 60)


def test_a_record_that_was_paid_for_is_saved(town: Town, ana: str, bo: str) -> None:
    """And a saved one is not paid for: at most once, whichever comes first."""
    town.saved(ana, 120)
    order = town.done_order(ana, bo)
    record = town.order_row(order).record
    confirm(town, order, ana)
    with town.refuses("already_deposited"):
        town.deposit(bo, record, 60)
    second = town.accepted_order(ana, bo)
    with town.refuses("already_deposited"):
        town.do(ReportOrderDone(order=second, record=record))


def test_a_record_paid_for_and_reversed_is_clawed_back_from_the_provider(
    town: Town, ana: str, bo: str
) -> None:
    """The recipient was served or not: that is for a dispute, before confirmation."""
    town.saved(ana, 60)
    order = town.done_order(ana, bo)
    confirm(town, order, ana)
    town.reverse(town.order_row(order).record)
    assert (town.time(ana), town.time(bo), town.minutes(bo)) == (0, 0, 0)


@scenario("""
  id        | what    | code
  reversed  | reverse | record_state_conflict
  saved     | deposit | already_deposited
  gone      | suspend | party_not_active
""")
def test_what_changed_since_the_report_stops_the_payment(
    town: Town, ana: str, bo: str, what: str, code: str
) -> None:
    """The record must still be there and unsaved, and the provider's account open. Settled at
    nothing, everything goes back."""
    town.saved(ana, 60)
    order = town.done_order(ana, bo)
    record = town.order_row(order).record
    meanwhile: dict[str, Callable[[], Any]] = {
        "reverse": lambda: town.reverse(record),
        "deposit": lambda: town.deposit(bo, record, 60),
        "suspend": lambda: town.suspend(bo),
    }
    meanwhile[what]()
    with town.refuses(code):
        confirm(town, order, ana)
    town.do(DisputeOrder(order=order, volunteer=ana, text=REASON))
    with town.refuses(code):
        settle(town, order, 60)
    settle(town, order, 0)
    assert (town.time(ana), held(town, order)) == (60, 0)


@scenario("""
  id                | state    | what    | paid
  corrected         | done     | correct |   55
  corrected-later   | disputed | correct |   55
  reversed          | done     | reverse |   45
  saved             | done     | deposit |   45
  reversed-disputed | disputed | reverse |   45
""")
def test_another_record_is_named_where_the_first_pays_no_more(
    town: Town, ana: str, bo: str, state: str, what: str, paid: int
) -> None:
    """Corrected, reversed or saved after the report: the order is done again, by the record that
    tells of it now, and the recipient's to judge again."""
    town.saved(ana, 60)
    order = town.done_order(ana, bo)
    if state == "disputed":
        town.do(DisputeOrder(order=order, volunteer=ana, text=REASON))
    first = town.order_row(order).record
    now = again(town, order, bo, what, first)
    done = town.do(ReportOrderDone(order=order, record=now)).entry
    assert (done.facts["record"], done.facts["minutes"]) == (now, paid)
    assert town.order_row(order).state == "done"
    with town.refuses("order_state_conflict"):
        town.do(ReportOrderDone(order=order, record=now))
    if state == "disputed":
        town.do(DisputeOrder(order=order, volunteer=ana, text=REASON))
        settle(town, order, paid)
    else:
        confirm(town, order, ana)
    extra = 60 if what == "deposit" else 0
    assert (town.time(ana), town.time(bo)) == (60 - paid, paid + extra)


def again(town: Town, order: str, by: str, what: str, record: str) -> str:
    """The first record comes to nothing for the order; the one that tells of it now."""
    row = town.order_row(order)
    model = town.session(by, "2025-01-01 09:00", "10:00", recorded="now")
    if what == "correct":
        ends = row.starts + 55 * MINUTE_MS
        moved = replace(model, starts=row.starts, ends=ends, check_in=row.starts, check_out=ends)
        return town.correct(record, moved).id
    if what == "reverse":
        town.reverse(record)
    else:
        town.deposit(by, record, 60)
    starts = row.starts + 90 * MINUTE_MS
    ends = starts + 45 * MINUTE_MS
    town.clock.ms = max(town.clock.ms, ends)
    town.do(
        replace(model, starts=starts, ends=ends, check_in=starts, check_out=ends, recorded=ends)
    )
    return model.record


def test_a_record_of_something_else_is_not_named_instead(town: Town, ana: str, bo: str) -> None:
    """What is named instead is held to the same as what was named first."""
    town.saved(ana, 60)
    order = town.done_order(ana, bo)
    town.reverse(town.order_row(order).record)
    other = town.served(bo, "2025-03-07 09:00", "10:00")
    with town.refuses("record_not_of_order"):
        town.do(ReportOrderDone(order=order, record=other.id))
    with town.refuses("record_state_conflict"):
        town.do(ReportOrderDone(order=order, record=town.order_row(order).record))


def test_one_record_pays_one_order(town: Town, ana: str, bo: str) -> None:
    """Two orders of one morning may both name it; the second is settled at nothing."""
    town.saved(ana, 120)
    one, other = town.accepted_order(ana, bo), town.accepted_order(ana, bo)
    record = town.served_order(one, bo, 60)
    for order in (one, other):
        town.do(ReportOrderDone(order=order, record=record))
    confirm(town, one, ana)
    with town.refuses("already_deposited"):
        confirm(town, other, ana)
    town.do(DisputeOrder(order=other, volunteer=ana))
    settle(town, other, 0)
    assert (town.time(ana), town.time(bo)) == (60, 60)


@scenario("""
  id               | day | minutes | by  | category | where  | code
  the-day-before   |  -1 |      60 | bo  | health   | home   | record_not_of_order
  the-day-after    |   1 |      60 | bo  | health   | home   | record_not_of_order
  another-category |   0 |      60 | bo  | traffic  | home   | record_not_of_order
  another-tree     |   0 |      60 | bo  | health   | other  | record_not_of_order
  somebody-elses   |   0 |      60 | kim | health   | home   | unknown_record
  held             |   0 |     600 | bo  | health   | home   | record_state_conflict
  below            |   0 |      60 | bo  | health   | team   |
  the-same-day     |   0 |      60 | bo  | health   | home   |
""")
def test_what_was_done_is_the_order_s_own_record(
    town: Town,
    ana: str,
    bo: str,
    kim: str,
    day: int,
    minutes: int,
    by: str,
    category: str,
    where: str,
    code: str,
) -> None:
    """Of its category and days, at its organisation or one above or below it, the provider's own,
    effective."""
    places = {
        "home": town.home,
        "team": town.organisation(parent=town.home, form="team"),
        "other": town.organisation(),
    }
    activity = town.new_activity(organisation=places[where], category=category)
    town.saved(ana, 60)
    order = town.accepted_order(ana, bo)
    begins = town.order_row(order).starts + day * DAY_MS - 60 * MINUTE_MS
    town.clock.forward(days=3)
    record = town.new()
    model = town.session({"bo": bo, "kim": kim}[by], "2025-01-01 09:00", "10:00")
    fields: dict[str, Any] = {
        name: getattr(model, name)
        for name in ("volunteer", "evidence", "deducted_minutes", "recorder", "approver")
    }
    town.do(
        RecordService(
            record=record,
            organisation=places[where],
            activity=activity,
            starts=begins,
            ends=begins + minutes * MINUTE_MS,
            check_in=begins,
            check_out=begins + minutes * MINUTE_MS,
            recorded=begins + minutes * MINUTE_MS,
            **fields,
        )
    )
    if code:
        with town.refuses(code):
            town.do(ReportOrderDone(order=order, record=record))
    else:
        town.do(ReportOrderDone(order=order, record=record))
    with town.refuses("unknown_record" if code else "order_state_conflict"):
        town.do(ReportOrderDone(order=order, record=town.new()))


# Asking -----------------------------------------------------------------------------------------


@scenario("""
  id             | minutes | starts | ends | category | code
  all-there-is   |     120 |      1 |    2 | health   |
  too-much       |     121 |      1 |    2 | health   | insufficient_time
  nothing        |       0 |      1 |    2 | health   | bad_amount
  less           |     -60 |      1 |    2 | health   | bad_amount
  at-once        |      60 |      0 |    2 | health   | bad_time
  ends-at-once   |      60 |      1 |    1 | health   | bad_time
  ends-before    |      60 |      2 |    1 | health   | bad_time
  no-category    |      60 |      1 |    2 | shopping | bad_category
""")
def test_what_can_be_asked_for(
    town: Town, ana: str, minutes: int, starts: int, ends: int, category: str, code: str
) -> None:
    town.saved(ana, 120)
    now = town.clock.ms
    asked: dict[str, Any] = {
        "starts": now + starts,
        "ends": now + ends,
        "category": category,
    }
    if code:
        with town.refuses(code):
            town.order(ana, minutes, **asked)
    else:
        town.order(ana, minutes, **asked)
        assert town.time(ana) == 0


def test_an_order_needs_an_organisation_that_is_there(town: Town, ana: str) -> None:
    town.saved(ana, 60)
    closed = town.organisation()
    town.becomes(f"organisation:{closed}", "suspended")
    with town.refuses("party_not_active"):
        town.order(ana, organisation=closed)
    with town.refuses("unknown_party"):
        town.order(ana, organisation=town.new())


def test_b14_of_two_orders_of_all_that_is_saved_one_succeeds(town: Town, ana: str) -> None:
    """B14: balance 2 h, two orders of 2 h in the same moment; balance 0."""
    town.saved(ana, 120)
    gate = Barrier(2)
    answers: list[str] = []

    def ask() -> None:
        gate.wait()
        try:
            town.order(ana, 120)
            answers.append("requested")
        except Refused as refused:
            answers.append(refused.code)

    threads = [Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["insufficient_time", "requested"]
    assert town.time(ana) == 0


def test_b15_the_same_confirmation_sent_again_moves_nothing(town: Town, ana: str, bo: str) -> None:
    """B15: one debit only, however often a request comes."""
    town.saved(ana, 60)
    order = town.done_order(ana, bo)
    key = town.key()
    action = ConfirmOrder(order=order, volunteer=ana)
    first = town.do(action, key=key)
    again = town.do(action, key=key)
    assert (again.replayed, again.entry.index) == (True, first.entry.index)
    with town.refuses("order_state_conflict"):
        town.do(action)
    assert (town.time(ana), town.time(bo)) == (0, 60)


# Serving ----------------------------------------------------------------------------------------


def test_nobody_serves_an_order_of_their_own(town: Town, ana: str) -> None:
    town.saved(ana, 60)
    order = town.order(ana)
    with town.refuses("not_for_oneself"):
        town.do(OfferService(order=order, provider=ana))
    with town.refuses("not_for_oneself"):
        town.do(AssignOrder(order=order, provider=ana, organisation=town.home))


def test_a_group_serves_for_its_account_if_it_has_one(town: Town, ana: str) -> None:
    """P40: it earns, and donates what it earned."""
    town.saved(ana, 120)
    group = town.new()
    town.do(RegisterGroup(volunteer=group, organisation=town.home))
    confirm(town, town.done_order(ana, group), ana)
    assert town.time(group) == 60
    town.rules({"tb.group_account": "none"})
    order = town.order(ana)
    with town.refuses("group_has_no_account"):
        town.do(OfferService(order=order, provider=group))


def test_the_organisation_above_may_assign_and_another_may_not(
    town: Town, ana: str, bo: str
) -> None:
    town.saved(ana, 60)
    team = town.organisation(parent=town.home, form="team")
    order, elsewhere = town.order(ana, organisation=team), town.organisation()
    with town.refuses("unknown_order"):
        town.do(AssignOrder(order=order, provider=bo, organisation=elsewhere))
    town.do(AssignOrder(order=order, provider=bo, organisation=town.home))


def test_the_organisation_below_may_not(town: Town, ana: str, bo: str) -> None:
    town.saved(ana, 60)
    team = town.organisation(parent=town.home, form="team")
    order = town.order(ana)
    with town.refuses("unknown_order"):
        town.do(AssignOrder(order=order, provider=bo, organisation=team))


def test_whoever_is_suspended_accepts_nothing(town: Town, ana: str, bo: str) -> None:
    town.saved(ana, 60)
    order = town.order(ana)
    town.do(OfferService(order=order, provider=bo))
    town.suspend(bo)
    with town.refuses("party_not_active"):
        town.do(AcceptOrder(order=order, volunteer=ana))
    town.do(DeclineOrder(order=order, volunteer=ana))
    with town.refuses("party_not_active"):
        town.do(AssignOrder(order=order, provider=bo, organisation=town.home))


def reads_of(town: Town, who: str) -> list[str]:
    """Kinds of the entries about orders that are about somebody, the oldest first."""
    entries = town.book.history(f"volunteer:{who}", after=-1, limit=500)
    return [entry.kind for entry in entries if entry.kind.startswith("order_")]


@scenario("""
  id                 | state    | end     | provider_reads
  offer-declined     | offered  | decline | order_offered
  offer-cancelled    | offered  | cancel  | order_offered
  offer-expired      | offered  | expire  | order_offered
  offer-taken-back   | offered  | back    | order_offered order_declined
  assigned-cancelled | assigned | cancel  | order_assigned order_cancelled
  assigned-expired   | assigned | expire  | order_assigned order_expired
  accepted-cancelled | accepted | cancel  | order_offered order_accepted order_cancelled
""")
def test_who_only_offered_reads_nothing_that_names_the_recipient(
    town: Town, ana: str, bo: str, state: str, end: str, provider_reads: str
) -> None:
    """Whom an order serves is for those to know who were assigned or accepted."""
    town.saved(ana, 60)
    order = OrderIn(town, ana, bo).in_state(state)
    if end == "expire":
        town.clock.ms = town.order_row(order).expires
    ends: dict[str, Action] = {
        "decline": DeclineOrder(order=order, volunteer=ana),
        "back": DeclineOrder(order=order, volunteer=bo),
        "cancel": CancelOrder(order=order, volunteer=ana),
        "expire": ExpireOrder(order=order),
    }
    last = town.do(ends[end]).entry
    assert reads_of(town, bo) == provider_reads.split()
    assert reads_of(town, ana)[-1] == last.kind


def test_an_offer_is_taken_back_by_who_made_it(town: Town, ana: str, bo: str, kim: str) -> None:
    """Then others may serve, and the recipient has nothing to answer."""
    town.saved(ana, 60)
    order = town.order(ana)
    town.do(OfferService(order=order, provider=bo))
    with town.refuses("unknown_order"):
        town.do(DeclineOrder(order=order, volunteer=kim))
    facts = town.do(DeclineOrder(order=order, volunteer=bo)).entry.facts
    assert facts["volunteer"] == facts["provider"] == bo
    with town.refuses("order_state_conflict"):
        town.do(AcceptOrder(order=order, volunteer=ana))
    town.do(OfferService(order=order, provider=kim))
    town.do(AcceptOrder(order=order, volunteer=ana))
    assert town.order_row(order).provider == kim


# Time runs out ----------------------------------------------------------------------------------


@scenario("""
  id          | days | state     | expires_days
  held-long   |   60 | requested |           30
  begins-soon |    3 | offered   |            3
  assigned    |    3 | assigned  |            3
""")
def test_an_order_that_nobody_accepts_expires_by_itself(
    town: Town,
    ana: str,
    bo: str,
    monkeypatch: pytest.MonkeyPatch,
    days: int,
    state: str,
    expires_days: int,
) -> None:
    """At its beginning, or after `tb.order_hold_days`, whichever is sooner; not a moment before."""
    clock = town.clock
    monkeypatch.setattr("ledger.store.database.Database.now_ms", lambda _self: clock.now_ms())
    town.saved(ana, 60)
    starts = clock.ms + days * DAY_MS
    order = town.order(ana, starts=starts, ends=starts + DAY_MS)
    assert town.order_row(order).expires == clock.ms + expires_days * DAY_MS
    if state == "offered":
        town.do(OfferService(order=order, provider=bo))
    elif state == "assigned":
        town.do(AssignOrder(order=order, provider=bo, organisation=town.home))
    clock.ms = town.order_row(order).expires - 1
    assert timers.expire(town.book, clock.ms) == {}
    with town.refuses("not_expired_yet"):
        town.do(ExpireOrder(order=order))
    clock.ms += 1
    with town.refuses("order_state_conflict" if state != "requested" else "order_expired"):
        town.do(OfferService(order=order, provider=bo))
    if state != "requested":
        with town.refuses("order_expired"):
            town.do(AcceptOrder(order=order, volunteer=ana if state == "offered" else bo))
    found = timers.expire(town.book, clock.ms)
    assert found["orders_expired"] == 1
    assert (town.order_row(order).state, town.time(ana)) == ("expired", 60)
    assert timers.expire(town.book, clock.ms) == {}


def test_what_was_accepted_does_not_expire(
    town: Town, ana: str, bo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = town.clock
    monkeypatch.setattr("ledger.store.database.Database.now_ms", lambda _self: clock.now_ms())
    town.saved(ana, 60)
    order = town.accepted_order(ana, bo)
    clock.forward(days=40)
    assert timers.expire(town.book, clock.ms) == {}
    with town.refuses("order_state_conflict"):
        town.do(ExpireOrder(order=order))


@pytest.mark.parametrize("state", ["requested", "offered", "assigned", "accepted"])
def test_an_open_order_of_somebody_who_died_goes_back_into_the_frozen_account(
    town: Town, ana: str, bo: str, state: str
) -> None:
    """P46: the organisation calls it off, whatever it waited for."""
    town.saved(ana, 60)
    order = OrderIn(town, ana, bo).in_state(state)
    town.becomes(f"volunteer:{ana}", "died")
    cancel(town, order)
    assert (town.time(ana), held(town, order)) == (60, 0)


@pytest.mark.parametrize("change", ["died", "left", "suspended"])
def test_what_was_done_for_somebody_who_cannot_confirm_any_more_is_settled(
    town: Town, ana: str, bo: str, change: str
) -> None:
    town.saved(ana, 60)
    order = town.done_order(ana, bo)
    with town.refuses("order_state_conflict"):
        settle(town, order, 60)
    town.becomes(f"volunteer:{ana}", change)
    with town.refuses("party_not_active"):
        confirm(town, order, ana)
    with town.refuses("party_not_active"):
        town.do(DisputeOrder(order=order, volunteer=ana))
    settle(town, order, 40)
    assert (town.time(ana), town.time(bo)) == (20, 40)


def test_whoever_says_nothing_for_long_is_not_waited_for(town: Town, ana: str, bo: str) -> None:
    """As long as an order may wait to be accepted, and not a moment less."""
    town.saved(ana, 60)
    order = town.done_order(ana, bo)
    town.clock.ms = town.order_row(order).ends + 30 * DAY_MS - 1
    with town.refuses("order_state_conflict"):
        settle(town, order, 60)
    town.clock.ms += 1
    settle(town, order, 60)
    assert town.time(bo) == 60


# Disputes ---------------------------------------------------------------------------------------


@scenario("""
  id          | minutes | code
  nothing     |       0 |
  a-part      |      25 |
  everything  |      60 |
  one-more    |      61 | too_many_minutes
  less        |      -1 | too_many_minutes
""")
def test_a_dispute_is_settled_between_nothing_and_all_that_was_reported(
    town: Town, ana: str, bo: str, minutes: int, code: str
) -> None:
    town.saved(ana, 90)
    order = town.done_order(ana, bo, 90, served=60)
    town.do(DisputeOrder(order=order, volunteer=ana, text=REASON))
    if code:
        with town.refuses(code):
            settle(town, order, minutes)
        return
    facts = settle(town, order, minutes).facts
    assert (facts["minutes"], facts["returned_minutes"]) == (minutes, 90 - minutes)
    assert (town.time(ana), town.time(bo)) == (90 - minutes, minutes)
    # What brought nothing can still be saved by who served.
    record = town.order_row(order).record
    if minutes:
        with town.refuses("already_deposited"):
            town.deposit(bo, record, 60)
    else:
        town.deposit(bo, record, 60)


def test_whoever_settles_says_why(town: Town, ana: str, bo: str) -> None:
    town.saved(ana, 60)
    order = town.done_order(ana, bo)
    town.do(DisputeOrder(order=order, volunteer=ana, text=REASON))
    with town.refuses("reason_missing"):
        settle(town, order, 0, reason="")


# Every state and every wrong actor --------------------------------------------------------------

STATES = (
    "requested",
    "offered",
    "assigned",
    "accepted",
    "done",
    "disputed",
    "confirmed",
    "settled",
    "cancelled",
    "expired",
)
CODES = {
    ".": "",
    "S": "order_state_conflict",
    "U": "unknown_order",
    "R": "not_the_recipient",
    "P": "not_the_provider",
    "O": "not_for_oneself",
    "E": "not_expired_yet",
}
TABLE = """
    offer   stranger   . S S S S S S S S S
    offer   recipient  O S S S S S S S S S
    offer   provider   . S S S S S S S S S
    assign  home       . S S S S S S S S S
    assign  elsewhere  U U U U U U U U U U
    accept  recipient  S . P S S S S S S S
    accept  provider   U R . S S S S S S S
    accept  stranger   U U U U U U U U U U
    decline recipient  S . P S S S S S S S
    decline provider   U . . S S S S S S S
    decline stranger   U U U U U U U U U U
    done    provider   S S S . S S S S S S
    confirm recipient  S S S S . S S S S S
    confirm provider   U R R R R R R R R R
    confirm stranger   U U U U U U U U U U
    dispute recipient  S S S S . S S S S S
    dispute provider   U R R R R R R R R R
    dispute stranger   U U U U U U U U U U
    settle  home       S S S S S . S S S S
    settle  elsewhere  U U U U U U U U U U
    settle  operator   S S S S S . S S S S
    cancel  recipient  . . . . S S S S S S
    cancel  provider   U R R . S S S S S S
    cancel  home       . . . . S S S S S S
    cancel  stranger   U U U U U U U U U U
    expire  system     E E E S S S S S S S
"""
"""What each asks, by the order's state in the order of `STATES`; in `requested` there is no
provider yet, and whoever will be one is a stranger."""


@dataclass
class OrderIn:
    """Orders of one recipient and one provider, in whatever state a test wants."""

    town: Town
    recipient: str
    provider: str
    records: dict[str, str] = field(default_factory=dict)

    def in_state(self, state: str) -> str:
        town, who, by = self.town, self.recipient, self.provider
        steps: dict[str, Callable[[], str]] = {
            "requested": lambda: town.order(who),
            "offered": lambda: self._then("requested", OfferService, provider=by),
            "assigned": lambda: self._then(
                "requested", AssignOrder, provider=by, organisation=town.home
            ),
            "accepted": lambda: self._then("offered", AcceptOrder, volunteer=who),
            "done": lambda: self._then("accepted", ReportOrderDone, record=self._record),
            "disputed": lambda: self._then("done", DisputeOrder, volunteer=who),
            "confirmed": lambda: self._then("done", ConfirmOrder, volunteer=who),
            "settled": lambda: self._then("disputed", SettleOrder, minutes=1, reason=REASON),
            "cancelled": lambda: self._then("accepted", CancelOrder),
            "expired": self._expired,
        }
        order = steps[state]()
        assert town.order_row(order).state == state
        return order

    def _then(self, before: str, action: Any, **given: Any) -> str:
        order = self.in_state(before)
        fields = {name: each(order) if callable(each) else each for name, each in given.items()}
        self.town.do(action(order=order, **fields))
        return order

    def _record(self, order: str) -> str:
        self.records[order] = self.town.served_order(order, self.provider)
        return self.records[order]

    def _expired(self) -> str:
        order = self.in_state("offered")
        self.town.clock.ms = max(self.town.clock.ms, self.town.order_row(order).expires)
        self.town.do(ExpireOrder(order=order))
        return order


def asked(order: str, what: str, who: str, people: dict[str, str]) -> Action:
    """The action of a row of the table."""
    one = people.get(who, "")
    match what:
        case "offer":
            return OfferService(order=order, provider=one)
        case "assign":
            return AssignOrder(order=order, provider=people["stranger"], organisation=one)
        case "accept":
            return AcceptOrder(order=order, volunteer=one)
        case "decline":
            return DeclineOrder(order=order, volunteer=one)
        case "done":
            return ReportOrderDone(order=order, record=people["record"])
        case "confirm":
            return ConfirmOrder(order=order, volunteer=one)
        case "dispute":
            return DisputeOrder(order=order, volunteer=one)
        case "settle":
            return SettleOrder(order=order, minutes=0, organisation=one, reason=REASON)
        case "cancel":
            return CancelOrder(order=order, volunteer="" if who == "home" else one)
    return ExpireOrder(order=order)


def cases(state: str) -> Iterator[tuple[str, str, str]]:
    """(what, who, code) for an order in this state."""
    for line in TABLE.strip().splitlines():
        what, who, *letters = line.split()
        assert len(letters) == len(STATES), line
        yield what, who, CODES[letters[STATES.index(state)]]


@pytest.mark.parametrize("state", STATES)
def test_each_state_takes_what_the_table_says_and_nothing_else(
    town: Town, ana: str, bo: str, kim: str, state: str
) -> None:
    """Every wrong moment and every wrong actor; what is right is done to an order of its own."""
    town.saved(ana, 1_800)
    town.clock.ms = at("2025-03-10 09:00")
    people = {
        "recipient": ana,
        "provider": bo,
        "stranger": kim,
        "home": town.home,
        "elsewhere": town.organisation(),
        "record": "",
    }
    orders = OrderIn(town, ana, bo)
    order = orders.in_state(state)
    right = []
    for what, who, code in cases(state):
        if code:
            with town.refuses(code):
                town.do(asked(order, what, who, people))
        else:
            right.append((what, who))
    assert town.order_row(order).state == state
    for what, who in right:
        town.clock.forward(days=2)
        fresh = orders.in_state(state)
        if what == "done":
            people["record"] = town.served_order(fresh, bo)
        town.do(asked(fresh, what, who, people))
        assert town.order_row(fresh).state != state


# Any order of anything --------------------------------------------------------------------------


WHICH = st.sampled_from([0, 0, 0, 1, 2, 3, 30])


class Orders(RuleBasedStateMachine):
    """Whatever three volunteers ask of orders, sensible or not: time is never made or lost, goes
    nowhere twice, and no account falls below its floor.

    What should be in each account is kept beside the ledger, by rules of one line each.
    """

    def __init__(self) -> None:
        super().__init__()
        self.core = copy.deepcopy(FOUNDED)
        self.orders: list[str] = []
        self.records: list[str] = []
        self.saved: Counter[str] = Counter()
        self._sessions = itertools.count()

    @initialize()
    def begin(self) -> None:
        """Everybody has served and saved a day."""
        for who in VOLUNTEERS:
            record = self._serve(who, 480, self.core.time - DAY_MS)
            assert not isinstance(self._deposit(who, record, 480), Refused)
            self.saved[who] = 480

    def _serve(self, who: str, minutes: int, starts: int) -> str:
        ends = starts + minutes * MINUTE_MS
        record = self.core.new("record")
        self.core.do(
            RecordService(
                record=record,
                volunteer=who,
                organisation="home",
                activity="walk",
                evidence="check_in",
                starts=starts,
                ends=ends,
                check_in=starts,
                check_out=ends,
                deducted_minutes=0,
                recorder="rex",
                approver="sam",
                recorded=ends,
            )
        )
        self.records.append(record)
        return record

    def _deposit(self, who: str, record: str, minutes: int) -> Any:
        return self.core.do(
            DepositTime(
                record=record, volunteer=who, minutes=minutes, age_gate="met", age_tested=18
            )
        )

    def _row(self, order: str) -> Any:
        return self.core.standing.orders[order]

    def _some(self, made: list[str], which: int) -> str:
        """One of those made last, which are the likeliest to be of use; or one that is not."""
        return made[-1 - which] if which < len(made) else "nowhere"

    @rule(who=WHO, minutes=st.sampled_from([-1, 0, 1, 60, 120, 480, 481]), days=st.integers(0, 3))
    def request(self, who: str, minutes: int, days: int) -> None:
        """Within what is saved or beyond it."""
        order = self.core.new("order")
        starts = self.core.time + days * DAY_MS
        action = RequestOrder(
            order=order,
            volunteer=who,
            organisation="home",
            category="health",
            minutes=minutes,
            starts=starts,
            ends=starts + DAY_MS,
            age_gate="met",
            age_tested=60,
        )
        there = self.saved[who]
        if isinstance(self.core.do(action), Refused):
            assert days == 0 or minutes < 1 or minutes > there or not self._active(who)
            return
        self.orders.append(order)
        self.saved[who] -= minutes

    def _active(self, who: str) -> bool:
        return self.core.standing.party(f"volunteer:{who}").state == "active"

    @rule(who=WHO, by=WHO, minutes=st.sampled_from([1, 60, 100]), assigned=st.booleans())
    def agree(self, who: str, by: str, minutes: int, assigned: bool) -> None:
        """Somebody asks, and somebody is found, as in life."""
        self.request(who, minutes, 1)
        self.find_provider(0, by, assigned)
        self.answer(0, by if assigned else who, True)

    @rule(which=WHICH, who=WHO, assigned=st.booleans())
    def find_provider(self, which: int, who: str, assigned: bool) -> None:
        """By an offer or an assignment, of oneself or another."""
        order = self._some(self.orders, which)
        if assigned:
            self.core.do(AssignOrder(order=order, provider=who, organisation="home"))
        else:
            self.core.do(OfferService(order=order, provider=who))

    @rule(which=WHICH, who=WHO, accepted=st.booleans())
    def answer(self, which: int, who: str, accepted: bool) -> None:
        """Whoever may and whoever may not."""
        action = AcceptOrder if accepted else DeclineOrder
        self.core.do(action(order=self._some(self.orders, which), volunteer=who))

    @rule(which=WHICH, minutes=st.sampled_from([1, 45, 60, 90]))
    def serve_and_report(self, which: int, minutes: int) -> None:
        """What was agreed is served on its day and reported."""
        order = self._some(self.orders, which)
        row = self._row(order)
        if row is None or row.state != "accepted":
            return
        self.core.time = max(self.core.time, row.starts)
        # Seldom two at once, so that few are held.
        hour = next(self._sessions) % 12
        record = self._serve(row.provider, minutes, row.starts + hour * 100 * MINUTE_MS)
        self.core.do(ReportOrderDone(order=order, record=record))

    @rule(
        who=WHO,
        by=WHO,
        minutes=st.sampled_from([30, 60, 90]),
        served=st.sampled_from([30, 60, 90]),
        content=st.booleans(),
        settled=st.sampled_from([0, 30, 61]),
    )
    def whole_story(
        self, who: str, by: str, minutes: int, served: int, content: bool, settled: int
    ) -> None:
        """From request to end, if nothing that happened before stands in the way."""
        self.agree(who, by, minutes, False)
        self.serve_and_report(0, served)
        self.recipient_says(0, who, content)
        self.settle(0, settled)

    @rule(which=WHICH, record=st.integers(0, 20))
    def report_any(self, which: int, record: int) -> None:
        """A record of anybody's, saved or not."""
        order = self._some(self.orders, which)
        self.core.do(ReportOrderDone(order=order, record=self._some(self.records, record)))

    @rule(which=WHICH, who=WHO, confirmed=st.booleans())
    def recipient_says(self, which: int, who: str, confirmed: bool) -> None:
        """The recipient, or somebody else who would like to."""
        order = self._some(self.orders, which)
        row = self._row(order)
        action = ConfirmOrder if confirmed else DisputeOrder
        drafts = self.core.do(action(order=order, volunteer=who))
        if confirmed and not isinstance(drafts, Refused):
            record = self.core.standing.records[row.record]
            self._paid(row, min(row.minutes, record.paid if record else 0))

    @rule(which=WHICH, minutes=st.sampled_from([-1, 0, 1, 30, 60, 500]))
    def settle(self, which: int, minutes: int) -> None:
        """As much as was reported, or more."""
        order = self._some(self.orders, which)
        row = self._row(order)
        action = SettleOrder(order=order, minutes=minutes, organisation="home", reason=REASON)
        if not isinstance(self.core.do(action), Refused):
            self._paid(row, minutes)

    def _paid(self, row: Any, minutes: int) -> None:
        self.saved[row.provider] += minutes
        self.saved[row.volunteer] += row.minutes - minutes

    @rule(which=WHICH, who=st.sampled_from(["", *VOLUNTEERS]), expired=st.booleans())
    def end(self, which: int, who: str, expired: bool) -> None:
        """Called off by anybody, or by time."""
        order = self._some(self.orders, which)
        row = self._row(order)
        action: Action = CancelOrder(order=order, volunteer=who)
        if expired:
            action = ExpireOrder(order=order)
        if not isinstance(self.core.do(action), Refused):
            self.saved[row.volunteer] += row.minutes

    @rule(which=st.integers(0, 20), who=WHO)
    def deposit(self, which: int, who: str) -> None:
        """A record may also be saved by its volunteer, before or after an order names it."""
        record = self._some(self.records, which)
        row = self.core.standing.records[record]
        if not isinstance(self._deposit(who, record, row.paid if row else 1), Refused):
            assert row is not None
            self.saved[who] += row.paid

    @rule(who=WHO, change=st.sampled_from(["suspended", "reinstated", "reinstated"]))
    def change(self, who: str, change: str) -> None:
        """Come and go."""
        self.core.do(ChangeParty(party=f"volunteer:{who}", change=change))

    @rule(passes=st.sampled_from([1, DAY_MS, 31 * DAY_MS]))
    def wait(self, passes: int) -> None:
        """Until something runs out."""
        self.core.time += passes

    @invariant()
    def nothing_from_nowhere(self) -> None:
        """B22: each asset sums to zero, held and pools included, at all times."""
        self.core.laws.finish()

    @invariant()
    def everybody_has_what_they_should(self) -> None:
        """Saved time is what one-line rules say, and what is held is what is open."""
        standing = self.core.standing
        for who in VOLUNTEERS:
            assert standing.balance(f"volunteer:{who}:time", "TIME") == self.saved[who] >= 0
        for order in self.orders:
            row = self._row(order)
            is_open = row.state in OPEN
            expected = row.minutes if is_open else 0
            assert standing.balance(f"held:{order}", "TIME") == expected, row

    @invariant()
    def a_record_is_saved_once(self) -> None:
        """By deposit or by an order, and never for more than it brought."""
        ends = Counter(
            entry.facts["record"]
            for entry in self.core.entries
            if entry.kind == "time_deposited"
            or (
                entry.kind in ("order_confirmed", "order_settled")
                and entry.facts["minutes"] + entry.facts["overflow_minutes"]
            )
        )
        assert max(ends.values(), default=0) <= 1
        for record in self.core.standing.records.values():
            assert record is None or record.deposited + record.overflow <= record.paid


TestOrders = Orders.TestCase
TestOrders.settings = settings(
    max_examples=60,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
