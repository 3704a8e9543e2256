"""Settlements: a merchant's captured claims are closed once (design §6)."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import fields, validate

from api.schemas import Id, Moment, Strict, Typed
from api.spans import PERIOD, span_of
from api.writes.asking import Answered, writing
from ledger.decide.settlement import LINES_MAX
from ledger.door import settlement
from ledger.door.asking import Asking

_TAG: Final = "settlements"


class NewSettlementSchema(Strict):
    """Which claims to settle: by default all that were captured until now."""

    merchant = Id(required=True)
    redemptions = fields.List(
        Id(),
        validate=validate.Length(min=1, max=LINES_MAX),
        metadata={"description": "only these"},
    )
    branch = Id(metadata={"description": "only what was captured at this branch"})
    period = Typed(most=32, metadata=dict(PERIOD))
    starts = Moment(metadata={"description": "what the statement says that it begins with"})
    ends = Moment(metadata={"description": "only what was captured before"})


@writing(
    "/settlements",
    NewSettlementSchema,
    scope="settlements:write",
    tag=_TAG,
    refusals="party_not_active unknown_party nothing_to_settle too_many_lines account_stopped"
    " bad_period bad_time",
)
def close_settlement(ask: Asking, body: dict[str, Any]) -> Answered:
    """Settle captured redemptions whose void window is over, and take off what was refunded since.

    What cannot be settled yet comes back under `rejected`, each with its reason; `more` says
    whether another settlement would find more. Older claims that could not be settled before are
    settled with those of the period.
    """
    starts, ends = span_of(body, ask.book)
    receipt, rejected, more = settlement.settle(
        ask,
        merchant=body["merchant"],
        redemptions=body.get("redemptions"),
        branch=body.get("branch", ""),
        starts=starts,
        ends=ends,
    )
    return receipt, {
        "rejected": [
            {"redemption": one, "code": refused.code, "reason": refused.sentence}
            for one, refused in rejected
        ],
        "more": more,
    }
