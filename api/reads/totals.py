"""Reading what anybody may: what all volunteers did together, and where the journal stands."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from api.current import current_state
from api.reads.asking import reading
from api.schemas import Moment, Whole
from ledger.actions.parties import TIERS
from ledger.actions.service import CATEGORIES
from ledger.door.totals import FRESH_MS, MONTHS, PEOPLE_MIN
from ledger.indicators import NO_TIER
from ledger.store import queries

_HIDDEN = f"null where fewer than {PEOPLE_MIN} people would be told about"
_ELSEWHERE = "elsewhere"
"""Of service that came over from another ledger: its category is not known here."""


class PublicMonthSchema(Schema):
    """One month. Time is told in whole hours."""

    month = fields.String(required=True)
    volunteers = Whole(required=True, least=0, allow_none=True, metadata={"description": _HIDDEN})
    minutes = Whole(required=True, least=0, allow_none=True, metadata={"description": _HIDDEN})


class PointsCycleSchema(Schema):
    """Points in one cycle of publicity."""

    cycle = fields.String(required=True, metadata={"description": "`2025-Q1`, or `2025-H1`"})
    issued_hundredths = Whole(
        required=True, least=0, allow_none=True, metadata={"description": _HIDDEN}
    )
    redeemed_hundredths = Whole(
        required=True, least=0, allow_none=True, metadata={"description": _HIDDEN}
    )


class PublicHeadSchema(Schema):
    """The newest checkpoint."""

    size = Whole(required=True, least=0)
    root = fields.String(required=True, metadata={"description": "hex"})
    time = Moment(required=True, metadata={"description": "when it was signed"})


class PublicTotalsSchema(Schema):
    """What all volunteers did together; nobody is named, and small groups are not told about."""

    origin = fields.String(required=True)
    head = fields.Nested(
        PublicHeadSchema, metadata={"description": "absent until the first was signed"}
    )
    entries = Whole(required=True, least=0, metadata={"description": "how many were counted"})
    made = Moment(required=True, metadata={"description": f"at most {FRESH_MS // 1000} s ago"})
    since = fields.String(required=True, metadata={"description": "the first month; or empty"})
    volunteers = Whole(
        required=True, least=0, allow_none=True, metadata={"description": f"active now; {_HIDDEN}"}
    )
    minutes = Whole(
        required=True,
        allow_none=True,
        metadata={"description": f"served since then, in whole hours; {_HIDDEN}"},
    )
    by_month = fields.List(
        fields.Nested(PublicMonthSchema),
        required=True,
        metadata={"description": f"the newest {MONTHS}, the oldest first"},
    )
    by_category = fields.Dict(
        keys=fields.String(metadata={"enum": [*CATEGORIES, _ELSEWHERE]}),
        values=Whole(least=0, allow_none=True),
        required=True,
        metadata={"description": f"minutes of these months, in whole hours; {_HIDDEN}"},
    )
    by_tier = fields.Dict(
        keys=fields.String(metadata={"enum": [*TIERS, NO_TIER]}),
        values=Whole(least=0, allow_none=True),
        required=True,
        metadata={"description": f"by the volunteers' own organisations; {_HIDDEN}"},
    )
    points = fields.List(
        fields.Nested(PointsCycleSchema),
        required=True,
        metadata={"description": "as often as policy publishes them (`publicity.points_cycle`)"},
    )


@reading(
    "/totals",
    "get_totals",
    answer=PublicTotalsSchema,
    tag="totals",
    refusals=("no_policy_in_force",),
)
def get_totals() -> dict[str, Any]:
    """Totals by month, category and tier, for everybody. Counted at most once a minute, and then
    only the months that newer entries touched."""
    state = current_state()
    found = state.totals.totals(state.book)
    answer: dict[str, Any] = {
        "origin": state.book.origin,
        "entries": found.size,
        "made": found.made,
        "since": found.since,
        "volunteers": found.volunteers,
        "minutes": found.minutes,
        "by_month": [
            {"month": name, "volunteers": each.volunteers, "minutes": each.minutes}
            for name, each in found.by_month.items()
        ],
        "by_category": {name or _ELSEWHERE: value for name, value in found.by_category.items()},
        "by_tier": dict(found.by_tier),
        "points": [
            {"cycle": name, "issued_hundredths": issued, "redeemed_hundredths": redeemed}
            for name, (issued, redeemed) in found.points.items()
        ],
    }
    with state.book.database.reading() as connection:
        made = queries.checkpoint_made_at(connection)
        newest = queries.newest_checkpoint(connection)
    if made is not None and newest is not None:
        size, root, _ = newest
        answer["head"] = {"size": size, "root": root.hex(), "time": made[1]}
    return answer
