"""Count an account again before it is spent from (trust §4).

Balances are stored so that they need not be counted; whoever edits one must not be able to spend
it. What a volunteer has is the sum of the postings of the entries about them; what is settled to a
merchant is what was captured and not settled before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from typing import Final, NamedTuple, NoReturn

from sqlalchemy import Connection

from ledger import account
from ledger.book import Book
from ledger.decide.settlement import captured_amount
from ledger.entry import decode
from ledger.errors import Refused
from ledger.rows import Redemption
from ledger.standing import Purse
from ledger.store import claims, due, journal, queries
from ledger.store.journal import kind_in
from ledger.store.projections import StoredRows

_PAGE: Final = 1_000


def refuse_wrong_balance(book: Book, volunteer: str) -> None:
    """Whether the volunteer's stored balances are the sums of their postings.

    Where one is not, spending from all of their accounts stops, until the operator has made the
    balances again. Refuses with `account_stopped`.
    """
    owner = account.volunteer(volunteer)
    with book.database.snapshot() as connection:
        stored = StoredRows(connection).fetch("purses", [owner]).get(owner, {})
        counted = _counted(connection, owner)
    if {slot: amount for slot, amount in stored.items() if amount} != counted:
        _stop(book, owner)


def refuse_wrong_claims(book: Book, merchant: str, redemptions: Sequence[str]) -> None:
    """Whether captures that are about to be settled, refunded or taken off are what the entries
    say, and the merchant's balances are what all such captures come to.

    Entries about the merchant are read from the oldest of these captures on: what was settled
    before it costs nothing. Where something differs, spending from the merchant's accounts stops.
    Refuses with `account_stopped`.
    """
    owner = f"merchant:{merchant}"
    with book.database.snapshot() as connection:
        purse = StoredRows(connection).fetch("purses", [owner]).get(owner, {})
        claimed, refunded = claims.outstanding(connection, merchant)
        # As they are at this moment: the caller saw them a moment ago.
        rows: list[Redemption] = []
        said: dict[str, _Capture] = {}
        if redemptions:
            rows = list(StoredRows(connection).fetch("redemptions", redemptions).values())
            since = min((each.captured_entry for each in rows), default=0)
            said = _captures_since(connection, owner, since, set(redemptions))
    balances = {slot: amount for slot, amount in purse.items() if slot[0] != account.SETTLED_PURSE}
    due_balances = {(account.CLAIMS_PURSE, asset): amount for asset, amount in claimed.items()}
    due_balances |= {
        (account.CLAWED_BACK_PURSE, asset): -amount for asset, amount in refunded.items()
    }
    agrees = {slot: amount for slot, amount in balances.items() if amount} == due_balances
    if not agrees or any(said.get(each.redemption) != _stored(each) for each in rows):
        _stop(book, owner)


def _stop(book: Book, owner: str) -> NoReturn:
    due.stop_owners(book.database, [owner], book.clock.now_ms())
    raise Refused(
        "account_stopped",
        "a check found this account's balance wrong; spending stops until the operator has"
        " made the balances again from the entries",
    )


class _Capture(NamedTuple):
    """A capture as far as a settlement pays it. `state`: captured, settled, refunded, adjusted,
    which is a refund that was taken off; voided."""

    asset: str
    amount: int
    state: str


def _stored(redemption: Redemption) -> _Capture:
    state = "adjusted" if redemption.adjusted else redemption.state
    return _Capture(redemption.asset, captured_amount(redemption), state)


def _captures_since(
    connection: Connection, owner: str, since: int, wanted: Set[str]
) -> dict[str, _Capture]:
    """By redemption of `wanted`, what entry `since` and those after it say was captured at a
    merchant, and what became of it."""
    found: dict[str, _Capture] = {}
    for data in _about(connection, owner, since - 1):
        kind = kind_in(data)
        if kind == "redemption_captured" and _redemption_in(data) in wanted:
            entry = decode(data)
            claims_of = account.claims_of(entry.facts["merchant"])
            for _, destination, asset, amount in entry.postings:
                if destination == claims_of:
                    found[entry.facts["redemption"]] = _Capture(asset, amount, "captured")
        elif kind in _BECOMES:
            fact, state = _BECOMES[kind]
            for one in decode(data).facts[fact].split("+"):
                if one in found:
                    found[one] = found[one]._replace(state=state)
    return found


def _redemption_in(data: bytes) -> str:
    start = data.index(b'"redemption":"') + 14
    return data[start : data.index(b'"', start)].decode()


_BECOMES: Final = {
    "redemption_voided": ("redemption", "voided"),
    "redemption_refunded": ("redemption", "refunded"),
    "settlement_closed": ("redemptions", "settled"),
    "settlement_stated": ("refunds", "adjusted"),
}
"""By kind of entry, the fact that names captures and what they become."""


def _about(connection: Connection, owner: str, after: int) -> Iterator[bytes]:
    """The bytes of entries about an owner with an index above `after`, in order."""
    while indexes := queries.mentions(connection, owner, after=after, limit=_PAGE):
        yield from journal.read_bytes(connection, indexes)
        after = indexes[-1]


def _counted(connection: Connection, owner: str) -> Purse:
    """Balances other than zero, from the postings of every entry about the owner."""
    balances: defaultdict[tuple[str, str], int] = defaultdict(int)
    for data in _about(connection, owner, -1):
        for source, destination, asset, amount in decode(data).postings:
            for address, change in ((source, -amount), (destination, amount)):
                whose, purse = account.split(address)
                if whose == owner:
                    balances[purse, asset] += change
    return {slot: amount for slot, amount in balances.items() if amount}
