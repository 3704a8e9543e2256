"""A settlement on A4: Chinese, with English beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from api.papers import words
from api.papers.model import Adjustment, Balances, Line, Paper, Total
from api.papers.page import HAIRLINE, INK, NIGHT, QUIET, STAR, TINT, Sheet, columns
from ledger.account import POINT

_WIDTH: Final = 210.0
_HEIGHT: Final = 297.0
_MARGIN: Final = 16.0
_INNER: Final = _WIDTH - 2 * _MARGIN
_FOOT: Final = _HEIGHT - 14.0
"""Where the foot of a page begins."""

_LINE_WIDTHS: Final = (20.0, 30.0, 64.0, 34.0, 30.0)
_BALANCE_WIDTHS: Final = (38.0, 35.0, 35.0, 35.0, 35.0)
_PAYABLE: Final = 54.0
"""How wide the sum may be."""
_GAP: Final = 3.0
"""Between a column's text and the next column."""
_BODY: Final = 9.0
_SMALL: Final = 7.0

Cell = tuple[str, str]
"""What stands in a cell, and smaller below it."""
Row = tuple[Cell, ...]
Heads = Sequence[tuple[str, str]]
_LINE_HEADS: Final[Heads] = (
    ("条目", "Entry"),
    ("时间", "Time"),
    ("礼遇", "Item"),
    ("网点、店员", "Branch, clerk"),
    ("数额", "Amount"),
)
_REFUND_HEADS: Final[Heads] = (
    ("条目", "Entry"),
    ("时间", "Time"),
    ("兑换与原结算单", "Redemption, settled in"),
    ("原因", "Ground"),
    ("退款", "Refunded"),
)
_BALANCE_HEADS: Final[Heads] = (
    ("账户余额", "Balances"),
    ("未核销", "Unclaimed"),
    ("待结算", "Claims"),
    ("已结算", "Settled"),
    ("待扣回", "Clawed back"),
)

_IN_CHINESE: Final = (
    "向运营方或审计人取得审计包，运行 python -m audit 包目录：通过后，上面的条目就在账本里，"
    "其中的摘要应与这里印的逐字相同，各行条目编号与数额也都能在包里找到。"
)
_IN_ENGLISH: Final = (
    "Ask the operator or an auditor for the bundle and run python -m audit on its folder. If it"
    " passes, the entry above is on the ledger; the digest in it must be the one printed here,"
    " and the entry numbers and amounts of all lines are found in the bundle."
)
_CLOSED: Final = (_IN_CHINESE, _IN_ENGLISH)
_OPEN: Final = (
    "本单尚未结算，数额以结算单为准。每行的条目编号可在账本中查到。",
    "Nothing was settled by this report. Each line's entry number is found on the ledger.",
)


def render_pdf(paper: Paper) -> bytes:
    """A paper as PDF. The same paper gives the same bytes, whenever and wherever it is printed.

    Refuses with `printing_not_installed` or `wrong_font`.
    """
    sheet = Sheet(
        width=_WIDTH, height=_HEIGHT, title="结算单 Settlement", made=paper.made, margin=_MARGIN
    )
    return _Settlement(sheet, paper).drawn()


class _Settlement:
    """Draws a paper from top to bottom; `_y` is where the next thing goes."""

    def __init__(self, sheet: Sheet, paper: Paper) -> None:
        self._sheet = sheet
        self._paper = paper
        self._y = 0.0

    def drawn(self) -> bytes:
        self._begin_page()
        self._title()
        self._facts()
        self._totals()
        self._table(_LINE_HEADS, _LINE_WIDTHS, [_line(each) for each in self._paper.lines], right=4)
        if not self._paper.lines:
            self._nothing("这一时段没有核销记录。", "Nothing was captured in this period.")
        if self._paper.adjustments:
            self._heading("结算后退款", "Refunds of what was settled before")
            refunds = [_refund(each) for each in self._paper.adjustments]
            self._table(_REFUND_HEADS, _LINE_WIDTHS, refunds, right=4)
        if self._paper.balances:
            self._room(26)
            self._y += 6
            held = [_balances(each) for each in self._paper.balances]
            self._table(_BALANCE_HEADS, _BALANCE_WIDTHS, held, right=1)
        self._verify()
        if self._paper.closed:
            self._stamps()
        self._foot()
        return self._sheet.data()

    # Pages --------------------------------------------------------------------------------------

    def _begin_page(self) -> None:
        self._sheet.page()
        self._y = _MARGIN

    def _room(self, height: float) -> bool:
        """Whether a new page had to be begun, so that `height` mm fit."""
        if self._y + height <= _FOOT - 4:
            return False
        self._foot()
        self._begin_page()
        return True

    def _foot(self) -> None:
        paper, sheet = self._paper, self._sheet
        sheet.rule(_MARGIN, _FOOT, _INNER)
        said = (
            f"{paper.settlement}，条目 {words.number(paper.entry)}，{paper.digest}"
            if paper.closed
            else "未结算，仅供对账 Not closed, for comparison only"
        )
        sheet.text(_MARGIN, _FOOT + 2.4, said, size=_SMALL, colour=QUIET)
        # The number of pages is known at the end only, so this cannot be set flush right.
        pages = f"第 {sheet.pages} 页，共 {sheet.number_of_pages()} 页"
        sheet.text(_WIDTH - _MARGIN - 19, _FOOT + 2.4, pages, size=_SMALL, colour=QUIET)

    # Head ---------------------------------------------------------------------------------------

    def _title(self) -> None:
        sheet, closed = self._sheet, bool(self._paper.closed)
        sheet.box(_MARGIN, self._y, 12, 1.1, STAR)
        self._y += 4.5
        chinese, english = ("结算单", "Settlement") if closed else ("对账单", "Report, not closed")
        sheet.text(_MARGIN, self._y, chinese, size=24, colour=NIGHT)
        sheet.text(_MARGIN + 29, self._y + 3.9, english, size=11, colour=QUIET)
        self._y += 15

    def _facts(self) -> None:
        paper = self._paper
        branch = (paper.branch_name or paper.branch) or "全部网点 All branches"
        pairs = [
            (("商家", "Merchant"), paper.merchant_name or paper.merchant),
            (("时段", "Period"), words.days(paper.since, paper.until)),
            (("网点", "Branch"), branch),
        ]
        if paper.closed:
            pairs += [
                (("结算时间", "Closed"), words.minute(paper.closed)),
                (("结算单编号", "Settlement"), paper.settlement),
                (("条目", "Entry"), words.number(paper.entry)),
            ]
        else:
            pairs.append((("制表时间", "Made"), words.minute(paper.made)))
        half = _INNER / 2
        for place in range(0, len(pairs), 2):
            bottoms = [
                self._fact(_MARGIN + side * half, half - 6, *pair)
                for side, pair in enumerate(pairs[place : place + 2])
            ]
            self._y = max(bottoms) + 2.4
        self._y += 1

    def _fact(self, x: float, width: float, label: tuple[str, str], value: str) -> float:
        self._label(x, self._y, *label)
        return self._sheet.paragraph(x, self._y + 4, value, width=width, size=11, leading=1.3)

    def _label(
        self, x: float, y: float, chinese: str, english: str, *, width: float = 0, align: str = "L"
    ) -> None:
        said = f"{chinese} {english}"
        self._sheet.text(x, y, said, size=_SMALL, colour=QUIET, width=width, align=align)

    def _totals(self) -> None:
        for total in self._paper.totals:
            self._total(total)
        self._y += 3

    def _total(self, total: Total) -> None:
        """One band: what counts, what comes off, and large what is left."""
        sheet, asset = self._sheet, total.asset
        sheet.box(_MARGIN, self._y, _INNER, 17, TINT)
        parts: list[tuple[tuple[str, str], str]] = [
            (("核销", "Lines"), f"{total.lines:,} 笔"),
            (("计入", "Claimed"), words.amount(asset, total.claimed)),
            (("退款", "Refunded"), words.amount(asset, -total.refunded)),
        ]
        if total.waiting:
            parts.append((("待复核", "Awaiting review"), words.amount(asset, total.waiting)))
        x = _MARGIN + 4
        for label, value in parts:
            self._label(x, self._y + 3.4, *label)
            room = 18 if label[1] == "Lines" else 32
            sheet.text(x, self._y + 8.2, value, size=10, width=room - 2)
            x += room
        owed = total.payable < 0
        label = ("应退", "Owed back") if owed else ("应付", "Payable")
        right = _MARGIN + _INNER - 4 - _PAYABLE
        self._label(right, self._y + 2.6, *label, width=_PAYABLE, align="R")
        shown = words.amount(asset, abs(total.payable))
        sheet.text(right, self._y + 7, shown, size=17, colour=NIGHT, width=_PAYABLE, align="R")
        self._y += 19

    # Tables -------------------------------------------------------------------------------------

    def _heading(self, chinese: str, english: str) -> None:
        self._room(24)
        self._y += 6
        self._sheet.text(_MARGIN, self._y, chinese, size=12, colour=NIGHT)
        self._label(_MARGIN + 24, self._y + 1.5, english, "")
        self._y += 6.5

    def _nothing(self, chinese: str, english: str) -> None:
        self._sheet.text(_MARGIN, self._y + 2, f"{chinese} {english}", size=_BODY, colour=QUIET)
        self._y += 9

    def _table(
        self, heads: Heads, widths: Sequence[float], rows: Sequence[Row], *, right: int
    ) -> None:
        """Rows under heads, which stand on every page again; columns from `right` on are set
        flush right."""
        self._heads(heads, widths, right)
        for row in rows:
            shown = [
                # A figure is not broken; where it is too wide it is set smaller.
                self._broken(cell, width - _GAP) if place < right else _unbroken(cell)
                for place, (cell, width) in enumerate(zip(row, widths, strict=True))
            ]
            height = max(map(self._height, shown)) + 3.2
            if self._room(height):
                self._heads(heads, widths, right)
            self._row(shown, widths, right)
            self._y += height
            self._sheet.rule(_MARGIN, self._y, _INNER)

    def _heads(self, heads: Heads, widths: Sequence[float], right: int) -> None:
        starts = columns(widths, _MARGIN)
        for place, (start, width, head) in enumerate(zip(starts, widths, heads, strict=True)):
            align, room = ("R", width) if place >= right else ("L", width - _GAP)
            self._label(start, self._y, *head, width=room, align=align)
        self._y += 4.6
        self._sheet.rule(_MARGIN, self._y, _INNER, colour=NIGHT, thick=0.3)

    def _broken(self, cell: Cell, width: float) -> tuple[list[str], list[str]]:
        large, small = cell
        return (
            self._sheet.broken(large, width=width, size=_BODY),
            self._sheet.broken(small, width=width, size=_SMALL),
        )

    def _height(self, cell: tuple[list[str], list[str]]) -> float:
        large, small = cell
        return len(large) * self._sheet.line_height(_BODY) + len(small) * self._sheet.line_height(
            _SMALL
        )

    def _row(
        self, cells: Sequence[tuple[list[str], list[str]]], widths: Sequence[float], right: int
    ) -> None:
        starts = columns(widths, _MARGIN)
        for place, ((large, small), start, width) in enumerate(
            zip(cells, starts, widths, strict=True)
        ):
            align = "R" if place >= right else "L"
            x = start + _GAP if place >= right else start
            y = self._y + 1.9
            for size, colour, lines in ((_BODY, INK, large), (_SMALL, QUIET, small)):
                for line in lines:
                    self._sheet.text(
                        x, y, line, size=size, colour=colour, width=width - _GAP, align=align
                    )
                    y += self._sheet.line_height(size)

    # Foot ---------------------------------------------------------------------------------------

    def _verify(self) -> None:
        """How somebody who trusts nobody finds this on the ledger."""
        paper, sheet = self._paper, self._sheet
        self._room(52 if paper.closed else 34)
        self._y += 7
        top, inner = self._y, _INNER - 8
        said = _CLOSED if paper.closed else _OPEN
        lines = [sheet.broken(each, width=inner, size=8) for each in said]
        facts = [f"账本 Log  {paper.origin}，{words.number(paper.size)} 条 entries"]
        if paper.closed:
            facts.append(f"条目 Entry  {words.number(paper.entry)}")
            facts.append(f"摘要 Digest  {paper.digest}")
        shown = [part for each in facts for part in sheet.broken(each, width=inner, size=8)]
        height = 13 + (sum(map(len, lines)) + len(shown)) * sheet.line_height(8) + 1
        sheet.box(_MARGIN, top, _INNER, height, TINT)
        self._y = top + 3.6
        sheet.text(_MARGIN + 4, self._y, "如何核对 How to check", size=10, colour=NIGHT)
        self._y += 6.4
        for line in shown:
            sheet.text(_MARGIN + 4, self._y, line, size=8)
            self._y += sheet.line_height(8)
        self._y += 1.6
        for part in lines:
            for line in part:
                sheet.text(_MARGIN + 4, self._y, line, size=8, colour=QUIET)
                self._y += sheet.line_height(8)
        self._y = top + height

    def _stamps(self) -> None:
        """Where both sides sign or stamp it, as is done with paper."""
        self._room(34)
        self._y += 20
        half = _INNER / 2
        for side, label in enumerate(
            (("商家（签章）", "Merchant"), ("运营方（签章）", "Operator"))
        ):
            x = _MARGIN + side * half
            self._sheet.rule(x, self._y, half - 10, colour=HAIRLINE, thick=0.3)
            self._label(x, self._y + 2, *label)
        self._y += 8


def _unbroken(cell: Cell) -> tuple[list[str], list[str]]:
    large, small = cell
    return [large], [small] if small else []


def _line(line: Line) -> Row:
    pieces = f"{line.item or '（名称已不保存）'} × {line.quantity:,}"
    below = line.redemption
    if line.waits or line.state != "settled":
        below += f"，{words.state(line)}"
    if line.note:
        below += f"，{line.note}"
    clerk = line.clerk_name or line.clerk
    return (
        (words.number(line.entry), ""),
        (words.minute(line.captured), ""),
        (pieces, below),
        (line.branch_name or line.branch, clerk or line.terminal),
        (words.amount(line.asset, line.amount), "" if line.payable else "不计入 not counted"),
    )


def _refund(one: Adjustment) -> Row:
    chinese, _, english = words.ground(one.ground).partition(" ")
    return (
        (words.number(one.entry), ""),
        (words.minute(one.time), ""),
        (one.redemption, one.settlement),
        (chinese, english),
        (words.amount(one.asset, -one.amount), ""),
    )


def _balances(one: Balances) -> Row:
    held = (one.unclaimed, one.claims, one.settled, one.clawed_back)
    name = "积分 Points" if one.asset == POINT else "时间 Saved time"
    return ((name, ""), *((words.amount(one.asset, value), "") for value in held))
