"""Medals, commendations, and what an organisation states of its people."""

from __future__ import annotations

from typing import Any, Final

from api.schemas import Choice, Id, Moment, Strict, Typed, Whole
from api.writes.asking import writing
from ledger.actions.honours import LEVELS
from ledger.door import honours
from ledger.door.asking import Asking
from ledger.sequencer import Receipt

_TAG: Final = "honours"
_WRITE: Final = "honours:write"
_BODIES: Final = ("operator", "organisation")
_PEOPLE_MAX: Final = 2_000_000_000

Body = dict[str, Any]


class MedalSchema(Strict):
    """Which medal, counted from 1."""

    medal = Whole(required=True, most=20)
    organisation = Id(metadata={"description": "operators: for which organisation"})


class CommendationSchema(Strict):
    """What for, by whom and when; title and issuer are sealed."""

    level = Choice(*LEVELS, required=True)
    awarded = Moment(required=True)
    title = Typed(required=True, most=200)
    issuer = Typed(most=200, metadata={"description": "who commended, as the document says"})
    organisation = Id(metadata={"description": "operators: which organisation records it"})


class PopulationSchema(Strict):
    """People of a year; what is left out is 0, and its ratio then not applicable."""

    year = Whole(required=True, least=2000, most=2100)
    residents = Whole(least=0, most=_PEOPLE_MAX, metadata={"description": "of the built-up area"})
    staff = Whole(least=0, most=_PEOPLE_MAX, metadata={"description": "of civilised units"})
    staff_registered = Whole(least=0, most=_PEOPLE_MAX)
    members = Whole(least=0, most=_PEOPLE_MAX, metadata={"description": "in-service Party members"})
    members_registered = Whole(least=0, most=_PEOPLE_MAX)


@writing(
    "/volunteers/<id:volunteer>/medals",
    MedalSchema,
    roles=_BODIES,
    scope=_WRITE,
    tag=_TAG,
    refusals="unknown_party party_not_active wrong_granting_tier medal_granted_already"
    " medal_not_reached",
)
def grant_medal(ask: Asking, body: Body, volunteer: str) -> Receipt:
    """Grant a medal that lifetime hours reach, once."""
    return honours.grant_medal(ask, volunteer=volunteer, **body)


@writing(
    "/volunteers/<id:volunteer>/commendations",
    CommendationSchema,
    roles=_BODIES,
    scope=_WRITE,
    tag=_TAG,
    refusals="organisation_needed unknown_party party_not_active",
)
def record_commendation(ask: Asking, body: Body, volunteer: str) -> Receipt:
    """Record a commendation of a volunteer."""
    return honours.commend(ask, volunteer=volunteer, **body)


@writing(
    "/organisations/<id:organisation>/populations",
    PopulationSchema,
    roles=_BODIES,
    scope=_WRITE,
    tag=_TAG,
    refusals="unknown_party party_not_active bad_amount",
)
def state_population(ask: Asking, body: Body, organisation: str) -> Receipt:
    """State for a year who lives, works and serves there; stated again, it replaces."""
    return honours.state_population(ask, organisation=organisation, **body)
