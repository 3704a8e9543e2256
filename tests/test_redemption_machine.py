"""Every order of what can happen to a voucher, beside a model that fits on a page.

The model is plain dicts: what is in which account, and in which state each voucher is. It is worked
out from the rules as people tell them (design §6), shares nothing with `decide`, and says before
each step whether the ledger will do it or which refusal it will give. After each step both have the
same balances, every asset sums to zero, and nobody but an issuer is below it. At the end the
auditor's own recheck reads every entry.
"""

from __future__ import annotations

import itertools
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from ledger.actions import Action
from ledger.actions.points import LapsePoints
from ledger.actions.rewards import (
    ExpireRedemption,
    ExtendRedemption,
    RefundRedemption,
    Release,
    Reserve,
    VoidRedemption,
)
from ledger.actions.settlement import CloseSettlement, ReviewCapture
from ledger.store import tables
from tests.conftest import Restored
from tests.kit import DAY_MS, FOUNDED, MINUTE_MS, FakeClock, Ledger, Till, Town
from tests.recheck import recheck
from tests.replaying import refuse_other_decisions

OPENING = "2027-01-30 12:00"
"""Two days before the first points lapse, which were earned in January 2024."""
HOLD_MS = 30 * MINUTE_MS
TOO_SOON_MS, RAPID_MS = 5_000, 15_000
VOID_MS, REFUND_MS = DAY_MS, 30 * DAY_MS
"""How long after a capture it is voided, and after that refunded."""

Address = str
Lots = list[tuple[Address, int]]


# The model ---------------------------------------------------------------------------------------


@dataclass
class Offer:
    """What a reward costs a piece, and how many there are."""

    asset: str
    price: int
    stock: int
    each: int
    """At most so many for one person; 0 for no limit."""


@dataclass
class Claim:
    """A voucher, from reserve to its end."""

    holder: str
    offer: str
    merchant: str
    asset: str
    quantity: int
    lots: Lots
    """Where its value came from, the soonest to lapse first."""
    expires: int
    state: str = "reserved"
    taken: int = 0
    """Pieces that the merchant took."""
    flag: bool = False
    captured: int = 0
    extended: bool = False
    adjusted: bool = False
    """Whether a settlement took its refund off."""

    @property
    def known_as(self) -> set[str]:
        """Its state, and what is still to be done about it."""
        awaited = {"flagged": self.flag, "owed": self.state == "refunded" and not self.adjusted}
        return {self.state, *(name for name, is_so in awaited.items() if is_so)}

    @property
    def is_parted(self) -> bool:
        """Whether a part was taken of what came from several vintages."""
        return 0 < self.taken < self.quantity and len(self.lots) > 1

    @property
    def piece(self) -> int:
        """What one costs."""
        return sum(amount for _, amount in self.lots) // self.quantity

    @property
    def paid(self) -> int:
        """What the merchant took."""
        return self.piece * self.taken


@dataclass
class Model:
    """What everybody has, and what became of every voucher."""

    now: int
    today: str
    offers: dict[str, Offer]
    has: defaultdict[tuple[Address, str], int]
    claims: dict[str, Claim] = field(default_factory=dict)
    last_capture: dict[str, int] = field(default_factory=dict)

    # Each answers "" and changes what the ledger will change, or the code of the refusal.

    def reserve(self, which: str, who: str, merchant: str, offer_id: str, quantity: int) -> str:
        offer = self.offers[offer_id]
        if quantity < 1:
            return "bad_amount"
        if quantity > offer.stock:
            return "out_of_stock"
        if offer.each and self._holds(who, offer_id) + quantity > offer.each:
            return "per_person_limit"
        cost = offer.price * quantity
        lots = self._spend(who, offer.asset, cost)
        if lots is None:
            return "insufficient_time" if offer.asset == "TIME" else "insufficient_points"
        for address, amount in lots:
            self._move(address, f"held:{which}", offer.asset, amount)
        offer.stock -= quantity
        self.claims[which] = Claim(
            who, offer_id, merchant, offer.asset, quantity, lots, self.now + HOLD_MS
        )
        return ""

    def why_not_capture(self, which: str, merchant: str, quantity: int) -> str:
        claim = self.claims.get(which)
        if claim is None or claim.merchant != merchant:
            return "unknown_code"
        ended = {
            **dict.fromkeys(("captured", "settled", "refunded"), "already_captured"),
            **{state: state for state in ("voided", "released", "expired")},
        }
        if claim.state != "reserved":
            return ended[claim.state]
        if self.now >= claim.expires:
            return "expired"
        if not 0 <= quantity <= claim.quantity:
            return "quantity_too_large"
        if self._since_last(claim.holder) < TOO_SOON_MS:
            return "too_soon"
        return ""

    def capture(self, which: str, merchant: str, quantity: int) -> str:
        if refused := self.why_not_capture(which, merchant, quantity):
            return refused
        claim = self.claims[which]
        claim.taken = quantity or claim.quantity
        claim.flag = self._since_last(claim.holder) < RAPID_MS
        claim.state, claim.captured = "captured", self.now
        self._move(f"held:{which}", f"merchant:{merchant}:claims", claim.asset, claim.paid)
        self._return(claim, self._split(claim, claim.paid)[1], f"held:{which}")
        self.offers[claim.offer].stock += claim.quantity - claim.taken
        self.last_capture[claim.holder] = self.now
        return ""

    def extend(self, which: str, who: str) -> str:
        claim = self.claims.get(which)
        if claim is None or claim.holder != who:
            return "unknown_redemption"
        if claim.state != "reserved":
            return "redemption_state_conflict"
        if self.now >= claim.expires:
            return "expired"
        if claim.extended:
            return "already_extended"
        claim.expires, claim.extended = claim.expires + HOLD_MS, True
        return ""

    def release(self, which: str, who: str) -> str:
        claim = self.claims.get(which)
        if claim is None or claim.holder != who:
            return "unknown_redemption"
        if claim.state != "reserved":
            return "redemption_state_conflict"
        return self._end(which, claim, "released")

    def expire(self, which: str) -> str:
        claim = self.claims.get(which)
        if claim is None:
            return "unknown_redemption"
        if claim.state != "reserved":
            return "redemption_state_conflict"
        if self.now < claim.expires:
            return "not_expired_yet"
        return self._end(which, claim, "expired")

    def void(self, which: str, merchant: str) -> str:
        claim = self.claims.get(which)
        if claim is None or claim.merchant != merchant:
            return "unknown_redemption"
        if claim.state != "captured":
            return "redemption_state_conflict"
        return self._undo(claim, "voided", f"merchant:{merchant}:claims")

    def refund(self, which: str, merchant: str) -> str:
        claim = self.claims.get(which)
        if claim is None or claim.merchant != merchant:
            return "unknown_redemption"
        if claim.state != "settled":
            return "redemption_state_conflict"
        if self.now >= claim.captured + REFUND_MS:
            return "refund_over"
        return self._undo(claim, "refunded", f"merchant:{merchant}:clawed_back")

    def why_not_settle(self, which: str, merchant: str) -> str:
        claim = self.claims.get(which)
        if claim is None or claim.merchant != merchant:
            return "unknown_redemption"
        if claim.state in ("settled", "refunded"):
            return "already_settled"
        if claim.state != "captured":
            return "redemption_state_conflict"
        if claim.flag:
            return "awaits_review"
        return "within_void_window" if self.now < claim.captured + VOID_MS else ""

    def why_not_adjust(self, which: str, merchant: str) -> str:
        claim = self.claims.get(which)
        if claim is None or claim.merchant != merchant:
            return "unknown_redemption"
        return "" if "owed" in claim.known_as else "redemption_state_conflict"

    def settle(self, wanted: list[str], refunds: list[str], merchant: str) -> str:
        if not wanted and not refunds:
            return "nothing_to_settle"
        refusals = [
            *(self.why_not_settle(which, merchant) for which in wanted),
            *(self.why_not_adjust(which, merchant) for which in refunds),
        ]
        if refused := next((each for each in refusals if each), ""):
            return refused
        whose = f"merchant:{merchant}"
        for which in wanted:
            claim = self.claims[which]
            claim.state = "settled"
            self._move(f"{whose}:claims", f"{whose}:settled", claim.asset, claim.paid)
        for which in refunds:
            claim = self.claims[which]
            claim.adjusted = True
            self._move(f"{whose}:settled", f"{whose}:clawed_back", claim.asset, claim.paid)
        return ""

    def review(self, which: str) -> str:
        claim = self.claims.get(which)
        if claim is None:
            return "unknown_redemption"
        if claim.state != "captured" or not claim.flag:
            return "nothing_to_review"
        claim.flag = False
        return ""

    def lapse(self, who: str) -> str:
        gone = [lot for lot in self._vintages(who) if _day(lot[0]) < self.today]
        for address, amount in gone:
            self._move(address, "lapsed", "POINT", amount)
        return "" if gone else "nothing_to_lapse"

    def states(self) -> set[str]:
        """In which states there is a voucher."""
        return {claim.state for claim in self.claims.values()}

    # Small things.

    def _move(self, source: Address, destination: Address, asset: str, amount: int) -> None:
        self.has[source, asset] -= amount
        self.has[destination, asset] += amount

    def _vintages(self, who: str) -> Lots:
        begins = f"volunteer:{who}:points:"
        return sorted(
            (address, amount)
            for (address, _), amount in self.has.items()
            if amount and address.startswith(begins)
        )

    def _spend(self, who: str, asset: str, cost: int) -> Lots | None:
        """Where `cost` comes from: what lapses soonest first, and never what has lapsed."""
        if asset == "TIME":
            purse = f"volunteer:{who}:time"
            return [(purse, cost)] if self.has[purse, "TIME"] >= cost else None
        lots = []
        for address, there in self._vintages(who):
            if _day(address) >= self.today and cost:
                lots.append((address, min(there, cost)))
                cost -= min(there, cost)
        return None if cost else lots

    def _split(self, claim: Claim, amount: int) -> tuple[Lots, Lots]:
        """The first `amount` of a voucher's lots, and the rest of them."""
        first, rest = [], []
        for address, there in claim.lots:
            taken = min(there, amount)
            first.append((address, taken))
            rest.append((address, there - taken))
            amount -= taken
        return first, rest

    def _return(self, claim: Claim, lots: Lots, source: Address) -> None:
        """Back to where it came from; what has lapsed meanwhile lapses."""
        for address, amount in lots:
            lapsed = claim.asset == "POINT" and _day(address) < self.today
            self._move(source, "lapsed" if lapsed else address, claim.asset, amount)

    def _end(self, which: str, claim: Claim, state: str) -> str:
        self._return(claim, claim.lots, f"held:{which}")
        self.offers[claim.offer].stock += claim.quantity
        claim.state = state
        return ""

    def _undo(self, claim: Claim, state: str, source: Address) -> str:
        """What the merchant took, and no more, goes back."""
        self._return(claim, self._split(claim, claim.paid)[0], source)
        self.offers[claim.offer].stock += claim.taken
        claim.state = state
        return ""

    def _holds(self, who: str, offer: str) -> int:
        """Pieces of an offer that somebody has, or has had for good."""
        return sum(
            claim.taken or claim.quantity
            for claim in self.claims.values()
            if (claim.holder, claim.offer) == (who, offer)
            and claim.state in ("reserved", "captured", "settled")
        )

    def _since_last(self, who: str) -> int:
        return self.now - self.last_capture.get(who, -RAPID_MS)


def _day(vintage: Address) -> str:
    """The last day on which a vintage's points can be spent."""
    return vintage.rpartition(":")[2]


# The ledger --------------------------------------------------------------------------------------


@dataclass
class Stage:
    """A ledger at its opening: two holders, two shops, three offers."""

    ledger: Ledger
    town: Town
    people: list[str]
    tills: list[Till]
    offers: list[str]


Staging = Callable[[], Iterator[Stage]]


def set_up(ledger: Ledger) -> Stage:
    """Points of three vintages and saved time, so that there is something to go back to."""
    ledger.clock.set("2024-01-15 09:00")
    town = Town(ledger.open(), ledger.clock)
    people = [town.volunteer(), town.volunteer()]
    for who in people:
        town.minutes_served(who, 90)
    ledger.clock.set("2024-02-15 09:00")
    for who in people:
        town.minutes_served(who, 78, since="2021-02-01")
    ledger.clock.set("2026-06-15 09:00")
    for who in people:
        town.saved(who, 150, since="2021-03-01")
    tills = [town.till(), town.till()]
    offers = [
        town.reward(tills[0], price=100, stock=6),
        town.reward(tills[0], price=35, stock=20, per_person=3),
        town.service_order(tills[0], price=45, stock=5),
    ]
    ledger.clock.set(OPENING)
    return Stage(ledger, town, people, tills, offers)


def balances(stage: Stage) -> defaultdict[tuple[Address, str], int]:
    """Everything that is anywhere."""
    found: defaultdict[tuple[Address, str], int] = defaultdict(int)
    with stage.town.book.database.reading() as connection:
        for owner, purse, asset, amount in connection.execute(select(tables.balances)):
            found[f"{owner}:{purse}" if purse else owner, asset] = amount
    return found


REACHED = {
    *((kind, "") for kind in ("Reserve", "Capture", "Release", "ExpireRedemption", "LapsePoints")),
    *((kind, "") for kind in ("VoidRedemption", "CloseSettlement", "ReviewCapture")),
    *((kind, "") for kind in ("ExtendRedemption", "RefundRedemption")),
    ("ExtendRedemption", "already_extended"),
    ("ExtendRedemption", "expired"),
    ("RefundRedemption", "redemption_state_conflict"),
    ("CloseSettlement", "within_void_window"),
    ("Reserve", "insufficient_points"),
    ("Reserve", "insufficient_time"),
    ("Reserve", "out_of_stock"),
    ("Reserve", "per_person_limit"),
    ("Capture", "a part of two vintages"),
    ("Capture", "already_captured"),
    ("Capture", "expired"),
    ("Capture", "quantity_too_large"),
    ("Capture", "too_soon"),
    ("Capture", "unknown_code"),
    ("CloseSettlement", "already_settled"),
    ("CloseSettlement", "redemption_state_conflict"),
    ("ExpireRedemption", "not_expired_yet"),
    ("VoidRedemption", "redemption_state_conflict"),
}
"""What the stories must come to at least once, or they show nothing."""
NONE = 9
WHICH = st.sampled_from([0, 0, 0, 0, 0, 1, 1, 2, 3, NONE])
"""Which voucher: those in the state that a step is about come first, the newest before the others;
the last number names none."""
SHOP = st.sampled_from([0, 0, 0, 0, 0, 1])
"""Nearly always whose the voucher is."""
PIECES = st.sampled_from([0, 0, 0, 1, 1, 2, 4])
"""How many of it; 0 is all."""
MOMENTS = st.sampled_from([5_000, 0, 15_000, 9_000, 4_999, 14_999])
"""What passes before a capture (ms): enough, or less than a till must wait."""


class Redemptions(RuleBasedStateMachine):
    """Whatever a holder, a till, a timer or an operator might do, in any order."""

    seen: ClassVar[set[tuple[str, str]]] = set()
    """What was asked, and what came of it ("": it was done), in all stories together."""

    def __init__(self, staging: Staging) -> None:
        super().__init__()
        self._staging = contextmanager(staging)()
        self.stage = self._staging.__enter__()
        self.made: list[str] = []
        self._ids = itertools.count(1)

    @initialize()
    def opens(self) -> None:
        """The model begins with what the ledger has."""
        offers = zip(
            self.stage.offers,
            (
                Offer("POINT", 100, 6, 0),
                Offer("POINT", 35, 20, 3),
                Offer("TIME", 45, 5, 0),
            ),
            strict=True,
        )
        self.model = Model(0, "", dict(offers), balances(self.stage))
        self._tell_time()
        for who, offer, quantity in ((1, 2, 2), (0, 1, 2), (0, 1, 1), (0, 0, 2)):
            self.reserve(who, offer, quantity)

    def teardown(self) -> None:
        """The auditor reads every entry, and decides each again."""
        url = self.stage.ledger.database_url
        recheck(url)
        refuse_other_decisions(url)
        self._staging.__exit__(None, None, None)

    # Doing

    def _does(self, action: Action, expected: str) -> None:
        """The ledger does it, or refuses with this very code and writes nothing."""
        self._answers(expected, lambda: self.stage.town.do(action))
        self.seen.add((type(action).__name__, expected))

    def _answers(self, expected: str, ask: Callable[[], object]) -> None:
        if not expected:
            ask()
            return
        with self.stage.town.refuses(expected):
            ask()

    def _new(self) -> str:
        """An id: counted, so that a story is the same whenever it is told."""
        return f"{next(self._ids):016d}"

    def _some(self, which: int, state: str) -> str:
        if which == NONE:
            return "0" * 16
        claims = self.model.claims
        newest = list(reversed(self.made))
        newest.sort(key=lambda each: state not in claims[each].known_as)
        return newest[which % len(newest)]

    def _pass(self, passes: int) -> None:
        self.stage.ledger.clock.ms += passes
        self._tell_time()

    def _tell_time(self) -> None:
        clock = self.stage.ledger.clock
        self.model.now = clock.ms
        self.model.today = self.stage.town.book.policy().local_date(clock.ms).isoformat()

    @rule(passes=st.sampled_from([29 * MINUTE_MS, 30 * MINUTE_MS, DAY_MS, 31 * DAY_MS]))
    def wait(self, passes: int) -> None:
        """Until a reservation is over, or points lapse."""
        self._pass(passes)

    @rule(
        who=st.integers(0, 1),
        offer=st.integers(0, 2),
        quantity=st.sampled_from([1, 1, 1, 2, 2, 3, 0]),
    )
    def reserve(self, who: int, offer: int, quantity: int) -> None:
        """With enough or too little, of what is there or not."""
        stage, which = self.stage, self._new()
        holder, reward = stage.people[who], stage.offers[offer]
        expected = self.model.reserve(which, holder, stage.tills[0].merchant, reward, quantity)
        self._does(
            Reserve(
                redemption=which,
                volunteer=holder,
                reward=reward,
                quantity=quantity,
                age_gate="met",
                age_tested=60,
            ),
            expected,
        )
        if not expected:
            self.made.append(which)

    @rule(which=WHICH, shop=SHOP, quantity=PIECES)
    def verify(self, which: int, shop: int, quantity: int) -> None:
        """What a capture would find; nothing is written."""
        voucher = self._some(which, "reserved")
        till, size = self.stage.tills[shop], self.stage.town.size()
        expected = self.model.why_not_capture(voucher, till.merchant, quantity)
        asked = self.stage.town.capturing(voucher, till, quantity)
        self._answers(expected, lambda: self.stage.town.book.would_capture(asked))
        assert self.stage.town.size() == size

    @rule(which=WHICH, shop=SHOP, quantity=PIECES, passes=MOMENTS)
    def capture(self, which: int, shop: int, quantity: int, passes: int) -> None:
        """All of it, a part of it, more than there is; too soon; again; at another's shop."""
        self._pass(passes)
        self._captures(self._some(which, "reserved"), shop, quantity)

    @precondition(lambda self: "reserved" in self.model.states())
    @rule(passes=MOMENTS, quantity=st.sampled_from([1, 0]))
    def take(self, passes: int, quantity: int) -> None:
        """What a till does all day: the newest voucher, whole or one piece of it."""
        self._pass(passes)
        self._captures(self._some(0, "reserved"), 0, quantity)

    def _captures(self, voucher: str, shop: int, quantity: int) -> None:
        till = self.stage.tills[shop]
        expected = self.model.capture(voucher, till.merchant, quantity)
        self._does(self.stage.town.capturing(voucher, till, quantity), expected)
        if not expected and self.model.claims[voucher].is_parted:
            self.seen.add(("Capture", "a part of two vintages"))

    @rule(which=WHICH, who=st.integers(0, 1))
    def extend(self, which: int, who: int) -> None:
        """Once, by its holder, before it is over."""
        voucher, holder = self._some(which, "reserved"), self.stage.people[who]
        expected = self.model.extend(voucher, holder)
        self._does(ExtendRedemption(redemption=voucher, volunteer=holder), expected)

    @rule(which=WHICH, who=st.integers(0, 1))
    def release(self, which: int, who: int) -> None:
        """By its holder or by another."""
        voucher = self._some(which, "reserved")
        holder = self.stage.people[who]
        expected = self.model.release(voucher, holder)
        self._does(Release(redemption=voucher, volunteer=holder), expected)

    @rule(which=WHICH)
    def expire(self, which: int) -> None:
        """In time or too early."""
        voucher = self._some(which, "reserved")
        expected = self.model.expire(voucher)
        self._does(ExpireRedemption(redemption=voucher), expected)

    @precondition(lambda self: self.model.states() - {"reserved"})
    @rule(which=WHICH, shop=SHOP)
    def void(self, which: int, shop: int) -> None:
        """By the shop that took it, or by another."""
        voucher = self._some(which, "captured")
        merchant = self.stage.tills[shop].merchant
        expected = self.model.void(voucher, merchant)
        self._does(
            VoidRedemption(redemption=voucher, merchant=merchant, ground="cannot_supply"),
            expected,
        )

    @precondition(lambda self: self.model.states() & {"settled", "refunded"})
    @rule(which=WHICH, shop=SHOP)
    def refund(self, which: int, shop: int) -> None:
        """After it was settled, while its days run or later."""
        voucher, merchant = self._some(which, "settled"), self.stage.tills[shop].merchant
        self._does(
            RefundRedemption(redemption=voucher, merchant=merchant, ground="system_fault"),
            self.model.refund(voucher, merchant),
        )

    @precondition(lambda self: self.model.states() - {"reserved"})
    @rule(
        wanted=st.sets(WHICH, min_size=1, max_size=2),
        shop=SHOP,
        passes=st.sampled_from([DAY_MS, DAY_MS, 0]),
    )
    def settle(self, wanted: set[int], shop: int, passes: int) -> None:
        """Several at once: all of them, or none."""
        self._pass(passes)
        named = sorted({self._some(which, "captured") for which in wanted})
        self._settles(named, [], shop)

    @precondition(lambda self: self.model.states() & {"captured", "refunded"})
    @rule(shop=SHOP, passes=st.sampled_from([DAY_MS, DAY_MS - 1]))
    def settle_all(self, shop: int, passes: int) -> None:
        """Everything that can be settled and taken off, as a stated settlement does."""
        self._pass(passes)
        merchant = self.stage.tills[shop].merchant
        ready = [each for each in self.made if not self.model.why_not_settle(each, merchant)]
        off = [each for each in self.made if not self.model.why_not_adjust(each, merchant)]
        self._settles(sorted(ready), sorted(off), shop)

    @precondition(lambda self: "refunded" in self.model.states())
    @rule(which=WHICH, shop=SHOP)
    def take_off(self, which: int, shop: int) -> None:
        """One refund: the first time, or again."""
        self._settles([], [self._some(which, "owed")], shop)

    def _settles(self, wanted: list[str], refunds: list[str], shop: int) -> None:
        merchant = self.stage.tills[shop].merchant
        self._does(
            CloseSettlement(
                settlement=self._new(),
                merchant=merchant,
                redemptions=tuple(wanted),
                refunds=tuple(refunds),
                # Only a stated one takes refunds off.
                ends=self.model.now + 1 if refunds else 0,
            ),
            self.model.settle(wanted, refunds, merchant),
        )

    @precondition(lambda self: any(claim.flag for claim in self.model.claims.values()))
    @rule(which=WHICH)
    def review(self, which: int) -> None:
        """What was flagged, or what never was."""
        voucher = self._some(which, "flagged")
        expected = self.model.review(voucher)
        self._does(ReviewCapture(redemption=voucher), expected)

    @precondition(lambda self: self.model.today > OPENING)
    @rule(who=st.integers(0, 1))
    def lapse(self, who: int) -> None:
        """Whatever has passed its last day."""
        holder = self.stage.people[who]
        self._does(LapsePoints(volunteer=holder), self.model.lapse(holder))

    # Looking

    @invariant()
    def the_books_are_those_of_the_model(self) -> None:
        """The same in every account; every asset sums to zero; below it are only issuers, and what
        merchants owe for refunds."""
        if not hasattr(self, "model"):
            return
        there = balances(self.stage)
        assert {slot: amount for slot, amount in there.items() if amount} == {
            slot: amount for slot, amount in self.model.has.items() if amount
        }
        sums: defaultdict[str, int] = defaultdict(int)
        for (address, asset), amount in there.items():
            sums[asset] += amount
            below = address.startswith("issuer:") or address.endswith(":clawed_back")
            assert amount <= 0 if below else amount >= 0, address
        assert not any(sums.values())

    @invariant()
    def every_voucher_is_in_the_state_of_the_model(self) -> None:
        """And every offer has as many pieces."""
        if not hasattr(self, "model"):
            return
        columns = tables.redemptions.c
        with self.stage.town.book.database.reading() as connection:
            rows = connection.execute(
                select(columns.redemption, columns.state, columns.captured_quantity, columns.flag)
            ).fetchall()
            stock = connection.execute(select(tables.rewards.c.reward, tables.rewards.c.stock))
            assert {row[0]: row[1] for row in stock} == {
                which: offer.stock for which, offer in self.model.offers.items()
            }
        assert {row[0]: tuple(row[1:]) for row in rows} == {
            which: (claim.state, claim.taken, "rapid" if claim.flag else "none")
            for which, claim in self.model.claims.items()
        }


def _run(staging: Staging, *, examples: int, steps: int, shrink: bool = True) -> None:
    """`shrink` looks for the shortest story that fails, which asks for hundreds of ledgers more."""
    run_state_machine_as_test(
        # Hypothesis calls whatever makes a machine.
        lambda: Redemptions(staging),  # type: ignore[arg-type]
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("ledger", ["sqlite"], indirect=True)
def test_every_order_on_sqlite(ledger: Ledger, tmp_path: Path) -> None:
    """From one opening, copied for each story."""
    opening = set_up(ledger)
    ledger.close()

    def staging() -> Iterator[Stage]:
        home = tmp_path / opening.town.new()
        shutil.copytree(ledger.home, home)
        copy = Ledger(home, f"sqlite:///{home}/ledger.db", FakeClock(OPENING))
        town = Town.__new__(Town)
        town.__dict__.update(opening.town.__dict__, book=copy.open(), clock=copy.clock)
        yield Stage(copy, town, opening.people, opening.tills, opening.offers)
        copy.close()
        shutil.rmtree(home)

    Redemptions.seen.clear()
    _run(staging, examples=120, steps=40)
    assert Redemptions.seen >= REACHED, f"no story came to {REACHED - Redemptions.seen}"


def test_every_order_on_postgresql(restored: Restored, tmp_path: Path) -> None:
    """A few stories: what differs is where the rows are."""

    def staging() -> Iterator[Stage]:
        home = tmp_path / f"home-{len(list(tmp_path.iterdir()))}"
        shutil.copytree(restored.home, home)
        url = restored.take()
        ledger = Ledger(home, url, FakeClock(FOUNDED))
        yield set_up(ledger)
        ledger.close()
        restored.give_back(url, broken=False)

    _run(staging, examples=4, steps=30, shrink=False)
