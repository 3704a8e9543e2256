"""Decide about service records: what counts at once, what is held, what is refused, and how a
record is reversed or corrected (design §4, §10; domain §1, §8–§10 P3–P20).

A held record waits for `ledger/decide/review.py`. The order of the checks in `record` is the order
of precedence that docs/refusals.md promises. What another system recorded before ("history")
came about under that system's own rules of check-in, publication, consent and gates, and is not
held to ours (domain §10 P11, P17, P19, P22).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from datetime import date
from typing import Final

from ledger import account
from ledger.account import ISSUERS, PLATFORM_POOL, SERVICE, TIME
from ledger.actions.service import CorrectService, RecordService, ReverseService
from ledger.decide import bans, parties, qualifications, stars
from ledger.decide.earning import Earner, earn
from ledger.decide.points import claw_back_points, claw_back_time
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.fold.hours import hours_short
from ledger.fold.points import swept_of
from ledger.policy import Policy
from ledger.posting import Posting
from ledger.rows import Record, Terms
from ledger.standing import DAY_MS, Purse, Standing

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 3_600_000
STANDS: Final = ("effective", "held")
"""States in which a record still counts as being there."""


def record(action: RecordService, standing: Standing, time: int) -> list[Draft]:
    """Record a session: effective at once, or held for review with its reasons.

    What its activity asks of those who take part is answered by an entry of its own before it.
    """
    recorded = action.recorded or time
    category = _category(action, standing)
    policy = standing.policy_for(action.starts, action.organisation, category)
    is_new = action.recorded in (0, time)
    _refuse_excluded(action, policy)
    parties.refuse_conflicts(action.conflicts, standing)
    drafts = _introductions(action, standing)
    if is_new:
        _refuse_without_guardian(action, standing, policy)
    minutes = _refuse_bad_session(action, standing, policy, recorded)
    if is_new:
        _refuse_outside_activity(action)
    terms = qualifications.terms_of(action, standing) if is_new or action.method else None
    if action.method:
        _refuse_self_check_in(terms, policy)
    if is_new:
        _refuse_unpublished(action, standing, policy, time)
        _refuse_backfill(action, standing, time)
    near = records_near(action, standing)
    if near:
        _refuse_duplicate(action, near, policy)
    if is_new:
        _refuse_many_check_ins(action, near, policy)
        drafts += qualifications.gates(action, terms, standing, policy)
    late, counted_with = _lateness(action, standing, policy, recorded)
    if late and policy.late_policy == "reject":
        raise Refused(
            "too_late",
            "a record must be made within the working days that the rules give (Order 67,"
            " article 11)",
            working_days=policy.deadline_working_days,
        )
    # From here on the record is written.
    purse = dict(standing.purse(account.volunteer(action.volunteer)))
    vintage = policy.lapse_date(time).isoformat()
    reasons = _reasons_to_hold(action, policy, near, minutes)
    if late:
        reasons.append("late")
    short = sum(hours_short(standing, action.volunteer).values())
    drafts.append(
        _recorded(
            action,
            policy,
            category,
            near,
            minutes,
            recorded,
            purse,
            vintage,
            reasons,
            counted_with,
            short,
        )
    )
    return drafts


def reverse(action: ReverseService, standing: Standing, time: int) -> list[Draft]:
    """Take an effective record back, with its points and its deposit (domain §12 T20, K8); where
    a star then stands on too few hours, what policy says follows (P31, S-15)."""
    found = effective_record(action.record, standing, "reversed")
    return reversal(found, standing, time, action.reason)


def correct(action: CorrectService, standing: Standing, time: int) -> list[Draft]:
    """Reverse a record and write the corrected one, each naming the other.

    The correction keeps the original's entry time for lateness, is compared without the original,
    and its points go into the original's vintage (design §4). A volunteer keeps the right to be
    corrected (Order 67, article 13), so what the original had passed is not asked again: lateness
    never refuses it, a ban on backfill not what lies within what was backfilled already, and limits
    of check-in, publication and gates only where the activity, the day or the hours become others.
    What waits for review because the volunteer checked in alone goes on waiting.
    """
    original = standing_record(action.record, standing)
    if original.state not in STANDS:
        raise Refused(
            "record_state_conflict",
            f"this record is {original.state}; only an effective or a held one can be corrected",
            state=original.state,
        )
    corrected = action.corrected
    if corrected.volunteer != original.volunteer:
        raise Refused("wrong_volunteer", "a correction stays with its volunteer")
    category = _category(corrected, standing)
    policy = standing.policy_for(corrected.starts, corrected.organisation, category)
    _refuse_excluded(corrected, policy)
    # Whoever the original names may have left since; its volunteer keeps the right to be corrected.
    named = {
        account.volunteer(original.volunteer),
        f"organisation:{original.organisation}",
        f"staff:{original.recorder}",
        f"staff:{original.approver}",
    }
    _refuse_unknown(corrected, standing, beside=named)
    minutes = _refuse_bad_session(corrected, standing, policy, max(original.recorded, time))
    # Only history from elsewhere may lie outside its activity's times: it stays correctable.
    if _within_activity(original):
        _refuse_outside_activity(corrected)
    terms = qualifications.terms_of(corrected, standing)
    moved = corrected.activity != original.activity
    other_day = policy.local_date(corrected.check_in) != policy.local_date(original.check_in)
    longer = not original.check_in <= corrected.check_in < corrected.check_out <= original.check_out
    checked_in_alone = (
        original.state == "held"
        and "self_check_in" in original.reasons.split("+")
        and not moved
        and not other_day
    )
    if corrected.method and not checked_in_alone:
        _refuse_self_check_in(terms, policy)
    became_check_in = corrected.evidence != original.evidence
    if moved or other_day or became_check_in or corrected.starts < original.starts:
        _refuse_unpublished(corrected, standing, policy, time)
    if original.evidence != "backfill" or moved or longer:
        _refuse_backfill(corrected, standing, time)
    near = [other for other in records_near(corrected, standing) if other.record != original.record]
    _refuse_duplicate(corrected, near, policy)
    if moved or other_day:
        _refuse_many_check_ins(corrected, near, policy)
    met = []
    if moved or longer:
        met = qualifications.gates(corrected, terms, standing, policy)
    late, counted_with = _lateness(corrected, standing, policy, original.recorded)
    # From here on both entries are written.
    owner = account.volunteer(original.volunteer)
    purse = dict(standing.purse(owner))
    vintage = inherited_vintage(original, standing) or policy.lapse_date(time).isoformat()
    taken_back = _reversed(
        original, standing, purse, time, action.reason, replaced_by=corrected.record
    )
    # What this reversal could not find is short as well, and the corrected record repays it.
    short = sum(hours_short(standing, original.volunteer).values())
    short += original.paid - taken_back.facts["minutes"]
    reasons = _reasons_to_hold(corrected, policy, near, minutes)
    if checked_in_alone and not corrected.method:
        reasons.append("self_check_in")
    if late:
        reasons.append("late")
    written = _recorded(
        corrected,
        policy,
        category,
        near,
        minutes,
        original.recorded,
        purse,
        vintage,
        reasons,
        counted_with,
        short,
        corrects=original.record,
    )
    follows = _star_after(original, [taken_back, written], purse, standing, time)
    return [taken_back, *met, written, *follows]


def reversal(found: Record, standing: Standing, time: int, reason: str) -> list[Draft]:
    """The reversal of an effective record, and what follows for its volunteer's star."""
    purse = dict(standing.purse(account.volunteer(found.volunteer)))
    taken_back = _reversed(found, standing, purse, time, reason, replaced_by="")
    return [taken_back, *_star_after(found, [taken_back], purse, standing, time)]


def standing_record(record_id: str, standing: Standing) -> Record:
    """The record of that id. Refuses with `unknown_record`."""
    found = standing.records[record_id]
    if found is None:
        raise Refused("unknown_record", "there is no such service record")
    return found


def effective_record(record_id: str, standing: Standing, what: str) -> Record:
    """An effective record, the only kind that can be `what`. Refuses with `unknown_record` or
    `record_state_conflict`."""
    found = standing_record(record_id, standing)
    if found.state != "effective":
        raise Refused(
            "record_state_conflict",
            f"this record is {found.state}; only an effective one can be {what}",
            state=found.state,
        )
    return found


def category_of(found: Record, standing: Standing) -> str:
    """The service category of a record's activity; "" where it has none here."""
    activity = standing.activities[found.activity] if found.activity else None
    return activity.category if activity is not None else ""


def policy_of(found: Record, standing: Standing) -> Policy:
    """The policy by which a record was decided, and is decided about."""
    return standing.policy_for(found.starts, found.organisation, category_of(found, standing))


def _category(action: RecordService, standing: Standing) -> str:
    activity = standing.activities[action.activity]
    if activity is not None:
        return activity.category
    brought = qualifications.brought_along(action)
    return brought.category if brought is not None else ""


def _introductions(action: RecordService, standing: Standing) -> list[Draft]:
    """Registrations that this record brings along for parties still unknown."""
    drafts: list[Draft] = []
    arriving = set()
    for newcomer in action.introduces:
        address, known = parties.look_up(newcomer, standing)
        if not known:
            arriving.add(address)
            drafts += parties.drafts_of(newcomer)
    _refuse_unknown(action, standing, beside=arriving)
    return drafts


def _refuse_unknown(action: RecordService, standing: Standing, *, beside: Set[str]) -> None:
    """Whoever the record names is an active party, or among `beside`."""
    for address in (
        f"volunteer:{action.volunteer}",
        f"organisation:{action.organisation}",
        f"staff:{action.recorder}",
        f"staff:{action.approver}",
    ):
        # The volunteer may stand where staff is named: that is refused below, with its own code.
        if address not in beside and address != f"staff:{action.volunteer}":
            standing.active(address)
    activity = f"activity:{action.activity}"
    if activity not in beside and standing.activities[action.activity] is None:
        raise Refused("unknown_activity", "there is no such activity; register it first")


def _refuse_excluded(action: RecordService, policy: Policy) -> None:
    if action.kind in policy.excluded_kinds:
        raise Refused(
            "not_volunteer_service",
            "this is not volunteer service and gets no record (Order 67, article 19)",
            kind=action.kind,
        )


def _refuse_bad_session(
    action: RecordService, standing: Standing, policy: Policy, recorded: int
) -> int:
    """Minutes of the session, or the first thing that is wrong with it (design §10)."""
    if policy.recorder_separation:
        if action.volunteer in (action.recorder, action.approver):
            raise Refused("self_recorded", "nobody records or approves their own service")
        if action.recorder == action.approver:
            raise Refused("recorder_is_approver", "recorder and approver must be two people")
    elapsed = action.check_out - action.check_in
    if elapsed <= 0:
        raise Refused("ends_before_it_starts", "check-out must be after check-in")
    if elapsed > policy.session_max_minutes * MINUTE_MS:
        raise Refused(
            "session_too_long",
            f"a session lasts {policy.session_max_minutes} minutes at most; was check-out missed?",
            maximum_minutes=policy.session_max_minutes,
        )
    if recorded < action.check_out:
        raise Refused("recorded_before_it_ended", "a record is made after check-out")
    # Rounded before the schedule has its say: no rounding makes a backfill longer than that.
    minutes = elapsed // MINUTE_MS - _deducted(action, policy)
    if policy.rounding != "none" or policy.session_min_minutes:
        minutes = policy.rounded(minutes)
    if action.evidence == "backfill" and policy.backfill_max_is_schedule:
        minutes = min(minutes, (action.ends - action.starts) // MINUTE_MS)
    if minutes <= 0:
        raise Refused("nothing_served", "after deductions no full minute of service is left")
    return minutes


def _within_activity(session: RecordService | Record) -> bool:
    """Whether any moment of the session lies within the activity's times, both half-open."""
    return session.starts < session.check_out and session.check_in < session.ends


def _refuse_outside_activity(action: RecordService) -> None:
    """The activity's times say which rules decide (P15, P19, P13): they are not made up."""
    if action.starts >= action.ends:
        raise Refused("ends_before_it_starts", "an activity must end after it starts")
    if not _within_activity(action):
        raise Refused(
            "session_outside_activity",
            "no moment of this session lies within the activity's times; correct the one or the"
            " other",
            starts=action.starts,
            ends=action.ends,
        )


def _deducted(action: RecordService, policy: Policy) -> int:
    """Minutes within the session that are no service: what was deducted, and what went into
    anything that policy excludes (domain §10 P4)."""
    deducted = action.deducted_minutes
    if action.spent:
        excluded = policy.excluded_time
        deducted += sum(minutes for what, minutes in action.spent if what in excluded)
    return deducted


def _refuse_without_guardian(action: RecordService, standing: Standing, policy: Policy) -> None:
    """A minor's service needs the guardian's consent first (domain §10 P22; Civil Code 19–20)."""
    if not policy.guardian_required:
        return
    party = standing.parties[account.volunteer(action.volunteer)]
    guardian = party.guardian if party is not None else ""
    for newcomer in action.introduces:
        address, known = parties.look_up(newcomer, standing)
        if not known and address == account.volunteer(action.volunteer):
            guardian = getattr(newcomer, "guardian", "")
    if guardian == "missing":
        raise Refused(
            "guardian_consent_needed",
            "this volunteer is a minor: record the guardian's consent first, then the service",
        )


def _refuse_self_check_in(terms: Terms | None, policy: Policy) -> None:
    """By their own telephone people check in only where many take part (domain §10 P12, T10)."""
    participants = terms.participants if terms is not None else 0
    if participants < policy.self_gps_min_participants:
        raise Refused(
            "self_check_in_not_allowed",
            f"self check-in is for activities of {policy.self_gps_min_participants} people and"
            " more; let staff check in",
            participants=participants,
            minimum=policy.self_gps_min_participants,
        )


def _refuse_unpublished(
    action: RecordService, standing: Standing, policy: Policy, time: int
) -> None:
    """Who checks in somewhere was told of it before it began (domain §10 P19)."""
    if not policy.publish_before_start or action.evidence != "check_in":
        return
    activity = standing.activities[action.activity]
    published = activity.registered if activity is not None else time
    if published >= action.starts:
        raise Refused(
            "not_published_before_start",
            "this activity was registered after it began; its hours can only be backfilled",
            published=published,
        )


def _refuse_backfill(action: RecordService, standing: Standing, time: int) -> None:
    if action.evidence == "backfill":
        bans.refuse_banned(account.volunteer(action.volunteer), standing, time)


def records_near(session: RecordService | Record, standing: Standing) -> list[Record]:
    """Standing records of the volunteer that may share a local day with the session: sessions
    last a day at most, and so does a day, but for an hour when clocks change."""
    near = standing.sessions_between(
        session.volunteer,
        session.check_in - 2 * DAY_MS - HOUR_MS,
        session.check_out + DAY_MS + HOUR_MS,
    )
    return [other for other in near if other.state in STANDS] if near else near


def _refuse_duplicate(action: RecordService, near: list[Record], policy: Policy) -> None:
    for other in near:
        if (
            other.check_in == action.check_in
            and other.check_out == action.check_out
            and other.activity == action.activity
        ):
            raise Refused(
                "duplicate_record",
                "this session is on the ledger already; correct that record instead",
                record=other.record,
            )
    if near and policy.overlap == "reject_later":
        for other in near:
            if _overlap(action, other):
                raise Refused(
                    "overlapping_record",
                    "another record of this volunteer covers part of this time; correct one of"
                    " the two",
                    record=other.record,
                )


def _overlap(action: RecordService, other: Record) -> bool:
    """Half-open: what only touches does not overlap (domain §10 P10, T12)."""
    return other.check_in < action.check_out and action.check_in < other.check_out


def _refuse_many_check_ins(action: RecordService, near: list[Record], policy: Policy) -> None:
    """So many check-ins to one activity on one local day, and no more (domain §10 P11, T9)."""
    most = policy.check_ins_max
    if not most or len(near) < most or action.evidence != "check_in":
        return
    today = policy.local_date(action.check_in)
    there = sum(
        other.activity == action.activity
        and other.evidence == "check_in"
        and policy.local_date(other.check_in) == today
        for other in near
    )
    if there >= most:
        raise Refused(
            "too_many_check_ins",
            f"one checks in to an activity {most} times a day at most; put the sessions together",
            maximum=most,
        )


def _lateness(
    action: RecordService, standing: Standing, policy: Policy, recorded: int
) -> tuple[bool, str]:
    """Whether it came too late, and the calendar that says so (domain §10 P13)."""
    return policy.lateness(standing.calendar(policy.calendar_name), action.ends, recorded)


def _recorded(
    action: RecordService,
    policy: Policy,
    category: str,
    near: Sequence[Record],
    minutes: int,
    recorded: int,
    purse: Purse,
    vintage: str,
    reasons: Sequence[str],
    counted_with: str,
    short: int,
    *,
    corrects: str = "",
) -> Draft:
    """The entry of a session that nothing refuses."""
    facts = {
        "record": action.record,
        "volunteer": action.volunteer,
        "organisation": action.organisation,
        "activity": action.activity,
        "evidence": action.evidence,
        "starts": action.starts,
        "ends": action.ends,
        "check_in": action.check_in,
        "check_out": action.check_out,
        "recorded": recorded,
        "deducted_minutes": _deducted(action, policy),
        "minutes": minutes,
        "recorder": action.recorder,
        "approver": action.approver,
        "outcome": "held" if reasons else "effective",
        "reasons": "+".join(sorted(reasons)),
        "calendar": counted_with,
        "corrects": corrects,
    }
    postings: list[Posting] = []
    if not reasons:
        earner = Earner(
            action.volunteer, action.activity, category, action.evidence, action.check_in
        )
        postings = earn(purse, earner, minutes, policy, near, vintage, short)
    return Draft("service_recorded", facts, postings, policy.version_name)


def _reasons_to_hold(
    action: RecordService, policy: Policy, near: list[Record], minutes: int
) -> list[str]:
    """`self_check_in`, `overlap` and the larger day limit exceeded (domain §10 P6, P7, P9, P10,
    P12)."""
    reasons = []
    if action.method:
        reasons.append("self_check_in")
    if near and any(_overlap(action, other) for other in near):
        reasons.append("overlap")
    # Most sessions are alone on their day and short.
    if minutes <= policy.day_auto_limit_minutes and not near:
        return reasons
    served = minutes_by_day(near, policy)
    by_day = policy.split_minutes_by_day(action.check_in, minutes)
    most = max(served.get(day, 0) + asked for day, asked in by_day)
    if most > policy.day_review_limit_minutes:
        reasons.append("day_over_12h")
    elif most > policy.day_auto_limit_minutes:
        reasons.append("day_over_8h")
    return reasons


def minutes_by_day(near: Iterable[Record], policy: Policy) -> dict[date, int]:
    """Effective minutes of these records by local day (domain §10 P6–P9)."""
    totals: dict[date, int] = {}
    for other in near:
        if other.state == "effective" and other.paid:
            for day, served in policy.split_minutes_by_day(other.check_in, other.paid):
                totals[day] = totals.get(day, 0) + served
    return totals


def inherited_vintage(found: Record, standing: Standing) -> str:
    """The vintage of a record, or of the one it corrects; "" where none has earned points."""
    while not found.vintage and found.corrects:
        found = standing_record(found.corrects, standing)
    return found.vintage


def _reversed(
    found: Record,
    standing: Standing,
    purse: Purse,
    time: int,
    reason: str,
    *,
    replaced_by: str,
) -> Draft:
    """The reversal of a record and of all that followed from it.

    Where saved time has been redeemed and hours with it (domain §10 P47), what is left of them is
    what can be taken back; the rest is short, and new service repays it.
    """
    served = account.service_of(found.volunteer, found.evidence)
    minutes = min(found.paid, standing.balance(served, SERVICE))
    facts = {
        "record": found.record,
        "volunteer": found.volunteer,
        "organisation": found.organisation,
        "minutes": minutes,
        "reason": reason,
        "replaced_by": replaced_by,
    }
    policy = policy_of(found, standing)
    postings = []
    if minutes:
        postings.append(Posting(served, ISSUERS[SERVICE], SERVICE, minutes))
    if found.points:
        today = policy.local_date(time).isoformat()
        swept = swept_of(standing, found.volunteer, found.vintage)
        postings += claw_back_points(
            purse, found.volunteer, found.points, vintage=found.vintage, today=today, swept=swept
        )
    from_pool = min(found.overflow, standing.balance(PLATFORM_POOL, TIME))
    if from_pool:
        postings.append(Posting(PLATFORM_POOL, ISSUERS[TIME], TIME, from_pool))
    from_volunteer = found.deposited + found.overflow - from_pool
    if from_volunteer:
        postings += claw_back_time(purse, found.volunteer, from_volunteer)
    return Draft("service_reversed", facts, postings, policy.version_name)


def _star_after(
    found: Record, drafts: Sequence[Draft], purse: Purse, standing: Standing, time: int
) -> list[Draft]:
    """What the drafts mean for the volunteer's star (domain §10 P31); `purse` is a copy that the
    minutes they move are still missing from."""
    owner = account.volunteer(found.volunteer)
    for draft in drafts:
        for source, destination, asset, amount in draft.postings:
            if asset != SERVICE:
                continue
            for address, change in ((source, -amount), (destination, amount)):
                whose, name = account.split(address)
                if whose == owner:
                    purse[name, SERVICE] = purse.get((name, SERVICE), 0) + change
    return stars.proposal_after(found.volunteer, purse, standing, time, found.record)
