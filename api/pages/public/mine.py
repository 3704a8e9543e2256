"""A volunteer's own certificates: issued by themselves, free, printed at home, shown or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, g, redirect, request
from flask.typing import ResponseReturnValue

from api.current import current_book
from api.pages.calling import every, new_key, read, write
from api.pages.guard import for_roles, page, pages
from api.pages.troubles import Noes, Trouble, trouble_of
from api.problems import Problem
from api.reads.certificates import check_url, get_certificate_paper, list_certificates
from api.reads.parties import get_organisation
from api.reads.service import get_activity, list_service_records
from api.writes.certificates import issue_certificate
from ledger.door import certificates
from ledger.standing import china_time

NAMED_MAX: Final = 6
"""So many activities are written into the field for the content."""
ABOVE_MAX: Final = 4


@pages.get("/me/certificates")
@for_roles("volunteer")
def my_certificates() -> Response:
    """All of mine, each with what a stranger would be told, and how often one asked."""
    found = read(list_certificates, volunteer=g.caller.id)["data"]
    return page(
        "public/certificates", found=found, units=_names(each["organisation"] for each in found)
    )


@pages.get("/me/certificates/new")
@for_roles("volunteer")
def new_certificate() -> Response:
    """For which days, recorded by whom, and what was done."""
    today = china_time(current_book().clock.now_ms()).date()
    units, content = _recorded()
    sent = {
        "first_day": today.replace(month=1, day=1).isoformat(),
        "last_day": today.isoformat(),
        "content": content,
        "organisation": units[0][0] if units else "",
    }
    return _form(sent, units=units)


@pages.post("/me/certificates/new")
@for_roles("volunteer")
def issue_mine() -> ResponseReturnValue:
    """Issue it, and show it."""
    sent = {name: request.form.get(name, "").strip() for name in FIELDS}
    try:
        receipt, _ = write(issue_certificate, sent, volunteer=g.caller.id)
    except Noes as no:
        return _form(sent, trouble=trouble_of(no))
    return redirect(f"/me/certificates/{receipt.entry.index}?new=1", 303)


FIELDS: Final = ("organisation", "first_day", "last_day", "content")


@pages.get("/me/certificates/<int:entry>")
@for_roles("volunteer")
def my_certificate(entry: int) -> Response:
    """One of mine: its number, the paper, and whether strangers are told of it."""
    one = _own(entry)
    return page(
        "public/certificate",
        one=one,
        number=certificates.grouped(one["number"]),
        address=check_url("").rstrip("#"),
        unit=_names([one["organisation"]])[one["organisation"]],
        new="new" in request.args,
    )


@pages.get("/me/certificates/<int:entry>/paper")
@for_roles("volunteer")
def my_certificate_paper(entry: int) -> Response:
    """The PDF."""
    made: Response = read(get_certificate_paper, volunteer=g.caller.id, entry=entry)
    return made


@pages.post("/me/certificates/<int:entry>/shown")
@for_roles("volunteer")
def show_mine(entry: int) -> ResponseReturnValue:
    """Switch what strangers are told off, or on again. No entry: it changes what is shown."""
    shown = request.form.get("shown") == "yes"
    certificates.show(current_book(), g.caller.id, _own(entry)["number"], shown=shown)
    return redirect(f"/me/certificates/{entry}", 303)


def _own(entry: int) -> Mapping[str, Any]:
    """One of the caller's own. Raises Problem `not_found` for another's, as for none."""
    for one in read(list_certificates, volunteer=g.caller.id)["data"]:
        if one["entry"] == entry:
            found: Mapping[str, Any] = one
            return found
    raise Problem("not_found", "you have no certificate by this entry")


def _form(
    sent: Mapping[str, str],
    *,
    units: list[tuple[str, str]] | None = None,
    trouble: Trouble | None = None,
) -> Response:
    return page(
        "public/new_certificate",
        trouble.status if trouble else 200,
        sent=sent,
        units=_recorded()[0] if units is None else units,
        trouble=trouble,
        key=new_key(),
    )


def _recorded() -> tuple[list[tuple[str, str]], str]:
    """Who recorded what the caller did, and who stands above them, with their names; and what the
    newest of it was called, as a beginning for the content."""
    units: dict[str, None] = {}
    activities: dict[str, None] = {}
    for each in every(list_service_records, {"state": "effective"}):
        units[each["organisation"]] = None
        activities[each["activity"]] = activities.pop(each["activity"], None)
    named = [read(get_activity, activity=each) for each in list(activities)[-NAMED_MAX:]]
    titles = dict.fromkeys(each.get("text", {}).get("name", "") for each in named)
    return _with_those_above(list(units)), "、".join(each for each in titles if each)


def _with_those_above(units: list[str]) -> list[tuple[str, str]]:
    named: dict[str, str] = {}
    above = list(units)
    for _ in range(ABOVE_MAX):
        found = [read(get_organisation, organisation=each) for each in above if each not in named]
        named |= {each["organisation"]: each.get("name", each["organisation"]) for each in found}
        above = [each["parent"] for each in found if each["parent"]]
        if not above:
            break
    return list(named.items())


def _names(ids: Any) -> dict[str, str]:
    wanted = list(dict.fromkeys(ids))
    known = current_book().vault.place_names(wanted)
    return {each: known.get(each, each) for each in wanted}
