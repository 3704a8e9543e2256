"""Postings, accounts and assets: docs/format.md, section 6."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge

from audit.canonical import INTEGER_MAX
from audit.shapes import DATE_TEXT
from audit.verdict import Refuted

ASSETS = (b"CREDIT", b"POINT", b"SERVICE", b"STAR", b"TIME")

_ID = "[0-9a-hjkmnp-tv-z]{16}"
_VOLUNTEER = f"volunteer:{_ID}"
_TIME_ACCOUNT = f"{_VOLUNTEER}:time"

# Section 6, row by row: the account, its assets, the lowest and the highest balance.
_TABLE: tuple[tuple[str, str, int, int], ...] = (
    ("issuer:service", "SERVICE", -INTEGER_MAX, INTEGER_MAX),
    ("issuer:time", "TIME", -INTEGER_MAX, INTEGER_MAX),
    ("issuer:point", "POINT", -INTEGER_MAX, INTEGER_MAX),
    ("issuer:star", "STAR", -INTEGER_MAX, INTEGER_MAX),
    ("issuer:credit", "CREDIT", -INTEGER_MAX, INTEGER_MAX),
    (f"{_VOLUNTEER}:service:(?:check_in|backfill)", "SERVICE", 0, INTEGER_MAX),
    # Its lowest balance falls when a policy that grants an overdraft is adopted.
    (_TIME_ACCOUNT, "TIME", 0, INTEGER_MAX),
    (f"{_VOLUNTEER}:points:{DATE_TEXT}", "POINT", 0, INTEGER_MAX),
    (f"{_VOLUNTEER}:owed:time", "TIME", -INTEGER_MAX, 0),
    (f"{_VOLUNTEER}:owed:point", "POINT", -INTEGER_MAX, 0),
    (f"{_VOLUNTEER}:stars", "STAR", 0, INTEGER_MAX),
    (f"{_VOLUNTEER}:credit", "CREDIT", 0, INTEGER_MAX),
    (f"held:{_ID}", "TIME POINT", 0, INTEGER_MAX),
    (f"merchant:{_ID}:claims", "TIME POINT", 0, INTEGER_MAX),
    (f"merchant:{_ID}:settled", "TIME POINT", 0, INTEGER_MAX),
    (f"merchant:{_ID}:clawed_back", "TIME POINT", -INTEGER_MAX, 0),
    (f"pool:(?:platform|{_ID})", "TIME", 0, INTEGER_MAX),
    ("lapsed", "POINT", 0, INTEGER_MAX),
)


@dataclass(slots=True, kw_only=True)
class Row:
    """One row of the table: which accounts, which assets, between which balances."""

    accounts: re.Pattern[bytes]
    assets: frozenset[bytes]
    lowest: int
    highest: int


@dataclass(slots=True)
class Account:
    """One account in one asset, and what is in it."""

    name: bytes
    row: Row
    balance: int = 0


class Book:
    """Every balance, made anew from the postings alone."""

    def __init__(self) -> None:
        self._table = [
            Row(
                accounts=re.compile(accounts.encode()),
                assets=frozenset(assets.encode().split()),
                lowest=lowest,
                highest=highest,
            )
            for accounts, assets, lowest, highest in _TABLE
        ]
        time_accounts = _TIME_ACCOUNT.encode()
        (self._time,) = [row for row in self._table if row.accounts.pattern == time_accounts]
        self._accounts: dict[bytes, dict[bytes, Account]] = {asset: {} for asset in ASSETS}

    def allow_overdraft(self, minutes: int) -> None:
        """From now on time accounts may go this far below zero, or further if they could."""
        self._time.lowest = min(self._time.lowest, -minutes)

    def post(self, postings: list[tuple[bytes, bytes, bytes, bytes]]) -> None:
        """Move what one entry moves; the balances are held to the rules after all of it."""
        touched: list[Account] = []
        for amount, asset, destination, source in postings:
            accounts = self._accounts[asset]
            giver = accounts.get(source) or self._open(source, asset)
            taker = accounts.get(destination) or self._open(destination, asset)
            if giver is taker:
                raise Refuted("postings", f"a posting of it has {source.decode()} twice")
            moved = int(amount)
            giver.balance -= moved
            taker.balance += moved
            touched += (giver, taker)
        for account in touched:
            row = account.row
            if not row.lowest <= account.balance <= row.highest:
                raise Refuted(
                    "balance",
                    f"it leaves {account.balance} in {account.name.decode()},"
                    f" where {row.lowest} to {row.highest} is allowed",
                )

    def _open(self, name: bytes, asset: bytes) -> Account:
        """The account appears for the first time, so this is where its name is checked."""
        for row in self._table:
            if row.accounts.fullmatch(name):
                if asset not in row.assets:
                    raise Refuted("postings", f"{name.decode()} cannot hold {asset.decode()}")
                account = self._accounts[asset][name] = Account(name, row)
                return account
        raise Refuted("postings", f"{name.decode()} is no account")

    def count(self) -> int:
        """How many (account, asset) any posting named."""
        return sum(map(len, self._accounts.values()))

    def merchants(self) -> Iterator[tuple[bytes, bytes, int]]:
        """(account, asset, balance) of every merchant's account."""
        for asset, accounts in self._accounts.items():
            for name, account in accounts.items():
                if name.startswith(b"merchant:"):
                    yield name, asset, account.balance

    def sums(self) -> dict[str, int]:
        """The sum of each asset's balances."""
        return {
            asset.decode(): sum(account.balance for account in accounts.values())
            for asset, accounts in self._accounts.items()
        }

    def lines(self) -> Iterator[bytes]:
        """What `balances.jsonl` must be (section 7), line by line with its newline."""
        for name, asset in merge(*map(self._sorted, ASSETS)):
            amount = self._accounts[asset][name].balance
            yield b'{"account":"%b","amount":%d,"asset":"%b"}\n' % (name, amount, asset)

    def _sorted(self, asset: bytes) -> Iterator[tuple[bytes, bytes]]:
        return ((name, asset) for name in sorted(self._accounts[asset]))
