"""Certificates of service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ledger.entry import Entry
from ledger.fold.changes import Fold, set_mark
from ledger.standing import Standing


def _certificate_issued(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    # Whose it is, is nobody's to read here.
    owner = f"certificate:{facts['certificate']}"
    set_mark(standing, owner, "issued", facts["commitment"], entry)


FOLDS: Final[Mapping[str, Fold]] = {
    "certificate_issued": _certificate_issued,
}
