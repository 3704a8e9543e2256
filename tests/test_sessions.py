"""Sessions end when they should, whoever tries to keep one, replant one or have two of one link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import pytest
from sqlalchemy import func, insert, select

from api.pages.guard import cookie_name
from api.settings import Settings
from ledger.actions.parties import RegisterOperator
from ledger.book import CONSOLE
from ledger.door import sessions
from ledger.errors import Refused
from ledger.store import sessions as kept
from ledger.store import tables
from ledger.store.database import Database
from tests.api_client import Cast, Site, key, moment
from tests.kit import Ledger
from tests.page_client import COOKIE, Browser, text_of

MINUTE_MS = 60_000
LOOKING = ["volunteers:read", "service-records:read"]


class Town:
    """Somebody of every role, each at their own browser."""

    def __init__(self, ledger: Ledger) -> None:
        self.site = Site(ledger.open(), ledger.clock)
        self.cast = Cast(self.site)
        self.old = self.site.volunteer(self.cast.home, name="张桂兰")
        self.reviewer = self.site.staff(self.cast.home)
        self.till = self.site.till()

    def desks(self) -> dict[str, Browser]:
        auditor = self.site.made(self.site.operator, "/auditors", {"name": "审计所"})["auditor"]
        me = self.site.get(self.site.operator, "/me")["party"]
        parties = (
            me,
            f"auditor:{auditor}",
            f"staff:{self.reviewer}",
            f"organisation:{self.cast.home}",
            f"merchant:{self.till.merchant}",
        )
        return {each: self.signed_in(each) for each in parties}

    def signed_in(self, party: str) -> Browser:
        return Browser(self.site).signed_in(party)

    def at_the_till(self) -> Browser:
        return Browser(self.site).signed_in(
            f"merchant:{self.till.merchant}", terminal=self.till.terminal
        )

    def lent(self, helper: str) -> None:
        body = {"helper": helper, "scopes": LOOKING, "expires": moment("2025-04-01 09:00")}
        self.site.made(self.site.operator, f"/volunteers/{self.old}/helpers", body)

    def second_operator(self) -> str:
        who = self.site.book.new_id()
        self.site.book.record(RegisterOperator(operator=who), caller=CONSOLE, key=key())
        return f"operator:{who}"

    def forward(self, minutes: int, ms: int = 0) -> None:
        self.site.clock.ms += minutes * MINUTE_MS + ms


@pytest.fixture
def town(ledger: Ledger) -> Town:
    return Town(ledger)


@contextmanager
def writes_of(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Grows with each transaction that writes, but for the writer of entries."""
    seen: list[int] = []
    plain = database.writing

    @contextmanager
    def counted() -> Iterator[object]:
        with plain() as connection:
            seen.append(1)
            yield connection

    with monkeypatch.context() as patched:
        patched.setattr(database, "writing", counted)
        yield seen


# Nobody uses it ---------------------------------------------------------------------------------


def test_a_desk_that_nobody_uses_is_signed_out_and_no_till_or_phone(town: Town) -> None:
    """Never before the hour is over, and at most a minute after it."""
    desks = town.desks()
    stay = [town.signed_in(f"volunteer:{town.old}"), town.at_the_till()]
    town.forward(61, ms=-1)
    assert {each.get("/account").status_code for each in desks.values()} == {200}
    town.forward(61)
    for party, browser in desks.items():
        page = browser.get("/account")
        assert page.status_code == 401, party
        assert "有一段时间没有操作，为了安全已自动退出" in text_of(page)
        assert "还没有提交" not in text_of(page)
        assert browser.session == ""
    assert [each.get("/account").status_code for each in stay] == [200, 200]
    english = Browser(town.site)
    english.signed_in(f"organisation:{town.cast.home}").get("/account?lang=en")
    town.forward(61)
    assert "signed out to be safe" in text_of(english.get("/office"))


def test_who_is_used_goes_on_to_its_very_end_and_what_ended_never_comes_back(town: Town) -> None:
    browser, thief = town.signed_in(f"organisation:{town.cast.home}"), Browser(town.site)
    thief.session = browser.session
    for _ in range(13):
        town.forward(55)
        assert browser.get("/office").status_code == 200
    town.forward(5)
    assert "登录已到期" in text_of(browser.get("/office"))
    again = town.signed_in(f"organisation:{town.cast.home}")
    thief.session = again.session
    town.forward(61)
    for _ in range(2):
        assert Browser.get(thief, "/office").status_code == 401
        thief.session = again.session


def test_how_long_is_a_setting(ledger: Ledger) -> None:
    site = Site(ledger.open(), ledger.clock, idle_minutes=5)
    cast = Cast(site)
    browser = Browser(site).signed_in(f"organisation:{cast.home}")
    assert "5 分钟没有操作也会退出" in text_of(browser.get("/account"))
    site.clock.ms += 6 * MINUTE_MS
    assert browser.get("/account").status_code == 401
    assert Settings.read({}).idle_minutes == 60
    assert Settings.read({"SIDEREAL_IDLE_MINUTES": "1440"}).idle_minutes == 1440
    for wrong in ("0", "1441", "an hour"):
        with pytest.raises(Refused, match="SIDEREAL_IDLE_MINUTES"):
            Settings.read({"SIDEREAL_IDLE_MINUTES": wrong})


def test_a_use_is_written_once_a_minute_at_a_desk_and_never_elsewhere(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = town.signed_in(f"organisation:{town.cast.home}")
    till, phone = town.at_the_till(), town.signed_in(f"volunteer:{town.old}")
    with writes_of(town.site.book.database, monkeypatch) as seen:
        for browser, page in ((till, "/till"), (phone, "/me"), (phone, "/account")):
            for _ in range(3):
                town.forward(2)
                assert browser.get(page).status_code == 200
        assert seen == []
        for _ in range(4):
            town.site.clock.ms += MINUTE_MS // 5
            assert desk.get("/account").status_code == 200
        assert len(seen) == 1


def test_what_a_script_asks_by_itself_is_no_use(town: Town) -> None:
    """A page that follows an import keeps no desk open that nobody sits at."""
    browser = town.signed_in(f"organisation:{town.cast.home}")
    for _ in range(4):
        town.forward(15)
        followed = browser.get("/office", **{"Sec-Fetch-Mode": "cors"})
        assert followed.status_code == 200
    town.forward(1)
    assert browser.get("/office", **{"Sec-Fetch-Mode": "navigate"}).status_code == 401


def test_a_form_that_came_too_late_says_so_once_and_changed_nothing(town: Town) -> None:
    """It leads to a page of its own, so that the way back to the form is open."""
    browser, other = (town.signed_in(f"organisation:{town.cast.home}") for _ in range(2))
    page = browser.get("/account")
    (reference,) = re.findall(r'name="session" value="(\w+)"', page.get_data(as_text=True))
    form = {**browser.form(page), "session": reference}
    town.forward(30)
    other.get("/office")
    town.forward(31)
    answer = browser.post("/account/sessions/end", form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert browser.session == ""
    said = text_of(browser.get("/sign-in"))
    assert "已自动退出" in said
    assert "刚才填写的还没有提交" in said
    assert "已自动退出" not in text_of(browser.get("/sign-in"))
    assert other.get("/office").status_code == 200
    # What a script sends is answered where it was sent.
    again = town.signed_in(f"organisation:{town.cast.home}")
    form = again.form(again.get("/account"))
    town.forward(61)
    assert again.post("/office/x", form, **{"Sec-Fetch-Mode": "cors"}).status_code == 404
    sent = again.post("/account/sessions/end", form, **{"Sec-Fetch-Mode": "cors"})
    assert sent.status_code == 401


def test_no_address_or_foreign_cookie_says_that_somebody_was_signed_out(town: Town) -> None:
    browser = Browser(town.site)
    for value in ("role_not_allowed", "<b>", "token_revoked"):
        browser.client.set_cookie(f"{COOKIE}-ended", value, domain="ledger.example", secure=True)
        page = browser.get("/sign-in?why=session_idle&unsent=1")
        assert 'class="note' not in page.get_data(as_text=True)


def test_a_desk_at_which_somebody_acts_for_a_volunteer_is_still_a_desk(town: Town) -> None:
    """And going back to oneself does not wake it."""
    town.lent(f"staff:{town.reviewer}")
    browser = town.signed_in(f"staff:{town.reviewer}")
    assert browser.submit("/account", "/account/acting").status_code == 303
    form = browser.form(browser.get("/me"))
    town.forward(61)
    ended = browser.post("/account/acting/end", form)
    assert (ended.status_code, browser.session) == (303, "")
    assert browser.get("/account").status_code == 401


def test_the_account_page_says_until_when(town: Town) -> None:
    party = f"organisation:{town.cast.home}"
    first, second = town.signed_in(party), town.signed_in(party)
    town.forward(10)
    said = text_of(second.get("/account"))
    # Both began at the same time; the other one was not used since.
    assert "60 分钟没有操作也会退出" in said
    assert said.count("不再使用则至") == 1
    assert "不再使用" not in text_of(town.signed_in(f"volunteer:{town.old}").get("/account"))
    town.forward(51)
    assert second.get("/account").get_data(as_text=True).count('name="session"') == 0
    assert first.get("/account").status_code == 401


# Since when -------------------------------------------------------------------------------------


def test_acting_for_somebody_and_coming_back_is_no_signing_in(town: Town) -> None:
    town.lent(f"staff:{town.reviewer}")
    browser = town.signed_in(f"staff:{town.reviewer}")
    book = town.site.book
    town.forward(14)
    sessions.refuse_unless_lately(book, browser.session)
    browser.submit("/account", "/account/acting")
    browser.submit("/account", "/account/acting/end")
    town.forward(1, ms=-1)
    sessions.refuse_unless_lately(book, browser.session)
    town.forward(0, ms=1)
    browser.submit("/account", "/account/acting")
    browser.submit("/account", "/account/acting/end")
    for session, code in ((browser.session, "sign_in_again"), ("x", "not_signed_in")):
        with pytest.raises(Refused) as no:
            sessions.refuse_unless_lately(book, session)
        assert no.value.code == code


def test_nobody_makes_themselves_a_new_way_in_with_an_old_session(town: Town) -> None:
    """Neither a link nor a token for oneself, nor an operator another operator's; those of others
    are made all day."""
    me = town.site.get(town.site.operator, "/me")["party"]
    second = town.second_operator()
    desk = town.signed_in(me)
    office = town.signed_in(f"organisation:{town.cast.home}")
    own = f"/office/organisations/{town.cast.home}/link"
    staff = f"/office/staff/{town.reviewer}/link"
    form, of_office = desk.form(desk.get("/account")), office.form(office.get("/account"))
    town.forward(15)
    before = town.site.size()
    for party in (me, second):
        for what in ("link", "token"):
            made = desk.post(f"/operator/parties/{party}/{what}", {**form, "key": "k" * 20})
            assert made.status_code == 403, (party, what)
            assert "请先退出，重新登录" in text_of(made)
    assert office.post(own, {**of_office, "key": "k" * 20}).status_code == 403
    assert town.site.size() == before
    others = f"/operator/parties/organisation:{town.cast.home}/link"
    assert desk.post(others, {**form, "key": "k" * 20}).status_code == 200
    assert office.post(staff, {**of_office, "key": "k" * 20}).status_code == 200
    fresh = town.signed_in(me)
    form = {**fresh.form(fresh.get("/account")), "key": "l" * 20}
    assert fresh.post(f"/operator/parties/{me}/link", form).status_code == 200


# Attacks ----------------------------------------------------------------------------------------


def test_of_two_who_use_one_link_at_once_one_is_signed_in(town: Town) -> None:
    """In ten rounds of eight browsers, each of which had a session before that is over now."""
    party = f"organisation:{town.cast.home}"
    for _ in range(10):
        link = town.site.made(town.site.operator, "/sign-in-links", {"party": party})
        crowd = [Browser(town.site) for _ in range(8)]
        gate = Barrier(len(crowd))
        before = count(town)

        def press(browser: Browser, link: dict[str, str] = link, gate: Barrier = gate) -> int:
            gate.wait()
            return browser.use(link).status_code

        with ThreadPoolExecutor(len(crowd)) as at_once:
            answers = sorted(at_once.map(press, crowd))
        assert answers == [303] + [410] * 7
        assert len([each for each in crowd if each.session]) == 1
        assert count(town) == before + 1


def test_many_who_sign_in_at_once_where_a_thousand_sessions_are_over(town: Town) -> None:
    """Each removes what is over; nobody waits for another for ever, and everybody gets in."""
    party, now = f"organisation:{town.cast.home}", town.site.clock.ms
    fill(town, 1_000, until=now)
    links = [
        town.site.made(town.site.operator, "/sign-in-links", {"party": party}) for _ in range(8)
    ]
    gate = Barrier(len(links))

    def press(link: dict[str, str]) -> int:
        gate.wait()
        return Browser(town.site).use(link).status_code

    with ThreadPoolExecutor(len(links)) as at_once:
        assert set(at_once.map(press, links)) == {303}
    assert count(town) == len(links)


def test_thousands_of_open_sessions_are_all_ended_at_once(town: Town) -> None:
    browser = town.signed_in(f"organisation:{town.cast.home}")
    fill(town, 3_000, until=town.site.clock.ms + 10**8, since=town.site.clock.ms)
    assert browser.get("/account").status_code == 200
    assert browser.submit("/account", "/sign-out", where="everywhere").status_code == 303
    assert count(town) == 0


def test_one_way_of_signing_in_holds_no_more_than_a_few_browsers(town: Town) -> None:
    """Else whoever signs in by it again and again fills the table; the oldest give way."""
    book, now = town.site.book, town.site.clock.ms
    credential = credential_of(town)
    digests = [number.to_bytes(32, "big") for number in range(kept.BROWSERS_MAX + 5)]
    for number, digest in enumerate(digests):
        at = now + number
        kept.begin_on(book.database, credential, digest, instead=None, now=at, until=at + 10**7)
    with book.database.reading() as connection:
        left = connection.execute(
            select(tables.sessions.c.digest).where(tables.sessions.c.credential == credential)
        ).scalars()
        assert sorted(map(bytes, left)) == digests[5:]


@pytest.mark.parametrize("change", ["suspend", "leave", "forget"])
def test_whoever_takes_no_part_any_more_sees_nothing(town: Town, change: str) -> None:
    """In the session that they have, by the link that they did not use, or acting for another."""
    neighbour = town.site.volunteer(town.cast.home, name="李四")
    party = f"volunteer:{neighbour}"
    town.lent(party)
    browser, acting = town.signed_in(party), town.signed_in(party)
    assert acting.submit("/account", "/account/acting").status_code == 303
    unused = town.site.made(town.site.operator, "/sign-in-links", {"party": party})
    form = browser.form(browser.get("/account"))
    body = {"reason": "另有安排"} if change == "suspend" else {}
    town.site.made(town.site.operator, f"/parties/{party}/{change}", body)
    for each in (browser, acting):
        for path in ("/", "/me", "/account", "/me/history"):
            assert each.get(path).status_code in (401, 403), path
    assert browser.post("/account/helpers", {**form, "key": "0" * 32}).status_code in (401, 403)
    assert Browser(town.site).use(unused).status_code in (403, 410)


@pytest.mark.parametrize(
    "cookie",
    ["", " ", "x", "x" * 4_096, "x" * 200_000, "ä", "\u4e00" * 43, "%00", "a\\351b", '"', "=;="],
)
def test_a_cookie_that_is_none_of_ours_is_nobodys(town: Town, cookie: str) -> None:
    for name in (COOKIE, f"{COOKIE}-provider", f"{COOKIE}-ended", f"{COOKIE}-other"):
        headers = {"Cookie": f"{name}={cookie}".encode().decode("latin-1")}
        client = town.site.app.test_client(use_cookies=False)
        for path, status in (("/me", 401), ("/account", 401), ("/sign-in", 200)):
            answer = client.get(path, base_url="https://ledger.example", headers=headers)
            assert answer.status_code == status, (name, path)
        sent = {**headers, "Origin": "https://ledger.example"}
        answer = client.post(
            "/sign-out", base_url="https://ledger.example", headers=sent, data={"where": "here"}
        )
        assert answer.status_code in (401, 403)


def test_a_cookie_from_before_signing_in_anew_or_changing_roles_is_nobodys(town: Town) -> None:
    town.lent(f"staff:{town.reviewer}")
    browser = town.signed_in(f"staff:{town.reviewer}")
    seen = [browser.session]
    browser.submit("/account", "/account/acting")
    seen.append(browser.session)
    form = browser.form(browser.get("/account"))
    browser.submit("/account", "/account/acting/end")
    seen.append(browser.session)
    browser.signed_in(f"organisation:{town.cast.home}")
    thief = Browser(town.site)
    for old in seen:
        thief.session = old
        assert thief.post("/account/acting/end", form).status_code in (401, 403)
        thief.session = old
        assert thief.get("/account").status_code == 401
    assert browser.get("/office").status_code == 200


def test_only_one_cookie_name_counts(town: Town) -> None:
    """A cookie that another host of the domain could set signs nobody in."""
    browser = town.signed_in(f"volunteer:{town.old}")
    other = town.site.app.test_client(use_cookies=False)
    assert cookie_name(town.site.settings) == COOKIE
    for name in ("sidereal", "sidereal-on-this-machine", "__host-sidereal", "__Secure-sidereal"):
        headers = {"Cookie": f"{name}={browser.session}"}
        answer = other.get("/me", base_url="https://ledger.example", headers=headers)
        assert answer.status_code == 401, name


def credential_of(town: Town) -> str:
    """The credential of a party's newest link."""
    party = f"organisation:{town.cast.home}"
    return str(town.site.made(town.site.operator, "/sign-in-links", {"party": party})["credential"])


def fill(town: Town, many: int, *, until: int, since: int = 0) -> None:
    """Sessions as they would be in the table."""
    credential = credential_of(town)
    rows = [
        kept.Stands(credential, until, "", 0, since, since)._asdict()
        | {"digest": number.to_bytes(32, "big")}
        for number in range(many)
    ]
    with town.site.book.database.writing() as connection:
        connection.execute(insert(tables.sessions), rows)


def count(town: Town) -> int:
    with town.site.book.database.reading() as connection:
        return int(
            connection.execute(select(func.count()).select_from(tables.sessions)).scalar_one()
        )
