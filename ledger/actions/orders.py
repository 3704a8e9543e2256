"""Service that is asked for with saved time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ledger import account
from ledger.actions import Action, Touch


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestOrder(Action):
    """Somebody asks to be served for saved time: `minutes` are set aside. Times in ms, the gate
    is domain §10 P38, `text` a digest."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"order", "text", "age_gate", "age_tested"})

    order: str
    volunteer: str
    organisation: str
    category: str
    minutes: int
    starts: int
    ends: int
    text: str = ""
    age_gate: str = ""
    age_tested: int = 0

    def touches(self) -> Iterator[Touch]:
        owner = account.volunteer(self.volunteer)
        yield "stops", owner
        yield "parties", owner
        yield "purses", owner
        yield "parties", f"organisation:{self.organisation}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferService(Action):
    """A volunteer offers to serve an order."""

    order: str
    provider: str

    def touches(self) -> Iterator[Touch]:
        yield "orders", self.order
        yield "parties", account.volunteer(self.provider)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignOrder(Action):
    """The order book's organisation assigns a volunteer."""

    order: str
    provider: str
    organisation: str

    def touches(self) -> Iterator[Touch]:
        yield "orders", self.order
        yield "parties", account.volunteer(self.provider)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptOrder(Action):
    """An offer is accepted by the recipient, an assignment by the provider."""

    order: str
    volunteer: str

    def touches(self) -> Iterator[Touch]:
        yield "orders", self.order


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineOrder(Action):
    """The recipient declines an offer, the provider an assignment or takes an offer back: it is
    open again."""

    order: str
    volunteer: str

    def touches(self) -> Iterator[Touch]:
        yield "orders", self.order


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOrderDone(Action):
    """What was done stands on the ledger: `record` is the provider's effective service record, or
    another where the one named before was corrected, reversed or saved meanwhile."""

    order: str
    record: str

    def touches(self) -> Iterator[Touch]:
        yield "orders", self.order
        yield "records", self.record


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmOrder(Action):
    """The recipient confirms: time moves to the provider."""

    order: str
    volunteer: str

    def touches(self) -> Iterator[Touch]:
        yield "orders", self.order
        yield "purses", account.held(self.order)
        yield "purses", account.volunteer(self.volunteer)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeOrder(Action):
    """The recipient says that it was not as reported; `text` is a digest."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"text"})

    order: str
    volunteer: str
    text: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "orders", self.order


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleOrder(Action):
    """The order book's organisation decides a dispute: `minutes` to the provider, 0 to all that
    was reported; the rest goes back."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"reason"})

    order: str
    minutes: int
    organisation: str = ""
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "orders", self.order
        yield "purses", account.held(self.order)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder(Action):
    """The recipient, the provider once they accepted, or the organisation (`volunteer` "") calls
    it off before it is done."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"reason"})

    order: str
    volunteer: str = ""
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "orders", self.order
        yield "purses", account.held(self.order)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireOrder(Action):
    """Nobody accepted in time: what was set aside goes back."""

    order: str

    def touches(self) -> Iterator[Touch]:
        yield "orders", self.order
        yield "purses", account.held(self.order)
