"""Which sessions of a file somebody may hand in, and what they learn of a no.

Whoever operates the ledger hands in everything. An organisation does not: what stands in its way is
the door's to say (`ledger.door.imports`), and here is where the import asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ledger.actions.service import RecordService
from ledger.errors import Refused
from ledger.intake.desk import Desk
from ledger.intake.rows import Session

Noes = Mapping[int, Refused]
"""By record number, why it is refused."""


class Gate(Protocol):
    """Asked about each chunk of a file."""

    def source(self, digest: bytes) -> bytes:
        """What stands for the file with this SHA-256 among all that was ever imported."""

    def before_claims(self, sessions: Mapping[int, Session]) -> Noes:
        """Sessions that are refused before anybody in them is looked up."""

    def before_decisions(
        self, sessions: Mapping[int, Session], actions: Mapping[int, RecordService], desk: Desk
    ) -> Noes:
        """Sessions that are refused for whom or what they name."""

    def told(self, action: RecordService, refused: Refused) -> str:
        """The code that the report gives for a refusal of the ledger's."""


class OpenGate:
    """Everything may pass, and every no is told as it is."""

    def source(self, digest: bytes) -> bytes:
        return digest

    def before_claims(self, sessions: Mapping[int, Session]) -> Noes:
        del sessions
        return {}

    def before_decisions(
        self, sessions: Mapping[int, Session], actions: Mapping[int, RecordService], desk: Desk
    ) -> Noes:
        del sessions, actions, desk
        return {}

    def told(self, action: RecordService, refused: Refused) -> str:
        del action
        return refused.code
