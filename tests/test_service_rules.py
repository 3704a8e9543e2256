"""What counts as service, what waits for a person, and what is refused (domain §10, §12)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.actions.documents import AdoptPolicy
from ledger.actions.parties import RecordGuardianConsent, RegisterVolunteer
from ledger.actions.service import ConfirmService, CorrectService, RecordService
from ledger.errors import Refused
from tests.kit import Town, at, scenario

FRIDAY = "2025-03-07"


# How long it was -------------------------------------------------------------------------------


@scenario("""
  id                     | check_in         | check_out        | deducted | minutes
  T1-without-the-way     | 2025-03-07 09:00 | 11:30            |        0 | 150
  T3-without-lunch       | 2025-03-07 09:00 | 17:00            |       60 | 420
  B1-one-and-a-half      | 2025-03-07 09:00 | 10:30            |        0 | 90
  59-seconds-are-cut-off | 2025-03-07 09:00 | 09:01:59         |        0 | 1
  one-minute-is-service  | 2025-03-07 09:00 | 10:00            |       59 | 1
  24-hours-exactly       | 2025-03-05 09:00 | 2025-03-06 09:00 |    1_020 | 420
""")
def test_minutes_are_whole_minutes_between_check_in_and_check_out(
    town: Town, ana: str, check_in: str, check_out: str, deducted: int, minutes: int
) -> None:
    served = town.served(ana, check_in, check_out, deducted=deducted)
    assert (served.outcome, served.minutes) == ("effective", minutes)
    assert town.minutes(ana) == minutes


def test_three_times_twenty_minutes_are_one_hour(town: Town, ana: str) -> None:
    """T6: minutes are added, never rounded to hours a session."""
    for start, end in (("09:00", "09:20"), ("10:00", "10:20"), ("11:00", "11:20")):
        town.served(ana, f"{FRIDAY} {start}", end)
    assert town.minutes(ana) == 60


def test_sessions_that_only_touch_do_not_overlap(town: Town, ana: str) -> None:
    """T12: intervals are half-open."""
    first = town.served(ana, f"{FRIDAY} 09:00", "12:00")
    second = town.served(ana, f"{FRIDAY} 12:00", "14:00")
    assert (first.outcome, second.outcome) == ("effective", "effective")
    assert town.minutes(ana) == 300


@scenario("""
  id                    | check_in         | check_out        | deducted | refusal
  no-time-at-all        | 2025-03-07 09:00 | 09:00            |        0 | ends_before_it_starts
  backwards             | 2025-03-07 09:00 | 08:00            |        0 | ends_before_it_starts
  a-second-over-24h     | 2025-03-05 09:00 | 2025-03-06 09:00:01 |     0 | session_too_long
  nothing-left          | 2025-03-07 09:00 | 10:00            |       60 | nothing_served
  59-seconds            | 2025-03-07 09:00 | 09:00:59         |        0 | nothing_served
""")
def test_a_session_that_cannot_be_is_refused(
    town: Town, ana: str, check_in: str, check_out: str, deducted: int, refusal: str
) -> None:
    with town.refuses(refusal):
        town.served(ana, check_in, check_out, deducted=deducted)


def test_a_record_is_made_after_check_out(town: Town, ana: str) -> None:
    town.served(ana, f"{FRIDAY} 09:00", "10:00", recorded=f"{FRIDAY} 10:00")
    with town.refuses("recorded_before_it_ended"):
        town.served(ana, f"{FRIDAY} 11:00", "12:00", recorded=f"{FRIDAY} 11:59:59")


def test_a_record_without_a_time_of_its_own_is_made_now(town: Town, ana: str) -> None:
    town.clock.set("2025-03-14 12:00")
    served = town.served(ana, "2025-03-14 09:00", "12:00", recorded="now")
    assert served.entry.facts["recorded"] == at("2025-03-14 12:00")
    with town.refuses("recorded_before_it_ended"):
        town.served(ana, "2025-03-14 13:00", "14:00", recorded="now")


def test_backfill_reaches_no_further_than_the_schedule(town: Town, ana: str) -> None:
    """T16: scheduled 180 min, backfilled 240: at most 180; and backfill earns no points."""
    schedule = ("2025-03-07 09:00", "12:00")
    served = town.served(ana, f"{FRIDAY} 09:00", "13:00", evidence="backfill", schedule=schedule)
    assert served.minutes == 180
    standing = town.standing(ana)
    assert (standing.backfill_minutes, standing.check_in_minutes) == (180, 0)
    assert standing.points_earned_hundredths == 0
    assert standing.minutes_to_next_star == 6_000 - 180


def test_check_in_may_go_beyond_the_schedule(town: Town, ana: str) -> None:
    schedule = ("2025-03-07 09:00", "12:00")
    assert town.served(ana, f"{FRIDAY} 09:00", "13:00", schedule=schedule).minutes == 240


def test_points_are_rounded_down_a_record(town: Town, ana: str) -> None:
    """100 hundredths an hour: 90 min bring 150, 59 min bring 98 (98.33)."""
    town.served(ana, f"{FRIDAY} 09:00", "10:30")
    assert town.points(ana) == 150
    town.served(ana, f"{FRIDAY} 11:00", "11:59")
    assert town.points(ana) == 248


# Who may say so --------------------------------------------------------------------------------


def test_nobody_records_or_approves_their_own_service(town: Town, ana: str) -> None:
    """T17. Two different people, and the volunteer is neither."""
    with town.refuses("self_recorded"):
        town.served(ana, f"{FRIDAY} 09:00", "10:00", recorder=ana)
    with town.refuses("self_recorded"):
        town.served(ana, f"{FRIDAY} 09:00", "10:00", approver=ana)
    with town.refuses("recorder_is_approver"):
        town.served(ana, f"{FRIDAY} 09:00", "10:00", approver=town.recorder)
    assert town.served(ana, f"{FRIDAY} 09:00", "10:00").outcome == "effective"


@scenario("""
  id       | kind
  meeting  | meeting
  own-job  | own_job
  donation | donation
  school   | school_duty
""")
def test_what_is_no_volunteer_service_gets_no_record(town: Town, ana: str, kind: str) -> None:
    """T19 (Order 67, article 19)."""
    with town.refuses("not_volunteer_service"):
        town.served(ana, f"{FRIDAY} 09:00", "10:00", kind=kind)


def test_everybody_in_a_record_must_be_registered(town: Town, ana: str) -> None:
    stranger = town.new()
    for field in ("organisation", "recorder", "approver"):
        with town.refuses("unknown_party"):
            town.served(ana, f"{FRIDAY} 09:00", "10:00", **{field: stranger})
    with town.refuses("unknown_party"):
        town.served(stranger, f"{FRIDAY} 09:00", "10:00")
    with town.refuses("unknown_activity"):
        town.served(ana, f"{FRIDAY} 09:00", "10:00", activity=stranger)


def test_a_record_may_bring_its_volunteer_along(town: Town) -> None:
    """An import registers whom it does not know, from rows that are not refused."""
    newcomer = town.new()
    introduces = (RegisterVolunteer(volunteer=newcomer),)
    with town.refuses("nothing_served"):
        town.served(newcomer, f"{FRIDAY} 09:00", "09:00:30", introduces=introduces)
    with pytest.raises(Refused, match="unknown_party"):
        town.standing(newcomer)
    town.served(newcomer, f"{FRIDAY} 09:00", "10:00", introduces=introduces)
    again = town.do(town.session(newcomer, f"{FRIDAY} 11:00", "12:00", introduces=introduces))
    assert [entry.kind for entry in again.entries] == ["service_recorded"]
    assert town.minutes(newcomer) == 120


def test_half_an_identity_that_somebody_else_holds_is_a_conflict(town: Town, ana: str) -> None:
    newcomer = town.new()
    introduces = (RegisterVolunteer(volunteer=newcomer),)
    with town.refuses("identity_conflict"):
        town.served(newcomer, f"{FRIDAY} 09:00", "10:00", introduces=introduces, conflicts=(ana,))
    # An id that never came to be registered teaches nothing.
    town.served(
        newcomer, f"{FRIDAY} 09:00", "10:00", introduces=introduces, conflicts=(town.new(),)
    )


# What is on the ledger already -----------------------------------------------------------------


def test_the_same_session_again_is_a_duplicate(town: Town, ana: str) -> None:
    town.served(ana, f"{FRIDAY} 09:00", "10:00")
    with town.refuses("duplicate_record"):
        town.served(ana, f"{FRIDAY} 09:00", "10:00", deducted=5)
    other = town.served(ana, f"{FRIDAY} 09:00", "10:00", activity=town.new_activity())
    assert (other.outcome, other.reasons) == ("held", "overlap")


def test_what_was_refused_or_reversed_is_no_longer_there(town: Town, ana: str) -> None:
    first = town.served(ana, f"{FRIDAY} 09:00", "10:00")
    town.reverse(first.id)
    second = town.served(ana, f"{FRIDAY} 09:00", "10:00")
    assert second.outcome == "effective"
    overlapping = town.served(ana, f"{FRIDAY} 09:30", "10:30")
    assert overlapping.outcome == "held"
    with town.refuses("duplicate_record"):
        town.served(ana, f"{FRIDAY} 09:30", "10:30")
    town.refuse(overlapping.id)
    assert town.served(ana, f"{FRIDAY} 09:30", "10:30").reasons == "overlap"


@scenario("""
  id              | start | end   | reasons
  ends-as-it-begins | 08:00 | 09:00 |
  a-minute-in     | 08:00 | 09:01 | overlap
  within          | 10:00 | 11:00 | overlap
  around          | 08:30 | 12:30 | overlap
  a-minute-left   | 11:59 | 13:00 | overlap
  begins-as-it-ends | 12:00 | 13:00 |
""")
def test_the_record_already_there_stands_and_the_later_one_waits(
    town: Town, ana: str, start: str, end: str, reasons: str
) -> None:
    """P10, against a record from nine to twelve."""
    town.served(ana, f"{FRIDAY} 09:00", "12:00")
    assert town.served(ana, f"{FRIDAY} {start}", end).reasons == reasons
    assert town.minutes(ana) == 180 + (0 if reasons else 60)


def test_a_held_record_stands_in_the_way_too(town: Town, ana: str) -> None:
    town.served(ana, f"{FRIDAY} 09:00", "10:00")
    assert town.served(ana, f"{FRIDAY} 09:30", "11:00").reasons == "overlap"
    assert town.served(ana, f"{FRIDAY} 10:30", "11:30").reasons == "overlap"


def test_another_volunteer_does_not_overlap(town: Town, ana: str, bo: str) -> None:
    town.served(ana, f"{FRIDAY} 09:00", "10:00")
    assert town.served(bo, f"{FRIDAY} 09:00", "10:00").outcome == "effective"


def test_an_overlap_reaches_across_any_border_of_our_own(town: Town, ana: str) -> None:
    """A day-long record is seen from every later hour it covers, whatever windows rows are
    fetched by: tried on sixteen days in a row."""
    for day in range(1, 17):
        first = town.served(ana, f"2024-05-{day:02d} 23:00", f"2024-05-{day + 1:02d} 22:30")
        assert "overlap" not in first.reasons
        if first.outcome == "held":
            town.confirm(first.id)
        inner = town.served(ana, f"2024-05-{day + 1:02d} 22:00", "22:20")
        assert "overlap" in inner.reasons
        town.reverse(first.id)


# Too much for a day ----------------------------------------------------------------------------


@scenario("""
  id                | minutes | reasons
  T7-480-passes     |     480 |
  T7-481-is-held    |     481 | day_over_8h
  T7-720-is-held    |     720 | day_over_8h
  T7-721-top-tier   |     721 | day_over_12h
""")
def test_a_long_day_waits_for_a_person(town: Town, ana: str, minutes: int, reasons: str) -> None:
    """P6, P7: the larger limit alone is named. The day began with four hours."""
    town.served(ana, f"{FRIDAY} 00:00", "04:00")
    rest = minutes - 240
    end = f"{12 + rest // 60:02d}:{rest % 60:02d}"
    assert town.served(ana, f"{FRIDAY} 12:00", end).reasons == reasons


def test_a_session_is_split_at_midnight(town: Town, ana: str) -> None:
    """T13: 22:00–02:00 is two hours on each day; six more hours fit into each, not a minute
    more."""
    town.served(ana, "2025-03-05 22:00", "2025-03-06 02:00")
    assert town.served(ana, "2025-03-05 09:00", "15:00").outcome == "effective"
    assert town.served(ana, "2025-03-06 09:00", "15:01").reasons == "day_over_8h"
    assert town.served(ana, "2025-03-06 09:00", "15:00").reasons == "overlap"


def test_only_minutes_that_were_paid_fill_a_day(town: Town, ana: str) -> None:
    """A held record brings nothing, so it does not push the next one over the line."""
    held = town.served(ana, f"{FRIDAY} 00:00", "08:01")
    assert held.reasons == "day_over_8h"
    assert town.served(ana, f"{FRIDAY} 09:00", "17:00").outcome == "effective"
    assert town.confirm(held.id) == 481
    assert town.served(ana, f"{FRIDAY} 18:00", "18:01").reasons == "day_over_12h"


def test_deducted_minutes_do_not_fill_the_day(town: Town, ana: str) -> None:
    assert town.served(ana, f"{FRIDAY} 09:00", "18:00", deducted=60).outcome == "effective"


# Too late --------------------------------------------------------------------------------------


@scenario("""
  id                        | ended            | recorded         | reasons
  T14-on-the-tenth          | 2025-03-07 11:00 | 2025-03-21 23:59 |
  T14-a-weekend-later       | 2025-03-07 11:00 | 2025-03-22 00:00 | late
  T14-the-monday-after      | 2025-03-07 11:00 | 2025-03-24 09:00 | late
  with-qingming-between     | 2025-03-28 11:00 | 2025-04-14 23:59 |
  the-day-after             | 2025-03-28 11:00 | 2025-04-15 00:00 | late
""")
def test_a_record_has_ten_working_days(
    town: Town, ana: str, ended: str, recorded: str, reasons: str
) -> None:
    """P13: the end day is not counted, Qingming (2025-04-04) neither. Late ones wait for a second
    pair of eyes: the volunteer does not lose the hours (P14)."""
    town.clock.set("2025-05-05 09:00")
    served = town.served(ana, f"{ended[:10]} 09:00", "11:00", recorded=recorded)
    assert served.reasons == reasons
    if reasons:
        assert town.confirm(served.id) == 120
    assert town.minutes(ana) == 120


def test_reasons_stand_in_alphabetical_order(town: Town, ana: str) -> None:
    town.served(ana, "2024-03-07 09:00", "10:00")
    late = town.served(
        ana, "2024-03-07 09:30", "22:30", recorded="2024-12-01 09:00", activity=town.new_activity()
    )
    assert late.reasons == "day_over_12h+late+overlap"


# Reviewing -------------------------------------------------------------------------------------


def test_confirming_pays_only_what_does_not_overlap(town: Town, ana: str) -> None:
    """Nine to twelve is there; ten to one waits, and pays the hour from twelve on."""
    town.served(ana, f"{FRIDAY} 09:00", "12:00")
    held = town.served(ana, f"{FRIDAY} 10:00", "13:00")
    assert town.confirm(held.id) == 60
    assert (town.minutes(ana), town.points(ana)) == (240, 400)


@scenario("""
  id                      | start | end   | deducted | paid
  covered-whole           | 09:30 | 11:30 |        0 | 0
  covered-in-the-middle   | 08:00 | 13:00 |        0 | 120
  deduction-within-cover  | 08:00 | 13:00 |      120 | 120
  deduction-beyond-cover  | 08:00 | 13:00 |      200 | 100
  two-half-minutes        | 08:59:30 | 12:00:30 |     0 | 1
""")
def test_what_a_confirmation_pays(
    town: Town, ana: str, start: str, end: str, deducted: int, paid: int
) -> None:
    """min(its minutes, whole minutes that nothing else covers), against nine to twelve."""
    town.served(ana, f"{FRIDAY} 09:00", "12:00")
    held = town.served(ana, f"{FRIDAY} {start}", end, deducted=deducted)
    assert held.outcome == "held"
    assert town.confirm(held.id) == paid
    assert town.minutes(ana) == 180 + paid


def test_two_held_records_confirmed_pay_each_minute_once(town: Town, ana: str) -> None:
    town.served(ana, f"{FRIDAY} 09:00", "10:00")
    second = town.served(ana, f"{FRIDAY} 09:30", "10:30")
    third = town.served(ana, f"{FRIDAY} 10:00", "11:00")
    assert third.reasons == "overlap"
    assert [town.confirm(third.id), town.confirm(second.id)] == [60, 0]
    assert town.minutes(ana) == 120


def test_a_record_is_reviewed_once_and_by_somebody_else(town: Town, ana: str) -> None:
    town.served(ana, f"{FRIDAY} 09:00", "10:00")
    held = town.served(ana, f"{FRIDAY} 09:30", "10:30").id
    for insider in (town.recorder, town.approver):
        with town.refuses("reviewer_took_part"):
            town.confirm(held, reviewer=insider)
        with town.refuses("reviewer_took_part"):
            town.refuse(held, reviewer=insider)
    with town.refuses("unknown_party"):
        town.confirm(held, reviewer=town.new())
    with town.refuses("unknown_record"):
        town.confirm(town.new())
    town.confirm(held)
    for again in (town.confirm, town.refuse):
        with town.refuses("record_state_conflict"):
            again(held)


def test_a_refused_record_never_pays(town: Town, ana: str) -> None:
    town.served(ana, f"{FRIDAY} 09:00", "10:00")
    held = town.served(ana, f"{FRIDAY} 09:30", "10:30").id
    town.refuse(held)
    for late in (town.confirm, town.reverse):
        with town.refuses("record_state_conflict"):
            late(held)
    assert town.minutes(ana) == 60


# Taking back and correcting --------------------------------------------------------------------


def test_a_reversal_takes_all_that_the_record_brought(town: Town, ana: str) -> None:
    """A voided item no longer earns (FloCafe 720), and it is taken once."""
    served = town.served(ana, f"{FRIDAY} 09:00", "14:00")
    town.deposit(ana, served.id, 300)
    town.reverse(served.id)
    assert (town.minutes(ana), town.points(ana), town.time(ana)) == (0, 0, 0)
    assert town.standing(ana).points_earned_hundredths == 0
    with town.refuses("record_state_conflict"):
        town.reverse(served.id)
    with town.refuses("record_state_conflict"):
        town.deposit(ana, served.id, 1)


def test_a_held_record_has_nothing_to_reverse(town: Town, ana: str) -> None:
    held = town.served(ana, f"{FRIDAY} 00:00", "09:00")
    with town.refuses("record_state_conflict"):
        town.reverse(held.id)


def test_a_correction_keeps_the_original_and_names_it(town: Town, ana: str) -> None:
    """T20: 300 min corrected to 240: a reversal and a new record, both linked; balance 240."""
    original = town.served(ana, f"{FRIDAY} 09:00", "14:00")
    corrected = town.correct(original.id, town.session(ana, f"{FRIDAY} 09:00", "13:00"))
    assert (town.minutes(ana), town.points(ana)) == (240, 400)
    assert corrected.entry.facts["corrects"] == original.id
    reversal = town.book.entry(corrected.entry.index - 1)
    assert reversal.facts["replaced_by"] == corrected.id
    assert (town.state(original.id), town.state(corrected.id)) == ("reversed", "effective")
    assert town.book.entry(original.entry.index).data == original.entry.data
    with town.refuses("record_state_conflict"):
        town.correct(original.id, town.session(ana, f"{FRIDAY} 09:00", "12:00"))


def test_a_correction_keeps_the_time_of_entry_for_lateness(town: Town, ana: str) -> None:
    """Entered in time, corrected half a year later: not late. The other way round: still late."""
    prompt = town.served(ana, "2024-03-07 09:00", "10:00", recorded="2024-03-07 12:00")
    late = town.served(ana, "2024-03-08 09:00", "10:00", recorded="2024-09-01 09:00")
    assert late.reasons == "late"
    assert (
        town.correct(
            prompt.id, town.session(ana, "2024-03-07 09:00", "11:00", recorded="now")
        ).outcome
        == "effective"
    )
    assert (
        town.correct(
            late.id, town.session(ana, "2024-03-08 09:00", "11:00", recorded="now")
        ).reasons
        == "late"
    )


def test_a_correction_is_compared_without_its_original(town: Town, ana: str) -> None:
    original = town.served(ana, f"{FRIDAY} 09:00", "16:00")
    corrected = town.correct(original.id, town.session(ana, f"{FRIDAY} 09:00", "17:00"))
    assert corrected.outcome == "effective"
    same = town.correct(corrected.id, town.session(ana, f"{FRIDAY} 09:00", "17:00"))
    assert same.outcome == "effective"


def test_a_correction_is_compared_with_all_others(town: Town, ana: str) -> None:
    original = town.served(ana, f"{FRIDAY} 09:00", "10:00")
    town.served(ana, f"{FRIDAY} 10:00", "11:00")
    with town.refuses("duplicate_record"):
        town.correct(original.id, town.session(ana, f"{FRIDAY} 10:00", "11:00"))
    corrected = town.correct(original.id, town.session(ana, f"{FRIDAY} 09:00", "10:30"))
    assert corrected.reasons == "overlap"
    assert town.minutes(ana) == 60
    assert town.confirm(corrected.id) == 60


def test_the_points_of_a_correction_follow_into_the_old_vintage(town: Town, ana: str) -> None:
    original = town.served(ana, "2025-03-01 09:00", "14:00")
    town.clock.set("2025-08-01 09:00")
    town.correct(original.id, town.session(ana, "2025-03-01 09:00", "13:00"))
    assert town.vintages(ana) == {"2028-03-31": 400}
    town.served(ana, "2025-07-31 09:00", "10:00")
    assert town.vintages(ana) == {"2028-03-31": 400, "2028-08-31": 100}


def test_the_old_vintage_survives_a_wait_for_review(town: Town, ana: str) -> None:
    """A correction that is held and confirmed a year later, and corrected again, stays there."""
    original = town.served(ana, "2025-03-01 09:00", "14:00")
    held = town.correct(original.id, town.session(ana, "2025-03-01 09:00", "18:00"))
    assert held.reasons == "day_over_8h"
    assert town.vintages(ana) == {}
    town.clock.set("2026-03-03 09:00")
    town.confirm(held.id)
    assert town.vintages(ana) == {"2028-03-31": 900}
    town.correct(held.id, town.session(ana, "2025-03-01 09:00", "11:00"))
    assert town.vintages(ana) == {"2028-03-31": 200}


def test_a_held_record_can_be_corrected_before_anybody_reviews_it(town: Town, ana: str) -> None:
    held = town.served(ana, f"{FRIDAY} 09:00", "18:00")
    corrected = town.correct(held.id, town.session(ana, f"{FRIDAY} 09:00", "12:00"))
    assert (corrected.outcome, town.minutes(ana)) == ("effective", 180)


def test_a_correction_stays_with_its_volunteer(town: Town, ana: str, bo: str) -> None:
    original = town.served(ana, f"{FRIDAY} 09:00", "10:00")
    with town.refuses("wrong_volunteer"):
        town.correct(original.id, town.session(bo, f"{FRIDAY} 09:00", "11:00"))


@scenario("""
  id                   | field        | code
  unknown-organisation | organisation | unknown_party
  unknown-recorder     | recorder     | unknown_party
  unknown-approver     | approver     | unknown_party
  unknown-activity     | activity     | unknown_activity
""")
def test_a_correction_is_checked_like_any_record(
    town: Town, ana: str, field: str, code: str
) -> None:
    original = town.served(ana, f"{FRIDAY} 09:00", "10:00")
    stranger: dict[str, Any] = {field: town.new()}
    corrected = town.session(ana, f"{FRIDAY} 09:00", "11:00", **stranger)
    with town.refuses(code):
        town.correct(original.id, corrected)


def test_a_correction_cannot_turn_service_into_something_else(town: Town, ana: str) -> None:
    original = town.served(ana, f"{FRIDAY} 09:00", "10:00")
    with town.refuses("not_volunteer_service"):
        town.correct(original.id, town.session(ana, f"{FRIDAY} 09:00", "11:00", kind="meeting"))
    with town.refuses("self_recorded"):
        town.correct(original.id, town.session(ana, f"{FRIDAY} 09:00", "11:00", approver=ana))


def test_another_correction_under_the_same_key_is_another_request(town: Town, ana: str) -> None:
    original = town.served(ana, f"{FRIDAY} 09:00", "14:00")
    town.correct(original.id, town.session(ana, f"{FRIDAY} 09:00", "13:00"), key="k" * 16)
    other = CorrectService(
        record=original.id, corrected=town.session(ana, f"{FRIDAY} 09:00", "12:00")
    )
    with town.refuses("key_reused"):
        town.do(other, key="k" * 16)
    assert town.minutes(ana) == 240


def test_correcting_a_saved_record_takes_the_saving_back(town: Town, ana: str) -> None:
    """Saving is the volunteer's own act, so the corrected record waits to be saved again."""
    original = town.served(ana, f"{FRIDAY} 09:00", "14:00")
    town.deposit(ana, original.id, 300)
    corrected = town.correct(original.id, town.session(ana, f"{FRIDAY} 09:00", "13:00"))
    assert town.time(ana) == 0
    town.deposit(ana, corrected.id, 240)
    assert (town.time(ana), town.minutes(ana)) == (240, 240)


def test_hours_that_spending_used_up_are_not_taken_back_twice(town: Town, ana: str) -> None:
    """P47 `redeem.reduces_service_hours`: two hours served and saved, one spent with its hour; a
    reversal finds the other one, and the saved time that was spent is owed."""
    town.rules({"redeem.reduces_service_hours": True})
    served = town.served(ana, f"{FRIDAY} 09:00", "11:00")
    town.deposit(ana, served.id, 120)
    till = town.till()
    town.capture(town.reserve(ana, town.service_order(till)), till)
    assert town.minutes(ana) == 60
    assert town.reverse(served.id).facts["minutes"] == 60
    assert (town.minutes(ana), town.time(ana)) == (0, 0)
    assert town.standing(ana).time_owed_minutes == 60


# Stars -----------------------------------------------------------------------------------------


@scenario("""
  id                  | minutes | star | to_next
  S-1-a-minute-short  |   5_999 |    0 | 1
  S-2-100-hours       |   6_000 |    1 | 12_000
  S-3-a-minute-short  |  17_999 |    1 | 1
  S-3-300-hours       |  18_000 |    2 | 18_000
  S-4-a-minute-short  |  35_999 |    2 | 1
  S-4-600-hours       |  36_000 |    3 | 24_000
  S-5-a-minute-short  |  59_999 |    3 | 1
  S-5-1000-hours      |  60_000 |    4 | 30_000
  S-6-a-minute-short  |  89_999 |    4 | 1
  S-6-1500-hours      |  90_000 |    5 | none
""")
def test_stars_compare_with_at_least(
    town: Town, ana: str, minutes: int, star: int, to_next: int | str
) -> None:
    """A holder never lands in a tier without reaching it (erpnext 24672)."""
    town.minutes_served(ana, minutes)
    standing = town.standing(ana)
    assert (standing.service_minutes, standing.eligible_star) == (minutes, star)
    assert standing.minutes_to_next_star == (None if to_next == "none" else to_next)
    assert standing.star == 0, "eligible is not granted (S-8)"


def test_backfilled_hours_count_for_the_star(town: Town, ana: str) -> None:
    town.minutes_served(ana, 5_940)
    town.served(ana, f"{FRIDAY} 09:00", "10:00", evidence="backfill")
    assert town.standing(ana).eligible_star == 1


def test_a_reversal_that_drops_below_the_line_drops_eligibility(town: Town, ana: str) -> None:
    """S-15, as far as eligibility goes: 100 h, 30 min reversed."""
    town.minutes_served(ana, 5_970)
    last = town.served(ana, f"{FRIDAY} 09:00", "09:30")
    assert town.standing(ana).eligible_star == 1
    town.reverse(last.id)
    assert town.standing(ana).eligible_star == 0
    assert town.standing(ana).minutes_to_next_star == 30


# Where a policy says otherwise -----------------------------------------------------------------


@scenario("""
  id                       | rounding | least | served | minutes
  P3-none                  | none     |     0 |     89 | 89
  P3-a-quarter-down        | floor_15 |     0 |     89 | 75
  P3-a-quarter-exactly     | floor_15 |     0 |     90 | 90
  P3-a-quarter-up          | ceil_15  |     0 |     76 | 90
  P3-half-an-hour-down     | floor_30 |     0 |     89 | 60
  P3-half-an-hour-up       | ceil_30  |     0 |     61 | 90
  P3-whole-hours           | floor_60 |     0 |    119 | 60
  P3-lifted-to-an-hour     | none     |    60 |      1 | 60
  P3-an-hour-and-a-minute  | none     |    60 |     61 | 61
""")
def test_minutes_are_rounded_where_a_policy_says_so(
    town: Town, ana: str, rounding: str, least: int, served: int, minutes: int
) -> None:
    town.rules({"time.rounding": rounding, "time.session_min": least})
    end = f"{9 + served // 60:02d}:{served % 60:02d}"
    assert town.served(ana, f"{FRIDAY} 09:00", end).minutes == minutes
    assert town.minutes(ana) == minutes


def test_what_is_rounded_down_to_nothing_is_no_service(town: Town, ana: str) -> None:
    """And no least length makes service out of none."""
    town.rules({"time.rounding": "floor_60", "time.session_min": 60})
    with town.refuses("nothing_served"):
        town.served(ana, f"{FRIDAY} 09:00", "09:59")
    assert town.served(ana, f"{FRIDAY} 09:00", "10:00").minutes == 60


def test_no_rounding_makes_a_backfill_longer_than_its_schedule(town: Town, ana: str) -> None:
    town.rules({"time.rounding": "ceil_30"})
    schedule = (f"{FRIDAY} 09:00", "11:50")
    served = town.served(ana, f"{FRIDAY} 09:00", "11:50", evidence="backfill", schedule=schedule)
    assert served.minutes == 170


def test_a_held_session_that_was_lifted_is_paid_whole_unless_it_overlaps(
    town: Town, ana: str
) -> None:
    town.rules({"time.session_min": 60, "time.day_auto_limit": 1})
    alone = town.served(ana, f"{FRIDAY} 09:00", "09:20")
    assert town.confirm(alone.id) == 60
    overlapping = town.served(ana, f"{FRIDAY} 09:10", "09:40")
    assert town.confirm(overlapping.id) == 20


@scenario("""
  id                  | excluded              | minutes
  T1-without-the-way  | travel meals rest     | 150
  S15-with-the-way    | meals rest            | 270
  nothing-excluded    |                       | 285
""")
def test_time_that_went_elsewhere_is_deducted_where_policy_says_so(
    town: Town, ana: str, excluded: str, minutes: int
) -> None:
    """T1 as it is sent: 08:00 to 12:45, two hours on the way, a quarter of an hour of lunch."""
    town.rules({"time.exclude": excluded.split()})
    spent = (("travel", 120), ("meals", 15))
    served = town.served(ana, f"{FRIDAY} 08:00", "12:45", spent=spent)
    assert served.minutes == minutes
    assert served.entry.facts["deducted_minutes"] == 285 - minutes


def test_other_deductions_stand_beside_what_is_excluded(town: Town, ana: str) -> None:
    """T3, sent as one hour of lunch; ten more minutes are deducted by hand."""
    lunch = town.served(ana, f"{FRIDAY} 09:00", "17:00", spent=(("meals", 60),))
    assert lunch.minutes == 420
    both = town.served(ana, "2025-03-06 09:00", "17:00", deducted=10, spent=(("meals", 60),))
    assert both.minutes == 410
    with town.refuses("nothing_served"):
        town.served(ana, "2025-03-05 09:00", "10:00", spent=(("rest", 60),))


def test_without_a_split_a_night_belongs_to_the_day_it_began(town: Town, ana: str) -> None:
    """T13 †: 22:00–02:00 is four hours of the first day then; four more fit, not a minute more."""
    town.rules({"time.day_split": False})
    town.served(ana, "2025-03-05 22:00", "2025-03-06 02:00")
    assert town.served(ana, "2025-03-06 09:00", "17:00").outcome == "effective"
    assert town.served(ana, "2025-03-05 09:00", "13:01").reasons == "day_over_8h"


def test_an_overlap_can_be_refused_at_once(town: Town, ana: str) -> None:
    """P10 `reject_later`; what only touches passes, and the same session is still a duplicate."""
    town.rules({"time.overlap": "reject_later"})
    town.served(ana, f"{FRIDAY} 09:00", "12:00")
    with town.refuses("overlapping_record"):
        town.served(ana, f"{FRIDAY} 11:59", "13:00")
    with town.refuses("duplicate_record"):
        town.served(ana, f"{FRIDAY} 09:00", "12:00")
    assert town.served(ana, f"{FRIDAY} 12:00", "13:00").outcome == "effective"


def test_late_can_mean_too_late(town: Town, ana: str) -> None:
    """P14 `reject`: T14's last day passes, the next one does not; a correction still comes in."""
    town.rules({"record.late_policy": "reject"})
    town.clock.set("2025-05-05 09:00")
    prompt = town.served(ana, f"{FRIDAY} 09:00", "11:00", recorded="2025-03-21 23:59")
    assert prompt.outcome == "effective"
    with town.refuses("too_late"):
        town.served(ana, f"{FRIDAY} 12:00", "13:00", recorded="2025-03-24 09:00")
    assert town.correct(prompt.id, town.session(ana, f"{FRIDAY} 09:00", "10:00")).minutes == 60


def test_an_organisations_own_rules_decide_about_its_service(town: Town, ana: str) -> None:
    """The nearest document wins; elsewhere the ledger's own goes on."""
    other = town.organisation()
    town.rules({"time.rounding": "floor_60"}, organisation=other)
    theirs = town.new_activity(organisation=other)
    at_home = town.served(ana, f"{FRIDAY} 09:00", "10:30")
    there = town.served(ana, f"{FRIDAY} 11:00", "12:30", organisation=other, activity=theirs)
    assert (at_home.minutes, there.minutes) == (90, 60)
    assert there.entry.policy != at_home.entry.policy


# New records, and history from elsewhere -------------------------------------------------------


@scenario("""
  id                | earlier | code
  T9-the-third      |       2 |
  T9-the-fourth     |       3 | too_many_check_ins
""")
def test_one_checks_in_to_an_activity_three_times_a_day(
    town: Town, ana: str, earlier: int, code: str
) -> None:
    other = town.new_activity()
    for hour in range(9, 9 + earlier):
        town.noted(ana, f"2025-03-12 {hour:02d}:00", f"{hour:02d}:20")
    if code:
        with town.refuses(code):
            town.noted(ana, "2025-03-12 15:00", "15:20")
    else:
        assert town.noted(ana, "2025-03-12 15:00", "15:20").outcome == "effective"
    assert town.noted(ana, "2025-03-12 16:00", "16:20", activity=other).outcome == "effective"


def test_backfilled_reversed_and_yesterdays_sessions_are_no_check_ins_of_today(
    town: Town, ana: str
) -> None:
    day = "2025-03-12"
    town.noted(ana, "2025-03-11 09:00", "09:20")
    town.noted(ana, f"{day} 08:00", "08:20", evidence="backfill")
    first = town.noted(ana, f"{day} 09:00", "09:20")
    for hour in (10, 11):
        town.noted(ana, f"{day} {hour}:00", f"{hour}:20")
    with town.refuses("too_many_check_ins"):
        town.noted(ana, f"{day} 12:00", "12:20")
    town.reverse(first.id)
    town.noted(ana, f"{day} 12:00", "12:20")


@scenario("""
  id                     | participants | code
  T10-99-participants    |           99 | self_check_in_not_allowed
  T10-100-participants   |          100 |
  T10-not-said           |            0 | self_check_in_not_allowed
""")
def test_checking_in_by_oneself_is_for_many_and_is_looked_at(
    town: Town, ana: str, participants: int, code: str
) -> None:
    """T10: refused / allowed and flagged, which here means that a person looks at it."""
    crowd = town.new_activity(participants=participants)
    session: dict[str, Any] = {"activity": crowd, "method": "self_gps"}
    if code:
        with town.refuses(code):
            town.noted(ana, "2025-03-12 09:00", "10:00", **session)
    else:
        held = town.noted(ana, "2025-03-12 09:00", "10:00", **session)
        assert (held.outcome, held.reasons) == ("held", "self_check_in")
        assert town.confirm(held.id) == 60


@scenario("""
  id                      | published        | evidence | code
  P19-a-minute-before     | 2025-03-12 08:59 | check_in |
  P19-as-it-begins        | 2025-03-12 09:00 | check_in | not_published_before_start
  P19-afterwards          | 2025-03-12 12:00 | check_in | not_published_before_start
  P19-else-backfill       | 2025-03-12 12:00 | backfill |
""")
def test_an_activity_is_published_before_it_starts(
    town: Town, ana: str, published: str, evidence: str, code: str
) -> None:
    town.clock.set(published)
    activity = town.new_activity()
    if code:
        with town.refuses(code):
            town.noted(ana, "2025-03-12 09:00", "10:00", activity=activity, evidence=evidence)
    else:
        town.noted(ana, "2025-03-12 09:00", "10:00", activity=activity, evidence=evidence)


def test_a_minor_serves_once_the_guardian_consents(town: Town, bo: str) -> None:
    """P22; what another system recorded of them before stays what it was."""
    child = town.volunteer(guardian="missing")
    with town.refuses("guardian_consent_needed"):
        town.noted(child, "2025-03-12 09:00", "10:00")
    assert town.served(child, f"{FRIDAY} 09:00", "10:00").outcome == "effective"
    town.do(RecordGuardianConsent(volunteer=child))
    assert town.noted(child, "2025-03-12 09:00", "10:00").outcome == "effective"
    assert town.noted(bo, "2025-03-12 09:00", "10:00").outcome == "effective"


def test_a_minor_whom_a_record_brings_along_waits_as_well(town: Town) -> None:
    child = town.new()
    introduces = (RegisterVolunteer(volunteer=child, guardian="missing"),)
    with town.refuses("guardian_consent_needed"):
        town.noted(child, "2025-03-12 09:00", "10:00", introduces=introduces)
    town.rules({"volunteer.guardian_required": False})
    town.noted(child, "2025-03-12 09:00", "10:00", introduces=introduces)


def test_history_came_about_under_its_own_rules(town: Town, ana: str) -> None:
    """Four check-ins to an activity that was registered after they ended, by somebody who may
    not backfill: as another system says."""
    town.prove_fraud(ana)
    for hour in (9, 10, 11, 12):
        assert town.served(ana, f"{FRIDAY} {hour:02d}:00", f"{hour:02d}:20").outcome == "effective"
    backfilled = town.served(ana, f"{FRIDAY} 14:00", "15:00", evidence="backfill")
    assert backfilled.outcome == "effective"


def test_documents_adopted_earlier_decide_as_they_did(town: Town, ana: str) -> None:
    """They name none of the newer rules, so none of those holds under them."""
    text = (Path(__file__).parent / "vectors" / "policy-cn-default-1.json").read_text("utf-8")
    document = json.loads(text)["document"]
    town.do(AdoptPolicy(policy="cn-default", version=1, toml_sha256="0" * 64, document=document))
    child = town.volunteer(guardian="missing")
    unpublished = town.new_activity()
    for hour in range(9, 13):
        served = town.noted(
            child, f"{FRIDAY} {hour:02d}:00", f"{hour:02d}:20", activity=unpublished
        )
        assert (served.outcome, served.entry.policy) == ("effective", "cn-default/1")
    held = town.served(ana, f"{FRIDAY} 00:00", "13:00")
    assert town.confirm(held.id, reviewer=town.staff()) == 780


# After proven fraud ----------------------------------------------------------------------------


@scenario("""
  id                         | now              | earned | code
  P17-the-last-day           | 2026-03-10 23:59 |  6_000 | backfill_banned
  P17-both-are-met           | 2026-03-11 00:00 |  6_000 |
  P17-a-minute-is-missing    | 2026-03-11 00:00 |  5_999 | backfill_banned
  P17-hours-alone            | 2025-09-01 12:00 |  6_000 | backfill_banned
""")
def test_after_fraud_nothing_is_backfilled_for_a_year_and_a_hundred_hours(
    town: Town, ana: str, now: str, earned: int, code: str
) -> None:
    """S13: 12 months **and** 100 h by check-in. What was served before does not count."""
    town.minutes_served(ana, 480, since="2024-03-04")
    proven = town.prove_fraud(ana).facts
    assert (proven["minutes_at"], proven["minutes_needed"]) == (480, 6_000)
    town.minutes_served(ana, earned, since="2025-03-11")
    town.clock.set(now)
    town.served(ana, "2024-01-04 09:00", "12:00", evidence="backfill")
    day = now[:10]
    if code:
        with town.refuses(code):
            town.noted(ana, f"{day} 09:00", "10:00", evidence="backfill")
    else:
        town.noted(ana, f"{day} 09:00", "10:00", evidence="backfill")
    assert town.noted(ana, f"{day} 11:00", "12:00").outcome == "effective"


def test_a_ban_of_no_months_ends_when_the_hours_are_earned(town: Town, ana: str) -> None:
    town.rules({"backfill.ban_months": 0, "backfill.ban_hours": 1})
    town.prove_fraud(ana)
    with town.refuses("backfill_banned"):
        town.noted(ana, "2025-03-11 09:00", "10:00", evidence="backfill")
    town.noted(ana, "2025-03-11 11:00", "12:00")
    town.noted(ana, "2025-03-11 09:00", "10:00", evidence="backfill")


def test_fraud_is_proven_against_somebody(town: Town) -> None:
    with town.refuses("unknown_party"):
        town.prove_fraud(town.new())


# What earns points -----------------------------------------------------------------------------


@scenario("""
  id                        | before | minutes | points
  S41-two-hours             |      0 |     120 | 200
  S41-three-hours           |      0 |     180 | 200
  S41-an-hour-then-three    |     60 |     180 | 200
  S41-two-hours-then-more   |    120 |      60 | 200
""")
def test_an_activity_earns_points_for_two_hours_a_day(
    town: Town, ana: str, before: int, minutes: int, points: int
) -> None:
    """P49, Hailin: points stop, hours go on; another activity and another day begin afresh."""
    town.rules({"points.activity_cap_min": 120})
    if before:
        town.served(ana, f"{FRIDAY} 08:00", f"{8 + before // 60:02d}:00")
    town.served(ana, f"{FRIDAY} 12:00", f"{12 + minutes // 60:02d}:00")
    assert (town.points(ana), town.minutes(ana)) == (points, before + minutes)
    town.served(ana, f"{FRIDAY} 17:00", "18:00", activity=town.new_activity())
    town.served(ana, "2025-03-08 09:00", "10:00")
    assert town.points(ana) == points + 200


def test_a_day_earns_no_more_points_than_its_cap(town: Town, ana: str) -> None:
    """P49: three points a day, over all activities; what is reversed makes room again."""
    town.rules({"points.day_cap": 3})
    first = town.served(ana, f"{FRIDAY} 08:00", "10:00")
    town.served(ana, f"{FRIDAY} 10:00", "12:00", activity=town.new_activity())
    assert town.points(ana) == 300
    assert town.served(ana, f"{FRIDAY} 12:00", "13:00").entry.postings[-1].asset == "SERVICE"
    town.reverse(first.id)
    assert town.points(ana) == 100
    town.served(ana, f"{FRIDAY} 14:00", "17:00")
    assert (town.points(ana), town.minutes(ana)) == (300, 360)


def test_the_cap_holds_for_what_a_person_confirms(town: Town, ana: str) -> None:
    town.rules({"points.activity_cap_min": 120, "time.day_auto_limit": 60})
    town.served(ana, f"{FRIDAY} 08:00", "09:00")
    held = town.served(ana, f"{FRIDAY} 12:00", "15:00")
    assert held.reasons == "day_over_8h"
    assert town.confirm(held.id) == 180
    assert (town.points(ana), town.minutes(ana)) == (200, 240)


def test_the_cap_counts_what_was_earned(town: Town, ana: str) -> None:
    """Two hours fill the cap and two more earn nothing: when the first are corrected, it is not
    the others, without a point, that leave no room."""
    town.rules({"points.activity_cap_min": 120})
    first = town.served(ana, f"{FRIDAY} 08:00", "10:00")
    town.served(ana, f"{FRIDAY} 10:00", "12:00")
    town.correct(first.id, town.session(ana, f"{FRIDAY} 08:00", "09:30"))
    assert (town.points(ana), town.minutes(ana)) == (150, 210)
    # Half an hour of the cap is free again, and the next record fills it.
    town.served(ana, f"{FRIDAY} 13:00", "15:00")
    assert (town.points(ana), town.minutes(ana)) == (200, 330)


def test_a_correction_is_capped_without_its_original(town: Town, ana: str) -> None:
    town.rules({"points.activity_cap_min": 120})
    original = town.served(ana, f"{FRIDAY} 09:00", "12:00")
    town.correct(original.id, town.session(ana, f"{FRIDAY} 09:00", "13:00"))
    assert (town.points(ana), town.minutes(ana)) == (200, 240)


def test_weights_touch_points_and_never_hours(town: Town, ana: str) -> None:
    """P50: a weight cites a text; the category is the activity's."""
    weighed = '{ category = "emergency", weight = 1.5, basis = "an imagined local table, line 3" }'
    alike = 'weight = { value = [{}], basis = "choice: every category alike'
    town.adopt((alike.replace("{}", ""), alike.replace("{}", weighed)))
    rescue = town.new_activity(category="emergency")
    town.served(ana, f"{FRIDAY} 09:00", "10:00", activity=rescue)
    town.served(ana, f"{FRIDAY} 10:00", "11:00")
    assert (town.points(ana), town.minutes(ana)) == (250, 120)
    held = town.served(ana, f"{FRIDAY} 10:30", "12:00", activity=rescue)
    assert town.confirm(held.id) == 60
    assert (town.points(ana), town.minutes(ana)) == (400, 180)


# What a correction is asked again ---------------------------------------------------------------


def test_a_correction_is_not_asked_again_what_its_original_had_passed(town: Town, ana: str) -> None:
    """History with four check-ins a day, of an activity registered afterwards, by somebody who may
    not backfill any more."""
    sessions = [
        town.served(ana, f"{FRIDAY} {hour:02d}:00", f"{hour:02d}:20") for hour in (9, 10, 11, 12)
    ]
    backfilled = town.served(ana, f"{FRIDAY} 14:00", "15:00", evidence="backfill")
    town.prove_fraud(ana)
    again = town.session(ana, f"{FRIDAY} 09:00", "09:30", recorded="now")
    assert town.correct(sessions[0].id, again).outcome == "effective"
    shorter = town.session(ana, f"{FRIDAY} 14:00", "14:30", evidence="backfill", recorded="now")
    assert town.correct(backfilled.id, shorter).minutes == 30
    with town.refuses("backfill_banned"):
        session = town.session(ana, f"{FRIDAY} 10:00", "10:20", evidence="backfill")
        town.correct(sessions[1].id, session)


def test_a_correction_to_another_activity_is_held_to_that_ones_rules(town: Town, ana: str) -> None:
    original = town.served(ana, f"{FRIDAY} 09:00", "10:00")
    unpublished = town.new_activity()
    with town.refuses("not_published_before_start"):
        town.correct(
            original.id, town.session(ana, f"{FRIDAY} 09:00", "10:00", activity=unpublished)
        )
    crowd: dict[str, Any] = {"activity": town.new_activity(), "method": "self_gps"}
    with town.refuses("self_check_in_not_allowed"):
        town.correct(original.id, town.session(ana, f"{FRIDAY} 09:00", "10:00", **crowd))
    for hour in (9, 10, 11):
        town.noted(ana, f"2025-03-12 {hour:02d}:00", f"{hour:02d}:20")
    town.clock.set("2025-03-12 13:00")
    with town.refuses("too_many_check_ins"):
        town.correct(original.id, town.session(ana, "2025-03-12 12:00", "12:20"))


# Which rules -----------------------------------------------------------------------------------


def test_service_is_decided_by_the_policy_of_the_day_it_started(town: Town, ana: str) -> None:
    """Nine hours pass under a rule that begins in April; in March the old rule holds them."""
    town.adopt(
        ("effective_from = 2000-01-01", "effective_from = 2025-04-01"),
        ("day_auto_limit = { value = 480", "day_auto_limit = { value = 600"),
    )
    town.clock.set("2025-04-02 20:00")
    before = town.served(ana, "2025-03-31 09:00", "18:00")
    after = town.served(ana, "2025-04-01 09:00", "18:00")
    assert (before.outcome, after.outcome) == ("held", "effective")
    assert (before.entry.policy, after.entry.policy) == ("cn-default/3", "cn-default/4")


def test_a_service_before_any_policy_is_refused(town: Town, ana: str) -> None:
    with town.refuses("no_policy_in_force"):
        town.served(ana, "1999-12-31 09:00", "10:00")


def test_a_refusal_is_an_answer_and_no_entry(town: Town) -> None:
    before = town.size()
    with pytest.raises(Refused) as caught:
        town.do(ConfirmService(record=town.new()))
    assert town.size() == before
    assert caught.value.sentence == "there is no such service record"


def test_a_record_says_who_and_when_in_ids_and_numbers_only(town: Town, ana: str) -> None:
    served = town.served(ana, f"{FRIDAY} 09:00", "10:00")
    facts = served.entry.facts
    assert {type(value) for value in facts.values()} == {str, int}
    assert isinstance(town.session(ana, f"{FRIDAY} 09:00", "10:00"), RecordService)
