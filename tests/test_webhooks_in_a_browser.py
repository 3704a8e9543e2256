"""Webhooks in a real browser: a shop's manager adds an address, tries it, sees it fail and why,
sends again, pauses and removes it. Pictures are in build/screenshots."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from api.pages import words
from api.webhook_transport import Outcome
from tests.api_client import Site, Till
from tests.browser import MOUSE_PIXELS_MIN, link_for, serving, sign_in, window
from tests.kit import TODAY, FakeClock, Ledger
from tests.receivers import Post
from tests.recheck import recheck
from tests.test_webhooks import deliver


@pytest.fixture
def site(sqlite_template: Path, tmp_path: Path) -> Iterator[Site]:
    home = tmp_path / "home"
    shutil.copytree(sqlite_template, home)
    ledger = Ledger(home, f"sqlite:///{home}/ledger.db", FakeClock(TODAY))
    yield Site(ledger.open(), ledger.clock)
    ledger.close()
    recheck(ledger.database_url)


@pytest.fixture
def till(site: Site) -> Till:
    return site.till()


@pytest.mark.parametrize(("lang", "width"), [("zh", 360), ("en", 1280)])
def test_an_address_is_added_tried_mended_paused_and_removed(
    chromium: Browser, site: Site, till: Till, lang: str, width: int
) -> None:
    def says(key: str) -> str:
        return words.say(key, lang)

    name = f"webhooks-{lang}-{width}"
    with (
        serving(site) as url,
        window(chromium, url, name, width=width, target_pixels=MOUSE_PIXELS_MIN) as seen,
    ):
        page = seen.page
        sign_in(seen, link_for(site, url, f"merchant:{till.merchant}"), lang)
        page.goto(f"{url}/manage")
        page.get_by_role("link", name=re.compile(f"^{says('hook.title')}")).click()
        expect(page.get_by_text(says("hook.none"))).to_be_visible()
        seen.look("none")
        page.get_by_role("link", name=says("hook.new")).click()
        page.fill("#f-url", "https://127.0.0.1/told")
        page.locator("summary", has_text=says("hook.group.vouchers")).click()
        page.get_by_label(re.compile(words.say("kind.reward_published", lang))).check()
        seen.look("form")
        page.click("button.main")
        expect(page.locator(".note.refused")).to_be_visible()
        seen.look("form-refused")
        seen.expect_fault("422")
        page.fill("#f-url", "https://shop.example/told?secret=4711")
        page.click("button.main")
        expect(page.locator(".note.valid")).to_be_visible()
        seen.look("added")

        page.click("form[action$='/test'] button")
        expect(page.get_by_text(says("hook.not_yet"))).to_be_visible()
        deliver(site.book, Post(always=Outcome(fault="tls")))
        # The page looks again by itself while something is on its way.
        expect(page.get_by_text(says("hook.fault.tls"))).to_be_visible()
        seen.look("failed")
        site.reward(till)
        deliver(site.book, Post(always=Outcome(status=500)))
        page.reload()
        expect(page.get_by_text(says("hook.answer.broken"))).to_be_visible()
        page.get_by_role("button", name=says("hook.again.now")).click()
        expect(page.get_by_text(says("hook.not_yet"))).to_be_visible()
        deliver(site.book, Post())
        expect(page.get_by_text(says("hook.answer.ok"))).to_be_visible()
        seen.look("mended")

        page.get_by_text(says("hook.end.disable"), exact=True).click()
        page.get_by_role("button", name=says("hook.end.disable.go")).click()
        expect(page.get_by_text(says("hook.off.means.asked"))).to_be_visible()
        seen.look("paused")
        page.get_by_role("button", name=says("hook.enable")).click()
        expect(page.locator("form[action$='/test'] button")).to_be_visible()
        page.get_by_text(says("hook.end.remove"), exact=True).click()
        page.get_by_role("button", name=says("hook.end.remove.go")).click()
        expect(page.get_by_text(says("hook.none"))).to_be_visible()
    assert site.get(site.token(f"merchant:{till.merchant}", "merchant"), "/webhooks")["data"] == []


@pytest.mark.parametrize(("lang", "width"), [("en", 360), ("zh", 1280)])
def test_an_operator_sees_everybodys_and_what_there_is_to_hear(
    chromium: Browser, site: Site, till: Till, lang: str, width: int
) -> None:
    shop = site.token(f"merchant:{till.merchant}", "merchant")
    site.made(shop, "/webhooks", {"url": "https://shop.example/told?secret=4711"})
    operator = str(site.get(site.operator, "/me")["party"])
    name = f"webhooks-operator-{lang}-{width}"
    with (
        serving(site) as url,
        window(chromium, url, name, width=width, target_pixels=MOUSE_PIXELS_MIN) as seen,
    ):
        sign_in(seen, link_for(site, url, operator), lang)
        seen.page.goto(f"{url}/operator/webhooks")
        expect(seen.page.get_by_text("shop.example")).to_be_visible()
        seen.look("everybodys")
        seen.page.goto(f"{url}/operator/webhooks/new")
        for each in seen.page.locator("details.ticks summary").all():
            each.click()
        seen.look("events")
