"""What a record of service earns: its minutes, and points up to the caps (domain §10 P16, P48–P50).

Weights and caps touch points alone, never hours. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ledger import account
from ledger.account import ISSUERS, POINT, POINTS_PURSE, SERVICE
from ledger.decide.points import credit
from ledger.policy import Policy
from ledger.posting import Posting
from ledger.rows import Record
from ledger.standing import Purse


class Earner(NamedTuple):
    """Whose session it was, what it belongs to, and by which class of evidence it is known."""

    volunteer: str
    activity: str
    category: str
    evidence: str
    check_in: int
    """ms; its local day is the day of the caps."""


def earn(
    purse: Purse,
    earner: Earner,
    minutes: int,
    policy: Policy,
    near: Iterable[Record],
    vintage: str,
    short: int = 0,
) -> list[Posting]:
    """SERVICE at once; POINT where the evidence earns points, into the vintage.

    `purse` is a copy of the volunteer's, which is changed. `near` are the other records that may
    share the local day of check-in; of those, the effective ones fill the caps. `short` are the
    minutes that reversals could not find because redeemed time had taken them (P47): of these
    minutes, as many go back at once.
    """
    if minutes == 0:
        return []
    served = account.service_of(earner.volunteer, earner.evidence)
    postings = [Posting(ISSUERS[SERVICE], served, SERVICE, minutes)]
    if short > 0:
        postings.append(Posting(served, ISSUERS[SERVICE], SERVICE, min(minutes, short)))
    hundredths = points_earned(earner, minutes, policy, near)
    if hundredths:
        postings += credit(
            purse,
            earner.volunteer,
            POINT,
            hundredths,
            source=ISSUERS[POINT],
            into=POINTS_PURSE + vintage,
        )
    return postings


def points_earned(earner: Earner, minutes: int, policy: Policy, near: Iterable[Record]) -> int:
    """Hundredths of a point for these minutes of service, within both caps.

    For one volunteer, one activity and one local day there are no more points than
    `points_activity_cap_minutes` earn; `points_day_cap_hundredths` limits what is earned on one
    local day in all (P49). What the other effective records earned counts against both. The day
    is that of check-in: a session is not torn apart for its points.
    """
    if not _earns(earner.evidence, policy):
        return 0
    most_minutes = policy.points_activity_cap_minutes
    most = policy.points_day_cap_hundredths
    if not most_minutes and not most:
        return policy.points_hundredths(minutes, earner.category)
    today = policy.local_date(earner.check_in)
    counted = [
        other
        for other in near
        if other.state == "effective" and policy.local_date(other.check_in) == today
    ]
    hundredths = policy.points_hundredths(minutes, earner.category)
    if most_minutes:
        # What was earned fills the cap, not what was served: of two records one may have earned
        # nothing, and is then no reason against the other.
        there = sum(other.points for other in counted if other.activity == earner.activity)
        allowed = policy.points_hundredths(most_minutes, earner.category)
        hundredths = min(hundredths, max(0, allowed - there))
    if most:
        hundredths = min(hundredths, max(0, most - sum(other.points for other in counted)))
    return hundredths


def _earns(evidence: str, policy: Policy) -> bool:
    return evidence == "check_in" or policy.backfill_earns_points
