"""Places on the credit list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ledger import account
from ledger.entry import Entry
from ledger.fold.changes import Fold, put
from ledger.rows import Credit
from ledger.standing import Standing


def _credit(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> Credit:
    """The volunteer's place on the credit list as it stands; blank for who never had one."""
    standing.mention(account.volunteer(facts["volunteer"]), entry)
    blank = Credit(facts["volunteer"], 0, 0, "", 0, entry.index)
    return standing.credits[facts["volunteer"]] or blank


def _dishonesty_recorded(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    credit = _credit(standing, facts, entry)
    if facts["serious"] == "yes":
        credit = credit._replace(dishonest=entry.time, repaired=0)
    put(standing.credits, credit.volunteer, credit)


def _dishonesty_repaired(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    credit = _credit(standing, facts, entry)
    put(standing.credits, credit.volunteer, credit._replace(repaired=entry.time))


def _credit_listed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    credit = _credit(standing, facts, entry)
    # What star and how many measures were listed stands in this entry alone.
    after = credit._replace(cycle=facts["cycle"], points=facts["points"], since=entry.index)
    put(standing.credits, credit.volunteer, after)


def _credit_withdrawn(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    credit = _credit(standing, facts, entry)
    put(standing.credits, credit.volunteer, credit._replace(cycle="", points=0))


FOLDS: Final[Mapping[str, Fold]] = {
    "dishonesty_recorded": _dishonesty_recorded,
    "dishonesty_repaired": _dishonesty_repaired,
    "credit_listed": _credit_listed,
    "credit_withdrawn": _credit_withdrawn,
}
