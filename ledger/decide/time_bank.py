"""Decide about saved time: deposit, transfer, donation (domain §3, §10 P33–P43).

Nobody can buy, cash out or earn interest: there is no action for it.
"""

from __future__ import annotations

from ledger import account
from ledger.account import ISSUERS, PLATFORM_POOL, TIME, TIME_PURSE
from ledger.actions import DepositTime, DonateTime, TransferTime
from ledger.decide.points import credit, refuse_while_owed
from ledger.decide.service import standing_record
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.policy import Policy
from ledger.posting import Posting
from ledger.standing import Purse, Standing


def deposit(action: DepositTime, standing: Standing, time: int) -> list[Draft]:
    """Save a record, or part of it, once; what the account cannot hold goes to the pool
    (domain §10 P36, P37; worked example B4)."""
    policy = standing.policy_at(time)
    standing.active(account.volunteer(action.volunteer))
    found = standing_record(action.record, standing)
    if found.volunteer != action.volunteer:
        raise Refused("unknown_record", "there is no such service record")
    if found.state != "effective":
        raise Refused(
            "record_state_conflict",
            f"this record is {found.state}; only an effective one can be saved",
            state=found.state,
        )
    if found.deposited or found.overflow:
        raise Refused("already_deposited", "this record has been saved already")
    if not 1 <= action.minutes <= found.paid:
        raise Refused(
            "too_many_minutes",
            f"this record brought {found.paid} minutes; save at most those",
            minutes=found.paid,
        )
    refuse_unless_of_age(
        action.age_gate, action.age_tested, policy.tb_depositor_min_age, "to save time"
    )

    owner = account.volunteer(action.volunteer)
    purse = dict(standing.purse(owner))
    room = max(0, policy.tb_account_cap_minutes - purse.get((TIME_PURSE, TIME), 0))
    kept = min(action.minutes, room)
    overflow = action.minutes - kept
    postings = []
    if kept:
        postings += credit(
            purse, action.volunteer, TIME, kept, source=ISSUERS[TIME], into=TIME_PURSE
        )
    if overflow:
        postings.append(Posting(ISSUERS[TIME], PLATFORM_POOL, TIME, overflow))
    facts = {
        "record": action.record,
        "volunteer": action.volunteer,
        "minutes": kept,
        "overflow_minutes": overflow,
        "age_gate": action.age_gate,
        "age_tested": action.age_tested,
    }
    return [Draft("time_deposited", facts, postings, policy.version_name)]


def transfer(action: TransferTime, standing: Standing, time: int) -> list[Draft]:
    """Saved time goes to a relative that policy allows (domain §10 P39; B9, B10, B16)."""
    policy = standing.policy_at(time)
    owner, recipient = account.volunteer(action.volunteer), account.volunteer(action.recipient)
    standing.active(owner)
    standing.active(recipient)
    # Nobody is their own relative, whatever the door attests.
    if action.relation not in policy.tb_transfer_to or owner == recipient:
        raise Refused(
            "not_a_relative",
            "time can be given to a registered relative; register the relation first",
            relation=action.relation,
        )
    purse = dict(standing.purse(owner))
    standing.refuse_stopped(owner)
    refuse_unless_covered(purse, action.minutes, policy)
    theirs = dict(standing.purse(recipient))
    if theirs.get((TIME_PURSE, TIME), 0) + action.minutes > policy.tb_account_cap_minutes:
        raise Refused(
            "account_full",
            "the recipient's account cannot hold so much; give less, or to the pool",
            cap_minutes=policy.tb_account_cap_minutes,
        )
    postings = credit(
        theirs,
        action.recipient,
        TIME,
        action.minutes,
        source=account.time_of(action.volunteer),
        into=TIME_PURSE,
    )
    facts = {
        "volunteer": action.volunteer,
        "recipient": action.recipient,
        "minutes": action.minutes,
        "relation": action.relation,
    }
    return [Draft("time_transferred", facts, postings, policy.version_name)]


def donate(action: DonateTime, standing: Standing, time: int) -> list[Draft]:
    """Saved time goes to a pool (domain §3)."""
    policy = standing.policy_at(time)
    owner = account.volunteer(action.volunteer)
    standing.active(owner)
    if action.pool != "platform":
        standing.active(f"organisation:{action.pool}")
    standing.refuse_stopped(owner)
    refuse_unless_covered(standing.purse(owner), action.minutes, policy)
    posting = Posting(
        account.time_of(action.volunteer), account.pool(action.pool), TIME, action.minutes
    )
    facts = {"volunteer": action.volunteer, "pool": action.pool, "minutes": action.minutes}
    return [Draft("time_donated", facts, [posting], policy.version_name)]


def refuse_unless_covered(purse: Purse, minutes: int, policy: Policy) -> None:
    """Saved time must cover what is spent, down to the overdraft (domain §10 P43)."""
    if minutes < 1:
        raise Refused("bad_amount", "move at least one minute")
    refuse_while_owed(purse, TIME)
    there = purse.get((TIME_PURSE, TIME), 0)
    if there + policy.tb_overdraft_min_minutes < minutes:
        raise Refused(
            "insufficient_time",
            f"{minutes} minutes are asked and {there} are saved",
            needed_minutes=minutes,
            saved_minutes=there,
        )


def refuse_unless_of_age(gate: str, tested: int, minimum: int, purpose: str) -> None:
    """The door attested whether somebody has reached `tested` years; policy says `minimum`."""
    if tested != minimum:
        raise Refused(
            "attestation_outdated", "the rules changed this moment; please send the request again"
        )
    if gate != "met":
        raise Refused(
            "age_gate_unmet", f"one must be {minimum} {purpose}", minimum_years=minimum, gate=gate
        )
