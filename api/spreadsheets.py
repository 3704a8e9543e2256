"""Tables for spreadsheets, in which no text becomes a formula (trust §8)."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

_FORMULAS: Final = ("=", "+", "-", "@")
_BOM: Final = "\ufeff"


def harmless(cell: str) -> str:
    """The cell, with a `'` before it where a spreadsheet might run it: its first non-space
    character after NFKC is one of `= + - @`, or it begins with a tab or a carriage return."""
    begins = unicodedata.normalize("NFKC", cell).lstrip()
    if begins.startswith(_FORMULAS) or cell.startswith(("\t", "\r")):
        return f"'{cell}"
    return cell


def csv_file(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV in UTF-8 with a byte order mark, as spreadsheets read it, every cell harmless."""
    text = io.StringIO(newline="")
    text.write(_BOM)
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode()
