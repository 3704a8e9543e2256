"""An organisation's report as a file: CSV for programs, XLSX for people. Nobody is named in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from api.papers.sheets import safe

_COLUMNS: Final = (
    "部分 part",
    "项目 item",
    "名称 name",
    "注册人数 registered",
    "服务人数 volunteers",
    "服务分钟 minutes",
    "发放积分百分之一 points_hundredths",
    "存入分钟 saved_minutes",
    "兑换积分百分之一 points_redeemed_hundredths",
    "服务订单分钟 order_minutes",
    "礼遇分钟 reward_minutes",
)
"""The header; programs go by the English half, which is the field's name in the API."""
_NAMES: Final = tuple(column.split(" ")[1] for column in _COLUMNS)
_PARTS: Final = {
    "total": "合计 Total",
    "month": "按月 By month",
    "category": "按类别 By category",
    "tier": "按层级 By tier",
    "organisation": "按组织 By organisation",
    "star": "星级 Stars held",
}

Report = Mapping[str, Any]
Names = Mapping[str, str]
"""By category, tier or organisation's id, what it is called."""


def report_csv(report: Report, names: Names) -> bytes:
    """One row for each month, category, tier, organisation and star, and the sum; `part` says
    which. UTF-8 with a mark, so that spreadsheets show Chinese."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for row in _rows(report, names):
        cells = [row.get(name, "") for name in _NAMES]
        writer.writerow([safe(cell) if isinstance(cell, str) else cell for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def report_xlsx(report: Report, names: Names) -> bytes:
    """A workbook with a sheet for each part. Texts stay texts: no formulas, no links."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True}
    options |= dict.fromkeys(
        ("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False
    )
    book = xlsxwriter.Workbook(out, options)
    head = book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "valign": "top"})
    rows = list(_rows(report, names))
    for part, title in _PARTS.items():
        found = [row for row in rows if row["part"] == part]
        _sheet(book.add_worksheet(title), head, found)
    book.close()
    return out.getvalue()


def _sheet(sheet: Any, head: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    used = [
        (column, name)
        for column, name in zip(_COLUMNS[1:], _NAMES[1:], strict=True)
        if any(name in row for row in rows)
    ]
    sheet.freeze_panes(1, 0)
    sheet.set_row(0, 48)
    sheet.set_column(0, len(_COLUMNS), 20)
    for place, (column, name) in enumerate(used):
        sheet.write_string(0, place, column.replace(" ", "\n", 1), head)
        for line, row in enumerate(rows, 1):
            cell = row.get(name, "")
            if isinstance(cell, int):
                sheet.write_number(line, place, cell)
            elif cell:
                sheet.write_string(line, place, cell)


def _rows(report: Report, names: Names) -> Iterator[dict[str, Any]]:
    span = f"{report['first_month']}/{report['last_month']}"
    yield {"part": "total", "item": span, **report["total"]}
    for month in report["by_month"]:
        yield {"part": "month", "item": month["month"], **_figures(month)}
    for part in ("category", "tier"):
        for item, done in report[f"by_{part}"].items():
            yield {"part": part, "item": item, "name": names.get(item, ""), **done}
    for one in report["by_organisation"]:
        item = one["organisation"]
        yield {"part": "organisation", "item": item, "name": names.get(item, ""), **_figures(one)}
    for held in report["stars_held"]:
        yield {"part": "star", "item": str(held["star"]), "volunteers": held["volunteers"]}


def _figures(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name in _NAMES[3:]}
