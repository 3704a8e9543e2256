"""Policy drafts: kept to be weighed, simulated on recorded history, and perhaps adopted.

A draft is no entry and decides nothing. What it would have changed is worked out beside the
ledger, from a snapshot, one draft at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import Connection

from ledger.book import Book
from ledger.entry import Entry, decode
from ledger.errors import Refused
from ledger.policy import PolicyDocument, read_policy
from ledger.simulation import Outcome, simulate
from ledger.store import drafts, journal
from ledger.store.drafts import DraftRow

TELL_EVERY_MS = 1_000
"""How often a simulation says how far it is."""

Shown = Callable[[PolicyDocument, Outcome, date], str]


def keep(book: Book, *, toml: str, by: str) -> str:
    """The id of a new draft. Refuses with `policy_refused` where it could never be adopted."""
    read_policy(toml.encode())
    which = book.new_id()
    row = DraftRow(
        draft=which,
        toml=toml,
        kept_by=by,
        kept=book.clock.now_ms(),
        since="",
        began=0,
        told=0,
        done=0,
        total=0,
        failed="",
        outcome="",
    )
    drafts.keep(book.database, row)
    return which


def drop(book: Book, which: str) -> None:
    """Give a draft up. Refuses with `unknown_draft`."""
    if not drafts.drop(book.database, which):
        raise _unknown()


def every(book: Book) -> list[DraftRow]:
    """All drafts, the newest first."""
    with book.database.reading() as connection:
        return drafts.drafts(connection)


def one(book: Book, which: str) -> DraftRow:
    """A draft. Refuses with `unknown_draft`."""
    with book.database.reading() as connection:
        row = drafts.draft(connection, which)
    if row is None:
        raise _unknown()
    return row


def begin(book: Book, which: str, *, since: date | None) -> Callable[[Shown], None]:
    """Begin a draft's simulation, as if in force from `since` on (by default its own first day).

    What is returned does the work, which takes about a second for every 20,000 entries, and keeps
    what `Shown` makes of it. Refuses with `unknown_draft`, `simulation_running`.
    """
    row = one(book, which)
    began = book.clock.now_ms()
    with book.database.reading() as connection:
        total = journal.count(connection)
    day = "" if since is None else since.isoformat()
    if not drafts.begin(book.database, which, since=day, now=began, total=total):
        raise Refused(
            "simulation_running",
            "another draft is being simulated; ask again when that is done",
        )
    document = read_policy(row.toml.encode())
    return lambda show: _work(book, which, document, since, began, show)


def _work(
    book: Book, which: str, document: PolicyDocument, since: date | None, began: int, show: Shown
) -> None:
    told = [began]

    def tell(done: int) -> None:
        now = book.clock.now_ms()
        if now - told[0] >= TELL_EVERY_MS:
            told[0] = now
            drafts.tell(book.database, which, began=began, now=now, done=done)

    try:
        with book.database.snapshot() as connection:
            total = journal.count(connection)
            outcome = simulate(_entries(connection, total), document.policy, since=since, tell=tell)
    except Refused as no:
        _end(book, which, began, failed=no.code)
        return
    until = document.policy.local_date(outcome.last)
    _end(book, which, began, done=total, outcome=show(document, outcome, until))


def _end(book: Book, which: str, began: int, **told: Any) -> None:
    drafts.tell(book.database, which, began=began, now=book.clock.now_ms(), **told)


def _entries(connection: Connection, end: int) -> Iterator[Entry]:
    for _, data in journal.every_entry(connection, end=end):
        yield decode(data)


def _unknown() -> Refused:
    return Refused("unknown_draft", "there is no such draft; it was given up, or adopted")
