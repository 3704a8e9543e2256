"""Decide about service records: what counts at once, what is held, what is refused, and how a
record is confirmed, refused, reversed or corrected (design §4, §10; domain §10 P6–P18).

The order of the checks in `_refuse_bad_session` is the order of precedence that
docs/refusals.md promises.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Final

from ledger import account
from ledger.account import ISSUERS, PLATFORM_POOL, POINT, POINTS_PURSE, SERVICE, TIME
from ledger.actions import (
    ConfirmService,
    CorrectService,
    RecordService,
    RefuseService,
    ReverseService,
)
from ledger.decide import parties
from ledger.decide.points import claw_back_points, claw_back_time, credit
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.policy import Policy
from ledger.posting import Posting
from ledger.rows import Record
from ledger.standing import DAY_MS, Purse, Standing

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 3_600_000
STANDS: Final = ("effective", "held")
"""States in which a record still counts as being there."""


def record(action: RecordService, standing: Standing, time: int) -> list[Draft]:
    """Record a session: effective at once, or held for review with its reasons."""
    recorded = action.recorded or time
    policy = standing.policy_at(action.starts)
    _refuse_excluded(action, policy)
    parties.refuse_conflicts(action.conflicts, standing)
    drafts = _introductions(action, standing)
    minutes = _refuse_bad_session(action, standing, policy, recorded)
    near = _records_near(action, standing)
    _refuse_duplicate(action, near)
    # From here on the record is written.
    purse = dict(standing.purse(account.volunteer(action.volunteer)))
    vintage = policy.lapse_date(time).isoformat()
    drafts.append(
        _recorded(action, standing, policy, near, minutes, recorded, purse, vintage, corrects="")
    )
    return drafts


def confirm(action: ConfirmService, standing: Standing, time: int) -> list[Draft]:
    """Pay a held record: its minutes, but no minute that another effective record covers."""
    held = _held_record(action.record, action.reviewer, standing)
    policy = standing.policy_at(held.starts)
    minutes = min(held.minutes, _uncovered_minutes(held, standing))
    purse = dict(standing.purse(account.volunteer(held.volunteer)))
    vintage = _inherited_vintage(held, standing) or policy.lapse_date(time).isoformat()
    facts = {
        "record": held.record,
        "volunteer": held.volunteer,
        "organisation": held.organisation,
        "minutes": minutes,
    }
    postings = _earn(purse, held.volunteer, held.evidence, minutes, policy, vintage)
    return [Draft("service_confirmed", facts, postings, policy.version_name)]


def refuse(action: RefuseService, standing: Standing, time: int) -> list[Draft]:
    """A reviewer turns a held record down; it no longer counts as being there."""
    held = _held_record(action.record, action.reviewer, standing)
    facts = {
        "record": held.record,
        "volunteer": held.volunteer,
        "organisation": held.organisation,
        "reason": action.reason,
    }
    policy = standing.policy_at(held.starts)
    return [Draft("service_refused", facts, policy=policy.version_name)]


def reverse(action: ReverseService, standing: Standing, time: int) -> list[Draft]:
    """Take an effective record back, with its points and its deposit (domain §12 T20, K8)."""
    found = standing_record(action.record, standing)
    if found.state != "effective":
        raise Refused(
            "record_state_conflict",
            f"this record is {found.state}; only an effective one can be reversed",
            state=found.state,
        )
    purse = dict(standing.purse(account.volunteer(found.volunteer)))
    return [_reversed(found, standing, purse, time, action.reason, replaced_by="")]


def correct(action: CorrectService, standing: Standing, time: int) -> list[Draft]:
    """Reverse a record and write the corrected one, each naming the other.

    The correction keeps the original's entry time for lateness, is compared without the original,
    and its points go into the original's vintage (design §4).
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
    policy = standing.policy_at(corrected.starts)
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
    near = [
        other for other in _records_near(corrected, standing) if other.record != original.record
    ]
    _refuse_duplicate(corrected, near)
    # From here on both entries are written.
    purse = dict(standing.purse(account.volunteer(original.volunteer)))
    vintage = _inherited_vintage(original, standing) or policy.lapse_date(time).isoformat()
    reversal = _reversed(
        original, standing, purse, time, action.reason, replaced_by=corrected.record
    )
    return [
        reversal,
        _recorded(
            corrected,
            standing,
            policy,
            near,
            minutes,
            original.recorded,
            purse,
            vintage,
            corrects=original.record,
        ),
    ]


def standing_record(record_id: str, standing: Standing) -> Record:
    """The record of that id. Refuses with `unknown_record`."""
    found = standing.records[record_id]
    if found is None:
        raise Refused("unknown_record", "there is no such service record")
    return found


def _introductions(action: RecordService, standing: Standing) -> list[Draft]:
    """Registrations that this record brings along for parties still unknown."""
    drafts = []
    arriving = set()
    for newcomer in action.introduces:
        address, known = parties.look_up(newcomer, standing)
        if not known:
            arriving.add(address)
            drafts.append(parties.draft_of(newcomer))
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
    minutes = elapsed // MINUTE_MS - action.deducted_minutes
    if action.evidence == "backfill" and policy.backfill_max_is_schedule:
        minutes = min(minutes, (action.ends - action.starts) // MINUTE_MS)
    if minutes <= 0:
        raise Refused("nothing_served", "after deductions no full minute of service is left")
    return minutes


def _records_near(action: RecordService, standing: Standing) -> list[Record]:
    """Standing records of the volunteer that may share a local day with the session: sessions
    last a day at most, and so does a day, but for an hour when clocks change."""
    near = standing.sessions_between(
        action.volunteer,
        action.check_in - 2 * DAY_MS - HOUR_MS,
        action.check_out + DAY_MS + HOUR_MS,
    )
    return [other for other in near if other.state in STANDS] if near else near


def _refuse_duplicate(action: RecordService, near: list[Record]) -> None:
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


def _recorded(
    action: RecordService,
    standing: Standing,
    policy: Policy,
    near: list[Record],
    minutes: int,
    recorded: int,
    purse: Purse,
    vintage: str,
    *,
    corrects: str,
) -> Draft:
    """The entry of a session that nothing refuses."""
    reasons = _reasons_to_hold(action, policy, near, minutes)
    calendar = standing.calendar(policy.calendar_name)
    late, counted_with = policy.lateness(calendar, action.ends, recorded)
    if late:
        reasons.append("late")
    outcome = "held" if reasons else "effective"
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
        "deducted_minutes": action.deducted_minutes,
        "minutes": minutes,
        "recorder": action.recorder,
        "approver": action.approver,
        "outcome": outcome,
        "reasons": "+".join(sorted(reasons)),
        "calendar": counted_with,
        "corrects": corrects,
    }
    postings: list[Posting] = []
    if not reasons:
        postings = _earn(purse, action.volunteer, action.evidence, minutes, policy, vintage)
    return Draft("service_recorded", facts, postings, policy.version_name)


def _reasons_to_hold(
    action: RecordService, policy: Policy, near: list[Record], minutes: int
) -> list[str]:
    """`overlap` and the larger day limit exceeded (domain §10 P6, P7, P10)."""
    reasons = []
    if any(
        other.check_in < action.check_out and action.check_in < other.check_out for other in near
    ):
        reasons.append("overlap")
    # Most sessions are alone on their day and short.
    if minutes <= policy.day_auto_limit_minutes and not near:
        return reasons
    by_day = dict(policy.split_minutes_by_day(action.check_in, minutes))
    totals = dict(by_day)
    for other in near:
        if other.state == "effective" and other.paid:
            for day, served in policy.split_minutes_by_day(other.check_in, other.paid):
                if day in totals:
                    totals[day] += served
    most = max(total for day, total in totals.items() if by_day[day])
    if most > policy.day_review_limit_minutes:
        reasons.append("day_over_12h")
    elif most > policy.day_auto_limit_minutes:
        reasons.append("day_over_8h")
    return reasons


def _earn(
    purse: Purse, volunteer: str, evidence: str, minutes: int, policy: Policy, vintage: str
) -> list[Posting]:
    """SERVICE at once; POINT where the evidence earns points (domain §10 P48, design §10)."""
    if minutes == 0:
        return []
    served = Posting(ISSUERS[SERVICE], account.service_of(volunteer, evidence), SERVICE, minutes)
    postings = [served]
    if evidence == "check_in" or policy.backfill_earns_points:
        hundredths = policy.points_hundredths(minutes)
        if hundredths:
            postings += credit(
                purse,
                volunteer,
                POINT,
                hundredths,
                source=ISSUERS[POINT],
                into=POINTS_PURSE + vintage,
            )
    return postings


def _held_record(record_id: str, reviewer: str, standing: Standing) -> Record:
    """The record to review; never by who recorded, approved or served (domain §10 P18)."""
    held = standing_record(record_id, standing)
    if held.state != "held":
        raise Refused(
            "record_state_conflict",
            f"this record is {held.state}; only a held one waits for review",
            state=held.state,
        )
    if reviewer:
        standing.active(f"staff:{reviewer}")
        if reviewer in (held.recorder, held.approver, held.volunteer):
            raise Refused(
                "reviewer_took_part", "somebody who did not record or approve it must review it"
            )
    return held


def _uncovered_minutes(held: Record, standing: Standing) -> int:
    """Whole minutes of [check-in, check-out) that no other effective record covers."""
    uncovered, at = 0, held.check_in
    others = standing.sessions_between(held.volunteer, held.check_in - DAY_MS, held.check_out)
    for other in sorted(others, key=lambda each: each.check_in):
        if other.state != "effective" or other.record == held.record:
            continue
        if other.check_in > at:
            uncovered += min(other.check_in, held.check_out) - at
        at = max(at, other.check_out)
        if at >= held.check_out:
            break
    return (uncovered + max(0, held.check_out - at)) // MINUTE_MS


def _inherited_vintage(found: Record, standing: Standing) -> str:
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
    """The reversal of a record and of all that followed from it."""
    facts = {
        "record": found.record,
        "volunteer": found.volunteer,
        "organisation": found.organisation,
        "minutes": found.paid,
        "reason": reason,
        "replaced_by": replaced_by,
    }
    policy = standing.policy_at(found.starts)
    postings = []
    if found.paid:
        served = account.service_of(found.volunteer, found.evidence)
        postings.append(Posting(served, ISSUERS[SERVICE], SERVICE, found.paid))
    if found.points:
        today = policy.local_date(time).isoformat()
        postings += claw_back_points(
            purse, found.volunteer, found.points, vintage=found.vintage, today=today
        )
    from_pool = min(found.overflow, standing.balance(PLATFORM_POOL, TIME))
    if from_pool:
        postings.append(Posting(PLATFORM_POOL, ISSUERS[TIME], TIME, from_pool))
    from_volunteer = found.deposited + found.overflow - from_pool
    if from_volunteer:
        postings += claw_back_time(purse, found.volunteer, from_volunteer)
    return Draft("service_reversed", facts, postings, policy.version_name)
