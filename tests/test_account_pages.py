"""The account page: who is signed in, where else, and ending it; nobody else's is in reach."""

from __future__ import annotations

import re

import pytest

from tests.api_client import PUBLIC_URL, Cast, Site, Till
from tests.kit import Ledger
from tests.page_client import Browser, text_of


class Town:
    """A till with its merchant and a clerk, and another shop's."""

    def __init__(self, ledger: Ledger) -> None:
        self.site = Site(ledger.open(), ledger.clock)
        self.cast = Cast(self.site)
        self.till, self.other = self.site.till(), self.site.till()
        path = f"/branches/{self.till.branch}/clerks"
        self.clerk = str(self.site.made(self.site.operator, path, {"name": "王五"})["clerk"])

    def manager(self, till: Till | None = None) -> Browser:
        return Browser(self.site).signed_in(f"merchant:{(till or self.till).merchant}")

    def at_the_till(self) -> Browser:
        given = {"terminal": self.till.terminal, "clerk": self.clerk}
        return Browser(self.site).signed_in(f"merchant:{self.till.merchant}", **given)


@pytest.fixture
def town(ledger: Ledger) -> Town:
    return Town(ledger)


def references(browser: Browser) -> list[str]:
    page = browser.get("/account").get_data(as_text=True)
    return re.findall(r'name="session" value="(\w+)"', page)


def test_it_says_who_since_when_and_until_when(town: Town) -> None:
    browser = town.at_the_till()
    town.site.clock.forward(minutes=5)
    said = text_of(browser.get("/account"))
    assert "晨光面包 东门店 一号机 店员 王五" in said
    assert said.count("本设备") == 1
    assert re.search(r"登录时间 (\d+月\d+日 )?\d\d:\d\d 最迟自动退出", said)
    assert 'href="/account"' in browser.get("/till").get_data(as_text=True)
    english = text_of(browser.get("/account?lang=en"))
    assert "This device" in english


def test_another_device_of_mine_is_ended_from_here(town: Town) -> None:
    """As for a lost phone; the session here stays what it is."""
    here, lost = town.manager(), town.manager()
    thief = Browser(town.site)
    thief.session = lost.session
    (reference,) = references(here)
    assert here.submit("/account", "/account/sessions/end", session=reference).status_code == 303
    assert [each.get("/account").status_code for each in (lost, thief, here)] == [401, 401, 200]
    # A second tap finds it over, and that is what was wanted.
    again = {**here.form(here.get("/account")), "session": reference}
    assert here.post("/account/sessions/end", again).status_code == 303


def test_nobody_ends_what_is_not_theirs(town: Town) -> None:
    """Neither another shop's manager, nor a clerk their manager's, nor a guess."""
    mine, second = town.manager(), town.manager()
    (reference,) = references(mine)
    clerk, stranger = town.at_the_till(), town.manager(town.other)
    for other in (clerk, stranger):
        assert reference not in references(other)
        form = other.form(other.get("/account"))
        for guess in (reference, "", "0" * 32, mine.session):
            other.post("/account/sessions/end", {**form, "session": guess})
    assert [each.get("/account").status_code for each in (mine, second, clerk)] == [200] * 3


def test_a_manager_sees_the_tills_and_a_clerk_only_their_own(town: Town) -> None:
    manager, clerk, also = town.manager(), town.at_the_till(), town.at_the_till()
    assert len(references(manager)) == 2
    assert len(references(clerk)) == 1
    (theirs,) = references(clerk)
    assert clerk.submit("/account", "/account/sessions/end", session=theirs).status_code == 303
    assert also.get("/account").status_code == 401


def test_ending_the_session_one_stands_in_signs_out(town: Town) -> None:
    one, other = town.manager(), town.manager()
    (of_other,) = references(one)
    form = other.form(other.get("/account"))
    answer = other.post("/account/sessions/end", {**form, "session": of_other})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert other.session == ""
    assert one.get("/account").status_code == 200


@pytest.mark.parametrize("forged", ["foreign", "missing", "another_session"])
def test_a_forged_form_ends_nothing(town: Town, forged: str) -> None:
    one, other = town.manager(), town.manager()
    (reference,) = references(one)
    form = {**one.form(one.get("/account")), "session": reference}
    if forged == "foreign":
        one.origin = "https://elsewhere.example"
    elif forged == "missing":
        del form["form"]
    else:
        form["form"] = other.form(other.get("/account"))["form"]
    assert one.post("/account/sessions/end", form).status_code == 403
    assert one.post("/sign-out", {**form, "where": "everywhere"}).status_code == 403
    assert other.get("/account").status_code == 200


def test_a_session_whose_credential_was_revoked_is_listed_no_more(town: Town) -> None:
    manager = town.manager()
    body = {"party": f"merchant:{town.till.merchant}"}
    link = town.site.made(town.site.operator, "/sign-in-links", body)
    other = Browser(town.site)
    other.use(link)
    assert len(references(manager)) == 1
    town.site.made(town.site.operator, f"/tokens/{link['credential']}/revoke")
    assert other.get("/account").status_code == 401
    assert references(manager) == []


def test_nobody_sees_it_without_a_session_or_with_a_bearer(town: Town) -> None:
    assert Browser(town.site).get("/account").status_code == 401
    bearer = {"Authorization": f"Bearer {town.site.operator}"}
    assert (
        town.site.client().get("/account", base_url=PUBLIC_URL, headers=bearer).status_code == 401
    )
    cookie = {"Cookie": f"__Host-sidereal={town.manager().session}"}
    answer = town.site.client().get("/v1/me", base_url=PUBLIC_URL, headers=cookie)
    assert answer.status_code == 401
