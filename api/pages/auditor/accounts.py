"""One owner's accounts: stored, replayed, and line by line."""

from __future__ import annotations

from flask import Response, request

from api.pages.auditor.looking import looking
from api.pages.auditor.saying import named
from api.pages.calling import read
from api.pages.guard import page, pages
from api.reads.accounts import list_account_lines


@pages.get("/audit/accounts/<string:owner>")
@looking
def audit_account(owner: str) -> Response:
    """Balances of an owner from the tables and from postings, and each line with what it left."""
    query = {"starting_after": request.args.get("after", ""), "limit": "100"}
    found = read(list_account_lines, query, owner=owner)
    lines = found["data"]
    later = f"/audit/accounts/{owner}?after={lines[-1]['entry']}" if found["has_more"] else ""
    return page(
        "auditor/account",
        owner=owner,
        name=named(owner),
        balances=found["balances"],
        replayed=found["replayed"],
        differing=sum(
            each.get("replayed", each["stored"]) != each["stored"] for each in found["balances"]
        ),
        lines=lines,
        later=later,
    )
