"""The whole life of one volunteer, through pages alone: each step is what its person does.

The operator's desk registers a county, its station, a shop and people; the station registers the
volunteer and uploads what its system exported; a reviewer decides what was held, the volunteer
objects and is answered, applies for a star, is noticed and granted; points become a voucher that
the till takes once; a stranger checks the certificate. In the end the journal is what it says.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from ledger.door import imports
from tests.api_client import Site
from tests.exports import ANA_ID, CLUB, LEAGUE, row
from tests.exports import text_of as csv_text
from tests.kit import Ledger
from tests.page_client import Browser, text_of

COUNTY_CODE = LEAGUE


@dataclass
class Life:
    """The site, and the browser of each person in the story."""

    site: Site
    operator: Browser
    seen: dict[str, Browser] = field(default_factory=dict)

    def comes(self, who: str, party: str) -> Browser:
        """Somebody signs in by what the operator's desk shows once."""
        address = f"/operator/parties/{party}"
        shown = self.operator.submit(address, f"{address}/link").get_data(as_text=True)
        link = re.search(r"/sign-in/([0-9a-z]{16})", unescape(shown))
        assert link is not None
        self.seen[who] = Browser(self.site)
        assert self.seen[who].use({"link": link[1]}).status_code == 303
        return self.seen[who]

    def registers(self, kind: str, **typed: str) -> str:
        """The id of somebody whom the operator's desk registers."""
        answer = self.operator.submit(
            f"/operator/parties?kind={kind}", f"/operator/parties/{kind}", **typed
        )
        assert answer.status_code == 303, text_of(answer)
        found = re.search(rf"{kind}:([0-9a-z]{{16}})", answer.headers["Location"])
        assert found is not None
        return found[1]


@pytest.fixture
def life(ledger: Ledger) -> Life:
    ledger.clock.set("2025-03-28 09:00")
    site = Site(ledger.open(), ledger.clock)
    operator = Browser(site).signed_in(str(site.get(site.operator, "/me")["party"]))
    return Life(site, operator)


def to(answer: TestResponse) -> str:
    """Where a form that was done leads to."""
    assert answer.status_code == 303, text_of(answer)
    return answer.headers["Location"]


def went(browser: Browser, answer: TestResponse) -> str:
    """What the page says that a form leads to."""
    return text_of(browser.get(to(answer)))


def linked(page: TestResponse, pattern: str) -> str:
    """The first link of a page that fits."""
    found = re.search(rf'href="({pattern})"', page.get_data(as_text=True))
    assert found is not None, text_of(page)
    return unescape(found[1])


def exported() -> bytes:
    """Fourteen days of eight hours, one of nine, which is held, and one without its check-out."""
    rows: list[list[str]] = []

    def day(n: int, ends: str) -> dict[str, Any]:
        on = (date(2025, 3, 10) + timedelta(days=n)).isoformat()
        return {
            "证件号码": ANA_ID,
            "统一社会信用代码": CLUB,
            "活动编号": f"A{n}",
            "活动开始": f"{on} 08:00",
            "活动结束": f"{on} 18:00",
            "签到": f"{on} 08:00",
            "签退": f"{on} {ends}" if ends else "",
            "录入时间": f"{on} 19:00",
        }

    rows += [row(**day(n, "16:00")) for n in range(14)]
    rows += [row(**day(14, "17:00")), row(**day(15, ""))]
    return csv_text(rows).encode()


def test_a_volunteers_whole_life_is_lived_in_pages(life: Life) -> None:
    site = life.site
    county = life.registers(
        "organisation",
        name="东区志愿服务中心",
        organisation_code=COUNTY_CODE,
        tier="county",
        shape="organisation",
    )
    station = life.registers(
        "organisation",
        name="爱心车队",
        organisation_code=CLUB,
        tier="community",
        shape="organisation",
        parent=county,
    )
    reviewer = life.registers("staff", name="赵复核", organisation=station)
    shop = life.registers("merchant", name="望舒茶舍")
    desk = life.comes("station", f"organisation:{station}")
    above = life.comes("county", f"organisation:{county}")
    judge = life.comes("reviewer", f"staff:{reviewer}")
    owner = life.comes("shop", f"merchant:{shop}")

    # Registered at the desk of her station, which then uploads what its system exported.
    registered = desk.submit(
        "/office/members/new", name="王安", identity_number=ANA_ID, number="V1"
    )
    ana_id = to(registered).split("?")[0].rpartition("/")[2]
    assert "已办理：注册志愿者" in went(desk, registered)
    ana = life.comes("ana", f"volunteer:{ana_id}")
    assert "王安" in text_of(ana.get("/me"))

    form = desk.form(desk.get("/office/uploads"))
    sent = {**form, "file": (io.BytesIO(exported()), "records.csv")}
    upload = to(desk.post("/office/uploads", sent))
    tried = desk.get(upload)
    assert "有效 14" in text_of(tried)
    assert "没有签退时间" in text_of(tried)
    assert site.get(site.operator, "/service-records")["data"] == []
    assert desk.submit(upload, f"{upload.split('?')[0]}/commit").status_code == 303
    imports.advance(site.book)
    assert "112 小时" in text_of(ana.get("/me"))

    # What was held is decided; what the reviewer refused she objects to, and is answered.
    waiting = linked(judge.get("/office/review"), r"/office/review/[0-9a-z]{16}[^\"]*")
    one = waiting.split("?")[0]
    refused = judge.submit(one, f"{one}/refuse", reason="签到表上没有最后一小时")
    assert refused.status_code == 303
    mine = ana.get("/me/records?state=refused")
    record = linked(mine, r"/me/records/[0-9a-z]{16}")
    objecting = linked(ana.get(record), r"/me/objections/new[^\"]*")
    said = went(ana, ana.submit(objecting, "/me/objections", text="我十七点才离开"))
    assert "异议已提交" in said
    objection = linked(desk.get("/office/objections"), r"/office/objections/[0-9a-z]{16}")
    answered = desk.submit(
        f"{objection}/decide", f"{objection}/decide", outcome="rejected", reason="现场记录为十六点"
    )
    assert answered.status_code == 303, text_of(answered)
    answer = linked(ana.get("/me/objections"), r"/me/objections/[0-9a-z]{16}")
    assert "现场记录为十六点" in text_of(ana.get(answer))

    # A hundred and twelve hours: she applies, the county gives notice and grants.
    assert "已申请 1 星" in went(ana, ana.submit("/me/stars", "/me/stars/apply"))
    notice = linked(above.get("/office/stars"), r"/office/stars/[0-9a-z]{16}/notice")
    assert above.submit(notice).status_code == 303
    site.clock.forward(days=7)
    # Sessions ended long ago, and whoever comes back signs in again.
    life.operator.signed_in(str(site.get(site.operator, "/me")["party"]))
    above = life.comes("county", f"organisation:{county}")
    ana = life.comes("ana", f"volunteer:{ana_id}")
    owner = life.comes("shop", f"merchant:{shop}")
    grant = linked(above.get("/office/stars?state=noticed"), r"/office/stars/[0-9a-z]{16}/grant")
    assert above.submit(grant).status_code == 303
    assert 'aria-label="1 星"' in ana.get("/me").get_data(as_text=True)

    # The shop opens a branch, a till and an offer.
    assert owner.submit("/manage", "/manage/branches", name="一号店").status_code == 303
    branch = linked(owner.get("/manage"), r"/manage/branch/[0-9a-z]{16}")
    assert owner.submit(branch, f"{branch}/terminals", name="一号机").status_code == 303
    till_page = linked(owner.get(branch), r"/manage/terminal/[0-9a-z]{16}")
    link = re.search(
        r"/sign-in/([0-9a-z]{16})",
        unescape(owner.submit(till_page, f"{till_page}/link").get_data(as_text=True)),
    )
    assert link is not None
    till = Browser(site)
    assert till.use({"link": link[1]}).headers["Location"] == "/till"
    terms = {"from": "2025-04-01", "until": "2025-12-31", "kind": "gift", "pay": "points"}
    offered = owner.submit(
        "/manage/rewards/new",
        "/manage/rewards",
        title="一杯热茶",
        price="5",
        stock="10",
        do="publish",
        **terms,
    )
    assert offered.status_code == 303, text_of(offered)

    # She chooses it, shows the code, and the till takes it once.
    reward = linked(ana.get("/me/rewards"), r"/me/rewards/[0-9a-z]{16}")
    got = ana.submit(reward, reward, quantity="1")
    voucher = ana.get(to(got))
    code = re.search(r"\b[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}\b", text_of(voucher))
    assert code is not None
    valid = till.look(code[0])
    assert "有效" in text_of(valid)
    assert "王" not in text_of(valid)
    taken = till.send(valid, "/till/look", "/till/capture")
    assert "已核销" in went(till, taken)
    assert "−5 积分" in text_of(ana.get("/me/history"))
    site.clock.forward(seconds=30)
    assert "已用" in text_of(till.look(code[0]))

    # A certificate, and a stranger who checks it and her receipt.
    issued = ana.submit(
        "/me/certificates/new",
        "/me/certificates/new",
        organisation=station,
        first_day="2025-03-01",
        last_day="2025-03-31",
        content="社区清洁",
    )
    shown = ana.get(to(issued))
    number = re.search(r"\b[0-9A-Z]{5}(?:-[0-9A-Z]{5}){3,4}-[0-9A-Z]{5,6}\b", text_of(shown))
    assert number is not None, text_of(shown)
    checked = Browser(site).submit("/c", "/c", number=number[0])
    assert "有效" in text_of(checked)
    assert "112 小时" in text_of(checked)
    assert "王" not in text_of(checked)
    site.book.signer.sign()
    entry = linked(ana.get("/me/history"), r"/me/entries/\d+")
    assert ana.get(f"{entry}/receipt").status_code == 200
