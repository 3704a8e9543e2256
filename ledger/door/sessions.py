"""Signing in to the pages: a link that is used once within ten minutes, then a session.

A link stands on a credential of its own, issued like a token's by whoever may issue one (trust
§7), so what is done on a page has its `auth` in the journal and revoking the credential ends it.
The ledger keeps a SHA-256 of the link and of what the cookie holds, never either.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from ledger.actors import ROLE_OF
from ledger.book import Book, Caller
from ledger.door.asking import Asking, with_its_entry
from ledger.door.helping import lent_to
from ledger.door.tokens import CLERK_SCOPES, caller_behind, credential_for
from ledger.errors import Refused
from ledger.ids import is_id
from ledger.sequencer import Receipt
from ledger.store import sessions, tables, vouchers, ways
from ledger.store.vouchers import TokenRow

LINK_MS: Final = 10 * 60_000
"""How long a link can be used."""
HOURS: Final = 12
"""How long somebody stays signed in, unless it is said otherwise: a long day at a till."""
HOURS_MAX: Final = 24 * 31
NOTED_MS: Final = 60_000
"""How often a use is noted at most."""
LATELY_MS: Final = 15 * 60_000
"""How long after signing in somebody may add another way of signing in."""
_HOUR_MS: Final = 3_600_000
_GROUP: Final = 4


def make_link(
    ask: Asking, *, party: str, terminal: str = "", clerk: str = "", hours: int = HOURS
) -> tuple[Receipt, str, int]:
    """(receipt, secret, until) of a link for a party; the secret can never be shown again.

    Whoever uses it is signed in for `hours`. At a till they can do no more than `CLERK_SCOPES`.
    Refuses as `tokens.issue`.
    """
    now = ask.now()
    secret, credential = ask.book.new_id(), ask.book.new_id()
    until = now + LINK_MS
    scopes = CLERK_SCOPES if terminal else None
    if scopes is not None and party == ask.caller.party:
        scopes &= ask.caller.scopes
    action = credential_for(
        ask,
        credential,
        party=party,
        role=role_for(party),
        scopes=scopes,
        terminal=terminal,
        clerk=clerk,
        expires=now + hours * _HOUR_MS,
    )

    # No credential without its link.
    link = with_its_entry(tables.sign_in_links, (_digest(secret), credential, until))
    return ask.record(action, beside=link), secret, until


def role_for(party: str) -> str:
    """In which role somebody signs in. Refuses with `role_not_of_party`."""
    role = ROLE_OF.get(party.partition(":")[0], "system")
    if role == "system":
        raise Refused("role_not_of_party", f"nobody signs in as {party}", party=party)
    return role


def grouped(secret: str) -> str:
    """A link's secret as people type it: `7K3M-9QRT-…`."""
    parts = (secret[at : at + _GROUP] for at in range(0, len(secret), _GROUP))
    return "-".join(parts).upper()


def typed(text: str) -> str:
    """The secret that somebody typed or pasted, alone or at the end of its link; "" for what can
    be none."""
    bare = text.strip().rstrip("/").rpartition("/")[2]
    kept = (each for each in bare.lower() if each not in "- \t\u3000")
    secret = "".join({"i": "1", "l": "1", "o": "0"}.get(each, each) for each in kept)
    return secret if is_id(secret) else ""


def whose_link(book: Book, secret: str) -> Caller:
    """Who a link would sign in; it stays good. Refuses with `sign_in_link_over` and what
    `tokens.caller_of` refuses."""
    return caller_behind(book, _unused(book, secret))


def sign_in(book: Book, secret: str, *, before: str = "") -> tuple[str, int]:
    """(what the cookie holds, until when): the link is used up, and `before`, what this browser's
    cookie held, is worth nothing any more. Refuses as `whose_link`."""
    row = _unused(book, secret)
    caller_behind(book, row)
    session = secrets.token_urlsafe(32)
    begun = sessions.begin(
        book.database,
        _digest(secret),
        _digest(session),
        instead=_digest(before) if before else None,
        now=book.clock.now_ms(),
        until=row.expires,
    )
    if not begun:
        raise _over()
    return session, row.expires


def open_on(
    book: Book,
    credential: str,
    *,
    before: str = "",
    beside: Callable[[Connection], None] | None = None,
) -> tuple[str, int]:
    """As `sign_in`, on a credential that stands for longer than one session, for `HOURS`. `beside`
    is done in the same transaction, and undoes it by raising."""
    session, now = secrets.token_urlsafe(32), book.clock.now_ms()
    until = now + HOURS * _HOUR_MS
    sessions.begin_on(
        book.database,
        credential,
        _digest(session),
        instead=_digest(before) if before else None,
        now=now,
        until=until,
        beside=beside,
    )
    try:
        caller_of_session(book, session, idle_ms=HOURS * _HOUR_MS)
    except Refused:
        sign_out(book, session)
        raise
    return session, until


def _unused(book: Book, secret: str) -> TokenRow:
    """What a link that can be used now stands for. Refuses with `sign_in_link_over`."""
    digest = _digest(secret)
    with book.database.reading() as connection:
        row = vouchers.link_row(connection, digest)
        until = sessions.link_until(connection, digest)
    if row is None or book.clock.now_ms() >= until:
        raise _over()
    return row


def caller_of_session(book: Book, session: str, *, idle_ms: int) -> Caller:
    """Who is signed in, at a desk as long as the session was used within `idle_ms`. Refuses with
    `not_signed_in`, `session_idle`, `help_over` and what `tokens.caller_of` refuses."""
    return _standing(book, session, idle_ms)[0]


def use(book: Book, session: str, *, idle_ms: int) -> Caller:
    """The same of a request that a person made. At a desk it is noted, at most once a minute;
    tills and volunteers write nothing. Refuses as `caller_of_session`."""
    caller, person, stands = _standing(book, session, idle_ms)
    now = book.clock.now_ms()
    if idles(person.role, person.terminal) and now - stands.used >= NOTED_MS:
        sessions.note_use(book.database, _digest(session), now=now)
    return caller


def idles(role: str, terminal: str) -> bool:
    """Whether a session of this role, at this till or at none, ends because nobody uses it: a till
    stands open all day, and a volunteer's own phone has a lock."""
    return role != "volunteer" and not terminal


def idle_until(stands: sessions.Stands | sessions.SessionRow, idle_ms: int) -> int:
    """Until when (ms) it stands unless somebody uses it. As a use is noted to the minute, never
    earlier than `idle_ms` after it, and at most a minute later."""
    return max(stands.since, stands.used) + idle_ms + NOTED_MS


def refuse_unless_lately(book: Book, session: str) -> None:
    """Refuse with `sign_in_again` whoever did not sign in within `LATELY_MS`, so that nobody makes
    a stolen session last. Acting for somebody and coming back is no signing in."""
    with book.database.reading() as connection:
        stands = sessions.stands_on(connection, _digest(session))
    if stands is None:
        raise _signed_out()
    if not is_late(stands.since, book.clock.now_ms()):
        return
    raise Refused("sign_in_again", "for this you must have signed in lately; sign in again first")


def refuse_unless_lately_for(book: Book, session: str, caller: Caller, party: str) -> None:
    """The same where what somebody makes on a page for a party, a link or a token, would let
    themselves in again: for their own, and for an operator any operator's."""
    operators = caller.role == "operator" and ROLE_OF.get(party.partition(":")[0]) == "operator"
    if operators or party == caller.party:
        refuse_unless_lately(book, session)


def is_late(since: int, now: int) -> bool:
    """Whether it is too long ago that somebody signed in `since` (ms), to add another way."""
    return not 0 <= now - since < LATELY_MS


def _standing(book: Book, session: str, idle_ms: int) -> tuple[Caller, Caller, sessions.Stands]:
    """(as whom, who sits there, on what it stands)."""
    digest = _digest(session)
    with book.database.reading() as connection:
        # Found by its digest: how long the search takes says nothing about what was sent.
        row = vouchers.session_row(connection, digest)
        stands = sessions.stands_on(connection, digest)
        own = vouchers.own_session_row(connection, digest) if stands and stands.own else None
    if row is None or stands is None:
        raise _signed_out()
    # Who helps must be somebody by themselves first.
    caller = caller_behind(book, own or row)
    if book.clock.now_ms() >= (stands.own_until if own else stands.until):
        raise Refused("token_expired", "you were signed in for long enough; sign in again")
    _refuse_idle(book, caller, stands, idle_ms)
    if own is None:
        return caller, caller, stands
    try:
        acting = caller_behind(book, row)
    except Refused as no:
        raise _helping_over() from no
    if book.clock.now_ms() >= stands.until or acting.helper != caller.party:
        raise _helping_over()
    return acting, caller, stands


def _refuse_idle(book: Book, person: Caller, stands: sessions.Stands, idle_ms: int) -> None:
    if not idles(person.role, person.terminal):
        return
    if book.clock.now_ms() >= idle_until(stands, idle_ms):
        raise Refused("session_idle", "nobody did anything here for a while; sign in again")


def _helping_over() -> Refused:
    """The no for what is done for somebody whose help is over: back to one's own session."""
    return Refused("help_over", "you act for this person no more; go back to your own pages")


def act_for(book: Book, session: str, credential: str, *, idle_ms: int) -> tuple[str, int]:
    """(what the cookie holds from now on, until when): whoever is signed in acts for somebody who
    lent them this. Refuses as `caller_of_session`, with `unknown_credential`, or with
    `role_not_allowed` where they act for somebody already."""
    caller, _, stands = _standing(book, session, idle_ms)
    if caller.helper:
        raise Refused("role_not_allowed", "go back to your own pages first")
    lent = lent_to(book, caller, credential)
    to = sessions.Stands(
        credential=credential,
        until=min(stands.until, lent.expires),
        own=stands.credential,
        own_until=stands.until,
        since=stands.since,
        used=book.clock.now_ms(),
    )
    return _changed(book, session, to), stands.until


def act_for_oneself(book: Book, session: str, *, idle_ms: int) -> tuple[str, int]:
    """(what the cookie holds from now on, until when): whoever acted for somebody is only
    themselves again, also where that help is over. Refuses with `not_signed_in`, `session_idle`
    and what `tokens.caller_of` refuses of their own."""
    digest = _digest(session)
    with book.database.reading() as connection:
        stands = sessions.stands_on(connection, digest)
        own = vouchers.own_session_row(connection, digest)
    if stands is None or own is None or book.clock.now_ms() >= stands.own_until:
        raise _signed_out()
    _refuse_idle(book, caller_behind(book, own), stands, idle_ms)
    now = book.clock.now_ms()
    to = sessions.Stands(stands.own, stands.own_until, "", 0, stands.since, now)
    return _changed(book, session, to), stands.own_until


def _changed(book: Book, session: str, to: sessions.Stands) -> str:
    fresh = secrets.token_urlsafe(32)
    if not sessions.change(book.database, _digest(session), _digest(fresh), to=to):
        raise _signed_out()
    return fresh


def _signed_out() -> Refused:
    return Refused("not_signed_in", "nobody is signed in here; ask for a new link")


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """One browser that is signed in. Nothing is kept of what kind of device it is."""

    reference: str
    """What it is called in a form; it signs nobody in."""
    since: int
    until: int
    """ms."""
    idle_until: int
    """Until when (ms) it stands unless somebody uses it; 0 where that does not end it."""
    here: bool
    helper: str
    """The address of whoever acts for somebody in it; "" where nobody does."""
    party: str
    """As whom: the address."""


def open_sessions(book: Book, caller: Caller, session: str, *, idle_ms: int) -> list[Open]:
    """Where else somebody is signed in, the newest first, and here; with those who act for them,
    and where they act for others. From a till only where the same clerk is, or the till itself."""
    mine, now = _digest(session), book.clock.now_ms()
    with book.database.reading() as connection:
        rows = sessions.open_of(
            connection,
            caller.reader,
            terminal=caller.terminal,
            clerk=caller.clerk,
            now=now,
        )
    found = [
        Open(
            reference=_reference(row.digest),
            since=row.since,
            until=row.until,
            idle_until=idle_until(row, idle_ms) if idles(row.role, row.terminal) else 0,
            here=row.digest == mine,
            helper=row.helper,
            party=row.party,
        )
        for row in rows
    ]
    return [each for each in found if not each.idle_until or each.idle_until > now]


def end_session(book: Book, caller: Caller, reference: str) -> None:
    """Sign one browser of one's own out, wherever it is. Refuses with `unknown_session`."""
    with book.database.reading() as connection:
        rows = sessions.open_of(
            connection,
            caller.reader,
            terminal=caller.terminal,
            clerk=caller.clerk,
            now=book.clock.now_ms(),
        )
    found = [row.digest for row in rows if _reference(row.digest) == reference]
    if not found:
        raise Refused("unknown_session", "there is no such session of yours; it may be over")
    sessions.end(book.database, found[0])


def _reference(digest: bytes) -> str:
    """Half of a digest of a digest: tells sessions apart, and nothing of the cookie."""
    return hashlib.sha256(digest).hexdigest()[:32]


def means_of(book: Book, session: str) -> str:
    """By what whoever sits there signed in: one of `ledger.actions.credentials.MEANS_TO_SIGN_IN`,
    or "" for a link or nobody."""
    with book.database.reading() as connection:
        stands = sessions.stands_on(connection, _digest(session))
        return ways.means_of(connection, stands.own or stands.credential) if stands else ""


def sign_out(book: Book, session: str) -> None:
    """This browser's session is over."""
    sessions.end(book.database, _digest(session))


def sign_out_everywhere(book: Book, caller: Caller) -> int:
    """Every session of this party is over, those of its tills included; from a till only those of
    the same clerk, or of the till itself. How many there were.

    Links that nobody used yet are worth nothing any more. Tokens are untouched.
    """
    return sessions.end_all(
        book.database, caller.reader, terminal=caller.terminal, clerk=caller.clerk
    )


def _digest(secret: str) -> bytes:
    """What is kept of 80 random bits that are good for ten minutes, and of 256."""
    return hashlib.sha256(secret.encode()).digest()


def _over() -> Refused:
    return Refused("sign_in_link_over", "this link was used or is too old; ask for a new one")
