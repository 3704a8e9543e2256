"""Reading activities and service records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import Schema, fields

from api.caller import current_caller
from api.current import current_book
from api.reads.asking import (
    Page,
    acts_for,
    log_look,
    not_there,
    organisations_of,
    page,
    page_of,
    reading,
    texts_of,
)
from api.schemas import Choice, Id, Moment, Whole
from ledger.actions import EVIDENCE
from ledger.book import Caller
from ledger.rows import Activity, Record
from ledger.store import queries


class PageOfActivities(Page):
    """Which activities."""

    organisation = Id()


class PageOfRecords(Page):
    """Which service records."""

    state = Choice("effective", "held", "refused", "reversed")
    volunteer = Id()
    organisation = Id()


class ActivitySchema(Schema):
    """An activity of an organisation."""

    activity = Id(required=True)
    entry = Whole(required=True, least=0)
    organisation = Id(required=True)
    category = fields.String(required=True)
    starts = Moment(required=True, allow_none=True, metadata={"description": "null if unknown"})
    ends = Moment(required=True, allow_none=True, metadata={"description": "null if unknown"})
    text = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "what people wrote about it, by field"},
    )


class RecordSchema(Schema):
    """A session of service."""

    record = Id(required=True)
    entry = Whole(required=True, least=0)
    volunteer = Id(required=True)
    organisation = Id(required=True)
    activity = Id(required=True)
    state = Choice("effective", "held", "refused", "reversed", required=True)
    reasons = fields.List(
        fields.String(), required=True, metadata={"description": "why it is or was held"}
    )
    evidence = Choice(*EVIDENCE, required=True)
    starts = Moment(required=True)
    ends = Moment(required=True)
    check_in = Moment(required=True)
    check_out = Moment(required=True)
    recorded = Moment(required=True)
    minutes = Whole(required=True, least=0, metadata={"description": "what it claims"})
    paid_minutes = Whole(required=True, least=0, metadata={"description": "what it brought"})
    points_hundredths = Whole(required=True, least=0)
    points_lapse = fields.String(
        required=True, metadata={"description": "last day of use of those points; may be empty"}
    )
    deposited_minutes = Whole(required=True, least=0)
    overflow_minutes = Whole(required=True, least=0)
    recorder = fields.String(required=True)
    approver = fields.String(required=True)
    corrects = fields.String(
        required=True, metadata={"description": "the record it replaced; may be empty"}
    )


@reading(
    "/activities",
    "list_activities",
    answer=page_of(ActivitySchema, "ActivityPage"),
    query=PageOfActivities,
    roles=("operator", "organisation", "reviewer", "volunteer", "auditor"),
    scope="activities:read",
    tag="activities",
)
def list_activities(query: Mapping[str, Any]) -> dict[str, Any]:
    """Activities; an organisation sees its own and those of whom stands below it."""
    caller = current_caller()
    own = _organisations_seen(caller) if caller.role == "organisation" else None
    with current_book().database.reading() as connection:
        rows, more = queries.activities_page(
            connection,
            after=query["starting_after"],
            limit=query["limit"],
            organisations=_narrowed(own, query.get("organisation")),
        )
    return page(_activities(rows), more)


@reading(
    "/activities/<id:activity>",
    "get_activity",
    answer=ActivitySchema,
    roles=("operator", "organisation", "reviewer", "volunteer", "auditor"),
    scope="activities:read",
    refusals=("not_found",),
    tag="activities",
)
def get_activity(activity: str) -> dict[str, Any]:
    """One activity."""
    caller = current_caller()
    with current_book().database.reading() as connection:
        row = queries.activity(connection, activity)
    if row is None or (
        caller.role == "organisation" and not acts_for(caller, f"organisation:{row.organisation}")
    ):
        raise not_there()
    return _activities([row])[0]


@reading(
    "/service-records",
    "list_service_records",
    answer=page_of(RecordSchema, "ServiceRecordPage"),
    query=PageOfRecords,
    roles=("operator", "organisation", "reviewer", "volunteer", "auditor"),
    scope="service-records:read",
    tag="service-records",
    auditors_say_why=True,
)
def list_service_records(query: Mapping[str, Any]) -> dict[str, Any]:
    """Service records: a volunteer's own, or those of the organisations one acts for.

    An auditor says why in a `Reason` header; an operator need not: they see records by duty, and
    answer for it by access control.
    """
    caller = current_caller()
    volunteer, own = query.get("volunteer"), None
    if caller.role == "volunteer":
        if volunteer not in (None, caller.id):
            # Another's records answer as if there were none.
            return page([], False)
        volunteer = caller.id
    else:
        own = _organisations_seen(caller)
    with current_book().database.reading() as connection:
        rows, more = queries.records_page(
            connection,
            after=query["starting_after"],
            limit=query["limit"],
            state=query.get("state"),
            volunteer=volunteer,
            organisations=_narrowed(own, query.get("organisation")),
        )
    log_look(caller, *(f"service-records/{row.record}" for row in rows))
    return page([_record(row) for row in rows], more)


@reading(
    "/service-records/<id:record>",
    "get_service_record",
    answer=RecordSchema,
    roles=("operator", "organisation", "reviewer", "volunteer", "auditor"),
    scope="service-records:read",
    refusals=("not_found",),
    tag="service-records",
    auditors_say_why=True,
)
def get_service_record(record: str) -> dict[str, Any]:
    """One service record.

    An auditor says why in a `Reason` header; an operator need not, as for the list.
    """
    caller = current_caller()
    with current_book().database.reading() as connection:
        row = queries.record(connection, record)
    if row is None:
        raise not_there()
    if caller.role == "volunteer":
        seen = row.volunteer == caller.id
    else:
        seen = acts_for(caller, f"organisation:{row.organisation}")
    if not seen:
        raise not_there()
    log_look(caller, f"service-records/{record}")
    return _record(row)


def _organisations_seen(caller: Caller) -> list[str] | None:
    """Ids of the organisations that the caller acts for; None for all."""
    addresses = organisations_of(caller)
    return None if addresses is None else [each.partition(":")[2] for each in addresses]


def _narrowed(own: list[str] | None, asked: str | None) -> list[str] | None:
    """The organisations to look at: those one may see, or the one of them that was asked for."""
    if asked is None:
        return own
    return [asked] if own is None or asked in own else []


def _activities(rows: Sequence[Activity]) -> list[dict[str, Any]]:
    texts = texts_of(row.text for row in rows)
    return [
        {
            "activity": row.activity,
            "entry": row.since,
            "organisation": row.organisation,
            "category": row.category,
            "starts": row.starts or None,
            "ends": row.ends or None,
            "text": texts.get(row.text, {}),
        }
        for row in rows
    ]


def _record(row: Record) -> dict[str, Any]:
    shown = row._asdict()
    shown["entry"] = row.since
    shown["reasons"] = [reason for reason in row.reasons.split("+") if reason]
    shown["paid_minutes"] = row.paid
    shown["points_hundredths"] = row.points
    shown["points_lapse"] = row.vintage
    shown["deposited_minutes"] = row.deposited
    shown["overflow_minutes"] = row.overflow
    return shown
