"""What merchants offer and sponsors pay for."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import fields, validate

from api.schemas import (
    Id,
    MaybeReasonSchema,
    NewRewardSchema,
    NothingSchema,
    Strict,
    Typed,
    Whole,
)
from api.writes.asking import writing
from ledger.door import catalogue
from ledger.door.asking import Asking
from ledger.sequencer import Receipt

_TAG: Final = "rewards"
_SCOPE: Final = "rewards:write"
_REFUSALS: Final = (
    "merchant_needed unknown_party party_not_active unknown_reward reward_state_conflict"
    " bad_reward time_pays_service_only bad_amount bad_time bad_tier unknown_fund"
)

Body = dict[str, Any]


class DraftableSchema(NewRewardSchema):
    """A reward, or the draft of one."""

    draft = fields.Boolean(
        metadata={"description": "only write it down: nobody can reserve it until it is published"}
    )


@writing("/rewards", DraftableSchema, scope=_SCOPE, tag=_TAG, refusals=_REFUSALS)
def publish_reward(ask: Asking, body: Body) -> Receipt:
    """Offer a reward for points or for saved time, or draft one."""
    return catalogue.offer(ask, **body)


@writing("/rewards/<id:reward>/revise", NewRewardSchema, scope=_SCOPE, tag=_TAG, refusals=_REFUSALS)
def revise_reward(ask: Asking, body: Body, reward: str) -> Receipt:
    """Write a draft anew, all of it. A published reward changes no more but for its stock."""
    return catalogue.offer(ask, reward=reward, draft=True, **body)


@writing("/rewards/<id:reward>/publish", NothingSchema, scope=_SCOPE, tag=_TAG, refusals=_REFUSALS)
def publish_draft(ask: Asking, _body: Body, reward: str) -> Receipt:
    """Publish a draft as it stands."""
    return catalogue.publish_draft(ask, reward=reward)


class RestockSchema(Strict):
    """How many pieces come, or go."""

    change = Whole(
        required=True, least=-(2**53 - 1), metadata={"description": "below zero: pieces go"}
    )


@writing(
    "/rewards/<id:reward>/restock",
    RestockSchema,
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_reward reward_withdrawn bad_amount",
)
def restock_reward(ask: Asking, body: Body, reward: str) -> Receipt:
    """More pieces of a reward, or fewer."""
    return catalogue.restock(ask, reward=reward, **body)


@writing(
    "/rewards/<id:reward>/withdraw",
    MaybeReasonSchema,
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_reward reward_withdrawn",
)
def withdraw_reward(ask: Asking, body: Body, reward: str) -> Receipt:
    """Take no more reservations; those that stand stay good. A draft is given up."""
    return catalogue.withdraw(ask, reward=reward, **body)


class FundStatedSchema(Strict):
    """What a sponsor promises, in all, and for whose rewards."""

    cents = Whole(required=True, metadata={"description": "hundredths of a yuan, in all"})
    merchants = fields.List(Id(), required=True, validate=validate.Length(min=1, max=1_000))
    title = Typed(most=200)
    organisation = Id(metadata={"description": "for operators: whose promise it is"})


_FUND_REFUSALS: Final = (
    "organisation_needed unknown_party party_not_active unknown_fund bad_amount fund_committed"
)


@writing("/funds", FundStatedSchema, scope="funds:write", tag="funds", refusals=_FUND_REFUSALS)
def open_fund(ask: Asking, body: Body) -> Receipt:
    """Promise money for rewards of some merchants; the ledger counts it and never moves it."""
    return catalogue.state_fund(ask, **body)


@writing(
    "/funds/<id:fund>",
    FundStatedSchema,
    scope="funds:write",
    tag="funds",
    refusals=_FUND_REFUSALS,
)
def state_fund(ask: Asking, body: Body, fund: str) -> Receipt:
    """Say anew how much a fund is and for whom."""
    return catalogue.state_fund(ask, fund=fund, **body)
