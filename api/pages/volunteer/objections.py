"""A volunteer's objections: what they said, until when it is answered, and the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, g, request
from flask.typing import ResponseReturnValue

from api.current import current_book
from api.pages.calling import every, read, write
from api.pages.guard import for_roles, page, pages
from api.pages.troubles import Noes, Trouble, trouble_of
from api.pages.volunteer.asked import activities_of, names, newest_first, typed, went_through
from api.pages.volunteer.records import title_of
from api.problems import Problem
from api.reads.objections import get_objection, list_objections
from api.reads.rewards import get_redemption
from api.reads.service import get_service_record
from api.reads.stars import list_star_cases
from api.writes.objections import file_objection
from ledger.actions.objections import SUBJECTS
from ledger.ids import is_id


@pages.get("/me/objections")
@for_roles("volunteer")
def my_objections() -> Response:
    """Mine, newest first, with the day by which each is answered."""
    found = read(list_objections, newest_first())
    return page(
        "volunteer/objections",
        found=found["data"],
        more=found["has_more"],
        names=names(each["organisation"] for each in found["data"]),
    )


@pages.get("/me/objections/<id:objection>")
@for_roles("volunteer")
def my_objection(objection: str) -> Response:
    """One of them: my words, what was done about it, and the answer."""
    one = read(get_objection, objection=objection)
    asked = {one["organisation"], *(step.get("organisation", "") for step in one["steps"])}
    return page("volunteer/objection", one=one, about=_about(one), names=names(asked))


@pages.get("/me/objections/new")
@for_roles("volunteer")
def new_objection() -> Response:
    """A field for what is wrong, below what it is about."""
    about = {"subject_kind": request.args.get("about", "other"), "text": ""}
    about["subject"] = request.args.get("id", "")
    return _form(about)


@pages.post("/me/objections")
@for_roles("volunteer")
def object_now() -> ResponseReturnValue:
    """File it. What was typed stays where it is refused."""
    said = typed("subject_kind", "subject", "text")
    try:
        receipt, _ = write(file_objection, said)
    except Noes as no:
        return _form(said, trouble_of(no))
    return went_through(receipt)


def _form(said: Mapping[str, str], trouble: Trouble | None = None) -> Response:
    kind, subject = said["subject_kind"], said["subject"]
    if kind not in SUBJECTS or (kind in ("record", "redemption") and not subject):
        raise Problem("not_found", "there is nothing of this kind to object to")
    about = _about(said)
    organisation = about.get("organisation", "")
    return page(
        "volunteer/object",
        trouble.status if trouble else 200,
        said=said,
        about=about,
        names=names([organisation]),
        trouble=trouble,
        answer_days=current_book().policy_of(g.caller.party).dispute_decide_days,
    )


def _about(said: Mapping[str, Any]) -> dict[str, Any]:
    """What an objection is about, as far as it is the volunteer's to see. Raises Problem for what
    is another's or not there."""
    kind, subject = said["subject_kind"], said["subject"]
    if subject and not is_id(subject):
        raise Problem("not_found", "there is nothing under this id")
    if kind == "record":
        record = read(get_service_record, record=subject)
        title = title_of(record, activities_of([record]))
        return {**record, "title": title}
    if kind == "redemption":
        redemption = read(get_redemption, redemption=subject)
        return {**redemption, "title": redemption["item"].get("title", "")}
    if kind == "star" and subject:
        return _star_case(subject)
    return {}


def _star_case(case: str) -> dict[str, Any]:
    """One of the volunteer's star cases. Raises Problem."""
    for each in every(list_star_cases):
        if each["case"] == case:
            return dict(each)
    raise Problem("not_found", "there is no such star case")
