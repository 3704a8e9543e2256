"""The one fold has a place for every kind of entry, and one only."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from pkgutil import iter_modules

from ledger import fold
from ledger.entry import KINDS


def test_each_kind_is_folded_by_one_subject() -> None:
    """Joining the subjects' tables would quietly prefer the later of two."""
    subjects = [import_module(f"ledger.fold.{each.name}") for each in iter_modules(fold.__path__)]
    folded = Counter(kind for subject in subjects for kind in getattr(subject, "FOLDS", ()))
    assert folded == Counter(dict.fromkeys(KINDS, 1))
    assert dict(fold._FOLD).keys() == folded.keys()
