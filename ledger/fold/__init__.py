"""What each kind of entry changes: the one fold over the journal, one file a subject.

The sequencer folds what it has just decided, `sidereal rebuild` the whole journal, a replay the
entries of a bundle: all three agree by construction (docs/decisions/0002). Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ledger.entry import Entry
from ledger.fold import (
    cards,
    catalogue,
    certificates,
    clerks,
    consents,
    credentials,
    credit,
    documents,
    honours,
    objections,
    offline,
    orders,
    parties,
    points,
    rewards,
    service,
    settlement,
    stars,
    statements,
    time_bank,
    webhooks,
)
from ledger.fold.changes import Fold
from ledger.rows import Seen
from ledger.standing import Standing

_FOLD: Final[Mapping[str, Fold]] = {
    **cards.FOLDS,
    **catalogue.FOLDS,
    **certificates.FOLDS,
    **clerks.FOLDS,
    **consents.FOLDS,
    **credentials.FOLDS,
    **credit.FOLDS,
    **documents.FOLDS,
    **honours.FOLDS,
    **objections.FOLDS,
    **offline.FOLDS,
    **orders.FOLDS,
    **parties.FOLDS,
    **points.FOLDS,
    **rewards.FOLDS,
    **service.FOLDS,
    **settlement.FOLDS,
    **stars.FOLDS,
    **statements.FOLDS,
    **time_bank.FOLDS,
    **webhooks.FOLDS,
}


def fold(standing: Standing, entry: Entry) -> None:
    """Change `standing` as the entry says.

    Raises ValueError where a posting would break a floor: nothing is changed then, and the entry
    must not be written.
    """
    if entry.postings:
        standing.move(entry.postings)
    if entry.part == 0:
        key = bytes.fromhex(entry.idem.key)
        standing.seen.add(key, Seen(key, entry.index, entry.parts))
    _FOLD[entry.kind](standing, entry.facts, entry)
