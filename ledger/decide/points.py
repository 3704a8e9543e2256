"""Decide about points: earning into vintages, spending the oldest first, clawback, lapse.

Vintages are purses named by their last day of use, so that no table of lots is needed
(design §4, domain §10 P52, P56). Helpers change the purse they are given: hand them a copy.
"""

from __future__ import annotations

from ledger import account
from ledger.account import ISSUERS, LAPSED, OWED_PURSES, POINT, POINTS_PURSE
from ledger.actions import LapsePoints
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.posting import Posting
from ledger.standing import Purse, Standing


def credit(
    purse: Purse, volunteer: str, asset: str, amount: int, *, source: str, into: str
) -> list[Posting]:
    """`amount` comes from `source` into the purse `into`; what is owed is repaid first."""
    owner = account.volunteer(volunteer)
    owed_purse = OWED_PURSES[asset]
    repaid = min(amount, -purse.get((owed_purse, asset), 0))
    postings = []
    if repaid > 0:
        postings.append(_move_in(purse, owner, owed_purse, asset, repaid, source))
    else:
        repaid = 0
    if amount > repaid:
        postings.append(_move_in(purse, owner, into, asset, amount - repaid, source))
    return postings


def _move_in(purse: Purse, owner: str, into: str, asset: str, amount: int, source: str) -> Posting:
    purse[into, asset] = purse.get((into, asset), 0) + amount
    return Posting(source, f"{owner}:{into}", asset, amount)


def _move_out(
    purse: Purse, owner: str, out_of: str, asset: str, amount: int, destination: str
) -> Posting:
    purse[out_of, asset] = purse.get((out_of, asset), 0) - amount
    return Posting(f"{owner}:{out_of}", destination, asset, amount)


def vintages(purse: Purse) -> list[tuple[str, int]]:
    """(lapse date, hundredths) of every vintage with something in it, soonest to lapse first."""
    found = [
        (name[len(POINTS_PURSE) :], amount)
        for (name, _), amount in purse.items()
        if amount > 0 and name.startswith(POINTS_PURSE)
    ]
    return sorted(found)


def spendable(purse: Purse, today: str) -> int:
    """Hundredths that can be spent on `today` (ISO date): a vintage's last day included."""
    return sum(amount for lapse_date, amount in vintages(purse) if lapse_date >= today)


def refuse_while_owed(purse: Purse, asset: str) -> None:
    """What a clawback could not find blocks spending until it is repaid (domain §10 P56)."""
    owed = -purse.get((OWED_PURSES[asset], asset), 0)
    if owed > 0:
        raise Refused(
            "spending_blocked",
            "something that had been spent was taken back; spending opens again once it is repaid",
            owed=owed,
            asset=asset,
        )


def set_aside_points(
    purse: Purse, volunteer: str, amount: int, *, today: str, into: str
) -> list[Posting]:
    """Spend the soonest to lapse first, so that fewer points lapse. The caller has made sure
    that `amount` is spendable."""
    postings = []
    for lapse_date, there in vintages(purse):
        if lapse_date < today or amount == 0:
            continue
        taken = min(there, amount)
        owner = account.volunteer(volunteer)
        postings.append(_move_out(purse, owner, POINTS_PURSE + lapse_date, POINT, taken, into))
        amount -= taken
    return postings


def claw_back_points(
    purse: Purse, volunteer: str, amount: int, *, vintage: str, today: str
) -> list[Posting]:
    """Take points back: their own vintage, then the soonest to lapse, then `owed` (design §4).

    Vintages whose last day was before `today` have lapsed, whether the timer came by or not.
    """
    owner, issuer = account.volunteer(volunteer), ISSUERS[POINT]
    postings = []
    alive = [found for found in vintages(purse) if found[0] >= today]
    own_first = sorted(alive, key=lambda found: (found[0] != vintage, found[0]))
    for lapse_date, there in own_first:
        taken = min(there, amount)
        if taken:
            postings.append(
                _move_out(purse, owner, POINTS_PURSE + lapse_date, POINT, taken, issuer)
            )
            amount -= taken
    if amount:
        postings.append(_move_out(purse, owner, OWED_PURSES[POINT], POINT, amount, issuer))
    return postings


def claw_back_time(purse: Purse, volunteer: str, amount: int) -> list[Posting]:
    """Take saved time back: what is there, then `owed` (design §4)."""
    owner, issuer = account.volunteer(volunteer), ISSUERS[account.TIME]
    there = max(0, purse.get((account.TIME_PURSE, account.TIME), 0))
    postings = []
    if taken := min(there, amount):
        postings.append(_move_out(purse, owner, account.TIME_PURSE, account.TIME, taken, issuer))
    if owed := amount - taken:
        owed_purse = OWED_PURSES[account.TIME]
        postings.append(_move_out(purse, owner, owed_purse, account.TIME, owed, issuer))
    return postings


def lapse(action: LapsePoints, standing: Standing, time: int) -> list[Draft]:
    """Points whose last day has passed go to `lapsed`, one entry a vintage (domain §10 P52)."""
    policy = standing.policy_at(time)
    today = policy.local_date(time).isoformat()
    drafts = []
    for lapse_date, amount in vintages(standing.purse(account.volunteer(action.volunteer))):
        if lapse_date < today:
            posting = Posting(
                account.points_of(action.volunteer, lapse_date), LAPSED, POINT, amount
            )
            facts = {"volunteer": action.volunteer, "lapse": lapse_date}
            drafts.append(Draft("points_lapsed", facts, [posting], policy.version_name))
    if not drafts:
        raise Refused("nothing_to_lapse", "no points of this volunteer have passed their last day")
    return drafts
