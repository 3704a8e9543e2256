"""No sequence of earning, spending, voiding, reversing and lapsing breaks a sum or a floor, nor
gives anybody more to spend than was earned − spent − lapsed − taken back.

The pure core alone, under rules that make every branch common: points that last a month, hours
that go with redeemed time, prices by star, every ground of voiding. What each volunteer should
have is counted beside it from the entries, by somebody who has never heard of vintages.
"""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import dataclass, field

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ledger import account
from ledger.account import POINT, SERVICE
from ledger.actions import Action
from ledger.actions.catalogue import PublishReward
from ledger.actions.consents import RecordConsent
from ledger.actions.credit import ListForCredit, RecordDishonesty, RepairDishonesty
from ledger.actions.parties import RegisterVolunteer
from ledger.actions.points import AwardReferral, LapsePoints
from ledger.actions.rewards import Capture, ExpireRedemption, Release, Reserve, VoidRedemption
from ledger.actions.service import CorrectService, RecordService, ReverseService
from ledger.actions.settlement import CloseSettlement
from ledger.actions.stars import AssessStars
from ledger.actions.time_bank import DepositTime
from ledger.decide.points import spendable, vintages
from ledger.entry import Entry
from ledger.errors import Refused
from ledger.fold.hours import hours_short, hours_taken
from ledger.policy import read_policy
from tests.core import founded
from tests.kit import DAY_MS, MINUTE_MS, at, policy_toml

VOLUNTEERS = ("ana", "bo", "cy")
RULES = {
    "points.validity_months": 1,
    "points.referral": 2,
    "redeem.reduces_service_hours": True,
    "redeem.reversible": ["system_fault", "cannot_supply", "mistake"],
    "courtesy.price_percent": [90, 70, 50],
    "star.thresholds_h": [4, 8, 12],
    "star.mode": "automatic",
    "credit.clean_years": 0,
    "credit.min_stars": 0,
}
WHO = st.sampled_from(VOLUNTEERS)
ANY = st.integers(0, 30)


@dataclass
class Account:
    """What one volunteer's points should be, in hundredths, by what entries say happened."""

    earned: int = 0
    spent: int = 0
    lapsed: int = 0
    taken_back: int = 0
    gone: int = 0
    held: dict[str, int] = field(default_factory=dict)

    @property
    def left(self) -> int:
        return self.earned - self.spent - self.lapsed - self.taken_back


class Model:
    """Reads entries and counts, without looking at vintages, lots or debts."""

    def __init__(self) -> None:
        self.accounts = {who: Account() for who in VOLUNTEERS}
        self.records: dict[str, tuple[str, str, int, int]] = {}
        self.redemptions: dict[str, tuple[str, str, int]] = {}

    def take(self, entry: Entry) -> None:
        facts, kind = entry.facts, entry.kind
        lapsed = sum(each.amount for each in entry.postings if each.destination == "lapsed")
        made = sum(
            each.amount
            for each in entry.postings
            if each.asset == POINT and each.source == "issuer:point"
        )
        if kind == "service_recorded":
            self.accounts[facts["volunteer"]].earned += made
            self.records[facts["record"]] = (
                facts["volunteer"],
                facts["evidence"],
                facts["minutes"] if facts["outcome"] == "effective" else 0,
                made,
            )
        elif kind == "referral_awarded":
            self.accounts[facts["volunteer"]].earned += made
        elif kind == "service_reversed":
            who, *_, brought = self.records.pop(facts["record"])
            back = sum(each.amount for each in entry.postings if each.asset == POINT)
            # What a timer took away as lapsed is gone, and not taken a second time.
            self.accounts[who].gone += brought - back
            self.accounts[who].taken_back += back
            assert 0 <= self.accounts[who].gone <= self.accounts[who].lapsed
        elif kind == "points_lapsed":
            self.accounts[facts["volunteer"]].lapsed += lapsed
        elif kind.startswith("redemption_"):
            self._redemption(kind, entry, lapsed)

    def _redemption(self, kind: str, entry: Entry, lapsed: int) -> None:
        facts, which = entry.facts, entry.facts["redemption"]
        if kind == "redemption_reserved":
            self.redemptions[which] = (facts["volunteer"], facts["asset"], facts["amount"])
        who, asset, amount = self.redemptions[which]
        if asset != POINT:
            return
        mine = self.accounts[who]
        mine.lapsed += lapsed
        if kind == "redemption_reserved":
            mine.held[which] = amount
            return
        mine.held.pop(which, None)
        if kind == "redemption_captured":
            mine.spent += facts["amount"]
        elif kind == "redemption_voided":
            mine.spent -= facts["amount"]


FOUNDED = founded(
    read_policy(policy_toml(RULES).encode()),
    [RegisterVolunteer(volunteer=who, organisation="home") for who in VOLUNTEERS],
    staff=("rex", "sam"),
)


class Points(RuleBasedStateMachine):
    """Everything that moves points, hours that go along, stars and credit, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.core = copy.deepcopy(FOUNDED)
        self.model = Model()
        self.read = len(self.core.entries)
        self.days: Counter[str] = Counter()
        self.records: list[str] = []
        self.rewards: list[str] = []
        self.redemptions: list[str] = []

    def do(self, action: Action) -> bool:
        """Whether it was done; the model reads what was written."""
        result = self.core.do(action)
        for entry in self.core.entries[self.read :]:
            self.model.take(entry)
        self.read = len(self.core.entries)
        return not isinstance(result, Refused)

    def _some(self, made: list[str], which: int) -> str:
        return made[which % len(made)] if made and which < 30 else "nowhere"

    @initialize(price=st.sampled_from([30, 33, 100]))
    def begin(self, price: int) -> None:
        """Some hours, saved by some, and a reward of each kind."""
        for who in VOLUNTEERS:
            for evidence in ("check_in", "backfill", "check_in"):
                self.serve(who, 240, evidence)
        for which, record in enumerate(self.records):
            self.deposit(which, self.model.records[record][0])
        self.publish("gift", "POINT", price, 99)
        self.publish("discount", "POINT", price, 99)
        self.publish("service_order", "TIME", 60, 99)

    @rule(
        who=WHO,
        minutes=st.sampled_from([1, 59, 60, 240, 480]),
        evidence=st.sampled_from(["check_in", "check_in", "backfill"]),
    )
    def serve(self, who: str, minutes: int, evidence: str) -> None:
        """A day of its own, in the past."""
        session = self.session(who, minutes, evidence)
        if self.do(session):
            self.records.append(session.record)

    def session(self, who: str, minutes: int, evidence: str) -> RecordService:
        """On the next day that nothing was served on."""
        self.days[who] += 1
        check_in = at("2023-01-02 09:00") + self.days[who] * DAY_MS
        return RecordService(
            record=self.core.new("record"),
            volunteer=who,
            organisation="home",
            activity="walk",
            evidence=evidence,
            starts=check_in,
            ends=check_in + minutes * MINUTE_MS,
            check_in=check_in,
            check_out=check_in + minutes * MINUTE_MS,
            deducted_minutes=0,
            recorder="rex",
            approver="sam",
            recorded=check_in + minutes * MINUTE_MS,
        )

    @rule(
        which=ANY,
        minutes=st.sampled_from([1, 59, 240, 480]),
        evidence=st.sampled_from(["check_in", "backfill"]),
    )
    def correct(self, which: int, minutes: int, evidence: str) -> None:
        """More or less, known in the same way or another."""
        record = self._some(self.records, which)
        who = self.model.records[record][0] if record in self.model.records else VOLUNTEERS[0]
        corrected = self.session(who, minutes, evidence)
        if self.do(CorrectService(record=record, corrected=corrected)):
            self.records.append(corrected.record)

    @rule(which=ANY)
    def reverse(self, which: int) -> None:
        """Whatever became of what it brought."""
        self.do(ReverseService(record=self._some(self.records, which)))

    @rule(who=WHO)
    def reverse_everything(self, who: str) -> None:
        """Fraud came out: nothing of what somebody served stands, and what was spent is spent."""
        for record in [each for each, row in self.model.records.items() if row[0] == who]:
            self.do(ReverseService(record=record))

    @rule(which=ANY, who=WHO)
    def deposit(self, which: int, who: str) -> None:
        """Saved time, for which hours may go when it is spent."""
        record = self._some(self.records, which)
        minutes = self.model.records[record][2] if record in self.model.records else 1
        self.do(
            DepositTime(
                record=record, volunteer=who, minutes=minutes, age_gate="met", age_tested=18
            )
        )

    @rule(
        form=st.sampled_from(["gift", "discount"]),
        asset=st.just("POINT"),
        price=st.sampled_from([1, 33, 250]),
        stock=st.sampled_from([1, 4]),
    )
    def publish(self, form: str, asset: str, price: int, stock: int) -> None:
        """Another reward, as long as there are few."""
        if len(self.rewards) > 5:
            return
        reward = self.core.new("reward")
        action = PublishReward(
            reward=reward,
            merchant="shop",
            form=form,
            asset=asset,
            price=price,
            stock=stock,
            valid_from=0,
            valid_until=at("2090-01-01 00:00"),
        )
        if self.do(action):
            self.rewards.append(reward)

    @rule(who=WHO, which=ANY, quantity=st.sampled_from([1, 1, 2, 3]))
    def reserve(self, who: str, which: int, quantity: int) -> None:
        """With enough, or too little."""
        redemption = self.core.new("redemption")
        action = Reserve(
            redemption=redemption,
            volunteer=who,
            reward=self._some(self.rewards, which),
            quantity=quantity,
            age_gate="met",
            age_tested=60,
        )
        if self.do(action):
            self.redemptions.append(redemption)

    @rule(
        who=WHO,
        which=st.sampled_from([0, 1, 2, 2]),
        quantity=st.sampled_from([1, 2, 3]),
        taken=st.sampled_from([0, 1]),
        voided=st.booleans(),
    )
    def redeem(self, who: str, which: int, quantity: int, taken: int, voided: bool) -> None:
        """The good way, from end to end and perhaps back again."""
        before = len(self.redemptions)
        self.reserve(who, which, quantity)
        if len(self.redemptions) > before and before < 30:
            self.capture(before, taken)
            if voided:
                self.void(before, "cannot_supply")

    @rule(which=ANY, quantity=st.sampled_from([0, 0, 1, 2]))
    def capture(self, which: int, quantity: int) -> None:
        """Whole or in part."""
        self.core.time += 6_000
        self.do(
            Capture(
                redemption=self._some(self.redemptions, which),
                merchant="shop",
                branch="branch",
                terminal="till",
                quantity=quantity,
            )
        )

    @rule(which=ANY, ground=st.sampled_from(["cannot_supply", "mistake", "system_fault"]))
    def void(self, which: int, ground: str) -> None:
        """Whenever, and again."""
        redemption = self._some(self.redemptions, which)
        self.do(VoidRedemption(redemption=redemption, merchant="shop", ground=ground))

    @rule(who=WHO)
    def void_everything(self, who: str) -> None:
        """The shop cannot supply at all: whatever somebody was given is undone."""
        for redemption in self.redemptions:
            if self.model.redemptions[redemption][0] == who:
                ground = "cannot_supply"
                self.do(VoidRedemption(redemption=redemption, merchant="shop", ground=ground))

    @rule(which=ANY)
    def settle(self, which: int) -> None:
        """What is settled is not undone; the shop waits until it may."""
        self.core.time += DAY_MS
        redemption = self._some(self.redemptions, which)
        self.do(
            CloseSettlement(
                settlement=self.core.new("settlement"), merchant="shop", redemptions=(redemption,)
            )
        )

    @rule(which=ANY, who=WHO)
    def release(self, which: int, who: str) -> None:
        """One's own or another's."""
        self.do(Release(redemption=self._some(self.redemptions, which), volunteer=who))

    @rule(which=ANY)
    def expire(self, which: int) -> None:
        """In time or too early."""
        self.do(ExpireRedemption(redemption=self._some(self.redemptions, which)))

    @rule(who=WHO)
    def lapse(self, who: str) -> None:
        """Whatever has passed its last day."""
        self.do(LapsePoints(volunteer=who))

    @rule(who=WHO, newcomer=WHO)
    def refer(self, who: str, newcomer: str) -> None:
        """Oneself, a stranger, twice."""
        self.do(AwardReferral(volunteer=who, referred=newcomer))

    @rule(who=WHO)
    def assess(self, who: str) -> None:
        """Stars lower prices."""
        self.do(AssessStars(volunteer=who))

    @rule(
        who=WHO,
        act=st.sampled_from(["given", "withdrawn", "refused", "list", "list", "found", "repair"]),
    )
    def credit(self, who: str, act: str) -> None:
        """On the list and off it."""
        match act:
            case "list":
                cycle = str(1970 + self.core.time // (365 * DAY_MS))
                self.do(ListForCredit(volunteer=who, cycle=cycle))
            case "found":
                self.do(RecordDishonesty(volunteer=who, serious=True))
            case "repair":
                self.do(RepairDishonesty(volunteer=who))
            case _:
                self.do(RecordConsent(volunteer=who, purpose="credit_list", answer=act))

    @rule(passes=st.sampled_from([0, 5_000, 31 * MINUTE_MS, DAY_MS, 20 * DAY_MS, 40 * DAY_MS]))
    def wait(self, passes: int) -> None:
        """A moment, or until points lapse."""
        self.core.time += passes

    @invariant()
    def nothing_from_nowhere(self) -> None:
        """Every asset sums to zero."""
        self.core.laws.finish()

    @invariant()
    def nobody_has_more_than_they_earned(self) -> None:
        """What is there, set aside or owed is what is left of what was earned."""
        today = self._today()
        for who, mine in self.model.accounts.items():
            purse = self.core.standing.purse(account.volunteer(who))
            there = sum(amount for _, amount in vintages(purse))
            owed = -purse.get(("owed:point", POINT), 0)
            assert owed >= 0
            assert there + sum(mine.held.values()) - owed == mine.left
            can_spend = spendable(purse, today)
            assert can_spend <= max(0, mine.left + owed)
            if owed:
                reward = self.rewards[0]
                again = Reserve(redemption="r", volunteer=who, reward=reward, quantity=1)
                assert isinstance(self.core.do(again), Refused), "spent while owing"

    @invariant()
    def hours_are_those_of_effective_records(self) -> None:
        """… but for those that went with redeemed time and were not voided (P47). What a reversal
        could not find is short, and nobody gets it back for nothing."""
        standing = self.core.standing
        for who in VOLUNTEERS:
            paid = sum(row[2] for row in self.model.records.values() if row[0] == who)
            gone = sum(
                minutes
                for redemption in self.redemptions
                if (row := standing.redemptions[redemption])
                and row.volunteer == who
                and row.state in ("captured", "settled")
                for _, minutes in hours_taken(standing, redemption)
            )
            purse = standing.purse(account.volunteer(who))
            classes = ("service:check_in", "service:backfill")
            there = sum(purse.get((each, SERVICE), 0) for each in classes)
            short = sum(hours_short(standing, who).values())
            assert short >= 0
            assert there - short == paid - gone
            assert there <= paid

    @invariant()
    def a_redemption_counts_once_in_its_month(self) -> None:
        """… as long as it was not given back."""
        standing = self.core.standing
        stands = Counter[str]()
        for redemption in self.redemptions:
            row = standing.redemptions[redemption]
            if row is not None and row.state in ("reserved", "captured", "settled"):
                stands[row.volunteer] += 1
        counted = Counter[str]()
        for month in standing.redeemed_months.values():
            if month is not None:
                assert month.quantity >= 0
                counted[month.volunteer] += month.quantity
        assert +stands == +counted

    def _today(self) -> str:
        policy = self.core.standing.policy_at(self.core.time)
        return policy.local_date(self.core.time).isoformat()


TestPoints = Points.TestCase
TestPoints.settings = settings(
    max_examples=200,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
