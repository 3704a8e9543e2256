"""Service records of an organisation: the list by state, one of them, recording by hand, correcting
with the old and the new side by side, reversing, evaluating."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, g, redirect, request
from flask.typing import ResponseReturnValue

from api.pages import words
from api.pages.calling import every, new_key, read
from api.pages.guard import for_roles, page, pages
from api.pages.office.below import own_and_below
from api.pages.office.desk import (
    Field,
    Form,
    Options,
    after,
    answered,
    choices,
    done,
    names_of_organisations,
    shown,
    what_was_done,
)
from api.pages.office.told import activity_names, volunteer_names
from api.reads.parties import get_volunteer
from api.reads.service import (
    get_activity,
    get_service_record,
    list_activities,
    list_service_records,
)
from api.reads.staff import find_volunteer, list_staff
from api.writes.service import (
    correct_record,
    evaluate_record,
    record_service,
    register_activity,
    reverse_record,
)
from ledger.actions.service import CATEGORIES, CONDUCTS, EVIDENCE
from ledger.sequencer import Receipt
from ledger.standing import china_time

HOME: Final = "/office/records"
STATES: Final = ("effective", "held", "refused", "reversed")
_CORRECTED: Final = (
    *("evidence", "check_in", "check_out", "deducted_minutes", "travel_minutes"),
    *("meal_minutes", "rest_minutes", "recorder", "approver"),
)
"""What a correction states anew."""


@pages.get("/office/records")
@for_roles("organisation")
def records() -> Response:
    """Records of the organisation and of those below it, by state: the newest day of service first,
    or what was entered last."""
    state = request.args.get("state", "")
    state = state if state in STATES else ""
    by_entry = request.args.get("by") == "entry"
    query = {**after(), "state": state, "newest_first": "yes"}
    found = read(list_service_records, query if by_entry else {**query, "order": "service_day"})
    return page(
        "office/records",
        found=found,
        chosen=state,
        states=STATES,
        by_entry=by_entry,
        names=volunteer_names([each["volunteer"] for each in found["data"]]),
        activities=activity_names([each["activity"] for each in found["data"]]),
    )


@pages.get("/office/records/<id:record>")
@for_roles("organisation")
def one_record(record: str) -> Response:
    """One record: what it says, what became of it, and what can be done about it."""
    one = read(get_service_record, record=record)
    names = volunteer_names([one["volunteer"]])
    return page(
        "office/record",
        one=one,
        done=what_was_done(),
        name=names.get(one["volunteer"], ""),
        is_known=one["volunteer"] in names,
        activity=activity_names([one["activity"]]).get(one["activity"], ""),
        organisation=names_of_organisations([one["organisation"]]).get(one["organisation"], ""),
    )


@pages.route("/office/records/new", methods=["GET", "POST"])
@for_roles("organisation")
def record_by_hand() -> ResponseReturnValue:
    """Record a session: effective at once, or held, which the next page says."""
    volunteer = request.args.get("volunteer", "")
    whom: tuple[Field, ...] = (Field(name="number", label="volunteer_number"),)
    fixed: dict[str, Any] = {}
    name = ""
    if volunteer:
        name = read(get_volunteer, volunteer=volunteer).get("name", "")
        whom, fixed = (), {"volunteer": volunteer}
    return answered(
        Form(
            act="record",
            view=record_service,
            back=HOME,
            whom=name,
            also=(f"{HOME}/activity", "activity"),
            fixed=fixed,
            read_typed=_with_volunteer,
            fields=(
                *whom,
                Field(name="activity", kind="choice", options=_activities(), hint="activity"),
                *_session(),
                Field(name="starts", kind="moment", required=False, hint="activity_times"),
                Field(name="ends", kind="moment", required=False),
            ),
        ),
        lambda receipt, _: done(f"{HOME}/{receipt.entry.facts['record']}", "record", receipt),
    )


@pages.route("/office/records/activity", methods=["GET", "POST"])
@for_roles("organisation")
def register_on_the_spot() -> ResponseReturnValue:
    """Register an activity, and go on to recording a session of it."""
    return answered(
        Form(
            act="activity",
            view=register_activity,
            back=f"{HOME}/new",
            fields=(
                Field(name="name", label="activity_name"),
                Field(name="content", kind="lines", hint="content"),
                Field(name="category", kind="choice", options=_categories()),
                Field(name="starts", kind="moment", required=False, hint="published"),
                Field(name="ends", kind="moment", required=False),
                Field(
                    name="organisation", kind="choice", options=own_and_below(), value=g.caller.id
                ),
                Field(name="number", required=False, label="activity_number"),
            ),
        ),
        lambda receipt, _: redirect(f"{HOME}/new?activity={receipt.entry.facts['activity']}", 303),
    )


@pages.route("/office/records/<id:record>/evaluate", methods=["GET", "POST"])
@for_roles("organisation")
def evaluate(record: str) -> ResponseReturnValue:
    """Say what the service was like, once."""
    one = read(get_service_record, record=record)
    scores = [(str(n), str(n)) for n in range(5, 0, -1)]
    return answered(
        Form(
            act="evaluate",
            view=evaluate_record,
            ids={"record": record},
            back=_at(record),
            whom=_whose(one),
            read_typed=_with_score,
            fields=(
                Field(name="score", kind="choice", options=scores, hint="score"),
                Field(name="conduct", kind="choice", options=choices("conduct", CONDUCTS)),
                Field(name="text", kind="lines", required=False),
            ),
        )
    )


@pages.route("/office/records/<id:record>/reverse", methods=["GET", "POST"])
@for_roles("organisation")
def reverse(record: str) -> ResponseReturnValue:
    """Take an effective record back, with what it brought."""
    one = read(get_service_record, record=record)
    return answered(
        Form(
            act="reverse",
            view=reverse_record,
            ids={"record": record},
            back=_at(record),
            whom=_whose(one),
            is_dangerous=True,
            fields=(Field(name="reason", kind="lines", hint="reason"),),
        )
    )


@pages.route("/office/records/<id:record>/correct", methods=["GET", "POST"])
@for_roles("organisation")
def correct(record: str) -> ResponseReturnValue:
    """State a record anew. The old and the new stand side by side before anything is written."""
    one = read(get_service_record, record=record)
    form = Form(
        act="correct",
        view=correct_record,
        ids={"record": record},
        back=_at(record),
        whom=_whose(one),
        fields=(*_session(one), Field(name="reason", kind="lines", hint="reason")),
        read_typed=lambda body: _with_times(body, one),
    )
    if request.method != "POST":
        return shown(form)
    if request.form.get("step") == "confirm":
        return answered(
            form, lambda receipt, _: done(f"{HOME}/{_written(receipt)}", "correct", receipt)
        )
    if request.form.get("step") == "change":
        return shown(form)
    return _side_by_side(form, one)


def _side_by_side(form: Form, one: Mapping[str, Any]) -> ResponseReturnValue:
    """What was and what would be, to be confirmed. Nothing is written."""
    staff = dict(_staff(one))

    def told(name: str, typed: str) -> str:
        if name in ("recorder", "approver"):
            return staff.get(typed, typed)
        return typed.replace("T", " ")

    before = _as_typed(one)
    lines = [
        (name, told(name, before.get(name, "")), told(name, request.form.get(name, "").strip()))
        for name in _CORRECTED
    ]
    return page(
        "office/correct",
        form=form,
        one=one,
        lines=[each for each in lines if each[1] or each[2]],
        same=all(old == new for _, old, new in lines),
        kept={each.name: request.form.get(each.name, "") for each in form.fields},
        key=request.form.get("key", "") or new_key(),
    )


def _session(one: Mapping[str, Any] | None = None) -> tuple[Field, ...]:
    """The fields of a session, filled in from a record where there is one."""
    value = _as_typed(one) if one is not None else {}
    staff = _staff(one)
    return (
        Field(
            name="evidence",
            kind="choice",
            options=choices("evidence", EVIDENCE),
            value=value.get("evidence", ""),
        ),
        Field(name="check_in", kind="moment", value=value.get("check_in", "")),
        Field(name="check_out", kind="moment", value=value.get("check_out", "")),
        *(
            Field(
                name=name,
                kind="number",
                required=False,
                hint="deducted" if name == "deducted_minutes" else "",
                value=value.get(name, ""),
            )
            for name in ("deducted_minutes", "travel_minutes", "meal_minutes", "rest_minutes")
        ),
        Field(name="recorder", kind="choice", options=staff, value=value.get("recorder", "")),
        Field(
            name="approver",
            kind="choice",
            options=staff,
            value=value.get("approver", ""),
            hint="approver",
        ),
    )


def _as_typed(one: Mapping[str, Any]) -> dict[str, str]:
    """A record as its fields would be filled in. What was deducted is what is missing of the whole
    session; what it was deducted for is not known any more."""
    lasted = (one["check_out"] - one["check_in"]) // 60_000
    deducted = lasted - one["minutes"] if one["evidence"] == "check_in" else 0
    return {
        "evidence": one["evidence"],
        "check_in": f"{china_time(one['check_in']):%Y-%m-%dT%H:%M}",
        "check_out": f"{china_time(one['check_out']):%Y-%m-%dT%H:%M}",
        "deducted_minutes": str(deducted) if deducted > 0 else "",
        "recorder": one["recorder"],
        "approver": one["approver"],
    }


def _with_volunteer(body: dict[str, Any]) -> dict[str, Any]:
    """Whose number was typed. Raises Problem where it is nobody's here."""
    number = body.pop("number", "")
    if not number:
        return body
    return {**body, "volunteer": read(find_volunteer, {"number": number})["volunteer"]}


def _with_score(body: dict[str, Any]) -> dict[str, Any]:
    score = body.get("score", "")
    return {**body, "score": int(score)} if score in {"1", "2", "3", "4", "5"} else body


def _with_times(body: dict[str, Any], one: Mapping[str, Any]) -> dict[str, Any]:
    """A correction keeps the activity's times: where none are published, those of the record."""
    activity = read(get_activity, activity=one["activity"]) if one["activity"] else {}
    if activity.get("starts"):
        return body
    return {
        **body,
        **{name: f"{china_time(one[name]):%Y-%m-%dT%H:%M:%S}+08:00" for name in ("starts", "ends")},
    }


def _categories() -> Options:
    return [(each, words.say(f"office.category.{each}", g.lang)) for each in CATEGORIES]


def _activities() -> Options:
    """The newest activities of the organisation and of those below it, by name."""
    found = [(each["activity"], each["text"].get("name", "")) for each in every(list_activities)]
    return [("", ""), *reversed(found)]


def _staff(one: Mapping[str, Any] | None = None) -> Options:
    """Who works here and below, by name, and who recorded and approved this record wherever they
    work; whoever has no name is left unnamed."""
    working = every(list_staff, {"state": "active"})
    found = {each["staff"]: str(each.get("name", each["staff"])) for each in working}
    if one is not None and one["recorder"]:
        for name in ("recorder", "approver"):
            found.setdefault(one[name], one.get(f"{name}_name", one[name]))
    return [("", ""), *found.items()]


def _written(receipt: Receipt) -> str:
    """The id of the record that a correction wrote in the other's place."""
    return next(
        str(each.facts["record"]) for each in receipt.entries if each.kind == "service_recorded"
    )


def _whose(one: Mapping[str, Any]) -> str:
    """The volunteer's name as it may be shown, "" where it may not."""
    return volunteer_names([one["volunteer"]]).get(one["volunteer"], "")


def _at(record: str) -> str:
    return f"{HOME}/{record}"
