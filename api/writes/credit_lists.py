"""The credit list, dishonesty and its repair, and points for who brings a newcomer."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import validate

from api.schemas import Id, ReasonSchema, Strict, Typed, YesNo
from api.writes.asking import writing
from ledger.door import credit
from ledger.door.asking import Asking
from ledger.door.credit import CYCLE
from ledger.sequencer import Receipt

_TAG: Final = "credits"
_SCOPE: Final = "credits:write"

Body = dict[str, Any]


class NewListingSchema(Strict):
    """Who is listed, and for which cycle."""

    volunteer = Id(required=True)
    cycle = Typed(
        most=7,
        validate=validate.Regexp(
            f"^{CYCLE}$", error="bad_value|a cycle is written 2025 or 2025-H1"
        ),
        metadata={"description": "by default the one that runs"},
    )


class DishonestySchema(Strict):
    """What was found; the reason is sealed."""

    serious = YesNo(required=True, metadata={"description": "ends a place on the credit list"})
    reason = Typed(required=True, most=1000, lines=True)


class ReferralSchema(Strict):
    """Whom the volunteer brought."""

    referred = Id(required=True)


@writing(
    "/credits/listings",
    NewListingSchema,
    roles=("operator",),
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_party party_not_active consent_missing wrong_cycle already_listed"
    " credit_stars_short credit_minutes_short credit_not_clean",
)
def list_for_credit(ask: Asking, body: Body) -> Receipt:
    """Put a volunteer who agreed on the credit list of the cycle that runs."""
    return credit.list_volunteer(ask, **body)


@writing(
    "/volunteers/<id:volunteer>/dishonesty",
    DishonestySchema,
    roles=("operator",),
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_party party_not_active",
)
def record_dishonesty(ask: Asking, body: Body, volunteer: str) -> Receipt:
    """Record dishonesty that was found; a serious one ends the listing."""
    return credit.record_dishonesty(ask, volunteer=volunteer, **body)


@writing(
    "/volunteers/<id:volunteer>/dishonesty/repair",
    ReasonSchema,
    roles=("operator",),
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_party party_not_active nothing_to_repair",
)
def repair_dishonesty(ask: Asking, body: Body, volunteer: str) -> Receipt:
    """Record that serious dishonesty was repaired."""
    return credit.repair_dishonesty(ask, volunteer=volunteer, **body)


@writing(
    "/volunteers/<id:volunteer>/referrals",
    ReferralSchema,
    roles=("operator", "organisation"),
    scope="parties:write",
    tag=_TAG,
    refusals="unknown_party party_not_active referral_of_oneself referral_not_rewarded"
    " already_referred not_a_newcomer served_too_little",
)
def award_referral(ask: Asking, body: Body, volunteer: str) -> Receipt:
    """Points for a volunteer who brought another, once the newcomer has served."""
    return credit.award_referral(ask, volunteer=volunteer, **body)
