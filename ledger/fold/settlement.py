"""What merchants were owed and is settled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ledger import account
from ledger.entry import Entry
from ledger.fold.changes import Fold, present, put, set_mark
from ledger.rows import Settlement
from ledger.standing import Standing


def _capture_reviewed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    redemption = present(standing.redemptions[facts["redemption"]])
    standing.redemptions.change(redemption.redemption, redemption._replace(flag="none"))
    standing.mention(account.volunteer(redemption.volunteer), entry)
    standing.mention(f"merchant:{redemption.merchant}", entry)


def _settlement_closed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    for one in facts["redemptions"].split("+"):
        redemption = present(standing.redemptions[one])
        after = redemption._replace(state="settled", settlement=facts["settlement"])
        standing.redemptions.change(one, after)
        set_mark(standing, f"redemption:{one}", "settled", facts["settlement"], entry)
    row = Settlement(
        settlement=facts["settlement"],
        merchant=facts["merchant"],
        branch="",
        starts=0,
        ends=0,
        lines=facts["lines"],
        points=facts["points"],
        minutes=facts["minutes"],
        refunds=0,
        refunded_points=0,
        refunded_minutes=0,
        digest="",
        closed=entry.time,
        since=entry.index,
    )
    standing.settlements.add(row.settlement, row)
    standing.mention(f"merchant:{facts['merchant']}", entry)


def _settlement_stated(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    refunds = facts["refunds"].split("+") if facts["refunds"] else []
    for one in refunds:
        redemption = present(standing.redemptions[one])
        after = redemption._replace(adjusted=facts["settlement"])
        standing.redemptions.change(one, after)
    said = {name: value for name, value in facts.items() if name != "refunds"}
    # The entry to quote is the one that holds the digest.
    row = Settlement(**said, refunds=len(refunds), closed=entry.time, since=entry.index)
    put(standing.settlements, row.settlement, row)
    standing.mention(f"merchant:{facts['merchant']}", entry)


FOLDS: Final[Mapping[str, Fold]] = {
    "capture_reviewed": _capture_reviewed,
    "settlement_closed": _settlement_closed,
    "settlement_stated": _settlement_stated,
}
