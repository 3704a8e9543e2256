"""No sequence of actions breaks a law: stars, orders, grants, credit and all that issue with them.

The state machine of `tests/test_properties.py` with everything else that can be asked, under
`cn-default` and under a programme that nobody wrote code for. At the end every answer is decided
again from the entries alone, as an auditor's replay does it.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from ledger.actions.consents import RecordConsent
from ledger.actions.credit import ListForCredit, RecordDishonesty, RepairDishonesty
from ledger.actions.documents import AdoptPolicy
from ledger.actions.honours import GrantMedal
from ledger.actions.objections import DecideObjection, FileObjection
from ledger.actions.orders import (
    AcceptOrder,
    AssignOrder,
    CancelOrder,
    ConfirmOrder,
    DeclineOrder,
    DisputeOrder,
    ExpireOrder,
    OfferService,
    ReportOrderDone,
    RequestOrder,
    SettleOrder,
)
from ledger.actions.parties import ChangeParty, RegisterGroup
from ledger.actions.points import AwardReferral
from ledger.actions.rewards import VoidRedemption
from ledger.actions.service import EvaluateService, ProveFraud, RecordQualification
from ledger.actions.settlement import CloseSettlement
from ledger.actions.stars import (
    ApplyForStar,
    AssessStars,
    DecideDowngrade,
    GrantStar,
    NoticeStar,
    RefuseStar,
)
from ledger.actions.time_bank import DepositTime, GrantTime, MoveFrozenTime
from ledger.decide import RULES
from ledger.errors import Refused
from ledger.fold import fold
from ledger.policy import read_policy
from ledger.replay import decide_again
from ledger.standing import Standing
from tests.core import VOLUNTEERS
from tests.kit import DAY_MS, MINUTE_MS, at
from tests.test_properties import ANY, FOUNDED, WHO, Ledger

INVENTED = Path(__file__).parent / "data" / "invented-programme.toml"
STARS_ONLY_BY = {"star_granted", "star_downgraded"}
HOURS_ONLY_BY = {
    *("service_recorded", "service_confirmed", "service_reversed", "qualification_recorded"),
    "service_ported",
}


class Field(Ledger):
    """Everything anybody might ask for, in any order, under either programme."""

    def __init__(self) -> None:
        super().__init__()
        self.cases: list[str] = []
        self.orders: list[str] = []
        self.objections: list[str] = []

    @initialize(invented=st.booleans())
    def programme(self, invented: bool) -> None:
        """Half of the time another programme is adopted over `cn-default`."""
        if invented:
            document = read_policy(INVENTED.read_bytes())
            action = AdoptPolicy(
                policy=document.policy.id,
                version=document.policy.version,
                toml_sha256=document.toml_sha256,
                document=document.canonical,
            )
            assert not isinstance(self.core.do(action), Refused)
        # Long enough for a clean record (domain §10 P58).
        self.core.time += 1_100 * DAY_MS
        # Ana has a hundred hours and saved some of them, so that everything is within reach.
        self.serve_long("ana", 0, 104)
        for record in self.records[-6:]:
            self.core.do(
                DepositTime(
                    record=record, volunteer="ana", minutes=480, age_gate="met", age_tested=18
                )
            )
        self.core.do(RegisterGroup(volunteer=self.core.new("group"), organisation="home"))

    # Stories: each stops anywhere, so that other things happen in between.

    @rule(steps=st.integers(1, 4), patience=st.sampled_from([0, 3, 9, 15]))
    def a_star(self, steps: int, patience: int) -> None:
        """Applied for, noticed, waited for, granted."""
        case = self.core.new("case")
        held = self.core.standing.balance("volunteer:ana:stars", "STAR")
        applied = ApplyForStar(case=case, volunteer="ana", star=held + 1)
        if isinstance(self.core.do(applied), Refused):
            return
        self.cases.append(case)
        if steps > 1:
            self.core.do(NoticeStar(case=case))
        self.core.time += patience * DAY_MS
        if steps > 2:
            self.core.do(GrantStar(case=case))
        if steps > 3:
            self.consent("ana", "given")
            self.list_for_credit("ana")

    @rule(
        provider=st.sampled_from(["bo", "cy"]),
        steps=st.integers(1, 5),
        minutes=st.sampled_from([30, 60, 90, 120]),
        ending=st.sampled_from(["confirm", "dispute", "settle", "nothing"]),
    )
    def an_order(self, provider: str, steps: int, minutes: int, ending: str) -> None:
        """Asked for, offered, accepted, served, ended."""
        self.request("ana", minutes, 1, 60)
        if not self.orders or steps < 2:
            return
        order, last = self.orders[-1], len(self.orders) - 1
        self.core.do(OfferService(order=order, provider=provider))
        if steps > 2:
            self.core.do(AcceptOrder(order=order, volunteer="ana"))
        if steps > 3:
            self.serve_the_order(last)
        if steps > 4 and ending == "confirm":
            self.core.do(ConfirmOrder(order=order, volunteer="ana"))
        if steps > 4 and ending in ("dispute", "settle"):
            self.core.do(DisputeOrder(order=order, volunteer="ana"))
        if steps > 4 and ending == "settle":
            self.settle_order(last, 30)

    @rule(which=st.integers(0, 1), steps=st.integers(1, 3), quantity=st.sampled_from([1, 2]))
    def a_redemption(self, which: int, steps: int, quantity: int) -> None:
        """Reserved, taken, and undone or settled."""
        before = len(self.redemptions)
        self.reserve("ana", which, quantity)
        if len(self.redemptions) == before:
            return
        last = before
        self.core.time += MINUTE_MS
        self.capture(last, 0 if steps < 3 else 1)
        if steps == 2:
            self.void(last, "system_fault")
        if steps == 3:
            self.settle(last, last)

    @rule(who=WHO, days=st.integers(0, 27), hours=st.integers(60, 330))
    def serve_long(self, who: str, days: int, hours: int) -> None:
        """Many hours at once, so that stars are within reach: eight a day, day after day."""
        for day in range(hours // 8):
            start = 7 * 1440 * 4 + (days + day) * 1440 + 480
            self._record(self._session(who, start, 480, 0, "rex", "sam", "check_in"))

    # Stars

    @rule(who=WHO, star=st.sampled_from([0, 1, 1, 2, 5]), nominated=st.sampled_from(["", "home"]))
    def apply(self, who: str, star: int, nominated: str) -> None:
        """For a star that was reached, or was not."""
        case = self.core.new("case")
        action = ApplyForStar(case=case, volunteer=who, star=star, nominated_by=nominated)
        if not isinstance(self.core.do(action), Refused):
            self.cases.append(case)

    @rule(which=ANY, body=st.sampled_from(["", "home"]))
    def notice(self, which: int, body: str) -> None:
        """Begin a public notice."""
        self.core.do(NoticeStar(case=self._some(self.cases, which), organisation=body))

    @rule(which=ANY, body=st.sampled_from(["", "home"]))
    def grant(self, which: int, body: str) -> None:
        """In time or too early."""
        self.core.do(GrantStar(case=self._some(self.cases, which), organisation=body))

    @rule(which=ANY)
    def refuse_star(self, which: int) -> None:
        """The granting body says no."""
        self.core.do(RefuseStar(case=self._some(self.cases, which), reason="a" * 64))

    @rule(which=ANY, confirmed=st.booleans())
    def decide_downgrade(self, which: int, confirmed: bool) -> None:
        """A reversed record's id is its case's."""
        case = self._some(self.records, which)
        self.core.do(DecideDowngrade(case=case, confirmed=confirmed, reason="b" * 64))

    @rule(who=WHO)
    def assess(self, who: str) -> None:
        """Where policy grants by itself."""
        self.core.do(AssessStars(volunteer=who))

    @rule(who=WHO, medal=st.sampled_from([0, 1, 2]))
    def medal(self, who: str, medal: int) -> None:
        """Where policy has medals."""
        self.core.do(GrantMedal(volunteer=who, medal=medal))

    # Time

    @rule(
        who=WHO,
        minutes=st.sampled_from([0, 30, 60, 120]),
        starts_in=st.sampled_from([-1, 1, 3]),
        tested=st.sampled_from([60, 0]),
    )
    def request(self, who: str, minutes: int, starts_in: int, tested: int) -> None:
        """A service order, in time or not."""
        order = self.core.new("order")
        starts = self.core.time + starts_in * DAY_MS
        action = RequestOrder(
            order=order,
            volunteer=who,
            organisation="home",
            category="health",
            minutes=minutes,
            starts=starts,
            ends=starts + 4 * 60 * MINUTE_MS,
            age_gate="met",
            age_tested=tested,
        )
        if not isinstance(self.core.do(action), Refused):
            self.orders.append(order)

    @rule(which=ANY, who=WHO, assigned=st.booleans())
    def find_provider(self, which: int, who: str, assigned: bool) -> None:
        """By offer or by assignment."""
        order = self._some(self.orders, which)
        if assigned:
            self.core.do(AssignOrder(order=order, provider=who, organisation="home"))
        else:
            self.core.do(OfferService(order=order, provider=who))

    @rule(which=ANY, who=WHO, accepted=st.sampled_from([True, True, False]))
    def answer(self, which: int, who: str, accepted: bool) -> None:
        """By the right one or another."""
        order = self._some(self.orders, which)
        action = AcceptOrder if accepted else DeclineOrder
        self.core.do(action(order=order, volunteer=who))

    @rule(which=ANY, record=ANY)
    def report_done(self, which: int, record: int) -> None:
        """With any record there is."""
        order = self._some(self.orders, which)
        self.core.do(ReportOrderDone(order=order, record=self._some(self.records, record)))

    @rule(which=ANY)
    def serve_the_order(self, which: int) -> None:
        """Its provider serves it as ordered, and says so: otherwise few orders would be done."""
        order = self.core.standing.orders.get(self._some(self.orders, which))
        if order is None or order.state != "accepted":
            return
        self.core.time = max(self.core.time, order.ends)
        start = (order.starts - at("2025-03-01 00:00")) // MINUTE_MS
        session = self._session(order.provider, start, 90, 0, "rex", "sam", "check_in")
        self._record(session)
        self.core.do(ReportOrderDone(order=order.order_id, record=session.record))

    @rule(which=ANY, who=WHO, confirmed=st.sampled_from([True, True, False]))
    def recipient_says(self, which: int, who: str, confirmed: bool) -> None:
        """Confirmed, or disputed."""
        order = self._some(self.orders, which)
        action = ConfirmOrder if confirmed else DisputeOrder
        self.core.do(action(order=order, volunteer=who))

    @rule(which=ANY, minutes=st.sampled_from([-1, 0, 30, 90, 500]))
    def settle_order(self, which: int, minutes: int) -> None:
        """A dispute is decided."""
        order = self._some(self.orders, which)
        self.core.do(
            SettleOrder(order=order, minutes=minutes, organisation="home", reason="c" * 64)
        )

    @rule(which=ANY, who=st.sampled_from(["", *VOLUNTEERS]), expired=st.booleans())
    def end_order(self, which: int, who: str, expired: bool) -> None:
        """Called off, or too old."""
        order = self._some(self.orders, which)
        self.core.do(
            ExpireOrder(order=order) if expired else CancelOrder(order=order, volunteer=who)
        )

    @rule(who=WHO, pool=st.sampled_from(["platform", "home"]), minutes=st.sampled_from([0, 1, 90]))
    def grant_time(self, who: str, pool: str, minutes: int) -> None:
        """From a pool that has something, or nothing."""
        for ground in ("starting", "needy_elder"):
            self.core.do(GrantTime(volunteer=who, pool=pool, ground=ground, minutes=minutes))

    @rule(who=WHO, to=st.sampled_from(["", *VOLUNTEERS]), minutes=st.sampled_from([0, 1, 60]))
    def move_frozen(self, who: str, to: str, minutes: int) -> None:
        """Of somebody who died or left, or of somebody who did not."""
        pool = "" if to else "platform"
        self.core.do(
            MoveFrozenTime(volunteer=who, minutes=minutes, recipient=to, pool=pool, reason="d" * 64)
        )

    @rule(who=st.sampled_from(["bo", "cy"]), chance=st.integers(0, 19))
    def die(self, who: str, chance: int) -> None:
        """Whatever is open then stays to be ended."""
        if chance == 0:
            self.core.do(ChangeParty(party=f"volunteer:{who}", change="died"))

    # Service

    @rule(which=ANY, score=st.sampled_from([0, 1, 5]), conduct=st.sampled_from(["good", "poor"]))
    def evaluate(self, which: int, score: int, conduct: str) -> None:
        """Once, or again."""
        record = self._some(self.records, which)
        self.core.do(EvaluateService(record=record, score=score, conduct=conduct))

    @rule(who=WHO)
    def prove_fraud(self, who: str) -> None:
        """Backfilling ends for a while."""
        self.core.do(ProveFraud(volunteer=who, reason="e" * 64))

    @rule(who=WHO, minutes=st.sampled_from([-1, 0, 120]))
    def train(self, who: str, minutes: int) -> None:
        """Learning stands apart from service."""
        self.core.do(
            RecordQualification(
                volunteer=who,
                organisation="home",
                what="course",
                learning_minutes=minutes,
                valid_from=self.core.time,
            )
        )

    @rule(who=WHO, which=ANY)
    def object_to(self, who: str, which: int) -> None:
        """To one's own record, or another's."""
        objection = self.core.new("objection")
        action = FileObjection(
            objection=objection,
            volunteer=who,
            subject_kind="record",
            subject=self._some(self.records, which),
            organisation="home",
        )
        if not isinstance(self.core.do(action), Refused):
            self.objections.append(objection)

    @rule(which=ANY, outcome=st.sampled_from(["upheld", "rejected"]))
    def decide_objection(self, which: int, outcome: str) -> None:
        """Once."""
        objection = self._some(self.objections, which)
        self.core.do(DecideObjection(objection=objection, outcome=outcome, reason="f" * 64))

    # Points and credit

    @rule(who=WHO, other=WHO)
    def refer(self, who: str, other: str) -> None:
        """Where policy thanks for it."""
        self.core.do(AwardReferral(volunteer=who, referred=other))

    @rule(which=ANY, ground=st.sampled_from(["system_fault", "mistake"]))
    def void(self, which: int, ground: str) -> None:
        """What was captured, or was not."""
        redemption = self._some(self.redemptions, which)
        self.core.do(VoidRedemption(redemption=redemption, merchant="shop", ground=ground))

    @rule(which=ANY, other=ANY)
    def settle(self, which: int, other: int) -> None:
        """Claims are closed, once nobody may void them any more."""
        self.core.time += DAY_MS
        named = {self._some(self.redemptions, each) for each in (which, other)}
        settlement = self.core.new("settlement")
        self.core.do(
            CloseSettlement(settlement=settlement, merchant="shop", redemptions=tuple(named))
        )

    @rule(who=WHO, answer=st.sampled_from(["given", "given", "refused", "withdrawn"]))
    def consent(self, who: str, answer: str) -> None:
        """To the credit list."""
        self.core.do(RecordConsent(volunteer=who, purpose="credit_list", answer=answer))

    @rule(who=WHO)
    def list_for_credit(self, who: str) -> None:
        """For the cycle that runs."""
        policy = self.core.standing.policy_at(self.core.time)
        cycle = policy.credit_cycle_of(policy.local_date(self.core.time))
        self.core.do(ListForCredit(volunteer=who, cycle=cycle))

    @rule(who=WHO, serious=st.booleans(), repaired=st.booleans())
    def dishonesty(self, who: str, serious: bool, repaired: bool) -> None:
        """Found, or repaired."""
        if repaired:
            self.core.do(RepairDishonesty(volunteer=who, reason="a" * 64))
        else:
            self.core.do(RecordDishonesty(volunteer=who, serious=serious, reason="a" * 64))

    # What holds

    @invariant()
    def hours_and_stars_move_by_their_own_kinds_alone(self) -> None:
        """Spending changes neither, for no policy here says so (domain §10 P47)."""
        for entry in self.core.entries[len(FOUNDED.entries) :]:
            for posting in entry.postings:
                if posting.asset == "SERVICE":
                    assert entry.kind in HOURS_ONLY_BY, entry.kind
                if posting.asset == "STAR":
                    assert entry.kind in STARS_ONLY_BY, entry.kind

    @invariant()
    def an_hour_is_saved_once(self) -> None:
        """No record brings more saved time than it brought service, by whichever way."""
        for record in self.core.standing.records.values():
            if record is not None:
                assert record.deposited + record.overflow <= max(record.paid, record.minutes)

    @invariant()
    def what_is_held_is_what_is_open(self) -> None:
        """An order that ended holds nothing."""
        for order_id in self.orders:
            order = self.core.standing.orders[order_id]
            assert order is not None
            held = self.core.standing.balance(f"held:{order_id}", "TIME")
            ended = order.state in ("confirmed", "settled", "cancelled", "expired")
            assert held == (0 if ended else order.minutes)

    def teardown(self) -> None:
        """Every answer is what the rules give, decided again from the entries alone."""
        super().teardown()
        fresh = Standing()
        for _, some in groupby(self.core.entries, key=lambda entry: entry.idem.key):
            group = list(some)
            drafts = decide_again(group, fresh)
            told: list[Any] = [
                (each.kind, dict(each.facts), list(each.postings), each.policy) for each in group
            ]
            again = [
                (each.kind, dict(each.facts), list(each.postings), each.policy) for each in drafts
            ]
            assert again == told
            assert {each.rules for each in drafts} == {RULES}
            for entry in group:
                fold(fresh, entry)


TestField = Field.TestCase
TestField.settings = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
