"""Opening the ledger that the settings name, and the operator's word about its clock."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from api.settings import Settings
from ledger.book import Book
from ledger.clock import Clock
from ledger.founding import open_book
from ledger.store import journal

_CONFIRMED: Final = "clock_confirmed"


def open_ledger(settings: Settings, *, check: bool = True, clock: Clock | None = None) -> Book:
    """The ledger of `settings`, open. Raises what `open_book` raises."""
    return open_book(
        settings.home,
        database_url=settings.database_url,
        vault_url=settings.vault_url,
        clock=clock,
        check=check,
        confirmed_head=confirmed_head(settings.home),
    )


def confirmed_head(home: Path) -> int:
    """The time (ms) of the head after whose long rest an operator confirmed the clock, or 0."""
    try:
        written = (home / _CONFIRMED).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return 0
    return int(written) if written.isascii() and written.isdigit() else 0


def confirm_clock(book: Book) -> int:
    """Remember that the clock is right although the head is old; the head's time (ms).

    It counts for this very head: the next entry makes it void.
    """
    with book.database.reading() as connection:
        head_time = journal.read_head(connection, book.origin).chain.time
    fresh = book.home / f".{_CONFIRMED}"
    fresh.write_text(f"{head_time}\n", encoding="ascii")
    fresh.replace(book.home / _CONFIRMED)
    return head_time
