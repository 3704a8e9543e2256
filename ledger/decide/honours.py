"""Decide about honours and about what indicators divide by (domain §1, §9, §10 P32).

Medals follow lifetime hours, each once. A commendation says who commended, at which level; what it
is for is text in the vault. A population is stated for a year; stated again, it replaces.
"""

from __future__ import annotations

from ledger import account
from ledger.actions.honours import LEVELS, GrantMedal, RecordCommendation, StatePopulation
from ledger.decide.stars import lifetime_minutes, organisations_above
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.standing import Standing


def grant_medal(action: GrantMedal, standing: Standing, time: int) -> list[Draft]:
    """A medal once lifetime hours reach it, compared with ≥ (domain §10 P32).

    By the operator ("") or an active organisation at or above the volunteer's own, whatever its
    tier. Refuses with `party_not_active`, `wrong_granting_tier`, `medal_granted_already` or
    `medal_not_reached`.
    """
    owner = account.volunteer(action.volunteer)
    party = standing.active(owner)
    policy = standing.policy_of(owner, time)
    if action.organisation:
        above = {each.address for each in organisations_above(standing, party)}
        if standing.active(f"organisation:{action.organisation}").address not in above:
            raise Refused(
                "wrong_granting_tier", "an organisation at or above the volunteer's own grants this"
            )
    if standing.marks[owner, f"medal:{action.medal}"] is not None:
        raise Refused("medal_granted_already", "this medal was granted; it is given once")
    minutes = lifetime_minutes(policy, standing.purse(owner))
    thresholds = policy.medal_thresholds_minutes
    if not 1 <= action.medal <= policy.medals(minutes):
        known = 1 <= action.medal <= len(thresholds)
        raise Refused(
            "medal_not_reached",
            f"{minutes} minutes do not reach this medal"
            if known
            else f"the policy has {len(thresholds)} medals",
            minutes=minutes,
            needed_minutes=thresholds[action.medal - 1] if known else 0,
        )
    facts = {
        "volunteer": action.volunteer,
        "medal": action.medal,
        "minutes": minutes,
        "organisation": action.organisation,
    }
    return [Draft("medal_granted", facts, policy=policy.version_name)]


def commend(action: RecordCommendation, standing: Standing, time: int) -> list[Draft]:
    """A commendation (Order 67 art. 4, fourth block); `organisation` is who records it.
    Refuses with `party_not_active`, `bad_level` or `bad_time`."""
    owner = account.volunteer(action.volunteer)
    standing.active(owner)
    standing.active(f"organisation:{action.organisation}")
    if action.level not in LEVELS:
        raise Refused("bad_level", f"a commendation's level is one of {', '.join(LEVELS)}")
    if action.awarded > time:
        raise Refused("bad_time", "it is recorded once it has been awarded")
    facts = {
        "commendation": action.commendation,
        "volunteer": action.volunteer,
        "organisation": action.organisation,
        "level": action.level,
        "awarded": action.awarded,
        "text": action.text,
    }
    return [Draft("commendation_recorded", facts)]


def state_population(action: StatePopulation, standing: Standing, time: int) -> list[Draft]:
    """Who lives, works and serves where an organisation is (domain §9): whole people, for a year
    that has begun. Refuses with `party_not_active`, `bad_amount` or `bad_time`."""
    standing.active(f"organisation:{action.organisation}")
    counts = {
        "residents": action.residents,
        "staff": action.staff,
        "staff_registered": action.staff_registered,
        "members": action.members,
        "members_registered": action.members_registered,
    }
    if min(counts.values()) < 0:
        raise Refused("bad_amount", "people are counted from 0")
    if action.staff_registered > action.staff or action.members_registered > action.members:
        raise Refused("bad_amount", "no more can be registered than there are")
    policy = standing.policy_for(time, organisation=action.organisation)
    if action.year > policy.local_date(time).year:
        raise Refused("bad_time", "state a year that has begun")
    facts = {"organisation": action.organisation, "year": action.year, **counts}
    return [Draft("population_stated", facts, policy=policy.version_name)]
