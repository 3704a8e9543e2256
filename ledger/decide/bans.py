"""Decide about proven fraud: a false or duplicate backfill costs the right to backfill, for a time
and until hours are earned again (domain §8 S13, §10 P17).

The record itself is reversed by its own action: what is false goes, and what follows from it for
the person is a second decision.
"""

from __future__ import annotations

from datetime import timedelta

from ledger import account
from ledger.account import SERVICE
from ledger.actions.service import DismissFraud, ProveFraud
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.policy.local_time import local_time
from ledger.standing import Standing


def prove_fraud(action: ProveFraud, standing: Standing, time: int) -> list[Draft]:
    """Fraud was proven against a volunteer, whatever became of them since.

    The ban runs from now to the end of the day that lies `backfill.ban_months` later (Civil Code
    articles 201–203), and until `backfill.ban_hours` of checked-in service have been earned beyond
    those that stand now. Whoever is banned already is so no shorter and for no fewer hours than
    before. Refuses with `unknown_party`.
    """
    owner = account.volunteer(action.volunteer)
    standing.party(owner)
    policy = standing.policy_of(owner, time)
    until = time
    if policy.backfill_ban_months:
        last = policy.months_after(policy.local_date(time), policy.backfill_ban_months)
        until = local_time(policy.time_zone).starts(last + timedelta(days=1)) * 1000
    served, needed = checked_in_minutes(owner, standing), policy.backfill_ban_minutes
    before = standing.bans[owner]
    if before is not None:
        until = max(until, before.until)
        needed = max(needed, before.minutes_at + before.minutes_needed - served)
    facts = {
        "party": owner,
        "reason": action.reason,
        "ban_until": until,
        "minutes_at": served,
        "minutes_needed": needed,
    }
    return [Draft("fraud_proven", facts, policy=policy.version_name)]


def dismiss_fraud(action: DismissFraud, standing: Standing, time: int) -> list[Draft]:
    """What was held to be proven was not: the ban ends at once, and nothing of it remains.

    Refuses with `unknown_party` and `nothing_to_lift`.
    """
    owner = account.volunteer(action.volunteer)
    standing.party(owner)
    if not _is_banned(owner, standing, time):
        raise Refused("nothing_to_lift", "no ban of this volunteer is in force")
    policy = standing.policy_of(owner, time)
    facts = {"party": owner, "reason": action.reason}
    return [Draft("fraud_dismissed", facts, policy=policy.version_name)]


def refuse_banned(owner: str, standing: Standing, time: int) -> None:
    """Refuse with `backfill_banned` until the time is over and the hours are earned again."""
    ban = standing.bans[owner]
    if ban is not None and _is_banned(owner, standing, time):
        earned = checked_in_minutes(owner, standing) - ban.minutes_at
        raise Refused(
            "backfill_banned",
            "after proven fraud nothing is backfilled until the ban is over and the hours are"
            " earned again by check-in",
            banned_until=ban.until,
            minutes_missing=max(0, ban.minutes_needed - earned),
        )


def _is_banned(owner: str, standing: Standing, time: int) -> bool:
    ban = standing.bans[owner]
    if ban is None:
        return False
    missing = ban.minutes_at + ban.minutes_needed - checked_in_minutes(owner, standing)
    # Where no hours are asked, hours reversed since do not make the ban any longer.
    return time < ban.until or (ban.minutes_needed > 0 and missing > 0)


def checked_in_minutes(owner: str, standing: Standing) -> int:
    """Minutes of service by check-in as they stand now."""
    return standing.purse(owner).get(("service:check_in", SERVICE), 0)
