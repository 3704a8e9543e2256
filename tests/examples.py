"""The stories behind the worked examples of domain §12: one function for each number.

A story gets a `Stage`, on which the row's policy has been adopted, and what the row says is given;
it acts through `book.record` or over HTTP and tells what came of it in words and numbers. What is
expected stands in the table of `tests/test_worked_examples.py` alone: nothing here knows it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from threading import Barrier, Thread
from typing import Any

import pytest
import sqlalchemy as sa

from api import timers
from ledger.account import POINT, SERVICE, TIME, claims_of, settled_of
from ledger.actions.honours import StatePopulation
from ledger.actions.parties import RegisterGroup
from ledger.actions.service import ReverseService
from ledger.door.honours import read_indicators
from ledger.entry import KINDS, Entry
from ledger.errors import Refused
from ledger.founding import adopt_policy
from ledger.policies import profile_names, shipped
from ledger.policy import Policy, read_policy
from ledger.store import tables
from ledger.store.projections import standing_from
from tests.api_client import Answer, Cast, Site, identity_number, key, moment
from tests.core import names_of_actions
from tests.kit import MINUTE_MS, SHANGHAI, Ledger, Served, Town, at, policy_toml

BEFORE = "2023-01-02 09:00"
"""When the town moves in, and its activities are published."""
MONDAY = "2025-03-10 09:00"
FRIDAY = "2025-03-07"
IN_2026 = "2026-03-09 09:00"
"""A Monday under Shanghai's policy, which begins with that year."""
WRITTEN_HERE: Mapping[str, Mapping[str, Any]] = {
    # Programmes that no shipped profile stands for: what domain §5 and §10 say of them.
    "plan-2016": {"credit.clean_years": 3},
    "shenzhen": {"credit.consent": "opt_in"},
    "masked-names": {"merchant.sees": ["masked_name"]},
}
MONEY = re.compile(r"cash|money|buy|purchase|sell|interest|yuan|currency|top_?up", re.I)


class Stage:
    """A town that lives under one policy, and the same ledger over HTTP."""

    def __init__(self, ledger: Ledger, profile: str, begins: str) -> None:
        self.clock = ledger.clock
        self.clock.set(BEFORE)
        self.town = Town(ledger.open(), self.clock)
        self.book = self.town.book
        self.ana, self.bo = self.town.volunteer(), self.town.volunteer()
        self.adopt(profile)
        self.clock.set(begins)

    def adopt(self, profile: str) -> None:
        """Let a programme's policy decide; `cn-default` does since the founding, and `any` is
        left to the story."""
        if profile in WRITTEN_HERE:
            toml = policy_toml(WRITTEN_HERE[profile]).encode()
            adopt_policy(self.book, toml)
        elif profile not in ("any", "cn-default"):
            toml = shipped(profile)
            adopt_policy(self.book, toml)
        else:
            toml = shipped("cn-default")
        self._adopted = read_policy(toml).policy.version_name

    @property
    def decides(self) -> bool:
        """Whether the policy that was adopted last is the one in force."""
        return self.policy.version_name == self._adopted

    @property
    def policy(self) -> Policy:
        with self.book.database.reading() as connection:
            return standing_from(connection).policy_at(self.clock.ms)

    @cached_property
    def site(self) -> Site:
        return Site(self.book, self.clock)

    @cached_property
    def cast(self) -> Cast:
        return Cast(self.site)

    @property
    def today(self) -> date:
        return datetime.fromtimestamp(self.clock.ms / 1000, SHANGHAI).date()

    def said(self, attempt: Callable[[], Any], yes: str) -> str:
        """`yes`, or the code of the refusal; and then nothing was written."""
        before = self.town.size()
        try:
            attempt()
        except Refused as no:
            assert self.town.size() == before
            return no.code
        return yes

    def born(self, years: int, days: int = 0) -> str:
        """The birth date of who is so old today, or will be in so many days."""
        day = self.today
        return (day.replace(year=day.year - years) + timedelta(days=days)).isoformat()

    def person(self, years: int = 35, **given: Any) -> tuple[str, str]:
        """A volunteer of the home organisation, of this age today, and their token."""
        who = self.site.volunteer(self.cast.home, born=self.born(years), **given)
        return who, self.site.volunteer_token(who)

    def saver(self, years: int = 35, hours: int = 5) -> tuple[str, str]:
        """Somebody of this age who served so many hours last working day and saved them."""
        who, token = self.person(years)
        day = (self.today - timedelta(days=3)).isoformat()
        served = self.cast.served(f"{day} 09:00", f"{9 + hours}:00", who=who)
        deposit = {"record": served["record"], "minutes": hours * 60}
        self.site.made(token, "/time-bank/deposits", deposit)
        return who, token

    def entries(self, kind: str) -> list[Entry]:
        every = (self.book.entry(index) for index in range(self.town.size()))
        return [entry for entry in every if entry.kind == kind]


Story = Callable[[Stage, str], str]


@dataclass(frozen=True)
class Told:
    """A story and the day on which it begins."""

    story: Story
    begins: str


STORIES: dict[str, Told] = {}


def story(*examples: str, begins: str = MONDAY) -> Callable[[Story], Story]:
    """The function tells these examples."""

    def told(function: Story) -> Story:
        for example in examples:
            assert example not in STORIES, f"{example} is told twice"
            STORIES[example] = Told(function, begins)
        return function

    return told


def play(ledger: Ledger, example: str, profile: str, given: str) -> str:
    """What comes of an example under a policy."""
    told = STORIES[example]
    stage = Stage(ledger, profile, told.begins)
    outcome = told.story(stage, given)
    assert stage.decides, f"{profile} decided nothing"
    return outcome


# Reading what is given ---------------------------------------------------------------------------


def parts(given: str) -> list[str]:
    """`a, b, c` one by one."""
    return [each.strip() for each in given.split(",")]


def named(given: str) -> dict[str, str]:
    """`depart 08:00, home 12:30` by the first word of each part."""
    return {each.partition(" ")[0]: each.partition(" ")[2] for each in parts(given)}


def minutes_of(text: str) -> int:
    """`99 h 59 min`, `100 h`, `45 min`, `45`."""
    found = re.fullmatch(r"(?:(\d+) h)? ?(?:(\d+)(?: min)?)?", text.strip())
    assert found is not None, f"{text!r} is no length of time"
    hours, minutes = (int(each or 0) for each in found.groups())
    return hours * 60 + minutes


def clock_minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def span(text: str) -> tuple[str, str]:
    start, end = text.split("-")
    return start, end


def spelled(minutes: int) -> str:
    return f"{minutes // 60} h {minutes % 60:02d} min"


def code_or(answer: Answer, yes: str) -> str:
    """`yes`, or the code of the no."""
    return yes if answer.status in (200, 201) else answer.code


def together(*attempts: Callable[[], str]) -> list[str]:
    """What came of attempts made at the same moment, each in a thread of its own; sorted."""
    gate, answers = Barrier(len(attempts)), []

    def run(attempt: Callable[[], str]) -> None:
        gate.wait()
        answers.append(attempt())

    threads = [Thread(target=run, args=(each,)) for each in attempts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers)


def reserving(stage: Stage, who: str, reward: str) -> str:
    """`reserved`, or the code; in a thread the journal may grow meanwhile."""
    try:
        stage.town.reserve(who, reward)
    except Refused as no:
        return no.code
    return "reserved"


# Time and records --------------------------------------------------------------------------------


@story("T1")
def the_way_is_no_service(stage: Stage, given: str) -> str:
    """The whole outing is sent, and how much of it was travel."""
    told = named(given)
    begins, ends = span(told["serve"])
    way = clock_minutes(begins) - clock_minutes(told["depart"])
    way += clock_minutes(told["home"]) - clock_minutes(ends)
    stage.town.noted(
        stage.ana, f"{FRIDAY} {told['depart']}", told["home"], spent=(("travel", way),)
    )
    return f"{spelled(stage.town.minutes(stage.ana))} ({stage.town.minutes(stage.ana)})"


@story("T3")
def lunch_is_no_service(stage: Stage, given: str) -> str:
    told = named(given)
    start, end = span(told["serve"])
    lunch = minutes_of(told["lunch"])
    stage.town.noted(stage.ana, f"{FRIDAY} {start}", end, spent=(("meals", lunch),))
    return f"{stage.town.minutes(stage.ana)} min"


@story("T6")
def minutes_are_added_and_not_rounded(stage: Stage, given: str) -> str:
    for hour, minutes in enumerate(map(minutes_of, parts(given)), 9):
        stage.town.noted(stage.ana, f"{FRIDAY} {hour:02d}:00", f"{hour:02d}:{minutes:02d}")
    return f"{stage.town.minutes(stage.ana)} min"


@story("T7")
def a_long_day_goes_to_the_right_tier(stage: Stage, given: str) -> str:
    """Four hours in the morning, the rest from noon on; the host's reviewer is asked before that
    of the top of the tree."""
    town, total = stage.town, minutes_of(named(given)["day"])
    stage.clock.set("2025-03-06 09:00")
    top = town.organisation(tier="city")
    host = town.organisation(tier="community", parent=top)
    activity = town.new_activity(organisation=host)
    at_host: dict[str, Any] = {"organisation": host, "activity": activity}
    town.noted(stage.ana, f"{FRIDAY} 00:00", "04:00", **at_host)
    rest = total - 240
    end = f"{12 + rest // 60:02d}:{rest % 60:02d}"
    session = town.noted(stage.ana, f"{FRIDAY} 12:00", end, **at_host)
    if session.outcome == "effective":
        return f"auto, {town.minutes(stage.ana)} min"
    for tier, place in (("host", host), ("top-tier", top)):
        reviewer = town.staff(organisation=place)
        confirming = partial(town.confirm, session.id, reviewer=reviewer)
        if stage.said(confirming, "confirmed") == "confirmed":
            return f"{tier} review, {town.minutes(stage.ana)} min"
    return "nobody may review it"


@story("T9")
def one_checks_in_so_often(stage: Stage, given: str) -> str:
    """Sessions of twenty minutes, one an hour, of one activity and one day."""
    said = Counter(
        stage.said(
            partial(stage.town.noted, stage.ana, f"{FRIDAY} {hour:02d}:00", f"{hour:02d}:20"),
            "counted",
        )
        for hour in range(9, 9 + int(named(given)["check-ins"]))
    )
    return ", ".join(f"{number} {what}" for what, number in said.items())


@story("T10")
def checking_in_by_oneself_needs_a_crowd(stage: Stage, given: str) -> str:
    crowd = stage.town.new_activity(participants=int(named(given)["participants"]))
    found: list[Served] = []

    def check_in() -> None:
        session: dict[str, Any] = {"activity": crowd, "method": "self_gps"}
        found.append(stage.town.noted(stage.ana, "2025-03-12 09:00", "10:00", **session))

    code = stage.said(check_in, "allowed")
    return f"{code}, flagged {found[0].reasons}" if found else code


@story("T12")
def what_touches_does_not_overlap(stage: Stage, given: str) -> str:
    town = stage.town
    activities = (town.activity, stage.town.new_activity())
    said = set()
    for activity, each in zip(activities, parts(given), strict=True):
        start, end = span(each)
        said.add(town.served(stage.ana, f"{FRIDAY} {start}", end, activity=activity).reasons)
    return f"{''.join(said) or 'no overlap'}, {town.minutes(stage.ana)} min"


@story("T13")
def a_night_is_two_days(stage: Stage, given: str) -> str:
    """How much of a day is taken shows in how much more of it passes without a review."""
    start, end = span(given)
    first, second = "2025-03-05", "2025-03-06"
    stage.town.served(stage.ana, f"{first} {start}", f"{second} {end}")
    free = stage.policy.day_auto_limit_minutes
    return " and ".join(str(free - _room(stage, day, free)) for day in (first, second))


def _room(stage: Stage, day: str, most: int) -> int:
    """Minutes from 08:00 on that pass by themselves on that day, by halving what is unknown."""
    passes, fails = 0, most + 1
    while fails - passes > 1:
        tried = (passes + fails) // 2
        end = f"{8 + tried // 60:02d}:{tried % 60:02d}"
        served = stage.town.served(stage.ana, f"{day} 08:00", end)
        if served.outcome == "effective":
            stage.town.reverse(served.id)
            passes = tried
        else:
            assert served.reasons == "day_over_8h"
            stage.town.refuse(served.id)
            fails = tried
    return passes


@story("T14")
def ten_working_days(stage: Stage, given: str) -> str:
    told = named(given)
    stage.clock.set(f"{told['recorded']} 23:59")
    served = stage.town.noted(stage.ana, f"{told['ended']} 09:00", "11:00")
    return served.reasons or "on time"


@story("T16")
def backfill_reaches_no_further_than_the_schedule(stage: Stage, given: str) -> str:
    told = {name: minutes_of(text) for name, text in named(given).items()}
    ends = at(f"{FRIDAY} 09:00") + told["scheduled"] * MINUTE_MS
    out = 9 * 60 + told["backfill"]
    served = stage.town.noted(
        stage.ana,
        f"{FRIDAY} 09:00",
        f"{out // 60:02d}:{out % 60:02d}",
        evidence="backfill",
        ends=ends,
    )
    paid = stage.town.minutes(stage.ana)
    assert paid == served.minutes
    return f"{paid} counted, {told['backfill'] - paid} not"


@story("T17")
def nobody_approves_themselves(stage: Stage, given: str) -> str:
    town = stage.town
    who = {"volunteer": stage.ana, "recorder": town.recorder, "other": town.approver}
    approver = who[named(given)["approver"]]
    return stage.said(
        lambda: town.noted(stage.ana, f"{FRIDAY} 09:00", "10:00", approver=approver), "recorded"
    )


@story("T18")
def learning_is_no_service(stage: Stage, given: str) -> str:
    course = stage.town.new_activity(category="education")
    learned = minutes_of(named(given)["training"])
    stage.town.qualified(stage.ana, course, f"{FRIDAY} 09:00", learning_minutes=learned)
    standing = stage.town.standing(stage.ana)
    return f"service +{standing.service_minutes}, learning +{standing.learning_minutes}"


NO_SERVICE = {
    "class cleaning": "school_duty",
    "company meeting": "meeting",
    "donation": "donation",
    "visiting the old": "",
}
"""What was done, as the word that an organisation marks it with."""


@story("T19", begins="2026-12-31 18:00")
def what_is_no_volunteer_service(stage: Stage, given: str) -> str:
    """Under every policy that is shipped, one after the other, each asked about a day of its own:
    by the end of 2026 all have begun."""
    said = set()
    for number, profile in enumerate(profile_names(), 1):
        if profile != "cn-default":
            stage.adopt(profile)
        assert stage.decides
        session = stage.town.session(
            stage.ana,
            f"2026-12-{number:02d} 09:00",
            "10:00",
            kind=NO_SERVICE[given],
        )
        said.add(stage.said(partial(stage.town.do, session), "recorded"))
    return " or ".join(sorted(said))


def certified(stage: Stage, hours: int = 5) -> tuple[str, dict[str, Any]]:
    """A volunteer of ours and the record of so many hours on a Friday."""
    who, _ = stage.person()
    return who, stage.cast.served(f"{FRIDAY} 09:00", f"{9 + hours}:00", who=who)


def asking_for_a_certificate(stage: Stage, who: str, **given: Any) -> Answer:
    body = {
        "organisation": stage.cast.home,
        "content": "社区义诊",
        "first_day": "2025-03-01",
        "last_day": "2025-03-31",
        **given,
    }
    sent = {name: value for name, value in body.items() if value is not None}
    return stage.site.post(stage.cast.host, f"/volunteers/{who}/certificates", sent)


def corrected(stage: Stage, who: str, record: str, hours: int) -> Any:
    body = stage.cast.session(f"{FRIDAY} 09:00", f"{9 + hours}:00", who=who)
    body = {**body, "reason": "签退有误"}
    body.pop("volunteer")
    return stage.site.made(stage.cast.host, f"/service-records/{record}/correct", body)


@story("T20")
def a_correction_keeps_the_original(stage: Stage, given: str) -> str:
    """What was written before stays byte for byte; what is new says who and why."""
    told = {name: minutes_of(text) for name, text in named(given).items()}
    who, original = certified(stage, told["was"] // 60)
    before = stage.book.entry(original["entry"])
    made = corrected(stage, who, original["record"], told["is"] // 60)
    new, reversal = (stage.book.entry(made["entry"] - back) for back in (0, 1))
    assert (reversal.kind, reversal.facts["record"]) == ("service_reversed", original["record"])
    kept = stage.book.entry(original["entry"]).data == before.data
    taken, given_ = (
        sum(posting.amount for posting in entry.postings if posting.asset == SERVICE)
        for entry in (reversal, new)
    )
    reason = stage.book.vault.open_text(reversal.facts["reason"])["reason"]
    return (
        f"{'kept' if kept else 'lost'}, -{taken} +{given_} = {stage.town.minutes(who)},"
        f" {reversal.actor.partition(':')[0]}: {reason}"
    )


@story("T22")
def a_certificate_states_three_things(stage: Stage, given: str) -> str:
    who, _ = certified(stage)
    nobody, _ = stage.person()
    asked: dict[str, Callable[[], Answer]] = {
        "without content": lambda: asking_for_a_certificate(stage, who, content=None),
        "without time": lambda: asking_for_a_certificate(stage, nobody),
        "without unit": lambda: asking_for_a_certificate(stage, who, organisation=None),
        "with all three": lambda: asking_for_a_certificate(stage, who),
    }
    before = len(stage.entries("certificate_issued"))
    answer = asked[given]()
    issued = len(stage.entries("certificate_issued")) - before
    return f"{code_or(answer, 'issued')}, {issued} issued"


@story("T23")
def a_certificate_is_superseded(stage: Stage, given: str) -> str:
    told = {name: minutes_of(text) for name, text in named(given).items()}
    who, record = certified(stage, told["was"] // 60)
    number = asking_for_a_certificate(stage, who)["number"]
    if told["is"] != told["was"]:
        corrected(stage, who, record["record"], told["is"] // 60)
    shown = stage.site.get("", f"/certificates/{number}")
    return f"{shown['state']}, {shown['certified_minutes']}, current {shown['current_minutes']}"


@story("T24")
def a_certificate_costs_nothing(stage: Stage, given: str) -> str:
    who, _ = certified(stage)
    return code_or(
        asking_for_a_certificate(stage, who, fee_cents=int(named(given)["fee_cents"])), "issued"
    )


# Stars -------------------------------------------------------------------------------------------


@story("S-1", "S-2", "S-3", "S-4", "S-5", "S-6", "S-7", "S-8")
def stars_are_reached_and_then_applied_for(stage: Stage, given: str) -> str:
    """What is held was granted star by star; then one more is applied for."""
    hours, holds, *tries = parts(given)
    stage.town.minutes_served(stage.ana, minutes_of(hours), since="2023-01-03")
    stage.town.starred(stage.ana, int(named(holds)["holds"][0]))
    standing = stage.town.standing(stage.ana)
    said = [f"eligible {standing.eligible_star}★", f"holds {standing.star}★"]
    for each in tries:
        apply = partial(stage.town.apply_for, stage.ana, int(named(each)["for"][0]))
        said[1:] = [stage.said(apply, "applied")]
    return ", ".join(said)


@story("S-15")
def a_downgrade_is_proposed_and_a_person_decides(stage: Stage, given: str) -> str:
    """The volunteer sees what is proposed and may object to it; without a reason nobody decides."""
    served, taken, then = parts(given)
    reversed_ = minutes_of(taken)
    who, token = stage.person()
    last = stage.town.noted(who, f"{FRIDAY} 09:00", f"09:{reversed_:02d}")
    stage.town.minutes_served(who, minutes_of(served) - reversed_, since="2023-01-03")
    stage.town.starred(who, 1)
    proposed = stage.town.do(ReverseService(record=last.id)).entries[-1]
    case = stage.site.get(token, f"/volunteers/{who}/standing")["star_case"]
    decide = f"/stars/downgrades/{case}/decide"
    asked: dict[str, tuple[str, str, dict[str, Any]]] = {
        "an objection": (
            token,
            "/objections",
            {"subject_kind": "star", "subject": case, "text": "那天我在"},
        ),
        "no reason": (stage.site.operator, decide, {"confirmed": True}),
        "a reason": (stage.site.operator, decide, {"confirmed": True, "reason": "重复记录"}),
        "dismissal": (stage.site.operator, decide, {"confirmed": False, "reason": "另有记录"}),
    }
    what = proposed.kind
    if then in asked:
        answer = stage.site.post(*asked[then])
        what = code_or(answer, answer.json.get("kind", ""))
    return f"{spelled(stage.town.minutes(who))}, {what}, {stage.town.standing(who).star}★"


@story("S-16")
def a_star_brings_its_pack(stage: Stage, given: str) -> str:
    served, holds = parts(given)
    stage.town.minutes_served(stage.ana, minutes_of(served), since="2023-01-03")
    stage.town.starred(stage.ana, int(named(holds)["holds"][0]))
    pack = stage.town.standing(stage.ana).courtesy_pack
    assert {item.star for item in pack} == {stage.town.standing(stage.ana).star}
    return ", ".join(
        f"{item.item.partition(' ')[2]} {f'¥{item.value_yuan}' if item.value_yuan else item.count}"
        for item in pack
    )


# Time bank ---------------------------------------------------------------------------------------


@story("B1")
def an_hour_is_a_coin(stage: Stage, given: str) -> str:
    end = 9 * 60 + minutes_of(named(given)["served"])
    served = stage.town.noted(stage.ana, f"{FRIDAY} 09:00", f"{end // 60:02d}:{end % 60:02d}")
    stage.town.deposit(stage.ana, served.id, served.minutes)
    saved = stage.town.time(stage.ana)
    return f"+{saved / 60:g} coins ({saved})"


@story("B4")
def what_does_not_fit_is_donated(stage: Stage, given: str) -> str:
    before, more = map(minutes_of, parts(given))
    stage.town.saved(stage.ana, before, since="2023-01-03")
    assert stage.town.time(stage.ana) == before
    last = stage.town.noted(stage.ana, f"{FRIDAY} 09:00", f"{9 + more // 60}:00")
    stage.town.deposit(stage.ana, last.id, more)
    pool = stage.town.balance("pool:platform", TIME)
    return f"balance {spelled(stage.town.time(stage.ana))}, donated {spelled(pool)}"


@story("B7", "B8")
def who_is_old_enough_to_redeem(stage: Stage, given: str) -> str:
    """Ages are in the vault; the door attests them for the very rule."""
    told = named(given)
    who, token = stage.saver(int(told["volunteer"]))
    if spouse := told.get("spouse"):
        relative = stage.site.volunteer(stage.cast.home, born=stage.born(int(spouse)))
        body = {"relative": relative, "relation": "spouse"}
        stage.site.made(stage.site.operator, f"/volunteers/{who}/relations", body)
    wish = {
        "organisation": stage.cast.home,
        "category": "health",
        "minutes": 60,
        "starts": moment("2025-03-11 09:00"),
        "ends": moment("2025-03-11 10:00"),
    }
    answer = stage.site.post(token, "/orders", wish)
    if answer.status == 201:
        gate = stage.book.entry(answer["entry"]).facts["age_gate"]
        return f"allowed by {'age' if gate == 'met' else gate}"
    return answer.code


def giving(stage: Stage, relation: str) -> str:
    """A gift of an hour to somebody with that relation on file, and what arrived."""
    who, token = stage.saver()
    other = stage.site.volunteer(stage.cast.home)
    body = {"relative": other, "relation": relation}
    stage.site.made(stage.site.operator, f"/volunteers/{who}/relations", body)
    gift = {"recipient": other, "minutes": 60}
    said = code_or(stage.site.post(token, "/time-bank/transfers", gift), "allowed")
    return f"{said}, {stage.town.time(other)} arrived"


@story("B9")
def whom_one_may_give_to(stage: Stage, given: str) -> str:
    return giving(stage, {"mother": "lineal", "friend": "friend"}[named(given)["to"]])


@story("B10", begins=IN_2026)
def in_shanghai_friends_as_well(stage: Stage, given: str) -> str:
    return giving(stage, {"friend": "friend"}[named(given)["to"]])


@story("B12")
def coins_and_hours_for_a_place_in_an_elder_home(stage: Stage, given: str) -> str:
    """Each step says how many coins and hours are held then. What is served is saved; a coin more
    comes from a mother, an hour more is served and not saved."""
    town, said = stage.town, []
    day = "2021-07-01"
    for step in parts(given):
        coins, hours = (int(each) * 60 for each in step.split("/"))
        standing = town.standing(stage.ana)
        if hours > standing.service_minutes:
            wanted = coins - standing.time_minutes
            for record in town.minutes_served(
                stage.ana, hours - standing.service_minutes, since=day
            ):
                if wanted:
                    town.deposit(stage.ana, record.id, record.minutes)
        elif coins > standing.time_minutes:
            town.saved(stage.bo, coins - standing.time_minutes)
            town.give(stage.bo, stage.ana, coins - standing.time_minutes)
        day = FRIDAY
        standing = town.standing(stage.ana)
        assert (standing.time_minutes, standing.service_minutes) == (coins, hours)
        said.append("entitled" if standing.elder_home_entitled else "no")
    return ", ".join(said)


@story("B13")
def a_group_only_donates(stage: Stage, given: str) -> str:
    town, group = stage.town, stage.town.new()
    town.do(RegisterGroup(volunteer=group, organisation=town.home))
    for day in ("2025-03-05", "2025-03-06"):
        town.deposit(group, town.noted(group, f"{day} 09:00", "14:00").id, 300)
    help_, minutes = town.service_order(town.till()), 600
    assert town.time(group) == minutes
    does: dict[str, Callable[[], Any]] = {
        "redeems 10 h": lambda: town.reserve(group, help_, 10),
        "donates 10 h": lambda: town.donate(group, minutes),
    }
    said = stage.said(does[given], "allowed")
    return f"{said}, {town.time(group)} left, {town.balance('pool:platform', TIME)} in the pool"


@story("B14")
def two_at_once_spend_the_same_time(stage: Stage, given: str) -> str:
    told = {name: minutes_of(text) for name, text in named(given).items()}
    stage.town.saved(stage.ana, told["balance"], since="2023-01-03")
    help_ = stage.town.service_order(stage.town.till(), price=told["each"])
    redeem = partial(reserving, stage, stage.ana, help_)
    answers = together(redeem, redeem)
    return f"{' and '.join(answers)}, balance {stage.town.time(stage.ana)}"


@story("B15")
def one_code_and_one_key_debit_once(stage: Stage, given: str) -> str:
    """A code is presented at the till again, or a request sent again with its key."""
    who, token = stage.saver(65)
    till = stage.site.till()
    reward = stage.site.reward(till, form="service_order", price_hundredths=None, price_minutes=60)
    body, used = {"reward": reward}, key()
    reserved = stage.site.post(token, "/redemptions", body, key=used)
    if given == "reserved again by key":
        again = stage.site.post(token, "/redemptions", body, key=used)
    code, used = {"code": reserved["code"]}, key()
    stage.site.post(till.token, "/redemptions/capture", code, key=used)
    if given == "captured again by key":
        again = stage.site.post(till.token, "/redemptions/capture", code, key=used)
    elif given == "code presented again":
        again = stage.site.post(till.token, "/redemptions/capture", code)
    replayed = again.headers.get("Idempotency-Replayed") == "true"
    said = "the same answer" if replayed else code_or(again, "taken again")
    debits = len(stage.entries("redemption_captured"))
    assert stage.town.balance(claims_of(till.merchant), TIME) == 60 * debits
    return f"{said}, {debits} debit, {stage.town.time(who)} left"


@story("B16", begins=IN_2026)
def a_gift_moves_time_and_no_hours(stage: Stage, given: str) -> str:
    """A and B have served before, so that hours could move."""
    town, coins = stage.town, minutes_of(named(given)["gift"])
    town.saved(stage.ana, 480, since="2023-01-03")
    town.saved(stage.bo, 60, since="2023-01-03")
    people = (stage.ana, stage.bo)
    before = [(town.time(who), town.minutes(who)) for who in people]
    town.give(stage.ana, stage.bo, coins)
    after = [(town.time(who), town.minutes(who)) for who in people]
    time, hours = (
        [now[what] - then[what] for then, now in zip(before, after, strict=True)] for what in (0, 1)
    )
    return f"A {time[0]:+}, B {time[1]:+}, sum {sum(time)}, hours {hours[0]:+} {hours[1]:+}"


@story("B17")
def time_is_not_money(stage: Stage, given: str) -> str:
    """What somebody would try, with an hour saved by honest means."""
    town, till = stage.town, stage.town.till()
    town.saved(stage.ana, 60, since="2023-01-03")
    if given == "names":
        rules = stage.site.app.url_map.iter_rules()
        names = [*names_of_actions(), *KINDS, *(rule.rule for rule in rules)]
        assert {"DepositTime", "time_deposited", "/v1/time-bank/deposits"} <= set(names)
        return f"{sum(MONEY.search(name) is not None for name in names)} of money"
    what, _, parameter = given.partition(" ")
    document = policy_toml({parameter: True}).encode() if what == "policy" else b""

    def a_year_passes() -> None:
        stage.clock.forward(days=366)
        with pytest.MonkeyPatch.context() as patch:
            # The database's clock is the test's, so that timers trust it.
            now_ms = "ledger.store.database.Database.now_ms"
            patch.setattr(now_ms, lambda _self: stage.clock.now_ms())
            timers.expire(stage.book, stage.clock.ms)

    tried: dict[str, Callable[[], Any]] = {
        "policy": lambda: adopt_policy(stage.book, document),
        "coins": lambda: town.grant(stage.ana, "starting", 1_000),
        "deposit": lambda: town.deposit(stage.ana, town.new(), 1_000),
        "goods": lambda: town.reward(till, asset="TIME", form="gift"),
        "yuan": lambda: town.reward(till, asset="CNY"),
        "wait": a_year_passes,
    }
    return f"{stage.said(tried[what], 'done')}, {town.time(stage.ana) - 60:+}"


@story("B20")
def redeeming_takes_neither_hours_nor_stars(stage: Stage, given: str) -> str:
    town, spent = stage.town, minutes_of(named(given)["redeem"])
    town.minutes_served(stage.ana, 100 * 60 - 240, since="2023-01-03")
    last = town.noted(stage.ana, f"{FRIDAY} 09:00", "13:00")
    town.deposit(stage.ana, last.id, 240)
    town.starred(stage.ana, 1)
    before, till = town.standing(stage.ana), town.till()
    town.capture(town.reserve(stage.ana, town.service_order(till, price=spent)), till)
    after = town.standing(stage.ana)
    return (
        f"coins {(after.time_minutes - before.time_minutes) // 60:+},"
        f" hours {after.service_minutes - before.service_minutes:+},"
        f" star {before.star}★ to {after.star}★"
    )


@story("B22", begins=IN_2026)
def every_sum_is_zero(stage: Stage, given: str) -> str:
    """The rows of balances, read after every step: issuance, pool, held and redeemed included."""
    town, till = stage.town, stage.town.till()
    steps: list[str] = []
    owners: set[str] = set()

    def look(step: str) -> None:
        with stage.book.database.reading() as connection:
            rows = connection.execute(sa.select(tables.balances)).mappings().all()
        sums: Counter[str] = Counter()
        for row in rows:
            sums[row["asset"]] += row["amount"]
            owners.add(f"{row['owner'].partition(':')[0]} {row['asset']}")
        assert {"SERVICE", "TIME", "POINT"} <= set(sums)
        steps.append(step if any(sums.values()) else "")

    def lapse() -> None:
        stage.clock.set("2029-04-01 00:00")
        town.lapse(stage.ana)

    first = town.noted(stage.ana, "2026-03-06 09:00", "13:00")
    town.deposit(stage.ana, first.id, 240)
    second = town.noted(stage.ana, "2026-03-06 14:00", "15:00")
    help_, coffee = town.service_order(till), town.reward(till)
    taken: list[str] = []
    every: dict[str, Callable[[], Any]] = {
        "deposit": lambda: town.deposit(stage.ana, second.id, 60),
        "donate": lambda: town.donate(stage.ana, 60),
        "set aside time": lambda: taken.append(town.reserve(stage.ana, help_, age_tested=60)),
        "take it": lambda: town.capture(taken[-1], till),
        "set aside points": lambda: taken.append(town.reserve(stage.ana, coffee, 2)),
        "take one": lambda: town.capture(taken[-1], till, quantity=1),
        "set aside more": lambda: taken.append(town.reserve(stage.ana, coffee)),
        "give back": lambda: town.release(taken[-1], stage.ana),
        "reverse": lambda: town.reverse(second.id),
        "lapse": lapse,
    }
    for name, act in every.items():
        act()
        stage.clock.forward(minutes=1)
        look(name)
    assert {"issuer TIME", "pool TIME", "merchant TIME", "lapsed POINT"} <= owners
    return f"0 after {steps.count('')} of {named(given)['steps']} steps"


# Points, merchants, credit -----------------------------------------------------------------------


@story("K6")
def a_mistake_is_not_undone(stage: Stage, given: str) -> str:
    town, till = stage.town, stage.town.till()
    town.noted(stage.ana, f"{FRIDAY} 09:00", "14:00")
    reserved = town.reserve(stage.ana, town.reward(till), 2)
    town.capture(reserved, till)
    paid = town.points(stage.ana)
    said = stage.said(lambda: town.void(reserved, till, named(given)["ground"]), "refunded")
    return f"{said}, {town.points(stage.ana) - paid} back"


@story("K7", begins="2023-05-08 09:00")
def the_oldest_points_go_first(stage: Stage, given: str) -> str:
    """A lot of each year, served and credited in it; names of lots are the last day of use."""
    town, spend = stage.town, int(named(given)["spend"])
    for year, lot in re.findall(r"lot (\d{4}) (\d+)", given):
        stage.clock.set(f"{year}-05-10 20:00")
        half = int(lot) // 2
        for day in ("08", "09"):
            town.noted(stage.ana, f"{year}-05-{day} 08:00", f"{8 + half:02d}:00")
    till = town.till()
    town.capture(town.reserve(stage.ana, town.reward(till), spend), till)
    left = {name[:4]: amount // 100 for name, amount in town.vintages(stage.ana).items()}
    return ", ".join(
        f"{year} lot {left.get(str(int(year) + 3), 0)}"
        for year in re.findall(r"lot (\d{4})", given)
    )


@story("K8")
def what_is_taken_back_is_owed(stage: Stage, given: str) -> str:
    """A point an hour: served in fives, on days in a row. What comes afterwards is served by the
    hour; then a point is asked for."""
    town = stage.town
    earned, spent, taken, afterwards = map(int, re.findall(r"\d+", given))
    sessions: list[Served] = []
    for number in range(earned // 5):
        day = date(2024, 3, 1) + timedelta(days=number)
        sessions.append(town.served(stage.ana, f"{day} 09:00", "14:00"))
    assert town.points(stage.ana) == earned * 100
    till = town.till()
    town.capture(town.reserve(stage.ana, town.reward(till), spent), till)
    for session in sessions[: taken // 5]:
        town.reverse(session.id)
    for number in range(afterwards):
        day = date(2024, 6, 1) + timedelta(days=number)
        town.served(stage.ana, f"{day} 09:00", "10:00")
    balance = town.points(stage.ana) - town.owed(stage.ana)
    coffee = town.reward(till)
    return f"{balance // 100}, {stage.said(lambda: town.reserve(stage.ana, coffee), 'spends')}"


@story("K9")
def two_buyers_of_the_last_one(stage: Stage, given: str) -> str:
    told = {name: int(number) for name, number in named(given).items()}
    people = (stage.ana, stage.bo)
    for who in people:
        stage.town.noted(who, f"{FRIDAY} 09:00", "12:00")
    last = stage.town.reward(stage.town.till(), stock=told["stock"])
    answers = together(
        lambda: reserving(stage, stage.ana, last), lambda: reserving(stage, stage.bo, last)
    )
    points = sorted(stage.town.points(who) // 100 for who in people)
    return f"{' and '.join(answers)}, points {points[0]} and {points[1]}"


@story("K10")
def a_code_is_settled_once(stage: Stage, given: str) -> str:
    told = {name: int(number) for name, number in named(given).items()}
    who, token = stage.person()
    stage.cast.served(f"{FRIDAY} 09:00", "14:00", who=who)
    till = stage.site.till()
    coffee, taken = stage.site.reward(till), []
    for _ in range(told["codes"]):
        made = stage.site.made(token, "/redemptions", {"reward": coffee})
        stage.site.made(till.token, "/redemptions/capture", {"code": made["code"]})
        taken.append(made["redemption"])
        stage.clock.forward(minutes=1)
    stage.clock.forward(days=1)
    path, before = "/settlements", taken[: told["settled"]]
    if before:
        body = {"merchant": till.merchant, "redemptions": before}
        stage.site.made(till.token, path, body)
    body = {"merchant": till.merchant, "redemptions": taken}
    answer = stage.site.made(till.token, path, body)
    assert [each["redemption"] for each in answer["rejected"]] == before
    said = [f"{answer['lines']} paid", *(f"rejected {each['code']}" for each in answer["rejected"])]
    assert stage.town.balance(settled_of(till.merchant), POINT) == 100 * told["codes"]
    return f"{', '.join(said)}, {stage.town.balance(claims_of(till.merchant), POINT)} open"


@story("K11")
def what_a_merchant_learns(stage: Stage, given: str) -> str:
    """A till reads a voucher, or asks for the person behind it."""
    wish = named(given)
    who, token = stage.person(name="张三")
    stage.cast.served(f"{FRIDAY} 09:00", "14:00", who=who)
    till = stage.site.till()
    made = stage.site.made(token, "/redemptions", {"reward": stage.site.reward(till)})
    if wish["consent"] == "yes":
        body = {"purpose": "merchant_display", "answer": "given"}
        stage.site.made(token, f"/volunteers/{who}/consents", body)
    if wish["asks"] == "hours":
        answer = stage.site.get(till.token, f"/volunteers/{who}/standing")
        return code_or(answer, "shown")
    if wish["asks"] == "profile":
        answer = stage.site.get(till.token, f"/volunteers/{who}")
        return code_or(answer, "shown")
    shown = stage.site.post(till.token, "/redemptions/verify", {"code": made["code"]}, key="")
    assert who not in shown.text
    assert shown["quantity"] == 1
    return f"{shown['title']}, {shown.json.get('holder', 'no name')}"


@story("K12")
def a_ticket_costs_less_for_stars(stage: Stage, given: str) -> str:
    """A hundred points stand for ¥100; the star is served for and granted."""
    told = named(given)
    star, town = int(told["star"][0]), stage.town
    hours = [0, *(each // 60 for each in stage.policy.star_thresholds_minutes)][star]
    town.minutes_served(stage.ana, max(hours * 60, 100 * 60), since="2023-01-03")
    town.starred(stage.ana, star)
    till = town.till()
    ticket = town.reward(till, form="discount", price=int(told["ticket"]) * 100)
    before = town.points(stage.ana)
    town.capture(town.reserve(stage.ana, ticket), till)
    return f"¥{(before - town.points(stage.ana)) / 100:g}"


@story("K16")
def three_clean_years(stage: Stage, given: str) -> str:
    """Registered on the first day with hours enough for a star from before; listed on the last."""
    told = named(given)
    stage.clock.set(f"{told['registered']} 09:00")
    who = stage.town.volunteer()
    stage.town.minutes_served(who, 6_000, since="2023-01-03")
    stage.town.starred(who, 1)
    stage.town.consent(who)
    stage.clock.set(f"{told['listed']} 09:00")
    year = told["listed"][:4]
    return stage.said(lambda: stage.town.list_for_credit(who, year), "eligible")


@story("K18", begins=IN_2026)
def who_refuses_is_on_no_list(stage: Stage, given: str) -> str:
    """`refuses` is an answer on the ledger; so is the consent of who does not. Either has a star
    and three clean years."""
    who, token = stage.ana, stage.site.volunteer_token(stage.ana)
    stage.town.minutes_served(who, 6_000, since="2023-01-03")
    stage.town.starred(who, 1)
    body = {"purpose": "credit_list", "answer": {"refuses": "refused", "agrees": "given"}[given]}
    stage.site.made(token, f"/volunteers/{who}/consents", body)
    listing = {"volunteer": who, "cycle": "2026"}
    said = code_or(stage.site.post(stage.site.operator, "/credits/listings", listing), "listed")
    public = stage.site.get("", "/credits/lists/2026")["data"]
    assert len(public) == len(stage.entries("credit_listed"))
    return f"{said}, {len(public)} on the list, {spelled(stage.town.minutes(who))}"


@story("K19", begins=IN_2026)
def an_objection_has_its_days(stage: Stage, given: str) -> str:
    """About an own record, filed on a Monday, answered by the organisation that made it."""
    filed, what = parts(given)
    who, token = stage.person()
    record = stage.cast.served("2026-03-06 09:00", "10:00", who=who)["record"]
    stage.clock.set(f"{filed} 16:00")
    body = {"subject_kind": "record", "subject": record, "text": "我九点才到"}
    made = stage.site.made(token, "/objections", body)
    days = {
        name: date.fromisoformat(stage.book.entry(made["entry"]).facts[name])
        for name in ("flag_by", "decide_by")
    }
    if what == "flagged":
        flag = stage.site.get(stage.cast.host, f"/service-records/{record}")["objection"]
        return f"{flag}, by {days['flag_by']:%a %Y-%m-%d}"
    if decided := what.partition(" ")[2]:
        stage.clock.set(decided)
        answer = {"outcome": "upheld", "reason": "签到表写的是九点"}
        path = f"/objections/{made['objection']}/decide"
        return f"in time: {stage.site.made(stage.cast.reviewer, path, answer)['on_time']}"
    return f"by {days['decide_by']:%a %Y-%m-%d}"


# Indicators, identity, privacy -------------------------------------------------------------------


@story("I1", "I2", "I3")
def a_target_is_met_above_it(stage: Stage, given: str) -> str:
    """Whole numbers are stated by an organisation. Registered residents are counted, not stated:
    where the row says `registered` they are registered, and where it says `supposed`, that many
    are put where the count stands."""
    told = {name: int(number) for name, number in named(given).items()}
    city, supposed = stage.town.organisation(tier="city"), told.pop("supposed", 0)
    for _ in range(told.pop("registered", 0)):
        stage.town.volunteer(organisation=city)
    stage.town.do(StatePopulation(organisation=city, year=2025, **told))
    found = read_indicators(stage.book, organisation=city, year=2025)
    ratio = getattr(found, next(iter(told)))
    if supposed:
        ratio = ratio._replace(part=supposed)
    return f"{ratio.part * 100 / ratio.whole:g} %, {ratio.verdict}"


def registering(stage: Stage, number: str, **given: Any) -> Answer:
    body = {"name": "张三", "identity_number": number, **given}
    return stage.site.post(stage.cast.host, "/volunteers", body)


@story("I5", "I6")
def an_identity_number(stage: Stage, given: str) -> str:
    """Registered with it; the volunteer alone reads it in full."""
    answer = registering(stage, given)
    if answer.status != 201:
        return answer.code
    token = stage.site.volunteer_token(answer["volunteer"])
    shown = stage.site.get(token, f"/volunteers/{answer['volunteer']}")["identity_number"]
    return f"valid, kept as {shown}"


@story("I7", "I10")
def an_organisation_code(stage: Stage, given: str) -> str:
    body = {"name": "阳光社区", "organisation_code": given}
    return code_or(stage.site.post(stage.site.operator, "/organisations", body), "valid")


@story("I11")
def others_see_a_mask(stage: Stage, given: str) -> str:
    """As the organisation sees its own volunteer."""
    name, number = parts(given)
    who = registering(stage, number, name=name)["volunteer"]
    shown = stage.site.get(stage.cast.host, f"/volunteers/{who}")
    return f"{shown['name']}, {shown['identity_number']}"


@story("I12")
def below_fourteen_a_guardian_agrees(stage: Stage, given: str) -> str:
    """Thirteen means: fourteen tomorrow."""
    told = named(given)
    born = {"13": stage.born(14, 1), "14": stage.born(14)}[told["age"]]
    agreed = told["guardian"] == "yes"
    body = {"name": "李雷", "identity_number": identity_number(born), "guardian_consent": agreed}
    answer = stage.site.post(stage.cast.host, "/volunteers", body)
    return code_or(answer, "registered")


@story("I13")
def who_is_forgotten_stays_as_a_number(stage: Stage, given: str) -> str:
    """With a certificate and points: what is left of them, and what they can still do."""
    erased, what = parts(given)
    who, record = certified(stage)
    token = stage.site.volunteer_token(who)
    number = asking_for_a_certificate(stage, who)["number"]
    coffee = stage.town.reward(stage.town.till())
    kept = [entry.data for entry in stage.book.history(f"volunteer:{who}")]
    if erased == "erased":
        stage.site.made(token, f"/parties/volunteer:{who}/forget")
    town, operator = stage.town, stage.site.operator

    def entries_kept() -> str:
        now = [entry.data for entry in stage.book.history(f"volunteer:{who}")]
        return f"{'kept' if now[: len(kept)] == kept else 'changed'}, {spelled(town.minutes(who))}"

    looks: dict[str, Callable[[], str]] = {
        "profile": lambda: stage.site.get(operator, f"/volunteers/{who}").json.get(
            "name", "no name"
        ),
        "certificate": lambda: stage.site.get("", f"/certificates/{number}")["state"],
        "entries": entries_kept,
        "saving": lambda: stage.said(lambda: town.deposit(who, record["record"], 60), "saved"),
        "spending": lambda: stage.said(lambda: town.reserve(who, coffee), "spent"),
        "serving": lambda: stage.said(
            lambda: town.noted(who, "2025-03-12 09:00", "10:00"), "recorded"
        ),
    }
    return looks[what]()


@story("I14")
def records_are_shared_with_consent(stage: Stage, given: str) -> str:
    """With an organisation that the volunteer named, or did not. After the years for which policy
    keeps it the look is still in the log, whatever was swept."""
    who, token = stage.person()
    stage.cast.served(f"{FRIDAY} 09:00", "12:00", who=who)
    stage.book.signer.sign()
    other = stage.site.organisation()
    reader = stage.site.organisation_token(other)
    if given == "with consent":
        consent = {"purpose": "share_records", "answer": "given", "party": f"organisation:{other}"}
        stage.site.made(token, f"/volunteers/{who}/consents", consent)
    answer = stage.site.get(reader, f"/volunteers/{who}/statement")
    said = f"{answer['minutes']} min" if answer.status == 200 else answer.code
    years = stage.policy.retention_sharing_years
    stage.clock.forward(days=years * 366)
    timers.sweep(stage.book, stage.clock.ms)
    rows = [
        row
        for row in stage.book.vault.store.access_rows(0)
        if (row[2], row[3], row[4]) == (f"organisation:{other}", who, "sharing")
    ]
    return f"{said}, {len(rows)} logged after {years} years"
