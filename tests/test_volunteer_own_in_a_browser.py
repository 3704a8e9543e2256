"""A volunteer's records, objections, saved time, orders, stars and own data in a real browser: each
page in both languages at three widths, and each flow by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api_client import Cast, Site, moment
from tests.browser import Seen, link_for, serving, sign_in, window


@dataclass
class Served:
    """A volunteer with a life, and an elder who needs somebody."""

    site: Site
    cast: Cast
    mother: str
    elder: str
    records: dict[str, str]
    order: str
    url: str = ""

    def link(self, who: str = "") -> str:
        return link_for(self.site, self.url, f"volunteer:{who or self.cast.ana}", hours=96)


def lived(site: Site, cast: Cast) -> Served:
    """Records of every state, saved time, a relative, honours, looks, a card, orders."""
    for day in range(1, 21):
        cast.history(f"2025-01-{day:02} 08:00", f"2025-01-{day:02} 16:00", who=cast.ana)
    records = {"effective": cast.served("2025-03-03 09:00", "12:00")["record"]}
    records["held"] = cast.served("2025-03-03 11:00", "13:00")["record"]
    records["refused"] = cast.served("2025-03-03 09:30", "11:30")["record"]
    said = {"reason": "十点您在另一处签到"}
    site.made(cast.reviewer, f"/service-records/{records['refused']}/refuse", said)
    wrong = cast.served("2025-03-04 09:00", "11:00")["record"]
    body = cast.session("2025-03-04 09:00", "10:00") | {"reason": "多记了一小时"}
    body.pop("volunteer")
    site.made(cast.host, f"/service-records/{wrong}/correct", body)
    records["reversed"] = wrong
    saved = cast.served("2025-03-05 09:00", "13:00")["record"]
    deposit = {"record": saved, "minutes": 240}
    site.made(cast.ana_token, "/time-bank/deposits", deposit)
    mother = site.volunteer(cast.home, name="王秀英", born="1960-01-01")
    own = f"/volunteers/{cast.ana}"
    site.made(cast.host, f"{own}/relations", {"relative": mother, "relation": "lineal"})
    site.made(cast.host, f"{own}/cards", {"pin": "204861"})
    award = {"level": "city", "awarded": moment("2025-02-01 10:00"), "title": "优秀志愿者"}
    site.made(cast.host, f"{own}/commendations", award)
    elder = site.volunteer(cast.home, name="陈老", born="1950-01-01")
    hers = cast.served("2025-03-06 08:00", "14:00", who=elder)["record"]
    elders = site.volunteer_token(elder)
    site.made(elders, "/time-bank/deposits", {"record": hers, "minutes": 360})
    wanted = {
        "organisation": cast.home,
        "category": "health",
        "minutes": 90,
        "starts": moment("2025-03-11 09:00"),
        "ends": moment("2025-03-11 12:00"),
        "text": "陪我去医院",
    }
    order = site.made(elders, "/orders", wanted)["order"]
    site.made(cast.ana_token, f"/orders/{order}/offer")
    site.made(elders, f"/orders/{order}/accept")
    site.made(
        elders,
        "/orders",
        {**wanted, "starts": moment("2025-03-12 09:00")} | {"ends": moment("2025-03-12 11:00")},
    )
    till = site.till()
    reserved = site.made(cast.ana_token, "/redemptions", {"reward": site.reward(till)})
    site.post(till.token, "/redemptions/verify", {"code": reserved["code"]})
    site.get(cast.host, own)
    site.get(cast.reviewer, own)
    about = {"subject_kind": "record", "subject": wrong, "text": "我十一点才走"}
    site.made(cast.ana_token, "/objections", about)
    return Served(site, cast, mother, elder, records, order)


@pytest.fixture
def served(sqlite_site: Site) -> Iterator[Served]:
    site = sqlite_site
    town = lived(site, Cast(site))
    with serving(site) as town.url:
        yield town


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_is_read_in_both_languages_at_three_widths(
    chromium: Browser, served: Served, lang: str, width: int
) -> None:
    objection = served.site.get(served.cast.ana_token, "/objections")["data"][0]["objection"]
    records = served.records
    pages = {
        "more": "more",
        "records": "records",
        **{f"record-{state}": f"records/{each}" for state, each in records.items()},
        "objections": "objections",
        "objection": f"objections/{objection}",
        "object": f"objections/new?about=record&id={records['held']}",
        "time": "time",
        "savable": "time/deposit",
        "deposit": f"time/deposit/{records['effective']}",
        "gift": "time/gift",
        "donate": "time/donate",
        "relatives": "relatives",
        "orders": "orders",
        "open": "orders/open",
        "new-order": "orders/new",
        "order": f"orders/{served.order}",
        "stars": "stars",
        "honours": "honours",
        "consents": "consents",
        "looks": "looks",
        "till-looks": "looks/till",
        "card": "card",
        "download": "download",
        "forget": "forget",
    }
    with window(chromium, served.url, f"own-{lang}-{width}", width=width) as seen:
        sign_in(seen, served.link(), lang)
        for what, path in pages.items():
            seen.page.goto(f"{served.url}/me/{path}")
            expect(seen.page.locator("h1")).to_be_visible()
            seen.look(what)


@pytest.mark.parametrize("given", [{"color_scheme": "dark"}, {}])
def test_it_is_read_in_the_dark_and_in_large_print(
    chromium: Browser, served: Served, given: dict[str, Any]
) -> None:
    name = "own-" + ("-".join(map(str, given.values())) or "large")
    with window(chromium, served.url, name, **given) as seen:
        sign_in(seen, served.link())
        if not given:
            seen.page.goto(f"{served.url}/me/more?print=large")
        for path in ("more", f"records/{served.records['held']}", "time", "stars", "consents"):
            seen.page.goto(f"{served.url}/me/{path}")
            seen.look(path.partition("/")[0])


def press(page: Page, selector: str) -> None:
    """By keyboard: the thing is reached, and Enter is pressed on it."""
    page.locator(selector).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_load_state()


def done(seen: Seen, what: str) -> None:
    """The page after a form; its way on has the focus."""
    seen.page.wait_for_url("**/me/done/**")
    expect(seen.page.locator("a.main")).to_be_focused()
    seen.look(what)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_time_is_saved_given_and_donated_by_keyboard_alone(
    chromium: Browser, served: Served, lang: str
) -> None:
    with window(chromium, served.url, f"own-time-{lang}") as seen:
        page = seen.page
        sign_in(seen, served.link(), lang)
        page.goto(f"{served.url}/me/time")
        press(page, "a[href='/me/time/deposit']")
        press(page, f"a[href='/me/time/deposit/{served.records['effective']}']")
        press(page, "main button.main")
        expect(page.locator(".asked")).to_be_visible()
        seen.look("asked")
        press(page, "main button.main")
        done(seen, "deposited")
        page.goto(f"{served.url}/me/time/gift")
        page.locator("#f-hours").focus()
        page.keyboard.type("1")
        seen.keys("Enter")
        expect(page.locator(".asked")).to_contain_text("王*")
        seen.look("gift-asked")
        press(page, "main button.main")
        done(seen, "given")
        page.goto(f"{served.url}/me/time/donate")
        page.locator("#f-minutes").focus()
        page.keyboard.type("0")
        seen.keys("Enter")
        expect(page.locator(".note.refused")).to_be_visible()
        seen.expect_fault("422")
        seen.look("nothing")
        page.locator("#f-minutes").fill("30")
        seen.keys("Enter")
        expect(page.locator(".asked")).to_be_visible()
        press(page, "main button.main")
        done(seen, "donated")
    assert served.site.get(served.cast.ana_token, "/time-bank/saved")["minutes"] == 240 + 180 - 90


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_objection_a_star_and_consents_by_keyboard_alone(
    chromium: Browser, served: Served, lang: str
) -> None:
    with window(chromium, served.url, f"own-said-{lang}") as seen:
        page = seen.page
        sign_in(seen, served.link(), lang)
        page.goto(f"{served.url}/me/records?state=held")
        press(page, f"a[href='/me/records/{served.records['held']}']")
        press(page, "a.secondary")
        page.locator("#f-text").focus()
        page.keyboard.type("我在那里待到一点")
        press(page, "main button.main")
        done(seen, "objected")
        page.goto(f"{served.url}/me/stars")
        press(page, "main button.main")
        done(seen, "applied")
        press(page, "a.main")
        seen.look("applied-for")
        page.goto(f"{served.url}/me/consents")
        press(page, ".consent button[value=given]")
        done(seen, "agreed")
        press(page, "a.main")
        press(page, ".consent button[value=withdrawn]")
        done(seen, "taken-back")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_service_order_is_asked_for_and_served_by_keyboard_alone(
    chromium: Browser, served: Served, lang: str
) -> None:
    with window(chromium, served.url, f"own-elder-{lang}") as seen:
        page = seen.page
        sign_in(seen, served.link(served.elder), lang)
        page.goto(f"{served.url}/me/orders/new")
        page.locator("#f-category").select_option("health")
        page.locator("#f-text").fill("量血压")
        page.locator("#f-day").fill("2025-03-13")
        page.locator("#f-from").fill("09:00")
        page.locator("#f-to").fill("10:00")
        page.locator("#f-hours").fill("1")
        press(page, "main button.main")
        expect(page.locator(".asked")).to_be_visible()
        seen.look("asked")
        press(page, "main button.main")
        done(seen, "ordered")
        press(page, "a.main")
        press(page, ".rows a")
        seen.look("order")
        press(page, "summary")
        seen.look("cancel")
    served.site.clock.set("2025-03-11 13:00")
    record = served.cast.served("2025-03-11 09:00", "10:30")["record"]
    with window(chromium, served.url, f"own-serves-{lang}") as seen:
        page = seen.page
        sign_in(seen, served.link(), lang)
        page.goto(f"{served.url}/me/orders/open")
        press(page, ".rows a")
        seen.look("open")
        press(page, "main button.main")
        done(seen, "offered")
        page.goto(f"{served.url}/me/orders/{served.order}")
        expect(page.locator(f"option[value='{record}']")).to_have_count(1)
        seen.look("report")
        press(page, "main button.main")
        done(seen, "reported")
    with window(chromium, served.url, f"own-confirms-{lang}") as seen:
        page = seen.page
        sign_in(seen, served.link(served.elder), lang)
        page.goto(f"{served.url}/me/orders/{served.order}")
        seen.look("to-confirm")
        press(page, "main button.main")
        done(seen, "confirmed")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_card_a_copy_and_being_forgotten_by_keyboard_alone(
    chromium: Browser, served: Served, lang: str
) -> None:
    with window(chromium, served.url, f"own-leaves-{lang}") as seen:
        page = seen.page
        sign_in(seen, served.link(), lang)
        page.goto(f"{served.url}/me/card")
        press(page, "summary")
        page.locator("#f-pin").fill("204861")
        page.locator("#f-new_pin").fill("731946")
        page.locator("#f-again").fill("731946")
        seen.look("pin")
        press(page, "form[action$='/pin'] button")
        done(seen, "pin-changed")
        page.goto(f"{served.url}/me/card")
        press(page, "details:last-of-type summary")
        press(page, "button.danger")
        done(seen, "card-stopped")
        page.goto(f"{served.url}/me/download")
        with page.expect_download() as coming:
            page.locator("main button.main").focus()
            page.keyboard.press("Enter")
        assert coming.value.suggested_filename.endswith(".zip")
        page.goto(f"{served.url}/me/forget")
        page.locator("#f-words").fill("no")
        press(page, "button.danger")
        expect(page.locator(".note.refused")).to_be_visible()
        seen.expect_fault("422")
        seen.look("not-the-words")
        page.locator("#f-words").fill("删除我的信息" if lang == "zh" else "forget me")
        press(page, "button.danger")
        page.wait_for_url("**/forgotten?**")
        seen.look("forgotten")


def test_everything_works_without_a_script(chromium: Browser, served: Served) -> None:
    with window(chromium, served.url, "own-plain", java_script_enabled=False) as seen:
        page = seen.page
        page.goto(served.link())
        page.click("button.main")
        page.goto(f"{served.url}/me/time/deposit/{served.records['effective']}")
        page.click("main button.main")
        page.click("main button.main")
        expect(page.locator(".done")).to_be_visible()
        page.goto(f"{served.url}/me/consents")
        page.locator(".consent button[value=refused]").first.click()
        expect(page.locator(".done")).to_be_visible()
