"""Where the journal stands, and what was checked: the first page of an auditor."""

from __future__ import annotations

from flask import Response

from api.pages.calling import read
from api.pages.guard import for_roles, page, pages
from api.reads.head import get_head


@pages.get("/audit")
@for_roles("auditor")
def audit_home() -> Response:
    """Head, newest checkpoint and who signed it. It is about nobody, so no reason is asked."""
    head = read(get_head)
    return page("auditor/home", head=head, signed=head.get("checkpoint"))
