"""Saved time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ledger import account
from ledger.entry import Entry
from ledger.fold.changes import Fold, about_volunteer, present, set_mark
from ledger.standing import Standing


def _time_deposited(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    record = present(standing.records[facts["record"]])
    standing.records.change(
        record.record,
        record._replace(deposited=facts["minutes"], overflow=facts["overflow_minutes"]),
    )
    standing.mention(account.volunteer(record.volunteer), entry)


def _time_transferred(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    standing.mention(account.volunteer(facts["volunteer"]), entry)
    standing.mention(account.volunteer(facts["recipient"]), entry)


def _time_granted(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    owner = account.volunteer(facts["volunteer"])
    set_mark(standing, owner, f"granted:{facts['ground']}", facts["pool"], entry)
    standing.mention(owner, entry)


def _frozen_time_moved(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    standing.mention(account.volunteer(facts["volunteer"]), entry)
    if facts["recipient"]:
        standing.mention(account.volunteer(facts["recipient"]), entry)


FOLDS: Final[Mapping[str, Fold]] = {
    "time_deposited": _time_deposited,
    "time_transferred": _time_transferred,
    "time_donated": about_volunteer,
    "time_granted": _time_granted,
    "frozen_time_moved": _frozen_time_moved,
}
