"""Health, keys, and what the ledger did by itself."""

from __future__ import annotations

from typing import Final

from flask import Response

from api.metrics import readiness
from api.pages.calling import read
from api.pages.guard import for_roles, page, pages
from api.reads.access import list_keys
from api.reads.runs import list_runs

CAME: Final = ("checkpoint_late", "unreachable", "migrations_missing", "head_ahead", "head_differs")
"""How a check may come out, where there are words for it; anything else is said in general."""


@pages.get("/operator/health")
@for_roles("operator")
def health() -> Response:
    """What `/readyz` finds, each check with what to do, and the newest turn of every timer."""
    return page("operator/health", ready=readiness(), runs=read(list_runs), came_words=CAME)


@pages.get("/operator/keys")
@for_roles("operator")
def keys() -> Response:
    """The public keys that sign now, each with what it is for and where the secret one lies."""
    return page("operator/keys", found=read(list_keys))
