"""Signing in by a passkey, and adding and removing one's own.

A script asks for options, lets the browser talk to the authenticator, and sends the answer as an
ordinary form (`static/passkey.js`). Nobody types a name: a passkey says itself whose it is.
"""

from __future__ import annotations

import hashlib
from typing import Final

from flask import Response, g, jsonify, make_response, redirect, request
from flask.typing import ResponseReturnValue

from api.current import current_book, current_settings
from api.pages import words
from api.pages.account.begun import Begun, at_home, said_at_the_door, way_ended
from api.pages.guard import (
    pages,
    refuse_insecure,
    session_sent,
    signed_in,
)
from api.pages.people import Person, who_is
from api.passkeys import Here, here, id_shown
from api.writes.asking import asking_with
from ledger.door import passkeys, sessions
from ledger.door.identities import refuse_unless_oneself
from ledger.errors import Refused
from ledger.sequencer import Receipt

_SIGN_IN: Final = "sign in"
_SENTENCES: Final = frozenset(
    "passkey_refused unknown_passkey token_revoked caller_not_active".split()
)
"""What is said on the page for signing in itself."""
_BEGUN: Final = Begun("passkey", passkeys.FLOW_MS, "Strict")


@pages.post("/sign-in/passkey/options")
def passkey_challenge() -> Response:
    """What the browser is to ask for, to sign somebody in."""
    refuse_insecure()
    server = _here()
    challenge, kept = passkeys.begin(current_book(), _SIGN_IN)
    return _BEGUN.begin(jsonify(server.options_to_show(challenge=challenge)), kept)


@pages.get("/sign-in/passkey")
def passkey_page() -> ResponseReturnValue:
    """Where somebody looks again at what was said after a passkey."""
    return redirect("/sign-in", 303)


@pages.post("/sign-in/passkey")
def sign_in_by_passkey() -> Response:
    """Begin a session, by what an authenticator signed."""
    refuse_insecure()
    try:
        return _BEGUN.end(_signed_in())
    except Refused as no:
        return _BEGUN.end(said_at_the_door(no, _SENTENCES))


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
    return _BEGUN.begin(jsonify(options), kept)


@pages.post("/account/passkeys")
@signed_in
def add_passkey() -> Response:
    """It signs me in from now on."""
    _refuse_unless_may_add()
    server, book = _here(), current_book()
    challenge = passkeys.challenge_of(book, _BEGUN.kept(), _adding())
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
    return _BEGUN.end(make_response(redirect(_shown_with(receipt), 303)))


@pages.post("/account/passkeys/remove")
@signed_in
def remove_passkey() -> ResponseReturnValue:
    """It signs me in no more."""
    return way_ended("/account/passkeys/remove", _shown_with)


def _signed_in() -> Response:
    server, book = _here(), current_book()
    challenge = passkeys.challenge_of(book, _BEGUN.kept(), _SIGN_IN)
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
    return at_home(session, until)


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


def _shown_with(receipt: Receipt) -> str:
    """The account page, which says what became of it."""
    return f"/account?passkey={receipt.entries[-1].index}"
