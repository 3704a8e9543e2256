"""Reading saved time: the pools, and one's own."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import Schema, fields

from api.caller import current_caller
from api.current import current_book
from api.reads.asking import page, page_of, reading
from api.schemas import Choice, Pool, Whole
from ledger import account
from ledger.door.time_bank import attested_redeemer
from ledger.policy.words import RECEIVERS
from ledger.store import queries

_TAG: Final = "time-bank"
_SCOPE: Final = "time-bank:read"


class PoolSchema(Schema):
    """A donation pool, and what is in it."""

    pool = Pool(required=True)
    minutes = Whole(required=True, least=0)


class SavedTimeSchema(Schema):
    """One's own saved time, in minutes."""

    minutes = fields.Integer(required=True, metadata={"description": "what can be spent"})
    set_aside_minutes = Whole(
        required=True, least=0, metadata={"description": "for open orders and reservations"}
    )
    owed_minutes = Whole(
        required=True, least=0, metadata={"description": "taken back after it was spent"}
    )
    account_cap_minutes = Whole(
        required=True, least=0, metadata={"description": "what the account holds; 0: no limit"}
    )
    granularity_minutes = Whole(
        required=True, metadata={"description": "saved time moves in multiples of so many minutes"}
    )
    transfer_to = fields.List(
        fields.String(), required=True, metadata={"description": "to whom it can be given"}
    )
    order_gate = Choice(
        *("met", "spouse", "difficulty", "unmet", "unknown"),
        required=True,
        metadata={"description": "by what it may be spent on service, or why not"},
    )
    order_age_years = Whole(
        required=True, least=0, metadata={"description": "the age that was asked for; 0: none"}
    )
    policy = fields.String(required=True)


@reading(
    "/time-bank/pools",
    "list_pools",
    answer=page_of(PoolSchema, "PoolPage"),
    roles=("operator", "organisation", "volunteer", "auditor"),
    scope=_SCOPE,
    tag=_TAG,
)
def list_pools() -> dict[str, Any]:
    """Every pool that ever held time, the platform's and organisations', on one page."""
    with current_book().database.reading() as connection:
        pools = queries.time_pools(connection)
    return page([{"pool": pool, "minutes": minutes} for pool, minutes in pools], False)


@reading(
    "/time-bank/saved",
    "get_saved_time",
    answer=SavedTimeSchema,
    roles=("volunteer",),
    scope=_SCOPE,
    refusals=("no_policy_in_force",),
    tag=_TAG,
)
def get_saved_time() -> dict[str, Any]:
    """The volunteer's own saved time, and what of it is set aside."""
    caller, book = current_caller(), current_book()
    policy = book.policy_of(caller.party)
    gate, years = attested_redeemer(book, caller.id, policy, book.clock.now_ms())
    with book.database.snapshot() as connection:
        balances = queries.balances_of(connection, caller.party, account.TIME)
        set_aside = queries.time_set_aside(connection, caller.id)
    return {
        "minutes": balances.get(account.TIME_PURSE, 0),
        "set_aside_minutes": set_aside,
        "owed_minutes": -balances.get(account.OWED_PURSES[account.TIME], 0),
        "account_cap_minutes": policy.tb_account_cap_minutes,
        "granularity_minutes": policy.tb_granularity_minutes,
        "transfer_to": [each for each in RECEIVERS if each in policy.tb_transfer_to],
        "order_gate": gate,
        "order_age_years": years,
        "policy": policy.version_name,
    }
