"""Medals and commendations, and the people that active rates are counted against."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from ledger import account
from ledger.actions import Action, Touch

LEVELS: Final = ("national", "province", "city", "county", "organisation")
"""Who commends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantMedal(Action):
    """A medal that policy gives for lifetime hours (P32); `medal` counts from 1."""

    volunteer: str
    medal: int
    organisation: str = ""

    def touches(self) -> Iterator[Touch]:
        owner = account.volunteer(self.volunteer)
        yield "parties", owner
        yield "purses", owner
        yield "marks", (owner, f"medal:{self.medal}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCommendation(Action):
    """A commendation (domain §1, fourth block): `level` one of `LEVELS`, `awarded` ms, `text` a
    digest."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"commendation", "text"})

    commendation: str
    volunteer: str
    organisation: str
    level: str
    awarded: int
    text: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)
        yield "parties", f"organisation:{self.organisation}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePopulation(Action):
    """What an organisation states for a year: the denominators of domain §9, and what it counted
    of them. Whole people."""

    organisation: str
    year: int
    residents: int = 0
    staff: int = 0
    staff_registered: int = 0
    members: int = 0
    members_registered: int = 0

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"organisation:{self.organisation}"
        yield "populations", (self.organisation, self.year)
