"""Postings, accounts and assets: docs/format.md, section 6."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge

from audit.canonical import INTEGER_MAX
from audit.kinds import DATE_TEXT
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
        self._balances: dict[bytes, dict[bytes, int]] = {asset: {} for asset in ASSETS}
        self._rows: dict[bytes, dict[bytes, Row]] = {asset: {} for asset in ASSETS}

    def allow_overdraft(self, minutes: int) -> None:
        """From now on time accounts may go this far below zero, or further if they could."""
        self._time.lowest = min(self._time.lowest, -minutes)

    def post(self, postings: list[tuple[bytes, bytes, bytes, bytes]]) -> None:
        """Move what one entry moves; the balances are held to the rules after all of it."""
        for amount, asset, destination, source in postings:
            balances = self._balances[asset]
            if source not in balances:
                self._open(source, asset)
            if destination not in balances:
                self._open(destination, asset)
            if source == destination:
                raise Refuted("postings", f"a posting of it has {source.decode()} twice")
            moved = int(amount)
            balances[source] -= moved
            balances[destination] += moved
        for _, asset, destination, source in postings:
            balances, rows = self._balances[asset], self._rows[asset]
            for account in (source, destination):
                row = rows[account]
                if not row.lowest <= balances[account] <= row.highest:
                    raise Refuted(
                        "balance",
                        f"it leaves {balances[account]} {asset.decode()} in {account.decode()},"
                        f" where {row.lowest} to {row.highest} is allowed",
                    )

    def _open(self, account: bytes, asset: bytes) -> None:
        """The account appears for the first time, so this is where its name is checked."""
        for row in self._table:
            if row.accounts.fullmatch(account):
                if asset not in row.assets:
                    break
                self._balances[asset][account] = 0
                self._rows[asset][account] = row
                return
        else:
            raise Refuted("postings", f"{account.decode()} is no account")
        raise Refuted("postings", f"{account.decode()} cannot hold {asset.decode()}")

    def accounts(self) -> int:
        """How many (account, asset) any posting named."""
        return sum(map(len, self._balances.values()))

    def sums(self) -> dict[str, int]:
        """The sum of each asset's balances."""
        return {asset.decode(): sum(each.values()) for asset, each in self._balances.items()}

    def lines(self) -> Iterator[bytes]:
        """What `balances.jsonl` must be (section 7), line by line with its newline."""
        for account, asset in merge(*map(self._sorted, ASSETS)):
            amount = self._balances[asset][account]
            yield b'{"account":"%b","amount":%d,"asset":"%b"}\n' % (account, amount, asset)

    def _sorted(self, asset: bytes) -> Iterator[tuple[bytes, bytes]]:
        return ((account, asset) for account in sorted(self._balances[asset]))
