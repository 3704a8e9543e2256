"""A sheet of paper: where text, rules and codes go, in millimetres from its upper left corner.

fpdf2 writes the file; this knows how Chinese and English lines break, which characters the font
has, and what the pages of Sidereal look like. The same drawing always gives the same bytes.

Before the first page begins, everything is measured and nothing is drawn: whoever must know how
long a page is draws once in vain.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from api.papers import qr
from api.papers.font import SIMPLIFIED_CHINESE, font_path

if TYPE_CHECKING:
    from fpdf import FPDF

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
_BASELINE: Final = 0.8
"""How far below the upper edge of a line its baseline is, in its size."""
_MISSING: Final = "\u3013"
"""〓, which printers set for a character that they do not have."""
_NOT_FIRST: Final = frozenset("，。、；：！？）》〉」』】〕%,.;:!?)]}…")
"""What never begins a line."""


class Sheet:
    """A document that is drawn piece by piece. Sizes of type in points, all else in mm."""

    def __init__(
        self,
        *,
        width: float,
        height: float,
        title: str,
        made: int,
        margin: float,
        lang: str = "zh-CN",
    ) -> None:
        """`made` (ms) is the document's date, which is all of it that a clock could change; `lang`
        is the language in which it is read aloud."""
        from fpdf import FPDF, ViewerPreferences
        from fpdf.fonts import TTFFont

        self.width, self.height, self.margin = width, height, margin
        self._pdf = FPDF(unit="mm", format=(width, height))
        self._pdf.set_auto_page_break(False)
        self._pdf.set_margin(0)
        self._pdf.c_margin = 0
        self._pdf.set_creation_date(datetime.fromtimestamp(made / 1000, UTC))
        self._pdf.set_title(title)
        self._pdf.set_lang(lang)
        # A reader's window is named by the title, not by the file.
        self._pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self._pdf.set_producer("Sidereal")
        self._pdf.add_font(_FAMILY, fname=font_path(), collection_font_number=SIMPLIFIED_CHINESE)
        font = self._pdf.fonts[_FAMILY]
        if not isinstance(font, TTFFont):
            raise TypeError(f"a font of a file is a TTFFont, not {type(font)}")
        self._font = font
        self._widths = _Widths(self._pdf)
        self._shown = _Shown(font.cmap)
        self._broken: dict[tuple[str, float, float], list[str]] = {}
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
        across = self.across(shown, size) + spacing * _POINT_MM * len(shown)
        if 0 < width < across:
            size, spacing, across = size * width / across, spacing * width / across, width
        shift = {"L": 0.0, "R": width - across, "C": (width - across) / 2}[align]
        self._pdf.set_char_spacing(spacing)
        self.baseline(x + shift, y + size * _POINT_MM * _BASELINE, shown, size=size, colour=colour)
        self._pdf.set_char_spacing(0)

    def baseline(self, x: float, y: float, text: str, *, size: float, colour: Colour) -> None:
        """One line that stands on `y`."""
        self._pdf.set_font(_FAMILY, size=size)
        self._pdf.set_text_color(*colour)
        # Not `cell`, which looks for markup, breaks and borders in each of thousands of lines.
        self._pdf.text(x, y, self._printable(text))

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

    def across(self, text: str, size: float) -> float:
        """How wide a line is. The font has no kerning here, so each character is asked for once."""
        return sum(map(self._widths.__getitem__, text.translate(self._shown))) * size

    def line_height(self, size: float, leading: float = 1.4) -> float:
        """How far a line is from the next."""
        return size * _POINT_MM * leading

    def broken(self, text: str, *, width: float, size: float) -> list[str]:
        """A text broken into lines: between any two Chinese characters, else between words; a
        word that is wider than a line breaks anywhere."""
        # A table says the same again and again.
        known = self._broken.get((text, width, size))
        if known is None:
            known = self._broken[text, width, size] = self._lines(text, width, size)
        return list(known)

    def _lines(self, text: str, width: float, size: float) -> list[str]:
        lines: list[str] = []
        line = ""
        for piece in self._pieces(self._printable(text), width, size):
            if line and self.across(line + piece.rstrip(), size) > width:
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

    def line(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        *,
        colour: Colour,
        thick: float,
        dash: tuple[float, float] | None = None,
    ) -> None:
        """A straight line, with `dash` (stroke, gap) a broken one."""
        self._pdf.set_draw_color(*colour)
        self._pdf.set_line_width(thick)
        if dash:
            self._pdf.set_dash_pattern(dash=dash[0], gap=dash[1])
        self._pdf.line(*start, *end)
        if dash:
            self._pdf.set_dash_pattern()

    def dot(self, x: float, y: float, radius: float, colour: Colour, *, hollow: bool) -> None:
        """A small circle; a hollow one is white within."""
        self._pdf.set_draw_color(*colour)
        self._pdf.set_line_width(0.3)
        self._pdf.set_fill_color(*((255, 255, 255) if hollow else colour))
        self._pdf.circle(x, y, radius, style="DF")

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

    def turn_to(self, page: int) -> None:
        """Go on drawing on a page that was begun before (from 1)."""
        self._pdf.page = page
        # What was set last was set on another page: each is said again on this one.
        self._pdf.set_font(_FAMILY, size=1)
        self._pdf.set_fill_color(*INK)
        for width in (0.1, 0.2):
            self._pdf.set_line_width(width)

    def data(self) -> bytes:
        """The file; nothing can be drawn after it."""
        made = bytes(self._pdf.output())
        # fpdf2 leaves the font's file open.
        self._font.ttfont.close()
        return made

    def _printable(self, text: str) -> str:
        """One line of characters that the font has; its spaces are all alike."""
        return text.translate(self._shown)

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
        if self.across(piece, size) <= width:
            yield piece
            return
        part = ""
        for each in piece:
            if part and self.across(part + each, size) > width:
                yield part
                part = ""
            part += each
        yield part


class _Widths(dict[str, float]):
    """How wide a character is at a size of one point, asked for when it is met first."""

    def __init__(self, pdf: FPDF) -> None:
        super().__init__()
        self._pdf = pdf

    def __missing__(self, character: str) -> float:
        self._pdf.set_font(_FAMILY, size=_ASKED_AT)
        width = self[character] = self._pdf.get_string_width(character) / _ASKED_AT
        return width


class _Shown(dict[int, str]):
    """What is printed for a character: a space for every kind of them, nothing for what has no
    shape of its own, and a mark for what the font does not have."""

    def __init__(self, has: Collection[int]) -> None:
        super().__init__()
        self._has = has

    def __missing__(self, point: int) -> str:
        character = chr(point)
        if character.isspace():
            shown = " "
        elif point in self._has:
            shown = character
        else:
            shown = "" if unicodedata.category(character)[0] in "CM" else _MISSING
        self[point] = shown
        return shown


def _stands_alone(character: str) -> bool:
    return bool(character) and unicodedata.east_asian_width(character) in ("W", "F")


def columns(widths: Sequence[float], left: float) -> list[float]:
    """Where each of these columns begins."""
    return [left + sum(widths[:place]) for place in range(len(widths))]
