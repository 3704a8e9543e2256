"""Signing in by a link or its code, and out again."""

from __future__ import annotations

from flask import Response, g, make_response, redirect, request
from flask.typing import ResponseReturnValue

from api.current import current_book
from api.pages.guard import (
    give_session,
    page,
    pages,
    refuse_insecure,
    session_sent,
    signed_in,
    take_session,
    whose_session,
    with_provider,
)
from api.pages.people import who_is
from api.pages.public.home import home
from api.pages.roles import AREAS
from ledger.door import sessions
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
    """A field for the code of a link."""
    return page("sign_in", why="", link="", who=None)


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
    """End this browser's session, or all of this till's, clerk's or person's."""
    if request.form.get("where") == "everywhere":
        sessions.sign_out_everywhere(current_book(), g.caller)
    sessions.sign_out(current_book(), session_sent())
    answer = make_response(redirect("/sign-in", 303))
    take_session(answer)
    return answer
