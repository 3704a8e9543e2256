"""A sheet of paper: where text, rules and codes go, in millimetres from its upper left corner.

fpdf2 writes the file; this knows how Chinese and English lines break, which characters the font
has, and what the pages of Sidereal look like. The same drawing always gives the same bytes.

Before the first page begins, everything is measured and nothing is drawn: whoever must know how
long a page is draws once in vain.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from api.papers import qr
from api.papers.font import SIMPLIFIED_CHINESE, font_path

PDF: Final = "application/pdf"

Colour = tuple[int, int, int]
INK: Final[Colour] = (27, 31, 42)
NIGHT: Final[Colour] = (43, 58, 103)
QUIET: Final[Colour] = (100, 105, 118)
HAIRLINE: Final[Colour] = (216, 211, 200)
TINT: Final[Colour] = (246, 245, 240)
STAR: Final[Colour] = (217, 164, 65)

_FAMILY: Final = "cjk"
_POINT_MM: Final = 25.4 / 72
_ASKED_AT: Final = 100.0
"""Points at which widths are asked for."""
_MISSING: Final = "\u3013"
"""〓, which printers set for a character that they do not have."""
_NOT_FIRST: Final = frozenset("，。、；：！？）》〉」』】〕%,.;:!?)]}…")
"""What never begins a line."""


class Sheet:
    """A document that is drawn piece by piece. Sizes of type in points, all else in mm."""

    def __init__(
        self, *, width: float, height: float, title: str, made: int, margin: float
    ) -> None:
        """`made` (ms) is the document's date, which is all of it that a clock could change."""
        from fpdf import FPDF
        from fpdf.fonts import TTFFont

        self.width, self.height, self.margin = width, height, margin
        self._pdf = FPDF(unit="mm", format=(width, height))
        self._pdf.set_auto_page_break(False)
        self._pdf.set_margin(0)
        self._pdf.c_margin = 0
        self._pdf.set_creation_date(datetime.fromtimestamp(made / 1000, UTC))
        self._pdf.set_title(title)
        self._pdf.set_lang("zh-CN")
        self._pdf.set_producer("Sidereal")
        self._pdf.add_font(_FAMILY, fname=font_path(), collection_font_number=SIMPLIFIED_CHINESE)
        font = self._pdf.fonts[_FAMILY]
        if not isinstance(font, TTFFont):
            raise TypeError(f"a font of a file is a TTFFont, not {type(font)}")
        self._font = font
        self._widths: dict[str, float] = {}
        self.pages = 0

    def page(self, *, height: float = 0) -> None:
        """Begin another page, of another height than the one before if it is given."""
        self.height = height or self.height
        self._pdf.add_page(format=(self.width, self.height))
        self.pages += 1

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float,
        colour: Colour = INK,
        width: float = 0,
        align: str = "L",
        spacing: float = 0,
    ) -> None:
        """One line whose upper edge is at `y`. `align` L, R or C within `width`, and set smaller
        where it would be wider; `spacing` in points between characters."""
        if not self.pages:
            return
        shown = self._printable(text)
        across = self._across(shown, size) + spacing * _POINT_MM * len(shown)
        if 0 < width < across:
            size, spacing, across = size * width / across, spacing * width / across, width
        shift = {"L": 0.0, "R": width - across, "C": (width - across) / 2}[align]
        self._pdf.set_font(_FAMILY, size=size)
        self._pdf.set_text_color(*colour)
        self._pdf.set_char_spacing(spacing)
        self._pdf.set_xy(x + shift, y)
        self._pdf.cell(across, size * _POINT_MM, shown)
        self._pdf.set_char_spacing(0)

    def paragraph(
        self,
        x: float,
        y: float,
        text: str,
        *,
        width: float,
        size: float,
        colour: Colour = INK,
        align: str = "L",
        leading: float = 1.4,
    ) -> float:
        """Lines as wide as there is room; where the next would begin."""
        for line in self.broken(text, width=width, size=size):
            self.text(x, y, line, size=size, colour=colour, width=width, align=align)
            y += self.line_height(size, leading)
        return y

    def line_height(self, size: float, leading: float = 1.4) -> float:
        """How far a line is from the next."""
        return size * _POINT_MM * leading

    def broken(self, text: str, *, width: float, size: float) -> list[str]:
        """A text broken into lines: between any two Chinese characters, else between words; a
        word that is wider than a line breaks anywhere."""
        lines: list[str] = []
        line = ""
        for piece in self._pieces(self._printable(text), width, size):
            if line and self._across(line + piece.rstrip(), size) > width:
                lines.append(line.rstrip())
                line = piece.lstrip()
            else:
                line += piece
        return [*lines, line.rstrip()] if line.strip() else lines

    def rule(
        self, x: float, y: float, width: float, *, colour: Colour = HAIRLINE, thick: float = 0.2
    ) -> None:
        """A horizontal line."""
        if not self.pages:
            return
        self._pdf.set_draw_color(*colour)
        self._pdf.set_line_width(thick)
        self._pdf.line(x, y, x + width, y)

    def box(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """A filled rectangle."""
        if not self.pages:
            return
        self._pdf.set_fill_color(*colour)
        self._pdf.rect(x, y, width, height, style="F")

    def dashes(self, y: float) -> None:
        """A broken line across the page."""
        if not self.pages:
            return
        self._pdf.set_draw_color(*QUIET)
        self._pdf.set_line_width(0.2)
        self._pdf.set_dash_pattern(dash=1.2, gap=1)
        self._pdf.line(self.margin, y, self.width - self.margin, y)
        self._pdf.set_dash_pattern()

    def code(self, x: float, y: float, width: float, text: str) -> None:
        """A QR code, drawn as areas, so that it is sharp at any size."""
        if not self.pages:
            return
        modules, runs = qr.dark_runs(text)
        step = width / modules
        self._pdf.set_fill_color(0, 0, 0)
        for down, across, length in runs:
            # A hair taller than a module: printers leave white lines between touching areas.
            self._pdf.rect(
                x + across * step, y + down * step, length * step, step * 1.03, style="F"
            )

    def number_of_pages(self) -> str:
        """What stands for the number of pages, which is known at the end."""
        return self._pdf.str_alias_nb_pages or ""

    def data(self) -> bytes:
        """The file; nothing can be drawn after it."""
        made = bytes(self._pdf.output())
        # fpdf2 leaves the font's file open.
        self._font.ttfont.close()
        return made

    def _across(self, text: str, size: float) -> float:
        """How wide a text is. The font has no kerning here, so each character is asked for once."""
        total = 0.0
        for each in text:
            width = self._widths.get(each)
            if width is None:
                self._pdf.set_font(_FAMILY, size=_ASKED_AT)
                width = self._widths[each] = self._pdf.get_string_width(each) / _ASKED_AT
            total += width
        return total * size

    def _printable(self, text: str) -> str:
        """One line of characters that the font has; its spaces are all alike."""
        shown = []
        for each in text:
            if each.isspace():
                shown.append(" ")
            elif ord(each) in self._font.cmap:
                shown.append(each)
            elif unicodedata.category(each)[0] not in "CM":
                shown.append(_MISSING)
        return "".join(shown)

    def _pieces(self, text: str, width: float, size: float) -> Iterator[str]:
        """What a line may not be broken within."""
        piece = ""
        for each in text:
            begins = _stands_alone(each) or piece.endswith(" ") or _stands_alone(piece[-1:])
            if piece and each not in _NOT_FIRST and each != " " and begins:
                yield from self._narrow(piece, width, size)
                piece = ""
            piece += each
        if piece:
            yield from self._narrow(piece, width, size)

    def _narrow(self, piece: str, width: float, size: float) -> Iterator[str]:
        part = ""
        for each in piece:
            if part and self._across(part + each, size) > width:
                yield part
                part = ""
            part += each
        yield part


def _stands_alone(character: str) -> bool:
    return bool(character) and unicodedata.east_asian_width(character) in ("W", "F")


def columns(widths: Sequence[float], left: float) -> list[float]:
    """Where each of these columns begins."""
    return [left + sum(widths[:place]) for place in range(len(widths))]
