"""Webhooks on pages: the same as over HTTP, for the same people, and in words."""

from __future__ import annotations

import pytest

from api.pages import words
from api.pages.webhooks import GROUPS, answer_of, groups_of
from api.webhook_transport import Outcome
from ledger.store.rebuilding import differences
from ledger.webhooks.events import HEARD
from tests.api_client import Site
from tests.kit import Ledger
from tests.page_client import Browser, text_of
from tests.receivers import Post
from tests.test_webhooks import deliver

URL = "https://shop.example/told?secret=4711"


@pytest.fixture
def site(ledger: Ledger) -> Site:
    return Site(ledger.open(), ledger.clock)


def owner(site: Site, area: str) -> Browser:
    """Somebody signed in who may have endpoints."""
    party = {
        "manage": lambda: f"merchant:{site.merchant()}",
        "office": lambda: f"organisation:{site.organisation()}",
        "operator": lambda: str(site.get(site.operator, "/me")["party"]),
    }[area]()
    return Browser(site).signed_in(party)


def added(browser: Browser, area: str, *events: str) -> str:
    """The address of the page of a new endpoint."""
    new = f"/{area}/webhooks/new"
    made = browser.submit(new, new, url=URL, events=list(events))
    assert made.status_code == 303, text_of(made)
    return str(made.headers["Location"].partition("?")[0])


@pytest.mark.parametrize("area", ["manage", "office", "operator"])
def test_an_owner_adds_tries_changes_pauses_and_removes(site: Site, area: str) -> None:
    browser = owner(site, area)
    assert "还没有通知地址" in text_of(browser.get(f"/{area}/webhooks"))
    page, post = added(browser, area), Post()
    shown = text_of(browser.get(page))
    assert URL in shown
    assert "全部事件" in shown
    assert str(site.get("", "/webhooks/key")["public_key"]) in shown

    found = browser.get(page)
    for _ in range(2):
        # The same form twice is one test.
        assert browser.send(found, page, f"{page}/test").status_code == 303
        deliver(site.book, post)
    assert post.types == ["webhook.set"]
    assert "已收下 HTTP 204" in text_of(browser.get(page))

    event = sorted(HEARD[browser_role(area)])[0]
    changed = browser.submit(f"{page}/change", f"{page}/change", url=URL, events=[event])
    assert changed.status_code == 303, text_of(changed)
    kind = words.say(f"kind.{event.replace('.', '_', 1)}", "zh")
    assert kind in text_of(browser.get(page))
    assert browser.submit(page, f"{page}/disable").status_code == 303
    assert "已暂停" in text_of(browser.get(page))
    assert browser.submit(page, f"{page}/enable").status_code == 303
    gone = browser.submit(page, f"{page}/remove")
    assert gone.headers["Location"].startswith(f"/{area}/webhooks?done=")
    assert browser.get(page).status_code == 404
    assert "还没有通知地址" in text_of(browser.get(f"/{area}/webhooks"))
    assert list(differences(site.book.database, site.book.origin)) == []


def browser_role(area: str) -> str:
    return {"manage": "merchant", "office": "organisation", "operator": "operator"}[area]


def test_the_pages_are_for_owners_in_their_own_area(site: Site) -> None:
    till = site.till()
    shop = Browser(site).signed_in(f"merchant:{till.merchant}")
    page = added(shop, "manage")
    at_till = Browser(site).signed_in(f"merchant:{till.merchant}", terminal=till.terminal)
    others = [
        (at_till, "manage", 403),
        (owner(site, "office"), "manage", 403),
        (Browser(site).signed_in(f"volunteer:{site.volunteer()}"), "manage", 403),
        (owner(site, "manage"), "manage", 404),
        (Browser(site), "manage", 401),
    ]
    for browser, area, status in others:
        assert browser.get(page).status_code == status
        assert browser.get(f"/{area}/webhooks/new").status_code == (
            200 if status == 404 else status
        )
    assert shop.get(page.replace("manage", "office")).status_code == 403


def test_an_operator_sees_everybodys_and_no_address(site: Site) -> None:
    shop = Browser(site).signed_in(f"merchant:{site.merchant()}")
    page = added(shop, "manage")
    desk = owner(site, "operator")
    theirs = desk.get("/operator/webhooks")
    assert "shop.example" in text_of(theirs)
    one = desk.get(page.replace("manage", "operator"))
    assert "secret" not in one.get_data(as_text=True) + theirs.get_data(as_text=True)
    assert "只有所有者看得到" in text_of(one)


def test_what_failed_says_why_in_words_and_is_sent_again(site: Site) -> None:
    till = site.till()
    shop = Browser(site).signed_in(f"merchant:{till.merchant}")
    page = added(shop, "manage", "reward.published")
    site.reward(till)
    for outcome, said in (
        (Outcome(fault="tls"), "证书不对"),
        (Outcome(status=302), "不跟随跳转"),
        (Outcome(status=500), "接收端自己出错，请看它的日志 HTTP 500"),
    ):
        deliver(site.book, Post(always=outcome))
        shown = shop.get(page)
        assert said in text_of(shown)
        # It waits for its next attempt, and is sent now.
        assert shop.send(shown, page, f"{page}/again").status_code == 303
    post = Post()
    deliver(site.book, post)
    assert post.types == ["reward.published"]
    assert "已送达" in text_of(shop.get(page))
    assert "已收下" in text_of(shop.get(f"{page}?state=delivered"))
    assert "已收下" not in text_of(shop.get(f"{page}?state=failed"))


def test_what_happened_during_a_pause_is_sent_when_it_goes_on(site: Site) -> None:
    till = site.till()
    shop = Browser(site).signed_in(f"merchant:{till.merchant}")
    page = added(shop, "manage", "reward.published")
    for ticked, told in (({"missed": "yes"}, 1), ({}, 0)):
        shop.submit(page, f"{page}/disable")
        site.reward(till)
        shop.submit(page, f"{page}/enable", **ticked)
        post = Post()
        deliver(site.book, post)
        assert len(post.taken) == told
    everything = shop.submit(page, f"{page}/again", entry="", since="0")
    assert everything.status_code == 303
    post = Post()
    deliver(site.book, post)
    assert post.types == ["reward.published"] * 2


def test_a_journal_too_long_for_one_form_says_where_to_go_on(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = site.till()
    shop = Browser(site).signed_in(f"merchant:{till.merchant}")
    page = added(shop, "manage", "reward.published")
    monkeypatch.setattr("ledger.door.webhooks.READ_MAX", 1)
    led = shop.submit(page, f"{page}/again", entry="", since="0")
    assert led.headers["Location"] == f"{page}?from=10#again"
    assert "#10 之前的已经发出" in text_of(shop.get(f"{page}?from=10"))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://shop.example/", "地址须是 https"),
        ("https://127.0.0.1/", "不是公网地址"),
        ("", "必填"),
    ],
)
def test_what_is_no_address_is_told_so_and_stays_in_the_form(
    site: Site, url: str, said: str
) -> None:
    shop = owner(site, "manage")
    new = "/manage/webhooks/new"
    no = shop.submit(new, new, url=url, events=["reward.published"])
    assert no.status_code == 422
    assert said in text_of(no) or url == ""
    html = no.get_data(as_text=True)
    assert f'value="{url}"' in html
    assert 'value="reward.published" checked' in html


def test_a_number_that_is_none_is_told_beside_its_field(site: Site) -> None:
    shop = owner(site, "manage")
    page = added(shop, "manage")
    no = shop.submit(page, f"{page}/again", entry="", since="上周")
    assert no.status_code == 422
    assert 'aria-invalid="true"' in no.get_data(as_text=True)


def test_every_event_stands_under_one_heading_in_words() -> None:
    """Also what the operator hears of, which is everything there is."""
    prefixes = [each for some in GROUPS.values() for each in some]
    assert len(prefixes) == len(set(prefixes))
    for role, heard in HEARD.items():
        shown = [event for group in groups_of(role) for event, _ in group.events]
        assert sorted(shown) == sorted(heard)


def test_each_status_has_its_words() -> None:
    for status in range(200, 600):
        assert f"hook.answer.{answer_of(status)}" in words.WORDS
