"""What a shop is told of its own lines, and nobody else: who stood at the till, what was noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from api.reads.asking import texts_of
from ledger.book import Book, Caller
from ledger.rows import NOTED
from ledger.store import queries


def clerk_names(book: Book, caller: Caller, clerks: Sequence[str]) -> Mapping[str, str]:
    """Names of these clerks (ids), where they are known. The look is kept in the access log."""
    wanted = sorted({each for each in clerks if each})
    if not wanted:
        return {}
    found = book.vault.read_many(
        wanted, ["name"], by=caller.party, purpose="registration", at=book.clock.now_ms()
    )
    return {clerk: each["name"] for clerk, each in found.items() if each.get("name")}


def notes_of(book: Book, redemptions: Sequence[str]) -> Mapping[str, str]:
    """What was noted last about each of these redemptions, where something was."""
    owners = [f"redemption:{each}" for each in redemptions]
    with book.database.reading() as connection:
        noted = queries.marks_of(connection, owners, [NOTED])
    kept = texts_of(noted.values())
    said = {
        owner.partition(":")[2]: kept.get(digest, {}).get("note", "")
        for (owner, _), digest in noted.items()
    }
    return {redemption: note for redemption, note in said.items() if note}
