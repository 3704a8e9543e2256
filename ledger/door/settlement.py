"""Settlement of a merchant's claims (design §6)."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.actions import CloseSettlement
from ledger.decide.settlement import LINES_MAX, why_not_settle
from ledger.door.asking import Asking
from ledger.door.tree import Tree
from ledger.errors import Refused
from ledger.sequencer import Receipt

Rejected = Sequence[tuple[str, Refused]]
"""Redemptions that were left out, each with the reason."""


def settle(ask: Asking, *, merchant: str, redemptions: Sequence[str]) -> tuple[Receipt, Rejected]:
    """Close those of the named redemptions that can be settled; the others come back with the
    reason why not (domain §12 K10).

    Refuses with `nothing_to_settle` where none can be, `too_many_lines` above `LINES_MAX`.
    """
    Tree(ask.book, ask.caller).refuse_unless_ours(f"merchant:{merchant}")
    if len(redemptions) > LINES_MAX:
        raise Refused("too_many_lines", f"settle at most {LINES_MAX} at once", maximum=LINES_MAX)
    good, rejected = [], []
    with ask.book.database.snapshot() as connection:
        standing = ask.book.standing_in(connection)
        standing.prefetch({"redemptions": redemptions})
        for one in dict.fromkeys(redemptions):
            try:
                why_not_settle(one, merchant, standing)
            except Refused as refused:
                rejected.append((one, refused))
            else:
                good.append(one)
    if not good:
        reasons = ", ".join(sorted({refused.code for _, refused in rejected})) or "none named"
        raise Refused("nothing_to_settle", f"nothing of this can be settled: {reasons}")
    receipt = ask.record(
        CloseSettlement(
            settlement=ask.book.new_id(), merchant=merchant, redemptions=tuple(sorted(good))
        )
    )
    return receipt, rejected
