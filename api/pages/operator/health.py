"""Health, keys, and what the ledger did by itself."""

from __future__ import annotations

from flask import Response

from api.metrics import readiness
from api.pages.calling import read
from api.pages.guard import for_roles, page, pages
from api.reads.access import list_keys
from api.reads.runs import list_runs


@pages.get("/operator/health")
@for_roles("operator")
def health() -> Response:
    """What `/readyz` finds, each check with what to do, and the newest turn of every timer."""
    return page("operator/health", ready=readiness(), runs=read(list_runs))


@pages.get("/operator/keys")
@for_roles("operator")
def keys() -> Response:
    """The public keys that sign now, each with what it is for and where the secret one lies."""
    return page("operator/keys", found=read(list_keys))
