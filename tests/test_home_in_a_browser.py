"""The ledger's own page in a real browser, in both languages and at three widths."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.api_client import Cast, Site, site_of_its_own
from tests.browser import serving, window

MONTHS = ("2024-06", "2024-09", "2024-10", "2024-12", "2025-01", "2025-02", "2025-03")


@pytest.fixture(scope="module")
def served(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, str]]:
    """A town with most of a year behind it, some months with few people."""
    with site_of_its_own(sqlite_template, tmp_path_factory.mktemp("home") / "home") as site:
        town = Cast(site)
        people = [site.volunteer(town.home) for _ in range(9)]
        for number, month in enumerate(MONTHS):
            for person in people[: 3 + number]:
                town.history(f"{month}-08 09:00", f"{month}-08 {11 + number}:00", who=person)
        site.book.signer.sign()
        with serving(site) as url:
            yield site, url


@pytest.mark.parametrize(
    ("lang", "width", "scheme"),
    [("zh", 360, "light"), ("en", 360, "light"), ("zh", 768, "dark"), ("en", 1280, "light"),
     ("zh", 1280, "light")],
)  # fmt: skip
def test_a_stranger_reads_what_the_ledger_is_and_goes_on_by_keyboard(
    chromium: Browser, served: tuple[Site, str], lang: str, width: int, scheme: str
) -> None:
    _, url = served
    name = f"home-{lang}-{width}"
    with window(chromium, url, name, width=width, color_scheme=scheme) as seen:
        seen.page.goto(f"{url}/?lang={lang}")
        seen.look("home")
        assert seen.page.get_by_role("img").count() == 4
        seen.page.locator("figure summary").first.focus()
        seen.keys("Enter")
        expect(seen.page.locator("figure table").first).to_be_visible()
        seen.page.locator('a[href="/c"]').focus()
        seen.keys("Enter")
        seen.page.wait_for_url("**/c")


def test_the_page_is_read_in_large_print_and_without_a_script(
    chromium: Browser, served: tuple[Site, str]
) -> None:
    _, url = served
    with window(chromium, url, "home-large") as seen:
        seen.page.goto(f"{url}/?lang=zh&print=large")
        seen.look("large")
        seen.page.goto(f"{url}/notices")
        seen.look("notices")
        seen.page.goto(f"{url}/credit-list")
        seen.look("credit-list")
    with chromium.new_context(java_script_enabled=False) as plain:
        tab = plain.new_page()
        tab.goto(url)
        expect(tab.locator("figure svg")).to_have_count(4)
