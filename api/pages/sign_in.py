"""Signing in by a link or its code, and out again."""

from __future__ import annotations

from typing import Final

from flask import Response, g, make_response, redirect, request

from api.current import current_book
from api.pages.guard import (
    give_session,
    page,
    pages,
    refuse_insecure,
    session_sent,
    signed_in,
    take_session,
)
from api.pages.people import place_of
from ledger.door import sessions
from ledger.errors import Refused

_HOME: Final = {"merchant": "/till"}
"""Where each role begins."""


@pages.get("/sign-in")
def sign_in_page() -> Response:
    """A field for the code of a link."""
    return page("sign_in", why="", link="", who=None)


@pages.get("/sign-in/<link>")
def sign_in_link(link: str) -> Response:
    """A button. To look is not to use: whoever previews links for somebody uses none up."""
    secret = sessions.typed(link)
    caller = sessions.whose_link(current_book(), secret)
    return page("sign_in", why="", link=secret, who=place_of(caller))


@pages.post("/sign-in")
def sign_in_now() -> Response:
    """Use the link up and begin a session, never one that this browser had before."""
    refuse_insecure()
    secret = sessions.typed(request.form.get("link", ""))
    book = current_book()
    caller = sessions.whose_link(book, secret)
    if caller.role not in _HOME:
        raise Refused("role_not_allowed", f"there is no page for the role {caller.role}")
    answer = make_response(redirect(_HOME[caller.role], 303))
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
