"""Uploading an export in a real browser: chosen, tried, fixed, left out, committed, in both
languages, at three widths, with and without a script. Pictures are kept in build/screenshots."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, expect

from ledger.door import imports
from tests.api_client import Site
from tests.browser import MOUSE_PIXELS_MIN, link_for, serving, sign_in, window
from tests.exports import BO_ID, CLUB, LEAGUE, row, write

SAID: Final = {
    "zh": {"commit": "确认入账 3 行", "done": "已全部入账", "fixed": "第 2 条记录已改好"},
    "en": {"commit": "Record 3 rows", "done": "All of it is recorded", "fixed": "put right"},
}


@dataclass
class Served:
    """An organisation whose desk is served on this machine."""

    site: Site
    organisation: str
    file: Path
    url: str = ""

    def link(self) -> str:
        return link_for(self.site, self.url, f"organisation:{self.organisation}")


@pytest.fixture
def served(sqlite_site: Site, tmp_path: Path) -> Iterator[Served]:
    site = sqlite_site
    bo = {"志愿者编号": "V2", "姓名": "李博", "证件号码": BO_ID}
    file = write(
        tmp_path / "export.csv",
        [
            row(),
            row(**bo, 签退="", 活动名称='<b>清洁</b>=SUM("A1")'),
            row(活动编号="A2", 签到="2025-03-08 10:00"),
            row(**bo, 统一社会信用代码=LEAGUE),
            row(证件号码="11010519491231002"),
            ["合计", *[""] * 19],
        ],
    )
    desk = Served(site, site.organisation(organisation_code=CLUB), file)
    with serving(site) as desk.url:
        yield desk


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_export_is_tried_fixed_and_committed(
    chromium: Browser, served: Served, lang: str, width: int
) -> None:
    said = SAID[lang]
    name = f"uploads-{lang}-{width}"
    with window(chromium, served.url, name, width=width, target_pixels=MOUSE_PIXELS_MIN) as seen:
        page = seen.page
        sign_in(seen, served.link(), lang)
        page.goto(f"{served.url}/office/uploads")
        seen.look("none")
        page.set_input_files("#f-file", served.file)
        page.locator(".choose-file button").focus()
        seen.keys("Enter")
        page.wait_for_url(re.compile("/office/uploads/[0-9a-z]{16}$"))
        expect(page.locator(".tally .effective dd")).to_have_text("1")
        expect(page.locator(".tally .held dd")).to_have_text("1")
        expect(page.locator(".tally .refused dd")).to_have_text("3")
        seen.look("tried")
        page.click(".filters a[href*=refused]")
        expect(page.locator("tbody tr")).to_have_count(3)
        page.locator("tbody tr:first-child td.number a").focus()
        seen.keys("Enter")
        expect(page.locator("#f-14-says")).to_be_visible()
        seen.look("row")
        page.fill("#f-14", "2025-03-08 11:00")
        seen.keys("Enter")
        expect(page.locator(".note.valid")).to_contain_text(said["fixed"])
        page.click(".filters a[href*=refused]")
        page.locator("tbody tr:first-child input").focus()
        seen.keys("Space")
        page.locator("form[action$=leave-out] button").focus()
        seen.keys("Enter")
        expect(page.locator(".tally .refused dd")).to_have_text("1")
        expect(page.locator(".decide button.main")).to_have_text(said["commit"])
        page.locator(".decide button.main").focus()
        seen.keys("Enter")
        expect(page.locator("progress")).to_be_visible()
        seen.look("under-way")
        imports.advance(served.site.book)
        # By its own script, without anybody pressing anything.
        expect(page.locator(".note.valid")).to_contain_text(said["done"])
        seen.look("done")
        page.goto(f"{served.url}/office/uploads")
        seen.look("list")
    records = served.site.get(
        served.site.organisation_token(served.organisation), "/service-records"
    )["data"]
    assert sorted(each["state"] for each in records) == ["effective", "effective", "held"]


def test_it_all_works_without_a_script(chromium: Browser, served: Served) -> None:
    given: dict[str, Any] = {"java_script_enabled": False}
    with window(
        chromium, served.url, "uploads-plain", target_pixels=MOUSE_PIXELS_MIN, width=1280, **given
    ) as seen:
        page = seen.page
        page.goto(served.link())
        page.click("button.main")
        page.goto(f"{served.url}/office/uploads")
        page.set_input_files("#f-file", served.file)
        page.click(".choose-file button")
        page.click(".decide button.main")
        expect(page.locator("progress")).to_be_visible()
        imports.advance(served.site.book)
        page.click(".under-way a")
        expect(page.locator(".note.valid")).to_contain_text("已全部入账")
        page.goto(f"{served.url}/office/uploads")
        page.set_input_files("#f-file", served.file)
        page.click(".choose-file button")
        expect(page.locator(".note.waiting")).to_contain_text("以前入过账")
        page.click("summary")
        page.click(".danger")
        expect(page.locator(".note.waiting")).to_contain_text("已放弃")
