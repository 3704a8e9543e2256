"""Patterns for auditors to look into."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from marshmallow import Schema, fields

from api.caller import current_caller
from api.current import current_book
from api.reads.asking import PAGE, PAGE_MAX, Number, log_look, reading
from api.schemas import Choice, Day, Id, Strict, Whole
from ledger.anomalies import WHY
from ledger.door.anomalies import look

WHO: Final = ("activity", "approver", "organisation", "recorder", "volunteer")


class WhichFindings(Strict):
    """How far to look."""

    since = Day(metadata={"description": "only sessions that began on that day or later"})
    limit = Number(
        least=1,
        most=PAGE_MAX,
        load_default=PAGE,
        metadata={"description": "how many findings at most, the heaviest first"},
    )


class ExampleSchema(Schema):
    """One record of a finding."""

    record = Id(required=True)
    entry = Whole(required=True, least=0)


class FindingSchema(Schema):
    """Something to look into: a question, not a verdict."""

    kind = Choice(*WHY, required=True)
    who = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": f"ids; of {', '.join(WHO)}, those that it is about"},
    )
    count = Whole(required=True, least=1, metadata={"description": "records in the pattern"})
    share_thousandths = Whole(
        required=True, least=0, metadata={"description": "of all records it could have been"}
    )
    minutes = Whole(required=True, least=0, metadata={"description": "what those records brought"})
    weight = Whole(
        required=True, least=0, metadata={"description": "minutes times share: the order"}
    )
    examples = fields.List(fields.Nested(ExampleSchema), required=True)
    why = fields.String(required=True, metadata={"description": "why it matters"})


class FindingsSchema(Schema):
    """The heaviest findings, and how many there are."""

    data = fields.List(fields.Nested(FindingSchema), required=True)
    findings = Whole(required=True, least=0, metadata={"description": "in all"})


@reading(
    "/anomalies",
    "list_anomalies",
    answer=FindingsSchema,
    query=WhichFindings,
    roles=("operator", "auditor"),
    scope="anomalies:read",
    refusals=("bad_time",),
    tag="anomalies",
    auditors_say_why=True,
)
def list_anomalies(query: Mapping[str, Any]) -> dict[str, Any]:
    """Patterns in service records that an auditor should look into, the heaviest first.

    Reads every record of the time asked for. An auditor says why in a `Reason` header.
    """
    since = query.get("since")
    found = look(current_book(), since=date.fromisoformat(since) if since else None)
    shown = found[: query["limit"]]
    records = {record for each in shown for record, _ in each.examples}
    log_look(current_caller(), *(f"service-records/{each}" for each in sorted(records)))
    return {"data": [each.as_dict() for each in shown], "findings": len(found)}
