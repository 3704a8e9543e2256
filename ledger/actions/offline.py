"""Vouchers that are taken where there is no network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ledger import account
from ledger.actions import Action, Touch
from ledger.rows import OFFLINE, offline_mark


@dataclass(frozen=True, slots=True, kw_only=True)
class SignVoucher(Action):
    """The holder wants to show a reservation where there is no network, at this branch (trust
    §6)."""

    redemption: str
    volunteer: str
    branch: str

    def touches(self) -> Iterator[Touch]:
        yield "redemptions", self.redemption
        yield "parties", account.volunteer(self.volunteer)
        yield "parties", f"branch:{self.branch}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOffline(Action):
    """A till will take signed vouchers without a network. `till_key` is its own raw Ed25519 public
    key, hex."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"session"})

    session: str
    merchant: str
    branch: str
    terminal: str
    till_key: str

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"terminal:{self.terminal}"
        yield "parties", f"branch:{self.branch}"
        yield "parties", f"merchant:{self.merchant}"
        yield "marks", (f"branch:{self.branch}", OFFLINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOffline(Action):
    """What a till took without a network, as its signed acceptance says. `redemption` is "" where
    the voucher is none of ours; `asset` and `amount` (hundredths or minutes) are the voucher's;
    `step` is that of the holder's rotating value where it was right, else 0; `proof` the digest of
    the acceptance."""

    session: str
    merchant: str
    counter: int
    redemption: str
    asset: str
    amount: int
    accepted: int
    step: int
    proof: str

    def touches(self) -> Iterator[Touch]:
        yield "offline_sessions", self.session
        yield "marks", offline_mark(self.session, self.counter)
        if self.redemption:
            yield "redemptions", self.redemption
            yield "marks", (f"redemption:{self.redemption}", OFFLINE)
            yield "stops", account.held(self.redemption)
            yield "purses", account.held(self.redemption)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseOffline(Action):
    """A till has uploaded everything that it took, up to its counter `last`."""

    session: str
    merchant: str
    last: int

    def touches(self) -> Iterator[Touch]:
        yield "offline_sessions", self.session
