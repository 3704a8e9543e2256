"""Decide about proven fraud: a false or duplicate backfill costs the right to backfill, for a time
and until hours are earned again (domain §8 S13, §10 P17).

The record itself is reversed by its own action: what is false goes, and what follows from it for
the person is a second decision.
"""

from __future__ import annotations

from datetime import timedelta

from ledger import account
from ledger.account import SERVICE
from ledger.actions import ProveFraud
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.policy.local_time import local_time
from ledger.standing import Standing


def prove_fraud(action: ProveFraud, standing: Standing, time: int) -> list[Draft]:
    """Fraud was proven against a volunteer, whatever became of them since.

    The ban runs from now to the end of the day that lies `backfill.ban_months` later (Civil Code
    articles 201–203), and until `backfill.ban_hours` of checked-in service have been earned beyond
    those that stand now. Refuses with `unknown_party`.
    """
    owner = account.volunteer(action.volunteer)
    standing.party(owner)
    policy = standing.policy_of(owner, time)
    until = time
    if policy.backfill_ban_months:
        last = policy.months_after(policy.local_date(time), policy.backfill_ban_months)
        until = local_time(policy.time_zone).starts(last + timedelta(days=1)) * 1000
    facts = {
        "party": owner,
        "reason": action.reason,
        "ban_until": until,
        "minutes_at": checked_in_minutes(owner, standing),
        "minutes_needed": policy.backfill_ban_minutes,
    }
    return [Draft("fraud_proven", facts, policy=policy.version_name)]


def refuse_banned(owner: str, standing: Standing, time: int) -> None:
    """Refuse with `backfill_banned` until the time is over and the hours are earned again."""
    ban = standing.bans[owner]
    if ban is None:
        return
    earned = checked_in_minutes(owner, standing) - ban.minutes_at
    if time < ban.until or earned < ban.minutes_needed:
        raise Refused(
            "backfill_banned",
            "after proven fraud nothing is backfilled until the ban is over and the hours are"
            " earned again by check-in",
            banned_until=ban.until,
            minutes_missing=max(0, ban.minutes_needed - earned),
        )


def checked_in_minutes(owner: str, standing: Standing) -> int:
    """Minutes of service by check-in as they stand now."""
    return standing.purse(owner).get(("service:check_in", SERVICE), 0)
