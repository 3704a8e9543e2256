"""Claims of merchants: docs/format.md, section 12. What was captured is voided or settled once,
what was settled is refunded once, and a settlement's totals and digest are those of its lines.

Only entries that move claims are followed; about 300 bytes are kept for each capture.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from audit import canonical
from audit.accounts import Book
from audit.canonical import Value
from audit.verdict import Refuted

FOLLOWED: Final = frozenset(
    (
        b"redemption_captured",
        b"redemption_voided",
        b"redemption_refunded",
        b"settlement_closed",
        b"settlement_stated",
    )
)
_STATED: Final = (
    *("settlement", "merchant", "branch", "starts", "ends"),
    *("points", "minutes", "refunded_points", "refunded_minutes"),
)
_UNITS: Final = {b"POINT": "points", b"TIME": "minutes"}

Moves = Sequence[tuple[bytes, bytes, bytes, bytes]]


@dataclass(slots=True)
class Claim:
    """What one capture brought its merchant, and what became of it."""

    merchant: bytes
    branch: bytes
    asset: bytes
    amount: int
    entry: int
    voided: bool = False
    settlement: str = ""
    refunded: int = 0
    adjusted: bool = False


class Claims:
    """Every claim, followed from its capture on."""

    def __init__(self) -> None:
        self._claims: dict[bytes, Claim] = {}
        self._settlements: set[str] = set()
        self._closing: tuple[str, list[bytes]] | None = None
        self._closed = 0
        """What the entry `_closed` closed: the one after it in its answer may state that."""

    def follow(
        self,
        entry: re.Match[bytes],
        moves: Moves,
        facts: Mapping[str, Value] | None,
        *,
        begins: bool,
    ) -> None:
        """Take a matched entry of a kind `FOLLOWED`, or raise `Refuted`. `facts` are its values
        where its kind is read as such; `begins` says whether it is the first of its action."""
        index = int(entry["index"])
        closing, self._closing = self._closing, None
        if begins or index != self._closed + 1:
            closing = None
        match entry["kind"]:
            case b"redemption_captured":
                self._capture(entry, moves)
            case b"redemption_voided":
                claim = self._given_back(entry, moves, b":claims")
                if claim.settlement:
                    raise Refuted("claims", "it voids what was settled before")
                claim.voided = True
            case b"redemption_refunded":
                claim = self._given_back(entry, moves, b":clawed_back")
                if claim.refunded or claim.settlement.encode() != entry["settlement"]:
                    raise Refuted("claims", "it refunds what that settlement did not settle")
                claim.refunded = index
            case b"settlement_closed":
                self._closing = self._close(facts or {})
                self._closed = index
            case _:
                self._state(facts or {}, closing)

    def _capture(self, entry: re.Match[bytes], moves: Moves) -> None:
        redemption = entry["redemption"]
        if redemption in self._claims:
            raise Refuted("claims", "it captures what was captured before")
        (taken,) = [move for move in moves if move[2].endswith(b":claims")]
        self._claims[redemption] = Claim(
            merchant=entry["merchant"],
            branch=entry["branch"],
            asset=taken[1],
            amount=int(taken[0]),
            entry=int(entry["index"]),
        )

    def _claim(self, redemption: bytes, merchant: bytes) -> Claim:
        claim = self._claims.get(redemption)
        if claim is None or claim.voided or claim.merchant != merchant:
            raise Refuted("claims", "it speaks of a claim that this merchant has not")
        return claim

    def _given_back(self, entry: re.Match[bytes], moves: Moves, purse: bytes) -> Claim:
        """The claim that an entry gives back out of a merchant's `purse`: all of it, in the asset
        in which it was captured."""
        claim = self._claim(entry["redemption"], entry["merchant"])
        amount = int(entry["amount"] or 0)
        if claim.amount != amount:
            raise Refuted("claims", f"it gives back {amount} where {claim.amount} was captured")
        if any(move[3].endswith(purse) and move[1] != claim.asset for move in moves):
            reason = f"it gives back what is not {claim.asset.decode()}, which was captured"
            raise Refuted("claims", reason)
        return claim

    def _close(self, facts: Mapping[str, Value]) -> tuple[str, list[bytes]]:
        settlement, merchant = str(facts["settlement"]), str(facts["merchant"]).encode()
        if settlement in self._settlements:
            raise Refuted("claims", "it closes a settlement that was closed before")
        self._settlements.add(settlement)
        lines = str(facts["redemptions"]).encode().split(b"+")
        claims = [self._claim(one, merchant) for one in lines]
        for claim in claims:
            if claim.settlement:
                raise Refuted("claims", "it settles what was settled before")
            claim.settlement = settlement
        _hold_totals(facts, claims, "")
        return settlement, lines

    def _state(self, facts: Mapping[str, Value], closing: tuple[str, list[bytes]] | None) -> None:
        settlement, merchant = str(facts["settlement"]), str(facts["merchant"]).encode()
        lines: list[bytes] = []
        if closing is not None:
            closed, lines = closing
            if closed != settlement:
                raise Refuted("claims", "it states another settlement than its answer closes")
        elif settlement in self._settlements:
            raise Refuted("claims", "it states what another answer closed, or stated before")
        self._settlements.add(settlement)
        off = [one for one in str(facts["refunds"]).encode().split(b"+") if one]
        taken = [(one, self._claim(one, merchant)) for one in lines]
        refunded = [(one, self._claim(one, merchant)) for one in off]
        if facts["lines"] != len(taken):
            raise Refuted("claims", "its fact lines is not the number of claims it closes")
        branch = str(facts["branch"]).encode()
        if branch and any(claim.branch != branch for _, claim in (*taken, *refunded)):
            raise Refuted("claims", "it states a claim of another branch")
        for _, claim in refunded:
            if not claim.refunded or claim.adjusted:
                reason = "it takes off what was not refunded, or was taken off before"
                raise Refuted("claims", reason)
            claim.adjusted = True
        _hold_totals(facts, [claim for _, claim in taken], "")
        _hold_totals(facts, [claim for _, claim in refunded], "refunded_")
        document: dict[str, Value] = {"format": "sidereal/settlement@1"}
        document |= {name: facts[name] for name in _STATED}
        document["claims"] = _lines(taken, lambda claim: claim.entry)
        document["refunds"] = _lines(refunded, lambda claim: claim.refunded)
        if facts["digest"] != hashlib.sha256(canonical.encode(document)).hexdigest():
            raise Refuted("claims", "its digest is not that of the statement that its lines make")

    def check(self, book: Book) -> None:
        """At the end: each merchant's accounts are what its claims add up to (step 6)."""
        sums: defaultdict[tuple[bytes, bytes], int] = defaultdict(int)
        for claim in self._claims.values():
            if claim.voided:
                continue
            purse = b"settled" if claim.settlement else b"claims"
            if claim.refunded:
                # Taken off, it is settled no more; until then it is owed beside what is settled.
                if claim.adjusted:
                    continue
                sums[b"merchant:%b:clawed_back" % claim.merchant, claim.asset] -= claim.amount
            sums[b"merchant:%b:%b" % (claim.merchant, purse), claim.asset] += claim.amount
        for name, asset, balance in book.merchants():
            wanted = sums.pop((name, asset), 0)
            if balance != wanted:
                what = f"{name.decode()} stands at {balance} {asset.decode()}"
                raise Refuted("claims", f"{what}, and its claims add up to {wanted}")
        if any(sums.values()):
            raise Refuted("claims", "a merchant's claims have no account")


def _hold_totals(facts: Mapping[str, Value], claims: Iterable[Claim], prefix: str) -> None:
    totals = {"points": 0, "minutes": 0}
    for claim in claims:
        totals[_UNITS[claim.asset]] += claim.amount
    for name, total in totals.items():
        if facts[prefix + name] != total:
            said = f"its fact {prefix}{name} is {facts[prefix + name]}"
            raise Refuted("claims", f"{said}, and its lines add up to {total}")


def _lines(claims: list[tuple[bytes, Claim]], entry_of: Callable[[Claim], int]) -> list[Value]:
    made: list[Value] = []
    for redemption, claim in sorted(claims, key=lambda each: entry_of(each[1])):
        made.append(
            {
                "entry": entry_of(claim),
                "redemption": redemption.decode(),
                "branch": claim.branch.decode(),
                "asset": claim.asset.decode(),
                "amount": claim.amount,
            }
        )
    return made
