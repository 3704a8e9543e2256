"""What people see when a session ends, in a real browser, in both languages: at a desk that nobody
used, with a form half filled in; and at a provider by whom they signed in."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Response, expect

from tests.api_client import Cast, Site
from tests.browser import MOUSE_PIXELS_MIN, link_for, serving, sign_in, window
from tests.identity_provider import Running, provider
from tests.kit import TODAY, FakeClock, Ledger
from tests.recheck import recheck
from tests.test_identities import settings_for

SAID: Final = {
    "zh": {
        "over": "已自动退出",
        "unsent": "刚才填写的还没有提交",
        "code": "登录码",
        "button": "登录",
        "new": "登记门店",
        "name": "名称",
        "register": "登记",
        "idle": "60 分钟没有操作也会退出",
        "late": "只能在登录后 15 分钟内绑定",
        "everywhere": "退出所有设备",
        "everything": "退出所有设备并解除绑定",
        "out": "您已在这里退出",
        "there": "也在 localhost 退出",
        "in": "用 localhost 登录",
        "leave": "退出",
        "link": "绑定 localhost 的账号",
        "linked": "已绑定",
    },
    "en": {
        "over": "signed out to be safe",
        "unsent": "What you had just filled in was not sent",
        "code": "Sign-in code",
        "button": "Sign in",
        "new": "Register a branch",
        "name": "Name",
        "register": "Register",
        "idle": "or after 60 minutes without use",
        "late": "within 15 minutes of signing in",
        "everywhere": "Sign out on every device",
        "everything": "Sign out everywhere and remove them",
        "out": "You are signed out here",
        "there": "Sign out at localhost too",
        "in": "Sign in with localhost",
        "leave": "Sign out",
        "link": "Link an account at localhost",
        "linked": "Linked",
    },
}


class Town:
    """A shop's manager, and a volunteer; a provider where one is asked for."""

    def __init__(self, ledger: Ledger) -> None:
        self.site = Site(ledger.open(), ledger.clock)
        cast = Cast(self.site)
        self.shop = f"merchant:{self.site.till().merchant}"
        self.ana = f"volunteer:{self.site.volunteer(cast.home, name='林静')}"
        self.url = ""
        self.running: Running | None = None

    def code(self) -> str:
        body = {"party": self.shop}
        return str(self.site.made(self.site.operator, "/sign-in-links", body)["code"])


@pytest.fixture
def town(sqlite_template: Path, tmp_path: Path) -> Iterator[Town]:
    folder = tmp_path / "home"
    shutil.copytree(sqlite_template, folder)
    ledger = Ledger(folder, f"sqlite:///{folder}/ledger.db", FakeClock(TODAY))
    made = Town(ledger)
    with serving(made.site) as made.url:
        yield made
    ledger.close()
    recheck(ledger.database_url)


@pytest.fixture
def with_provider(sqlite_template: Path, tmp_path: Path) -> Iterator[Town]:
    folder = tmp_path / "home"
    shutil.copytree(sqlite_template, folder)
    ledger = Ledger(folder, f"sqlite:///{folder}/ledger.db", FakeClock(TODAY))
    # The provider's clock is the real one.
    ledger.clock.ms = int(time.time() * 1000)
    made = Town(ledger)
    with ExitStack() as stack:

        def settings_at(url: str) -> dict[str, Any]:
            made.running = stack.enter_context(provider(f"{url}/sign-in/provider/back"))
            return settings_for(made.running.issuer, tmp_path)

        made.url = stack.enter_context(serving(made.site, settings_at=settings_at))
        yield made
    ledger.close()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_was_typed_when_a_session_ended_is_there_again(
    chromium: Browser, town: Town, lang: str, width: int
) -> None:
    said = SAID[lang]
    with window(
        chromium,
        town.url,
        f"session-idle-{lang}-{width}",
        width=width,
        target_pixels=MOUSE_PIXELS_MIN,
    ) as manager:
        page = manager.page
        sign_in(manager, link_for(town.site, town.url, town.shop), lang)
        page.goto(f"{town.url}/account")
        expect(page.get_by_text(said["idle"])).to_be_visible()
        manager.look("account")
        page.goto(f"{town.url}/manage")
        page.locator("summary", has_text=said["new"]).click()
        page.get_by_label(said["name"], exact=True).fill("河边店 West")
        before = town.site.size()
        town.site.clock.ms += 61 * 60_000
        page.get_by_role("button", name=said["register"], exact=True).click()
        expect(page.get_by_text(said["over"])).to_be_visible()
        expect(page.get_by_text(said["unsent"])).to_be_visible()
        assert town.site.size() == before
        manager.look("over")
        page.get_by_label(said["code"]).fill(town.code())
        page.get_by_role("button", name=said["button"], exact=True).click()
        page.wait_for_url(f"{town.url}/till")
        # Over the page for signing in, which is one like any other, to the form.
        page.go_back()
        page.wait_for_url(f"{town.url}/sign-in")
        page.go_back()
        page.wait_for_url(f"{town.url}/manage")
        page.locator("summary", has_text=said["new"]).click()
        expect(page.get_by_label(said["name"], exact=True)).to_have_value("河边店 West")
        manager.look("back")
        page.get_by_role("button", name=said["register"], exact=True).click()
        page.wait_for_url(re.compile("/manage"))
        expect(page.get_by_role("heading", name="河边店 West").first).to_be_visible()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_that_nobody_used_says_so_when_it_is_opened(
    chromium: Browser, town: Town, lang: str
) -> None:
    with window(chromium, town.url, f"session-over-{lang}") as manager:
        sign_in(manager, link_for(town.site, town.url, town.shop), lang)
        town.site.clock.ms += 61 * 60_000
        manager.page.goto(f"{town.url}/manage")
        manager.expect_fault("the server responded with a status of")
        expect(manager.page.get_by_text(SAID[lang]["over"])).to_be_visible()
        expect(manager.page.get_by_text(SAID[lang]["unsent"])).to_have_count(0)
        manager.look("opened")


def note_refusal(answer: Response, url: str, refused: list[str]) -> None:
    """Keep the address of a no of ours."""
    if answer.status >= 400 and answer.url.startswith(url):
        refused.append(answer.url)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_somebody_links_signs_out_there_too_and_ends_everything(
    chromium: Browser, with_provider: Town, lang: str
) -> None:
    town, said = with_provider, SAID[lang]
    running = town.running
    assert running is not None
    with window(chromium, town.url, f"session-provider-{lang}") as seen:
        page = seen.page
        refused: list[str] = []
        page.on("response", lambda answer: note_refusal(answer, town.url, refused))
        page.goto(f"{running.issuer}/enter/jing")
        sign_in(seen, link_for(town.site, town.url, town.ana), lang)
        page.goto(f"{town.url}/account")
        page.get_by_role("button", name=said["link"]).click()
        expect(page.get_by_text(said["linked"]).first).to_be_visible()
        town.site.clock.ms += 15 * 60_000
        page.goto(f"{town.url}/account")
        expect(page.get_by_text(said["late"]).first).to_be_visible()
        page.locator("summary", has_text=said["everywhere"]).click()
        seen.look("late")
        town.site.clock.ms -= 15 * 60_000
        page.get_by_role("button", name=said["leave"], exact=True).click()
        page.wait_for_url(f"{town.url}/sign-in")

        page.get_by_role("button", name=said["in"]).click()
        page.wait_for_url(f"{town.url}/me")
        page.goto(f"{town.url}/account")
        page.get_by_role("button", name=said["leave"], exact=True).click()
        expect(page.get_by_role("heading", name=said["out"])).to_be_visible()
        seen.look("out")
        page.get_by_role("button", name=said["there"]).click()
        page.locator("#logout").click()
        page.wait_for_url(f"{town.url}/sign-in")
        # Now the provider knows nobody in this browser either.
        page.get_by_role("button", name=said["in"]).click()
        page.wait_for_url(lambda address: address.startswith(running.issuer))
        expect(page.locator("input[name=login]")).to_be_visible()

        page.goto(f"{running.issuer}/enter/jing")
        page.goto(f"{town.url}/sign-in")
        page.get_by_role("button", name=said["in"]).click()
        page.wait_for_url(f"{town.url}/me")
        page.goto(f"{town.url}/account")
        page.locator("summary", has_text=said["everywhere"]).click()
        page.get_by_role("button", name=said["everything"]).click()
        expect(page.get_by_role("heading", name=said["out"])).to_be_visible()
        page.goto(f"{town.url}/sign-in")
        page.get_by_role("button", name=said["in"]).click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert [each.partition("?")[0] for each in refused] == [f"{town.url}/sign-in/provider/back"]
        # What the provider's own pages ask for, and find not there, is its affair.
        theirs = (f"asked {running.issuer}", "Failed to load resource")
        seen.faults[:] = [each for each in seen.faults if not each.startswith(theirs)]
