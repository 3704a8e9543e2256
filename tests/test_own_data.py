"""What a volunteer alone may ask: who looked at their data, whom they are related to, and why a
record does not count. And lists that are read from their newest end."""

from __future__ import annotations

from typing import Any

import pytest

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


def test_looks_and_relations_are_there_for_nobody_else(site: Site, town: Cast) -> None:
    other = site.volunteer_token(site.volunteer(town.home))
    for what in ("accesses", "relations"):
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
