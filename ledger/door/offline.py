"""Tills without a network: from the signed voucher to what the till took (trust §6).

Here signatures are checked and rotating values compared; what follows from them is decided by the
rules. A voucher can be made again from what the ledger keeps, so nothing of it is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ledger.actions.offline import CloseOffline, OpenOffline, SignVoucher, TakeOffline
from ledger.book import Book, Caller
from ledger.door.asking import Asking
from ledger.door.tree import one_row
from ledger.door.vouchers import Till
from ledger.entry import Entry, canonical
from ledger.errors import Refused
from ledger.keys import Ed25519Verifier
from ledger.note import NoteRefused
from ledger.rows import OFFLINE, Mark, OfflineSession, Redemption, Reward
from ledger.sequencer import Receipt
from ledger.store.projections import StoredRows
from ledger.voucher import (
    Acceptance,
    Voucher,
    as_shown,
    digest_of,
    item_of,
    open_acceptance,
    open_voucher,
    sign_voucher,
    till_name,
)

ITEMS_MAX: Final = 500
"""Acceptances in one upload."""


def sign(ask: Asking, *, redemption: str, branch: str) -> Receipt:
    """The holder may show a reservation at one branch without a network."""
    return ask.record(SignVoucher(redemption=redemption, volunteer=ask.caller.id, branch=branch))


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A voucher and its note."""

    voucher: Voucher
    note: bytes


def voucher_of(book: Book, holder: str, redemption: str) -> Signed:
    """The signed voucher of the holder's reservation, the same bytes each time. Refuses with
    `unknown_redemption`, or `voucher_not_signed` where none was asked for."""
    found: Redemption | None = one_row(book, "redemptions", redemption)
    if found is None or found.volunteer != holder:
        raise Refused("unknown_redemption", "there is no such redemption")
    if not found.upload_by:
        raise Refused("voucher_not_signed", "no voucher was signed for this redemption")
    owner = (f"redemption:{redemption}", OFFLINE)
    with book.database.reading() as connection:
        mark: Mark = StoredRows(connection).fetch("marks", [owner])[owner]
    reward: Reward = one_row(book, "rewards", found.reward)
    title = book.vault.open_text(reward.text).get("title", "") if reward.text else ""
    voucher = Voucher(
        origin=book.origin,
        redemption=redemption,
        merchant=found.merchant,
        branch=mark.value,
        quantity=found.quantity,
        amount=found.amount,
        asset=found.asset,
        issued=book.entry(mark.since).time,
        until=found.expires,
        upload_by=found.upload_by,
        item=item_of(title),
    )
    return Signed(voucher=voucher, note=sign_voucher(voucher, book.keys.voucher))


def open_session(ask: Asking, till: Till, *, till_key: str) -> Receipt:
    """The caller's till begins to take vouchers without a network."""
    try:
        Ed25519Verifier(book_name(ask.book), bytes.fromhex(till_key))
    except ValueError:
        raise Refused("bad_till_key", "a till's key is no Ed25519 public key") from None
    return ask.record(
        OpenOffline(
            session=ask.book.new_id(),
            merchant=ask.caller.id,
            branch=till.branch,
            terminal=ask.caller.terminal,
            till_key=till_key,
        )
    )


def book_name(book: Book) -> str:
    """The name that a till's key has before its session has one."""
    return f"{book.origin}/till"


def close(ask: Asking, *, session: str, last: int) -> Receipt:
    """The till has uploaded everything up to its counter `last`."""
    session_of_till(ask.book, ask.caller, session)
    return ask.record(CloseOffline(session=session, merchant=ask.caller.id, last=last))


def session_of_till(book: Book, caller: Caller, session: str) -> OfflineSession:
    """The session, if the caller is its till. Refuses with `unknown_offline_session`."""
    found: OfflineSession | None = one_row(book, "offline_sessions", session)
    if found is None or (found.merchant, found.terminal) != (caller.id, caller.terminal):
        raise Refused("unknown_offline_session", "this till has no such session")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """What became of one acceptance. `outcome`: captured, review, conflict, refused."""

    item: int
    counter: int
    """0 where the acceptance cannot be read."""
    outcome: str
    entry: Entry | None = None
    """The entry of the capture or the conflict."""
    refused: Refused | None = None


def upload(
    book: Book, caller: Caller, *, session: str, items: Sequence[tuple[str, str]]
) -> list[Uploaded]:
    """Judge what a till took: (acceptance, voucher) notes, in any order, as often as it likes.

    The same acceptance again gets its first answer. Refuses with `unknown_offline_session`; each
    item is refused by itself with `bad_acceptance`, or what the decision refuses with.
    """
    found = session_of_till(book, caller, session)
    name = till_name(book.origin, session)
    verifier = Ed25519Verifier(name, bytes.fromhex(found.till_key))
    answers: dict[int, Uploaded] = {}
    asked = []
    for number, (acceptance, voucher) in enumerate(items):
        try:
            taken, action = _read(book, found, verifier, as_shown(acceptance), as_shown(voucher))
        except NoteRefused as bad:
            refused = Refused("bad_acceptance", f"this till did not sign this: {bad}")
            answers[number] = Uploaded(item=number, counter=0, outcome="refused", refused=refused)
        else:
            asked.append((taken.counter, number, action))
    # In the till's own order, so that what was uploaded in a heap leaves no gaps.
    asked.sort(key=lambda each: each[:2])
    asks = [
        (action, f"offline-{session}-{counter}", _request(action)) for counter, _, action in asked
    ]
    results = book.record_all(asks, caller=caller) if asks else []
    for (counter, number, _), result in zip(asked, results, strict=True):
        answers[number] = _answer(number, counter, result)
    return [answers[number] for number in range(len(items))]


def _read(
    book: Book, session: OfflineSession, till: Ed25519Verifier, acceptance: bytes, voucher: bytes
) -> tuple[Acceptance, TakeOffline]:
    """What a till signed, and what that asks of the ledger. Raises NoteRefused where the till did
    not sign it; a voucher that is none of ours is a till's mistake, and a conflict."""
    taken = open_acceptance(acceptance, [till])
    if (taken.origin, taken.session) != (book.origin, session.session):
        raise NoteRefused("it is of another session")
    if taken.voucher != digest_of(voucher):
        raise NoteRefused("it names another voucher")
    try:
        shown = open_voucher(voucher, [book.keys.voucher.verifier])
    except NoteRefused:
        shown = None
    found: Redemption | None = None
    if shown is not None and (shown.origin, shown.merchant, shown.branch) == (
        book.origin,
        session.merchant,
        session.branch,
    ):
        found = one_row(book, "redemptions", shown.redemption)
    step = 0
    if found is not None and taken.value:
        step = book.rotating.step_of(found.volunteer, taken.value, taken.accepted)
    return taken, TakeOffline(
        session=session.session,
        merchant=session.merchant,
        counter=taken.counter,
        redemption=found.redemption if found is not None else "",
        asset=shown.asset if shown is not None else "",
        amount=shown.amount if shown is not None else 0,
        accepted=taken.accepted,
        step=step,
        proof=digest_of(acceptance),
    )


def _request(action: TakeOffline) -> bytes:
    """What stays the same when an acceptance is uploaded again."""
    return canonical(["TakeOffline", action.session, action.counter, action.proof])


def _answer(number: int, counter: int, result: Receipt | Refused) -> Uploaded:
    if isinstance(result, Refused):
        if result.code == "key_reused":
            result = Refused(
                "counter_reused",
                "something else was uploaded under this counter before",
                counter=counter,
            )
        return Uploaded(item=number, counter=counter, outcome="refused", refused=result)
    entry = result.entry
    if entry.kind == "offline_conflict":
        outcome = "conflict"
    else:
        outcome = "captured" if entry.facts["flag"] == "none" else "review"
    return Uploaded(item=number, counter=counter, outcome=outcome, entry=entry)
