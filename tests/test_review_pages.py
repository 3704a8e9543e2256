"""Reviewing on pages: what waits for whom, what a decision needs to know, and who takes no part."""

from __future__ import annotations

import pytest

from tests.api_client import Cast, Site
from tests.page_client import Browser, text_of


@pytest.fixture
def reviewer(site: Site, cast: Cast) -> Browser:
    return Browser(site).signed_in(f"staff:{site.staff(cast.home)}")


def held(cast: Cast, day: int = 5) -> str:
    """A record of nine and a half hours, which is too long a day."""
    return str(cast.served(f"2025-03-0{day} 08:00", "17:30")["record"])


def test_what_waits_stands_by_its_reason_and_tier(cast: Cast, reviewer: Browser) -> None:
    assert "没有待复核的记录" in text_of(reviewer.get("/office/review"))
    record = held(cast)
    page = text_of(reviewer.get("/office/review"))
    assert "由本组织或上级的复核员处理 当日合计超过 8 小时 1" in page
    one = text_of(reviewer.get(f"/office/review/{record}"))
    assert "确认后计入 9 小时 30 分" in one
    assert "社区义诊" in one


def test_one_is_confirmed_and_the_next_one_follows(
    site: Site, cast: Cast, reviewer: Browser
) -> None:
    first, second = held(cast, 4), held(cast, 5)
    answer = reviewer.submit(f"/office/review/{first}", f"/office/review/{first}/confirm")
    assert answer.headers["Location"].startswith(f"/office/review/{second}?done=confirm")
    assert "已确认。条目 #" in text_of(reviewer.get(answer.headers["Location"]))
    for number in (str(site.size() - 2), "9" * 15, "²", ""):
        invented = reviewer.get(f"/office/review/{second}?done=confirm&entry={number}")
        assert "已确认。条目 #" not in text_of(invented)
    refused = reviewer.submit(
        f"/office/review/{second}", f"/office/review/{second}/refuse", reason="核实未参加"
    )
    assert refused.headers["Location"].startswith("/office/review?done=refuse")
    states = {
        each["record"]: each["state"] for each in site.get(cast.host, "/service-records")["data"]
    }
    assert states == {first: "effective", second: "refused"}


def test_a_refusal_needs_a_reason(site: Site, cast: Cast, reviewer: Browser) -> None:
    record = held(cast)
    size = site.size()
    answer = reviewer.submit(f"/office/review/{record}", f"/office/review/{record}/refuse")
    assert answer.status_code == 422
    assert site.size() == size


def test_what_it_overlaps_is_shown_with_its_time(cast: Cast, reviewer: Browser) -> None:
    cast.served("2025-03-05 09:00", "11:00")
    record = cast.served("2025-03-05 10:00", "12:00", deducted_minutes=1)["record"]
    one = text_of(reviewer.get(f"/office/review/{record}"))
    assert "与同一人的另一条记录时间重叠" in one
    assert "3月5日 09:00 – 11:00" in one
    assert "确认后计入 1 小时" in one


def test_whoever_recorded_it_is_told_kindly(site: Site, cast: Cast) -> None:
    record = held(cast)
    recorder = Browser(site).signed_in(f"staff:{cast.recorder}")
    assert "没有待复核的记录" in text_of(recorder.get("/office/review"))
    page = recorder.get(f"/office/review/{record}")
    assert "复核员不能复核自己记录" in text_of(page)
    form = recorder.form(page) | {"key": "k" * 20}
    answer = recorder.post(f"/office/review/{record}/confirm", form)
    assert answer.status_code in (403, 409, 422)
    assert "复核员不能复核自己记录" in text_of(answer)


def test_an_organisation_sees_what_waits_and_decides_nothing(site: Site, cast: Cast) -> None:
    record = held(cast)
    office = Browser(site).signed_in(f"organisation:{cast.home}")
    page = office.get("/office/review")
    assert "由复核员处理" in text_of(page)
    assert f"/office/records/{record}" in page.get_data(as_text=True)
    assert office.get(f"/office/review/{record}").status_code == 403
    form = office.form(page) | {"key": "k" * 20}
    assert office.post(f"/office/review/{record}/confirm", form).status_code == 403


def test_another_organisations_queue_is_not_there(site: Site, cast: Cast) -> None:
    record = held(cast)
    elsewhere = site.organisation()
    other = Browser(site).signed_in(f"staff:{site.staff(elsewhere)}")
    assert "没有待复核的记录" in text_of(other.get("/office/review"))
    assert other.get(f"/office/review/{record}").status_code == 404
    form = other.form(other.get("/office/review")) | {"key": "k" * 20}
    assert other.post(f"/office/review/{record}/confirm", form).status_code == 404
    assert Browser(site).get(f"/office/review/{record}").status_code == 401


def test_a_form_from_elsewhere_decides_nothing(site: Site, cast: Cast, reviewer: Browser) -> None:
    record = held(cast)
    form = reviewer.form(reviewer.get(f"/office/review/{record}"))
    assert (
        reviewer.post(f"/office/review/{record}/confirm", {**form, "form": "x"}).status_code == 403
    )
    reviewer.origin = "https://elsewhere.example"
    assert reviewer.post(f"/office/review/{record}/confirm", form).status_code == 403
    assert site.get(cast.host, f"/service-records/{record}")["state"] == "held"
