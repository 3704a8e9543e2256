"""What merchants are owed is looked at and settled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ledger.actions import Action, Touch


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCapture(Action):
    """Somebody looked at a capture that came too quickly after another: it may be settled now.
    `reason` is a digest. What should not have been taken is voided instead."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"reason"})

    redemption: str
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "redemptions", self.redemption


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseSettlement(Action):
    """A merchant's captured redemptions are settled together, each once (design §6).

    With a period, [`starts`, `ends`) in ms, it is stated: at one `branch` or, "", at all of them,
    with the `refunds` after earlier settlements that it takes off, and a digest."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"settlement"})

    settlement: str
    merchant: str
    redemptions: tuple[str, ...]
    refunds: tuple[str, ...] = ()
    branch: str = ""
    starts: int = 0
    ends: int = 0

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"merchant:{self.merchant}"
        yield "purses", f"merchant:{self.merchant}"
        yield "stops", f"merchant:{self.merchant}"
        if self.branch:
            yield "parties", f"branch:{self.branch}"
        for redemption in (*self.redemptions, *self.refunds):
            yield "redemptions", redemption
