"""Signing in by an identity elsewhere: joined on issuer and subject, by whoever is signed in.

What is kept is a keyed digest of the two and the credential that was issued when they were linked.
Sessions stand on that credential; revoking it ends them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass

from ledger.actions.credentials import IssueCredential
from ledger.book import Book, Caller
from ledger.door import sessions
from ledger.door.asking import Asking, with_its_entry
from ledger.errors import Refused
from ledger.sequencer import Receipt
from ledger.store import identities, tables, ways


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """An identity with which somebody signs in."""

    credential: str
    linked: int
    """ms"""


def digest_of(book: Book, issuer: str, subject: str) -> bytes:
    """What is kept of somebody's name at a provider. Keyed, since that may be a short number."""
    said = json.dumps([issuer, subject], separators=(",", ":")).encode()
    return hmac.new(book.keys.session, b"sidereal identity" + said, hashlib.sha256).digest()


def key_of(state: str) -> str:
    """An idempotency key for what a provider sent back."""
    return hashlib.sha256(b"sidereal link " + state.encode()).hexdigest()


def refuse_unless_oneself(caller: Caller) -> None:
    """Refuse with `role_not_allowed` a till, and whoever acts for somebody else."""
    if caller.terminal or caller.helper:
        raise Refused("role_not_allowed", "one links how one signs in oneself")


def credential_for_oneself(ask: Asking, means: str, *, session: str) -> IssueCredential:
    """On what the caller will sign in by these means, with what they may do now. Refuses with
    `role_not_allowed`, or with `sign_in_again` where this session of theirs did not begin
    lately."""
    refuse_unless_oneself(ask.caller)
    sessions.refuse_unless_lately(ask.book, session)
    return IssueCredential(
        credential=ask.book.new_id(),
        party=ask.caller.party,
        role=ask.caller.role,
        scopes="+".join(sorted(ask.caller.scopes)),
        means=means,
    )


def link(ask: Asking, *, issuer: str, subject: str, session: str) -> Receipt:
    """Whoever is this at the provider signs in as the caller from now on. Refuses with
    `identity_taken` and as `credential_for_oneself`."""
    book = ask.book
    digest = digest_of(book, issuer, subject)
    if (before := ask.answered()) is not None:
        return before
    action = credential_for_oneself(ask, "oidc", session=session)
    with book.database.reading() as connection:
        row = identities.behind(connection, digest)
    if row is not None:
        if not row.revoked:
            raise Refused("identity_taken", "this identity signs somebody in already")
        ways.drop(book.database, row.credential)
    kept = (digest, action.credential, ask.now())
    return ask.record(action, beside=with_its_entry(tables.identities, kept))


def sign_in(book: Book, *, issuer: str, subject: str, before: str = "") -> tuple[str, int]:
    """As `sessions.sign_in`, by an identity that was linked. Refuses with `unknown_identity` and
    what `tokens.caller_of` refuses."""
    with book.database.reading() as connection:
        row = identities.behind(connection, digest_of(book, issuer, subject))
    if row is None or row.revoked:
        raise Refused("unknown_identity", "this identity is linked to nobody here")
    return sessions.open_on(book, row.credential, before=before)


def linked(book: Book, party: str) -> list[Linked]:
    """By which identities somebody signs in as a party, the newest first."""
    with book.database.reading() as connection:
        rows = identities.of_party(connection, party)
    return [Linked(credential=row.credential, linked=row.linked) for row in rows]
