"""What a shop's tills took without a network, and what of it nothing was captured for."""

from __future__ import annotations

from flask import Response, request

from api.pages.calling import read
from api.pages.guard import for_roles, pages
from api.pages.merchant.asked import address_of, shop, shop_page
from api.reads.offline import list_conflicts, list_offline_sessions
from api.reads.parties import get_merchant


@pages.get("/shop/offline")
@for_roles("merchant")
def shop_offline() -> Response:
    """Tills without a network, the newest first, and the conflicts of all of them."""
    found = read(list_conflicts, {"starting_after": request.args.get("after", "")})
    rest = ""
    if found["has_more"]:
        rest = address_of("/shop/offline", after=str(found["data"][-1]["entry"]))
    before = request.args.get("before", "")
    sessions = read(list_offline_sessions, {"newest_first": "yes", "starting_after": before})
    earlier = ""
    if sessions["has_more"]:
        earlier = address_of("/shop/offline", before=str(sessions["data"][-1]["entry"]))
    return shop_page(
        "offline",
        sessions=sessions["data"],
        earlier=earlier,
        conflicts=found["data"],
        rest=rest,
        names=_names(),
    )


def _names() -> dict[str, str]:
    """What the shop calls its branches and tills, by id."""
    branches = read(get_merchant, merchant=shop())["branches"]
    places = {each["branch"]: each.get("name", "") for each in branches}
    tills = {
        each["terminal"]: each.get("name", "")
        for branch in branches
        for each in branch["terminals"]
    }
    return places | tills
