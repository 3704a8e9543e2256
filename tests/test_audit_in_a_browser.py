"""The auditor's desk in a real browser: by keyboard, in both languages, at three widths, in the
dark, in large print and without a script. Pictures are kept in build/screenshots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, expect

from api.current import State
from tests.api_client import Cast, Site
from tests.browser import MOUSE_PIXELS_MIN, Seen, link_for, serving, sign_in, window

SAID: Final = {
    "zh": {"right": "相符", "found": "多半是补录", "order": "正常"},
    "en": {"right": "Right", "found": "Mostly backfilled", "order": "In order"},
}


@dataclass
class Served:
    """A town with something to look into, and an auditor."""

    site: Site
    cast: Cast
    auditor: str
    url: str = ""

    def sign_in(self, seen: Seen, lang: str = "zh") -> None:
        sign_in(seen, link_for(self.site, self.url, f"auditor:{self.auditor}"), lang)


@pytest.fixture
def served(sqlite_site: Site) -> Iterator[Served]:
    site = sqlite_site
    cast = Cast(site)
    for day in (3, 4, 5, 6, 7):
        cast.served(f"2025-03-0{day} 09:00", "17:00")
    for _ in range(31):
        who = site.volunteer(cast.home)
        cast.served("2025-03-05 09:00", "12:00", who=who, evidence="backfill")
    site.volunteer(cast.home, number="YS-00042")
    auditor = str(site.made(site.operator, "/auditors", {"name": "审计所"})["auditor"])
    site.book.signer.sign()
    made = Served(site, cast, auditor)
    with serving(site) as made.url:
        yield made


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_auditor_goes_through_the_desk_by_keyboard_alone(
    chromium: Browser, served: Served, lang: str, width: int
) -> None:
    said, cast = SAID[lang], served.cast
    name = f"audit-{lang}-{width}"
    with window(chromium, served.url, name, width=width, target_pixels=MOUSE_PIXELS_MIN) as seen:
        page = seen.page
        served.sign_in(seen, lang)
        page.wait_for_url("**/audit")
        seen.look("overview")
        page.locator("form[action='/audit/check'] button").focus()
        seen.keys("Enter")
        page.wait_for_url("**/audit#checked")
        state: State = served.site.app.extensions["sidereal"]
        expect(page.locator("#checked")).to_be_visible()
        page.goto(f"{served.url}/audit/entries")
        # The field has the focus: the reason is typed at once.
        seen.look("reason")
        page.reload()
        page.locator("#f-why").focus()
        seen.type("投诉 17 号" if lang == "zh" else "Complaint 17")
        page.wait_for_url("**/audit/entries")
        seen.look("book")
        page.goto(f"{served.url}/audit/entries?kind=service_recorded&first_day=2025-03-01")
        expect(page.locator(".book tbody")).not_to_have_count(0)
        seen.look("book-filtered")
        page.locator(".book a.entry").first.focus()
        seen.keys("Enter")
        page.wait_for_url("**/audit/entries/*")
        expect(page.locator(".margin .state.valid")).to_have_count(6)
        expect(page.locator(".margin .state.valid").first).to_have_text(said["right"])
        seen.look("entry")
        page.goto(f"{served.url}/audit/search")
        seen.look("search")
        page.reload()
        seen.type("YS-00042")
        page.wait_for_url("**/audit/accounts/volunteer:*")
        page.goto(f"{served.url}/audit/search")
        seen.type(f"volunteer:{cast.ana}")
        page.wait_for_url("**/audit/accounts/volunteer:*")
        expect(page.locator(".state.refused")).to_have_count(0)
        seen.look("account")
        pushed = "tables => tables.filter(each => each.scrollWidth > each.clientWidth).length"
        assert page.locator(".table").evaluate_all(pushed) == 0
        page.goto(f"{served.url}/audit/search")
        seen.type("nobody at all")
        expect(page.locator(".empty")).to_be_visible()
        seen.look("nothing-found")
        page.goto(f"{served.url}/audit/findings")
        expect(page.locator(".findings h2").filter(has_text=said["found"])).to_have_count(1)
        seen.look("findings")
        page.goto(f"{served.url}/audit/exports")
        seen.look("downloads")
        page.goto(f"{served.url}/audit/verify")
        seen.look("verify")
        page.goto(f"{served.url}/audit/entries?first_day=2030-01-01")
        seen.look("book-empty")
        state.checker.wait()
        page.goto(f"{served.url}/audit")
        seen.look("overview-checked")


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("dark", {"color_scheme": "dark"}),
        ("large", {}),
        ("without-script", {"java_script_enabled": False}),
    ],
)
def test_it_is_read_in_the_dark_in_large_print_and_without_a_script(
    chromium: Browser, served: Served, name: str, given: dict[str, Any]
) -> None:
    with window(
        chromium,
        served.url,
        f"audit-{name}",
        width=1280 if name == "dark" else 360,
        target_pixels=MOUSE_PIXELS_MIN,
        **given,
    ) as seen:
        page = seen.page
        served.sign_in(seen)
        if name == "large":
            page.goto(f"{served.url}/audit?print=large")
        page.goto(f"{served.url}/audit/entries/30")
        page.locator("#f-why").fill("抽查")
        page.locator("form[action='/audit/reason'] button").click()
        page.wait_for_url("**/audit/entries/30")
        if name == "without-script":
            # Axe is a script itself: here it is enough that everything stands there.
            expect(page.locator(".margin .state.valid")).to_have_count(6)
            with page.expect_download() as download:
                page.locator("a[href$='/receipt']").click()
            assert download.value.suggested_filename == "receipt-30.json"
            return
        seen.look("entry")
        page.goto(f"{served.url}/audit/entries")
        seen.look("book")
        page.goto(f"{served.url}/audit")
        seen.look("overview")
