"""Passkeys in a real browser, with an authenticator that it plays itself: added, used, removed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, CDPSession, expect

from tests.api_client import Cast, Site
from tests.browser import Seen, link_for, serving, sign_in, window
from tests.kit import TODAY, FakeClock, Ledger
from tests.recheck import recheck

SAID: Final[dict[str, dict[str, Any]]] = {
    "zh": {
        "add": "添加通行密钥",
        "added": "已添加，下次可以用它登录。",
        "again": "这台设备上已经有您的通行密钥",
        "unused": "还没有用它登录过",
        "out": "退出",
        "in": "用通行密钥登录",
        "here": "本次登录",
        "remove": re.compile("^移除"),
        "removed": "已移除",
        "unknown": "这里不认识这把通行密钥",
        "none": "没有登录：已取消",
    },
    "en": {
        "add": "Add a passkey",
        "added": "Added. You can sign in with it now.",
        "again": "This device has a passkey of yours already.",
        "unused": "not signed in with it yet",
        "out": "Sign out",
        "in": "Sign in with a passkey",
        "here": "This sign-in",
        "remove": re.compile("^Remove"),
        "removed": "Removed.",
        "unknown": "This passkey is not known here",
        "none": "You are not signed in: it was cancelled",
    },
}
PHONE: Final = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Home:
    """Somebody with a phone, at pages that have a name."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.who = site.volunteer(Cast(site).home, name="林静")
        self.url = ""

    def link(self) -> str:
        return link_for(self.site, self.url, f"volunteer:{self.who}")


@pytest.fixture
def home(sqlite_template: Path, tmp_path: Path) -> Iterator[Home]:
    folder = tmp_path / "home"
    shutil.copytree(sqlite_template, folder)
    ledger = Ledger(folder, f"sqlite:///{folder}/ledger.db", FakeClock(TODAY))
    made = Home(Site(ledger.open(), ledger.clock))
    # An address of the network can have no passkeys, and a name can.
    with serving(made.site, "localhost") as made.url:
        yield made
    ledger.close()
    recheck(ledger.database_url)


def phone_of(seen: Seen, **given: Any) -> tuple[CDPSession, str]:
    """A phone's own authenticator, in this window: (line to it, its name)."""
    line = seen.context.new_cdp_session(seen.page)
    line.send("WebAuthn.enable")
    made = line.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE | given})
    return line, made["authenticatorId"]


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_passkey_is_added_signs_in_and_is_removed(
    chromium: Browser, home: Home, lang: str, width: int
) -> None:
    said, site = SAID[lang], home.site
    with window(chromium, home.url, f"passkeys-{lang}-{width}", width=width) as seen:
        page = seen.page
        line, phone = phone_of(seen)
        sign_in(seen, home.link(), lang)
        page.goto(f"{home.url}/account")
        seen.look("account")
        page.get_by_role("button", name=said["add"]).press("Enter")
        expect(page.get_by_text(said["added"])).to_be_visible()
        expect(page.get_by_text(said["unused"])).to_be_visible()
        seen.look("added")
        kept = line.send("WebAuthn.getCredentials", {"authenticatorId": phone})["credentials"]
        assert [each["rpId"] for each in kept] == ["localhost"]
        assert kept[0]["isResidentCredential"]
        assert kept[0]["userName"] == "林*"

        # The same device is not asked for a second one.
        page.get_by_role("button", name=said["add"]).press("Enter")
        expect(page.get_by_text(said["again"])).to_be_visible()
        seen.look("again")

        page.get_by_role("button", name=said["out"], exact=True).press("Enter")
        page.wait_for_url(f"{home.url}/sign-in")
        seen.look("sign-in")
        site.clock.forward(minutes=20)
        page.get_by_role("button", name=said["in"]).press("Enter")
        page.wait_for_url(f"{home.url}/me")
        page.goto(f"{home.url}/account")
        expect(page.get_by_text(said["here"])).to_be_visible()
        seen.look("used")

        # By another way of signing in it is removed, and then it is good for nothing.
        page.get_by_role("button", name=said["out"], exact=True).press("Enter")
        page.wait_for_url(f"{home.url}/sign-in")
        sign_in(seen, home.link(), lang)
        page.goto(f"{home.url}/account")
        page.get_by_role("button", name=said["remove"]).press("Enter")
        expect(page.get_by_text(said["removed"])).to_be_visible()
        seen.look("removed")
        page.get_by_role("button", name=said["out"], exact=True).press("Enter")
        page.wait_for_url(f"{home.url}/sign-in")
        page.get_by_role("button", name=said["in"]).press("Enter")
        expect(page.get_by_text(said["unknown"])).to_be_visible()
        seen.expect_fault("the server responded with a status of 403")
        seen.look("unknown")

        # Who presses and then does not show a finger, or has none here, reads what to do.
        line.send("WebAuthn.setUserVerified", {"authenticatorId": phone, "isUserVerified": False})
        page.get_by_role("button", name=said["in"]).press("Enter")
        expect(page.get_by_text(said["none"])).to_be_visible()
        expect(page.get_by_role("button", name=said["in"])).to_be_focused()
        seen.look("cancelled")


def test_without_a_script_or_without_passkeys_there_is_no_button(
    chromium: Browser, home: Home
) -> None:
    for name, given, also in (
        ("passkeys-no-script", {"java_script_enabled": False}, ""),
        ("passkeys-old", {}, "delete window.PublicKeyCredential"),
    ):
        with window(chromium, home.url, name, **given) as seen:
            if also:
                seen.page.add_init_script(also)
            seen.page.goto(f"{home.url}/sign-in")
            expect(seen.page.get_by_label("登录码")).to_be_visible()
            expect(seen.page.get_by_text("用通行密钥登录")).to_be_hidden()
            seen.page.goto(home.link())
            seen.page.get_by_role("button", name="登录").click()
            seen.page.wait_for_url(f"{home.url}/me")
            seen.page.goto(f"{home.url}/account")
            expect(seen.page.get_by_role("heading", name="通行密钥")).to_be_visible()
            expect(seen.page.get_by_text("添加通行密钥")).to_be_hidden()


def test_who_signed_in_too_long_ago_is_told_so_by_the_server(chromium: Browser, home: Home) -> None:
    """A page that lay open meanwhile still has its button."""
    with window(chromium, home.url, "passkeys-late") as seen:
        phone_of(seen)
        sign_in(seen, home.link())
        seen.page.goto(f"{home.url}/account")
        home.site.clock.forward(minutes=20)
        seen.page.get_by_role("button", name="添加通行密钥").press("Enter")
        expect(seen.page.get_by_text("刚登录时才能添加登录方式")).to_be_visible()
        for _ in range(2):
            seen.expect_fault("the server responded with a status of 403")
        seen.look("late")
        seen.page.goto(f"{home.url}/account")
        seen.look("late-account")
