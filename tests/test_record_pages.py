"""Recording by hand on pages: effective or held and why, correcting with old and new side by side,
reversing, evaluating; and whose records these are."""

from __future__ import annotations

from typing import Any

import pytest

from api.pages import calling
from tests.api_client import Cast, Site, identity_number, moment
from tests.page_client import Browser, text_of

NEW = "/office/records/new"


@pytest.fixture
def office(site: Site, cast: Cast) -> Browser:
    return Browser(site).signed_in(f"organisation:{cast.home}")


def typed(cast: Cast, check_in: str = "2025-03-05T09:00", **given: Any) -> dict[str, Any]:
    """What somebody types into the form of a session."""
    return {
        "activity": cast.activity,
        "evidence": "check_in",
        "check_in": check_in,
        "check_out": f"{check_in[:10]}T11:00",
        "starts": f"{check_in[:10]}T09:00",
        "ends": f"{check_in[:10]}T11:00",
        "recorder": cast.recorder,
        "approver": cast.approver,
        **given,
    }


def numbered(site: Site, cast: Cast, number: str = "V17") -> str:
    body = {"name": "王安", "identity_number": identity_number(), "number": number}
    return str(site.made(cast.host, "/volunteers", body)["volunteer"])


def test_a_session_is_recorded_by_the_volunteers_number(
    site: Site, cast: Cast, office: Browser
) -> None:
    volunteer = numbered(site, cast)
    answer = office.submit(NEW, "", number="V17", **typed(cast))
    assert answer.status_code == 303, text_of(answer)
    page = text_of(office.get(answer.headers["Location"]))
    assert "有效，计入 2 小时" in page
    assert "已办理：登记一次服务" in page
    (record,) = site.get(cast.host, f"/service-records?volunteer={volunteer}")["data"]
    assert record["minutes"] == 120


def test_what_is_held_says_why_and_who_decides(cast: Cast, office: Browser) -> None:
    late = typed(cast, check_out="2025-03-05T18:30", ends="2025-03-05T18:30")
    answer = office.submit(f"{NEW}?volunteer={cast.ana}", "", **late)
    page = text_of(office.get(answer.headers["Location"]))
    assert "已保留，复核员确认后才计入" in page
    assert "当日合计超过 8 小时" in page
    assert "由本组织或上级的复核员处理" in page


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({"approver": "recorder"}, 422, "记录人和审核人不能是同一个人"),
        ({"check_out": "2025-03-05T08:00"}, 422, "结束时间须晚于开始时间"),
        ({"number": "V99"}, 404, ""),
    ],
)
def test_a_no_keeps_what_was_typed(
    site: Site, cast: Cast, office: Browser, given: dict[str, str], status: int, said: str
) -> None:
    numbered(site, cast)
    size = site.size()
    given = {name: cast.recorder if value == "recorder" else value for name, value in given.items()}
    answer = office.submit(NEW, "", **{"number": "V17", **typed(cast), **given})
    assert answer.status_code == status
    assert said in text_of(answer)
    assert 'value="2025-03-05T09:00"' in answer.get_data(as_text=True)
    assert site.size() == size


def test_an_activity_is_registered_on_the_spot(cast: Cast, office: Browser) -> None:
    answer = office.submit(
        "/office/records/activity",
        "",
        name="文明劝导",
        content="路口劝导",
        category="traffic",
        organisation=cast.home,
    )
    follows = office.get(answer.headers["Location"])
    activity = answer.headers["Location"].rpartition("=")[2]
    assert f'<option value="{activity}" selected>文明劝导' in follows.get_data(as_text=True)


def test_a_correction_is_seen_side_by_side_before_it_is_written(
    site: Site, cast: Cast, office: Browser
) -> None:
    record = cast.served("2025-03-05 09:00", "11:00")["record"]
    here, size = f"/office/records/{record}/correct", site.size()
    changed = {
        "evidence": "check_in",
        "check_in": "2025-03-05T09:00",
        "check_out": "2025-03-05T10:30",
        "recorder": cast.recorder,
        "approver": cast.approver,
        "reason": "签退写错",
    }
    both = office.submit(here, "", **changed)
    assert "2025-03-05 11:00 2025-03-05 10:30 有改动" in text_of(both)
    assert site.size() == size
    answer = office.send(both, here, "", step="confirm")
    assert answer.status_code == 303, text_of(answer)
    page = text_of(office.get(answer.headers["Location"]))
    assert "有效，计入 1 小时 30 分" in page
    assert "更正自 原记录" in page
    assert site.get(cast.host, f"/service-records/{record}")["state"] == "reversed"


def test_a_record_is_evaluated_and_reversed(cast: Cast, office: Browser) -> None:
    record = cast.served("2025-03-05 09:00", "11:00")["record"]
    here = f"/office/records/{record}"
    answer = office.submit(f"{here}/evaluate", "", score="5", conduct="good", text="很好")
    assert "已办理：评价" in text_of(office.get(answer.headers["Location"]))
    assert office.submit(f"{here}/evaluate", "", score="4", conduct="good").status_code == 409
    assert office.submit(f"{here}/reverse", "").status_code == 422
    answer = office.submit(f"{here}/reverse", "", reason="未参加")
    assert "已撤销，不再计入" in text_of(office.get(answer.headers["Location"]))
    assert record in office.get("/office/records?state=reversed").get_data(as_text=True)
    assert record not in office.get("/office/records?state=effective").get_data(as_text=True)


def test_a_form_sent_twice_records_once(site: Site, cast: Cast, office: Browser) -> None:
    form = office.form(office.get(f"{NEW}?volunteer={cast.ana}")) | typed(cast)
    places = {
        office.post(f"{NEW}?volunteer={cast.ana}", form).headers["Location"] for _ in range(2)
    }
    assert len(places) == 1
    assert len(site.get(cast.host, "/service-records")["data"]) == 1


def test_anothers_records_and_volunteers_are_not_there(
    site: Site, cast: Cast, office: Browser
) -> None:
    record = cast.served("2025-03-05 09:00", "11:00")["record"]
    numbered(site, cast)
    other = Browser(site).signed_in(f"organisation:{site.organisation()}")
    assert "没有这样的记录" in text_of(other.get("/office/records"))
    for path in ("", "/correct"):
        assert other.get(f"/office/records/{record}{path}").status_code == 404
    form = other.form(other.get(NEW)) | {"reason": "x", "score": "1", "conduct": "poor"}
    for act in ("reverse", "evaluate"):
        assert other.post(f"/office/records/{record}/{act}", form).status_code == 404
    assert other.get(f"{NEW}?volunteer={cast.ana}").status_code == 404
    assert other.submit(NEW, "", number="V17", **typed(cast)).status_code == 404
    forged = {**office.form(office.get(NEW)), "form": "x"}
    assert office.post(f"/office/records/{record}/reverse", forged).status_code == 403
    assert site.get(cast.host, f"/service-records/{record}")["state"] == "effective"


def test_published_times_need_not_be_typed(site: Site, cast: Cast) -> None:
    with site.earlier():
        times = {"starts": moment("2025-03-05 09:00"), "ends": moment("2025-03-05 11:00")}
        activity = site.activity(cast.home, **times)
    office = Browser(site).signed_in(f"organisation:{cast.home}")
    body = {**typed(cast, activity=activity), "starts": "", "ends": ""}
    answer = office.submit(f"{NEW}?volunteer={cast.ana}", "", **body)
    assert answer.status_code == 303, text_of(answer)


def test_a_form_offers_everybody_however_many_pages_they_fill(
    site: Site, cast: Cast, office: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list in a form is read to its end: who stands on its second page records as well."""
    monkeypatch.setattr(calling, "PAGE_MAX", 2)
    staff = [site.staff(cast.home) for _ in range(5)]
    volunteer = site.volunteer(cast.home)
    html = office.get(f"{NEW}?volunteer={volunteer}").get_data(as_text=True)
    assert all(f'value="{one}"' in html for one in staff)


def test_who_recorded_and_approved_is_named_wherever_they_work(
    site: Site, cast: Cast, office: Browser
) -> None:
    """Staff that an import registered belong to no organisation; whoever answers for the record
    reads their names all the same, and a correction begins with them."""
    with site.earlier():
        elsewhere = site.made(site.operator, "/staff", {"name": "角甲子", "number": "S-99"})[
            "staff"
        ]
    made = cast.served("2025-03-05 09:00", "10:00", recorder=elsewhere)
    record = str(made["record"])
    told = site.get(cast.host, f"/service-records/{record}")
    assert told["recorder_name"] == "角甲子"
    assert "角甲子" in text_of(office.get(f"/office/records/{record}"))
    html = office.get(f"/office/records/{record}/correct").get_data(as_text=True)
    assert f'value="{elsewhere}" selected' in html
    # It is no business of the volunteer's, nor of an auditor's.
    assert "recorder_name" not in site.get(cast.ana_token, f"/service-records/{record}").json
