"""What a paper says, before anybody decides what it looks like.

A settlement paper lists what a merchant took in, what was refunded after it had been settled, and
what both come to. The sums are worked out here, from the lines; nobody hands them in. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ledger.account import POINT, TIME

ASSETS: Final = (POINT, TIME)
"""What merchants are paid in, in the order of every table."""
LINE_STATES: Final = ("captured", "settled", "refunded", "voided")

_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One capture. Who held the voucher is not known here, so no paper can print it."""

    entry: int
    """Index of the entry that captured it."""
    captured: int
    """When (ms)."""
    redemption: str
    item: str
    """The reward's title, as people typed it; "" where it is not kept any more."""
    quantity: int
    """Pieces that were taken."""
    asset: str
    amount: int
    """Hundredths of a point, or minutes."""
    branch: str
    branch_name: str
    terminal: str
    clerk: str = ""
    """Id of whoever stood at the till; "" where tills have no clerks of their own."""
    clerk_name: str = ""
    note: str = ""
    """What the merchant typed beside it."""
    state: str = "settled"
    """captured, settled, refunded (after it was settled) or voided (before)."""
    flag: str = "none"
    """`none`, or why somebody must look at it first."""

    def __post_init__(self) -> None:
        _refuse_amount(self.asset, self.amount)
        if self.quantity < 1:
            raise ValueError(f"a line has at least one piece, not {self.quantity}")
        if self.state not in LINE_STATES:
            raise ValueError(f"no paper lists a redemption that is {self.state}")

    @property
    def waits(self) -> bool:
        """Whether it is held back until somebody has looked at its flag."""
        return self.state == "captured" and self.flag != "none"

    @property
    def payable(self) -> int:
        """What it adds to the sum; nothing while it waits, or once it was voided."""
        return 0 if self.waits or self.state == "voided" else self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """A refund of something that an earlier settlement had paid; this one takes it off."""

    entry: int
    """Index of the entry that refunded it."""
    time: int
    """When (ms)."""
    redemption: str
    settlement: str
    """The settlement in which it had been paid."""
    asset: str
    amount: int
    """Hundredths of a point, or minutes; at least 1, and taken off."""
    ground: str

    def __post_init__(self) -> None:
        _refuse_amount(self.asset, self.amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """What the lines and adjustments of one asset come to, in its unit."""

    asset: str
    lines: int
    """Lines that count."""
    claimed: int
    """Their sum."""
    waiting: int
    """The sum of what is held back until somebody has looked at it."""
    refunds: int
    """Adjustments."""
    refunded: int
    """Their sum."""

    @property
    def payable(self) -> int:
        """Below zero where more was refunded than claimed."""
        return self.claimed - self.refunded


@dataclass(frozen=True, slots=True, kw_only=True)
class Balances:
    """The merchant's accounts of one asset, in its unit, at the paper's entry (or when it was
    made)."""

    asset: str
    unclaimed: int
    """Set aside for its rewards and not captured."""
    claims: int
    """Captured and not settled."""
    settled: int
    clawed_back: int
    """Refunded after it was settled and not yet taken off a settlement; at most 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A settlement that was closed, or a report of what one would hold (`closed` 0).

    Lines and adjustments are kept in the order of their entries. Raises ValueError for what no
    ledger could have meant: an entry or redemption twice, a line that does not count in a closed
    settlement, a line of another branch than the paper's.
    """

    origin: str
    """Name of the log that holds the entries."""
    merchant: str
    merchant_name: str
    since: int
    until: int
    """The period [since, until) (ms)."""
    made: int
    """When the figures were read (ms); of a closed settlement, when it was closed."""
    size: int
    """Entries in the log at that moment."""
    lines: tuple[Line, ...]
    adjustments: tuple[Adjustment, ...] = ()
    balances: tuple[Balances, ...] = ()
    branch: str = ""
    """Only this branch's lines; "" for all of them."""
    branch_name: str = ""
    settlement: str = ""
    closed: int = 0
    """When the settlement was closed (ms); 0: it was not, this is a report."""
    entry: int = 0
    """Index of the entry that closed it."""
    digest: str = ""
    """What that entry holds as this settlement's digest: 64 hex digits."""

    def __post_init__(self) -> None:
        set_once = object.__setattr__
        set_once(self, "lines", tuple(sorted(self.lines, key=lambda line: line.entry)))
        set_once(self, "adjustments", tuple(sorted(self.adjustments, key=lambda one: one.entry)))
        if self.since >= self.until:
            raise ValueError("a period ends after it begins")
        _refuse_twice(line.redemption for line in self.lines)
        _refuse_twice(one.redemption for one in self.adjustments)
        if self.branch and any(line.branch != self.branch for line in self.lines):
            raise ValueError("a line is of another branch than the paper")
        if self.closed:
            self._refuse_half_closed()
        elif self.settlement or self.entry or self.digest:
            raise ValueError("what was not closed has neither number, entry nor digest")

    def _refuse_half_closed(self) -> None:
        if not self.settlement or not _DIGEST.fullmatch(self.digest):
            raise ValueError("a closed settlement has its number and a digest of 64 hex digits")
        if not 0 < self.entry < self.size:
            raise ValueError("a closed settlement's entry lies within the log")
        if any(line.state not in ("settled", "refunded") for line in self.lines):
            raise ValueError("a closed settlement holds only what it settled")

    @property
    def totals(self) -> tuple[Total, ...]:
        """One for each asset that has a line or an adjustment."""
        return tuple(
            made for made in map(self._total, ASSETS) if made.lines or made.waiting or made.refunds
        )

    def _total(self, asset: str) -> Total:
        ours = [line for line in self.lines if line.asset == asset]
        off = [one for one in self.adjustments if one.asset == asset]
        counted = [line for line in ours if line.payable]
        return Total(
            asset=asset,
            lines=len(counted),
            claimed=sum(line.payable for line in counted),
            waiting=sum(line.amount for line in ours if line.waits),
            refunds=len(off),
            refunded=sum(one.amount for one in off),
        )

    def refuse_other_sums(self, *, lines: int, points: int, minutes: int) -> None:
        """Raise ValueError unless the lines are as many, and what is claimed by them as much, as
        the ledger says (hundredths of a point, minutes). For whoever puts a paper together from
        an entry that states its sums: what is printed is then what is on the ledger."""
        found = {total.asset: total for total in self.totals}
        sums = {asset: total.claimed for asset, total in found.items()}
        counted = sum(total.lines for total in found.values())
        if (counted, sums.get(POINT, 0), sums.get(TIME, 0)) != (lines, points, minutes):
            raise ValueError(
                f"the lines of {self.settlement or 'this report'} do not come to what its entry"
                f" states: {lines} lines, {points} hundredths, {minutes} minutes"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """A voucher to be printed: nobody's name stands on it."""

    item: str
    quantity: int
    merchant_name: str
    branch_names: tuple[str, ...]
    """Where it is taken; () for every branch."""
    expires: int
    """The last moment (ms) is the one before."""
    code: str
    """Ten characters, without a dash."""
    code_url: str
    """What the QR code holds: the configured address and the code after `#` (trust §6)."""


def _refuse_amount(asset: str, amount: int) -> None:
    if asset not in ASSETS:
        raise ValueError(f"merchants are paid in {' or '.join(ASSETS)}, not {asset}")
    if amount < 1:
        raise ValueError(f"an amount is at least 1, not {amount}")


def _refuse_twice(ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for each in ids:
        if each in seen:
            raise ValueError(f"redemption {each} stands twice on a paper")
        seen.add(each)
