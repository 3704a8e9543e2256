"""Decide about tills without a network: vouchers signed for one branch, a till's session, what it
took, and what did not fit (trust §6).

A till's risk is bounded before it begins: how many vouchers, of what worth, for how long. What it
took is judged when it is uploaded, by the time of the acceptance. Whatever cannot become a capture
becomes a conflict, which posts nothing and says who bears it: the programme, where the till did as
it should with what it knew and stayed within its cap; the merchant otherwise.
"""

from __future__ import annotations

from typing import Final

from ledger import account
from ledger.account import POINT, TIME
from ledger.actions.offline import CloseOffline, OpenOffline, SignVoucher, TakeOffline
from ledger.actions.rewards import Capture
from ledger.decide.catalogue import known_reward, terms_of
from ledger.decide.reservations import refuse_expired, reserved_by
from ledger.decide.rewards import (
    captured_by,
    outside_hours,
    refuse_foreign_terminal,
)
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.fold.cards import rotating_step_used
from ledger.fold.offline import conflicts_of_day, may_have_taken, told_offline
from ledger.policy import Policy
from ledger.rows import OFFLINE, OfflineSession, Redemption, offline_mark
from ledger.standing import Standing

MINUTE_MS: Final = 60_000
CONFLICTS_A_DAY: Final = 2
"""Times what a session may take: so many conflicts of one till are written down in a day."""
_ENDED: Final = {
    "captured": "already_captured",
    "settled": "already_captured",
    "voided": "voided",
    "refunded": "refunded",
    "released": "released",
    "expired": "expired",
}
"""What a redemption's state makes of a voucher that a till took."""
_TILL_KNEW: Final = frozenset({"unknown", "too_old", "above_cap"})
"""Grounds that the till could tell by itself."""
_TAKEN_BEFORE: Final = frozenset({"already_captured", "voided", "refunded"})
"""Grounds that the till could tell by itself where it was the one to take it."""


def sign(action: SignVoucher, standing: Standing, time: int) -> list[Draft]:
    """A reservation may be shown at one branch without a network from now on.

    Until `upload_by` it is not released and does not expire: a till may say later that it took it.
    Refuses with `unknown_redemption`, `redemption_state_conflict`, `expired`,
    `voucher_signed_already`, `offline_not_allowed`, `unknown_party`, `party_not_active`,
    `wrong_branch`.
    """
    redemption = reserved_by(action.volunteer, action.redemption, standing)
    refuse_expired(redemption, time)
    if redemption.upload_by:
        raise Refused(
            "voucher_signed_already",
            "this voucher was signed before, for one branch; it can be fetched again",
        )
    owner = account.volunteer(action.volunteer)
    standing.active(owner)
    policy = standing.policy_of(owner, time)
    _refuse_not_allowed(policy)
    branch = standing.active(f"branch:{action.branch}")
    if branch.parent != f"merchant:{redemption.merchant}":
        raise Refused("unknown_party", "this merchant has no such branch", branch=action.branch)
    reward = known_reward(redemption.reward, standing)
    if reward.branches and action.branch not in reward.branches.split("+"):
        raise Refused("wrong_branch", "this voucher is for another branch")
    facts = {
        "redemption": redemption.redemption,
        "merchant": redemption.merchant,
        "branch": action.branch,
        "upload_by": redemption.expires + policy.offline_upload_minutes * MINUTE_MS,
    }
    return [Draft("voucher_signed", facts, policy=policy.version_name)]


def open_session(action: OpenOffline, standing: Standing, time: int) -> list[Draft]:
    """A till begins to take vouchers without a network: one at a time at a branch.

    Refuses with `unknown_party`, `party_not_active`, `offline_not_allowed`,
    `offline_session_open`.
    """
    refuse_foreign_terminal(action.merchant, action.branch, action.terminal, standing)
    policy = standing.policy_at(time)
    _refuse_not_allowed(policy)
    mark = standing.marks[f"branch:{action.branch}", OFFLINE]
    other = standing.offline_sessions[mark.value] if mark is not None and mark.value else None
    # A till that was lost never closes: when its time to upload is over, another may begin.
    if other is not None and other.state == "open" and time < other.upload_by:
        raise Refused(
            "offline_session_open",
            "a till of this branch takes vouchers offline already; close it first",
            session=other.session,
            terminal=other.terminal,
        )
    until = time + policy.offline_max_age_minutes * MINUTE_MS
    facts = {
        "session": action.session,
        "merchant": action.merchant,
        "branch": action.branch,
        "terminal": action.terminal,
        "till_key": action.till_key,
        "captures": policy.offline_captures,
        "points": policy.offline_points,
        "minutes": policy.offline_minutes,
        "until": until,
        "upload_by": until + policy.offline_upload_minutes * MINUTE_MS,
    }
    return [Draft("offline_opened", facts, policy=policy.version_name)]


def take(action: TakeOffline, standing: Standing, time: int) -> list[Draft]:
    """What a till took becomes a capture, or a conflict that says who bears it.

    A capture is flagged `offline`, and stays unpaid until somebody has looked at it, where a
    counter before it is missing, where it was uploaded late, without the holder's right value or
    with the one that they used last, where the till's clock or the shop's hours do not fit, or
    where till, branch or the session's clerk is suspended by now; `rapid` where another voucher of
    the holder's was taken within seconds of it, by the times that tills tell. Refuses with
    `unknown_offline_session`, `offline_session_closed`, `counter_reused`, `too_many_conflicts`,
    `account_stopped`.
    """
    session = _session(action.session, action.merchant, standing)
    if session.state != "open":
        raise Refused(
            "offline_session_closed",
            "this session was closed: everything up to its last counter had been uploaded",
        )
    if standing.marks[offline_mark(session.session, action.counter)] is not None:
        raise Refused(
            "counter_reused",
            "something else was uploaded under this counter before",
            counter=action.counter,
        )
    redemption = _of_this_branch(action.redemption, session, standing)
    above = _above_cap(action, redemption, session)
    ground = _conflict(action, redemption, session, standing, above=above)
    if redemption is None or ground:
        _refuse_many_conflicts(session, standing, time)
        return [_conflicting(action, redemption, session, ground, above=above, time=time)]
    standing.refuse_stopped(account.held(redemption.redemption))
    looked_at = _needs_a_look(action, redemption, session, standing, time)
    capture = Capture(
        redemption=redemption.redemption,
        merchant=session.merchant,
        branch=session.branch,
        terminal=session.terminal,
        means="offline",
        step=action.step,
        till_session=session.session,
        counter=action.counter,
        accepted=action.accepted,
        proof=action.proof,
    )
    rapid = _is_rapid(action.accepted, redemption, standing, time)
    flag = "offline" if looked_at else "rapid" if rapid else "none"
    return captured_by(capture, redemption, flag, standing, time)


def close(action: CloseOffline, standing: Standing, time: int) -> list[Draft]:
    """A till is done, once every counter up to its last one is here.

    Refuses with `unknown_offline_session`, `offline_session_closed`, `counters_missing`.
    """
    session = _session(action.session, action.merchant, standing)
    if session.state != "open":
        raise Refused("offline_session_closed", "this session is closed already")
    if not session.last == session.recorded == action.last:
        raise Refused(
            "counters_missing",
            "upload everything that the till took, then close",
            last=action.last,
            uploaded=session.recorded,
            highest=session.last,
        )
    facts = {
        "session": session.session,
        "merchant": session.merchant,
        "branch": session.branch,
        "terminal": session.terminal,
        "last": action.last,
    }
    return [Draft("offline_closed", facts)]


def _refuse_not_allowed(policy: Policy) -> None:
    if not (policy.offline_captures and policy.offline_max_age_minutes):
        raise Refused("offline_not_allowed", "the rules in force take no vouchers offline")


def _session(session: str, merchant: str, standing: Standing) -> OfflineSession:
    found = standing.offline_sessions[session]
    if found is None or found.merchant != merchant:
        raise Refused("unknown_offline_session", "this merchant has no such session")
    return found


def _of_this_branch(
    redemption: str, session: OfflineSession, standing: Standing
) -> Redemption | None:
    """The redemption, if its voucher was signed for the till's branch."""
    found = standing.redemptions[redemption] if redemption else None
    if found is None or found.merchant != session.merchant:
        return None
    mark = standing.marks[f"redemption:{redemption}", OFFLINE]
    return found if mark is not None and mark.value == session.branch else None


def _above_cap(action: TakeOffline, redemption: Redemption | None, session: OfflineSession) -> bool:
    """Whether the till had no right left to take this one: by its own counter, or by the worth of
    all that was uploaded so far."""
    asset, amount = _worth(action, redemption)
    points = session.taken_points + (amount if asset == POINT else 0)
    minutes = session.taken_minutes + (amount if asset == TIME else 0)
    return action.counter > session.captures or points > session.points or minutes > session.minutes


def _worth(action: TakeOffline, redemption: Redemption | None) -> tuple[str, int]:
    if redemption is None:
        return action.asset, action.amount
    return redemption.asset, redemption.amount


def _conflict(
    action: TakeOffline,
    redemption: Redemption | None,
    session: OfflineSession,
    standing: Standing,
    *,
    above: bool,
) -> str:
    """Why it cannot be captured, in the order of docs/refusals.md; "" where it can."""
    if redemption is None:
        return "unknown"
    if redemption.state != "reserved":
        return _ENDED[redemption.state]
    if action.accepted >= redemption.expires:
        return "expired"
    if action.accepted >= session.until:
        return "too_old"
    if standing.party(account.volunteer(redemption.volunteer)).state != "active":
        return "holder_gone"
    return "above_cap" if above else ""


def _is_rapid(accepted: int, redemption: Redemption, standing: Standing, time: int) -> bool:
    """Whether the holder's voucher before or after it was taken as soon as with a network is
    flagged (`redeem.rapid_flag_seconds`). It was taken already, so nothing is refused as too
    soon."""
    owner = account.volunteer(redemption.volunteer)
    within = standing.policy_of(owner, time).redeem_rapid_flag_seconds * 1000
    last = standing.party(owner).last_capture
    soon = bool(last) and abs(accepted - last) < within
    return soon or told_offline(standing, owner, accepted, within)


def _refuse_many_conflicts(session: OfflineSession, standing: Standing, time: int) -> None:
    """An honest till never comes near: it takes no more than its session may, and of those most are
    captured. Refuses with `too_many_conflicts`; tomorrow the rest may come."""
    most = CONFLICTS_A_DAY * session.captures
    if conflicts_of_day(standing, session.terminal, time) >= most:
        raise Refused(
            "too_many_conflicts",
            f"a till's conflicts are written down {most} a day; upload the others tomorrow, and"
            " see what is wrong with this till",
            maximum=most,
        )


def _conflicting(
    action: TakeOffline,
    redemption: Redemption | None,
    session: OfflineSession,
    ground: str,
    *,
    above: bool,
    time: int,
) -> Draft:
    asset, amount = _worth(action, redemption)
    knew = ground in _TILL_KNEW
    if redemption is not None:
        knew |= action.accepted >= min(redemption.expires, session.until)
        # The same till had taken it before, here or while it was online.
        knew |= ground in _TAKEN_BEFORE and redemption.terminal == session.terminal
    bears = knew or above or _is_late(redemption, session, time)
    facts = {
        "session": session.session,
        "merchant": session.merchant,
        "branch": session.branch,
        "terminal": session.terminal,
        "counter": action.counter,
        "redemption": redemption.redemption if redemption is not None else "",
        "accepted": action.accepted,
        "asset": asset,
        "amount": amount,
        "ground": ground,
        "bearer": "merchant" if bears else "programme",
        "proof": action.proof,
    }
    return Draft("offline_conflict", facts)


def _is_late(redemption: Redemption | None, session: OfflineSession, time: int) -> bool:
    """Whether it was uploaded after the till's deadline, or the voucher's."""
    return time >= session.upload_by or (redemption is not None and time >= redemption.upload_by)


def _needs_a_look(
    action: TakeOffline,
    redemption: Redemption,
    session: OfflineSession,
    standing: Standing,
    time: int,
) -> bool:
    """Whether a capture stays unpaid until somebody has looked at it (trust §6)."""
    gap = action.counter != session.last + 1
    used = rotating_step_used(standing, account.volunteer(redemption.volunteer))
    no_value = action.step in (0, used)
    odd_clock = not may_have_taken(session, redemption, action.accepted, time)
    policy = standing.policy_of(account.volunteer(redemption.volunteer), time)
    reward = known_reward(redemption.reward, standing)
    closed = outside_hours(reward, terms_of(reward.reward, standing), policy, action.accepted)
    there = [f"terminal:{session.terminal}", f"branch:{session.branch}"]
    if session.clerk:
        there.append(f"clerk:{session.clerk}")
    halted = any(standing.party(each).state != "active" for each in there)
    late = _is_late(redemption, session, time)
    return gap or no_value or odd_clock or closed or halted or late
