"""A voucher as a QR code and on a slip: for whoever holds it, as long as it can be used."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from werkzeug.test import TestResponse

from ledger.store import tables
from tests.api_client import PUBLIC_URL, Cast, Site, Till, moment, site_of_its_own
from tests.test_papers import bare, picture_of, text_of

NAME = "张三"


@dataclass(frozen=True)
class Held:
    """A voucher and the tokens around it."""

    site: Site
    till: Till
    redemption: str
    code: str
    holder: str
    stranger: str

    def get(self, what: str, token: str = "", **headers: str) -> TestResponse:
        """The picture or the slip."""
        sent = {"Authorization": f"Bearer {token or self.holder}", **headers}
        path = f"/v1/redemptions/{self.redemption}/{what}"
        return self.site.client().get(path, headers=sent)

    @property
    def url(self) -> str:
        return f"{PUBLIC_URL}/r#{self.code.replace('-', '')}"


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site_of_its_own(sqlite_template, tmp_path_factory.mktemp("site") / "home") as made:
        made.cast = Cast(made)
        yield made


@pytest.fixture
def held(site: Site) -> Held:
    town = site.cast
    assert town is not None
    who = site.volunteer(town.home, name=NAME)
    town.served("2025-03-08 09:00", "14:00", who=who)
    till = site.till()
    reward = site.reward(
        till, title="=手工面包", branches=[till.branch], valid_until=moment("2025-04-01 00:00")
    )
    holder = site.volunteer_token(who)
    made = site.made(holder, "/redemptions", {"reward": reward, "quantity": 2})
    stranger = site.volunteer_token(site.volunteer(town.home))
    return Held(site, till, made["redemption"], made["code"], holder, stranger)


def test_a_guarded_code_is_a_picture_of_this_half_minute(held: Held) -> None:
    """What a camera reads is what a till takes, and the next picture is another."""
    path = f"/redemptions/{held.redemption}/rotating"
    held.site.made(held.holder, path)
    texts = []
    for _ in range(2):
        answer = held.get("qr", Accept="image/png")
        assert answer.headers["Cache-Control"] == "no-store"
        (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(answer.data)))
        assert found.text == held.site.get(held.holder, path)["code_url"]
        body = {"code": found.text.partition("#")[2]}
        assert held.site.post(held.till.token, "/redemptions/verify", body).status == 200
        texts.append(found.text)
        held.site.clock.forward(seconds=30)
    assert texts[0] != texts[1]
    assert all(text.startswith(f"{held.url}.") for text in texts)


def test_the_code_is_a_picture_that_a_camera_reads(held: Held) -> None:
    answer = held.get("qr", Accept="image/png")
    assert (answer.status_code, answer.content_type) == (200, "image/png")
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(answer.data)))
    assert found.text == held.url
    assert held.code.replace("-", "") not in str(answer.headers)


@pytest.mark.parametrize(
    "accept", ["", "*/*", "image/svg+xml", "image/*", "image/avif,image/webp,*/*;q=0.8"]
)
def test_it_is_svg_unless_something_else_is_wanted(held: Held, accept: str) -> None:
    answer = held.get("qr", **({"Accept": accept} if accept else {}))
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert ElementTree.fromstring(answer.data).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314
    assert answer.headers["Vary"] == "Accept"
    assert answer.headers["Cache-Control"] == "no-store"


def test_in_another_form_it_is_not_to_be_had(held: Held) -> None:
    answer = held.get("qr", Accept="image/jpeg")
    assert (answer.status_code, answer.get_json()["code"]) == (406, "not_acceptable")


def test_the_slip_has_all_that_a_till_needs_and_no_name(held: Held) -> None:
    answer = held.get("slip")
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"] == "inline; filename=voucher.pdf"
    said = text_of(answer.data)
    for part in ("=手工面包", "2份", "晨光面包", "东门店", held.code):
        assert bare(part) in said
    assert NAME not in said
    (found,) = zxingcpp.read_barcodes(picture_of(answer.data, dots_per_inch=203))
    assert found.text == held.url
    with pypdfium2.PdfDocument(answer.data) as document:
        assert len(document) == 1
        assert NAME not in str(document.get_metadata_dict())


def test_the_till_takes_what_the_camera_read(held: Held) -> None:
    (found,) = zxingcpp.read_barcodes(picture_of(held.get("slip").data, dots_per_inch=203))
    code = found.text.partition("#")[2]
    taken = held.site.post(held.till.token, "/redemptions/capture", {"code": code})
    assert (taken.status, taken["redemption"]) == (201, held.redemption)
    for what in ("qr", "slip"):
        answer: Any = held.get(what)
        assert (answer.status_code, answer.get_json()["code"]) == (409, "redemption_state_conflict")
        assert answer.get_json()["facts"] == {"state": "captured"}


@pytest.mark.parametrize("what", ["qr", "slip"])
def test_anothers_voucher_answers_as_one_that_is_not_there(held: Held, what: str) -> None:
    theirs = held.get(what, held.stranger)
    nothing = held.site.get(held.stranger, f"/redemptions/{'0' * 16}/{what}")
    assert (theirs.status_code, nothing.status) == (404, 404)
    assert theirs.get_json()["detail"] == nothing["detail"]
    assert held.get(what, held.site.operator).status_code == 403
    assert held.get(what, held.till.token).status_code == 403


def test_a_code_that_was_lost_is_not_drawn(held: Held) -> None:
    with held.site.book.database.writing() as connection:
        connection.execute(
            tables.codes.delete().where(tables.codes.c.redemption == held.redemption)
        )
    assert held.get("qr").status_code == 404
    assert held.get("slip").status_code == 404


def test_no_code_reaches_a_log(held: Held) -> None:
    held.get("qr")
    held.get("slip")
    assert held.code.replace("-", "") not in held.site.log.getvalue().replace("-", "")
