"""A certificate on paper: what Order 67 asks, who may have it, and that it checks itself."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from datetime import date
from typing import Any

import pypdfium2
import pytest
import zxingcpp

from api.papers.certificate import LISTED_MAX, Certificate, Service, certificate_pdf, groups_of
from ledger.store import journal
from tests.api_client import PUBLIC_URL, Cast, Site
from tests.kit import at
from tests.test_papers import bare, pages_of, picture_of, size_of, text_of

NUMBER = "7QJ2K9ZV4MXW3RTB8HNP6CDFGE"


def specimen(services: int = 5, **given: Any) -> Certificate:
    made = tuple(
        Service(
            time=at(f"2025-03-{1 + n % 28:02d} 09:00"),
            activity=["社区助餐", "为高龄独居老人送餐上门并整理居室", "Homework help"][n % 3],
            minutes=150,
        )
        for n in range(services)
    )
    paper = Certificate(
        number=NUMBER,
        name="林静",
        identity_number="110***********002X",
        volunteer_number="3101150012345678",
        organisation="阳光社区志愿服务队",
        first_day=date(2025, 1, 1),
        last_day=date(2025, 3, 31),
        minutes=150 * services,
        current_minutes=150 * services,
        content="送餐、陪诊",
        services=made,
        issued=at("2025-04-02 10:00"),
        entry=18_204,
        size=18_205,
        root="0123456789abcdef" * 4,
        origin="ledger.example/log/7f3a9c",
        address=PUBLIC_URL,
        check_url=f"{PUBLIC_URL}/c#{NUMBER}",
        opening=json.dumps({"number": NUMBER}),
    )
    return dataclasses.replace(paper, **given)


# What it says ------------------------------------------------------------------------------------


def test_it_states_time_content_and_recording_unit_and_masks_the_identity_number() -> None:
    """Order 67 art. 15, and the fields that 民发〔2015〕149号 added."""
    said = text_of(certificate_pdf(specimen()))
    for wanted in (
        "志愿服务记录证明",
        "林静",
        "居民身份证",
        "110***********002X",
        "志愿者编号",
        "3101150012345678",
        "2025年1月1日至2025年3月31日",
        "12 小时 30 分",
        "送餐、陪诊",
        "阳光社区志愿服务队",
        "为高龄独居老人送餐上门并整理居室",
        groups_of(NUMBER),
        "18\u2009204",
        "18\u2009205",
        "0123456789abcdef" * 4,
        "2025年4月2日",
        "出具免费",
        "Free of charge",
        "谨防仿冒",
        "只在 ledger.example",
        "Beware of look-alikes",
    ):
        assert bare(wanted) in said, wanted


def test_its_code_leads_to_the_public_check_with_the_number_behind_the_hash() -> None:
    data = certificate_pdf(specimen())
    assert [round(each) for each in size_of(data)] == [210, 297]
    (found,) = zxingcpp.read_barcodes(picture_of(data))
    assert found.text == f"{PUBLIC_URL}/c#{NUMBER}"


def test_the_same_certificate_gives_the_same_bytes() -> None:
    assert certificate_pdf(specimen()) == certificate_pdf(specimen())


def test_a_corrected_one_says_so_with_the_present_figure() -> None:
    paper = specimen(4)
    said = text_of(certificate_pdf(dataclasses.replace(paper, minutes=750)))
    assert bare("出具之后记录有更正，现为 10 小时") in said
    assert "出具之后" not in text_of(certificate_pdf(paper))


@pytest.mark.parametrize("services", [1, 24, LISTED_MAX, LISTED_MAX + 1, 400])
def test_many_services_go_over_pages_or_are_summed_up(services: int) -> None:
    pages = pages_of(certificate_pdf(specimen(services)))
    text = "".join(pages)
    listed = len(re.findall("2025-03-[0-9][0-9]", text))
    assert listed - text.count("to2025-03-31") - text.count('"2025') == (
        services if services <= LISTED_MAX else 3
    )
    assert all(groups_of(NUMBER) in page for page in pages)
    assert len(pages) <= 3


def test_a_paper_that_lacks_what_must_be_stated_is_not_made() -> None:
    for lacking in ({"content": " "}, {"organisation": ""}, {"minutes": 0}):
        with pytest.raises(ValueError, match="states time, content and recording unit"):
            specimen(**lacking)
    with pytest.raises(ValueError, match="masked"):
        specimen(identity_number="11010519491231002X")
    with pytest.raises(ValueError, match="present figure"):
        specimen(current_minutes=1)


def test_it_needs_no_name_and_no_number_of_a_volunteer() -> None:
    said = text_of(certificate_pdf(specimen(name="", identity_number="", volunteer_number="")))
    assert "姓名已不保存" in said
    assert "居民身份证" not in said


# Who has it --------------------------------------------------------------------------------------


@pytest.fixture
def site(sqlite_site: Site) -> Site:
    return sqlite_site


@pytest.fixture
def town(site: Site) -> Cast:
    return Cast(site)


def issue(site: Site, town: Cast) -> tuple[dict[str, Any], str]:
    """A certificate of the town's volunteer, and where its paper is."""
    town.served("2025-03-08 09:00", "14:00")
    body = {
        "organisation": town.home,
        "content": "社区义诊",
        "first_day": "2025-03-01",
        "last_day": "2025-03-31",
    }
    made = site.made(town.host, f"/volunteers/{town.ana}/certificates", body)
    return made, f"/v1/volunteers/{town.ana}/certificates/{made['entry']}/paper"


def fetched(site: Site, token: str, path: str) -> tuple[int, bytes]:
    answer = site.client().get(path, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, answer.data


def test_its_holder_and_whoever_may_issue_one_print_it(site: Site, town: Cast) -> None:
    made, path = issue(site, town)
    status, mine = fetched(site, town.ana_token, path)
    assert status == 200
    assert fetched(site, town.host, path) == (200, mine)
    assert fetched(site, site.operator, path) == (200, mine)
    said = text_of(mine)
    for wanted in ("张三", "社区义诊", "阳光社区", "5 小时", groups_of(made["number"])):
        assert bare(wanted) in said
    assert re.search(r"110\*{11}[0-9]{3}[0-9X]", said)
    (found,) = zxingcpp.read_barcodes(picture_of(mine))
    assert found.text == f"{PUBLIC_URL}/c#{made['number']}"


def test_nobody_else_prints_it(site: Site, town: Cast) -> None:
    """Another volunteer, another organisation, another's address, another entry: not there."""
    made, path = issue(site, town)
    other = site.volunteer(town.home)
    strangers = (
        site.volunteer_token(other),
        site.organisation_token(site.organisation()),
    )
    for token in strangers:
        assert fetched(site, token, path)[0] == 404
    assert fetched(site, town.ana_token, path.replace(town.ana, other))[0] == 404
    assert fetched(site, town.ana_token, path.replace(str(made["entry"]), "1"))[0] == 404
    assert fetched(site, site.volunteer_token(town.ana, scopes=["stars:read"]), path)[0] == 403
    assert site.client().get(path).status_code == 401


def test_what_is_printed_opens_the_commitment_on_the_ledger(site: Site, town: Cast) -> None:
    """The line on the paper, hashed, is what the entry commits to; and the head is its own."""
    made, path = issue(site, town)
    with pypdfium2.PdfDocument(fetched(site, town.ana_token, path)[1]) as document:
        text = document[0].get_textpage().get_text_bounded()
    line = "".join(text[text.index("{") : text.rindex("}") + 1].split())
    [entry] = read(site, made["entry"])
    assert hashlib.sha256(line.encode()).hexdigest() == entry.facts["commitment"]
    root = site.book.root_at(made["entry"] + 1).hex()
    assert root in bare(text)


def read(site: Site, index: int) -> list[Any]:
    with site.book.database.reading() as connection:
        return list(journal.read_entries(connection, [index]))


def test_printing_is_a_look_that_the_holder_can_see(site: Site, town: Cast) -> None:
    _, path = issue(site, town)
    before = site.book.vault.access_digest(0)[1]
    fetched(site, town.host, path)
    assert site.book.vault.access_digest(0)[1] == before + 1
