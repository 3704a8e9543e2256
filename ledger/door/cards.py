"""Cards: given at an office, shown at a till with a PIN, lost and replaced (trust §6).

A number alone does nothing. It is found by the vault's index value; whether the PIN is right, the
vault says; that the card was good and whose voucher it was, the ledger decides. A number that no
card has is answered exactly as one whose PIN was wrong, after as long a time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from ledger import account, cards
from ledger.actions.cards import ChangeCardPin, CloseCard, IssueCard
from ledger.book import Book, Caller
from ledger.door import presenting, vouchers
from ledger.door.asking import Asking
from ledger.door.presenting import counted, wait
from ledger.door.tree import Tree, one_row, rows, unknown_party
from ledger.door.vouchers import Till, Verified, office_limits, till_limits
from ledger.errors import Refused
from ledger.policy import Policy
from ledger.rows import Card, Redemption
from ledger.sequencer import Receipt
from ledger.store import cards as stored
from ledger.vault import cards as sealed

Found = TypeVar("Found")
_WRONG: Final = "this is no card with this PIN; the holder types the six digits again"
_SENT_AGAIN: Final = frozenset({"clock_unsure", "stopping"})
"""Noes that say nothing about the request itself."""


# At the office -----------------------------------------------------------------------------------


def issue(ask: Asking, *, volunteer: str, pin: str, replaces: str = "") -> tuple[Receipt, str]:
    """A card for a volunteer of the caller's, with the PIN that they chose; and its number.

    Refuses with `unknown_party`, `bad_pin`, `trivial_pin` and as the decision.
    """
    book = ask.book
    Tree(book, ask.caller).refuse_unless_ours(account.volunteer(volunteer))
    _refuse_bad_pin(book, volunteer, pin)
    card = ask.own_id()
    action = IssueCard(
        card=card, volunteer=volunteer, organisation=office_of(ask.caller), replaces=replaces
    )
    try:
        number = sealed.issue(book.vault, volunteer, card, pin)
    except KeyError:
        # Registered by an import of ids alone, or forgotten this moment.
        raise unknown_party(account.volunteer(volunteer)) from None
    # A crash here leaves a number without its entry: no card of the ledger's, so no till takes it.
    # The same request, sent again, finds it under the same id and adds the entry.
    try:
        receipt = ask.record(action)
    except Refused:
        sealed.destroy(book.vault, volunteer, card)
        raise
    if replaces:
        sealed.destroy(book.vault, volunteer, replaces)
    return receipt, number


def close(ask: Asking, *, volunteer: str, card: str, ground: str) -> Receipt:
    """A card stops at once: reported lost by its holder or whoever acts for them, or returned."""
    Tree(ask.book, ask.caller).refuse_unless_ours(account.volunteer(volunteer))
    receipt = ask.record(CloseCard(card=card, volunteer=volunteer, ground=ground))
    sealed.destroy(ask.book.vault, volunteer, card)
    return receipt


def change_pin(ask: Asking, *, volunteer: str, card: str, pin: str, new_pin: str) -> Receipt:
    """Another PIN, for who knows the one before; who forgot it gets another card.

    Refuses with `unknown_party`, `unknown_card`, `bad_pin`, `trivial_pin`,
    `pin_cooling_off`, `wrong_pin`. Sent again, it is answered before any PIN is looked at.
    """
    book = ask.book
    Tree(book, ask.caller).refuse_unless_ours(account.volunteer(volunteer))
    answered = ask.answered()
    if answered is not None:
        return answered
    found: Card | None = one_row(book, "cards", card)
    if found is None or found.volunteer != volunteer:
        raise Refused("unknown_card", "there is no such card")
    _refuse_bad_pin(book, volunteer, new_pin)
    before, change = _changed_by(book, found), ask.idem.hex()
    judged = stored.judge(
        book.database,
        stored.holder_scope("pin", volunteer),
        ask.now(),
        lambda: sealed.is_pin_of(book.vault, volunteer, card, pin, lambda: before),
    )
    if not judged.right:
        if not judged.tried:
            raise Refused("pin_cooling_off", wait(judged), **counted(judged))
        raise Refused("wrong_pin", "the PIN before is another one", **counted(judged))
    sealed.set_pin(book.vault, volunteer, card, new_pin, change)
    # A crash here leaves the PIN before in force, and one beside it that no entry brings in.
    try:
        receipt = ask.record(
            ChangeCardPin(card=card, volunteer=volunteer, organisation=office_of(ask.caller))
        )
    except Refused as no:
        # Whoever is to send it again may have sent it to another process, which writes it now.
        if no.code not in _SENT_AGAIN:
            sealed.drop_pin(book.vault, volunteer, card, change)
        raise
    # The entry alone has put it in force; a crash here leaves what was in force before, which
    # nothing opens any more. The next change, or the card's end, erases it.
    for past in {"", before} - {change}:
        sealed.drop_pin(book.vault, volunteer, card, past)
    return receipt


def _changed_by(book: Book, card: Card) -> str:
    """Which request the entry that last changed a card answers: the name of the PIN that it put in
    force."""
    return book.entry(card.since).idem.key


def office_of(caller: Caller) -> str:
    """The id of the organisation that acts, or "" where it is somebody else."""
    return caller.id if caller.role == "organisation" else ""


def number_of(book: Book, caller: Caller, card: Card) -> str:
    """The number of a card, for its holder's and the issuing office's eyes; "" for others, and
    once it is destroyed. Each look is in the vault's access log."""
    own = caller.party == account.volunteer(card.volunteer)
    if not own and (not card.organisation or office_of(caller) != card.organisation):
        return ""
    field = sealed.number_field(card.card)
    known = book.vault.read(
        card.volunteer,
        [field],
        by=caller.party,
        purpose="own_data" if own else "registration",
        at=book.clock.now_ms(),
    )
    return known.get(field, "")


def _refuse_bad_pin(book: Book, volunteer: str, pin: str) -> None:
    if not cards.is_pin(pin):
        raise Refused("bad_pin", f"a PIN has {cards.PIN_LENGTH} digits")
    if sealed.is_guessable(book.vault, volunteer, pin):
        raise Refused(
            "trivial_pin",
            "anybody would try this PIN first: no rows, no repeats, no birthday, not the end of an"
            " ID number",
        )


# Shown with its PIN ------------------------------------------------------------------------------


def normalised(number: str, pin: str) -> str:
    """The twelve digits that somebody typed. Refuses with `bad_card`, `pin_needed` and `bad_pin`,
    which are not counted: nobody learns anything from them."""
    try:
        number = cards.normalise_card(number)
    except cards.BadCard as bad:
        raise Refused("bad_card", bad.sentence) from None
    if not pin:
        raise Refused("pin_needed", "this is a card; the holder types its PIN")
    if not cards.is_pin(pin):
        raise Refused("bad_pin", f"a PIN has {cards.PIN_LENGTH} digits")
    return number


def normalised_at(book: Book, till: Till, number: str, pin: str) -> str:
    """As `normalised`, at a till: `too_many_attempts` comes first, and it is told how many tries
    are left. A card for training is refused with `practice_code`."""
    try:
        return normalised(number, pin)
    except Refused as refused:
        no = refused
    counted = vouchers.uncounted(book, till, no.code, no.sentence)
    if cards.practice_card_number(number) is not None:
        raise Refused("practice_code", "this is a card for training, and nobody's")
    raise counted


def at_desk(book: Book, caller: Caller, address: str, number: str, pin: str) -> tuple[str, str]:
    """(holder, card) of a card shown at an office's desk with its PIN.

    Refuses with `too_many_attempts`, `pin_cooling_off` and `wrong_card_or_pin`.
    """
    limits = office_limits(book, caller, address)
    return vouchers.limited(book, limits, lambda: _holder(book, number, pin))


def verify(
    book: Book, till: Till, number: str, pin: str, redemption: str = "", quantity: int = 0
) -> Verified:
    """What a capture by card would find now."""

    def act(found: Redemption, card: str) -> Verified:
        return vouchers.would_take(book, till, found, quantity, {"means": "card", "card": card})

    return _with_card(book, till, number, pin, redemption, "verify", act)


def capture(
    ask: Asking,
    till: Till,
    number: str,
    pin: str,
    redemption: str = "",
    quantity: int = 0,
    note: str = "",
) -> Receipt:
    """Take what is reserved here for a card's holder. Sent again, it is answered before any PIN
    is looked at: nothing is counted twice."""
    answered = ask.answered()
    if answered is not None:
        return answered
    book = ask.book

    def act(found: Redemption, card: str) -> Receipt:
        policy: Policy = book.policy()
        shown = {"means": "card", "card": card}
        return vouchers.take(ask, till, found, quantity, policy, shown, note)

    return _with_card(book, till, number, pin, redemption, "capture", act)


def _with_card(
    book: Book,
    till: Till,
    number: str,
    pin: str,
    redemption: str,
    asked: str,
    act: Callable[[Redemption, str], Found],
) -> Found:
    """Do what a card with its PIN allows, with the one reservation that is meant."""

    def shown() -> Found:
        holder, card, no = _holder_or_no(book, number, pin)
        if no is not None:
            if holder:
                presenting.tell(book, till, holder, "", asked, no.code)
            raise no
        found = _chosen(book, till, holder, redemption)
        with presenting.told(book, till, found, asked):
            return act(found, card)

    return vouchers.limited(book, till_limits(book, till), shown)


def _holder(book: Book, number: str, pin: str) -> tuple[str, str]:
    holder, card, no = _holder_or_no(book, number, pin)
    if no is not None:
        raise no
    return holder, card


def _holder_or_no(book: Book, number: str, pin: str) -> tuple[str, str, Refused | None]:
    """(holder, card, None) of a good card with its PIN; else why not, and whose it is."""
    holder, card = sealed.find(book.vault, number)
    row: Card | None = one_row(book, "cards", card) if card else None
    is_good = row is not None and row.state == "active"
    # A number that nobody has waits as its own: whoever tries it cannot tell the two apart.
    scope = (
        stored.holder_scope("pin", holder) if holder else f"pin:{book.codes.unknown_card(number)}"
    )

    def is_right() -> bool:
        right = sealed.is_pin_of(
            book.vault, holder, card, pin, lambda: "" if row is None else _changed_by(book, row)
        )
        return right and is_good

    judged = stored.judge(book.database, scope, book.clock.now_ms(), is_right)
    if judged.right:
        return holder, card, None
    if not judged.tried:
        return holder, card, Refused("pin_cooling_off", wait(judged), **counted(judged))
    return holder, card, Refused("wrong_card_or_pin", _WRONG, **counted(judged))


def _chosen(book: Book, till: Till, holder: str, redemption: str) -> Redemption:
    """The one reservation of a holder that is meant here. Refuses with `nothing_reserved_here`, or
    with `choose_voucher` and the list: what and how many, nothing about the holder."""
    merchant = till.caller.id
    if redemption:
        named: Redemption | None = one_row(book, "redemptions", redemption)
        if named is None or (named.volunteer, named.merchant) != (holder, merchant):
            raise _nothing_here()
        return named
    now = book.clock.now_ms()
    with book.database.reading() as connection:
        reserved = stored.reserved_here(connection, holder, merchant)
    live = [each for each in reserved if each.expires > now]
    if not live:
        raise _nothing_here()
    if len(live) > 1:
        raise Refused(
            "choose_voucher",
            f"{len(live)} vouchers are reserved here; choose one and send its `redemption` along",
            vouchers=_listed(book, live),
        )
    return live[0]


def _listed(book: Book, live: list[Redemption]) -> list[dict[str, Any]]:
    rewards = rows(book, "rewards", [each.reward for each in live])
    texts = book.vault.open_texts([each.text for each in rewards.values() if each.text])
    return [
        {
            "redemption": each.redemption,
            "item": texts.get(rewards[each.reward].text, {}).get("title", ""),
            "quantity": each.quantity,
        }
        for each in live
    ]


def _nothing_here() -> Refused:
    return Refused("nothing_reserved_here", "nothing is reserved at this shop with this card")
