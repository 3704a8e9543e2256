"""The auditor's desk: what it shows, what it asks first, and what it shows to nobody else."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

import pytest

from api.pages.words import kinds
from audit.kinds import KINDS
from ledger.note import signature_lines
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

    def browser(self) -> Browser:
        return Browser(self.site).signed_in(f"auditor:{self.auditor}")


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
    assert "没有。还没有独立见证者" in text
    assert "Newest checkpoint" in text_of(browser.get("/audit?lang=en"))


def test_nobody_else_reaches_the_desk(desk: Desk) -> None:
    assert Browser(desk.site).get("/audit").status_code == 401
    till = desk.site.till()
    merchant = Browser(desk.site).signed_in(f"merchant:{till.merchant}", terminal=till.terminal)
    assert merchant.get("/audit").status_code == 403


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
