"""The operator's desk in a real browser: rules weighed and adopted, somebody registered and signed
in, a credential revoked; in both languages and at three widths. Pictures are in
build/screenshots."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pytest
from playwright.sync_api import Browser, expect

from api.pages import words
from tests.api_client import Cast, Site
from tests.browser import MOUSE_PIXELS_MIN, Seen, link_for, serving, sign_in, window
from tests.test_drafts import GENEROUS

SAID: Final = {
    "zh": {"adopt": "发布这份规则", "simulated": "视为自", "register": "登记", "revoked": "已收回"},
    "en": {
        "adopt": "Adopt these rules",
        "simulated": "As if",
        "register": "Register",
        "revoked": "Revoked",
    },
}


@dataclass
class Served:
    """A town whose operator has a desk on this machine."""

    site: Site
    cast: Cast
    operator: str
    url: str = ""

    def link(self) -> str:
        return link_for(self.site, self.url, self.operator)


@pytest.fixture
def served(sqlite_site: Site) -> Iterator[Served]:
    site = sqlite_site
    cast = Cast(site)
    for day in (3, 4, 5):
        cast.served(f"2025-03-0{day} 09:00", "11:00")
    operator = str(site.get(site.operator, "/me")["party"])
    town = Served(site, cast, operator)
    with serving(site) as town.url:
        yield town


def flagged(served: Served) -> None:
    """Two vouchers of one holder, one right after the other."""
    site, till = served.site, served.site.till()
    coffee = site.reward(till)
    codes = []
    for _ in range(2):
        body = {"reward": coffee, "quantity": 1}
        codes.append(site.made(served.cast.ana_token, "/redemptions", body)["code"])
    for code in codes:
        site.clock.forward(seconds=8)
        site.made(till.token, "/redemptions/capture", {"code": code})


def go(seen: Seen, address: str) -> None:
    seen.page.goto(f"{seen.url}{address}")


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_rules_are_weighed_simulated_and_adopted(
    chromium: Browser, served: Served, lang: str, width: int
) -> None:
    name, said = f"operator-{lang}-{width}", SAID[lang]
    with window(chromium, served.url, name, width=width, target_pixels=MOUSE_PIXELS_MIN) as seen:
        page = seen.page
        sign_in(seen, served.link(), lang)
        seen.look("home")
        go(seen, "/operator/policies")
        seen.look("policies")
        go(seen, "/operator/policies/cn-default/3?beside=hailin")
        seen.look("policy")
        go(seen, "/operator/drafts/new?from=cn-default")
        page.fill("#f-toml", "id = 3")
        page.click("button.main")
        expect(page.locator(".note.refused")).to_be_visible()
        seen.look("draft-refused")
        seen.expect_fault("422")
        page.fill("#f-toml", GENEROUS)
        page.click("button.main")
        page.wait_for_url(re.compile(r"/operator/drafts/[0-9a-z]{16}$"))
        seen.look("draft")
        page.click("form[action$=simulate] button")
        expect(page.get_by_text(said["simulated"]).first).to_be_visible(timeout=20_000)
        seen.look("simulated")
        page.get_by_text(said["adopt"], exact=True).click()
        page.click("form[action$=adopt] button")
        page.wait_for_url("**/operator/policies/cn-default/4")
        seen.look("adopted")
    assert served.site.get("", "/policies")["data"][-1]["version"] == 4


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_somebody_is_registered_signed_in_suspended_and_revoked(
    chromium: Browser, served: Served, lang: str, width: int
) -> None:
    name, said = f"operator-parties-{lang}-{width}", SAID[lang]
    flagged(served)
    with window(chromium, served.url, name, width=width, target_pixels=MOUSE_PIXELS_MIN) as seen:
        page = seen.page
        sign_in(seen, served.link(), lang)
        go(seen, "/operator/parties?kind=merchant")
        page.fill("#f-name", "望舒茶舍")
        page.focus("button.main")
        seen.look("register")
        page.locator("button.main", has_text=said["register"]).press("Enter")
        page.wait_for_url(re.compile(r"/operator/parties/merchant:"))
        seen.look("party")
        page.click("form[action$=link] button")
        expect(page.locator(".qr svg")).to_be_visible()
        seen.look("link")
        page.reload()
        expect(page.locator(".qr")).to_have_count(0)
        seen.look("link-again")
        go(seen, "/operator/access")
        seen.look("access")
        page.locator("form[action$=revoke] button").last.click()
        expect(page.locator(".note.valid")).to_be_visible()
        expect(page.get_by_text(said["revoked"]).first).to_be_visible()
        go(seen, "/operator/captures")
        seen.look("captures")
        page.click("td summary")
        page.fill("td textarea", "两张券给一家人")
        page.click("form[action$=review] button")
        expect(page.locator(".note.valid")).to_be_visible()
        seen.look("captures-none")
        for address in ("keys", "health"):
            go(seen, f"/operator/{address}")
            seen.look(address)


@pytest.mark.parametrize(("lang", "width"), [("zh", 360), ("en", 1280)])
def test_a_helper_is_recorded_on_a_written_wish_and_ended(
    chromium: Browser, served: Served, lang: str, width: int
) -> None:
    site = served.site
    old = site.volunteer(served.cast.home, name="张桂兰", number="ZY-0042")
    neighbour = site.volunteer(served.cast.home, name="李四")
    name = f"operator-helpers-{lang}-{width}"
    with window(chromium, served.url, name, width=width, target_pixels=MOUSE_PIXELS_MIN) as seen:
        page = seen.page
        sign_in(seen, served.link(), lang)
        go(seen, "/operator/helpers")
        page.fill("#f-number", "ZY-9999")
        page.keyboard.press("Enter")
        expect(page.get_by_text(words.say("op.helpers.unknown", lang))).to_be_visible()
        seen.look("unknown")
        seen.expect_fault("404")
        page.fill("#f-number", "ZY-0042")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(rf"/operator/helpers/{old}$"))
        seen.look("none")
        page.fill("#f-helper", neighbour)
        page.get_by_label(words.say("helping.what.orders", lang)).check()
        page.click("button.main")
        expect(page.locator("h1")).to_contain_text("李*")
        seen.look("agree")
        page.click("button.main")
        expect(page.locator(".note.valid")).to_be_visible()
        seen.look("agreed")
        page.get_by_text(words.say("helping.end", lang), exact=True).click()
        page.click("form[action$=end] button")
        expect(page.get_by_text(words.say("helping.state.ended", lang))).to_be_visible()
    assert site.get(site.operator, f"/volunteers/{old}/helpers")["data"][0]["state"] == "ended"
