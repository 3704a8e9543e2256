"""Cards, and what else protects a reservation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from ledger import account
from ledger.actions import Action, Touch
from ledger.actions.consents import touched_by_office
from ledger.rows import ASSISTED, GUARDED, HELD_CARD, REISSUED

CARD_GROUNDS: Final = ("lost", "returned")
"""Why a card is closed by itself; a third, `replaced`, comes with the card that takes its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCard(Action):
    """A card for a volunteer, by an office or by the operator ("" then). `replaces` is the active
    card that it takes the place of, "" for none."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"card"})

    card: str
    volunteer: str
    organisation: str = ""
    replaces: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)
        yield "marks", (account.volunteer(self.volunteer), HELD_CARD)
        if self.organisation:
            yield "parties", f"organisation:{self.organisation}"
        if self.replaces:
            yield "cards", self.replaces


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCard(Action):
    """A card stops for good: `ground` is one of `CARD_GROUNDS`."""

    card: str
    volunteer: str
    ground: str

    def touches(self) -> Iterator[Touch]:
        yield "cards", self.card


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCardPin(Action):
    """A holder chose another PIN, at an office (`organisation`) or by themselves (""). That the
    old one was right is the vault's word."""

    card: str
    volunteer: str
    organisation: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "cards", self.card
        if self.organisation:
            yield "parties", f"organisation:{self.organisation}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardRedemption(Action):
    """A holder wants a reservation of theirs to be captured only with more than its code: the
    value on their phone, or their card."""

    redemption: str
    volunteer: str

    def touches(self) -> Iterator[Touch]:
        yield "redemptions", self.redemption
        yield "marks", (f"redemption:{self.redemption}", GUARDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReissueCode(Action):
    """A reservation gets another code and the one before stops: for the holder (`organisation`
    ""), or at the office that reserved it for them, by `card` or consent as before. `times` is how
    often that was done before, as the door saw it: of two at once only one stops the code that
    both saw."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"times"})

    redemption: str
    volunteer: str
    organisation: str = ""
    card: str = ""
    times: int = 0

    def touches(self) -> Iterator[Touch]:
        yield "redemptions", self.redemption
        yield "marks", (f"redemption:{self.redemption}", REISSUED)
        if self.organisation:
            yield "marks", (f"redemption:{self.redemption}", ASSISTED)
            yield from touched_by_office(self.volunteer, self.organisation, self.card)
