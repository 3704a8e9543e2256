"""Patterns for auditors: planted fraud is found among honest records, and honest records are not
(domain §8)."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli import main
from ledger import anomalies
from ledger.actions import Action
from ledger.anomalies import DAY_MS, MINUTE_MS, WHY, Finding, Session, find
from ledger.book import CONSOLE
from ledger.door.anomalies import look
from tests.kit import TODAY, FakeClock, Ledger, Town, at, scenario
from tests.readers import WHY as REASON
from tests.readers import Readers

MONDAY = at("2025-03-03 00:00")
HOUR_MS = 60 * MINUTE_MS
_entries = iter(range(1, 10_000_000))


def session(start: int, minutes: int, **given: object) -> Session:
    """A record of ours that was entered an hour after check-out."""
    entry = next(_entries)
    fields: dict[str, object] = {
        "record": f"r{entry}",
        "entry": entry,
        "volunteer": "ana",
        "organisation": "home",
        "activity": "clinic",
        "effective": True,
        "evidence": "check_in",
        "starts": start,
        "ends": start + 4 * HOUR_MS,
        "check_in": start,
        "check_out": start + minutes * MINUTE_MS,
        "recorded": start + minutes * MINUTE_MS + HOUR_MS,
        "minutes": minutes,
        "recorder": "rui",
        "approver": "li",
        "participants": 0,
        **given,
    }
    # What was recorded here was entered at that very moment.
    fields.setdefault("entered", fields["recorded"])
    return Session(**fields)  # type: ignore[arg-type]


def honest(seed: int = 1, *, people: int = 40, weeks: int = 20) -> list[Session]:
    """A town of volunteers who come when they can and stay as long as they do: three
    organisations with several people each who record and approve."""
    chance = random.Random(seed)
    made = []
    for person in range(people):
        organisation = f"org{person % 3}"
        staff = [f"{organisation}-{each}" for each in range(4)]
        for week in range(weeks):
            if chance.random() < 0.3:
                continue
            planned = MONDAY + week * 7 * DAY_MS + chance.choice((9, 14)) * HOUR_MS
            start = planned + chance.randrange(-15 * 60, 20 * 60) * 1000
            minutes = chance.randrange(70, 235)
            out = start + minutes * MINUTE_MS + chance.randrange(60) * 1000
            recorder, approver = chance.sample(staff, 2)
            made.append(
                session(
                    start,
                    minutes,
                    volunteer=f"volunteer{person}",
                    organisation=organisation,
                    activity=f"{organisation}-week{week}",
                    evidence="backfill" if chance.random() < 0.15 else "check_in",
                    starts=planned,
                    ends=planned + 4 * HOUR_MS,
                    check_out=out,
                    recorded=out + chance.randrange(1, 6 * 24 * 60) * MINUTE_MS,
                    recorder=recorder,
                    approver=approver,
                )
            )
    return made


def kinds(found: Sequence[Finding]) -> set[str]:
    return {each.kind for each in found}


@pytest.mark.parametrize("seed", range(8))
def test_an_honest_town_has_nothing_to_find(seed: int) -> None:
    assert find(honest(seed)) == []


def test_nothing_is_found_in_nothing() -> None:
    assert find([]) == []


# Planted: how many of it, and who it is --------------------------------------------------------


def bulk(count: int, *, apart_ms: int = 30_000, late_days: int = 15) -> list[Session]:
    """Sold hours: sessions of different people, entered one after the other weeks later."""
    entered = MONDAY + 60 * DAY_MS
    return [
        session(
            entered - late_days * DAY_MS - 3 * HOUR_MS - each * 7 * MINUTE_MS,
            61 + each,
            volunteer=f"buyer{each}",
            organisation="org0",
            evidence="backfill",
            recorded=entered + each * apart_ms,
            recorder="seller",
            approver=f"org0-{each % 4}",
        )
        for each in range(count)
    ]


def crowd(count: int, *, participants: int = 0) -> list[Session]:
    """An invented activity: everybody came and left in the same second."""
    return [
        session(
            MONDAY + 9 * HOUR_MS,
            118,
            volunteer=f"crowd{each}",
            organisation="org1",
            activity="invented",
            participants=participants,
            recorder=f"org1-{each % 4}",
            approver=f"org1-{(each + 1 + each % 2) % 4}",
        )
        for each in range(count)
    ]


def copies(count: int, others: int = 0) -> list[Session]:
    """One volunteer, the same length over and over."""
    return [
        session(
            MONDAY + each * 2 * DAY_MS + (9 + each % 3) * HOUR_MS + each * 1000,
            120 + max(0, each - count + 1),
            volunteer="clone",
            organisation="org2",
            activity=f"copied{each}",
            recorder=f"org2-{each % 4}",
            approver=f"org2-{(each + 1) % 4}",
        )
        for each in range(count + others)
    ]


def long_day(*minutes: int, start: str = "2025-03-05 00:00") -> list[Session]:
    """One volunteer at a different organisation after each break of an hour."""
    made, begins = [], at(start)
    for place, each in enumerate(minutes):
        made.append(
            session(
                begins,
                each,
                volunteer="tireless",
                organisation=f"org{place % 3}",
                activity=f"place{place}",
                starts=begins - 7 * MINUTE_MS,
            )
        )
        begins += (each + 60) * MINUTE_MS
    return made


def overlapping(minutes: int) -> list[Session]:
    """Two sessions of three hours that share an hour, the second paid for `minutes`."""
    first, second = at("2025-03-05 09:00"), at("2025-03-05 11:00")
    return [
        session(first, 180, volunteer="twice", activity="here"),
        session(
            second,
            minutes,
            volunteer="twice",
            activity="there",
            check_out=second + 3 * HOUR_MS,
        ),
    ]


def approvals(count: int, others: int, *, one_recorder: bool = False) -> list[Session]:
    """An organisation in which one person approves so many."""
    return [
        session(
            MONDAY + each * 3 * HOUR_MS + each * 1000,
            61 + each % 50,
            volunteer=f"somebody{each}",
            organisation="org9",
            activity=f"act{each}",
            recorder="one" if one_recorder and each < count else f"recorder{each % 5}",
            approver="stamp" if each < count else f"other{each % 5}",
        )
        for each in range(count + others)
    ]


def limits(count: int, others: int, minutes: int = 480) -> list[Session]:
    """An activity whose sessions are as long as is just allowed, or as was planned."""
    return [
        session(
            MONDAY + each * DAY_MS + 9 * HOUR_MS + each * 1000,
            minutes if each < count else 200 + each,
            volunteer=f"member{each % 7}",
            organisation="org8",
            activity="limited",
            recorder=f"r{each % 4}",
            approver=f"a{each % 4}",
            check_out=MONDAY + each * DAY_MS + 18 * HOUR_MS + each * 1000 + each * each,
        )
        for each in range(count + others)
    ]


def backfilled(count: int, checked_in: int) -> list[Session]:
    """An organisation that writes most down afterwards."""
    return [
        session(
            MONDAY + each * 3 * HOUR_MS + each * 1000,
            61 + each % 50,
            volunteer=f"late{each}",
            organisation="org7",
            activity=f"back{each}",
            evidence="backfill" if each < count else "check_in",
            recorder=f"recorder{each % 5}",
            approver=f"approver{each % 4}",
        )
        for each in range(count + checked_in)
    ]


def uploaded(uploads: Sequence[tuple[int, int]], **given: object) -> list[Session]:
    """Sessions of an organisation whose own system holds them: on each (told, uploaded) a day's
    record, days after MONDAY, told as recorded an hour after it ended."""
    return [
        session(
            MONDAY + told * DAY_MS + 9 * HOUR_MS + each * 1000,
            61 + each % 50,
            **{
                "volunteer": f"member{each}",
                "organisation": "org6",
                "activity": f"away{each}",
                "entered": MONDAY + sent * DAY_MS + 20 * HOUR_MS,
                "recorder": f"clerk{each % 4}",
                "approver": f"lead{(each + each // 4) % 4}",
                **given,
            },
        )
        for each, (told, sent) in enumerate(uploads)
    ]


def months(since: int, count: int) -> list[tuple[int, int]]:
    """Three records a month, and at its end all of them are uploaded."""
    return [
        (month * 30 + day, (month + 1) * 30)
        for month in range(since, since + count)
        for day in (2, 12, 22)
    ]


def told_late(count: int, *, told: int = 122, monthly: int = 8) -> list[Session]:
    """A monthly uploader whose last file holds some more, told of in good time months ago."""
    sent = monthly * 30
    return uploaded([*months(0, monthly), *[(told, sent)] * count])


def at_work(recorded_elsewhere: int, *, recorder: str = "clerk") -> list[Session]:
    """Somebody records here every other day, and then a first file says that they recorded some
    elsewhere meanwhile."""
    here = uploaded(
        [(day, day) for day in range(0, 60, 2)],
        recorder="clerk",
    )
    here = [each._replace(entered=each.recorded) for each in here]
    there = uploaded([(20 + each % 3, 59) for each in range(recorded_elsewhere)], recorder=recorder)
    return [*here, *there]


PLANTED: dict[str, tuple[str, Callable[[], list[Session]], Callable[[], list[Session]]]] = {
    # What is found, and the nearest that is not.
    "ten entries in ten minutes": (
        "back_dated_bulk",
        lambda: bulk(10),
        lambda: bulk(9),
    ),
    "ten entries, the last a second too late": (
        "back_dated_bulk",
        lambda: bulk(10, apart_ms=600_000 // 9),
        lambda: bulk(10, apart_ms=600_000 // 9 + 1),
    ),
    "two weeks and an hour after": (
        "back_dated_bulk",
        lambda: bulk(10, late_days=14),
        lambda: bulk(10, late_days=13),
    ),
    "ten came months after they are said to have been recorded": (
        "told_late",
        lambda: told_late(10),
        lambda: told_late(9),
    ),
    "an upload two weeks after did not hold them": (
        "told_late",
        lambda: told_late(10, told=196),
        lambda: told_late(10, told=197),
    ),
    "a fifth of what came since the first uploads": (
        "told_late",
        lambda: told_late(10, monthly=16),
        lambda: told_late(10, monthly=17),
    ),
    "who recorded here says that they recorded elsewhere": (
        "told_late",
        lambda: at_work(10),
        lambda: at_work(10, recorder="another"),
    ),
    "a crowd that nobody announced": (
        "identical_sessions",
        lambda: crowd(51),
        lambda: crowd(50),
    ),
    "one more than were expected": (
        "identical_sessions",
        lambda: crowd(13, participants=12),
        lambda: crowd(12, participants=12),
    ),
    "the same length twenty times": ("same_length", lambda: copies(20), lambda: copies(19)),
    "the same length nine times in ten": (
        "same_length",
        lambda: copies(27, 3),
        lambda: copies(27, 4),
    ),
    "a day of twelve hours and a minute": (
        "impossible_day",
        lambda: long_day(361, 360),
        lambda: long_day(360, 360),
    ),
    "a night belongs to two days": (
        "impossible_day",
        lambda: long_day(700, 21, start="2025-03-05 00:10"),
        lambda: long_day(700, 21, start="2025-03-05 12:00"),
    ),
    "a minute of two sessions paid twice": (
        "overlapping_sessions",
        lambda: overlapping(121),
        lambda: overlapping(120),
    ),
    "one stamp for all": (
        "one_approver",
        lambda: approvals(95, 5),
        lambda: approvals(94, 6),
    ),
    "fifty of them": ("one_approver", lambda: approvals(50, 0), lambda: approvals(49, 0)),
    "the same two": (
        "one_pair",
        lambda: approvals(80, 20, one_recorder=True),
        lambda: approvals(79, 21, one_recorder=True),
    ),
    "eight hours every time": (
        "always_at_the_limit",
        lambda: limits(20, 2),
        lambda: limits(20, 3),
    ),
    "as planned every time": (
        "always_at_the_limit",
        lambda: limits(20, 0, minutes=240),
        lambda: limits(19, 0, minutes=240),
    ),
    "half of it backfilled": (
        "mostly_backfill",
        lambda: backfilled(30, 30),
        lambda: backfilled(30, 31),
    ),
    "thirty of them": ("mostly_backfill", lambda: backfilled(30, 0), lambda: backfilled(29, 0)),
}


@pytest.mark.parametrize("case", PLANTED)
def test_what_is_planted_is_found_and_the_nearest_honest_thing_is_not(case: str) -> None:
    kind, fraud, not_quite = PLANTED[case]
    town = honest()
    planted = fraud()
    found = find([*town, *planted])
    assert kinds(found) >= {kind}
    ids = {each.record for each in planted}
    for finding in found:
        assert {record for record, _ in finding.examples} <= ids, finding
    assert kind not in kinds(find([*town, *not_quite()]))


def test_every_kind_is_planted_somewhere() -> None:
    assert {kind for kind, _, _ in PLANTED.values()} == set(WHY)


def test_a_finding_says_who_how_many_and_why() -> None:
    (found,) = find(bulk(12))
    assert found.kind == "back_dated_bulk"
    assert found.who == (("recorder", "seller"),)
    assert (found.count, found.share) == (12, 1000)
    assert found.minutes == sum(range(61, 73))
    assert len(found.examples) == anomalies.EXAMPLES
    assert found.examples == tuple(sorted(found.examples, key=lambda each: each[1]))
    assert found.why == WHY["back_dated_bulk"]


def test_the_heaviest_come_first_and_the_order_of_records_does_not_matter() -> None:
    every = [*honest(), *bulk(30), *crowd(60), *copies(30), *long_day(700, 300)]
    found = find(every)
    weights = [each.weight for each in found]
    assert weights == sorted(weights, reverse=True)
    random.Random(7).shuffle(every)
    assert find(every) == found


def test_years_of_history_that_come_first_are_no_finding() -> None:
    """A file for each year, one a week, what was refused once more, and then month by month."""
    years = [(day, 3_000 + day // 365 * 7) for day in range(0, 2_920, 6)]
    again = [(day, 3_055) for day in range(0, 2_920, 90)]
    monthly = months(102, 12)
    assert find(uploaded([*years, *again, *monthly])) == []


def test_history_from_before_one_recorded_here_is_no_finding() -> None:
    """They work here by hand, and later bring what they had written down before they came."""
    here = [
        each._replace(entered=each.recorded)
        for each in uploaded([(day, day) for day in range(400, 460, 2)], recorder="clerk")
    ]
    history = uploaded([(day, 470) for day in range(0, 399, 3)], recorder="clerk")
    assert find([*here, *history]) == []


def test_who_told_most_of_it_is_named_beside_the_organisation() -> None:
    (found,) = find(told_late(12))
    assert found.who == (("organisation", "org6"),)
    (found,) = find([*told_late(0), *uploaded([(122, 240)] * 12, recorder="seller")])
    assert found.who == (("recorder", "seller"), ("organisation", "org6"))
    # Of what came later than the sixty days of the first uploads: five months of three.
    assert (found.count, found.share) == (12, 12 * 1000 // (12 + 15))


def test_held_records_are_no_impossible_day() -> None:
    day = [each._replace(effective=False) for each in long_day(500, 500)]
    assert "impossible_day" not in kinds(find(day))


@scenario("""
    id                                | start            | minutes | days
    within a day                      | 2025-03-05 09:00 | 60      | 60
    to midnight                       | 2025-03-05 23:00 | 60      | 60
    over midnight                     | 2025-03-05 23:00 | 61      | 60+1
    T13 two hours on either side      | 2025-03-05 22:00 | 240     | 120+120
""")
def test_minutes_of_a_night_are_split_at_midnight(start: str, minutes: int, days: str) -> None:
    parts = list(anomalies._by_day(session(at(start), minutes)))
    assert "+".join(str(part) for _, part in parts) == str(days)
    first = (at(start) + 8 * HOUR_MS) // DAY_MS
    assert [day for day, _ in parts] == list(range(first, first + len(parts)))


# On a ledger ------------------------------------------------------------------------------------


def planted_in(town: Town) -> list[str]:
    """A dozen backfilled sessions of two months ago, entered in five minutes, among honest ones."""
    for number in range(12):
        who = town.volunteer()
        town.served(who, f"2025-03-{3 + number % 5:02d} 09:{number:02d}", "11:00")
    seller, chosen = town.staff(), []
    asks: list[tuple[Action, str, bytes | None]] = []
    for number in range(12):
        sold = town.session(
            town.volunteer(),
            f"2025-01-{6 + number:02d} 09:00",
            "14:00",
            evidence="backfill",
            recorded=f"2025-03-05 10:0{number // 3}",
            recorder=seller,
        )
        chosen.append(sold.record)
        asks.append((sold, town.key(), None))
    town.book.record_all(asks, caller=CONSOLE)
    return chosen


def test_it_is_found_on_a_ledger_from_the_day_that_is_asked_for(town: Town) -> None:
    sold = planted_in(town)
    (found,) = look(town.book)
    assert (found.kind, found.count) == ("back_dated_bulk", 12)
    assert {record for record, _ in found.examples} <= set(sold)
    assert look(town.book, since=date(2025, 1, 9)) == []
    assert [each.count for each in look(town.book, since=date(2025, 1, 8))] == [10]


def test_what_was_refused_or_reversed_is_not_looked_at(town: Town) -> None:
    sold = planted_in(town)
    for each in sold[:3]:
        if town.state(each) == "held":
            town.refuse(each)
    assert look(town.book) == []


@pytest.fixture
def readers(town: Town) -> Readers:
    return Readers(town)


def test_over_http_an_auditor_says_why_and_each_example_is_on_file(
    readers: Readers, town: Town
) -> None:
    planted_in(town)
    assert readers.get("/v1/anomalies", "auditor").get_json()["code"] == "reason_missing"
    answer = readers.one("/v1/anomalies", "auditor", headers=REASON)
    assert answer == readers.one("/v1/anomalies", "operator")
    (found,) = answer["data"]
    assert answer["findings"] == 1
    assert (found["kind"], found["count"], found["share_thousandths"]) == (
        "back_dated_bulk",
        12,
        1000,
    )
    seen = {row[3] for row in town.book.vault.store.access_rows(0)}
    assert {f"service-records/{each['record']}" for each in found["examples"]} <= seen
    assert readers.one("/v1/anomalies?since=2025-02-01", "operator")["data"] == []
    for query, code in (
        ("since=2025-02-30", "bad_time"),
        ("since=yesterday", "bad_time"),
        ("limit=0", "out_of_range"),
        ("kind=all", "unknown_field"),
    ):
        refused = readers.get(f"/v1/anomalies?{query}", "operator")
        assert (refused.status_code, refused.get_json()["code"]) == (422, code)


def test_at_the_command_line(sqlite_template: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(sqlite_template, home)
    ledger = Ledger(home, f"sqlite:///{home}/ledger.db", FakeClock(TODAY))
    book = ledger.open()
    planted_in(Town(book, ledger.clock))
    ledger.close()
    environment = {
        "SIDEREAL_HOME": str(ledger.home),
        "SIDEREAL_DATABASE_URL": ledger.database_url,
        "SIDEREAL_VAULT_URL": ledger.vault_url,
    }

    CliRunner(env=environment).invoke(main, ["clock", "confirm"])

    def run(*words: str, code: int = 0) -> str:
        result = CliRunner(env=environment).invoke(main, ["anomalies", *words])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result.stdout

    said = run()
    assert said.startswith("back_dated_bulk: recorder ")
    assert "12 records, 100.0 % of theirs" in said
    assert said.endswith("1 findings\n")
    assert json.loads(run("--json"))["findings"] == 1
    assert run("--since", "2025-02-01") == "0 findings\n"
    run("--since", "soon", code=2)
