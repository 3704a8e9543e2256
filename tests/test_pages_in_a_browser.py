"""The till in a real browser: by keyboard alone, in both languages, at three widths, light and
dark, with a network that goes away. Pictures are kept in build/screenshots."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright
from werkzeug.serving import make_server

from api import create_app
from api.request_log import make_logger
from api.settings import Settings
from tests.api_client import Cast, Site, Till
from tests.conftest import NO_BROWSER
from tests.kit import TODAY, FakeClock, Ledger
from tests.recheck import recheck

CHROMIUM: Final = Path("/usr/bin/chromium")
PICTURES: Final = Path(__file__).resolve().parent.parent / "build" / "screenshots"
TARGET_PIXELS_MIN: Final = 48
ARGUMENTS: Final = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()
SAID: Final = {
    "zh": {"valid": "有效", "done": "已核销", "refused": "不能核销", "today": "今日"},
    "en": {"valid": "Valid", "done": "Taken", "refused": "Not valid", "today": "Today"},
}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The machine's browser. Without one these tests are left out, but never where it counts."""
    if not CHROMIUM.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


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
        body = {
            "party": f"merchant:{self.till.merchant}",
            "terminal": self.till.terminal,
            "clerk": self.clerk,
        }
        made = self.site.made(self.site.operator, "/sign-in-links", body)
        return f"{self.url}/sign-in/{made['link'].rpartition('/')[2]}"

    def voucher(self, quantity: int = 1) -> str:
        body = {"reward": self.coffee, "quantity": quantity}
        made = self.site.made(self.cast.ana_token, "/redemptions", body)
        self.site.clock.forward(seconds=20)
        return str(made["code_url"])

    def taken(self) -> int:
        return int(self.site.get(self.till.token, "/till")["today"]["captures"])


@pytest.fixture
def served(sqlite_template: Path, tmp_path: Path) -> Iterator[Served]:
    home = tmp_path / "home"
    shutil.copytree(sqlite_template, home)
    ledger = Ledger(home, f"sqlite:///{home}/ledger.db", FakeClock(TODAY))
    site = Site(ledger.open(), ledger.clock)
    cast = Cast(site)
    for day in (3, 4, 5):
        cast.served(f"2025-03-0{day} 09:00", "17:00")
    till = site.till()
    path = f"/branches/{till.branch}/clerks"
    clerk = str(site.made(site.operator, path, {"name": "王五"})["clerk"])
    shop = Served(site, cast, till, clerk, site.reward(till))
    with _serving(site) as shop.url:
        yield shop
    ledger.close()
    recheck(ledger.database_url)


@contextmanager
def _serving(site: Site) -> Iterator[str]:
    """The pages of a site on a free port of this machine."""
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    settings = Settings(home=site.book.home, public_url=url)
    server.app = create_app(site.book, settings, logger=make_logger(site.log))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield url
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Seen:
    """A browser's window, and what went wrong in it."""

    page: Page
    context: BrowserContext
    url: str
    name: str
    faults: list[str] = field(default_factory=list)
    count: int = 0

    def __post_init__(self) -> None:
        self.page.on("request", self._asked)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._said)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith(f"{self.url}/"):
            self.faults.append(f"asked {request.url}")

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(message.text)

    def look(self, what: str) -> None:
        """Keep a picture, and hold the page to what every page must be."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.count += 1
        self.page.screenshot(path=PICTURES / f"{self.name}-{self.count}-{what}.png")
        found = Axe().run(self.page)
        assert found.violations_count == 0, found.generate_report()
        size = self.page.viewport_size
        assert size is not None
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size["width"], f"{what} is wider than the screen"
        self.page.evaluate("document.activeElement && document.activeElement.blur()")
        for target in self.page.locator(
            "a:visible:not(.skip), button:visible, summary:visible, select:visible,"
            " input:visible:not([type=radio]), .choice:visible"
        ).all():
            box = target.bounding_box()
            assert box is not None
            assert box["height"] >= TARGET_PIXELS_MIN - 0.01, (what, target.inner_html(), box)

    def keys(self, *keys: str) -> None:
        for each in keys:
            self.page.keyboard.press(each)

    def type(self, text: str) -> None:
        """As a scanner does: the characters, and Enter behind them."""
        self.page.keyboard.type(text)
        self.keys("Enter")


@contextmanager
def window(
    chromium: Browser, served: Served, name: str, *, width: int = 360, **given: Any
) -> Iterator[Seen]:
    """A window that is signed in at the till; nothing may have gone wrong when it is closed."""
    height = {360: 800, 768: 1024, 1280: 800}[width]
    context = chromium.new_context(viewport={"width": width, "height": height}, **given)
    context.set_default_timeout(20_000)
    seen = Seen(context.new_page(), context, served.url, name)
    yield seen
    context.close()
    assert seen.faults == []


def sign_in(seen: Seen, served: Served, lang: str = "zh") -> None:
    seen.page.goto(f"{served.link()}?lang={lang}")
    seen.keys("Enter")
    seen.page.wait_for_url("**/till")


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_voucher_is_scanned_and_taken_by_keyboard_alone(
    chromium: Browser, served: Served, lang: str, width: int
) -> None:
    said = SAID[lang]
    with window(chromium, served, f"till-{lang}-{width}", width=width) as seen:
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
        page.locator("summary").focus()
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
    with window(chromium, served, name, **given) as seen:
        sign_in(seen, served)
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
    with window(chromium, served, "plain", java_script_enabled=False) as seen:
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
        page.click("summary")
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

    with window(chromium, served, "lost") as seen:
        sign_in(seen, served)
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
    with window(chromium, served, "away") as seen:
        sign_in(seen, served)
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
    with window(chromium, served, "twice") as seen:
        sign_in(seen, served)
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
    with window(chromium, served, "leads") as seen:
        sign_in(seen, served)
        code = served.voucher().rpartition("#")[2]
        seen.page.goto(f"{served.url}/r#{code}")
        seen.look("leads-to")
        seen.page.click("a.main")
        expect(seen.page.locator("#code")).to_have_value(code)
        expect(seen.page).to_have_url(re.compile(r"/till$"))
