"""What a shop took and is owed: today by branch and clerk, the money, each claim, and files.

A clerk sees their own lines and nothing that the shop comes to; a till without a clerk its
branch's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from flask import Response, g, request

from api.pages.calling import read
from api.pages.guard import for_roles, pages
from api.pages.merchant.asked import (
    PRESETS,
    Days,
    address_of,
    days_asked,
    shop,
    shop_page,
)
from api.pages.troubles import Noes, Trouble, trouble_of
from api.papers import FORMATS
from api.reads.clerks import list_clerks, till_now
from api.reads.offline import list_conflicts
from api.reads.parties import get_merchant
from api.reads.settlements import get_merchant_balances, list_claims, list_settlements
from ledger.store.claims import CLAIMS

SHOWN: Final = 100
"""How many claims stand on one page."""


@pages.get("/shop")
@for_roles("merchant")
def shop_books() -> Response:
    """Today, the money, and the ways on."""
    today = Days(preset="day", first="", last="")
    claims = read(list_claims, {"period": today.period}, merchant=shop())["claims"]
    whole = not g.caller.terminal
    day = till_now(g.caller)
    newest = {"newest_first": "yes", "limit": "1"}
    settled = read(list_settlements, newest)["data"] if not g.caller.clerk else []
    return shop_page(
        "books",
        # A till without a clerk sees the lines of its branch, so it is told what that comes to.
        day=day.get("branch_today", day["today"]),
        sums=sums_by_place(claims),
        balances=read(get_merchant_balances, merchant=shop()) if whole else None,
        last=settled[0] if settled else None,
        conflicts=bool(read(list_conflicts, {"limit": "1"})["data"]) if whole else False,
    )


@pages.get("/shop/claims")
@for_roles("merchant")
def shop_claims() -> Response:
    """What was captured on some days: totals, each claim, and files of the same."""
    days = days_asked()
    chosen = {name: request.args.get(name, "") for name in ("branch", "clerk", "state")}
    trouble: Trouble | None = None
    found: dict[str, Any] = {"claims": [], "count": 0, "points_hundredths": 0, "minutes": 0}
    try:
        found = read(list_claims, {"period": days.period, **chosen}, merchant=shop())
    except Noes as no:
        trouble = trouble_of(no)
    claims = found["claims"]
    after = request.args.get("after", "")
    at = next((i for i, one in enumerate(claims, 1) if str(one["entry"]) == after), 0)
    shown = claims[at : at + SHOWN]
    asked = days.query | chosen
    files = {name: address_of("/shop/claims/file", format=name, **asked) for name in FORMATS}
    rest = ""
    if len(claims) > at + SHOWN:
        rest = address_of("/shop/claims", after=str(shown[-1]["entry"]), **asked)
    return shop_page(
        "claims",
        trouble.status if trouble else 200,
        days=days,
        presets=PRESETS,
        chosen=chosen,
        places=places_to_choose(),
        states=CLAIMS,
        found=found,
        sums=sums_by_place(claims),
        claims=shown,
        files=files if claims else {},
        rest=rest,
        trouble=trouble,
    )


@pages.get("/shop/claims/file")
@for_roles("merchant")
def shop_claims_file() -> Any:
    """The same as a file to take away."""
    chosen = {name: request.args.get(name, "") for name in ("branch", "clerk", "state", "format")}
    return read(list_claims, {"period": days_asked().period, **chosen}, merchant=shop())


def places_to_choose() -> dict[str, list[tuple[str, str]]]:
    """(id, name) of the branches and clerks that this caller can ask about."""
    if g.caller.terminal:
        return {"branch": [], "clerk": []}
    clerks = read(list_clerks, merchant=shop())["data"]
    return {
        "branch": list(branch_names().items()),
        "clerk": [(each["clerk"], each.get("name", "")) for each in clerks],
    }


def branch_names() -> dict[str, str]:
    """What the shop calls its branches, by id."""
    branches = read(get_merchant, merchant=shop())["branches"]
    return {each["branch"]: each.get("name", "") for each in branches}


def sums_by_place(claims: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What was taken and stands, by branch and by who took it: in order of names."""
    sums: dict[tuple[str, str], dict[str, Any]] = {}
    for one in claims:
        if one["state"] == "voided":
            continue
        found = sums.setdefault(
            (one["branch"], one["clerk"]),
            {
                "branch": one["branch_name"],
                "clerk": one.get("clerk_name", ""),
                "of_clerk": bool(one["clerk"]),
                "count": 0,
                "points_hundredths": 0,
                "minutes": 0,
            },
        )
        found["count"] += 1
        found["points_hundredths"] += one.get("amount_hundredths", 0)
        found["minutes"] += one.get("amount_minutes", 0)
    return sorted(sums.values(), key=lambda each: (each["branch"], each["clerk"]))
