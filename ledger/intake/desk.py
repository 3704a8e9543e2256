"""Where the sessions of a file are handed in: at the book, or for a dry run at a rehearsal.

Both decide alike, because both ask the one sequencer; a rehearsal only keeps what it decided to
itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

from sqlalchemy import Connection

from ledger.actions.service import RecordService
from ledger.book import Book, Caller
from ledger.rows import Activity, Party
from ledger.sequencer import Ask, Beside, Result, Sequencer, Turn
from ledger.store import journal
from ledger.store.outcomes import Outcome, forget_outcomes, highest_entry, read_outcomes
from ledger.store.projections import StoredRows, standing_from

Asked = tuple[RecordService, str, bytes | None]
"""Action, key and canonical request, as `Book.record_all` takes them."""


class Desk(Protocol):
    """What an import needs of the ledger."""

    def record(self, asks: Sequence[Asked], beside: Beside) -> Sequence[Result]:
        """Decide these in order, each with its own outcome. `beside` is told the results, and its
        rows are stored with them."""

    def parties(self, addresses: Sequence[str]) -> Mapping[str, Party]:
        """The registered ones among these addresses."""

    def activities(self, ids: Sequence[str]) -> Mapping[str, Activity]:
        """The registered ones among these activities."""

    def outcomes(self, source: bytes, first: int, last: int) -> Mapping[int, Outcome]:
        """What is known of the records `first` … `last` of a file."""

    def has_begun(self, source: bytes) -> bool:
        """Whether an earlier import of this file recorded anything."""

    def forget_if_nothing_recorded(self, source: bytes) -> None:
        """A file of which nothing was recorded leaves nothing behind (trust §1)."""


class LedgerDesk:
    """The desk whose decisions count."""

    def __init__(self, book: Book, caller: Caller) -> None:
        self._book = book
        self._caller = caller

    def record(self, asks: Sequence[Asked], beside: Beside) -> Sequence[Result]:
        return self._book.record_all(asks, caller=self._caller, beside=beside)

    def parties(self, addresses: Sequence[str]) -> Mapping[str, Party]:
        with self._book.database.reading() as connection:
            return StoredRows(connection).fetch("parties", addresses)

    def activities(self, ids: Sequence[str]) -> Mapping[str, Activity]:
        with self._book.database.reading() as connection:
            return StoredRows(connection).fetch("activities", ids)

    def outcomes(self, source: bytes, first: int, last: int) -> Mapping[int, Outcome]:
        with self._book.database.reading() as connection:
            return read_outcomes(connection, source, first, last)

    def has_begun(self, source: bytes) -> bool:
        with self._book.database.reading() as connection:
            return _has_begun(connection, source)

    def forget_if_nothing_recorded(self, source: bytes) -> None:
        with self._book.database.writing() as connection:
            if not _has_begun(connection, source):
                forget_outcomes(connection, source)


class RehearsalDesk:
    """The desk of a dry run: reads one state of the ledger and writes nothing."""

    def __init__(self, book: Book, caller: Caller, connection: Connection) -> None:
        self._book = book
        self._caller = caller
        self._connection = connection
        # It is never handed a turn to take, so it starts no thread and commits nothing.
        self._sequencer = Sequencer(book.database, book.origin, book.clock)
        self._standing = standing_from(connection)
        self._head = journal.read_head(connection, book.origin)

    def record(self, asks: Sequence[Asked], beside: Beside) -> Sequence[Result]:
        caller = self._caller
        turn = Turn(
            [
                Ask(
                    action,
                    caller.party,
                    caller.credential,
                    self._book.idem(caller, key, action, request),
                )
                for action, key, request in asks
            ],
            beside,
        )
        results = self._sequencer.rehearse(turn, self._standing, self._head, self._connection)
        # The rows themselves stay known; only the note that they are to be written goes.
        self._standing.forget_changes()
        self._standing.forget_passing()
        return results

    def parties(self, addresses: Sequence[str]) -> Mapping[str, Party]:
        table = self._standing.parties
        self._standing.prefetch({"parties": addresses})
        return {one: row for one in addresses if (row := table[one]) is not None}

    def activities(self, ids: Sequence[str]) -> Mapping[str, Activity]:
        table = self._standing.activities
        self._standing.prefetch({"activities": ids})
        return {one: row for one in ids if (row := table[one]) is not None}

    def outcomes(self, source: bytes, first: int, last: int) -> Mapping[int, Outcome]:
        return read_outcomes(self._connection, source, first, last)

    def has_begun(self, source: bytes) -> bool:
        return _has_begun(self._connection, source)

    def forget_if_nothing_recorded(self, source: bytes) -> None:
        """There is nothing to forget: nothing was written."""


@contextmanager
def open_desk(book: Book, caller: Caller, *, dry_run: bool) -> Iterator[Desk]:
    """The desk of an import by `caller`."""
    if not dry_run:
        yield LedgerDesk(book, caller)
        return
    with book.database.snapshot() as connection:
        yield RehearsalDesk(book, caller, connection)


def _has_begun(connection: Connection, source: bytes) -> bool:
    highest = highest_entry(connection, source)
    return highest is not None and highest >= 0
