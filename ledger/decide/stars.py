"""Decide about stars: eligible → applied → public notice → granted (domain §2, §10 P23–P31).

Hours make somebody *eligible*; a body of the right tier *grants*, after public notice, one star at
a time, unless a policy says otherwise. Nothing here reads what was spent: no reward costs a star.

The order of the checks in `apply` and `_why_not` is the order of precedence that
docs/refusals.md promises.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ledger import account
from ledger.account import ISSUERS, SERVICE, STAR, STARS_PURSE
from ledger.actions.service import EVIDENCE
from ledger.actions.stars import (
    ApplyForStar,
    AssessStars,
    DecideDowngrade,
    GrantStar,
    NoticeStar,
    RefuseStar,
)
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.fold.stars import OPEN_STAR_CASE, star_applied_for
from ledger.policy import Policy
from ledger.posting import Posting
from ledger.rows import Party, Record, StarCase
from ledger.standing import WINDOW_MS, Purse, Standing

AWAITS_GRANT: Final = ("applied", "noticed")
"""States of a case that can still be granted or refused."""
_KEEPS_STARS: Final = ("active", "suspended")
"""Whose star is still worth a decision; who left or died is not judged any more."""


def minutes_that_count(
    standing: Standing, policy: Policy, volunteer: str, purse: Purse, time: int
) -> int:
    """The minutes that stars are measured by at `time` (ms), 0 or more (domain §10 P16, P24).

    Over a lifetime they are the SERVICE balances in `purse`: ported records, and training where a
    policy pays it, are in there. In a year, or a rolling one, they are what effective records
    brought whose check-in lies inside, and never more than the balance: service hours that a
    policy takes for a reward (P47) count nowhere.
    """
    counted = {
        evidence: purse.get((account.SERVICE_PURSE + evidence, SERVICE), 0) for evidence in EVIDENCE
    }
    span = policy.star_span(time)
    if span is not None:
        served = dict.fromkeys(EVIDENCE, 0)
        for record in _effective(standing, volunteer, *span):
            served[record.evidence] += record.paid
        counted = {evidence: min(counted[evidence], served[evidence]) for evidence in EVIDENCE}
    return policy.star_minutes_of(counted["check_in"], counted["backfill"])


def lifetime_minutes(policy: Policy, purse: Purse) -> int:
    """All minutes of the classes that count for stars, whatever the window (domain §10 P32)."""
    classes = ("check_in", "backfill") if "stars" in policy.backfill_counts_for else ("check_in",)
    return sum(purse.get((account.SERVICE_PURSE + one, SERVICE), 0) for one in classes)


def stars_held(purse: Purse) -> int:
    """The star that has been granted; 0 for none."""
    return purse.get((STARS_PURSE, STAR), 0)


def apply(action: ApplyForStar, standing: Standing, time: int) -> list[Draft]:
    """A volunteer asks for a star, or an organisation nominates them (domain §10 P25–P28).

    Refuses with `party_not_active`, `wrong_nominator`, `star_out_of_sequence`, `star_case_open`,
    `star_not_eligible`, `star_nomination_needed`, `star_tenure_short`, `star_quality_short` or
    `star_points_short`.
    """
    owner = account.volunteer(action.volunteer)
    party = standing.active(owner)
    if action.nominated_by:
        nominator = standing.active(f"organisation:{action.nominated_by}")
        if nominator not in organisations_above(standing, party):
            raise Refused(
                "wrong_nominator",
                "an organisation nominates who stands in it or below it; name one of those",
            )
    policy = standing.policy_of(owner, time)
    purse = standing.purse(owner)
    _refuse_out_of_sequence(action.star, stars_held(purse), policy)
    open_case = standing.marks[owner, OPEN_STAR_CASE]
    if open_case is not None and open_case.value:
        raise Refused(
            "star_case_open",
            "a star of this volunteer is being decided; wait for that",
            case=open_case.value,
        )
    minutes = minutes_that_count(standing, policy, action.volunteer, purse, time)
    no = _why_not(action.star, party, policy, standing, minutes, time, action.nominated_by)
    if no is not None:
        raise no
    facts = {
        "case": action.case,
        "volunteer": action.volunteer,
        "star": action.star,
        "minutes": minutes,
        "organisation": action.nominated_by or _bare(party.parent),
        "nominated": "yes" if action.nominated_by else "no",
    }
    return [Draft("star_applied", facts, policy=policy.version_name)]


def notice(action: NoticeStar, standing: Standing, time: int) -> list[Draft]:
    """The granting body begins the public notice: so many working days after today, by the
    policy's calendar (domain §10 P29, P30; Civil Code art. 201)."""
    case = _case(action.case, standing, change="grant", states=("applied",))
    party, policy = _still_active(case, standing, time)
    refuse_wrong_tier(standing, party, case.star, action.organisation, policy)
    _refuse_unless_earned(case, party, policy, standing, time)
    today = policy.local_date(time)
    calendar = standing.calendar(policy.calendar_name)
    until = calendar.deadline(today, policy.star_publicity_working_days)
    facts = {
        "case": case.case_id,
        "volunteer": case.volunteer,
        "star": case.star,
        "organisation": action.organisation,
        "notice_from": today.isoformat(),
        "notice_until": until.last_day.isoformat(),
        "calendar": until.calendar,
    }
    return [Draft("star_noticed", facts, policy=policy.version_name)]


def grant(action: GrantStar, standing: Standing, time: int) -> list[Draft]:
    """The granting body grants what was applied for, from the day after the notice on.

    What was true when it was applied for must be true still; in a window, of the span in which it
    was applied for, whatever day it is by now. Refuses with
    `star_notice_needed` or `notice_running` where the policy asks for a notice (P30).
    """
    case = _case(action.case, standing, change="grant", states=AWAITS_GRANT)
    party, policy = _still_active(case, standing, time)
    refuse_wrong_tier(standing, party, case.star, action.organisation, policy)
    if policy.star_publicity_working_days:
        if case.state != "noticed":
            raise Refused(
                "star_notice_needed",
                f"give public notice for {policy.star_publicity_working_days} working days first",
                working_days=policy.star_publicity_working_days,
            )
        if policy.local_date(time).isoformat() <= case.notice_until:
            raise Refused(
                "notice_running",
                f"the public notice runs until {case.notice_until}; grant it from the next day on",
                notice_until=case.notice_until,
            )
    minutes = _refuse_unless_earned(case, party, policy, standing, time)
    held = stars_held(standing.purse(account.volunteer(case.volunteer)))
    return [
        _granted(
            case.volunteer, case.star, held, minutes, policy, case.case_id, action.organisation
        )
    ]


def refuse(action: RefuseStar, standing: Standing, time: int) -> list[Draft]:
    """The granting body says no, and why; the volunteer may apply again.

    A reversal meanwhile may have left the star that is held without its hours. No downgrade could
    be proposed while the application was open, so it is proposed now, as `next_case` (P31).
    """
    case = _case(action.case, standing, change="grant", states=AWAITS_GRANT)
    owner = account.volunteer(case.volunteer)
    policy = standing.policy_of(owner, time)
    refuse_wrong_tier(standing, standing.party(owner), case.star, action.organisation, policy)
    _refuse_without_reason(action.reason)
    facts = {
        "case": case.case_id,
        "volunteer": case.volunteer,
        "star": case.star,
        "organisation": action.organisation,
        "reason": action.reason,
    }
    drafts = [Draft("star_refused", facts, policy=policy.version_name)]
    if action.next_case:
        purse = standing.purse(owner)
        drafts += proposal_after(
            case.volunteer, purse, standing, time, action.next_case, instead_of=case.case_id
        )
    return drafts


def assess(action: AssessStars, standing: Standing, time: int) -> list[Draft]:
    """Grant what the hours give where the policy grants by itself (domain §10 P25).

    In sequence it is one entry a star, up to the first whose other conditions are not met; else
    one entry up to the highest whose conditions are. A star that needs a nomination is never
    among them. Refuses with `star_by_application` or `nothing_to_grant`.
    """
    owner = account.volunteer(action.volunteer)
    party = standing.active(owner)
    policy = standing.policy_of(owner, time)
    if policy.star_mode != "automatic":
        raise Refused(
            "star_by_application", "the policy grants no star by itself; the volunteer applies"
        )
    purse = standing.purse(owner)
    held = stars_held(purse)
    minutes = minutes_that_count(standing, policy, action.volunteer, purse, time)
    earned, missing = [], ""
    for star in range(held + 1, policy.eligible_star(minutes) + 1):
        no = _why_not(star, party, policy, standing, minutes, time, nominated_by="")
        if no is None:
            earned.append(star)
            continue
        missing = missing or no.code
        if policy.star_sequential:
            break
    if not earned:
        raise Refused(
            "nothing_to_grant",
            f"{minutes} minutes that count bring no star above the {held} held",
            minutes=minutes,
            star=held,
            missing=missing,
        )
    drafts = []
    for star in earned if policy.star_sequential else earned[-1:]:
        drafts.append(_granted(action.volunteer, star, held, minutes, policy))
        held = star
    return drafts


def proposal_after(
    volunteer: str,
    purse_after: Purse,
    standing: Standing,
    time: int,
    case: str,
    *,
    instead_of: str = "",
) -> list[Draft]:
    """What a reversal leads to where the star held is no longer reached (domain §10 P31, S-15).

    `purse_after` is the volunteer's purse once all SERVICE postings of the answer are applied;
    `case` is the reversed record's id. A proposal waits for a person (`decide_downgrade`); while
    another case of the volunteer is open there is none, but for `instead_of`, which ends in the
    same answer. With `automatic` the star goes at once.
    Only where all hours count is anything taken away: a star of a year is not lost when the year
    is over.
    """
    held = stars_held(purse_after)
    owner = account.volunteer(volunteer)
    if not held or standing.party(owner).state not in _KEEPS_STARS:
        return []
    policy = standing.policy_of(owner, time)
    if policy.star_span(time) is not None or policy.star_after_reversal == "none":
        return []
    minutes = minutes_that_count(standing, policy, volunteer, purse_after, time)
    reached = policy.eligible_star(minutes)
    if reached >= held:
        return []
    if policy.star_after_reversal == "automatic":
        return [_downgraded(volunteer, reached, held, policy, case)]
    open_case = standing.marks[owner, OPEN_STAR_CASE]
    if open_case is not None and open_case.value not in ("", instead_of):
        return []
    facts = {
        "case": case,
        "volunteer": volunteer,
        "star": reached,
        "held": held,
        "minutes": minutes,
    }
    return [Draft("star_downgrade_proposed", facts, policy=policy.version_name)]


def decide_downgrade(action: DecideDowngrade, standing: Standing, time: int) -> list[Draft]:
    """A person of the body that grants the held star, or the operator, confirms or dismisses
    (domain §10 P31; PIPL art. 24). The volunteer may object to either.

    Confirmed, the star becomes what the hours reach on that day: what was earned or reversed since
    the proposal counts. Refuses with `star_reached_again` where nothing is to be taken any more.
    """
    case = _case(action.case, standing, change="downgrade", states=("proposed",))
    owner = account.volunteer(case.volunteer)
    policy = standing.policy_of(owner, time)
    purse = standing.purse(owner)
    held = stars_held(purse)
    if action.organisation:
        refuse_wrong_tier(standing, standing.party(owner), held, action.organisation, policy)
    _refuse_without_reason(action.reason)
    if not action.confirmed:
        facts = {
            "case": case.case_id,
            "volunteer": case.volunteer,
            "star": held,
            "organisation": action.organisation,
            "reason": action.reason,
        }
        return [Draft("star_downgrade_dismissed", facts, policy=policy.version_name)]
    becomes = case.star
    if policy.star_span(time) is None:
        minutes = minutes_that_count(standing, policy, case.volunteer, purse, time)
        becomes = policy.eligible_star(minutes)
    if becomes >= held:
        raise Refused(
            "star_reached_again",
            f"the hours reach the {held} stars that are held; dismiss the proposal",
            star=held,
        )
    return [
        _downgraded(
            case.volunteer,
            becomes,
            held,
            policy,
            case.case_id,
            action.organisation,
            action.reason,
        )
    ]


def refuse_wrong_tier(
    standing: Standing, party: Party, star: int, organisation: str, policy: Policy
) -> None:
    """Whether this body grants this star to this volunteer (domain §10 P29).

    `organisation` is an active one of the star's tier at or above the volunteer's own; "" is the
    operator, who grants where no such one is there. Refuses with `wrong_granting_tier`.
    """
    tier = policy.star_needs(max(star, 1)).granting_tier
    of_the_tier = [above.address for above in organisations_above(standing, party)]
    of_the_tier = [one for one in of_the_tier if standing.party(one).tier == tier]
    if organisation:
        standing.active(f"organisation:{organisation}")
    if f"organisation:{organisation}" in of_the_tier if organisation else not of_the_tier:
        return
    raise Refused(
        "wrong_granting_tier",
        f"this star is granted at the tier {tier}, at or above the volunteer's organisation; by the"
        " operator only where there is none",
        tier=tier,
    )


def organisations_above(standing: Standing, party: Party) -> Iterator[Party]:
    """The active organisations that a volunteer stands in, the nearest first."""
    seen = set()
    address = party.parent
    # No decision makes a loop; a walk that could not end would stop the whole ledger.
    while address.startswith("organisation:") and address not in seen:
        seen.add(address)
        above = standing.party(address)
        if above.state == "active":
            yield above
        address = above.parent


def _refuse_out_of_sequence(star: int, held: int, policy: Policy) -> None:
    """One level a grant where the policy says so (P26, S-7); never one that is held."""
    if star <= held or (policy.star_sequential and star != held + 1):
        raise Refused(
            "star_out_of_sequence",
            f"{held} stars are held; the next one is {held + 1}",
            star=held,
            next=held + 1,
        )


def _why_not(
    star: int,
    party: Party,
    policy: Policy,
    standing: Standing,
    minutes: int,
    time: int,
    nominated_by: str,
) -> Refused | None:
    """The first condition of a star that is not met; None if all are (P23, P27, P28)."""
    volunteer = _bare(party.address)
    if policy.eligible_star(minutes) < star:
        needed = policy.minutes_of_star(star)
        facts = {} if needed is None else {"needed_minutes": needed}
        return Refused(
            "star_not_eligible",
            f"{minutes} minutes count so far, which is not enough for {star} stars",
            minutes=minutes,
            **facts,
        )
    needs = policy.star_needs(star)
    if needs.nominated and not nominated_by:
        return Refused(
            "star_nomination_needed",
            f"an organisation nominates for {star} stars; nobody applies alone",
            star=star,
        )
    since = policy.local_date(party.registered)
    # The period ends on the corresponding day, which counts (Civil Code arts. 202, 1259).
    complete = policy.months_after(since, needs.tenure_months)
    if policy.local_date(time) < complete:
        return Refused(
            "star_tenure_short",
            f"{star} stars need {needs.tenure_months} months since registration: from"
            f" {complete.isoformat()} on",
            months=needs.tenure_months,
            on=complete.isoformat(),
        )
    if needs.quality_min:
        conduct = standing.conducts[volunteer]
        total, evaluations = (conduct.total, conduct.evaluations) if conduct else (0, 0)
        # Whole numbers on both sides: a mean of 4.5 is compared exactly.
        if not evaluations or total * 100 < needs.quality_min * evaluations:
            return Refused(
                "star_quality_short",
                f"{star} stars need a mean evaluation of {needs.quality_min} hundredths",
                needed_hundredths=needs.quality_min,
                evaluations=evaluations,
                total=total,
            )
    if needs.points_min_hundredths:
        earned = sum(record.points for record in _effective(standing, volunteer, 0, time + 1))
        if earned < needs.points_min_hundredths:
            return Refused(
                "star_points_short",
                f"{star} stars need {needs.points_min_hundredths} hundredths of a point earned in"
                f" all, and {earned} were",
                needed_hundredths=needs.points_min_hundredths,
                earned_hundredths=earned,
            )
    return None


def _refuse_unless_earned(
    case: StarCase, party: Party, policy: Policy, standing: Standing, time: int
) -> int:
    """The minutes that count, if what was applied for can be granted as things stand now. That
    it was nominated is settled by the application, and so is the window: who had the hours in it
    does not lose them to a notice that outlasts it."""
    purse = standing.purse(party.address)
    _refuse_out_of_sequence(case.star, stars_held(purse), policy)
    applied = star_applied_for(standing, case)
    minutes = minutes_that_count(standing, policy, case.volunteer, purse, applied)
    no = _why_not(case.star, party, policy, standing, minutes, time, nominated_by="settled")
    if no is not None:
        raise no
    return minutes


def _case(case_id: str, standing: Standing, *, change: str, states: tuple[str, ...]) -> StarCase:
    """The case, if it is one of this change and in one of these states."""
    case = standing.star_cases[case_id]
    if case is None or case.change != change:
        raise Refused("unknown_star_case", "no star is being decided under this id")
    if case.state not in states:
        raise Refused(
            "star_case_state_conflict",
            f"this is {case.state} already",
            state=case.state,
        )
    return case


def _still_active(case: StarCase, standing: Standing, time: int) -> tuple[Party, Policy]:
    """The volunteer, who must be active to get anything, and the policy that decides now."""
    owner = account.volunteer(case.volunteer)
    return standing.active(owner), standing.policy_of(owner, time)


def _refuse_without_reason(reason: str) -> None:
    if not reason:
        raise Refused("reason_missing", "say why: the volunteer will read it")


def _effective(standing: Standing, volunteer: str, start: int, end: int) -> Iterator[Record]:
    """Effective records of the volunteer with start ≤ check-in < end (ms)."""
    # One question for all windows; asked one by one they would be a trip each.
    windows = range(start // WINDOW_MS, (end - 1) // WINDOW_MS + 1)
    standing.prefetch({"sessions": [(volunteer, window) for window in windows]})
    for record in standing.sessions_between(volunteer, start, end):
        if record.state == "effective":
            yield record


def _granted(
    volunteer: str,
    star: int,
    held: int,
    minutes: int,
    policy: Policy,
    case: str = "",
    organisation: str = "",
) -> Draft:
    """`star` from now on, instead of the `held` one."""
    stars = star - held
    facts = {
        "case": case,
        "volunteer": volunteer,
        "star": star,
        "stars": stars,
        "minutes": minutes,
        "organisation": organisation,
    }
    posting = Posting(ISSUERS[STAR], account.stars_of(volunteer), STAR, stars)
    return Draft("star_granted", facts, [posting], policy.version_name)


def _downgraded(
    volunteer: str,
    star: int,
    held: int,
    policy: Policy,
    case: str,
    organisation: str = "",
    reason: str = "",
) -> Draft:
    """`star` from now on, instead of the higher `held` one."""
    stars = held - star
    facts = {
        "case": case,
        "volunteer": volunteer,
        "star": star,
        "stars": stars,
        "organisation": organisation,
        "reason": reason,
    }
    posting = Posting(account.stars_of(volunteer), ISSUERS[STAR], STAR, stars)
    return Draft("star_downgraded", facts, [posting], policy.version_name)


def _bare(address: str) -> str:
    return address.partition(":")[2]
