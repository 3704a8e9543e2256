"""A volunteer's pages in a real browser: a phone first, both languages, three widths, the keyboard,
without a script, and how much of it comes over the network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, expect

from tests.api_client import Site
from tests.browser import Seen, link_for, serving, sign_in, window
from tests.volunteers import Life

FIRST_SCREEN_BYTES_MAX: Final = 100_000
HEADERS_BYTES_EACH: Final = 1_000
"""More than the headers of any answer of ours have."""


@dataclass
class Served:
    """Ana's account, served on this machine."""

    life: Life
    url: str = ""

    def link(self, who: str = "") -> str:
        party = f"volunteer:{who or self.life.cast.ana}"
        return link_for(self.life.site, self.url, party)


@pytest.fixture
def served(sqlite_site: Site) -> Iterator[Served]:
    served = Served(Life(sqlite_site))
    with serving(sqlite_site) as served.url:
        yield served


def fits(seen: Seen) -> None:
    """Nothing has to be scrolled for."""
    size = seen.page.viewport_size
    assert size is not None
    high = seen.page.evaluate("document.documentElement.scrollHeight")
    assert high <= size["height"], f"{high} is higher than {size['height']}"


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_volunteer_goes_through_all_that_is_theirs(
    chromium: Browser, served: Served, lang: str, width: int
) -> None:
    life = served.life
    life.take(life.reserve())
    life.offer_all_kinds()
    with window(chromium, served.url, f"me-{lang}-{width}", width=width) as seen:
        page = seen.page
        sign_in(seen, served.link(), lang)
        expect(page.locator(".whose")).to_have_text("张三")
        if width == 360:
            fits(seen)
        seen.look("home")
        page.goto(f"{served.url}/me/history")
        seen.look("history")
        page.locator(".choose a", has_text="积分" if lang == "zh" else "Points").click()
        expect(page.locator(".entries li").first).to_be_visible()
        page.locator(".entries a").first.click()
        expect(page.locator(".note.waiting")).to_be_visible()
        seen.look("entry-uncovered")
        life.site.book.signer.sign()
        page.reload()
        expect(page.locator(".note.valid")).to_be_visible()
        page.locator(".check summary").focus()
        seen.keys("Enter")
        seen.look("entry")
        page.goto(f"{served.url}/me/rewards")
        seen.look("rewards")
        page.goto(f"{served.url}/me/rewards/{life.rewards['dear']}")
        seen.look("reward-not")
        page.goto(f"{served.url}/me/rewards/{life.coffee}")
        seen.look("reward")
        page.locator("button.main").focus()
        seen.keys("Enter")
        page.wait_for_url(re.compile("/me/vouchers/"))
        expect(page.locator(".qr")).to_be_visible()
        expect(page.locator(".clock")).to_be_visible()
        seen.look("voucher")
        for summary in page.locator(".acts summary").all():
            summary.click()
        seen.look("voucher-acts")
        page.goto(f"{served.url}/me/vouchers")
        seen.look("vouchers")
        page.locator(".past a", has_text="咖啡一杯").first.click()
        seen.look("voucher-used")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("who", ["begun", "empty"])
def test_the_first_screen_fits_a_phone_and_comes_in_under_100_kb(
    chromium: Browser, served: Served, lang: str, who: str
) -> None:
    life = served.life
    person = life.cast.ana if who == "begun" else life.site.volunteer(life.cast.home)
    with life.site.earlier():
        name = "阳光社区独居老人上门助餐、代购药品与节日探访志愿服务活动"
        long = life.site.activity(life.cast.home, name=name)
    life.served("2025-03-06 09:00", "10:40", evidence="backfill", activity=long)
    life.reserve()
    with window(chromium, served.url, f"first-{who}-{lang}") as seen:
        sign_in(seen, served.link(person), lang)
        fits(seen)
        seen.look("home")
        came: list[int] = []
        seen.page.on(
            "response", lambda answer: came.append(len(answer.body()) + HEADERS_BYTES_EACH)
        )
        # Nothing may be there already.
        devtools = seen.context.new_cdp_session(seen.page)
        devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
        seen.page.reload(wait_until="networkidle")
        assert len(came) >= 3
        assert sum(came) < FIRST_SCREEN_BYTES_MAX


@pytest.mark.parametrize("given", [{"color_scheme": "dark"}, {}])
def test_it_is_read_in_the_dark_and_in_large_print(
    chromium: Browser, served: Served, given: dict[str, Any]
) -> None:
    """Behind a code it stays white, for scanners."""
    life = served.life
    voucher = life.reserve()
    life.offer_all_kinds()
    name = "me-" + ("-".join(map(str, given.values())) or "large")
    with window(chromium, served.url, name, **given) as seen:
        sign_in(seen, served.link())
        if not given:
            seen.page.goto(f"{served.url}/me?print=large")
        seen.look("home")
        for path in ("history", "rewards", "vouchers", f"vouchers/{voucher['redemption']}"):
            seen.page.goto(f"{served.url}/me/{path}")
            seen.look(path.partition("/")[0])
        ground = seen.page.locator(".card").evaluate(
            "each => getComputedStyle(each).backgroundColor"
        )
        assert ground == "rgb(255, 255, 255)"


def test_the_six_digits_change_by_themselves_with_the_picture(
    chromium: Browser, served: Served
) -> None:
    life = served.life
    voucher = life.reserve()
    path = f"/redemptions/{voucher['redemption']}"
    life.site.made(life.cast.ana_token, f"{path}/rotating")
    with window(chromium, served.url, "digits") as seen:
        page = seen.page
        sign_in(seen, served.link())
        page.clock.install()
        page.goto(f"{served.url}/me/vouchers/{voucher['redemption']}")
        first = page.locator(".digits").inner_text()
        assert re.fullmatch(r"\d{3} \d{3}", first)
        expect(page.locator(".fresh")).to_be_hidden()
        seen.look("guarded")
        life.site.clock.forward(seconds=31)
        page.clock.run_for(31_000)
        expect(page.locator(".digits")).not_to_have_text(first)
        expect(page.locator("[data-qr]")).to_have_attribute("src", re.compile(r"/qr\?\d+$"))
        left = page.locator(".clock").inner_text()
        assert re.fullmatch(r"还剩 00:2\d:\d\d", left), left
        # Taken at the till meanwhile: the page says so instead of showing digits.
        life.site.made(life.cast.ana_token, f"{path}/release")
        seen.faults.clear()
        page.clock.run_for(31_000)
        expect(page.locator(".became")).to_contain_text("已退回")
        seen.faults.clear()


def test_everything_works_without_a_script(chromium: Browser, served: Served) -> None:
    life = served.life
    with window(chromium, served.url, "me-plain", java_script_enabled=False) as seen:
        page = seen.page
        page.goto(served.link())
        page.click("button.main")
        page.click("text=兑换")
        page.click("text=咖啡一杯")
        page.select_option("select[name=quantity]", "2")
        page.click("button.main")
        expect(page.locator(".typed")).to_be_visible()
        expect(page.locator(".left")).to_contain_text("前有效")
        page.click("text=加一道保护")
        page.click("button:has-text('加一道保护')")
        digits = page.locator(".digits").inner_text()
        life.site.clock.forward(seconds=31)
        page.click("text=换新的数字")
        expect(page.locator(".digits")).not_to_have_text(digits)
        page.click("text=退回这张券")
        page.click("button:has-text('退回这张券')")
        expect(page.locator(".became")).to_contain_text("已退回")
        page.locator(".done-now a").click()
        expect(page.locator("h1")).to_contain_text("退券")


def test_all_of_it_is_reached_by_the_keyboard(chromium: Browser, served: Served) -> None:
    """From the first screen to a voucher given back, and every stop of the way is seen."""
    with window(chromium, served.url, "me-keys") as seen:
        page = seen.page
        sign_in(seen, served.link())
        to(seen, "a.other")
        seen.keys("Enter")
        page.wait_for_url("**/me/rewards")
        to(seen, ".goods a")
        seen.keys("Enter")
        page.wait_for_url(re.compile("/me/rewards/"))
        to(seen, "button.main")
        seen.keys("Enter")
        page.wait_for_url(re.compile("/me/vouchers/"))
        to(seen, ".away summary")
        seen.keys("Enter")
        to(seen, ".away button")
        seen.keys("Enter")
        expect(page.locator(".became")).to_contain_text("已退回")


def to(seen: Seen, selector: str) -> None:
    """Tab until the focus is there, and see that nothing covers it."""
    for _ in range(60):
        seen.keys("Tab")
        if seen.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            break
    else:
        raise AssertionError(f"the keyboard does not reach {selector}")
    assert seen.page.evaluate(
        "() => { const at = document.activeElement, box = at.getBoundingClientRect();"
        " const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);"
        " return at === top || at.contains(top); }"
    ), f"something covers {selector}"
