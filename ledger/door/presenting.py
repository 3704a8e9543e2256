"""What a till is shown besides a code, and what its holder is told of it (trust §6).

The six digits on a phone are turned into the step they belong to; the ledger then decides that no
step is used twice. Wrong digits and wrong PINs are counted for each holder. Whoever asks about a
voucher leaves a look, which its holder can read: of a verify, that and what it answered; of a
capture, why it was refused. What was captured is an entry already.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from ledger import account
from ledger.book import Book
from ledger.codes import ROTATING_STEP_MS
from ledger.decide.cards import asks_for_more
from ledger.errors import Refused
from ledger.rows import Redemption
from ledger.store import tables
from ledger.store.cards import Judged, Look, holder_scope, judge
from ledger.vault.rotating import Shown

if TYPE_CHECKING:
    from ledger.door.vouchers import Till

COUNTED: Final = frozenset({"unknown_code", "wrong_rotating_value", "wrong_card_or_pin"})
"""Noes that count as wrong codes wherever they were shown."""
_OF_THE_VALUE: Final = frozenset({"rotating_value_used", "attestation_outdated"})


def by_value(book: Book, redemption: Redemption, value: str, would: Any) -> dict[str, Any]:
    """How a capture says that the holder's phone showed `value`; nothing for no value.

    `would` asks what a capture would find if the value were right: a voucher that cannot be taken
    anyhow says why, whatever the digits, and counts nothing. Refuses with `rotating_cooling_off`
    and `wrong_rotating_value`.
    """
    if not value:
        return {}
    now, holder = book.clock.now_ms(), redemption.volunteer
    step = book.rotating.step_of(holder, value, now)
    if not step:
        _refuse_whatever_the_value(would, now)
    judged = judge(book.database, holder_scope("rotating", holder), now, lambda: step > 0)
    if not judged.right:
        _refuse_whatever_the_value(would, now)
        if not judged.tried:
            raise Refused("rotating_cooling_off", wait(judged), **counted(judged))
        raise Refused(
            "wrong_rotating_value",
            "these are not the digits on the holder's phone now; scan or read them again",
            **counted(judged),
        )
    return {"means": "rotating", "step": step}


def _refuse_whatever_the_value(would: Any, now: int) -> None:
    try:
        would({"means": "rotating", "step": now // ROTATING_STEP_MS})
    except Refused as refused:
        if refused.code not in _OF_THE_VALUE:
            raise


def counted(judged: Judged) -> dict[str, int]:
    """What the answer to a wrong PIN or value tells: tries left, and how long to wait if at all."""
    wait_seconds = {"wait_seconds": judged.wait_seconds} if judged.wait_seconds else {}
    return {"attempts_left": judged.left, **wait_seconds}


def wait(judged: Judged) -> str:
    """The sentence where nothing was looked at."""
    return f"too many wrong tries in a row; try again in {judged.wait_seconds} seconds"


def on_phone(book: Book, redemption: Redemption) -> tuple[Shown, bool]:
    """What the holder's phone shows beside a voucher now, and whether the code alone does not
    do."""
    now, holder = book.clock.now_ms(), redemption.volunteer
    with book.database.reading() as connection:
        standing = book.standing_in(connection)
        policy = standing.policy_of(account.volunteer(holder), now)
        needed = asks_for_more(redemption.redemption, policy, standing)
    return book.rotating.shown(holder, now), needed


@contextmanager
def told(book: Book, till: Till, redemption: Redemption, asked: str) -> Iterator[None]:
    """Let a voucher's holder know that it was asked about. `asked` is verify or capture."""
    try:
        yield
    except Refused as refused:
        tell(book, till, redemption.volunteer, redemption.redemption, asked, refused.code)
        raise
    if asked == "verify":
        tell(book, till, redemption.volunteer, redemption.redemption, asked, "valid")


def tell(book: Book, till: Till, holder: str, redemption: str, asked: str, outcome: str) -> None:
    """Keep a look for a holder (id): it waits for the next group to be committed, so that a queue
    of tills costs one flush and not one each."""
    look = Look(
        volunteer=holder,
        time=book.clock.now_ms(),
        terminal=till.caller.terminal,
        redemption=redemption,
        merchant=till.caller.id,
        branch=till.branch,
        asked=asked,
        outcome=outcome,
    )
    book.keep(tables.looks, look)
