"""Uploading a file of service records: tried first, changed where it must be, then committed.

These write no entry by themselves. What a key stands for is known as long as the upload is, so the
same one answers with the same upload; what would be done twice is known by its revision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import Response, request
from marshmallow import Schema, ValidationError, fields, validates_schema

from api.caller import current_caller, require
from api.current import current_book, current_state
from api.reads.imports import RECORDS_MAX, ROLES, TAG, ImportSchema, described, import_of_ours
from api.routes import documented, why_bad_text
from api.schemas import NothingSchema, Strict, Whole
from api.writes.asking import (
    COMMON_REFUSALS,
    KEY_PARAMETERS,
    asking_with,
    idempotency_key,
    json_answer,
    writes,
)
from ledger.door import imports
from ledger.intake.rows import HEADER
from ledger.store.imports import Import

CELL_MAX: Final = 1_000
CHANGES_MAX: Final = 1_000
_RULE: Final = "/imports"
_WRITE: Final = "service-records:write"
_TRIED: Final = "too_many_identities import_running"
_STANDS: Final = "not_found import_state_conflict import_changed"
_FILES: Final = (
    "binary_file empty_file bad_encoding wrong_header unclosed_quote cell_too_long file_too_large"
)

Body = Mapping[str, Any]


class RowChangeSchema(Strict):
    """One row: its twenty cells anew, or left out."""

    record = Whole(required=True, most=RECORDS_MAX)
    cells = fields.List(fields.String(), metadata={"minItems": 20, "maxItems": 20})
    leave_out = fields.Boolean(metadata={"description": "true instead of `cells`"})

    @validates_schema
    def _one_of_two(self, data: Mapping[str, Any], **_: Any) -> None:
        cells = data.get("cells")
        if (cells is None) != bool(data.get("leave_out")):
            raise ValidationError("missing_field|give the row's cells, or leave it out", "cells")
        if cells is not None and len(cells) != len(HEADER):
            raise ValidationError(f"out_of_range|a row has {len(HEADER)} cells", "cells")
        for cell in cells or ():
            if len(cell) > CELL_MAX:
                raise ValidationError(f"too_long|a cell has at most {CELL_MAX} characters", "cells")
            if reason := why_bad_text(cell):
                raise ValidationError(f"bad_text|{reason}", "cells")


class ImportChangesSchema(Strict):
    """What to change before a file is committed."""

    revision = Whole(required=True, metadata={"description": "what was seen"})
    rows = fields.List(
        fields.Nested(RowChangeSchema),
        required=True,
        metadata={"minItems": 1, "maxItems": CHANGES_MAX},
    )

    @validates_schema
    def _some(self, data: Mapping[str, Any], **_: Any) -> None:
        if not 1 <= len(data.get("rows", ())) <= CHANGES_MAX:
            raise ValidationError(f"out_of_range|change 1 to {CHANGES_MAX} rows at a time", "rows")


class ImportCommitSchema(Strict):
    """Commit what was seen."""

    revision = Whole(required=True)


def upload(content: bytes, key: str) -> tuple[Import, bool]:
    """Try a file once, however often this key comes: what it would come to, and whether it had
    been tried before."""
    ask = asking_with(key, _RULE, {}, {})
    made = ask.own_id()
    with current_state().in_flight.alone(ask.mark):
        before = imports.known(ask.book, ask.caller, made)
        row = imports.check(ask.book, ask.caller, content, import_id=made)
    return row, before


def change_rows(body: Body, import_id: str) -> Import:
    """Put other cells into rows or leave rows out, and try the file again."""
    changes = {each["record"]: each.get("cells") for each in body["rows"]}
    import_of_ours(import_id)
    return imports.change(current_book(), current_caller(), import_id, body["revision"], changes)


def commit(body: Body, import_id: str) -> Import:
    """Record what was seen, from now on."""
    import_of_ours(import_id)
    return imports.commit(current_book(), current_caller(), import_id, body["revision"])


def discard(_body: Body, import_id: str) -> Import:
    """Record nothing of it."""
    import_of_ours(import_id)
    return imports.discard(current_book(), current_caller(), import_id)


@writes.route(_RULE, methods=["POST"], tags=[TAG], endpoint="upload_import")
@writes.doc(
    operationId="upload_import",
    parameters=KEY_PARAMETERS,
    requestBody={
        "required": True,
        "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
    },
)
@require(*ROLES, scope=_WRITE)
@documented(writes, [*COMMON_REFUSALS, *_FILES.split(), *_TRIED.split()])
@writes.response(201, ImportSchema)
def upload_import() -> Response:
    """Upload a CSV of service records as it is, to learn each row's fate. Nothing is recorded.

    At most 24 MiB. Its bytes are the body. The same key answers with the same upload.
    """
    row, before = upload(request.get_data(cache=False), idempotency_key())
    return _answer(row, replayed=before)


def _acting(
    rule: str, operation: str, schema: type[Schema], refusals: str
) -> Callable[[Callable[[Body, str], Import]], None]:
    """Publish one of the acts on an upload. The key is asked for as everywhere, and what the
    upload's revision and state say is what keeps anything from being done twice."""

    def decorate(act: Callable[[Body, str], Import]) -> None:
        def view(body: Body, import_id: str) -> Response:
            idempotency_key()
            return _answer(act(body, import_id))

        view.__doc__ = act.__doc__
        made: Any = writes.response(201, ImportSchema)(view)
        made = writes.arguments(schema(), location="json")(made)
        made = documented(writes, [*COMMON_REFUSALS, *refusals.split()])(made)
        made = require(*ROLES, scope=_WRITE)(made)
        made = writes.doc(operationId=operation, parameters=KEY_PARAMETERS)(made)
        path = f"{_RULE}/<id:import_id>{rule}"
        writes.route(path, methods=["POST"], tags=[TAG], endpoint=operation)(made)

    return decorate


_acting(
    "/changes",
    "change_import",
    ImportChangesSchema,
    f"{_STANDS} import_file_gone unknown_row {_TRIED}",
)(change_rows)
_acting("/commit", "commit_import", ImportCommitSchema, f"{_STANDS} import_file_gone")(commit)
_acting("/discard", "discard_import", NothingSchema, "not_found import_state_conflict")(discard)


def _answer(row: Import, *, replayed: bool = False) -> Response:
    shown = ImportSchema().dump(described(row))
    return json_answer(shown, 201, replayed=replayed)
