"""Stars: asked for, put on notice, granted, refused, taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ledger import account
from ledger.actions import Action, Touch


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyForStar(Action):
    """A volunteer asks for a star, or an organisation nominates (`nominated_by` its id)."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"case"})

    case: str
    volunteer: str
    star: int
    nominated_by: str = ""

    def touches(self) -> Iterator[Touch]:
        owner = account.volunteer(self.volunteer)
        yield "parties", owner
        yield "purses", owner
        yield "conducts", self.volunteer
        yield "marks", (owner, "open_star_case")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeStar(Action):
    """The granting body (an organisation's id, or "" for the operator) begins the public notice."""

    case: str
    organisation: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "star_cases", self.case


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantStar(Action):
    """The granting body grants what was applied for, once the notice is over."""

    case: str
    organisation: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "star_cases", self.case


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseStar(Action):
    """The granting body says no; `reason` is a digest. `next_case` is for the downgrade that may
    follow."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"reason", "next_case"})

    case: str
    organisation: str = ""
    reason: str = ""
    next_case: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "star_cases", self.case


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessStars(Action):
    """Grant what policy grants by itself (domain §10 P25 `automatic`)."""

    volunteer: str

    def touches(self) -> Iterator[Touch]:
        owner = account.volunteer(self.volunteer)
        yield "parties", owner
        yield "purses", owner
        yield "conducts", self.volunteer


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideDowngrade(Action):
    """A person confirms or dismisses a proposed downgrade and gives the reason (P31)."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"reason"})

    case: str
    confirmed: bool
    organisation: str = ""
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "star_cases", self.case
