"""Ways around the rules of service that a review found, each closed: times that were made up, a
day in parts, intervals that replace each other, bans, and corrections (domain §10 P5, P7, P8, P10,
P12, P17, P19)."""

from __future__ import annotations

from dataclasses import replace

from ledger.actions.service import DismissFraud
from ledger.store.projections import standing_from
from tests.api_client import Cast, Site, identity_number, moment
from tests.kit import Town, scenario

DAY = "2025-03-12"


# Times of an activity ----------------------------------------------------------------------------


def test_published_times_are_not_made_up_anew(site: Site) -> None:
    """P13, P15, P19: what is late, how much can be backfilled, and which rules decide follow from
    the times of the activity."""
    cast = Cast(site)
    with site.earlier():
        activity = site.activity(
            cast.home, starts=moment("2025-03-06 09:00"), ends=moment("2025-03-06 10:00")
        )
    body = cast.session("2025-03-06 09:00", "16:00", evidence="backfill", activity=activity)
    assert site.post(cast.host, "/service-records", body).code == "times_are_published"
    for name in ("starts", "ends"):
        del body[name]
    made = site.made(cast.host, "/service-records", body)
    assert made["minutes"] == 60
    assert site.post(cast.host, "/service-records", body).code == "duplicate_record"
    same = cast.session("2025-03-06 09:00", "10:00", activity=activity)
    assert site.post(cast.host, "/service-records", same).status == 201


@scenario("""
  id               | starts           | ends             | code
  another-day      | 2025-03-13 09:00 | 2025-03-13 12:00 | session_outside_activity
  only-touches     | 2025-03-12 08:00 | 2025-03-12 09:00 | session_outside_activity
  begins-as-it-ends| 2025-03-12 10:00 | 2025-03-12 11:00 | session_outside_activity
  swapped          | 2025-03-12 10:00 | 2025-03-12 09:00 | ends_before_it_starts
  no-time-at-all   | 2025-03-12 09:00 | 2025-03-12 09:00 | ends_before_it_starts
""")
def test_a_session_meets_its_activity(
    town: Town, ana: str, starts: str, ends: str, code: str
) -> None:
    with town.refuses(code):
        town.noted(ana, f"{DAY} 09:00", "10:00", schedule=(starts, ends))
    town.clock.forward(minutes=60)
    # What was recorded elsewhere came about under that place's rules.
    kept = town.served(ana, f"{DAY} 09:00", "10:00", schedule=(starts, ends))
    schedule = (starts, ends)
    shorter = town.session(ana, f"{DAY} 09:00", "09:50", schedule=schedule, recorded="now")
    assert town.correct(kept.id, shorter).minutes == 50


def test_a_correction_keeps_to_its_activity(town: Town, ana: str) -> None:
    kept = town.noted(ana, f"{DAY} 09:00", "10:00", evidence="backfill")
    schedule = (f"{DAY} 09:00", "10:00")
    moved = town.session(
        ana, f"{DAY} 07:00", "08:00", schedule=schedule, evidence="backfill", recorded="now"
    )
    with town.refuses("session_outside_activity"):
        town.correct(kept.id, moved)


# A day in parts ----------------------------------------------------------------------------------


def test_a_day_over_the_review_limit_is_for_the_top_even_in_parts(town: Town, ana: str) -> None:
    """P7, T7: four hours and four and four, each confirmed on its own."""
    town.rules({"review.by_tier": True})
    top = town.organisation(tier="city")
    host = town.organisation(tier="county", parent=top)
    of_host, of_top = town.staff(organisation=host), town.staff(organisation=top)
    held = []
    for start, end in (("00:00", "08:00"), ("08:00", "12:00"), ("12:00", "16:00")):
        activity = town.new_activity(organisation=host)
        held.append(town.served(ana, f"{DAY} {start}", end, organisation=host, activity=activity))
    assert [each.reasons for each in held] == ["", "day_over_8h", "day_over_8h"]
    assert town.confirm(held[1].id, reviewer=of_host) == 240
    with town.refuses("reviewer_of_wrong_tier"):
        town.confirm(held[2].id, reviewer=of_host)
    assert town.confirm(held[2].id, reviewer=of_top) == 240


def test_no_day_brings_more_minutes_than_it_has(town: Town, ana: str) -> None:
    """P8 beside P3: sessions of a minute that count as an hour each."""
    town.rules({"time.session_min": 60})
    paid = []
    for half in range(26):
        hour, minute = divmod(half * 30, 60)
        served = town.served(
            ana,
            f"{DAY} {hour:02d}:{minute:02d}",
            f"{hour:02d}:{minute + 1:02d}",
            activity=town.new_activity(),
        )
        paid.append(60 if served.outcome == "effective" else town.confirm(served.id))
    assert paid == [60] * 24 + [0, 0]
    assert town.minutes(ana) == 1_440


def test_what_brought_nothing_covers_nothing(town: Town, ana: str) -> None:
    """P10: the second record brought nothing; the first, corrected, is not covered by it."""
    first = town.served(ana, f"{DAY} 09:00", "12:00")
    second = town.served(ana, f"{DAY} 09:00", "12:00", activity=town.new_activity())
    assert town.confirm(second.id) == 0
    corrected = town.correct(first.id, town.session(ana, f"{DAY} 09:00", "11:59"))
    assert (corrected.reasons, town.confirm(corrected.id)) == ("overlap", 179)


# Qualifications ----------------------------------------------------------------------------------


@scenario("""
  id            | since            | until
  an-older-one  | 2023-01-01 00:00 | 2024-01-01 00:00
  next-year's   | 2026-01-01 00:00 | 2027-01-01 00:00
  a-short-one   | 2025-03-01 00:00 | 2025-03-02 00:00
""")
def test_no_interval_takes_another_away(town: Town, ana: str, since: str, until: str) -> None:
    risky = town.new_activity(insurance="required")
    town.qualified(ana, "insurance", "2025-01-01 00:00", "2025-12-31 00:00")
    town.qualified(ana, "insurance", since, until)
    assert town.noted(ana, f"{DAY} 09:00", "10:00", activity=risky).minutes == 60
    for again in (("2025-01-01 00:00", "2025-12-31 00:00"), (since, until)):
        with town.refuses("already_qualified"):
            town.qualified(ana, "insurance", *again)
    town.clock.set("2026-01-02 09:00")
    covered = since.startswith("2026")
    if covered:
        town.noted(ana, "2026-01-02 09:00", "10:00", activity=risky)
    else:
        with town.refuses("insurance_missing"):
            town.noted(ana, "2026-01-02 09:00", "10:00", activity=risky)


def test_learning_counts_once_and_within_the_day(town: Town, ana: str) -> None:
    """P5: where learning is service, one day brings what a day brings without review."""
    town.rules({"time.training_counts": True})
    course, other = town.new_activity(category="education"), town.new_activity()
    town.qualified(ana, course, "2025-01-06 09:00", "2026-01-01 00:00", learning_minutes=300)
    town.qualified(ana, course, "2025-01-07 09:00", "2027-01-01 00:00", learning_minutes=300)
    with town.refuses("already_qualified"):
        town.qualified(ana, course, "2025-01-06 09:00", "2026-01-01 00:00", learning_minutes=300)
    with town.refuses("too_much_learning"):
        town.qualified(ana, other, "2025-01-06 14:00", learning_minutes=181)
    with town.refuses("too_much_learning"):
        town.qualified(ana, other, "2025-06-01 00:00", learning_minutes=1)
    with town.refuses("bad_qualification"):
        town.qualified(ana, other, "2025-01-08 14:00", learning_minutes=10_001)
    town.qualified(ana, other, "2025-01-06 14:00", learning_minutes=180)
    assert town.minutes(ana) == 780


# Bans --------------------------------------------------------------------------------------------


def test_a_second_proof_makes_no_ban_shorter(town: Town, ana: str) -> None:
    town.rules({"backfill.ban_months": 12, "backfill.ban_hours": 100})
    town.served(ana, "2025-03-05 09:00", "10:00")
    first = town.prove_fraud(ana).facts
    town.served(ana, "2025-03-06 09:00", "10:00")
    town.rules({"backfill.ban_months": 0, "backfill.ban_hours": 0})
    second = town.prove_fraud(ana).facts
    assert second["ban_until"] == first["ban_until"]
    assert (second["minutes_at"], second["minutes_needed"]) == (120, 5_940)


def test_a_ban_is_lifted_where_nothing_was_proven(town: Town, ana: str) -> None:
    with town.refuses("nothing_to_lift"):
        town.do(DismissFraud(volunteer=ana))
    town.prove_fraud(ana)
    with town.refuses("backfill_banned"):
        town.noted(ana, f"{DAY} 09:00", "10:00", evidence="backfill")
    entry = town.do(DismissFraud(volunteer=ana, reason="ab" * 32)).entry
    assert (entry.kind, dict(entry.facts)) == (
        "fraud_dismissed",
        {"party": f"volunteer:{ana}", "reason": "ab" * 32},
    )
    assert town.noted(ana, f"{DAY} 09:00", "10:00", evidence="backfill").minutes == 60
    with town.refuses("nothing_to_lift"):
        town.do(DismissFraud(volunteer=ana))
    with town.refuses("unknown_party"):
        town.do(DismissFraud(volunteer=town.new()))
    # Proven anew, the ban is whole.
    assert town.prove_fraud(ana).facts["minutes_needed"] == 6_000


def test_a_ban_is_lifted_over_http_and_the_person_may_come_back(site: Site) -> None:
    cast = Cast(site)
    number = identity_number()
    person = {"name": "王五", "identity_number": number}
    who = site.made(cast.host, "/volunteers", person)["volunteer"]
    path, reason = f"/volunteers/{who}/fraud", {"reason": "查无此事"}
    assert site.post(site.operator, f"{path}/dismiss", reason).code == "nothing_to_lift"
    site.made(cast.host, path, reason)
    assert site.post(cast.host, f"{path}/dismiss", reason).code == "role_not_allowed"
    site.made(site.operator, f"{path}/dismiss", reason)
    site.made(site.operator, f"/parties/volunteer:{who}/forget")
    site.made(cast.host, "/volunteers", person)


# Corrections -------------------------------------------------------------------------------------


@scenario("""
  id                  | check_in         | check_out | code
  longer              | 2025-03-05 09:00 | 10:01     | backfill_banned
  another-day         | 2025-03-06 09:00 | 09:10     | backfill_banned
  within-the-original | 2025-03-05 09:05 | 09:55     |
""")
def test_no_correction_goes_around_a_ban(
    town: Town, ana: str, check_in: str, check_out: str, code: str
) -> None:
    """P17: what was backfilled before stays correctable, and brings nothing new."""
    kept = town.do(
        town.session(ana, "2025-03-05 09:00", "10:00", evidence="backfill", recorded="now")
    ).entry.facts["record"]
    town.prove_fraud(ana)
    corrected = town.session(ana, check_in, check_out, evidence="backfill", recorded="now")
    if code:
        with town.refuses(code):
            town.correct(kept, corrected)
    else:
        assert town.correct(kept, corrected).minutes == 50


@scenario("""
  id                  | check_in         | check_out | starts
  an-unpublished-day  | 2025-03-11 09:00 | 10:00     | 2025-03-11 09:00
  an-earlier-schedule | 2025-03-12 09:00 | 10:00     | 2025-03-12 07:30
""")
def test_no_correction_goes_around_publication(
    town: Town, ana: str, check_in: str, check_out: str, starts: str
) -> None:
    """P19: the activity was published at eight o'clock on the twelfth."""
    town.clock.set(f"{DAY} 08:00")
    activity = town.new_activity()
    kept = town.noted(ana, f"{DAY} 09:00", "09:30", activity=activity)
    town.clock.forward(minutes=60)
    schedule = (starts, f"{check_in[:10]} 10:00")
    corrected = town.session(
        ana, check_in, check_out, schedule=schedule, activity=activity, recorded="now"
    )
    with town.refuses("not_published_before_start"):
        town.correct(kept.id, corrected)
    schedule = (f"{DAY} 09:00", "10:00")
    corrected = town.session(
        ana, f"{DAY} 09:00", "10:00", schedule=schedule, activity=activity, recorded="now"
    )
    assert town.correct(kept.id, corrected).minutes == 60


def test_a_held_self_check_in_stays_held(town: Town, ana: str) -> None:
    """P12: a correction that does not say how check-in came about is no review."""
    activity = town.new_activity(participants=200)
    town.clock.set(f"{DAY} 08:00")
    kept = town.noted(ana, f"{DAY} 09:00", "12:00", activity=activity, method="self_gps")
    assert (kept.outcome, kept.reasons) == ("held", "self_check_in")
    session = town.session(ana, f"{DAY} 09:00", "11:00", activity=activity, recorded="now")
    corrected = town.correct(kept.id, session)
    assert (corrected.outcome, corrected.reasons) == ("held", "self_check_in")
    town.confirm(corrected.id)
    # Reviewed once, it is asked no more.
    shorter = replace(session, record=town.new(), check_out=session.check_out - 60_000)
    assert town.correct(corrected.id, shorter).outcome == "effective"


def test_what_was_swept_is_counted_by_vintage(town: Town, ana: str) -> None:
    """The mark that a reversal reads: what lapsed, less what reversed records had brought of it."""
    one, two = (town.served(ana, f"2025-03-0{day} 09:00", "10:00") for day in (5, 6))
    town.clock.set("2028-06-10 20:00")
    town.lapse(ana)
    for record, left in ((one, "100"), (two, "")):
        town.reverse(record.id)
        with town.book.database.reading() as connection:
            mark = standing_from(connection).marks[f"volunteer:{ana}", "lapsed:2028-03-31"]
        assert mark is not None
        assert mark.value == left
    assert (town.points(ana), town.owed(ana)) == (0, 0)
