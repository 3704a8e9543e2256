"""A volunteer's pages in a real browser: a phone first, both languages, three widths, the keyboard,
without a script, and how much of it comes over the network."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.api_client import Site
from tests.browser import Seen, link_for, serving, sign_in, window
from tests.kit import TODAY, FakeClock, Ledger
from tests.recheck import recheck
from tests.volunteers import Life

FIRST_SCREEN_BYTES_MAX = 100_000


@dataclass
class Served:
    """Ana's account, served on this machine."""

    life: Life
    url: str = ""

    def link(self, who: str = "") -> str:
        party = f"volunteer:{who or self.life.cast.ana}"
        return link_for(self.life.site, self.url, party)


@pytest.fixture
def served(sqlite_template: Path, tmp_path: Path) -> Iterator[Served]:
    home = tmp_path / "home"
    shutil.copytree(sqlite_template, home)
    ledger = Ledger(home, f"sqlite:///{home}/ledger.db", FakeClock(TODAY))
    served = Served(Life(Site(ledger.open(), ledger.clock)))
    with serving(served.life.site) as served.url:
        yield served
    ledger.close()
    recheck(ledger.database_url)


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
