"""Pages for people, made on the server: they call what the API calls and know no more than it.

Who is signed in is a cookie's business and never a bearer's (`api.pages.guard`); every word is in
both languages (`api.pages.words`); the templates are in `api/templates/pages`.
"""

from __future__ import annotations

from api.pages import (
    account,
    auditor,
    files,
    merchant,
    office,
    operator,
    public,
    sign_in,
    tables,
    till,
    volunteer,
    webhooks,
)
from api.pages.guard import pages

__all__ = [
    "account",
    "auditor",
    "files",
    "merchant",
    "office",
    "operator",
    "pages",
    "public",
    "sign_in",
    "tables",
    "till",
    "volunteer",
    "webhooks",
]
