"""Held records that await a decision."""

from __future__ import annotations

from flask import Response, g, request

from api.pages.calling import read
from api.pages.guard import for_roles, page, pages
from api.reads.service import list_service_records


@pages.get("/office/review")
@for_roles("organisation", "reviewer")
def review() -> Response:
    """What is held: for a reviewer what they may decide, for an organisation all of it."""
    query = {"state": "held", "starting_after": request.args.get("after", "")}
    if g.caller.role == "reviewer":
        query["awaiting"] = "me"
    return page("office/review", found=read(list_service_records, query))
