"""Acting for a volunteer who cannot: agreed, recorded, limited, shown, and ended at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from audit.note import parse_key
from audit.replay import replayed
from audit.verify import verify
from ledger.actions.credentials import IssueCredential, RevokeCredential
from ledger.actions.objections import FileObjection
from ledger.actors import NOT_FOR_HELPERS
from ledger.book import CONSOLE, Caller
from ledger.decide.helpers import HELP_DAYS_MAX, HELPER_SCOPES
from ledger.door import helping, sessions
from ledger.errors import Refused
from ledger.export import export_bundle
from tests.api_client import Cast, Site, key, moment
from tests.kit import DAY_MS, Ledger, Town
from tests.page_client import Browser, text_of

LOOKING = sorted(scope for scope in HELPER_SCOPES if scope.endswith(":read"))


@dataclass
class Home:
    """Somebody who cannot, a neighbour who helps, and a stranger; all volunteers with names."""

    site: Site
    cast: Cast
    old: str
    neighbour: str

    def allow(self, token: str = "", **given: Any) -> str:
        """The neighbour may act, as the old person says."""
        body = {
            "helper": f"volunteer:{self.neighbour}",
            "scopes": [*LOOKING, "objections:write", "orders:write"],
            "expires": moment("2025-04-01 09:00"),
            **given,
        }
        token = token or self.site.volunteer_token(self.old)
        made = self.site.made(token, f"/volunteers/{self.old}/helpers", body)
        return str(made["credential"])

    def signed_in(self, who: str) -> Browser:
        return Browser(self.site).signed_in(f"volunteer:{who}")

    def acting(self, credential: str) -> Browser:
        browser = self.signed_in(self.neighbour)
        answer = browser.submit("/account", "/account/acting")
        assert answer.status_code == 303, text_of(answer)
        assert credential in [each for each, _ in self.lent()]
        return browser

    def lent(self) -> list[tuple[str, str]]:
        found = self.site.get(self.site.volunteer_token(self.neighbour), "/helping")["data"]
        return [(each["credential"], each["state"]) for each in found]


@pytest.fixture
def home(ledger: Ledger) -> Home:
    site = Site(ledger.open(), ledger.clock)
    cast = Cast(site)
    old = site.volunteer(cast.home, name="张桂兰")
    neighbour = site.volunteer(cast.home, name="李四")
    return Home(site, cast, old, neighbour)


# What the ledger says --------------------------------------------------------------------------


def lending(town: Town, **given: Any) -> IssueCredential:
    fields: dict[str, Any] = {
        "credential": town.new(),
        "party": f"volunteer:{town.volunteer()}",
        "role": "volunteer",
        "scopes": "orders:read+orders:write",
        "expires": town.clock.ms + DAY_MS,
        "helper": f"staff:{town.staff()}",
    }
    return IssueCredential(**(fields | given))


def test_each_act_leads_to_the_credential_that_names_the_helper(town: Town) -> None:
    lent = lending(town)
    town.do(lent)
    who = Caller(party=lent.party, role="volunteer", credential=lent.credential)
    ana = lent.party.partition(":")[2]
    objection = FileObjection(objection=town.new(), volunteer=ana, subject_kind="other")
    entry = town.do(objection, caller=who).entry
    assert (entry.actor, entry.auth) == (lent.party, lent.credential)
    (said,) = [each for each in town.book.history(lent.helper) if each.kind == "credential_lent"]
    assert said.facts == {"credential": entry.auth, "volunteer": ana, "helper": lent.helper}
    # It stands in the helped person's history as well.
    assert said in town.book.history(lent.party)


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("bad_helper", lambda town, lent: {"helper": lent.party}),
        ("bad_helper", lambda town, lent: {"helper": f"organisation:{town.home}"}),
        ("bad_helper", lambda town, lent: {"helper": f"merchant:{town.till().merchant}"}),
        ("unknown_party", lambda town, lent: {"helper": f"volunteer:{town.new()}"}),
        ("scope_not_of_role", lambda town, lent: {"scopes": ""}),
        ("scope_not_of_role", lambda town, lent: {"scopes": "orders:read+parties:write"}),
        ("scope_not_of_role", lambda town, lent: {"scopes": "cards:write"}),
        ("bad_time", lambda town, lent: {"expires": 0}),
        ("bad_time", lambda town, lent: {"expires": town.clock.ms}),
        ("bad_time", lambda town, lent: {"expires": town.clock.ms + HELP_DAYS_MAX * DAY_MS + 1}),
    ],
)
def test_what_cannot_be_lent(
    town: Town, code: str, change: Callable[[Town, IssueCredential], dict[str, Any]]
) -> None:
    lent = lending(town)
    action = lending(town, **{"party": lent.party} | change(town, lent))
    with town.refuses(code):
        town.do(action)


def test_a_group_neither_helps_nor_is_helped(town: Town) -> None:
    from ledger.actions.parties import RegisterGroup

    group = town.new()
    town.do(RegisterGroup(volunteer=group, organisation=town.home))
    for given in ({"party": f"volunteer:{group}"}, {"helper": f"volunteer:{group}"}):
        action = lending(town, **given)
        with town.refuses("bad_helper"):
            town.do(action)


@pytest.mark.parametrize("change", ["suspended", "left", "forgotten"])
def test_whoever_takes_no_part_acts_for_nobody(town: Town, change: str) -> None:
    """Not even with a request that was let in at the door a moment before."""
    helper = f"volunteer:{town.volunteer()}"
    lent = lending(town, helper=helper)
    town.do(lent)
    town.becomes(helper, change)
    who = Caller(party=lent.party, role="volunteer", credential=lent.credential)
    ana = lent.party.partition(":")[2]
    with town.refuses("helper_not_active"):
        town.do(
            FileObjection(objection=town.new(), volunteer=ana, subject_kind="other"), caller=who
        )


def test_what_nobody_does_for_somebody_else_needs_a_scope_that_is_never_lent() -> None:
    for scope in ("parties:write", "credits:write", "certificates:write", "cards:write"):
        assert scope not in HELPER_SCOPES
    assert {"redemptions:reissue", "statements:read", "tokens:write"}.isdisjoint(HELPER_SCOPES)
    assert "party_forgotten" in NOT_FOR_HELPERS


# Over HTTP -------------------------------------------------------------------------------------


def test_the_helped_person_says_so_or_the_operator_on_their_written_wish(home: Home) -> None:
    assert home.allow()
    assert home.allow(home.site.operator)
    body = {
        "helper": f"volunteer:{home.neighbour}",
        "scopes": LOOKING,
        "expires": moment("2025-04-01 09:00"),
    }
    path = f"/volunteers/{home.old}/helpers"
    for token, code in (
        (home.site.volunteer_token(home.neighbour), "unknown_party"),
        (home.cast.host, "role_not_allowed"),
    ):
        assert home.site.post(token, path, body).code == code
    made = home.site.post(home.site.volunteer_token(home.old), path, body)
    # It is no token: nobody can act with it but from the helper's own session.
    assert "token" not in made.json
    assert made["helper"] == f"volunteer:{home.neighbour}"


def test_a_volunteer_issues_and_revokes_no_other_credential(home: Home) -> None:
    token = home.site.volunteer_token(home.old)
    body = {"party": f"volunteer:{home.old}", "role": "volunteer"}
    assert home.site.post(token, "/tokens", body).code == "role_not_allowed"
    credential = home.site.get(token, "/me")["credential"]
    for no in (credential, "0" * 16):
        answer = home.site.post(token, f"/helpers/{no}/end")
        assert answer.code == "unknown_credential"
    lent = home.allow()
    stranger = home.site.volunteer_token(home.neighbour)
    assert home.site.post(stranger, f"/helpers/{lent}/end").code == "unknown_credential"
    assert home.site.post(token, f"/helpers/{lent}/end").status == 201
    assert home.site.post(token, f"/helpers/{lent}/end").code == "credential_revoked"


def test_names_are_masked_and_the_looks_kept(home: Home) -> None:
    home.allow()
    (helper,) = home.site.get(
        home.site.volunteer_token(home.old), f"/volunteers/{home.old}/helpers"
    )["data"]
    (helped,) = home.site.get(home.site.volunteer_token(home.neighbour), "/helping")["data"]
    assert (helper["name"], helped["name"]) == ("李*", "张*")
    stranger = home.site.volunteer_token(home.neighbour)
    assert home.site.get(stranger, f"/volunteers/{home.old}/helpers").status == 404
    assert home.site.get(stranger, f"/helpers/{helper['credential']}/entries").status == 404


# On the pages ----------------------------------------------------------------------------------


def test_it_is_agreed_on_the_page_after_the_name_was_seen(home: Home) -> None:
    old, neighbour = home.signed_in(home.old), home.signed_in(home.neighbour)
    page = neighbour.get("/account").get_data(as_text=True)
    number = page.partition('own-number">')[2].partition("<")[0]
    sent = {"helper": number, "orders": "yes", "days": "7"}
    asked = old.submit("/account/helpers/new", "/account/helpers/check", **sent)
    assert asked.status_code == 200
    assert "让 李* 代您办理？" in text_of(asked)
    assert home.lent() == []
    agreed = old.send(asked, "/account/helpers/check", "/account/helpers")
    assert agreed.status_code == 303, text_of(agreed)
    said = text_of(old.get(agreed.headers["Location"]))
    assert "已约定" in said
    assert "查看 · 约服务、用时间存折" in said
    assert "还没有代办过" in said
    # Whoever only looks sees no code that could be used.
    assert "使用券" not in said
    (lent,) = home.site.get(home.site.volunteer_token(home.neighbour), "/helping")["data"]
    assert {"redemptions:read", "redemptions:reserve", "cards:read"}.isdisjoint(lent["scopes"])
    assert "张*" in text_of(neighbour.get("/account"))


@pytest.mark.parametrize("typed", ["", "7K3M", "0" * 16, "own"])
def test_who_is_no_helper_is_told_so_and_what_was_typed_stays(home: Home, typed: str) -> None:
    old = home.signed_in(home.old)
    typed = home.old if typed == "own" else typed
    answer = old.submit("/account/helpers/new", "/account/helpers/check", helper=typed, days="7")
    assert answer.status_code in (404, 422), text_of(answer)
    assert f'value="{typed}"' in answer.get_data(as_text=True)


def test_only_who_signed_in_lately_names_a_helper(home: Home) -> None:
    """Help goes on when the session in which it was agreed is over, so nobody makes a stolen one
    last by it. An operator records a written wish at any time."""
    operator = Browser(home.site).signed_in(home.site.get(home.site.operator, "/me")["party"])
    wish = operator.form(operator.get(f"/operator/helpers/{home.old}"))
    old = home.signed_in(home.old)
    sent = {"helper": home.neighbour, "orders": "yes", "days": "7"}
    form = {**old.form(old.get("/account/helpers/new")), **sent, "key": "k" * 20}
    assert 'href="/account/helpers/new"' in old.get("/account").get_data(as_text=True)
    home.site.clock.ms += sessions.LATELY_MS
    size = home.site.size()
    refused = [
        old.get("/account/helpers/new"),
        old.post("/account/helpers/check", form),
        old.post("/account/helpers", form),
    ]
    assert [each.status_code for each in refused] == [403, 403, 403]
    assert all("请先退出，重新登录" in text_of(each) for each in refused)
    account = old.get("/account")
    assert "只能在登录后 15 分钟内请人代办" in text_of(account)
    assert 'href="/account/helpers/new"' not in account.get_data(as_text=True)
    assert (home.site.size(), home.lent()) == (size, [])
    named = operator.post(f"/operator/helpers/{home.old}", {**wish, **sent, "key": "k" * 20})
    assert named.status_code == 303, text_of(named)
    # Ending it needs no more than the session.
    (credential,) = [each for each, _ in home.lent()]
    ended = old.post(f"/account/helpers/{credential}/end", {**form, "key": "l" * 20})
    assert ended.status_code == 303, text_of(ended)
    assert [state for _, state in home.lent()] == ["ended"]


def test_numbers_of_helpers_are_tried_so_often_and_then_not_for_a_while(home: Home) -> None:
    """A right one shows a masked name, so right and wrong ones count alike, and for each volunteer
    alone; at the end of the window there are new ones."""
    old = home.signed_in(home.old)

    def check(browser: Browser, typed: str) -> TestResponse:
        return browser.submit(
            "/account/helpers/new", "/account/helpers/check", helper=typed, days="7"
        )

    for n in range(helping.TRIES_MAX):
        answer = check(old, home.neighbour if n % 2 else "0" * 16)
        assert answer.status_code == (200 if n % 2 else 404)
    refused = check(old, home.neighbour)
    assert refused.status_code == 429
    assert "试的次数太多了，请 10 分钟后再试。" in text_of(refused)
    assert "李*" not in text_of(refused)
    assert f'value="{home.neighbour}"' in refused.get_data(as_text=True)
    assert check(home.signed_in(home.neighbour), home.old).status_code == 200
    home.site.clock.forward(minutes=10)
    assert check(old, home.neighbour).status_code == 200


def test_acting_is_a_session_of_its_own_and_every_page_says_for_whom(home: Home) -> None:
    home.allow()
    browser = home.signed_in(home.neighbour)
    before = browser.session
    assert browser.submit("/account", "/account/acting").status_code == 303
    acting = browser.session
    assert acting != before
    replayed = Browser(home.site)
    replayed.session = before
    assert replayed.get("/account").status_code == 401
    for page in ("/me", "/account"):
        assert "您正在代 张* 办理" in text_of(browser.get(page))
    answer = browser.submit("/account", "/account/acting/end")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert browser.session not in (before, acting)
    replayed.session = acting
    assert replayed.get("/account").status_code == 401
    said = text_of(browser.get("/account"))
    assert "您正在代" not in said
    assert "李四" in said


def test_a_helper_sees_a_masked_person_and_the_person_sees_who_looked(home: Home) -> None:
    browser = home.acting(home.allow())
    page = browser.get("/me").get_data(as_text=True)
    assert "张桂兰" not in page
    looks = home.site.book.vault.accesses(home.old, before=2**53 - 1, limit=50, without="")
    mine = {(each.by, each.purpose) for each in looks if each.by == f"volunteer:{home.neighbour}"}
    assert mine == {(f"volunteer:{home.neighbour}", "helping")}


def test_what_is_the_persons_own_is_not_for_a_helper(home: Home) -> None:
    browser = home.acting(home.allow())
    form = browser.form(browser.get("/account"))
    for path in (
        "/account/helpers/new",
        "/account/helpers/0000000000000000",
        "/me/download",
        "/me/looks",
        "/me/certificates",
        "/me/forget",
    ):
        assert browser.get(path).status_code == 403, path
    for path in (
        "/account/helpers/check",
        "/account/helpers",
        "/account/sessions/end",
        "/account/provider/unlink",
        "/me/download",
        "/me/forget",
    ):
        answer = browser.post(path, {**form, "key": "0" * 32, "helper": home.neighbour})
        assert answer.status_code == 403, path
    assert home.site.book.standing(home.old).state == "active"
    # Nor does a helper pass it on.
    again = browser.post("/account/acting", {**form, "credential": "0" * 16})
    assert again.status_code == 403


def test_nobody_acts_with_what_was_lent_to_another(home: Home) -> None:
    credential = home.allow()
    stranger = Browser(home.site).signed_in(f"volunteer:{home.cast.ana}")
    before = stranger.session
    form = stranger.form(stranger.get("/account"))
    for guess in (credential, "0" * 16, ""):
        answer = stranger.post("/account/acting", {**form, "credential": guess})
        assert answer.status_code == 404, guess
    assert stranger.session == before
    merchant = Browser(home.site).signed_in(f"merchant:{home.site.till().merchant}")
    form = merchant.form(merchant.get("/account"))
    assert merchant.post("/account/acting", {**form, "credential": credential}).status_code == 404


def test_the_helped_person_ends_it_at_once(home: Home) -> None:
    credential = home.allow()
    browser, old = home.acting(credential), home.signed_in(home.old)
    assert "李* 代您办理中" in text_of(old.get("/account"))
    ended = old.submit(f"/account/helpers/{credential}", f"/account/helpers/{credential}/end")
    assert ended.status_code == 303
    assert "已停止" in text_of(old.get(ended.headers["Location"]))
    page = browser.get("/me")
    assert page.status_code == 403
    assert "代办已结束" in text_of(page)
    # And leads back to one's own pages.
    answer = browser.send(page, "/me", "/account/acting/end")
    assert answer.status_code == 303
    assert "李四" in text_of(browser.get("/account"))


def test_it_ends_by_itself_and_with_the_helper(home: Home) -> None:
    site = home.site
    credential = home.allow(expires=moment("2025-03-11 09:00"))
    browser = home.acting(credential)
    site.clock.set("2025-03-11 09:00")
    assert browser.get("/me").status_code in (401, 403)
    second = home.allow()
    browser = home.signed_in(home.neighbour)
    form = {**browser.form(browser.get("/account")), "credential": second}
    assert browser.post("/account/acting", form).status_code == 303
    site.made(site.operator, f"/parties/volunteer:{home.neighbour}/forget")
    # Whoever is nobody here any more has no pages of their own to go back to either.
    assert browser.get("/me").status_code == 403
    assert browser.post("/account/acting/end", form).status_code == 403
    assert dict(home_lent(home))[second] == "paused"


def home_lent(home: Home) -> list[tuple[str, str]]:
    token = home.site.volunteer_token(home.old)
    found = home.site.get(token, f"/volunteers/{home.old}/helpers")["data"]
    return [(each["credential"], each["state"]) for each in found]


def test_a_forged_form_neither_begins_nor_ends_acting(home: Home) -> None:
    credential = home.allow()
    browser = home.signed_in(home.neighbour)
    form = {**browser.form(browser.get("/account")), "credential": credential}
    browser.origin = "https://elsewhere.example"
    assert browser.post("/account/acting", form).status_code == 403
    browser.origin = "https://ledger.example"
    assert browser.post("/account/acting", {**form, "form": "0" * 64}).status_code == 403
    assert browser.post("/account/acting", form).status_code == 303
    assert browser.post("/account/acting/end", form).status_code == 403
    assert "您正在代" in text_of(browser.get("/me"))


def test_signing_out_everywhere_ends_what_is_done_for_one_and_by_one(home: Home) -> None:
    credential = home.allow()
    first, second = home.acting(credential), home.acting(credential)
    other = home.signed_in(home.neighbour)
    everywhere = {**other.form(other.get("/account")), "where": "everywhere"}
    assert other.post("/sign-out", everywhere).status_code == 303
    assert [each.get("/me").status_code for each in (first, second)] == [401, 401]
    acting, old = home.acting(credential), home.signed_in(home.old)
    everywhere = {**old.form(old.get("/account")), "where": "everywhere"}
    assert old.post("/sign-out", everywhere).status_code == 303
    assert acting.get("/me").status_code == 401


# What an auditor finds -------------------------------------------------------------------------


def told(town: Town) -> tuple[IssueCredential, str]:
    """A helper acts for somebody; who also has a credential of their own."""
    own = town.new()
    lent = lending(town)
    town.do(
        IssueCredential(credential=own, party=lent.party, role="volunteer", scopes="orders:read")
    )
    town.do(lent, caller=Caller(party=lent.party, role="volunteer", credential=own))
    who = Caller(party=lent.party, role="volunteer", credential=lent.credential)
    ana = lent.party.partition(":")[2]
    town.do(FileObjection(objection=town.new(), volunteer=ana, subject_kind="other"), caller=who)
    return lent, own


def test_a_bundle_in_which_somebody_helped_is_verified_and_replayed(
    town: Town, tmp_path: Path
) -> None:
    told(town)
    book = town.book
    book.signer.sign()
    export_bundle(book, tmp_path / "b", at=book.clock.now_ms())
    verdict = verify(tmp_path / "b", parse_key(book.keys.log.vkey))
    assert replayed(tmp_path / "b", verdict).verdict == "verified"


@pytest.mark.parametrize("made", ["objection", "credential"])
def test_a_caller_at_the_console_is_no_helper(town: Town, made: str) -> None:
    """What is revoked cannot be used, whoever holds it."""
    lent, own = told(town)
    credential = lent.credential if made == "objection" else own
    town.do(RevokeCredential(credential=credential), caller=CONSOLE)
    who = Caller(party=lent.party, role="volunteer", credential=credential)
    ana = lent.party.partition(":")[2]
    with pytest.raises(Refused, match="revoked"):
        town.book.record(
            FileObjection(objection=town.new(), volunteer=ana, subject_kind="other"),
            caller=who,
            key=key(),
        )
