"""A volunteer's statement, to take along (docs/statement.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, request
from marshmallow import Schema, fields

from api.caller import current_caller
from api.current import current_book
from api.reads.asking import CURSOR_MAX, Number, reading, reads
from api.schemas import Strict, Whole
from ledger.door import statements

_TEXT: Final = "text/plain"
_JSON: Final = "application/json"


class WhichRecords(Strict):
    """Where a statement begins."""

    starting_after = Number(
        least=-1,
        most=CURSOR_MAX,
        load_default=-1,
        metadata={"description": "the `last` of the statement before, where one was not enough"},
    )


class StatementSchema(Schema):
    """A signed statement, and what it holds."""

    statement = fields.String(
        required=True, metadata={"description": "the file, to be kept and sent unchanged"}
    )
    records = Whole(required=True, least=1)
    minutes = Whole(required=True, least=1, metadata={"description": "of service"})
    size = Whole(required=True, least=1, metadata={"description": "entries that it speaks of"})
    last = Whole(required=True, least=0, metadata={"description": "its last record's entry"})
    has_more = fields.Boolean(
        required=True, metadata={"description": "whether there are records that did not fit"}
    )
    entry = Whole(required=True, least=0, metadata={"description": "the entry that it was issued"})


@reading(
    "/volunteers/<id:volunteer>/statement",
    "get_statement",
    answer=StatementSchema,
    query=WhichRecords,
    roles=("organisation", "volunteer"),
    scope="statements:read",
    refusals=(
        "unknown_party",
        "consent_missing",
        "nothing_to_state",
        "no_checkpoint",
        "not_yet_covered",
        "not_acceptable",
        "clock_unsure",
        "stopping",
    ),
    tag="statements",
    also=reads.alt_response(
        200,
        schema={"type": "string"},
        content_type=_TEXT,
        description="Statement; as text/plain the bare file",
    ),
)
def get_statement(query: Mapping[str, Any], volunteer: str) -> dict[str, Any] | Response:
    """A volunteer's effective records, signed, with their proofs: for the volunteer, and for an
    organisation to which they consented (`share_records`). An entry says that it was issued.

    `409 not_yet_covered` with Retry-After until a checkpoint covers every record.
    """
    issued = statements.issue(
        current_book(), current_caller(), volunteer=volunteer, after=query["starting_after"]
    )
    text = issued.statement.decode()
    if request.accept_mimetypes.best_match([_JSON, _TEXT], default=_JSON) == _TEXT:
        return Response(text, content_type=f"{_TEXT}; charset=utf-8")
    return {
        "statement": text,
        "records": issued.records,
        "minutes": issued.minutes,
        "size": issued.size,
        "last": issued.last,
        "has_more": issued.has_more,
        "entry": issued.entry,
    }
