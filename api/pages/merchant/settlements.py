"""A shop's settlements: those that there are, one with its lines and files, and closing one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Response, g, redirect, request
from flask.typing import ResponseReturnValue

from api.current import current_book
from api.pages import words
from api.pages.calling import may, new_key, read, write
from api.pages.guard import for_roles, pages
from api.pages.merchant.asked import address_of, shop, shop_page
from api.pages.merchant.books import SHOWN, branch_names, places_to_choose
from api.pages.troubles import Noes, Trouble, trouble_of
from api.papers import FORMATS
from api.reads.settleable import get_settleable
from api.reads.settlements import get_settlement, list_settlements
from api.times import rfc3339
from api.writes.settlements import close_settlement


@pages.get("/shop/settlements")
@for_roles("merchant")
def shop_settlements() -> Response:
    """All of them, the newest first."""
    after = request.args.get("after", "")
    query = {"newest_first": "yes", "limit": str(SHOWN), "starting_after": after}
    found = read(list_settlements, query)
    shown, rest = found["data"], ""
    if found["has_more"]:
        rest = address_of("/shop/settlements", after=str(shown[-1]["entry"]))
    return shop_page(
        "settlements",
        settlements=shown,
        branches=branch_names(),
        rest=rest,
        can_close=may(close_settlement),
    )


@pages.get("/shop/settlements/new")
@for_roles("merchant")
def shop_settlement_before() -> Response:
    """What would be closed now and what must wait, before anything is."""
    asked = {name: request.args.get(name, "") for name in ("branch", "to")}
    return _before(asked, new_key())


@pages.post("/shop/settlements")
@for_roles("merchant")
def shop_settle() -> ResponseReturnValue:
    """Close what was shown, or what has come to it since."""
    asked = {name: request.form.get(name, "") for name in ("branch", "to")}
    try:
        receipt, once = write(close_settlement, {"merchant": shop(), **_span(asked)})
    except Noes as no:
        return _before(asked, request.form.get("key", ""), trouble_of(no))
    more = "&more=1" if once.get("more") else ""
    settlement = receipt.entry.facts["settlement"]
    return redirect(f"/shop/settlements/{settlement}?closed=1{more}", 303)


@pages.get("/shop/settlements/<id:settlement>")
@for_roles("merchant")
def shop_settlement(settlement: str) -> Response:
    """One of them, with its lines and what it took off."""
    return shop_page(
        "settlement",
        one=read(get_settlement, settlement=settlement),
        branches=branch_names(),
        files={name: f"/shop/settlements/{settlement}/file?format={name}" for name in FORMATS},
        closed="closed" in request.args,
        more="more" in request.args,
    )


@pages.get("/shop/settlements/<id:settlement>/file")
@for_roles("merchant")
def shop_settlement_file(settlement: str) -> Any:
    """The same as a file to take away."""
    asked = {"format": request.args.get("format", "")}
    return read(get_settlement, asked, settlement=settlement)


def _before(asked: dict[str, str], key: str, trouble: Trouble | None = None) -> Response:
    found = None
    if trouble is None or trouble.code == "nothing_to_settle":
        try:
            found = read(get_settleable, _span(asked), merchant=shop())
        except Noes as no:
            trouble = trouble_of(no)
    return shop_page(
        "settle",
        trouble.status if trouble else 200,
        asked=asked,
        found=found,
        waiting=[one | {"why": _why(one["code"])} for one in found["waiting"]] if found else [],
        branches=places_to_choose()["branch"],
        key=key,
        trouble=trouble,
        can_close=may(close_settlement) and not g.caller.terminal,
        shown=SHOWN,
    )


def _why(code: str) -> str:
    return words.say(f"why.{words.known(code)}", g.lang)


def _span(asked: dict[str, str]) -> dict[str, str]:
    """Of which branch and up to the end of which day: "" for all of them, until now.

    What is no day is handed on, so that the API says what is wrong with it.
    """
    said = {"branch": asked["branch"]}
    if asked["to"]:
        try:
            after = date.fromisoformat(asked["to"]) + timedelta(days=1)
            said["ends"] = rfc3339(current_book().policy().first_instant(after))
        except (ValueError, OverflowError):
            return said | {"ends": asked["to"]}
    return said
