"""Records that go to another ledger or come from one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ledger import account
from ledger.actions import Action, Touch
from ledger.standing import DAY_MS, WINDOW_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueStatement(Action):
    """A volunteer takes a statement of their records along (domain §1, transfer); what it says of
    `size` entries."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"statement", "records", "minutes", "size"})

    statement: str
    volunteer: str
    records: int
    minutes: int
    size: int

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)


@dataclass(frozen=True, slots=True, kw_only=True)
class PortedRecord(Action):
    """One effective record of another ledger, as its proven entries say. Times in ms."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"record"})

    record: str
    foreign_record: str
    foreign_hash: str
    evidence: str
    starts: int
    ends: int
    check_in: int
    check_out: int
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptStatement(Action):
    """Records of another ledger come over. `statement` is the digest of what was handed in,
    `origin` that of the other ledger's origin, `key` its public key (hex): proofs and signature
    were checked at the door."""

    statement: str
    volunteer: str
    origin: str
    key: str
    size: int
    records: tuple[PortedRecord, ...]

    def touches(self) -> Iterator[Touch]:
        owner = account.volunteer(self.volunteer)
        yield "parties", owner
        yield "purses", owner
        yield "consents", (self.volunteer, "statement", "")
        yield "marks", (f"statement:{self.statement}", "accepted")
        for each in self.records:
            yield "marks", (f"origin:{self.origin}", each.foreign_record)
            for window in range(
                (each.check_in - 3 * DAY_MS) // WINDOW_MS,
                (each.check_out + 2 * DAY_MS) // WINDOW_MS + 1,
            ):
                yield "sessions", (self.volunteer, window)
