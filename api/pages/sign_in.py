"""Signing in by a link or its code, and out again."""

from __future__ import annotations

from flask import Response, g, make_response, redirect, request
from flask.typing import ResponseReturnValue

from api.current import current_book
from api.pages.account.identities import provider_ends_sessions
from api.pages.calling import form_key
from api.pages.guard import (
    forget_told,
    give_session,
    page,
    pages,
    refuse_insecure,
    session_sent,
    signed_in,
    take_session,
    told,
    whose_session,
    with_provider,
)
from api.pages.people import who_is
from api.pages.public.home import home
from api.pages.roles import AREAS
from api.writes.asking import asking_with
from ledger.door import sessions, ways
from ledger.errors import Refused


@pages.get("/")
def begin() -> ResponseReturnValue:
    """Where whoever is signed in begins; the ledger's own page for everybody else."""
    session = session_sent()
    if not session:
        return home()
    caller = whose_session(session)
    return redirect(AREAS[caller.role].home, 303)


@pages.get("/sign-in")
@with_provider
def sign_in_page() -> Response:
    """A field for the code of a link; and why one is here, where a form led here."""
    why = told()
    answer = page("sign_in", why=why, link="", who=None, unsent=bool(why))
    if why:
        forget_told(answer)
    return answer


@pages.get("/sign-in/<link>")
@with_provider
def sign_in_link(link: str) -> Response:
    """A button. To look is not to use: whoever previews links for somebody uses none up."""
    secret = sessions.typed(link)
    caller = sessions.whose_link(current_book(), secret)
    return page("sign_in", why="", link=secret, who=who_is(caller, masked=True))


@pages.post("/sign-in")
def sign_in_now() -> Response:
    """Use the link up and begin a session, never one that this browser had before."""
    refuse_insecure()
    secret = sessions.typed(request.form.get("link", ""))
    book = current_book()
    caller = sessions.whose_link(book, secret)
    if caller.role not in AREAS:
        raise Refused("role_not_allowed", f"there is no page for the role {caller.role}")
    answer = make_response(redirect(AREAS[caller.role].home, 303))
    session, until = sessions.sign_in(book, secret, before=session_sent())
    give_session(answer, session, until)
    return answer


@pages.post("/sign-out")
@signed_in
def sign_out() -> Response:
    """End this browser's session, or all of this till's, clerk's or person's, or with them each
    way of signing in that was added."""
    book, session, where = current_book(), session_sent(), request.form.get("where")
    by_provider = sessions.means_of(book, session) == "oidc"
    if where == "everything":
        ways.end_every(asking_with(form_key(), "/sign-out", {"where": where}, {}))
    if where in ("everywhere", "everything"):
        sessions.sign_out_everywhere(book, g.caller)
    sessions.sign_out(book, session)
    there = by_provider and provider_ends_sessions()
    answer = make_response(redirect("/sign-out" if there else "/sign-in", 303))
    take_session(answer)
    return answer


@pages.get("/sign-out")
@with_provider
def signed_out() -> ResponseReturnValue:
    """Whoever is signed out here may sign out at the provider as well."""
    if session_sent():
        return redirect("/", 303)
    if not provider_ends_sessions():
        return redirect("/sign-in", 303)
    return page("signed_out", why="")
