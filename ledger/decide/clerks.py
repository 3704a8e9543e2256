"""Decide about clerks: who stands at a merchant's till, what they may take in a day, what is noted.

A clerk is known by the token of a till that is bound to them. What their captures of one local day
in China come to is counted as it is taken; a void gives nothing of it back.
"""

from __future__ import annotations

from typing import Final

from ledger.account import POINT
from ledger.actions.clerks import LimitClerk, NoteCapture, RegisterClerk
from ledger.actions.rewards import Capture
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.fold.clerks import taken_by, taken_limits
from ledger.policy import Policy
from ledger.posting import AMOUNT_MAX
from ledger.standing import Standing


def register(action: RegisterClerk, standing: Standing, time: int) -> list[Draft]:
    """Somebody stands at a branch's tills. Refuses with `unknown_party`, `party_not_active`,
    `already_registered`."""
    branch = standing.active(f"branch:{action.branch}")
    if branch.parent != f"merchant:{action.merchant}":
        raise Refused("unknown_party", "this merchant has no such branch", branch=action.branch)
    standing.active(branch.parent)
    address = f"clerk:{action.clerk}"
    if standing.parties[address] is not None:
        raise Refused("already_registered", f"{address} is registered already", party=address)
    facts = {
        "merchant": action.merchant,
        "branch": action.branch,
        "clerk": action.clerk,
        "text": action.text,
    }
    return [Draft("clerk_registered", facts)]


def limit(action: LimitClerk, standing: Standing, time: int) -> list[Draft]:
    """What a clerk may take in one local day, from now on; 0 for no limit. Refuses with
    `unknown_party`, `bad_amount`."""
    _refuse_unless_of(action.merchant, action.clerk, standing)
    most = (action.captures, action.points, action.minutes)
    if not all(0 <= each <= AMOUNT_MAX for each in most):
        raise Refused("bad_amount", "a limit is not below zero; 0 is none")
    facts = {
        "merchant": action.merchant,
        "clerk": action.clerk,
        "captures": action.captures,
        "points": action.points,
        "minutes": action.minutes,
    }
    return [Draft("clerk_limited", facts)]


def note(action: NoteCapture, standing: Standing, time: int) -> list[Draft]:
    """Something is noted about what was taken; it may be noted again. Refuses with
    `unknown_redemption`, or `redemption_state_conflict` where it was never taken."""
    redemption = standing.redemptions[action.redemption]
    if redemption is None or redemption.merchant != action.merchant:
        raise Refused("unknown_redemption", "there is no such redemption")
    if not redemption.captured:
        raise Refused(
            "redemption_state_conflict",
            f"this redemption is {redemption.state}; a note is for one that was captured",
            state=redemption.state,
        )
    return [noted(action.redemption, action.merchant, action.text)]


def noted(redemption: str, merchant: str, text: str) -> Draft:
    """The entry of a note; `text` is the digest of what was typed."""
    facts = {"redemption": redemption, "merchant": merchant, "text": text}
    return Draft("capture_noted", facts)


def bound(credential: str, party: str, terminal: str, clerk: str, standing: Standing) -> Draft:
    """A merchant's credential is a clerk's, for a till of the clerk's own branch. Refuses with
    `unknown_party`, `party_not_active`."""
    merchant = party.partition(":")[2]
    branch = _refuse_unless_of(merchant, clerk, standing)
    standing.active(f"clerk:{clerk}")
    if standing.parties[f"terminal:{terminal}"] is None or (
        standing.party(f"terminal:{terminal}").parent != branch
    ):
        raise Refused(
            "unknown_party", "this clerk's branch has no such terminal", terminal=terminal
        )
    facts = {"credential": credential, "clerk": clerk, "merchant": merchant}
    return Draft("credential_bound", facts)


def refuse_inactive(action: Capture, standing: Standing) -> None:
    """Refuse with `clerk_not_active` a capture by somebody who may not stand at a till now."""
    if not action.clerk:
        return
    clerk = standing.parties[f"clerk:{action.clerk}"]
    if clerk is None or clerk.state != "active":
        raise not_active(action.clerk, clerk.state if clerk is not None else "")


def not_active(clerk: str, state: str) -> Refused:
    """The no for a clerk who is suspended or gone."""
    return Refused(
        "clerk_not_active",
        "this clerk may take nothing at present; reinstate them first, if that is right",
        clerk=clerk,
        state=state,
    )


def refuse_over_limit(
    action: Capture, asset: str, amount: int, standing: Standing, policy: Policy, time: int
) -> None:
    """Refuse with `clerk_limit_reached` where a clerk's captures of the day, this one of `amount`
    included, come to more than they may. What a till took without network is taken already."""
    if not action.clerk or action.means == "offline":
        return
    asked = (1, amount, 0) if asset == POINT else (1, 0, amount)
    limits, used = taken_limits(standing, action.clerk), taken_by(standing, action.clerk, time)
    for name, most, before, more in zip(LIMITED, limits, used, asked, strict=True):
        if most and more and before + more > most:
            raise Refused(
                "clerk_limit_reached",
                f"this clerk may take {most} {name} a day, and {before} are taken",
                limited=name,
                limit=most,
                used=before,
                resets=policy.midnight_after(time),
            )


LIMITED: Final = ("captures", "points", "minutes")
"""What is limited by day: how many, hundredths of a point, minutes of saved time."""


def _refuse_unless_of(merchant: str, clerk: str, standing: Standing) -> str:
    """The address of the branch at which a merchant's clerk stands."""
    branch = standing.party(f"clerk:{clerk}").parent
    if standing.party(branch).parent != f"merchant:{merchant}":
        raise Refused("unknown_party", "this merchant has no such clerk", clerk=clerk)
    return branch
