"""Service orders of the time bank."""

from __future__ import annotations

from typing import Any, Final

from api.schemas import (
    AssignmentSchema,
    MaybeReasonSchema,
    NewOrderSchema,
    NothingSchema,
    OrderDisputeSchema,
    OrderDoneSchema,
    OrderSettlementSchema,
)
from api.writes.asking import writing
from ledger.door import orders
from ledger.door.asking import Asking
from ledger.sequencer import Receipt

_TAG: Final = "orders"
_SCOPE: Final = "orders:write"
_ORGANISATIONS: Final = ("operator", "organisation")
_PROVIDER: Final = (
    "unknown_order age_gate_unmet order_state_conflict order_expired not_for_oneself unknown_party"
    " party_not_active group_has_no_account"
)
_ANSWER: Final = "unknown_order order_state_conflict not_the_recipient not_the_provider"
_SAVED: Final = "party_not_active record_state_conflict already_deposited account_stopped"

Body = dict[str, Any]


@writing(
    "/orders",
    NewOrderSchema,
    roles=("volunteer",),
    scope=_SCOPE,
    tag=_TAG,
    refusals="group_donates_only unknown_party party_not_active bad_time bad_category"
    " star_gate_unmet redemption_frequency attestation_outdated age_gate_unmet account_stopped"
    " bad_amount spending_blocked insufficient_time not_whole_coins",
)
def request_order(ask: Asking, body: Body) -> Receipt:
    """Ask to be served, and set saved time aside for it."""
    return orders.request(ask, **body)


@writing(
    "/orders/<id:order>/offer",
    NothingSchema,
    roles=("volunteer",),
    scope=_SCOPE,
    tag=_TAG,
    refusals=_PROVIDER,
)
def offer_service(ask: Asking, _body: Body, order: str) -> Receipt:
    """Offer to serve an order of one's own organisation, or of one above or below it."""
    return orders.offer(ask, order=order)


@writing(
    "/orders/<id:order>/assign",
    AssignmentSchema,
    roles=_ORGANISATIONS,
    scope=_SCOPE,
    tag=_TAG,
    refusals=_PROVIDER,
)
def assign_order(ask: Asking, body: Body, order: str) -> Receipt:
    """Ask a volunteer to serve an order of one's own book."""
    return orders.assign(ask, order=order, **body)


@writing(
    "/orders/<id:order>/accept",
    NothingSchema,
    roles=("volunteer",),
    scope=_SCOPE,
    tag=_TAG,
    refusals=f"{_ANSWER} age_gate_unmet order_expired party_not_active",
)
def accept_order(ask: Asking, _body: Body, order: str) -> Receipt:
    """The recipient accepts an offer, the provider an assignment."""
    return orders.accept(ask, order=order)


@writing(
    "/orders/<id:order>/decline",
    NothingSchema,
    roles=("volunteer",),
    scope=_SCOPE,
    tag=_TAG,
    refusals=_ANSWER,
)
def decline_order(ask: Asking, _body: Body, order: str) -> Receipt:
    """The recipient declines an offer, the provider an assignment or takes an offer back; others
    may serve then."""
    return orders.decline(ask, order=order)


@writing(
    "/orders/<id:order>/done",
    OrderDoneSchema,
    roles=("volunteer",),
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_order not_the_provider order_state_conflict unknown_record"
    " record_state_conflict not_saved_here already_deposited record_not_of_order nothing_served",
)
def report_order_done(ask: Asking, body: Body, order: str) -> Receipt:
    """The provider names the service record of what was done; another one, where the one named
    before was corrected, reversed or saved meanwhile."""
    return orders.report_done(ask, order=order, **body)


@writing(
    "/orders/<id:order>/confirm",
    NothingSchema,
    roles=("volunteer",),
    scope=_SCOPE,
    tag=_TAG,
    refusals=f"unknown_order not_the_recipient order_state_conflict {_SAVED}",
)
def confirm_order(ask: Asking, _body: Body, order: str) -> Receipt:
    """The recipient confirms; the time moves to the provider."""
    return orders.confirm(ask, order=order)


@writing(
    "/orders/<id:order>/dispute",
    OrderDisputeSchema,
    roles=("volunteer",),
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_order not_the_recipient order_state_conflict party_not_active",
)
def dispute_order(ask: Asking, body: Body, order: str) -> Receipt:
    """The recipient says what was not as reported; the organisation decides."""
    return orders.dispute(ask, order=order, **body)


@writing(
    "/orders/<id:order>/settle",
    OrderSettlementSchema,
    roles=_ORGANISATIONS,
    scope=_SCOPE,
    tag=_TAG,
    refusals=f"unknown_order order_state_conflict too_many_minutes not_whole_coins {_SAVED}",
)
def settle_order(ask: Asking, body: Body, order: str) -> Receipt:
    """Decide a dispute: so much to the provider, the rest back to the recipient."""
    return orders.settle(ask, order=order, **body)


@writing(
    "/orders/<id:order>/cancel",
    MaybeReasonSchema,
    roles=("operator", "organisation", "volunteer"),
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_order order_state_conflict not_the_recipient",
)
def cancel_order(ask: Asking, body: Body, order: str) -> Receipt:
    """Call an order off before it is done; what was set aside comes back."""
    return orders.cancel(ask, order=order, **body)
