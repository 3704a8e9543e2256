"""Public totals: right, never about a few people, and never counted again for nothing."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.door import totals as door
from ledger.door.totals import FRESH_MS, PEOPLE_MIN, Keeper, told
from tests.api_client import Cast, Site
from tests.kit import at
from tests.page_client import Browser, text_of

PARTS = st.dictionaries(
    st.integers(0, 20), st.tuples(st.integers(0, 12), st.integers(0, 10_000)), max_size=8
)


# What is hidden ---------------------------------------------------------------------------------


@given(PARTS)
def test_a_part_of_few_people_is_never_told(parts: dict[int, tuple[int, int]]) -> None:
    shown = told(parts)
    assert shown.keys() == parts.keys()
    for key, amount in shown.items():
        people, really = parts[key]
        if 0 < people < PEOPLE_MIN:
            assert amount is None
        assert amount in (None, really)


@given(PARTS)
def test_what_is_missing_from_the_whole_is_never_of_a_few_people_alone(
    parts: dict[int, tuple[int, int]],
) -> None:
    """With the whole known, so is what the hidden parts come to together."""
    shown = told(parts)
    hidden = [parts[key][0] for key, amount in shown.items() if amount is None]
    if hidden and any(people >= PEOPLE_MIN for people, _ in parts.values()):
        assert max(hidden) >= PEOPLE_MIN


@given(PARTS)
def test_nothing_is_hidden_where_nobody_could_be_singled_out(
    parts: dict[int, tuple[int, int]],
) -> None:
    if all(people == 0 or people >= PEOPLE_MIN for people, _ in parts.values()):
        assert None not in told(parts).values()


# What is told -----------------------------------------------------------------------------------


@pytest.fixture
def town(site: Site) -> Cast:
    return Cast(site)


def serve(site: Site, town: Cast, people: int, day: str, until: str) -> list[dict[str, Any]]:
    """So many people of the town, each once."""
    return [
        town.served(f"{day} 09:00", until, who=site.volunteer(town.home)) for _ in range(people)
    ]


def totals(site: Site) -> Any:
    """What a stranger reads a minute later."""
    site.clock.forward(seconds=FRESH_MS / 1000)
    answer = site.get("", "/totals")
    assert answer.status == 200, answer.text
    return answer.json


def test_before_any_service_there_is_nothing_to_tell(site: Site) -> None:
    found = totals(site)
    assert (found["minutes"], found["volunteers"], found["since"]) == (0, 0, "")
    assert (found["by_category"], found["by_tier"]) == ({}, {})


def test_totals_are_told_by_month_category_and_tier_in_whole_hours(site: Site, town: Cast) -> None:
    serve(site, town, 5, "2025-03-03", "11:15")
    serve(site, town, 6, "2025-03-05", "10:00")
    found = totals(site)
    assert found["minutes"] == (5 * 135 + 6 * 60) // 60 * 60
    march = found["by_month"][-1]
    assert (march["month"], march["volunteers"], march["minutes"]) == ("2025-03", 11, 1020)
    assert found["by_category"] == {"health": 1020}
    assert list(found["by_tier"].values()) == [1020]
    assert found["volunteers"] == 12
    assert found["since"] == "2025-03"
    [cycle] = found["points"]
    assert cycle["cycle"] == "2025-Q1"
    assert cycle["issued_hundredths"] > 0


def test_fewer_than_five_people_are_not_told_about(site: Site, town: Cast) -> None:
    serve(site, town, PEOPLE_MIN - 1, "2025-03-03", "11:00")
    found = totals(site)
    assert found["minutes"] is None
    assert found["by_month"][-1] == {"month": "2025-03", "volunteers": None, "minutes": None}
    assert found["by_category"] == {"health": None}
    assert list(found["by_tier"].values()) == [None]
    serve(site, town, 1, "2025-03-04", "11:00")
    assert totals(site)["minutes"] == PEOPLE_MIN * 120


def test_a_small_category_takes_the_smallest_other_with_it(site: Site, town: Cast) -> None:
    with site.earlier():
        culture = site.activity(town.home, category="culture")
        legal = site.activity(town.home, category="legal_aid")
    serve(site, town, 7, "2025-03-03", "11:00")
    for activity, people in ((culture, 6), (legal, 1)):
        for _ in range(people):
            who = site.volunteer(town.home)
            town.served("2025-03-04 09:00", "11:00", who=who, activity=activity)
    assert totals(site)["by_category"] == {"health": 840, "culture": None, "legal_aid": None}


def test_what_is_counted_step_by_step_is_what_is_counted_at_once(site: Site, town: Cast) -> None:
    """After records of several months, corrections and reversals, and captures given back."""
    keeper = Keeper()
    records: list[dict[str, Any]] = []
    for step in range(4):
        if step == 0:
            records = serve(site, town, 6, "2025-03-03", "12:00")
        elif step == 1:
            for _ in range(5):
                town.history("2025-01-11 09:00", "2025-01-11 11:00", who=site.volunteer(town.home))
        elif step == 2:
            body = {**town.session("2025-03-03 09:00", "10:00"), "reason": "签退时间有误"}
            body.pop("volunteer")
            site.made(town.host, f"/service-records/{records[0]['record']}/correct", body)
        else:
            path = f"/service-records/{records[1]['record']}/reverse"
            site.made(town.host, path, {"reason": "重复记录"})
        site.clock.forward(seconds=61)
        stepwise, at_once = keeper.totals(site.book), Keeper().totals(site.book)
        assert stepwise == dataclasses.replace(at_once, made=stepwise.made)


def test_for_a_minute_nothing_is_counted_again_and_then_only_what_was_touched(
    site: Site, town: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[int] = []
    month = door._month

    def noted(connection: Any, bounds: tuple[int, int], *given: Any) -> Any:
        counted.append(bounds[0])
        return month(connection, bounds, *given)

    monkeypatch.setattr(door, "_month", noted)
    for day in ("2024-11-11", "2025-01-11"):
        for _ in range(5):
            town.history(f"{day} 09:00", f"{day} 11:00", who=site.volunteer(town.home))
    before = totals(site)
    assert len(counted) == 5
    counted.clear()
    town.history("2025-01-12 09:00", "2025-01-12 11:00", who=site.volunteer(town.home))
    assert site.get("", "/totals")["minutes"] == before["minutes"]
    assert counted == []
    assert totals(site)["minutes"] == before["minutes"] + 120
    assert counted == [at("2025-01-01 00:00"), at("2025-03-01 00:00")]


def test_a_head_is_told_once_it_is_signed(site: Site) -> None:
    site.book.signer.sign()
    head = totals(site)["head"]
    assert head["size"] == site.size()
    assert head["root"] == site.book.root_at(site.size()).hex()


# The page ---------------------------------------------------------------------------------------


def test_whoever_is_not_signed_in_reads_what_the_ledger_is(site: Site, town: Cast) -> None:
    serve(site, town, 5, "2025-03-03", "11:00")
    site.clock.forward(minutes=2)
    found = Browser(site).get("/")
    said = text_of(found)
    assert found.status_code == 200
    for wanted in (
        "谁都能核对的志愿服务账本",
        "10 小时",
        "健康医疗",
        "3月",
        "2025年第1季度",
        site.book.origin,
    ):
        assert wanted in said
    for link in ('href="/c"', 'href="/sign-in"', 'href="/docs"'):
        assert link in found.get_data(as_text=True)
    assert "anybody can check" in text_of(Browser(site).get("/?lang=en"))


def test_whoever_is_signed_in_is_sent_home(site: Site, town: Cast) -> None:
    answer = Browser(site).signed_in(f"organisation:{town.home}").get("/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/office")


def test_a_ledger_without_service_says_so(site: Site) -> None:
    said = text_of(Browser(site).get("/"))
    assert "现在没有公示" in said
    assert "还没有可画的数字" in said


def test_a_small_town_says_that_it_hides_some(site: Site, town: Cast) -> None:
    serve(site, town, 2, "2025-03-03", "11:00")
    site.clock.forward(minutes=2)
    said = text_of(Browser(site).get("/"))
    assert "免得认出是谁" in said
    assert "4 小时" not in said


def test_a_star_notice_is_published_without_a_name(site: Site, town: Cast) -> None:
    who = site.volunteer(town.home, name="林静")
    for day in range(3, 10):
        town.served(f"2025-03-0{day} 08:00", "16:00", who=who)
    for month in range(1, 13):
        for day in (5, 12, 19, 26):
            on = f"2024-{month:02}-{day:02}"
            town.history(f"{on} 08:00", f"{on} 16:00", who=who)
    made = site.made(town.host, "/stars/applications", {"volunteer": who, "star": 1})
    # There is nobody at the tier that grants it, so the operator does.
    site.made(site.operator, f"/stars/applications/{made['case']}/notice", {})
    site.clock.forward(minutes=2)
    for page in ("/", "/notices"):
        said = text_of(Browser(site).get(page))
        assert "拟认定" in said
        assert "阳光社区" in said
        assert "林" not in said


def test_a_cycle_that_nobody_wrote_so_is_not_there(site: Site) -> None:
    assert Browser(site).get("/credit-list?cycle=x").status_code == 404
    assert Browser(site).get("/credit-list?cycle=2024").status_code == 200
