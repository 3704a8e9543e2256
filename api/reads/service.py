"""Reading activities and service records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, validates_schema
from sqlalchemy import Connection

from api.caller import current_caller
from api.current import current_book, current_state
from api.reads.asking import (
    PAGE_MAX,
    Page,
    PageFromEitherEnd,
    acts_for,
    log_look,
    not_there,
    organisations_of,
    page,
    page_of,
    reading,
    texts_of,
)
from api.reads.parties import PURPOSE_OF_ROLE
from api.routes import invalid
from api.schemas import Choice, Id, Moment, Whole
from ledger import account
from ledger.actions.service import EVIDENCE
from ledger.book import Caller
from ledger.decide.review import review_needed, why_not_reviewer
from ledger.decide.service import STANDS, policy_of
from ledger.door.tree import rows as rows_of
from ledger.rows import Activity, Record, Terms
from ledger.standing import DAY_MS, Standing
from ledger.store import queries
from ledger.store.objections import objected_records

ENDS: Final = ("service_refused", "service_reversed")
"""Kinds of the entries after which a record counts no more."""


class PageOfActivities(Page):
    """Which activities."""

    organisation = Id()


class PageOfRecords(PageFromEitherEnd):
    """Which service records."""

    state = Choice("effective", "held", "refused", "reversed")
    volunteer = Id()
    organisation = Id()
    awaiting = Choice(
        "me", metadata={"description": "only held ones that the caller may decide: reviewers"}
    )
    order = Choice(
        "service_day",
        metadata={
            "description": "by when the service began, and not by entry; `starting_after` is the"
            " `entry` of the last item all the same"
        },
    )
    saved = Choice(
        "no",
        metadata={
            "description": "only what can still be saved: effective, of this ledger, and nothing"
            " of it is in saved time"
        },
    )

    @validates_schema
    def _one_order(self, data: Mapping[str, Any], **_: Any) -> None:
        if "awaiting" in data and ("order" in data or "saved" in data):
            raise ValidationError(
                "not_a_choice|what waits is listed by entry; leave this out", "awaiting"
            )
        if "saved" in data and "order" not in data:
            raise ValidationError("not_a_choice|list these with order=service_day", "saved")


class ActivitySchema(Schema):
    """An activity of an organisation."""

    activity = Id(required=True)
    entry = Whole(required=True, least=0)
    organisation = Id(required=True)
    category = fields.String(required=True)
    starts = Moment(required=True, allow_none=True, metadata={"description": "null if unknown"})
    ends = Moment(required=True, allow_none=True, metadata={"description": "null if unknown"})
    training = fields.String(
        required=True, metadata={"description": "id of the course to complete before; or empty"}
    )
    insurance = fields.String(required=True, metadata={"description": "`required`, or empty"})
    min_age = Whole(required=True, least=0, metadata={"description": "years; 0: any age"})
    participants = Whole(required=True, least=0, metadata={"description": "0: not said"})
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
    review = Choice(
        "host",
        "top",
        required=True,
        allow_none=True,
        metadata={
            "description": "whose reviewer a held record waits for: the host organisation or one"
            " above it, or the top of the tree; null where nothing waits"
        },
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
    objection = Choice(
        "open",
        required=True,
        allow_none=True,
        metadata={"description": "`open` while the volunteer's objection to it awaits an answer"},
    )


class EndedSchema(Schema):
    """Why a record no longer counts."""

    entry = Whole(required=True, least=0)
    time = Moment(required=True)
    kind = Choice(*ENDS, required=True)
    replaced_by = fields.String(
        required=True, metadata={"description": "the record that corrects it; may be empty"}
    )
    text = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "what whoever decided it wrote, by field"},
    )


class ReviewsLatelySchema(Schema):
    """How long reviews of the same tier took lately, in working days from the day of entry."""

    decisions = Whole(required=True, least=1)
    span_days = Whole(required=True, least=1, metadata={"description": "over how many days"})
    median_working_days = Whole(
        required=True, least=0, metadata={"description": "half of them took no longer"}
    )
    most_working_days = Whole(
        required=True, least=0, metadata={"description": "nine of ten took no longer"}
    )


class WholeRecordSchema(RecordSchema):
    """A session of service, and what stands in its way."""

    overlaps = fields.List(
        Id(),
        required=True,
        metadata={
            "description": "the volunteer's other records of the same time, for them alone; of a"
            " held record, else empty"
        },
    )
    ended = fields.Nested(
        EndedSchema,
        required=True,
        allow_none=True,
        metadata={"description": "null while it is effective or held"},
    )
    reviews_lately = fields.Nested(
        ReviewsLatelySchema,
        required=True,
        allow_none=True,
        metadata={
            "description": "of a held record: how it was, which promises nothing; null where there"
            " were too few decisions to tell"
        },
    )
    recorder_name = fields.String(
        metadata={
            "description": "of whoever recorded it, for organisations, reviewers and operators;"
            " absent where none is known"
        }
    )
    approver_name = fields.String(metadata={"description": "of whoever approved it; likewise"})


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
    if query.get("awaiting"):
        found, more = _awaiting(caller, query)
        return page(found, more)
    if caller.role == "volunteer":
        if volunteer not in (None, caller.id):
            # Another's records answer as if there were none.
            return page([], False)
        volunteer = caller.id
    else:
        own = _organisations_seen(caller)
    organisations = _narrowed(own, query.get("organisation"))
    with current_book().database.reading() as connection:
        if "order" in query:
            rows, more = _by_day(connection, query, volunteer, organisations)
        else:
            rows, more = queries.records_page(
                connection,
                after=query["starting_after"],
                limit=query["limit"],
                state=query.get("state"),
                volunteer=volunteer,
                organisations=organisations,
                newest_first="newest_first" in query,
            )
    log_look(caller, *(f"service-records/{row.record}" for row in rows))
    return page(_records(rows), more)


@reading(
    "/service-records/<id:record>",
    "get_service_record",
    answer=WholeRecordSchema,
    roles=("operator", "organisation", "reviewer", "volunteer", "auditor"),
    scope="service-records:read",
    refusals=("not_found",),
    tag="service-records",
    auditors_say_why=True,
)
def get_service_record(record: str) -> dict[str, Any]:
    """One service record; of one that was refused or reversed, why.

    An auditor says why in a `Reason` header; an operator need not, as for the list.
    """
    caller = current_caller()
    with current_book().database.reading() as connection:
        row = queries.record(connection, record)
    if row is None:
        raise not_there()
    if caller.role == "volunteer":
        seen = row.volunteer == caller.id
    elif row.organisation:
        seen = acts_for(caller, f"organisation:{row.organisation}")
    else:
        # It came over from another ledger: whoever answers for the volunteer sees it.
        seen = acts_for(caller, f"volunteer:{row.volunteer}")
    if not seen:
        raise not_there()
    log_look(caller, f"service-records/{record}")
    overlaps = _overlaps(row) if caller.id == row.volunteer else []
    shown = _records([row])[0]
    whole = {"overlaps": overlaps, "ended": _ended(row), "reviews_lately": _lately(shown)}
    return shown | whole | _names_of_staff(row, caller)


def _lately(shown: Mapping[str, Any]) -> dict[str, Any] | None:
    """How long reviews like the one that a held record waits for took lately."""
    if shown["review"] is None:
        return None
    book = current_book()
    found = current_state().review_times.lately(book, shown["review"], book.clock.now_ms())
    return None if found is None else asdict(found)


def _names_of_staff(row: Record, caller: Caller) -> dict[str, str]:
    """Who recorded and approved it, by name, for those who answer for records: whoever they work
    for. Each look at a name is in the access log."""
    if caller.role not in ("operator", "organisation", "reviewer") or not row.organisation:
        return {}
    book = current_book()
    found = book.vault.read_many(
        [row.recorder, row.approver],
        ["name"],
        by=caller.party,
        purpose=PURPOSE_OF_ROLE[caller.role],
        at=book.clock.now_ms(),
    )
    both = {"recorder_name": row.recorder, "approver_name": row.approver}
    return {one: found[staff]["name"] for one, staff in both.items() if "name" in found[staff]}


def _by_day(
    connection: Connection,
    query: Mapping[str, Any],
    volunteer: str | None,
    organisations: list[str] | None,
) -> tuple[list[Record], bool]:
    """A page by day of service. Raises Problem where it is to begin after an entry that made no
    record of these: when another's session was, nobody learns from where a page begins."""
    after = None
    if query["starting_after"] >= 0:
        after = queries.record_made_by(
            connection, query["starting_after"], volunteer=volunteer, organisations=organisations
        )
        if after is None:
            no = "out_of_range|this is the entry of the last record of the page before"
            raise invalid({"query": {"starting_after": [no]}})
    return queries.records_by_day(
        connection,
        after=after,
        limit=query["limit"],
        state=query.get("state"),
        volunteer=volunteer,
        organisations=organisations,
        unsaved="saved" in query,
        newest_first="newest_first" in query,
    )


def _overlaps(held: Record) -> list[str]:
    """The volunteer's records that stand and cover part of what a held one claims, by start."""
    if held.state != "held":
        return []
    book = current_book()
    with book.database.reading() as connection:
        near = book.standing_in(connection).sessions_between(
            held.volunteer, held.check_in - DAY_MS, held.check_out
        )
    return [
        each.record
        for each in sorted(near, key=lambda each: each.check_in)
        if each.record != held.record
        and each.state in STANDS
        and each.check_in < held.check_out
        and held.check_in < each.check_out
    ]


def _ended(row: Record) -> dict[str, Any] | None:
    """The entry that refused or reversed a record, with the words of whoever decided it."""
    if row.state in STANDS:
        return None
    book, after = current_book(), row.since
    owner = account.volunteer(row.volunteer)
    while entries := book.history(owner, after=after, limit=PAGE_MAX):
        for entry in entries:
            if entry.kind in ENDS and entry.facts["record"] == row.record:
                reason = str(entry.facts["reason"])
                return {
                    "entry": entry.index,
                    "time": entry.time,
                    "kind": entry.kind,
                    "replaced_by": entry.facts.get("replaced_by", ""),
                    "text": texts_of([reason]).get(reason, {}),
                }
        after = entries[-1].index
    return None


def _awaiting(caller: Caller, query: Mapping[str, Any]) -> tuple[list[dict[str, Any]], bool]:
    """The held records that the caller may decide, and whether more follow: for an operator all,
    for a reviewer those of their tree, tier and taking no part; for everybody else none."""
    if caller.role not in ("operator", "reviewer") or query.get("state", "held") != "held":
        return [], False
    own, book = _organisations_seen(caller), current_book()
    found: list[Record] = []
    after, more = query["starting_after"], True
    with book.database.snapshot() as connection:
        standing = book.standing_in(connection)
        while more and len(found) <= query["limit"]:
            rows, more = queries.records_page(
                connection,
                after=after,
                limit=PAGE_MAX,
                state="held",
                volunteer=query.get("volunteer"),
                organisations=_narrowed(own, query.get("organisation")),
            )
            found += [row for row in rows if _may_decide(caller, row, standing)]
            after = rows[-1].since if rows else after
    return _records(found[: query["limit"]]), len(found) > query["limit"]


def _may_decide(caller: Caller, row: Record, standing: Standing) -> bool:
    if caller.role == "operator":
        return True
    return why_not_reviewer(row, caller.id, standing, policy_of(row, standing)) is None


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
    terms: dict[str, Terms] = rows_of(current_book(), "terms", [row.activity for row in rows])
    return [
        {
            **_asked(terms.get(row.activity)),
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


def _asked(terms: Terms | None) -> dict[str, Any]:
    """What an activity asks of those who take part."""
    return {
        "training": terms.training if terms else "",
        "insurance": terms.insurance if terms else "",
        "min_age": terms.min_age if terms else 0,
        "participants": terms.participants if terms else 0,
    }


def _records(rows: Sequence[Record]) -> list[dict[str, Any]]:
    """What there is to show of these records."""
    reviews: dict[str, str] = {}
    with current_book().database.reading() as connection:
        objected = objected_records(connection, rows)
    held = [row for row in rows if row.state == "held"]
    if held:
        book = current_book()
        with book.database.reading() as connection:
            standing = book.standing_in(connection)
            reviews = {
                row.record: review_needed(row, standing, policy_of(row, standing)) for row in held
            }
    return [
        _record(row)
        | {
            "review": reviews.get(row.record),
            "objection": "open" if row.record in objected else None,
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
