"""What an activity asks before an hour is earned: training, insurance, age; and learning hours,
which stand apart (domain §9; §10 P5, P22; Regulation articles 15–17)."""

from __future__ import annotations

from typing import Any

from api.times import rfc3339
from ledger.actions.service import CorrectService, RegisterActivity
from ledger.founding import adopt_policy
from tests.api_client import Cast, Site, identity_number, moment
from tests.kit import Town, at, policy_toml, scenario

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
        met, recorded = now(town, ana, f"{DAY} 09:00", "12:00", activity=risky)
        assert met.facts["insurance_until"] == (at(until) if until else 0)
        assert recorded.facts["outcome"] == "effective"


def now(town: Town, who: str, check_in: str, check_out: str, **given: Any) -> list[Any]:
    """All entries of a record made now."""
    town.clock.set(f"{check_in[:10]} {check_out}")
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


def test_what_was_served_elsewhere_before_met_the_rules_of_that_place(town: Town, ana: str) -> None:
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
    # A gap of one minute is a gap, and takes nothing from what was before it.
    town.qualified(ana, "insurance", "2025-07-01 00:01", "2025-10-01 00:00")
    with town.refuses("insurance_missing"):
        town.noted(ana, "2025-06-30 23:30", "2025-07-01 00:30", activity=risky)
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
            town,
            ana,
            f"{DAY} 09:00",
            "10:00",
            age_gate="unmet",
            age_tested=16,
            evidence="backfill",
            **given,
        )
    kinds = [
        each.kind
        for each in now(
            town,
            ana,
            f"{DAY} 09:00",
            "10:00",
            age_gate="met",
            age_tested=16,
            evidence="backfill",
            **given,
        )
    ]
    assert kinds == ["activity_registered", "activity_terms", "gates_met", "service_recorded"]


def test_a_correction_is_asked_only_where_it_claims_more(town: Town, ana: str) -> None:
    """The insurance was valid then, and stays so; in the gap before the next there is none."""
    risky = town.new_activity(insurance="required")
    town.qualified(ana, "insurance", "2025-01-01 00:00", "2025-04-01 00:00")
    first = town.noted(ana, f"{DAY} 09:00", "11:00", activity=risky)
    longer = town.session(ana, f"{DAY} 09:00", "11:30", activity=risky)
    town.clock.set(f"{DAY} 12:00")
    receipt = town.do(CorrectService(record=first.id, corrected=longer))
    assert [each.kind for each in receipt.entries] == [
        "service_reversed",
        "gates_met",
        "service_recorded",
    ]
    town.qualified(ana, "insurance", "2025-05-01 00:00")
    shorter = town.session(ana, f"{DAY} 09:00", "11:00", activity=risky)
    again = town.correct(longer.record, shorter)
    town.clock.set("2025-04-15 12:00")
    with town.refuses("insurance_missing"):
        moved = town.session(ana, "2025-04-15 09:00", "11:00", activity=risky, recorded="now")
        town.correct(again.id, moved)


# Learning hours --------------------------------------------------------------------------------


@scenario("""
  id                    | counts | service | star_minutes
  T18-apart             | no     |       0 | 0
  P5-where-they-count   | yes    |     120 | 120
""")
def test_learning_hours_stand_apart(
    town: Town, ana: str, counts: str, service: int, star_minutes: int
) -> None:
    """T18: training of 120 min is service +0, learning +120; no points either way."""
    town.rules({"time.training_counts": counts == "yes"})
    entry = town.qualified(ana, course_of(town), "2025-03-01 09:00", learning_minutes=120)
    assert (entry.facts["learning_minutes"], entry.facts["minutes"]) == (120, service)
    standing = town.standing(ana)
    assert (standing.service_minutes, standing.learning_minutes) == (service, 120)
    assert (standing.star_minutes, standing.points_earned_hundredths) == (star_minutes, 0)


def test_a_course_taken_again_adds_its_hours(town: Town, ana: str) -> None:
    course = course_of(town)
    town.qualified(ana, course, "2024-03-01 09:00", "2025-03-01 00:00", learning_minutes=120)
    town.qualified(ana, course, "2025-03-02 09:00", learning_minutes=90)
    assert town.standing(ana).learning_minutes == 210


@scenario("""
  id                       | what      | given                 | code
  the-same-again           | course    | twice                 | already_qualified
  ends-as-it-begins        | course    | ends                  | ends_before_it_starts
  less-than-no-time        | course    | negative              | bad_qualification
  an-insurance-that-taught | insurance | taught                | bad_qualification
  by-oneself               | course    | self                  | self_recorded
  by-nobody-known          | course    | stranger              | unknown_party
""")
def test_a_qualification_that_cannot_be(
    town: Town, ana: str, what: str, given: str, code: str
) -> None:
    one = course_of(town) if what == "course" else what
    cases: dict[str, dict[str, Any]] = {
        "twice": {},
        "ends": {"until_": "2025-03-01 09:00"},
        "negative": {"learning_minutes": -1},
        "taught": {"learning_minutes": 1},
        "self": {"recorder": ana},
        "stranger": {"recorder": town.new()},
    }
    if given == "twice":
        town.qualified(ana, one, "2025-03-01 09:00")
    with town.refuses(code):
        town.qualified(ana, one, "2025-03-01 09:00", **cases[given])


def test_a_qualification_is_of_somebody_who_takes_part(town: Town, ana: str) -> None:
    with town.refuses("unknown_party"):
        town.qualified(town.new(), "insurance", "2025-03-01 09:00")
    with town.refuses("unknown_party"):
        town.qualified(ana, "insurance", "2025-03-01 09:00", organisation=town.new())
    town.suspend(ana)
    with town.refuses("party_not_active"):
        town.qualified(ana, "insurance", "2025-03-01 09:00")


# Over HTTP -------------------------------------------------------------------------------------


def test_an_activity_says_what_it_asks_and_the_door_attests_the_age(site: Site, cast: Cast) -> None:
    """Born 2009-03-12: sixteen on the day itself, and a day before that fifteen."""
    course = site.activity(cast.home, category="education", name="急救培训")
    asks = {"training": course, "insurance": "required", "min_age": 16, "participants": 30}
    rescue = site.activity(cast.home, category="emergency", **asks)
    shown = site.get(cast.host, f"/activities/{rescue}").json
    assert {name: shown[name] for name in asks} == asks
    child = site.volunteer(cast.home, born="2009-03-12", guardian_consent=True)

    def refusal(day: str) -> str:
        site.clock.set(f"{day} 12:00")
        body = cast.session(f"{day} 09:00", "11:00", who=child, activity=rescue)
        answer = site.post(cast.host, "/service-records", body)
        return "" if answer.status == 201 else answer.code

    qualifications = f"/volunteers/{child}/qualifications"
    assert refusal("2025-03-11") == "training_missing"
    learned = {"course": course, "valid_from": moment("2025-03-10 12:00"), "learning_minutes": 90}
    made = site.made(cast.host, qualifications, learned)
    assert (made["what"], made["learning_minutes"], made["minutes"]) == (course, 90, 0)
    assert refusal("2025-03-11") == "insurance_missing"
    cover = {"valid_from": moment("2025-03-01 00:00"), "valid_until": moment("2026-03-01 00:00")}
    site.made(cast.host, qualifications, cover)
    assert refusal("2025-03-11") == "age_gate_unmet"
    assert refusal("2025-03-12") == ""
    own = site.get(site.volunteer_token(child), qualifications).json["data"]
    assert [each["what"] for each in own] == [course, "insurance"]
    assert own[0]["text"]["name"] == "急救培训"
    assert (own[0]["valid_until"], own[1]["valid_until"]) == (None, rfc3339(at("2026-03-01 00:00")))


def test_whose_qualifications_and_which_courses(site: Site, cast: Cast) -> None:
    stranger = site.volunteer(site.organisation())
    cover = {"valid_from": moment("2025-03-01 00:00")}
    path = f"/volunteers/{stranger}/qualifications"
    assert site.post(cast.host, path, cover).code == "unknown_party"
    assert site.get(cast.host, path).status == 404
    own = f"/volunteers/{cast.ana}/qualifications"
    unknown = {**cover, "course": site.book.new_id()}
    assert site.post(cast.host, own, unknown).code == "unknown_activity"
    foreign = {**cover, "recorder": site.staff(site.organisation())}
    assert site.post(cast.host, own, foreign).code == "unknown_party"
    assert site.post(site.operator, own, cover).code == "organisation_needed"
    site.made(site.operator, own, {**cover, "organisation": cast.home})


@scenario("""
  id                            | born       | consent | outcome
  I12-thirteen-without-consent  | 2011-03-11 | no      | guardian_consent_needed
  I12-thirteen-with-consent     | 2011-03-11 | yes     | consented
  I12-fourteen                  | 2011-03-10 | no      | missing
  grown-up                      | 2007-03-10 | no      | not_needed
""")
def test_the_rule_of_sensitive_data_ends_at_fourteen(
    site: Site, cast: Cast, born: str, consent: str, outcome: str
) -> None:
    body = {
        "name": "张三",
        "identity_number": identity_number(born),
        "guardian_consent": consent == "yes",
    }
    answer = site.post(cast.host, "/volunteers", body)
    assert (answer["guardian"] if answer.status == 201 else answer.code) == outcome


def test_a_policy_may_ask_a_least_age_of_volunteers(site: Site, cast: Cast) -> None:
    """P22: sixteen today is old enough, tomorrow is not."""
    adopt_policy(site.book, policy_toml({"volunteer.min_age": 16}).encode())
    for born, status in (("2009-03-10", 201), ("2009-03-11", 422)):
        body = {"name": "张三", "identity_number": identity_number(born)}
        assert site.post(cast.host, "/volunteers", body).status == status


def test_a_minor_comes_of_age(site: Site, cast: Cast) -> None:
    """Eighteen on 2025-03-12; until then the guardian's consent is missing."""
    child = site.volunteer(cast.home, born="2007-03-12")
    path = f"/volunteers/{child}/majority"
    body = cast.session("2025-03-11 09:00", "10:00", who=child)
    site.clock.set("2025-03-11 12:00")
    assert site.post(cast.host, path).code == "age_gate_unmet"
    assert site.post(cast.host, "/service-records", body).code == "guardian_consent_needed"
    site.clock.set("2025-03-12 00:00")
    site.made(cast.host, path)
    assert site.get(cast.host, f"/volunteers/{child}").json["guardian"] == "not_needed"
    assert site.post(cast.host, path).code == "consent_not_missing"
    site.made(cast.host, "/service-records", body)
