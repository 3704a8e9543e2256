"""Settlement of a merchant's claims (design §6): which can be closed, and what stands beside them.

Every settlement made here is stated: it has a period, takes off what was refunded after earlier
ones, and its digest is on the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ledger import account
from ledger.account import POINT, TIME
from ledger.actions.settlement import CloseSettlement
from ledger.book import Book, Caller
from ledger.decide.settlement import LINES_MAX, why_not_settle
from ledger.door.asking import Asking
from ledger.door.recount import refuse_wrong_claims
from ledger.door.tree import Tree, refuse_halted
from ledger.errors import Refused
from ledger.rows import Redemption
from ledger.sequencer import Receipt
from ledger.store import claims

LOOKED_AT_MAX: Final = 4 * LINES_MAX
"""How many claims one request looks at: those that must wait are passed over."""

Rejected = Sequence[tuple[str, Refused]]
"""Redemptions that were left out, each with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settleable:
    """What a settlement would close and take off now, what must wait and why, and whether another
    settlement would find more."""

    claims: Sequence[Redemption]
    refunds: Sequence[Redemption]
    waiting: Rejected
    more: bool
    branch: str
    ends: int


def settleable(
    book: Book,
    caller: Caller,
    *,
    merchant: str,
    redemptions: Sequence[str] | None = None,
    branch: str = "",
    ends: int = 0,
) -> Settleable:
    """What can be settled now of the named redemptions or, without names, of all that were captured
    before `ends` (ms; 0: until now), at one branch or at all. For a till's caller its own branch's.

    Refuses with `unknown_party` for a merchant or branch that is not the caller's, `too_many_lines`
    above `LINES_MAX` names.
    """
    owner = f"merchant:{merchant}"
    tree = Tree(book, caller)
    tree.refuse_unless_ours(owner)
    if caller.terminal:
        # A till's token sees its branch's lines, so it closes no others.
        own = caller.branch.partition(":")[2]
        if branch not in ("", own):
            raise Refused("unknown_party", "this till is not at that branch", branch=branch)
        branch = own
    if branch and tree.refuse_unless_ours(f"branch:{branch}").parent != owner:
        raise Refused("unknown_party", "this merchant has no such branch", branch=branch)
    if redemptions is not None and len(redemptions) > LINES_MAX:
        raise Refused("too_many_lines", f"settle at most {LINES_MAX} at once", maximum=LINES_MAX)
    now = book.clock.now_ms()
    ends = ends or now + 1
    with book.database.snapshot() as connection:
        refunded = claims.refunds_to_take_off(connection, merchant, branch, LINES_MAX + 1)
        if redemptions is None:
            redemptions = claims.captured_before(
                connection, merchant, branch, ends, LOOKED_AT_MAX + 1
            )
        standing = book.standing_in(connection)
        standing.prefetch({"redemptions": [*redemptions, *refunded]})
        good, waiting = [], []
        for one in dict.fromkeys(redemptions):
            try:
                found = why_not_settle(one, merchant, standing, now, branch)
                _refuse_later(found, ends)
            except Refused as refused:
                waiting.append((one, refused))
            else:
                good.append(found)
        refunds = [row for one in refunded if (row := standing.redemptions[one]) is not None]
    return Settleable(
        claims=good[:LINES_MAX],
        refunds=refunds[:LINES_MAX],
        waiting=waiting,
        more=len(good) > LINES_MAX or len(refunds) > LINES_MAX or len(redemptions) > LOOKED_AT_MAX,
        branch=branch,
        ends=ends,
    )


def settle(
    ask: Asking,
    *,
    merchant: str,
    redemptions: Sequence[str] | None = None,
    branch: str = "",
    starts: int = 0,
    ends: int = 0,
) -> tuple[Receipt, Rejected, bool]:
    """Close what is `settleable`; what was refunded since is taken off. What cannot be settled
    comes back with the reason why not (domain §12 K10), and whether another settlement would find
    more.

    What is closed is counted again from its entries before (trust §4). Refuses with
    `party_not_active` where the token is for a till that is suspended or gone, or whose branch is,
    as `settleable`, `account_stopped`, `nothing_to_settle` where there is nothing, and as the
    decision.
    """
    refuse_halted(ask.caller)
    book = ask.book
    found = settleable(
        book, ask.caller, merchant=merchant, redemptions=redemptions, branch=branch, ends=ends
    )
    looked_at = [one.redemption for one in (*found.claims, *found.refunds)]
    refuse_wrong_claims(book, merchant, looked_at)
    if not found.claims and not found.refunds:
        reasons = ", ".join(sorted({refused.code for _, refused in found.waiting})) or "no claim"
        raise Refused("nothing_to_settle", f"nothing of this can be settled: {reasons}")
    receipt = ask.record(
        CloseSettlement(
            settlement=book.new_id(),
            merchant=merchant,
            redemptions=tuple(sorted(one.redemption for one in found.claims)),
            refunds=tuple(sorted(one.redemption for one in found.refunds)),
            branch=found.branch,
            starts=starts,
            ends=found.ends,
        )
    )
    return receipt, found.waiting, found.more


def _refuse_later(claim: Redemption, ends: int) -> None:
    if claim.captured >= ends:
        raise Refused("redemption_state_conflict", "it was captured after this period")


def totals(book: Book, merchant: str) -> dict[str, dict[str, int]]:
    """By asset: `unclaimed`, what is set aside for this merchant's rewards and not captured;
    `claimed`, captured and not settled; `settled`, closed by settlements; `clawed_back`, refunded
    after settlement and not yet taken off. Hundredths of a point, minutes; all of one moment."""
    with book.database.snapshot() as connection:
        unclaimed = claims.unclaimed(connection, merchant)
        standing = book.standing_in(connection)
        return {
            asset: {
                "unclaimed": unclaimed.get(asset, 0),
                "claimed": standing.balance(account.claims_of(merchant), asset),
                "settled": standing.balance(account.settled_of(merchant), asset),
                "clawed_back": -standing.balance(account.clawed_back_of(merchant), asset),
            }
            for asset in (POINT, TIME)
        }
