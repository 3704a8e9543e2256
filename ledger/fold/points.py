"""Points that came, and points that lapsed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ledger import account
from ledger.entry import Entry
from ledger.fold.changes import Fold, count_mark, counted, set_mark
from ledger.posting import Posting
from ledger.standing import Standing

SWEPT: Final = "lapsed:"
"""The mark on a volunteer, by vintage, of hundredths that lapsed and were no reversal's since."""


def points_brought(postings: Sequence[Posting]) -> tuple[int, str]:
    """(hundredths, lapse date or "") of the points that these postings issue."""
    hundredths, vintage = 0, ""
    for posting in postings:
        if posting.asset == account.POINT and posting.source == account.ISSUERS[account.POINT]:
            hundredths += posting.amount
            purse = account.split(posting.destination)[1]
            if purse.startswith(account.POINTS_PURSE):
                vintage = purse[len(account.POINTS_PURSE) :]
    return hundredths, vintage


def _referral_awarded(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    set_mark(standing, account.volunteer(facts["referred"]), "referred", facts["volunteer"], entry)
    standing.mention(account.volunteer(facts["volunteer"]), entry)
    standing.mention(account.volunteer(facts["referred"]), entry)


def swept_of(standing: Standing, volunteer: str, vintage: str) -> int:
    """Hundredths of a vintage ("" for none) that lapsed, less those of records reversed since."""
    return counted(standing, account.volunteer(volunteer), SWEPT + vintage) if vintage else 0


def _points_lapsed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    owner = account.volunteer(facts["volunteer"])
    swept = sum(posting.amount for posting in entry.postings)
    count_mark(standing, owner, SWEPT + facts["lapse"], swept, entry)
    standing.mention(owner, entry)


FOLDS: Final[Mapping[str, Fold]] = {
    "referral_awarded": _referral_awarded,
    "points_lapsed": _points_lapsed,
}
