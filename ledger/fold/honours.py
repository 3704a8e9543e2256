"""Medals, commendations, and the people that active rates are counted against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ledger import account
from ledger.entry import Entry
from ledger.fold.changes import Fold, organisation_address, put, set_mark
from ledger.rows import Population
from ledger.standing import Standing


def _medal_granted(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    owner = account.volunteer(facts["volunteer"])
    set_mark(standing, owner, f"medal:{facts['medal']}", "granted", entry)
    standing.mention(owner, entry)


def _commendation_recorded(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    owner = account.volunteer(facts["volunteer"])
    set_mark(standing, owner, f"commendation:{facts['commendation']}", "recorded", entry)
    standing.mention(owner, entry)


def _population_stated(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    row = Population(**facts, since=entry.index)
    put(standing.populations, (row.organisation, row.year), row)
    standing.mention(organisation_address(row.organisation), entry)


FOLDS: Final[Mapping[str, Fold]] = {
    "medal_granted": _medal_granted,
    "commendation_recorded": _commendation_recorded,
    "population_stated": _population_stated,
}
