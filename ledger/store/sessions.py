"""Operational rows of sign-in: links that are used once, and who is signed in.

Only digests are kept. Losing them signs everybody out and changes no entry.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from ledger.store import tables
from ledger.store.database import Database, look

BROWSERS_MAX: Final = 50
"""In how many browsers somebody is signed in at once by one credential."""


class SessionRow(NamedTuple):
    """One browser that is signed in: by the digest of what its cookie holds."""

    digest: bytes
    terminal: str
    clerk: str
    since: int
    until: int
    revoked: int
    helper: str
    """The address of whoever acts for somebody else in it, or ""."""
    party: str
    """As whom: the address."""
    role: str
    """The role of whoever sits there, which is a helper's own."""
    used: int
    """When they last did something, as far as that is noted; 0 where it never was."""


class Stands(NamedTuple):
    """On what a session stands, since when somebody is signed in, and when it was last used."""

    credential: str
    until: int
    own: str
    own_until: int
    since: int
    used: int


def begin(
    database: Database, link: bytes, session: bytes, *, instead: bytes | None, now: int, until: int
) -> bool:
    """Use up a link and sign in with it, in one step; whether the link was still there.

    `instead`: the digest of the session that this browser had before. What is over is removed.
    """
    links, sessions = tables.sign_in_links, tables.sessions
    with database.writing() as connection:
        credential = connection.execute(
            select(links.c.credential).where(links.c.digest == link, links.c.until > now)
        ).scalar_one_or_none()
        # Deleting decides: of two who use one link at once, only one removes it.
        spent = connection.execute(delete(links).where(links.c.digest == link)).rowcount
        if credential is None or spent != 1:
            return False
        stands = Stands(credential, until, "", 0, now, now)
        connection.execute(insert(sessions).values(digest=session, **stands._asdict()))
        if instead is not None:
            connection.execute(delete(sessions).where(sessions.c.digest == instead))
        connection.execute(delete(links).where(links.c.until <= now))
        connection.execute(
            delete(sessions).where(sessions.c.until <= now, sessions.c.own_until <= now)
        )
    return True


def begin_on(
    database: Database,
    credential: str,
    session: bytes,
    *,
    instead: bytes | None,
    now: int,
    until: int,
    beside: Callable[[Connection], None] | None = None,
) -> None:
    """Sign somebody in on a credential that stands for longer than one session. The oldest give
    way where that would be more than `BROWSERS_MAX`. `beside` is done first and in the same
    transaction; what it raises undoes all."""
    kept = tables.sessions
    with database.writing() as connection:
        if beside is not None:
            beside(connection)
        if instead is not None:
            connection.execute(delete(kept).where(kept.c.digest == instead))
        connection.execute(delete(kept).where(kept.c.until <= now, kept.c.own_until <= now))
        others = select(kept.c.digest).where(
            (kept.c.credential == credential) | (kept.c.own == credential)
        )
        oldest = others.order_by(kept.c.since.desc()).offset(BROWSERS_MAX - 1)
        for digest in connection.execute(oldest).scalars().all():
            connection.execute(delete(kept).where(kept.c.digest == digest))
        stands = Stands(credential, until, "", 0, now, now)
        connection.execute(insert(kept).values(digest=session, **stands._asdict()))


def stands_on(connection: Connection, digest: bytes) -> Stands | None:
    """On what a session stands; None where there is none."""
    kept = tables.sessions
    row = connection.execute(
        select(*(kept.c[name] for name in Stands._fields)).where(kept.c.digest == digest)
    ).fetchone()
    return None if row is None else Stands(*row)


def change(database: Database, before: bytes, after: bytes, *, to: Stands) -> bool:
    """A session takes another's place in one step; whether that was still there."""
    kept = tables.sessions
    with database.writing() as connection:
        if connection.execute(delete(kept).where(kept.c.digest == before)).rowcount != 1:
            return False
        connection.execute(insert(kept).values(digest=after, **to._asdict()))
    return True


def note_use(database: Database, digest: bytes, *, now: int) -> None:
    """Somebody did something in a session at `now` (ms)."""
    kept = tables.sessions
    with database.writing() as connection:
        connection.execute(
            update(kept).where(kept.c.digest == digest, kept.c.used < now).values(used=now)
        )


def link_until(connection: Connection, digest: bytes) -> int:
    """Until when (ms) a link can be used; 0 where there is none."""
    links = tables.sign_in_links
    found = connection.execute(
        select(links.c.until).where(links.c.digest == digest)
    ).scalar_one_or_none()
    return 0 if found is None else int(found)


def end(database: Database, digest: bytes) -> None:
    """Sign one browser out."""
    with database.writing() as connection:
        connection.execute(delete(tables.sessions).where(tables.sessions.c.digest == digest))


def open_of(
    connection: Connection, party: str, *, terminal: str, clerk: str, now: int
) -> list[SessionRow]:
    """Every browser that is signed in as a party at `now` (ms), the newest first, with those in
    which somebody acts for it, or it for somebody; where a clerk or a till is named, only theirs.
    One whose credential is revoked or over is not, nor one whose helper's own is."""
    found = [SessionRow(*row) for row in look(connection, _SESSIONS, (party,)).fetchall()]
    good = [each for each in found if each.until > now and not each.revoked]
    theirs = [each for each in good if _is_theirs(each, terminal, clerk)]
    return sorted(theirs, key=lambda each: each.since, reverse=True)


def end_all(database: Database, party: str, *, terminal: str, clerk: str) -> int:
    """Sign out every browser of a party, and use up its links; how many sessions ended. Where
    a clerk or a till is named, only theirs."""
    with database.writing() as connection:
        ended = 0
        for table, query in ((tables.sessions, _SESSIONS), (tables.sign_in_links, _LINKS)):
            found = [SessionRow(*row) for row in look(connection, query, (party,)).fetchall()]
            theirs = [each.digest for each in found if _is_theirs(each, terminal, clerk)]
            for at in range(0, len(theirs), _AT_ONCE):
                some = theirs[at : at + _AT_ONCE]
                gone = connection.execute(delete(table).where(table.c.digest.in_(some)))
                ended += gone.rowcount if table is tables.sessions else 0
    return ended


def _is_theirs(row: SessionRow, terminal: str, clerk: str) -> bool:
    """A clerk's are the clerk's, a till's those of nobody in particular there, all others all."""
    if clerk:
        return row.clerk == clerk
    return not terminal or (row.terminal, row.clerk) == (terminal, "")


_AT_ONCE: Final = 500
"""Sessions in one statement."""
_WHOSE: Final = (
    "SELECT t.digest, c.terminal, coalesce(bound.value, ''), {found}"
    " FROM {kept} t JOIN credentials c ON c.credential = t.credential"
    " LEFT JOIN marks bound ON bound.owner = 'credential:' || c.credential"
    " AND bound.what = 'clerk'{also} WHERE {whose}"
)
_SESSIONS: Final = _WHOSE.format(
    found="t.since, t.until, c.revoked + coalesce(own.revoked, 0), coalesce(own.party, ''),"
    " c.party, coalesce(own.role, c.role), t.used",
    kept="sessions",
    also=" LEFT JOIN credentials own ON own.credential = t.own",
    whose="? IN (c.party, own.party)",
)
_LINKS: Final = _WHOSE.format(
    found="0, t.until, c.revoked, '', c.party, c.role, 0",
    kept="sign_in_links",
    also="",
    whose="c.party = ?",
)
