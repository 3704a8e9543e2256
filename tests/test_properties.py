"""No sequence of actions, however odd, breaks a law.

The pure core alone, in memory: decide, link, fold. What comes out is held to `Laws` as it grows,
and in the end a fold from zero must say the same as the one that grew.
"""

from __future__ import annotations

import copy
import itertools
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ledger.actions.catalogue import PublishReward
from ledger.actions.documents import AdoptCalendar
from ledger.actions.parties import ChangeParty, RegisterVolunteer
from ledger.actions.points import LapsePoints
from ledger.actions.rewards import Capture, ExpireRedemption, Release, Reserve
from ledger.actions.service import (
    ConfirmService,
    CorrectService,
    RecordService,
    RefuseService,
    ReverseService,
)
from ledger.actions.time_bank import DepositTime, DonateTime, TransferTime
from ledger.calendar import read_calendar
from ledger.entry import decode
from ledger.errors import Refused
from ledger.fold import fold
from ledger.policies import shipped
from ledger.policy import read_policy
from ledger.standing import Standing
from tests.core import VOLUNTEERS, Core, balances, founded
from tests.kit import DAY_MS, MINUTE_MS, at

STAFF = ("rex", "sam", "tia", "ana")
WHO = st.sampled_from(VOLUNTEERS)
ANY = st.integers(0, 30)
"""Which of the things made so far; too large a number names one that is not there."""


def _founded() -> Core:
    calendar = read_calendar(shipped("calendar-cn-2025"))
    people = [
        AdoptCalendar(calendar="cn", year=2025, toml_sha256="00", document=calendar.canonical),
        *(RegisterVolunteer(volunteer=who) for who in VOLUNTEERS),
    ]
    return founded(read_policy(shipped("cn-default")), people, staff=STAFF)


FOUNDED = _founded()


class Ledger(RuleBasedStateMachine):
    """Everything anybody might ask for, in any order, sensible or not."""

    def __init__(self) -> None:
        super().__init__()
        self.core = copy.deepcopy(FOUNDED)
        self.records: list[str] = []
        self.rewards: list[str] = []
        self.redemptions: list[str] = []

    @initialize(price=st.sampled_from([30, 100, 250]))
    def begin(self, price: int) -> None:
        """Some hours and two rewards, so that what follows has something to break."""
        for who, day in itertools.product(VOLUNTEERS, (3, 4)):
            self._record(self._session(who, day * 1440 + 540, 240, 0, "rex", "sam", "check_in"))
        self.publish("gift", "POINT", price, 5, 2)
        self.publish("service_order", "TIME", 60, 3, 0)

    def _some(self, made: list[str], which: int) -> str:
        return made[which % len(made)] if made and which < 30 else "nowhere"

    def _session(
        self,
        who: str,
        start: int,
        minutes: int,
        deducted: int,
        recorder: str,
        approver: str,
        evidence: str,
    ) -> RecordService:
        """A session that starts so many minutes into a week of March 2025."""
        check_in = at("2025-03-01 00:00") + start * MINUTE_MS
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
            deducted_minutes=deducted,
            recorder=recorder,
            approver=approver,
            recorded=check_in + max(minutes, 0) * MINUTE_MS,
        )

    def _record(self, session: RecordService) -> None:
        if not isinstance(self.core.do(session), Refused):
            self.records.append(session.record)

    sessions: dict[str, Any] = {  # noqa: RUF012 - arguments of two rules
        "who": WHO,
        "start": st.integers(0, 7 * 48).map(lambda half_hours: half_hours * 30),
        "minutes": st.sampled_from([-30, 0, 1, 30, 60, 120, 121, 480, 481, 721, 1440, 1441]),
        "deducted": st.sampled_from([0, 0, 15, 60, 500]),
        "recorder": st.sampled_from(STAFF),
        "approver": st.sampled_from(STAFF),
        "evidence": st.sampled_from(["check_in", "backfill"]),
    }

    @rule(**sessions)
    def serve(self, **given: Any) -> None:
        """A session, over others or not."""
        self._record(self._session(**given))

    @rule(which=ANY, **sessions)
    def correct(self, which: int, **given: Any) -> None:
        """Another session in a record's place."""
        corrected = self._session(**given)
        action = CorrectService(record=self._some(self.records, which), corrected=corrected)
        if not isinstance(self.core.do(action), Refused):
            self.records.append(corrected.record)

    @rule(which=ANY, reviewer=st.sampled_from(["", "", "tia", *STAFF]))
    def confirm(self, which: int, reviewer: str) -> None:
        """A held record, or one that is not."""
        self.core.do(ConfirmService(record=self._some(self.records, which), reviewer=reviewer))

    @rule(which=ANY)
    def refuse(self, which: int) -> None:
        """A held record is turned down."""
        self.core.do(RefuseService(record=self._some(self.records, which)))

    @rule(which=ANY)
    def reverse(self, which: int) -> None:
        """Whatever was spent of it meanwhile."""
        self.core.do(ReverseService(record=self._some(self.records, which)))

    @rule(which=ANY, who=WHO, minutes=st.sampled_from([-1, 0, 1, 30, 60, 120, 240]))
    def deposit(self, which: int, who: str, minutes: int) -> None:
        """Of one's own record or another's, once or again."""
        record = self._some(self.records, which)
        self.core.do(
            DepositTime(
                record=record, volunteer=who, minutes=minutes, age_gate="met", age_tested=18
            )
        )

    @rule(who=WHO, to=WHO, minutes=st.sampled_from([-60, 0, 1, 60, 200]))
    def give(self, who: str, to: str, minutes: int) -> None:
        """To somebody else, or to oneself."""
        self.core.do(TransferTime(volunteer=who, recipient=to, minutes=minutes, relation="spouse"))

    @rule(who=WHO, minutes=st.sampled_from([0, 1, 60]), pool=st.sampled_from(["platform", "home"]))
    def donate(self, who: str, minutes: int, pool: str) -> None:
        """To a pool."""
        self.core.do(DonateTime(volunteer=who, pool=pool, minutes=minutes))

    @rule(
        form=st.sampled_from(["gift", "service_order"]),
        asset=st.sampled_from(["POINT", "TIME"]),
        price=st.sampled_from([1, 60, 333]),
        stock=st.sampled_from([1, 3]),
        per_person=st.sampled_from([0, 1]),
    )
    def publish(self, form: str, asset: str, price: int, stock: int, per_person: int) -> None:
        """Another reward."""
        reward = self.core.new("reward")
        action = PublishReward(
            reward=reward,
            merchant="shop",
            form=form,
            asset=asset,
            price=price,
            stock=stock,
            per_person=per_person,
            valid_from=0,
            valid_until=at("2040-01-01 00:00"),
        )
        if not isinstance(self.core.do(action), Refused):
            self.rewards.append(reward)

    @rule(who=WHO, which=ANY, quantity=st.sampled_from([-1, 0, 1, 2, 3]))
    def reserve(self, who: str, which: int, quantity: int) -> None:
        """With enough or too little."""
        redemption = self.core.new("redemption")
        action = Reserve(
            redemption=redemption,
            volunteer=who,
            reward=self._some(self.rewards, which),
            quantity=quantity,
            age_gate="met",
            age_tested=60,
        )
        if not isinstance(self.core.do(action), Refused):
            self.redemptions.append(redemption)

    @rule(which=ANY, quantity=st.sampled_from([-1, 0, 0, 1, 2]))
    def capture(self, which: int, quantity: int) -> None:
        """Whole, in part, again."""
        self.core.do(
            Capture(
                redemption=self._some(self.redemptions, which),
                merchant="shop",
                branch="branch",
                terminal="till",
                quantity=quantity,
            )
        )

    @rule(which=ANY, who=WHO)
    def release(self, which: int, who: str) -> None:
        """One's own or another's."""
        self.core.do(Release(redemption=self._some(self.redemptions, which), volunteer=who))

    @rule(which=ANY)
    def expire(self, which: int) -> None:
        """In time or too early."""
        self.core.do(ExpireRedemption(redemption=self._some(self.redemptions, which)))

    @rule(who=WHO)
    def lapse(self, who: str) -> None:
        """Whatever has passed its last day."""
        self.core.do(LapsePoints(volunteer=who))

    @rule(
        who=WHO,
        change=st.sampled_from(["suspended", "reinstated", "reinstated", "left", "reinstated"]),
    )
    def change(self, who: str, change: str) -> None:
        """Come and go."""
        self.core.do(ChangeParty(party=f"volunteer:{who}", change=change))

    @rule(
        passes=st.sampled_from([0, 1, 5_000, 31 * MINUTE_MS, DAY_MS, 35 * DAY_MS, 1_130 * DAY_MS])
    )
    def wait(self, passes: int) -> None:
        """A moment, or until points lapse."""
        self.core.time += passes

    @invariant()
    def nothing_from_nowhere(self) -> None:
        """Every asset sums to zero, at all times (B22)."""
        self.core.laws.finish()

    @invariant()
    def stock_and_takings_agree(self) -> None:
        """What is reserved or captured is what the reward no longer has."""
        standing = self.core.standing
        for reward in self.rewards:
            row = standing.rewards[reward]
            assert row is not None
            assert row.stock >= 0
            for who in VOLUNTEERS:
                taking = standing.takings.get((reward, who))
                assert taking is None or taking.quantity >= 0
                if taking and row.per_person:
                    assert taking.quantity <= row.per_person

    @invariant()
    def a_minute_is_paid_once(self) -> None:
        """Effective records of one volunteer never bring more than the time they span together."""
        for who in VOLUNTEERS:
            effective = [
                record
                for record in self.core.standing.records.values()
                if record and record.volunteer == who and record.state == "effective"
            ]
            assert sum(record.paid for record in effective) == self.core.laws.minutes(who)
            spanned, end = 0, 0
            for record in sorted(effective, key=lambda each: each.check_in):
                spanned += max(0, record.check_out - max(end, record.check_in))
                end = max(end, record.check_out)
            assert self.core.laws.minutes(who) <= spanned // MINUTE_MS

    def teardown(self) -> None:
        """A fold from zero says the same."""
        fresh = Standing()
        for entry in self.core.entries:
            fold(fresh, decode(entry.data))
        grown = self.core.standing
        assert balances(fresh) == balances(grown)
        for name in Standing.ROW_TABLES:
            one = {key: row for key, row in getattr(fresh, name).items() if row is not None}
            other = {key: row for key, row in getattr(grown, name).items() if row is not None}
            assert one == other, name


TestLedger = Ledger.TestCase
TestLedger.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
