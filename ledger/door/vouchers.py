"""Vouchers: from reserving to the moment a till takes one, and back (design §6, trust §6).

A code is ten characters that people read, type and scan. The database keeps an HMAC to find it by
and a sealed copy to show it again; the entries hold neither. Wrong codes are counted in fixed
windows per terminal, merchant, network address and in total.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from ledger import account, codes
from ledger.account import TIME
from ledger.actions.clerks import NoteCapture
from ledger.actions.rewards import (
    Capture,
    ExtendRedemption,
    RefundRedemption,
    Release,
    Reserve,
    VoidRedemption,
)
from ledger.actions.settlement import ReviewCapture
from ledger.book import Book, Caller, Capturable
from ledger.decide.consents import has_consented
from ledger.decide.rewards import capturable_until, moments_of
from ledger.door.asking import Asking, with_its_entry
from ledger.door.catalogue import attested_for
from ledger.door.presenting import COUNTED, by_value, told
from ledger.door.recount import refuse_wrong_balance, refuse_wrong_claims
from ledger.door.time_bank import attested_redeemer
from ledger.door.tree import Tree, one_row, refuse_halted, unknown_party
from ledger.errors import Refused
from ledger.identity import mask_name
from ledger.policy import Policy
from ledger.rows import Redemption, Reward
from ledger.sequencer import Receipt
from ledger.standing import Standing
from ledger.store import due, tables, vouchers
from ledger.store.projections import StoredRows

Done = TypeVar("Done")

WINDOW_MS: Final = 10 * 60_000
"""Wrong codes are counted from one multiple of this to the next."""
TITLE_KEPT_MS: Final = 60_000
TITLES_KEPT: Final = 10_000
LIMITS: Final = {"terminal": 10, "merchant": 40, "office": 40, "address": 40, "total": 2_000}
"""How many wrong codes each scope may show in a window."""


def reserve(ask: Asking, *, reward: str, quantity: int = 1) -> Receipt:
    """Set the caller's own value aside and make a code."""
    return reserve_for(ask, ask.caller.id, reward=reward, quantity=quantity)


def reserve_for(
    ask: Asking,
    volunteer: str,
    *,
    reward: str,
    quantity: int = 1,
    organisation: str = "",
    card: str = "",
) -> Receipt:
    """Set a volunteer's value aside and make a code; `organisation` is the office that asks for
    them, by `card` or consent. For saved time the age is attested (domain §10 P38)."""
    book = ask.book
    found: Reward | None = one_row(book, "rewards", reward)
    gate, tested = "", 0
    if found is not None and found.asset == TIME:
        policy = book.policy_of(account.volunteer(volunteer))
        gate, tested = attested_redeemer(book, volunteer, policy, ask.now())
    refuse_wrong_balance(book, volunteer)
    redemption = book.new_id()
    code = fresh_code(book, redemption)
    own_gate, own_tested = attested_for(book, volunteer, reward, ask.now())
    action = Reserve(
        redemption=redemption,
        volunteer=volunteer,
        reward=reward,
        quantity=quantity,
        age_gate=gate,
        age_tested=tested,
        organisation=organisation,
        card=card,
        reward_gate=own_gate,
        reward_tested=own_tested,
    )
    # No reservation without its code, no code without one.
    return ask.record(action, beside=with_its_entry(tables.codes, code))


def release(ask: Asking, *, redemption: str) -> Receipt:
    """The holder gives a reservation back."""
    return ask.record(Release(redemption=redemption, volunteer=ask.caller.id))


def extend(ask: Asking, *, redemption: str) -> Receipt:
    """The holder makes a reservation longer, once."""
    return ask.record(ExtendRedemption(redemption=redemption, volunteer=ask.caller.id))


def void(ask: Asking, *, redemption: str, ground: str) -> Receipt:
    """The merchant, or the operator for them, gives back what was captured (domain §10 P54).
    Refuses with `party_not_active` where the till is suspended, with `unknown_redemption` for
    another's, and as the decision; a clerk undoes only their own, a till only its branch's."""
    found = captured_by(ask, redemption)
    return ask.record(VoidRedemption(redemption=redemption, merchant=found.merchant, ground=ground))


def refund(ask: Asking, *, redemption: str, ground: str) -> Receipt:
    """The same once it is settled: the merchant's next settlement takes it off. The capture is
    counted again from its entries before. Refuses as `void` does, and with `refund_over`."""
    found = captured_by(ask, redemption)
    if found.state == "settled":
        refuse_wrong_claims(ask.book, found.merchant, [redemption])
    return ask.record(
        RefundRedemption(redemption=redemption, merchant=found.merchant, ground=ground)
    )


def captured_by(ask: Asking, redemption: str) -> Redemption:
    """A redemption of a shop that the caller acts for, if it is theirs to undo or to note about.
    Refuses with `party_not_active` where its till is suspended, and `unknown_redemption`."""
    refuse_halted(ask.caller)
    found: Redemption | None = one_row(ask.book, "redemptions", redemption)
    if (
        found is None
        or not Tree(ask.book, ask.caller).acts_for(f"merchant:{found.merchant}")
        or not is_own_line(ask.caller, found)
    ):
        raise Refused("unknown_redemption", "there is no such redemption")
    return found


def is_own_line(caller: Caller, redemption: Redemption) -> bool:
    """Whether a till's token may see a redemption of its merchant: a clerk's what that clerk took,
    any other what its branch took. Tokens without a till see all."""
    if caller.clerk:
        return redemption.clerk == caller.clerk
    if caller.terminal:
        return redemption.branch == caller.branch.partition(":")[2]
    return True


def note(ask: Asking, *, redemption: str, note: str) -> Receipt:
    """Something is noted about what was taken; sealed, the entry holds a digest."""
    found = captured_by(ask, redemption)
    action = NoteCapture(redemption=redemption, merchant=found.merchant, text=ask.sealed(note=note))
    return ask.record(action)


def review(ask: Asking, *, redemption: str, reason: str) -> Receipt:
    """An operator looked at a capture that was flagged, and it stands; the reason is sealed."""
    return ask.record(ReviewCapture(redemption=redemption, reason=ask.sealed(reason=reason)))


def code_of(book: Book, redemption: str) -> str:
    """The code of a redemption, as its holder may see it; "" where it was lost."""
    with book.database.reading() as connection:
        sealed = vouchers.sealed_code(connection, redemption)
    return "" if sealed is None else book.codes.open(redemption, sealed)


def title_of(book: Book, reward: str) -> str:
    """What a reward is called; "" where that was forgotten.

    Every answer of a till asks, and a published reward keeps its name: it is remembered for a
    minute, so what is forgotten is gone from here within one too.
    """
    now = book.clock.now_ms()
    known = book.titles.get(reward)
    if known is not None and 0 <= now - known[1] < TITLE_KEPT_MS:
        return known[0]
    with book.database.reading() as connection:
        text = vouchers.text_of(connection, reward)
    title = book.vault.open_text(text).get("title", "") if text else ""
    if len(book.titles) >= TITLES_KEPT:
        book.titles.clear()
    book.titles[reward] = title, now
    return title


def moments_of_each(book: Book, redemptions: Sequence[Redemption]) -> dict[str, dict[str, int]]:
    """By redemption, the times (ms) that matter in its state: see `ledger.decide.rewards`."""
    with book.database.reading() as connection:
        standing = book.standing_in(connection)
        holders = {account.volunteer(one.volunteer) for one in redemptions}
        standing.prefetch({"parties": sorted(holders)})
        return {one.redemption: moments_of(one, standing) for one in redemptions}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A voucher that can be taken now."""

    redemption: Redemption
    reward: Reward
    flag: str
    """`rapid` where the capture would have to be reviewed, else `none`."""
    seconds_left: int
    """Whole seconds in which it can be taken."""
    holder: str
    """The holder's name as `张*`, for a till that may see it; "" otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Till:
    """Where a code is shown: a registered terminal, its branch and merchant, and `address`, the
    network address that the request came from."""

    caller: Caller
    branch: str
    address: str


def till_of(caller: Caller, address: str) -> Till:
    """The caller's till. Refuses with `terminal_needed`, `unknown_party` or `party_not_active`: a
    till that may take nothing is told so before it shows a code."""
    if not caller.terminal:
        raise Refused("terminal_needed", "codes are taken at a till; use a token of one")
    # Whose terminal it is was checked when the token was issued, and is again by the rules.
    if not caller.branch:
        raise unknown_party(f"terminal:{caller.terminal}")
    refuse_halted(caller)
    return Till(caller=caller, branch=caller.branch.partition(":")[2], address=address)


def verify(book: Book, till: Till, code: str, quantity: int = 0, *, rotating: str = "") -> Verified:
    """What a capture would find now. Writes nothing, but counts a wrong code or value, and leaves
    a look for the holder."""

    def act(redemption: Redemption, _: Policy) -> Verified:
        shown = by_value(book, redemption, rotating, _would(book, till, redemption, quantity))
        return would_take(book, till, redemption, quantity, shown)

    found: Verified = _with_code(book, till, code, "verify", act)
    return found


def would_take(
    book: Book, till: Till, redemption: Redemption, quantity: int, shown: Mapping[str, Any]
) -> Verified:
    """What a capture of this redemption would find now; `shown` is what `Capture` says of how it
    was shown."""
    redemption, reward, flag, policy, now = _would(book, till, redemption, quantity)(shown)
    left = max(0, capturable_until(redemption, reward, policy, now) - now)
    return Verified(
        redemption=redemption,
        reward=reward,
        flag=flag,
        seconds_left=left // 1000,
        holder=_masked_holder(book, till, redemption, policy),
    )


def _masked_holder(book: Book, till: Till, redemption: Redemption, policy: Policy) -> str:
    """The holder's name as `张*`, for a till that may see it; "" otherwise (domain §12 K11).

    Only where policy lets merchants see it and the holder consents, to this merchant or to all;
    each look is in the vault's access log (domain §10 P57).
    """
    holder, merchant = redemption.volunteer, till.caller.party
    if "masked_name" not in policy.merchant_sees:
        return ""
    with book.database.reading() as connection:
        standing = Standing(StoredRows(connection))
        if not has_consented(standing, holder, "merchant_display", merchant):
            return ""
    known = book.vault.read(
        holder, ["name"], by=merchant, purpose="merchant_display", at=book.clock.now_ms()
    )
    return mask_name(known.get("name", ""))


def capture(
    ask: Asking, till: Till, code: str, quantity: int = 0, *, rotating: str = "", note: str = ""
) -> Receipt:
    """Take a voucher, once. `quantity` 0: all of it; `note` is sealed beside it."""
    book = ask.book
    if (rotating or note) and (answered := ask.answered()) is not None:
        # Sent again, the value is an old one: nothing is counted for it, and no note sealed again.
        return answered

    def act(redemption: Redemption, policy: Policy) -> Receipt:
        shown = by_value(book, redemption, rotating, _would(book, till, redemption, quantity))
        return take(ask, till, redemption, quantity, policy, shown, note)

    receipt: Receipt = _with_code(book, till, code, "capture", act)
    return receipt


def take(
    ask: Asking,
    till: Till,
    redemption: Redemption,
    quantity: int,
    policy: Policy,
    shown: Mapping[str, Any],
    note: str = "",
) -> Receipt:
    """Capture this redemption; `shown` is what `Capture` says of how it was shown, `note` what was
    typed beside it."""
    if redemption.amount > policy.redeem_recheck_above:
        _recheck(ask.book, redemption.redemption)
    action = _capture_of(redemption, till, quantity, shown)
    return ask.record(replace(action, note=ask.sealed(note=note)) if note else action)


def _would(
    book: Book, till: Till, redemption: Redemption, quantity: int
) -> Callable[[Mapping[str, Any]], Capturable]:
    return lambda shown: book.would_capture(
        _capture_of(redemption, till, quantity, shown), reward=redemption.reward
    )


def _recheck(book: Book, redemption: str) -> None:
    """Count again what the entry set aside before it is taken; a difference stops the account
    (trust §4)."""
    held = account.held(redemption)
    # Of one moment: somebody else may be taking it.
    with book.database.snapshot() as connection:
        stored = StoredRows(connection)
        found: Redemption = stored.fetch("redemptions", [redemption])[redemption]
        purse = stored.fetch("purses", [held]).get(held, {})
    entry = book.entry(found.since)
    set_aside = sum(each.amount for each in entry.postings if each.destination == held)
    if found.state == "reserved" and not (
        set_aside == found.amount == purse.get(("", found.asset), 0)
    ):
        due.stop_owners(book.database, [held], book.clock.now_ms())


def normalised(book: Book, till: Till, code: str) -> str:
    """The ten characters somebody typed. Refuses with `too_many_attempts`, or with `practice_code`
    or `bad_code`, which are not counted: no voucher has such a code, so nobody learns anything."""
    try:
        return codes.normalise(code)
    except codes.BadCode as bad:
        sentence = bad.sentence
    no = uncounted(book, till, "bad_code", sentence)
    if codes.practice_number(code) is not None:
        raise Refused(
            "practice_code", "this is a code for training, and no voucher; practise with it instead"
        )
    raise no


def uncounted(book: Book, till: Till, code: str, sentence: str) -> Refused:
    """The no for what cannot be a code or a card: nobody learns anything, so it is not counted.
    Refuses itself with `too_many_attempts`."""
    limits, window = till_limits(book, till), _window(book)
    with book.database.reading() as connection:
        counted = vouchers.failures(connection, list(limits), window)
    _refuse_too_many(book, counted, limits, window, reached=0)
    return Refused(code, sentence, **_left(book, counted, limits, window))


def _with_code(book: Book, till: Till, code: str, asked: str, act: Any) -> Any:
    """Do what a right code allows, and tell its holder; count a wrong one. Another merchant's code
    is a wrong one."""
    limits, window = till_limits(book, till), _window(book)
    with book.database.reading() as connection:
        shown = vouchers.shown(connection, book.codes.fingerprint(code), list(limits), window)
    _refuse_too_many(book, shown.failures, limits, window, reached=0)

    def look() -> Any:
        if shown.redemption is None:
            raise Refused("unknown_code", _UNKNOWN)
        with told(book, till, shown.redemption, asked):
            return act(shown.redemption, book.policy(newest=shown.newest_document))

    return _counting(book, limits, window, look)


def limited(book: Book, limits: Mapping[str, int], act: Callable[[], Done]) -> Done:
    """Do what somebody may who has not shown too many wrong codes, cards or values in these scopes;
    count another wrong one. Refuses with `too_many_attempts`."""
    window = _window(book)
    with book.database.reading() as connection:
        counted = vouchers.failures(connection, list(limits), window)
    _refuse_too_many(book, counted, limits, window, reached=0)
    return _counting(book, limits, window, act)


def count_try(book: Book, limits: Mapping[str, int]) -> None:
    """Count one try in these scopes, right or wrong, where even a right one tells something.
    Refuses with `too_many_attempts`."""
    window = _window(book)
    counted = vouchers.count_failure(book.database, list(limits), window)
    _refuse_too_many(book, counted, limits, window, reached=1)


def _counting(book: Book, limits: Mapping[str, int], window: int, act: Callable[[], Done]) -> Done:
    try:
        return act()
    except Refused as refused:
        if refused.code not in COUNTED:
            raise
        no = refused
    counted = vouchers.count_failure(book.database, list(limits), window)
    _refuse_too_many(book, counted, limits, window, reached=1)
    facts = _left(book, counted, limits, window)
    # Of the holder's own tries and of those from here, whichever are fewer.
    left = min(facts["attempts_left"], no.facts.get("attempts_left", facts["attempts_left"]))
    raise Refused(no.code, no.sentence, **{**facts, **no.facts, "attempts_left": left})


_UNKNOWN: Final = "no voucher of this shop has this code; check the digits"


def _refuse_too_many(
    book: Book, counted: dict[str, int], limits: Mapping[str, int], window: int, *, reached: int
) -> None:
    if all(counted.get(scope, 0) < limit + reached for scope, limit in limits.items()):
        return
    facts = _left(book, counted, limits, window)
    wait = facts["resets_seconds"]
    raise Refused(
        "too_many_attempts",
        f"there were too many tries; try again in {wait} seconds",
        wait_seconds=wait,
        **facts,
    )


def _left(
    book: Book, counted: dict[str, int], limits: Mapping[str, int], window: int
) -> dict[str, int]:
    """How many wrong codes may still be shown, of how many, and in how many seconds they are
    counted anew: of the scope that has the fewest left."""
    left, most = min((limit - counted.get(scope, 0), limit) for scope, limit in limits.items())
    ends = window + WINDOW_MS - book.clock.now_ms()
    return {
        "attempts_left": max(0, left),
        "attempts_limit": most,
        "resets_seconds": max(0, -(-ends // 1000)),
    }


def _window(book: Book) -> int:
    """The beginning of the window that runs now (ms)."""
    return book.clock.now_ms() // WINDOW_MS * WINDOW_MS


def till_limits(book: Book, till: Till) -> dict[str, int]:
    """How many wrong ones a till, its merchant, its address and everybody together may show."""
    return {
        f"terminal:{till.caller.terminal}": LIMITS["terminal"],
        till.caller.party: LIMITS["merchant"],
        f"address:{book.codes.place(till.address)}": LIMITS["address"],
        "total": LIMITS["total"],
    }


def office_limits(book: Book, caller: Caller, address: str) -> dict[str, int]:
    """The same at an office's desk."""
    return {
        caller.party: LIMITS["office"],
        f"address:{book.codes.place(address)}": LIMITS["address"],
        "total": LIMITS["total"],
    }


def _capture_of(
    redemption: Redemption, till: Till, quantity: int, shown: Mapping[str, Any]
) -> Capture:
    return Capture(
        redemption=redemption.redemption,
        holder=redemption.volunteer,
        merchant=till.caller.id,
        branch=till.branch,
        terminal=till.caller.terminal,
        quantity=quantity,
        clerk=till.caller.clerk,
        **shown,
    )


def fresh_code(book: Book, redemption: str) -> tuple[bytes, str, bytes]:
    """A row of table `codes` whose code nobody has."""
    while True:
        code = codes.make_code(secrets.token_bytes(codes.RANDOM_BYTES))
        fingerprint = book.codes.fingerprint(code)
        with book.database.reading() as connection:
            if vouchers.redemption_of(connection, fingerprint) is None:
                return fingerprint, redemption, book.codes.seal(redemption, code)
