"""What awaits the operator, and captures that were flagged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from flask import Response, redirect, request
from flask.typing import ResponseReturnValue

from api.current import current_book
from api.metrics import readiness
from api.pages.calling import made_here, read, write
from api.pages.guard import for_roles, page, pages
from api.pages.operator.health import troubles
from api.pages.troubles import Noes, trouble_of
from api.reads.objections import list_objections
from api.reads.offline import list_conflicts
from api.reads.parties import names_of
from api.reads.rewards import list_redemptions
from api.reads.runs import list_runs
from api.reads.service import list_service_records
from api.reads.stars import list_star_cases
from api.reads.webhooks import list_webhooks
from api.writes.redemptions import review

COUNTED_MAX: Final = 100
"""What awaits somebody is counted up to here; beyond it is said to be more."""


class Awaiting(NamedTuple):
    """One kind of thing that awaits somebody."""

    kind: str
    address: str
    """Where the operator does it; "" where somebody else does."""
    much: int
    more: bool
    """Whether there are more than were counted."""


@pages.get("/operator")
@for_roles("operator")
def operator() -> Response:
    """Whether the ledger is well, and what awaits whom."""
    awaiting = [
        _counted("flagged", "/operator/captures", list_redemptions, {"awaiting": "review"}),
        _counted("held", "", list_service_records, {"state": "held"}),
        _counted("objections", "", list_objections, {"state": "open"}),
        _counted("applied", "", list_star_cases, {"state": "applied"}),
        _counted("proposed", "", list_star_cases, {"state": "proposed"}),
        _counted("conflicts", "", list_conflicts, {}),
        _failing_webhooks(),
    ]
    wrong = troubles(read(list_runs), current_book().clock.now_ms())
    return page("operator/home", ready=readiness(), wrong=wrong, awaiting=awaiting)


@pages.get("/operator/captures")
@for_roles("operator")
def flagged_captures() -> Response:
    """Captures that came quickly after another, or that a till took offline in some doubt."""
    return _captures()


@pages.post("/operator/captures/<id:redemption>/review")
@for_roles("operator")
def review_capture(redemption: str) -> ResponseReturnValue:
    """Let a flagged capture be settled."""
    try:
        receipt, _ = write(
            review, {"reason": request.form.get("reason", "").strip()}, redemption=redemption
        )
    except Noes as no:
        trouble = trouble_of(no)
        return _captures(trouble)
    return redirect(f"/operator/captures?done={receipt.entry.index}", 303)


def _captures(trouble: Any = None) -> Response:
    found = read(
        list_redemptions,
        {"awaiting": "review", "starting_after": request.args.get("after", "")},
    )
    return page(
        "operator/captures",
        trouble.status if trouble else 200,
        found=found,
        shops=names_of(sorted({each["merchant"] for each in found["data"]})),
        trouble=trouble,
        done=number_done(),
    )


def number_done() -> int | None:
    """The number of the entry that a form has just made, as its page was sent back with it."""
    return made_here(request.args.get("done", ""))


def _failing_webhooks() -> Awaiting:
    """Endpoints that the ledger stopped, or that did not take a message in three days."""
    found = read(list_webhooks, {"limit": str(COUNTED_MAX)})
    much = sum(each["failed"] > 0 or each["ground"] != "asked" for each in found["data"])
    return Awaiting("webhooks", "/operator/webhooks", much, found["has_more"] and much > 0)


def _counted(
    kind: str, address: str, view: Callable[..., Any], query: Mapping[str, str]
) -> Awaiting:
    found = read(view, {**query, "limit": str(COUNTED_MAX)})
    return Awaiting(kind, address, len(found["data"]), found["has_more"])
