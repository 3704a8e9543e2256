"""Decide about credit incentives: who is on the list of a cycle, and who leaves it (domain §5, §10
P58–P60).

Nobody is listed without their consent, and the hours of whoever refuses stay what they are. Credit
points stand for one cycle at a time: a new listing takes the old one's back in the same entry.
"""

from __future__ import annotations

from datetime import date

from ledger import account
from ledger.account import CREDIT, ISSUERS, SERVICE, STAR
from ledger.actions.credit import ListForCredit, RecordDishonesty, RepairDishonesty
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.policy import Policy
from ledger.posting import Posting
from ledger.rows import Credit, Party
from ledger.standing import Purse, Standing

_GONE = ("deceased", "forgotten")


def list_for_credit(action: ListForCredit, standing: Standing, time: int) -> list[Draft]:
    """Put a volunteer on the list of the cycle that runs, once (domain §12 K16, K18).

    Refuses with `unknown_party`, `party_not_active`, `consent_missing`, `wrong_cycle`,
    `already_listed`, `credit_stars_short`, `credit_minutes_short`, `credit_not_clean`.
    """
    owner = account.volunteer(action.volunteer)
    policy = standing.policy_of(owner, time)
    party = standing.active(owner)
    # Asked first: without consent nobody's hours are looked at for this.
    consent = standing.consents[action.volunteer, "credit_list", ""]
    if consent is None or consent.state != "given":
        raise Refused("consent_missing", "the volunteer has not agreed to be listed")
    today = policy.local_date(time)
    cycle = policy.credit_cycle_of(today)
    if action.cycle != cycle:
        raise Refused("wrong_cycle", f"the list of {cycle} is open now", cycle=cycle)
    credit = standing.credits[action.volunteer]
    if credit is not None and credit.cycle == cycle:
        raise Refused("already_listed", "they are on the list of this cycle already", cycle=cycle)
    purse = standing.purse(owner)
    star, minutes = purse.get(("stars", STAR), 0), counted_minutes(purse, policy)
    if star < policy.credit_min_stars:
        raise Refused(
            "credit_stars_short",
            f"the list asks for {policy.credit_min_stars} stars and {star} are held",
            needed=policy.credit_min_stars,
            stars=star,
        )
    if minutes < policy.credit_min_minutes:
        raise Refused(
            "credit_minutes_short",
            f"the list asks for {policy.credit_min_minutes} minutes of service that count for it",
            needed_minutes=policy.credit_min_minutes,
            minutes=minutes,
        )
    clean_from = clean_since(party, credit, policy)
    clean_on = policy.months_after(clean_from, 12 * policy.credit_clean_years)
    if today < clean_on:
        raise Refused(
            "credit_not_clean",
            f"the list asks for {policy.credit_clean_years} years without serious dishonesty",
            clean_since=clean_from.isoformat(),
            clean_on=clean_on.isoformat(),
        )
    points = policy.credit_points(star, minutes)
    before = credit.points if credit is not None and credit.cycle else 0
    mine, issuer = account.credit_of(action.volunteer), ISSUERS[CREDIT]
    postings = [Posting(issuer, mine, CREDIT, points)] if points else []
    if before:
        postings.append(Posting(mine, issuer, CREDIT, before))
    facts = {
        "volunteer": action.volunteer,
        "cycle": cycle,
        "star": star,
        "minutes": minutes,
        "points": points,
        "measures": policy.credit_measures(star),
        "taken_back": before,
    }
    return [Draft("credit_listed", facts, postings, policy.version_name)]


def counted_minutes(purse: Purse, policy: Policy) -> int:
    """The service minutes that credit looks at: backfilled ones only where policy says so (domain
    §10 P16)."""
    backfill = purse.get(("service:backfill", SERVICE), 0)
    return purse.get(("service:check_in", SERVICE), 0) + (
        backfill if "credit" in policy.backfill_counts_for else 0
    )


def clean_since(party: Party, credit: Credit | None, policy: Policy) -> date:
    """The local day from which a record is clean (domain §10 P58).

    Registration, or the last serious dishonesty; once that is repaired it counts no more, or, where
    repair does not restore, the day of repair counts in its place.
    """
    since = party.registered
    if credit is not None and credit.dishonest:
        if not credit.repaired:
            since = credit.dishonest
        elif not policy.credit_repair_restores:
            since = credit.repaired
    return policy.local_date(since)


def record_dishonesty(action: RecordDishonesty, standing: Standing, time: int) -> list[Draft]:
    """Dishonesty was found. A serious one ends the listing in the same answer (domain §5, S50).

    It may be found of somebody who is suspended or has left. Refuses with `unknown_party`,
    `party_not_active`.
    """
    _refuse_gone(action.volunteer, standing)
    facts = {
        "volunteer": action.volunteer,
        "serious": "yes" if action.serious else "no",
        "reason": action.reason,
    }
    drafts = [Draft("dishonesty_recorded", facts)]
    if action.serious:
        drafts += withdrawal(
            action.volunteer, standing, time, ground="dishonesty", reason=action.reason
        )
    return drafts


def repair_dishonesty(action: RepairDishonesty, standing: Standing, time: int) -> list[Draft]:
    """Credit repair. What was withdrawn stays so; a new listing is decided anew (P58).

    Refuses with `unknown_party`, `party_not_active`, `nothing_to_repair`.
    """
    _refuse_gone(action.volunteer, standing)
    credit = standing.credits[action.volunteer]
    if credit is None or not credit.dishonest or credit.repaired:
        raise Refused("nothing_to_repair", "no serious dishonesty stands against this volunteer")
    facts = {"volunteer": action.volunteer, "reason": action.reason}
    return [Draft("dishonesty_repaired", facts)]


def withdrawal(
    volunteer: str, standing: Standing, time: int, *, ground: str, reason: str = ""
) -> list[Draft]:
    """The end of a listing with its points, if there is one. `ground`: consent, dishonesty or
    gone (left, died, forgotten); `reason` is a digest or ""."""
    credit = standing.credits[volunteer]
    if credit is None or not credit.cycle:
        return []
    facts = {
        "volunteer": volunteer,
        "cycle": credit.cycle,
        "points": credit.points,
        "ground": ground,
        "reason": reason,
    }
    postings = []
    if credit.points:
        mine = account.credit_of(volunteer)
        postings.append(Posting(mine, ISSUERS[CREDIT], CREDIT, credit.points))
    return [Draft("credit_withdrawn", facts, postings, _policy_name(volunteer, standing, time))]


def _policy_name(volunteer: str, standing: Standing, time: int) -> str:
    return standing.policy_of(account.volunteer(volunteer), time).version_name


def _refuse_gone(volunteer: str, standing: Standing) -> None:
    owner = account.volunteer(volunteer)
    state = standing.party(owner).state
    if state in _GONE:
        raise Refused("party_not_active", f"{owner} is {state}", party=owner, state=state)
