"""Decide about points: earning into vintages, spending the oldest first, clawback, lapse, and
what bringing a newcomer earns.

Vintages are purses named by their last day of use, so that no table of lots is needed
(design §4, domain §10 P51, P52, P56). Points that never lapse are the vintage of the last day
there is, and so are spent last. Helpers change the purse they are given: hand them a copy.
"""

from __future__ import annotations

from ledger import account
from ledger.account import ISSUERS, LAPSED, OWED_PURSES, POINT, POINTS_PURSE, SERVICE
from ledger.actions.points import AwardReferral, LapsePoints
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.policy import Policy
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
    purse: Purse, volunteer: str, amount: int, *, vintage: str, today: str, swept: int
) -> list[Posting]:
    """Take points back: their own vintage, then the soonest to lapse, then `owed` (design §4).

    Vintages whose last day was before `today` have lapsed, whether the timer came by or not, and
    pay for nothing but their own points. Of these, the `swept` hundredths that a timer has taken
    away are gone, and no others are taken for them.
    """
    owner, issuer = account.volunteer(volunteer), ISSUERS[POINT]
    postings = []
    if taken := min(amount, dict(vintages(purse)).get(vintage, 0)):
        postings.append(_move_out(purse, owner, POINTS_PURSE + vintage, POINT, taken, issuer))
        amount -= taken
    amount -= min(amount, swept)
    for lapse_date, there in vintages(purse):
        taken = min(there, amount) if lapse_date >= today else 0
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


def take_hours(purse: Purse, volunteer: str, minutes: int) -> list[Posting]:
    """Service hours that redeemed time takes with it where a policy says so (domain §10 P47):
    checked-in minutes first, then backfilled ones, and never more than there are."""
    owner, issuer = account.volunteer(volunteer), ISSUERS[SERVICE]
    postings = []
    for name in ("service:check_in", "service:backfill"):
        taken = min(purse.get((name, SERVICE), 0), minutes)
        if taken > 0:
            postings.append(_move_out(purse, owner, name, SERVICE, taken, issuer))
            minutes -= taken
    return postings


def lapse(action: LapsePoints, standing: Standing, time: int) -> list[Draft]:
    """Points whose last day has passed go to `lapsed`, one entry a vintage (domain §10 P52).

    Refuses with `nothing_to_lapse`."""
    owner = account.volunteer(action.volunteer)
    policy = standing.policy_of(owner, time)
    today = policy.local_date(time).isoformat()
    drafts = []
    for lapse_date, amount in vintages(standing.purse(owner)):
        if lapse_date < today:
            posting = Posting(
                account.points_of(action.volunteer, lapse_date), LAPSED, POINT, amount
            )
            facts = {"volunteer": action.volunteer, "lapse": lapse_date}
            drafts.append(Draft("points_lapsed", facts, [posting], policy.version_name))
    if not drafts:
        raise Refused("nothing_to_lapse", "no points of this volunteer have passed their last day")
    return drafts


def refer(action: AwardReferral, standing: Standing, time: int) -> list[Draft]:
    """Points for who brought a newcomer, once the newcomer has served (domain §10 P51).

    Against farming: nobody brings themselves, or somebody who was here before them; each newcomer
    brings points once; and only after `points_referral_after_minutes` of service of a class that
    earns points. Refuses with `unknown_party`, `party_not_active`, `referral_of_oneself`,
    `referral_not_rewarded`, `already_referred`, `not_a_newcomer`, `served_too_little`.
    """
    owner, newcomer = account.volunteer(action.volunteer), account.volunteer(action.referred)
    bringer, brought = standing.active(owner), standing.active(newcomer)
    if owner == newcomer:
        raise Refused("referral_of_oneself", "nobody brings themselves")
    policy = standing.policy_of(owner, time)
    hundredths = policy.points_referral_thousandths // 10
    if not hundredths:
        raise Refused("referral_not_rewarded", "the rules in force give no points for this")
    mark = standing.marks[newcomer, "referred"]
    if mark is not None and mark.value:
        raise Refused("already_referred", "points were given for this newcomer before")
    if brought.since < bringer.since:
        raise Refused(
            "not_a_newcomer", "whoever was registered first was not brought by who came later"
        )
    served = _earning_minutes(standing.purse(newcomer), policy)
    needed = policy.points_referral_after_minutes
    if served < needed:
        raise Refused(
            "served_too_little",
            f"the newcomer has served {served} of {needed} minutes; ask again later",
            needed_minutes=needed,
            served_minutes=served,
        )
    purse = dict(standing.purse(owner))
    vintage = policy.lapse_date(time).isoformat()
    postings = credit(
        purse,
        action.volunteer,
        POINT,
        hundredths,
        source=ISSUERS[POINT],
        into=POINTS_PURSE + vintage,
    )
    facts = {"volunteer": action.volunteer, "referred": action.referred}
    return [Draft("referral_awarded", facts, postings, policy.version_name)]


def _earning_minutes(purse: Purse, policy: Policy) -> int:
    """Service minutes of the classes that earn points (domain §10 P16)."""
    backfill = purse.get(("service:backfill", SERVICE), 0) if policy.backfill_earns_points else 0
    return purse.get(("service:check_in", SERVICE), 0) + backfill
