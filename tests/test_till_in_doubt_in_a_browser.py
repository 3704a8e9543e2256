"""A till whose answers get lost, in a real browser: what it says is true each time, and whatever
happens a voucher is taken once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from api.pages import till as till_page
from ledger.errors import Refused
from ledger.till_words import AROUND_THE_TILL
from tests.browser import Seen, serving, sign_in, window
from tests.test_till_in_a_browser import Served, served, shop

__all__ = ["served", "shop"]

CAPTURE: Final = "**/till/capture"
UNKNOWN: Final = "还不知道是否已扣除"
UNSENT: Final = "尚未扣除"
NEVER: Final = "刚才那张券没有扣除"
NOT_TAKEN: Final = ("没有核销", "尚未扣除", "没有扣除")
ANSWER_MS: Final = 20_000
"""How long a till waits for an answer (docs/pages.md "The till")."""

PROXIES: Final[dict[str, tuple[int, str]]] = {
    "bad-gateway": (502, "<html><body><h1>502 Bad Gateway</h1></body></html>"),
    "gateway-timeout": (504, "<html><body><h1>504 Gateway Time-out</h1></body></html>"),
    "unavailable": (503, "upstream connect error"),
    "too-many": (429, "<html><body><h1>429 Too Many Requests</h1></body></html>"),
    "forbidden": (403, "<html><body data-field='x'><h1>Blocked</h1></body></html>"),
    "portal": (200, "<html><body><h1>Welcome to the guest network</h1></body></html>"),
}


class Between:
    """What stands between a till and the server: the first `lost` answers become something else."""

    def __init__(self, instead: Callable[[Route], None], *, arrives: bool, lost: int = 1) -> None:
        self.instead, self.arrives, self.lost = instead, arrives, lost
        self.asked: list[str] = []

    def __call__(self, route: Route) -> None:
        self.asked.append(str(route.request.post_data))
        if len(self.asked) > self.lost:
            route.continue_()
            return
        if self.arrives:
            route.fetch(max_redirects=0)
        self.instead(route)


def reset(route: Route) -> None:
    """The connection breaks."""
    route.abort("connectionreset")


@contextmanager
def at_a_till(chromium: Browser, shop: Served, name: str) -> Iterator[Seen]:
    """Signed in; what the browser notes of failed requests is meant."""
    with window(chromium, shop.url, name) as seen:
        sign_in(seen, shop.link())
        yield seen
        seen.faults = [each for each in seen.faults if "Failed to load resource" not in each]


def scan(seen: Seen, code: str) -> Page:
    """A valid voucher on the whole screen."""
    seen.type(code)
    expect(seen.page.locator("body.valid")).to_be_visible()
    return seen.page


def expect_unknown(page: Page) -> None:
    """Amber, and nothing on it says that nothing was taken, or offers to cancel."""
    expect(page.locator("body.waiting h1")).to_have_text("请稍候")
    expect(page.locator(".net")).to_contain_text(UNKNOWN)
    expect(page.locator(".calm")).to_be_hidden()


def expect_once(page: Page) -> None:
    """Taken, and said to be taken by an earlier try."""
    expect(page.locator("h1")).to_have_text("已核销")
    expect(page.locator(".sentence")).to_contain_text("只扣了一次")


@pytest.mark.parametrize("name", PROXIES)
def test_what_a_proxy_answers_says_nothing_about_a_voucher(
    chromium: Browser, served: Served, name: str
) -> None:
    status, body = PROXIES[name]
    between = Between(
        lambda route: route.fulfill(status=status, content_type="text/html", body=body),
        arrives=True,
    )
    with at_a_till(chromium, served, f"proxy-{name}") as seen:
        page = scan(seen, served.voucher())
        page.route(CAPTURE, between)
        page.click("button.main")
        expect_unknown(page)
        assert served.taken() == 1
        expect_once(page)
    assert len(set(between.asked)) == 1
    assert served.taken() == 1


def test_a_page_that_was_cut_off_is_no_answer(chromium: Browser, served: Served) -> None:
    def cut(route: Route) -> None:
        whole = route.fetch()
        route.fulfill(status=200, content_type="text/html", body=whole.text()[:-40])

    between = Between(cut, arrives=False)
    with at_a_till(chromium, served, "cut") as seen:
        page = scan(seen, served.voucher())
        page.route(CAPTURE, between)
        page.click("button.main")
        expect_unknown(page)
        expect_once(page)
    assert served.taken() == 1


def test_a_look_that_a_proxy_answers_is_looked_at_again(chromium: Browser, served: Served) -> None:
    between = Between(
        lambda route: route.fulfill(status=502, content_type="text/html", body="<h1>502</h1>"),
        arrives=False,
    )
    with at_a_till(chromium, served, "look") as seen:
        page = seen.page
        page.route("**/till/look", between)
        seen.type(served.voucher())
        line = page.locator("form[data-ask=look] .net")
        expect(line).to_have_text("没有收到答复：没有查到，也没有扣除。请再试一次。")
        seen.look("no-answer")
        page.click("button.main")
        expect(page.locator("body.valid")).to_be_visible()
    assert served.taken() == 0


@pytest.mark.parametrize("arrives", [True, False])
def test_no_answer_in_twenty_seconds_is_not_known_yet(
    chromium: Browser, served: Served, arrives: bool
) -> None:
    between = Between(lambda route: None, arrives=arrives)
    with at_a_till(chromium, served, f"silent-{arrives}") as seen:
        page = seen.page
        page.clock.install()
        page.goto(f"{served.url}/till")
        scan(seen, served.voucher())
        page.route(CAPTURE, between)
        with page.expect_request(CAPTURE):
            page.click("button.main")
        page.clock.fast_forward(ANSWER_MS // 2)
        expect(page.locator("button.main")).to_have_text("正在核销…")
        expect(page.locator("body.valid")).to_be_visible()
        page.clock.fast_forward(ANSWER_MS // 2)
        expect_unknown(page)
        page.clock.fast_forward(3_000)
        expect(page.locator("h1")).to_have_text("已核销")
        assert page.locator(".sentence").count() == int(arrives)
    assert len(set(between.asked)) == 1
    assert served.taken() == 1


@pytest.mark.parametrize("code", ["stopping", "clock_unsure", "request_in_flight"])
@pytest.mark.parametrize("arrives", [True, False])
def test_a_server_that_cannot_tell_does_not_say_that_nothing_was_taken(
    chromium: Browser,
    served: Served,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    arrives: bool,
) -> None:
    """An earlier try with the same key may have taken it, and only its answer was lost."""
    captured, noes = till_page._captured, iter([code] * 2)

    def unsure() -> Any:
        no = next(noes, "") if len(between.asked) > 1 else ""
        if no:
            raise Refused(no, "not now")
        return captured()

    monkeypatch.setattr(till_page, "_captured", unsure)
    between = Between(reset, arrives=arrives)
    with at_a_till(chromium, served, f"{code}-{arrives}") as seen:
        page = scan(seen, served.voucher())
        page.route(CAPTURE, between)
        page.click("button.main")
        expect_unknown(page)
        expect(page.locator(".sentence")).to_have_text(AROUND_THE_TILL[code].zh)
        expect(page.locator("body.waiting h1")).to_have_text("请稍候")
        said = page.locator("main").inner_text()
        assert not [each for each in NOT_TAKEN if each in said]
        seen.look("not-yet")
        expect(page.locator("h1")).to_have_text("已核销")
        assert page.locator(".sentence").count() == int(arrives)
    assert served.taken() == 1


def idle(shop: Served, _: Seen) -> None:
    """Nobody touched the till for half a day."""
    shop.site.clock.forward(seconds=12 * 3600 + 1)


def signed_out_elsewhere(shop: Served, seen: Seen) -> None:
    """Somebody signed out in another window of this browser."""
    other = seen.context.new_page()
    other.goto(f"{shop.url}/till")
    other.get_by_role("button", name="退出", exact=True).click()
    other.wait_for_url(lambda address: not address.endswith("/till"))
    other.close()


def another_clerk(shop: Served, seen: Seen) -> None:
    """Somebody else signed in in another window of this browser."""
    other = seen.context.new_page()
    other.goto(f"{shop.link()}?lang=zh")
    other.locator("button.main").click()
    other.wait_for_url("**/till")
    other.close()


ENDS: Final = [idle, signed_out_elsewhere, another_clerk]


@pytest.mark.parametrize("end", ENDS)
def test_a_sign_in_that_ended_before_the_confirmation_took_nothing(
    chromium: Browser, served: Served, end: Callable[[Served, Seen], None]
) -> None:
    with at_a_till(chromium, served, f"ended-{end.__name__}") as seen:
        page = scan(seen, served.voucher())
        end(served, seen)
        page.click("button.main")
        expect(page.locator("main")).to_contain_text(NEVER)
        seen.look("never")
    assert served.taken() == 0


@pytest.mark.parametrize("arrives", [True, False])
@pytest.mark.parametrize("end", ENDS)
def test_a_sign_in_that_ended_after_a_lost_answer_leaves_it_open(
    chromium: Browser, served: Served, end: Callable[[Served, Seen], None], arrives: bool
) -> None:
    between = Between(reset, arrives=arrives)
    with at_a_till(chromium, served, f"open-{end.__name__}-{arrives}") as seen:
        page = scan(seen, served.voucher())
        page.clock.install()
        page.route(CAPTURE, between)
        page.click("button.main")
        expect_unknown(page)
        end(served, seen)
        page.clock.fast_forward(3_000)
        expect(page.locator("main")).to_contain_text("还不知道是否已扣除")
        expect(page.locator("main")).to_contain_text("今日核销")
        assert NEVER not in page.locator("main").inner_text()
        seen.look("open")
    assert served.taken() == int(arrives)


def test_a_sign_in_that_ended_while_it_was_taken_leaves_it_open(
    chromium: Browser, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The capture is answered by the way to its line, and that by the page for signing in."""
    captured = till_page._captured

    def then_idle() -> Any:
        receipt = captured()
        served.site.clock.forward(seconds=12 * 3600 + 1)
        return receipt

    monkeypatch.setattr(till_page, "_captured", then_idle)
    with at_a_till(chromium, served, "ended-between") as seen:
        page = scan(seen, served.voucher())
        page.click("button.main")
        expect(page.locator("main")).to_contain_text(UNKNOWN)
    assert served.taken() == 1


def test_the_network_goes_after_an_answer_was_lost(chromium: Browser, served: Served) -> None:
    """Offline before it was ever sent nothing was taken; offline after that nobody knows."""
    between = Between(reset, arrives=True)
    with at_a_till(chromium, served, "middle") as seen:
        page = scan(seen, served.voucher())
        page.route(CAPTURE, between)
        seen.context.set_offline(True)
        page.click("button.main")
        expect(page.locator(".net")).to_contain_text(UNSENT)
        seen.context.set_offline(False)
        expect_unknown(page)
        seen.context.set_offline(True)
        page.click("button.main")
        expect_unknown(page)
        assert served.taken() == 1
        seen.context.set_offline(False)
        expect_once(page)
    assert len(set(between.asked)) == 1


def test_what_was_sent_once_is_asked_for_the_same_again(chromium: Browser, served: Served) -> None:
    """Until it was sent another quantity may be chosen; afterwards its key stands for that one."""
    between = Between(reset, arrives=True)
    with at_a_till(chromium, served, "quantity") as seen:
        page = scan(seen, served.voucher(quantity=3))
        page.route(CAPTURE, between)
        seen.context.set_offline(True)
        page.click("button.main")
        expect(page.locator(".net")).to_contain_text(UNSENT)
        page.select_option("select", "2")
        seen.context.set_offline(False)
        expect_unknown(page)
        expect(page.locator("select")).to_be_disabled()
        page.click("button.main")
        expect_once(page)
        expect(page.locator(".item")).to_contain_text("× 2")
    assert {*parse_qs(between.asked[0])["quantity"]} == {"2"}
    assert len(set(between.asked)) == 1


@pytest.mark.parametrize("arrives", [True, False])
def test_a_server_that_was_stopped_is_asked_until_it_is_back(
    chromium: Browser, shop: Served, arrives: bool
) -> None:
    between = Between(reset, arrives=arrives)
    with ExitStack() as day:
        server = day.enter_context(ExitStack())
        shop.url = server.enter_context(serving(shop.site))
        seen = day.enter_context(at_a_till(chromium, shop, f"stopped-{arrives}"))
        page = scan(seen, shop.voucher())
        page.route(CAPTURE, between)
        page.click("button.main")
        expect_unknown(page)
        server.close()
        page.wait_for_event("requestfailed")
        expect_unknown(page)
        port = urlsplit(shop.url).port
        assert port is not None
        server.enter_context(serving(shop.site, port=port))
        expect(page.locator("h1")).to_have_text("已核销")
        assert page.locator(".sentence").count() == int(arrives)
    assert len(set(between.asked)) == 1
    assert shop.taken() == 1
