"""Settlements on paper: what they say is what the lines come to, in every format."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import re
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from api.papers import (
    FORMATS,
    Line,
    Paper,
    font,
    qr,
    render_csv,
    render_pdf,
    render_xlsx,
    slip_pdf,
    words,
)
from api.papers.sheets import COLUMNS, safe
from ledger.account import POINT, TIME
from ledger.codes import grouped
from ledger.errors import Refused
from ledger.policy.words import VOID_GROUNDS
from tests import papers
from tests.kit import at, scenario

ROOT = Path(__file__).parent.parent
NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
A_LINE = st.builds(
    papers.line,
    entry=st.integers(1, 10**9),
    asset=st.sampled_from([POINT, TIME]),
    amount=st.integers(1, 2**40),
    quantity=st.integers(1, 999),
    item=st.text(max_size=20),
    note=st.text(max_size=20),
)
LINES = st.lists(A_LINE, max_size=12, unique_by=lambda line: line.entry)
REFUNDS = st.lists(
    st.builds(
        papers.refund,
        entry=st.integers(1, 10**9),
        asset=st.sampled_from([POINT, TIME]),
        amount=st.integers(1, 2**40),
    ),
    max_size=6,
    unique_by=lambda one: one.entry,
)


def read_csv(paper: Paper) -> list[dict[str, str]]:
    """Rows by the English half of the header."""
    text = render_csv(paper).decode("utf-8-sig")
    head, *rows = list(csv.reader(io.StringIO(text, newline="")))
    assert tuple(head) == COLUMNS
    return [dict(zip([each.split(" ")[1] for each in head], row, strict=True)) for row in rows]


def pages_of(data: bytes) -> list[str]:
    """What each page of a PDF says, without its spaces: where they stand is the reader's guess."""
    with pypdfium2.PdfDocument(data) as document:
        said = []
        for page in document:
            text = page.get_textpage()
            said.append(bare(text.get_text_bounded()))
            text.close()
            page.close()
        return said


def text_of(data: bytes) -> str:
    return "".join(pages_of(data))


def picture_of(data: bytes, *, page: int = 0, dots_per_inch: int = 144) -> Image.Image:
    """A page as a printer would put it down, in shades of grey."""
    with pypdfium2.PdfDocument(data) as document:
        drawn = document[page].render(scale=dots_per_inch / 72, grayscale=True)
        picture: Image.Image = drawn.to_pil().copy()
        return picture


def size_of(data: bytes) -> tuple[float, float]:
    """Width and height of the first page, mm."""
    with pypdfium2.PdfDocument(data) as document:
        width, height = document[0].get_size()
        return width * 25.4 / 72, height * 25.4 / 72


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


# What a paper may be -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"quantity": 0}, "at least one piece"),
        ({"amount": 0}, "at least 1"),
        ({"asset": "STAR"}, "POINT or TIME"),
        ({"state": "reserved"}, "no paper lists"),
    ],
)
def test_a_line_that_means_nothing_is_none(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        papers.line(**changed)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"until": at("2026-02-01 00:00")}, "ends after it begins"),
        ({"lines": (papers.line(), papers.line())}, "stands twice"),
        ({"adjustments": (papers.refund(), papers.refund())}, "stands twice"),
        ({"branch": "c" * 16}, "another branch"),
        ({"digest": "0" * 63}, "digest of 64 hex digits"),
        ({"settlement": ""}, "has its number"),
        ({"entry": 20_712}, "within the log"),
        ({"entry": 0}, "within the log"),
        ({"lines": (papers.line(state="captured"),)}, "only what it settled"),
        ({"lines": (papers.line(state="voided"),)}, "only what it settled"),
        ({"closed": 0}, "neither number, entry nor digest"),
    ],
)
def test_a_paper_that_no_ledger_could_mean_is_none(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        dataclasses.replace(papers.paper(papers.line()), **changed)


def test_lines_and_refunds_stand_in_the_order_of_their_entries() -> None:
    made = papers.paper(
        papers.line(9), papers.line(7), adjustments=(papers.refund(5), papers.refund(3))
    )
    assert [line.entry for line in made.lines] == [7, 9]
    assert [one.entry for one in made.adjustments] == [3, 5]


@given(LINES, REFUNDS)
def test_the_totals_are_what_lines_and_refunds_come_to(lines: list[Line], refunds: Any) -> None:
    made = papers.paper(*lines, adjustments=tuple(refunds))
    for asset in (POINT, TIME):
        claimed = sum(line.amount for line in lines if line.asset == asset)
        off = sum(one.amount for one in refunds if one.asset == asset)
        found = [total for total in made.totals if total.asset == asset]
        if not found:
            assert (claimed, off) == (0, 0)
            continue
        (total,) = found
        assert (total.claimed, total.refunded, total.waiting) == (claimed, off, 0)
        assert total.payable == claimed - off


def test_what_waits_or_was_voided_is_shown_and_not_counted() -> None:
    made = papers.report(
        papers.line(1, state="captured", amount=1),
        papers.line(2, state="captured", amount=10, flag="rapid"),
        papers.line(3, state="voided", amount=100),
        papers.line(4, state="settled", amount=1_000),
        papers.line(5, state="refunded", amount=10_000),
    )
    (total,) = made.totals
    assert (total.lines, total.claimed, total.waiting) == (3, 11_001, 10)
    assert [row["claimed"] for row in read_csv(made)[:5]] == ["1", "0", "0", "1000", "10000"]


def test_a_paper_that_is_not_what_its_entry_states_is_not_printed() -> None:
    made = papers.paper(papers.line(1, amount=250), papers.line(2, asset=TIME, amount=45))
    made.refuse_other_sums(lines=2, points=250, minutes=45)
    for other in ((1, 250, 45), (2, 251, 45), (2, 250, 44)):
        with pytest.raises(ValueError, match="do not come to what its entry states"):
            made.refuse_other_sums(**dict(zip(("lines", "points", "minutes"), other, strict=True)))
    papers.paper().refuse_other_sums(lines=0, points=0, minutes=0)


# Words -------------------------------------------------------------------------------------------


@scenario("""
hundredths  | said
0           | 0
1           | 0.01
50          | 0.50
100         | 1
8_650       | 86.50
123_456_700 | 1,234,567
-150        | −1.50
-3_000      | −30
""", id_as="hundredths")  # fmt: skip
def test_points_have_decimals_only_where_there_are_any(hundredths: str, said: str | int) -> None:
    assert words.points(int(hundredths)) == str(said)


@scenario("""
minutes  | chinese          | english
0        | 0 分             | 0 min
45       | 45 分            | 45 min
60       | 1 小时           | 1 h
150      | 2 小时 30 分     | 2 h 30 min
600_061  | 10,001 小时 1 分 | 10,001 h 1 min
-90      | −1 小时 30 分    | −1 h 30 min
""", id_as="minutes")  # fmt: skip
def test_hours_are_never_decimal(minutes: str, chinese: str, english: str) -> None:
    assert words.hours(int(minutes)) == chinese
    assert words.hours_in_english(int(minutes)) == english


def test_amounts_numbers_and_times_are_said_as_people_say_them() -> None:
    assert words.amount(POINT, 150) == "1.50 积分"
    assert words.amount(TIME, 150) == "2 小时 30 分"
    assert words.amount_in_english(POINT, 100) == "1 point"
    assert words.amount_in_english(POINT, 150) == "1.50 points"
    assert words.amount_in_english(TIME, 45) == "45 min"
    assert words.number(18_204) == "18\u2009204"
    moment = at("2026-02-03 00:05") + 59_999
    assert words.minute(moment) == "2026-02-03 00:05"
    assert words.second(moment) == "2026-02-03 00:05:59"
    assert words.spoken(moment) == "2026年2月3日 00:05"
    assert words.spoken_in_english(moment) == "00:05 on 3 February 2026"
    assert words.days(at("2026-02-03 00:00"), at("2026-02-04 00:00")) == "2026-02-03"
    assert words.days(at("2026-02-01 00:00"), at("2026-03-01 00:00")) == "2026-02-01 – 2026-02-28"


def test_every_ground_has_words() -> None:
    assert set(VOID_GROUNDS) <= set(words.GROUNDS)
    assert words.ground("something_else") == "something_else"


# CSV ---------------------------------------------------------------------------------------------


def test_the_csv_says_each_line_refund_and_sum() -> None:
    first, *rest = read_csv(papers.rich(9))
    assert first == {
        "row": "line",
        "entry": "18204",
        "time": "2026-02-03 10:31:00",
        "redemption": "0000000000018204",
        "item": "咖啡一杯",
        "quantity": "1",
        "unit": "hundredths",
        "amount": "3000",
        "claimed": "3000",
        "refunded": "0",
        "payable": "",
        "owed_back": "",
        "branch": "b" * 16,
        "branch_name": "东门店",
        "terminal": "t" * 16,
        "clerk": "",
        "clerk_name": "",
        "state": "settled",
        "flag": "none",
        "note": "",
        "settlement": "5f9k2m7q8r3t6w1z",
        "digest": "",
    }
    assert [row["row"] for row in rest] == ["line"] * 9 + ["refund"] * 2 + ["total"] * 2
    points, minutes = rest[-2:]
    assert points["entry"] == "20711"
    assert points["digest"] == papers.DIGEST
    assert (minutes["unit"], minutes["claimed"], minutes["refunded"]) == ("minutes", "150", "45")
    assert (minutes["payable"], minutes["owed_back"]) == ("105", "0")


def test_it_begins_with_a_mark_so_that_spreadsheets_show_chinese() -> None:
    assert render_csv(papers.paper()).startswith(b"\xef\xbb\xbf")


def test_what_a_merchant_owes_back_has_a_column_of_its_own() -> None:
    """So no cell begins with a minus, which a spreadsheet might take for a formula."""
    made = papers.paper(papers.line(1, amount=100), adjustments=(papers.refund(amount=250),))
    (total,) = [row for row in read_csv(made) if row["row"] == "total"]
    assert (total["payable"], total["owed_back"]) == ("0", "150")


@given(LINES, REFUNDS)
def test_columns_survive_the_way_there_and_back(lines: list[Line], refunds: Any) -> None:
    made = papers.paper(*lines, adjustments=tuple(refunds))
    rows = read_csv(made)
    for row, line in zip(rows, made.lines, strict=False):
        assert (int(row["entry"]), int(row["amount"])) == (line.entry, line.amount)
        for name in ("item", "note"):
            assert row[name].removeprefix("'") == getattr(line, name).removeprefix("'")
    for total in [row for row in rows if row["row"] == "total"]:
        for column in ("claimed", "refunded"):
            parts = [
                int(row[column])
                for row in rows
                if row["row"] != "total" and row["unit"] == total["unit"]
            ]
            assert int(total[column]) == sum(parts)
        balance = int(total["claimed"]) - int(total["refunded"])
        assert int(total["payable"]) - int(total["owed_back"]) == balance


@pytest.mark.parametrize(
    "typed",
    [
        "=1+1",
        "+86",
        "-2+3",
        "@SUM(A1)",
        "  =1",
        "\u3000=1",
        "\ufeff=1",
        "\u200b=1",
        "\n=1",
        "＝1",
        "＋1",
        "﹣1",
        "＠a",
        "\tx",
        "\rx",
        "\t",
        '=HYPERLINK("http://x.example","y")',
        "=cmd|' /C calc'!A0",
    ],
)
def test_a_text_that_could_be_a_formula_is_marked(typed: str) -> None:
    (row,) = [
        row
        for row in read_csv(papers.paper(papers.line(item=typed, note=typed)))
        if row["row"] == "line"
    ]
    assert row["item"] == row["note"] == f"'{typed}"


@pytest.mark.parametrize("typed", ["", "咖啡", "2 = 1+1", "a-b", "'quoted", "（=）", "−5"])
def test_other_text_stays_as_it_was(typed: str) -> None:
    assert safe(typed) == typed


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.text("=+-@ \t\r＝'a"))
def test_no_cell_begins_like_a_formula(typed: str) -> None:
    made = safe(typed)
    assert made in (typed, f"'{typed}")
    assert not made.startswith(("\t", "\r"))
    assert unicodedata.normalize("NFKC", made).strip()[:1] not in set("=+-@")


# XLSX --------------------------------------------------------------------------------------------


def sheets_of(data: bytes) -> Iterator[tuple[str, ElementTree.Element]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in sorted(archive.namelist()):
            if name.startswith("xl/worksheets/sheet"):
                yield name, ElementTree.fromstring(archive.read(name))  # noqa: S314 - our own


def cells_of(data: bytes, sheet: int) -> list[dict[str, str | float]]:
    """The rows of a sheet, by column letter; numbers as numbers."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        strings = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))  # noqa: S314
        shared = ["".join(each.itertext()) for each in strings.iter(f"{NAMESPACE}si")]
    root = dict(sheets_of(data))[f"xl/worksheets/sheet{sheet}.xml"]
    rows = []
    for row in root.iter(f"{NAMESPACE}row"):
        cells: dict[str, str | float] = {}
        for cell in row.iter(f"{NAMESPACE}c"):
            value = cell.find(f"{NAMESPACE}v")
            if value is not None:
                letter = cell.attrib["r"].rstrip("0123456789")
                text = value.text or ""
                is_text = cell.attrib.get("t") == "s"
                cells[letter] = shared[int(text)] if is_text else float(text)
        rows.append(cells)
    return rows


def test_the_workbook_has_lines_refunds_and_totals_with_numbers_as_numbers() -> None:
    data = render_xlsx(papers.rich(9))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        named = re.findall(r'<sheet name="([^"]+)"', archive.read("xl/workbook.xml").decode())
    assert named == ["明细 Lines", "退款 Refunds", "合计 Totals"]
    head, first, second, *_, last = cells_of(data, 1)
    assert head["F"] == "积分\nPoints"
    assert (first["A"], first["D"], first["F"]) == (18_204, "咖啡一杯", 30)
    assert second["F"] == 3.0
    assert (last["G"], last["D"]) == (150, "陪诊服务")
    assert "F" not in last
    # Days since 1900 as spreadsheets count them, local time.
    assert first["B"] == pytest.approx(46_056 + (10 * 60 + 31) / 1440)
    totals = cells_of(data, 3)
    assert (totals[1]["A"], totals[1]["D"]) == ("积分 Points", sum_points(papers.rich(9)))
    assert any(papers.DIGEST in row.values() for row in totals)


def sum_points(paper: Paper) -> float:
    return sum(line.amount for line in paper.lines if line.asset == POINT) / 100


@given(st.text("=+-@htps:/.\tａ＝http://x 咖", max_size=20))
@settings(max_examples=20, deadline=None)
def test_the_workbook_has_no_formula_and_no_link_whatever_was_typed(typed: str) -> None:
    hostile = papers.paper(
        papers.line(1, item=typed, note=typed, branch_name=typed, clerk_name=typed),
        papers.line(2, item="=1+1", note="https://x.example", clerk_name="mailto:a@b.example"),
        merchant_name=typed,
        branch_name=typed,
        adjustments=(papers.refund(3, ground="=HYPERLINK(1)"),),
    )
    data = render_xlsx(hostile)
    for _, root in sheets_of(data):
        tags = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert not tags & {"f", "hyperlink", "hyperlinks"}
        assert "pane" in tags
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        # Without relations to anything outside, and without macros.
        assert not [
            name for name in archive.namelist() if "vba" in name or "sheet1.xml.rels" in name
        ]
    assert cells_of(data, 1)[2]["D"] == "=1+1"


def test_a_text_that_is_longer_than_a_cell_is_cut_with_a_sign() -> None:
    data = render_xlsx(papers.paper(papers.line(note="𠮷" * 20_000)))
    note = str(cells_of(data, 1)[1]["N"])
    assert note == "𠮷" * 16_383 + "…"


# PDF ---------------------------------------------------------------------------------------------


def test_the_pdf_says_what_the_paper_says() -> None:
    paper = papers.rich(30)
    data = render_pdf(paper)
    said = text_of(data)
    for line in paper.lines:
        for part in (words.number(line.entry), words.minute(line.captured), line.redemption):
            assert bare(part) in said
        assert bare(words.amount(line.asset, line.amount)) in said
    for total in paper.totals:
        assert bare(words.amount(total.asset, total.payable)) in said
    for part in ("结算单Settlement", "晨光面包", papers.DIGEST, "20711", paper.origin, "㛃𠮷店员"):
        assert part in said
    assert "pythonmaudit" in said.replace("-", "")
    pages = pages_of(data)
    assert len(pages) == 3
    for number, page in enumerate(pages, start=1):
        assert f"第{number}页，共3页" in page
    with pypdfium2.PdfDocument(data) as document:
        assert document.get_metadata_value("CreationDate") == "D:20260315010000Z"


def test_a_report_says_that_nothing_was_settled() -> None:
    said = text_of(render_pdf(papers.report()))
    assert "对账单" in said
    assert "Nothingwascapturedinthisperiod." in said
    assert "Nothingwassettledbythisreport." in said
    assert "签章" not in said


def test_characters_that_the_font_lacks_are_shown_as_printers_do() -> None:
    said = text_of(render_pdf(papers.paper(papers.line(item="茶😀\u200b\n一壶 \u202ex"))))
    assert "茶〓一壶x×1" in said


def test_a_long_word_breaks_and_nothing_leaves_its_column() -> None:
    item = "W" * 60
    data = render_pdf(papers.paper(papers.line(item=item, note=item, branch_name=item)))
    assert text_of(data).count("W" * 60) == 3
    with pypdfium2.PdfDocument(data) as document:
        said = document[0].get_textpage().get_text_bounded()
    assert max(map(len, re.findall("W+", said))) < 30


@pytest.mark.parametrize("count", [1, 13, 14, 15, 16, 35, 36, 37])
def test_heads_and_last_rows_never_stand_alone_and_nobody_signs_an_empty_page(count: int) -> None:
    made = papers.paper(*(papers.line(18_204 + n) for n in range(count)))
    pages = pages_of(render_pdf(made))
    rows = [len(re.findall(r"182\d\d2026-02-0310:31", page)) for page in pages]
    assert sum(rows) == count
    for page, found in zip(pages, rows, strict=True):
        if "条目Entry时间Time" in page:
            assert found >= min(2, count), rows
        # Whoever signs sees what is signed for.
        assert ("签章" in page) == ("如何核对" in page)
    for page in pages[1:]:
        assert page.startswith("结算单Settlement，晨光面包，2026-02-01–2026-02-28")


def test_a_paper_says_what_it_is_called_and_in_which_language() -> None:
    """A reader's window is named by it, and a screen reader speaks it."""
    for made, called in (
        (papers.paper(papers.line()), "结算单 Settlement"),
        (papers.report(papers.line()), "对账单 Report, not closed"),
    ):
        data = render_pdf(made)
        with pypdfium2.PdfDocument(data) as document:
            assert document.get_metadata_value("Title") == f"{called} 2026-02-01 – 2026-02-28"
        assert b"/Lang (zh-CN)" in data
        assert b"/DisplayDocTitle true" in data
        assert b"/FontFile3" in data, "a reader's own fonts may lack characters"


AN_AMOUNT = re.compile(r"^(\u2212?)([\d,.]+) 积分$")


def test_the_three_files_come_to_the_same_to_the_hundredth() -> None:
    """Each line, each refund, what is claimed and what is payable."""
    amounts = [1, 99, 100, 101, 12_345, 999_999, 250, 3_000]
    made = papers.paper(
        *(papers.line(18_204 + n, amount=amount) for n, amount in enumerate(amounts)),
        adjustments=(papers.refund(18_900, amount=7), papers.refund(18_901, amount=150)),
    )
    claimed, refunded = sum(amounts), 157
    rows = read_csv(made)
    assert [int(row["amount"]) for row in rows if row["row"] == "line"] == amounts
    total = next(row for row in rows if row["row"] == "total")
    assert (int(total["claimed"]), int(total["refunded"])) == (claimed, refunded)
    assert int(total["payable"]) == claimed - refunded
    workbook = render_xlsx(made)
    assert [round(float(row["F"]) * 100) for row in cells_of(workbook, 1)[1:]] == amounts
    sums = cells_of(workbook, 3)[1]
    assert [round(float(sums[each]) * 100) for each in "DFG"] == [
        claimed,
        refunded,
        claimed - refunded,
    ]
    with pypdfium2.PdfDocument(render_pdf(made)) as document:
        said = document[0].get_textpage().get_text_bounded().splitlines()
    found = [AN_AMOUNT.match(line.strip()) for line in said]
    printed = [
        round(float(each[2].replace(",", "")) * 100) * (-1 if each[1] else 1)
        for each in found
        if each
    ]
    assert printed == [claimed, -refunded, claimed - refunded, *amounts, -7, -150]


@pytest.mark.parametrize("page", [0, 1, 2])
def test_margins_stay_white(page: int) -> None:
    long = "很长的名字" * 30
    made = papers.rich(30)
    made = dataclasses.replace(made, merchant_name=long, branch_name=long)
    white = 14 * 72 / 25.4
    picture = picture_of(render_pdf(made), page=page, dots_per_inch=72)
    left, top, right, bottom = picture.point(lambda grey: 255 - grey).getbbox() or (0, 0, 0, 0)
    assert left >= white
    assert picture.width - right >= white
    assert top >= white
    assert picture.height - bottom > 72 * 7 / 25.4


def test_a_figure_is_never_broken_however_large_it_is() -> None:
    """A part of a figure would read as another figure."""
    made = papers.paper(papers.line(amount=10**13 + 1), adjustments=(papers.refund(amount=10**14),))
    with pypdfium2.PdfDocument(render_pdf(made)) as document:
        lines = document[0].get_textpage().get_text_bounded().splitlines()
    figures = [line.strip() for line in lines if "积分" in line]
    assert sorted(figures) == [
        *["100,000,000,000.01 积分"] * 2,
        "899,999,999,999.99 积分",
        *["−1,000,000,000,000 积分"] * 2,
    ]


def test_the_same_paper_gives_the_same_bytes_in_another_process() -> None:
    script = (
        "import sys, hashlib\n"
        "from tests import papers\n"
        "from api.papers import FORMATS, slip_pdf\n"
        "made = [each.render(papers.rich(3)) for each in FORMATS.values()]\n"
        "made.append(slip_pdf(papers.slip()))\n"
        "print(*[hashlib.sha256(each).hexdigest() for each in made])\n"
    )
    surroundings = {"PATH": "/usr/bin:/bin", "TZ": "America/New_York", "PYTHONHASHSEED": "2"}
    answer = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=surroundings,
        capture_output=True,
        text=True,
        check=True,
    )
    made = [each.render(papers.rich(3)) for each in FORMATS.values()]
    made.append(slip_pdf(papers.slip()))
    assert answer.stdout.split() == [hashlib.sha256(each).hexdigest() for each in made]


def test_names_of_files_are_never_made_of_data() -> None:
    assert {name: made.file_name for name, made in FORMATS.items()} == {
        "csv": "settlement.csv",
        "xlsx": "settlement.xlsx",
        "pdf": "settlement.pdf",
    }


def test_drawing_needs_no_heavy_library_until_something_is_drawn() -> None:
    script = "import sys, api.papers; print({'fpdf', 'segno', 'xlsxwriter'} & set(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "set()"


def test_without_its_extra_a_pdf_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "noto_cjk_sans_otc", None)
    font.font_path.cache_clear()
    with pytest.raises(Refused) as no:
        render_pdf(papers.paper())
    assert no.value.code == "printing_not_installed"
    assert "sidereal-ledger[print]" in no.value.sentence
    assert render_csv(papers.paper())
    assert render_xlsx(papers.paper())


def test_another_font_is_not_drawn_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import noto_cjk_sans_otc

    other = tmp_path / "font.ttc"
    other.write_bytes(noto_cjk_sans_otc.FONT_PATH.read_bytes()[:-1] + b"x")
    monkeypatch.setattr(noto_cjk_sans_otc, "FONT_PATH", other)
    font.font_path.cache_clear()
    with pytest.raises(Refused) as no:
        slip_pdf(papers.slip())
    assert no.value.code == "wrong_font"
    font.font_path.cache_clear()


# Slips and codes ---------------------------------------------------------------------------------


def test_the_slip_says_what_where_and_until_when_and_names_nobody() -> None:
    data = slip_pdf(papers.slip())
    said = text_of(data)
    for part in (
        "咖啡一杯",
        "2份",
        "晨光面包",
        "东门店、西门店",
        "2026年3月5日18:00",
        "18:00on5March2026",
        grouped(papers.CODE),
        "可在柜台口述或扫码",
        "Saythecodeatthecounter",
    ):
        assert part in said
    assert size_of(data)[0] == pytest.approx(80, abs=0.01)


def test_a_slip_is_as_long_as_what_stands_on_it() -> None:
    short = slip_pdf(papers.slip(branch_names=()))
    long = slip_pdf(papers.slip(item="手工全麦面包（含核桃、葡萄干，每周二、四新鲜出炉）" * 4))
    assert size_of(short)[1] + 5 < size_of(long)[1] < 200
    assert "任一网点anybranch" in text_of(short)


def test_of_many_branches_a_slip_names_a_few() -> None:
    many = slip_pdf(papers.slip(branch_names=tuple(f"{n}号店" for n in range(9))))
    assert "5号店等9处" in text_of(many)
    assert "6号店" not in text_of(many)


def test_a_camera_reads_the_picture_of_a_code() -> None:
    picture = Image.open(io.BytesIO(qr.png(papers.CODE_URL)))
    (found,) = zxingcpp.read_barcodes(picture)
    assert (found.text, found.format) == (papers.CODE_URL, zxingcpp.BarcodeFormat.QRCode)


@pytest.mark.parametrize("dots_per_inch", [100, 203, 300])
def test_a_camera_reads_the_code_on_a_slip(dots_per_inch: int) -> None:
    """203 is what receipt printers have."""
    picture = picture_of(slip_pdf(papers.slip()), dots_per_inch=dots_per_inch)
    (found,) = zxingcpp.read_barcodes(picture)
    assert found.text == papers.CODE_URL


def test_a_code_as_svg_is_an_image_without_script_or_link() -> None:
    root = ElementTree.fromstring(qr.svg(papers.CODE_URL))  # noqa: S314 - our own
    assert {element.tag.rpartition("}")[2] for element in root.iter()} == {"svg", "path"}
    assert "viewBox" in root.attrib
    assert papers.CODE.encode() not in qr.svg(papers.CODE_URL)
