"""Signing in by a passkey: a key pair whose secret half never leaves somebody's phone or key.

What an authenticator signed is checked by whoever calls (`api/passkeys.py`). Here a challenge is
made and taken back once, and a public key is tied to a credential, on which sessions stand. No
device has a name here, and no maker vouches for it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from typing import Final

from sqlalchemy import Connection

from ledger.book import Book
from ledger.door import sessions
from ledger.door.asking import Asking, with_its_entry
from ledger.door.identities import credential_for_oneself
from ledger.errors import Refused
from ledger.sequencer import Receipt
from ledger.store import passkeys, tables, ways
from ledger.store.passkeys import PasskeyRow

FLOW_MS: Final = 10 * 60_000
"""How long somebody may take to answer a challenge."""


def begin(book: Book, purpose: str) -> tuple[bytes, str]:
    """(challenge, what the browser's cookie is to hold). Only this ledger can make it, and
    `challenge_of` makes it again for this browser and purpose alone."""
    kept = f"{book.clock.now_ms()}.{secrets.token_urlsafe(32)}"
    return _challenge(book, kept, purpose), kept


def challenge_of(book: Book, kept: str, purpose: str) -> bytes:
    """The challenge that was begun in this browser for this purpose. Refuses with
    `passkey_refused` where there is none, or it is over."""
    begun = kept.partition(".")[0]
    if not begun.isascii() or not begun.isdigit() or len(begun) > _DIGITS_MAX:
        raise refused("nothing was begun in this browser")
    if not 0 <= book.clock.now_ms() - int(begun) < FLOW_MS:
        raise refused("it was begun too long ago")
    return _challenge(book, kept, purpose)


def _challenge(book: Book, kept: str, purpose: str) -> bytes:
    """Keyed: else whoever holds the cookie could have one signed today for a later time."""
    return _keyed(book, "passkey challenge", kept, purpose)


def handle_of(book: Book, party: str) -> bytes:
    """What authenticators keep of whose passkey it is: 32 bytes that say nothing."""
    return _keyed(book, "passkey handle", party)


def key_of(challenge: bytes) -> str:
    """An idempotency key for what answers a challenge: it adds one passkey, however often sent."""
    return hashlib.sha256(b"sidereal passkey " + challenge).hexdigest()


def passkeys_of(book: Book, party: str) -> list[PasskeyRow]:
    """By which passkeys somebody signs in as a party, the newest first."""
    with book.database.reading() as connection:
        return passkeys.of_party(connection, party)


def add(ask: Asking, *, passkey: bytes, public_key: bytes, counter: int, session: str) -> Receipt:
    """Whoever has this passkey signs in as the caller from now on. Refuses with `passkey_taken`
    and as `credential_for_oneself`."""
    book = ask.book
    if (before := ask.answered()) is not None:
        return before
    action = credential_for_oneself(ask, "passkey", session=session)
    with book.database.reading() as connection:
        row = passkeys.known(connection, passkey)
    if row is not None:
        if not row.revoked:
            raise Refused("passkey_taken", "this passkey signs somebody in already")
        ways.drop(book.database, row.credential)
    kept = (passkey, public_key, counter, action.credential, ask.now(), 0)
    return ask.record(action, beside=with_its_entry(tables.passkeys, kept))


def known(book: Book, passkey: bytes) -> PasskeyRow:
    """The passkey that an authenticator calls so. Refuses with `unknown_passkey`."""
    with book.database.reading() as connection:
        row = passkeys.known(connection, passkey)
    if row is None or row.revoked:
        raise Refused("unknown_passkey", "this passkey is nobody's here, or was removed")
    return row


def sign_in(
    book: Book, passkey: PasskeyRow, *, counter: int, challenge: bytes, before: str = ""
) -> tuple[str, int]:
    """As `sessions.sign_in`, by a passkey that answered a challenge and says it was used `counter`
    times. Refuses with `passkey_refused` a challenge that was answered before, and with what
    `tokens.caller_of` refuses."""
    now = book.clock.now_ms()
    digest = hashlib.sha256(challenge).digest()

    def beside(connection: Connection) -> None:
        """In the transaction of the session: of two who send one answer, only one is signed in."""
        if not passkeys.spend(connection, digest, now=now, until=now + FLOW_MS):
            raise refused("this answer was used already")
        if not passkeys.use(
            connection, passkey.id, before=passkey.counter, counter=counter, now=now
        ):
            raise refused("it was removed or used meanwhile")

    return sessions.open_on(book, passkey.credential, before=before, beside=beside)


def refused(why: str) -> Refused:
    """The no for an answer that does not hold."""
    return Refused("passkey_refused", f"nobody is signed in: {why}; begin again")


def _keyed(book: Book, *parts: str) -> bytes:
    said = json.dumps(parts, separators=(",", ":")).encode()
    return hmac.new(book.keys.session, b"sidereal " + said, hashlib.sha256).digest()


_DIGITS_MAX: Final = 16
