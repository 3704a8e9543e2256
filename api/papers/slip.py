"""A voucher on receipt paper, 80 mm wide: what, where, until when, and the code. Nobody's name."""

from __future__ import annotations

from typing import Final

from api.papers import words
from api.papers.model import Slip
from api.papers.page import INK, NIGHT, QUIET, STAR, Sheet
from ledger.codes import grouped

_WIDTH: Final = 80.0
_MARGIN: Final = 5.0
_INNER: Final = _WIDTH - 2 * _MARGIN
_CODE_WIDTH: Final = 42.0
_LARGE: Final = 17.0
_LARGE_LINES_MAX: Final = 2
_BRANCHES_MAX: Final = 6
"""More would make the slip long; the till knows them all."""


def slip_pdf(slip: Slip) -> bytes:
    """A voucher's slip as PDF, as long as what stands on it. The same voucher gives the same bytes.

    Whoever has it can use it, as with cash: it carries no name, and says so. Refuses with
    `printing_not_installed` or `wrong_font`.
    """
    sheet = Sheet(
        width=_WIDTH, height=_WIDTH, title="兑换券 Voucher", made=slip.expires, margin=_MARGIN
    )
    height = _drawn(sheet, slip)
    sheet.page(height=height)
    _drawn(sheet, slip)
    return sheet.data()


def _drawn(sheet: Sheet, slip: Slip) -> float:
    """Draw it all, or measure it; where the paper ends."""
    y = _what(sheet, slip, 6.0)
    y = _code(sheet, slip, y + 3)
    return _where(sheet, slip, y + 4) + 6


def _what(sheet: Sheet, slip: Slip, y: float) -> float:
    sheet.box(_WIDTH / 2 - 5, y, 10, 1, STAR)
    y = _centred(sheet, y + 3.4, "兑换券 Voucher", size=9, quiet=True)
    fits = len(sheet.broken(slip.item, width=_INNER, size=_LARGE)) <= _LARGE_LINES_MAX
    y = _centred(sheet, y + 1.2, slip.item, size=_LARGE if fits else _LARGE * 0.7)
    return _centred(sheet, y + 0.6, f"{slip.quantity:,} 份 quantity {slip.quantity:,}", size=10)


def _code(sheet: Sheet, slip: Slip, y: float) -> float:
    sheet.code((_WIDTH - _CODE_WIDTH) / 2, y + 2, _CODE_WIDTH, slip.code_url)
    y += _CODE_WIDTH + 6
    sheet.text(
        _MARGIN, y, grouped(slip.code), size=21, width=_INNER, align="C", colour=INK, spacing=1.2
    )
    y = _centred(sheet, y + 10, "可在柜台口述或扫码", size=10)
    return _centred(sheet, y, "Say the code at the counter, or have it scanned", size=7, quiet=True)


def _where(sheet: Sheet, slip: Slip, y: float) -> float:
    sheet.dashes(y)
    places = slip.branch_names[:_BRANCHES_MAX]
    more = len(slip.branch_names) - len(places)
    where = "、".join(places) + (f" 等 {len(slip.branch_names)} 处" if more else "")
    rows = (
        ("商家 Merchant", slip.merchant_name),
        ("网点 Branch", where or "任一网点 any branch"),
        ("请在此前使用 Use before", words.spoken(slip.expires)),
        ("", words.spoken_in_english(slip.expires)),
    )
    y += 3
    for label, value in rows:
        if label:
            sheet.text(_MARGIN, y + 1.4, label, size=7, colour=QUIET)
            y += 5
        y = sheet.paragraph(
            _MARGIN,
            y,
            value,
            width=_INNER,
            size=10 if label else 7,
            colour=INK if label else QUIET,
            leading=1.3,
        )
    y += 2.5
    sheet.dashes(y)
    y = _centred(sheet, y + 3, "凭券即可兑换，请像现金一样保管。", size=8)
    return _centred(
        sheet, y, "Whoever holds this can use it: keep it like cash.", size=7, quiet=True
    )


def _centred(sheet: Sheet, y: float, text: str, *, size: float, quiet: bool = False) -> float:
    colour = QUIET if quiet else NIGHT if size > 11 else INK
    return sheet.paragraph(
        _MARGIN, y, text, width=_INNER, size=size, colour=colour, align="C", leading=1.35
    )
