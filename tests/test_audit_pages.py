"""The auditor's desk: what it shows, what it asks first, and what it shows to nobody else."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from api import checking
from api.checking import Checker
from api.current import State
from api.pages.guard import form_token
from api.pages.words import kinds
from api.request_log import make_logger
from api.timers import Timers, tasks
from audit.kinds import KINDS
from ledger.note import signature_lines
from ledger.store import runs
from ledger.store.runs import DONE, RUNNING, Run
from tests.api_client import Cast, Site
from tests.kit import Ledger
from tests.page_client import Browser, text_of

HOUR_MS = 3_600_000


@dataclass
class Desk:
    """An auditor at their desk, in a town where somebody served."""

    site: Site
    cast: Cast
    auditor: str

    def browser(self, why: str = "投诉 17 号") -> Browser:
        """Signed in, with a reason unless there is none."""
        browser = Browser(self.site).signed_in(f"auditor:{self.auditor}")
        if why:
            assert browser.submit("/audit/reason", why=why).status_code == 303
        return browser

    def token(self) -> str:
        return self.site.token(f"auditor:{self.auditor}", "auditor")

    def checker(self) -> Checker:
        state: State = self.site.app.extensions["sidereal"]
        return state.checker

    def tamper(self, statement: str) -> None:
        with self.site.book.database.writing() as connection:
            connection.execute(sa.text(statement))


@pytest.fixture
def desk(ledger: Ledger) -> Desk:
    site = Site(ledger.open(), ledger.clock)
    cast = Cast(site)
    auditor = site.made(site.operator, "/auditors", {"name": "审计所"})["auditor"]
    cast.served("2025-03-03 09:00", "17:00")
    return Desk(site, cast, str(auditor))


def test_every_kind_of_entry_has_words_in_both_languages() -> None:
    """And there are words for no kind that there is not."""
    assert kinds.KINDS.keys() == KINDS.keys()


def test_the_first_page_says_where_the_book_stands(desk: Desk) -> None:
    browser = desk.browser()
    page = text_of(browser.get("/audit"))
    assert f"{desk.site.size()} 条" in page
    assert f"#{desk.site.size() - 1} 凭证签发" in page
    desk.site.book.signer.sign()
    covered = desk.site.size()
    desk.site.clock.ms += 3 * HOUR_MS
    desk.cast.served("2025-03-04 09:00", "17:00")
    text = text_of(browser.get("/audit"))
    assert f"覆盖 {covered} 条 还有 {desk.site.size() - covered} 条等下一个检查点" in text
    assert desk.site.book.keys.log.key_id.hex() in text
    assert "3 小时前" in text
    assert "还没有独立见证者" in text
    assert "Newest checkpoint" in text_of(browser.get("/audit?lang=en"))


# What was checked -------------------------------------------------------------------------------


def test_a_check_is_asked_for_and_its_outcome_stands_with_who_asked(desk: Desk) -> None:
    browser = desk.browser()
    assert "每一行数据与条目 还没有做过" in text_of(browser.get("/audit"))
    size = desk.site.size()
    assert browser.submit("/audit", "/audit/check").headers["Location"] == "/audit#checked"
    desk.checker().wait()
    text = text_of(browser.get("/audit"))
    assert f"每一行数据与条目 正常 09:00 · 共 {size} 条" in text
    assert f"由 auditor:{desk.auditor}" in text
    assert desk.site.size() == size
    (run,) = desk.site.get(desk.token(), "/runs")["checks"]
    assert run["found"] == {"entries": size, "different": 0, "tables": []}


def test_a_row_that_the_entries_do_not_say_is_told(desk: Desk, ledger: Ledger) -> None:
    ledger.tampered = True
    desk.tamper("UPDATE balances SET amount = amount + 1 WHERE purse = 'service:check_in'")
    browser = desk.browser()
    browser.submit("/audit", "/audit/check")
    desk.checker().wait()
    text = text_of(browser.get("/audit"))
    assert "每一行数据与条目 不一致" in text
    assert "1 行与条目不符，在这些表里：balances" in text


def test_a_broken_chain_is_a_check_that_failed(desk: Desk, ledger: Ledger) -> None:
    ledger.tampered = True
    if not ledger.is_sqlite:
        pytest.skip("a trigger is dropped here, which takes the table's owner")
    desk.tamper("DROP TRIGGER entries_are_never_updated")
    changed = "CAST(replace(CAST(data AS TEXT), 'salt', 'sald') AS BLOB)"
    desk.tamper(f"UPDATE entries SET data = {changed} WHERE idx = 3")
    browser = desk.browser()
    browser.submit("/audit", "/audit/check")
    desk.checker().wait()
    assert "每一行数据与条目 没有做成" in text_of(browser.get("/audit"))


def test_one_check_runs_at_a_time(desk: Desk) -> None:
    """Whoever asks meanwhile is told, by page and by API; one that was cut off blocks nobody."""
    book = desk.site.book
    run = Run("check", book.clock.now_ms(), 0, RUNNING, {}, "operator:x")
    runs.begin_alone(book.database, book.origin, run)
    desk.site.clock.forward(seconds=1)
    answer = desk.browser().submit("/audit", "/audit/check")
    assert answer.status_code == 409
    assert "核对正在进行" in text_of(answer)
    assert desk.site.send("POST", "/v1/checks", token=desk.token()).code == "already_running"
    desk.site.clock.ms += runs.LOST_MS
    assert desk.site.send("POST", "/v1/checks", token=desk.token()).status == 202
    desk.checker().wait()


def test_the_command_line_keeps_its_check_as_well(desk: Desk) -> None:
    checking.check(desk.site.book, asked_by="console")
    assert "由 console" in text_of(desk.browser().get("/audit"))


def test_the_page_says_when_the_timers_last_ran(desk: Desk) -> None:
    book = desk.site.book
    timers = Timers(book, tasks(book), log=make_logger(desk.site.log))
    sweep = next(each for each in tasks(book) if each.name == "sweep")
    assert timers.run_once(sweep)
    text = text_of(desk.browser().get("/audit"))
    assert "每个账户余额与分录 正常 09:00" in text
    assert "每日重算全部余额 09:00 正常" in text
    assert "签检查点 还没有做过" in text


def test_only_the_newest_runs_are_remembered(desk: Desk) -> None:
    database = desk.site.book.database
    for began in range(30):
        runs.keep(database, Run("check", began, began, DONE, {}, ""))
        runs.keep(database, Run("sweep", began, began, DONE, {}, ""))
    with database.reading() as connection:
        kept = [each.began for each in runs.of_task(connection, "check")]
        assert kept == list(range(29, 29 - runs.KEPT, -1))
        assert runs.newest(connection)["sweep"].began == 29


# Why --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("why", ["", "   ", "x" * 201, "a\u0007b"])
def test_a_reason_is_one_short_line(desk: Desk, why: str) -> None:
    answer = desk.browser(why="").submit("/audit/reason", why=why)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.get_data(as_text=True)


def test_the_reason_stands_at_the_top_and_can_be_changed(desk: Desk) -> None:
    browser = desk.browser(why="投诉 17 号")
    assert "查阅理由 投诉 17 号 更改" in text_of(browser.get("/audit"))
    assert browser.submit("/audit/reason", why="抽查").headers["Location"] == "/audit"
    assert "查阅理由 抽查" in text_of(browser.get("/audit"))


@pytest.mark.parametrize("way", ["https://evil.example/", "//evil.example", "/till", "/auditx", ""])
def test_after_the_reason_nobody_is_sent_elsewhere(desk: Desk, way: str) -> None:
    answer = desk.browser(why="").submit("/audit/reason", why="抽查", next=way)
    assert answer.headers["Location"] == "/audit"


def test_another_session_is_asked_anew(desk: Desk) -> None:
    browser = desk.browser()
    browser.signed_in(f"auditor:{desk.auditor}")
    assert "投诉 17 号" not in text_of(browser.get("/audit"))


# Who --------------------------------------------------------------------------------------------


def test_nobody_else_reaches_the_desk(desk: Desk) -> None:
    assert Browser(desk.site).get("/audit").status_code == 401
    till = desk.site.till()
    merchant = Browser(desk.site).signed_in(f"merchant:{till.merchant}", terminal=till.terminal)
    assert merchant.get("/audit").status_code == 403
    form = {"form": form_token(merchant.session), "why": "抽查"}
    for path in ("/audit/reason", "/audit/check"):
        assert merchant.post(path, form).status_code == 403
        assert desk.browser().post(path, {"form": "0" * 64, "why": "抽查"}).status_code == 403
    foreign = desk.browser()
    own = {"form": form_token(foreign.session)}
    assert foreign.post("/audit/check", own, Origin="https://evil.example").status_code == 403


def test_the_head_is_in_the_api_for_auditors_and_operators(desk: Desk) -> None:
    site = desk.site
    token = site.token(f"auditor:{desk.auditor}", "auditor")
    site.book.signer.sign()
    for each in (token, site.operator):
        head = site.get(each, "/head").json
        assert head["size"] == head["checkpoint"]["size"] == site.size()
        assert head["key"] == site.book.keys.log.vkey
        assert head["checkpoint"]["root"] == site.book.checkpoint()[0].root.hex()
        assert head["checkpoint"]["cosignatures"] == []
    assert site.get(desk.cast.host, "/head").status == 403


def test_a_witness_is_named_beside_the_key_of_the_log(desk: Desk) -> None:
    """As C2SP writes cosignatures: a time of eight bytes before the signature."""
    book = desk.site.book
    _, note = book.checkpoint()
    stamp = b"abcd" + (1_741_000_000).to_bytes(8, "big") + bytes(64)
    line = f"\N{EM DASH} witness.example {b64encode(stamp).decode()}\n"
    (own, cosigned) = signature_lines(note + line.encode())
    assert (own.name, own.key_id, own.time) == (book.origin, book.keys.log.key_id, 0)
    assert (cosigned.name, cosigned.time) == ("witness.example", 1_741_000_000)
