"""The operator's desk: what it asks is what the API asks, and nobody else gets in."""

from __future__ import annotations

import io
import re
from html import unescape

import pytest
import sqlalchemy as sa

from api.checking import Checker
from api.metrics import CHECKS
from api.pages import words
from api.request_log import make_logger
from api.serve import timed
from api.settings import Settings
from api.timers import Timers, tasks
from ledger.errors import Refused
from ledger.policies import shipped
from ledger.store.rebuilding import rebuild
from tests.api_client import Cast, Site
from tests.page_client import Browser, text_of
from tests.test_drafts import GENEROUS

PAGES = (
    "/operator/helpers",
    "/operator/webhooks",
    "/operator/webhooks/new",
    "/operator",
    "/operator/captures",
    "/operator/policies",
    "/operator/policies/cn-default/3",
    "/operator/drafts/new",
    "/operator/parties",
    "/operator/access",
    "/operator/keys",
    "/operator/health",
)


@pytest.fixture
def desk(site: Site) -> Browser:
    return Browser(site).signed_in(str(site.get(site.operator, "/me")["party"]))


@pytest.mark.parametrize("path", PAGES)
def test_the_desk_is_the_operators_alone(site: Site, desk: Browser, path: str) -> None:
    cast = Cast(site)
    assert desk.get(path).status_code == 200
    assert Browser(site).get(path).status_code == 401
    for party in (f"organisation:{cast.home}", f"volunteer:{cast.ana}"):
        assert Browser(site).signed_in(party).get(path).status_code == 403


def test_a_file_becomes_a_draft_and_is_adopted_once(site: Site, desk: Browser) -> None:
    form = desk.form(desk.get("/operator/drafts/new"))
    sent = {**form, "toml": "", "file": (io.BytesIO(GENEROUS.encode()), "rules.toml")}
    kept = desk.post("/operator/drafts/new", sent)
    assert kept.status_code == 303, text_of(kept)
    draft = kept.headers["Location"]
    page = desk.get(draft)
    assert "points.per_hour" in text_of(page)
    adopted = desk.send(page, draft, f"{draft}/adopt")
    assert adopted.headers["Location"] == "/operator/policies/cn-default/4"
    size = site.size()
    # The same form again is the same request; another finds the version adopted.
    assert desk.send(page, draft, f"{draft}/adopt").status_code == 303
    again = desk.submit(draft, f"{draft}/adopt")
    assert (again.status_code, site.size()) == (409, size)
    assert "已经生效" in text_of(again)


@pytest.mark.parametrize("toml", ["", "id = 3", "\x00", "<script>alert(1)</script>"])
def test_what_is_no_policy_is_told_where_and_stays_in_the_form(desk: Browser, toml: str) -> None:
    no = desk.submit("/operator/drafts/new", "/operator/drafts/new", toml=toml)
    assert no.status_code == 422
    assert "<script>alert" not in no.get_data(as_text=True)


def test_a_file_that_is_no_text_is_told_so(desk: Browser) -> None:
    form = desk.form(desk.get("/operator/drafts/new"))
    no = desk.post("/operator/drafts/new", {**form, "file": (io.BytesIO(b"\xff\xfe"), "x.toml")})
    assert no.status_code == 422
    assert "UTF-8" in text_of(no)


def test_a_draft_too_long_for_any_policy_is_refused(desk: Browser) -> None:
    toml = shipped("cn-default").decode() + "#" * 300_000
    no = desk.submit("/operator/drafts/new", "/operator/drafts/new", toml=toml)
    assert no.status_code == 413
    assert "太长" in text_of(no)


def test_a_merchant_is_registered_and_signs_in_by_what_is_shown_once(
    site: Site, desk: Browser
) -> None:
    made = desk.submit("/operator/parties?kind=merchant", "/operator/parties/merchant", name="茶舍")
    address = made.headers["Location"].partition("?")[0]
    page = desk.get(address)
    shown = desk.send(page, address, f"{address}/link")
    link = re.search(r"/sign-in/([0-9a-z]{16})", unescape(shown.get_data(as_text=True)))
    assert link is not None
    assert shown.headers["Cache-Control"] == "no-store"
    again = desk.send(page, address, f"{address}/link")
    assert link[1] not in again.get_data(as_text=True)
    shop = Browser(site)
    assert shop.use({"link": link[1]}).headers["Location"].startswith("/")
    credential = site.get(site.operator, f"/tokens?party={address.rpartition('/')[2]}")["data"][-1]
    path = f"/operator/access/{credential['credential']}/revoke"
    assert desk.submit("/operator/access", path).status_code == 303
    assert shop.get("/till").status_code == 401


def test_what_is_missing_in_a_registration_is_told_at_its_field(desk: Browser) -> None:
    no = desk.submit(
        "/operator/parties?kind=organisation", "/operator/parties/organisation", name=" "
    )
    assert no.status_code == 422
    assert 'aria-invalid="true"' in no.get_data(as_text=True)


def test_somebody_is_suspended_and_let_in_again(site: Site, desk: Browser) -> None:
    home = site.organisation()
    address = f"/operator/parties/organisation:{home}"
    assert desk.submit(address, f"{address}/suspend", reason="核查").status_code == 303
    assert "停用" in text_of(desk.get(address))
    assert desk.submit(address, f"{address}/reinstate").status_code == 303
    assert site.get(site.operator, f"/organisations/{home}")["state"] == "active"


def test_an_unknown_party_and_draft_are_not_found(desk: Browser) -> None:
    for path in (
        f"/operator/parties/merchant:{'0' * 16}",
        f"/operator/drafts/{'0' * 16}",
        "/operator/policies/cn-default/99",
        f"/operator/policies/cn-default/{2**60}",
    ):
        assert desk.get(path).status_code == 404, path


def test_health_says_what_each_task_did(site: Site, desk: Browser) -> None:
    log = make_logger(site.log)
    timers = Timers(site.book, [], log=log)
    for task in timed(site.book, Settings(home=site.book.home), Checker(site.book, log)):
        if task.name != "checkpoint":
            timers.run_once(task)
        task.end()
    said = text_of(desk.get("/operator/health"))
    assert words.say("task.sweep", "zh") in said
    assert words.say("task.imports", "zh") in said
    assert words.say("task.webhooks", "zh") in said


def test_a_form_from_elsewhere_changes_nothing(site: Site, desk: Browser) -> None:
    home = site.organisation()
    address = f"/operator/parties/organisation:{home}"
    form = desk.form(desk.get(address))
    desk.origin = "https://elsewhere.example"
    assert desk.post(f"{address}/suspend", form).status_code == 403
    desk.origin = "https://ledger.example"
    assert desk.post(f"{address}/suspend", {**form, "form": "0" * 64}).status_code == 403
    assert site.get(site.operator, f"/organisations/{home}")["state"] == "active"


def test_whoever_stands_above_is_named_and_staff_are_masked(site: Site, desk: Browser) -> None:
    cast = Cast(site)
    site.staff(cast.home)
    staff = site.get(site.operator, "/parties?kind=staff")["data"][-1]
    home = site.get(site.operator, f"/organisations/{cast.home}")["name"]
    assert (staff["name"], staff["parent_name"]) == ("李*", home)
    page = text_of(desk.get("/operator/parties?kind=staff"))
    assert "李*" in page
    assert "李四" not in page
    assert home in page
    assert f"上级 {home}" in text_of(desk.get(f"/operator/parties/{staff['party']}"))
    till = site.till()
    [branch] = site.get(site.operator, "/parties?kind=branch")["data"]
    shop = site.get(site.operator, f"/merchants/{till.merchant}")
    assert branch["parent_name"] == shop["name"]
    [volunteer, *_] = site.get(site.operator, "/parties?kind=volunteer")["data"]
    assert "name" not in volunteer


def test_whose_a_credential_is_stands_beside_it_by_name(site: Site, desk: Browser) -> None:
    cast = Cast(site)
    site.staff(cast.home)
    staff = site.get(site.operator, "/parties?kind=staff")["data"][-1]["party"]
    site.made(site.operator, "/tokens", {"party": staff, "role": "reviewer"})
    named = {each["party"]: each.get("name") for each in site.get(site.operator, "/tokens")["data"]}
    home = site.get(site.operator, f"/organisations/{cast.home}")["name"]
    assert named[f"organisation:{cast.home}"] == home
    assert named[staff] == "李*"
    assert named[f"volunteer:{cast.ana}"] is None
    page = text_of(desk.get("/operator/access"))
    assert f"{home} 志愿服务组织" in page
    assert "李* 复核员" in page
    assert f"志愿者 {cast.ana}" in page


# Helpers on a written wish -----------------------------------------------------------------------


def test_a_helper_is_found_agreed_on_and_ended_on_a_written_wish(site: Site, desk: Browser) -> None:
    home = site.organisation()
    old = site.volunteer(home, name="张桂兰", number="ZY-0042")
    neighbour = site.volunteer(home, name="李四")
    find = "/operator/helpers"
    led = desk.submit(find, find, number="ZY-0042")
    assert led.headers["Location"] == f"{find}/{old}"
    page = f"{find}/{old}"
    assert "张*" in text_of(desk.get(page))
    size = site.size()
    typed = {"helper": neighbour, "days": "30", "orders": "yes"}
    asked = desk.submit(page, f"{page}/check", **typed)
    assert "让 李* 代 张* 办理？" in text_of(asked)
    assert "ZY-0042" not in asked.get_data(as_text=True) + site.log.getvalue()
    assert site.size() == size, "nothing is written before it is agreed"
    for _ in range(2):
        agreed = desk.send(asked, page, page)
        assert agreed.status_code == 303, text_of(agreed)
    [helper] = site.get(site.operator, f"/volunteers/{old}/helpers")["data"]
    assert helper["helper"] == f"volunteer:{neighbour}"
    assert "orders:write" in helper["scopes"]
    assert "redemptions:reserve" not in helper["scopes"]
    shown = text_of(desk.get(agreed.headers["Location"]))
    assert "李*" in shown
    assert "已办好" in shown

    end = f"{page}/{helper['credential']}/end"
    other = f"{find}/{neighbour}/{helper['credential']}/end"
    assert desk.post(other, desk.form(desk.get(page))).status_code == 404
    assert desk.submit(page, end).status_code == 303
    assert "已停止" in text_of(desk.get(page))
    assert site.get(site.operator, f"/volunteers/{old}/helpers")["data"][0]["state"] == "ended"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"helper": "0000000000000000", "days": "30"}, "没有"),
        ({"helper": "nobody", "days": "30"}, "没有"),
        ({"helper": "SELF", "days": "30"}, "不能"),
        ({"helper": "OTHER", "days": "4000"}, ""),
    ],
)
def test_what_is_no_wish_is_told_so_and_stays_in_the_form(
    site: Site, desk: Browser, typed: dict[str, str], said: str
) -> None:
    home = site.organisation()
    old, other = site.volunteer(home), site.volunteer(home)
    typed = {**typed, "helper": {"SELF": old, "OTHER": other}.get(typed["helper"], typed["helper"])}
    page = f"/operator/helpers/{old}"
    for path in (f"{page}/check", page):
        form = {**desk.form(desk.get("/operator/webhooks/new")), **typed}
        no = desk.post(path, form)
        assert 400 <= no.status_code < 500, path
        assert said in text_of(no)
        assert f'value="{typed["helper"]}"' in no.get_data(as_text=True)
    assert site.get(site.operator, f"/volunteers/{old}/helpers")["data"] == []


def test_a_number_that_nobody_has_finds_nobody(desk: Browser) -> None:
    no = desk.submit("/operator/helpers", "/operator/helpers", number="ZY-9999")
    assert no.status_code == 404
    assert "没有志愿者有这个号码" in text_of(no)
    assert desk.get(f"/operator/helpers/{'0' * 16}").status_code == 404


# What is wrong -----------------------------------------------------------------------------------


def test_a_task_that_does_not_run_any_more_is_told_at_the_top(site: Site, desk: Browser) -> None:
    timers = Timers(site.book, [], log=make_logger(site.log))
    for task in tasks(site.book):
        if task.name != "checkpoint":
            timers.run_once(task)
    late = words.say("op.late", "zh")
    assert late not in text_of(desk.get("/operator/health"))
    assert words.say("op.run.never", "zh") in text_of(desk.get("/operator/health"))
    site.clock.forward(minutes=45)
    said = text_of(desk.get("/operator/health"))
    assert late in said
    assert f"{words.say('task.expire', 'zh')} 09:00" in said
    assert words.say("op.unwell", "zh") in text_of(desk.get("/operator"))
    # It stands in the sentence too; what is done once an hour or a day is not late yet.
    assert said.count(words.say("op.task.late", "zh")) == 1 + len(("expire", "imports"))


def test_a_row_that_is_not_what_the_entries_say_is_told_at_the_top(
    site: Site, desk: Browser
) -> None:
    site.organisation()
    engine = sa.create_engine(site.book.database.url)
    with engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE parties SET tier = 'city' WHERE address LIKE 'organisation:%'")
        )
    engine.dispose()
    assert desk.submit("/operator/health", "/operator/check").status_code == 303
    site.app.extensions["sidereal"].checker.wait()
    said = text_of(desk.get("/operator/health"))
    assert "1 行数据与凭证不符，在这些表里：parties" in said
    assert words.say("op.task.different", "zh") in said
    assert words.say("op.unwell", "zh") in text_of(desk.get("/operator"))
    rebuild(site.book.database, site.book.origin)


def test_a_check_that_fails_says_what_to_do(desk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(_book: object) -> None:
        raise Refused("clock_unsure", "the clock is behind")

    monkeypatch.setattr("api.metrics.CHECKS", {**CHECKS, "clock": wrong})
    said = text_of(desk.get("/operator/health"))
    assert "clock_unsure" in said
    assert words.say("op.mend.clock", "zh") in said


def test_every_check_has_a_name_and_something_to_do() -> None:
    for name in (*CHECKS, "checkpoint"):
        assert f"op.check.{name}" in words.WORDS
        assert f"op.mend.{name}" in words.WORDS


def test_what_a_registration_lacks_is_said_beside_its_field(desk: Browser) -> None:
    page = "/operator/parties?kind=organisation"
    no = desk.submit(page, "/operator/parties/organisation", name="望江站", tier="community")
    assert no.status_code == 422
    html = no.get_data(as_text=True)
    beside = html.partition('name="organisation_code"')[2].partition("</div>")[0]
    assert words.say("why.bad_organisation_code", "zh") in beside
