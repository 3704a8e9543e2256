"""Saving time, giving it and donating it: the volunteer's own acts (domain §3, §10 P33–P43)."""

from __future__ import annotations

from ledger.actions import DepositTime, DonateTime, TransferTime
from ledger.door.asking import Asking
from ledger.door.recount import refuse_wrong_balance
from ledger.errors import Refused
from ledger.sequencer import Receipt


def deposit(ask: Asking, *, record: str, minutes: int) -> Receipt:
    """Save `minutes` of an own record. The age is attested here (domain §10 P37)."""
    policy = ask.book.policy()
    return ask.record(
        DepositTime(
            record=record,
            volunteer=ask.caller.id,
            minutes=minutes,
            age_gate=attested_age(ask, policy.tb_depositor_min_age),
            age_tested=policy.tb_depositor_min_age,
        )
    )


def transfer(ask: Asking, *, recipient: str, minutes: int) -> Receipt:
    """Give saved time to a relative. Whoever is none answers alike, registered or not."""
    relation = ask.book.vault.attest_relation(ask.caller.id, recipient)
    if relation not in ask.book.policy().tb_transfer_to:
        raise Refused(
            "not_a_relative",
            "time can be given to a registered relative; register the relation first",
        )
    refuse_wrong_balance(ask.book, ask.caller.id)
    return ask.record(
        TransferTime(
            volunteer=ask.caller.id, recipient=recipient, minutes=minutes, relation=relation
        )
    )


def donate(ask: Asking, *, pool: str, minutes: int) -> Receipt:
    """Give saved time to a pool: `platform`, or an organisation's id."""
    refuse_wrong_balance(ask.book, ask.caller.id)
    return ask.record(DonateTime(volunteer=ask.caller.id, pool=pool, minutes=minutes))


def attested_age(ask: Asking, minimum_years: int, *, or_spouse: bool = False) -> str:
    """`met`, `unmet` or `unknown`: has the caller, or a spouse on file, reached that age today."""
    if minimum_years == 0:
        return "met"
    book = ask.book
    today = book.policy().local_date(ask.now())
    own = book.vault.attest_age(ask.caller.id, minimum_years, today)
    if own == "met" or not or_spouse:
        return own
    spouses = book.vault.spouses_of(ask.caller.id)
    if "met" in book.vault.attest_ages(spouses, minimum_years, today).values():
        return "met"
    return own
