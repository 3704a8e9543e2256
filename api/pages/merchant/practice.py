"""Practice at the till: the same screens, on made-up vouchers, under a band that says so.

It asks what `/v1/practice` asks. Nothing is looked up of any voucher, and nothing is taken.
"""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Any

from flask import Response, g, redirect, request
from flask.typing import ResponseReturnValue

from api.current import current_book
from api.pages import words
from api.pages.calling import form_key, new_key, read
from api.pages.guard import for_roles, page, pages, with_camera
from api.pages.people import place_of
from api.pages.shown import asked_for, kept, kept_after, read_as
from api.problems import Problem, status_of
from api.reads.practice import list_practice_codes
from api.schemas import PracticeCodeSchema
from api.till import said_at_the_till
from api.writes.practice import (
    lesson_shown,
    practice_counter,
    seen_in_practice,
    taken_in_practice,
    undone_in_practice,
)
from ledger import practice
from ledger.errors import Refused
from ledger.policy.words import VOID_GROUNDS
from ledger.till_words import in_practice


@pages.get("/till/practice")
@with_camera
@for_roles("merchant")
def practise() -> Response:
    """A field for practice codes, and all of them, one for each answer, by what they are about."""
    lessons = read(list_practice_codes)["data"]
    by_kind = sorted(lessons, key=lambda each: practice.KINDS.index(each["kind"]))
    groups = [(kind, list(some)) for kind, some in groupby(by_kind, lambda each: each["kind"])]
    return _shown("practice", groups=groups)


@pages.get("/till/practice/look")
@pages.get("/till/practice/capture")
@pages.get("/till/practice/undo")
@for_roles("merchant")
def practise_again() -> ResponseReturnValue:
    """Whoever loads such an address again is back at the field."""
    return redirect("/till/practice", 303)


@pages.post("/till/practice/look")
@for_roles("merchant")
def practise_look() -> Response:
    """What the till would say of this code."""
    try:
        found = seen_in_practice(read_as(PracticeCodeSchema()))
    except Refused as no:
        answer = _no(no)
        answer.status_code = 200
        return answer
    return _shown(
        "answer",
        kind="valid",
        found=found,
        expires=round(datetime.fromisoformat(found["expires"]).timestamp() * 1000),
        sentence=found["till"][g.lang],
        pieces=found["quantity"],
        kept=kept(),
        key=new_key(),
    )


@pages.post("/till/practice/capture")
@for_roles("merchant")
def practise_take() -> Response:
    """What taking it would answer. Nothing is taken."""
    try:
        body = read_as(PracticeCodeSchema())
        made = taken_in_practice(body, form_key())
    except Refused as no:
        return _no(no)
    except Problem as no:
        return _no(Refused(no.code, no.sentence))
    lost = lesson_shown(body).kind == practice.NETWORK
    if lost and "asked" not in request.form:
        return _no_answer()
    reversible = current_book().policy().redeem_reversible
    return _shown(
        "practised",
        made=made,
        again=lost,
        grounds=[one for one in VOID_GROUNDS if one in reversible],
    )


@pages.post("/till/practice/undo")
@for_roles("merchant")
def practise_undo() -> Response:
    """What undoing it would answer."""
    ground = request.form.get("ground", "")
    if ground not in VOID_GROUNDS:
        raise Refused("not_a_choice", "say why it is given back")
    undone_in_practice(request.form.get("redemption", ""), ground=ground)
    return _shown("practised", made=None, grounds=[])


def _shown(template: str, status: int = 200, **shown: Any) -> Response:
    band = [words.say("practice.word", each) for each in words.LANGUAGES]
    return page(template, status, practice=band, place=place_of(g.caller), **shown)


def _no(no: Refused) -> Response:
    """Red, or amber where whoever holds it only has to wait or to type something."""
    facts, asks = no.facts, asked_for(no.code)
    wait = facts["wait_seconds"] if no.code == "too_soon" else 0
    branch = facts.get("branch", "")
    names = current_book().vault.place_names([branch]) if branch else {}
    return _shown(
        "answer",
        status_of(no.code),
        kind="waiting" if wait or asks or no.code == "choose_voucher" else "refused",
        wait=wait,
        sentence=in_practice(said_at_the_till(no.code, facts))[g.lang],
        when=facts.get("captured_at", 0),
        where_used=names.get(branch, ""),
        choices=facts.get("vouchers", ()),
        asks=asks,
        told=_told(asks) if asks else "",
        kept=kept_after(no.code),
    )


def _no_answer() -> Response:
    """What the till says while the answer of a capture is lost: the same form asks again."""
    said = {each: words.say("net.unknown", each) for each in words.LANGUAGES}
    return _shown(
        "answer",
        kind="waiting",
        sentence=in_practice(said)[g.lang],
        kept=kept() | {"asked": "yes"},
        key=form_key(),
        quantity=request.form.get("quantity", ""),
    )


def _told(asks: str) -> str:
    """What to type: there is no holder here to type it."""
    lesson = lesson_shown(read_as(PracticeCodeSchema()))
    if asks == "pin":
        key = "practice.pin" if lesson.pin == practice.PIN else "practice.pin.wrong"
        return words.say(key, g.lang, pin=practice.PIN, typed=lesson.pin)
    counter = practice_counter()
    key = (
        "practice.digits.old"
        if lesson.age
        else "practice.digits.wrong"
        if lesson.mistyped
        else "practice.digits.now"
    )
    return words.say(
        key,
        g.lang,
        now=practice.digits_of(counter.step),
        typed=lesson.digits(counter),
        n=counter.seconds_left,
    )
