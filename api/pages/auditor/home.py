"""Where the journal stands, what was checked and when: the first page of an auditor."""

from __future__ import annotations

from typing import Any, Final

from flask import Response, redirect
from flask.typing import ResponseReturnValue

from api.checking import TASK
from api.pages.auditor.looking import for_auditors
from api.pages.calling import read
from api.pages.guard import page, pages
from api.pages.troubles import Noes, trouble_of
from api.reads.head import get_head
from api.reads.runs import check_begun, list_runs

TIMERS: Final = ("checkpoint", "sweep", "access_log", "expire", "stars")
"""What the ledger does by itself that an auditor asks after, in the order shown."""
CHECKS_SHOWN: Final = 5


@pages.get("/audit")
@for_auditors
def audit_home() -> Response:
    """Head, newest checkpoint and who signed it, and whether the tables agree with the entries. It
    is about nobody, so no reason is asked."""
    return _shown()


@pages.post("/audit/check")
@for_auditors
def audit_check() -> ResponseReturnValue:
    """Begin to compare every stored row with the entries; the page then says how it went."""
    try:
        check_begun()
    except Noes as no:
        return _shown(no)
    return redirect("/audit#checked", 303)


def _shown(no: Any = None) -> Response:
    trouble = trouble_of(no) if no else None
    head, runs = read(get_head), read(list_runs)
    newest = {each["task"]: each for each in runs["data"]}
    checks = runs["checks"][:CHECKS_SHOWN]
    return page(
        "auditor/home",
        trouble.status if trouble else 200,
        head=head,
        signed=head.get("checkpoint"),
        sweep=newest.get("sweep"),
        check=newest.get(TASK),
        checks=checks,
        timers=[(name, newest.get(name)) for name in TIMERS],
        trouble=trouble,
    )
