"""Stars: apply or nominate, give public notice, grant, refuse, decide a downgrade."""

from __future__ import annotations

from typing import Any, Final

from api.schemas import Id, Strict, Typed, Whole, YesNo
from api.writes.asking import writing
from ledger.door import stars
from ledger.door.asking import Asking
from ledger.sequencer import Receipt

_TAG: Final = "stars"
_WRITE: Final = "stars:write"
_BODIES: Final = ("operator", "organisation")
_STARS_MAX: Final = 20
_CONDITIONS: Final = (
    "star_out_of_sequence star_not_eligible star_tenure_short star_quality_short star_points_short"
)
_CASE: Final = "unknown_star_case star_case_state_conflict unknown_party party_not_active"

Body = dict[str, Any]


class StarApplicationSchema(Strict):
    """For which star; organisations and operators say whose."""

    star = Whole(required=True, most=_STARS_MAX)
    volunteer = Id(metadata={"description": "organisations and operators"})
    organisation = Id(metadata={"description": "operators: who nominates"})


class GrantingBodySchema(Strict):
    """Nothing from an organisation; an operator may say for which one they act."""

    organisation = Id(metadata={"description": "operators: the granting organisation"})


class GrantingBodysReasonSchema(GrantingBodySchema):
    """Why; sealed, the entry holds a digest."""

    reason = Typed(required=True, most=1000, lines=True)


class DowngradeDecisionSchema(GrantingBodysReasonSchema):
    """Whether the star is taken back, and why."""

    confirmed = YesNo(required=True)


@writing(
    "/stars/applications",
    StarApplicationSchema,
    roles=("operator", "organisation", "volunteer"),
    scope=_WRITE,
    tag=_TAG,
    refusals=f"volunteer_needed unknown_party party_not_active wrong_nominator star_case_open"
    f" star_nomination_needed {_CONDITIONS}",
)
def apply_for_star(ask: Asking, body: Body) -> Receipt:
    """Apply for a star; an organisation nominates one of its volunteers."""
    return stars.apply(ask, **body)


@writing(
    "/stars/applications/<id:case>/notice",
    GrantingBodySchema,
    roles=_BODIES,
    scope=_WRITE,
    tag=_TAG,
    refusals=f"{_CASE} wrong_granting_tier {_CONDITIONS}",
)
def notice_star(ask: Asking, body: Body, case: str) -> Receipt:
    """Begin the public notice of an application."""
    return stars.notice(ask, case=case, **body)


@writing(
    "/stars/applications/<id:case>/grant",
    GrantingBodySchema,
    roles=_BODIES,
    scope=_WRITE,
    tag=_TAG,
    refusals=f"{_CASE} wrong_granting_tier star_notice_needed notice_running {_CONDITIONS}",
)
def grant_star(ask: Asking, body: Body, case: str) -> Receipt:
    """Grant a star whose public notice is over."""
    return stars.grant(ask, case=case, **body)


@writing(
    "/stars/applications/<id:case>/refuse",
    GrantingBodysReasonSchema,
    roles=_BODIES,
    scope=_WRITE,
    tag=_TAG,
    refusals=f"{_CASE} wrong_granting_tier",
)
def refuse_star(ask: Asking, body: Body, case: str) -> Receipt:
    """Turn an application down and say why."""
    return stars.refuse(ask, case=case, **body)


@writing(
    "/stars/downgrades/<id:case>/decide",
    DowngradeDecisionSchema,
    roles=_BODIES,
    scope=_WRITE,
    tag=_TAG,
    refusals=f"{_CASE} wrong_granting_tier star_reached_again",
)
def decide_downgrade(ask: Asking, body: Body, case: str) -> Receipt:
    """Confirm or dismiss a downgrade that a reversal proposed, and say why."""
    return stars.decide_downgrade(ask, case=case, **body)
