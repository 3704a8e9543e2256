"""Who is there: volunteers, organisations, shops, staff, and what changes about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from ledger import account
from ledger.actions import Action, Touch
from ledger.policy.words import GRANT_GROUPS, GRANTING_TIERS

TIERS: Final = GRANTING_TIERS[1:]
"""Tiers of organisations, the highest first; a province is above any ledger's tree."""
FORMS: Final = ("organisation", "team")
CIRCUMSTANCES: Final = GRANT_GROUPS
"""Why time may be granted to somebody (domain §10 P44). What is on file stays in the vault, but an
entry that rests on it says so of a random id: docs/vault.md, What entries show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterVolunteer(Action):
    """`conflicts` are ids that hold the same volunteer number or ID number with another partner:
    registered ones refuse this registration."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"volunteer", "conflicts"})

    volunteer: str
    organisation: str = ""
    guardian: str = "not_needed"
    conflicts: tuple[str, ...] = ()

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)
        if self.organisation:
            yield "parties", f"organisation:{self.organisation}"
        for other in self.conflicts:
            yield "parties", account.volunteer(other)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterGroup(Action):
    """Volunteers who serve and save time as one; what they save they only donate (domain §10
    P40). The id is a volunteer's."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"volunteer"})

    volunteer: str
    organisation: str

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)
        yield "parties", f"organisation:{self.organisation}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachMajority(Action):
    """A minor whose guardian's consent was missing needs none any more: attested by the door."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"age_gate", "age_tested"})

    volunteer: str
    age_gate: str
    age_tested: int

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordGuardianConsent(Action):
    """A guardian's consent for a minor has been seen."""

    volunteer: str

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterOrganisation(Action):
    """An organisation or team in the tree of four tiers; `parent` "" for a root."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"organisation"})

    organisation: str
    parent: str = ""
    tier: str = "community"
    form: str = "organisation"

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"organisation:{self.organisation}"
        if self.parent:
            yield "parties", f"organisation:{self.parent}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterStaff(Action):
    """Somebody who records or approves; `organisation` "" for several or none."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"staff"})

    staff: str
    organisation: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"staff:{self.staff}"
        if self.organisation:
            yield "parties", f"organisation:{self.organisation}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterMerchant(Action):
    """A partner merchant."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"merchant"})

    merchant: str

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"merchant:{self.merchant}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterBranch(Action):
    """A merchant's branch."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"branch"})

    merchant: str
    branch: str

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"merchant:{self.merchant}"
        yield "parties", f"branch:{self.branch}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterTerminal(Action):
    """A till at a branch."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"terminal"})

    merchant: str
    branch: str
    terminal: str

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"merchant:{self.merchant}"
        yield "parties", f"branch:{self.branch}"
        yield "parties", f"terminal:{self.terminal}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterAuditor(Action):
    """Somebody who may read entries and check them."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"auditor"})

    auditor: str

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"auditor:{self.auditor}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterOperator(Action):
    """Somebody who runs the ledger."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"operator"})

    operator: str

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"operator:{self.operator}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeParty(Action):
    """`change`: suspended, reinstated, left, died, forgotten."""

    party: str
    change: str
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "parties", self.party
        role, _, id_ = self.party.partition(":")
        if role == "volunteer":
            # Who is gone leaves the credit list.
            yield "credits", id_
            yield "purses", self.party


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterRelation(Action):
    """A relative of a volunteer; who and how stays in the vault under `relation`."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"relation"})

    volunteer: str
    relation: str

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveRelation(Action):
    """A relation ends."""

    volunteer: str
    relation: str

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCircumstance(Action):
    """Something true of a volunteer that a policy asks about; what it is stays in the vault."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"circumstance"})

    volunteer: str
    circumstance: str

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveCircumstance(Action):
    """It is true no longer."""

    volunteer: str
    circumstance: str

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)
