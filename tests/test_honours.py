"""Medals and commendations (domain §1, §10 P32)."""

from __future__ import annotations

import pytest

from ledger.actions.honours import GrantMedal, RecordCommendation
from ledger.book import Book
from ledger.founding import adopt_policy
from ledger.policies import shipped
from tests.api_client import Cast, Site, moment
from tests.kit import Ledger, Town, at

MEDALS = ("thresholds_h = { value = []", "thresholds_h = { value = [1, 2]")


def test_a_medal_is_granted_once_the_hours_reach_it(town: Town, ana: str, bo: str) -> None:
    town.adopt(MEDALS)
    town.minutes_served(ana, 60, since="2025-03-03")
    town.minutes_served(bo, 59, since="2025-03-03")
    with town.refuses("medal_not_reached"):
        town.do(GrantMedal(volunteer=bo, medal=1))
    entry = town.do(GrantMedal(volunteer=ana, medal=1)).entry
    assert (entry.facts["medal"], entry.facts["minutes"], entry.postings) == (1, 60, ())
    with town.refuses("medal_granted_already"):
        town.do(GrantMedal(volunteer=ana, medal=1))
    for medal in (0, 2, 3):
        with town.refuses("medal_not_reached"):
            town.do(GrantMedal(volunteer=ana, medal=medal))


def test_medals_follow_lifetime_hours_whatever_the_stars_window(
    book: Book, town: Town, ana: str
) -> None:
    """Qidong counts stars by the year and medals at 1,500, 2,000 and 2,500 hours."""
    adopt_policy(book, shipped("qidong"))
    town.minutes_served(ana, 1_500 * 60 - 1, since="2021-01-04")
    with town.refuses("medal_not_reached"):
        town.do(GrantMedal(volunteer=ana, medal=1))
    town.served(ana, "2025-03-03 09:00", "09:01")
    town.do(GrantMedal(volunteer=ana, medal=1))
    assert town.standing(ana).star_minutes == 1


def test_by_default_there_are_no_medals(town: Town, ana: str) -> None:
    town.minutes_served(ana, 480, since="2025-03-03")
    with town.refuses("medal_not_reached"):
        town.do(GrantMedal(volunteer=ana, medal=1))


def test_a_medal_is_given_by_whoever_stands_above_or_the_operator(town: Town) -> None:
    town.adopt(MEDALS)
    county = town.organisation(tier="county")
    home = town.organisation(parent=county)
    elsewhere = town.organisation(tier="county")
    ana = town.volunteer(organisation=home)
    town.minutes_served(ana, 120, since="2025-03-03")
    with town.refuses("wrong_granting_tier"):
        town.do(GrantMedal(volunteer=ana, medal=1, organisation=elsewhere))
    town.do(GrantMedal(volunteer=ana, medal=1, organisation=home))
    town.do(GrantMedal(volunteer=ana, medal=2, organisation=county))


@pytest.mark.parametrize("change", ["suspended", "left"])
def test_who_is_not_active_is_not_honoured(town: Town, ana: str, change: str) -> None:
    town.adopt(MEDALS)
    town.minutes_served(ana, 60, since="2025-03-03")
    town.becomes(f"volunteer:{ana}", change)
    with town.refuses("party_not_active"):
        town.do(GrantMedal(volunteer=ana, medal=1))
    with town.refuses("party_not_active"):
        town.do(commendation(town, ana))


def commendation(town: Town, who: str, **given: object) -> RecordCommendation:
    fields: dict[str, object] = {
        "commendation": town.new(),
        "volunteer": who,
        "organisation": town.home,
        "level": "city",
        "awarded": at("2025-03-05 10:00"),
        **given,
    }
    return RecordCommendation(**fields)  # type: ignore[arg-type]


def test_a_commendation_is_recorded_once_it_was_awarded(town: Town, ana: str) -> None:
    entry = town.do(commendation(town, ana)).entry
    assert (entry.kind, entry.facts["level"], entry.postings) == (
        "commendation_recorded",
        "city",
        (),
    )
    town.do(commendation(town, ana, awarded=town.clock.ms))
    with town.refuses("bad_time"):
        town.do(commendation(town, ana, awarded=town.clock.ms + 1))
    with town.refuses("bad_level"):
        town.do(commendation(town, ana, level="village"))
    with town.refuses("unknown_party"):
        town.do(commendation(town, ana, organisation=town.new()))


def test_honours_over_http(book: Book, ledger: Ledger, town: Town) -> None:
    site = Site(book, ledger.clock)
    cast = Cast(site)
    town.adopt(MEDALS)
    town.minutes_served(cast.ana, 60, since="2025-03-03")
    path = f"/volunteers/{cast.ana}"
    site.made(cast.host, f"{path}/medals", {"medal": 1})
    made = site.made(
        cast.host,
        f"{path}/commendations",
        {
            "level": "city",
            "awarded": moment("2025-03-05 10:00"),
            "title": "优秀志愿者",
            "issuer": "市文明办",
        },
    )
    found = site.get(cast.ana_token, f"{path}/honours").json
    assert (found["star"], found["courtesy_pack"]) == (0, [])
    (medal,) = found["medals"]
    assert medal["medal"] == 1
    (shown,) = found["commendations"]
    assert shown["commendation"] == made["commendation"]
    assert shown["text"] == {"title": "优秀志愿者", "issuer": "市文明办"}
    assert (shown["level"], shown["organisation"]) == ("city", cast.home)
    # What it was for is in the vault, not on the ledger.
    assert "优秀".encode() not in book.entry(made["entry"]).data

    other = site.organisation_token(site.organisation())
    assert site.get(other, f"{path}/honours").code == "not_found"
    assert site.post(other, f"{path}/medals", {"medal": 2}).code == "unknown_party"
    wordless = {"level": "city", "awarded": moment("2025-03-05 10:00"), "title": "x"}
    assert site.post(site.operator, f"{path}/commendations", wordless).code == "organisation_needed"
    site.made(site.operator, f"{path}/commendations", {**wordless, "organisation": cast.home})
    late = {"level": "city", "awarded": moment("2025-03-10 09:01"), "title": "x"}
    assert site.post(cast.host, f"{path}/commendations", late).code == "bad_time"
