"""Registering everybody who takes part, and what changes about them."""

from __future__ import annotations

from typing import Any, Final

from api.schemas import (
    ClerkLimitsSchema,
    MaybeReasonSchema,
    NamedSchema,
    NewCircumstanceSchema,
    NewClerkSchema,
    NewGroupSchema,
    NewOrganisationSchema,
    NewRelationSchema,
    NewStaffSchema,
    NewVolunteerSchema,
    NothingSchema,
    ReasonSchema,
)
from api.writes.asking import writing
from ledger.door import people
from ledger.door.asking import Asking
from ledger.sequencer import Receipt

_TAG: Final = "parties"
_SCOPE: Final = "parties:write"
_ABOVE: Final = ("operator", "organisation")
_SHOPS: Final = ("operator", "merchant")

Body = dict[str, Any]


@writing(
    "/organisations",
    NewOrganisationSchema,
    roles=_ABOVE,
    scope=_SCOPE,
    tag=_TAG,
    refusals="bad_organisation_code tier_not_below_parent already_registered unknown_party",
)
def register_organisation(ask: Asking, body: Body) -> Receipt:
    """Register an organisation or a team below another."""
    return people.register_organisation(ask, **body)


@writing(
    "/volunteers",
    NewVolunteerSchema,
    roles=_ABOVE,
    scope=_SCOPE,
    tag=_TAG,
    refusals="bad_identity_number identity_conflict held_for_identity_check already_registered"
    " guardian_consent_needed age_gate_unmet unknown_party",
)
def register_volunteer(ask: Asking, body: Body) -> Receipt:
    """Register a volunteer."""
    return people.register_volunteer(ask, **body)


@writing(
    "/groups",
    NewGroupSchema,
    roles=_ABOVE,
    scope=_SCOPE,
    tag=_TAG,
    refusals="organisation_needed already_registered unknown_party party_not_active",
)
def register_group(ask: Asking, body: Body) -> Receipt:
    """Register volunteers who serve and save time as one; what they save they only donate."""
    return people.register_group(ask, **body)


@writing(
    "/staff",
    NewStaffSchema,
    roles=_ABOVE,
    scope=_SCOPE,
    tag=_TAG,
    refusals="already_registered held_for_identity_check unknown_party",
)
def register_staff(ask: Asking, body: Body) -> Receipt:
    """Register somebody who records, approves or reviews."""
    return people.register_staff(ask, **body)


@writing(
    "/merchants",
    NamedSchema,
    roles=("operator",),
    scope=_SCOPE,
    tag=_TAG,
    refusals="already_registered",
)
def register_merchant(ask: Asking, body: Body) -> Receipt:
    """Register a partner merchant."""
    return people.register_merchant(ask, **body)


@writing(
    "/merchants/<id:merchant>/branches",
    NamedSchema,
    roles=_SHOPS,
    scope=_SCOPE,
    tag=_TAG,
    refusals="already_registered unknown_party",
)
def register_branch(ask: Asking, body: Body, merchant: str) -> Receipt:
    """Register a merchant's branch."""
    return people.register_branch(ask, merchant=merchant, **body)


@writing(
    "/branches/<id:branch>/terminals",
    NamedSchema,
    roles=_SHOPS,
    scope=_SCOPE,
    tag=_TAG,
    refusals="already_registered unknown_party",
)
def register_terminal(ask: Asking, body: Body, branch: str) -> Receipt:
    """Register a till of a branch."""
    return people.register_terminal(ask, branch=branch, **body)


@writing(
    "/branches/<id:branch>/clerks",
    NewClerkSchema,
    roles=_SHOPS,
    scope=_SCOPE,
    tag=_TAG,
    refusals="already_registered unknown_party party_not_active",
)
def register_clerk(ask: Asking, body: Body, branch: str) -> Receipt:
    """Register somebody who stands at a branch's tills. A token of theirs is issued for a till."""
    return people.register_clerk(ask, branch=branch, **body)


@writing(
    "/clerks/<id:clerk>/limits",
    ClerkLimitsSchema,
    roles=_SHOPS,
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_party bad_amount",
)
def limit_clerk(ask: Asking, body: Body, clerk: str) -> Receipt:
    """Say what a clerk may take in one local day; what is left out has no limit."""
    return people.limit_clerk(ask, clerk=clerk, **body)


@writing(
    "/auditors",
    NamedSchema,
    roles=("operator",),
    scope=_SCOPE,
    tag=_TAG,
    refusals="already_registered",
)
def register_auditor(ask: Asking, body: Body) -> Receipt:
    """Register somebody who checks the ledger."""
    return people.register_auditor(ask, **body)


@writing(
    "/volunteers/<id:volunteer>/guardian-consent",
    NothingSchema,
    roles=_ABOVE,
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_party consent_not_missing party_not_active",
)
def record_guardian_consent(ask: Asking, _body: Body, volunteer: str) -> Receipt:
    """Record that a guardian's consent was seen."""
    return people.record_guardian_consent(ask, volunteer=volunteer)


@writing(
    "/volunteers/<id:volunteer>/majority",
    NothingSchema,
    roles=_ABOVE,
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_party consent_not_missing age_gate_unmet attestation_outdated"
    " party_not_active",
)
def reach_majority(ask: Asking, _body: Body, volunteer: str) -> Receipt:
    """A volunteer has come of age: a guardian's consent is needed no more."""
    return people.reach_majority(ask, volunteer=volunteer)


@writing(
    "/volunteers/<id:volunteer>/fraud",
    ReasonSchema,
    roles=_ABOVE,
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_party",
)
def prove_fraud(ask: Asking, body: Body, volunteer: str) -> Receipt:
    """Fraud was proven: no backfill for a time and until hours are earned again."""
    return people.prove_fraud(ask, volunteer=volunteer, **body)


@writing(
    "/volunteers/<id:volunteer>/fraud/dismiss",
    ReasonSchema,
    roles=("operator",),
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_party nothing_to_lift",
)
def dismiss_fraud(ask: Asking, body: Body, volunteer: str) -> Receipt:
    """A proof of fraud did not hold: the ban is lifted at once."""
    return people.dismiss_fraud(ask, volunteer=volunteer, **body)


@writing(
    "/volunteers/<id:volunteer>/circumstances",
    NewCircumstanceSchema,
    roles=_ABOVE,
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_party party_not_active",
)
def record_circumstance(ask: Asking, body: Body, volunteer: str) -> Receipt:
    """Record a circumstance that policies ask about; which one stays sealed."""
    return people.record_circumstance(ask, volunteer=volunteer, **body)


@writing(
    "/volunteers/<id:volunteer>/circumstances/<id:circumstance>/end",
    NothingSchema,
    roles=_ABOVE,
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_party unknown_circumstance",
)
def end_circumstance(ask: Asking, _body: Body, volunteer: str, circumstance: str) -> Receipt:
    """End a circumstance."""
    return people.end_circumstance(ask, volunteer=volunteer, circumstance=circumstance)


@writing(
    "/volunteers/<id:volunteer>/relations",
    NewRelationSchema,
    roles=_ABOVE,
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_party relation_to_oneself party_not_active",
)
def register_relation(ask: Asking, body: Body, volunteer: str) -> Receipt:
    """Register a spouse, lineal relative or friend; who and how stays sealed."""
    return people.register_relation(ask, volunteer=volunteer, **body)


@writing(
    "/volunteers/<id:volunteer>/relations/<id:relation>/end",
    NothingSchema,
    roles=_ABOVE,
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_party unknown_relation",
)
def end_relation(ask: Asking, _body: Body, volunteer: str, relation: str) -> Receipt:
    """End a relation."""
    return people.end_relation(ask, volunteer=volunteer, relation=relation)


@writing(
    "/parties/<party:address>/suspend",
    MaybeReasonSchema,
    roles=(*_ABOVE, "merchant"),
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_party party_state_conflict not_for_oneself",
)
def suspend_party(ask: Asking, body: Body, address: str) -> Receipt:
    """Suspend somebody: their tokens stop, nothing is lost."""
    return people.change_party(ask, address=address, change="suspended", **body)


@writing(
    "/parties/<party:address>/reinstate",
    MaybeReasonSchema,
    roles=(*_ABOVE, "merchant"),
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_party party_state_conflict not_for_oneself",
)
def reinstate_party(ask: Asking, body: Body, address: str) -> Receipt:
    """Let somebody who was suspended or has left take part again."""
    return people.change_party(ask, address=address, change="reinstated", **body)


@writing(
    "/parties/<party:address>/leave",
    MaybeReasonSchema,
    roles=("operator", "organisation", "merchant", "volunteer"),
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_party party_state_conflict",
)
def leave(ask: Asking, body: Body, address: str) -> Receipt:
    """Somebody no longer takes part; what they did stays."""
    return people.change_party(ask, address=address, change="left", **body)


@writing(
    "/parties/<party:address>/died",
    MaybeReasonSchema,
    roles=_ABOVE,
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_party not_a_person party_state_conflict not_for_oneself",
)
def record_death(ask: Asking, body: Body, address: str) -> Receipt:
    """Somebody has died: what they saved is frozen until a person decides about it."""
    return people.change_party(ask, address=address, change="died", **body)


@writing(
    "/parties/<party:address>/forget",
    NothingSchema,
    roles=("operator", "volunteer"),
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_party not_a_person party_state_conflict",
)
def forget_party(ask: Asking, _body: Body, address: str) -> Receipt:
    """Destroy all that is known about a person, for good; the journal keeps a random id."""
    return people.change_party(ask, address=address, change="forgotten")
