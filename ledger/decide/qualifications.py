"""Decide what somebody has learned and who insures them, and what an activity asks of those who
take part before an hour is earned (domain §9; Regulation articles 15–17, 先培训再上岗).

Learning hours are a block of their own (Order 67, article 8): they stand beside service and are
service only where a policy says so (domain §10 P5).
"""

from __future__ import annotations

from typing import Final

from ledger import account
from ledger.account import ISSUERS, SERVICE
from ledger.actions import RecordQualification, RecordService, RegisterActivity
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.policy import Policy
from ledger.posting import Posting
from ledger.rows import Qualification, Terms
from ledger.standing import Standing

INSURANCE: Final = "insurance"
"""What a qualification is that is no course."""


def record_qualification(action: RecordQualification, standing: Standing, time: int) -> list[Draft]:
    """A course completed, or an insurance that covers somebody from … until (ms, 0 without end).

    Refuses with `unknown_party`, `party_not_active`, `self_recorded`, `bad_qualification`,
    `ends_before_it_starts` and `already_qualified`.
    """
    standing.active(account.volunteer(action.volunteer))
    standing.active(f"organisation:{action.organisation}")
    if action.recorder:
        if action.recorder == action.volunteer:
            raise Refused("self_recorded", "nobody records their own qualification")
        standing.active(f"staff:{action.recorder}")
    if action.learning_minutes < 0 or (action.what == INSURANCE and action.learning_minutes):
        raise Refused(
            "bad_qualification", "a course brings learning minutes from 0 on, an insurance none"
        )
    if action.valid_until and action.valid_until <= action.valid_from:
        raise Refused("ends_before_it_starts", "what is valid must end after it begins")
    before = standing.qualifications[action.volunteer, action.what]
    if before is not None and (before.valid_from, before.valid_until) == (
        action.valid_from,
        action.valid_until,
    ):
        raise Refused("already_qualified", "this course or insurance is recorded already")
    policy = standing.policy_for(time, action.organisation)
    minutes = action.learning_minutes if policy.training_counts else 0
    postings = []
    if minutes:
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
        course = standing.qualifications[action.volunteer, training]
        if course is None or not _valid(course, action.check_in, action.check_in + 1):
            raise Refused(
                "training_missing",
                "this activity needs its training first (Regulation, article 16); record the"
                " course if it was completed before check-in",
                training=training,
            )
    insurance_until = 0
    if insured:
        cover = standing.qualifications[action.volunteer, INSURANCE]
        if cover is None or not _valid(cover, action.check_in, action.check_out):
            raise Refused(
                "insurance_missing",
                "this activity needs an accident insurance over the whole session (Regulation,"
                " article 17); record the insurance if there is one",
            )
        insurance_until = cover.valid_until
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


def _valid(found: Qualification, start: int, end: int) -> bool:
    """Whether it was valid from `start` to `end` (ms, half-open)."""
    return found.valid_from <= start and (not found.valid_until or end <= found.valid_until)


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
