"""Policies and calendars are in force from now on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ledger.entry import Entry
from ledger.fold.changes import Fold, put
from ledger.rows import Document
from ledger.standing import Standing


def _policy_adopted(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    name, version = facts["policy"], facts["version"]
    standing.documents.add(
        ("policy", name, version), Document("policy", name, version, entry.index)
    )
    standing.learn_policy(facts["document"], entry.index)


def _calendar_adopted(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    name, year = facts["calendar"], facts["year"]
    key = ("calendar", name, year)
    put(standing.documents, key, Document(*key, entry.index))
    standing.learn_calendar(name, year, facts["document"])


def _changes_no_row(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    """The entry itself is all there is."""


FOLDS: Final[Mapping[str, Fold]] = {
    "genesis": _changes_no_row,
    "policy_adopted": _policy_adopted,
    "calendar_adopted": _calendar_adopted,
    "access_committed": _changes_no_row,
}
