"""Records that came from another ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ledger import account
from ledger.entry import Entry
from ledger.fold.changes import Fold, about_volunteer, set_mark
from ledger.rows import Record
from ledger.standing import WINDOW_MS, Standing


def _statement_accepted(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    set_mark(standing, f"statement:{facts['statement']}", "accepted", facts["volunteer"], entry)
    # With which key this ledger last took something from that origin.
    set_mark(standing, f"origin:{facts['origin']}", "key", facts["key"], entry)
    standing.mention(account.volunteer(facts["volunteer"]), entry)


def _service_ported(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    # Nobody here recorded or approved it: who did is written in the ledger that it comes from.
    record = Record(
        record=facts["record"],
        volunteer=facts["volunteer"],
        organisation="",
        activity="",
        state="effective",
        evidence=facts["evidence"],
        reasons="",
        starts=facts["starts"],
        ends=facts["ends"],
        check_in=facts["check_in"],
        check_out=facts["check_out"],
        recorded=entry.time,
        minutes=facts["claimed_minutes"],
        paid=facts["minutes"],
        points=0,
        vintage="",
        deposited=0,
        overflow=0,
        recorder="",
        approver="",
        corrects="",
        since=entry.index,
        entered=entry.time,
    )
    standing.records.add(record.record, record)
    window = (record.volunteer, record.check_in // WINDOW_MS)
    if window in standing.sessions:
        standing.sessions[window].append(record.record)
    set_mark(standing, f"origin:{facts['origin']}", facts["foreign_record"], record.record, entry)
    standing.mention(account.volunteer(record.volunteer), entry)


FOLDS: Final[Mapping[str, Fold]] = {
    "statement_issued": about_volunteer,
    "statement_accepted": _statement_accepted,
    "service_ported": _service_ported,
}
