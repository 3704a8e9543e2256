"""A volunteer's records, objections, saved time, orders, stars and own data on pages: each flow,
and beside each yes the nearest no."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.test import TestResponse

from api.pages import words
from api.pages.volunteer.records import HELD_FOR
from api.reads.orders import STATES as ORDER_STATES
from api.reads.stars import STATES as STAR_STATES
from ledger.actions.consents import CONSENT_PURPOSES
from ledger.actions.objections import SUBJECTS
from ledger.actions.service import CATEGORIES
from ledger.decide.helpers import HELPER_SCOPES
from ledger.vault.door import PURPOSES, RELATIONS
from tests.api_client import Cast, Site, identity_number, moment
from tests.kit import Ledger
from tests.page_client import Browser, hidden, text_of

EVERY = (
    *("more", "records", "objections", "objections/new", "time", "time/deposit", "time/gift"),
    *("time/donate", "relatives", "orders", "orders/open", "orders/new", "stars", "honours"),
    *("consents", "looks", "looks/till", "download", "forget", "card"),
)


@dataclass
class Own:
    """A town, its volunteer's browser, and that of somebody else there."""

    site: Site
    town: Cast
    ana: Browser
    bo: Browser
    bo_id: str

    def served(self, day: int, start: str = "09:00", end: str = "11:00", **given: Any) -> str:
        return str(self.town.served(f"2025-03-0{day} {start}", end, **given)["record"])

    def came_to(self, answer: TestResponse) -> str:
        """What the page after a form says."""
        assert answer.status_code == 303, text_of(answer)
        found = self.ana.get(answer.headers["Location"])
        assert found.status_code == 200, text_of(found)
        return text_of(found)

    def saved(self, minutes: int) -> None:
        """So many minutes are saved."""
        record = self.served(3, "08:00", "14:00")
        body = {"record": record, "minutes": minutes}
        self.site.made(self.town.ana_token, "/time-bank/deposits", body)

    def minutes(self) -> int:
        return int(self.site.get(self.town.ana_token, "/time-bank/saved")["minutes"])


@pytest.fixture
def own(ledger: Ledger) -> Own:
    site = Site(ledger.open(), ledger.clock)
    town = Cast(site)
    bo = site.volunteer(town.home, name="王秀英")
    return Own(
        site,
        town,
        Browser(site).signed_in(f"volunteer:{town.ana}", hours=96),
        Browser(site).signed_in(f"volunteer:{bo}", hours=96),
        bo,
    )


def test_every_page_is_there_when_nothing_is_in_it_and_for_volunteers_alone(own: Own) -> None:
    for path in EVERY:
        for lang in ("zh", "en"):
            found = own.ana.get(f"/me/{path}?lang={lang}")
            assert found.status_code == 200, (path, text_of(found))
            assert found.headers["Cache-Control"] == "no-store"
    office = Browser(own.site).signed_in(f"organisation:{own.town.home}")
    stranger = Browser(own.site)
    for path in EVERY:
        assert office.get(f"/me/{path}").status_code == 403, path
        assert stranger.get(f"/me/{path}").status_code == 401, path


# Records and objections --------------------------------------------------------------------------


def test_a_held_record_says_which_other_one_it_overlaps_and_what_happens_next(own: Own) -> None:
    own.served(3)
    held = own.served(3, "10:00", "11:00")
    listed = text_of(own.ana.get("/me/records?state=held"))
    assert "社区义诊" in listed
    assert "待复核" in listed
    assert "2 小时" not in listed
    found = text_of(own.ana.get(f"/me/records/{held}"))
    assert "这条记录与 3月3日 09:00 的「社区义诊」时间重叠。" in found
    assert "已转所属组织人工复核" in found
    assert "5 个工作日内必须答复" in found
    english = text_of(own.ana.get(f"/me/records/{held}?lang=en"))
    assert "the same time as “社区义诊” on 3 Mar, 09:00" in english


def test_a_refused_and_a_corrected_record_say_why(own: Own) -> None:
    own.served(3)
    held = own.served(3, "10:00", "11:00")
    said = {"reason": "十点您在另一处签到"}
    own.site.made(own.town.reviewer, f"/service-records/{held}/refuse", said)
    assert "复核没有通过：十点您在另一处签到" in text_of(own.ana.get(f"/me/records/{held}"))
    wrong = own.served(4)
    body = own.town.session("2025-03-04 09:00", "10:00") | {"reason": "多记了一小时"}
    body.pop("volunteer")
    right = own.site.made(own.town.host, f"/service-records/{wrong}/correct", body)["record"]
    before = own.ana.get(f"/me/records/{wrong}")
    assert "已撤销，时长和积分随之扣回：多记了一小时" in text_of(before)
    assert f"/me/records/{right}" in before.get_data(as_text=True)
    assert f"/me/records/{wrong}" in own.ana.get(f"/me/records/{right}").get_data(as_text=True)


def test_anothers_record_answers_like_an_unknown_one(own: Own) -> None:
    record = own.served(3)
    for path in (
        "/me/records/{}",
        "/me/time/deposit/{}",
        "/me/objections/new?about=record&id={}",
        "/me/objections/new?about=redemption&id={}",
        "/me/objections/new?about=star&id={}",
        "/me/objections/{}",
        "/me/orders/{}",
    ):
        one, other = (own.bo.get(path.format(each)) for each in (record, "0" * 16))
        assert one.status_code == other.status_code == 404, path
        wipe = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}|[0-9a-z]{16,}")
        assert wipe.sub("", text_of(one)) == wipe.sub("", text_of(other)), path
    for path in ("/me/objections/new?about=record&id=x%00", "/me/objections/new?about=nothing"):
        assert own.bo.get(path).status_code == 404


def test_records_are_paged_newest_first(own: Own) -> None:
    for day in range(1, 22):
        own.town.history(f"2025-01-{day:02} 08:00", f"2025-01-{day:02} 09:00", who=own.town.ana)
    first = own.ana.get("/me/records").get_data(as_text=True)
    (after,) = re.findall(r"/me/records\?after=(\d+)", first)
    rest = own.ana.get(f"/me/records?after={after}").get_data(as_text=True)
    records = re.findall(r"/me/records/(\w{16})", first), re.findall(r"/me/records/(\w{16})", rest)
    assert [len(each) for each in records] == [20, 1]
    assert not set(records[0]) & set(records[1])


def test_an_objection_is_filed_once_and_its_answer_is_read(own: Own) -> None:
    record = own.served(3)
    page = f"/me/objections/new?about=record&id={record}"
    again = own.ana.get(page)
    short = own.ana.send(again, page, "/me/objections", text=" ")
    assert short.status_code == 422
    assert "社区义诊" in text_of(short)
    answer = own.ana.send(again, page, "/me/objections", text="我十二点才走")
    assert "最迟 3月17日 前会有答复" in own.came_to(answer)
    # The same form again is the same objection; another one about it is refused, its text kept.
    assert own.ana.send(again, page, "/me/objections", text="我十二点才走").status_code == 303
    other = own.ana.submit(page, "/me/objections", text="我真的十二点才走")
    assert other.status_code == 409
    assert "我真的十二点才走" in text_of(other)
    (listed,) = own.site.get(own.town.ana_token, "/objections")["data"]
    assert "3月17日 前答复" in text_of(own.ana.get("/me/objections"))
    (one,) = re.findall(
        r"/me/objections/\w{16}", own.ana.get("/me/objections").get_data(as_text=True)
    )
    assert "写错了、要补充或不想再提，请联系" in text_of(own.ana.get(one))
    assert "您对这条记录的异议正在处理" in text_of(own.ana.get(f"/me/records/{record}"))
    path = f"/objections/{listed['objection']}"
    said = {"outcome": "upheld", "reason": "签到表上是十二点"}
    own.site.made(own.town.reviewer, f"{path}/decide", said)
    found = text_of(own.ana.get(f"/me{path}"))
    assert "您说得对" in found
    assert "签到表上是十二点" in found
    assert "我十二点才走" in found
    assert own.bo.get(f"/me{path}").status_code == 404


def test_an_objection_to_something_else_names_nothing(own: Own) -> None:
    answer = own.ana.submit("/me/objections/new", "/me/objections", text="没有收到培训通知")
    assert "异议已提交" in own.came_to(answer)
    (listed,) = own.site.get(own.town.ana_token, "/objections")["data"]
    assert listed["subject_kind"] == "other"


# Saved time --------------------------------------------------------------------------------------


def test_a_record_is_saved_after_it_was_asked_about(own: Own) -> None:
    record = own.served(3)
    assert f"/me/time/deposit/{record}" in own.ana.get("/me/time/deposit").get_data(as_text=True)
    page = f"/me/time/deposit/{record}"
    asks = own.ana.submit(page, page, hours="1", minutes="30")
    assert "从「社区义诊」存入 1 小时 30 分？" in text_of(asks)
    assert own.minutes() == 0
    answer = own.ana.send(asks, page, f"{page}/now")
    assert "已存入 1 小时 30 分" in own.came_to(answer)
    assert own.minutes() == 90
    # The same form again: once. Another form for the same record: why not.
    assert own.ana.send(asks, page, f"{page}/now").headers["Location"] == answer.headers["Location"]
    assert own.minutes() == 90
    assert "不能存入" in text_of(own.ana.get(page))
    assert record not in own.ana.get("/me/time/deposit").get_data(as_text=True)
    assert "1 小时 30 分" in text_of(own.ana.get("/me/time"))


def test_an_amount_that_is_none_or_too_much_says_so_beside_the_field(own: Own) -> None:
    page = f"/me/time/deposit/{own.served(3)}"
    for hours, minutes in (("", ""), ("0", "0"), ("eins", ""), ("-1", ""), ("1.5", "")):
        answer = own.ana.submit(page, page, hours=hours, minutes=minutes)
        assert answer.status_code == 422, (hours, minutes)
        assert 'aria-invalid="true"' in answer.get_data(as_text=True)
    asks = own.ana.submit(page, page, hours="2", minutes="1")
    answer = own.ana.send(asks, page, f"{page}/now")
    assert answer.status_code == 422
    # What was typed is still there.
    assert 'name="hours" value="2"' in answer.get_data(as_text=True)
    assert own.ana.send(asks, page, f"{page}/now", amount="x").status_code == 422
    assert own.minutes() == 0


def test_whoever_typed_wrong_goes_back_to_the_form_as_it_was_filled_in(
    own: Own, elder: Browser
) -> None:
    """Before each of the four deeds: nothing is done, and nothing has to be typed again."""
    own.saved(120)
    relation = {"relative": own.bo_id, "relation": "lineal"}
    own.site.made(own.town.host, f"/volunteers/{own.town.ana}/relations", relation)
    deposit = f"/me/time/deposit/{own.served(4)}"
    forms: list[tuple[str, dict[str, str], list[str]]] = [
        (deposit, {"hours": "1", "minutes": "5"}, []),
        (
            "/me/time/gift",
            {"recipient": own.bo_id, "hours": "1"},
            [f'"{own.bo_id}" required checked'],
        ),
        ("/me/time/donate", {"pool": own.town.home, "hours": "1"}, [f'"{own.town.home}"']),
    ]
    size = own.site.size()
    for page, typed, shown in forms:
        asks = own.ana.submit(page, page, **typed)
        assert "改一改" in text_of(asks), page
        back = own.ana.send(asks, page, f"{page}/now", change="yes")
        html = " ".join(back.get_data(as_text=True).split())
        assert back.status_code == 200, page
        assert 'name="hours" value="1"' in html
        assert all(each in html for each in shown), page
        assert own.ana.send(back, page, page, **typed).status_code == 200
    asks = ordered(elder)
    back = elder.send(asks, "/me/orders", "/me/orders/now", change="yes")
    html = back.get_data(as_text=True)
    assert "陪我去医院" in html
    assert 'value="2025-03-11"' in html
    assert own.site.size() == size


def test_time_goes_to_a_relative_on_file_and_to_nobody_else(own: Own) -> None:
    own.saved(120)
    assert "还没有登记亲属" in text_of(own.ana.get("/me/time/gift"))
    relation = {"relative": own.bo_id, "relation": "lineal"}
    own.site.made(own.town.host, f"/volunteers/{own.town.ana}/relations", relation)
    assert "王*" in text_of(own.ana.get("/me/relatives"))
    assert "王秀英" not in text_of(own.ana.get("/me/relatives"))
    page = "/me/time/gift"
    asks = own.ana.submit(page, page, recipient=own.bo_id, hours="1")
    assert "把 1 小时 送给 王*（直系亲属）？" in text_of(asks)
    assert "已送出 1 小时" in own.came_to(own.ana.send(asks, page, f"{page}/now"))
    assert own.minutes() == 60
    stranger = own.site.volunteer(own.town.home)
    for recipient in (stranger, "0" * 16):
        answer = own.ana.send(asks, page, f"{page}/now", recipient=recipient, key="k" * 20)
        assert answer.status_code == 422, text_of(answer)
    too_much = own.ana.submit(page, page, recipient=own.bo_id, hours="9")
    assert (too_much.status_code, "存的时间不够" in text_of(too_much)) == (422, True)
    exactly = own.ana.submit(page, page, recipient=own.bo_id, hours="1")
    beyond = own.ana.send(exactly, page, f"{page}/now", amount="61", key="j" * 20)
    assert beyond.status_code == 422
    assert own.minutes() == 60


def test_time_is_donated_to_a_pool_after_it_was_asked_about(own: Own) -> None:
    own.saved(120)
    page = "/me/time/donate"
    assert "阳光社区" in text_of(own.ana.get(page))
    asks = own.ana.submit(page, page, pool="platform", minutes="30")
    assert "把 30 分 捐给「公共时间池」？" in text_of(asks)
    assert "已捐出 30 分" in own.came_to(own.ana.send(asks, page, f"{page}/now"))
    assert own.minutes() == 90
    assert own.ana.submit(page, page, pool="0" * 16, minutes="30").status_code == 422


# Orders ------------------------------------------------------------------------------------------


@pytest.fixture
def elder(own: Own) -> Browser:
    """Somebody of the same town who is old enough to spend what they saved."""
    who = own.site.volunteer(own.town.home, name="陈老", born="1950-01-01")
    record = own.served(5, "08:00", "14:00", who=who)
    token = own.site.volunteer_token(who)
    own.site.made(token, "/time-bank/deposits", {"record": record, "minutes": 240})
    return Browser(own.site).signed_in(f"volunteer:{who}", hours=96)


def ordered(elder: Browser, **given: str) -> TestResponse:
    said = {
        "category": "health",
        "text": "陪我去医院",
        "day": "2025-03-11",
        "from": "09:00",
        "to": "12:00",
        "hours": "2",
        "minutes": "",
        **given,
    }
    page = elder.get("/me/orders/new").get_data(as_text=True)
    home = re.findall(r'<option value="(\w{16})"', page)
    return elder.submit("/me/orders/new", "/me/orders", organisation=home[0], **said)


def order_of(elder: Browser) -> str:
    listed = elder.get("/me/orders").get_data(as_text=True)
    return str(re.findall(r"/me/orders/(\w{16})", listed)[0])


def test_an_order_is_asked_for_offered_accepted_done_and_confirmed(
    own: Own, elder: Browser
) -> None:
    asks = ordered(elder)
    assert "3月11日 09:00 请人来做「医疗健康」，从时间存折留出 2 小时？" in text_of(asks)
    assert "还没有预约" in text_of(elder.get("/me/orders"))
    assert elder.send(asks, "/me/orders", "/me/orders/now").status_code == 303
    path = f"/me/orders/{order_of(elder)}"
    assert "等人报名" in text_of(elder.get(path))
    # Who might serve sees neither whom nor the words.
    assert path in own.ana.get("/me/orders/open").get_data(as_text=True)
    assert "陪我去医院" not in text_of(own.ana.get(path))
    assert "您已报名" in own.came_to(own.ana.submit(path, f"{path}/offer"))
    assert elder.submit(path, f"{path}/accept").status_code == 303
    assert "陪我去医院" in text_of(own.ana.get(path))
    assert "等组织登记了您的服务记录" in text_of(own.ana.get(path))
    own.site.clock.set("2025-03-11 13:00")
    with_elder = own.town.served("2025-03-11 09:00", "10:30")["record"]
    found = own.ana.get(path)
    assert with_elder in found.get_data(as_text=True)
    done = own.ana.send(found, path, f"{path}/done", record=with_elder)
    assert "已报完成：1 小时 30 分" in own.came_to(done)
    assert elder.submit(path, f"{path}/confirm").status_code == 303
    assert own.minutes() == 90
    assert "已完成" in text_of(elder.get(path))
    assert "30 分" in text_of(elder.get("/me/time"))


def test_an_order_is_declined_cancelled_or_disputed(own: Own, elder: Browser) -> None:
    elder.send(ordered(elder), "/me/orders", "/me/orders/now")
    path = f"/me/orders/{order_of(elder)}"
    own.ana.submit(path, f"{path}/offer")
    assert elder.submit(path, f"{path}/decline").status_code == 303
    own.ana.submit(path, f"{path}/offer")
    assert "已谢绝" in own.came_to(own.ana.submit(path, f"{path}/decline"))
    own.ana.submit(path, f"{path}/offer")
    elder.submit(path, f"{path}/accept")
    own.site.clock.set("2025-03-11 13:00")
    record = own.town.served("2025-03-11 09:00", "11:00")["record"]
    own.ana.submit(path, f"{path}/done", record=record)
    answer = elder.submit(path, f"{path}/dispute", text="")
    assert answer.status_code == 422
    assert elder.submit(path, f"{path}/dispute", text="只来了一小时").status_code == 303
    assert "由组织" in text_of(own.ana.get(path)) or "等组织决定" in text_of(own.ana.get(path))
    elder.send(ordered(elder, day="2025-03-12"), "/me/orders", "/me/orders/now")
    other = f"/me/orders/{order_of(elder)}"
    assert other != path
    assert elder.submit(other, f"{other}/cancel", reason="好了").status_code == 303
    assert "时间已退回" in text_of(elder.get(other))


def test_who_may_not_ask_for_service_yet_is_told_before_they_fill_in_a_form(own: Own) -> None:
    """Ana is thirty-five, and under these rules one spends saved time from sixty on."""
    own.saved(60)
    found = own.ana.get("/me/orders/new")
    assert "要年满 60 岁" in text_of(found)
    assert 'action="/me/orders"' not in found.get_data(as_text=True)
    assert "/me/time/donate" in found.get_data(as_text=True)
    # A form that was made by hand is refused all the same.
    typed = {
        "category": "health",
        "day": "2025-03-11",
        "from": "09:00",
        "to": "10:00",
        "hours": "1",
    }
    sent = {**own.ana.form(own.ana.get("/me/more")), "organisation": own.town.home, **typed}
    answer = own.ana.post("/me/orders/now", {**sent, "key": "k" * 20})
    assert answer.status_code == 422
    saved = own.site.get(own.town.ana_token, "/time-bank/saved")
    assert (saved["order_gate"], saved["order_age_years"]) == ("unmet", 60)


def test_an_order_is_for_those_who_take_part(own: Own, elder: Browser) -> None:
    elder.send(ordered(elder), "/me/orders", "/me/orders/now")
    path = f"/me/orders/{order_of(elder)}"
    own.ana.submit(path, f"{path}/offer")
    form = own.bo.form(own.bo.get("/me/more"))
    for step in ("accept", "decline", "confirm", "cancel", "dispute"):
        sent = {**form, "key": f"somebody-elses-{step}", "text": "x"}
        assert own.bo.post(f"{path}/{step}", sent).status_code == 404, step
    # The right people, but not theirs to do.
    sent = {**own.ana.form(own.ana.get("/me/more")), "key": "provider-accepts-own"}
    assert own.ana.post(f"{path}/accept", sent).status_code in (403, 409, 422)
    assert own.ana.post(f"{path}/burn", sent).status_code == 404
    assert own.bo.get(path).status_code == 404


def test_an_order_form_keeps_what_was_typed(elder: Browser) -> None:
    for wrong in ({"day": ""}, {"day": "2025-02-30"}, {"from": "9"}, {"category": "rockets"}):
        answer = ordered(elder, **wrong)
        assert answer.status_code == 422, wrong
        assert "陪我去医院" in answer.get_data(as_text=True)
    asks = ordered(elder, hours="9")
    assert elder.send(asks, "/me/orders", "/me/orders/now").status_code == 422


# Stars -------------------------------------------------------------------------------------------


def test_a_star_is_applied_for_once_its_hours_are_there(own: Own) -> None:
    found = own.ana.get("/me/stars")
    assert "/me/stars/apply" not in found.get_data(as_text=True)
    sent = {**own.ana.form(own.ana.get("/me/more")), "key": "too-early-for-a-star", "star": "1"}
    early = own.ana.post("/me/stars/apply", sent)
    assert early.status_code == 422
    assert 'class="note refused"' in early.get_data(as_text=True)
    for day in range(1, 21):
        own.town.history(f"2025-01-{day:02} 08:00", f"2025-01-{day:02} 16:00", who=own.town.ana)
    assert "可以申请 1 星了" in text_of(own.ana.get("/me/stars"))
    assert "已申请 1 星" in own.came_to(own.ana.submit("/me/stars", "/me/stars/apply"))
    said = text_of(own.ana.get("/me/stars"))
    assert "您的星级正在审核" in said
    assert "审核中" in said
    (case,) = own.site.get(own.town.ana_token, "/stars/applications")["data"]
    assert own.bo.get(f"/me/objections/new?about=star&id={case['case']}").status_code == 404
    assert case["ended"] is None
    page = f"/me/objections/new?about=star&id={case['case']}"
    assert own.ana.submit(page, "/me/objections", text="公示的时长不对").status_code == 303


def test_whoever_was_refused_a_star_reads_why_and_applies_again(own: Own) -> None:
    for day in range(1, 21):
        own.town.history(f"2025-01-{day:02} 08:00", f"2025-01-{day:02} 16:00", who=own.town.ana)
    assert own.ana.submit("/me/stars", "/me/stars/apply").status_code == 303
    (case,) = own.site.get(own.town.ana_token, "/stars/applications")["data"]
    path = f"/stars/applications/{case['case']}/refuse"
    own.site.made(own.site.operator, path, {"reason": "培训还没有做完"})
    said = text_of(own.ana.get("/me/stars"))
    assert "未通过" in said
    assert "培训还没有做完" in said
    assert "补上缺的以后可以再申请" in said
    assert "可以申请 1 星了" in said
    (told,) = own.site.get(own.town.ana_token, "/stars/applications")["data"]
    assert told["ended"]["text"] == {"reason": "培训还没有做完"}
    # Those who decide have it in their own list of what was decided, not here.
    (seen,) = own.site.get(own.town.host, "/stars/applications")["data"]
    assert seen["ended"] is None
    assert "已申请 1 星" in own.came_to(own.ana.submit("/me/stars", "/me/stars/apply"))


# Consents, looks, card ---------------------------------------------------------------------------


def test_consent_is_given_refused_and_taken_back(own: Own) -> None:
    def send(**said: str) -> TestResponse:
        form = own.ana.form(own.ana.get("/me/consents"))
        return own.ana.post("/me/consents", {"form": form["form"], "key": form["key"], **said})

    assert "已记下：不同意" in own.came_to(send(purpose="credit_list", answer="refused"))
    assert "已记下：同意" in own.came_to(send(purpose="credit_list", answer="given"))
    assert "已撤回" in own.came_to(send(purpose="credit_list", answer="withdrawn"))
    office = f"organisation:{own.town.home}"
    given = send(purpose="office_redemption", answer="given", party=office)
    assert "已记下：同意" in own.came_to(given)
    found = text_of(own.ana.get("/me/consents"))
    assert "阳光社区" in found
    assert "您已撤回" in found
    assert send(purpose="credit_list", answer="withdrawn").status_code == 409
    assert send(purpose="anything", answer="given").status_code == 422
    assert send(purpose="office_redemption", answer="given").status_code == 422


def test_a_masked_name_is_shown_to_one_shop_that_is_found_by_its_name(own: Own) -> None:
    """Only shops with something to redeem are found; what was answered about one goes before what
    was answered about all, and is taken back where it stands."""
    shop = own.site.till()
    assert "没有找到叫「晨光」" in text_of(own.ana.get("/me/consents?shop=晨光"))
    own.site.reward(shop)
    found = own.ana.get("/me/consents?shop=晨光")
    assert "晨光面包" in text_of(found)
    assert "没有找到" in text_of(own.ana.get("/me/consents?shop=书店"))
    assert "No shop that offers" in text_of(own.ana.get(f"/me/consents?lang=en&shop={'x' * 41}"))

    def answer(said: str) -> TestResponse:
        html = own.ana.get("/me/consents?shop=晨光&lang=zh").get_data(as_text=True)
        forms = [
            each
            for each in html.split("<form")
            if f'value="merchant:{shop.merchant}"' in each and f'value="{said}"' in each
        ]
        assert len(forms) == 1, said
        return own.ana.post("/me/consents", {**hidden(forms[0]), "answer": said})

    assert "已记下：同意" in own.came_to(answer("given"))
    assert "已在上面答复" in text_of(own.ana.get("/me/consents?shop=晨光"))
    said = own.site.get(own.town.ana_token, f"/volunteers/{own.town.ana}/consents")["data"]
    assert [(one["purpose"], one["party"], one["answer"]) for one in said] == [
        ("merchant_display", f"merchant:{shop.merchant}", "given")
    ]
    assert "已撤回" in own.came_to(answer("withdrawn"))
    assert "已记下：同意" in own.came_to(answer("given"))


def test_a_volunteer_sees_who_looked(own: Own) -> None:
    own.ana.get("/me")
    assert "还没有别人看过" in text_of(own.ana.get("/me/looks"))
    own.site.get(own.town.host, f"/volunteers/{own.town.ana}")
    found = text_of(own.ana.get("/me/looks"))
    assert "注册或更正登记" in found
    assert "志愿服务组织 阳光社区" in found
    assert "您自己" not in found
    assert "您自己" in text_of(own.ana.get("/me/looks?own=yes"))
    assert "1 次" not in found
    own.site.get(own.town.host, f"/volunteers/{own.town.ana}")
    listed = own.ana.get("/me/looks?lang=en")
    assert "2 times" in text_of(listed)
    (first,) = re.findall(r'href="(/me/looks/\d+)"', listed.get_data(as_text=True))
    each = own.ana.get(f"{first}?lang=zh")
    assert each.get_data(as_text=True).count("<time ") == 2
    assert "注册或更正登记" in text_of(each)
    assert own.bo.get(first).status_code == 404
    for day in (3, 4):
        own.served(day, "09:00", "17:00")
    till = own.site.till()
    made = own.site.made(own.town.ana_token, "/redemptions", {"reward": own.site.reward(till)})
    own.site.post(till.token, "/redemptions/verify", {"code": made["code"]})
    seen = own.ana.get("/me/looks/till")
    assert "咖啡一杯" in text_of(seen)
    assert "晨光面包 东门店" in text_of(seen)
    page = f"/me/objections/new?about=redemption&id={made['redemption']}"
    assert page.replace("&", "&amp;") in seen.get_data(as_text=True)
    assert own.bo.get(page).status_code == 404


def test_a_lost_card_stops_and_a_pin_is_changed_by_who_knows_it(own: Own) -> None:
    assert "您没有志愿者卡" in text_of(own.ana.get("/me/card"))
    made = own.site.made(own.town.host, f"/volunteers/{own.town.ana}/cards", {"pin": "204861"})
    page, path = "/me/card", f"/me/card/{made['card']}"
    assert made["number"] in text_of(own.ana.get(page))
    pins = {"pin": "204861", "new_pin": "731946", "again": "731946"}
    for wrong, why in (
        ({"again": "731947"}, "两次输入的新密码不一样"),
        ({"pin": "204862"}, ""),
        ({"new_pin": "123456", "again": "123456"}, ""),
    ):
        answer = own.ana.submit(page, f"{path}/pin", **{**pins, **wrong})
        assert answer.status_code in (403, 409, 422, 429), text_of(answer)
        html = answer.get_data(as_text=True)
        assert why in html
        assert not any(each in html for each in ("204861", "204862", "731946"))
    assert "密码已改" in own.came_to(own.ana.submit(page, f"{path}/pin", **pins))
    form = own.bo.form(own.bo.get("/me/more"))
    sent = {**form, "key": "a-card-of-another"}
    assert own.bo.post(f"{path}/lost", sent).status_code == 404
    assert "卡已停用" in own.came_to(own.ana.submit(page, f"{path}/lost"))
    assert made["number"] not in text_of(own.ana.get(page))


def test_whoever_acts_for_somebody_rules_over_none_of_their_data(own: Own) -> None:
    """What a helper may not do is neither offered nor done, and their looks have a name."""
    scopes = sorted(HELPER_SCOPES)
    body = {"helper": f"volunteer:{own.bo_id}", "scopes": scopes}
    body["expires"] = moment("2025-04-01 09:00")
    own.site.made(own.town.ana_token, f"/volunteers/{own.town.ana}/helpers", body)
    assert own.bo.submit("/account", "/account/acting").status_code == 303
    not_theirs = {"consents", "looks", "looks/till", "download", "forget", "card"}
    menu = own.bo.get("/me/more").get_data(as_text=True)
    for path in EVERY:
        status = own.bo.get(f"/me/{path}").status_code
        assert status in ((200, 403) if path in not_theirs else (200,)), path
        assert path not in not_theirs or f'href="/me/{path}"' not in menu
    form = own.bo.form(own.bo.get("/me/more"))
    for path, said in (
        ("/me/forget", {"words": "删除我的信息"}),
        ("/me/download", {}),
        ("/me/consents", {"purpose": "credit_list", "answer": "given"}),
    ):
        answer = own.bo.post(path, {**form, "key": "helper-" + path.replace("/", "-"), **said})
        assert answer.status_code == 403, path
    assert own.site.get(own.town.ana_token, "/me").status == 200
    assert "帮您办事的人" in text_of(own.ana.get("/me/looks"))


def test_each_purpose_of_a_look_and_each_reason_to_hold_has_its_words() -> None:
    assert {f"my.purpose.{each}" for each in PURPOSES} <= words.WORDS.keys()
    assert {f"my.because.{each}" for each in HELD_FOR} <= words.WORDS.keys()
    for family, each in (
        ("my.category", CATEGORIES),
        ("my.consent.of", CONSENT_PURPOSES),
        ("my.consent.means", CONSENT_PURPOSES),
        ("my.objection.to", SUBJECTS),
        ("my.order.state", ORDER_STATES),
        ("my.stars.state", STAR_STATES),
        ("my.relation", RELATIONS),
    ):
        assert {f"{family}.{one}" for one in each} <= words.WORDS.keys(), family


# Everything, and nothing more --------------------------------------------------------------------


def test_all_of_ones_own_is_in_one_file_and_nothing_of_others(own: Own) -> None:
    record, other = own.served(3, "08:00", "16:00"), own.served(4, "08:00", "16:00")
    own.served(4, who=own.bo_id)
    objection = {"subject_kind": "record", "subject": record, "text": "=1+1"}
    own.site.made(own.town.ana_token, "/objections", objection)
    till = own.site.till()
    made = own.site.made(own.town.ana_token, "/redemptions", {"reward": own.site.reward(till)})
    own.site.book.signer.sign()
    answer = own.ana.submit("/me/download", "/me/download")
    assert answer.content_type == "application/zip"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    profile = json.loads(files["profile.json"])
    assert (profile["name"], profile["volunteer"]) == ("张三", own.town.ana)
    assert [each["record"] for each in json.loads(files["records.json"])] == [record, other]
    lines = files["entries.jsonl"].decode().splitlines()
    (table,) = [list(csv.DictReader(io.StringIO(files["entries.csv"].decode("utf-8-sig"))))]
    assert len(lines) == len(table) > 3
    for line, row in zip(lines, table, strict=True):
        assert hashlib.sha256(b"\x00" + line.encode()).hexdigest() == row["hash"]
        assert json.loads(line)["index"] == int(row["entry"])
    everything = b"".join(files.values())
    assert own.bo_id.encode() not in everything
    assert made["code"].encode() not in everything
    # A spreadsheet takes nothing that was typed for a formula.
    assert "'" in files["objections.csv"].decode() or "=1+1" in files["objections.csv"].decode()
    assert files["statement-1.txt"].startswith(b"sidereal/statement@v1")
    assert "张三".encode() in files["profile.json"]
    assert "own_data" in files["accesses.csv"].decode()
    # Without a token of the form it is not to be had, and not by looking.
    assert own.ana.post("/me/download", {"key": "k" * 20}).status_code == 403
    assert own.ana.get("/me/download").content_type.startswith("text/html")


def test_who_is_forgotten_typed_the_words_and_is_signed_out(own: Own) -> None:
    for said in ("", "删除", "forget you"):
        answer = own.ana.submit("/me/forget", "/me/forget", words=said)
        assert answer.status_code == 422
    assert own.site.get(own.town.ana_token, "/me").status == 200
    elsewhere = Browser(own.site).signed_in(f"volunteer:{own.town.ana}")
    answer = own.ana.submit("/me/forget", "/me/forget", words=" 删除我的信息 ")
    assert answer.status_code == 303
    last = own.ana.get(answer.headers["Location"])
    assert last.status_code == 200
    assert "您的信息已销毁" in text_of(last)
    assert own.ana.session == ""
    assert own.ana.get("/me").status_code == 401
    assert elsewhere.get("/me").status_code == 401
    assert own.site.get(own.town.ana_token, "/me").code == "caller_not_active"
    kept = own.site.book.vault.read(
        own.town.ana, ["name"], by="system", purpose="operation", at=own.site.clock.ms
    )
    assert kept == {}
    # The same person may come again, as somebody new.
    assert own.site.volunteer(own.town.home, identity_number=identity_number())


def test_the_last_page_says_only_a_number(own: Own) -> None:
    stranger = Browser(own.site)
    assert "12" in text_of(stranger.get("/forgotten?number=12"))
    for odd in ("<b>", "-1", "9" * 40, ""):
        assert stranger.get(f"/forgotten?number={odd}").status_code == 200


def test_no_form_is_taken_from_elsewhere_or_without_its_token(own: Own) -> None:
    record = own.served(3)
    size = own.site.size()
    posts = (
        "/me/objections",
        f"/me/time/deposit/{record}/now",
        "/me/time/gift/now",
        "/me/time/donate/now",
        "/me/orders/now",
        f"/me/orders/{record}/offer",
        "/me/stars/apply",
        "/me/consents",
        "/me/download",
        "/me/forget",
        f"/me/card/{record}/lost",
        f"/me/card/{record}/pin",
    )
    form = own.ana.form(own.ana.get("/me/more"))
    said = {"words": "删除我的信息", "text": "x", "amount": "60", "pool": "platform"}
    for path in posts:
        assert own.ana.post(path, said).status_code == 403, path
        foreign = own.ana.post(path, {**form, **said}, Origin="https://elsewhere.example")
        assert foreign.status_code == 403, path
    assert own.site.size() == size


def test_the_page_after_a_form_is_for_who_did_it(own: Own) -> None:
    made = own.ana.submit("/me/objections/new", "/me/objections", text="有一条记录不见了")
    where = made.headers["Location"]
    assert own.ana.get(where).status_code == 200
    assert own.bo.get(where).status_code == 404
    assert own.ana.get("/me/done/0").status_code == 404
    assert own.ana.get(f"/me/done/{'9' * 30}").status_code == 404
