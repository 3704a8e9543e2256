"""Every way in which somebody signs in again and again, as the journal has it, and what is kept
to know it by.

What is kept is operational: losing it changes no entry. Whoever signed in so does by a link, and
adds the way anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, delete, select

from ledger.rows import LINKED
from ledger.store import tables
from ledger.store.database import Database


class WayRow(NamedTuple):
    """A credential that was linked and is not revoked."""

    credential: str
    means: str


def of_party(connection: Connection, party: str) -> list[WayRow]:
    """Every way in which somebody signs in as a party, the newest first."""
    held, marks = tables.credentials, tables.marks
    rows = connection.execute(
        select(held.c.credential, marks.c.value)
        .join(marks, marks.c.owner == "credential:" + held.c.credential)
        .where(held.c.party == party, held.c.revoked == 0, marks.c.what == LINKED)
        .order_by(held.c.since.desc())
    )
    return [WayRow(*row) for row in rows]


def means_of(connection: Connection, credential: str) -> str:
    """By what somebody signs in on a credential; "" where it was linked to nothing."""
    marks = tables.marks
    found = connection.execute(
        select(marks.c.value).where(
            marks.c.owner == f"credential:{credential}", marks.c.what == LINKED
        )
    ).scalar_one_or_none()
    return "" if found is None else str(found)


def drop(database: Database, credential: str) -> None:
    """What signed in on a credential does so no more."""
    with database.writing() as connection:
        for table in _KEPT:
            connection.execute(delete(table).where(table.c.credential == credential))


def forget(database: Database, addresses: Sequence[str]) -> None:
    """Nothing is kept of how these signed in."""
    held = tables.credentials
    with database.writing() as connection:
        for at in range(0, len(addresses), _AT_ONCE):
            theirs = select(held.c.credential).where(
                held.c.party.in_(addresses[at : at + _AT_ONCE])
            )
            for table in _KEPT:
                connection.execute(delete(table).where(table.c.credential.in_(theirs)))


_KEPT: Final = (tables.identities, tables.passkeys)
_AT_ONCE: Final = 500
"""Addresses in one statement."""
