"""Recording by hand and reviewing in a real browser, by keyboard, in both languages, at three
widths. Pictures are kept in build/screenshots."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from tests.api_client import Cast, Site
from tests.browser import MOUSE_PIXELS_MIN, link_for, serving, sign_in, window


@dataclass
class Served:
    """An organisation with its staff, served on this machine."""

    site: Site
    cast: Cast
    reviewer: str
    url: str = ""


@pytest.fixture
def served(sqlite_site: Site) -> Iterator[Served]:
    site = sqlite_site
    cast = Cast(site)
    desk = Served(site, cast, site.staff(cast.home))
    with serving(site) as desk.url:
        yield desk


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_session_is_recorded_corrected_and_reviewed(
    chromium: Browser, served: Served, lang: str, width: int
) -> None:
    cast, name = served.cast, f"records-{lang}-{width}"
    office = link_for(served.site, served.url, f"organisation:{cast.home}")
    with window(chromium, served.url, name, width=width, target_pixels=MOUSE_PIXELS_MIN) as seen:
        page = seen.page
        sign_in(seen, office, lang)
        seen.look("desk")
        page.goto(f"{served.url}/office/records")
        seen.look("none")
        page.goto(f"{served.url}/office/records/new?volunteer={cast.ana}")
        seen.look("new")
        page.select_option("#f-activity", cast.activity)
        page.select_option("#f-evidence", "check_in")
        page.select_option("#f-recorder", cast.recorder)
        page.select_option("#f-approver", cast.approver)
        for field, time in (("check_in", "09:00"), ("starts", "09:00"), ("ends", "18:00")):
            page.fill(f"#f-{field}", f"2025-03-05T{time}")
        page.fill("#f-check_out", "2025-03-05T18:00")
        page.locator("form.form button").focus()
        seen.keys("Enter")
        page.wait_for_url(re.compile(r"done=record"))
        seen.look("held")
        page.click(".acts a[href$=correct]")
        page.fill("#f-check_out", "2025-03-05T17:30")
        page.fill("#f-reason", "签退写错")
        page.locator("form.form button").focus()
        seen.keys("Enter")
        expect(page.locator("tr.changed")).to_have_count(1)
        seen.look("both")
        page.locator("button[value=confirm]").focus()
        seen.keys("Enter")
        page.wait_for_url(re.compile(r"done=correct"))
        seen.look("corrected")
        page.goto(f"{served.url}/office/review")
        seen.look("waiting")
        page.goto(f"{served.url}/office/records")
        seen.look("list")
    cast.served("2025-03-05 10:00", "12:00", deducted_minutes=1)
    review = link_for(served.site, served.url, f"staff:{served.reviewer}")
    with window(
        chromium, served.url, f"review-{lang}-{width}", width=width, target_pixels=MOUSE_PIXELS_MIN
    ) as seen:
        page = seen.page
        sign_in(seen, review, lang)
        expect(page.locator(".rows a")).to_have_count(2)
        seen.look("queue")
        page.locator(".rows a").first.focus()
        seen.keys("Enter")
        # Whoever presses Enter twice confirms nothing that they have not looked at.
        expect(page.locator(".decide button.main")).not_to_be_focused()
        seen.look("one")
        page.locator(".decide button.main").focus()
        seen.keys("Enter")
        page.wait_for_url(re.compile(r"done=confirm"))
        seen.look("next")
        page.locator("summary").focus()
        seen.keys("Enter")
        page.fill("#f-reason", "核实未参加")
        page.locator(".danger").focus()
        seen.keys("Enter")
        page.wait_for_url(re.compile(r"/office/review\?done=refuse"))
        seen.look("empty")
