"""A voucher as a picture and on paper, for whoever holds it and as long as it can be used.

The code stands in the picture and on the slip, never in an address or a log (trust §6).
"""

from __future__ import annotations

from typing import Any, Final

from flask import Response, request

from api.answers import code_url, slip_of
from api.caller import current_caller
from api.current import current_book
from api.papers import PDF, qr, slip_pdf
from api.problems import Problem
from api.reads.asking import not_there, reading, reads
from api.writes.offline import signed_voucher
from ledger.codes import with_rotating
from ledger.door.presenting import on_phone
from ledger.door.vouchers import code_of
from ledger.errors import Refused
from ledger.rows import Redemption
from ledger.store import queries

_FILE: Final = {"type": "string", "format": "binary"}


def _as_svg_or_png(view: Any) -> Any:
    """Document both pictures."""
    described = view
    for media_type in (qr.SVG, qr.PNG):
        described = reads.alt_response(
            200, schema=_FILE, content_type=media_type, description="The QR code"
        )(described)
    return described


@reading(
    "/redemptions/<id:redemption>/qr",
    "get_voucher_qr",
    answer=None,
    roles=("volunteer",),
    scope="redemptions:read",
    refusals=("not_found", "redemption_state_conflict", "not_acceptable"),
    tag="redemptions",
    also=_as_svg_or_png,
)
def get_voucher_qr(redemption: str) -> Response:
    """The QR code of a reservation, for its holder: SVG, or PNG where `Accept` prefers it.

    It holds the address of this server and the code after `#`, which no server is ever sent. Where
    the code alone does not do, the value of this half minute follows: ask again for the next.
    """
    wanted = _wanted()
    row, code = _usable(redemption)
    shown, needed = on_phone(current_book(), row)
    if needed:
        code = with_rotating(code, shown.value)
    picture = qr.png if wanted == qr.PNG else qr.svg
    answer = Response(picture(code_url(code)), mimetype=wanted)
    answer.vary.add("Accept")
    if needed:
        answer.headers["Cache-Control"] = "no-store"
    return answer


@reading(
    "/redemptions/<id:redemption>/offline/qr",
    "get_signed_voucher_qr",
    answer=None,
    roles=("volunteer",),
    scope="redemptions:read",
    refusals=("unknown_redemption", "voucher_not_signed", "not_acceptable"),
    tag="redemptions",
    also=_as_svg_or_png,
)
def get_signed_voucher_qr(redemption: str) -> Response:
    """A voucher that was signed, as the QR code that a till without a network reads: SVG, or PNG
    where `Accept` prefers it."""
    wanted = _wanted()
    signed = signed_voucher(current_book(), current_caller().id, redemption)
    picture = qr.png if wanted == qr.PNG else qr.svg
    answer = Response(picture(signed["voucher"]), mimetype=wanted)
    answer.vary.add("Accept")
    return answer


@reading(
    "/redemptions/<id:redemption>/slip",
    "get_voucher_slip",
    answer=None,
    roles=("volunteer",),
    scope="redemptions:read",
    refusals=("not_found", "redemption_state_conflict", "printing_not_installed", "wrong_font"),
    tag="redemptions",
    also=reads.response(200, _FILE, content_type=PDF, description="80 mm wide, for receipt paper"),
)
def get_voucher_slip(redemption: str) -> Response:
    """A reservation to be printed, for its holder: item, shop, last moment, code and QR code.

    It names nobody, so whoever has it can use it.
    """
    row, code = _usable(redemption)
    answer = Response(slip_pdf(slip_of(row, code)), mimetype=PDF)
    answer.headers["Content-Disposition"] = "inline; filename=voucher.pdf"
    return answer


def _wanted() -> str:
    """Which picture is asked for. Raises Problem."""
    if not request.accept_mimetypes:
        return qr.SVG
    wanted = request.accept_mimetypes.best_match([qr.SVG, qr.PNG])
    if wanted is None:
        raise Problem("not_acceptable", f"a QR code is to be had as {qr.SVG} or {qr.PNG}")
    return wanted


def _usable(redemption: str) -> tuple[Redemption, str]:
    """The caller's own reservation and its code. Refuses with `redemption_state_conflict` where
    there is nothing to show at a till any more; what is another's is not there."""
    book = current_book()
    with book.database.reading() as connection:
        row = queries.redemption(connection, redemption)
    if row is None or row.volunteer != current_caller().id:
        raise not_there()
    if row.state != "reserved":
        raise Refused(
            "redemption_state_conflict",
            f"this redemption is {row.state}; its code cannot be used any more",
            state=row.state,
        )
    code = code_of(book, redemption)
    if not code:
        raise not_there()
    return row, code
