"""Saved time: deposited, given, granted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ledger import account
from ledger.actions import Action, Touch


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositTime(Action):
    """The volunteer saves `minutes` of a record, once. The gate is domain §10 P37."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"age_gate", "age_tested"})

    record: str
    volunteer: str
    minutes: int
    age_gate: str
    age_tested: int

    def touches(self) -> Iterator[Touch]:
        yield "records", self.record
        yield "parties", account.volunteer(self.volunteer)
        yield "purses", account.volunteer(self.volunteer)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferTime(Action):
    """Saved time goes to whom policy allows. `relation`: spouse, lineal, friend, needy_elder or
    none (domain §10 P39)."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"relation"})

    volunteer: str
    recipient: str
    minutes: int
    relation: str

    def touches(self) -> Iterator[Touch]:
        yield "stops", account.volunteer(self.volunteer)
        for owner in (account.volunteer(self.volunteer), account.volunteer(self.recipient)):
            yield "parties", owner
            yield "purses", owner


@dataclass(frozen=True, slots=True, kw_only=True)
class DonateTime(Action):
    """Saved time goes to a pool: `platform`, or an organisation's id."""

    volunteer: str
    pool: str
    minutes: int

    def touches(self) -> Iterator[Touch]:
        yield "stops", account.volunteer(self.volunteer)
        yield "parties", account.volunteer(self.volunteer)
        yield "purses", account.volunteer(self.volunteer)
        if self.pool != "platform":
            yield "parties", f"organisation:{self.pool}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantTime(Action):
    """A pool gives saved time to somebody: `ground` "starting" (once), or one of
    `CIRCUMSTANCES` that the door attests (domain §10 P44)."""

    volunteer: str
    pool: str
    ground: str
    minutes: int = 0
    """0 with `starting`: what policy gives."""

    def touches(self) -> Iterator[Touch]:
        owner = account.volunteer(self.volunteer)
        yield "parties", owner
        yield "purses", owner
        yield "purses", account.pool(self.pool)
        yield "marks", (owner, f"granted:{self.ground}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveFrozenTime(Action):
    """A person decides about the saved time of somebody who died, left or was forgotten (domain §10
    P46): to a recipient, or to a pool. `reason` is a digest."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"reason"})

    volunteer: str
    minutes: int
    recipient: str = ""
    pool: str = ""
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)
        yield "purses", account.volunteer(self.volunteer)
        yield "stops", account.volunteer(self.volunteer)
        if self.recipient:
            yield "parties", account.volunteer(self.recipient)
            yield "purses", account.volunteer(self.recipient)
