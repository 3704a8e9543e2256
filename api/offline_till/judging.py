"""Valid, or the one reason why not: what a till can tell by itself. Pure.

The order of the checks is the order of precedence in docs/refusals.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ledger.account import POINT
from ledger.errors import Refused
from ledger.note import NoteRefused, Verifier
from ledger.voucher import Voucher, open_voucher

DRIFT_MS: Final = 60_000
"""How far a till's clock may fall behind the ledger's in the length of a session."""
REASONS: Final[Mapping[str, str]] = {
    "bad_voucher": "不是本系统签发的券，请勿收取 · the ledger did not sign this; do not take it",
    "wrong_branch": "此券用于其他门店 · this voucher is for another branch",
    "already_taken": "此券已在本机收取 · this till took this voucher already",
    "clock_unsure": "本机时钟不准，请校准 · this till's clock is wrong; set it",
    "session_over": "离线时段已结束，请联网 · the time to take vouchers offline is over; connect",
    "expired": "此券已过期 · this voucher's time is over",
    "cap_captures": "已达离线张数上限，请联网 · no more vouchers offline; connect and upload",
    "cap_points": "已达离线积分上限，请联网 · no more points offline; connect and upload",
    "cap_minutes": "已达离线时长上限，请联网 · no more minutes offline; connect and upload",
}
"""Every reason that a till gives by itself, in order of precedence, in both languages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What the ledger lets a till do, as it was told. Times are ms, points hundredths."""

    origin: str
    voucher_key: str
    session: str
    merchant: str
    branch: str
    captures: int
    points: int
    minutes: int
    opened: int
    until: int
    upload_by: int
    offset: int
    """How far the ledger's clock was ahead of the till's when the session was opened (ms)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What the till took in this session so far, and what it ever took."""

    counter: int = 0
    points: int = 0
    minutes: int = 0
    last: int = 0
    """When it took the last one (ms)."""
    redemptions: Mapping[str, int]
    """When each redemption was taken, in any session."""


def judge(note: bytes, session: Session, taken: Taken, now: int, *, ledger: Verifier) -> Voucher:
    """The voucher, if it may be taken at `now` (ms by the till's clock, put right by the session's
    offset); else Refused."""
    try:
        voucher = open_voucher(note, [ledger])
    except NoteRefused:
        raise Refused("bad_voucher", REASONS["bad_voucher"]) from None
    if voucher.origin != session.origin:
        raise Refused("bad_voucher", REASONS["bad_voucher"])
    if (voucher.merchant, voucher.branch) != (session.merchant, session.branch):
        raise Refused("wrong_branch", REASONS["wrong_branch"])
    if voucher.redemption in taken.redemptions:
        raise Refused(
            "already_taken",
            REASONS["already_taken"],
            taken_at=taken.redemptions[voucher.redemption],
        )
    if now < max(session.opened, taken.last, voucher.issued - DRIFT_MS):
        raise Refused("clock_unsure", REASONS["clock_unsure"])
    if now >= session.until:
        raise Refused("session_over", REASONS["session_over"])
    if now >= voucher.until:
        raise Refused("expired", REASONS["expired"], expired_at=voucher.until)
    if taken.counter >= session.captures:
        raise Refused("cap_captures", REASONS["cap_captures"])
    if voucher.asset == POINT and taken.points + voucher.amount > session.points:
        raise Refused("cap_points", REASONS["cap_points"])
    if voucher.asset != POINT and taken.minutes + voucher.amount > session.minutes:
        raise Refused("cap_minutes", REASONS["cap_minutes"])
    return voucher
