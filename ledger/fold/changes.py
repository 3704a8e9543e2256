"""What the subjects' files share: rows that may or may not be there yet, and marks.

A mark is a word about something that has no row of its own, or none with room for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ledger import account
from ledger.entry import Entry
from ledger.rows import Mark
from ledger.standing import Standing, Table

Key = TypeVar("Key")
Row = TypeVar("Row")
Fold = Callable[[Standing, Mapping[str, Any], Entry], None]
"""Change a standing as an entry's facts say."""


def organisation_address(organisation: str) -> str:
    """The address of an organisation's id; "" for none."""
    return f"organisation:{organisation}" if organisation else ""


def about_volunteer(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    """The entry is about a volunteer, and changes no row."""
    standing.mention(account.volunteer(facts["volunteer"]), entry)


def set_mark(standing: Standing, owner: str, what: str, value: str, entry: Entry) -> None:
    """`owner` is marked with a word, or with another than before."""
    put(standing.marks, (owner, what), Mark(owner, what, value, entry.index))


def count_mark(standing: Standing, owner: str, what: str, change: int, entry: Entry) -> None:
    """A mark that counts goes up or down; "" for nothing."""
    total = counted(standing, owner, what) + change
    set_mark(standing, owner, what, str(total) if total else "", entry)


def counted(standing: Standing, owner: str, what: str) -> int:
    """What a mark that counts says; 0 where there is none."""
    mark = standing.marks[owner, what]
    return int(mark.value) if mark is not None and mark.value else 0


def put(table: Table[Key, Row], key: Key, row: Row) -> None:
    """A row that may or may not have been there."""
    (table.add if table[key] is None else table.change)(key, row)


def present(row: Row | None) -> Row:
    """A row that an entry just decided speaks of. Raises LookupError: the fold has a bug."""
    if row is None:
        raise LookupError("an entry speaks of a row that was never written")
    return row
