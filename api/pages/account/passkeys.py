"""Signing in by a passkey, and adding and removing one's own.

A script asks for options, lets the browser talk to the authenticator, and sends the answer as an
ordinary form (`static/passkey.js`). Nobody types a name: a passkey says itself whose it is.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from flask import Response, g, jsonify, make_response, redirect, request
from flask.typing import ResponseReturnValue

from api.current import current_book, current_settings
from api.pages import words
from api.pages.calling import form_key
from api.pages.guard import (
    cookie_name,
    give_session,
    page,
    pages,
    refuse_insecure,
    session_sent,
    signed_in,
    take_session,
    whose_session,
)
from api.pages.people import Person, who_is
from api.pages.roles import AREAS
from api.passkeys import Here, here, id_shown
from api.problems import status_of
from api.writes.asking import asking_with
from ledger.door import passkeys, sessions, ways
from ledger.door.identities import refuse_unless_oneself
from ledger.errors import Refused

_SIGN_IN: Final = "sign in"
_SENTENCES: Final = frozenset(
    "passkey_refused unknown_passkey token_revoked caller_not_active".split()
)
"""What is said on the page for signing in itself."""


@pages.post("/sign-in/passkey/options")
def passkey_challenge() -> Response:
    """What the browser is to ask for, to sign somebody in."""
    refuse_insecure()
    server = _here()
    challenge, kept = passkeys.begin(current_book(), _SIGN_IN)
    return _begun(server.options_to_show(challenge=challenge), kept)


@pages.get("/sign-in/passkey")
def passkey_page() -> ResponseReturnValue:
    """Where somebody looks again at what was said after a passkey."""
    return redirect("/sign-in", 303)


@pages.post("/sign-in/passkey")
def sign_in_by_passkey() -> Response:
    """Begin a session, by what an authenticator signed."""
    refuse_insecure()
    try:
        return _forgetting(_signed_in())
    except Refused as no:
        if no.code not in _SENTENCES:
            raise
        answer = page("sign_in", status_of(no.code), why=no.code, link="", who=None)
        return _forgetting(answer)


@pages.post("/account/passkeys/options")
@signed_in
def passkey_to_make() -> Response:
    """What the browser is to make."""
    _refuse_unless_may_add()
    server, book = _here(), current_book()
    challenge, kept = passkeys.begin(book, _adding())
    options = server.options_to_make(
        title=words.say("name", g.lang),
        called=_called(),
        handle=passkeys.handle_of(book, g.caller.party),
        challenge=challenge,
        mine=[each.id for each in passkeys.passkeys_of(book, g.caller.party)],
    )
    return _begun(options, kept)


@pages.post("/account/passkeys")
@signed_in
def add_passkey() -> Response:
    """It signs me in from now on."""
    _refuse_unless_may_add()
    server, book = _here(), current_book()
    challenge = passkeys.challenge_of(book, request.cookies.get(_cookie(), ""), _adding())
    made = server.made(request.form, challenge=challenge)
    # A challenge is answered once, and so is its key here.
    named = {"passkey": hashlib.sha256(made.passkey).hexdigest()}
    ask = asking_with(passkeys.key_of(challenge), "/account/passkeys", {}, named)
    receipt = passkeys.add(
        ask,
        passkey=made.passkey,
        public_key=made.public_key,
        counter=made.counter,
        session=session_sent(),
    )
    return _forgetting(make_response(_back_with(receipt.entries[-1].index)))


@pages.post("/account/passkeys/remove")
@signed_in
def remove_passkey() -> Response:
    """It signs me in no more."""
    credential = request.form.get("credential", "")
    ask = asking_with(form_key(), "/account/passkeys/remove", {"credential": credential}, {})
    receipt = ways.end(ask, credential=credential)
    if credential == g.caller.credential:
        answer = make_response(redirect("/sign-in", 303))
        take_session(answer)
        return answer
    return make_response(_back_with(receipt.entries[-1].index))


def _signed_in() -> Response:
    server, book = _here(), current_book()
    challenge = passkeys.challenge_of(book, request.cookies.get(_cookie(), ""), _SIGN_IN)
    passkey = passkeys.known(book, id_shown(request.form))
    counter = server.counter_shown(
        request.form,
        challenge=challenge,
        passkey=passkey,
        handle=passkeys.handle_of(book, passkey.party),
    )
    session, until = passkeys.sign_in(
        book, passkey, counter=counter, challenge=challenge, before=session_sent()
    )
    caller = whose_session(session)
    answer = make_response(redirect(AREAS[caller.role].home, 303))
    give_session(answer, session, until)
    return answer


def _here() -> Here:
    """This server. Refuses with `sign_in_not_offered` where passkeys are not."""
    found = here(current_settings())
    if found is None:
        raise Refused("sign_in_not_offered", "passkeys need a name and https; see docs/pages.md")
    return found


def _refuse_unless_may_add() -> None:
    """Also before a challenge is looked at: who signed in too long ago is told just that."""
    refuse_unless_oneself(g.caller)
    sessions.refuse_unless_lately(current_book(), session_sent())


def _adding() -> str:
    """What is begun in one session ends in no other."""
    return f"add {g.form_token}"


def _called() -> str:
    """What a device shows beside the passkey: as much of a name as others may see."""
    who = who_is(g.caller, masked=True)
    named = who.name if isinstance(who, Person) else who.merchant
    return named or words.say(f"role.{g.caller.role}", g.lang)


def _back_with(entry: int) -> ResponseReturnValue:
    return redirect(f"/account?passkey={entry}", 303)


def _begun(options: dict[str, Any], kept: str) -> Response:
    answer = jsonify(options)
    answer.set_cookie(
        _cookie(),
        kept,
        max_age=passkeys.FLOW_MS // 1000,
        path="/",
        secure=current_settings().is_public_secure,
        httponly=True,
        samesite="Strict",
    )
    return answer


def _forgetting(answer: Response) -> Response:
    """What was begun is over, however it ended."""
    answer.delete_cookie(
        _cookie(),
        path="/",
        secure=current_settings().is_public_secure,
        httponly=True,
        samesite="Strict",
    )
    return answer


def _cookie() -> str:
    return f"{cookie_name(current_settings())}-passkey"
