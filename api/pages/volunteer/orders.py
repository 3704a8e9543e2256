"""Service orders: a volunteer asks to be served for saved time, or serves somebody who asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import takewhile
from typing import Any, Final

from flask import Response, g, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from api.pages import words
from api.pages.calling import every, read, write
from api.pages.guard import for_roles, page, pages
from api.pages.troubles import Noes, Trouble, trouble_of
from api.pages.volunteer.asked import (
    PAGE,
    activities_of,
    confirming,
    is_to_change,
    names,
    near_organisations,
    newest_first,
    now_of,
    typed,
    typed_minutes,
    went_through,
)
from api.pages.volunteer.records import BY_DAY, title_of
from api.pages.volunteer.saved_time import is_savable
from api.problems import Problem
from api.reads.orders import get_order, list_orders
from api.reads.service import get_service_record, list_service_records
from api.reads.time_bank import get_saved_time
from api.schemas import milliseconds
from api.writes.orders import (
    accept_order,
    cancel_order,
    confirm_order,
    decline_order,
    dispute_order,
    offer_service,
    report_order_done,
    request_order,
)
from ledger.actions.service import CATEGORIES
from ledger.decide.orders import REPORTED
from ledger.standing import DAY_MS, china_time

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_CLOCK: Final = re.compile(r"[0-9]{2}:[0-9]{2}", re.ASCII)
_FIELDS: Final = ("organisation", "category", "day", "from", "to", "text")

STEPS: Final[Mapping[str, tuple[Callable[..., Any], tuple[str, ...]]]] = {
    "offer": (offer_service, ()),
    "accept": (accept_order, ()),
    "decline": (decline_order, ()),
    "done": (report_order_done, ("record",)),
    "confirm": (confirm_order, ()),
    "dispute": (dispute_order, ("text",)),
    "cancel": (cancel_order, ("reason",)),
}
"""What can be done with an order, and which fields its form has."""


@pages.get("/me/orders")
@for_roles("volunteer")
def my_orders() -> Response:
    """Those that I asked for and those that I serve, newest first."""
    found = read(list_orders, newest_first())
    return page(
        "volunteer/orders",
        asked=[each for each in found["data"] if each.get("volunteer") == g.caller.id],
        served=[each for each in found["data"] if each.get("volunteer") != g.caller.id],
        last=found["data"][-1]["entry"] if found["data"] else 0,
        more=found["has_more"],
        names=names(each["organisation"] for each in found["data"]),
    )


@pages.get("/me/orders/open")
@for_roles("volunteer")
def my_open_orders() -> Response:
    """Those that I could serve. Whom, and what was written, is seen once the service is agreed."""
    after = request.args.get("after", "")
    found = read(list_orders, {"open": "yes", "limit": PAGE, "starting_after": after})
    return page(
        "volunteer/open_orders",
        found=found["data"],
        more=found["has_more"],
        names=names(each["organisation"] for each in found["data"]),
    )


@pages.get("/me/orders/new")
@for_roles("volunteer")
def my_new_order() -> Response:
    """What is needed, when, and for how much saved time."""
    return _order_form()


@pages.post("/me/orders")
@for_roles("volunteer")
def ask_order() -> Response:
    """Whether it is to be asked for. Nothing is set aside yet."""
    try:
        minutes = typed_minutes()
        starts, _ = _times()
    except Noes as no:
        return _order_form(trouble_of(no))
    said = typed(*_FIELDS)
    if said["category"] not in CATEGORIES:
        return _order_form(trouble_of(_wrong("category", "not_a_choice")))
    return confirming(
        "order",
        "/me/orders/now",
        {**said, **typed("hours", "minutes")},
        "/me/orders",
        much=words.duration(minutes, g.lang),
        what=words.say(f"my.category.{said['category']}", g.lang),
        when=words.moment(_ms(starts), now_of(), g.lang),
    )


@pages.post("/me/orders/now")
@for_roles("volunteer")
def order_now() -> ResponseReturnValue:
    """Ask for it, once; the time is set aside."""
    if is_to_change():
        return _order_form()
    try:
        starts, ends = _times()
        said = typed("organisation", "category", "text")
        body = {**said, "minutes": typed_minutes(), "starts": starts, "ends": ends}
        receipt, _ = write(request_order, body)
    except Noes as no:
        return _order_form(trouble_of(no))
    return went_through(receipt)


@pages.get("/me/orders/<id:order>")
@for_roles("volunteer")
def my_order(order: str) -> Response:
    """An order: where it stands, and what is mine to do."""
    return _order_page(order)


@pages.post("/me/orders/<id:order>/<step>")
@for_roles("volunteer")
def my_order_step(order: str, step: str) -> ResponseReturnValue:
    """Offer, accept, decline, report as done, confirm, dispute or cancel."""
    if step not in STEPS:
        raise Problem("not_found", "there is nothing like this to do with an order")
    view, fields = STEPS[step]
    try:
        receipt, _ = write(view, typed(*fields), order=order)
    except Noes as no:
        return _order_page(order, trouble_of(no))
    return went_through(receipt)


def _order_page(order: str, trouble: Trouble | None = None) -> Response:
    one = read(get_order, order=order)
    is_recipient = one.get("volunteer") == g.caller.id
    is_provider = one["provider"] == g.caller.id
    can = _can_do(one, is_recipient=is_recipient, is_provider=is_provider)
    return page(
        "volunteer/order",
        trouble.status if trouble else 200,
        one=one,
        is_recipient=is_recipient,
        is_provider=is_provider,
        can=can,
        records=_nameable(one) if "done" in can else [],
        names=names([one["organisation"]]),
        trouble=trouble,
        said=typed("text", "record", "reason"),
    )


def _can_do(one: Mapping[str, Any], *, is_recipient: bool, is_provider: bool) -> list[str]:
    """What is this volunteer's to do with an order as it stands: as the rules of orders say
    (`ledger.decide.orders`), which have the last word."""
    state, is_over = one["state"], now_of() >= one["expires"]
    if is_recipient:
        return {
            "requested": ["cancel"],
            "offered": ["cancel"] if is_over else ["accept", "decline", "cancel"],
            "assigned": ["cancel"],
            "accepted": ["cancel"],
            "done": ["confirm", "dispute"],
        }.get(state, [])
    if is_provider:
        if state in REPORTED:
            # Another record can be named where the one named before pays for nothing any more.
            named = read(get_service_record, record=one["record"])
            return [] if is_savable(named) else ["done"]
        return {
            "offered": ["decline"],
            "assigned": ["decline"] if is_over else ["accept", "decline"],
            "accepted": ["done", "cancel"],
        }.get(state, [])
    return ["offer"] if state == "requested" and not is_over else []


def _nameable(one: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(id, how it is called) of one's own records that may be what was done: of the order's kind
    and days, and not saved. Whether one fits is for the rules to say."""
    by_day = every(list_service_records, {"saved": "no", "newest_first": "yes", "order": BY_DAY})
    # What began a week before was over long before, and so was whatever follows in this order.
    near = takewhile(lambda each: each["check_in"] > one["starts"] - 7 * DAY_MS, by_day)
    found = [
        each
        for each in near
        if each["check_out"] > one["starts"] - DAY_MS and each["check_in"] < one["ends"] + DAY_MS
    ]
    activities = activities_of(found)
    return [
        (
            each["record"],
            " · ".join(
                (
                    title_of(each, activities),
                    words.moment(each["check_in"], now_of(), g.lang),
                    words.duration(each["paid_minutes"], g.lang),
                )
            ),
        )
        for each in found
        if activities[each["activity"]]["category"] == one["category"]
    ]


def _order_form(trouble: Trouble | None = None) -> Response:
    said = typed(*_FIELDS, "hours", "minutes")
    return page(
        "volunteer/new_order",
        trouble.status if trouble else 200,
        has=read(get_saved_time),
        organisations=near_organisations(),
        categories=CATEGORIES,
        said=said,
        today=f"{china_time(now_of()):%Y-%m-%d}",
        trouble=trouble,
    )


def _times() -> tuple[str, str]:
    """Beginning and end of a form, as the API takes them. Raises Problem."""
    day, found = request.form.get("day", ""), []
    if not _DAY.fullmatch(day):
        raise _wrong("day", "bad_time")
    for name in ("from", "to"):
        clock = request.form.get(name, "")
        if not _CLOCK.fullmatch(clock):
            raise _wrong(name, "bad_time")
        found.append(f"{day}T{clock}:00+08:00")
        _ms(found[-1])
    return found[0], found[1]


def _ms(written: str) -> int:
    """A time in ms. Raises Problem for one that there is not."""
    try:
        return milliseconds(written)
    except ValidationError:
        raise _wrong("day", "bad_time") from None


def _wrong(name: str, code: str) -> Problem:
    reason = "choose it again"
    return Problem(code, reason, errors=[(f"/{name}", code, reason)])
