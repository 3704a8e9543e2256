"""Decide what somebody has learned and who insures them, and what an activity asks of those who
take part before an hour is earned (domain §9; Regulation articles 15–17, 先培训再上岗).

Learning hours are a block of their own (Order 67, article 8): they stand beside service and are
service only where a policy says so (domain §10 P5).
"""

from __future__ import annotations

from typing import Final

from ledger import account
from ledger.account import ISSUERS, SERVICE
from ledger.actions.service import RecordQualification, RecordService, RegisterActivity
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.policy import Policy
from ledger.posting import Posting
from ledger.rows import LEARNED, QUALIFIED, Terms, continuous, intervals_in
from ledger.standing import Standing, china_day

INSURANCE: Final = "insurance"
"""What a qualification is that is no course."""
LEARNING_MAX: Final = 10_000
"""The most learning minutes of one entry."""


def record_qualification(action: RecordQualification, standing: Standing, time: int) -> list[Draft]:
    """A course completed, or an insurance that covers somebody from … until (ms, 0 without end).

    No interval that was recorded is ever lost. Where learning counts as service (P5), one day in
    China, that of `valid_from`, brings at most `time.day_auto_limit` of it, and none before it
    comes. Refuses with `unknown_party`, `party_not_active`, `self_recorded`, `bad_qualification`,
    `ends_before_it_starts`, `already_qualified` and `too_much_learning`.
    """
    standing.active(account.volunteer(action.volunteer))
    standing.active(f"organisation:{action.organisation}")
    if action.recorder:
        if action.recorder == action.volunteer:
            raise Refused("self_recorded", "nobody records their own qualification")
        standing.active(f"staff:{action.recorder}")
    most = 0 if action.what == INSURANCE else LEARNING_MAX
    if not 0 <= action.learning_minutes <= most:
        raise Refused(
            "bad_qualification",
            f"a course brings 0 to {LEARNING_MAX:,} learning minutes, an insurance none",
        )
    if action.valid_until and action.valid_until <= action.valid_from:
        raise Refused("ends_before_it_starts", "what is valid must end after it begins")
    recorded = _recorded(action.volunteer, action.what, standing)
    if (action.valid_from, action.valid_until) in recorded:
        raise Refused("already_qualified", "this course or insurance is recorded already")
    policy = standing.policy_for(time, action.organisation)
    minutes = action.learning_minutes if policy.training_counts else 0
    postings = []
    if minutes:
        _refuse_much_learning(action, minutes, standing, policy, time)
        served = account.service_of(action.volunteer, "check_in")
        postings.append(Posting(ISSUERS[SERVICE], served, SERVICE, minutes))
    facts = {
        "volunteer": action.volunteer,
        "organisation": action.organisation,
        "what": action.what,
        "learning_minutes": action.learning_minutes,
        "minutes": minutes,
        "valid_from": action.valid_from,
        "valid_until": action.valid_until,
        "recorder": action.recorder,
    }
    return [Draft("qualification_recorded", facts, postings, policy.version_name)]


def terms_of(action: RecordService, standing: Standing) -> Terms | None:
    """What the activity of a record asks of those who take part; None where it asks nothing."""
    there = standing.terms[action.activity]
    if there is not None:
        return there
    brought = brought_along(action)
    if brought is None or not has_terms(brought):
        return None
    return Terms(
        brought.activity,
        brought.training,
        brought.insurance,
        brought.min_age,
        brought.participants,
        0,
    )


def has_terms(activity: RegisterActivity) -> bool:
    """Whether an activity asks anything of those who take part."""
    return bool(
        activity.training or activity.insurance or activity.min_age or activity.participants
    )


def brought_along(action: RecordService) -> RegisterActivity | None:
    """The activity of a record, where the record itself brings it along."""
    for newcomer in action.introduces:
        if isinstance(newcomer, RegisterActivity) and newcomer.activity == action.activity:
            return newcomer
    return None


def gates(
    action: RecordService, terms: Terms | None, standing: Standing, policy: Policy
) -> list[Draft]:
    """What an activity asks and policy enforces is met: an entry that says how, or nothing.

    The course must be valid at check-in (先培训再上岗), the insurance over the whole session, the
    age was attested at the door for the day of check-in. Refuses with `training_missing`,
    `insurance_missing`, `attestation_outdated` and `age_gate_unmet`.
    """
    if terms is None:
        return []
    training = terms.training if policy.gate_training else ""
    insured = bool(terms.insurance) and policy.gate_insurance
    if not training and not insured and not terms.min_age:
        return []
    if training:
        at_check_in = (action.check_in, action.check_in + 1)
        if _valid_until(action.volunteer, training, standing, *at_check_in) is None:
            raise Refused(
                "training_missing",
                "this activity needs its training first (Regulation, article 16); record the"
                " course if it was completed before check-in",
                training=training,
            )
    insurance_until = 0
    if insured:
        session = (action.check_in, action.check_out)
        covered_until = _valid_until(action.volunteer, INSURANCE, standing, *session)
        if covered_until is None:
            raise Refused(
                "insurance_missing",
                "this activity needs an accident insurance over the whole session (Regulation,"
                " article 17); record the insurance if there is one",
            )
        insurance_until = covered_until
    if terms.min_age:
        _refuse_unless_of_age(action, terms.min_age)
    facts = {
        "record": action.record,
        "volunteer": action.volunteer,
        "activity": action.activity,
        "training": training,
        "insurance_until": insurance_until,
        "age_gate": action.age_gate if terms.min_age else "",
        "age_tested": action.age_tested if terms.min_age else 0,
    }
    return [Draft("gates_met", facts, policy=policy.version_name)]


def _recorded(volunteer: str, what: str, standing: Standing) -> list[tuple[int, int]]:
    """Every interval recorded for a qualification, [from, until) in ms, 0 without end."""
    mark = standing.marks[account.volunteer(volunteer), QUALIFIED + what]
    return intervals_in(mark.value) if mark is not None else []


def _valid_until(volunteer: str, what: str, standing: Standing, start: int, end: int) -> int | None:
    """Until when a qualification is valid that is so from `start` to `end` (ms, half-open) without
    a gap; 0 without end, None where there is none."""
    for since, until in continuous(_recorded(volunteer, what, standing)):
        if since <= start and (not until or end <= until):
            return until
    return None


def _refuse_much_learning(
    action: RecordQualification, minutes: int, standing: Standing, policy: Policy, time: int
) -> None:
    if action.valid_from > time:
        raise Refused("too_much_learning", "what is not completed yet brings no service minutes")
    day = china_day(action.valid_from)
    mark = standing.marks[account.volunteer(action.volunteer), f"{LEARNED}{day}"]
    before = int(mark.value) if mark is not None else 0
    if before + minutes > policy.day_auto_limit_minutes:
        raise Refused(
            "too_much_learning",
            "learning that counts as service is at most"
            f" {policy.day_auto_limit_minutes} minutes a day; record each day of a course apart",
            maximum_minutes=policy.day_auto_limit_minutes,
            recorded_minutes=before,
        )


def _refuse_unless_of_age(action: RecordService, minimum: int) -> None:
    if action.age_tested != minimum:
        raise Refused(
            "attestation_outdated",
            "what the activity asks changed this moment; please send the request again",
        )
    if action.age_gate != "met":
        raise Refused(
            "age_gate_unmet",
            f"one must be {minimum} to take part in this activity (Regulation, article 15)",
            minimum_years=minimum,
            gate=action.age_gate,
        )
