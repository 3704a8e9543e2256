"""Patterns to look into, the heaviest first: questions, not verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, request

from api.pages.auditor.looking import looking
from api.pages.calling import read
from api.pages.guard import page, pages
from api.pages.troubles import Noes, Trouble, trouble_of
from api.reads.anomalies import list_anomalies

SHOWN: Final = 50
_ROLES: Final[Mapping[str, str]] = {
    "volunteer": "volunteer",
    "organisation": "organisation",
    "recorder": "staff",
    "approver": "staff",
}


@pages.get("/audit/findings")
@looking
def audit_findings() -> Response:
    """Each pattern with its weight, whom it is about, why it matters and the first few records."""
    since = request.args.get("since", "").strip()
    trouble: Trouble | None = None
    found: Mapping[str, Any] = {"data": [], "findings": 0}
    try:
        found = read(list_anomalies, {"since": since, "limit": str(SHOWN)})
    except Noes as no:
        trouble = trouble_of(no)
    findings = [
        {
            **each,
            "about": [
                (what, one, f"{_ROLES[what]}:{one}" if what in _ROLES else "")
                for what, one in each["who"].items()
            ],
        }
        for each in found["data"]
    ]
    return page(
        "auditor/findings",
        trouble.status if trouble else 200,
        findings=findings,
        count=found["findings"],
        since=since,
        trouble=trouble,
    )
