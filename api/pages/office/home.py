"""What awaits an organisation's desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from flask import Response, g

from api.pages.calling import read
from api.pages.guard import for_roles, page, pages
from api.pages.people import who_is
from api.reads.objections import list_objections
from api.reads.orders import list_orders
from api.reads.service import list_service_records
from api.reads.stars import list_star_cases

COUNTED_MAX: Final = 100
"""What awaits somebody is counted up to here; beyond it is said to be more."""


class Awaiting(NamedTuple):
    """One kind of thing that awaits this desk."""

    kind: str
    address: str
    much: int
    more: bool
    """Whether there are more than were counted."""


@pages.get("/office")
@for_roles("organisation")
def office() -> Response:
    """Held records, objections, star cases and orders that await somebody, each with its number."""
    return page("office/home", who=who_is(g.caller), awaiting=_awaiting())


def _awaiting() -> list[Awaiting]:
    return [
        _counted("held", "/office/review", list_service_records, {"state": "held"}),
        _counted("objections", "/office/objections", list_objections, {"state": "open"}),
        _counted("applied", "/office/stars", list_star_cases, {"state": "applied"}),
        _counted("proposed", "/office/stars", list_star_cases, {"state": "proposed"}),
        _counted("orders", "/office/orders", list_orders, {"state": "requested"}),
    ]


def _counted(
    kind: str, address: str, view: Callable[..., Any], query: Mapping[str, str]
) -> Awaiting:
    found = read(view, {**query, "limit": str(COUNTED_MAX)})
    return Awaiting(kind, address, len(found["data"]), found["has_more"])
