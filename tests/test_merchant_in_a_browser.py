"""A shop's own pages in a real browser: its books, a settlement, its branches, what it offers."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import link_for, sign_in, window
from tests.test_till_in_a_browser import Served, served, shop

__all__ = ["served", "shop"]

SAID = {
    "zh": {"books": "对账", "settled": "已结算。", "settle": "结算"},
    "en": {"books": "Accounts", "settled": "It is settled.", "settle": "Settle"},
}


def manager(served: Served) -> str:
    """A link for the merchant itself."""
    return link_for(served.site, served.url, f"merchant:{served.till.merchant}")


def took(served: Served, quantity: int = 1, note: str = "") -> str:
    """A capture at the till; its redemption."""
    code = served.voucher(quantity).rpartition("#")[2]
    body = {"code": code} | ({"note": note} if note else {})
    return str(served.site.made(served.till.token, "/redemptions/capture", body)["redemption"])


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_manager_reads_the_books_and_settles(
    chromium: Browser, served: Served, lang: str, width: int
) -> None:
    said = SAID[lang]
    took(served, 2, note="少糖")
    served.site.clock.forward(days=1)
    took(served, 3)
    with window(chromium, served.url, f"books-{lang}-{width}", width=width) as seen:
        page = seen.page
        sign_in(seen, manager(served), lang)
        seen.look("till")
        page.goto(f"{served.url}/shop")
        expect(page.locator("h1")).to_have_text(said["books"])
        seen.look("books")
        page.goto(f"{served.url}/shop?print=large")
        seen.spaced()
        page.goto(f"{served.url}/shop?print=normal")
        page.goto(f"{served.url}/shop/claims?days=week")
        expect(page.locator(".claims tbody tr")).to_have_count(2)
        seen.look("claims")
        page.goto(f"{served.url}/shop/claims?from=2020-01-01&to=2020-01-02")
        seen.look("no-claims")
        page.goto(f"{served.url}/shop/settlements")
        seen.look("no-settlements")
        page.locator("a.secondary").focus()
        seen.keys("Enter")
        expect(page.locator("h1")).to_have_text(said["settle"])
        seen.look("settle")
        page.locator("button.main").focus()
        seen.keys("Enter")
        expect(page.locator(".note.valid")).to_contain_text(said["settled"])
        seen.look("settlement")
        with page.expect_download() as download:
            page.locator(".files a").nth(0).click()
        assert download.value.suggested_filename.endswith(".csv")
        page.goto(f"{served.url}/shop/settlements")
        expect(page.locator(".rows li")).to_have_count(1)
        seen.look("settlements")
        page.goto(f"{served.url}/shop/offline")
        seen.look("offline")


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_manager_looks_after_branches_tills_and_clerks(
    chromium: Browser, served: Served, lang: str, width: int
) -> None:
    with window(chromium, served.url, f"manage-{lang}-{width}", width=width) as seen:
        page = seen.page
        sign_in(seen, manager(served), lang)
        page.goto(f"{served.url}/manage")
        expect(page.locator(".branch li")).to_have_count(2)
        seen.look("manage")
        page.locator("summary").focus()
        seen.keys("Enter")
        page.fill("#f-name", "西门店")
        seen.keys("Enter")
        expect(page.locator(".note.valid")).to_be_visible()
        seen.look("branch")
        page.goto(f"{served.url}/manage/clerk/{served.clerk}")
        seen.look("clerk")
        page.locator("section button.main").focus()
        seen.keys("Enter")
        expect(page.locator(".picture svg")).to_be_visible()
        seen.look("link")
        code = page.locator(".typed code").inner_text()
    with window(chromium, served.url, f"typed-{lang}-{width}", width=width) as seen:
        seen.page.goto(f"{served.url}/sign-in?lang={lang}")
        seen.type(code)
        seen.page.wait_for_url("**/till")


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_manager_drafts_and_publishes_a_reward(
    chromium: Browser, served: Served, lang: str, width: int
) -> None:
    served.site.till(served.till.merchant)
    with window(chromium, served.url, f"offer-{lang}-{width}", width=width) as seen:
        page = seen.page
        sign_in(seen, manager(served), lang)
        page.goto(f"{served.url}/manage/rewards")
        seen.look("rewards")
        page.locator("a.secondary").focus()
        seen.keys("Enter")
        page.locator("summary").click()
        seen.look("form")
        page.fill("#f-title", "电影票")
        page.fill("#f-price", "12.5")
        page.fill("#f-stock", "20")
        page.fill("#f-until", "2020-01-01")
        page.locator("button.main").click()
        expect(page.locator(".note.refused")).to_be_visible()
        seen.expect_fault("422")
        seen.look("refused")
        page.fill("#f-until", "2030-12-31")
        page.locator("button.main").click()
        expect(page.locator(".state.waiting")).to_be_visible()
        seen.look("draft")
        page.locator("button.main").first.focus()
        seen.keys("Enter")
        expect(page.locator(".state.valid")).to_be_visible()
        seen.look("published")


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_practice_looks_like_the_till_under_a_band(
    chromium: Browser, served: Served, lang: str, width: int
) -> None:
    link = served.link()
    with window(chromium, served.url, f"practice-{lang}-{width}", width=width) as seen:
        page = seen.page
        sign_in(seen, link, lang)
        page.click(".practise a")
        expect(page.locator(".practice strong")).to_have_text("练习 · Practice")
        seen.look("lessons")
        page.locator(".lessons button").nth(1).focus()
        seen.keys("Enter")
        expect(page.locator("body.answer.valid .practice")).to_be_visible()
        seen.look("valid")
        page.locator("button.main").focus()
        seen.keys("Enter")
        expect(page.locator("body.practising.done")).to_be_visible()
        seen.look("done")
        page.locator("a.main").focus()
        seen.keys("Enter")
        page.locator(".lessons button").nth(8).focus()
        seen.keys("Enter")
        expect(page.locator("body.answer.refused .practice")).to_be_visible()
        seen.look("refused")
    assert served.taken() == 0


PRACTISED = {
    "zh": {
        "pin": "练习卡的密码是 605172。",
        "left": "还可试 2 次",
        "shows": "现在显示 ",
        "stale": "动态数字不对",
        "unknown": "还不知道是否已扣除",
        "once": "只扣了一次",
    },
    "en": {
        "pin": "The practice card's PIN is 605172.",
        "left": "2 tries left",
        "shows": "phone shows ",
        "stale": "not the digits on the holder's phone now",
        "unknown": "not known yet whether it was taken",
        "once": "was taken once only",
    },
}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pins_digits_and_a_lost_answer_are_practised(
    chromium: Browser, served: Served, lang: str
) -> None:
    said = PRACTISED[lang]
    served.site.clock.set("2025-03-10 10:00")
    with window(chromium, served.url, f"lessons-{lang}", width=360) as seen:
        page = seen.page
        sign_in(seen, served.link(), lang)

        def begin(code: str) -> None:
            page.goto(f"{served.url}/till/practice")
            seen.type(code)

        def type_more(text: str) -> None:
            expect(page.locator("#more")).to_be_focused()
            seen.type(text)

        begin("0000 0000 1942")
        expect(page.locator(".told")).to_have_text(said["pin"])
        seen.look("pin")
        page.locator("#more").focus()
        type_more("605173")
        expect(page.locator(".sentence")).to_contain_text(said["left"])
        seen.look("wrong-pin")
        page.locator("#more").focus()
        type_more("605172")
        expect(page.locator("body.valid")).to_be_visible()
        assert "605172" not in page.content()
        seen.keys("Enter")
        expect(page.locator("body.practising.done")).to_be_visible()
        begin("0000 0000 2330")
        type_more("605172")
        expect(page.locator("body.refused")).to_be_visible()
        seen.look("blocked")

        begin("TEST0-0020X")
        told = page.locator(".told").inner_text()
        digits = told.partition(said["shows"])[2][:6]
        seen.look("digits")
        page.locator("#more").focus()
        type_more(digits)
        expect(page.locator("body.valid")).to_be_visible()
        begin("TEST0-0020X")
        expect(page.locator("#more")).to_be_focused()
        served.site.clock.forward(seconds=60)
        type_more(digits)
        expect(page.locator(".sentence")).to_contain_text(said["stale"])
        seen.look("stale")

        begin("TEST0-0021F")
        expect(page.locator("body.valid")).to_be_visible()
        seen.keys("Enter")
        expect(page.locator("body.waiting .sentence")).to_contain_text(said["unknown"])
        seen.look("lost")
        # It asks again by itself.
        expect(page.locator("body.done")).to_contain_text(said["once"])
        seen.look("found")
        seen.faults = [each for each in seen.faults if "422" not in each and "429" not in each]
    assert served.taken() == 0


def test_a_card_with_several_vouchers_is_asked_which_and_its_pin_is_in_no_page(
    chromium: Browser, served: Served
) -> None:
    path = f"/volunteers/{served.cast.ana}/cards"
    card = served.site.made(served.cast.host, path, {"pin": "271839"})["number"]
    tea = served.site.reward(served.till, title="热茶一壶")
    served.voucher(2)
    served.site.made(served.cast.ana_token, "/redemptions", {"reward": tea})
    served.site.clock.forward(seconds=20)
    with window(chromium, served.url, "card") as seen:
        page = seen.page
        sign_in(seen, served.link())
        seen.type(card)
        expect(page.locator("#more")).to_be_visible()
        seen.look("pin")
        page.locator("#more").focus()
        page.keyboard.type("271839")
        seen.keys("Enter")
        expect(page.locator("button[name=redemption]")).to_have_count(2)
        assert "271839" not in page.content()
        seen.look("which")
        page.get_by_role("button", name="热茶一壶").focus()
        seen.keys("Enter")
        expect(page.locator("body.valid .item")).to_have_text("热茶一壶")
        assert "271839" not in page.content()
        page.locator("button.main").focus()
        seen.keys("Enter")
        expect(page.locator("body.done .item")).to_contain_text("热茶一壶")
        page.locator("summary").first.click()
        page.fill("#f-note", "少糖")
        seen.look("note")
        page.click("button.secondary")
        expect(page.locator(".note-text")).to_have_text("少糖")
        seen.look("noted")
    assert served.taken() == 1
