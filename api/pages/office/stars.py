"""Stars at an organisation's desk: what is to be decided, by whom, and the public notices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from flask import Response, abort, g, request
from flask.typing import ResponseReturnValue

from api.pages.calling import every, read
from api.pages.guard import for_roles, page, pages
from api.pages.office.desk import (
    Field,
    Form,
    after,
    answered,
    choices,
    id_of_member,
    names_of_members,
    names_of_organisations,
    what_was_done,
)
from api.reads.asking import not_there
from api.reads.parties import get_organisation
from api.reads.stars import OPEN, STATES, list_star_cases, list_star_notices
from api.writes import stars

HOME: Final = "/office/stars"
_REASON: Final = Field(name="reason", kind="lines")
_YES: Final = "confirm"
_NO: Final = "dismiss"


class Deciding(NamedTuple):
    """One thing that can be done about a case."""

    view: Callable[..., Any]
    states: tuple[str, ...]
    is_dangerous: bool = False


ACTS: Final[Mapping[str, Deciding]] = {
    "notice": Deciding(stars.notice_star, ("applied",)),
    "grant": Deciding(stars.grant_star, ("applied", "noticed")),
    "refuse_star": Deciding(stars.refuse_star, ("applied", "noticed"), is_dangerous=True),
    "downgrade": Deciding(stars.decide_downgrade, ("proposed",), is_dangerous=True),
}


@pages.get("/office/stars")
@for_roles("organisation")
def star_cases() -> Response:
    """Applications and downgrades of one's own volunteers, and which of them one decides."""
    state = request.args.get("state", "applied")
    state = state if state in STATES else "applied"
    found = read(list_star_cases, {**after(), "state": state})
    own = read(get_organisation, organisation=g.caller.id)
    return page(
        "office/stars",
        found=found,
        state=state,
        states=STATES,
        tier=own["tier"],
        acts={name: act.states for name, act in ACTS.items()},
        members=names_of_members([case["volunteer"] for case in found["data"]]),
        done=what_was_done(),
    )


@pages.route("/office/stars/nominate", methods=["GET", "POST"])
@for_roles("organisation")
def nominate() -> ResponseReturnValue:
    """Nominate a member, by number."""
    form = Form(
        act="nominate",
        view=stars.apply_for_star,
        back=HOME,
        fields=(
            Field(name="volunteer", label="number", hint="other_number"),
            Field(name="star", kind="number", hint="star"),
        ),
        read_typed=lambda body: {**body, "volunteer": id_of_member(body.get("volunteer", ""))},
    )
    return answered(form)


@pages.get("/office/stars/notices")
@for_roles("organisation")
def star_notices() -> Response:
    """The public notices as they are published: nobody is named."""
    found = read(list_star_notices, after())
    return page(
        "office/star_notices",
        found=found,
        names=names_of_organisations([each["organisation"] for each in found["data"]]),
    )


@pages.route("/office/stars/<id:case>/<act>", methods=["GET", "POST"])
@for_roles("organisation")
def decide_star(case: str, act: str) -> ResponseReturnValue:
    """Begin the notice, grant, refuse, or decide a downgrade."""
    if act not in ACTS:
        abort(404)
    found = _open_case(case)
    name = names_of_members([found["volunteer"]]).get(found["volunteer"], "")
    fields: tuple[Field, ...] = ()
    if act == "refuse_star":
        fields = (_REASON,)
    elif act == "downgrade":
        options = choices("downgrade", (_YES, _NO))
        fields = (Field(name="confirmed", kind="choice", options=options), _REASON)
    form = Form(
        act=act,
        view=ACTS[act].view,
        ids={"case": case},
        back=HOME,
        whom=name,
        fields=fields,
        is_dangerous=ACTS[act].is_dangerous,
        read_typed=_with_verdict if act == "downgrade" else None,
    )
    return answered(form)


def _with_verdict(body: dict[str, Any]) -> dict[str, Any]:
    said = body.get("confirmed")
    return {**body, "confirmed": {_YES: True, _NO: False}.get(str(said), said)}


def _open_case(case: str) -> dict[str, Any]:
    """A case among those that one may see; one that was decided a moment ago is there as well.
    Raises Problem."""
    for state in (*OPEN, *(each for each in STATES if each not in OPEN)):
        for each in every(list_star_cases, {"state": state}):
            if each["case"] == case:
                return dict(each)
    raise not_there()
