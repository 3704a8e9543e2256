"""Who is signed in here, since when and until when, and where else."""

from __future__ import annotations

from flask import Response, g, make_response, redirect, request
from flask.typing import ResponseReturnValue

from api.current import current_book
from api.pages.guard import page, pages, session_sent, signed_in, take_session
from api.pages.people import who_is
from ledger.door import sessions
from ledger.errors import Refused


@pages.get("/account")
@signed_in
def account() -> Response:
    """Who I am, and everywhere that I am signed in."""
    open_ones = sessions.open_sessions(current_book(), g.caller, session_sent())
    return page(
        "account/account",
        who=who_is(g.caller),
        sessions=open_ones,
        here=next((each for each in open_ones if each.here), None),
        done=request.args.get("done", ""),
    )


@pages.post("/account/sessions/end")
@signed_in
def end_session() -> ResponseReturnValue:
    """Sign one browser of mine out. One that is over already is no fault of whoever asks."""
    book, session = current_book(), session_sent()
    here = next(
        (each for each in sessions.open_sessions(book, g.caller, session) if each.here), None
    )
    reference = request.form.get("session", "")
    try:
        sessions.end_session(book, g.caller, reference)
    except Refused as no:
        if no.code != "unknown_session":
            raise
    if here is not None and reference == here.reference:
        answer = make_response(redirect("/sign-in", 303))
        take_session(answer)
        return answer
    return redirect("/account?done=ended", 303)
