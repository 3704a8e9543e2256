"""What whoever reviews a held record needs to know before they decide."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from marshmallow import Schema, fields

from api.caller import current_caller
from api.current import current_book
from api.reads.asking import acts_for, reading
from api.reads.service import get_service_record
from api.schemas import Choice, Id, Moment, Whole
from ledger.book import Caller
from ledger.calendar import Calendar
from ledger.decide.review import payable, why_not_reviewer
from ledger.decide.service import minutes_by_day, policy_of, records_near
from ledger.door.tree import one_row
from ledger.rows import Record
from ledger.standing import DAY_MS, Standing

DAYS_MAX: Final = 3_660
"""Working days are counted no further than ten years."""


class OverlappingRecordSchema(Schema):
    """Another session of the same volunteer over the same time."""

    record = fields.String(
        required=True, metadata={"description": "empty where it is another organisation's"}
    )
    state = Choice("effective", "held", required=True)
    check_in = Moment(required=True)
    check_out = Moment(required=True)


class ReviewedDaySchema(Schema):
    """One local day of the session."""

    day = fields.String(required=True, metadata={"description": "ISO"})
    minutes = Whole(required=True, least=0, metadata={"description": "of this record, if paid"})
    effective_minutes = Whole(
        required=True, least=0, metadata={"description": "of that day already, whoever's"}
    )


class RecordReviewSchema(Schema):
    """Facts about a record for whoever reviews it."""

    record = Id(required=True)
    pays_minutes = Whole(
        required=True, least=0, metadata={"description": "what confirming it now would pay"}
    )
    overlaps = fields.List(fields.Nested(OverlappingRecordSchema), required=True)
    days = fields.List(fields.Nested(ReviewedDaySchema), required=True)
    working_days = fields.Integer(
        required=True,
        metadata={"description": "from the day after the activity to the day it was recorded"},
    )
    working_days_allowed = Whole(required=True, least=0)
    may_decide = fields.Boolean(required=True)
    why_not = fields.String(
        required=True, metadata={"description": "the code of what keeps the caller from it"}
    )


@reading(
    "/service-records/<id:record>/review",
    "get_review",
    answer=RecordReviewSchema,
    roles=("operator", "reviewer"),
    scope="service-records:read",
    refusals=("not_found",),
    tag="service-records",
)
def get_review(record: str) -> dict[str, Any]:
    """What a held record overlaps, what its days come to, how late it came, and whether the caller
    may decide it. Of another organisation's session only the time is told."""
    get_service_record(record)
    caller, book = current_caller(), current_book()
    row: Record = one_row(book, "records", record)
    with book.database.snapshot() as connection:
        standing = book.standing_in(connection)
        policy = policy_of(row, standing)
        near = [each for each in records_near(row, standing) if each.record != row.record]
        paid = payable(row, standing, policy)
        served = minutes_by_day(near, policy)
        others = [
            each
            for each in standing.sessions_between(
                row.volunteer, row.check_in - DAY_MS, row.check_out
            )
            if each.record != row.record
            and each.state in ("effective", "held")
            and each.check_in < row.check_out
            and each.check_out > row.check_in
        ]
        calendar = standing.calendar(policy.calendar_name)
        why = _why_not(row, caller, standing)
    return {
        "record": record,
        "pays_minutes": paid,
        "overlaps": [
            {
                "record": each.record
                if acts_for(caller, f"organisation:{each.organisation}")
                else "",
                "state": each.state,
                "check_in": each.check_in,
                "check_out": each.check_out,
            }
            for each in others
        ],
        "days": [
            {
                "day": day.isoformat(),
                "minutes": minutes,
                "effective_minutes": served.get(day, 0),
            }
            for day, minutes in policy.split_minutes_by_day(row.check_in, row.minutes)
        ],
        "working_days": _working_days(
            calendar, policy.local_date(row.ends), policy.local_date(row.recorded)
        ),
        "working_days_allowed": policy.deadline_working_days,
        "may_decide": not why,
        "why_not": why,
    }


def _why_not(row: Record, caller: Caller, standing: Standing) -> str:
    """The code of what keeps the caller from deciding, or ""."""
    if row.state != "held":
        return "record_state_conflict"
    if caller.role == "operator":
        return ""
    no = why_not_reviewer(row, caller.id, standing, policy_of(row, standing))
    return no.code if no is not None else ""


def _working_days(calendar: Calendar, since: date, until: date) -> int:
    """Working days after `since`, up to and with `until`; 0 where it is not later."""
    days = (since + timedelta(days=n) for n in range(1, min((until - since).days, DAYS_MAX) + 1))
    return sum(calendar.is_working_day(day) for day in days)
