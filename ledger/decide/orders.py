"""Decide about service orders of the time bank: saved time pays for service (domain §3, §10
P36–P38, P40, P47).

    requested ─ offered ──┐
        │    └ assigned ──┴ accepted ─ done ─ confirmed
        │   (declined, taken back:            └ disputed ─ settled
        │        requested again)
        └ expired; cancelled, until it is done

What is asked for is set aside in `held:<order>` at the request and leaves it with the order's end,
once. An order follows the policy of the organisation that registered its recipient, from request
to end; what an account holds is for its owner's to say. Whether a provider is of the age to come to
saved time is asked and refused at the door (`ledger.door.orders`). Only whoever takes part knows
that it exists (`unknown_order`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ledger import account
from ledger.account import PLATFORM_POOL, TIME, TIME_PURSE
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
from ledger.actions.service import CATEGORIES
from ledger.decide.points import credit, take_hours
from ledger.decide.redeeming import refuse_below_gate, refuse_too_often, stars_held
from ledger.decide.service import standing_record
from ledger.decide.time_bank import (
    kept_and_overflow,
    refuse_group_spending,
    refuse_groups_without_account,
    refuse_parts_of_coins,
    refuse_unless_covered,
    refuse_unless_may_redeem,
    refuse_unless_unsaved,
)
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.policy import Policy
from ledger.posting import Posting
from ledger.rows import Order, Record
from ledger.standing import DAY_MS, Standing

UNACCEPTED: Final = ("requested", "offered", "assigned")
"""States in which an order's time runs out."""
UNDONE: Final = (*UNACCEPTED, "accepted")
"""States in which an order can be called off."""
REPORTED: Final = ("done", "disputed")
"""States in which a record was named and nothing is paid yet."""
OPEN: Final = (*UNDONE, *REPORTED)
"""States in which time is still set aside."""


def request(action: RequestOrder, standing: Standing, time: int) -> list[Draft]:
    """Set saved time aside and ask to be served (domain §10 P38); it is a redemption, and counts
    as one (P53, P55).

    Refuses with `group_donates_only`, `unknown_party` or `party_not_active` (the organisation),
    `bad_time`, `bad_category`, `star_gate_unmet`, `redemption_frequency`, `attestation_outdated`,
    `age_gate_unmet`, `account_stopped`, `bad_amount`, `spending_blocked`, `insufficient_time`,
    `not_whole_coins`.
    """
    owner = account.volunteer(action.volunteer)
    party = standing.active(owner)
    refuse_group_spending(party)
    standing.active(f"organisation:{action.organisation}")
    if not time < action.starts < action.ends:
        raise Refused("bad_time", "service begins in the future and ends after it begins")
    if action.category not in CATEGORIES:
        raise Refused("bad_category", f"the category is one of {', '.join(CATEGORIES)}")
    policy = standing.policy_of(owner, time)
    purse = standing.purse(owner)
    refuse_below_gate(stars_held(purse), policy.redeem_gate_stars)
    refuse_too_often(action.volunteer, standing, policy, time)
    refuse_unless_may_redeem(action.age_gate, action.age_tested, policy)
    standing.refuse_stopped(owner)
    refuse_unless_covered(purse, action.minutes, policy)
    refuse_parts_of_coins(action.minutes, policy)
    facts = {
        "order": action.order,
        "volunteer": action.volunteer,
        "organisation": action.organisation,
        "category": action.category,
        "minutes": action.minutes,
        "starts": action.starts,
        "ends": action.ends,
        # Whoever is to be served at ten is not to be surprised at eleven.
        "expires": min(action.starts, time + policy.tb_order_hold_days * DAY_MS),
        "text": action.text,
        "age_gate": action.age_gate,
        "age_tested": action.age_tested,
    }
    into = account.held(action.order)
    posting = Posting(account.time_of(action.volunteer), into, TIME, action.minutes)
    return [Draft("order_requested", facts, [posting], policy.version_name)]


def offer(action: OfferService, standing: Standing, time: int) -> list[Draft]:
    """A volunteer offers to serve. Refuses as `_refuse_provider`."""
    order = _order(action.order, standing)
    policy = _policy(order, standing, time)
    _refuse_provider(order, action.provider, standing, policy, time)
    facts = {"order": order.order_id, "provider": action.provider}
    return [Draft("order_offered", facts, policy=policy.version_name)]


def assign(action: AssignOrder, standing: Standing, time: int) -> list[Draft]:
    """The organisation whose order book it is, one above it, or the operator (`organisation` "")
    asks a volunteer to serve. Refuses as `_refuse_provider`."""
    order = _order(action.order, standing)
    _refuse_foreign_organisation(order, action.organisation, standing)
    policy = _policy(order, standing, time)
    _refuse_provider(order, action.provider, standing, policy, time)
    facts = {
        "order": order.order_id,
        "provider": action.provider,
        "organisation": action.organisation,
    }
    return [Draft("order_assigned", facts, policy=policy.version_name)]


def accept(action: AcceptOrder, standing: Standing, time: int) -> list[Draft]:
    """The recipient accepts an offer, the provider an assignment.

    Refuses with `unknown_order`, `order_state_conflict`, `not_the_recipient`, `not_the_provider`,
    `order_expired`, `party_not_active`.
    """
    order = _answered_by(action.order, action.volunteer, standing)
    _refuse_expired(order, time)
    for one in (order.volunteer, order.provider):
        standing.active(account.volunteer(one))
    return [_answered("order_accepted", order, action.volunteer, standing, time)]


def decline(action: DeclineOrder, standing: Standing, time: int) -> list[Draft]:
    """The recipient declines an offer, the provider an assignment, or takes an offer back: others
    may serve. Refuses as `accept`, but for time and parties."""
    order = _answered_by(action.order, action.volunteer, standing, taken_back=True)
    return [_answered("order_declined", order, action.volunteer, standing, time)]


def report_done(action: ReportOrderDone, standing: Standing, time: int) -> list[Draft]:
    """The provider names the service record of what was done.

    Another one where the one named before pays for nothing any more: it was corrected, reversed,
    or saved meanwhile. The order is done again, and the recipient's to confirm or to dispute.
    Refuses with `unknown_order`, `order_state_conflict`, `unknown_record`,
    `record_state_conflict`, `not_saved_here`, `already_deposited`, `record_not_of_order`,
    `nothing_served`.
    """
    order = _order(action.order, standing)
    if order.state not in REPORTED or _still_pays(order, standing):
        _refuse_state(order, ("accepted",), "reported as done")
    found = standing.records[action.record]
    if found is None or found.volunteer != order.provider:
        raise Refused("unknown_record", "the provider has no such service record")
    refuse_unless_unsaved(found)
    policy = _policy(order, standing, time)
    _refuse_record_of_something_else(order, found, standing, policy)
    minutes = _payable(order, found, policy)
    if not minutes:
        raise Refused("nothing_served", "this record brought nothing that could be paid for")
    facts = {
        "order": order.order_id,
        "provider": order.provider,
        "record": found.record,
        "minutes": minutes,
    }
    return [Draft("order_done", facts, policy=policy.version_name)]


def confirm(action: ConfirmOrder, standing: Standing, time: int) -> list[Draft]:
    """The recipient confirms: what was done is paid, the rest comes back (domain §10 P36, P47).

    The record counts as saved from now on. Refuses with `unknown_order`, `not_the_recipient`,
    `order_state_conflict`, `party_not_active`, `record_state_conflict`, `already_deposited`,
    `account_stopped`.
    """
    order = _of_the_recipient(action.order, action.volunteer, standing)
    _refuse_state(order, ("done",), "confirmed")
    standing.active(account.volunteer(order.volunteer))
    minutes = _reported(order, standing, time)
    return [_paid("order_confirmed", order, minutes, {}, standing, time)]


def dispute(action: DisputeOrder, standing: Standing, time: int) -> list[Draft]:
    """The recipient says that it was not as reported: the organisation decides. Refuses with
    `unknown_order`, `not_the_recipient`, `order_state_conflict`, `party_not_active`."""
    order = _of_the_recipient(action.order, action.volunteer, standing)
    _refuse_state(order, ("done",), "disputed")
    standing.active(account.volunteer(order.volunteer))
    facts = {"order": order.order_id, "volunteer": order.volunteer, "text": action.text}
    policy = _policy(order, standing, time)
    return [Draft("order_disputed", facts, policy=policy.version_name)]


def settle(action: SettleOrder, standing: Standing, time: int) -> list[Draft]:
    """The organisation decides a dispute: `minutes` to the provider, the rest back.

    It also ends what nobody else can: an order reported as done whose recipient died, left or is
    suspended, or has said nothing for `tb_order_hold_days` after its end. Refuses with
    `unknown_order`, `order_state_conflict`, `reason_missing`, `too_many_minutes`,
    `not_whole_coins`, and where the provider is to get something as `confirm` does.
    """
    order = _order(action.order, standing)
    _refuse_foreign_organisation(order, action.organisation, standing)
    if order.state != "done" or not _nobody_will_confirm(order, standing, time):
        _refuse_state(order, ("disputed",), "settled")
    if not action.reason:
        raise Refused("reason_missing", "say why it is settled so")
    most = _reported(order, standing, time)
    if not 0 <= action.minutes <= most:
        raise Refused(
            "too_many_minutes", f"{most} minutes were reported; settle up to those", minutes=most
        )
    if action.minutes != most:
        refuse_parts_of_coins(action.minutes, _policy(order, standing, time))
    reason = {"reason": action.reason}
    return [_paid("order_settled", order, action.minutes, reason, standing, time)]


def cancel(action: CancelOrder, standing: Standing, time: int) -> list[Draft]:
    """The recipient, the provider who accepted, or the organisation (`volunteer` "") calls it off
    before it is done; also when the recipient's account is frozen (domain §10 P46).

    Refuses with `unknown_order`, `order_state_conflict`, `not_the_recipient`.
    """
    order = _order(action.order, standing)
    if action.volunteer not in ("", order.volunteer, order.provider):
        raise _unknown()
    _refuse_state(order, UNDONE, "cancelled")
    by_provider = action.volunteer != "" and action.volunteer == order.provider
    if by_provider and order.state != "accepted":
        raise Refused(
            "not_the_recipient", "who has not accepted declines, or waits for the recipient"
        )
    return [_given_back("order_cancelled", order, {"reason": action.reason}, standing, time)]


def expire(action: ExpireOrder, standing: Standing, time: int) -> list[Draft]:
    """Nobody accepted in time: what was set aside comes back by itself, to a frozen account too
    (domain §10 P46). Refuses with `unknown_order`, `order_state_conflict`, `not_expired_yet`."""
    order = _order(action.order, standing)
    _refuse_state(order, UNACCEPTED, "expired")
    if time < order.expires:
        raise Refused("not_expired_yet", "this order still waits", expires=order.expires)
    return [_given_back("order_expired", order, {}, standing, time)]


# Who may do what when ----------------------------------------------------------------------------


def _order(order_id: str, standing: Standing) -> Order:
    order = standing.orders[order_id]
    if order is None:
        raise _unknown()
    return order


def _unknown() -> Refused:
    return Refused("unknown_order", "there is no such order")


def _policy(order: Order, standing: Standing, time: int) -> Policy:
    return standing.policy_of(account.volunteer(order.volunteer), time)


def _refuse_state(order: Order, states: tuple[str, ...], done: str) -> None:
    if order.state not in states:
        raise Refused(
            "order_state_conflict",
            f"this order is {order.state}; it can be {done} only when {' or '.join(states)}",
            state=order.state,
        )


def _refuse_expired(order: Order, time: int) -> None:
    """Whether a timer came by or not, what has run out is not taken up."""
    if time >= order.expires:
        raise Refused("order_expired", "this order's time is over", expired_at=order.expires)


def _of_the_recipient(order_id: str, volunteer: str, standing: Standing) -> Order:
    """The order, for its recipient alone."""
    order = _order(order_id, standing)
    if volunteer == order.volunteer:
        return order
    raise _not_the_recipient() if volunteer == order.provider else _unknown()


def _not_the_recipient() -> Refused:
    return Refused("not_the_recipient", "this is for whoever is served to say")


def _answered_by(
    order_id: str, volunteer: str, standing: Standing, *, taken_back: bool = False
) -> Order:
    """The order, where `volunteer` is the one whose answer it waits for; with `taken_back` also
    whoever made the offer."""
    order = _order(order_id, standing)
    if volunteer not in (order.volunteer, order.provider):
        raise _unknown()
    _refuse_state(order, ("offered", "assigned"), "answered")
    if order.state == "offered" and volunteer != order.volunteer and not taken_back:
        raise _not_the_recipient()
    if order.state == "assigned" and volunteer != order.provider:
        raise Refused("not_the_provider", "this is for whoever was assigned to say")
    return order


def _answered(kind: str, order: Order, volunteer: str, standing: Standing, time: int) -> Draft:
    facts = {"order": order.order_id, "provider": order.provider, "volunteer": volunteer}
    return Draft(kind, facts, policy=_policy(order, standing, time).version_name)


def _refuse_provider(
    order: Order, provider: str, standing: Standing, policy: Policy, time: int
) -> None:
    """Whoever is to serve: an active volunteer other than the recipient, who is still there.

    Refuses with `order_state_conflict`, `order_expired`, `not_for_oneself`, `unknown_party`,
    `party_not_active`, `group_has_no_account`.
    """
    _refuse_state(order, ("requested",), "taken up")
    _refuse_expired(order, time)
    if provider == order.volunteer:
        raise Refused("not_for_oneself", "nobody serves an order of their own")
    standing.active(account.volunteer(order.volunteer))
    party = standing.active(account.volunteer(provider))
    # A group that has an account earns for it, as it does with its records.
    refuse_groups_without_account(party, policy)


def _refuse_foreign_organisation(order: Order, organisation: str, standing: Standing) -> None:
    """The organisation of the order book, or one above it; "" is the operator."""
    if organisation and organisation not in _upwards(order.organisation, standing):
        raise _unknown()


def _upwards(organisation: str, standing: Standing) -> Iterator[str]:
    """Ids of an organisation and of each one above it, the nearest first."""
    passed: set[str] = set()
    while organisation and organisation not in passed:
        passed.add(organisation)
        yield organisation
        party = standing.parties[f"organisation:{organisation}"]
        organisation = (party.parent if party is not None else "").removeprefix("organisation:")


def _refuse_record_of_something_else(
    order: Order, found: Record, standing: Standing, policy: Policy
) -> None:
    """The record tells of this order: its category, within its local days, and recorded at an
    organisation at, below or above the one whose order book it is."""
    activity = standing.activities[found.activity]
    first = policy.first_instant(policy.local_date(order.starts))
    # The last moment of the order, so that one ending at midnight has no day more.
    last = policy.midnight_after(order.ends - 1)
    in_its_line = order.organisation in _upwards(
        found.organisation, standing
    ) or found.organisation in _upwards(order.organisation, standing)
    if (
        activity is None
        or activity.category != order.category
        or not (first <= found.check_in and found.check_out <= last)
        or not in_its_line
    ):
        raise Refused(
            "record_not_of_order",
            "name a record of this category, on the order's days and at its organisation",
            record=found.record,
        )


def _nobody_will_confirm(order: Order, standing: Standing, time: int) -> bool:
    """Whether the recipient cannot answer any more, or has not for as long as an order waits."""
    if standing.party(account.volunteer(order.volunteer)).state != "active":
        return True
    policy = _policy(order, standing, time)
    return time >= order.ends + policy.tb_order_hold_days * DAY_MS


def _still_pays(order: Order, standing: Standing) -> bool:
    """Whether the record that was named could be paid for now."""
    named = standing_record(order.record, standing)
    return named.state == "effective" and not named.deposited + named.overflow


def _reported(order: Order, standing: Standing, time: int) -> int:
    """Minutes that were reported as done, as `_payable`."""
    policy = _policy(order, standing, time)
    return _payable(order, standing_record(order.record, standing), policy)


def _payable(order: Order, found: Record, policy: Policy) -> int:
    """What the record brought, at most what is set aside, and in whole coins as when it is saved
    (domain §10 P34). An order from before coins had to be whole is paid to the minute."""
    minutes = min(order.minutes, found.paid)
    whole = policy.whole_coins(order.minutes) == order.minutes
    return policy.whole_coins(minutes) if whole else minutes


# How time moves ----------------------------------------------------------------------------------


def _paid(
    kind: str, order: Order, minutes: int, beside: dict[str, str], standing: Standing, time: int
) -> Draft:
    """`minutes` of what is held go to the provider, as far as the account holds them by its owner's
    policy (domain §10 P36), then to the pool; the rest goes back. What the recipient spent takes
    service hours along where the order's policy says so (domain §10 P47)."""
    held = account.held(order.order_id)
    standing.refuse_stopped(held)
    policy = _policy(order, standing, time)
    postings: list[Posting] = []
    kept = overflow = 0
    if minutes:
        provider = account.volunteer(order.provider)
        standing.active(provider)
        # Since the report the record may have been reversed, or saved by its volunteer.
        refuse_unless_unsaved(standing_record(order.record, standing))
        purse = dict(standing.purse(provider))
        theirs = standing.policy_of(provider, time)
        kept, overflow = kept_and_overflow(purse, minutes, theirs)
        if kept:
            postings += credit(purse, order.provider, TIME, kept, source=held, into=TIME_PURSE)
        if overflow:
            postings.append(Posting(held, PLATFORM_POOL, TIME, overflow))
    returned = order.minutes - minutes
    purse = dict(standing.purse(account.volunteer(order.volunteer)))
    if returned:
        postings += credit(purse, order.volunteer, TIME, returned, source=held, into=TIME_PURSE)
    if policy.redeem_reduces_hours:
        postings += take_hours(purse, order.volunteer, minutes)
    facts = {
        "order": order.order_id,
        "volunteer": order.volunteer,
        "provider": order.provider,
        "record": order.record,
        "minutes": kept,
        "overflow_minutes": overflow,
        "returned_minutes": returned,
        **beside,
    }
    return Draft(kind, facts, postings, policy.version_name)


def _given_back(
    kind: str, order: Order, beside: dict[str, str], standing: Standing, time: int
) -> Draft:
    """All that is held goes back to the recipient; what they owe is repaid first."""
    purse = dict(standing.purse(account.volunteer(order.volunteer)))
    held = account.held(order.order_id)
    facts = {
        "order": order.order_id,
        "volunteer": order.volunteer,
        "returned_minutes": order.minutes,
        **beside,
    }
    postings = credit(purse, order.volunteer, TIME, order.minutes, source=held, into=TIME_PURSE)
    return Draft(kind, facts, postings, _policy(order, standing, time).version_name)
