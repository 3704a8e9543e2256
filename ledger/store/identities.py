"""Operational rows of signing in again and again: identities that a provider vouches for.

Only a keyed digest of who somebody is there is kept. Losing them changes no entry: whoever signed
in so does by a link, and links it anew.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, select

from ledger.store import tables


class IdentityRow(NamedTuple):
    """What is kept of one identity elsewhere."""

    credential: str
    linked: int
    revoked: int


def of_party(connection: Connection, party: str) -> list[IdentityRow]:
    """Identities with which somebody signs in as a party, the newest first."""
    kept, held = tables.identities, tables.credentials
    rows = connection.execute(
        select(kept.c.credential, kept.c.linked, held.c.revoked)
        .join(held, held.c.credential == kept.c.credential)
        .where(held.c.party == party, held.c.revoked == 0)
        .order_by(kept.c.linked.desc())
    )
    return [IdentityRow(*row) for row in rows]


def behind(connection: Connection, digest: bytes) -> IdentityRow | None:
    """The credential on which an identity signs in; None where it is linked to nobody."""
    kept, held = tables.identities, tables.credentials
    row = connection.execute(
        select(kept.c.credential, kept.c.linked, held.c.revoked)
        .join(held, held.c.credential == kept.c.credential)
        .where(kept.c.digest == digest)
    ).fetchone()
    return None if row is None else IdentityRow(*row)
