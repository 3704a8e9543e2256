"""Service orders and pools of saved time at an organisation's desk."""

from __future__ import annotations

from typing import Any, Final

from flask import Response, abort, g, request
from flask.typing import ResponseReturnValue

from api.pages.calling import read
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
from api.reads.orders import STATES, get_order, list_orders
from api.reads.time_bank import list_pools
from api.writes import orders, time_bank
from ledger.actions.parties import CIRCUMSTANCES
from ledger.decide.time_bank import STARTING

HOME: Final = "/office/orders"
POOLS: Final = "/office/pools"
ACTS: Final = {
    "assign": ("requested", "offered"),
    "settle": ("disputed",),
    "cancel": ("requested", "offered", "assigned", "accepted"),
}
"""What can be done about an order, and in which states."""


@pages.get("/office/orders")
@for_roles("organisation")
def service_orders() -> Response:
    """Orders of one's own book and those below, by state."""
    state = request.args.get("state", "requested")
    state = state if state in STATES else "requested"
    found = read(list_orders, {**after(), "state": state})
    return page(
        "office/orders",
        found=found,
        state=state,
        states=STATES,
        members=_people(found["data"]),
    )


@pages.get("/office/orders/<id:order>")
@for_roles("organisation")
def one_order(order: str) -> Response:
    """An order: what is asked for, who, when, and what became of it."""
    one = read(get_order, order=order)
    return page(
        "office/order",
        one=one,
        acts=[act for act, states in ACTS.items() if one["state"] in states],
        members=_people([one]),
        names=names_of_organisations([one["organisation"]]),
        done=what_was_done(),
    )


@pages.route("/office/orders/<id:order>/<act>", methods=["GET", "POST"])
@for_roles("organisation")
def act_on_order(order: str, act: str) -> ResponseReturnValue:
    """Assign a volunteer, settle a dispute, call it off."""
    if act not in ACTS:
        abort(404)
    one = read(get_order, order=order)
    given: dict[str, Any] = {
        "assign": {
            "view": orders.assign_order,
            "fields": (Field(name="provider", label="provider_number", hint="other_number"),),
            "read_typed": lambda body: {
                **body,
                "provider": id_of_member(body.get("provider", "")),
            },
        },
        "settle": {
            "view": orders.settle_order,
            "fields": (
                Field(name="minutes", kind="number", label="to_provider", hint="to_provider"),
                Field(name="reason", kind="lines"),
            ),
        },
        "cancel": {
            "view": orders.cancel_order,
            "fields": (Field(name="reason", kind="lines", required=False),),
            "is_dangerous": True,
        },
    }[act]
    form = Form(
        act=act,
        ids={"order": order},
        back=f"{HOME}/{order}",
        whom=_people([one]).get(one["volunteer"], ""),
        **given,
    )
    return answered(form)


@pages.get("/office/pools")
@for_roles("organisation")
def pools_of_time() -> Response:
    """Every pool that ever held time, one's own first."""
    found = read(list_pools)["data"]
    own = [each for each in found if each["pool"] == g.caller.id]
    rest = [each for each in found if each["pool"] != g.caller.id]
    return page(
        "office/pools",
        own=own[0]["minutes"] if own else 0,
        rest=rest,
        names=names_of_organisations([each["pool"] for each in rest if each["pool"] != "platform"]),
        done=what_was_done(),
    )


@pages.route("/office/pools/grant", methods=["GET", "POST"])
@for_roles("organisation")
def grant_from_pool() -> ResponseReturnValue:
    """Grant a member time out of one's own pool, by number."""
    form = Form(
        act="time",
        view=time_bank.grant_time,
        back=POOLS,
        fixed={"pool": g.caller.id},
        fields=(
            Field(name="volunteer", label="number", hint="other_number"),
            Field(
                name="ground", kind="choice", options=choices("ground", (STARTING, *CIRCUMSTANCES))
            ),
            Field(name="minutes", kind="number", required=False, hint="grant_minutes"),
        ),
        read_typed=lambda body: {**body, "volunteer": id_of_member(body.get("volunteer", ""))},
    )
    return answered(form)


def _people(found: list[dict[str, Any]]) -> dict[str, str]:
    """Names of those who take part, where they are ours."""
    return names_of_members(
        [one[who] for one in found for who in ("volunteer", "provider") if one.get(who)]
    )
