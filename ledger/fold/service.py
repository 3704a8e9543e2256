"""Activities, what they ask, and sessions of service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ledger import account
from ledger.entry import Entry
from ledger.fold.changes import Fold, about_volunteer, count_mark, present, put, set_mark
from ledger.fold.hours import fall_short, repay_hours
from ledger.fold.points import SWEPT, points_brought
from ledger.rows import (
    LEARNED,
    QUALIFIED,
    Activity,
    Ban,
    Conduct,
    Qualification,
    Record,
    Terms,
    continuous,
    intervals_in,
)
from ledger.standing import WINDOW_MS, Standing, china_day


def _activity_registered(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    activity = Activity(**facts, since=entry.index, registered=entry.time)
    standing.activities.add(activity.activity, activity)


def _activity_terms(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    terms = Terms(
        activity=facts["activity"],
        training=facts["training"],
        insurance=facts["insurance"],
        min_age=facts["min_age"],
        participants=facts["participants"],
        since=entry.index,
    )
    put(standing.terms, terms.activity, terms)


def _qualification_recorded(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    key = (facts["volunteer"], facts["what"])
    before = standing.qualifications[key]
    minutes = facts["learning_minutes"] + (before.minutes if before else 0)
    owner, what = account.volunteer(facts["volunteer"]), QUALIFIED + facts["what"]
    mark = standing.marks[owner, what]
    known = f"{mark.value} " if mark is not None else ""
    intervals = f"{known}{facts['valid_from']}:{facts['valid_until']}"
    set_mark(standing, owner, what, intervals, entry)
    if facts["minutes"]:
        learned = f"{LEARNED}{china_day(facts['valid_from'])}"
        count_mark(standing, owner, learned, facts["minutes"], entry)
    row = Qualification(*key, minutes, *continuous(intervals_in(intervals))[-1], entry.index)
    put(standing.qualifications, key, row)
    standing.mention(owner, entry)


def _service_recorded(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    points, vintage = points_brought(entry.postings)
    outcome, minutes, volunteer = facts["outcome"], facts["minutes"], facts["volunteer"]
    entered = entry.time
    if facts["corrects"]:
        entered = present(standing.records[facts["corrects"]]).entered
    record = Record(
        facts["record"],
        volunteer,
        facts["organisation"],
        facts["activity"],
        outcome,
        facts["evidence"],
        facts["reasons"],
        facts["starts"],
        facts["ends"],
        facts["check_in"],
        facts["check_out"],
        facts["recorded"],
        minutes,
        minutes if outcome == "effective" else 0,
        points,
        vintage,
        0,
        0,
        facts["recorder"],
        facts["approver"],
        facts["corrects"],
        entry.index,
        entered,
    )
    standing.records.add(record.record, record)
    window = (volunteer, record.check_in // WINDOW_MS)
    # A decision has always fetched the window before; a rebuild never does and needs none.
    if window in standing.sessions:
        standing.sessions[window].append(record.record)
    repay_hours(standing, volunteer, entry)
    standing.mention(account.volunteer(volunteer), entry)


def _service_confirmed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    record = present(standing.records[facts["record"]])
    points, vintage = points_brought(entry.postings)
    standing.records.change(
        record.record,
        record._replace(state="effective", paid=facts["minutes"], points=points, vintage=vintage),
    )
    repay_hours(standing, record.volunteer, entry)
    standing.mention(account.volunteer(record.volunteer), entry)


def _service_refused(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    record = present(standing.records[facts["record"]])
    standing.records.change(record.record, record._replace(state="refused"))
    standing.mention(account.volunteer(record.volunteer), entry)


def _service_reversed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    record = present(standing.records[facts["record"]])
    standing.records.change(record.record, record._replace(state="reversed"))
    # Points that had lapsed were taken back from nobody, and lapse no second time.
    taken = sum(each.amount for each in entry.postings if each.asset == account.POINT)
    if record.points > taken:
        owner = account.volunteer(record.volunteer)
        count_mark(standing, owner, SWEPT + record.vintage, taken - record.points, entry)
    # Hours that redeemed time had taken along were not there any more to be taken back.
    fall_short(standing, record.volunteer, record.evidence, record.paid - facts["minutes"], entry)
    standing.mention(account.volunteer(record.volunteer), entry)


def _service_evaluated(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    volunteer = facts["volunteer"]
    before = standing.conducts[volunteer] or Conduct(volunteer, 0, 0, 0)
    after = Conduct(
        volunteer,
        before.evaluations + 1,
        before.total + facts["score"],
        before.poor + (facts["conduct"] == "poor"),
    )
    put(standing.conducts, volunteer, after)
    set_mark(standing, f"record:{facts['record']}", "evaluated", facts["conduct"], entry)
    standing.mention(account.volunteer(volunteer), entry)


def _fraud_proven(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    ban = Ban(
        facts["party"],
        entry.time,
        facts["ban_until"],
        facts["minutes_at"],
        facts["minutes_needed"],
        entry.index,
    )
    put(standing.bans, ban.party, ban)
    standing.mention(ban.party, entry)


def _fraud_dismissed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    ban = present(standing.bans[facts["party"]])
    over = ban._replace(until=0, minutes_at=0, minutes_needed=0, since=entry.index)
    standing.bans.change(ban.party, over)
    standing.mention(ban.party, entry)


FOLDS: Final[Mapping[str, Fold]] = {
    "activity_registered": _activity_registered,
    "activity_terms": _activity_terms,
    "qualification_recorded": _qualification_recorded,
    "gates_met": about_volunteer,
    "service_recorded": _service_recorded,
    "service_confirmed": _service_confirmed,
    "service_refused": _service_refused,
    "service_reversed": _service_reversed,
    "service_evaluated": _service_evaluated,
    "fraud_proven": _fraud_proven,
    "fraud_dismissed": _fraud_dismissed,
}
