"""What is reserved and not used yet: found, whose, and not over."""

from __future__ import annotations

from ledger.errors import Refused
from ledger.rows import Redemption
from ledger.standing import Standing


def reserved_redemption(redemption_id: str, standing: Standing) -> Redemption:
    """The redemption, if it waits to be used. Refuses with `unknown_redemption`,
    `redemption_state_conflict`."""
    redemption = standing.redemptions[redemption_id]
    if redemption is None:
        raise _unknown()
    if redemption.state != "reserved":
        raise Refused(
            "redemption_state_conflict",
            f"this redemption is {redemption.state} already",
            state=redemption.state,
        )
    return redemption


def reserved_by(volunteer: str, redemption_id: str, standing: Standing) -> Redemption:
    """The same of this volunteer (id): to others it is unknown, whatever became of it."""
    redemption = standing.redemptions[redemption_id]
    if redemption is not None and redemption.volunteer != volunteer:
        raise _unknown()
    return reserved_redemption(redemption_id, standing)


def refuse_expired(redemption: Redemption, time: int) -> None:
    """A reservation is used before its end (ms). Refuses with `expired`."""
    if time >= redemption.expires:
        raise Refused("expired", "this voucher's time is over", expired_at=redemption.expires)


def _unknown() -> Refused:
    return Refused("unknown_redemption", "there is no such redemption")
