"""The words that tests are written in: a town with volunteers, organisations and shops.

Times read like `"2025-03-07 09:00"` and are local ones of Asia/Shanghai. Minutes are minutes,
points are hundredths. Everything goes through `book.record`, the one door.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ledger import account
from ledger.actions import Action
from ledger.actions.catalogue import DraftReward, PublishReward
from ledger.actions.consents import RecordConsent
from ledger.actions.credit import ListForCredit, RecordDishonesty, RepairDishonesty
from ledger.actions.offline import CloseOffline, OpenOffline, SignVoucher, TakeOffline
from ledger.actions.orders import AcceptOrder, OfferService, ReportOrderDone, RequestOrder
from ledger.actions.parties import (
    ChangeParty,
    RegisterBranch,
    RegisterMerchant,
    RegisterOrganisation,
    RegisterStaff,
    RegisterTerminal,
    RegisterVolunteer,
)
from ledger.actions.points import AwardReferral, LapsePoints
from ledger.actions.rewards import Capture, ExpireRedemption, Release, Reserve, VoidRedemption
from ledger.actions.service import (
    ConfirmService,
    CorrectService,
    EvaluateService,
    ProveFraud,
    RecordQualification,
    RecordService,
    RefuseService,
    RegisterActivity,
    ReverseService,
)
from ledger.actions.stars import ApplyForStar, AssessStars, DecideDowngrade, GrantStar, NoticeStar
from ledger.actions.time_bank import DepositTime, DonateTime, GrantTime, TransferTime
from ledger.book import CONSOLE, Book, Caller, VolunteerStanding
from ledger.entry import Entry
from ledger.errors import Refused
from ledger.founding import adopt_policy, open_book
from ledger.keys import Ed25519Signer
from ledger.policies import shipped
from ledger.rows import Order, Redemption
from ledger.sequencer import Receipt
from ledger.store import journal
from ledger.store.projections import standing_from

SHANGHAI = timezone(timedelta(hours=8))
MINUTE_MS = 60_000
DAY_MS = 86_400_000
FOUNDED = "2020-01-01 00:00"
TODAY = "2025-03-10 09:00"


def at(text: str) -> int:
    """Milliseconds of a local time, with seconds and milliseconds if they are given."""
    return round(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp() * 1000)


def until(start: str, end: str) -> int:
    """`"11:30"` on the day of `start`, or a whole time."""
    return at(end if "-" in end else f"{start[:10]} {end}")


class FakeClock:
    """A clock that stands still until it is told otherwise."""

    def __init__(self, now: str) -> None:
        self.ms = at(now)

    def now_ms(self) -> int:
        return self.ms

    def set(self, now: str) -> None:
        self.ms = at(now)

    def forward(self, *, days: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        self.ms += round(days * DAY_MS + minutes * MINUTE_MS + seconds * 1000)


@dataclass
class Ledger:
    """A founded ledger that can be opened, more than once if a test wants to."""

    home: Path
    database_url: str
    clock: FakeClock
    tampered: bool = False
    """Set by a test that breaks the database on purpose: then it is not held to the laws."""

    def __post_init__(self) -> None:
        self._opened: list[Book] = []

    @property
    def vault_url(self) -> str:
        return f"sqlite:///{self.home}/vault.db"

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    def open(self, *, reached: Any = None, clock: Any = None) -> Book:
        book = open_book(
            self.home,
            database_url=self.database_url,
            vault_url=self.vault_url,
            clock=clock or self.clock,
            durable=False,
            # The clock is not today's, and looking at the head has tests of its own.
            check=False,
            reached=reached,
        )
        self._opened.append(book)
        return book

    def close(self) -> None:
        while self._opened:
            self._opened.pop().close()


@dataclass(frozen=True)
class Till:
    """A registered terminal."""

    merchant: str
    branch: str
    terminal: str


@dataclass(frozen=True)
class Served:
    """What became of a session."""

    id: str
    outcome: str
    reasons: str
    minutes: int
    entry: Entry


class Town:
    """People and shops around one book."""

    def __init__(self, book: Book, clock: FakeClock) -> None:
        self.book = book
        self.clock = clock
        self._keys = itertools.count(1)
        self.home = self.organisation()
        self.recorder, self.approver = self.staff(), self.staff()
        # Home stands alone: it is the host and the top of the tree.
        self.reviewer = self.staff(organisation=self.home)
        self.activity = self.new_activity()

    # Doing -----------------------------------------------------------------------------------

    def do(self, action: Action, *, key: str = "", caller: Caller = CONSOLE) -> Receipt:
        return self.book.record(action, caller=caller, key=key or self.key())

    def key(self) -> str:
        return f"key-{id(self) % 10**9:09d}-{next(self._keys):09d}"

    @contextmanager
    def refuses(self, code: str) -> Iterator[None]:
        """What happens inside is refused with this code, and nothing was written."""
        before = self.size()
        with pytest.raises(Refused) as caught:
            yield
        assert caught.value.code == code, str(caught.value)
        assert self.size() == before

    def new(self) -> str:
        return self.book.new_id()

    def volunteer(self, **given: Any) -> str:
        who = self.new()
        self.do(RegisterVolunteer(volunteer=who, **given))
        return who

    def organisation(self, **given: Any) -> str:
        which = self.new()
        self.do(RegisterOrganisation(organisation=which, **given))
        return which

    def staff(self, **given: Any) -> str:
        who = self.new()
        self.do(RegisterStaff(staff=who, **given))
        return who

    def new_activity(self, **given: Any) -> str:
        which = self.new()
        given = {"organisation": self.home, "category": "health", **given}
        self.do(RegisterActivity(activity=which, **given))
        return which

    def till(self, merchant: str = "") -> Till:
        """A till at a new branch, of a new merchant unless one is given."""
        if not merchant:
            merchant = self.new()
            self.do(RegisterMerchant(merchant=merchant))
        branch, terminal = self.new(), self.new()
        self.do(RegisterBranch(merchant=merchant, branch=branch))
        self.do(RegisterTerminal(merchant=merchant, branch=branch, terminal=terminal))
        return Till(merchant, branch, terminal)

    def session(
        self,
        who: str,
        check_in: str,
        check_out: str,
        *,
        schedule: tuple[str, str] | None = None,
        deducted: int = 0,
        recorded: str = "",
        **given: Any,
    ) -> RecordService:
        """The action; recorded when it ends unless a time is given ("now": by the clock)."""
        starts, ends = schedule or (check_in, check_out)
        out = until(check_in, check_out)
        noted = {"": out, "now": 0}.get(recorded)
        fields: dict[str, Any] = {
            "record": self.new(),
            "volunteer": who,
            "organisation": self.home,
            "activity": self.activity,
            "evidence": "check_in",
            "starts": at(starts),
            "ends": until(starts, ends),
            "check_in": at(check_in),
            "check_out": out,
            "deducted_minutes": deducted,
            "recorder": self.recorder,
            "approver": self.approver,
            "recorded": at(recorded) if noted is None else noted,
            **given,
        }
        return RecordService(**fields)

    def noted(self, who: str, check_in: str, check_out: str, **given: Any) -> Served:
        """Served and recorded now: unlike history from elsewhere, it is held to every rule. The
        clock moves on to check-out, should it stand before."""
        self.clock.ms = max(self.clock.ms, until(check_in, check_out))
        return self.served(who, check_in, check_out, recorded="now", **given)

    def served(self, who: str, check_in: str, check_out: str, **given: Any) -> Served:
        return _served(self.do(self.session(who, check_in, check_out, **given)))

    def minutes_served(self, who: str, minutes: int, *, since: str = "2021-01-04") -> list[Served]:
        """So many minutes from nine o'clock on days in a row, at most eight hours a day."""
        start = at(f"{since} 09:00")
        asks: list[tuple[Action, str, bytes | None]] = []
        model = self.session(who, f"{since} 09:00", "10:00")
        while minutes:
            today = min(minutes, 480)
            end = start + today * MINUTE_MS
            session = replace(
                model,
                record=self.new(),
                starts=start,
                ends=end,
                check_in=start,
                check_out=end,
                recorded=end,
            )
            asks.append((session, self.key(), None))
            start, minutes = start + DAY_MS, minutes - today
        results = self.book.record_all(asks, caller=CONSOLE)
        return [_served(result) for result in results]

    def evaluate(self, record: str, score: int = 5, **given: Any) -> Receipt:
        return self.do(EvaluateService(record=record, score=score, **given))

    def prove_fraud(self, who: str) -> Entry:
        return self.do(ProveFraud(volunteer=who)).entry

    def qualified(self, who: str, what: str, since: str, until_: str = "", **given: Any) -> Entry:
        """A course (its id) completed, or the insurance begun, at a time."""
        fields: dict[str, Any] = {"organisation": self.home, **given}
        return self.do(
            RecordQualification(
                volunteer=who,
                what=what,
                valid_from=at(since),
                valid_until=at(until_) if until_ else 0,
                **fields,
            )
        ).entry

    def confirm(self, record: str, **given: Any) -> int:
        """Minutes that the confirmation pays."""
        given = {"reviewer": self.reviewer, **given}
        entry = self.do(ConfirmService(record=record, **given)).entry
        return int(entry.facts["minutes"])

    def refuse(self, record: str, **given: Any) -> None:
        given = {"reviewer": self.reviewer, **given}
        self.do(RefuseService(record=record, **given))

    def reverse(self, record: str) -> Entry:
        return self.do(ReverseService(record=record)).entry

    def correct(self, record: str, corrected: RecordService, *, key: str = "") -> Served:
        receipt = self.do(CorrectService(record=record, corrected=corrected), key=key)
        assert [entry.kind for entry in receipt.entries] == ["service_reversed", "service_recorded"]
        return _served(receipt)

    def becomes(self, party: str, change: str) -> None:
        self.do(ChangeParty(party=party, change=change))

    def suspend(self, who: str) -> None:
        self.becomes(f"volunteer:{who}", "suspended")

    def reward(self, till: Till, **given: Any) -> str:
        """A coffee for one point, plenty of them, unless something else is said; `draft` writes it
        down alone."""
        draft = given.pop("draft", False)
        which = str(given.get("reward") or self.new())
        fields: dict[str, Any] = {
            "reward": which,
            "merchant": till.merchant,
            "form": "gift",
            "asset": "POINT",
            "price": 100,
            "stock": 1_000,
            "valid_from": at("2020-01-01 00:00"),
            "valid_until": at("2040-01-01 00:00"),
            **given,
        }
        self.do((DraftReward if draft else PublishReward)(**fields))
        return which

    def service_order(self, till: Till, **given: Any) -> str:
        """An hour of help, for sixty minutes of saved time."""
        return self.reward(till, **{"form": "service_order", "asset": "TIME", "price": 60, **given})

    def reserve(self, who: str, reward: str, quantity: int = 1, **given: Any) -> str:
        which = self.new()
        fields: dict[str, Any] = {"age_gate": "met", "age_tested": 60, **given}
        self.do(
            Reserve(redemption=which, volunteer=who, reward=reward, quantity=quantity, **fields)
        )
        return which

    def capture(
        self,
        redemption: str,
        till: Till,
        quantity: int = 0,
        *,
        key: str = "",
        caller: Caller = CONSOLE,
        **shown: Any,
    ) -> Entry:
        return self.do(
            self.capturing(redemption, till, quantity, **shown), key=key, caller=caller
        ).entry

    def capturing(self, redemption: str, till: Till, quantity: int = 0, **shown: Any) -> Capture:
        return Capture(
            redemption=redemption,
            merchant=till.merchant,
            branch=till.branch,
            terminal=till.terminal,
            quantity=quantity,
            **shown,
        )

    def sign_voucher(self, redemption: str, branch: str) -> Entry:
        who = self.redemption(redemption).volunteer
        return self.do(SignVoucher(redemption=redemption, volunteer=who, branch=branch)).entry

    def open_offline(self, till: Till, key: Ed25519Signer) -> str:
        """A session in which the till takes vouchers without a network."""
        session = self.new()
        self.do(
            OpenOffline(
                session=session,
                merchant=till.merchant,
                branch=till.branch,
                terminal=till.terminal,
                till_key=key.public_key.hex(),
            )
        )
        return session

    def take_offline(
        self, session: str, till: Till, counter: int, redemption: str, **given: Any
    ) -> Entry:
        """What a till took comes in: a minute ago and with the right value, unless something else
        is said."""
        accepted = self.clock.ms - MINUTE_MS
        found = self.redemption(redemption) if redemption else None
        fields: dict[str, Any] = {
            "asset": found.asset if found is not None else "",
            "amount": found.amount if found is not None else 0,
            "accepted": accepted,
            "step": accepted // 30_000,
            "proof": f"{counter:064x}",
            **given,
        }
        action = TakeOffline(
            session=session,
            merchant=till.merchant,
            counter=counter,
            redemption=redemption,
            **fields,
        )
        return self.do(action).entry

    def close_offline(self, session: str, till: Till, last: int) -> Entry:
        return self.do(CloseOffline(session=session, merchant=till.merchant, last=last)).entry

    def release(self, redemption: str, who: str) -> Entry:
        return self.do(Release(redemption=redemption, volunteer=who)).entry

    def expire(self, redemption: str) -> Entry:
        return self.do(ExpireRedemption(redemption=redemption)).entry

    def lapse(self, who: str) -> Receipt:
        return self.do(LapsePoints(volunteer=who))

    def deposit(self, who: str, record: str, minutes: int, **given: Any) -> Entry:
        fields: dict[str, Any] = {"age_gate": "met", "age_tested": 18, **given}
        return self.do(DepositTime(record=record, volunteer=who, minutes=minutes, **fields)).entry

    def saved(self, who: str, minutes: int, *, since: str = "2021-01-04") -> None:
        """So many minutes served and saved."""
        for each in self.minutes_served(who, minutes, since=since):
            self.deposit(who, each.id, each.minutes)

    def give(self, who: str, to: str, minutes: int, *, relation: str = "lineal") -> Entry:
        return self.do(
            TransferTime(volunteer=who, recipient=to, minutes=minutes, relation=relation)
        ).entry

    def donate(self, who: str, minutes: int, *, pool: str = "platform") -> Entry:
        return self.do(DonateTime(volunteer=who, pool=pool, minutes=minutes)).entry

    def grant(self, who: str, ground: str = "starting", minutes: int = 0, **given: Any) -> Entry:
        fields: dict[str, Any] = {"pool": "platform", **given}
        return self.do(GrantTime(volunteer=who, ground=ground, minutes=minutes, **fields)).entry

    def order(self, who: str, minutes: int = 60, **given: Any) -> str:
        """An hour of care tomorrow from nine to twelve, unless something else is said."""
        which = self.new()
        fields: dict[str, Any] = {
            "organisation": self.home,
            "category": "health",
            "starts": self.clock.ms + DAY_MS,
            "ends": self.clock.ms + DAY_MS + 180 * MINUTE_MS,
            "age_gate": "met",
            "age_tested": 60,
            **given,
        }
        self.do(RequestOrder(order=which, volunteer=who, minutes=minutes, **fields))
        return which

    def accepted_order(self, who: str, by: str, minutes: int = 60, **given: Any) -> str:
        """An order that somebody offered to serve, and may."""
        which = self.order(who, minutes, **given)
        self.do(OfferService(order=which, provider=by))
        self.do(AcceptOrder(order=which, volunteer=who))
        return which

    def done_order(
        self, who: str, by: str, minutes: int = 60, *, served: int = 60, **given: Any
    ) -> str:
        """An order that was served the next day from nine o'clock on, for so many minutes."""
        which = self.accepted_order(who, by, minutes, **given)
        self.do(ReportOrderDone(order=which, record=self.served_order(which, by, served)))
        return which

    def served_order(self, which: str, by: str, minutes: int = 60) -> str:
        """The record of a service that began when the order says; the clock moves to its end."""
        starts = self.order_row(which).starts
        ends = starts + minutes * MINUTE_MS
        self.clock.ms = max(self.clock.ms, ends)
        session = replace(
            self.session(by, "2025-01-01 09:00", "10:00"),
            starts=starts,
            ends=ends,
            check_in=starts,
            check_out=ends,
            recorded=ends,
        )
        return _served(self.do(session)).id

    def apply_for(self, who: str, star: int = 1, **given: Any) -> str:
        """The case that an application for a star begins."""
        case = self.new()
        self.do(ApplyForStar(case=case, volunteer=who, star=star, **given))
        return case

    def notice_star(self, case: str, organisation: str = "") -> Entry:
        return self.do(NoticeStar(case=case, organisation=organisation)).entry

    def grant_star(self, case: str, organisation: str = "") -> Entry:
        return self.do(GrantStar(case=case, organisation=organisation)).entry

    def starred(self, who: str, star: int, **given: Any) -> None:
        """Every star up to this one, with application, notice and grant as time goes by."""
        for each in range(self.standing(who).star + 1, star + 1):
            case = self.apply_for(who, each)
            until_day = self.notice_star(case, **given).facts["notice_until"]
            self.clock.set(f"{until_day} 12:00")
            self.clock.forward(days=1)
            self.grant_star(case, **given)

    def assess(self, who: str) -> Receipt:
        return self.do(AssessStars(volunteer=who))

    def decide_downgrade(self, case: str, confirmed: bool, **given: Any) -> Entry:
        given = {"reason": "ab" * 32, **given}
        return self.do(DecideDowngrade(case=case, confirmed=confirmed, **given)).entry

    def adopt(self, *changes: tuple[str, str], version: int = 4) -> None:
        """`cn-default` in a new version, with some of its text replaced."""
        toml = shipped("cn-default").decode().replace("version = 3", f"version = {version}")
        for old, new in changes:
            assert old in toml, f"cn-default has no {old!r}"
            toml = toml.replace(old, new)
        adopt_policy(self.book, toml.encode())

    def rules(self, parameters: Mapping[str, Any], *, organisation: str = "") -> None:
        """A document with these parameters (`points.lapse`: a value), everything else as default;
        adopted last, it decides from now on, for an organisation alone if one is given."""
        adopt_policy(self.book, policy_toml(parameters, organisation=organisation).encode())

    def void(self, redemption: str, till: Till, ground: str = "cannot_supply") -> Entry:
        return self.do(
            VoidRedemption(redemption=redemption, merchant=till.merchant, ground=ground)
        ).entry

    def refer(self, who: str, newcomer: str) -> Entry:
        return self.do(AwardReferral(volunteer=who, referred=newcomer)).entry

    def consent(
        self, who: str, purpose: str = "credit_list", answer: str = "given", *, party: str = ""
    ) -> Receipt:
        return self.do(RecordConsent(volunteer=who, purpose=purpose, answer=answer, party=party))

    def list_for_credit(self, who: str, cycle: str = "2025") -> Entry:
        return self.do(ListForCredit(volunteer=who, cycle=cycle)).entry

    def dishonest(self, who: str, *, serious: bool = True) -> Receipt:
        return self.do(RecordDishonesty(volunteer=who, serious=serious))

    def repair(self, who: str) -> Entry:
        return self.do(RepairDishonesty(volunteer=who)).entry

    # Looking ---------------------------------------------------------------------------------

    def size(self) -> int:
        with self.book.database.reading() as connection:
            return journal.count(connection)

    def standing(self, who: str) -> VolunteerStanding:
        return self.book.standing(who)

    def minutes(self, who: str) -> int:
        return self.standing(who).service_minutes

    def points(self, who: str) -> int:
        """Hundredths of a point that can be spent now."""
        return self.standing(who).points_hundredths

    def owed(self, who: str) -> int:
        return self.standing(who).points_owed_hundredths

    def time(self, who: str) -> int:
        return self.standing(who).time_minutes

    def vintages(self, who: str) -> dict[str, int]:
        """What is in each vintage, lapsed ones that nobody swept yet included."""
        with self.book.database.reading() as connection:
            purse = standing_from(connection).purse(account.volunteer(who))
        return {
            name.removeprefix(account.POINTS_PURSE): amount
            for (name, _), amount in sorted(purse.items())
            if amount and name.startswith(account.POINTS_PURSE)
        }

    def balance(self, address: str, asset: str) -> int:
        with self.book.database.reading() as connection:
            return standing_from(connection).balance(address, asset)

    def redemption(self, which: str) -> Redemption:
        with self.book.database.reading() as connection:
            found = standing_from(connection).redemptions[which]
        assert found is not None
        return found

    def state(self, record: str) -> str:
        with self.book.database.reading() as connection:
            found = standing_from(connection).records[record]
        assert found is not None
        return found.state

    def order_row(self, which: str) -> Order:
        with self.book.database.reading() as connection:
            found = standing_from(connection).orders[which]
        assert found is not None
        return found

    def stock(self, reward: str) -> int:
        with self.book.database.reading() as connection:
            found = standing_from(connection).rewards[reward]
        assert found is not None
        return found.stock


_documents = itertools.count(1)


def policy_toml(parameters: Mapping[str, Any], *, organisation: str = "") -> str:
    """A policy document of a name that no other has, with these parameters and no others."""
    lines = [
        f'id = "test-{next(_documents)}"',
        "version = 1",
        'title = "Rules of a test"',
        'issuer = "tests"',
        "effective_from = 2000-01-01",
        "[scope]",
        'region = "CN"',
        *([f'organisation = "{organisation}"'] if organisation else []),
    ]
    for name, value in parameters.items():
        section, _, key = name.partition(".")
        # Text, numbers, flags and lists of them are written in TOML as in JSON.
        written = json.dumps(value, ensure_ascii=False)
        lines += [f"[parameters.{section}.{key}]", f"value = {written}", 'basis = "S0 a test"']
    return "\n".join(lines) + "\n"


def _served(result: Receipt | Refused) -> Served:
    if isinstance(result, Refused):
        raise result
    facts = result.entry.facts
    return Served(
        facts["record"], facts["outcome"], facts["reasons"], facts["minutes"], result.entry
    )


def scenario(table: str, *, id_as: str = "") -> pytest.MarkDecorator:
    """A table of cases: names in the first line, `|` between cells, the first column is the id.

    Whole numbers become integers (underscores allowed), everything else stays text. The test is
    given the id too where `id_as` names the argument for it.
    """
    lines = [line for line in table.strip().splitlines() if line.strip(" -|")]
    names, *cases = [[cell.strip() for cell in line.split("|")] for line in lines]
    for case in cases:
        assert len(case) == len(names), f"{case} does not fit {names}"
    given = [id_as, *names[1:]] if id_as else names[1:]
    return pytest.mark.parametrize(
        given,
        [[_cell(cell) for cell in case[-len(given) :]] for case in cases],
        ids=[c[0] for c in cases],
    )


def _cell(cell: str) -> str | int:
    digits = cell.removeprefix("-").replace("_", "")
    return int(cell) if digits.isdigit() and digits.isascii() else cell
