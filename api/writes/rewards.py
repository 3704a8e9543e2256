"""What merchants offer."""

from __future__ import annotations

from typing import Any, Final

from api.schemas import MaybeReasonSchema, NewRewardSchema
from api.writes.asking import writing
from ledger.door import vouchers
from ledger.door.asking import Asking
from ledger.sequencer import Receipt

_TAG: Final = "rewards"
_SCOPE: Final = "rewards:write"

Body = dict[str, Any]


@writing(
    "/rewards",
    NewRewardSchema,
    scope=_SCOPE,
    tag=_TAG,
    refusals="merchant_needed unknown_party bad_amount bad_time time_pays_service_only",
)
def publish_reward(ask: Asking, body: Body) -> Receipt:
    """Offer a reward for points or for saved time."""
    return vouchers.publish(ask, **body)


@writing(
    "/rewards/<id:reward>/withdraw",
    MaybeReasonSchema,
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_reward reward_withdrawn",
)
def withdraw_reward(ask: Asking, body: Body, reward: str) -> Receipt:
    """Take no more reservations; those that stand stay good."""
    return vouchers.withdraw(ask, reward=reward, **body)
