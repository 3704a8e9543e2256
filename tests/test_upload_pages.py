"""Uploading exports on pages: whose they are, what is downloaded of them, what no form may do."""

from __future__ import annotations

import csv
import io

import pytest
from werkzeug.test import TestResponse

from api.spreadsheets import csv_file, harmless
from ledger.door import imports
from tests.api_client import Site, organisation_code
from tests.exports import BO_ID, CLUB, row, text_of
from tests.page_client import Browser
from tests.page_client import text_of as said

BO = {"志愿者编号": "V2", "姓名": "=1+1", "证件号码": BO_ID}


@pytest.fixture
def office(site: Site) -> Browser:
    return Browser(site).signed_in(f"organisation:{site.organisation(organisation_code=CLUB)}")


def uploaded(office: Browser, *rows: list[str]) -> str:
    """The address of an upload of these rows."""
    file = (io.BytesIO(text_of(list(rows)).encode()), "export.csv")
    answer = office.submit("/office/uploads", "/office/uploads", file=file)
    assert answer.status_code == 303, said(answer)
    return answer.headers["Location"]


def test_a_file_is_tried_and_nothing_is_recorded(site: Site, office: Browser) -> None:
    before = site.size()
    here = uploaded(office, row(), row(**BO, 签退=""))
    shown = said(office.get(here))
    assert "确认入账 1 行" in shown
    assert "没有签退时间" in shown
    assert site.size() == before


def test_what_is_no_export_is_said_on_the_form(office: Browser) -> None:
    file = (io.BytesIO("编号,姓名\n".encode()), "x.csv")
    answer = office.submit("/office/uploads", "/office/uploads", file=file)
    assert answer.status_code == 422
    assert "二十个列名" in said(answer)
    assert office.submit("/office/uploads", "/office/uploads").status_code == 422


def test_a_form_sent_twice_uploads_once(office: Browser) -> None:
    page = office.get("/office/uploads")
    places = set()
    for _ in range(2):
        file = (io.BytesIO(text_of([row()]).encode()), "export.csv")
        places.add(
            office.send(page, "/office/uploads", "/office/uploads", file=file).headers["Location"]
        )
    assert len(places) == 1


def test_a_commit_is_shown_to_be_under_way_and_done(site: Site, office: Browser) -> None:
    here = uploaded(office, row())
    assert office.submit(here, f"{here}/commit").status_code == 303
    assert "已完成 0 行，共 1 行" in said(office.get(here))
    imports.advance(site.book)
    assert "已全部入账" in said(office.get(here))


def test_a_stale_form_commits_nothing(site: Site, office: Browser) -> None:
    here = uploaded(office, row(), row(**BO))
    stale = office.get(here)
    office.submit(here, f"{here}/leave-out", record="1")
    refused = office.send(stale, here, f"{here}/commit")
    assert refused.status_code == 409
    assert "刚被改动过" in said(refused)
    assert imports.advance(site.book) == {}


def test_a_number_in_other_digits_ticks_no_row(office: Browser) -> None:
    here = uploaded(office, row())
    answer = office.submit(here, f"{here}/leave-out", record="²")
    assert answer.headers["Location"] == here


def test_a_row_that_is_still_wrong_says_so(office: Browser) -> None:
    here = uploaded(office, row(签退=""))
    cells = {f"cell-{at}": cell for at, cell in enumerate(row(签退="2025-03-08 08:00"))}
    answer = office.submit(f"{here}/rows/1", "", **cells)
    again = office.get(answer.headers["Location"])
    assert "还有问题： 结束时间须晚于开始时间" in said(again)
    cells = {f"cell-{at}": "\x07" for at in range(20)}
    assert office.submit(f"{here}/rows/1", "", **cells).status_code == 422


def rows_of(answer: TestResponse) -> list[list[str]]:
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline="")))


def test_refused_rows_come_back_as_a_file_that_runs_nothing(office: Browser) -> None:
    here = uploaded(office, row(), row(**BO, 签退=""))
    header, only = rows_of(office.get(f"{here}/refused.csv"))
    assert header[0] == "志愿者编号"
    assert only[:3] == ["V2", "'=1+1", BO_ID]
    report = rows_of(office.get(f"{here}/report.csv"))
    assert [each[2] for each in report] == ["结果", "有效", "未通过"]
    assert office.get(f"{here}/report.json").get_json()["refused_total"] == 1


@pytest.mark.parametrize("cell", ["=1", " +1", "\uff1d1", "-1", "@x", "\tx", "\rx"], ids=repr)
def test_a_formula_is_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


def test_what_is_no_formula_stays() -> None:
    assert harmless("a=1") == "a=1"
    assert csv_file(["x"], [["1"]]) == "\ufeffx\r\n1\r\n".encode()


def test_an_upload_is_there_for_its_organisation_alone(site: Site, office: Browser) -> None:
    here = uploaded(office, row())
    other = Browser(site).signed_in(
        f"organisation:{site.organisation(organisation_code=organisation_code())}"
    )
    for path in ("", "/rows/1", "/report.json", "/report.csv", "/refused.csv"):
        assert other.get(f"{here}{path}").status_code == 404
    form = {**other.form(other.get("/office/uploads")), "revision": "1", "record": "1"}
    for act in ("commit", "discard", "leave-out", "rows/1"):
        assert other.post(f"{here}/{act}", form).status_code == 404


def test_a_form_from_elsewhere_does_nothing(site: Site, office: Browser) -> None:
    here = uploaded(office, row())
    form = office.form(office.get(here)) | {"revision": "1"}
    assert office.post(f"{here}/commit", {**form, "form": "x"}).status_code == 403
    office.origin = "https://elsewhere.example"
    assert office.post(f"{here}/commit", form).status_code == 403
    assert imports.advance(site.book) == {}
    assert Browser(site).get(here).status_code == 401
    till = site.till()
    manager = Browser(site).signed_in(f"merchant:{till.merchant}", terminal=till.terminal)
    assert manager.get(here).status_code == 403
