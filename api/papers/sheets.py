"""A settlement as rows: CSV for programs and XLSX for people.

Whatever people typed is data in both. A CSV cell that a spreadsheet might take for a formula gets
a leading `'`; in XLSX every text is written as text, without formulas and without links
(trust §8).
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Sequence
from typing import Any, Final

from api.papers import words
from api.papers.model import Adjustment, Line, Paper, Total
from ledger.account import POINT, TIME

CSV: Final = "text/csv; charset=utf-8"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

COLUMNS: Final = (
    "行 row",
    "条目 entry",
    "时间 time",
    "兑换 redemption",
    "礼遇 item",
    "数量 quantity",
    "单位 unit",
    "数额 amount",
    "计入 claimed",
    "退款 refunded",
    "应付 payable",
    "应退 owed_back",
    "网点编号 branch",
    "网点 branch_name",
    "终端编号 terminal",
    "店员编号 clerk",
    "店员 clerk_name",
    "状态 state",
    "标记 flag",
    "备注 note",
    "结算单 settlement",
    "摘要 digest",
)
"""The header of the CSV. Programs go by the English half, which is the name in what follows."""

_NAMES: Final = tuple(column.split(" ")[1] for column in COLUMNS)
_UNITS: Final = {POINT: "hundredths", TIME: "minutes"}
_RISKY: Final = frozenset("=+-@")
_CELL_MAX: Final = 32_767
"""What a cell of XLSX holds, in UTF-16 units."""

Cells = dict[str, str | int]


def render_csv(paper: Paper) -> bytes:
    """A paper as CSV in UTF-8 with a mark at its beginning, so that spreadsheets show Chinese.

    One header, then a row for each line (`row` is `line`), adjustment (`refund`) and sum (`total`).
    Amounts are whole numbers of the row's `unit` and never below zero; times are those of
    Asia/Shanghai.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in _rows(paper):
        cells = [row.get(name, "") for name in _NAMES]
        writer.writerow([safe(cell) if isinstance(cell, str) else cell for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def safe(cell: str) -> str:
    """A text that no spreadsheet takes for a formula: with a leading `'` if its first character
    that can be seen is, after NFKC, one of `= + - @`, or if it begins with TAB or CR."""
    seen = (
        each
        for each in unicodedata.normalize("NFKC", cell)
        # Spaces and separators, control and format characters.
        if unicodedata.category(each)[0] not in "ZC"
    )
    if cell[:1] in ("\t", "\r") or next(seen, "") in _RISKY:
        return f"'{cell}"
    return cell


def _rows(paper: Paper) -> list[Cells]:
    return [
        *(_line(paper, line) for line in paper.lines),
        *(_refund(one) for one in paper.adjustments),
        *(_total(paper, total) for total in paper.totals),
    ]


def _line(paper: Paper, line: Line) -> Cells:
    return {
        "row": "line",
        "entry": line.entry,
        "time": words.second(line.captured),
        "redemption": line.redemption,
        "item": line.item,
        "quantity": line.quantity,
        "unit": _UNITS[line.asset],
        "amount": line.amount,
        "claimed": line.payable,
        "refunded": 0,
        "branch": line.branch,
        "branch_name": line.branch_name,
        "terminal": line.terminal,
        "clerk": line.clerk,
        "clerk_name": line.clerk_name,
        "state": line.state,
        "flag": line.flag,
        "note": line.note,
        "settlement": paper.settlement,
    }


def _refund(one: Adjustment) -> Cells:
    return {
        "row": "refund",
        "entry": one.entry,
        "time": words.second(one.time),
        "redemption": one.redemption,
        "unit": _UNITS[one.asset],
        "amount": one.amount,
        "claimed": 0,
        "refunded": one.amount,
        "state": "refunded",
        "note": one.ground,
        "settlement": one.settlement,
    }


def _total(paper: Paper, total: Total) -> Cells:
    return {
        "row": "total",
        **({"entry": paper.entry} if paper.closed else {}),
        "time": words.second(paper.made),
        "quantity": total.lines,
        "unit": _UNITS[total.asset],
        "claimed": total.claimed,
        "refunded": total.refunded,
        "payable": max(0, total.payable),
        "owed_back": max(0, -total.payable),
        "settlement": paper.settlement,
        "digest": paper.digest,
    }


# XLSX -------------------------------------------------------------------------------------------


class _Tables:
    """Writes headed tables into the sheets of a workbook; knows nothing of what they mean."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._head = self._format(bold=True, text_wrap=True, bottom=1, bg_color="#EEF0F6")
        self._text = self._format(text_wrap=True)
        self._whole = self._format(num_format="#,##0")
        self._part = self._format(num_format="#,##0.00")
        self._time = self._format(num_format="yyyy-mm-dd hh:mm:ss")

    def _format(self, **properties: Any) -> Any:
        return self._book.add_format({"valign": "top", "font_size": 11, **properties})

    def sheet(self, name: str, widths: Sequence[int], *, frozen_rows: int) -> Any:
        """A sheet for printing on A4, whose first rows stay where they are."""
        made = self._book.add_worksheet(name)
        for column, width in enumerate(widths):
            made.set_column(column, column, width)
        made.freeze_panes(frozen_rows, 0)
        made.repeat_rows(0)
        made.set_paper(9)
        made.set_landscape()
        made.fit_to_pages(1, 0)
        return made

    def head(self, sheet: Any, row: int, names: Sequence[str]) -> None:
        """Column heads: Chinese above, English below."""
        sheet.set_row(row, 32)
        for column, name in enumerate(names):
            sheet.write_string(row, column, name.replace(" ", "\n", 1), self._head)

    def write(self, sheet: Any, row: int, cells: Sequence[Any]) -> None:
        """Texts as texts, numbers as numbers, times (ms in a `_At`) as times."""
        for column, cell in enumerate(cells):
            if isinstance(cell, _At):
                sheet.write_datetime(row, column, words.local(cell.milliseconds), self._time)
            elif isinstance(cell, _Points):
                shown = self._part if cell.hundredths % 100 else self._whole
                sheet.write_number(row, column, cell.hundredths / 100, shown)
            elif isinstance(cell, int):
                sheet.write_number(row, column, cell, self._whole)
            elif cell:
                sheet.write_string(row, column, _fits(cell), self._text)


class _At:
    """A time to be written as one."""

    def __init__(self, milliseconds: int) -> None:
        self.milliseconds = milliseconds


class _Points:
    """Points to be written with two decimals only where there are any."""

    def __init__(self, hundredths: int) -> None:
        self.hundredths = hundredths


def render_xlsx(paper: Paper) -> bytes:
    """A paper as a workbook of three sheets: lines, refunds, totals. The same paper gives the same
    bytes."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    title = "结算单 Settlement" if paper.closed else "对账单 Report, not closed"
    book.set_properties({"title": title, "created": words.local(paper.made)})
    tables = _Tables(book)
    _write_lines(tables, paper)
    _write_refunds(tables, paper)
    _write_totals(tables, paper)
    book.close()
    return out.getvalue()


def _amounts(asset: str, value: int) -> tuple[Any, Any]:
    """A column for points and one for minutes, so that a column can be summed."""
    return (_Points(value), "") if asset == POINT else ("", value)


def _write_lines(tables: _Tables, paper: Paper) -> None:
    sheet = tables.sheet(
        "明细 Lines", [10, 20, 19, 28, 8, 12, 12, 12, 12, 18, 19, 16, 18, 30], frozen_rows=1
    )
    heads = (
        "条目 Entry, 时间 Time, 兑换 Redemption, 礼遇 Item, 数量 Pieces, 积分 Points,"
        " 分钟 Minutes, 计入积分 Points counted, 计入分钟 Minutes counted, 网点 Branch,"
        " 终端 Terminal, 店员 Clerk, 状态 State, 备注 Note"
    )
    tables.head(sheet, 0, heads.split(", "))
    for row, line in enumerate(paper.lines, start=1):
        cells = [
            line.entry,
            _At(line.captured),
            line.redemption,
            line.item,
            line.quantity,
            *_amounts(line.asset, line.amount),
            *_amounts(line.asset, line.payable),
            line.branch_name or line.branch,
            line.terminal,
            line.clerk_name or line.clerk,
            words.state(line),
            line.note,
        ]
        tables.write(sheet, row, cells)


def _write_refunds(tables: _Tables, paper: Paper) -> None:
    sheet = tables.sheet("退款 Refunds", [10, 20, 19, 19, 12, 12, 30], frozen_rows=1)
    heads = (
        "条目 Entry, 时间 Time, 兑换 Redemption, 原结算单 Settled in, 积分 Points,"
        " 分钟 Minutes, 原因 Ground"
    )
    tables.head(sheet, 0, heads.split(", "))
    for row, one in enumerate(paper.adjustments, start=1):
        cells = [
            one.entry,
            _At(one.time),
            one.redemption,
            one.settlement,
            *_amounts(one.asset, one.amount),
            words.ground(one.ground),
        ]
        tables.write(sheet, row, cells)


def _write_totals(tables: _Tables, paper: Paper) -> None:
    sheet = tables.sheet("合计 Totals", [24, 22, 14, 14, 14, 14, 14], frozen_rows=1)
    tables.head(
        sheet,
        0,
        "资产 Asset, 单位 Unit, 笔数 Lines, 计入 Claimed, 待复核 Awaiting review,"
        " 退款 Refunded, 应付 Payable".split(", "),
    )
    row = 1
    for total in paper.totals:
        sums = (total.claimed, total.waiting, total.refunded, total.payable)
        tables.write(sheet, row, [*_unit(total.asset), total.lines, *_in_units(total.asset, sums)])
        row += 1
    if paper.balances:
        row += 1
        tables.head(
            sheet,
            row,
            "账户余额 Balances, 单位 Unit, 未核销 Unclaimed, 待结算 Claims, 已结算 Settled,"
            " 待扣回 Clawed back".split(", "),
        )
        for one in paper.balances:
            row += 1
            held = (one.unclaimed, one.claims, one.settled, one.clawed_back)
            tables.write(sheet, row, [*_unit(one.asset), *_in_units(one.asset, held)])
        row += 1
    for label, value in words.facts(paper):
        row += 1
        tables.write(sheet, row, [label, value])


def _unit(asset: str) -> tuple[str, str]:
    return ("积分 Points", "积分 points") if asset == POINT else ("时间 Saved time", "分钟 minutes")


def _in_units(asset: str, values: Sequence[int]) -> list[Any]:
    return [_Points(value) if asset == POINT else value for value in values]


def _fits(text: str) -> str:
    """As much of a text as one cell holds, with a sign that there was more."""
    if len(text.encode("utf-16-le")) // 2 <= _CELL_MAX:
        return text
    # Half a pair at the end is left out rather than written.
    kept = text.encode("utf-16-le")[: 2 * (_CELL_MAX - 1)].decode("utf-16-le", "ignore")
    return f"{kept}…"
