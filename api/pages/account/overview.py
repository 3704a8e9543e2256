"""Who is signed in here, since when and until when, and where else."""

from __future__ import annotations

from typing import Any

from flask import Response, g, make_response, redirect, request
from flask.typing import ResponseReturnValue

from api.current import current_book, current_settings
from api.pages.account.helping import said_scopes
from api.pages.calling import made_here, may, read
from api.pages.guard import (
    idle_ms,
    page,
    pages,
    session_sent,
    signed_in,
    take_session,
    with_provider,
)
from api.pages.people import who_is
from api.reads.helping import list_helped, list_helpers, masked_names
from ledger.door import helping, identities, passkeys, sessions, ways
from ledger.door.tree import refuse_helpers
from ledger.errors import Refused


@pages.get("/account")
@with_provider
@signed_in
def account() -> Response:
    """Who I am, and everywhere that I am signed in."""
    book, caller = current_book(), g.caller
    if caller.helper:
        (lent,) = [
            each
            for each in helping.helped_by(book, caller.helper)
            if each.credential == caller.credential
        ]
        return page("account/acting", lent=lent, what=said_scopes(lent.scopes))
    open_ones = sessions.open_sessions(book, caller, session_sent(), idle_ms=idle_ms())
    helpers = read(list_helpers, volunteer=caller.id) if caller.role == "volunteer" else None
    others = [each.party if each.helper == caller.party else each.helper for each in open_ones]
    here = next((each for each in open_ones if each.here), None)
    return page(
        "account/account",
        who=who_is(caller),
        sessions=open_ones,
        names=masked_names([each for each in others if each], caller),
        here=here,
        idle_minutes=current_settings().idle_minutes,
        late=here is None or sessions.is_late(here.since, book.clock.now_ms()),
        ways=0 if caller.terminal else len(ways.ways_of(book, caller.party)),
        done=request.args.get("done", ""),
        number=sessions.grouped(caller.id) if caller.role in ("volunteer", "reviewer") else "",
        helpers=_still(helpers),
        helped=_still(read(list_helped) if may(list_helped) else None),
        identities=identities.linked(book, caller.party),
        own_passkeys=passkeys.passkeys_of(book, caller.party),
        passkey_done=_made(request.args.get("passkey", "")),
        links_itself=not caller.terminal,
        can_be_helped=caller.role == "volunteer",
    )


def _made(number: str) -> str:
    """The kind of an entry that this very sign-in made a moment ago; "" for anything else."""
    index = made_here(number)
    return "" if index is None else current_book().entry(index).kind


def _still(helps: Any) -> list[dict[str, Any]]:
    """Those that are good now, and what they allow beside looking."""
    if helps is None:
        return []
    return [
        {**each, "what": said_scopes(each["scopes"])}
        for each in helps["data"]
        if each["state"] in ("active", "paused")
    ]


@pages.post("/account/sessions/end")
@signed_in
def end_session() -> ResponseReturnValue:
    """Sign one browser of mine out. One that is over already is no fault of whoever asks."""
    refuse_helpers(g.caller)
    book, session = current_book(), session_sent()
    open_ones = sessions.open_sessions(book, g.caller, session, idle_ms=idle_ms())
    here = next((each for each in open_ones if each.here), None)
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
