"""Organisations and teams below one's own, and who works there: register them, let them in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, g, request
from flask.typing import ResponseReturnValue

from api.current import current_book
from api.pages.calling import every, read
from api.pages.guard import for_roles, page, pages, session_sent
from api.pages.office.desk import (
    Field,
    Form,
    Options,
    after,
    answered,
    choices,
    names_of_organisations,
    what_was_done,
)
from api.pages.qr import drawn_qr
from api.reads.asking import acts_for, not_there
from api.reads.parties import get_organisation, list_organisations
from api.reads.staff import list_staff
from api.writes.parties import register_organisation, register_staff
from api.writes.tokens import make_sign_in_link
from ledger.actions.parties import FORMS, TIERS
from ledger.door import sessions
from ledger.sequencer import Receipt

STAFF: Final = "/office/staff"
BELOW: Final = "/office/organisations"


@pages.get("/office/staff")
@for_roles("organisation")
def staff() -> Response:
    """Who records, approves and reviews here and below."""
    found = read(list_staff, after())
    return page(
        "office/staff",
        found=found,
        done=what_was_done(),
        names=names_of_organisations([one["organisation"] for one in found["data"]]),
    )


@pages.route("/office/staff/new", methods=["GET", "POST"])
@for_roles("organisation")
def register_worker() -> ResponseReturnValue:
    """Register somebody who works here or below."""
    return answered(
        Form(
            act="register_staff",
            view=register_staff,
            back=STAFF,
            fields=(
                Field(name="name"),
                Field(name="number", required=False, label="staff_number"),
                Field(
                    name="organisation", kind="choice", options=own_and_below(), value=g.caller.id
                ),
            ),
        )
    )


@pages.route("/office/staff/<id:worker>/link", methods=["GET", "POST"])
@for_roles("organisation")
def staff_link(worker: str) -> ResponseReturnValue:
    """A link with which somebody who works here signs in, shown once."""
    return _link(f"staff:{worker}", STAFF)


@pages.get("/office/organisations")
@for_roles("organisation")
def organisations() -> Response:
    """What stands directly below one's own, or below one of those."""
    of = request.args.get("of", "") or g.caller.id
    if not acts_for(g.caller, f"organisation:{of}"):
        raise not_there()
    top = read(get_organisation, organisation=of)
    found = read(list_organisations, {**after(), "parent": of})
    return page("office/organisations", top=top, found=found, done=what_was_done())


@pages.route("/office/organisations/new", methods=["GET", "POST"])
@for_roles("organisation")
def register_below() -> ResponseReturnValue:
    """Register an organisation or a team below one's own."""
    return answered(
        Form(
            act="register_organisation",
            view=register_organisation,
            back=BELOW,
            read_typed=_with_form,
            fields=(
                Field(name="name", label="organisation_name"),
                # `form` is the name of the session's token in every form of ours.
                Field(name="shape", kind="choice", options=choices("form", FORMS), label="form"),
                Field(name="organisation_code", required=False, hint="organisation_code"),
                Field(
                    name="tier", kind="choice", options=choices("tier", TIERS), value="community"
                ),
                Field(
                    name="parent",
                    kind="choice",
                    options=own_and_below(),
                    value=g.caller.id,
                    label="parent",
                ),
            ),
        )
    )


@pages.route("/office/organisations/<id:organisation>/link", methods=["GET", "POST"])
@for_roles("organisation")
def organisation_link(organisation: str) -> ResponseReturnValue:
    """A link with which the desk of one below signs in, shown once."""
    return _link(f"organisation:{organisation}", BELOW)


def _with_form(body: dict[str, Any]) -> dict[str, Any]:
    shape = body.pop("shape", "")
    return {**body, "form": shape}


def own_and_below() -> Options:
    """One's own organisation and what stands below it, each with its name, the nearest first."""
    own = read(get_organisation, organisation=g.caller.id)
    found: list[tuple[str, str]] = [(own["organisation"], own.get("name", own["organisation"]))]
    level = [own["organisation"]]
    while level:
        children: list[Mapping[str, Any]] = [
            child for parent in level for child in every(list_organisations, {"parent": parent})
        ]
        found += [
            (one["organisation"], one.get("name", one["organisation"]))
            for one in children
            if one["state"] == "active"
        ]
        level = [one["organisation"] for one in children]
    return found


def _link(party: str, back: str) -> ResponseReturnValue:
    sessions.refuse_unless_lately_for(current_book(), session_sent(), g.caller, party)
    form = Form(
        act="link",
        view=make_sign_in_link,
        back=back,
        fixed={"party": party},
        fields=(Field(name="hours", kind="number", required=False, hint="hours"),),
        whom=_who(party),
    )

    def shown_once(receipt: Receipt, once: Mapping[str, Any]) -> ResponseReturnValue:
        return page(
            "office/link",
            form=form,
            once=once,
            entry_number=receipt.entry.index,
            qr=drawn_qr(once["link"]) if once else None,
        )

    return answered(form, shown_once)


def _who(party: str) -> str:
    """What somebody is called, among those whom the caller may let in."""
    kind, _, one = party.partition(":")
    if kind == "organisation":
        if one not in (ours := dict(own_and_below())):
            raise not_there()
        return ours[one]
    for each in every(list_staff):
        if each["staff"] == one:
            return str(each.get("name", one))
    raise not_there()
