"""Reading consents and the credit list.

The published list of a cycle names nobody: position, star, points and measures (domain §6). Who is
behind a place is seen by the volunteer, by the organisation they belong to while they are listed,
and by those who answer for the ledger.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from marshmallow import Schema, fields

from api.caller import current_caller
from api.current import current_book
from api.reads.asking import (
    PAGE,
    PAGE_MAX,
    Number,
    Page,
    log_look,
    not_there,
    organisations_of,
    page,
    page_of,
    reading,
)
from api.reads.parties import visible_volunteer
from api.schemas import Choice, Id, Moment, Strict, Whole
from ledger.actions.consents import ANSWERS, CONSENT_PURPOSES
from ledger.door.credit import CYCLE, listing_facts, published
from ledger.store import credit_lists

_CYCLE: Final = re.compile(CYCLE, re.ASCII)
_TAG: Final = "credits"


class PageOfPlaces(Strict):
    """Which part of a published list."""

    limit = Number(
        least=1,
        most=PAGE_MAX,
        load_default=PAGE,
        metadata={"description": "how many places at most"},
    )
    starting_after = Number(
        least=0,
        most=2**31,
        load_default=0,
        metadata={"description": "the `position` of the last place of the page before"},
    )


class ConsentSchema(Schema):
    """A volunteer's answer for a purpose."""

    entry = Whole(required=True, least=0)
    purpose = Choice(*CONSENT_PURPOSES, required=True)
    party = fields.String(
        required=True, metadata={"description": "to whom alone; empty: all the purpose names"}
    )
    answer = Choice(*ANSWERS, required=True)


class CreditSchema(Schema):
    """A volunteer's place on the credit list."""

    volunteer = Id(required=True)
    entry = Whole(required=True, least=0)
    cycle = fields.String(required=True, metadata={"description": "empty: not listed now"})
    points = Whole(required=True, least=0)
    star = Whole(least=0, metadata={"description": "while listed: when that was decided"})
    service_minutes = Whole(least=0, metadata={"description": "while listed: those counted"})
    measures = Whole(least=0, metadata={"description": "while listed"})
    dishonest = Moment(
        allow_none=True,
        metadata={"description": "last serious dishonesty, or null; not for organisations"},
    )
    repaired = Moment(allow_none=True, metadata={"description": "when that was repaired"})


class PlaceSchema(Schema):
    """A place on the published list; nobody's name, nobody's id."""

    position = Whole(required=True)
    star = Whole(required=True, least=0)
    points = Whole(required=True, least=0)
    measures = Whole(required=True, least=0)


@reading(
    "/volunteers/<id:volunteer>/consents",
    "list_consents",
    answer=page_of(ConsentSchema, "ConsentPage"),
    query=Page,
    roles=("operator", "organisation", "volunteer"),
    scope="credits:read",
    refusals=("not_found",),
    tag="consents",
)
def list_consents(query: Mapping[str, Any], volunteer: str) -> dict[str, Any]:
    """What a volunteer has allowed and refused so far."""
    visible_volunteer(volunteer, current_caller())
    with current_book().database.reading() as connection:
        rows, more = credit_lists.consents_page(
            connection, volunteer, after=query["starting_after"], limit=query["limit"]
        )
    return page(
        (
            {
                "entry": row.since,
                "purpose": row.purpose,
                "party": row.party,
                "answer": row.state,
            }
            for row in rows
        ),
        more,
    )


@reading(
    "/credits",
    "list_credits",
    answer=page_of(CreditSchema, "CreditPage"),
    query=Page,
    roles=("operator", "organisation", "volunteer", "auditor"),
    scope="credits:read",
    tag=_TAG,
    auditors_say_why=True,
)
def list_credits(query: Mapping[str, Any]) -> dict[str, Any]:
    """Places on the credit list: one's own; for organisations, those of their volunteers who
    agreed and are listed. An auditor says why in a `Reason` header."""
    caller = current_caller()
    is_organisation = caller.role == "organisation"
    below = organisations_of(caller) if is_organisation else None
    with current_book().database.snapshot() as connection:
        rows, more = credit_lists.credits_page(
            connection,
            after=query["starting_after"],
            limit=query["limit"],
            volunteer=caller.id if caller.role == "volunteer" else None,
            listed_below=below,
        )
        facts = listing_facts(connection, rows)
    log_look(caller, *(f"credits/{row.volunteer}" for row in rows))
    shown = []
    for row in rows:
        one: dict[str, Any] = {
            "volunteer": row.volunteer,
            "entry": row.since,
            "cycle": row.cycle,
            "points": row.points,
        }
        if row.cycle:
            listing = facts[row.since]
            one |= {
                "star": listing["star"],
                "service_minutes": listing["minutes"],
                "measures": listing["measures"],
            }
        if not is_organisation:
            one |= {"dishonest": row.dishonest or None, "repaired": row.repaired or None}
        shown.append(one)
    return page(shown, more)


@reading(
    "/credits/lists/<string:cycle>",
    "get_credit_list",
    answer=page_of(PlaceSchema, "PlacePage"),
    query=PageOfPlaces,
    refusals=("not_found",),
    tag=_TAG,
)
def get_credit_list(query: Mapping[str, Any], cycle: str) -> dict[str, Any]:
    """The published list of a cycle (`2025`, or `2025-H1`), de-identified; the most points first.

    Whoever was listed for a later cycle, or withdrew, is on it no longer.
    """
    if not _CYCLE.fullmatch(cycle):
        raise not_there()
    places, more = published(
        current_book(), cycle, after=query["starting_after"], limit=query["limit"]
    )
    return page(
        (
            {
                "position": place.position,
                "star": place.star,
                "points": place.points,
                "measures": place.measures,
            }
            for place in places
        ),
        more,
    )
