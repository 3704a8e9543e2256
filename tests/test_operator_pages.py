"""The operator's desk: what it asks is what the API asks, and nobody else gets in."""

from __future__ import annotations

import io
import re
from html import unescape

import pytest

from api.pages import words
from api.request_log import make_logger
from api.serve import timed
from api.settings import Settings
from api.timers import Timers
from ledger.policies import shipped
from tests.api_client import Cast, Site
from tests.page_client import Browser, text_of
from tests.test_drafts import GENEROUS

PAGES = (
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
    timers = Timers(site.book, [], log=make_logger(site.log))
    for task in timed(site.book, Settings(home=site.book.home)):
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
