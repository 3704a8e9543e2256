"""An organisation's report on A4, in Chinese or in English: the page's charts, each with its
figures below, and the ledger's head when they were read. Nobody is named in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from api.papers import words
from api.papers.flow import HEIGHT, SMALL, WIDTH, Flow, Row
from api.papers.page import HAIRLINE, INK, NIGHT, QUIET, STAR, TINT, Colour, Sheet
from ledger.account import POINT, TIME

if TYPE_CHECKING:
    from api.pages.charts import Chart, Label, Stroke

_MARGIN: Final = 20.0
_INNER: Final = WIDTH - 2 * _MARGIN
_REM: Final = 3.15
"""What a page's rem is here: so a chart's small type is of 7 points."""
_TABLE_PAD: Final = 1.4
_MIDDLE: Final[Colour] = (105, 116, 149)
"""The night's colour on paper at 72 %, as the pages' second and fourth lines have it."""

Said = tuple[str, str]
_TITLE: Final[Said] = ("志愿服务报表", "Report on volunteer service")
_ALL: Final[Said] = ("账本里的所有组织", "All organisations of the ledger")
_BELOW: Final[Said] = ("{name}（含所有下级组织）", "{name}, with all below it")
_MADE_BY: Final[Mapping[str, Said]] = {
    "operator": ("运营方", "The operator"),
    "auditor": ("审计人", "An auditor"),
}
_FACTS: Final[Mapping[str, Said]] = {
    "organisation": ("组织", "Organisation"),
    "period": ("服务月份", "Months of service"),
    "made": ("制表时间", "Made"),
    "by": ("制表", "Made by"),
}
_FIGURES: Final[Mapping[str, Said]] = {
    "volunteers": ("服务人数", "Volunteers who served"),
    "minutes": ("服务时长", "Time served"),
    "points_hundredths": ("发放积分", "Points issued"),
    "saved_minutes": ("存入时间", "Time saved"),
}
_FIGURE_WIDTHS: Final = (34.0, 49.0, 35.0, 48.0)
_EACH: Final[Said] = ("按组织", "By organisation")
_EACH_HEADS: Final[tuple[Said, ...]] = (
    ("组织", "Organisation"),
    ("层级", "Tier"),
    ("服务人数", "Volunteers"),
    ("服务时长", "Time"),
    ("发放积分", "Points"),
)
_EACH_WIDTHS: Final = (66.0, 24.0, 22.0, 34.0, 24.0)
_PAGE: Final[Said] = ("第 {number} 页，共 {pages} 页", "Page {number} of {pages}")
_NOTHING: Final[Said] = ("这段时间没有数据。", "There is nothing in this time.")
_CHECK: Final[Said] = ("数字从哪里来", "Where the figures come from")
_HEAD: Final[Said] = (
    "账本 {origin}，前 {size} 条条目，根 {root}",
    "Log {origin}, its first {size} entries, root {root}",
)
_COUNTED: Final[Said] = (
    (
        "按志愿者所属组织和服务月份统计；每个数字都从这些条目算出，取得同一账本头的审计包的人可以用"
        " python -m audit 核对条目，再重新计算。这里没有任何人的姓名或编号。"
    ),
    (
        "By the volunteers' own organisation and the month of the service. Every figure comes out"
        " of these entries: whoever has the bundle of this head can verify it with python -m audit"
        " and count anew. Nobody's name or number is in it."
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Who made a report, for whom it is, and where the ledger stood. `made_by`: a role, or an
    organisation's name."""

    organisation: str
    """Its name; "" for everybody."""
    made_by: str
    origin: str
    root: str
    """Of the tree of as many entries as the report says (hex)."""


def report_pdf(
    report: Mapping[str, Any],
    names: Mapping[str, str],
    charts: Sequence[Chart],
    made: Made,
    lang: str,
) -> bytes:
    """A report as PDF in one language (zh, en). The same report gives the same bytes.

    Refuses with `printing_not_installed` or `wrong_font`.
    """
    sheet = Sheet(
        width=WIDTH,
        height=HEIGHT,
        title=f"{_in(_TITLE, lang)} {_span(report)}",
        made=report["made"],
        margin=_MARGIN,
        lang="zh-CN" if lang == "zh" else "en",
    )
    return _Report(sheet, report, names, made, lang).drawn(charts)


class _Report(Flow):
    """Draws a report from top to bottom."""

    def __init__(
        self,
        sheet: Sheet,
        report: Mapping[str, Any],
        names: Mapping[str, str],
        made: Made,
        lang: str,
    ) -> None:
        self._report, self._names, self._made, self._lang = report, names, made, lang
        title, whose = _in(_TITLE, lang), self._whose()
        apart = "，" if lang == "zh" else ", "
        super().__init__(
            sheet,
            top=_MARGIN,
            foot=[self._said(_HEAD, **self._where())],
            running=apart.join((title, whose, _span(report))),
            numbered=self._said(_PAGE, number="{number}", pages="{pages}"),
        )

    def drawn(self, charts: Sequence[Chart]) -> bytes:
        self._title()
        self._facts()
        self._figures()
        for chart in charts:
            self._chart(chart)
        self._each()
        self._check()
        return self.data()

    def _said(self, said: Said, **blanks: object) -> str:
        return _in(said, self._lang).format_map(blanks)

    def _whose(self) -> str:
        name = self._made.organisation
        return self._said(_BELOW, name=name) if name else self._said(_ALL)

    def _where(self) -> dict[str, str]:
        made = self._made
        size = words.number(self._report["size"])
        return {"origin": made.origin, "size": size, "root": made.root}

    # Head ---------------------------------------------------------------------------------------

    def _title(self) -> None:
        self.sheet.box(_MARGIN, self.y, 12, 1.1, STAR)
        self.y += 4.5
        self.sheet.text(_MARGIN, self.y, self._said(_TITLE), size=24, colour=NIGHT)
        self.y += 15

    def _facts(self) -> None:
        by = self._made.made_by
        values = {
            "organisation": self._whose(),
            "period": _span(self._report),
            "made": words.minute(self._report["made"]),
            "by": self._said(_MADE_BY[by]) if by in _MADE_BY else by,
        }
        half = _INNER / 2
        for pair in (("organisation", "period"), ("by", "made")):
            bottoms = []
            for side, name in enumerate(pair):
                x = _MARGIN + side * half
                self.label(x, self.y, self._said(_FACTS[name]), "")
                bottoms.append(
                    self.sheet.paragraph(
                        x, self.y + 4, values[name], width=half - 6, size=11, leading=1.3
                    )
                )
            self.y = max(bottoms) + 2.4
        self.y += 1

    def _figures(self) -> None:
        total = self._report["total"]
        said = {
            "volunteers": f"{total['volunteers']:,}",
            "minutes": self._amount(TIME, total["minutes"]),
            "points_hundredths": words.points(total["points_hundredths"]),
            "saved_minutes": self._amount(TIME, total["saved_minutes"]),
        }
        self.sheet.box(_MARGIN, self.y, _INNER, 17, TINT)
        x = _MARGIN + 4
        for (name, value), width in zip(said.items(), _FIGURE_WIDTHS, strict=True):
            self.label(x, self.y + 3.2, self._said(_FIGURES[name]), "", width=width - 2)
            self.sheet.text(x, self.y + 8, value, size=13, colour=NIGHT, width=width - 4)
            x += width
        self.y += 19

    def _amount(self, asset: str, value: int) -> str:
        if asset == POINT:
            return words.points(value)
        return words.hours(value) if self._lang == "zh" else words.hours_in_english(value)

    # Charts -------------------------------------------------------------------------------------

    def _chart(self, chart: Chart) -> None:
        """The drawing, never parted from its title or from the first of its figures."""
        if not chart.rows:
            self.heading(chart.title, "", keeps=9)
            self.nothing(self._said(_NOTHING))
            return
        height = chart.height * _REM
        self.heading(chart.title, "", keeps=height + 26)
        self.y += 1
        self._draw(chart)
        self.y += height + 2
        columns = len(chart.heads) - 1
        first = _INNER * (0.5 if columns == 1 else 0.25)
        widths = (first, *[(_INNER - first) / columns] * columns)
        rows: list[Row] = [tuple((cell, "") for cell in row) for row in chart.rows]
        heads = [(head, "") for head in chart.heads]
        self.table(heads, widths, rows, right=1, pad=_TABLE_PAD)
        self.y += 3

    def _draw(self, chart: Chart) -> None:
        scale = [each for each in chart.strokes if each.look in ("rule", "base")]
        self._strokes(scale)
        for box in chart.boxes:
            colour = HAIRLINE if box.look == "track" else NIGHT
            width, height = self._wide(box.width), box.height * _REM
            self.sheet.box(self._x(box.x), self._at(box.y), width, height, colour)
        self._strokes([each for each in chart.strokes if each not in scale])
        for dot in chart.dots:
            colour, hollow = _DOTS[dot.look]
            self.sheet.dot(self._x(dot.x), self._at(dot.y), 0.75, colour, hollow=hollow)
        for label in chart.texts:
            self._label_of(label)

    def _strokes(self, strokes: Sequence[Stroke]) -> None:
        for stroke in strokes:
            colour, thick, dash = _STROKES[stroke.look]
            self.sheet.line(
                (self._x(stroke.x1), self._at(stroke.y1)),
                (self._x(stroke.x2), self._at(stroke.y2)),
                colour=colour,
                thick=thick,
                dash=dash,
            )

    def _label_of(self, label: Label) -> None:
        size = 8.0 if label.look in ("name", "figure") else SMALL
        colour = QUIET if label.look == "scale" else INK
        back = {"start": 0.0, "middle": 0.5, "end": 1.0}[label.anchor]
        wide = self.sheet.across(label.said, size)
        x = self._x(label.x) - back * wide
        if label.look == "figure":
            # It may stand before a neighbour's column.
            tall = self.sheet.line_height(size, 1.0)
            top = self._at(label.y) - 0.85 * tall
            self.sheet.box(x - 0.6, top, wide + 1.2, tall, (255, 255, 255))
        self.sheet.baseline(x, self._at(label.y), label.said, size=size, colour=colour)

    def _x(self, per_cent: float) -> float:
        return _MARGIN + self._wide(per_cent)

    def _wide(self, per_cent: float) -> float:
        return _INNER * per_cent / 100

    def _at(self, rem: float) -> float:
        return self.y + rem * _REM

    # Foot ---------------------------------------------------------------------------------------

    def _each(self) -> None:
        rows: list[Row] = [
            (
                (self._names.get(one["organisation"], one["organisation"]), ""),
                (self._names.get(one["tier"], ""), ""),
                (f"{one['volunteers']:,}", ""),
                (self._amount(TIME, one["minutes"]), ""),
                (self._amount(POINT, one["points_hundredths"]), ""),
            )
            for one in self._report["by_organisation"]
        ]
        if len(rows) > 1:
            heads = [(self._said(each), "") for each in _EACH_HEADS]
            title = (self._said(_EACH), "")
            self.table(heads, _EACH_WIDTHS, rows, right=2, pad=2.2, title=title)

    def _check(self) -> None:
        sheet, width = self.sheet, _INNER - 8
        parts = [
            (self._said(_HEAD, **self._where()), INK),
            (self._said(_COUNTED), QUIET),
        ]
        broken = [(sheet.broken(text, width=width, size=8), colour) for text, colour in parts]
        height = 12.5 + sum(len(lines) for lines, _ in broken) * sheet.line_height(8)
        self.room(height + 6)
        self.y += 6
        sheet.box(_MARGIN, self.y, _INNER, height, TINT)
        y = self.y + 3.6
        sheet.text(_MARGIN + 4, y, self._said(_CHECK), size=10, colour=NIGHT)
        y += 6.2
        for lines, colour in broken:
            for line in lines:
                sheet.text(_MARGIN + 4, y, line, size=8, colour=colour)
                y += sheet.line_height(8)
        self.y += height


_STROKES: Final[Mapping[str, tuple[Colour, float, tuple[float, float] | None]]] = {
    "rule": (HAIRLINE, 0.2, None),
    "base": (QUIET, 0.2, None),
    "line-1": (NIGHT, 0.5, None),
    "line-2": (_MIDDLE, 0.5, (1.4, 0.8)),
    "line-3": (NIGHT, 0.3, None),
    "line-4": (_MIDDLE, 0.3, (0.4, 0.8)),
}
_DOTS: Final[Mapping[str, tuple[Colour, bool]]] = {
    "line-1": (NIGHT, False),
    "line-2": (_MIDDLE, False),
    "line-3": (NIGHT, True),
    "line-4": (_MIDDLE, True),
}


def _in(said: Said, lang: str) -> str:
    return said[0 if lang == "zh" else 1]


def _span(report: Mapping[str, Any]) -> str:
    first, last = report["first_month"], report["last_month"]
    return str(first) if first == last else f"{first} – {last}"
