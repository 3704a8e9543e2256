"""A posting: the only way value moves, and impossible to build wrongly. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

from ledger.account import ASSETS

AMOUNT_MAX: Final = 2**53 - 1


class _Posting(NamedTuple):
    source: str
    destination: str
    asset: str
    amount: int


class Posting(_Posting):
    """`amount` of `asset` leaves the account `source` and arrives at `destination`.

    `amount` is a whole number of the asset's unit, 1 … 2^53 − 1. Raises ValueError otherwise.
    """

    __slots__ = ()

    def __new__(cls, source: str, destination: str, asset: str, amount: int) -> Posting:
        """A posting, or ValueError."""
        if type(amount) is not int or not 1 <= amount <= AMOUNT_MAX:
            raise ValueError(f"a posting moves 1 to {AMOUNT_MAX}, not {amount!r}")
        if source == destination:
            raise ValueError(f"a posting needs two accounts, not {source} twice")
        if asset not in ASSETS:
            raise ValueError(f"no asset {asset!r}")
        return super().__new__(cls, source, destination, asset, amount)
