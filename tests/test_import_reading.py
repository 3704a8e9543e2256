"""How exported files are read: times, lines, cells, and files that are none."""

from __future__ import annotations

import csv
import io
import os
import re
import tempfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Refused
from ledger.intake.files import FileRecord, open_table
from ledger.intake.rows import HEADER, SKIPPED, Session, normalised, read_session
from ledger.intake.times import BadTime, parse_time
from tests.exports import row, text_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHANGHAI = timezone(timedelta(hours=8))


def ms(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> int:
    local = datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)
    return (local - EPOCH) // timedelta(milliseconds=1)


# Times ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("2025-03-08 09:05:07", (2025, 3, 8, 9, 5, 7)),
        ("2025-3-8 9:05", (2025, 3, 8, 9, 5)),
        ("2025/03/08 09:05:07", (2025, 3, 8, 9, 5, 7)),
        ("2025/3/8 9:05", (2025, 3, 8, 9, 5)),
        ("2025年3月8日 9时5分", (2025, 3, 8, 9, 5)),
        ("2025年03月08日 09时05分", (2025, 3, 8, 9, 5)),
        ("2024-02-29 0:00", (2024, 2, 29)),
        ("2025-03-08 23:59:59", (2025, 3, 8, 23, 59, 59)),
    ],
)
def test_a_time_in_one_of_the_three_forms_is_read(text: str, parts: tuple[int, ...]) -> None:
    assert parse_time(text) == ms(*parts)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025-03-08",
        "2025-03/08 09:05",
        "2025-02-29 09:05",
        "2025-13-01 09:05",
        "2025-00-01 09:05",
        "2025-03-08 24:00",
        "2025-03-08 09:60",
        "2025-03-08 09:05:60",
        "2025-03-08 9:5",
        "2025-03-08 9:05:7",
        "2025-03-08  09:05",
        "2025-03-08T09:05",
        "2025-03-08 09:05+08:00",
        "2025-03-08 09:05\n",
        "25-03-08 09:05",
        "02025-03-08 09:05",
        "0000-03-08 09:05",
        "2025-003-08 09:05",
        "2025年3月8日 9:05",
        "2025年3月8日 9时5分7秒",
        "2025年3月8日9时5分",
        "2025年3月8 9时5分",
        "2025-3-8日 9:05",
        "2025-3-8 9时5分",
        "2025年3月8日 9时005分",
        "٢٠٢٥-٠٣-٠٨ ٠٩:٠٥",
        "2025-03-08 09：05",
        "Saturday",
    ],
)
def test_any_other_text_is_no_time(text: str) -> None:
    with pytest.raises(BadTime):
        parse_time(text)


def test_summer_time_of_1986_was_nine_hours_ahead() -> None:
    """Since 1992 the offset is eight hours; before, the tz database knows."""
    assert parse_time("1986-07-01 09:00") == ms(1986, 7, 1, 8, 0)
    assert parse_time("1992-07-01 09:00") == ms(1992, 7, 1, 9, 0)


@given(
    # Local by the form's own meaning: the zone is what is tested.
    moment=st.datetimes(datetime(1992, 1, 1), datetime(9999, 12, 31)),  # noqa: DTZ001
    form=st.sampled_from(
        [
            "{0:04}-{1:02}-{2:02} {3:02}:{4:02}:{5:02}",
            "{0:04}-{1}-{2} {3}:{4:02}:{5:02}",
            "{0:04}/{1}/{2:02} {3:02}:{4:02}:{5:02}",
            "{0:04}/{1:02}/{2} {3}:{4:02}",
            "{0:04}年{1}月{2}日 {3}时{4}分",
            "{0:04}年{1:02}月{2:02}日 {3:02}时{4:02}分",
        ]
    ),
)
def test_every_moment_reads_as_it_was_written(moment: datetime, form: str) -> None:
    year, month, day, hour, minute, second = moment.timetuple()[:6]
    text = form.format(year, month, day, hour, minute, second)
    assert parse_time(text) == ms(year, month, day, hour, minute, second if "{5" in form else 0)


@given(st.text(alphabet="0123456789-/: 年月日时分\n٢", max_size=20))
def test_whatever_else_is_written_is_a_bad_time_and_nothing_worse(text: str) -> None:
    try:
        parse_time(text)
    except BadTime:
        return
    assert re.match(r"[0-9]{4}[-/年]", text)


# Cells ---------------------------------------------------------------------------------------


def test_full_width_characters_and_outer_space_are_made_plain() -> None:
    read = read_session(
        row(
            志愿者编号="　Ｖ１　",
            证件号码="６２０５０２１９８００１０１００１" + row()[2][-1].lower() + " ",
            签到="２０２５－０３－０８　０９：００",
            扣除分钟="６０",
        )
    )
    plain = read_session(row(扣除分钟="60"))

    assert isinstance(plain, Session)
    assert read == plain


@pytest.mark.parametrize("first", ["合计", "总计", "小计", "　合计 "])
def test_a_total_is_skipped_before_its_cells_are_counted(first: str) -> None:
    assert read_session([first, "3"]) is SKIPPED
    assert read_session([f"{first}数", "3"]) == "malformed_row"


def test_blank_records_and_repeated_headers_are_skipped() -> None:
    assert read_session([]) is SKIPPED
    assert read_session(["", "　", " "]) is SKIPPED
    assert read_session([f" {name}　" for name in HEADER]) is SKIPPED
    assert read_session([*HEADER[:-1], "录入"]) == "bad_identity_number"


def test_no_number_of_digits_is_too_long_to_read() -> None:
    """Python itself refuses numbers of more than 4,300 digits."""
    read = read_session(row(扣除分钟="9" * 5000))
    padded = read_session(row(扣除分钟="0" * 5000 + "10"))

    assert isinstance(read, Session)
    assert read.deducted_minutes == 1_000_000
    assert isinstance(padded, Session)
    assert padded.deducted_minutes == 10


# Files ---------------------------------------------------------------------------------------


def records_of(path: Path, header: tuple[str, ...] = HEADER) -> list[FileRecord]:
    with open_table(path, header, normalised) as file:
        records = list(file.records())
        assert file.total == len(records)
        return records


cells = st.text(alphabet='ab,"\n\r 中', max_size=6)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(cells, max_size=3), max_size=8), st.sampled_from(["\n", "\r\n", "\r"]))
def test_a_record_is_known_by_the_physical_line_on_which_it_starts(
    rows: list[list[str]], newline: str
) -> None:
    """A quoted line break stays in its cell and moves the records below."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator=newline)
    writer.writerow(["x", "y"])
    starts = []
    for each in rows:
        starts.append(1 + len(re.findall(r"\r\n|\r|\n", buffer.getvalue())))
        writer.writerow(each)
    with tempfile.NamedTemporaryFile() as file:
        path = Path(file.name)
        path.write_bytes(buffer.getvalue().encode())
        found = records_of(path, ("x", "y"))

    assert [each.line for each in found] == starts
    assert [list(each.cells) for each in found] == rows
    assert [each.number for each in found] == list(range(1, len(rows) + 1))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_utf_8_with_and_without_its_mark_and_gb18030_say_the_same(
    tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(text_of([row()]).encode(encoding))
    (record,) = records_of(path)

    assert list(record.cells) == row()
    assert record.line == 2


GOOD_TEXT = text_of([row()])
SWAPPED = GOOD_TEXT.replace("志愿者编号,姓名", "姓名,志愿者编号", 1)
WRONG_FILES = {
    "nothing at all": (b"", "empty_file"),
    "a byte order mark alone": (b"\xef\xbb\xbf", "empty_file"),
    "empty lines": (b"\r\n \n\t\n", "empty_file"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "binary_file"),
    "UTF-16": (GOOD_TEXT.encode("utf-16"), "binary_file"),
    "a NUL in the last cell": (GOOD_TEXT.encode() + b"\0", "binary_file"),
    "neither encoding": (GOOD_TEXT.encode() + b"\xff\xff", "bad_encoding"),
    "an unfinished character": (GOOD_TEXT.encode("gb18030") + b"\x81", "bad_encoding"),
    "prose": (b"Dear colleagues,\nplease find the records attached.\n", "wrong_header"),
    "no header": (text_of([row()]).split("\r\n", 1)[1].encode(), "wrong_header"),
    "swapped columns": (SWAPPED.encode(), "wrong_header"),
    "a column more": (GOOD_TEXT.replace("录入时间", "录入时间,备注", 1).encode(), "wrong_header"),
    "a column less": (GOOD_TEXT.replace(",录入时间", "", 1).encode(), "wrong_header"),
    "semicolons": (GOOD_TEXT.replace(",", ";").encode(), "wrong_header"),
    "a line before the header": (b"\n" + GOOD_TEXT.encode(), "wrong_header"),
    "a quote that never closes": ((GOOD_TEXT + '"V2,').encode(), "unclosed_quote"),
    "a cell without end": ((GOOD_TEXT + "x" * 200_000).encode(), "cell_too_long"),
}


@pytest.mark.parametrize("name", WRONG_FILES)
def test_a_file_that_cannot_be_meant_is_refused_as_a_whole(tmp_path: Path, name: str) -> None:
    data, code = WRONG_FILES[name]
    path = tmp_path / "export.csv"
    path.write_bytes(data)

    with pytest.raises(Refused) as refused, open_table(path, HEADER, normalised):
        pytest.fail("it was opened")

    assert refused.value.code == code


def test_an_unclosed_quote_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(text_of([row(), ["x"]]).encode() + b'"V2,\nV3,\nV4')

    with pytest.raises(Refused) as refused, open_table(path, HEADER, normalised):
        pytest.fail("it was opened")

    assert refused.value.facts == {"line": 4}


def test_a_header_alone_is_a_file_without_records(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(text_of([]).encode())
    assert records_of(path) == []


@pytest.mark.parametrize("make", ["missing", "folder", "pipe", "secret"])
def test_what_is_no_readable_plain_file_is_refused(tmp_path: Path, make: str) -> None:
    path = tmp_path / "export.csv"
    if make == "folder":
        path.mkdir()
    elif make == "pipe":
        os.mkfifo(path)
    elif make == "secret":
        path.write_bytes(GOOD_TEXT.encode())
        path = path / "inside"

    with pytest.raises(Refused) as refused, open_table(path, HEADER, normalised):
        pytest.fail("it was opened")

    assert refused.value.code == "unreadable_file"


def test_a_file_that_changes_under_our_eyes_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(GOOD_TEXT.encode())
    with open_table(path, HEADER, normalised) as file:
        file.refuse_change()
        path.write_bytes(text_of([row(), row()]).encode())
        with pytest.raises(Refused, match="file_changed"):
            file.refuse_change()
