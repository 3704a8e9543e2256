"""A helper on a volunteer's written wish: found by number, seen by masked name, agreed, ended."""

from __future__ import annotations

from typing import Final

from flask import Response, g, redirect, request
from flask.typing import ResponseReturnValue

from api.pages.account.helping import (
    DAYS,
    WHAT,
    body_of,
    chosen,
    helper_of,
    said_scopes,
    sent_form,
    until_of,
)
from api.pages.calling import read, write
from api.pages.guard import for_roles, page, pages
from api.pages.operator.home import number_done
from api.pages.troubles import Noes, Trouble, trouble_of
from api.reads.asking import not_there
from api.reads.helping import list_helpers, masked_names
from api.reads.parties import get_volunteer
from api.reads.staff import find_volunteer
from api.writes.helping import allow_helper, end_help

_FIRST: Final = {"days": "30"}


@pages.route("/operator/helpers", methods=["GET", "POST"])
@for_roles("operator")
def find_helped() -> ResponseReturnValue:
    """Who wishes to be helped: the number goes in the form's body and stands in no address."""
    if request.method != "POST":
        return page("operator/helped_find", trouble=None, number="")
    number = request.form.get("number", "").strip()
    try:
        found = read(find_volunteer, {"number": number})
    except Noes as no:
        trouble = trouble_of(no)
        return page("operator/helped_find", trouble.status, trouble=trouble, number=number)
    return redirect(f"/operator/helpers/{found['volunteer']}", 303)


@pages.get("/operator/helpers/<id:volunteer>")
@for_roles("operator")
def helped(volunteer: str) -> Response:
    """Who may act for somebody, and a form for one more."""
    return _one(volunteer)


@pages.post("/operator/helpers/<id:volunteer>/check")
@for_roles("operator")
def check_helper_of(volunteer: str) -> Response:
    """What will be agreed, with both by name, before it is. Nothing is written."""
    sent = sent_form()
    try:
        helper = helper_of(sent, f"volunteer:{volunteer}")
        return page(
            "operator/helped_agree",
            volunteer=volunteer,
            helped=read(get_volunteer, volunteer=volunteer).get("name", ""),
            helper=masked_names([helper], g.caller).get(helper, ""),
            sent=sent,
            chosen=chosen(sent),
            until=until_of(sent),
        )
    except Noes as no:
        return _one(volunteer, sent, trouble_of(no))


@pages.post("/operator/helpers/<id:volunteer>")
@for_roles("operator")
def agree_on_helper_of(volunteer: str) -> ResponseReturnValue:
    """Somebody may act for a volunteer who wrote that they wish it."""
    sent = sent_form()
    try:
        body = body_of(sent, f"volunteer:{volunteer}")
        receipt, _ = write(allow_helper, body, volunteer=volunteer)
    except Noes as no:
        return _one(volunteer, sent, trouble_of(no))
    return redirect(f"/operator/helpers/{volunteer}?done={receipt.entry.index}", 303)


@pages.post("/operator/helpers/<id:volunteer>/<id:credential>/end")
@for_roles("operator")
def end_helper_of(volunteer: str, credential: str) -> ResponseReturnValue:
    """They act for this volunteer no more, from this moment on."""
    ours = {each["credential"] for each in read(list_helpers, volunteer=volunteer)["data"]}
    if credential not in ours:
        raise not_there()
    try:
        receipt, _ = write(end_help, {}, credential=credential)
    except Noes as no:
        return _one(volunteer, trouble=trouble_of(no))
    return redirect(f"/operator/helpers/{volunteer}?done={receipt.entry.index}", 303)


def _one(
    volunteer: str, sent: dict[str, str] | None = None, trouble: Trouble | None = None
) -> Response:
    return page(
        "operator/helped",
        trouble.status if trouble else 200,
        one=read(get_volunteer, volunteer=volunteer),
        helpers=read(list_helpers, volunteer=volunteer)["data"],
        said_scopes=said_scopes,
        sent=sent or _FIRST,
        trouble=trouble,
        days=DAYS,
        boxes=list(WHAT),
        done=number_done(),
    )
