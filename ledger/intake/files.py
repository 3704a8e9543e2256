"""A CSV file from another system: whether it is one, and its records.

The whole file is looked at before the first record is handed out, so that whoever takes records
never learns in the middle that the rest is unreadable. Nothing of it stays in memory. A quoted
line break stays in its cell; a record is known by its number after the header and by the physical
line on which it starts.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, TextIO

from ledger.errors import Refused

_BLOCK: Final = 1 << 20
_ENCODINGS: Final = ("utf-8", "gb18030")
_END: Final = "\0"
"""A line of our own after the last one. Files with this character are refused before."""
_BLANK: Final = b" \t\r\n\xef\xbb\xbf"
_BOM: Final = "\ufeff"


class FileRecord(NamedTuple):
    """One record of a file. `number` counts from 1 after the header."""

    number: int
    line: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFile:
    """A readable file: UTF-8 or GB18030, with the right header, every quote closed."""

    digest: bytes
    """SHA-256 of the file's bytes."""
    encoding: str
    total: int
    """Records after the header."""
    _file: BinaryIO
    _seen: tuple[int, int]

    def records(self) -> Iterator[FileRecord]:
        """Every record after the header, in file order."""
        rows = _rows(self._file, self.encoding)
        next(rows)
        for number, (line, cells) in enumerate(rows, start=1):
            yield FileRecord(number, line, cells)

    def refuse_change(self) -> None:
        """Refuse with `file_changed` if somebody has written to the file since it was opened:
        its digest would no longer be that of what is read."""
        if _state(self._file) != self._seen:
            raise Refused(
                "file_changed",
                "the file was changed while it was read; import a copy that nobody writes to",
            )


@contextmanager
def open_table(
    source: Path | bytes, header: Sequence[str], normalised: Callable[[str], str]
) -> Iterator[TableFile]:
    """Open a file, or what was in one, whose first record, each cell `normalised`, is `header`.

    Refuses with `unreadable_file`, `empty_file`, `binary_file`, `bad_encoding`, `wrong_header`,
    `cell_too_long` or `unclosed_quote`, in this order.
    """
    with _opened(source) as file:
        seen = _state(file)
        digest = _digest(file)
        encoding = _encoding(file)
        total = _count(file, encoding, header, normalised)
        yield TableFile(digest=digest, encoding=encoding, total=total, _file=file, _seen=seen)


@contextmanager
def _opened(source: Path | bytes) -> Iterator[BinaryIO]:
    if isinstance(source, bytes):
        yield io.BytesIO(source)
        return
    path = source
    try:
        # Looked at before opening, because opening a pipe waits for its writer.
        if not stat.S_ISREG(path.stat().st_mode):
            raise Refused("unreadable_file", "this is not a plain file; name the CSV file itself")
        file = path.open("rb")
    except OSError as error:
        raise Refused(
            "unreadable_file", f"the file cannot be read: {error.strerror or 'unknown reason'}"
        ) from error
    with file:
        yield file


def _state(file: BinaryIO) -> tuple[int, int]:
    if isinstance(file, io.BytesIO):
        # Nobody else can write to what is only here.
        return len(file.getbuffer()), 0
    found = os.fstat(file.fileno())
    return found.st_size, found.st_mtime_ns


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while block := file.read(_BLOCK):
        yield block


def _digest(file: BinaryIO) -> bytes:
    """SHA-256 of all bytes. Refuses with `empty_file` or `binary_file`."""
    digest, blank = hashlib.sha256(), True
    for block in _blocks(file):
        digest.update(block)
        if b"\0" in block:
            raise Refused(
                "binary_file",
                "this is not a text file; in the spreadsheet, save it as CSV (UTF-8) first",
            )
        blank = blank and not block.strip(_BLANK)
    if blank:
        raise Refused("empty_file", "the file is empty; export the records again")
    return digest.digest()


def _encoding(file: BinaryIO) -> str:
    """Bytes that are valid UTF-8 are UTF-8, otherwise GB18030 (design §10)."""
    for encoding in _ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for block in _blocks(file):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise Refused(
        "bad_encoding", "the file is neither UTF-8 nor GB18030; save it again as CSV (UTF-8)"
    )


def _count(
    file: BinaryIO, encoding: str, header: Sequence[str], normalised: Callable[[str], str]
) -> int:
    rows = _rows(file, encoding)
    found = [normalised(cell) for cell in next(rows)[1]]
    if found != list(header):
        at = next((n for n, (a, b) in enumerate(zip(found, header, strict=False)) if a != b), None)
        hint = f"; column {at + 1} should be {header[at]}" if at is not None else ""
        raise Refused(
            "wrong_header",
            f"the first record must be the {len(header)} column names in their order{hint}",
            columns=len(found),
        )
    return sum(1 for _ in rows)


def _rows(file: BinaryIO, encoding: str) -> Iterator[tuple[int, list[str]]]:
    """(physical line, cells) of every record, the header included. One reading at a time."""
    # Without translation, so that the csv module sees each line break that it must keep.
    with _text(file, encoding) as text:
        text.seek(0)
        reader = csv.reader(_lines(text))
        line = 1
        try:
            for cells in reader:
                if cells == [_END] and reader.line_num == line:
                    return
                if cells and cells[-1].endswith(_END):
                    raise Refused(
                        "unclosed_quote",
                        f"a quotation mark opens in the record of line {line} and never closes, so"
                        " the rest of the file would be one cell; close it or take it out",
                        line=line,
                    )
                yield line, cells
                line = reader.line_num + 1
        except csv.Error as error:
            raise Refused(
                "cell_too_long",
                f"the record of line {line} has a cell of more than {csv.field_size_limit()}"
                " characters; perhaps a quotation mark was never closed",
                line=line,
            ) from error


def _text(file: BinaryIO, encoding: str) -> TextIO:
    """The same file again, to be closed without closing the first."""
    if isinstance(file, io.BytesIO):
        return io.TextIOWrapper(io.BytesIO(file.getvalue()), encoding=encoding, newline="")
    return os.fdopen(os.dup(file.fileno()), encoding=encoding, newline="")


def _lines(text: TextIO) -> Iterator[str]:
    first = next(text, "")
    yield first.removeprefix(_BOM)
    yield from text
    yield _END
