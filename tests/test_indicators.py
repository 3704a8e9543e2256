"""Indicators: three ratios strictly above their targets, active rate, hours (domain §9, P65).

I1, I2 and I3 are the worked examples of domain §12.
"""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from api.cli import main
from api.settings import Settings
from ledger.actions import Action
from ledger.actions.honours import StatePopulation
from ledger.actions.parties import RegisterGroup
from ledger.book import Book
from ledger.door.honours import read_indicators
from ledger.indicators import NOBODY, Indicators, Place, Ratio, Served, indicators, stated_people
from ledger.policies import shipped
from ledger.policy import read_policy
from ledger.rows import Population
from tests.api_client import Cast, Site
from tests.kit import Ledger, Town
from tests.readers import WHY

POLICY = read_policy(shipped("cn-default")).policy

EDGES = """
    I1   130,000   1,000,000   13   not_met
    I1   130,001   1,000,000   13   met
    I2       100         200   50   not_met
    I2       101         200   50   met
    I3        45          50   90   not_met
    I3        46          50   90   met
    -          0           0   13   not_applicable
    -          7           0   13   not_applicable
    -          0           5    0   not_met
    -          1           5    0   met
    -          5           5  100   not_met
"""


@pytest.mark.parametrize("line", [line.strip() for line in EDGES.strip().split("\n")])
def test_a_target_is_met_strictly_above_it(line: str) -> None:
    part, whole, target, verdict = line.replace(",", "").split()[1:]
    assert Ratio(int(part), int(whole), int(target)).verdict == verdict


@pytest.mark.parametrize("line", [line.strip() for line in EDGES.strip().split("\n")[:6]])
def test_the_edges_hold_for_what_was_counted_and_stated(line: str) -> None:
    """I1, I2, I3 through everything but the database."""
    name, part, whole, _, verdict = line.replace(",", "").split()
    stated = {
        "I1": {"residents": int(whole)},
        "I2": {"staff": int(whole), "staff_registered": int(part)},
        "I3": {"members": int(whole), "members_registered": int(part)},
    }[name]
    found = indicators(
        organisation="",
        year=2025,
        places=[Place("city", "", "city")],
        stated=[population("city", **stated)],
        served={"city": Served(int(part), 0, 0)},
        by_month=[NOBODY] * 12,
        policy=POLICY,
    )
    verdicts = {
        "I1": found.residents.verdict,
        "I2": found.staff.verdict,
        "I3": found.members.verdict,
    }
    assert verdicts.pop(name) == verdict
    assert set(verdicts.values()) == {"not_applicable"}


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 100))
def test_the_comparison_is_exact(part: int, whole: int, target: int) -> None:
    verdict = Ratio(part, whole, target).verdict
    if whole == 0:
        assert verdict == "not_applicable"
    else:
        above = Fraction(part, whole) > Fraction(target, 100)
        assert verdict == ("met" if above else "not_met")


def population(organisation: str, **given: int) -> Population:
    counts = dict.fromkeys(
        ("residents", "staff", "staff_registered", "members", "members_registered"), 0
    )
    return Population(organisation=organisation, year=2025, since=0, **{**counts, **given})


def test_what_stands_below_a_statement_is_not_counted_again() -> None:
    """A city states its residents, its counties theirs: the city's number is the whole."""
    places = [Place("city", "", "city")]
    places += [Place(county, "city", "county") for county in ("east", "west")]
    places += [Place("team", "east", "community")]
    stated = [
        population("city", residents=1_000),
        population("east", residents=400, staff=10, staff_registered=6),
        population("west", residents=500, staff=20, staff_registered=11),
        population("team", residents=3, staff=2, staff_registered=2),
    ]
    people = stated_people(places, stated)
    # Of staff the city said nothing, so its counties are added up.
    assert people[:5] == (1_000, 30, 17, 0, 0)
    assert people.homes == {"city", "east", "west", "team"}
    # Asked about one county alone, its own statement is the whole.
    east = stated_people([place for place in places if place[0] in ("east", "team")], stated)
    assert east[:5] == (400, 10, 6, 0, 0)
    assert east.homes == {"east", "team"}


def test_only_where_residents_were_counted_are_the_registered_compared_with_them() -> None:
    """East alone states residents: west's volunteers, the city's own and nobody's are no part of
    them."""
    places = [Place("city", "", "city")]
    places += [Place(county, "city", "county") for county in ("east", "west")]
    places += [Place("team", "east", "community")]
    counts = {"": 16, "city": 8, "east": 4, "west": 2, "team": 1}
    found = indicators(
        organisation="city",
        year=2025,
        places=places,
        stated=[population("east", residents=100), population("team", residents=3)],
        served={home: Served(count, 0, 0) for home, count in counts.items()},
        by_month=[NOBODY] * 12,
        policy=POLICY,
    )
    assert found.residents[:2] == (5, 100)
    assert found.total.registered == 31


# On a ledger --------------------------------------------------------------------------------------


@pytest.fixture
def city(town: Town) -> dict[str, str]:
    """A city with two counties; what each stated; five volunteers, of whom three serve.

    East has ana (90 minutes in 2025) and bo (60 in 2024); west has cy (120 on the last day of
    2024 and 30 in 2025); the city itself has di, who never served; ed belongs to nobody and
    served 60 in February.
    """
    made = {"city": town.organisation(tier="city")}
    for name in ("east", "west"):
        made[name] = town.organisation(tier="county", parent=made["city"])
    for who, home in (("ana", "east"), ("bo", "east"), ("cy", "west"), ("di", "city")):
        made[who] = town.volunteer(organisation=made[home])
    made["ed"] = town.volunteer()
    town.served(made["ana"], "2025-01-06 09:00", "10:00")
    town.served(made["ana"], "2025-03-03 09:00", "09:30")
    town.served(made["bo"], "2024-06-03 09:00", "10:00")
    town.served(made["cy"], "2024-12-31 20:00", "22:00")
    town.served(made["cy"], "2025-01-01 00:00", "00:30")
    town.served(made["ed"], "2025-02-03 09:00", "10:00")
    town.do(StatePopulation(organisation=made["city"], year=2025, residents=20))
    town.do(StatePopulation(organisation=made["east"], year=2025, staff=3, staff_registered=2))
    return made


def seen(book: Book, **asked: object) -> Indicators:
    return read_indicators(book, **asked)  # type: ignore[arg-type]


def test_an_organisation_answers_for_itself_and_all_below_it(
    book: Book, city: dict[str, str]
) -> None:
    found = seen(book, organisation=city["city"], year=2025)
    assert found.total == (4, 2, 120)
    assert found.by_tier == {"city": (1, 0, 0), "county": (3, 2, 120)}
    assert found.residents == (4, 20, 13)
    assert found.residents.verdict == "met"
    assert (found.staff, found.staff.verdict) == ((2, 3, 50), "met")
    assert found.members.verdict == "not_applicable"
    assert found.total.active_per_ten_thousand == 5_000
    assert found.total.minutes_per_volunteer == 30


def test_a_county_answers_for_its_own(book: Book, city: dict[str, str]) -> None:
    found = seen(book, organisation=city["west"], year=2025)
    assert (found.total, found.residents.verdict) == ((1, 1, 30), "not_applicable")


def test_everybody_includes_who_belongs_to_nobody(book: Book, city: dict[str, str]) -> None:
    found = seen(book)
    assert (found.year, found.total) == (2025, (5, 3, 180))
    assert found.by_tier["none"] == (1, 1, 60)
    assert city["ed"]


def test_a_year_begins_and_ends_at_local_midnight(book: Book, city: dict[str, str]) -> None:
    """They were registered here later, and were volunteers when they served."""
    found = seen(book, year=2024)
    assert found.total == (2, 2, 180)
    assert seen(book, year=2023).total == (0, 0, 0)
    months = [(what.active, what.minutes) for what in seen(book, year=2025).by_month]
    assert months[:4] == [(2, 90), (1, 60), (1, 30), (0, 0)]
    # Ana and cy in January, bo since 2024, ed since February; di from the day of registration on.
    assert [what.registered for what in seen(book, year=2025).by_month][:4] == [3, 4, 5, 5]
    assert city["cy"]


def test_who_left_and_groups_are_not_counted(book: Book, town: Town, city: dict[str, str]) -> None:
    town.becomes(f"volunteer:{city['ana']}", "left")
    group: Action = RegisterGroup(volunteer=town.new(), organisation=city["east"])
    town.do(group)
    assert seen(book, organisation=city["city"]).total == (3, 1, 30)


def test_held_and_reversed_records_make_nobody_active(
    book: Book, town: Town, city: dict[str, str]
) -> None:
    record = town.served(city["di"], "2025-03-05 09:00", "10:00").id
    assert seen(book, organisation=city["city"]).total == (4, 3, 180)
    town.reverse(record)
    held = town.served(city["di"], "2025-03-06 09:00", "19:00")
    assert held.outcome == "held"
    assert seen(book, organisation=city["city"]).total == (4, 2, 120)


def test_a_statement_made_again_replaces_the_first(
    book: Book, town: Town, city: dict[str, str]
) -> None:
    town.do(StatePopulation(organisation=city["city"], year=2025, residents=31))
    assert seen(book, organisation=city["city"]).residents.verdict == "not_met"
    town.do(StatePopulation(organisation=city["city"], year=2025, residents=30))
    found = seen(book, organisation=city["city"]).residents
    assert (found, found.verdict) == ((4, 30, 13), "met")
    assert seen(book, organisation=city["city"], year=2024).residents.verdict == "not_applicable"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"staff": 3, "staff_registered": 4}, "bad_amount"),
        ({"members_registered": 1}, "bad_amount"),
        ({"residents": -1}, "bad_amount"),
        ({"year": 2026}, "bad_time"),
        ({"organisation": "nobody"}, "unknown_party"),
    ],
)
def test_a_statement_that_cannot_be_is_refused(
    town: Town, given: dict[str, int], code: str
) -> None:
    fields: dict[str, object] = {"organisation": town.home, "year": 2025, **given}
    with town.refuses(code):
        town.do(StatePopulation(**fields))  # type: ignore[arg-type]


# Over HTTP and at the command line ---------------------------------------------------------------


def test_indicators_over_http_are_for_ones_own_tree(
    book: Book, ledger: Ledger, city: dict[str, str]
) -> None:
    site = Site(book, ledger.clock)
    cast = Cast(site)
    host = site.organisation_token(city["city"])
    found = site.get(host, "/indicators?year=2025").json
    assert found["organisation"] == city["city"]
    assert found["total"] == {
        "registered": 4,
        "active": 2,
        "minutes": 120,
        "active_per_ten_thousand": 5_000,
        "minutes_per_volunteer": 30,
    }
    assert found["residents"] == {
        "part": 4,
        "whole": 20,
        "target_percent": 13,
        "per_ten_thousand": 2_000,
        "verdict": "met",
    }
    assert len(found["by_month"]) == 12
    below = site.get(host, f"/indicators?organisation={city['east']}").json
    assert below["total"]["registered"] == 2
    for foreign in (cast.home, "0" * 16):
        answer = site.get(host, f"/indicators?organisation={foreign}")
        assert (answer.status, answer.code) == (404, "not_found")
    assert site.get(site.operator, "/indicators").json["organisation"] == ""
    auditor = site.made(site.operator, "/auditors", {"name": "审计所"})["auditor"]
    token = site.token(f"auditor:{auditor}", "auditor")
    assert site.get(token, f"/indicators?organisation={city['east']}", **WHY).status == 200


def test_populations_are_stated_over_http(book: Book, ledger: Ledger) -> None:
    site = Site(book, ledger.clock)
    cast = Cast(site)
    path = f"/organisations/{cast.home}/populations"
    made = site.made(cast.host, path, {"year": 2025, "residents": 7})
    assert (made["organisation"], made["year"]) == (cast.home, 2025)
    assert site.get(cast.host, "/indicators").json["residents"]["verdict"] == "met"
    site.made(cast.host, path, {"year": 2025, "residents": 8})
    assert site.get(cast.host, "/indicators").json["residents"]["verdict"] == "not_met"
    other = site.organisation_token(site.organisation())
    assert site.post(other, path, {"year": 2025}).code == "unknown_party"


def test_the_command_line_prints_the_same(
    book: Book, ledger: Ledger, city: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = json.loads(
        json.dumps(Site(book, ledger.clock).get(_host(book, ledger, city), "/indicators").json)
    )
    book.close()
    monkeypatch.setattr("api.cli.common.open_ledger", lambda *_args, **_kwargs: ledger.open())
    settings = Settings(home=ledger.home)
    monkeypatch.setattr(Settings, "read", staticmethod(lambda: settings))
    asked = ["indicators", "--organisation", city["city"], "--year", "2025"]
    answered = CliRunner().invoke(main, [*asked, "--json"])
    assert answered.exit_code == 0, answered.output
    assert json.loads(answered.output) == expected
    answered = CliRunner().invoke(main, asked)
    assert "residents   4 of 20 (20.00 %), above 13 %" in answered.output
    assert "members     not applicable" in answered.output
    assert "4 registered, 2 active (50.00 %), 2 h 0 min, 30 min each" in answered.output


def _host(book: Book, ledger: Ledger, city: dict[str, str]) -> str:
    return Site(book, ledger.clock).organisation_token(city["city"])
