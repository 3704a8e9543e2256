"""Operational rows of vouchers and batches: codes, wrong codes, tokens, outcomes.

Losing them changes no balance: a code must then be made again, a token issued again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, select

from ledger.store import tables
from ledger.store.database import Database


class TokenRow(NamedTuple):
    """A token's digest, what its credential may do, and the state of its party."""

    credential: str
    party: str
    role: str
    scopes: str
    terminal: str
    expires: int
    revoked: int
    digest: bytes
    state: str


class Outcome(NamedTuple):
    """One item of a batch, as table `outcomes` keeps it; `entry` −1 where none was written."""

    source: bytes
    item: int
    outcome: str
    reasons: str
    minutes: int
    points: int
    flag: str
    entry: int


def token_row(connection: Connection, credential: str) -> TokenRow | None:
    """The token of a credential; None where token, credential or party is not there."""
    credentials, tokens, parties = tables.credentials, tables.tokens, tables.parties
    row = connection.execute(
        select(
            credentials.c.credential,
            credentials.c.party,
            credentials.c.role,
            credentials.c.scopes,
            credentials.c.terminal,
            credentials.c.expires,
            credentials.c.revoked,
            tokens.c.digest,
            parties.c.state,
        )
        .join(tokens, tokens.c.credential == credentials.c.credential)
        .join(parties, parties.c.address == credentials.c.party)
        .where(credentials.c.credential == credential)
    ).fetchone()
    return None if row is None else TokenRow(*row[:7], bytes(row[7]), row[8])


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


def outcomes_of(connection: Connection, source: bytes) -> list[Outcome]:
    """What became of each item of a batch or file, in order; nothing if nothing was recorded."""
    rows = connection.execute(
        select(tables.outcomes)
        .where(tables.outcomes.c.source == source)
        .order_by(tables.outcomes.c.item)
    )
    return [Outcome(bytes(row[0]), *row[1:]) for row in rows]


def forgotten_parties(connection: Connection) -> list[str]:
    """Addresses of everybody whom an entry forgot."""
    rows = connection.execute(
        select(tables.parties.c.address).where(tables.parties.c.state == "forgotten")
    )
    return [row[0] for row in rows]
