"""Every answer of a ledger, decided again from its entries alone."""

from __future__ import annotations

from ledger.entry import Entry, decode
from ledger.replay import Difference, answers, first_difference, take_up
from ledger.standing import Standing
from ledger.store import journal
from ledger.store.database import Database


def entries_of(database: Database) -> list[Entry]:
    """All that was written, in order."""
    with database.reading() as connection:
        return [decode(data) for _, data in journal.every_entry(connection)]


def replay(entries: list[Entry]) -> Difference | None:
    """The first entry that the rules do not give again; None where they give them all."""
    standing = Standing()
    for group in answers(entries):
        found = first_difference(group, standing)
        if found is not None:
            return found
        take_up(standing, group)
    return None


def refuse_other_decisions(database_url: str) -> None:
    """Assert that the rules give every entry of a ledger again, in the same form."""
    database = Database(database_url, durable=False)
    try:
        found = replay(entries_of(database))
    finally:
        database.close()
    assert found is None, f"entry {found.index} ({found.kind}): {found.sentence}"
