"""Reading honours, and the indicators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from api.caller import current_caller
from api.current import current_book
from api.reads.asking import Number, acts_for, not_there, reading, texts_of
from api.reads.parties import PackItemSchema, visible_volunteer
from api.schemas import Choice, Id, Moment, Strict, Whole
from ledger.actions.honours import LEVELS
from ledger.actions.parties import TIERS
from ledger.door.honours import read_indicators
from ledger.indicators import NO_TIER, VERDICTS, Indicators, Ratio, Served
from ledger.store import counting, journal, queries


class MedalsSchema(Schema):
    """A medal that was granted."""

    medal = Whole(required=True, metadata={"description": "counted from 1"})
    entry = Whole(required=True, least=0)
    time = Moment(required=True)


class CommendationsSchema(Schema):
    """A commendation."""

    commendation = Id(required=True)
    entry = Whole(required=True, least=0)
    level = Choice(*LEVELS, required=True)
    awarded = Moment(required=True)
    organisation = Id(required=True, metadata={"description": "who recorded it"})
    text = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class HonoursSchema(Schema):
    """What a volunteer was honoured with."""

    volunteer = Id(required=True)
    star = Whole(required=True, least=0)
    courtesy_pack = fields.List(fields.Nested(PackItemSchema), required=True)
    medals = fields.List(fields.Nested(MedalsSchema), required=True)
    commendations = fields.List(fields.Nested(CommendationsSchema), required=True)


class IndicatorQuery(Strict):
    """Of whom and when."""

    organisation = Id(metadata={"description": "with all below it; by default one's own, or all"})
    year = Number(
        least=2000, most=2100, metadata={"description": "by default the one that has begun last"}
    )


class RatioSchema(Schema):
    """A ratio beside its target: met only where it is strictly greater."""

    part = Whole(required=True, least=0)
    whole = Whole(required=True, least=0)
    target_percent = Whole(required=True, least=0)
    per_ten_thousand = Whole(required=True, least=0, metadata={"description": "rounded down"})
    verdict = Choice(*VERDICTS, required=True)


class ServedSchema(Schema):
    """What volunteers did in a period."""

    registered = Whole(required=True, least=0)
    active = Whole(required=True, least=0, metadata={"description": "with an effective record"})
    active_per_ten_thousand = Whole(required=True, least=0)
    minutes = Whole(required=True, least=0)
    minutes_per_volunteer = Whole(required=True, least=0, metadata={"description": "rounded down"})


class IndicatorsSchema(Schema):
    """How far volunteering reaches in a year."""

    organisation = fields.String(required=True, metadata={"description": "empty: everybody"})
    year = Whole(required=True)
    residents = fields.Nested(RatioSchema, required=True)
    staff = fields.Nested(RatioSchema, required=True)
    members = fields.Nested(RatioSchema, required=True)
    total = fields.Nested(ServedSchema, required=True)
    by_tier = fields.Dict(
        keys=fields.String(metadata={"enum": [*TIERS, NO_TIER]}),
        values=fields.Nested(ServedSchema),
        required=True,
    )
    by_month = fields.List(
        fields.Nested(ServedSchema), required=True, metadata={"description": "from January"}
    )
    policy = fields.String(required=True)


@reading(
    "/volunteers/<id:volunteer>/honours",
    "get_honours",
    answer=HonoursSchema,
    roles=("operator", "organisation", "volunteer"),
    scope="honours:read",
    refusals=("not_found", "no_policy_in_force"),
    tag="honours",
)
def get_honours(volunteer: str) -> dict[str, Any]:
    """Star, courtesy pack, medals and commendations of a volunteer."""
    visible_volunteer(volunteer, current_caller())
    book = current_book()
    standing = book.standing(volunteer)
    with book.database.reading() as connection:
        marks = counting.honours(connection, volunteer)
        entries = journal.read_entries(connection, [mark.since for mark in marks])
    medals = [entry for entry in entries if entry.kind == "medal_granted"]
    commendations = [entry for entry in entries if entry.kind == "commendation_recorded"]
    texts = texts_of(str(entry.facts["text"]) for entry in commendations)
    return {
        "volunteer": volunteer,
        "star": standing.star,
        "courtesy_pack": [
            {"item": pack.item, "count": pack.count, "value_yuan": pack.value_yuan}
            for pack in standing.courtesy_pack
        ],
        "medals": [
            {"medal": entry.facts["medal"], "entry": entry.index, "time": entry.time}
            for entry in medals
        ],
        "commendations": [
            {
                "commendation": entry.facts["commendation"],
                "entry": entry.index,
                "level": entry.facts["level"],
                "awarded": entry.facts["awarded"],
                "organisation": entry.facts["organisation"],
                "text": texts.get(entry.facts["text"], {}),
            }
            for entry in commendations
        ],
    }


@reading(
    "/indicators",
    "get_indicators",
    answer=IndicatorsSchema,
    query=IndicatorQuery,
    roles=("operator", "organisation", "auditor"),
    scope="indicators:read",
    refusals=("not_found", "no_policy_in_force"),
    tag="honours",
)
def get_indicators(query: Mapping[str, Any]) -> dict[str, Any]:
    """Registration ratios, active rate and hours of an organisation with all below it.

    An organisation asks about itself or one below it; operators and auditors about any, or about
    everybody.
    """
    caller = current_caller()
    organisation = query.get("organisation", "")
    if caller.role == "organisation" and not organisation:
        organisation = caller.id
    if organisation:
        book = current_book()
        with book.database.reading() as connection:
            known = queries.party(connection, f"organisation:{organisation}")
        if known is None or not acts_for(caller, f"organisation:{organisation}"):
            raise not_there()
    return as_document(
        read_indicators(current_book(), organisation=organisation, year=query.get("year", 0))
    )


def as_document(found: Indicators) -> dict[str, Any]:
    """The indicators as the API and the command line show them."""
    return {
        "organisation": found.organisation,
        "year": found.year,
        "residents": _ratio(found.residents),
        "staff": _ratio(found.staff),
        "members": _ratio(found.members),
        "total": _served(found.total),
        "by_tier": {tier: _served(what) for tier, what in sorted(found.by_tier.items())},
        "by_month": [_served(what) for what in found.by_month],
        "policy": found.policy,
    }


def _ratio(ratio: Ratio) -> dict[str, Any]:
    return {
        **ratio._asdict(),
        "per_ten_thousand": ratio.per_ten_thousand,
        "verdict": ratio.verdict,
    }


def _served(what: Served) -> dict[str, Any]:
    return {
        **what._asdict(),
        "active_per_ten_thousand": what.active_per_ten_thousand,
        "minutes_per_volunteer": what.minutes_per_volunteer,
    }
