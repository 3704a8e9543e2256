"""What was begun in this browser and ends in it soon, and what becomes of who signed in so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from flask import Response, g, make_response, redirect, request
from flask.typing import ResponseReturnValue

from api.current import current_settings
from api.pages.calling import form_key
from api.pages.guard import cookie_name, give_session, page, take_session, whose_session
from api.pages.roles import AREAS
from api.problems import status_of
from api.writes.asking import asking_with
from ledger.door import ways
from ledger.errors import Refused
from ledger.sequencer import Receipt


@dataclass(frozen=True, slots=True)
class Begun:
    """A cookie of a few minutes. `samesite` is Lax where another site sends people back."""

    name: str
    ms: int
    samesite: Literal["Lax", "Strict"]

    def kept(self) -> str:
        """What this browser holds; "" where nothing was begun."""
        return request.cookies.get(self._cookie, "")

    def begin(self, answer: Response, kept: str) -> Response:
        """The browser holds this for a while."""
        answer.set_cookie(
            self._cookie,
            kept,
            max_age=self.ms // 1000,
            path="/",
            secure=current_settings().is_public_secure,
            httponly=True,
            samesite=self.samesite,
        )
        return answer

    def end(self, answer: Response) -> Response:
        """What was begun is over, however it ended."""
        answer.delete_cookie(
            self._cookie,
            path="/",
            secure=current_settings().is_public_secure,
            httponly=True,
            samesite=self.samesite,
        )
        return answer

    @property
    def _cookie(self) -> str:
        return f"{cookie_name(current_settings())}-{self.name}"


def at_home(session: str, until: int) -> Response:
    """The way to one's own pages, in a session that has just begun."""
    answer = make_response(redirect(AREAS[whose_session(session).role].home, 303))
    give_session(answer, session, until)
    return answer


def said_at_the_door(no: Refused, sentences: frozenset[str]) -> Response:
    """The page for signing in with one of `sentences`; another no is raised again."""
    if no.code not in sentences:
        raise no
    return page("sign_in", status_of(no.code), why=no.code, link="", who=None)


def way_ended(address: str, back: Callable[[Receipt], str]) -> ResponseReturnValue:
    """The way of signing in that the form names is no more. Whoever came in by it is signed out,
    others go on to what `back` makes of the receipt. Refuses as `ways.end`."""
    credential = request.form.get("credential", "")
    ask = asking_with(form_key(), address, {"credential": credential}, {})
    receipt = ways.end(ask, credential=credential)
    if credential != g.caller.credential:
        return redirect(back(receipt), 303)
    answer = make_response(redirect("/sign-in", 303))
    take_session(answer)
    return answer
