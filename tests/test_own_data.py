"""What a volunteer alone may ask: who looked at their data, whom they are related to, and why a
record does not count. And lists that are read from their newest end."""

from __future__ import annotations

from typing import Any

import pytest

from api.reads import parties
from api.times import rfc3339
from tests.api_client import Cast, Site


@pytest.fixture
def town(site: Site) -> Cast:
    return Cast(site)


def accesses(site: Site, town: Cast, query: str = "") -> list[dict[str, Any]]:
    answer = site.get(town.ana_token, f"/volunteers/{town.ana}/accesses{query}")
    assert answer.status == 200, answer.text
    return list(answer["data"])


def test_a_volunteer_sees_who_read_their_data_newest_first(site: Site, town: Cast) -> None:
    """Others' looks with role, organisation and purpose; one's own only when asked for."""
    assert accesses(site, town) == []
    site.get(town.host, f"/volunteers/{town.ana}")
    site.clock.forward(minutes=1)
    site.get(town.reviewer, f"/volunteers/{town.ana}")
    site.clock.forward(minutes=1)
    site.get(site.operator, f"/volunteers/{town.ana}")
    site.get(town.ana_token, f"/volunteers/{town.ana}")
    seen = accesses(site, town)
    assert [(each["role"], each["purpose"]) for each in seen] == [
        ("operator", "operation"),
        ("reviewer", "record_review"),
        ("organisation", "registration"),
    ]
    assert [each["organisation"] for each in seen] == ["", town.home, town.home]
    assert seen[2]["by"] == f"organisation:{town.home}"
    assert accesses(site, town, "?own=yes")[0]["by"] == f"volunteer:{town.ana}"
    first = accesses(site, town, "?limit=1")
    assert first == seen[:1]
    assert accesses(site, town, f"?limit=2&before={first[0]['access']}") == seen[1:]


def test_equal_looks_of_a_day_are_told_as_one_and_none_is_left_out(site: Site, town: Cast) -> None:
    """Three looks of the organisation on one day, one on the next, and a reviewer's between."""
    path = f"/volunteers/{town.ana}"
    begins = site.clock.now_ms()
    for reader in (town.host, town.reviewer, town.host, town.host):
        site.get(reader, path)
        site.clock.forward(minutes=10)
    site.clock.forward(days=1)
    site.get(town.host, path)
    site.get(town.ana_token, path)

    def days(query: str = "") -> list[dict[str, Any]]:
        answer = site.get(town.ana_token, f"{path}/accesses/days{query}")
        assert answer.status == 200, answer.text
        return list(answer["data"])

    seen = days()
    assert [(each["role"], each["purpose"], each["count"]) for each in seen] == [
        ("organisation", "registration", 1),
        ("reviewer", "record_review", 1),
        ("organisation", "registration", 3),
    ]
    assert (seen[2]["by"], seen[2]["organisation"]) == (f"organisation:{town.home}", town.home)
    assert seen[2]["since"] == rfc3339(begins)
    assert seen[2]["until"] == rfc3339(begins + 30 * 60_000)
    each = accesses(site, town, f"?like={seen[2]['first']}")
    assert [one["time"] for one in each] == [
        rfc3339(begins + minutes * 60_000) for minutes in (30, 20, 0)
    ]
    assert accesses(site, town, f"?like={each[0]['access']}") == each
    rest = accesses(site, town, f"?like={seen[2]['first']}&limit=2&before={each[1]['access']}")
    assert rest == each[2:]
    # One's own when asked for; and all of them are all that the single looks are.
    with_own = days("?own=yes")
    assert [one["role"] for one in with_own].count("volunteer") == 1
    assert sum(one["count"] for one in with_own) == len(accesses(site, town, "?own=yes"))


def test_pages_of_days_stay_as_they_are_when_somebody_looks_again(site: Site, town: Cast) -> None:
    """A later look of today joins today's line, and no line moves to another page."""
    path = f"/volunteers/{town.ana}"
    for reader in (town.host, town.reviewer, site.operator):
        site.get(reader, path)
    first = site.get(town.ana_token, f"{path}/accesses/days?limit=1")
    assert first["has_more"]
    site.get(town.host, path)
    before = first["data"][0]["first"]
    rest = site.get(town.ana_token, f"{path}/accesses/days?before={before}")
    assert [(each["role"], each["count"]) for each in rest["data"]] == [
        ("reviewer", 1),
        ("organisation", 2),
    ]


def test_looks_are_like_one_about_oneself_alone(site: Site, town: Cast) -> None:
    bo = site.volunteer(town.home)
    site.get(town.host, f"/volunteers/{bo}")
    bo_token = site.volunteer_token(bo)
    (theirs,) = site.get(bo_token, f"/volunteers/{bo}/accesses")["data"]
    for like in (theirs["access"], 2**40):
        answer = site.get(town.ana_token, f"/volunteers/{town.ana}/accesses?like={like}")
        assert (answer.status, answer.code) == (404, "not_found")


def test_looks_and_relations_are_there_for_nobody_else(site: Site, town: Cast) -> None:
    other = site.volunteer_token(site.volunteer(town.home))
    for what in ("accesses", "accesses/days", "relations"):
        path = f"/volunteers/{town.ana}/{what}"
        assert site.get(other, path).code == "not_found"
        assert site.get(other, f"/volunteers/{'0' * 16}/{what}").code == "not_found"
        for token in (town.host, town.reviewer, site.operator):
            assert site.get(token, path).code == "role_not_allowed"


def test_relatives_are_seen_by_masked_name_and_kind_from_both_sides(site: Site, town: Cast) -> None:
    """A friend is on file as well, and time goes to them only where the rules say so."""
    mother = site.volunteer(town.home, name="王秀英")
    friend = site.volunteer(town.home, name="赵六")
    path = f"/volunteers/{town.ana}/relations"
    for one, kind in ((friend, "friend"), (mother, "lineal")):
        site.made(town.host, path, {"relative": one, "relation": kind})
    seen = site.get(town.ana_token, path)["data"]
    assert [(each["kind"], each["name"], each["can_receive"]) for each in seen] == [
        ("lineal", "王*", True),
        ("friend", "赵*", False),
    ]
    assert seen[0]["relative"] == mother
    mothers = site.volunteer_token(mother)
    (back,) = site.get(mothers, f"/volunteers/{mother}/relations")["data"]
    assert (back["relative"], back["kind"], back["name"]) == (town.ana, "lineal", "张*")
    # Looking at a name is a look like every other.
    (look,) = site.get(mothers, f"/volunteers/{mother}/accesses")["data"]
    assert (look["by"], look["purpose"]) == (f"volunteer:{town.ana}", "relation")
    site.made(town.host, f"{path}/{seen[0]['relation']}/end")
    assert len(site.get(town.ana_token, path)["data"]) == 1


def test_a_held_record_names_the_volunteers_own_records_of_that_time(
    site: Site, town: Cast
) -> None:
    """For the volunteer alone: where else they were is nobody else's to learn from this."""
    one = town.served("2025-03-03 09:00", "11:00")["record"]
    town.served("2025-03-03 11:00", "12:00")
    held = town.served("2025-03-03 10:00", "11:00")["record"]
    path = f"/service-records/{held}"
    found = site.get(town.ana_token, path)
    assert (found["state"], found["reasons"], found["overlaps"]) == ("held", ["overlap"], [one])
    assert found["ended"] is None
    assert site.get(town.host, path)["overlaps"] == []
    assert site.get(town.ana_token, f"/service-records/{one}")["overlaps"] == []


def test_what_no_longer_counts_says_why(site: Site, town: Cast) -> None:
    """A refused record has the reviewer's words, a corrected one names the one in its place."""
    town.served("2025-03-03 09:00", "11:00")
    held = town.served("2025-03-03 10:00", "11:00")["record"]
    said = {"reason": "当天十点您在另一处签到"}
    made = site.made(town.reviewer, f"/service-records/{held}/refuse", said)
    ended = site.get(town.ana_token, f"/service-records/{held}")["ended"]
    assert (ended["kind"], ended["text"], ended["entry"]) == (
        "service_refused",
        said,
        made["entry"],
    )
    wrong = town.served("2025-03-04 09:00", "11:00")["record"]
    body = town.session("2025-03-04 09:00", "10:00") | {"reason": "多记了一小时"}
    body.pop("volunteer")
    right = site.made(town.host, f"/service-records/{wrong}/correct", body)["record"]
    ended = site.get(town.ana_token, f"/service-records/{wrong}")["ended"]
    assert (ended["kind"], ended["replaced_by"]) == ("service_reversed", right)
    assert site.get(town.ana_token, f"/service-records/{right}")["ended"] is None


def test_lists_are_read_from_their_newest_end_as_well(site: Site, town: Cast) -> None:
    records = [town.served(f"2025-03-0{day} 09:00", "10:00")["record"] for day in (3, 4, 5)]
    first = site.get(town.ana_token, "/service-records?newest_first=yes&limit=2").json
    assert [each["record"] for each in first["data"]] == records[:0:-1]
    assert first["has_more"]
    after = first["data"][-1]["entry"]
    rest = site.get(
        town.ana_token, f"/service-records?newest_first=yes&starting_after={after}"
    ).json
    assert [each["record"] for each in rest["data"]] == records[:1]
    assert not rest["has_more"]
    said = [
        site.made(
            town.ana_token,
            "/objections",
            {"subject_kind": "record", "subject": one, "text": "不对"},
        )["objection"]
        for one in records
    ]
    for state in ("", "&state=open"):
        newest = site.get(town.ana_token, f"/objections?newest_first=yes{state}")["data"]
        assert [each["objection"] for each in newest] == said[::-1]
    for path in ("/orders", "/stars/applications"):
        assert site.get(town.ana_token, f"{path}?newest_first=yes")["data"] == []
        assert site.get(town.ana_token, f"{path}?newest_first=no").code == "not_a_choice"


def test_saved_time_says_to_whom_it_can_be_given(site: Site, town: Cast) -> None:
    saved = site.get(town.ana_token, "/time-bank/saved")
    assert saved["transfer_to"] == ["spouse", "lineal"]
    assert saved["granularity_minutes"] == 1


def test_merchants_are_found_by_a_part_of_their_name_and_by_what_they_offer(
    site: Site, town: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However far down the list they stand: what they are called is looked through page by page."""
    monkeypatch.setattr(parties, "PAGE_MAX", 1)
    till = site.till()
    others = [
        str(site.made(site.operator, "/merchants", {"name": name})["merchant"])
        for name in ("拾光书店", "望舒茶舍", "望舒书店")
    ]

    def found(query: str) -> list[str]:
        answer = site.get(town.ana_token, f"/merchants?{query}")
        assert answer.status == 200, answer.text
        return [one["merchant"] for one in answer["data"]]

    assert found("name=书店") == [others[0], others[2]]
    assert found("name=没有这一家") == []
    assert found("name=望舒&state=suspended") == []
    first = site.get(town.ana_token, "/merchants?name=书店&limit=1")
    assert (len(first["data"]), first["has_more"]) == (1, True)
    assert found(f"name=书店&limit=1&starting_after={first['data'][0]['entry']}") == [others[2]]
    assert found("offering=yes") == []
    site.reward(till)
    assert found("offering=yes") == [till.merchant]
    assert found("offering=yes&name=书店") == []
