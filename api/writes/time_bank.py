"""Saved time: the volunteer's own acts, and what an organisation or the operator does with pools
and with the accounts of those who are gone."""

from __future__ import annotations

from typing import Any, Final

from api.schemas import (
    DepositSchema,
    DonationSchema,
    FrozenTimeSchema,
    GrantSchema,
    TransferSchema,
)
from api.writes.asking import writing
from ledger.door import time_bank
from ledger.door.asking import Asking
from ledger.sequencer import Receipt

_TAG: Final = "time-bank"
_SCOPE: Final = "time-bank:write"
_GRANT: Final = "time-bank:grant"
_NOT_COVERED: Final = "account_stopped bad_amount spending_blocked insufficient_time"

Body = dict[str, Any]


@writing(
    "/time-bank/deposits",
    DepositSchema,
    scope=_SCOPE,
    tag=_TAG,
    refusals="party_not_active unknown_record record_state_conflict not_saved_here"
    " already_deposited too_many_minutes group_has_no_account attestation_outdated"
    " age_gate_unmet nothing_to_save account_full",
)
def deposit_time(ask: Asking, body: Body) -> Receipt:
    """Save an own record, or part of it, once."""
    return time_bank.deposit(ask, **body)


@writing(
    "/time-bank/transfers",
    TransferSchema,
    scope=_SCOPE,
    tag=_TAG,
    refusals=f"party_not_active group_donates_only not_a_relative {_NOT_COVERED} not_whole_coins"
    " account_full",
)
def transfer_time(ask: Asking, body: Body) -> Receipt:
    """Give saved time to whom policy allows: relatives, and further people where it says so."""
    return time_bank.transfer(ask, **body)


@writing(
    "/time-bank/donations",
    DonationSchema,
    scope=_SCOPE,
    tag=_TAG,
    refusals=f"unknown_party party_not_active {_NOT_COVERED} not_whole_coins",
)
def donate_time(ask: Asking, body: Body) -> Receipt:
    """Give saved time to a pool."""
    return time_bank.donate(ask, **body)


@writing(
    "/time-bank/grants",
    GrantSchema,
    scope=_GRANT,
    tag=_TAG,
    refusals="unknown_party not_your_pool ground_not_granted party_not_active group_donates_only"
    " no_starting_time already_granted bad_amount not_whole_coins account_stopped pool_empty"
    " account_full",
)
def grant_time(ask: Asking, body: Body) -> Receipt:
    """Give time out of a pool, no more than it has: what everybody starts with, or for a
    circumstance on file that policy names."""
    return time_bank.grant(ask, **body)


@writing(
    "/time-bank/frozen",
    FrozenTimeSchema,
    roles=("operator",),
    scope=_GRANT,
    tag=_TAG,
    refusals=f"unknown_party not_frozen one_destination {_NOT_COVERED} party_not_active"
    " group_donates_only account_full",
)
def move_frozen_time(ask: Asking, body: Body) -> Receipt:
    """Decide where the saved time of somebody who died or left goes."""
    return time_bank.move_frozen(ask, **body)
