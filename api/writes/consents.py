"""Consent: a volunteer's answers, each for one purpose."""

from __future__ import annotations

from typing import Any, Final

from api.schemas import Choice, PartyAddress, Strict
from api.writes.asking import writing
from ledger.actions.consents import ANSWERS, CONSENT_PURPOSES
from ledger.door import credit
from ledger.door.asking import Asking
from ledger.sequencer import Receipt

_TAG: Final = "consents"

Body = dict[str, Any]


class NewConsentSchema(Strict):
    """What a volunteer allows, refuses or no longer allows."""

    purpose = Choice(*CONSENT_PURPOSES, required=True)
    answer = Choice(*ANSWERS, required=True)
    party = PartyAddress(
        metadata={"description": "to whom alone; by default to everybody the purpose names"}
    )


@writing(
    "/volunteers/<id:volunteer>/consents",
    NewConsentSchema,
    roles=("operator", "organisation", "volunteer"),
    scope="credits:write",
    tag=_TAG,
    refusals="unknown_party consent_is_personal party_not_active bad_consent consent_unchanged",
)
def record_consent(ask: Asking, body: Body, volunteer: str) -> Receipt:
    """Give, refuse or withdraw consent; who withdraws from the credit list leaves it at once.

    An operator, or the organisation that acts for the volunteer, records that they refuse or
    withdraw; giving is the volunteer's own.
    """
    return credit.record_consent(ask, volunteer=volunteer, **body)
