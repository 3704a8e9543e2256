"""A settlement on A4: Chinese, with English beside it."""

from __future__ import annotations

from typing import Final

from api.papers import words
from api.papers.flow import HEIGHT, WIDTH, Flow, Heads, Row
from api.papers.model import Adjustment, Balances, Line, Paper, Total
from api.papers.page import HAIRLINE, NIGHT, QUIET, STAR, TINT, Sheet
from ledger.account import POINT

_MARGIN: Final = 16.0
_INNER: Final = WIDTH - 2 * _MARGIN
_LINE_WIDTHS: Final = (20.0, 30.0, 64.0, 34.0, 30.0)
_BALANCE_WIDTHS: Final = (38.0, 35.0, 35.0, 35.0, 35.0)
_STAMPS: Final = 28.0
_PAYABLE: Final = 54.0
"""How wide the sum may be."""
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
    kind = "结算单 Settlement" if paper.closed else "对账单 Report, not closed"
    sheet = Sheet(
        width=WIDTH,
        height=HEIGHT,
        title=f"{kind} {words.days(paper.since, paper.until)}",
        made=paper.made,
        margin=_MARGIN,
    )
    return _Settlement(sheet, paper, kind).drawn()


class _Settlement(Flow):
    """Draws a paper from top to bottom."""

    def __init__(self, sheet: Sheet, paper: Paper, kind: str) -> None:
        foot = (
            f"{paper.settlement}，条目 {words.number(paper.entry)}，{paper.digest}"
            if paper.closed
            else "未结算，仅供对账 Not closed, for comparison only"
        )
        whose = paper.merchant_name or paper.merchant
        running = f"{kind}，{whose}，{words.days(paper.since, paper.until)}"
        super().__init__(sheet, top=_MARGIN, foot=[foot], running=running, spare=4.0)
        self._paper = paper

    def drawn(self) -> bytes:
        self._title()
        self._facts()
        self._totals()
        if self._paper.lines:
            rows = [_line(each) for each in self._paper.lines]
            self.table(_LINE_HEADS, _LINE_WIDTHS, rows, right=4)
        else:
            self.nothing("这一时段没有核销记录。 Nothing was captured in this period.")
        if self._paper.adjustments:
            refunds = [_refund(each) for each in self._paper.adjustments]
            title = ("结算后退款", "Refunds of what was settled before")
            self.table(_REFUND_HEADS, _LINE_WIDTHS, refunds, right=4, title=title)
        if self._paper.balances:
            self.y += 6
            held = [_balances(each) for each in self._paper.balances]
            self.table(_BALANCE_HEADS, _BALANCE_WIDTHS, held, right=1)
        self._verify()
        return self.data()

    # Head ---------------------------------------------------------------------------------------

    def _title(self) -> None:
        sheet, closed = self.sheet, bool(self._paper.closed)
        sheet.box(_MARGIN, self.y, 12, 1.1, STAR)
        self.y += 4.5
        chinese, english = ("结算单", "Settlement") if closed else ("对账单", "Report, not closed")
        sheet.text(_MARGIN, self.y, chinese, size=24, colour=NIGHT)
        sheet.text(_MARGIN + 29, self.y + 3.9, english, size=11, colour=QUIET)
        self.y += 15

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
            self.y = max(bottoms) + 2.4
        self.y += 1

    def _fact(self, x: float, width: float, label: tuple[str, str], value: str) -> float:
        self.label(x, self.y, *label)
        return self.sheet.paragraph(x, self.y + 4, value, width=width, size=11, leading=1.3)

    def _totals(self) -> None:
        for total in self._paper.totals:
            self._total(total)
        self.y += 3

    def _total(self, total: Total) -> None:
        """One band: what counts, what comes off, and large what is left."""
        sheet, asset = self.sheet, total.asset
        sheet.box(_MARGIN, self.y, _INNER, 17, TINT)
        parts: list[tuple[tuple[str, str], str]] = [
            (("核销", "Lines"), f"{total.lines:,} 笔"),
            (("计入", "Claimed"), words.amount(asset, total.claimed)),
            (("退款", "Refunded"), words.amount(asset, -total.refunded)),
        ]
        if total.waiting:
            parts.append((("待复核", "Awaiting review"), words.amount(asset, total.waiting)))
        x = _MARGIN + 4
        for label, value in parts:
            self.label(x, self.y + 3.4, *label)
            room = 18 if label[1] == "Lines" else 32
            sheet.text(x, self.y + 8.2, value, size=10, width=room - 2)
            x += room
        owed = total.payable < 0
        label = ("应退", "Owed back") if owed else ("应付", "Payable")
        right = _MARGIN + _INNER - 4 - _PAYABLE
        self.label(right, self.y + 2.6, *label, width=_PAYABLE, align="R")
        shown = words.amount(asset, abs(total.payable))
        sheet.text(right, self.y + 7, shown, size=17, colour=NIGHT, width=_PAYABLE, align="R")
        self.y += 19

    # Foot ---------------------------------------------------------------------------------------

    def _verify(self) -> None:
        """How somebody who trusts nobody finds this on the ledger."""
        paper, sheet = self._paper, self.sheet
        inner = _INNER - 8
        said = _CLOSED if paper.closed else _OPEN
        lines = [sheet.broken(each, width=inner, size=8) for each in said]
        facts = [f"账本 Log  {paper.origin}，{words.number(paper.size)} 条 entries"]
        if paper.closed:
            facts.append(f"条目 Entry  {words.number(paper.entry)}")
            facts.append(f"摘要 Digest  {paper.digest}")
        shown = [part for each in facts for part in sheet.broken(each, width=inner, size=8)]
        height = 13 + (sum(map(len, lines)) + len(shown)) * sheet.line_height(8) + 1
        # Nobody signs a page on which nothing else stands.
        self.room(7 + height + (_STAMPS if paper.closed else 0))
        self.y += 7
        top = self.y
        sheet.box(_MARGIN, top, _INNER, height, TINT)
        self.y = top + 3.6
        sheet.text(_MARGIN + 4, self.y, "如何核对 How to check", size=10, colour=NIGHT)
        self.y += 6.4
        for line in shown:
            sheet.text(_MARGIN + 4, self.y, line, size=8)
            self.y += sheet.line_height(8)
        self.y += 1.6
        for part in lines:
            for line in part:
                sheet.text(_MARGIN + 4, self.y, line, size=8, colour=QUIET)
                self.y += sheet.line_height(8)
        self.y = top + height
        if paper.closed:
            self._stamps()

    def _stamps(self) -> None:
        """Where both sides sign or stamp it, as is done with paper."""
        self.y += 20
        half = _INNER / 2
        for side, label in enumerate(
            (("商家（签章）", "Merchant"), ("运营方（签章）", "Operator"))
        ):
            x = _MARGIN + side * half
            self.sheet.rule(x, self.y, half - 10, colour=HAIRLINE, thick=0.3)
            self.label(x, self.y + 2, *label)
        self.y += 8


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
