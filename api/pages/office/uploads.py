"""Exports of service records: chosen, tried, looked at, fixed or left out, committed.

Everything that is known of an upload stands in its address and on the server, so that a browser
may be closed at any time. The page of a commit that is under way loads itself again by a script,
and by a link without one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from flask import Response, g, redirect, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from api.current import current_book
from api.pages import words
from api.pages.calling import form_key, may, new_key, read
from api.pages.guard import body_may_have, for_roles, page, pages
from api.pages.troubles import Noes, Trouble, trouble_of
from api.problems import Problem
from api.reads.asking import PAGE, not_there
from api.reads.imports import (
    OUTCOMES,
    cells_kept,
    get_import,
    import_of_ours,
    list_import_rows,
    list_imports,
)
from api.routes import invalid
from api.spreadsheets import csv_file
from api.writes.imports import ImportChangesSchema, change_rows, commit, discard, upload
from ledger.door import imports
from ledger.errors import Refused
from ledger.intake.rows import HEADER
from ledger.store.imports import COMMITTING, OPEN, Import

HOME: Final = "/office/uploads"
FORM_BYTES_MAX: Final = imports.FILE_BYTES_MAX + 65_536
ROWS: Final = str(PAGE)
_COLUMNS_OF: Final[dict[str, tuple[int, ...]]] = {
    "bad_identity_number": (2,),
    "bad_organisation_code": (4,),
    "foreign_organisation": (4,),
    "foreign_activity": (5,),
    "not_volunteer_service": (7,),
    "bad_time": (11, 12, 13, 14, 19),
    "ends_before_it_starts": (13, 14),
    "session_too_long": (13, 14),
    "missing_check_out": (14,),
    "nothing_served": (15,),
    "bad_number": (15,),
    "unknown_evidence": (16,),
    "backfill_banned": (16,),
    "self_recorded": (17, 18),
    "recorder_is_approver": (17, 18),
    "recorded_before_it_ended": (19,),
    "recorded_in_the_future": (19,),
    "late": (19,),
    "identity_conflict": (0, 2),
    "held_for_identity_check": (0, 2, 17, 18),
    "duplicate_record": (5, 13, 14),
    "overlap": (13, 14),
}
"""Which columns a reason speaks of, counted from 0."""
_MAY_BE_EMPTY: Final = frozenset({1, 3, 9, 10, 15})


@pages.get("/office/uploads")
@for_roles("organisation")
def uploads() -> Response:
    """Choose a file; what was uploaded before."""
    return _list()


@pages.post("/office/uploads")
@body_may_have(FORM_BYTES_MAX)
@for_roles("organisation")
def upload_file() -> ResponseReturnValue:
    """Try a file, and go where each row's fate is shown."""
    try:
        _refuse_unless_may()
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            raise Refused("empty_file", "choose a file first")
        row, _ = upload(sent.stream.read(), form_key())
    except Noes as no:
        return _list(trouble_of(no))
    return redirect(f"{HOME}/{row.import_id}", 303)


@pages.get("/office/uploads/<id:import_id>")
@for_roles("organisation")
def one_upload(import_id: str) -> Response:
    """What the file comes to, row by row, and what can be done about it."""
    return _one(import_id)


@pages.post("/office/uploads/<id:import_id>/commit")
@for_roles("organisation")
def commit_upload(import_id: str) -> ResponseReturnValue:
    """Record what was seen; the page says how far it is."""
    return _acted(import_id, lambda: commit({"revision": _revision()}, import_id))


@pages.post("/office/uploads/<id:import_id>/discard")
@for_roles("organisation")
def discard_upload(import_id: str) -> ResponseReturnValue:
    """Record nothing of it."""
    return _acted(import_id, lambda: discard({}, import_id))


@pages.post("/office/uploads/<id:import_id>/leave-out")
@for_roles("organisation")
def leave_rows_out(import_id: str) -> ResponseReturnValue:
    """Leave out the rows that were ticked, and try the rest again."""
    wanted = [{"record": int(each), "leave_out": True} for each in _ticked()]
    if not wanted:
        return redirect(_here(import_id), 303)
    return _acted(import_id, lambda: _changed(import_id, wanted))


@pages.get("/office/uploads/<id:import_id>/rows/<int:record>")
@for_roles("organisation")
def one_row(import_id: str, record: int) -> Response:
    """One row, its twenty cells, and what is the matter with it."""
    return _row(import_id, record)


@pages.post("/office/uploads/<id:import_id>/rows/<int:record>")
@for_roles("organisation")
def fix_row(import_id: str, record: int) -> ResponseReturnValue:
    """Put other cells in, and try the file again."""
    cells = [request.form.get(f"cell-{at}", "") for at in range(len(HEADER))]
    try:
        row = _changed(import_id, [{"record": record, "cells": cells}])
    except Noes as no:
        return _row(import_id, record, trouble=trouble_of(no), cells=cells)
    fate = read(
        list_import_rows, {"starting_after": str(record - 1), "limit": "1"}, import_id=row.import_id
    )["data"][0]
    if fate["outcome"] == "refused":
        return redirect(f"{HOME}/{import_id}/rows/{record}?again=1", 303)
    return redirect(f"{HOME}/{import_id}?fixed={record}&outcome={fate['outcome']}", 303)


@pages.get("/office/uploads/<id:import_id>/<any('report.json', 'report.csv', 'refused.csv'):name>")
@for_roles("organisation")
def download(import_id: str, name: str) -> Response:
    """The whole report, or the rows that were refused, to be fixed and uploaded again."""
    _refuse_unless_may()
    row, book = import_of_ours(import_id), current_book()
    report = imports.report(book, row)
    if name == "report.json":
        body = json.dumps(report, ensure_ascii=False, indent=1).encode() + b"\n"
        return _file(name, body, "application/json")
    if name == "report.csv":
        columns = ("record", "line", "outcome", "reasons", "minutes")
        header = [words.say(f"upload.column.{each}", g.lang) for each in columns]
        rows = [
            (
                str(each["record"]),
                str(each["line"]),
                words.say(f"upload.outcome.{each['outcome']}", g.lang),
                " ".join(_reason(each["outcome"], one) for one in each["reasons"]),
                str(each["minutes"]),
            )
            for each in report["lines"]
        ]
        return _file(name, csv_file(header, rows), "text/csv; charset=utf-8")
    refused = [each["record"] for each in report["lines"] if each["outcome"] == "refused"]
    kept = cells_kept(row, refused)
    return _file(
        name,
        csv_file(HEADER, [kept[each] for each in refused if each in kept]),
        "text/csv; charset=utf-8",
    )


def _list(trouble: Trouble | None = None) -> Response:
    before = request.args.get("before", "")
    return page(
        "office/uploads",
        trouble.status if trouble else 200,
        found=read(list_imports, {"made_before": before, "limit": "20"}),
        trouble=trouble,
        key=new_key(),
        mebibytes=imports.FILE_BYTES_MAX >> 20,
        people=imports.IDENTITIES_A_DAY,
    )


def _one(import_id: str, trouble: Trouble | None = None) -> Response:
    outcome = request.args.get("outcome", "")
    outcome = outcome if outcome in OUTCOMES else ""
    found = read(get_import, import_id=import_id)
    query = {"outcome": outcome, "starting_after": request.args.get("after", ""), "limit": ROWS}
    rows = read(list_import_rows, query, import_id=import_id)
    report = found["report"]
    fixed = request.args.get("fixed", "")
    return page(
        "office/upload",
        trouble.status if trouble else 200,
        one=found,
        counts={
            "effective": report["effective_total"],
            "held": report["held_total"],
            "refused": report["refused_total"],
            "skipped": report["skipped"],
        },
        report=report,
        rows=rows,
        outcome=outcome,
        reason=_reason,
        open=found["state"] in OPEN and found["until"] is not None,
        running=found["state"] == COMMITTING,
        fixed=fixed if fixed.isascii() and fixed.isdigit() and len(fixed) < 9 else "",
        trouble=trouble,
        key=new_key(),
    )


def _row(
    import_id: str, record: int, *, trouble: Trouble | None = None, cells: list[str] | None = None
) -> Response:
    row = import_of_ours(import_id)
    query = {"starting_after": str(max(0, record - 1)), "limit": "1"}
    data = read(list_import_rows, query, import_id=import_id)["data"]
    kept = cells_kept(row, [record]).get(record)
    if not data or data[0]["record"] != record or kept is None:
        raise not_there()
    fate = data[0]
    shown = cells if cells is not None else [*kept, *[""] * len(HEADER)][: len(HEADER)]
    said: dict[int, str] = {}
    for reason in fate["reasons"] if cells is None else ():
        missing = reason == "missing_field"
        for at in range(len(HEADER)) if missing else _COLUMNS_OF.get(reason, ()):
            if not missing or (at not in _MAY_BE_EMPTY and not shown[at].strip()):
                said.setdefault(at, _reason(fate["outcome"], reason))
    return page(
        "office/upload_row",
        trouble.status if trouble else 200,
        one=fate,
        row=row,
        header=HEADER,
        cells=shown,
        said=said,
        whole=[_reason(fate["outcome"], each) for each in fate["reasons"]],
        optional=_MAY_BE_EMPTY,
        odd_length=len(kept) if len(kept) != len(HEADER) else 0,
        open=row.state in OPEN,
        again="again" in request.args,
        trouble=trouble,
        key=new_key(),
    )


def _acted(import_id: str, act: Callable[[], Import]) -> ResponseReturnValue:
    try:
        _refuse_unless_may()
        act()
    except Noes as no:
        trouble = trouble_of(no)
        if trouble.code == "not_found":
            raise
        return _one(import_id, trouble)
    return redirect(_here(import_id), 303)


def _changed(import_id: str, rows: list[dict[str, Any]]) -> Import:
    """Change rows as the API would be asked to. Raises Problem, Refused."""
    _refuse_unless_may()
    try:
        body = ImportChangesSchema().load({"revision": _revision(), "rows": rows})
    except ValidationError as odd:
        raise invalid({"json": odd.messages}) from odd
    return change_rows(body, import_id)


def _refuse_unless_may() -> None:
    """As the routes under `/v1`: a sign-in that may not read records uploads none."""
    if not may(list_imports) or "service-records:write" not in g.caller.scopes:
        raise Refused("scope_missing", "this sign-in was not made for records")


def _revision() -> int:
    typed = request.form.get("revision", "")
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        raise Problem("wrong_type", "this form has lost its revision; open the page again")
    return int(typed)


def _ticked() -> list[str]:
    sent = request.form.getlist("record")
    return [each for each in sent if each.isascii() and each.isdigit() and len(each) < 9]


def _here(import_id: str) -> str:
    return f"{HOME}/{import_id}"


def _reason(outcome: str, code: str) -> str:
    """A reason in a sentence."""
    if outcome == "held":
        return words.say(f"held.{code}", g.lang)
    return words.say(f"why.{words.known(code)}", g.lang)


def _file(name: str, body: bytes, kind: str) -> Response:
    answer = Response(body, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
