"""Service orders: who asks, who serves, who decides (domain §3; rules in `ledger.decide.orders`).

Whoever takes part is known by the order alone: its recipient, its provider, the organisation whose
order book it is and those above it, the operator. To everybody else it is not there.

What is paid for an order is saved time, so whoever serves is of the age to save it by the order's
policy (domain §10 P37). Nobody else comes that far: that is asked here of who offers, who is
assigned, and once more when either is accepted; no entry says how old somebody is.
"""

from __future__ import annotations

from typing import Final

from ledger import account
from ledger.actions.orders import (
    AcceptOrder,
    AssignOrder,
    CancelOrder,
    ConfirmOrder,
    DeclineOrder,
    DisputeOrder,
    OfferService,
    ReportOrderDone,
    RequestOrder,
    SettleOrder,
)
from ledger.book import Book, Caller
from ledger.door.asking import Asking
from ledger.door.recount import refuse_wrong_balance
from ledger.door.time_bank import attested_depositor, attested_redeemer
from ledger.door.tree import Tree, one_row, unknown_party
from ledger.entry import Entry
from ledger.errors import Refused
from ledger.rows import Order
from ledger.sequencer import Receipt

_PAGE: Final = 500
_ENDS: Final = frozenset(("order_confirmed", "order_settled", "order_cancelled", "order_expired"))


def request(
    ask: Asking,
    *,
    organisation: str,
    category: str,
    minutes: int,
    starts: int,
    ends: int,
    text: str = "",
) -> Receipt:
    """Ask to be served for saved time, in an organisation's order book. Times in ms; the age is
    attested here (domain §10 P38)."""
    policy = ask.book.policy_of(ask.caller.party)
    gate, tested = attested_redeemer(ask.book, ask.caller.id, policy, ask.now())
    refuse_wrong_balance(ask.book, ask.caller.id)
    return ask.record(
        RequestOrder(
            order=ask.book.new_id(),
            volunteer=ask.caller.id,
            organisation=organisation,
            category=category,
            minutes=minutes,
            starts=starts,
            ends=ends,
            text=ask.sealed(text=text),
            age_gate=gate,
            age_tested=tested,
        )
    )


def offer(ask: Asking, *, order: str) -> Receipt:
    """Offer to serve an order of an organisation near the caller's own. Refuses with
    `age_gate_unmet`."""
    found = order_row(ask.book, order)
    if found is None or not (
        ask.caller.id in (found.volunteer, found.provider)
        or may_serve(Tree(ask.book, ask.caller), ask.caller.id, found.organisation)
    ):
        raise _unknown_order()
    _refuse_too_young(ask, found, ask.caller.id)
    return ask.record(OfferService(order=order, provider=ask.caller.id))


def assign(ask: Asking, *, order: str, provider: str) -> Receipt:
    """Ask a volunteer to serve an order of one's own book. Refuses with `age_gate_unmet`."""
    found = order_of_ours(ask.book, ask.caller, order)
    tree = Tree(ask.book, ask.caller)
    if not may_serve(tree, provider, found.organisation):
        raise unknown_party(account.volunteer(provider))
    _refuse_too_young(ask, found, provider)
    return ask.record(
        AssignOrder(order=order, provider=provider, organisation=_own_organisation(ask))
    )


def accept(ask: Asking, *, order: str) -> Receipt:
    """Accept an offer, or an assignment. Refuses with `age_gate_unmet` where the rules changed
    since."""
    found = order_row(ask.book, order)
    if found is not None and ask.caller.id == _whose_answer(found):
        _refuse_too_young(ask, found, found.provider)
    return ask.record(AcceptOrder(order=order, volunteer=ask.caller.id))


def decline(ask: Asking, *, order: str) -> Receipt:
    """Decline an offer or an assignment, or take one's own offer back."""
    return ask.record(DeclineOrder(order=order, volunteer=ask.caller.id))


def report_done(ask: Asking, *, order: str, record: str) -> Receipt:
    """The provider names the record of what was done. Refuses with `not_the_provider`."""
    found = order_row(ask.book, order)
    if found is None or ask.caller.id not in (found.volunteer, found.provider):
        raise _unknown_order()
    if ask.caller.id != found.provider:
        raise Refused("not_the_provider", "this is for whoever served to say")
    return ask.record(ReportOrderDone(order=order, record=record))


def confirm(ask: Asking, *, order: str) -> Receipt:
    """The recipient confirms; time moves."""
    return ask.record(ConfirmOrder(order=order, volunteer=ask.caller.id))


def dispute(ask: Asking, *, order: str, text: str) -> Receipt:
    """The recipient says what was not as reported."""
    _refuse_stranger(ask, order)
    return ask.record(
        DisputeOrder(order=order, volunteer=ask.caller.id, text=ask.sealed(text=text))
    )


def settle(ask: Asking, *, order: str, minutes: int, reason: str) -> Receipt:
    """The organisation decides what goes to the provider, and says why."""
    order_of_ours(ask.book, ask.caller, order)
    return ask.record(
        SettleOrder(
            order=order,
            minutes=minutes,
            organisation=_own_organisation(ask),
            reason=ask.sealed(reason=reason),
        )
    )


def cancel(ask: Asking, *, order: str, reason: str = "") -> Receipt:
    """Call an order off before it is done: by its recipient, provider or organisation."""
    volunteer = ""
    if ask.caller.role == "volunteer":
        _refuse_stranger(ask, order)
        volunteer = ask.caller.id
    else:
        order_of_ours(ask.book, ask.caller, order)
    return ask.record(
        CancelOrder(order=order, volunteer=volunteer, reason=ask.sealed(reason=reason))
    )


def order_row(book: Book, order: str) -> Order | None:
    """An order, or None."""
    found: Order | None = one_row(book, "orders", order)
    return found


def entries_of(book: Book, order: Order) -> list[Entry]:
    """Every entry about an order, the oldest first: all of them are about its recipient."""
    found: list[Entry] = []
    after = order.since - 1
    owner = account.volunteer(order.volunteer)
    while entries := book.history(owner, after=after, limit=_PAGE):
        found += [each for each in entries if each.facts.get("order") == order.order_id]
        if found[-1].kind in _ENDS:
            break
        after = entries[-1].index
    return found


def order_of_ours(book: Book, caller: Caller, order: str) -> Order:
    """An order in the book of an organisation that the caller acts for. Refuses with
    `unknown_order`."""
    found = order_row(book, order)
    if found is None or not Tree(book, caller).acts_for(f"organisation:{found.organisation}"):
        raise _unknown_order()
    return found


def may_serve(tree: Tree, volunteer: str, organisation: str) -> bool:
    """Whether orders of this organisation are there for the volunteer to serve: registered by it
    or by one above or below it, or by no organisation at all."""
    party = tree.party(account.volunteer(volunteer))
    if party is None:
        return False
    home, book = party.parent, f"organisation:{organisation}"
    return not home or home in tree.upwards(book) or book in tree.upwards(home)


def _refuse_too_young(ask: Asking, order: Order, provider: str) -> None:
    """Whoever serves is of the age to save time, by the order's policy; below it with a guardian's
    consent where that counts. Whether a group has an account is for the rules."""
    policy = ask.book.policy_of(account.volunteer(order.volunteer))
    gate = attested_depositor(ask, provider, policy)
    if gate not in ("met", "guardian", "group"):
        minimum = policy.tb_depositor_min_age
        raise Refused(
            "age_gate_unmet",
            f"one must be {minimum} to serve for saved time",
            minimum_years=minimum,
            gate=gate,
        )


def _whose_answer(order: Order) -> str:
    """Who accepts: the recipient an offer, the provider an assignment; else nobody."""
    return {"offered": order.volunteer, "assigned": order.provider}.get(order.state, "")


def _own_organisation(ask: Asking) -> str:
    return ask.caller.id if ask.caller.role == "organisation" else ""


def _refuse_stranger(ask: Asking, order: str) -> None:
    """Before anything is sealed: what a stranger wrote about an order is not kept."""
    found = order_row(ask.book, order)
    if found is None or ask.caller.id not in (found.volunteer, found.provider):
        raise _unknown_order()


def _unknown_order() -> Refused:
    """The no for an order that is not there, word for word that of the rules."""
    return Refused("unknown_order", "there is no such order")
