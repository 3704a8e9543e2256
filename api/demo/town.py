"""Three years in a town, told through intake, book and door with a clock that is moved on.

Every rule holds here as anywhere: nothing is written past the book. The story begins forty months
before the present, so that the first points have lapsed by now, and ends a little before it, so
that a ledger opened now finds its clock in order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from api import timers
from api.demo import chapters, people, shop
from api.demo.people import CHINA, Cast, Person, Scale
from api.settings import Settings
from ledger import account
from ledger.actions import Action
from ledger.actions.catalogue import PublishReward
from ledger.actions.parties import (
    ChangeParty,
    RegisterAuditor,
    RegisterBranch,
    RegisterMerchant,
    RegisterOperator,
    RegisterOrganisation,
    RegisterRelation,
    RegisterStaff,
    RegisterTerminal,
)
from ledger.actions.rewards import Capture, Release, Reserve
from ledger.actions.service import (
    ConfirmService,
    CorrectService,
    RecordService,
    RefuseService,
    ReverseService,
)
from ledger.actions.time_bank import DepositTime, DonateTime, TransferTime
from ledger.book import CONSOLE, Book, Caller
from ledger.clock import SystemClock
from ledger.decide.points import spendable
from ledger.door import people as people_door
from ledger.door import tokens, vouchers
from ledger.door.asking import Asking
from ledger.entry import Entry, decode
from ledger.errors import Refused
from ledger.founding import found
from ledger.intake import import_service_records
from ledger.rows import Record
from ledger.sequencer import Receipt
from ledger.store import journal
from ledger.store.projections import StoredRows, standing_from

HOST: Final = "demo-xinghe"
MONTHS: Final = 40
QUARTERS: Final = 14
MINUTE_MS: Final = 60_000
DAY_MS: Final = 86_400_000
TOKENS_LAST_MS: Final = 30 * DAY_MS

Progress = Callable[[int, int], None]


class TownClock:
    """A clock that stands still until it is moved on."""

    def __init__(self, now_ms: int) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        """The story's present, in ms."""
        return self._now_ms

    def to(self, moment_ms: int) -> None:
        """Move on. Raises ValueError for the past: time never runs back in a journal."""
        if moment_ms < self._now_ms:
            raise ValueError("a story is told forwards")
        self._now_ms = moment_ms

    def wait(self, milliseconds: int) -> None:
        """Let some time pass."""
        self.to(self._now_ms + milliseconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A merchant with its branches and one till at each; a till's branch has the same place."""

    merchant: str
    branches: tuple[str, ...]
    terminals: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A published reward and where it can be had."""

    reward: str
    shop: Shop
    asset: str
    price: int


@dataclass(slots=True, kw_only=True)
class Town:
    """Who is who, by id, and what was prepared for a visitor."""

    origin: str
    vkey: str
    entries: int = 0
    cast: Cast
    organisations: list[str] = field(default_factory=list)
    volunteers: dict[str, str] = field(default_factory=dict)
    """Id by volunteer number, of everybody who is registered."""
    operator: str = ""
    auditor: str = ""
    reviewers: list[str] = field(default_factory=list)
    shops: list[Shop] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    """A bearer token by role; `shop` is a merchant's own, `clerk` one of its clerk's."""
    codes: list[str] = field(default_factory=list)
    """Voucher codes that wait at the merchant's till."""
    waiting_record: str = ""
    """A held record that the reviewer whose token is printed may decide."""
    course: str = ""
    """Id of the course that risky activities ask for."""
    noticed: list[tuple[str, str]] = field(default_factory=list)
    """Stars applied for whose public notice runs, with the body that grants."""
    certificate: str = ""
    """The number of the visitor's certificate."""
    year: int = 0
    """The year for which figures were stated."""


def build_town(
    settings: Settings,
    *,
    scale: Scale | None = None,
    now_ms: int | None = None,
    progress: Progress = lambda _done, _total: None,
) -> Town:
    """Found a ledger at `settings` and tell the town's story up to `now_ms`, or the present.

    The same scale and moment give the same numbers; ids, keys and salts are random every time.
    """
    scale = scale or Scale()
    now = SystemClock().now_ms() if now_ms is None else now_ms
    today = datetime.fromtimestamp(now / 1000, CHINA).date()
    clock = TownClock(people.local_ms(people.local_midnight(months_before(today, MONTHS))))
    book = found(
        settings.home,
        database_url=settings.database_url,
        vault_url=settings.vault_url,
        host=HOST,
        clock=clock,
    )
    try:
        story = Story(book, clock, scale, people.invent(scale, today), now)
        return story.tell(today, settings.home, progress)
    finally:
        book.close()


def months_before(day: date, months: int) -> date:
    """The first day of the month so many months before a day's."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, 1)


class Story:
    """The telling: each method is a chapter."""

    def __init__(self, book: Book, clock: TownClock, scale: Scale, cast: Cast, now_ms: int) -> None:
        self.book, self.clock, self.scale, self.now_ms = book, clock, scale, now_ms
        self.town = Town(origin=book.origin, vkey=book.keys.log.vkey, cast=cast)
        self._steps = 0
        self._reserved = 0

    def tell(self, today: date, home: Path, progress: Progress) -> Town:
        """All of it, in order."""
        self.everybody_registers()
        self.merchants_offer_rewards()
        exports = home / "exports"
        exports.mkdir(mode=0o700)
        for quarter in range(QUARTERS):
            progress(quarter, QUARTERS + 1)
            begins = months_before(today, MONTHS - 3 * quarter)
            # The last file is not waited for: it was written the day before yesterday.
            ends = min(months_before(today, MONTHS - 3 * quarter - 3), today - timedelta(days=2))
            if begins >= ends:
                continue
            seen = self.quarter_ends(exports, quarter, begins, ends)
            self.reviewers_decide(seen)
            self.volunteers_save_time(seen, quarter)
            self.volunteers_redeem(quarter)
            if quarter == 1:
                self.relatives_are_registered()
            if quarter > 1:
                self.time_is_given(quarter)
            self.the_field_has_its_rules(seen, quarter)
            timers.expire(self.book, self.clock.now_ms())
            self.book.signer.sign()
        self.mistakes_are_mended(seen)
        self.some_leave()
        self.visitors_are_expected()
        progress(QUARTERS + 1, QUARTERS + 1)
        with self.book.database.reading() as connection:
            self.town.entries = journal.count(connection)
        return self.town

    # Writing -----------------------------------------------------------------------------------

    def do(self, *actions: Action) -> list[Receipt]:
        """Record actions that the rules allow; a refusal here is a fault of the story."""
        receipts = []
        for result in self.book.record_all(
            [(action, self._key(), None) for action in actions], caller=CONSOLE
        ):
            if isinstance(result, Refused):
                raise result
            receipts.append(result)
        return receipts

    def _key(self) -> str:
        self._steps += 1
        return f"demonstration-{self._steps:08d}"

    def _subjects(self, kind: str, keyed: Sequence[tuple[str, str]]) -> list[str]:
        """Ids of new subjects by (key, name), sealed in the vault before their entries."""
        with self.book.vault.claims(persist=True, at=self.clock.now_ms()) as claims:
            claimed = claims.others(kind, [(key, {"name": name}) for key, name in keyed])
        return [each.id for each in claimed]

    # Chapters ----------------------------------------------------------------------------------

    def everybody_registers(self) -> None:
        """The four tiers, their teams and staff, the operator and the auditor."""
        cast, town = self.town.cast, self.town
        town.organisations = self._subjects(
            "organisation", [(each.code, each.name) for each in cast.organisations]
        )
        self.do(
            *(
                RegisterOrganisation(
                    organisation=one,
                    parent=town.organisations[each.parent] if each.parent >= 0 else "",
                    tier=each.tier,
                    form=each.form,
                )
                for one, each in zip(town.organisations, cast.organisations, strict=True)
            )
        )
        clerks = [*cast.recorders, *cast.approvers, *cast.reviewers]
        staff = self._subjects("staff", [(each.number, each.name) for each in clerks])
        town.reviewers = staff[-len(cast.reviewers) :]
        (town.operator,) = self._subjects("operator", [("YS-O1", "星河市运营岗")])
        (town.auditor,) = self._subjects("auditor", [("YS-Z1", "星河市审计岗")])
        self.do(
            *(
                RegisterStaff(staff=one, organisation=town.organisations[each.organisation])
                for one, each in zip(staff, clerks, strict=True)
            ),
            RegisterOperator(operator=town.operator),
            RegisterAuditor(auditor=town.auditor),
        )

    def merchants_offer_rewards(self) -> None:
        """Shops with branches and tills; goods for points, service orders for saved time."""
        wanted = (
            ("YS-M1", "望舒茶舍", 3),
            ("YS-M2", "拾光书店", 2),
            ("YS-M3", "斗杓便利店", 2),
            ("YS-M4", "云汉居家照护站", 1),
        )
        merchants = self._subjects("merchant", [(key, name) for key, name, _ in wanted])
        for merchant, (key, name, count) in zip(merchants, wanted, strict=True):
            self.do(RegisterMerchant(merchant=merchant))
            branches = self._subjects(
                "branch", [(f"{key}-{n}", f"{name}{n}号店") for n in range(1, count + 1)]
            )
            tills = self._subjects(
                "terminal", [(f"{key}-{n}-T", f"{n}号店收银台") for n in range(1, count + 1)]
            )
            self.do(*(RegisterBranch(merchant=merchant, branch=each) for each in branches))
            self.do(
                *(
                    RegisterTerminal(merchant=merchant, branch=branch, terminal=till)
                    for branch, till in zip(branches, tills, strict=True)
                )
            )
            self.town.shops.append(
                Shop(merchant=merchant, branches=tuple(branches), terminals=tuple(tills))
            )
        tea, books, corner, care = self.town.shops
        self._publish(tea, "一杯热茶", price=500)
        self._publish(books, "借阅延期券", price=300)
        self._publish(corner, "明信片一张", price=100)
        self._publish(books, "新书一册", price=2_500, stock=300, per_person=4)
        self._publish(care, "助浴一次", price=90, asset=account.TIME)

    def _publish(
        self,
        shop: Shop,
        title: str,
        *,
        price: int,
        asset: str = account.POINT,
        stock: int = 100_000,
        per_person: int = 0,
    ) -> None:
        now = self.clock.now_ms()
        reward = self.book.new_id()
        self.do(
            PublishReward(
                reward=reward,
                merchant=shop.merchant,
                form="gift" if asset == account.POINT else "service_order",
                asset=asset,
                price=price,
                stock=stock,
                per_person=per_person,
                valid_from=now,
                valid_until=now + 3_650 * DAY_MS,
                hold_minutes=2 * 24 * 60,
                text=self.book.vault.seal_text({"title": title}, at=now),
            )
        )
        self.town.offers.append(Offer(reward=reward, shop=shop, asset=asset, price=price))

    def quarter_ends(self, exports: Path, quarter: int, begins: date, ends: date) -> list[Entry]:
        """The organisations send their file; the records it brought, in order."""
        file = exports / f"service_records_{quarter:02d}.csv"
        file.write_bytes(people.quarter_file(self.town.cast, self.scale, quarter, begins, ends))
        self.clock.to(people.local_ms(people.local_midnight(ends)) + 10 * 3_600_000)
        with self.book.database.reading() as connection:
            first = journal.count(connection)
        report = import_service_records(self.book, file)
        self.town.reports.append(report.as_dict())
        with self.book.database.reading() as connection:
            added = [decode(data) for _, data in journal.every_entry(connection, first=first)]
        self._learn_volunteers()
        return [each for each in added if each.kind == "service_recorded"]

    def _learn_volunteers(self) -> None:
        unknown = [
            each for each in self.town.cast.people if each.number not in self.town.volunteers
        ]
        found_ids = {
            each.number: self.book.vault.find("volunteer", "number", each.number)
            for each in unknown
        }
        addresses = [account.volunteer(one) for ids in found_ids.values() for one in ids]
        if not addresses:
            return
        with self.book.database.reading() as connection:
            known = StoredRows(connection).fetch("parties", addresses)
        for number, ids in found_ids.items():
            for one in ids:
                if account.volunteer(one) in known:
                    self.town.volunteers[number] = one

    def reviewers_decide(self, seen: Sequence[Entry]) -> None:
        """Most held records are confirmed, some refused, some wait."""
        self.clock.wait(DAY_MS // 8)
        held = [each for each in seen if each.facts["outcome"] == "held"]
        decisions: list[Action] = []
        waiting = 2 if len(held) > 3 else 1
        if held:
            self.town.waiting_record = held[-1].facts["record"]
        for n, each in enumerate(held[:-waiting]):
            record, reviewer = each.facts["record"], self.town.reviewers[n % 2]
            if n % 5 == 4:
                reason = self.book.vault.seal_text(
                    {"reason": "签到与活动现场记录不符"}, at=self.clock.now_ms()
                )
                decisions.append(RefuseService(record=record, reviewer=reviewer, reason=reason))
            else:
                decisions.append(ConfirmService(record=record, reviewer=reviewer))
        self.do(*decisions)

    def volunteers_save_time(self, seen: Sequence[Entry], quarter: int) -> None:
        """Every third effective record is saved by its volunteer, some of them in part."""
        effective = [each.facts for each in seen if each.facts["outcome"] == "effective"]
        minimum = self.book.policy().tb_depositor_min_age
        on = datetime.fromtimestamp(self.clock.now_ms() / 1000, CHINA).date()
        ages = self.book.vault.attest_ages(
            list({facts["volunteer"] for facts in effective}), minimum, on
        )
        self.do(
            *(
                DepositTime(
                    record=facts["record"],
                    volunteer=facts["volunteer"],
                    minutes=facts["minutes"] if n % 2 else max(1, facts["minutes"] // 2),
                    age_gate="met",
                    age_tested=minimum,
                )
                for n, facts in enumerate(effective[quarter % 3 :: 3])
                if ages[facts["volunteer"]] == "met"
            )
        )

    def relatives_are_registered(self) -> None:
        """The first eight are parents of the next eight, who may give them saved time."""
        for parent, child in zip(
            self.town.cast.people[:8], self.town.cast.people[8:16], strict=True
        ):
            if parent.number in self.town.volunteers and child.number in self.town.volunteers:
                relation = self.book.new_id()
                self.book.vault.add_relation(
                    self._id(child),
                    self._id(parent),
                    "lineal",
                    relation_id=relation,
                    at=self.clock.now_ms(),
                )
                self.do(RegisterRelation(volunteer=self._id(child), relation=relation))

    def _id(self, person: Person) -> str:
        return self.town.volunteers[person.number]

    def time_is_given(self, quarter: int) -> None:
        """Children give saved time to their parents, others to the pool and to organisations;
        parents have a carer come."""
        for n, (parent, child) in enumerate(
            zip(self.town.cast.people[:8], self.town.cast.people[8:16], strict=True)
        ):
            if not {parent.number, child.number} <= self.town.volunteers.keys():
                continue
            giver, taker = self._id(child), self._id(parent)
            saved = self.book.standing(giver).time_minutes
            if saved >= 60:
                relation = self.book.vault.attest_relation(giver, taker)
                self.do(
                    TransferTime(volunteer=giver, recipient=taker, minutes=60, relation=relation)
                )
            if saved >= 90:
                pool = "platform" if n % 2 else self.town.organisations[1 + n // 2]
                self.do(DonateTime(volunteer=giver, pool=pool, minutes=15))
            offer = self.town.offers[4]
            if self.book.standing(taker).time_minutes >= offer.price and n % 2 == quarter % 2:
                reserved = self._reserve(taker, offer, 1)
                self.clock.wait(30 * MINUTE_MS)
                self._capture(reserved, offer)

    def volunteers_redeem(self, quarter: int) -> None:
        """A good many reserve something; most is taken, some given back, some forgotten."""
        self.clock.wait(3 * 3_600_000)
        reserved: list[tuple[str, str, Offer]] = []
        asked: list[Action] = []
        there = self._spendable_hundredths()
        for n, person in enumerate(self.town.cast.people[8:]):
            if (n + quarter) % 5 or person.number not in self.town.volunteers:
                continue
            offer = self.town.offers[(n // 5 + quarter) % 4]
            volunteer = self._id(person)
            quantity = 3 if n % 3 == 0 else 1
            if there[volunteer] < offer.price * quantity:
                continue
            if offer is self.town.offers[3] and (quantity > 1 or quarter > 11):
                continue
            redemption = self.book.new_id()
            asked.append(
                Reserve(
                    redemption=redemption,
                    volunteer=volunteer,
                    reward=offer.reward,
                    quantity=quantity,
                )
            )
            reserved.append((redemption, volunteer, offer))
        self.do(*asked)
        self.clock.wait(40 * MINUTE_MS)
        ended: list[Action] = []
        for n, (redemption, volunteer, offer) in enumerate(reserved, self._reserved):
            if n % 9 == 7:
                ended.append(Release(redemption=redemption, volunteer=volunteer))
            elif n % 9 != 8:
                ended.append(self._taken(redemption, offer, quantity=1 if n % 4 == 0 else 0))
        self._reserved += len(reserved)
        self.do(*ended)
        if quarter % 4 == 3:
            self._two_in_a_hurry()
        # What nobody fetched runs out meanwhile.
        self.clock.wait(3 * DAY_MS // 2 + 12 * 3_600_000 if quarter < QUARTERS - 1 else MINUTE_MS)

    def _spendable_hundredths(self) -> dict[str, int]:
        """What every volunteer can spend now, in hundredths of a point."""
        volunteers = list(self.town.volunteers.values())
        now = self.clock.now_ms()
        with self.book.database.reading() as connection:
            standing = standing_from(connection)
            standing.prefetch({"purses": map(account.volunteer, volunteers)})
            today = standing.policy_at(now).local_date(now).isoformat()
            return {
                one: spendable(standing.purse(account.volunteer(one)), today) for one in volunteers
            }

    def _two_in_a_hurry(self) -> None:
        """One holder, two vouchers within eight seconds: the second is taken and flagged."""
        offer = self.town.offers[2]
        for person in self.town.cast.people[9:]:
            if person.number in self.town.volunteers:
                volunteer = self._id(person)
                if self.book.standing(volunteer).points_hundredths >= 2 * offer.price:
                    both = [self._reserve(volunteer, offer, 1) for _ in range(2)]
                    self.clock.wait(MINUTE_MS)
                    self._capture(both[0], offer)
                    self.clock.wait(8_000)
                    self._capture(both[1], offer)
                    return

    def _reserve(self, volunteer: str, offer: Offer, quantity: int) -> str:
        redemption = self.book.new_id()
        minimum = self.book.policy().tb_redeem_min_age
        timed = offer.asset == account.TIME
        on = datetime.fromtimestamp(self.clock.now_ms() / 1000, CHINA).date()
        gate = self.book.vault.attest_age(volunteer, minimum, on) if timed else ""
        self.do(
            Reserve(
                redemption=redemption,
                volunteer=volunteer,
                reward=offer.reward,
                quantity=quantity,
                age_gate=gate,
                age_tested=minimum if timed else 0,
            )
        )
        return redemption

    def _taken(self, redemption: str, offer: Offer, *, quantity: int = 0) -> Capture:
        at = self._steps % len(offer.shop.branches)
        return Capture(
            redemption=redemption,
            merchant=offer.shop.merchant,
            branch=offer.shop.branches[at],
            terminal=offer.shop.terminals[at],
            quantity=quantity,
        )

    def _capture(self, redemption: str, offer: Offer, *, quantity: int = 0) -> None:
        self.do(self._taken(redemption, offer, quantity=quantity))

    def the_field_has_its_rules(self, seen: Sequence[Entry], quarter: int) -> None:
        """Training early, stars in the third year, and what follows from holding one."""
        if quarter == 2:
            chapters.volunteers_train(self)
        if quarter == 4:
            chapters.a_risky_activity(self)
            chapters.organisations_evaluate(self, seen)
        if quarter in (8, 10, 12):
            chapters.stars_are_applied_for(self)
        if quarter in (9, 11, 13):
            chapters.stars_are_granted(self)
        if quarter == 10:
            chapters.claims_are_settled(self)
            shop.a_settled_cup_is_refunded(self)
            chapters.a_star_is_looked_at_again(self)
        if quarter == 11:
            shop.a_sponsor_pays_for_bus_cards(self)
        if quarter == 12:
            chapters.honours_are_recorded(self)
            chapters.neighbours_serve_each_other(self)
        if quarter == 13:
            chapters.credit_is_listed(self)
            chapters.somebody_objects(self, seen)

    def mistakes_are_mended(self, seen: Sequence[Entry]) -> None:
        """A correction; and a reversal after the points were spent, so that some are owed."""
        effective = [each.facts for each in seen if each.facts["outcome"] == "effective"]
        first = next(each for each in effective if each["minutes"] > 90)
        reason = self.book.vault.seal_text({"reason": "签退时间抄错"}, at=self.clock.now_ms())
        with self.book.database.reading() as connection:
            record: Record = StoredRows(connection).fetch("records", [first["record"]])[
                first["record"]
            ]
        self.do(
            CorrectService(
                record=record.record,
                corrected=RecordService(
                    record=self.book.new_id(),
                    volunteer=record.volunteer,
                    organisation=record.organisation,
                    activity=record.activity,
                    evidence=record.evidence,
                    starts=record.starts,
                    ends=record.ends,
                    check_in=record.check_in,
                    check_out=record.check_out - 30 * MINUTE_MS,
                    deducted_minutes=0,
                    recorder=record.recorder,
                    approver=record.approver,
                ),
                reason=reason,
            )
        )
        spender = next(
            facts
            for facts in effective
            if facts["evidence"] == "check_in"
            and facts["volunteer"] not in (first["volunteer"], self._visitor())
            and self.book.standing(facts["volunteer"]).points_hundredths >= 100
        )
        offer = self.town.offers[2]
        held = self.book.standing(spender["volunteer"]).points_hundredths
        redemption = self._reserve(spender["volunteer"], offer, held // offer.price)
        self.clock.wait(5 * MINUTE_MS)
        self._capture(redemption, offer)
        self.do(ReverseService(record=spender["record"], reason=reason))

    def some_leave(self) -> None:
        """One is suspended, one leaves, one asks to be forgotten, and so is."""
        *_, third, second, last = (
            self._id(each) for each in self.town.cast.people if each.number in self.town.volunteers
        )
        self.do(
            ChangeParty(party=account.volunteer(third), change="suspended"),
            ChangeParty(party=account.volunteer(second), change="left"),
            ChangeParty(party=f"merchant:{self.town.shops[1].merchant}", change="suspended"),
            ChangeParty(party=f"merchant:{self.town.shops[1].merchant}", change="reinstated"),
        )
        people_door.forget(self.asking(CONSOLE), address=account.volunteer(last))

    def visitors_are_expected(self) -> None:
        """A token for each kind of user, two vouchers at a till, and a last signature."""
        self.clock.to(self.now_ms - 30 * MINUTE_MS)
        timers.commit_access_log(self.book)
        timers.expire(self.book, self.clock.now_ms())
        town, visitor = self.town, self._visitor()
        tea = town.offers[0]
        parties = {
            "operator": (f"operator:{town.operator}", ""),
            "organisation": (f"organisation:{town.organisations[1]}", ""),
            "reviewer": (f"staff:{town.reviewers[2]}", ""),
            "merchant": (f"merchant:{tea.shop.merchant}", tea.shop.terminals[0]),
            "volunteer": (account.volunteer(visitor), ""),
            "auditor": (f"auditor:{town.auditor}", ""),
        }
        for role, (party, terminal) in parties.items():
            _, town.tokens[role] = tokens.issue(
                self.asking(CONSOLE),
                party=party,
                role=role,
                terminal=terminal,
                expires=self.now_ms + TOKENS_LAST_MS,
            )
        town.tokens["clerk"] = shop.a_clerk_stands_at_the_till(self)
        _, town.tokens["shop"] = tokens.issue(
            self.asking(CONSOLE),
            party=f"merchant:{tea.shop.merchant}",
            role="merchant",
            expires=self.now_ms + TOKENS_LAST_MS,
        )
        chapters.a_certificate_is_issued(self, visitor)
        people_door.register_clerk(self.asking(CONSOLE), branch=tea.shop.branches[0], name="柳甲辰")
        holder = tokens.caller_of(self.book, town.tokens["volunteer"])
        for offer in (tea, tea, town.offers[2]):
            receipt = vouchers.reserve(self.asking(holder), reward=offer.reward)
            if offer is tea:
                redemption = receipt.entry.facts["redemption"]
                town.codes.append(vouchers.code_of(self.book, redemption))
        self.clock.to(self.now_ms - MINUTE_MS)
        self.book.signer.sign()
        self.book.signer.release()

    def asking(self, caller: Caller) -> Asking:
        """A request of somebody's, with a key of its own."""
        key = self._key()
        return Asking(book=self.book, caller=caller, key=key, request=key.encode())

    def _visitor(self) -> str:
        """The volunteer whose token is printed: somebody who serves nearly every day."""
        return self._id(self.town.cast.people[9])
