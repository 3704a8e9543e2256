"""Operational rows of vouchers and tokens: codes, wrong codes, tokens.

Losing them changes no balance: a code must then be made again, a token issued again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, delete, select

from ledger.rows import Redemption
from ledger.store import tables
from ledger.store.database import Database, look, one


class TokenRow(NamedTuple):
    """A token's digest, what its credential may do, the state of its party, and of a till's
    token the address of the till's branch ("" where the till is not registered) and the states of
    both."""

    credential: str
    party: str
    role: str
    scopes: str
    terminal: str
    expires: int
    revoked: int
    digest: bytes
    state: str
    branch: str
    terminal_state: str
    branch_state: str
    clerk: str
    """Id of whose token it is at the till, or ""."""
    clerk_state: str
    helper: str
    """The address of who acts for the party with it, or ""."""
    helper_state: str


class Shown(NamedTuple):
    """What a code stands for, if anything, and what else its being shown raises."""

    redemption: Redemption | None
    newest_document: int
    """As `queries.newest_document`."""
    failures: dict[str, int]
    """Wrong codes counted so far, by scope."""


def token_row(connection: Connection, credential: str) -> TokenRow | None:
    """The token of a credential; None where token, credential or party is not there."""
    row = one(connection, _BY_TOKEN, (credential,))
    return None if row is None else TokenRow(*row)


def session_row(connection: Connection, digest: bytes) -> TokenRow | None:
    """The same of who is signed in to the pages, by the digest of what their cookie holds."""
    row = one(connection, _BY_SESSION, (digest,))
    return None if row is None else TokenRow(*row)


def own_session_row(connection: Connection, digest: bytes) -> TokenRow | None:
    """The same of the helper behind a session, by their own credential; None where nobody helps."""
    row = look(connection, _BY_OWN_SESSION, (digest,)).fetchone()
    return None if row is None else TokenRow(*row)


def link_row(connection: Connection, digest: bytes) -> TokenRow | None:
    """The same of a link to sign in with that nobody used yet."""
    row = look(connection, _BY_LINK, (digest,)).fetchone()
    return None if row is None else TokenRow(*row)


_CREDENTIAL: Final = (
    "SELECT c.credential, c.party, c.role, c.scopes, c.terminal, c.expires, c.revoked,"
    " t.digest, p.state, coalesce(till.parent, ''), coalesce(till.state, ''),"
    " coalesce(shop.state, ''), coalesce(bound.value, ''), coalesce(clerk.state, ''),"
    " coalesce(lent.value, ''), coalesce(helper.state, '')"
    " FROM credentials c JOIN {kept} t ON t.{stands} = c.credential"
    " JOIN parties p ON p.address = c.party"
    " LEFT JOIN parties till ON till.address = 'terminal:' || c.terminal"
    " LEFT JOIN parties shop ON shop.address = till.parent"
    # `ledger.rows.CLERK`.
    " LEFT JOIN marks bound ON bound.owner = 'credential:' || c.credential"
    " AND bound.what = 'clerk'"
    " LEFT JOIN parties clerk ON clerk.address = 'clerk:' || bound.value"
    # `ledger.rows.HELPER`.
    " LEFT JOIN marks lent ON lent.owner = 'credential:' || c.credential"
    " AND lent.what = 'helper'"
    " LEFT JOIN parties helper ON helper.address = lent.value"
    " WHERE {found} = ?"
)
_BY_TOKEN: Final = _CREDENTIAL.format(kept="tokens", stands="credential", found="c.credential")
_BY_SESSION: Final = _CREDENTIAL.format(kept="sessions", stands="credential", found="t.digest")
_BY_OWN_SESSION: Final = _CREDENTIAL.format(kept="sessions", stands="own", found="t.digest")
_BY_LINK: Final = _CREDENTIAL.format(kept="sign_in_links", stands="credential", found="t.digest")


def shown(connection: Connection, fingerprint: bytes, scopes: Sequence[str], window: int) -> Shown:
    """Everything that a code's being shown needs to know, in one question. `window` in ms."""
    counts = ", ".join([_FAILURES] * len(scopes))
    query = (
        # Every name is our own.
        f"SELECT (SELECT max(since) FROM documents), {counts}, r.*"  # noqa: S608
        " FROM (SELECT 1) AS once LEFT JOIN codes c ON c.code = ?"
        " LEFT JOIN redemptions r ON r.redemption = c.redemption"
    )
    parameters = [each for scope in scopes for each in (scope, window)]
    newest, *rest = one(connection, query, (*parameters, fingerprint))
    failed, row = rest[: len(scopes)], rest[len(scopes) :]
    return Shown(
        redemption=None if row[0] is None else Redemption(*row),
        newest_document=-1 if newest is None else newest,
        failures={scope: count for scope, count in zip(scopes, failed, strict=True) if count},
    )


_FAILURES: Final = "(SELECT failures FROM attempts WHERE scope = ? AND time = ?)"


def redemption_of(connection: Connection, fingerprint: bytes) -> str | None:
    """The redemption that a code stands for."""
    found = connection.execute(
        select(tables.codes.c.redemption).where(tables.codes.c.code == fingerprint)
    ).scalar_one_or_none()
    return None if found is None else str(found)


def sealed_code(connection: Connection, redemption: str) -> bytes | None:
    """The sealed copy of a redemption's code."""
    found = connection.execute(
        select(tables.codes.c.sealed).where(tables.codes.c.redemption == redemption)
    ).scalar_one_or_none()
    return None if found is None else bytes(found)


def text_of(connection: Connection, reward: str) -> str:
    """The digest of the words about a reward; "" where there are none."""
    found = one(connection, "SELECT text FROM rewards WHERE reward = ?", (reward,))
    return "" if found is None else str(found[0])


def failures(connection: Connection, scopes: Sequence[str], window: int) -> dict[str, int]:
    """Wrong codes counted in each scope's window that begins at `window` (ms)."""
    attempts = tables.attempts
    rows = connection.execute(
        select(attempts.c.scope, attempts.c.failures).where(
            attempts.c.scope.in_(scopes), attempts.c.time == window
        )
    )
    return {row[0]: row[1] for row in rows}


def count_failure(database: Database, scopes: Sequence[str], window: int) -> dict[str, int]:
    """Count one wrong code in every scope; what each window now holds. Older windows go."""
    attempts = tables.attempts
    with database.writing() as connection:
        connection.execute(delete(attempts).where(attempts.c.time < window))
        # In one fixed order, so that two tills never wait for each other.
        for scope in sorted(scopes):
            connection.exec_driver_sql(
                "INSERT INTO attempts VALUES (?, ?, 1) ON CONFLICT (scope, time)"
                " DO UPDATE SET failures = attempts.failures + 1"
                if database.is_sqlite
                else "INSERT INTO attempts VALUES (%s, %s, 1) ON CONFLICT (scope, time)"
                " DO UPDATE SET failures = attempts.failures + 1",
                (scope, window),
            )
        return failures(connection, scopes, window)


def forgotten_parties(connection: Connection) -> list[str]:
    """Addresses of everybody whom an entry forgot."""
    rows = connection.execute(
        select(tables.parties.c.address).where(tables.parties.c.state == "forgotten")
    )
    return [row[0] for row in rows]
