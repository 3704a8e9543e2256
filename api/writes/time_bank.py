"""Saved time: the volunteer's own acts."""

from __future__ import annotations

from typing import Any, Final

from api.schemas import DepositSchema, DonationSchema, TransferSchema
from api.writes.asking import writing
from ledger.door import time_bank
from ledger.door.asking import Asking
from ledger.sequencer import Receipt

_TAG: Final = "time-bank"
_SCOPE: Final = "time-bank:write"

Body = dict[str, Any]


@writing(
    "/time-bank/deposits",
    DepositSchema,
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_record record_state_conflict already_deposited too_many_minutes"
    " age_gate_unmet attestation_outdated",
)
def deposit_time(ask: Asking, body: Body) -> Receipt:
    """Save an own record, or part of it, once."""
    return time_bank.deposit(ask, **body)


@writing(
    "/time-bank/transfers",
    TransferSchema,
    scope=_SCOPE,
    tag=_TAG,
    refusals="not_a_relative insufficient_time account_full spending_blocked party_not_active",
)
def transfer_time(ask: Asking, body: Body) -> Receipt:
    """Give saved time to a registered relative."""
    return time_bank.transfer(ask, **body)


@writing(
    "/time-bank/donations",
    DonationSchema,
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_party insufficient_time spending_blocked",
)
def donate_time(ask: Asking, body: Body) -> Receipt:
    """Give saved time to a pool."""
    return time_bank.donate(ask, **body)
