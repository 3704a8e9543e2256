"""Settlements: a merchant's captured claims are closed once (design §6)."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import fields, validate

from api.schemas import Id, Strict
from api.writes.asking import Answered, writing
from ledger.decide.settlement import LINES_MAX
from ledger.door import settlement
from ledger.door.asking import Asking

_TAG: Final = "settlements"


class NewSettlementSchema(Strict):
    """Which captured redemptions to settle."""

    merchant = Id(required=True)
    redemptions = fields.List(Id(), required=True, validate=validate.Length(min=1, max=LINES_MAX))


@writing(
    "/settlements",
    NewSettlementSchema,
    scope="settlements:write",
    tag=_TAG,
    refusals="unknown_party nothing_to_settle too_many_lines",
)
def close_settlement(ask: Asking, body: dict[str, Any]) -> Answered:
    """Settle captured redemptions; those that cannot be settled come back under `rejected`."""
    receipt, rejected = settlement.settle(ask, **body)
    return receipt, {
        "rejected": [
            {"redemption": one, "code": refused.code, "reason": refused.sentence}
            for one, refused in rejected
        ]
    }
