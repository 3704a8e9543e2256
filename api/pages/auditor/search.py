"""One field for whatever an auditor holds in their hand. What is typed stands in no address."""

from __future__ import annotations

from flask import Response, redirect, request
from flask.typing import ResponseReturnValue

from api.pages.auditor.looking import for_auditors, looking
from api.pages.calling import read
from api.pages.guard import page, pages
from api.pages.troubles import Noes, trouble_of
from api.reads.finding import find_entries


@pages.get("/audit/search")
@for_auditors
def audit_search_page() -> Response:
    """The field."""
    return page("auditor/search", typed="", leads=None, trouble=None)


@pages.post("/audit/search")
@looking
def audit_search() -> ResponseReturnValue:
    """Where it leads: straight there where it can mean one thing alone."""
    typed = request.form.get("typed", "")
    try:
        leads = read(find_entries, {"typed": typed})["data"]
    except Noes as no:
        trouble = trouble_of(no)
        return page("auditor/search", trouble.status, typed=typed, leads=None, trouble=trouble)
    places = list(dict.fromkeys(address_of(each) for each in leads))
    if len(places) == 1:
        return redirect(places[0], 303)
    return page("auditor/search", 200, typed=typed, leads=leads, trouble=None)


def address_of(lead: dict[str, object]) -> str:
    """Which page shows a lead: its entry, else whose accounts it is about."""
    if lead["what"] in ("account", "volunteer"):
        return f"/audit/accounts/{lead['owner']}"
    return f"/audit/entries/{lead['entry']}"


pages.app_template_filter("lead_address")(address_of)
