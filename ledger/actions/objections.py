"""A volunteer says that an entry is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from ledger import account
from ledger.actions import Action, Touch
from ledger.rows import objection_mark

SUBJECTS: Final = ("credit", "other", "record", "redemption", "star")
"""What an objection may be about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileObjection(Action):
    """A volunteer objects to what an entry says (domain §10 P61). `subject_kind` is one of
    `SUBJECTS`, `subject` its id or "", `organisation` who is to answer."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"objection", "text"})

    objection: str
    volunteer: str
    subject_kind: str
    subject: str = ""
    organisation: str = ""
    text: str = ""

    def touches(self) -> Iterator[Touch]:
        owner = account.volunteer(self.volunteer)
        yield "parties", owner
        yield "marks", (owner, objection_mark(self.subject_kind, self.subject))
        if self.organisation:
            yield "parties", f"organisation:{self.organisation}"
        if self.subject_kind == "record":
            yield "records", self.subject
        elif self.subject_kind == "redemption":
            yield "redemptions", self.subject
        elif self.subject_kind == "star" and self.subject:
            yield "star_cases", self.subject


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardObjection(Action):
    """It is not ours to decide: another organisation answers within its own days (P61)."""

    objection: str
    organisation: str

    def touches(self) -> Iterator[Touch]:
        yield "objections", self.objection
        yield "parties", f"organisation:{self.organisation}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideObjection(Action):
    """`outcome`: upheld or rejected. What is to be corrected is corrected by its own action."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"reason"})

    objection: str
    outcome: str
    reviewer: str = ""
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "objections", self.objection
        if self.reviewer:
            yield "parties", f"staff:{self.reviewer}"
