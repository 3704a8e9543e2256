"""The ledger's own beginning, its policies and calendars, and its log of reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ledger.actions import Action, Touch


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin(Action):
    """The first entry: fixes the origin's public keys (raw Ed25519, hex)."""

    log_key: str
    ack_key: str
    manifest_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptPolicy(Action):
    """Put a policy document in force from its effective date."""

    policy: str
    version: int
    toml_sha256: str
    document: Mapping[str, Any]

    def touches(self) -> Iterator[Touch]:
        yield "documents", ("policy", self.policy, self.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptCalendar(Action):
    """Put a year's holidays and make-up workdays in force; adopting a year again replaces it."""

    calendar: str
    year: int
    toml_sha256: str
    document: Mapping[str, Any]

    def touches(self) -> Iterator[Touch]:
        yield "documents", ("calendar", self.calendar, self.year)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitAccessLog(Action):
    """Fix what the log of reads of personal data holds so far."""

    last: int
    count: int
    digest: str
