"""What time alone makes due, and what a sweep must know: questions that timers ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson
from sqlalchemy import Connection, select

from ledger import account
from ledger.decide.orders import UNACCEPTED
from ledger.store import journal, tables
from ledger.store.database import Database
from ledger.store.writing import put_rows

_PARTY_KINDS: Final = (
    "volunteer",
    "organisation",
    "staff",
    "merchant",
    "branch",
    "terminal",
    "clerk",
    "auditor",
    "operator",
)
_TEXT_FACTS: Final = ("text", "reason", "url")


def expired_reservations(connection: Connection, now_ms: int, limit: int) -> list[str]:
    """Ids of reservations whose time was over at `now_ms`, the longest over first."""
    redemptions = tables.redemptions
    rows = connection.execute(
        select(redemptions.c.redemption)
        .where(
            redemptions.c.state == "reserved",
            redemptions.c.expires <= now_ms,
            # A till without a network may still say that it took this one.
            redemptions.c.upload_by <= now_ms,
        )
        .order_by(redemptions.c.expires, redemptions.c.redemption)
        .limit(limit)
    )
    return [row[0] for row in rows]


def expired_orders(connection: Connection, now_ms: int, limit: int) -> list[str]:
    """Ids of service orders that nobody had accepted when their time was over at `now_ms`, the
    longest over first."""
    orders = tables.orders
    rows = connection.execute(
        select(orders.c.order_id)
        .where(orders.c.state.in_(UNACCEPTED), orders.c.expires <= now_ms)
        .order_by(orders.c.expires, orders.c.order_id)
        .limit(limit)
    )
    return [row[0] for row in rows]


def holders_of_lapsed_points(connection: Connection, today: str) -> list[str]:
    """Volunteers with points left whose last day was before `today` (ISO date)."""
    balances = tables.balances
    rows = connection.execute(
        select(balances.c.owner)
        .where(
            balances.c.asset == account.POINT,
            balances.c.amount > 0,
            balances.c.owner.like("volunteer:%"),
            balances.c.purse >= account.POINTS_PURSE,
            balances.c.purse < account.POINTS_PURSE + today,
        )
        .distinct()
        .order_by(balances.c.owner)
    )
    return [row[0].partition(":")[2] for row in rows]


def registered(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Which of these ids some entry registered, as a party of any kind or as an activity."""
    addresses = [f"{kind}:{one}" for one in ids for kind in _PARTY_KINDS]
    parties, activities = tables.parties, tables.activities
    found: set[str] = set()
    for start in range(0, len(addresses), 4_000):
        some = addresses[start : start + 4_000]
        rows = connection.execute(select(parties.c.address).where(parties.c.address.in_(some)))
        found.update(row[0].partition(":")[2] for row in rows)
    rows = connection.execute(select(activities.c.activity).where(activities.c.activity.in_(ids)))
    found.update(row[0] for row in rows)
    return found


@dataclass(frozen=True, slots=True)
class WrongBalance:
    """An account whose stored balance is not the sum of its postings."""

    account: str
    asset: str
    stored: int
    recomputed: int


@dataclass(slots=True)
class Sweep:
    """What one reading of the whole journal found."""

    entries: int = 0
    accounts: int = 0
    wrong: list[WrongBalance] = field(default_factory=list)
    texts: set[bytes] = field(default_factory=set)
    """Digests of every text that some entry names."""


def sweep_journal(connection: Connection) -> Sweep:
    """Recompute every account from postings, and collect the texts that entries name (trust §4).

    Entries are read a page at a time; in memory stay one number an account and 32 bytes a text.
    """
    sweep = Sweep()
    balances: dict[tuple[str, str], int] = {}
    for _, data in journal.every_entry(connection):
        document = orjson.loads(data)
        sweep.entries += 1
        for posting in document["postings"]:
            asset, amount = posting["asset"], posting["amount"]
            source, destination = (posting["source"], asset), (posting["destination"], asset)
            balances[source] = balances.get(source, 0) - amount
            balances[destination] = balances.get(destination, 0) + amount
        for name in _TEXT_FACTS:
            digest = document["facts"].get(name, "")
            if digest:
                sweep.texts.add(bytes.fromhex(digest))
    sweep.accounts = len(balances)
    for address, asset, stored in _stored_balances(connection):
        recomputed = balances.pop((address, asset), 0)
        if stored != recomputed:
            sweep.wrong.append(WrongBalance(address, asset, stored, recomputed))
    sweep.wrong += [
        WrongBalance(address, asset, 0, recomputed)
        for (address, asset), recomputed in balances.items()
        if recomputed
    ]
    return sweep


def stop_owners(database: Database, owners: Iterable[str], now_ms: int) -> None:
    """Nothing is spent from these owners' accounts until the projections are made again."""
    with database.writing() as connection:
        put_rows(connection, tables.stops, [(owner, now_ms) for owner in sorted(set(owners))])


def _stored_balances(connection: Connection) -> Iterator[tuple[str, str, int]]:
    query = select(tables.balances).execution_options(yield_per=2_000)
    for owner, purse, asset, amount in connection.execute(query):
        yield f"{owner}:{purse}" if purse else owner, asset, amount
