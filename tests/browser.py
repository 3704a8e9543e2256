"""How tests look at pages in a real browser: windows that keep pictures of what they saw and hold
each page to what every page must be."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from werkzeug.serving import make_server

from api import create_app
from api.request_log import make_logger
from api.settings import Settings
from tests.api_client import Site

NO_BROWSER: Final = "no chromium on this machine"
CHROMIUM: Final = Path("/usr/bin/chromium")
PICTURES: Final = Path(__file__).resolve().parent.parent / "build" / "screenshots"
HEIGHTS: Final = {360: 800, 768: 1024, 1280: 800}
TOUCH_PIXELS_MIN: Final = 48
MOUSE_PIXELS_MIN: Final = 24
"""The least that WCAG 2.2 AA asks, for pages of a desk."""
ARGUMENTS: Final = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()


HEIGHTS_OF: Final = """targets => targets.map(each => (
    {height: each.getBoundingClientRect().height, shown: each.innerHTML}))"""
"""One question for all targets of a page: each by itself would be one more to the browser."""

SPACED: Final = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important;"
        + " word-spacing: .16em !important; } p { margin-bottom: 2em !important; }");
    const before = document.adoptedStyleSheets;
    document.adoptedStyleSheets = [...before, sheet];
    const wide = document.documentElement.scrollWidth;
    document.adoptedStyleSheets = before;
    return wide;
}"""
"""How wide a page is with a reader's own spacing of the text."""

PATIENCE_MS: Final = 20_000
"""How long something that should come may take on a busy machine."""
expect.set_options(timeout=PATIENCE_MS)


@contextmanager
def launched(*arguments: str) -> Iterator[Browser]:
    """The machine's browser. Without one these tests are left out, but never where it counts."""
    if not CHROMIUM.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*ARGUMENTS, *arguments]
        )
        yield browser
        browser.close()


@contextmanager
def serving(
    site: Site,
    name: str = "127.0.0.1",
    settings_at: Callable[[str], dict[str, Any]] = lambda _: {},
    port: int = 0,
) -> Iterator[str]:
    """The pages of a site on a port of this machine, a free one if none is given; `settings_at`
    says what else is set, once their address is known."""
    server = make_server("127.0.0.1", port, lambda *_: [], threaded=True)
    url = f"http://{name}:{server.server_port}"
    settings = Settings(home=site.book.home, public_url=url, **settings_at(url))
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
    target_pixels: int = TOUCH_PIXELS_MIN
    faults: list[str] = field(default_factory=list)
    count: int = 0
    arrived: bool = False

    def __post_init__(self) -> None:
        self.page.on("load", lambda _: setattr(self, "arrived", True))
        self.page.on("request", self._asked)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._said)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith(f"{self.url}/"):
            self.faults.append(f"asked {request.url}")

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(message.text)

    def spaced(self) -> None:
        """Nothing goes over the edge where a reader spaces the text as WCAG 2.2 (1.4.12) says."""
        wide = self.page.evaluate(SPACED)
        assert wide <= (self.page.viewport_size or {"width": 0})["width"], wide

    def look(self, what: str) -> None:
        """Keep a picture, and hold the page to what every page must be."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.count += 1
        self.page.wait_for_load_state()
        self._focused()
        self.page.screenshot(path=PICTURES / f"{self.name}-{self.count}-{what}.png", full_page=True)
        found = self._examined()
        assert found.violations_count == 0, found.generate_report()
        size = self.page.viewport_size
        assert size is not None
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size["width"], f"{what} is wider than the screen"
        self.page.evaluate("document.activeElement && document.activeElement.blur()")
        targets = self.page.locator(
            # A link inside a sentence (`inline`) is as high as its line.
            "a:visible:not(.skip):not(.inline), button:visible, summary:visible, select:visible,"
            " input:visible:not([type=radio]):not([type=checkbox]), .choice:visible"
        )
        for target in targets.evaluate_all(HEIGHTS_OF):
            assert target["height"] >= self.target_pixels - 0.01, (what, target)

    def _examined(self) -> Any:
        """What axe finds. A page that was still on its way is examined once it is there."""
        try:
            return Axe().run(self.page)
        except PlaywrightError as gone:
            if "context was destroyed" not in str(gone):
                raise
        self.page.wait_for_load_state()
        return Axe().run(self.page)

    def expect_fault(self, part: str) -> None:
        """A refused form answers with an error, which a browser notes: that one is meant."""
        meant = next(each for each in self.faults if part in each)
        self.faults.remove(meant)

    def _focused(self) -> None:
        """On a page just loaded the browser gives the focus by itself, a moment after the load."""
        takes = self.page.locator("[autofocus]:visible")
        if self.arrived and takes.count() and "#" not in self.page.url:
            expect(self.page.locator(":focus")).to_have_count(1)
        self.arrived = False

    def keys(self, *keys: str) -> None:
        self._focused()
        for each in keys:
            self.page.keyboard.press(each)

    def type(self, text: str) -> None:
        """As a scanner does: the characters, and Enter behind them."""
        self._focused()
        self.page.keyboard.type(text)
        self.keys("Enter")


@contextmanager
def window(
    chromium: Browser,
    url: str,
    name: str,
    *,
    width: int = 360,
    target_pixels: int = TOUCH_PIXELS_MIN,
    **given: Any,
) -> Iterator[Seen]:
    """A window on the pages at `url`; nothing may have gone wrong when it is closed."""
    context = chromium.new_context(viewport={"width": width, "height": HEIGHTS[width]}, **given)
    context.set_default_timeout(PATIENCE_MS)
    seen = Seen(context.new_page(), context, url, name, target_pixels)
    yield seen
    context.close()
    assert seen.faults == []


def link_for(site: Site, url: str, party: str, **given: Any) -> str:
    """The address of a sign-in link for somebody, at the pages served at `url`."""
    made = site.made(site.operator, "/sign-in-links", {"party": party, **given})
    return f"{url}/sign-in/{made['link'].rpartition('/')[2]}"


def sign_in(seen: Seen, link: str, lang: str = "zh") -> None:
    """By the keyboard: the button of a link has the focus."""
    seen.page.goto(f"{link}?lang={lang}")
    seen.keys("Enter")
    seen.page.wait_for_url(lambda address: "/sign-in" not in address)
