"""A shop's till on a phone or a screen: one field, one answer, one confirmation.

Looking takes nothing. The key of a capture is made with the page that asks for confirmation and
stands in its form: a second tap, a page loaded again and an answer that was lost all ask the same
again, and the ledger answers with the first capture.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from flask import Response, g, redirect, request
from flask.typing import ResponseReturnValue

from api.current import current_book, current_state
from api.pages.calling import form_key, may, new_key, write
from api.pages.guard import AFTER_A_FAULT, page, pages, signed_in, with_camera
from api.pages.people import place_of
from api.pages.shown import asked_for, kept, kept_after, read_as
from api.pages.troubles import Noes, Trouble, trouble_of
from api.pages.words import known
from api.problems import Problem, status_of
from api.reads.clerks import till_now, whose_lines
from api.reads.rewards import described
from api.till import said_at_the_till
from api.writes.asking import asking_with, first_answer_after
from api.writes.redemptions import (
    CaptureSchema,
    looked_at,
    note_capture,
    refuse_key_with_code,
    taken,
)
from ledger import account
from ledger.door import vouchers
from ledger.door.vouchers import is_own_line
from ledger.errors import Refused
from ledger.ids import is_id
from ledger.policy.words import VOID_GROUNDS
from ledger.rows import Redemption
from ledger.sequencer import Receipt
from ledger.store import queries

LINES_MAX: Final = 100
UNSURE: Final = frozenset({"request_in_flight", "clock_unsure", "stopping", "internal_error"})
"""Noes after which the same form may be sent again: whether it was taken is not known yet."""
UNSEEN: Final = "too_many_attempts"
"""The no that is the till's: nothing was looked up, so nothing is said of the voucher."""


@pages.get("/till")
@with_camera
@signed_in
def till() -> Response:
    """The field, and what this till or clerk took today."""
    _refuse_others()
    caller, book = g.caller, current_book()
    day = till_now(caller)
    since = book.policy().first_instant(day["date"])
    with book.database.reading() as connection:
        rows = queries.lines_taken(
            connection, caller.id, since, day["resets"], limit=LINES_MAX, **whose_lines(caller)
        )
    return page(
        "till",
        place=place_of(caller),
        day=day,
        lines=described(rows, caller),
        can_take=bool(caller.terminal),
    )


@pages.get("/till/look")
@pages.get("/till/capture")
@signed_in
def back_to_the_field() -> ResponseReturnValue:
    """Whoever loads such an address again is back at the field."""
    return redirect("/till", 303)


@pages.post("/till/look")
@signed_in
def look() -> Response:
    """Valid or not, on the whole screen. Nothing is taken."""
    _refuse_others()
    try:
        body = read_as(CaptureSchema())
        found = looked_at(body)
    except Refused as no:
        answer = _answer_no(no)
        # Whoever asks whether it is valid has been answered: that it is not is no failure.
        if no.code not in UNSURE:
            answer.status_code = 200
        return answer
    pieces = found["quantity"]
    return page(
        "answer",
        kind="valid",
        found=found,
        expires=_ms(found["expires"]),
        sentence=found["till"][g.lang],
        pieces=pieces,
        kept=kept(),
        key=new_key(),
        place=place_of(g.caller),
    )


@pages.post("/till/capture")
@signed_in
def capture() -> ResponseReturnValue:
    """Take it, once, however often this form comes."""
    _refuse_others()
    try:
        receipt = _captured()
    except Refused as no:
        return _answer_no(no, asked_again=True)
    except Problem as no:
        return _answer_no(Refused(no.code, no.sentence), asked_again=True)
    redemption = receipt.entry.facts["redemption"]
    again = "?again=1" if receipt.replayed else ""
    return redirect(f"/till/lines/{redemption}{again}", 303)


def _maybe_captured() -> Response:
    """A fault of ours may have come after the entry: the same form asks whether it did."""
    no = Refused("internal_error", "something failed here; ask again with the same key")
    return _answer_no(no, asked_again=True)


AFTER_A_FAULT["pages.capture"] = _maybe_captured


def _captured() -> Receipt:
    body = read_as(CaptureSchema())
    ask = asking_with(form_key(), "/redemptions/capture", {}, body)
    if "code" in body:
        refuse_key_with_code(ask.key, body["code"])
    with current_state().in_flight.alone(ask.mark):
        return first_answer_after(ask, lambda: taken(ask, body))[0]


@pages.get("/till/lines/<id:redemption>")
@signed_in
def line(redemption: str) -> Response:
    """What was taken: its number and time, what was noted, until when it can be undone, and how."""
    _refuse_others()
    return _line(_own_line(redemption))


@pages.post("/till/lines/<id:redemption>/note")
@signed_in
def note_line(redemption: str) -> ResponseReturnValue:
    """Note something about it; the last note is shown."""
    _refuse_others()
    row = _own_line(redemption)
    try:
        write(note_capture, {"note": request.form.get("note", "").strip()}, redemption=redemption)
    except Noes as no:
        return _line(row, trouble_of(no))
    return redirect(f"/till/lines/{redemption}?noted=1", 303)


def _line(row: Redemption, trouble: Trouble | None = None) -> Response:
    one = described([row], g.caller)[0]
    until, book = one.get("refundable_until", 0), current_book()
    reversible = book.policy_of(account.volunteer(row.volunteer)).redeem_reversible
    grounds = [each for each in VOID_GROUNDS if each in reversible]
    return page(
        "line",
        trouble.status if trouble else 200,
        one=one,
        noted="noted" in request.args,
        can_note=may(note_capture),
        trouble=trouble,
        typed=request.form.get("note", "") if trouble else "",
        number=row.captured_entry,
        place=place_of(g.caller),
        again="again" in request.args,
        undone=row.state in ("voided", "refunded"),
        until=until,
        can_undo=bool(grounds) and bool(until) and book.clock.now_ms() < until,
        over=bool(until) and book.clock.now_ms() >= until,
        grounds=grounds,
        key=new_key(),
    )


@pages.post("/till/lines/<id:redemption>/undo")
@signed_in
def undo(redemption: str) -> ResponseReturnValue:
    """Give it back: voided as long as it is not settled, refunded from then on."""
    _refuse_others()
    row = _own_line(redemption)
    ground = request.form.get("ground", "")
    if ground not in VOID_GROUNDS:
        raise Refused("not_a_choice", "say why it is given back")
    settled = row.state in ("settled", "refunded")
    act, verb = (vouchers.refund, "refund") if settled else (vouchers.void, "void")
    ids = {"redemption": redemption}
    ask = asking_with(form_key(), f"/redemptions/<id:redemption>/{verb}", ids, {"ground": ground})
    with current_state().in_flight.alone(ask.mark):
        first_answer_after(ask, lambda: act(ask, redemption=redemption, ground=ground))
    return redirect(f"/till/lines/{redemption}", 303)


@pages.get("/r")
def what_a_code_leads_to() -> Response:
    """The page behind a voucher's QR code: what it is, and the way to a till. The code itself is
    behind the `#`, so it never comes here."""
    return page("leads_to")


# What is shown ----------------------------------------------------------------------------------


def _answer_no(no: Refused, *, asked_again: bool = False) -> Response:
    """Red with one sentence, or amber where it is not known yet; and one way on."""
    facts: Mapping[str, Any] = no.facts
    unsure = no.code in UNSURE
    asks = asked_for(no.code)
    wait = facts["wait_seconds"] if no.code == "too_soon" else 0
    with_key = (unsure or wait) and asked_again
    branch = facts.get("branch", "")
    return page(
        "answer",
        status_of(no.code),
        kind="waiting"
        if unsure or asks or wait or no.code in ("choose_voucher", UNSEEN)
        else "refused",
        wait=wait,
        unsure=unsure,
        sentence=said_at_the_till(no.code, facts)[g.lang],
        code=known(no.code),
        when=facts.get("captured_at", 0),
        where_used=current_book().vault.place_names([branch]).get(branch, "") if branch else "",
        choices=facts.get("vouchers", ()),
        asks=asks,
        kept=kept_after(no.code),
        key=request.form.get("key", "") if with_key else "",
        quantity=request.form.get("quantity", "") if with_key else "",
        place=place_of(g.caller),
    )


def _ms(moment: str) -> int:
    """A time as the API writes it, in ms."""
    return round(datetime.fromisoformat(moment).timestamp() * 1000)


def _own_line(redemption: str) -> Redemption:
    """Something that this till or clerk took. Refuses with `unknown_redemption`."""
    caller = g.caller
    row = None
    if is_id(redemption):
        with current_book().database.reading() as connection:
            row = queries.redemption(connection, redemption)
    if row is None or row.merchant != caller.id or not row.captured or not is_own_line(caller, row):
        raise Refused("unknown_redemption", "there is no such redemption")
    return row


def _refuse_others() -> None:
    """The till is a merchant's."""
    if g.caller.role != "merchant":
        raise Refused("role_not_allowed", f"this is not for the role {g.caller.role}")
