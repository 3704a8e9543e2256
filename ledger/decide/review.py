"""Decide about what waits for a person: a held record is confirmed or refused, and what was served
is evaluated (domain §10 P7, P10, P14, P18, P21; Order 67, articles 4 and 10).

A reviewer is neither the recorder nor the approver nor the volunteer. Who is far enough above is
policy's to say; the console and the operator, who answer for the ledger itself, always are.
"""

from __future__ import annotations

from typing import Final

from ledger import account
from ledger.actions.service import CONDUCTS, ConfirmService, EvaluateService, RefuseService
from ledger.decide.covering import uncovered_minutes
from ledger.decide.earning import Earner, earn
from ledger.decide.service import (
    MINUTE_MS,
    category_of,
    effective_record,
    inherited_vintage,
    minutes_by_day,
    policy_of,
    records_near,
    reversal,
    standing_record,
)
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.fold.hours import hours_short
from ledger.policy import Policy
from ledger.rows import Record
from ledger.standing import DAY_MS, Standing

DAY_MINUTES: Final = 1_440
"""The most effective minutes of one volunteer on one local day (domain §10 P8)."""


def confirm(action: ConfirmService, standing: Standing, time: int) -> list[Draft]:
    """Pay a held record: its minutes, but no minute that another effective record covers."""
    held = _held_record(action.record, standing)
    policy = policy_of(held, standing)
    _refuse_reviewer(held, action.reviewer, standing, policy)
    minutes = payable(held, standing, policy)
    purse = dict(standing.purse(account.volunteer(held.volunteer)))
    vintage = inherited_vintage(held, standing) or policy.lapse_date(time).isoformat()
    earner = Earner(
        held.volunteer, held.activity, category_of(held, standing), held.evidence, held.check_in
    )
    facts = {
        "record": held.record,
        "volunteer": held.volunteer,
        "organisation": held.organisation,
        "minutes": minutes,
    }
    near = records_near(held, standing)
    short = sum(hours_short(standing, held.volunteer).values())
    postings = earn(purse, earner, minutes, policy, near, vintage, short)
    return [Draft("service_confirmed", facts, postings, policy.version_name)]


def refuse(action: RefuseService, standing: Standing, time: int) -> list[Draft]:
    """A reviewer turns a held record down; it no longer counts as being there."""
    held = _held_record(action.record, standing)
    policy = policy_of(held, standing)
    _refuse_reviewer(held, action.reviewer, standing, policy)
    facts = {
        "record": held.record,
        "volunteer": held.volunteer,
        "organisation": held.organisation,
        "reason": action.reason,
    }
    return [Draft("service_refused", facts, policy=policy.version_name)]


def evaluate(action: EvaluateService, standing: Standing, time: int) -> list[Draft]:
    """What an organisation says of a record, once. Poor conduct takes the record back in the same
    answer where a policy says so (domain §10 P21); by default only a decision of its own does.

    Refuses with `unknown_record`, `record_state_conflict`, `already_evaluated`, `bad_evaluation`.
    """
    found = effective_record(action.record, standing, "evaluated")
    if standing.marks[f"record:{found.record}", "evaluated"] is not None:
        raise Refused("already_evaluated", "this record has been evaluated already")
    if not 1 <= action.score <= 5 or action.conduct not in CONDUCTS:
        raise Refused("bad_evaluation", "a score is from 1 to 5, conduct is good or poor")
    policy = policy_of(found, standing)
    facts = {
        "record": found.record,
        "volunteer": found.volunteer,
        "organisation": found.organisation,
        "score": action.score,
        "conduct": action.conduct,
        "text": action.text,
    }
    drafts = [Draft("service_evaluated", facts, policy=policy.version_name)]
    if action.conduct == "poor" and policy.zero_on_bad_conduct:
        drafts += reversal(found, standing, time, action.text)
    return drafts


def review_needed(held: Record, standing: Standing, policy: Policy) -> str:
    """Whose review a held record needs: `top`, the organisation at the top of the tree, for a day
    over the review limit where policy reviews by tier; else `host` (domain §10 P7, T7).

    A day counts with all that is effective on it now and what a confirmation would pay: nobody
    gets past the limit in parts that were each recorded below it.
    """
    if not policy.review_by_tier:
        return "host"
    if "day_over_12h" in held.reasons.split("+"):
        return "top"
    paid = policy.split_minutes_by_day(held.check_in, payable(held, standing, policy))
    served = minutes_by_day(records_near(held, standing), policy)
    over = any(
        served.get(day, 0) + minutes > policy.day_review_limit_minutes for day, minutes in paid
    )
    return "top" if over else "host"


def reviewed_by(decided: Record, standing: Standing, policy: Policy) -> str:
    """As `review_needed`, of a record that was held and is decided, as its day stands now."""
    if not policy.review_by_tier:
        return "host"
    if "day_over_12h" in decided.reasons.split("+"):
        return "top"
    near = [each for each in records_near(decided, standing) if each.record != decided.record]
    served = minutes_by_day(near, policy)
    claimed = policy.split_minutes_by_day(decided.check_in, decided.paid or decided.minutes)
    over = any(
        served.get(day, 0) + minutes > policy.day_review_limit_minutes for day, minutes in claimed
    )
    return "top" if over else "host"


def why_not_reviewer(
    held: Record, reviewer: str, standing: Standing, policy: Policy
) -> Refused | None:
    """Why this member of staff cannot decide a held record; None where they can."""
    if reviewer in (held.recorder, held.approver, held.volunteer):
        return Refused(
            "reviewer_took_part", "somebody who did not record or approve it must review it"
        )
    if not policy.review_by_tier:
        return None
    above = organisations_from(held.organisation, standing)
    needed = review_needed(held, standing, policy)
    place = standing.party(f"staff:{reviewer}").parent.partition(":")[2]
    if place and place in (above[-1:] if needed == "top" else above):
        return None
    whom = (
        "the organisation at the top of the tree"
        if needed == "top"
        else "the record's own organisation, or one above it,"
    )
    return Refused("reviewer_of_wrong_tier", f"a reviewer of {whom} decides this", review=needed)


def organisations_from(organisation: str, standing: Standing) -> list[str]:
    """Ids of an organisation and of each one above it, the nearest first."""
    found: list[str] = []
    while organisation and organisation not in found:
        found.append(organisation)
        party = standing.parties[f"organisation:{organisation}"]
        kind, _, above = (party.parent if party is not None else "").partition(":")
        organisation = above if kind == "organisation" else ""
    return found


def _held_record(record_id: str, standing: Standing) -> Record:
    held = standing_record(record_id, standing)
    if held.state != "held":
        raise Refused(
            "record_state_conflict",
            f"this record is {held.state}; only a held one waits for review",
            state=held.state,
        )
    return held


def _refuse_reviewer(held: Record, reviewer: str, standing: Standing, policy: Policy) -> None:
    """Refuse with `party_not_active`, `reviewer_took_part` or `reviewer_of_wrong_tier`."""
    if not reviewer:
        return
    standing.active(f"staff:{reviewer}")
    why = why_not_reviewer(held, reviewer, standing, policy)
    if why is not None:
        raise why


def payable(held: Record, standing: Standing, policy: Policy) -> int:
    """The minutes that a confirmation pays: all of them where nothing covers the session, else no
    more than what is uncovered, rounded down where policy rounds (domain §10 P3, P10).

    A record that brought nothing covers nothing. However minutes are rounded, no local day gets
    more of them than it has (P8).
    """
    others = standing.sessions_between(held.volunteer, held.check_in - DAY_MS, held.check_out)
    uncovered = uncovered_minutes(
        held.check_in,
        held.check_out,
        (
            (other.check_in, other.check_out)
            for other in others
            if other.state == "effective" and other.paid and other.record != held.record
        ),
    )
    paid = held.minutes
    if uncovered != (held.check_out - held.check_in) // MINUTE_MS:
        paid = min(held.minutes, uncovered)
        paid = min(paid, policy.rounded(paid))
    return _left_of_the_day(held, paid, standing, policy)


def _left_of_the_day(held: Record, minutes: int, standing: Standing, policy: Policy) -> int:
    """`minutes`, or what fits into the days that they belong to, at most `DAY_MINUTES` each."""
    served = minutes_by_day(records_near(held, standing), policy)
    fits = 0
    for day, asked in policy.split_minutes_by_day(held.check_in, minutes):
        room = max(0, DAY_MINUTES - served.get(day, 0))
        fits += min(asked, room)
        # What does not fit into its day does not move on to the next.
        if room < asked:
            break
    return fits
