"""The account page and acting for somebody, in a real browser, in both languages, at three
widths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, expect

from tests.api_client import Cast, Site
from tests.browser import link_for, serving, sign_in, window

SAID: Final = {
    "zh": {
        "new": "请人代我办理",
        "field": "对方的代办号码",
        "orders": "约服务",
        "next": "下一步",
        "agree": "同意代办",
        "agreed": "已约定",
        "act": "代 张* 办理",
        "acting": "您正在代 张* 办理",
        "stop": "结束代办",
        "end": "停止代办",
        "over": "代办已结束",
        "back": "回到我自己的页面",
        "here": "本设备",
    },
    "en": {
        "new": "Let somebody act for me",
        "field": "Their helper's number",
        "orders": "book services",
        "next": "Next",
        "agree": "Agree",
        "agreed": "Agreed",
        "act": "Act for 张*",
        "acting": "You are acting for 张*",
        "stop": "Stop acting",
        "end": "End it now",
        "over": "You act for them no more",
        "back": "Back to my own pages",
        "here": "This device",
    },
}


class Home:
    """Somebody who cannot, and a neighbour who helps."""

    def __init__(self, site: Site) -> None:
        self.site = site
        cast = Cast(site)
        self.old = site.volunteer(cast.home, name="张桂兰")
        self.neighbour = site.volunteer(cast.home, name="李四")
        self.url = ""

    def link(self, who: str) -> str:
        return link_for(self.site, self.url, f"volunteer:{who}")


@pytest.fixture
def home(sqlite_site: Site) -> Iterator[Home]:
    made = Home(sqlite_site)
    with serving(made.site) as made.url:
        yield made


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_somebody_lets_a_neighbour_act_and_ends_it(
    chromium: Browser, home: Home, lang: str, width: int
) -> None:
    said, name = SAID[lang], f"account-{lang}-{width}"
    with (
        window(chromium, home.url, f"{name}-helped", width=width) as old,
        window(chromium, home.url, f"{name}-helper", width=width) as neighbour,
    ):
        sign_in(neighbour, home.link(home.neighbour), lang)
        neighbour.page.goto(f"{home.url}/account")
        number = neighbour.page.locator(".own-number").inner_text()
        expect(neighbour.page.get_by_text(said["here"])).to_be_visible()

        sign_in(old, home.link(home.old), lang)
        old.page.goto(f"{home.url}/account")
        old.look("account")
        old.page.get_by_role("link", name=said["new"]).press("Enter")
        old.page.get_by_label(said["field"]).fill("7K3M")
        old.look("form")
        old.page.get_by_role("button", name=said["next"]).press("Enter")
        old.page.wait_for_selector(".field.wrong")
        old.expect_fault("the server responded with a status of")
        old.look("refused")
        old.page.get_by_label(said["field"]).fill(number)
        old.page.get_by_label(re.compile(said["orders"])).check()
        old.page.get_by_role("button", name=said["next"]).press("Enter")
        old.page.wait_for_selector("text=李*")
        old.look("ask")
        old.page.get_by_role("button", name=said["agree"]).press("Enter")
        expect(old.page.get_by_text(said["agreed"]).first).to_be_visible()
        old.look("agreed")

        neighbour.page.reload()
        neighbour.look("may")
        neighbour.page.get_by_role("button", name=said["act"]).press("Enter")
        neighbour.page.wait_for_url(f"{home.url}/me")
        expect(neighbour.page.get_by_text(said["acting"])).to_be_visible()
        neighbour.look("acting")
        neighbour.page.goto(f"{home.url}/account")
        neighbour.look("what")
        neighbour.page.get_by_role("button", name=said["stop"]).press("Enter")
        neighbour.page.wait_for_url(f"{home.url}/account")
        neighbour.page.get_by_role("button", name=said["act"]).press("Enter")
        neighbour.page.wait_for_url(f"{home.url}/me")

        old.page.goto(f"{home.url}/account")
        old.look("acted-for")
        old.page.locator('a[href^="/account/helpers/"]').first.press("Enter")
        old.page.get_by_role("button", name=said["end"]).press("Enter")
        old.page.wait_for_url(re.compile("done=ended"))
        old.look("ended")

        neighbour.page.goto(f"{home.url}/me")
        neighbour.expect_fault("the server responded with a status of")
        expect(neighbour.page.get_by_role("heading", name=said["over"])).to_be_visible()
        neighbour.look("over")
        neighbour.page.get_by_role("button", name=said["back"]).press("Enter")
        neighbour.page.wait_for_url(f"{home.url}/account")
        expect(neighbour.page.get_by_text("李四")).to_be_visible()
