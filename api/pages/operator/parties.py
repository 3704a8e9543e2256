"""Everybody who takes part: found by kind, registered, suspended, let in again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from flask import Response, g, redirect, request
from flask.typing import ResponseReturnValue

from api.current import current_book
from api.pages import words
from api.pages.calling import every, read, write
from api.pages.guard import for_roles, page, pages
from api.pages.operator.home import number_done
from api.pages.troubles import Noes, Trouble, trouble_of
from api.reads.access import list_parties, list_tokens
from api.reads.asking import not_there
from api.schemas import PARTY_KINDS
from api.writes.parties import (
    leave,
    register_auditor,
    register_merchant,
    register_organisation,
    register_staff,
    reinstate_party,
    suspend_party,
)
from ledger.actions.parties import FORMS, TIERS
from ledger.actors import ROLE_OF
from ledger.store import queries

_REGISTERED_BY: Final[Mapping[str, tuple[Callable[..., Any], tuple[str, ...]]]] = {
    "organisation": (
        register_organisation,
        ("name", "form", "organisation_code", "tier", "parent"),
    ),
    "merchant": (register_merchant, ("name", "number")),
    "staff": (register_staff, ("name", "number", "organisation")),
    "auditor": (register_auditor, ("name", "number")),
}
"""What an operator registers on this page, and the fields of its form. Volunteers are registered
at an organisation's desk, branches and tills on the merchant's pages."""
_SENT_AS: Final = {"form": "shape"}
"""Fields that a form sends under another name: `form` is the session's token."""
_SAYS_FIELD: Final = {"bad_organisation_code": "organisation_code", "tier_not_below_parent": "tier"}
"""Beside which field a no is said that is given for the whole request."""
_CHANGES: Final[Mapping[str, Callable[..., Any]]] = {
    "suspend": suspend_party,
    "reinstate": reinstate_party,
    "leave": leave,
}
_SHOWN: Final = (
    "organisation staff volunteer merchant branch terminal clerk auditor operator".split()
)
"""Kinds in the order in which one looks for them."""
_SIGN_IN: Final = frozenset({"volunteer", "organisation", "staff", "merchant", "auditor"})


@pages.get("/operator/parties")
@for_roles("operator")
def parties() -> Response:
    """One kind at a time, in the order of registration."""
    kind = request.args.get("kind", "organisation")
    return _listed(kind if kind in PARTY_KINDS else "organisation")


@pages.post("/operator/parties/<string:kind>")
@for_roles("operator")
def register(kind: str) -> ResponseReturnValue:
    """Register an organisation, a merchant, somebody on a staff or an auditor."""
    if kind not in _REGISTERED_BY:
        raise not_there()
    view, names = _REGISTERED_BY[kind]
    typed = {name: request.form.get(_SENT_AS.get(name, name), "").strip() for name in names}
    try:
        receipt, _ = write(view, typed)
    except Noes as no:
        trouble = trouble_of(no)
        beside = _SAYS_FIELD.get(trouble.code)
        if beside:
            trouble = replace(trouble, fields={**trouble.fields, beside: trouble.sentence})
        return _listed(kind, typed, trouble)
    made = receipt.entry.facts[kind]
    return redirect(f"/operator/parties/{kind}:{made}?done={receipt.entry.index}", 303)


@pages.get("/operator/parties/<party:address>")
@for_roles("operator")
def party(address: str) -> Response:
    """One party: its state, its credentials, and what an operator can do about it."""
    return _one(address)


@pages.post("/operator/parties/<party:address>/<string:change>")
@for_roles("operator")
def change_party(address: str, change: str) -> ResponseReturnValue:
    """Suspend, reinstate, or record that somebody left."""
    if change not in _CHANGES:
        raise not_there()
    try:
        receipt, _ = write(
            _CHANGES[change], {"reason": request.form.get("reason", "").strip()}, address=address
        )
    except Noes as no:
        return _one(address, trouble_of(no))
    return redirect(f"/operator/parties/{address}?done={receipt.entry.index}", 303)


def _listed(
    kind: str, typed: Mapping[str, str] | None = None, trouble: Trouble | None = None
) -> Response:
    found = read(list_parties, {"kind": kind, "starting_after": request.args.get("after", "")})
    above = every(list_parties, {"kind": "organisation"})
    return page(
        "operator/parties",
        trouble.status if trouble else 200,
        kind=kind,
        kinds=_SHOWN,
        found=found,
        fields=_REGISTERED_BY[kind][1] if kind in _REGISTERED_BY else (),
        organisations=[
            (each["party"].partition(":")[2], each.get("name", each["party"])) for each in above
        ],
        tier_names=[("", "—"), *((each, words.say(f"tier.{each}", g.lang)) for each in TIERS)],
        form_names=[(each, words.say(f"op.form.{each}", g.lang)) for each in FORMS],
        typed=typed or {},
        trouble=trouble,
    )


def _one(address: str, trouble: Trouble | None = None) -> Response:
    kind = address.partition(":")[0]
    with current_book().database.reading() as connection:
        row = queries.party(connection, address)
    if row is None or kind not in PARTY_KINDS:
        raise not_there()
    listed = read(list_parties, {"kind": kind, "limit": "1", "starting_after": str(row.since - 1)})[
        "data"
    ]
    credentials = list(every(list_tokens, {"party": address}))
    return page(
        "operator/party",
        trouble.status if trouble else 200,
        one=next(each for each in listed if each["party"] == address),
        kind=kind,
        credentials=credentials[::-1],
        signs_in=kind in _SIGN_IN and row.state == "active",
        role=ROLE_OF.get(kind, ""),
        trouble=trouble,
        done=number_done(),
    )
