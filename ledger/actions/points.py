"""Points that are given for bringing somebody, and points whose time is over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ledger import account
from ledger.actions import Action, Touch


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardReferral(Action):
    """A volunteer brought another (domain §10 P51): once for each newcomer."""

    volunteer: str
    referred: str

    def touches(self) -> Iterator[Touch]:
        for owner in (account.volunteer(self.volunteer), account.volunteer(self.referred)):
            yield "parties", owner
            yield "purses", owner
        yield "marks", (account.volunteer(self.referred), "referred")


@dataclass(frozen=True, slots=True, kw_only=True)
class LapsePoints(Action):
    """Lapse whatever is left in a volunteer's vintages whose last day has passed."""

    volunteer: str

    def touches(self) -> Iterator[Touch]:
        yield "purses", account.volunteer(self.volunteer)
