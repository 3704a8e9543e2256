"""By what somebody signs in again and again: an identity elsewhere, a passkey.

Whatever keeps what they are known by, each is a credential that an entry linked to its means, and
sessions stand on it. So all of them are listed here, and ended here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from ledger.actions.credentials import RevokeCredential
from ledger.book import Book
from ledger.door.asking import Asking
from ledger.door.identities import refuse_unless_oneself
from ledger.errors import Refused
from ledger.sequencer import Receipt
from ledger.store import ways


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One of them."""

    credential: str
    means: str
    """One of `ledger.actions.credentials.MEANS_TO_SIGN_IN`."""


def ways_of(book: Book, party: str) -> list[Way]:
    """Every way in which somebody signs in as a party, the newest first."""
    with book.database.reading() as connection:
        rows = ways.of_party(connection, party)
    return [Way(credential=row.credential, means=row.means) for row in rows]


def end(ask: Asking, *, credential: str) -> Receipt:
    """The caller signs in so no more, and whoever did is signed out. Refuses with
    `role_not_allowed`, `unknown_credential`."""
    refuse_unless_oneself(ask.caller)
    if (before := ask.answered()) is not None:
        return before
    if credential not in [each.credential for each in ways_of(ask.book, ask.caller.party)]:
        raise Refused("unknown_credential", "you sign in by no such thing")
    receipt = ask.record(RevokeCredential(credential=credential))
    ways.drop(ask.book.database, credential)
    return receipt


def end_every(ask: Asking) -> int:
    """The caller signs in by none of them any more, each ended by an entry of its own; how many
    there were. Sessions that stand on nothing of the kind go on. Refuses with `role_not_allowed`.
    """
    refuse_unless_oneself(ask.caller)
    mine = [each.credential for each in ways_of(ask.book, ask.caller.party)]
    # What the caller stands on comes last: nothing is recorded with a credential that is revoked.
    for credential in sorted(mine, key=lambda each: each == ask.caller.credential):
        one = replace(ask, key=_key_for(ask.key, credential))
        try:
            one.record(RevokeCredential(credential=credential))
        except Refused as no:
            # Ended elsewhere a moment ago, which is what is wanted.
            if no.code != "credential_revoked":
                raise
        ways.drop(ask.book.database, credential)
    return len(mine)


def _key_for(key: str, credential: str) -> str:
    """An idempotency key for one of the entries that one form makes."""
    return hashlib.sha256(f"sidereal way {key} {credential}".encode()).hexdigest()
