"""What volunteers object to, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ledger import account
from ledger.entry import Entry
from ledger.fold.changes import Fold, present, set_mark
from ledger.rows import Objection, objection_mark
from ledger.standing import Standing


def _objection_filed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    objection = Objection(
        objection=facts["objection"],
        volunteer=facts["volunteer"],
        subject_kind=facts["subject_kind"],
        subject=facts["subject"],
        organisation=facts["organisation"],
        state="filed",
        filed=entry.time,
        flag_by=facts["flag_by"],
        decide_by=facts["decide_by"],
        since=entry.index,
    )
    standing.objections.add(objection.objection, objection)
    _mark_objection(standing, objection, objection.objection, entry)
    standing.mention(account.volunteer(objection.volunteer), entry)


def _mark_objection(standing: Standing, objection: Objection, value: str, entry: Entry) -> None:
    what = objection_mark(objection.subject_kind, objection.subject)
    set_mark(standing, account.volunteer(objection.volunteer), what, value, entry)


def _objection_forwarded(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    objection = present(standing.objections[facts["objection"]])
    after = objection._replace(
        state="forwarded", organisation=facts["organisation"], decide_by=facts["decide_by"]
    )
    standing.objections.change(objection.objection, after)
    standing.mention(account.volunteer(objection.volunteer), entry)


def _objection_decided(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    objection = present(standing.objections[facts["objection"]])
    standing.objections.change(objection.objection, objection._replace(state=facts["outcome"]))
    _mark_objection(standing, objection, "", entry)
    standing.mention(account.volunteer(objection.volunteer), entry)


FOLDS: Final[Mapping[str, Fold]] = {
    "objection_filed": _objection_filed,
    "objection_forwarded": _objection_forwarded,
    "objection_decided": _objection_decided,
}
