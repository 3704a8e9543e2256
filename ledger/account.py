"""Where value stands: addresses, owners, purses and assets.

An account's address is its owner and, for most owners, a purse: `volunteer:<id>` owns
`volunteer:<id>:points:2029-11-30`. Everything about direction is in the names
(docs/format.md §6). Pure.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

SERVICE: Final = "SERVICE"
"""Minutes of confirmed service: earned, never spent, transferred or weighted."""
TIME: Final = "TIME"
"""Minutes saved in the time bank."""
POINT: Final = "POINT"
"""Hundredths of a point."""
STAR: Final = "STAR"
"""One star, granted one at a time."""
CREDIT: Final = "CREDIT"
"""One credit point."""

ASSETS: Final = (SERVICE, TIME, POINT, STAR, CREDIT)
ISSUERS: Final = {asset: f"issuer:{asset.lower()}" for asset in ASSETS}

LAPSED: Final = "lapsed"
PLATFORM_POOL: Final = "pool:platform"
TIME_PURSE: Final = "time"
POINTS_PURSE: Final = "points:"
SERVICE_PURSE: Final = "service:"
STARS_PURSE: Final = "stars"
OWED_PURSES: Final = {TIME: "owed:time", POINT: "owed:point"}

CLAIMS_PURSE: Final = "claims"
SETTLED_PURSE: Final = "settled"
CLAWED_BACK_PURSE: Final = "clawed_back"

CONSOLE: Final = "console"
"""Whoever stands at the machine and uses the command line."""
SYSTEM: Final = "system"
"""The ledger itself: genesis and timers."""


def volunteer(volunteer_id: str) -> str:
    """The owner of a volunteer's accounts."""
    return f"volunteer:{volunteer_id}"


def service_of(volunteer_id: str, evidence: str) -> str:
    """Confirmed service minutes by evidence: `check_in` or `backfill`."""
    return f"volunteer:{volunteer_id}:service:{evidence}"


def stars_of(volunteer_id: str) -> str:
    """The stars that were granted."""
    return f"volunteer:{volunteer_id}:{STARS_PURSE}"


def time_of(volunteer_id: str) -> str:
    """Saved time, in minutes."""
    return f"volunteer:{volunteer_id}:time"


def points_of(volunteer_id: str, lapse: str) -> str:
    """The vintage of points whose last day of use is `lapse` (ISO date)."""
    return f"volunteer:{volunteer_id}:points:{lapse}"


def owed_of(volunteer_id: str, asset: str) -> str:
    """What a clawback could not find: at or below zero, repaid first by later credits."""
    return f"volunteer:{volunteer_id}:{OWED_PURSES[asset]}"


def credit_of(volunteer_id: str) -> str:
    """Credit points of the listing that stands, one cycle at a time."""
    return f"volunteer:{volunteer_id}:credit"


def held(redemption_id: str) -> str:
    """Value set aside for one redemption."""
    return f"held:{redemption_id}"


def claims_of(merchant_id: str) -> str:
    """What a merchant captured and has not been settled for."""
    return f"merchant:{merchant_id}:{CLAIMS_PURSE}"


def settled_of(merchant_id: str) -> str:
    """What a merchant has been settled for."""
    return f"merchant:{merchant_id}:{SETTLED_PURSE}"


def clawed_back_of(merchant_id: str) -> str:
    """What was refunded after settlement and no settlement has taken off yet: at or below zero."""
    return f"merchant:{merchant_id}:{CLAWED_BACK_PURSE}"


def pool(pool_id: str) -> str:
    """A donation pool: `platform`, or an organisation's id."""
    return f"pool:{pool_id}"


def split(account: str) -> tuple[str, str]:
    """(owner, purse) of an address; the purse is "" where the owner has one account only."""
    first = account.find(":")
    second = account.find(":", first + 1) if first >= 0 else -1
    return (account, "") if second < 0 else (account[:second], account[second + 1 :])


@lru_cache(maxsize=65_536)
def slot(account: str, asset: str) -> tuple[str, str, str]:
    """(owner, purse, asset): where a balance stands."""
    return (*split(account), asset)


@lru_cache(maxsize=65_536)
def floor_of(account: str, overdraft_minutes: int) -> int | None:
    """The least balance an account may have; None where it may go below zero without limit.

    `overdraft_minutes` is what policy grants on saved time (domain §10 P43).
    """
    if account.startswith("issuer:"):
        return None
    if account.startswith("volunteer:"):
        purse = split(account)[1]
        if purse == TIME_PURSE:
            return -overdraft_minutes
        if purse.startswith("owed:"):
            return None
    if account.startswith("merchant:") and account.endswith(f":{CLAWED_BACK_PURSE}"):
        return None
    return 0
