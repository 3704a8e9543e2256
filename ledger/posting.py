"""A posting: the only way value moves, and impossible to build wrongly. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.account import ASSETS

AMOUNT_MAX = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Posting:
    """`amount` of `asset` leaves the account `source` and arrives at `destination`.

    `amount` is a whole number of the asset's unit, 1 … 2^53 − 1. Raises ValueError otherwise.
    """

    source: str
    destination: str
    asset: str
    amount: int

    def __post_init__(self) -> None:
        if type(self.amount) is not int or not 1 <= self.amount <= AMOUNT_MAX:
            raise ValueError(f"a posting moves 1 to {AMOUNT_MAX}, not {self.amount!r}")
        if self.source == self.destination:
            raise ValueError(f"a posting needs two accounts, not {self.source} twice")
        if self.asset not in ASSETS:
            raise ValueError(f"no asset {self.asset!r}")
