"""The till in a real browser: by keyboard alone, in both languages, at three widths, light and
dark, with a network that goes away. Pictures are kept in build/screenshots."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.api_client import Cast, Site, Till
from tests.browser import link_for, serving, sign_in, window

SAID: Final = {
    "zh": {"valid": "有效", "done": "已核销", "refused": "不能核销", "today": "今日"},
    "en": {"valid": "Valid", "done": "Taken", "refused": "Not valid", "today": "Today"},
}


@dataclass
class Served:
    """A shop whose till is served on this machine, as in a demonstration."""

    site: Site
    cast: Cast
    till: Till
    clerk: str
    coffee: str
    url: str = ""

    def link(self) -> str:
        party = f"merchant:{self.till.merchant}"
        return link_for(self.site, self.url, party, terminal=self.till.terminal, clerk=self.clerk)

    def voucher(self, quantity: int = 1) -> str:
        body = {"reward": self.coffee, "quantity": quantity}
        made = self.site.made(self.cast.ana_token, "/redemptions", body)
        self.site.clock.forward(seconds=20)
        return str(made["code_url"])

    def taken(self) -> int:
        return int(self.site.get(self.till.token, "/till")["today"]["captures"])


@pytest.fixture
def shop(sqlite_site: Site) -> Served:
    """A shop that nothing serves yet."""
    site = sqlite_site
    cast = Cast(site)
    for day in (3, 4, 5):
        cast.served(f"2025-03-0{day} 09:00", "17:00")
    till = site.till()
    path = f"/branches/{till.branch}/clerks"
    clerk = str(site.made(site.operator, path, {"name": "王五"})["clerk"])
    return Served(site, cast, till, clerk, site.reward(till))


@pytest.fixture
def served(shop: Served) -> Iterator[Served]:
    with serving(shop.site) as shop.url:
        yield shop


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_voucher_is_scanned_and_taken_by_keyboard_alone(
    chromium: Browser, served: Served, lang: str, width: int
) -> None:
    said = SAID[lang]
    with window(chromium, served.url, f"till-{lang}-{width}", width=width) as seen:
        page = seen.page
        page.goto(f"{served.link()}?lang={lang}")
        seen.look("sign-in")
        page.reload()
        seen.keys("Enter")
        page.wait_for_url("**/till")
        expect(page.locator("#today")).to_have_text(said["today"])
        seen.look("idle")
        page.reload()
        code = served.voucher(quantity=2)
        seen.type(code)
        expect(page.locator("h1")).to_have_text(said["valid"])
        expect(page.locator(".item")).to_have_text("咖啡一杯")
        seen.look("valid")
        page.locator("button.main").focus()
        seen.keys("Enter")
        expect(page.locator("h1")).to_have_text(said["done"])
        seen.look("done")
        page.locator("summary").last.focus()
        seen.keys("Enter")
        seen.look("undo")
        page.locator("a.main").focus()
        seen.keys("Enter")
        page.wait_for_url("**/till")
        expect(page.locator(".lines li")).to_have_count(1)
        seen.look("day")
        page.reload()
        seen.type(code)
        expect(page.locator("h1")).to_have_text(said["refused"])
        expect(page.locator(".used")).to_contain_text("东门店")
        seen.look("used")
        page.locator("a.main").focus()
        seen.keys("Enter")
        page.wait_for_url("**/till")
    assert served.taken() == 1


@pytest.mark.parametrize("given", [{"color_scheme": "dark"}, {}])
def test_it_is_read_in_the_dark_and_in_large_print(
    chromium: Browser, served: Served, given: dict[str, Any]
) -> None:
    name = "till-" + ("-".join(map(str, given.values())) or "large")
    with window(chromium, served.url, name, **given) as seen:
        sign_in(seen, served.link())
        if not given:
            seen.page.goto(f"{served.url}/till?print=large")
        seen.look("idle")
        seen.page.reload()
        seen.type(served.voucher())
        expect(seen.page.locator("body.valid")).to_be_visible()
        seen.look("valid")
        seen.page.goto(f"{served.url}/till")
        seen.type("ABCDE")
        expect(seen.page.locator("body.refused")).to_be_visible()
        seen.look("refused")


def test_everything_works_without_a_script(chromium: Browser, served: Served) -> None:
    with window(chromium, served.url, "plain", java_script_enabled=False) as seen:
        page = seen.page
        page.goto(served.link())
        page.click("button.main")
        page.fill("#code", served.voucher())
        page.press("#code", "Enter")
        expect(page.locator("h1")).to_have_text("有效")
        page.click("button.main")
        expect(page.locator("h1")).to_have_text("已核销")
        page.goto(f"{served.url}/till")
        expect(page.locator(".lines li")).to_have_count(1)
        page.click(".lines a")
        page.locator("summary").last.click()
        page.check("input[value=cannot_supply]")
        page.click(".danger")
        expect(page.locator("h1")).to_have_text("已撤销")
    assert served.taken() == 1


def test_a_lost_answer_is_asked_for_again_and_takes_it_once(
    chromium: Browser, served: Served
) -> None:
    asked: list[str] = []

    def lose(route: Route) -> None:
        """The first one arrives, and its answer does not."""
        asked.append(str(route.request.post_data))
        if len(asked) == 1:
            route.fetch(max_redirects=0)
            route.abort("connectionreset")
        else:
            route.continue_()

    with window(chromium, served.url, "lost") as seen:
        sign_in(seen, served.link())
        seen.type(served.voucher())
        expect(seen.page.locator("body.valid")).to_be_visible()
        seen.page.route("**/till/capture", lose)
        seen.page.click("button.main")
        expect(seen.page.locator(".net")).to_contain_text("还不知道是否已扣除")
        # What is not known is neither green nor said to be untouched.
        expect(seen.page.locator("body.waiting h1")).to_have_text("请稍候")
        expect(seen.page.locator(".calm")).to_be_hidden()
        seen.look("unknown")
        expect(seen.page.locator("h1")).to_have_text("已核销")
        expect(seen.page.locator(".sentence")).to_contain_text("只扣了一次")
        seen.look("known")
        seen.faults = [each for each in seen.faults if "ERR_CONNECTION_RESET" not in each]
    assert len(asked) >= 2
    assert len(set(asked)) == 1
    assert served.taken() == 1


def test_without_a_network_nothing_is_taken_until_it_is_back(
    chromium: Browser, served: Served
) -> None:
    with window(chromium, served.url, "away") as seen:
        sign_in(seen, served.link())
        seen.type(served.voucher())
        expect(seen.page.locator("body.valid")).to_be_visible()
        seen.context.set_offline(True)
        seen.page.click("button.main")
        expect(seen.page.locator(".net")).to_contain_text("尚未扣除")
        expect(seen.page.locator("body.waiting h1")).to_have_text("请稍候")
        seen.look("unsent")
        assert served.taken() == 0
        seen.context.set_offline(False)
        expect(seen.page.locator("h1")).to_have_text("已核销")
    assert served.taken() == 1


def test_a_second_scan_confirms_nothing(chromium: Browser, served: Served) -> None:
    """A scanner that reads twice types Enter on a page that nobody has looked at."""
    with window(chromium, served.url, "twice") as seen:
        sign_in(seen, served.link())
        first, second = served.voucher(), served.voucher()
        seen.type(first)
        expect(seen.page.locator("body.valid")).to_be_visible()
        seen.type(first)
        seen.type(second)
        expect(seen.page.locator("body.valid")).to_be_visible()
        assert served.taken() == 0
        seen.keys("Enter")
        expect(seen.page.locator("body.done")).to_be_visible()
        # So soon after the first, another of the same holder would be refused.
        served.site.clock.forward(seconds=20)
        # Whereas from an answer that is over, the next scan begins the next look.
        seen.type(second)
        expect(seen.page.locator("body.valid")).to_be_visible()
    assert served.taken() == 1


def test_a_code_behind_a_link_goes_into_the_tills_field(chromium: Browser, served: Served) -> None:
    with window(chromium, served.url, "leads") as seen:
        sign_in(seen, served.link())
        code = served.voucher().rpartition("#")[2]
        seen.page.goto(f"{served.url}/r#{code}")
        seen.look("leads-to")
        seen.page.click("a.main")
        expect(seen.page.locator("#code")).to_have_value(code)
        expect(seen.page).to_have_url(re.compile(r"/till$"))
