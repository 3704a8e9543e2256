"""The text of an uploaded file: who is in it, some of its rows, the same with other cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from ledger.errors import Refused
from ledger.intake.files import open_table
from ledger.intake.rows import HEADER, Session, normalised, read_session

IDENTITY_NUMBER: Final = 18
"""Characters of an identity number."""
_NOTHING = [""] * len(HEADER)
"""A row that was left out: it keeps its number, and is skipped as blank."""


def identities_in(content: bytes) -> frozenset[str]:
    """The identity numbers of all rows that say whose they are.

    Refuses as `open_table`."""
    with open_table(content, HEADER, normalised) as table:
        return frozenset(
            read.identity_number
            for read in (read_session(each.cells) for each in table.records())
            if isinstance(read, Session)
        )


def cells_of(content: bytes, wanted: Collection[int]) -> dict[int, Sequence[str]]:
    """The cells of these records, by number. Refuses as `open_table`."""
    found: dict[int, Sequence[str]] = {}
    if not wanted:
        return found
    last = max(wanted)
    with open_table(content, HEADER, normalised) as table:
        for each in table.records():
            if each.number in wanted:
                found[each.number] = each.cells
            if each.number >= last:
                break
    return found


def rows_of_people(content: bytes, numbers: Collection[str]) -> dict[int, Sequence[str]]:
    """The cells of the records that name somebody by one of these numbers, by record number: in the
    first cell, or as an identity number anywhere, for a row may have slipped. Refuses as
    `open_table`."""
    found: dict[int, Sequence[str]] = {}
    with open_table(content, HEADER, normalised) as table:
        for each in table.records():
            cells = [normalised(cell) for cell in each.cells]
            if cells and (
                cells[0] in numbers
                or any(len(cell) == IDENTITY_NUMBER and cell.upper() in numbers for cell in cells)
            ):
                found[each.number] = each.cells
    return found


def revised(content: bytes, changes: Mapping[int, Sequence[str] | None]) -> bytes:
    """The same file in UTF-8 with other cells in some rows, and blanks where a row was left out, so
    that every other one keeps its number and its line. Refuses with `unknown_row`."""
    left = set(changes)

    def rows() -> Iterable[Sequence[str]]:
        with open_table(content, HEADER, normalised) as table:
            for each in table.records():
                if each.number in left:
                    left.discard(each.number)
                    yield changes[each.number] or _NOTHING
                else:
                    yield each.cells

    made = written(rows())
    if left:
        raise Refused("unknown_row", "the file has no such row", record=min(left))
    return made


def written(rows: Iterable[Sequence[str]]) -> bytes:
    """A file with the header and these rows."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(rows)
    return text.getvalue().encode()
