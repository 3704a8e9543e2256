"""Count an account again before it is spent from (trust §4).

Balances are stored so that they need not be counted; whoever edits one must not be able to spend
it. What a volunteer has is the sum of the postings of the entries about them.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from sqlalchemy import Connection

from ledger import account
from ledger.book import Book
from ledger.errors import Refused
from ledger.standing import Purse
from ledger.store import due, journal, queries
from ledger.store.projections import StoredRows

_PAGE: Final = 1_000


def refuse_wrong_balance(book: Book, volunteer: str) -> None:
    """Whether the volunteer's stored balances are the sums of their postings.

    Where one is not, spending from all of their accounts stops, until the operator has made the
    balances again. Refuses with `account_stopped`.
    """
    refuse_wrong_account(book, account.volunteer(volunteer))


def refuse_wrong_account(book: Book, owner: str) -> None:
    """The same for any owner of whose accounts every posting stands in an entry about them: a
    volunteer, or a merchant before its claims are settled. Refuses with `account_stopped`."""
    with book.database.snapshot() as connection:
        stored = StoredRows(connection).fetch("purses", [owner]).get(owner, {})
        counted = _counted(connection, owner)
    if {slot: amount for slot, amount in stored.items() if amount} != counted:
        due.stop_owners(book.database, [owner], book.clock.now_ms())
        raise Refused(
            "account_stopped",
            "a check found this account's balance wrong; spending stops until the operator has"
            " made the balances again from the entries",
        )


def _counted(connection: Connection, owner: str) -> Purse:
    """Balances other than zero, from the postings of every entry about the owner."""
    balances: defaultdict[tuple[str, str], int] = defaultdict(int)
    after = -1
    while indexes := queries.mentions(connection, owner, after=after, limit=_PAGE):
        for entry in journal.read_entries(connection, indexes):
            for source, destination, asset, amount in entry.postings:
                for address, change in ((source, -amount), (destination, amount)):
                    whose, purse = account.split(address)
                    if whose == owner:
                        balances[purse, asset] += change
        after = indexes[-1]
    return {slot: amount for slot, amount in balances.items() if amount}
