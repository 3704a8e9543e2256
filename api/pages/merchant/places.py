"""A shop's branches, tills and clerks: who is there, new ones, limits, switching off and on, and
the link by which somebody signs in at a till."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, redirect, request
from flask.typing import ResponseReturnValue

from api.pages.calling import new_key, read, write
from api.pages.guard import pages
from api.pages.merchant.amounts import points_typed, whole_typed
from api.pages.merchant.asked import for_managers, shop, shop_page
from api.pages.qr import drawn_qr
from api.pages.troubles import Noes, Trouble, trouble_of
from api.problems import Problem
from api.reads.clerks import list_clerks
from api.reads.parties import get_merchant
from api.writes.parties import (
    limit_clerk,
    register_branch,
    register_clerk,
    register_terminal,
    reinstate_party,
    suspend_party,
)
from api.writes.tokens import make_sign_in_link
from ledger.door.sessions import HOURS

KINDS: Final = ("branch", "terminal", "clerk")


@pages.get("/manage")
@for_managers
def manage() -> Response:
    """The shop's branches with their tills and clerks."""
    return _manage()


@pages.post("/manage/branches")
@for_managers
def manage_new_branch() -> ResponseReturnValue:
    """Register a branch."""
    try:
        receipt, _ = write(register_branch, _typed("name", "number"), merchant=shop())
    except Noes as no:
        return _manage("branch", trouble_of(no))
    return redirect(f"/manage/branch/{receipt.entry.facts['branch']}?done=registered", 303)


@pages.post("/manage/branch/<id:branch>/terminals")
@for_managers
def manage_new_till(branch: str) -> ResponseReturnValue:
    """Register a till of a branch."""
    try:
        receipt, _ = write(register_terminal, _typed("name", "number"), branch=branch)
    except Noes as no:
        return _one("branch", branch, "terminal", trouble_of(no))
    return redirect(f"/manage/terminal/{receipt.entry.facts['terminal']}?done=registered", 303)


@pages.post("/manage/branch/<id:branch>/clerks")
@for_managers
def manage_new_clerk(branch: str) -> ResponseReturnValue:
    """Register somebody who stands at a branch's tills."""
    try:
        receipt, _ = write(register_clerk, _typed("name", "number", "note"), branch=branch)
    except Noes as no:
        return _one("branch", branch, "clerk", trouble_of(no))
    return redirect(f"/manage/clerk/{receipt.entry.facts['clerk']}?done=registered", 303)


@pages.get("/manage/<any(branch, terminal, clerk):kind>/<id:one>")
@for_managers
def manage_one(kind: str, one: str) -> Response:
    """One branch, till or clerk, and what can be done about it."""
    return _one(kind, one)


@pages.post("/manage/<any(branch, terminal, clerk):kind>/<id:one>/<any(suspend, reinstate):change>")
@for_managers
def manage_change(kind: str, one: str, change: str) -> ResponseReturnValue:
    """Switch it off, or on again."""
    view = suspend_party if change == "suspend" else reinstate_party
    try:
        write(view, _typed("reason"), address=f"{kind}:{one}")
    except Noes as no:
        return _one(kind, one, change, trouble_of(no))
    return redirect(f"/manage/{kind}/{one}?done={change}", 303)


@pages.post("/manage/clerk/<id:clerk>/limits")
@for_managers
def manage_limits(clerk: str) -> ResponseReturnValue:
    """Say what a clerk may take in a day."""
    try:
        write(limit_clerk, _limits(), clerk=clerk)
    except Noes as no:
        return _one("clerk", clerk, "limits", trouble_of(no))
    return redirect(f"/manage/clerk/{clerk}?done=limits", 303)


@pages.post("/manage/<any(terminal, clerk):kind>/<id:one>/link")
@for_managers
def manage_link(kind: str, one: str) -> ResponseReturnValue:
    """A link for a till, or for a clerk at a till: as a link, typed, and as a QR code to scan.

    It is shown in this one answer; loading that again shows that it was shown.
    """
    other = request.form.get("clerk" if kind == "terminal" else "terminal", "")
    at = (
        {"terminal": one, "clerk": other}
        if kind == "terminal"
        else {"terminal": other, "clerk": one}
    )
    hours = whole_typed("hours") or HOURS
    try:
        _, once = write(make_sign_in_link, {"party": f"merchant:{shop()}", **at, "hours": hours})
    except Noes as no:
        return _one(kind, one, "link", trouble_of(no))
    places = _places()
    return shop_page(
        "link",
        link=once.get("link", ""),
        code=once.get("code", ""),
        picture=drawn_qr(once["link"]) if "link" in once else None,
        name=places[kind][one]["name"],
        back=f"/manage/{kind}/{one}",
        hours=hours,
    )


def _manage(asked: str = "", trouble: Trouble | None = None) -> Response:
    return shop_page(
        "manage",
        trouble.status if trouble else 200,
        shop=read(get_merchant, merchant=shop()),
        clerks=read(list_clerks, merchant=shop())["data"],
        key=_key(trouble),
        asked=asked,
        trouble=trouble,
        typed=request.form,
    )


def _one(kind: str, one: str, asked: str = "", trouble: Trouble | None = None) -> Response:
    places = _places()
    found = places[kind].get(one)
    if found is None:
        raise Problem("not_found", "there is nothing at this address for you; check the id")
    branch = one if kind == "branch" else found["branch"]
    beside = {
        each: [row for row in places[each].values() if row["branch"] == branch]
        for each in ("terminal", "clerk")
    }
    done = request.args.get("done", "")
    return shop_page(
        "place",
        trouble.status if trouble else 200,
        kind=kind,
        one=found,
        branch=places["branch"][branch],
        tills=beside["terminal"],
        clerks=beside["clerk"],
        key=_key(trouble),
        asked=asked,
        done=done if done in ("registered", "suspend", "reinstate", "limits") else "",
        trouble=trouble,
        typed=request.form,
        hours=HOURS,
    )


def _places() -> dict[str, dict[str, dict[str, Any]]]:
    """By kind and id, the shop's branches, tills and clerks, each with its id, name and branch."""
    branches = read(get_merchant, merchant=shop())["branches"]
    found: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in KINDS}
    for each in branches:
        found["branch"][each["branch"]] = _named(each, each["branch"], each["branch"])
        for till in each["terminals"]:
            found["terminal"][till["terminal"]] = _named(till, till["terminal"], each["branch"])
    for clerk in read(list_clerks, merchant=shop())["data"]:
        found["clerk"][clerk["clerk"]] = _named(clerk, clerk["clerk"], clerk["branch"])
    return found


def _named(row: Mapping[str, Any], one: str, branch: str) -> dict[str, Any]:
    return {**row, "id": one, "name": row.get("name", ""), "branch": branch}


def _limits() -> dict[str, int]:
    """As typed: vouchers, points and hours a day; empty for no limit."""
    minutes = (whole_typed("hours") or 0) * 60 + (whole_typed("minutes") or 0)
    return {
        "captures": whole_typed("captures") or 0,
        "points_hundredths": points_typed("points") or 0,
        "minutes": minutes,
    }


def _typed(*names: str) -> dict[str, str]:
    return {name: request.form.get(name, "").strip() for name in names}


def _key(trouble: Trouble | None) -> str:
    """The same key for the same form; a new one where it was used for something else."""
    if trouble is None or trouble.code in ("key_reused", "bad_idempotency_key"):
        return new_key()
    return request.form.get("key", "") or new_key()
