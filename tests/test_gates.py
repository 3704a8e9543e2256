"""What an activity asks before an hour is earned: training, insurance, age; and learning hours,
which stand apart (domain §9; §10 P5, P22; Regulation articles 15–17)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ledger.actions import RegisterActivity
from ledger.book import Book
from tests.api_client import Cast, Site, identity_number, moment
from tests.kit import Ledger, Town, at, scenario

DAY = "2025-03-12"


def course_of(town: Town) -> str:
    """A course is an activity: somebody gives it somewhere."""
    return town.new_activity(category="education")


# Training and insurance ------------------------------------------------------------------------


@scenario("""
  id                        | completed        | ends             | code
  before-check-in           | 2025-03-11 17:00 |                  |
  as-one-checks-in          | 2025-03-12 09:00 |                  |
  a-minute-after-check-in   | 2025-03-12 09:01 |                  | training_missing
  never                     |                  |                  | training_missing
  run-out-as-one-checks-in  | 2024-03-11 17:00 | 2025-03-12 09:00 | training_missing
  good-for-a-minute-more    | 2024-03-11 17:00 | 2025-03-12 09:01 |
""")
def test_a_skilled_activity_needs_its_training_first(
    town: Town, ana: str, completed: str, ends: str, code: str
) -> None:
    """先培训再上岗: complete before check-in."""
    course = course_of(town)
    skilled = town.new_activity(training=course)
    if completed:
        town.qualified(ana, course, completed, ends)
    if code:
        with town.refuses(code):
            town.noted(ana, f"{DAY} 09:00", "10:00", activity=skilled)
    else:
        town.noted(ana, f"{DAY} 09:00", "10:00", activity=skilled)


def test_another_course_or_another_persons_will_not_do(town: Town, ana: str, bo: str) -> None:
    course = course_of(town)
    skilled = town.new_activity(training=course)
    town.qualified(ana, course_of(town), "2025-03-01 09:00")
    town.qualified(bo, course, "2025-03-01 09:00")
    with town.refuses("training_missing"):
        town.noted(ana, f"{DAY} 09:00", "10:00", activity=skilled)
    town.noted(bo, f"{DAY} 09:00", "10:00", activity=skilled)


@scenario("""
  id                       | since            | until            | code
  over-the-whole-session   | 2025-03-12 09:00 | 2025-03-12 12:00 |
  begins-a-minute-late     | 2025-03-12 09:01 | 2025-03-12 12:00 | insurance_missing
  ends-a-minute-early      | 2025-03-12 09:00 | 2025-03-12 11:59 | insurance_missing
  without-end              | 2025-03-12 00:00 |                  |
  none                     |                  |                  | insurance_missing
""")
def test_a_risky_activity_needs_insurance_over_the_whole_session(
    town: Town, ana: str, since: str, until: str, code: str
) -> None:
    risky = town.new_activity(insurance="required")
    if since:
        town.qualified(ana, "insurance", since, until)
    if code:
        with town.refuses(code):
            town.noted(ana, f"{DAY} 09:00", "12:00", activity=risky)
    else:
        met, recorded = town.do(
            town.session(ana, *forward(town, f"{DAY} 09:00", "12:00"), activity=risky)
        ).entries
        assert met.facts["insurance_until"] == (at(until) if until else 0)
        assert recorded.facts["outcome"] == "effective"


def forward(town: Town, check_in: str, check_out: str) -> tuple[str, str]:
    """These times; the clock stands at check-out."""
    town.clock.set(f"{check_in[:10]} {check_out}")
    return check_in, check_out


def now(town: Town, who: str, check_in: str, check_out: str, **given: Any) -> list[Any]:
    """All entries of a record made now."""
    forward(town, check_in, check_out)
    session = town.session(who, check_in, check_out, recorded="now", **given)
    return list(town.do(session).entries)


def test_how_the_gates_were_met_stands_beside_the_record(town: Town, ana: str) -> None:
    """What an auditor needs to decide it again; nothing about anybody but ids and numbers."""
    course = course_of(town)
    activity = town.new_activity(training=course, insurance="required", min_age=16)
    town.qualified(ana, course, "2025-03-01 09:00")
    town.qualified(ana, "insurance", "2025-01-01 00:00", "2026-01-01 00:00")
    gates, record = now(
        town, ana, f"{DAY} 09:00", "10:00", activity=activity, age_gate="met", age_tested=16
    )
    assert [gates.kind, record.kind] == ["gates_met", "service_recorded"]
    assert gates.facts == {
        "record": record.facts["record"],
        "volunteer": ana,
        "activity": activity,
        "training": course,
        "insurance_until": at("2026-01-01 00:00"),
        "age_gate": "met",
        "age_tested": 16,
    }
    (plain,) = now(town, ana, f"{DAY} 11:00", "12:00")
    assert plain.kind == "service_recorded", "an activity without terms has none to meet"


@scenario("""
  id               | gate    | tested | code
  of-age           | met     |     16 |
  too-young        | unmet   |     16 | age_gate_unmet
  nobody-knows     | unknown |     16 | age_gate_unmet
  another-age      | met     |     14 | attestation_outdated
  not-asked        |         |      0 | attestation_outdated
""")
def test_an_activity_may_ask_for_an_age(
    town: Town, ana: str, gate: str, tested: int, code: str
) -> None:
    rescue = town.new_activity(min_age=16)
    session: dict[str, Any] = {"activity": rescue, "age_gate": gate, "age_tested": tested}
    if code:
        with town.refuses(code):
            town.noted(ana, f"{DAY} 09:00", "10:00", **session)
    else:
        town.noted(ana, f"{DAY} 09:00", "10:00", **session)


def test_what_a_policy_does_not_enforce_is_not_asked(town: Town, ana: str) -> None:
    town.rules({"gate.training": False, "gate.insurance": False})
    activity = town.new_activity(training=course_of(town), insurance="required")
    (record,) = now(town, ana, f"{DAY} 09:00", "10:00", activity=activity)
    assert record.kind == "service_recorded"


def test_what_was_served_elsewhere_before_met_the_rules_of_that_place(
    town: Town, ana: str
) -> None:
    skilled = town.new_activity(training=course_of(town), insurance="required", min_age=16)
    assert town.served(ana, "2025-03-07 09:00", "10:00", activity=skilled).outcome == "effective"


def test_a_renewed_insurance_covers_what_the_old_one_did(town: Town, ana: str) -> None:
    """A record made after the renewal is of a day before it."""
    risky = town.new_activity(insurance="required")
    town.qualified(ana, "insurance", "2025-01-01 00:00", "2025-04-01 00:00")
    town.qualified(ana, "insurance", "2025-04-01 00:00", "2025-07-01 00:00")
    town.noted(ana, f"{DAY} 09:00", "10:00", activity=risky)
    with town.refuses("insurance_missing"):
        town.noted(ana, "2025-07-01 09:00", "10:00", activity=risky)
    # A gap of one minute is a gap.
    town.qualified(ana, "insurance", "2025-07-01 00:01", "2025-10-01 00:00")
    with town.refuses("insurance_missing"):
        town.noted(ana, f"{DAY} 11:00", "12:00", activity=risky)


@scenario("""
  id              | field        | value | code
  no-such-word    | insurance    | maybe | bad_terms
  no-such-age     | min_age      |    -1 | bad_terms
  no-such-number  | participants |    -1 | bad_terms
""")
def test_terms_that_make_no_sense(town: Town, field: str, value: str | int, code: str) -> None:
    with town.refuses(code):
        town.new_activity(**{field: value})


def test_terms_follow_the_activity_in_the_same_answer(town: Town) -> None:
    activity, course = town.new(), course_of(town)
    receipt = town.do(
        RegisterActivity(
            activity=activity, organisation=town.home, category="health", training=course
        )
    )
    assert [each.kind for each in receipt.entries] == ["activity_registered", "activity_terms"]
    assert receipt.entry.kind == "activity_registered", "the one that was asked for"


def test_a_record_may_bring_along_an_activity_with_terms(town: Town, ana: str) -> None:
    activity = town.new()
    brought = RegisterActivity(
        activity=activity, organisation=town.home, category="health", min_age=16
    )
    given: dict[str, Any] = {"activity": activity, "introduces": (brought,)}
    with town.refuses("age_gate_unmet"):
        now(
            town, ana, f"{DAY} 09:00", "10:00", age_gate="unmet", age_tested=16,
            evidence="backfill", **given,
        )
    kinds = [
        each.kind
        for each in now(
            town, ana, f"{DAY} 09:00", "10:00", age_gate="met", age_tested=16,
            evidence="backfill", **given,
        )
    ]
    assert kinds == ["activity_registered", "activity_terms", "gates_met", "service_recorded"]


def test_a_correction_is_asked_for_training_only_where_it_claims_more(
    town: Town, ana: str
) -> None:
    course = course_of(town)
    skilled = town.new_activity(training=course)
    original = town.served(ana, f"{DAY} 09:00", "11:00", activity=skilled, recorded="now") if (
        False
    ) else None
    assert original is None
    town.qualified(ana, course, "2025-03-01 09:00", "2025-03-12 10:00")
    first = town.noted(ana, f"{DAY} 09:30", "11:00", activity=skilled)
    shorter = town.session(ana, f"{DAY} 10:00", "11:00", activity=skilled)
    corrected = town.correct(first.id, shorter)
    with town.refuses("training_missing"):
        longer = town.session(ana, f"{DAY} 10:00", "11:30", activity=skilled)
        town.correct(corrected.id, longer)
