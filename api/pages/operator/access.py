"""Credentials: sign-in links and tokens, shown once, and revoking them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, g, redirect, request
from flask.typing import ResponseReturnValue

from api.current import current_book
from api.pages.calling import read, write
from api.pages.guard import for_roles, page, pages, session_sent
from api.pages.operator.home import number_done
from api.pages.troubles import Noes, Trouble, trouble_of
from api.papers.qr import svg
from api.reads.access import list_tokens
from api.writes.tokens import issue_token, make_sign_in_link, revoke_token
from ledger.actors import ROLE_OF
from ledger.door import sessions


@pages.get("/operator/access")
@for_roles("operator")
def access() -> Response:
    """Every credential, in the order of issue."""
    return _listed()


@pages.post("/operator/parties/<party:address>/link")
@for_roles("operator")
def link_for_party(address: str) -> ResponseReturnValue:
    """A link that signs somebody in once; shown on this one page."""
    return _made(address, make_sign_in_link, {"party": address})


@pages.post("/operator/parties/<party:address>/token")
@for_roles("operator")
def token_for_party(address: str) -> ResponseReturnValue:
    """A token for a program of theirs; shown on this one page."""
    role = ROLE_OF.get(address.partition(":")[0], "")
    return _made(address, issue_token, {"party": address, "role": role})


@pages.post("/operator/access/<id:credential>/revoke")
@for_roles("operator")
def revoke(credential: str) -> ResponseReturnValue:
    """Stop a credential at once: its token, and whoever is signed in on it."""
    try:
        receipt, _ = write(revoke_token, {}, credential=credential)
    except Noes as no:
        return _listed(trouble_of(no))
    return redirect(f"/operator/access?done={receipt.entry.index}", 303)


def _listed(trouble: Trouble | None = None) -> Response:
    found = read(list_tokens, {"starting_after": request.args.get("after", "")})
    return page(
        "operator/access",
        trouble.status if trouble else 200,
        found=found,
        trouble=trouble,
        done=number_done(),
    )


def _made(address: str, view: Any, body: Mapping[str, str]) -> ResponseReturnValue:
    """The one page that shows a secret. Sent again, the form finds that it was shown before."""
    sessions.refuse_unless_lately_for(current_book(), session_sent(), g.caller, address)
    try:
        receipt, once = write(view, body)
    except Noes as no:
        trouble = trouble_of(no)
        return page("operator/made", trouble.status, address=address, trouble=trouble, once={})
    link = once.get("link", "")
    answer = page(
        "operator/made",
        address=address,
        trouble=None,
        once=once,
        number=receipt.entry.index,
        credential=receipt.entry.facts["credential"],
        picture=svg(link).decode() if link else "",
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
