"""An organisation's office reserves for volunteers of its own and prints the code (trust §6).

It is the holder's own doing: they type their card's PIN at the desk, or consented by name, with a
token of their own, that this organisation may. A printed code is shown once; another is made only
by stopping the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ledger import account
from ledger.actions.cards import GuardRedemption, ReissueCode
from ledger.decide.cards import times_reissued
from ledger.door import cards
from ledger.door.asking import Asking
from ledger.door.tree import Tree, one_row, unknown_party
from ledger.door.vouchers import fresh_code, reserve_for
from ledger.errors import Refused
from ledger.rows import Redemption
from ledger.sequencer import Receipt, Result
from ledger.standing import Standing
from ledger.store import cards as stored
from ledger.store import tables
from ledger.store.projections import StoredRows


def reserve(
    ask: Asking,
    address: str,
    *,
    reward: str,
    quantity: int = 1,
    volunteer: str = "",
    card: str = "",
    pin: str = "",
) -> Receipt:
    """Set value aside for a volunteer who stands at the desk, or who consented. `address` is the
    network address that the request came from.

    Refuses with `volunteer_or_card_needed`, as `cards.normalised` and `cards.at_desk`, with
    `unknown_party` for somebody else's volunteer, and as the decision.
    """
    holder, held = _holder(ask, address, volunteer, card, pin)
    if not Tree(ask.book, ask.caller).acts_for(account.volunteer(holder)):
        # A card says whose it is to nobody, not even with its PIN.
        raise (
            unknown_party(account.volunteer(volunteer))
            if volunteer
            else Refused("unknown_party", "this card is of nobody for whom this office acts")
        )
    return reserve_for(
        ask, holder, reward=reward, quantity=quantity, organisation=ask.caller.id, card=held
    )


def reissue(
    ask: Asking, address: str, *, redemption: str, card: str = "", pin: str = ""
) -> Receipt:
    """Another code for a reservation; the one before stops in the same transaction. For the
    holder, or for the office that reserved it, by card or consent as before."""
    book = ask.book
    found: Redemption | None = one_row(book, "redemptions", redemption)
    if found is None:
        raise Refused("unknown_redemption", "there is no such redemption")
    office = cards.office_of(ask.caller)
    holder, held = ask.caller.id, ""
    if office:
        holder, held = _holder(ask, address, found.volunteer, card, pin)
    with book.database.snapshot() as connection:
        times = times_reissued(redemption, Standing(StoredRows(connection)))
        before = stored.code_row_of(connection, redemption)
    row = fresh_code(book, redemption)

    def beside(results: Sequence[Result]) -> list[tuple[Any, Sequence[Any]]]:
        """The new code, and the old one without what it stood for; it is never given again."""
        (result,) = results
        if not isinstance(result, Receipt) or result.replayed:
            return []
        gone = [(tables.codes, (before, "", b""))] if before is not None else []
        return [*gone, (tables.codes, row)]

    action = ReissueCode(
        redemption=redemption,
        volunteer=holder,
        organisation=office,
        card=held,
        times=times,
    )
    return ask.record(action, beside=beside)


def guard(ask: Asking, *, redemption: str) -> Receipt:
    """A holder wants more than the code to be shown for a reservation of theirs."""
    return ask.record(GuardRedemption(redemption=redemption, volunteer=ask.caller.id))


def _holder(ask: Asking, address: str, volunteer: str, card: str, pin: str) -> tuple[str, str]:
    """(holder, card id) for whom an office acts; the card "" where it is by consent."""
    if not card:
        if not volunteer:
            raise Refused(
                "volunteer_or_card_needed", "say whom this is for, or show their card and PIN"
            )
        return volunteer, ""
    number = cards.normalised(card, pin)
    holder, held = cards.at_desk(ask.book, ask.caller, address, number, pin)
    if volunteer and volunteer != holder:
        raise Refused("card_of_another", "this card is another volunteer's")
    return holder, held
