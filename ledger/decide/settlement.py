"""Decide about settlement: a merchant's captured claims are closed once (design §6).

What a statement of settlement prints, for whom and when, is built on this; here stands only that
nothing is settled twice and that the totals are what the claims hold.
"""

from __future__ import annotations

from typing import Final

from ledger import account
from ledger.account import POINT, TIME
from ledger.actions import CloseSettlement, ReviewCapture
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.posting import Posting
from ledger.rows import Redemption, objection_mark
from ledger.standing import Standing

LINES_MAX: Final = 3_000
"""More would not fit into one entry: 17 bytes a line, 65,535 in all."""


def why_not_settle(redemption_id: str, merchant: str, standing: Standing) -> Redemption:
    """The redemption, if it can be settled now (domain §12 K10).

    Refuses with `unknown_redemption`, `already_settled`, `redemption_state_conflict`,
    `awaits_review` for a capture that was flagged as too quick after another (design §6), or
    `objection_open` while its holder waits for an answer (trust §6).
    """
    redemption = standing.redemptions[redemption_id]
    if redemption is None or redemption.merchant != merchant:
        raise Refused("unknown_redemption", "there is no such redemption")
    if redemption.state == "settled":
        raise Refused(
            "already_settled",
            "this redemption was settled already; leave it out",
            redemption=redemption_id,
        )
    if redemption.state != "captured":
        raise Refused(
            "redemption_state_conflict",
            f"this redemption is {redemption.state}; only a captured one can be settled",
            state=redemption.state,
        )
    if redemption.flag != "none":
        raise Refused(
            "awaits_review",
            "this was captured within seconds of another for the same holder; it is settled once"
            " an operator has reviewed it",
            redemption=redemption_id,
        )
    mark = standing.marks[
        account.volunteer(redemption.volunteer), objection_mark("redemption", redemption_id)
    ]
    if mark is not None and mark.value:
        raise Refused(
            "objection_open",
            "the holder objects to this capture; it is settled once that is answered",
            redemption=redemption_id,
            objection=mark.value,
        )
    return redemption


def review(action: ReviewCapture, standing: Standing, time: int) -> list[Draft]:
    """Somebody has looked at a capture that was flagged, and it stands: it may be settled.

    Refuses with `unknown_redemption`, or `nothing_to_review` for one that is not captured, or
    never was flagged, or was looked at before.
    """
    redemption = standing.redemptions[action.redemption]
    if redemption is None:
        raise Refused("unknown_redemption", "there is no such redemption")
    if redemption.state != "captured" or redemption.flag == "none":
        raise Refused(
            "nothing_to_review",
            "only a captured redemption that was flagged, and not looked at yet, is reviewed",
            state=redemption.state,
        )
    facts = {
        "redemption": redemption.redemption,
        "merchant": redemption.merchant,
        "reason": action.reason,
    }
    return [Draft("capture_reviewed", facts)]


def close(action: CloseSettlement, standing: Standing, time: int) -> list[Draft]:
    """Close claims into a settlement: all that are named, or none."""
    standing.party(f"merchant:{action.merchant}")
    wanted = sorted(set(action.redemptions))
    if not wanted:
        raise Refused("nothing_to_settle", "name the captured redemptions to settle")
    if len(wanted) > LINES_MAX or len(wanted) != len(action.redemptions):
        raise Refused(
            "too_many_lines",
            f"name each redemption once, at most {LINES_MAX} in one settlement",
            maximum=LINES_MAX,
        )
    claims, settled = account.claims_of(action.merchant), account.settled_of(action.merchant)
    totals = {POINT: 0, TIME: 0}
    for one in wanted:
        redemption = why_not_settle(one, action.merchant, standing)
        totals[redemption.asset] += captured_amount(redemption)
    facts = {
        "settlement": action.settlement,
        "merchant": action.merchant,
        "redemptions": "+".join(wanted),
        "lines": len(wanted),
        "points": totals[POINT],
        "minutes": totals[TIME],
    }
    postings = [
        Posting(claims, settled, asset, amount) for asset, amount in totals.items() if amount
    ]
    policy = standing.policy_at(time).version_name
    return [Draft("settlement_closed", facts, postings, policy)]


def captured_amount(redemption: Redemption) -> int:
    """What a captured redemption brought its merchant: its part of what was set aside, hundredths
    of a point or minutes."""
    return redemption.amount * redemption.captured_quantity // redemption.quantity
