"""Drafts of rules: brought in, read beside what is in force, simulated, adopted or given up."""

from __future__ import annotations

from typing import Any, Final

from flask import Response, redirect, request
from flask.typing import ResponseReturnValue

from api.current import current_book
from api.pages.calling import read, write
from api.pages.guard import body_may_have, for_roles, page, pages
from api.pages.operator.policies import (
    compared,
    document_named,
    lines_of,
    names_of_documents,
)
from api.pages.troubles import Noes, Trouble, trouble_of
from api.problems import Problem
from api.reads.drafts import get_draft
from api.schemas import SimulationOfDraftSchema
from api.writes.drafts import kept, simulated
from api.writes.policies import adopt_policy
from ledger.door import drafts
from ledger.errors import Refused
from ledger.policies import shipped
from ledger.policy import TOML_BYTES_MAX, PolicyRefused

_FORM_BYTES_MAX: Final = TOML_BYTES_MAX * 3 + 16_384
"""A document in a form, where each byte may take three."""


@pages.get("/operator/drafts/new")
@for_roles("operator")
def new_draft() -> Response:
    """A field for the document, filled with a shipped one if asked."""
    name = request.args.get("from", "")
    toml = shipped(name).decode() if name else ""
    return _new(toml)


@pages.post("/operator/drafts/new")
@body_may_have(_FORM_BYTES_MAX)
@for_roles("operator")
def bring_draft() -> ResponseReturnValue:
    """Keep a document that was chosen as a file or typed."""
    file = request.files.get("file")
    toml = request.form.get("toml", "")
    if file is not None and file.filename:
        try:
            toml = file.read().decode()
        except UnicodeDecodeError:
            return _new("", trouble_of(Refused("bad_encoding", "a document is UTF-8")))
    try:
        return redirect(f"/operator/drafts/{kept(toml)}", 303)
    except PolicyRefused as no:
        return _new(toml, trouble_of(no), where=(no.path, no.reason))


@pages.get("/operator/drafts/<id:draft>")
@for_roles("operator")
def draft(draft: str) -> Response:
    """The draft: where it differs from what is in force and why, and what it would have changed."""
    return _shown(draft)


@pages.post("/operator/drafts/<id:draft>/simulate")
@for_roles("operator")
def simulate(draft: str) -> ResponseReturnValue:
    """Begin the simulation; the draft's page says how far it is."""
    since = request.form.get("since", "").strip()
    odd = SimulationOfDraftSchema().validate({"since": since} if since else {})
    if odd:
        no = Problem("bad_time", "this is no day", errors=[("/since", "bad_time", "no such day")])
        return _shown(draft, trouble_of(no))
    try:
        simulated(draft, since)
    except Refused as no:
        return _shown(draft, trouble_of(no))
    return redirect(f"/operator/drafts/{draft}#simulation", 303)


@pages.post("/operator/drafts/<id:draft>/adopt")
@for_roles("operator")
def adopt(draft: str) -> ResponseReturnValue:
    """Put it in force from its effective date, by an entry."""
    found = read(get_draft, draft=draft)
    try:
        write(adopt_policy, {"toml": found["toml"]})
    except Noes as no:
        return _shown(draft, trouble_of(no))
    return redirect(f"/operator/policies/{found['policy']}/{found['version']}", 303)


@pages.post("/operator/drafts/<id:draft>/drop")
@for_roles("operator")
def drop(draft: str) -> ResponseReturnValue:
    """Give it up."""
    drafts.drop(current_book(), draft)
    return redirect("/operator/policies", 303)


def _new(toml: str, trouble: Trouble | None = None, where: tuple[str, str] = ("", "")) -> Response:
    return page(
        "operator/draft_new",
        trouble.status if trouble else 200,
        toml=toml,
        trouble=trouble,
        where=where,
    )


def _shown(draft: str, trouble: Trouble | None = None) -> Response:
    found = read(get_draft, draft=draft)
    names = names_of_documents()
    beside = request.args.get("beside", "")
    if beside not in names:
        in_force = current_book().policy().version_name
        beside = in_force if in_force in names else names[0]
    return page(
        "operator/draft",
        trouble.status if trouble else 200,
        found=found,
        lines=list(lines_of(found["document"])),
        names=names,
        beside=beside,
        differences=compared(document_named(beside), found["document"]),
        outcome=_outcome(found["simulation"]["outcome"]),
        trouble=trouble,
    )


def _outcome(came_to: dict[str, Any] | None) -> dict[str, Any] | None:
    """A simulation's outcome, but for what nobody gains or loses."""
    if came_to is None:
        return None

    def some(found: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
        return {name: each for name, each in found.items() if any(each.values())}

    by_tier = {tier: some(found) for tier, found in came_to["by_tier"].items()}
    return {
        **came_to,
        "changes": some(came_to["changes"]),
        "by_tier": {tier: found for tier, found in by_tier.items() if found},
        "eligible_stars": _moves(came_to["eligible_stars"]),
        "held_stars": _moves(came_to["held_stars"]),
    }


def _moves(found: list[dict[str, int]]) -> list[dict[str, int]]:
    """People by star before and under the draft, but for those whose star stays."""
    return [each for each in found if each["from"] != each["to"]]
