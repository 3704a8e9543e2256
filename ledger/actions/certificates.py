"""Certificates of service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ledger.actions import Action, Touch


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCertificate(Action):
    """A certificate of service is given out (domain §1). The entry names nobody: `certificate` is
    the digest of its number, `commitment` that of what it says, which only the certificate opens
    (trust §5). `organisation` is the recording unit. Certificates are free: `fee_cents` must be 0.
    """

    FRESH: ClassVar[frozenset[str]] = frozenset({"certificate", "commitment"})

    certificate: str
    commitment: str
    organisation: str
    minutes: int
    content: bool
    """Whether it says what was done; what exactly is not the ledger's to know."""
    fee_cents: int = 0

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"organisation:{self.organisation}"
        yield "marks", (f"certificate:{self.certificate}", "issued")
