"""Reports of an organisation; whose number it is, who works there, what was stated of a year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.api_client import Cast, Site, identity_number, organisation_code
from tests.kit import Ledger

MARCH = "/reports/service?first_month=2025-03&last_month=2025-03"


@dataclass
class Tree:
    """A city, a township below it with one volunteer of its own, and a stranger."""

    site: Site
    cast: Cast
    city: str
    city_token: str
    stranger_token: str


@pytest.fixture
def tree(ledger: Ledger) -> Tree:
    site = Site(ledger.open(), ledger.clock)
    with site.earlier():
        city = site.organisation(tier="city")
        cast = Cast(site)
        cast.home = site.organisation(name="东街", parent=city, tier="township")
        cast.host = site.organisation_token(cast.home)
        cast.recorder, cast.approver = site.staff(cast.home), site.staff(cast.home)
        cast.activity = site.activity(cast.home)
        cast.ana = site.volunteer(cast.home)
        cast.ana_token = site.volunteer_token(cast.ana)
        stranger = site.organisation()
        tokens = site.organisation_token(city), site.organisation_token(stranger)
    return Tree(site, cast, city, *tokens)


def test_what_is_below_is_in_the_report_and_what_is_beside_is_not(tree: Tree) -> None:
    tree.cast.served("2025-03-03 09:00", "11:30")
    found = tree.site.get(tree.city_token, MARCH).json
    assert found["organisation"] == tree.city
    assert found["total"] == {
        "volunteers": 1,
        "minutes": 150,
        "points_hundredths": 250,
        "saved_minutes": 0,
    }
    assert found["by_category"] == {"health": found["total"]}
    assert found["by_tier"] == {"township": found["total"]}
    assert found["by_organisation"] == [
        {
            "organisation": tree.cast.home,
            "parent": tree.city,
            "tier": "township",
            **found["total"],
        }
    ]
    nothing = tree.site.get(tree.stranger_token, MARCH).json
    assert (nothing["total"]["minutes"], nothing["by_category"]) == (0, {})
    assert tree.site.get(tree.site.operator, MARCH).json["total"] == found["total"]


def test_a_session_counts_in_the_month_of_its_check_in_on_the_clocks_of_china(tree: Tree) -> None:
    tree.cast.served("2025-02-28 23:00", "2025-03-01 00:30")
    tree.cast.served("2025-03-01 09:00", "10:00")
    path = "/reports/service?first_month=2025-02&last_month=2025-03"
    months = tree.site.get(tree.city_token, path).json["by_month"]
    assert [(each["month"], each["minutes"]) for each in months] == [
        ("2025-02", 90),
        ("2025-03", 60),
    ]
    assert [each["volunteers"] for each in months] == [1, 1]


def test_people_who_served_twice_are_one(tree: Tree) -> None:
    tree.cast.served("2025-03-03 09:00", "10:00")
    tree.cast.served("2025-03-04 09:00", "10:00")
    other = tree.site.volunteer(tree.cast.home)
    tree.cast.served("2025-03-04 09:00", "10:00", who=other)
    assert tree.site.get(tree.city_token, MARCH).json["total"]["volunteers"] == 2


def test_held_and_reversed_service_is_no_service(tree: Tree) -> None:
    tree.cast.served("2025-03-03 08:00", "20:30")
    record = tree.cast.served("2025-03-04 09:00", "10:00")["record"]
    tree.site.made(tree.cast.host, f"/service-records/{record}/reverse", {"reason": "未到场"})
    assert tree.site.get(tree.city_token, MARCH).json["total"]["minutes"] == 0


def test_points_and_saved_time_are_issued_and_redeemed(tree: Tree) -> None:
    site, cast = tree.site, tree.cast
    record = cast.served("2025-03-03 09:00", "13:00")["record"]
    till = site.till()
    coffee = site.reward(till)
    site.made(cast.ana_token, "/time-bank/deposits", {"record": record, "minutes": 60})
    code = site.made(cast.ana_token, "/redemptions", {"reward": coffee, "quantity": 2})["code"]
    assert _points(tree) == (400, 0)
    taken = site.made(till.token, "/redemptions/capture", {"code": code, "quantity": 1})
    assert _points(tree) == (400, 100)
    assert site.get(tree.city_token, MARCH).json["by_month"][0]["saved_minutes"] == 60
    undone = {"ground": "cannot_supply"}
    site.made(till.token, f"/redemptions/{taken['redemption']}/void", undone)
    assert _points(tree) == (400, 0)


def _points(tree: Tree) -> tuple[int, int]:
    (month,) = tree.site.get(tree.city_token, MARCH).json["by_month"]
    return month["points_hundredths"], month["points_redeemed_hundredths"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("first_month=2025-13", "bad_value"),
        ("first_month=2025-3", "bad_value"),
        ("first_month=2025-04&last_month=2025-03", "out_of_range"),
        ("first_month=2020-01&last_month=2025-03", "out_of_range"),
        ("month=2025-03", "unknown_field"),
    ],
)
def test_what_is_no_span_of_months_is_refused(tree: Tree, asked: str, code: str) -> None:
    answer = tree.site.get(tree.city_token, f"/reports/service?{asked}")
    assert (answer.status, answer.code) == (422, code)


def test_three_years_are_the_most(tree: Tree) -> None:
    path = "/reports/service?first_month=2022-04&last_month=2025-03"
    assert len(tree.site.get(tree.city_token, path).json["by_month"]) == 36
    path = "/reports/service?first_month=2022-03&last_month=2025-03"
    assert tree.site.get(tree.city_token, path).status == 422


def test_another_organisations_report_is_not_there(tree: Tree) -> None:
    for token, organisation in (
        (tree.stranger_token, tree.city),
        (tree.cast.host, tree.city),
        (tree.city_token, "0" * 16),
    ):
        answer = tree.site.get(token, f"/reports/service?organisation={organisation}")
        assert (answer.status, answer.code) == (404, "not_found")
    below = f"/reports/service?organisation={tree.cast.home}"
    assert tree.site.get(tree.city_token, below).status == 200


def test_what_was_stated_of_a_year_can_be_read_by_whoever_may_state_it(tree: Tree) -> None:
    path = f"/organisations/{tree.city}/populations"
    tree.site.made(tree.city_token, path, {"year": 2025, "residents": 10})
    tree.site.made(tree.city_token, path, {"year": 2025, "residents": 12, "staff": 3})
    (row,) = tree.site.get(tree.city_token, path)["data"]
    assert (row["year"], row["residents"], row["staff"], row["members"]) == (2025, 12, 3, 0)
    assert tree.site.get(tree.site.operator, path).status == 200
    for token in (tree.stranger_token, tree.cast.host):
        assert tree.site.get(token, path).code == "not_found"


def test_staff_are_known_by_name_to_their_own_organisation_alone(tree: Tree) -> None:
    site = tree.site
    made = site.made(tree.cast.host, "/staff", {"name": "赵六"})
    for token in (tree.cast.host, tree.city_token):
        names = {each["staff"]: each["name"] for each in site.get(token, "/staff")["data"]}
        assert names[made["staff"]] == "赵六"
    assert site.get(tree.stranger_token, "/staff")["data"] == []
    assert site.get(tree.cast.ana_token, "/staff").code == "role_not_allowed"


def test_a_member_is_found_by_number_and_shown_masked(tree: Tree) -> None:
    site, number = tree.site, identity_number()
    body = {"name": "林静", "identity_number": number, "number": "V-7"}
    made = site.made(tree.cast.host, "/volunteers", body)
    for typed in ("V-7", " V-7 ", number.lower()):
        found = _found(site, tree.cast.host, typed)
        assert (found.status, found["volunteer"]) == (200, made["volunteer"])
        assert found["name"] == "林*"
        assert number not in found.text
    assert _found(site, tree.city_token, "V-7").status == 200


@pytest.mark.parametrize("typed", ["V-8", "0", "110105199001010000"])
def test_whose_number_is_nobodys_is_not_found(tree: Tree, typed: str) -> None:
    assert _found(tree.site, tree.cast.host, typed).code == "not_found"


def test_anothers_member_is_not_found_by_number(tree: Tree) -> None:
    """Nor does an identity number tell a stranger that somebody volunteers."""
    site, number = tree.site, identity_number()
    body = {"name": "林静", "identity_number": number, "number": "V-7"}
    site.made(tree.cast.host, "/volunteers", body)
    for typed in ("V-7", number):
        answer = _found(site, tree.stranger_token, typed)
        unknown = _found(site, tree.stranger_token, "V-8")
        assert (answer.status, answer.code) == (unknown.status, unknown.code) == (404, "not_found")


def _found(site: Site, token: str, number: str) -> Any:
    return site.post(token, "/volunteers/find", {"number": number}, key="")


def test_who_decides_about_a_star_is_told_by_tier(tree: Tree) -> None:
    for month in (1, 2):
        for day in range(6, 27):
            tree.cast.history(
                f"2025-0{month}-{day:02d} 09:00",
                f"2025-0{month}-{day:02d} 15:00",
                who=tree.cast.ana,
            )
    made = tree.site.made(tree.cast.ana_token, "/stars/applications", {"star": 1})
    (case,) = tree.site.get(tree.city_token, "/stars/applications")["data"]
    assert case["granting_tier"] == "county"
    tree.site.made(
        tree.site.operator, f"/stars/applications/{made['case']}/refuse", {"reason": "待核"}
    )
    (case,) = tree.site.get(tree.city_token, "/stars/applications")["data"]
    assert case["granting_tier"] == ""


def test_an_organisations_code_is_no_volunteers_number(tree: Tree) -> None:
    assert _found(tree.site, tree.city_token, organisation_code()).code == "not_found"
