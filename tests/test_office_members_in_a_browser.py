"""Members, staff and reports of an organisation's desk in a real browser: both languages, three
widths, by keyboard. Pictures are kept in build/screenshots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from tests.api_client import Cast, Site, identity_number
from tests.browser import MOUSE_PIXELS_MIN, link_for, serving, sign_in, window


@dataclass
class Served:
    """A desk that is served on this machine."""

    site: Site
    cast: Cast
    url: str = ""

    def link(self) -> str:
        return link_for(self.site, self.url, f"organisation:{self.cast.home}")


@pytest.fixture
def served(sqlite_site: Site) -> Iterator[Served]:
    site = sqlite_site
    cast = Cast(site)
    for day in (3, 4, 5):
        cast.served(f"2025-03-0{day} 09:00", "16:30")
    for name in ("林静", "王芳", "陈晓明"):
        site.volunteer(cast.home, name=name)
    site.reward(site.till())
    desk = Served(site, cast)
    with serving(site) as desk.url:
        yield desk


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_member_is_registered_found_and_given_a_card_by_keyboard(
    chromium: Browser, served: Served, lang: str, width: int
) -> None:
    name = f"office-members-{lang}-{width}"
    with window(chromium, served.url, name, width=width, target_pixels=MOUSE_PIXELS_MIN) as seen:
        page = seen.page
        sign_in(seen, served.link(), lang)
        page.goto(f"{served.url}/office/members")
        seen.look("list")
        page.goto(f"{served.url}/office/members/new")
        seen.look("new")
        number = identity_number()
        page.locator("#f-name").focus()
        page.keyboard.type("赵小兰")
        seen.keys("Tab")
        page.keyboard.type(number[:-1] + ("1" if number[-1] != "1" else "2"))
        seen.keys("Enter")
        expect(page.locator("#f-identity_number")).to_have_attribute("aria-invalid", "true")
        seen.look("odd-number")
        # A browser notes down every answer that is a no.
        seen.faults.clear()
        page.locator("#f-identity_number").fill(number)
        page.locator("#f-identity_number").focus()
        seen.keys("Enter")
        page.wait_for_url("**/office/members/*done=register*")
        expect(page.locator("h1")).to_contain_text("赵*")
        seen.look("registered")
        here = page.url.split("?")[0]
        page.goto(f"{served.url}/office/members")
        page.locator("#f-number").focus()
        page.keyboard.type(number)
        seen.keys("Enter")
        page.wait_for_url(f"{here}")
        page.locator(".acts a[href$='/card']").focus()
        seen.keys("Enter")
        page.locator("#f-pin").focus()
        seen.look("card-form")
        page.locator("#f-pin").focus()
        page.keyboard.type("739154")
        seen.keys("Enter")
        expect(page.locator(".shown-once")).to_be_visible()
        seen.look("card")
        page.goto(f"{served.url}/office/members/{served.cast.ana}/act/commendation")
        seen.look("form")
        page.goto(f"{served.url}/office/members/{served.cast.ana}")
        seen.look("member")
        for path in ("records", "history"):
            page.goto(f"{served.url}/office/members/{served.cast.ana}/{path}")
            seen.look(path)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_staff_are_let_in_by_a_link_with_a_code_to_scan(
    chromium: Browser, served: Served, lang: str, width: int
) -> None:
    name = f"office-staff-{lang}-{width}"
    with window(chromium, served.url, name, width=width, target_pixels=MOUSE_PIXELS_MIN) as seen:
        page = seen.page
        sign_in(seen, served.link(), lang)
        page.goto(f"{served.url}/office/staff")
        seen.look("staff")
        page.locator("td a").first.focus()
        seen.keys("Enter")
        page.locator("#f-hours").focus()
        seen.keys("Enter")
        expect(page.locator(".qr")).to_be_visible()
        seen.look("link")
        page.goto(f"{served.url}/office/organisations")
        seen.look("organisations")


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_stars_objections_orders_and_pools_are_read_and_answered(
    chromium: Browser, served: Served, lang: str, width: int
) -> None:
    site, cast = served.site, served.cast
    for day in range(6, 27):
        cast.history(f"2025-02-{day:02d} 09:00", f"2025-02-{day:02d} 15:00", who=cast.ana)
    star = {"star": 1}
    site.made(cast.ana_token, "/stars/applications", star)
    record = cast.served("2025-03-06 09:00", "11:00")["record"]
    wrote = {"subject_kind": "record", "subject": record, "text": "我服务到十二点，签到表上有。"}
    objection = site.made(cast.ana_token, "/objections", wrote)["objection"]
    name = f"office-cases-{lang}-{width}"
    with window(chromium, served.url, name, width=width, target_pixels=MOUSE_PIXELS_MIN) as seen:
        page = seen.page
        sign_in(seen, served.link(), lang)
        for path in ("stars", "stars/notices", "objections", "orders", "pools"):
            page.goto(f"{served.url}/office/{path}")
            seen.look(path.replace("/", "-"))
        page.goto(f"{served.url}/office/objections/{objection}")
        seen.look("objection")
        page.locator("a[href$='/decide']").focus()
        seen.keys("Enter")
        page.locator("#f-reason").fill("签到表写的是十二点，已更正。")
        seen.look("answer")
        page.locator("form button.main").focus()
        seen.keys("Enter")
        page.wait_for_url("**done=answer*")
        seen.look("answered")


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_report_is_drawn_and_its_figures_are_read(
    chromium: Browser, served: Served, lang: str, width: int
) -> None:
    cast = served.cast
    for month, days in ((1, 9), (2, 14)):
        for day in range(6, 6 + days):
            date = f"2025-{month:02d}-{day:02d}"
            cast.history(f"{date} 09:00", f"{date} 14:00", who=cast.ana)
    name = f"office-reports-{lang}-{width}"
    with window(chromium, served.url, name, width=width, target_pixels=MOUSE_PIXELS_MIN) as seen:
        page = seen.page
        sign_in(seen, served.link(), lang)
        page.goto(f"{served.url}/office/populations/state")
        seen.look("state")
        page.locator("#f-year").fill("2025")
        page.locator("#f-residents").fill("24")
        page.locator("#f-residents").focus()
        seen.keys("Enter")
        page.wait_for_url("**/office/populations?done=*")
        seen.look("stated")
        page.goto(f"{served.url}/office/reports")
        seen.look("reports")
        page.locator("details.figures-of summary").first.focus()
        seen.keys("Enter")
        expect(page.locator("details.figures-of table").first).to_be_visible()
        seen.look("figures")
