"""What a settlement would close now, and what it would leave: looked at before it is closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from api.caller import current_caller
from api.current import current_book
from api.reads.asking import reading
from api.reads.settlements import (
    ClaimSchema,
    RefundSchema,
    claims_shown,
    grounds_of,
    refunds_shown,
    refuse_unless_theirs,
)
from api.schemas import Id, Moment, Strict, Typed, Whole
from api.spans import PERIOD, span_of
from ledger.account import POINT, TIME
from ledger.decide.settlement import captured_amount
from ledger.door.settlement import settleable


class WaitingClaimSchema(ClaimSchema):
    """A claim that cannot be settled yet."""

    code = fields.String(required=True, metadata={"description": "docs/refusals.md"})
    reason = fields.String(required=True)


class SettleableSchema(Schema):
    """What a settlement would close and take off now, and what must wait."""

    claims = fields.List(fields.Nested(ClaimSchema), required=True)
    taken_off = fields.List(fields.Nested(RefundSchema), required=True)
    waiting = fields.List(fields.Nested(WaitingClaimSchema), required=True)
    points_hundredths = Whole(required=True, least=0, metadata={"description": "of the claims"})
    minutes = Whole(required=True, least=0)
    payable_points_hundredths = fields.Integer(
        required=True, metadata={"description": "below zero where more was refunded"}
    )
    payable_minutes = fields.Integer(required=True)
    more = fields.Boolean(
        required=True, metadata={"description": "whether another settlement would find more"}
    )


class SettleableQuery(Strict):
    """Which claims a settlement would look at: by default all that were captured until now."""

    branch = Id()
    period = Typed(most=32, metadata=dict(PERIOD))
    starts = Moment()
    ends = Moment()


@reading(
    "/merchants/<id:merchant>/settleable",
    "get_settleable",
    answer=SettleableSchema,
    query=SettleableQuery,
    roles=("operator", "merchant"),
    scope="settlements:read",
    refusals=("not_found", "unknown_party", "bad_period", "bad_time"),
    tag="settlements",
)
def get_settleable(query: Mapping[str, Any], merchant: str) -> dict[str, Any]:
    """What a settlement would close now and what it would leave, each with its reason; nothing is
    closed. To a till's token, of its own branch; to a clerk's, nothing."""
    book, caller = current_book(), current_caller()
    refuse_unless_theirs(merchant, whole=bool(caller.clerk))
    _, ends = span_of(query, book)
    found = settleable(book, caller, merchant=merchant, branch=query.get("branch", ""), ends=ends)
    reasons = dict(found.waiting)
    with book.database.snapshot() as connection:
        standing = book.standing_in(connection)
        standing.prefetch({"redemptions": list(reasons)})
        waiting = [row for one in reasons if (row := standing.redemptions[one]) is not None]
        grounds = grounds_of(connection, found.refunds)
    sums = {
        asset: sum(captured_amount(one) for one in found.claims if one.asset == asset)
        for asset in (POINT, TIME)
    }
    off = {
        asset: sum(captured_amount(one) for one in found.refunds if one.asset == asset)
        for asset in (POINT, TIME)
    }
    return {
        "claims": claims_shown(book, caller, found.claims),
        "taken_off": refunds_shown(found.refunds, grounds),
        "waiting": [
            one
            | {
                "code": reasons[one["redemption"]].code,
                "reason": reasons[one["redemption"]].sentence,
            }
            for one in claims_shown(book, caller, waiting)
        ],
        "points_hundredths": sums[POINT],
        "minutes": sums[TIME],
        "payable_points_hundredths": sums[POINT] - off[POINT],
        "payable_minutes": sums[TIME] - off[TIME],
        "more": found.more,
    }
