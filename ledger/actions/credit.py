"""The credit list, and what keeps somebody off it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ledger import account
from ledger.actions import Action, Touch


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDishonesty(Action):
    """Dishonesty of a volunteer was found; a serious one ends their place on the credit list."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"reason"})

    volunteer: str
    serious: bool
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)
        yield "purses", account.volunteer(self.volunteer)
        yield "credits", self.volunteer


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairDishonesty(Action):
    """Credit repair 信用修复: the dishonesty no longer counts as before."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"reason"})

    volunteer: str
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)
        yield "credits", self.volunteer


@dataclass(frozen=True, slots=True, kw_only=True)
class ListForCredit(Action):
    """Put a volunteer who consented on the credit list of a cycle (domain §10 P58–P60)."""

    volunteer: str
    cycle: str

    def touches(self) -> Iterator[Touch]:
        owner = account.volunteer(self.volunteer)
        yield "parties", owner
        yield "purses", owner
        yield "credits", self.volunteer
        yield "consents", (self.volunteer, "credit_list", "")
