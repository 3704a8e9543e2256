"""Page after page of A4: where the next thing goes, when a page is full, what stands at its foot.

Certificates, settlements and reports are set with it. A table's heads stand on each of its pages,
never without two of its rows below them, and its last row never alone; what belongs together asks
for room for all of it. Sizes of type in points, all else in mm.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from api.papers.page import INK, NIGHT, QUIET, Sheet, columns

WIDTH: Final = 210.0
HEIGHT: Final = 297.0
BODY: Final = 9.0
SMALL: Final = 7.0
_GAP: Final = 3.0
"""Between a column's text and the next column."""
_HEADS: Final = 4.6
_RUNNING: Final = 7.5
_PAGES: Final = 34.0
"""As wide as the number of a page may be."""

Cell = tuple[str, str]
"""What stands in a cell, and smaller below it."""
Row = tuple[Cell, ...]
Heads = Sequence[tuple[str, str]]
"""Each column's name in Chinese and in English."""
Broken = tuple[list[str], list[str]]


class Flow:
    """A paper that is set from top to bottom; `y` is where the next thing goes."""

    def __init__(
        self,
        sheet: Sheet,
        *,
        top: float,
        foot: Sequence[str],
        running: str = "",
        spare: float = 3.0,
        numbered: str = "第 {number} 页，共 {pages} 页",
    ) -> None:
        """`foot` are the lines at each page's foot, `running` what stands above every page but the
        first, `spare` what stays free above the foot, `numbered` how a page is numbered. Begins the
        first page."""
        self.sheet = sheet
        self.margin = sheet.margin
        self.inner = sheet.width - 2 * sheet.margin
        self.ends = HEIGHT - 9.0 - 4.0 * len(foot)
        """Where the foot begins."""
        self.y = top
        self._numbered = numbered
        self._top, self._feet, self._running, self._spare = top, tuple(foot), running, spare
        sheet.page()

    def room(self, height: float) -> bool:
        """Whether a new page had to be begun, so that `height` fits."""
        if self.y + height <= self.ends - self._spare:
            return False
        self.sheet.page()
        self.y = self._top
        if self._running:
            self.sheet.text(
                self.margin,
                self._top - 1,
                self._running,
                size=SMALL,
                colour=QUIET,
                width=self.inner,
            )
            self.y = self._top - 1 + _RUNNING
        return True

    def data(self) -> bytes:
        """The file, each page with its foot and number; nothing can be drawn after it."""
        pages = self.sheet.pages
        for number in range(1, pages + 1):
            self.sheet.turn_to(number)
            self._foot(number, pages)
        return self.sheet.data()

    def _foot(self, number: int, pages: int) -> None:
        sheet, y = self.sheet, self.ends + 2.4
        sheet.rule(self.margin, self.ends, self.inner)
        said = self._numbered.format(number=number, pages=pages)
        right = self.margin + self.inner - _PAGES
        sheet.text(right, y, said, size=SMALL, colour=QUIET, width=_PAGES, align="R")
        for place, line in enumerate(self._feet):
            width = self.inner - (0 if place else _PAGES)
            sheet.text(self.margin, y, line, size=SMALL, colour=QUIET, width=width)
            y += 4.0

    # What papers are made of --------------------------------------------------------------------

    def label(
        self, x: float, y: float, chinese: str, english: str, *, width: float = 0, align: str = "L"
    ) -> None:
        """What something is called, in small type."""
        said = f"{chinese} {english}".strip()
        self.sheet.text(x, y, said, size=SMALL, colour=QUIET, width=width, align=align)

    def heading(self, chinese: str, english: str, *, keeps: float = 0) -> None:
        """A heading, on a page on which `keeps` of what follows has room too."""
        self.room(12.5 + keeps)
        self.y += 6
        self.sheet.text(self.margin, self.y, chinese, size=12, colour=NIGHT)
        after = self.sheet.across(chinese, 12) + 2.5
        self.label(self.margin + after, self.y + 1.5, english, "", width=self.inner - after)
        self.y += 6.5

    def nothing(self, said: str) -> None:
        """A line in the place of what is not there."""
        self.sheet.text(self.margin, self.y + 2, said, size=BODY, colour=QUIET, width=self.inner)
        self.y += 9

    def table(
        self,
        heads: Heads,
        widths: Sequence[float],
        rows: Sequence[Row],
        *,
        right: int,
        pad: float = 3.2,
        title: tuple[str, str] | None = None,
    ) -> None:
        """Rows under heads; columns from `right` on are set flush right and never broken: where a
        figure is too wide it is set smaller. `title` stands above, on the page of the first rows;
        `pad` is what a row has beside its text."""
        shown = [self._cells(row, widths, right) for row in rows]
        heights = [max(map(self._height, cells)) + pad for cells in shown]
        begins = _HEADS + sum(heights[:2])
        if title:
            self.heading(*title, keeps=begins)
        elif rows:
            self.room(begins)
        self._heads(heads, widths, right)
        for place, (cells, height) in enumerate(zip(shown, heights, strict=True)):
            last_but_one = place == len(shown) - 2
            if self.room(height + (heights[-1] if last_but_one else 0)):
                self._heads(heads, widths, right)
            self._row(cells, widths, right, pad)
            self.y += height
            self.sheet.rule(self.margin, self.y, self.inner)

    def _heads(self, heads: Heads, widths: Sequence[float], right: int) -> None:
        starts = columns(widths, self.margin)
        for place, (start, width, head) in enumerate(zip(starts, widths, heads, strict=True)):
            flush = place >= right
            x, align = (start + _GAP, "R") if flush else (start, "L")
            self.label(x, self.y, *head, width=width - _GAP, align=align)
        self.y += _HEADS
        self.sheet.rule(self.margin, self.y, self.inner, colour=NIGHT, thick=0.3)

    def _cells(self, row: Row, widths: Sequence[float], right: int) -> list[Broken]:
        return [
            self._broken(cell, width - _GAP) if place < right else _unbroken(cell)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]

    def _broken(self, cell: Cell, width: float) -> Broken:
        large, small = cell
        return (
            self.sheet.broken(large, width=width, size=BODY),
            self.sheet.broken(small, width=width, size=SMALL),
        )

    def _height(self, cell: Broken) -> float:
        large, small = cell
        return len(large) * self.sheet.line_height(BODY) + len(small) * self.sheet.line_height(
            SMALL
        )

    def _row(
        self, cells: Sequence[Broken], widths: Sequence[float], right: int, pad: float
    ) -> None:
        starts = columns(widths, self.margin)
        for place, ((large, small), start, width) in enumerate(
            zip(cells, starts, widths, strict=True)
        ):
            x, align = (start + _GAP, "R") if place >= right else (start, "L")
            y = self.y + pad * 0.6
            for size, colour, lines in ((BODY, INK, large), (SMALL, QUIET, small)):
                for line in lines:
                    self.sheet.text(
                        x, y, line, size=size, colour=colour, width=width - _GAP, align=align
                    )
                    y += self.sheet.line_height(size)


def _unbroken(cell: Cell) -> Broken:
    large, small = cell
    return [large], [small] if small else []
