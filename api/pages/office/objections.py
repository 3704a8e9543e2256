"""Objections at an organisation's desk: until when each is to be answered, and the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, request
from flask.typing import ResponseReturnValue

from api.pages.calling import every, read
from api.pages.guard import for_roles, page, pages
from api.pages.office.desk import (
    Field,
    Form,
    Options,
    after,
    answered,
    choices,
    names_of_members,
    names_of_organisations,
    what_was_done,
)
from api.problems import Problem
from api.reads.objections import get_objection, list_objections
from api.reads.parties import list_organisations
from api.reads.service import get_activity, get_service_record
from api.writes.objections import decide_objection, forward_objection

HOME: Final = "/office/objections"
STATES: Final = ("open", "upheld", "rejected", "all")


@pages.get("/office/objections")
@for_roles("organisation")
def objections() -> Response:
    """Objections that await an answer, the soonest last day first; or those that were decided."""
    state = request.args.get("state", "open")
    state = state if state in STATES else "open"
    found = read(list_objections, {**after(), "state": state})
    return page(
        "office/objections",
        found=found,
        state=state,
        states=STATES,
        members=names_of_members([each["volunteer"] for each in found["data"]]),
    )


@pages.get("/office/objections/<id:objection>")
@for_roles("organisation")
def one_objection(objection: str) -> Response:
    """What was written, what it is about, what was done, until when an answer is due."""
    one = read(get_objection, objection=objection)
    concerned = [step["organisation"] for step in one["steps"] if step.get("organisation")]
    return page(
        "office/objection",
        one=one,
        subject=_subject(one),
        members=names_of_members([one["volunteer"]]),
        names=names_of_organisations([one["organisation"], *concerned]),
        done=what_was_done(),
    )


@pages.route("/office/objections/<id:objection>/decide", methods=["GET", "POST"])
@for_roles("organisation")
def answer_objection(objection: str) -> ResponseReturnValue:
    """Say whether the volunteer is right, and why."""
    form = Form(
        act="answer",
        view=decide_objection,
        ids={"objection": objection},
        back=f"{HOME}/{objection}",
        whom=_whose(objection),
        fields=(
            Field(
                name="outcome",
                kind="choice",
                options=choices("outcome", ("upheld", "rejected")),
            ),
            Field(name="reason", kind="lines", hint="answer"),
        ),
    )
    return answered(form)


@pages.route("/office/objections/<id:objection>/forward", methods=["GET", "POST"])
@for_roles("organisation")
def hand_on_objection(objection: str) -> ResponseReturnValue:
    """Hand it on, once, to the organisation whose answer it is."""
    form = Form(
        act="hand_on",
        view=forward_objection,
        ids={"objection": objection},
        back=f"{HOME}/{objection}",
        whom=_whose(objection),
        fields=(
            Field(name="organisation", kind="choice", options=_everybody(), label="whose_answer"),
        ),
    )
    return answered(form)


def _whose(objection: str) -> str:
    volunteer = read(get_objection, objection=objection)["volunteer"]
    return names_of_members([volunteer]).get(volunteer, "")


def _subject(one: Mapping[str, Any]) -> dict[str, Any] | None:
    """The service record that it is about, with what its activity is called; None for everything
    else and for what is not ours to see."""
    if one["subject_kind"] != "record":
        return None
    try:
        record = read(get_service_record, record=one["subject"])
        activity = {}
        if record["activity"]:
            activity = read(get_activity, activity=record["activity"])["text"]
    except Problem as no:
        if no.code != "not_found":
            raise
        return None
    return {**record, "title": activity.get("name", "")}


def _everybody() -> Options:
    return [
        (each["organisation"], each.get("name", each["organisation"]))
        for each in every(list_organisations, {"state": "active"})
    ]
