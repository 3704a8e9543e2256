"""Decide about settlement: a merchant's captured claims are closed once (design §6).

A claim can be voided until it is settled, and is settled only once its void window is over. What is
refunded afterwards is taken off by the merchant's next settlement. The statement's digest is made
of what the entries say (docs/format.md §12), so whoever has them can make it again.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Final

from ledger import account
from ledger.account import POINT, TIME
from ledger.actions.settlement import CloseSettlement, ReviewCapture
from ledger.entry import Draft, canonical
from ledger.errors import Refused
from ledger.policy import Policy
from ledger.posting import Posting
from ledger.rows import Redemption, objection_mark
from ledger.standing import Standing

LINES_MAX: Final = 3_000
"""More would not fit into one entry: 17 bytes a line, 65,535 in all."""
HOUR_MS: Final = 3_600_000
SETTLED_ONCE: Final = ("settled", "refunded")
STATEMENT: Final = "sidereal/settlement@1"


def settles_at(redemption: Redemption, standing: Standing) -> int:
    """From when (ms) a captured redemption may be settled: its void window is over then
    (`redeem.void_hours`)."""
    policy = _captured_under(redemption, standing)
    return redemption.captured + policy.redeem_void_hours * HOUR_MS


def refundable_until(redemption: Redemption, standing: Standing) -> int:
    """Until when (ms, not included) a settled redemption may be refunded
    (`redeem.refund_days`)."""
    policy = _captured_under(redemption, standing)
    return redemption.captured + policy.redeem_refund_days * 24 * HOUR_MS


def _captured_under(redemption: Redemption, standing: Standing) -> Policy:
    """The rules of the day on which it was taken, as they stood when its entry was written: a shop
    and a holder are held to the days that were theirs then (design §5)."""
    owner = account.volunteer(redemption.volunteer)
    return standing.policy_then(owner, redemption.captured, redemption.captured_entry)


def why_not_settle(
    redemption_id: str, merchant: str, standing: Standing, time: int, branch: str = ""
) -> Redemption:
    """The redemption, if it can be settled at `time` (ms) for a branch, "" for any (domain §12
    K10).

    Refuses with `unknown_redemption`, `already_settled`, `redemption_state_conflict`,
    `awaits_review` for a capture that was flagged, `objection_open` while its holder waits for an
    answer (trust §6), or `within_void_window` while it may still be voided (design §6).
    """
    redemption = standing.redemptions[redemption_id]
    if redemption is None or redemption.merchant != merchant:
        raise Refused("unknown_redemption", "there is no such redemption")
    if branch and redemption.captured and redemption.branch != branch:
        raise Refused("unknown_redemption", "this redemption was captured at another branch")
    if redemption.state in SETTLED_ONCE:
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
            "this capture was flagged; it is settled once an operator has reviewed it",
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
    since = settles_at(redemption, standing)
    if time < since:
        raise Refused(
            "within_void_window",
            "the shop may still void this capture; it is settled once that time is over",
            redemption=redemption_id,
            settles_at=since,
        )
    return redemption


def why_not_adjust(
    redemption_id: str, merchant: str, standing: Standing, branch: str = ""
) -> Redemption:
    """The refunded redemption, if a settlement can take it off now.

    Refuses with `unknown_redemption`, or `redemption_state_conflict` where it was not refunded
    after a settlement, or another settlement took it off.
    """
    redemption = standing.redemptions[redemption_id]
    if redemption is None or redemption.merchant != merchant:
        raise Refused("unknown_redemption", "there is no such redemption")
    if branch and redemption.branch != branch:
        raise Refused("unknown_redemption", "this redemption was captured at another branch")
    if redemption.state != "refunded" or redemption.adjusted:
        raise Refused(
            "redemption_state_conflict",
            f"this redemption is {redemption.state}; a refund is taken off once",
            state=redemption.state,
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
    """Close claims into a settlement: all that are named, or none; with a period it is stated."""
    standing.party(f"merchant:{action.merchant}")
    if action.branch:
        _refuse_foreign_branch(action, standing)
    if action.starts < 0 or (action.ends and action.ends <= action.starts):
        raise Refused("bad_time", "a period ends after it begins")
    if not action.redemptions and not action.refunds:
        raise Refused("nothing_to_settle", "name the captured redemptions to settle")
    wanted, off = _named_once(action.redemptions), _named_once(action.refunds)
    standing.refuse_stopped(f"merchant:{action.merchant}")
    taken = [why_not_settle(one, action.merchant, standing, time, action.branch) for one in wanted]
    refunded = [why_not_adjust(one, action.merchant, standing, action.branch) for one in off]
    if refunded and not action.ends:
        raise Refused("bad_time", "only a settlement of a period takes refunds off")
    if any(one.captured >= action.ends for one in taken) and action.ends:
        raise Refused("bad_time", "a claim was captured after the period")

    drafts = [_closed(action, taken, standing.policy_at(time).version_name)] if taken else []
    if action.ends:
        drafts.append(_stated(action, taken, refunded))
    return drafts


def _named_once(redemptions: tuple[str, ...]) -> list[str]:
    wanted = sorted(set(redemptions))
    if len(wanted) > LINES_MAX or len(wanted) != len(redemptions):
        raise Refused(
            "too_many_lines",
            f"name each redemption once, at most {LINES_MAX} in one settlement",
            maximum=LINES_MAX,
        )
    return wanted


def _refuse_foreign_branch(action: CloseSettlement, standing: Standing) -> None:
    if standing.party(f"branch:{action.branch}").parent != f"merchant:{action.merchant}":
        raise Refused("unknown_party", "this merchant has no such branch", branch=action.branch)


def _closed(action: CloseSettlement, taken: list[Redemption], policy: str) -> Draft:
    totals = _totals(taken)
    facts = {
        "settlement": action.settlement,
        "merchant": action.merchant,
        "redemptions": "+".join(one.redemption for one in taken),
        "lines": len(taken),
        "points": totals[POINT],
        "minutes": totals[TIME],
    }
    claims, settled = account.claims_of(action.merchant), account.settled_of(action.merchant)
    postings = [
        Posting(claims, settled, asset, amount) for asset, amount in totals.items() if amount
    ]
    return Draft("settlement_closed", facts, postings, policy)


def _stated(action: CloseSettlement, taken: list[Redemption], refunded: list[Redemption]) -> Draft:
    totals, off = _totals(taken), _totals(refunded)
    facts: dict[str, Any] = {
        "settlement": action.settlement,
        "merchant": action.merchant,
        "branch": action.branch,
        "starts": action.starts,
        "ends": action.ends,
        "lines": len(taken),
        "refunds": "+".join(one.redemption for one in refunded),
        "points": totals[POINT],
        "minutes": totals[TIME],
        "refunded_points": off[POINT],
        "refunded_minutes": off[TIME],
    }
    facts["digest"] = statement_digest(facts, taken, refunded)
    settled = account.settled_of(action.merchant)
    clawed_back = account.clawed_back_of(action.merchant)
    postings = [
        Posting(settled, clawed_back, asset, amount) for asset, amount in off.items() if amount
    ]
    return Draft("settlement_stated", facts, postings)


def _totals(redemptions: list[Redemption]) -> dict[str, int]:
    totals = {POINT: 0, TIME: 0}
    for one in redemptions:
        totals[one.asset] += captured_amount(one)
    return totals


def statement_digest(
    facts: dict[str, Any], taken: list[Redemption], refunded: list[Redemption]
) -> str:
    """SHA-256 of a settlement's statement, in hex: the canonical JSON of docs/format.md §12, made
    of the facts of `settlement_stated` and of the entries of each line."""
    document = {
        "format": STATEMENT,
        **{name: facts[name] for name in _STATED},
        "claims": [_line(one, one.captured_entry) for one in _in_order(taken, "captured_entry")],
        "refunds": [_line(one, one.refunded) for one in _in_order(refunded, "refunded")],
    }
    return sha256(canonical(document)).hexdigest()


_STATED: Final = (
    *("settlement", "merchant", "branch", "starts", "ends"),
    *("points", "minutes", "refunded_points", "refunded_minutes"),
)


def _in_order(redemptions: list[Redemption], name: str) -> list[Redemption]:
    return sorted(redemptions, key=lambda one: int(getattr(one, name)))


def _line(redemption: Redemption, entry: int) -> dict[str, Any]:
    return {
        "entry": entry,
        "redemption": redemption.redemption,
        "branch": redemption.branch,
        "asset": redemption.asset,
        "amount": captured_amount(redemption),
    }


def captured_amount(redemption: Redemption) -> int:
    """What a captured redemption brought its merchant: its part of what was set aside, hundredths
    of a point or minutes."""
    return redemption.amount * redemption.captured_quantity // redemption.quantity
