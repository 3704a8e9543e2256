"""What a volunteer has agreed to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ledger import account
from ledger.actions import Action, Touch

CONSENT_PURPOSES: Final = (
    *("credit_list", "merchant_display", "office_redemption", "share_records", "statement"),
)
ANSWERS: Final = ("given", "refused", "withdrawn")
OFFICE_REDEMPTION: Final = "office_redemption"
"""That an organisation's office may reserve for a volunteer and print the code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordConsent(Action):
    """A volunteer's answer for a purpose (`CONSENT_PURPOSES`): `ANSWERS`. `party` is to whom, an
    address, or ""."""

    volunteer: str
    purpose: str
    answer: str
    party: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)
        yield "consents", (self.volunteer, self.purpose, self.party)
        yield "credits", self.volunteer
        yield "purses", account.volunteer(self.volunteer)


def touched_by_office(volunteer: str, organisation: str, card: str) -> Iterator[Touch]:
    """What shows that an office may act for a holder."""
    yield "parties", f"organisation:{organisation}"
    if card:
        yield "cards", card
    else:
        yield "consents", (volunteer, OFFICE_REDEMPTION, f"organisation:{organisation}")
