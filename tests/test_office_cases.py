"""Stars, objections, service orders and pools at an organisation's desk."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from werkzeug.test import TestResponse

from ledger.founding import adopt_policy
from tests.api_client import Cast, Site, identity_number, moment
from tests.kit import Ledger, policy_toml
from tests.page_client import Browser, text_of


@dataclass
class Town:
    """A county whose desk is open, with a volunteer Ana, and a stranger's desk."""

    site: Site
    cast: Cast
    desk: Browser
    stranger: Browser

    def case(self) -> str:
        """Ana served long enough and applied for a star."""
        for month in (1, 2):
            for day in range(6, 27):
                date = f"2025-0{month}-{day:02d}"
                self.cast.history(f"{date} 09:00", f"{date} 15:00", who=self.cast.ana)
        body = {"star": 1}
        return str(self.site.made(self.cast.ana_token, "/stars/applications", body)["case"])

    def objection(self) -> str:
        """Ana objects to a record."""
        record = self.cast.served("2025-03-03 09:00", "11:00")["record"]
        body = {"subject_kind": "record", "subject": record, "text": "我服务到十二点"}
        return str(self.site.made(self.cast.ana_token, "/objections", body)["objection"])

    def order(self) -> str:
        """Ana saved four hours and asks for one."""
        record = self.cast.served("2025-03-03 09:00", "13:00")["record"]
        saved = {"record": record, "minutes": 240}
        self.site.made(self.cast.ana_token, "/time-bank/deposits", saved)
        body = {
            "organisation": self.cast.home,
            "category": "health",
            "minutes": 60,
            "starts": moment("2025-03-11 09:00"),
            "ends": moment("2025-03-11 12:00"),
            "text": "陪我去医院",
        }
        return str(self.site.made(self.cast.ana_token, "/orders", body)["order"])


@pytest.fixture
def town(ledger: Ledger) -> Town:
    site = Site(ledger.open(), ledger.clock)
    with site.earlier():
        cast = Cast(site)
        cast.home = site.organisation(tier="county", name="东区")
        cast.host = site.organisation_token(cast.home)
        cast.recorder, cast.approver = site.staff(cast.home), site.staff(cast.home)
        cast.activity = site.activity(cast.home)
        cast.ana = site.volunteer(cast.home, born="1960-01-01")
        cast.ana_token = site.volunteer_token(cast.ana)
        other = site.organisation(name="西区")
    desk = Browser(site).signed_in(f"organisation:{cast.home}")
    stranger = Browser(site).signed_in(f"organisation:{other}")
    return Town(site, cast, desk, stranger)


def follow(desk: Browser, answer: TestResponse) -> str:
    assert answer.status_code == 303, text_of(answer)
    return text_of(desk.get(answer.headers["Location"]))


# Stars ------------------------------------------------------------------------------------------


def test_a_star_is_noticed_in_public_and_granted_when_that_is_over(town: Town) -> None:
    case, desk = town.case(), town.desk
    assert "本组织这一级" in text_of(desk.get("/office/stars"))
    assert "已办理：开始公示" in follow(desk, desk.submit(f"/office/stars/{case}/notice"))
    assert "公示中" in text_of(desk.get("/office/stars?state=noticed"))
    notices = text_of(desk.get("/office/stars/notices"))
    assert "3月10日至3月" in notices
    assert "张" not in notices
    early = desk.submit(f"/office/stars/{case}/grant")
    assert early.status_code == 409
    town.site.clock.forward(days=10)
    desk = Browser(town.site).signed_in(f"organisation:{town.cast.home}")
    assert "已办理：授予星级" in follow(desk, desk.submit(f"/office/stars/{case}/grant"))
    assert "1 星" in desk.get("/office/members").get_data(as_text=True)


def test_a_refusal_says_why(town: Town) -> None:
    case, desk = town.case(), town.desk
    answer = desk.submit(f"/office/stars/{case}/refuse_star")
    assert answer.status_code == 422
    answer = desk.submit(f"/office/stars/{case}/refuse_star", reason="材料不全")
    assert "已办理：不予授予" in follow(desk, answer)


def test_a_member_is_nominated_by_number(town: Town) -> None:
    site, desk = town.site, town.desk
    number = identity_number()
    who = site.volunteer(town.cast.home, identity_number=number)
    for day in range(6, 27):
        town.cast.history(f"2025-01-{day:02d} 09:00", f"2025-01-{day:02d} 16:00", who=who)
    answer = desk.submit("/office/stars/nominate", volunteer=number, star="1")
    assert "推荐星级" in follow(desk, answer)
    nobody = desk.submit("/office/stars/nominate", volunteer="V-404", star="1")
    assert nobody.status_code == 404


def test_a_downgrade_is_decided_by_a_person(town: Town) -> None:
    site, cast, desk = town.site, town.cast, town.desk
    case = town.case()
    site.made(cast.host, f"/stars/applications/{case}/notice")
    site.clock.forward(days=10)
    site.made(cast.host, f"/stars/applications/{case}/grant")
    desk = Browser(site).signed_in(f"organisation:{cast.home}")
    page = "/service-records?state=effective&limit=200"
    for record in site.get(cast.host, page)["data"][:30]:
        path = f"/service-records/{record['record']}/reverse"
        site.made(cast.host, path, {"reason": "未到场"})
    listed = desk.get("/office/stars?state=proposed").get_data(as_text=True)
    (path,) = re.findall(r'href="(/office/stars/\w+/downgrade)"', listed)
    answer = desk.submit(path, confirmed="dismiss", reason="另有记录待补")
    assert "已办理：决定是否降星" in follow(desk, answer)


def test_a_stranger_sees_and_decides_nothing_about_anothers_star(town: Town) -> None:
    case, stranger = town.case(), town.stranger
    assert "没有星级事项" in text_of(stranger.get("/office/stars"))
    size = town.site.size()
    for act in ("notice", "grant", "refuse_star"):
        assert stranger.get(f"/office/stars/{case}/{act}").status_code == 404
        form = stranger.form(stranger.get("/office/stars/nominate"))
        assert stranger.post(f"/office/stars/{case}/{act}", form).status_code == 404
    assert town.desk.get(f"/office/stars/{case}/revoke").status_code == 404
    assert town.site.size() == size


# Objections -------------------------------------------------------------------------------------


def test_an_objection_is_read_beside_its_record_and_answered(town: Town) -> None:
    objection, desk = town.objection(), town.desk
    assert "最迟 3月" in text_of(desk.get("/office/objections"))
    said = text_of(desk.get(f"/office/objections/{objection}"))
    for part in ("我服务到十二点", "社区义诊", "2 小时", "标记最迟"):
        assert part in said
    path = f"/office/objections/{objection}/decide"
    assert desk.submit(path, outcome="upheld").status_code == 422
    answer = desk.submit(path, outcome="upheld", reason="签到表写的是十二点")
    assert "采纳" in follow(desk, answer)
    assert "没有异议" in text_of(desk.get("/office/objections"))
    again = desk.submit(path, outcome="rejected", reason="再看")
    assert again.status_code == 409


def test_an_overdue_objection_says_so(town: Town) -> None:
    town.objection()
    town.site.clock.forward(days=20)
    desk = Browser(town.site).signed_in(f"organisation:{town.cast.home}")
    assert "已过期" in text_of(desk.get("/office/objections"))


def test_an_objection_is_handed_on_once(town: Town) -> None:
    objection, desk = town.objection(), town.desk
    path = f"/office/objections/{objection}/forward"
    other = town.site.organisation(name="南区")
    assert desk.submit(path, organisation=other).status_code == 303
    taken = Browser(town.site).signed_in(f"organisation:{other}")
    assert "最迟" in text_of(taken.get("/office/objections"))


def test_anothers_objection_is_not_there(town: Town) -> None:
    objection, size = town.objection(), town.site.size()
    for path in ("", "/decide", "/forward"):
        assert town.stranger.get(f"/office/objections/{objection}{path}").status_code == 404
    assert town.site.size() == size


# Orders and pools -------------------------------------------------------------------------------


def test_an_order_is_assigned_by_number_and_called_off(town: Town) -> None:
    order, desk, number = town.order(), town.desk, identity_number()
    town.site.volunteer(town.cast.home, identity_number=number, name="林静")
    assert "卫生健康" in text_of(desk.get("/office/orders"))
    said = text_of(desk.get(f"/office/orders/{order}"))
    assert "陪我去医院" in said
    assert "1 小时" in said
    answer = desk.submit(f"/office/orders/{order}/assign", provider=number)
    assert "林*" in follow(desk, answer)
    answer = desk.submit(f"/office/orders/{order}/cancel", reason="改期")
    assert "已取消" in follow(desk, answer)
    late = desk.submit(f"/office/orders/{order}/assign", provider=number)
    assert late.status_code == 409


def test_a_dispute_is_settled(town: Town) -> None:
    site, cast, order = town.site, town.cast, town.order()
    helper = site.volunteer(cast.home)
    token = site.volunteer_token(helper)
    site.made(token, f"/orders/{order}/offer")
    site.made(cast.ana_token, f"/orders/{order}/accept")
    site.clock.set("2025-03-11 13:00")
    token, ana = site.volunteer_token(helper), site.volunteer_token(cast.ana)
    record = cast.served("2025-03-11 09:00", "10:00", who=helper)["record"]
    site.made(token, f"/orders/{order}/done", {"record": record})
    site.made(ana, f"/orders/{order}/dispute", {"text": "只来了半小时"})
    desk = Browser(site).signed_in(f"organisation:{cast.home}")
    assert "只来了半小时" in text_of(desk.get(f"/office/orders/{order}"))
    path = f"/office/orders/{order}/settle"
    assert desk.submit(path, minutes="half", reason="双方说明").status_code == 422
    said = follow(desk, desk.submit(path, minutes="30", reason="双方说明"))
    assert "已裁定" in said
    assert "30 分" in said


def test_anothers_order_is_not_there(town: Town) -> None:
    order, size = town.order(), town.site.size()
    for path in ("", "/assign", "/settle", "/cancel"):
        assert town.stranger.get(f"/office/orders/{order}{path}").status_code == 404
    assert town.site.size() == size


def test_time_is_granted_out_of_ones_own_pool_and_no_more_than_it_has(town: Town) -> None:
    town.order()
    site, cast, desk = town.site, town.cast, town.desk
    site.made(cast.ana_token, "/time-bank/donations", {"pool": cast.home, "minutes": 60})
    assert "本组织的池 1 小时" in text_of(desk.get("/office/pools"))
    rules = policy_toml({"tb.grant_to": ["needy_elder"]}, organisation=cast.home)
    adopt_policy(site.book, rules.encode())
    number = identity_number()
    elder = site.volunteer(cast.home, identity_number=number)
    body = {"circumstance": "needy_elder"}
    site.made(cast.host, f"/volunteers/{elder}/circumstances", body)
    asked = {"volunteer": number, "ground": "needy_elder"}
    too_much = desk.submit("/office/pools/grant", **asked, minutes="120")
    assert too_much.status_code >= 400
    assert 'value="120"' in too_much.get_data(as_text=True)
    said = follow(desk, desk.submit("/office/pools/grant", **asked, minutes="60"))
    assert "本组织的池 0 分" in said
