"""The auditor's desk: what it shows, what it asks first, and what it shows to nobody else."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import zipfile
from base64 import b64encode
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from api import checking
from api.checking import Checker
from api.current import State
from api.pages.auditor.entry import proof_steps
from api.pages.auditor.saying import named
from api.pages.guard import form_token
from api.pages.words import WORDS, kinds
from api.pages.words.facts import FACTS
from api.request_log import make_logger
from api.schemas import PARTY_KINDS
from api.settings import Settings
from api.timers import Timers, tasks
from audit import receipt
from audit.kinds import KINDS
from ledger import codes
from ledger.account import ISSUERS
from ledger.entry import KINDS as ENTRY_KINDS
from ledger.note import parse_proof, signature_lines
from ledger.store import runs, searching, tables
from ledger.store.runs import DONE, RUNNING, Run
from tests.api_client import Cast, Site
from tests.browser import serving
from tests.kit import Ledger
from tests.page_client import Browser, text_of

HOUR_MS = 3_600_000
ROOT = Path(__file__).resolve().parent.parent


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
    browser = desk.browser()
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


# The book ---------------------------------------------------------------------------------------


def test_whoever_has_not_said_why_is_asked_before_anything_is_shown(desk: Desk) -> None:
    browser = desk.browser(why="")
    for path in (
        "/audit/entries",
        "/audit/entries/3",
        f"/audit/accounts/volunteer:{desk.cast.ana}",
    ):
        page = browser.get(path)
        assert "为什么查阅" in text_of(page)
        assert desk.cast.ana not in page.get_data(as_text=True).replace(path, "")
        answer = browser.send(page, path, "/audit/reason", why="")
        assert answer.status_code == 422
    for path in ("/audit/entries/3/bytes", "/audit/entries/3/receipt", "/audit/findings"):
        assert "为什么查阅" in text_of(browser.get(path))
    answer = browser.send(browser.get("/audit/entries/3"), "/", "/audit/reason", why="抽查")
    assert answer.headers["Location"] == "/audit/entries/3"


def test_the_book_opens_at_its_newest_page_and_is_turned_back(desk: Desk) -> None:
    for _ in range(40):
        desk.site.volunteer(desk.cast.home)
    browser, size = desk.browser(), desk.site.size()
    assert size > 60
    page = browser.get("/audit/entries")
    text = text_of(page)
    assert f"#{size - 1} " in text
    assert f"#{size - 51} " not in text
    assert "断开" not in text
    earlier = re.search(r'href="([^"]+)" rel="prev"', page.get_data(as_text=True))
    assert earlier is not None
    before = text_of(browser.get(earlier[1]))
    assert f"#{size - 51} " in before
    assert "后一页" in before


def test_postings_stand_as_from_and_to_with_their_unit(desk: Desk) -> None:
    text = text_of(desk.browser().get("/audit/entries?kind=service_recorded"))
    ana = desk.cast.ana
    assert f"服务时长发行 志愿者服务时长（签到） {ana} 8 小时" in text
    assert f"积分发行 志愿者积分 2028年3月31日 失效 {ana} 8 积分" in text
    assert "志愿者注册" not in text.partition("所有种类")[2].partition("查看")[2]
    assert "Service recorded" in text_of(desk.browser().get("/audit/entries?lang=en&kind=genesis"))


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("kind=genesis", "#0 ", "#1 "),
        ("last_day=2020-01-01", "#0 ", "凭证签发 "),
        ("first_day=2025-03-10", "凭证签发", "#0 "),
        ("first_day=2030-01-01", "没有这样的条目", "#0 "),
    ],
)
def test_the_book_is_filtered(desk: Desk, query: str, shown: str, hidden: str) -> None:
    text = text_of(desk.browser().get(f"/audit/entries?{query}")).partition(" 查看 ")[2]
    assert shown in text
    assert hidden not in text


def test_entries_about_somebody_are_found_by_their_owner(desk: Desk) -> None:
    other = desk.site.volunteer(desk.cast.home)
    text = text_of(desk.browser().get(f"/audit/entries?owner=volunteer:{other}"))
    assert "志愿者注册" in text
    assert "服务时长发行" not in text


@pytest.mark.parametrize("query", ["kind=nothing", "owner=me", "first_day=today", "after=x"])
def test_a_filter_that_is_none_is_told(desk: Desk, query: str) -> None:
    page = desk.browser().get(f"/audit/entries?{query}")
    assert page.status_code == 422
    assert 'role="alert"' in page.get_data(as_text=True)


def test_every_look_is_in_the_access_log_with_its_reason(desk: Desk) -> None:
    browser = desk.browser(why="抽查三号")
    vault = desk.site.book.vault
    before, _, _ = vault.access_digest(0)
    browser.get("/audit/entries/3")
    rows = [row[2:] for row in vault.store.access_rows(before)]
    assert rows == [(f"auditor:{desk.auditor}", "entries/3", "audit")]
    assert "抽查三号" in desk.site.log.getvalue()


# One entry --------------------------------------------------------------------------------------


def test_an_entry_shows_its_bytes_and_how_it_hangs_together(desk: Desk, tmp_path: Path) -> None:
    browser, book = desk.browser(), desk.site.book
    book.signer.sign()
    page = browser.get("/audit/entries/5")
    text, entry = text_of(page), book.entry(5)
    assert unescape(page.get_data(as_text=True)).count(entry.data.decode()) == 1
    assert text.count("相符") == 6
    assert "不符" not in text.replace("不符”", "")
    assert entry.hash.hex() in text
    assert book.checkpoint()[0].root.hex() in text
    assert browser.get("/audit/entries/5/bytes").data == entry.data
    (tmp_path / "receipt.json").write_bytes(browser.get("/audit/entries/5/receipt").data)
    assert receipt.main([str(tmp_path / "receipt.json"), "--key", book.keys.log.vkey]) == 0


def test_what_no_checkpoint_covers_yet_says_so(desk: Desk) -> None:
    browser = desk.browser()
    last = desk.site.size() - 1
    assert "还没有检查点覆盖这一条" in text_of(browser.get(f"/audit/entries/{last}"))
    assert browser.get(f"/audit/entries/{last}/receipt").status_code == 409
    assert browser.get(f"/audit/entries/{last + 1}").status_code == 404
    assert browser.get("/audit/entries/99999999999999999999").status_code == 404


def test_every_step_of_a_proof_leads_to_the_signed_root(desk: Desk) -> None:
    book = desk.site.book
    book.signer.sign()
    checkpoint, _ = book.checkpoint()
    for index in range(checkpoint.size):
        given = book.receipt(index)
        hashes = parse_proof(given.proof).hashes
        steps = proof_steps(book.entry(index).hash, index, checkpoint.size, hashes)
        assert steps[-1].result == checkpoint.root.hex()


def test_a_changed_entry_is_seen_on_its_page_and_in_the_book(desk: Desk, ledger: Ledger) -> None:
    if not ledger.is_sqlite:
        pytest.skip("a trigger is dropped here, which takes the table's owner")
    ledger.tampered = True
    desk.site.book.signer.sign()
    desk.tamper("DROP TRIGGER entries_are_never_updated")
    changed = "CAST(replace(CAST(data AS TEXT), 'volunteer', 'voluntee_') AS BLOB)"
    index = next(n for n in range(5, 20) if b"volunteer" in desk.site.book.entry(n).data)
    desk.tamper(f"UPDATE entries SET data = {changed} WHERE idx = {index}")
    browser = desk.browser()
    text = text_of(browser.get(f"/audit/entries/{index + 1}"))
    assert "不符 前一条重算的哈希" in text
    assert "断开" in text_of(browser.get("/audit/entries"))


def test_each_kind_of_account_and_fact_has_words() -> None:
    """Whatever an entry can hold, its page can be shown."""
    assert set(FACTS) == {name for kind in ENTRY_KINDS.values() for name in kind}
    one = "0" * 16
    purses = ("service:check_in", "service:backfill", "time", "points:2028-03-31", "owed:time")
    shown = [
        *(f"volunteer:{one}:{purse}" for purse in (*purses, "owed:point", "stars", "credit")),
        *(f"merchant:{one}:{purse}" for purse in ("claims", "settled", "clawed_back")),
        *ISSUERS.values(),
        *(f"{role}:{one}" for role in (*PARTY_KINDS, "held", "pool")),
        *("lapsed", "pool:platform", "console", "system"),
    ]
    missing = [each for each in shown if f"acct.{named(each).kind}" not in WORDS]
    assert missing == []


# Accounts ---------------------------------------------------------------------------------------


def test_an_account_is_shown_stored_and_replayed_with_each_line(desk: Desk) -> None:
    text = text_of(desk.browser().get(f"/audit/accounts/volunteer:{desk.cast.ana}"))
    assert "志愿者服务时长（签到） 8 小时 8 小时 一致" in text
    assert "服务记录 志愿者服务时长（签到） 服务时长发行 +8 小时 8 小时" in text


def test_a_stored_balance_that_its_postings_do_not_say_is_red(desk: Desk, ledger: Ledger) -> None:
    ledger.tampered = True
    desk.tamper("UPDATE balances SET amount = amount + 60 WHERE purse = 'service:check_in'")
    text = text_of(desk.browser().get(f"/audit/accounts/volunteer:{desk.cast.ana}"))
    assert "9 小时 8 小时 不一致" in text
    assert "1 个账户的数据与分录不符" in text


def test_every_account_of_a_town_is_what_its_postings_say(desk: Desk) -> None:
    """Whether its lines are found by mentions or by searching the journal."""
    site, cast = desk.site, desk.cast
    till = site.till()
    reward = site.reward(till)
    made = site.made(cast.ana_token, "/redemptions", {"reward": reward, "quantity": 3})
    site.clock.forward(seconds=20)
    body = {"code": made["code"], "quantity": 2}
    site.made(till.token, "/redemptions/capture", body)
    with site.book.database.reading() as connection:
        owners = {row[0] for row in connection.execute(sa.select(tables.balances.c.owner))}
        assert {"issuer:point", f"held:{made['redemption']}"} <= owners
        for owner in owners:
            found = searching.accounts_of(connection, owner)
            assert {key: n for key, n in found.replayed.items() if n or key in found.stored} == (
                found.stored
            ), owner


@pytest.mark.parametrize("owner", ["volunteer:0000000000000000", "me", "volunteer:x", "console"])
def test_an_account_that_nobody_has_is_not_found(desk: Desk, owner: str) -> None:
    assert desk.browser().get(f"/audit/accounts/{owner}").status_code == 404


def test_a_long_account_is_read_page_by_page(desk: Desk) -> None:
    token, path = desk.token(), "/accounts/issuer:point"
    for day in (4, 5, 6, 7):
        desk.cast.served(f"2025-03-0{day} 09:00", "11:00")
    why = {"Reason": "count"}
    whole = desk.site.get(token, path, **why)["data"]
    first = desk.site.get(token, f"{path}?limit=2", **why)
    rest = desk.site.get(
        token, f"{path}?limit=200&starting_after={first['data'][-1]['entry']}", **why
    )
    assert first["has_more"]
    assert first["data"] + rest["data"] == whole


# Search -----------------------------------------------------------------------------------------


def found_by(desk: Desk, typed: str) -> str:
    """Where a search leads straight away."""
    answer = desk.browser().submit("/audit/search", "/audit/search", typed=typed)
    assert answer.status_code == 303, text_of(answer)
    return str(answer.headers["Location"])


def test_whatever_an_auditor_holds_leads_to_its_entries(desk: Desk) -> None:
    site, cast = desk.site, desk.cast
    till = site.till()
    voucher = site.made(cast.ana_token, "/redemptions", {"reward": site.reward(till)})
    numbered = site.volunteer(cast.home, number="YS-00042")
    record = site.get(cast.host, "/service-records")["data"][0]
    certificate = site.made(
        cast.host,
        f"/volunteers/{cast.ana}/certificates",
        {
            "organisation": cast.home,
            "first_day": "2025-03-01",
            "last_day": "2025-03-08",
            "content": "为老人量血压",
        },
    )
    ana = f"/audit/accounts/volunteer:{cast.ana}"
    assert found_by(desk, "#3") == "/audit/entries/3"
    assert found_by(desk, " 1 2 ") == "/audit/entries/12"
    assert found_by(desk, f"volunteer:{cast.ana}:time") == ana
    assert found_by(desk, cast.ana.upper()) == ana
    assert found_by(desk, "issuer:point") == "/audit/accounts/issuer:point"
    assert found_by(desk, "ys-00042".upper()) == f"/audit/accounts/volunteer:{numbered}"
    entry = f"/audit/entries/{voucher['entry']}"
    assert {found_by(desk, each) for each in (voucher["code"], voucher["code_url"])} == {entry}
    assert found_by(desk, voucher["redemption"]) == entry
    assert found_by(desk, record["record"]) == f"/audit/entries/{record['entry']}"
    number = certificate["number"]
    assert found_by(desk, number.lower()) == f"/audit/entries/{certificate['entry']}"


def test_what_can_mean_two_things_shows_both(desk: Desk) -> None:
    desk.site.volunteer(desk.cast.home, number="7")
    page = text_of(desk.browser().submit("/audit/search", "/audit/search", typed="7"))
    assert "条目 7 #7" in page
    assert "志愿者" in page.partition("可能是")[2]


def test_a_search_says_nothing_of_anybody_but_ids(desk: Desk) -> None:
    desk.site.volunteer(desk.cast.home, number="7", name="王小明")
    page = desk.browser().submit("/audit/search", "/audit/search", typed="7")
    assert "王小明" not in text_of(page)


def test_whoever_is_found_can_read_who_looked(desk: Desk) -> None:
    who = desk.site.volunteer(desk.cast.home, number="YS-7")
    vault = desk.site.book.vault
    before, _, _ = vault.access_digest(0)
    found_by(desk, "YS-7")
    rows = [row[2:] for row in vault.store.access_rows(before)]
    assert (f"auditor:{desk.auditor}", who, "audit") in rows


def test_what_is_typed_stands_in_no_address_and_no_log(desk: Desk) -> None:
    desk.site.volunteer(desk.cast.home, number="YS-77")
    assert "YS-77" not in found_by(desk, "YS-77")
    assert "YS-77" not in desk.site.log.getvalue()


def test_the_search_takes_a_reason_along(desk: Desk) -> None:
    browser = desk.browser(why="")
    assert browser.submit("/audit/search", "/audit/search", typed="#3").status_code == 403
    answer = browser.submit("/audit/search", "/audit/search", typed="#3", why="抽查")
    assert answer.headers["Location"] == "/audit/entries/3"
    assert "查阅理由 抽查" in text_of(browser.get("/audit"))


@pytest.mark.parametrize("typed", ["", "nobody", "x" * 300, "0" * 26, "999999", "\u0000"])
def test_what_is_known_to_nobody_is_told_so(desk: Desk, typed: str) -> None:
    page = desk.browser().submit("/audit/search", "/audit/search", typed=typed)
    assert page.status_code in (200, 422)
    assert "没有查到" in text_of(page) or 'role="alert"' in page.get_data(as_text=True)


def test_codes_are_not_guessed_by_searching(desk: Desk) -> None:
    browser = desk.browser()
    code = codes.make_code(bytes(codes.RANDOM_BYTES))
    form = {"form": form_token(browser.session), "typed": code}
    answers = [browser.post("/audit/search", form).status_code for _ in range(42)]
    assert answers[:40] == [200] * 40
    assert answers[-1] == 429


# Findings, downloads ----------------------------------------------------------------------------


def test_findings_stand_with_their_weight_and_lead_to_their_entries(desk: Desk) -> None:
    for n in range(3, 33):
        who = desk.site.volunteer(desk.cast.home)
        desk.cast.served("2025-03-05 09:00", "12:00", who=who, evidence="backfill")
        assert n
    text = text_of(desk.browser().get("/audit/findings"))
    assert "多半是补录" in text
    assert "分量" in text
    assert f"志愿服务组织 {desk.cast.home}" in text
    assert "没有发现异常" in text_of(desk.browser().get("/audit/findings?since=2025-03-09"))
    assert desk.browser().get("/audit/findings?since=x").status_code == 422


def test_the_bundle_is_a_form_and_asks_why(desk: Desk) -> None:
    browser = desk.browser(why="")
    assert browser.submit("/audit/exports", "/audit/bundle").status_code == 403
    answer = browser.submit("/audit/exports", "/audit/bundle", why="年度审计")
    assert answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        names = set(archive.namelist())
    assert names == {
        f"bundle/{each}"
        for each in ("balances.jsonl", "checkpoint", "entries.jsonl", "manifest.json")
    }


def test_downloads_say_what_each_is_for_and_how_large(desk: Desk) -> None:
    book = desk.site.book
    book.signer.sign()
    text = text_of(desk.browser().get("/audit/exports"))
    size, note = book.checkpoint()[0].size, book.checkpoint()[1]
    assert f"{size} 条，解开后约" in text
    assert f"{len(note)} 字节" in text
    for each in (book.keys.log, book.keys.ack, book.keys.manifest):
        assert each.vkey in text
    assert f"0 1 {size * 32} B" in text or f"0 1 {size * 32 / 1000:.1f} kB" in text


def commands_of(page: TestResponse) -> list[str]:
    """Every command that a page prints."""
    html = page.get_data(as_text=True)
    return [
        unescape(each) for each in re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", html, re.S)
    ]


def test_every_command_that_is_printed_does_what_it_says(desk: Desk, tmp_path: Path) -> None:
    """As they stand, in a shell of an auditor's own, against a server that listens."""
    site = desk.site
    site.book.signer.sign()
    with serving(site) as url:
        # Signed in first: the form's own address is the configured one, which is another here.
        browser = desk.browser()
        state = site.app.extensions["sidereal"]
        settings = Settings(home=site.book.home, public_url=url)
        site.app.extensions["sidereal"] = replace(state, settings=settings)
        name = "sidereal-on-this-machine"
        browser.client.set_cookie(name, browser.session, domain="ledger.example")
        verify, entry = browser.get("/audit/verify"), browser.get("/audit/entries/5")
        printed = [*commands_of(verify)]
        of_entry = [each for each in commands_of(entry) if not each.startswith('{"')]
        of_entry = [each for each in of_entry if "\n" not in each]
        assert len(printed) == 8
        assert [each.split()[0] for each in of_entry] == ["{", "python", "curl"]
        # On that page the receipt is downloaded before it is checked.
        (tmp_path / "entry-5.json").write_bytes(browser.get("/audit/entries/5/bytes").data)
        printed += [of_entry[2], of_entry[1], of_entry[0]]
        said = {}
        environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "TOKEN": desk.token(),
            "REASON": "audit 2025",
        }
        for each in printed:
            done = subprocess.run(
                ["/bin/bash", "-c", each],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, (each, done.stdout, done.stderr)
            said[each] = done.stdout
    assert sum(out.startswith("VERIFIED") for out in said.values()) == 5
    assert site.book.entry(5).hash.hex() in said[printed[-1]]


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
