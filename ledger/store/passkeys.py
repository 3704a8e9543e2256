"""Operational rows of passkeys: the public half of each, and which challenges were answered.

Losing them changes no entry: whoever signed in so does by a link, and adds a passkey anew.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, delete, select, text, update

from ledger.store import tables


class PasskeyRow(NamedTuple):
    """What is kept of one passkey, and whose it is."""

    id: bytes
    public_key: bytes
    counter: int
    credential: str
    added: int
    used: int
    party: str
    revoked: int


def of_party(connection: Connection, party: str) -> list[PasskeyRow]:
    """Passkeys with which somebody signs in as a party, the newest first."""
    held = tables.credentials
    rows = connection.execute(
        _rows()
        .where(held.c.party == party, held.c.revoked == 0)
        .order_by(tables.passkeys.c.added.desc())
    )
    return [PasskeyRow(*row) for row in rows]


def known(connection: Connection, passkey: bytes) -> PasskeyRow | None:
    """The passkey that an authenticator calls so; None where nobody added it."""
    row = connection.execute(_rows().where(tables.passkeys.c.id == passkey)).fetchone()
    return None if row is None else PasskeyRow(*row)


def _rows() -> Select[Any]:
    kept, held = tables.passkeys, tables.credentials
    return select(*kept.c, held.c.party, held.c.revoked).join(
        held, held.c.credential == kept.c.credential
    )


def spend(connection: Connection, challenge: bytes, *, now: int, until: int) -> bool:
    """Remember that a challenge was answered, by its digest; whether it was not before. What is
    over is removed."""
    table = tables.spent_challenges
    connection.execute(delete(table).where(table.c.until <= now))
    added = connection.execute(
        text(
            "INSERT INTO spent_challenges (digest, until) VALUES (:digest, :until)"
            " ON CONFLICT (digest) DO NOTHING"
        ),
        {"digest": challenge, "until": until},
    )
    return added.rowcount == 1


def use(connection: Connection, passkey: bytes, *, before: int, counter: int, now: int) -> bool:
    """Its counter moves on from `before`; whether it still stood there."""
    kept = tables.passkeys
    moved = connection.execute(
        update(kept)
        .where(kept.c.id == passkey, kept.c.counter == before)
        .values(counter=counter, used=now)
    )
    return moved.rowcount == 1
