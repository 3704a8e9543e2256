"""An organisation's members: the list, whose number it is, one member, what stands about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Response, g, redirect, request
from flask.typing import ResponseReturnValue

from api.pages.calling import every, read
from api.pages.guard import for_roles, page, pages
from api.pages.office.below import own_and_below
from api.pages.office.desk import (
    Field,
    Form,
    after,
    answered,
    done,
    names_of_organisations,
    what_was_done,
)
from api.pages.troubles import Noes, trouble_of
from api.reads.cards import list_cards
from api.reads.credit_lists import list_consents
from api.reads.history import list_history
from api.reads.honours import get_honours
from api.reads.parties import (
    get_standing,
    get_volunteer,
    list_qualifications,
    list_volunteers,
)
from api.reads.service import list_service_records
from api.reads.staff import find_volunteer
from api.writes.parties import register_volunteer

STATES: Final = ("active", "suspended", "left", "deceased", "forgotten")
HOME: Final = "/office/members"
_ON_FILE: Final[Mapping[str, tuple[str, str]]] = {
    "relation_registered": ("relation", "relation_removed"),
    "circumstance_recorded": ("circumstance", "circumstance_removed"),
}
"""Kinds of entries that put something on file, and which fact and kind end it."""


@pages.get("/office/members")
@for_roles("organisation")
def members() -> Response:
    """Who volunteers here or below here, masked, with hours and stars."""
    return _list()


@pages.post("/office/members/find")
@for_roles("organisation")
def find_member() -> ResponseReturnValue:
    """On to the member whose number was typed. A number stands in no address."""
    try:
        found = read(find_volunteer, {"number": request.form.get("number", "")})
    except Noes as no:
        trouble = trouble_of(no)
        return _list(trouble_code=trouble.code, status=trouble.status)
    return redirect(f"{HOME}/{found['volunteer']}", 303)


@pages.route("/office/members/new", methods=["GET", "POST"])
@for_roles("organisation")
def register_member() -> ResponseReturnValue:
    """Register somebody who volunteers."""
    form = Form(
        act="register",
        view=register_volunteer,
        back=HOME,
        fields=(
            Field(name="name"),
            Field(name="identity_number", hint="identity_number"),
            Field(name="number", required=False, hint="number"),
            Field(name="organisation", kind="choice", options=own_and_below(), value=g.caller.id),
            Field(name="guardian_consent", kind="check", required=False, hint="guardian_consent"),
        ),
    )
    return answered(
        form,
        lambda receipt, _: done(f"{HOME}/{receipt.entry.facts['volunteer']}", "register", receipt),
    )


@pages.get("/office/members/<id:volunteer>")
@for_roles("organisation")
def member(volunteer: str) -> Response:
    """One member: standing, honours, cards, consents, qualifications, and what can be done."""
    one = read(get_volunteer, volunteer=volunteer)
    known = one["state"] != "forgotten"
    return page(
        "office/member",
        one=one,
        done=what_was_done(),
        standing=read(get_standing, volunteer=volunteer) if known else None,
        honours=read(get_honours, volunteer=volunteer) if known else None,
        cards=read(list_cards, volunteer=volunteer)["data"],
        consents=list(every(list_consents, volunteer=volunteer)),
        qualifications=list(every(list_qualifications, volunteer=volunteer)),
        names=names_of_organisations([one["organisation"]]),
    )


@pages.get("/office/members/<id:volunteer>/records")
@for_roles("organisation")
def member_records(volunteer: str) -> Response:
    """The service records of a member at organisations that the caller acts for, the newest day of
    service first."""
    query = {**after(), "volunteer": volunteer, "newest_first": "yes", "order": "service_day"}
    return page(
        "office/member_records",
        one=read(get_volunteer, volunteer=volunteer),
        found=read(list_service_records, query),
    )


@pages.get("/office/members/<id:volunteer>/history")
@for_roles("organisation")
def member_history(volunteer: str) -> Response:
    """Every entry about a member, the newest first; what is on file can be ended there."""
    found = read(list_history, {**after(), "newest_first": "yes"}, volunteer=volunteer)
    return page(
        "office/member_history",
        one=read(get_volunteer, volunteer=volunteer),
        found=found,
        can_end=_on_file(volunteer),
    )


def _list(*, trouble_code: str = "", status: int = 200) -> Response:
    state = request.args.get("state", "")
    state = state if state in STATES else ""
    found = read(list_volunteers, {**after(), "state": state})
    standings = {
        one["volunteer"]: read(get_standing, volunteer=one["volunteer"])
        for one in found["data"]
        if one["state"] != "forgotten"
    }
    return page(
        "office/members",
        status,
        found=found,
        standings=standings,
        states=STATES,
        state=state,
        trouble_code=trouble_code,
        done=what_was_done(),
        names=names_of_organisations([one["organisation"] for one in found["data"]]),
    )


def _on_file(volunteer: str) -> dict[int, tuple[str, str]]:
    """By the number of the entry, (what, id) of relations and circumstances that nobody ended. What
    they are stays sealed."""
    begun: dict[str, tuple[int, str]] = {}
    for line in every(list_history, {"about": "other"}, volunteer=volunteer):
        for kind, (fact, ending) in _ON_FILE.items():
            if line["kind"] == kind:
                begun[line["cause"][fact]] = (line["entry"], fact)
            elif line["kind"] == ending:
                begun.pop(line["cause"][fact], None)
    return {entry: (fact, one) for one, (entry, fact) in begun.items()}
