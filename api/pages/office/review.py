"""Held records that await a decision: by tier and reason, one after the other.

A reviewer decides; an organisation sees what waits and for whom. To look decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from flask import Response, g, redirect, request
from flask.typing import ResponseReturnValue

from api.pages.calling import made_here, new_key, read, write
from api.pages.guard import for_roles, page, pages
from api.pages.office.desk import PAGE, names_of_organisations
from api.pages.office.told import activity_names, volunteer_names
from api.pages.troubles import Noes, Trouble, trouble_of
from api.reads.parties import get_volunteer
from api.reads.reviews import get_review
from api.reads.service import get_activity, get_service_record, list_service_records
from api.writes.service import confirm_record, refuse_record

HOME: Final = "/office/review"
TIERS: Final = ("host", "top")
_DONE: Final = ("confirm", "refuse")


@pages.get("/office/review")
@for_roles("organisation", "reviewer")
def review() -> Response:
    """What is held: for a reviewer what they may decide, for an organisation all of it."""
    found = read(list_service_records, _asked(request.args.get("after", "")))
    records = found["data"]
    groups = [
        (tier, _by_reasons([each for each in records if each["review"] == tier])) for tier in TIERS
    ]
    return page(
        "office/review",
        found=found,
        groups=[(tier, some) for tier, some in groups if some],
        names=volunteer_names([each["volunteer"] for each in records]),
        activities=activity_names([each["activity"] for each in records]),
        organisations=names_of_organisations([each["organisation"] for each in records]),
        decides=g.caller.role == "reviewer",
        home="/office/review/" if g.caller.role == "reviewer" else "/office/records/",
        done=_what_was_done(),
    )


@pages.get("/office/review/<id:record>")
@for_roles("reviewer")
def one_review(record: str) -> Response:
    """One held record with the facts that a decision needs."""
    return _one(record)


@pages.post("/office/review/<id:record>/confirm")
@for_roles("reviewer")
def confirm(record: str) -> ResponseReturnValue:
    """Confirm it, and go on to the next."""
    return _decided(record, "confirm", confirm_record, {})


@pages.post("/office/review/<id:record>/refuse")
@for_roles("reviewer")
def refuse(record: str) -> ResponseReturnValue:
    """Turn it down with a reason, and go on to the next."""
    return _decided(record, "refuse", refuse_record, {"reason": request.form.get("reason", "")})


def _decided(
    record: str, what: str, view: Callable[..., Any], body: Mapping[str, str]
) -> ResponseReturnValue:
    follows = _next_after(record)
    try:
        receipt, _ = write(view, body, record=record)
    except Noes as no:
        trouble = trouble_of(no)
        if trouble.code in ("unknown_record", "not_found"):
            raise
        return _one(record, trouble)
    said = f"?done={what}&entry={receipt.entry.index}"
    return redirect(f"{HOME}/{follows}{said}" if follows else f"{HOME}{said}", 303)


def _one(record: str, trouble: Trouble | None = None) -> Response:
    one = read(get_service_record, record=record)
    facts = read(get_review, record=record)
    return page(
        "office/review_one",
        trouble.status if trouble else 200,
        one=one,
        facts=facts,
        volunteer=read(get_volunteer, volunteer=one["volunteer"]),
        activity=read(get_activity, activity=one["activity"]) if one["activity"] else {},
        organisation=names_of_organisations([one["organisation"]]).get(one["organisation"], ""),
        follows=_next_after(record) if facts["may_decide"] else "",
        reason=request.form.get("reason", ""),
        refusing=bool(trouble) and request.path.endswith("/refuse"),
        trouble=trouble,
        key=new_key(),
        done=_what_was_done(),
    )


def _asked(after: str) -> dict[str, str]:
    query = {"state": "held", "starting_after": after, "limit": PAGE}
    return {**query, "awaiting": "me"} if g.caller.role == "reviewer" else query


def _next_after(record: str) -> str:
    """The next record that this reviewer may decide, the first one after the last; "" where
    there is none."""
    for after in (str(read(get_service_record, record=record)["entry"]), ""):
        for each in read(list_service_records, _asked(after) | {"limit": "2"})["data"]:
            if each["record"] != record:
                return str(each["record"])
    return ""


def _by_reasons(
    records: Sequence[Mapping[str, Any]],
) -> list[tuple[tuple[str, ...], list[Mapping[str, Any]]]]:
    """Records by why they are held, in the order in which they came."""
    found: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for each in records:
        found.setdefault(tuple(each["reasons"]), []).append(each)
    return list(found.items())


def _what_was_done() -> tuple[str, int] | None:
    """(what, number of the entry) that this page is to say, if any."""
    what, number = request.args.get("done", ""), made_here(request.args.get("entry", ""))
    return (what, number) if what in _DONE and number is not None else None
