"""A small town to measure in: one organisation, two of its staff, and any number of volunteers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.actions import Action
from ledger.actions.parties import RegisterOrganisation, RegisterStaff, RegisterVolunteer
from ledger.actions.service import RecordService, RegisterActivity
from ledger.book import CONSOLE, Book
from ledger.errors import Refused
from ledger.founding import found, open_book
from ledger.sequencer import Receipt, Result

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
FIRST_DAY_MS: Final = 1_672_617_600_000
"""2 January 2023, 08:00 in China."""
ASKS_A_BATCH: Final = 5_000

Asks = list[tuple[Action, str, bytes | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a ledger lives; the vault beside its home is never asked anything here."""

    home: Path
    database_url: str

    @classmethod
    def on_sqlite(cls, home: Path) -> Place:
        """A ledger whose database is a file in its home."""
        return cls(home=home, database_url=f"sqlite:///{home / 'ledger.db'}")

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return self.home / "ledger.db"

    @property
    def vault_url(self) -> str:
        """A SQLite vault."""
        return f"sqlite:///{self.home / 'vault.db'}"

    def found(self) -> Book:
        """A new ledger here."""
        return found(self.home, database_url=self.database_url, vault_url=self.vault_url)

    def open(self) -> Book:
        """The ledger that is here."""
        return open_book(self.home, database_url=self.database_url, vault_url=self.vault_url)

    def copied(self, home: Path, database_url: str | None = None) -> Place:
        """A copy of the closed ledger, keys and all; of a server's database the caller made it."""
        shutil.copytree(self.home, home)
        if database_url is None:
            return Place.on_sqlite(home)
        return Place(home=home, database_url=database_url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """The parties that every service record names."""

    organisation: str
    activity: str
    recorder: str
    approver: str
    volunteers: Sequence[str]

    def session(self, volunteer: int, day: int, record: str) -> RecordService:
        """Two hours by check-in, alone on their day, recorded an hour later: effective at once,
        with one posting of SERVICE and one of POINT."""
        start = FIRST_DAY_MS + day * DAY_MS
        end = start + 2 * HOUR_MS
        return RecordService(
            record=record,
            volunteer=self.volunteers[volunteer],
            organisation=self.organisation,
            activity=self.activity,
            evidence="check_in",
            starts=start,
            ends=end,
            check_in=start,
            check_out=end,
            deducted_minutes=0,
            recorder=self.recorder,
            approver=self.approver,
            recorded=end + HOUR_MS,
        )

    def sessions(self, book: Book, first: int, count: int) -> list[RecordService]:
        """Sessions number `first` and on: every volunteer once, then the next day."""
        people = len(self.volunteers)
        return [
            self.session(number % people, number // people, book.new_id())
            for number in range(first, first + count)
        ]


def settle(book: Book, people: int) -> Town:
    """Register everybody."""
    new = book.new_id
    town = Town(
        organisation=new(),
        activity=new(),
        recorder=new(),
        approver=new(),
        volunteers=tuple(new() for _ in range(people)),
    )
    record_everything(
        book,
        [
            RegisterOrganisation(organisation=town.organisation),
            RegisterStaff(staff=town.recorder),
            RegisterStaff(staff=town.approver),
            RegisterActivity(
                activity=town.activity, organisation=town.organisation, category="health"
            ),
            *(RegisterVolunteer(volunteer=volunteer) for volunteer in town.volunteers),
        ],
    )
    return town


def keyed(book: Book, actions: Sequence[Action]) -> Asks:
    """Each action with a key that nobody used."""
    return [(action, book.new_id(), None) for action in actions]


def record_everything(book: Book, actions: Sequence[Action]) -> None:
    """Record the actions in batches; raises where one of them was not taken."""
    for batch in batches(keyed(book, actions)):
        require_written(book.record_all(batch, caller=CONSOLE))


def batches(asks: Asks) -> Iterator[Asks]:
    """Pieces of a size that one transaction takes."""
    for first in range(0, len(asks), ASKS_A_BATCH):
        yield asks[first : first + ASKS_A_BATCH]


def require_written(results: Sequence[Result]) -> None:
    """A bench whose records were refused or held measures something else, and must stop."""
    for result in results:
        if isinstance(result, Refused):
            raise result
        require_effective(result)


def require_effective(receipt: Receipt) -> None:
    """A service record must have brought minutes and points."""
    entry = receipt.entry
    if entry.kind == "service_recorded" and len(entry.postings) != 2:
        raise RuntimeError(f"a session was {entry.facts['outcome']}: {entry.facts['reasons']}")
