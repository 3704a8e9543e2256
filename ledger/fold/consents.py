"""What a volunteer has agreed to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ledger import account
from ledger.entry import Entry
from ledger.fold.changes import Fold, put
from ledger.rows import Consent
from ledger.standing import Standing


def _consent_recorded(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    key = (facts["volunteer"], facts["purpose"], facts["party"])
    put(standing.consents, key, Consent(*key, facts["answer"], entry.index))
    standing.mention(account.volunteer(facts["volunteer"]), entry)


FOLDS: Final[Mapping[str, Fold]] = {
    "consent_recorded": _consent_recorded,
}
