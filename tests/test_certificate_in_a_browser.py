"""Certificates in a real browser: issued, printed, checked by a stranger, by keyboard alone, in
both languages and at three widths. Pictures are kept in build/screenshots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, expect

from tests.api_client import Cast, Site
from tests.browser import MOUSE_PIXELS_MIN, link_for, serving, sign_in, window

SAID: Final = {
    "zh": {"valid": "有效", "superseded": "已有更正", "unknown": "查无此证", "issued": "已开具"},
    "en": {"valid": "Valid", "superseded": "Superseded", "unknown": "Unknown", "issued": "Issued"},
}
MARCH = {"first_day": "2025-03-01", "last_day": "2025-03-31", "content": "社区义诊"}


@dataclass
class Served:
    """A volunteer with five hours, served on this machine."""

    site: Site
    cast: Cast
    record: str
    url: str = ""

    def link(self, party: str) -> str:
        return link_for(self.site, self.url, party)

    def issued(self) -> dict[str, Any]:
        path = f"/volunteers/{self.cast.ana}/certificates"
        made: dict[str, Any] = self.site.made(
            self.cast.host, path, {"organisation": self.cast.home, **MARCH}
        )
        return made


@pytest.fixture
def served(sqlite_site: Site) -> Iterator[Served]:
    site = sqlite_site
    cast = Cast(site)
    record = cast.served("2025-03-08 09:00", "14:00")["record"]
    made = Served(site, cast, record)
    with serving(site) as made.url:
        yield made


@pytest.mark.parametrize(("lang", "width"), [("zh", 360), ("en", 768), ("zh", 1280), ("en", 360)])
def test_a_stranger_scans_the_code_and_is_told_in_all_three_ways(
    chromium: Browser, served: Served, lang: str, width: int
) -> None:
    """The number comes behind the `#`, stands in the field, and Enter checks it."""
    number, said = served.issued()["number"], SAID[lang]
    with window(chromium, served.url, f"check-{lang}-{width}", width=width) as seen:
        seen.page.goto(f"{served.url}/c?lang={lang}#{number}")
        expect(seen.page.locator("#f-number")).to_have_value(number)
        seen.look("scanned")
        seen.page.locator("form button").focus()
        seen.keys("Enter")
        expect(seen.page.get_by_role("heading", name=said["valid"])).to_be_visible()
        assert number not in seen.page.url
        seen.page.locator("summary").focus()
        seen.keys("Enter")
        seen.look("valid")

        body = {**served.cast.session("2025-03-08 09:00", "13:00"), "reason": "签退时间有误"}
        body.pop("volunteer")
        path = f"/service-records/{served.record}/correct"
        served.site.made(served.cast.host, path, body)
        seen.page.goto(f"{served.url}/c")
        seen.page.locator("#f-number").focus()
        seen.type(number.lower())
        expect(seen.page.get_by_role("heading", name=said["superseded"])).to_be_visible()
        seen.look("superseded")

        seen.page.goto(f"{served.url}/c")
        seen.page.locator("#f-number").focus()
        seen.type("0" * 26)
        expect(seen.page.get_by_role("heading", name=said["unknown"])).to_be_visible()
        seen.look("unknown")


def test_it_is_checked_without_a_script_in_the_dark_and_in_large_print(
    chromium: Browser, served: Served
) -> None:
    number = served.issued()["number"]
    with window(
        chromium, served.url, "check-plain", java_script_enabled=True, color_scheme="dark"
    ) as seen:
        seen.page.goto(f"{served.url}/c?print=large&lang=zh")
        seen.look("large")
    with chromium.new_context(java_script_enabled=False) as plain:
        tab = plain.new_page()
        tab.goto(f"{served.url}/c")
        tab.locator("#f-number").fill(number)
        tab.locator("form button").click()
        expect(tab.get_by_role("heading", name="有效")).to_be_visible()


@pytest.mark.parametrize(("lang", "width"), [("zh", 360), ("en", 360), ("zh", 768), ("en", 1280)])
def test_a_volunteer_issues_one_and_switches_its_check_off(
    chromium: Browser, served: Served, lang: str, width: int
) -> None:
    with window(chromium, served.url, f"certificates-{lang}-{width}", width=width) as seen:
        sign_in(seen, served.link(f"volunteer:{served.cast.ana}"), lang)
        seen.page.goto(f"{served.url}/me/certificates")
        seen.look("none")
        seen.page.locator("a.main").focus()
        seen.keys("Enter")
        expect(seen.page.locator("#f-content")).to_have_value("社区义诊")
        seen.page.locator("#f-first_day").fill("2025-03-01")
        seen.look("new")
        seen.page.locator("button.main").focus()
        seen.keys("Enter")
        expect(seen.page.get_by_text(SAID[lang]["issued"])).to_be_visible()
        seen.look("issued")
        with seen.page.expect_download() as loading:
            seen.page.locator("a.main").click()
        assert Path(loading.value.path()).read_bytes().startswith(b"%PDF-")
        seen.page.locator("button[name=shown]").focus()
        seen.keys("Enter")
        expect(seen.page.locator("button[name=shown][value=yes]")).to_be_visible()
        seen.look("off")
        seen.page.goto(f"{served.url}/me/certificates")
        seen.look("list")


@pytest.mark.parametrize(("lang", "width"), [("zh", 1280), ("en", 768), ("en", 360)])
def test_an_organisation_issues_one_at_its_desk(
    chromium: Browser, served: Served, lang: str, width: int
) -> None:
    with window(
        chromium,
        served.url,
        f"certificate-desk-{lang}-{width}",
        width=width,
        target_pixels=MOUSE_PIXELS_MIN,
    ) as seen:
        sign_in(seen, served.link(f"organisation:{served.cast.home}"), lang)
        seen.page.goto(f"{served.url}/office/certificates?volunteer={served.cast.ana}")
        seen.page.locator("#f-content").fill("社区义诊")
        seen.look("form")
        seen.page.locator("button.main").focus()
        seen.keys("Enter")
        expect(seen.page.get_by_text(SAID[lang]["issued"])).to_be_visible()
        seen.look("issued")
