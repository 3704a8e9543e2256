"""A shop's own pages: what a manager, a till and a clerk see and do there, and what nobody does."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from api.pages.merchant import settlements
from tests.api_client import Site
from tests.kit import Ledger
from tests.page_client import Browser, text_of
from tests.test_pages import Shop, shop

__all__ = ["shop"]


def manager(shop: Shop) -> Browser:
    return shop.browser(clerk=None, terminal=None)


def took(shop: Shop, browser: Browser | None = None, quantity: int = 1) -> str:
    """A capture at the till; its redemption."""
    browser = browser or shop.browser()
    valid = browser.look(shop.voucher(quantity)["code"])
    taken = browser.post("/till/capture", browser.form(valid))
    assert taken.status_code == 303
    return str(taken.headers["Location"].rpartition("/")[2])


def after(answer: TestResponse, browser: Browser) -> str:
    """What the page says to which a form led."""
    assert answer.status_code == 303, text_of(answer)
    return text_of(browser.get(answer.headers["Location"]))


# The books --------------------------------------------------------------------------------------


def test_a_manager_reads_today_by_branch_and_clerk_and_what_is_owed(shop: Shop) -> None:
    took(shop, quantity=2)
    took(shop, shop.browser(clerk=None))
    page = text_of(manager(shop).get("/shop"))
    assert "2 张 3 积分" in page
    assert re.search(r"东门店 未分店员 1 1 积分 东门店 王五 1 2 积分", page)
    assert "待结算 3 积分" in page
    assert "待核销 0 积分" in page


def test_a_clerk_sees_their_own_lines_and_nothing_that_the_shop_comes_to(shop: Shop) -> None:
    took(shop)
    took(shop, shop.browser(clerk=None), quantity=2)
    clerk = shop.browser()
    page = text_of(clerk.get("/shop"))
    assert "1 张 1 积分" in page
    assert "账上" not in page
    assert "结算单" not in page
    assert "1 张 1 积分" in text_of(clerk.get("/shop/claims?days=week"))
    till = text_of(clerk.get("/till"))
    assert "对账" in till
    assert "管理" not in till
    assert "还没有结算过" in text_of(clerk.get("/shop/settlements"))
    for path in ("/shop/settlements/new",):
        assert clerk.get(path).status_code == 404
    key = {**clerk.form(), "key": "0" * 32}
    assert clerk.post("/shop/settlements", key).status_code in (403, 404)
    for path in ("/manage/branches", f"/manage/clerk/{shop.clerk}/limits", "/manage/rewards"):
        assert clerk.post(path, {**key, "name": "x"}).status_code == 403


@pytest.mark.parametrize("is_clerk", [True, False])
def test_what_a_shop_decides_is_shown_at_none_of_its_tills(shop: Shop, is_clerk: bool) -> None:
    browser = shop.browser() if is_clerk else shop.browser(clerk=None)
    places = (f"branch/{shop.till.branch}", f"terminal/{shop.till.terminal}", f"clerk/{shop.clerk}")
    for path in ("", *(f"/{each}" for each in places), "/rewards", "/rewards/new"):
        assert browser.get(f"/manage{path}").status_code == 403, path


def test_a_till_without_a_clerk_sees_its_branch(shop: Shop) -> None:
    took(shop)
    other = shop.site.till(shop.till.merchant)
    browser = shop.browser(clerk=None, terminal=other.terminal)
    assert "今天还没有核销" in text_of(browser.get("/shop"))
    assert "1 张 1 积分" in text_of(shop.browser(clerk=None).get("/shop"))


def test_claims_are_found_by_days_and_taken_away_as_files(shop: Shop) -> None:
    took(shop, quantity=2)
    browser = manager(shop)
    day = shop.site.get(shop.till.token, "/till")["date"]
    for query in ("", "?days=month", f"?from={day}", f"?to={day}", f"?from={day}&to={day}"):
        assert "1 张 2 积分" in text_of(browser.get(f"/shop/claims{query}")), query
    assert "这段时间没有核销" in text_of(browser.get("/shop/claims?to=2024-12-31"))
    wrong = browser.get("/shop/claims?from=2025-03-09&to=2025-03-01")
    assert wrong.status_code == 422
    assert 'role="alert"' in wrong.get_data(as_text=True)
    for form, kind in (("csv", "text/csv"), ("xlsx", "sheet"), ("pdf", "pdf")):
        found = browser.get(f"/shop/claims/file?format={form}&days=day")
        assert kind in str(found.content_type)
        assert "attachment" in found.headers["Content-Disposition"]
    lines = browser.get("/shop/claims/file?format=csv").get_data(as_text=True)
    assert any("咖啡一杯" in cell for row in csv.reader(io.StringIO(lines)) for cell in row)


# Settlements ------------------------------------------------------------------------------------


def test_settlements_are_paged_by_their_newest_end(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are, each is on a page, and the newest on the first."""
    monkeypatch.setattr(settlements, "SHOWN", 2)
    made = []
    for n in range(3):
        took(shop, quantity=n + 1)
        shop.site.clock.forward(days=1)
        browser = manager(shop)
        sent = browser.submit("/shop/settlements/new", "/shop/settlements")
        made.append(sent.headers["Location"].partition("?")[0])

    def listed(path: str) -> list[str]:
        html = browser.get(path).get_data(as_text=True)
        return list(dict.fromkeys(re.findall(r"/shop/settlements/\w{16}", html)))

    assert listed("/shop/settlements") == made[:0:-1]
    (rest,) = re.findall(
        r"/shop/settlements\?after=\d+", browser.get("/shop/settlements").get_data(as_text=True)
    )
    assert listed(rest) == made[:1]
    # The books tell of the newest one: three pieces at a point each.
    assert re.search(r"结算单 最近一次[^积]* 3 积分", text_of(browser.get("/shop")))


def test_a_settlement_is_looked_at_before_it_is_closed_and_taken_off_after(shop: Shop) -> None:
    old = took(shop, quantity=2)
    shop.site.clock.forward(days=1)
    took(shop, quantity=3)
    browser, size = manager(shop), shop.site.size()
    before = browser.get("/shop/settlements/new")
    text = text_of(before)
    assert "这次会结算 2 积分 1 张" in text
    assert "还不能结算：1 张" in text
    assert "起可以结算" in text
    assert shop.site.size() == size
    sent = browser.send(before, "/shop/settlements/new", "/shop/settlements")
    page = after(sent, browser)
    assert "已结算。" in page
    assert "2 积分 应付" in page
    again = browser.send(before, "/shop/settlements/new", "/shop/settlements")
    assert again.headers["Location"].partition("?")[0] == sent.headers["Location"].partition("?")[0]
    assert 'action="/shop/settlements"' not in browser.get("/shop/settlements/new").text
    path = sent.headers["Location"].partition("?")[0]
    assert "pdf" in str(browser.get(f"{path}/file?format=pdf").content_type)
    # What is refunded afterwards is taken off by the next one.
    line = browser.get(f"/till/lines/{old}")
    browser.send(line, "", f"/till/lines/{old}/undo", ground="cannot_supply")
    assert "待扣回 2 积分" in text_of(browser.get("/shop"))
    before = browser.get("/shop/settlements/new")
    assert "−2 积分" in text_of(before)
    page = after(browser.send(before, "/shop/settlements/new", "/shop/settlements"), browser)
    assert "扣除退回 1 张 · −2 积分" in page
    assert "2 积分 应退" in page
    assert len(re.findall(r"/shop/settlements/\w{16}", browser.get("/shop/settlements").text)) == 2


def test_another_shops_settlement_is_not_here(shop: Shop) -> None:
    took(shop)
    shop.site.clock.forward(days=1)
    browser = manager(shop)
    path = browser.submit("/shop/settlements/new", "/shop/settlements").headers["Location"]
    path = path.partition("?")[0]
    stranger = Browser(shop.site).signed_in(f"merchant:{shop.site.merchant()}")
    assert stranger.get(path).status_code == 404
    assert stranger.get(f"{path}/file?format=csv").status_code == 404
    assert shop.browser().get(path).status_code == 404


@pytest.mark.parametrize("to", ["2025-02-30", "yesterday", "9999-12-31", "0001-01-01"])
def test_what_is_no_day_is_told_so(shop: Shop, to: str) -> None:
    page = manager(shop).get(f"/shop/settlements/new?to={to}")
    assert page.status_code in (200, 422), page.text
    assert (page.status_code == 422) == ('role="alert"' in page.text)


def test_tills_without_a_network_are_listed(shop: Shop) -> None:
    page = text_of(manager(shop).get("/shop/offline"))
    assert "还没有断网收过券" in page
    assert "都核销了" in page


# Lines and practice -----------------------------------------------------------------------------


def test_a_line_is_noted_by_whose_it_is(shop: Shop) -> None:
    clerk = shop.browser()
    path = f"/till/lines/{took(shop, clerk)}"
    noted = clerk.submit(path, f"{path}/note", note="少糖")
    assert noted.status_code == 303
    assert "备注 少糖" in text_of(clerk.get(path))
    assert "备注：少糖" in text_of(manager(shop).get("/shop/claims"))
    empty = clerk.submit(path, f"{path}/note", note="")
    assert empty.status_code == 422
    other = Browser(shop.site).signed_in(f"merchant:{shop.site.merchant()}")
    form = {**other.form(), "note": "x", "key": "0" * 32}
    assert other.post(f"{path}/note", form).status_code == 404


def test_practice_says_what_the_till_would_and_touches_nothing(shop: Shop) -> None:
    browser, size = shop.browser(), shop.site.size()
    page = browser.get("/till/practice")
    assert "练习 · Practice 什么都不会扣除" in text_of(page)
    lessons = shop.site.get(shop.till.token, "/practice/codes")["data"]
    for lesson in lessons:
        seen = browser.post("/till/practice/look", {**browser.form(page), "code": lesson["code"]})
        assert seen.status_code == 200
        assert "练习 · Practice" in text_of(seen), lesson
        valid = 'class="answer valid"' in seen.text
        asks = lesson["kind"] in ("card", "phone") and lesson["answer"] != "bad_card"
        assert valid == (lesson["answer"] == "valid" and not asks), lesson
        assert ('id="more"' in seen.text) == asks, lesson
    first = browser.post("/till/practice/look", {**browser.form(page), "code": lessons[0]["code"]})
    done = browser.post("/till/practice/capture", browser.form(first))
    assert "练习 · Practice" in text_of(done)
    assert "已核销" in text_of(done)
    undone = browser.send(done, "", "/till/practice/undo", ground="cannot_supply")
    assert "已撤销" in text_of(undone)
    assert browser.get("/till/practice/capture").status_code == 303
    # A real voucher is not practised with, and a practice code is not taken for one.
    code = shop.voucher()["code"]
    size += 1
    real = browser.post("/till/practice/look", {**browser.form(page), "code": code})
    assert "不能核销" in text_of(real)
    assert "练习码，不是真的券" in text_of(browser.look(lessons[0]["code"]))
    assert shop.site.size() == size
    assert shop.site.get(shop.till.token, "/till")["today"]["captures"] == 0


def test_a_pin_and_digits_are_practised_and_stand_in_no_page(shop: Shop) -> None:
    browser = shop.browser()
    page = browser.get("/till/practice")
    lessons = shop.site.get("", "/practice/codes")["data"]
    of = {(each["kind"], each["answer"]): each for each in reversed(lessons)}

    def asked(kind: str, answer: str) -> Any:
        code = of[kind, answer]["code"]
        return browser.post("/till/practice/look", {**browser.form(page), "code": code})

    card = asked("card", "wrong_card_or_pin")
    assert "密码是 605172。这一课先故意输错，例如 605173" in text_of(card)
    wrong = browser.post("/till/practice/look", {**browser.form(card), "pin": "605173"})
    assert "【练习】卡号或密码不对，请持卡人重新输入。还可试 2 次。" in text_of(wrong)
    own = browser.post("/till/practice/look", {**browser.form(wrong), "pin": "918273"})
    assert "918273" not in own.text
    right = browser.post("/till/practice/look", {**browser.form(wrong), "pin": "605172"})
    assert 'class="answer valid"' in right.text
    assert "605172" not in right.text
    assert "已核销" in text_of(browser.post("/till/practice/capture", browser.form(right)))
    several = asked("card", "choose_voucher")
    which = browser.post("/till/practice/look", {**browser.form(several), "pin": "605172"})
    assert "练习：电影票 × 1" in text_of(which)
    phone = asked("phone", "valid")
    shown = re.search(r"现在显示 ([0-9]{6})", text_of(phone))
    assert shown is not None
    digits = {**browser.form(phone), "rotating": shown[1]}
    taken = browser.post("/till/practice/look", digits)
    assert "已核销" in text_of(browser.post("/till/practice/capture", browser.form(taken)))
    shop.site.clock.forward(seconds=70)
    stale = browser.post("/till/practice/look", digits)
    assert "【练习】动态数字不对" in text_of(stale)
    lost = asked("network", "valid")
    unknown = browser.post("/till/practice/capture", browser.form(lost))
    assert "还不知道是否已扣除" in text_of(unknown)
    assert 'class="answer waiting"' in unknown.text
    known = browser.post("/till/practice/capture", browser.form(unknown))
    assert "只扣了一次" in text_of(known)


def test_whoever_stands_at_no_till_does_not_practise(shop: Shop) -> None:
    browser = manager(shop)
    page = browser.get("/till/practice")
    code = shop.site.get(shop.till.token, "/practice/codes")["data"][0]["code"]
    seen = browser.post("/till/practice/look", {**browser.form(page), "code": code})
    assert "这个登录不能核销" in text_of(seen)


# Branches, tills and clerks ---------------------------------------------------------------------


def test_a_branch_its_till_and_its_clerk_are_registered_and_sign_in(shop: Shop) -> None:
    browser = manager(shop)
    made = browser.submit("/manage", "/manage/branches", name="西门店")
    assert "已登记" in after(made, browser)
    branch = made.headers["Location"].partition("?")[0]
    till = browser.submit(branch, f"{branch}/terminals", name="二号机")
    till_at = till.headers["Location"].partition("?")[0]
    clerk = browser.submit(branch, f"{branch}/clerks", name="赵六", note="周末")
    clerk_at = clerk.headers["Location"].partition("?")[0]
    assert "西门店 二号机" in re.sub(r" (收银机|在用)", "", text_of(browser.get("/manage")))
    shown = browser.submit(clerk_at, f"{clerk_at}/link", terminal=till_at.rpartition("/")[2])
    assert shown.status_code == 200
    assert "<svg" in shown.text
    code = re.search(r"<code>([0-9A-Z-]{19})</code>", shown.text)
    assert code is not None
    other = Browser(shop.site)
    assert other.post("/sign-in", {"link": code[1]}).status_code == 303
    assert "西门店 二号机 店员 赵六" in text_of(other.get("/till"))
    # A name that is missing is told beside its field, and nothing is registered.
    size = shop.site.size()
    wrong = browser.submit("/manage", "/manage/branches", name="")
    assert wrong.status_code == 422
    assert "请填写这一项" in text_of(wrong)
    assert shop.site.size() == size


def test_a_sign_in_link_is_shown_once(shop: Shop) -> None:
    browser = manager(shop)
    path = f"/manage/terminal/{shop.till.terminal}"
    page = browser.get(path)
    first = browser.send(page, path, f"{path}/link")
    assert "https://ledger.example/sign-in/" in first.text
    again = browser.send(page, path, f"{path}/link")
    assert "/sign-in/" not in again.text
    assert "已经显示过" in text_of(again)


def test_a_clerk_is_limited_switched_off_and_on_again(shop: Shop) -> None:
    browser, path = manager(shop), f"/manage/clerk/{shop.clerk}"
    done = browser.submit(
        path, f"{path}/limits", captures="1", points="2.5", hours="", minutes="30"
    )
    page = after(done, browser)
    assert "每日限额 1 张 · 2.50 积分 · 30 分" in page
    wrong = browser.submit(path, f"{path}/limits", captures="many")
    assert wrong.status_code == 422
    assert 'value="many"' in wrong.text
    clerk = shop.browser()
    took(shop, clerk)
    assert "限额" in text_of(clerk.look(shop.voucher()["code"]))
    assert "已停用" in after(browser.submit(path, f"{path}/suspend", reason="休假"), browser)
    assert clerk.get("/till").status_code == 403
    assert "已恢复" in after(browser.submit(path, f"{path}/reinstate"), browser)
    assert shop.browser().get("/till").status_code == 200


def test_another_shops_places_are_not_here(shop: Shop) -> None:
    other = shop.site.till()
    browser = manager(shop)
    form = {**browser.form(browser.get("/manage")), "name": "x", "key": "0" * 32}
    for kind, one in (("branch", other.branch), ("terminal", other.terminal)):
        assert browser.get(f"/manage/{kind}/{one}").status_code == 404
        assert browser.post(f"/manage/{kind}/{one}/suspend", form).status_code == 404
    assert browser.post(f"/manage/branch/{other.branch}/clerks", form).status_code == 404
    assert browser.post(f"/manage/terminal/{other.terminal}/link", form).status_code == 404


# What is offered --------------------------------------------------------------------------------

OFFER: dict[str, Any] = {
    "title": "电影票",
    "description": "周末也可用",
    "kind": "gift",
    "pay": "points",
    "price": "12.5",
    "stock": "20",
    "from": "2025-03-01",
    "until": "2025-12-31",
}


def test_a_weekday_that_is_none_is_refused(shop: Shop) -> None:
    wrong = OFFER | {"weekdays": ["²"]}
    answer = manager(shop).submit("/manage/rewards/new", "/manage/rewards", do="draft", **wrong)
    assert answer.status_code == 422


def test_a_reward_is_drafted_changed_published_restocked_and_withdrawn(shop: Shop) -> None:
    browser = manager(shop)
    full = OFFER | {
        "weekdays": ["6", "7"],
        "opens": "09:00",
        "closes": "21:30",
        "per_person": "2",
        "per_period": "1",
        "period": "month",
        "gate_stars": "1",
        "min_age": "18",
        "tiers": ["county"],
        "hold_days": "1",
        "hold_hours": "2",
    }
    made = browser.submit("/manage/rewards/new", "/manage/rewards", do="draft", **full)
    path = made.headers["Location"].partition("?")[0]
    page = after(made, browser)
    for said in ("12.50 积分", "草稿", "周六、周日", "09:00 – 21:30", "1 份 / 月", "26 小时", "18"):
        assert said in page, said
    # The form shows again what was typed, so that saving it changes nothing.
    again = browser.get(f"{path}/revise")
    for name, value in (("price", "12.50"), ("until", "2025-12-31"), ("closes", "21:30")):
        assert re.search(rf'name="{name}"[^>]*value="{value}"', again.text), name
    changed = browser.submit(f"{path}/revise", f"{path}/revise", **(full | {"price": "10"}))
    assert "10 积分" in after(changed, browser)
    assert "已发布" in after(browser.submit(path, f"{path}/publish"), browser)
    assert browser.get(f"{path}/revise").status_code == 200
    fewer = browser.submit(path, f"{path}/restock", way="fewer", pieces="5")
    assert "份数 15 份" in after(fewer, browser)
    wrong = browser.submit(path, f"{path}/restock", way="fewer", pieces="500")
    assert wrong.status_code == 422
    assert "已下架" in after(browser.submit(path, f"{path}/withdraw", reason="卖完"), browser)


def test_a_form_that_is_wrong_keeps_what_was_typed(shop: Shop) -> None:
    browser, size = manager(shop), shop.site.size()
    for field, typed, name in (
        ("price", "a lot", "price"),
        ("until", "2025-02-30", "until"),
        ("stock", "-1", "stock"),
        ("title", "", "title"),
    ):
        sent = OFFER | {field: typed}
        wrong = browser.submit("/manage/rewards/new", "/manage/rewards", do="publish", **sent)
        assert wrong.status_code == 422, field
        assert f'id="f-{name}-says"' in wrong.text, field
        assert 'value="12.5"' in wrong.text or field == "price"
    assert shop.site.size() == size


def test_a_reward_for_saved_time_is_priced_in_hours_and_minutes(shop: Shop) -> None:
    browser = manager(shop)
    sent = OFFER | {"pay": "time", "price_hours": "2", "price_minutes": "30", "price": ""}
    sent |= {"kind": "service_order"}
    made = browser.submit("/manage/rewards/new", "/manage/rewards", do="publish", **sent)
    assert "2 小时 30 分" in after(made, browser)


def test_another_shops_reward_is_not_here(shop: Shop) -> None:
    reward = shop.site.reward(shop.site.till())
    browser = manager(shop)
    form = {**browser.form(browser.get("/manage/rewards/new")), "key": "0" * 32}
    assert browser.get(f"/manage/rewards/{reward}").status_code == 404
    assert browser.post(f"/manage/rewards/{reward}/withdraw", form).status_code == 404


# Forms ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/shop/settlements", "/manage/branches", "/manage/rewards"])
def test_no_form_from_elsewhere_or_without_its_token_does_anything(shop: Shop, path: str) -> None:
    took(shop)
    shop.site.clock.forward(days=1)
    browser = manager(shop)
    form = {**browser.form(browser.get("/manage")), **OFFER, "name": "x", "key": "0" * 32}
    size = shop.site.size()
    assert browser.post(path, form | {"form": "0" * 64}).status_code == 403
    browser.origin = "https://evil.example"
    assert browser.post(path, form).status_code == 403
    assert shop.site.size() == size


def test_a_shops_pages_are_for_no_other_role(ledger: Ledger) -> None:
    site = Site(ledger.open(), ledger.clock)
    browser = Browser(site).signed_in(f"volunteer:{site.volunteer()}")
    for path in ("/shop", "/shop/claims", "/manage", "/manage/rewards", "/shop/settlements/new"):
        assert browser.get(path).status_code == 403
