"""What a till is told: the sentence beside every answer to a voucher that is shown.

The words are `ledger.till_words`; here the branch's name is looked up, and it is known which routes
a till asks. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from flask import current_app, request
from marshmallow import Schema, fields

from api.current import current_book
from ledger import till_words
from ledger.till_words import MOMENTS, said

View = TypeVar("View", bound=Callable[..., Any])

_AT_THE_TILL: Final = "sidereal_at_the_till"
"""The attribute of a view function that a till asks: `real` or `practice`."""


class SaidSchema(Schema):
    """One sentence: what happened, and what to do now."""

    zh = fields.String(required=True)
    en = fields.String(required=True)


def at_the_till(view: View) -> View:
    """Let every no of this route have a sentence for the till. Goes below the other decorators."""
    setattr(view, _AT_THE_TILL, "real")
    return view


def in_practice(view: View) -> View:
    """As `at_the_till`, for a route that only pretends: every answer of it says `practice`."""
    setattr(view, _AT_THE_TILL, "practice")
    return view


def beside_a_no(code: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a till's problem has besides: the sentence, and whether it is practice. Nothing where
    nobody stands at a till."""
    view = current_app.view_functions.get(request.endpoint or "")
    kind = getattr(view, _AT_THE_TILL, "")
    if not kind:
        return {}
    words = said_at_the_till(code, facts)
    if kind == "practice":
        return {"practice": True, "till": till_words.in_practice(words)}
    return {"till": words}


def said_at_the_till(code: str, facts: Mapping[str, Any]) -> dict[str, str]:
    """The sentence of a no, in both languages."""
    book = current_book()
    named = [each for each in (facts.get("branch"), *facts.get("branches", ())) if each]
    # Only the merchant's own branches are ever among the facts of a voucher of theirs.
    names = book.vault.place_names(named) if named else {}
    # Asked only where a time is told: the clock itself may be what the refusal is about.
    now = book.clock.now_ms() if facts.keys() & MOMENTS else 0
    return said(code, facts, now=now, names=names)
