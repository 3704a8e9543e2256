"""Who stands at a merchant's tills, what they may take, what they note."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ledger.actions import Action, Touch


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterClerk(Action):
    """Somebody who stands at the tills of a merchant's branch. `text` is the digest of what the
    merchant typed about them, or ""."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"clerk"})

    merchant: str
    branch: str
    clerk: str
    text: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"merchant:{self.merchant}"
        yield "parties", f"branch:{self.branch}"
        yield "parties", f"clerk:{self.clerk}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitClerk(Action):
    """What a clerk may take in one local day: captures, hundredths of a point, minutes of saved
    time; 0 for no limit."""

    merchant: str
    clerk: str
    captures: int
    points: int
    minutes: int

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"clerk:{self.clerk}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteCapture(Action):
    """Something is noted about what a merchant took; `text` is the digest of what was typed."""

    redemption: str
    merchant: str
    text: str

    def touches(self) -> Iterator[Touch]:
        yield "redemptions", self.redemption
