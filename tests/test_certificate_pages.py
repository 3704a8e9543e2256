"""Certificates on pages: checked by strangers, issued by volunteers and organisations."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import pytest

from ledger.door.certificates import CHECKS_MAX, grouped
from tests.api_client import Cast, Site
from tests.kit import Ledger
from tests.page_client import Browser, text_of

MARCH = {"first_day": "2025-03-01", "last_day": "2025-03-31", "content": "社区义诊"}


@dataclass
class Town:
    """A volunteer with five hours of March, her organisation, and browsers for both."""

    site: Site
    cast: Cast
    record: str

    def ana(self) -> Browser:
        return Browser(self.site).signed_in(f"volunteer:{self.cast.ana}")

    def desk(self) -> Browser:
        return Browser(self.site).signed_in(f"organisation:{self.cast.home}")

    def issued(self, **changes: Any) -> dict[str, Any]:
        body = {"organisation": self.cast.home, **MARCH, **changes}
        path = f"/volunteers/{self.cast.ana}/certificates"
        made: dict[str, Any] = self.site.made(self.cast.host, path, body)
        return made

    def corrected_to(self, until: str) -> None:
        body = {**self.cast.session("2025-03-08 09:00", until), "reason": "签退时间有误"}
        body.pop("volunteer")
        self.site.made(self.cast.host, f"/service-records/{self.record}/correct", body)


@pytest.fixture
def town(ledger: Ledger) -> Town:
    site = Site(ledger.open(), ledger.clock)
    cast = Cast(site)
    record = cast.served("2025-03-08 09:00", "14:00")["record"]
    return Town(site, cast, record)


def check(town: Town, number: str, lang: str = "zh") -> Any:
    """What a stranger is told who opens the page and types a number."""
    return Browser(town.site).submit(f"/c?lang={lang}", "/c", number=number)


# A stranger --------------------------------------------------------------------------------------


def test_a_stranger_learns_that_it_is_valid_its_period_time_and_unit_and_nothing_else(
    town: Town,
) -> None:
    number = town.issued()["number"]
    found = check(town, grouped(number).lower())
    assert found.status_code == 200
    said = text_of(found)
    for wanted in (
        "有效",
        "5 小时",
        "2025年3月1日至3月31日",
        "阳光社区",
        "1 次",
        grouped(number),
    ):
        assert wanted in said
    for hidden in ("张三", "社区义诊", "110105", town.cast.ana):
        assert hidden not in found.get_data(as_text=True)
    assert "2 次" in text_of(check(town, f"https://ledger.example/c#{number}"))


def test_t23_a_correction_makes_it_superseded_with_the_present_figure(town: Town) -> None:
    number = town.issued()["number"]
    town.corrected_to("13:00")
    said = text_of(check(town, number))
    for wanted in ("已有更正", "现在的服务时间 4 小时", "证明上写的 5 小时"):
        assert wanted in said
    assert "Superseded" in text_of(check(town, number, "en"))


@pytest.mark.parametrize("number", ["", "0" * 26, "junk", "#", "张三", "A" * 150])
def test_what_nobody_was_given_is_unknown_with_what_it_may_be(town: Town, number: str) -> None:
    said = text_of(check(town, number))
    assert "查无此证" in said
    assert "持证人关闭了公开核对" in said


def test_the_page_names_the_real_host_and_how_to_check_without_us(town: Town) -> None:
    said = text_of(Browser(town.site).get("/c"))
    assert "只在 ledger.example" in said
    assert "sidereal/certificate@v1" in said
    assert "python -m audit" in said


def test_a_number_stands_in_no_log_and_no_address(town: Town) -> None:
    number = town.issued()["number"]
    found = check(town, number)
    assert "Location" not in found.headers
    assert number not in town.site.log.getvalue()
    assert grouped(number) not in town.site.log.getvalue()


def test_a_form_of_another_address_checks_nothing(town: Town) -> None:
    number = town.issued()["number"]
    browser = Browser(town.site)
    browser.origin = "https://1edger.example"
    assert browser.post("/c", {"number": number}).status_code == 403
    browser.origin = "https://ledger.example"
    assert "1 次" in text_of(browser.post("/c", {"number": number}))


def test_too_many_checks_are_told_to_wait_and_keep_what_was_typed(town: Town) -> None:
    browser = Browser(town.site)
    for _ in range(CHECKS_MAX):
        assert browser.post("/c", {"number": "x"}).status_code == 200
    late = browser.post("/c", {"number": "ABCDE"})
    assert late.status_code == 429
    assert 'value="ABCDE"' in late.get_data(as_text=True)
    assert "请等几分钟" in text_of(late)


# A volunteer ------------------------------------------------------------------------------------


def test_a_volunteer_issues_one_downloads_it_and_sees_who_asked(town: Town) -> None:
    ana = town.ana()
    assert "还没有证明" in text_of(ana.get("/me/certificates"))
    form = ana.get("/me/certificates/new").get_data(as_text=True)
    assert "社区义诊" in form
    answer = ana.submit(
        "/me/certificates/new", "/me/certificates/new", organisation=town.cast.home, **MARCH
    )
    assert answer.status_code == 303
    where = answer.headers["Location"]
    said = text_of(ana.get(where))
    for wanted in ("已开具", "5 小时", "有效", "还没有人核对过", "社区义诊"):
        assert wanted in said
    paper = ana.get(where.partition("?")[0] + "/paper")
    assert (paper.status_code, paper.mimetype) == (200, "application/pdf")
    assert paper.data.startswith(b"%PDF-")
    [mine] = town.site.get(town.cast.ana_token, f"/volunteers/{town.cast.ana}/certificates")["data"]
    check(town, mine["number"])
    assert "1 次，最近" in text_of(ana.get(where))
    assert "5 小时" in text_of(ana.get("/me/certificates"))


def test_t22_without_content_nothing_is_issued_and_what_was_typed_is_kept(town: Town) -> None:
    ana, before = town.ana(), 0
    page = "/me/certificates/new"
    before = town.site.size()
    answer = ana.submit(page, page, **{**MARCH, "organisation": town.cast.home, "content": " "})
    assert answer.status_code == 422
    assert "服务内容" in text_of(answer)
    assert 'value="2025-03-31"' in answer.get_data(as_text=True)
    assert town.site.size() == before


def test_t24_no_page_takes_a_fee(town: Town) -> None:
    """A field that no form has is not passed on, and over HTTP a fee is refused."""
    for browser, page in (
        (town.ana(), "/me/certificates/new"),
        (town.desk(), "/office/certificates"),
    ):
        fields = re.findall(r'name="([^"]+)"', browser.get(page).get_data(as_text=True))
        assert fields
        assert not [name for name in fields if "fee" in name]
        assert "免费" in text_of(browser.get(page)) + text_of(browser.get("/me/certificates"))
    path = f"/volunteers/{town.cast.ana}/certificates"
    body = {"organisation": town.cast.home, **MARCH, "fee_cents": 100}
    assert town.site.post(town.cast.host, path, body).code == "certificate_is_free"


def test_the_same_form_sent_twice_issues_one(town: Town) -> None:
    ana, page = town.ana(), "/me/certificates/new"
    shown = ana.get(page)
    sent = {"organisation": town.cast.home, **MARCH}
    first = ana.send(shown, page, page, **sent)
    assert ana.send(shown, page, page, **sent).headers["Location"] == first.headers["Location"]
    assert text_of(ana.get("/me/certificates")).count("5 小时") == 1


def test_a_holder_switches_the_check_off_and_on(town: Town) -> None:
    made, ana = town.issued(), town.ana()
    here = f"/me/certificates/{made['entry']}"
    before = town.site.size()
    assert ana.submit(here, f"{here}/shown", shown="no").status_code == 303
    assert "查无此证" in text_of(check(town, made["number"]))
    assert "已关闭核对" in text_of(ana.get("/me/certificates"))
    assert ana.submit(here, f"{here}/shown", shown="yes").status_code == 303
    assert "有效" in text_of(check(town, made["number"]))
    assert town.site.size() == before


def test_another_volunteer_finds_nothing_there(town: Town) -> None:
    made = town.issued()
    other = Browser(town.site).signed_in(f"volunteer:{town.site.volunteer(town.cast.home)}")
    here = f"/me/certificates/{made['entry']}"
    assert other.get(here).status_code == 404
    assert other.get(f"{here}/paper").status_code == 404
    form = other.form(other.get("/account"))
    assert other.post(f"{here}/shown", {**form, "shown": "no"}).status_code == 404
    assert "有效" in text_of(check(town, made["number"]))


def test_whoever_has_no_service_is_told_how_one_gets_a_certificate(town: Town) -> None:
    other = Browser(town.site).signed_in(f"volunteer:{town.site.volunteer(town.cast.home)}")
    said = text_of(other.get("/me/certificates/new"))
    assert "还没有可以证明的服务" in said


def test_a_form_without_its_token_does_nothing(town: Town) -> None:
    made, ana = town.issued(), town.ana()
    before = town.site.size()
    for address, fields in (
        ("/me/certificates/new", {"organisation": town.cast.home, **MARCH}),
        (f"/me/certificates/{made['entry']}/shown", {"shown": "no"}),
    ):
        assert ana.post(address, fields).status_code == 403
    assert town.site.size() == before
    assert "有效" in text_of(check(town, made["number"]))


# An organisation's desk -------------------------------------------------------------------------


def test_an_organisation_issues_one_for_a_member_and_prints_it(town: Town) -> None:
    desk = town.desk()
    page = f"/office/certificates?volunteer={town.cast.ana}"
    assert "张*" in text_of(desk.get(page))
    sent = {"organisation": town.cast.home, **MARCH}
    answer = desk.submit(page, "/office/certificates", **sent)
    assert answer.status_code == 303
    said = text_of(desk.get(answer.headers["Location"]))
    for wanted in ("已开具", "张*", "5 小时", "社区义诊", "ledger.example/c"):
        assert wanted in said
    paper = desk.get(f"{answer.headers['Location']}/paper")
    assert (paper.status_code, paper.mimetype) == (200, "application/pdf")
    [mine] = town.site.get(town.cast.ana_token, f"/volunteers/{town.cast.ana}/certificates")["data"]
    assert "有效" in text_of(check(town, mine["number"]))


def test_a_member_is_found_by_number_which_stands_in_no_address(town: Town) -> None:
    with town.site.earlier():
        who = town.site.volunteer(town.cast.home, number="31010020250001")
    town.cast.served("2025-03-05 09:00", "11:00", who=who)
    desk, page = town.desk(), "/office/certificates"
    answer = desk.submit(page, page, number="31010020250001", organisation=town.cast.home, **MARCH)
    assert answer.headers["Location"].startswith(f"/office/certificates/{who}/")
    lost = desk.submit(page, page, number="404", organisation=town.cast.home, **MARCH)
    assert lost.status_code == 404
    assert 'value="404"' in lost.get_data(as_text=True)
    assert "31010020250001" not in town.site.log.getvalue()


def test_another_organisation_neither_issues_nor_prints(town: Town) -> None:
    made = town.issued()
    stranger = Browser(town.site).signed_in(f"organisation:{town.site.organisation()}")
    where = f"/office/certificates/{town.cast.ana}/{made['entry']}"
    assert stranger.get(where).status_code == 404
    assert stranger.get(f"{where}/paper").status_code == 404
    before = town.site.size()
    form = stranger.form(stranger.get("/office/certificates"))
    sent = {**form, "volunteer": town.cast.ana, "organisation": town.cast.home, **MARCH}
    assert stranger.post("/office/certificates", sent).status_code == 404
    assert town.site.size() == before


@pytest.mark.parametrize(
    "page", ["/me/certificates", "/me/certificates/new", "/office/certificates"]
)
def test_these_pages_are_for_their_roles_alone(town: Town, page: str) -> None:
    assert Browser(town.site).get(page).status_code == 401
    wrong = town.desk() if page.startswith("/me") else town.ana()
    assert wrong.get(page).status_code == 403


def test_the_log_names_no_certificate_and_no_person(town: Town) -> None:
    made, ana = town.issued(), town.ana()
    ana.get(f"/me/certificates/{made['entry']}/paper")
    lines = [json.loads(line) for line in town.site.log.getvalue().splitlines()]
    assert any(each.get("route", "").endswith("/paper") for each in lines)
    assert all(made["number"] not in json.dumps(each) for each in lines)
    assert all(town.cast.ana not in json.dumps(each) for each in lines)
