"""Decide about consent: what a volunteer allows, refuses and withdraws (domain §6, §10 P57, P60).

Consent is separate for each purpose, and where it matters for each party that is to receive
something (Personal Information Protection Law, article 23). It can be taken back at any time; that
undoes nothing that was done before (article 15), but who withdraws from the credit list leaves it
at once.
"""

from __future__ import annotations

from typing import Final

from ledger import account
from ledger.actions.consents import ANSWERS, CONSENT_PURPOSES, OFFICE_REDEMPTION, RecordConsent
from ledger.decide.credit import withdrawal
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.standing import Standing

GIVEN: Final = "given"
PUBLIC_LIST: Final = "credit_list"
"""The purpose that names nobody: a list is for everybody."""


def record(action: RecordConsent, standing: Standing, time: int) -> list[Draft]:
    """A volunteer's answer. Refusing or withdrawing `credit_list` while listed ends the listing in
    the same answer (domain §12 K18).

    Only whoever is active gives consent; refusing and withdrawing stay open to who is suspended or
    has left. Refuses with `unknown_party`, `party_not_active`, `bad_consent`, `consent_unchanged`.
    """
    owner = account.volunteer(action.volunteer)
    party = standing.active(owner) if action.answer == GIVEN else standing.party(owner)
    if party.state in ("deceased", "forgotten"):
        raise Refused(
            "party_not_active", f"{owner} is {party.state}", party=owner, state=party.state
        )
    named_for_list = action.purpose == PUBLIC_LIST and action.party
    office = action.party.startswith("organisation:")
    no_office = action.purpose == OFFICE_REDEMPTION and not office
    if (
        action.purpose not in CONSENT_PURPOSES
        or action.answer not in ANSWERS
        or named_for_list
        or no_office
    ):
        raise Refused(
            "bad_consent",
            "purpose and answer are words of the list; a public list names no party, and who may"
            " reserve at a desk is one organisation",
            purpose=action.purpose,
            answer=action.answer,
        )
    if action.party:
        standing.party(action.party)
    before = standing.consents[action.volunteer, action.purpose, action.party]
    state = before.state if before is not None else ""
    if state == action.answer or (action.answer == "withdrawn" and state != GIVEN):
        raise Refused(
            "consent_unchanged",
            f"nothing changes: the answer so far is {state or 'none'}",
            state=state,
        )
    facts = {
        "volunteer": action.volunteer,
        "purpose": action.purpose,
        "party": action.party,
        "answer": action.answer,
    }
    drafts = [Draft("consent_recorded", facts)]
    if action.purpose == PUBLIC_LIST and action.answer != GIVEN:
        drafts += withdrawal(action.volunteer, standing, time, ground="consent")
    return drafts


def has_consented(standing: Standing, volunteer: str, purpose: str, party: str = "") -> bool:
    """Whether a volunteer consents to `purpose` for `party` (an address, or "" for everybody).

    What they answered about that very party goes before what they answered about everybody.
    """
    for named in dict.fromkeys((party, "")):
        answer = standing.consents[volunteer, purpose, named]
        if answer is not None:
            return answer.state == GIVEN
    return False
