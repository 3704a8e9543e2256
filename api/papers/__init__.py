"""What is printed or taken away as a file: settlements, vouchers, QR codes.

`model` says what a paper says and works out its sums; the others draw it. Each renderer takes a
paper and returns the bytes of a file: the same paper always gives the same bytes. Heavy libraries
are imported when the first paper is drawn.

    paper = Paper(...)
    render_csv(paper)  render_xlsx(paper)  render_pdf(paper)
    slip_pdf(Slip(...))

`FORMATS` has the media type and the file name of each kind of settlement paper; a name is never
made of data (trust §8).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from api.papers.model import Adjustment, Balances, Line, Paper, Slip, Total
from api.papers.page import PDF
from api.papers.settlement import render_pdf
from api.papers.sheets import CSV, XLSX, render_csv, render_xlsx
from api.papers.slip import slip_pdf

__all__ = [
    "CSV",
    "FORMATS",
    "PDF",
    "XLSX",
    "Adjustment",
    "Balances",
    "Format",
    "Line",
    "Paper",
    "Slip",
    "Total",
    "render_csv",
    "render_pdf",
    "render_xlsx",
    "slip_pdf",
]


@dataclass(frozen=True, slots=True)
class Format:
    """One way to take a settlement away."""

    media_type: str
    file_name: str
    render: Callable[[Paper], bytes]


FORMATS: Final[Mapping[str, Format]] = {
    "csv": Format(CSV, "settlement.csv", render_csv),
    "xlsx": Format(XLSX, "settlement.xlsx", render_xlsx),
    "pdf": Format(PDF, "settlement.pdf", render_pdf),
}
