"""What every redemption asks, of a reward or of service: how many stars, how often, and for what
saved time may pay (domain §10 P42, P53, P55)."""

from __future__ import annotations

from datetime import date
from typing import Final

from ledger.account import TIME
from ledger.errors import Refused
from ledger.policy import Policy
from ledger.standing import Purse, Standing, month_of

_PERIODS: Final = {
    "month": "month",
    "quarter": "quarter",
    "half_year": "half-year",
    "year": "year",
}


def stars_held(purse: Purse) -> int:
    """How many stars the owner of a purse holds."""
    return purse.get(("stars", "STAR"), 0)


def refuse_below_gate(stars: int, gate: int) -> None:
    """Whoever redeems holds at least `gate` stars (domain §10 P55). Refuses with
    `star_gate_unmet`."""
    if stars < gate:
        raise Refused("star_gate_unmet", f"this needs {gate} stars", needed=gate, stars=stars)


def refuse_too_often(volunteer: str, standing: Standing, policy: Policy, time: int) -> None:
    """No more redemptions and orders in one period than policy allows (domain §10 P53).

    What was given back, cancelled, expired or voided does not count. Months are China's, in which
    the fold counts. Refuses with `redemption_frequency`.
    """
    if not policy.redeem_per_period:
        return
    months = policy.redeem_months(date.fromisoformat(f"{month_of(time)}-01"))
    keys = [(volunteer, month) for month in months]
    standing.prefetch({"redeemed_months": keys})
    counted = [row.quantity for key in keys if (row := standing.redeemed_months[key])]
    if sum(counted) >= policy.redeem_per_period:
        last = date.fromisoformat(f"{months[-1]}-01")
        opens_on = policy.months_after(last, 1).isoformat()
        raise Refused(
            "redemption_frequency",
            f"one can redeem {policy.redeem_per_period} times in a {_PERIODS[policy.redeem_period]}"
            f"; again from {opens_on}",
            limit=policy.redeem_per_period,
            opens_on=opens_on,
        )


def refuse_goods(asset: str, form: str, *, allowed: bool) -> None:
    """Saved time pays service orders, and goods where `allowed` (domain §10 P42). Refuses with
    `time_pays_service_only`."""
    if asset == TIME and form != "service_order" and not allowed:
        raise Refused("time_pays_service_only", "saved time pays service orders, not goods")
