"""Reports of an organisation's desk: figures, targets in words, charts, files, populations."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest

from tests.api_client import Cast, Site
from tests.page_client import Browser, text_of
from tests.test_papers import text_of as text_of_paper

MARCH = "?first_month=2025-03&last_month=2025-03"


@pytest.fixture
def cast(site: Site) -> Cast:
    made = Cast(site)
    made.served("2025-03-03 09:00", "11:30")
    return made


@pytest.fixture
def desk(site: Site, cast: Cast) -> Browser:
    return Browser(site).signed_in(f"organisation:{cast.home}")


def test_a_report_says_hours_people_and_points_in_figures_and_charts(desk: Browser) -> None:
    page = desk.get("/office/reports")
    said = text_of(page)
    assert page.status_code == 200
    for part in ("2 小时 30 分", "每月服务时长", "卫生健康", "发放积分 2.50"):
        assert part in said
    assert page.get_data(as_text=True).count("<svg role=") >= 4
    assert "Service by month" in text_of(desk.get("/office/reports?lang=en"))


def test_any_span_of_months_can_be_asked_for(desk: Browser) -> None:
    assert "0 分" in text_of(desk.get("/office/reports?first_month=2024-01&last_month=2024-12"))
    odd = desk.get("/office/reports?first_month=2025-04&last_month=2025-03")
    assert odd.status_code == 422
    assert desk.get("/office/reports?first_month=spring").status_code == 422


def test_a_target_is_met_only_when_it_is_exceeded_and_words_say_so(
    cast: Cast, desk: Browser
) -> None:
    assert "常住人口还没有填报" in text_of(desk.get("/office/reports"))
    for residents, said in ((8, "未达到（正好等于不算）"), (7, "达到")):
        answer = desk.submit("/office/populations/state", year="2025", residents=str(residents))
        assert "已办理：填报一年的数据" in text_of(desk.get(answer.headers["Location"]))
        assert said in text_of(desk.get("/office/reports")), cast


def test_what_is_no_number_is_refused_beside_its_field(site: Site, desk: Browser) -> None:
    size = site.size()
    answer = desk.submit("/office/populations/state", year="2025", residents="many")
    assert answer.status_code == 422
    assert 'id="f-residents-says"' in answer.get_data(as_text=True)
    more = {"staff": "10", "staff_registered": "11"}
    assert desk.submit("/office/populations/state", year="2025", **more).status_code == 422
    assert site.size() == size


def test_a_report_is_taken_away_as_csv_and_names_nobody(
    site: Site, cast: Cast, desk: Browser
) -> None:
    site.organisation(name="=1+1", parent=cast.home, form="team")
    answer = desk.get(f"/office/reports/report.csv{MARCH}")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="report.csv"'
    text = answer.get_data().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    months = [row for row in rows if row["部分 part"] == "month"]
    assert [row["服务分钟 minutes"] for row in months] == ["150"]
    assert {row["部分 part"] for row in rows} >= {"total", "month", "category", "tier"}
    for secret in (cast.ana, "张"):
        assert secret not in text


def test_a_report_is_taken_away_as_a_workbook_without_formulas(desk: Browser) -> None:
    answer = desk.get(f"/office/reports/report.xlsx{MARCH}")
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) == 6
        assert all(b"<f>" not in book.read(name) for name in sheets)


@pytest.mark.parametrize(
    ("lang", "parts"),
    [
        ("zh", ("志愿服务报表", "2025-03", "每月服务时长", "2小时30分", "卫生健康", "第1页，共")),
        ("en", ("Reportonvolunteerservice", "Servicebymonth", "2h30min", "Health", "Page1of")),
    ],
)
def test_a_report_is_taken_away_on_paper_in_either_language(
    site: Site, cast: Cast, desk: Browser, lang: str, parts: tuple[str, ...]
) -> None:
    desk.get(f"/office/reports?lang={lang}")
    size = site.size()
    answer = desk.get(f"/office/reports/report.pdf{MARCH}")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="report.pdf"'
    data = answer.get_data()
    said = text_of_paper(data)
    for part in (*parts, site.book.origin, site.book.root_at(size).hex(), "阳光社区"):
        assert part in said, part
    for secret in (cast.ana, "张"):
        assert secret not in said
    assert (b"/Lang (zh-CN)" if lang == "zh" else b"/Lang (en)") in data


def test_a_report_is_taken_away_over_http_in_each_form(site: Site, cast: Cast) -> None:
    """By operators and auditors of everybody, and of nobody else's by an organisation."""
    who = site.made(site.operator, "/auditors", {"name": "审计所"})["auditor"]
    auditor = site.token(f"auditor:{who}", "auditor")
    for token, whose, by in (
        (cast.host, "含所有下级组织", "制表阳光社区"),
        (site.operator, "账本里的所有组织", "运营方"),
        (auditor, "账本里的所有组织", "审计人"),
    ):
        path = f"/v1/reports/service{MARCH}&format="
        headers = {"Authorization": f"Bearer {token}"}
        for form, begins in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("pdf", b"%PDF-")):
            file = site.client().get(path + form, headers=headers)
            assert (file.status_code, file.data[: len(begins)]) == (200, begins)
        said = text_of_paper(file.data)
        assert whose in said
        assert by in said
    assert site.get(cast.host, f"/reports/service{MARCH}&format=docx").status == 422
    found = site.get(cast.host, f"/reports/service{MARCH}").json
    assert found["size"] == site.size()


def test_another_organisations_report_is_not_there(site: Site, cast: Cast) -> None:
    stranger = Browser(site).signed_in(f"organisation:{site.organisation()}")
    of = f"?organisation={cast.home}"
    assert "2 小时 30 分" not in text_of(stranger.get(f"/office/reports{of}"))
    for form in ("csv", "xlsx", "pdf"):
        assert stranger.get(f"/office/reports/report.{form}{of}").status_code == 404
    assert Browser(site).get("/office/reports").status_code == 401
    reviewer = Browser(site).signed_in(f"staff:{site.staff(cast.home)}")
    for path in ("/office/reports", "/office/reports/report.csv", "/office/populations"):
        assert reviewer.get(path).status_code == 403
