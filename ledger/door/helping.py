"""Acting for a volunteer who cannot: allowed by them or on their written wish, ended at once.

A helper stays signed in as themselves and gets a session of its own that stands on what they were
lent. The credential says for how long and in what, and its entries say who helped.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from ledger.actions.credentials import IssueCredential, RevokeCredential
from ledger.book import Book, Caller
from ledger.door.asking import Asking
from ledger.door.tree import Tree, rows
from ledger.door.vouchers import count_try
from ledger.errors import Refused
from ledger.rows import HELPS, LENT, Credential, Party
from ledger.sequencer import Receipt
from ledger.store import queries


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """That somebody may act for a volunteer."""

    credential: str
    entry: int
    """Where it was agreed."""
    helped: str
    helper: str
    """Addresses."""
    scopes: tuple[str, ...]
    expires: int
    """ms"""
    state: str
    """`active`, `ended`, `over`, or `paused` while either of the two takes no part."""


TRIES_MAX: Final = 20
"""How many numbers one volunteer may type in a window: each that is somebody's shows a masked
name."""


def named(book: Book, caller: Caller, number: str, *, helped: str) -> str:
    """The address of whoever has this number and is to act for `helped`, an address. Each try of a
    volunteer counts, and is counted before anything is said; operators see who people are by duty.
    Refuses with `too_many_attempts`, `unknown_party` and `bad_helper`."""
    if caller.role == "volunteer":
        count_try(book, {f"helper:{caller.party}": TRIES_MAX})
    addresses = [f"volunteer:{number}", f"staff:{number}"]
    found = next(iter(rows(book, "parties", addresses)), "") if number else ""
    if not found:
        raise Refused("unknown_party", "nobody has this number")
    if found == helped:
        raise Refused("bad_helper", "nobody is their own helper")
    return found


def allow(
    ask: Asking, *, volunteer: str, helper: str, scopes: Collection[str], expires: int
) -> Receipt:
    """Somebody may act for a volunteer until `expires` (ms), in what `scopes` name.

    The volunteer says so, or an operator on their written wish. Refuses with `unknown_party` and
    what `ledger.decide.helpers` refuses.
    """
    helped = f"volunteer:{volunteer}"
    Tree(ask.book, ask.caller).refuse_unless_ours(helped)
    return ask.record(
        IssueCredential(
            credential=ask.book.new_id(),
            party=helped,
            role="volunteer",
            scopes="+".join(sorted(set(scopes))),
            expires=expires,
            helper=helper,
        )
    )


def end(ask: Asking, *, credential: str) -> Receipt:
    """What a helper was lent is taken back, and whoever acts with it acts no more. Refuses with
    `unknown_credential`, `credential_revoked`."""
    book = ask.book
    found: Credential | None = rows(book, "credentials", [credential]).get(credential)
    if found is not None and Tree(book, ask.caller).acts_for(found.party):
        with book.database.reading() as connection:
            lent = queries.marks_like(connection, found.party, LENT)
        if credential in lent:
            return ask.record(RevokeCredential(credential=credential))
    raise Refused("unknown_credential", "there is no such helper")


def helpers_of(book: Book, volunteer: str) -> list[Help]:
    """Everybody who may act for a volunteer, or could before, the newest first."""
    helped = f"volunteer:{volunteer}"
    with book.database.reading() as connection:
        lent = queries.marks_like(connection, helped, LENT)
    return _helps(book, {each: (helped, helper) for each, helper in lent.items()})


def helped_by(book: Book, helper: str) -> list[Help]:
    """For whom the party at this address may act, or could before, the newest first."""
    with book.database.reading() as connection:
        helps = queries.marks_like(connection, helper, HELPS)
    return _helps(book, {each: (helped, helper) for each, helped in helps.items()})


def lent_to(book: Book, caller: Caller, credential: str) -> Help:
    """What the caller may act with now. Refuses with `unknown_credential`."""
    for each in helped_by(book, caller.party):
        if each.credential == credential and each.state == "active":
            return each
    raise Refused("unknown_credential", "there is nobody for whom you may act with this")


def _helps(book: Book, pairs: Mapping[str, tuple[str, str]]) -> list[Help]:
    credentials: dict[str, Credential] = rows(book, "credentials", list(pairs))
    parties: dict[str, Party] = rows(
        book, "parties", [address for pair in pairs.values() for address in pair]
    )
    now = book.clock.now_ms()

    def state(row: Credential, pair: tuple[str, str]) -> str:
        if row.revoked:
            return "ended"
        if now >= row.expires:
            return "over"
        return "active" if all(parties[one].state == "active" for one in pair) else "paused"

    made = [
        Help(
            credential=row.credential,
            entry=row.since,
            helped=pairs[row.credential][0],
            helper=pairs[row.credential][1],
            scopes=tuple(row.scopes.split("+")),
            expires=row.expires,
            state=state(row, pairs[row.credential]),
        )
        for row in credentials.values()
    ]
    return sorted(made, key=lambda each: each.entry, reverse=True)
