"""Signing in by a provider of OpenID Connect, and linking who one is there.

Nobody is found by a name or an address: whoever is not linked is told how to be.
"""

from __future__ import annotations

from typing import Final

from flask import Response, g, make_response, redirect, request
from flask.typing import ResponseReturnValue

from api.current import current_book, current_settings, current_state
from api.pages.account.begun import Begun, at_home, said_at_the_door, way_ended
from api.pages.guard import (
    form_token,
    page,
    pages,
    refuse_insecure,
    session_sent,
    signed_in,
    whose_session,
    with_provider,
)
from api.problems import status_of
from api.provider import FLOW_MS, Provider
from api.writes.asking import asking_with
from ledger.door import identities, sessions
from ledger.errors import Refused

_SIGN_IN: Final = "sign_in"
_LINK: Final = "link"
_AFTER: Final = "{}/sign-in"
"""Where the provider sends people who signed out there."""
_SENTENCES: Final = frozenset(
    "identity_refused unknown_identity provider_unreachable token_revoked caller_not_active".split()
)
"""What is said on the page for signing in itself."""
_BEGUN: Final = Begun("provider", FLOW_MS, "Lax")


def provider() -> Provider:
    """By whom people sign in. Refuses with `sign_in_not_offered` where there is nobody."""
    found = current_state().provider
    if found is None:
        raise Refused("sign_in_not_offered", "no provider is configured here")
    return found


@pages.post("/sign-in/provider")
@with_provider
def sign_in_by_provider() -> ResponseReturnValue:
    """Go there, to say who one is."""
    refuse_insecure()
    try:
        return _go(_SIGN_IN, "")
    except Refused as no:
        return said_at_the_door(no, _SENTENCES)


@pages.post("/account/provider")
@signed_in
def link_identity() -> ResponseReturnValue:
    """Go there, to be linked."""
    identities.refuse_unless_oneself(g.caller)
    sessions.refuse_unless_lately(current_book(), session_sent())
    return _go(_LINK, g.form_token)


@pages.post("/sign-out/provider")
@with_provider
def sign_out_at_provider() -> ResponseReturnValue:
    """Go there, to sign out there too. It asks before it does."""
    try:
        address = provider().end_address(_AFTER.format(current_settings().public_url))
    except Refused as no:
        if no.code != "provider_unreachable":
            raise
        return page("signed_out", status_of(no.code), why=no.code)
    if not address:
        raise Refused("sign_in_not_offered", "the provider has no page for signing out")
    return redirect(address, 303)


def provider_ends_sessions() -> bool:
    """Whether one may sign out at the provider from here; not while it does not answer."""
    found = current_state().provider
    try:
        return found is not None and bool(found.end_address(""))
    except Refused as no:
        if no.code != "provider_unreachable":
            raise
        return False


@pages.get("/sign-in/provider/back")
@with_provider
def back_from_provider() -> ResponseReturnValue:
    """Whoever comes back with what was begun in this browser is signed in, or linked."""
    what, _, kept = _BEGUN.kept().partition(".")
    if what == _LINK:
        return _BEGUN.end(_linked(kept))
    try:
        return _BEGUN.end(_signed_in(kept))
    except Refused as no:
        return _BEGUN.end(said_at_the_door(no, _SENTENCES))


@pages.post("/account/provider/unlink")
@signed_in
def unlink_identity() -> ResponseReturnValue:
    """An identity signs me in no more."""
    return way_ended("/account/provider/unlink", lambda _: "/account?done=unlinked")


def _go(what: str, whose: str) -> Response:
    address, kept = provider().begin(f"{what} {whose}")
    return _BEGUN.begin(make_response(redirect(address, 303)), f"{what}.{kept}")


def _signed_in(kept: str) -> Response:
    who = provider().finish(request.args, kept, f"{_SIGN_IN} ")
    book = current_book()
    session, until = identities.sign_in(
        book, issuer=who.issuer, subject=who.subject, before=session_sent()
    )
    return at_home(session, until)


def _linked(kept: str) -> Response:
    """Only in the session in which it was begun."""
    session = session_sent()
    g.caller = whose_session(session)
    g.form_token = form_token(session)
    who = provider().finish(request.args, kept, f"{_LINK} {g.form_token}")
    # What was sent back is good once at the provider, and so is its key here.
    key = identities.key_of(request.args.get("state", ""))
    ask = asking_with(key, "/account/provider", {}, {})
    identities.link(ask, issuer=who.issuer, subject=who.subject, session=session)
    return make_response(redirect("/account?done=linked", 303))
