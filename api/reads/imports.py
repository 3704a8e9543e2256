"""Reading what became, or would become, of the files that an organisation uploaded."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from flask import current_app
from marshmallow import Schema, fields

from api.caller import current_caller
from api.current import current_book
from api.reads.asking import PAGE, PAGE_MAX, Number, not_there, reading
from api.schemas import Choice, Id, Moment, Strict, Whole
from ledger.door import imports
from ledger.door.import_files import cells_of
from ledger.errors import Refused
from ledger.intake.rows import HEADER
from ledger.store.imports import STATES, Import

TAG: Final = "imports"
ROLES: Final = ("organisation",)
OUTCOMES: Final = ("effective", "held", "refused", "skipped")
RECORDS_MAX: Final = 10_000_000
_READ: Final = "service-records:read"
_SHOWN: Final = {
    "volunteer_number": HEADER.index("志愿者编号"),
    "activity_number": HEADER.index("活动编号"),
    "activity": HEADER.index("活动名称"),
    "check_in": HEADER.index("签到"),
    "check_out": HEADER.index("签退"),
}
"""What a list shows of a row, as it was written."""


class ImportsQuery(Strict):
    """Which uploads."""

    limit = Number(least=1, most=PAGE_MAX, load_default=PAGE)
    made_before = Number(
        least=0,
        most=2**53 - 1,
        load_default=0,
        metadata={"description": "`made_ms` of the last one of the page before"},
    )


class RowsQuery(Strict):
    """Which rows of an upload."""

    outcome = Choice(*OUTCOMES)
    limit = Number(least=1, most=PAGE_MAX, load_default=PAGE)
    starting_after = Number(
        least=0,
        most=RECORDS_MAX,
        load_default=0,
        metadata={"description": "`record` of the last row of the page before"},
    )


class ImportSchema(Schema):
    """An upload. Nobody is named in it."""

    import_id = Id(required=True)
    state = Choice(*STATES, required=True)
    why = fields.String(
        required=True,
        metadata={
            "description": "the code of what stopped it; `person_forgotten` where rows of somebody"
            " who was forgotten since are empty now; or empty"
        },
    )
    revision = Whole(
        required=True, metadata={"description": "counts its dry runs; send it with what you change"}
    )
    records = Whole(required=True, least=0, metadata={"description": "after the header"})
    done = Whole(required=True, least=0, metadata={"description": "of them recorded or refused"})
    made = Moment(required=True)
    made_ms = Whole(required=True, least=0)
    changed = Moment(required=True)
    until = Moment(
        required=True, allow_none=True, metadata={"description": "when the file goes; null: gone"}
    )


class WholeImportSchema(ImportSchema):
    """An upload, with the sums of its report (without `lines`): what it would come to, and once
    it is committed what it came to."""

    report = fields.Dict(keys=fields.String(), required=True)


class ImportPageSchema(Schema):
    """Uploads, the newest first."""

    data = fields.List(fields.Nested(ImportSchema), required=True)
    has_more = fields.Boolean(required=True)


class ImportRowSchema(Schema):
    """One row's fate, and what it says as long as the file is kept."""

    record = Whole(required=True, metadata={"description": "its number after the header"})
    line = Whole(required=True, metadata={"description": "of the file on which it starts"})
    outcome = Choice(*OUTCOMES, required=True)
    reasons = fields.List(fields.String(), required=True)
    minutes = Whole(required=True, least=0)
    volunteer_number = fields.String()
    activity_number = fields.String()
    activity = fields.String()
    check_in = fields.String()
    check_out = fields.String()


class ImportRowPageSchema(Schema):
    """Rows in file order."""

    data = fields.List(fields.Nested(ImportRowSchema), required=True)
    has_more = fields.Boolean(required=True)


@reading(
    "/imports",
    "list_imports",
    answer=ImportPageSchema,
    query=ImportsQuery,
    roles=ROLES,
    scope=_READ,
    tag=TAG,
)
def list_imports(query: Mapping[str, Any]) -> dict[str, Any]:
    """Files that the organisation uploaded in the last ninety days, the newest first."""
    found, more = imports.recent(
        current_book(), current_caller(), before=query["made_before"], limit=query["limit"]
    )
    return {"data": [described(each) for each in found], "has_more": more}


@reading(
    "/imports/<id:import_id>",
    "get_import",
    answer=WholeImportSchema,
    roles=ROLES,
    scope=_READ,
    refusals=("not_found",),
    tag=TAG,
)
def get_import(import_id: str) -> dict[str, Any]:
    """One upload: how far it is, and what it comes to."""
    row = import_of_ours(import_id)
    report = imports.report(current_book(), row)
    return described(row) | {
        "report": {name: value for name, value in report.items() if name != "lines"}
    }


@reading(
    "/imports/<id:import_id>/rows",
    "list_import_rows",
    answer=ImportRowPageSchema,
    query=RowsQuery,
    roles=ROLES,
    scope=_READ,
    refusals=("not_found",),
    tag=TAG,
)
def list_import_rows(query: Mapping[str, Any], import_id: str) -> dict[str, Any]:
    """What becomes of each row, and why."""
    row = import_of_ours(import_id)
    lines = [
        each
        for each in imports.report(current_book(), row)["lines"]
        if each["record"] > query["starting_after"]
        and query.get("outcome") in (None, each["outcome"])
    ]
    shown, more = lines[: query["limit"]], len(lines) > query["limit"]
    cells = cells_kept(row, [each["record"] for each in shown])
    return {
        "data": [each | _said(cells.get(each["record"], ())) for each in shown],
        "has_more": more,
    }


def import_of_ours(import_id: str) -> Import:
    """An upload of the caller's own. Raises Problem."""
    try:
        return imports.found(current_book(), current_caller(), import_id)
    except Refused:
        raise not_there() from None


def cells_kept(row: Import, records: Collection[int]) -> Mapping[int, Sequence[str]]:
    """What stands in these rows, by record number, logged as a look; {} once the file is gone."""
    if not row.until or not records:
        return {}
    book = current_book()
    imports.log_look(book, current_caller(), row)
    try:
        return cells_of(imports.content_of(book, row), set(records))
    except Refused as no:
        # Its time came between our two looks.
        current_app.extensions["sidereal_log"].info("import_file_gone", code=no.code)
        return {}


def described(row: Import) -> dict[str, Any]:
    """What is shown of an upload, without its report."""
    return {
        "import_id": row.import_id,
        "state": row.state,
        "why": row.why,
        "revision": row.revision,
        "records": row.records,
        "done": imports.done(current_book(), row),
        "made": row.made,
        "made_ms": row.made,
        "changed": row.changed,
        "until": row.until or None,
    }


def _said(cells: Sequence[str]) -> dict[str, str]:
    return {name: cells[at].strip() for name, at in _SHOWN.items() if at < len(cells)}
