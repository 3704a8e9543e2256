"""What a volunteer's forms have in common: amounts as people type them, names of who is meant, and
the page that says what was done, with its number."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from flask import Response, g, redirect, request
from flask.typing import ResponseReturnValue

from api.current import current_book
from api.pages import words
from api.pages.calling import read
from api.pages.guard import for_roles, page, pages
from api.problems import Problem
from api.reads.entries import get_entry
from api.reads.parties import get_organisation, get_volunteer, names_of
from api.reads.service import get_activity
from api.routes import invalid
from ledger.book import Book
from ledger.sequencer import Receipt

PAGE: Final = "20"
"""How many lines a list of these pages shows at once."""
_DIGITS_MAX: Final = 6

BACK: Final[Mapping[str, str]] = {
    "time_deposited": "/me/time",
    "time_transferred": "/me/time",
    "time_donated": "/me/time",
    "order_requested": "/me/orders",
    "order_offered": "/me/orders",
    "order_accepted": "/me/orders",
    "order_declined": "/me/orders",
    "order_done": "/me/orders",
    "order_confirmed": "/me/orders",
    "order_disputed": "/me/orders",
    "order_cancelled": "/me/orders",
    "objection_filed": "/me/objections",
    "star_applied": "/me/stars",
    "star_granted": "/me/stars",
    "consent_recorded": "/me/consents",
    "card_closed": "/me/card",
    "card_pin_changed": "/me/card",
}
"""Kinds of entries that these pages make, and where to go on after each."""


def went_through(receipt: Receipt) -> ResponseReturnValue:
    """To the page that says what was done."""
    return redirect(f"/me/done/{receipt.entry.index}", 303)


@pages.get("/me/done/<int:index>")
@for_roles("volunteer")
def my_done(index: int) -> Response:
    """What an entry of one's own did, its number, and what happens now."""
    entry = read(get_entry, index=index)
    kind = entry["kind"]
    if kind not in BACK:
        raise Problem("not_found", "there is no page after this")
    facts = json.loads(entry["data"])["facts"]
    said = f"{kind}.{facts['answer']}" if kind == "consent_recorded" else kind
    return page(
        "volunteer/done",
        said=said,
        number=index,
        back=BACK[kind],
        blanks={
            "much": _much(facts.get("minutes", 0)),
            "overflow": _much(facts.get("overflow_minutes", 0)),
            "returned": _much(facts.get("returned_minutes", 0)),
            "day": _day(facts.get("decide_by", "")),
            "star": facts.get("star", 0),
        },
        overflow=facts.get("overflow_minutes", 0),
        returned=facts.get("returned_minutes", 0),
    )


def confirming(
    deed: str, action: str, fields: Mapping[str, Any], back: str, **blanks: str
) -> Response:
    """Ask before it is done: what would happen, one button, the way back to the form as it was
    filled in (`is_to_change`), and the way out."""
    return page(
        "volunteer/confirm", deed=deed, action=action, fields=fields, back=back, blanks=blanks
    )


def is_to_change() -> bool:
    """Whether somebody who was asked wants to put right what they typed: nothing is done."""
    return "change" in request.form


def typed_minutes() -> int:
    """Hours and minutes of a form, in minutes. Raises Problem for anything else, or for nothing."""
    parts = [request.form.get(name, "").strip() or "0" for name in ("hours", "minutes")]
    if not all(each.isascii() and each.isdigit() and len(each) <= _DIGITS_MAX for each in parts):
        raise invalid({"json": {"minutes": ["wrong_type|hours and minutes are whole numbers"]}})
    minutes = int(parts[0]) * 60 + int(parts[1])
    if not minutes:
        raise invalid({"json": {"minutes": ["out_of_range|this is at least one minute"]}})
    return minutes


def typed(*names: str) -> dict[str, str]:
    """What was typed into these fields, to be kept where the form comes back."""
    return {name: request.form.get(name, "") for name in names}


def newest_first(**more: str) -> dict[str, str]:
    """The query of a list's page, newest first, from `?after=` on."""
    after = request.args.get("after", "")
    return {"newest_first": "yes", "limit": PAGE, "starting_after": after, **more}


def activities_of(found: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The activities that these records are of, by id. What came over from elsewhere has none."""
    ids = dict.fromkeys(each["activity"] for each in found if each["activity"])
    return {one: read(get_activity, activity=one) for one in ids}


def names(ids: Iterable[str]) -> Mapping[str, str]:
    """What organisations and shops of these ids are called, where it is known."""
    return names_of([one for one in dict.fromkeys(ids) if one])


def near_organisations() -> list[tuple[str, str]]:
    """(id, name) of the volunteer's own organisation and those above it, the nearest first."""
    found = []
    one = read(get_volunteer, volunteer=g.caller.id)["organisation"]
    while one:
        organisation = read(get_organisation, organisation=one)
        if organisation["state"] == "active":
            found.append((one, organisation.get("name", one)))
        one = organisation["parent"]
    return found


def now_of(book: Book | None = None) -> int:
    """The time of the ledger, ms."""
    return (book or current_book()).clock.now_ms()


def said_at(time: int) -> str:
    """A time (ms) as people say it, in the reader's language."""
    return words.moment(time, now_of(), g.lang)


def _much(minutes: int) -> str:
    return words.duration(minutes, g.lang)


def _day(iso: str) -> str:
    return words.day(iso, now_of(), g.lang) if iso else ""
