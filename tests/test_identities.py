"""Signing in by OpenID Connect: a real provider, and one that says whatever a test wants."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import select
from werkzeug.test import TestResponse

from api.provider import FLOW_MS, Identity, Provider
from api.settings import Settings
from api.times import rfc3339
from ledger.errors import Refused
from ledger.store import tables
from tests.api_client import PUBLIC_URL, Cast, Site
from tests.identity_provider import CLIENT, SECRET, Running, provider
from tests.kit import FakeClock, Ledger
from tests.page_client import Browser, hidden, text_of


def settings_for(issuer: str, folder: Path) -> dict[str, Any]:
    file = folder / "oidc-secret"
    if not file.exists():
        file.write_text(f"{SECRET}\n")
        file.chmod(0o600)
    return {"oidc_issuer": issuer, "oidc_client_id": CLIENT, "oidc_client_secret_file": file}


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with provider() as made:
        yield made


class Town:
    """Volunteers, at a ledger whose people may sign in at a provider."""

    def __init__(self, ledger: Ledger, issuer: str, folder: Path) -> None:
        # The provider's clock is the real one.
        ledger.clock.ms = int(time.time() * 1000)
        self.site = Site(ledger.open(), ledger.clock, **settings_for(issuer, folder))
        self.cast = Cast(self.site)
        self.ana = f"volunteer:{self.site.volunteer(self.cast.home, name='林静')}"

    def linked(self, running: Running, user: str, party: str = "") -> Browser:
        browser = Browser(self.site).signed_in(party or self.ana)
        answer = come_back(browser, running, user, "/account", "/account/provider")
        assert answer.status_code == 303, text_of(answer)
        assert answer.headers["Location"] == "/account?done=linked"
        return browser


@pytest.fixture
def town(ledger: Ledger, running: Running, tmp_path: Path) -> Town:
    return Town(ledger, running.issuer, tmp_path)


def go(browser: Browser, page: str = "/sign-in", action: str = "/sign-in/provider") -> str:
    """To where a browser is sent when somebody presses the button."""
    answer = browser.submit(page, action)
    assert answer.status_code == 303, text_of(answer)
    return str(answer.headers["Location"])


def end_everything(browser: Browser) -> TestResponse:
    """The second of the two buttons, whose form has a number of its own."""
    page = browser.get("/account").get_data(as_text=True)
    form = hidden(page.partition('value="everything"')[0].rpartition("<form")[2])
    return browser.post("/sign-out", {**form, "where": "everything"})


def come_back(browser: Browser, running: Running, user: str, *where: str) -> TestResponse:
    running.be(user)
    return browser.get(running.visit(go(browser, *where)).removeprefix(PUBLIC_URL))


# The real provider -----------------------------------------------------------------------------


def test_who_linked_an_identity_signs_in_by_it(town: Town, running: Running) -> None:
    first = town.linked(running, "jing")
    assert "localhost" in text_of(first.get("/account"))
    later = Browser(town.site)
    answer = come_back(later, running, "jing")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me")
    assert "林静" in text_of(later.get("/account"))
    # It stands on the credential of the link, which says by what.
    credential = [each for each in town.site.book.history(town.ana) if each.facts.get("means")]
    assert [each.facts["means"] for each in credential] == ["oidc"]


def test_nothing_is_kept_of_who_somebody_is_there(town: Town, running: Running) -> None:
    town.linked(running, "jing")
    with town.site.book.database.reading() as connection:
        (row,) = connection.execute(select(tables.identities)).all()
    assert len(row.digest) == 32
    for entry in town.site.book.history(town.ana):
        assert "jing" not in entry.data.decode()
    assert "jing" not in town.site.log.getvalue()
    assert "code=" not in town.site.log.getvalue()


def test_an_unknown_identity_is_told_what_to_do_and_signs_nobody_in(
    town: Town, running: Running
) -> None:
    town.linked(running, "jing")
    browser = Browser(town.site)
    answer = come_back(browser, running, "bo")
    assert answer.status_code == 403
    assert "这个账号还没有绑定" in text_of(answer)
    assert browser.session == ""


def test_what_was_sent_back_is_good_once_and_in_one_browser(town: Town, running: Running) -> None:
    town.linked(running, "jing")
    running.be("jing")
    browser, thief = Browser(town.site), Browser(town.site)
    back = running.visit(go(browser)).removeprefix(PUBLIC_URL)
    assert thief.get(back).status_code == 403
    go(thief)
    assert thief.get(back).status_code == 403
    assert thief.session == ""
    assert browser.get(back).status_code == 303
    session = browser.session
    assert browser.get(back).status_code == 403
    assert browser.session == session


def test_a_replayed_code_is_refused_by_the_provider(town: Town, running: Running) -> None:
    town.linked(running, "jing")
    running.be("jing")
    browser = Browser(town.site)
    answer = browser.submit("/sign-in", "/sign-in/provider")
    (cookie,) = [each for each in answer.headers.getlist("Set-Cookie") if "-provider=" in each]
    name, _, rest = cookie.partition("=")
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Max-Age=600"):
        assert part in rest
    back = running.visit(str(answer.headers["Location"])).removeprefix(PUBLIC_URL)
    assert browser.get(back).status_code == 303
    # Even where somebody kept the cookie that we told the browser to forget.
    browser.client.set_cookie(name, rest.partition(";")[0], domain="ledger.example", secure=True)
    assert browser.get(back).status_code == 403


def test_linking_ends_in_the_session_in_which_it_was_begun(town: Town, running: Running) -> None:
    """Nobody is led to link what is somebody else's."""
    running.be("bo")
    mine = Browser(town.site).signed_in(town.ana)
    back = running.visit(go(mine, "/account", "/account/provider")).removeprefix(PUBLIC_URL)
    other = Browser(town.site).signed_in(f"volunteer:{town.cast.ana}")
    assert other.get(back).status_code == 403
    mine.submit("/account", "/sign-out", where="here")
    assert mine.get(back).status_code == 401
    assert come_back(Browser(town.site), running, "bo").status_code == 403


def test_an_identity_signs_one_in_until_it_is_unlinked(town: Town, running: Running) -> None:
    browser = town.linked(running, "jing")
    other = Browser(town.site).signed_in(f"volunteer:{town.cast.ana}")
    taken = come_back(other, running, "jing", "/account", "/account/provider")
    assert taken.status_code == 409
    by_it = Browser(town.site)
    come_back(by_it, running, "jing")
    unlinked = browser.submit("/account", "/account/provider/unlink")
    assert unlinked.headers["Location"] == "/account?done=unlinked"
    assert by_it.get("/me").status_code == 401
    assert come_back(Browser(town.site), running, "jing").status_code == 403
    # And may be linked anew, by whoever it is then.
    town.linked(running, "jing", f"volunteer:{town.cast.ana}")


def test_revoking_its_credential_ends_it_and_forgetting_leaves_nothing(
    town: Town, running: Running
) -> None:
    town.linked(running, "jing")
    by_it = Browser(town.site)
    come_back(by_it, running, "jing")
    (linked,) = [e for e in town.site.book.history(town.ana) if e.kind == "credential_linked"]
    town.site.made(town.site.operator, f"/tokens/{linked.facts['credential']}/revoke")
    assert by_it.get("/me").status_code == 401
    assert come_back(Browser(town.site), running, "jing").status_code == 403
    town.linked(running, "jing")
    town.site.made(town.site.operator, f"/parties/{town.ana}/forget")
    with town.site.book.database.reading() as connection:
        assert connection.execute(select(tables.identities)).all() == []
    assert come_back(Browser(town.site), running, "jing").status_code == 403


def test_a_session_of_a_link_is_no_longer_than_one_of_a_code(town: Town, running: Running) -> None:
    town.linked(running, "jing")
    browser = Browser(town.site)
    come_back(browser, running, "jing")
    town.site.clock.forward(minutes=720)
    assert browser.get("/me").status_code == 401


def test_only_who_signed_in_lately_links_and_is_told_what_to_do(
    town: Town, running: Running
) -> None:
    """Neither begins it after a quarter of an hour, nor ends what was begun before; so nobody who
    stole a session makes it last."""
    browser = Browser(town.site).signed_in(town.ana)
    town.site.clock.forward(minutes=15)
    town.site.clock.ms -= 1
    running.be("jing")
    page = browser.get("/account")
    assert "绑定 localhost 的账号" in text_of(page)
    back = running.visit(go(browser, "/account", "/account/provider")).removeprefix(PUBLIC_URL)
    town.site.clock.ms += 1
    late = browser.get("/account")
    assert 'action="/account/provider"' not in late.get_data(as_text=True)
    assert "只能在登录后 15 分钟内绑定" in text_of(late)
    before = town.site.size()
    for answer in (browser.get(back), browser.post("/account/provider", browser.form(page))):
        assert answer.status_code == 403
        assert "请先退出，重新登录，在 15 分钟内完成" in text_of(answer)
    english = browser.post("/account/provider?lang=en", browser.form(page))
    assert "only who has just signed in adds a way of signing in" in text_of(english)
    assert town.site.size() == before
    town.linked(running, "jing")


def test_who_fears_for_a_session_ends_them_all_and_what_was_added(
    town: Town, running: Running
) -> None:
    """Each way by an entry, with whoever is signed in by it. Nobody else is touched."""
    victim, thief = town.linked(running, "jing"), Browser(town.site)
    come_back(thief, running, "jing")
    other = town.linked(running, "bo", f"volunteer:{town.cast.ana}")
    assert "全部 1 种绑定的登录方式" in text_of(victim.get("/account"))
    answer = end_everything(victim)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert [each.get("/account").status_code for each in (victim, thief, other)] == [401, 401, 200]
    assert come_back(Browser(town.site), running, "jing").status_code == 403
    kinds = [each.kind for each in town.site.book.history(town.ana)]
    assert kinds.count("credential_linked") == kinds.count("credential_revoked") == 1
    with town.site.book.database.reading() as connection:
        assert len(connection.execute(select(tables.identities)).all()) == 1


def test_it_is_ended_also_by_whoever_is_signed_in_by_it(town: Town, running: Running) -> None:
    town.linked(running, "jing")
    town.linked(running, "bo")
    by_it = Browser(town.site)
    come_back(by_it, running, "jing")
    answer = end_everything(by_it)
    assert answer.status_code == 303, text_of(answer)
    for user in ("jing", "bo"):
        assert come_back(Browser(town.site), running, user).status_code == 403
    kinds = [each.kind for each in town.site.book.history(town.ana)]
    assert kinds.count("credential_revoked") == 2


def test_whoever_has_added_nothing_is_offered_only_to_sign_out(town: Town) -> None:
    browser = Browser(town.site).signed_in(town.ana)
    page = browser.get("/account")
    assert "everything" not in page.get_data(as_text=True)
    # Without a number of the form nothing is begun that could be half done.
    form = browser.form(page)
    assert browser.post("/sign-out", {**form, "where": "everything"}).status_code == 400
    assert browser.get("/account").status_code == 200


def test_nothing_stands_on_an_identity_that_was_unlinked(town: Town, running: Running) -> None:
    """Neither a session nor what its owner does for somebody else in one."""
    browser = town.linked(running, "jing")
    old = town.site.volunteer(town.cast.home, name="张桂兰")
    soon = rfc3339(town.site.clock.ms + 86_400_000)
    body = {"helper": town.ana, "scopes": ["volunteers:read"], "expires": soon}
    town.site.made(town.site.operator, f"/volunteers/{old}/helpers", body)
    by_it, acting = Browser(town.site), Browser(town.site)
    for each in (by_it, acting):
        come_back(each, running, "jing")
    assert acting.submit("/account", "/account/acting").status_code == 303
    form = acting.form(acting.get("/account"))
    assert browser.submit("/account", "/account/provider/unlink").status_code == 303
    assert by_it.get("/me").status_code == 401
    assert acting.post("/account/acting/end", form).status_code == 401
    assert acting.get("/me").status_code == 401
    assert browser.get("/account").get_data(as_text=True).count('name="session"') == 0


# Signing out there -----------------------------------------------------------------------------


def test_who_came_by_the_provider_may_sign_out_there_too(town: Town, running: Running) -> None:
    """A button, after one is signed out here; the provider asks, and sends people back."""
    town.linked(running, "jing")
    browser = Browser(town.site)
    come_back(browser, running, "jing")
    answer = browser.submit("/account", "/sign-out", where="here")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-out")
    assert browser.session == ""
    page = browser.get("/sign-out")
    assert "您在 localhost 可能还登录着" in text_of(page)
    assert f"form-action 'self' {running.issuer};" in page.headers["Content-Security-Policy"]
    there = browser.send(page, "/sign-out", "/sign-out/provider")
    assert there.status_code == 303
    address = str(there.headers["Location"])
    asked = parse_qs(urlsplit(address).query)
    # No token says who it is, since none is kept.
    assert asked == {"client_id": [CLIENT], "post_logout_redirect_uri": [f"{PUBLIC_URL}/sign-in"]}
    assert running.sign_out(address) == f"{PUBLIC_URL}/sign-in"


def test_who_came_by_a_code_or_where_the_provider_has_no_such_page_is_not_asked(
    town: Town, running: Running, ledger: Ledger, tmp_path: Path, forger: Forger
) -> None:
    browser = town.linked(running, "jing")
    assert browser.get("/sign-out").headers["Location"] == "/"
    answer = browser.submit("/account", "/sign-out", where="here")
    assert answer.headers["Location"] == "/sign-in"
    site = Site(town.site.book, ledger.clock, **settings_for(forger.issuer, tmp_path))
    for endpoint in (None, "https://evil.example/end", 7, ""):
        forger.metadata["end_session_endpoint"] = endpoint
        site.app.extensions["sidereal"].provider._known.clear()
        stranger = Browser(site)
        assert stranger.get("/sign-out").headers["Location"] == "/sign-in"
        assert stranger.post("/sign-out/provider", {"to": "provider"}).status_code == 404
    stranger.origin = "https://elsewhere.example"
    assert stranger.post("/sign-out/provider", {"to": "provider"}).status_code == 403


def test_a_provider_that_is_away_keeps_nobody_signed_in(
    town: Town, running: Running, forger: Forger
) -> None:
    town.linked(running, "jing")
    browser = Browser(town.site)
    come_back(browser, running, "jing")
    town.site.app.extensions["sidereal"].provider.issuer = f"{forger.issuer[:-1]}"
    town.site.app.extensions["sidereal"].provider._known.clear()
    answer = browser.submit("/account", "/sign-out", where="here")
    assert (answer.headers["Location"], browser.session) == ("/sign-in", "")
    there = browser.post("/sign-out/provider", {"to": "provider"})
    assert there.status_code == 503
    assert "暂时没有应答" in text_of(there)


def test_neither_a_till_nor_a_helper_links_how_somebody_signs_in(town: Town) -> None:
    till = town.site.till()
    clerk = Browser(town.site).signed_in(f"merchant:{till.merchant}", terminal=till.terminal)
    assert "/account/provider" not in clerk.get("/account").get_data(as_text=True)
    form = clerk.form(clerk.get("/account"))
    assert clerk.post("/account/provider", form).status_code == 403


def test_nobody_unlinks_what_is_anothers(town: Town, running: Running) -> None:
    town.linked(running, "jing")
    (linked,) = [e for e in town.site.book.history(town.ana) if e.kind == "credential_linked"]
    other = Browser(town.site).signed_in(f"volunteer:{town.cast.ana}")
    form = {**other.form(other.get("/account")), "key": "0" * 32}
    form["credential"] = linked.facts["credential"]
    assert other.post("/account/provider/unlink", form).status_code == 404


def test_the_button_leads_to_the_provider_and_nowhere_else(town: Town, running: Running) -> None:
    browser = Browser(town.site)
    policy = browser.get("/sign-in").headers["Content-Security-Policy"]
    assert f"form-action 'self' {running.issuer};" in policy
    assert running.issuer not in browser.get("/r").headers["Content-Security-Policy"]
    asked = parse_qs(urlsplit(go(browser)).query)
    assert asked["scope"] == ["openid"]
    assert asked["code_challenge_method"] == ["S256"]
    browser.origin = "https://elsewhere.example"
    assert browser.post("/sign-in/provider", {"x": ""}).status_code == 403


def test_without_a_provider_nobody_is_sent_anywhere(ledger: Ledger) -> None:
    browser = Browser(Site(ledger.open(), ledger.clock))
    assert "provider" not in browser.get("/sign-in").get_data(as_text=True)
    assert browser.post("/sign-in/provider", {"x": ""}).status_code == 404
    assert browser.get("/sign-in/provider/back?code=x&state=y").status_code == 404


# One that says anything -------------------------------------------------------------------------


class Forger:
    """A provider whose words are the test's."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.signing = self.key
        self.algorithm = "RS256"
        self.claims: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.asked: list[str] = []
        forger = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                forger.asked.append(self.path)
                keys = {"keys": [forger.key.as_dict(private=False)]}
                self._say(keys if self.path == "/keys" else forger.metadata)

            def do_POST(self) -> None:
                forger.asked.append(self.path)
                self.rfile.read(int(self.headers["Content-Length"]))
                self._say({"access_token": "x", "token_type": "Bearer", "id_token": forger.token()})

            def _say(self, said: Any) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(said).encode())

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.metadata = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def token(self) -> str:
        header = {"alg": self.algorithm, "kid": self.signing.kid}
        return jwt.encode(header, self.claims, self.signing, algorithms=[self.algorithm])


@pytest.fixture
def forger() -> Iterator[Forger]:
    made = Forger()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def client_of(forger: Forger, clock: FakeClock) -> Provider:
    return Provider(
        issuer=forger.issuer,
        client_id=CLIENT,
        client_secret=SECRET,
        back=f"{PUBLIC_URL}/sign-in/provider/back",
        clock=lambda: clock.ms,
    )


def begun(forger: Forger, client: Provider, clock: FakeClock) -> tuple[dict[str, str], str]:
    """(what comes back, the cookie) of a sign-in in which everything is as it should be."""
    address, kept = client.begin("sign_in ")
    asked = parse_qs(urlsplit(address).query)
    now = clock.ms // 1000
    forger.claims = {
        "iss": forger.issuer,
        "aud": CLIENT,
        "sub": "4711",
        "nonce": asked["nonce"][0],
        "iat": now,
        "exp": now + 60,
    }
    return {"state": asked["state"][0], "code": "c", "iss": forger.issuer}, kept


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock("2025-03-10 09:00")


def test_what_is_as_it_should_be_is_believed(forger: Forger, clock: FakeClock) -> None:
    client = client_of(forger, clock)
    sent, kept = begun(forger, client, clock)
    assert client.finish(sent, kept, "sign_in ") == Identity(forger.issuer, "4711")
    forger.claims["aud"] = [CLIENT, "another"]
    forger.claims["azp"] = CLIENT
    assert client.finish(sent, kept, "sign_in ").subject == "4711"
    # What it says of itself is asked for once, and only at its own address.
    assert forger.asked.count("/.well-known/openid-configuration") == 1


WRONG: dict[str, Callable[[Forger, dict[str, str]], Any]] = {
    "state": lambda forger, sent: sent.update(state="x"),
    "no_state": lambda forger, sent: sent.pop("state"),
    "no_code": lambda forger, sent: sent.pop("code"),
    "error": lambda forger, sent: sent.update(error="access_denied"),
    "iss_of_the_answer": lambda forger, sent: sent.update(iss="https://evil.example"),
    "iss": lambda forger, sent: forger.claims.update(iss="https://evil.example"),
    "aud": lambda forger, sent: forger.claims.update(aud="another"),
    "aud_of_two": lambda forger, sent: forger.claims.update(aud=[CLIENT, "another"]),
    "azp": lambda forger, sent: forger.claims.update(azp="another"),
    "nonce": lambda forger, sent: forger.claims.update(nonce="another"),
    "no_nonce": lambda forger, sent: forger.claims.pop("nonce"),
    "expired": lambda forger, sent: forger.claims.update(exp=forger.claims["iat"] - 61),
    "no_exp": lambda forger, sent: forger.claims.pop("exp"),
    "exp_as_text": lambda forger, sent: forger.claims.update(exp="9999999999"),
    "issued_later": lambda forger, sent: forger.claims.update(iat=forger.claims["iat"] + 3_600),
    "no_sub": lambda forger, sent: forger.claims.pop("sub"),
    "empty_sub": lambda forger, sent: forger.claims.update(sub=""),
    "sub_as_number": lambda forger, sent: forger.claims.update(sub=4711),
    "another_key": lambda forger, sent: setattr(
        forger, "signing", RSAKey.generate_key(2048, {"kid": "one"})
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_not_as_it_should_be_signs_nobody_in(
    forger: Forger, clock: FakeClock, wrong: str
) -> None:
    client = client_of(forger, clock)
    sent, kept = begun(forger, client, clock)
    WRONG[wrong](forger, sent)
    with pytest.raises(Refused) as no:
        client.finish(sent, kept, "sign_in ")
    assert no.value.code == "identity_refused"


def test_a_token_without_a_signature_or_signed_with_our_own_secret_is_none(
    forger: Forger, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    import base64

    from joserfc.jwk import OctKey

    client = client_of(forger, clock)
    sent, kept = begun(forger, client, clock)

    def part(said: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()

    bare = f"{part({'alg': 'none'})}.{part(forger.claims)}."
    ours = jwt.encode(
        {"alg": "HS256"}, forger.claims, OctKey.import_key(SECRET * 2), algorithms=["HS256"]
    )
    for token in (bare, ours, "x", ""):
        monkeypatch.setattr(forger, "token", lambda said=token: said)
        with pytest.raises(Refused) as no:
            client.finish(sent, kept, "sign_in ")
        assert no.value.code == "identity_refused", token


def test_what_was_begun_otherwise_or_too_long_ago_is_not_finished(
    forger: Forger, clock: FakeClock
) -> None:
    client = client_of(forger, clock)
    sent, kept = begun(forger, client, clock)
    later = f"{int(kept.partition('.')[0]) + FLOW_MS}.{kept.partition('.')[2]}"
    for cookie, purpose in (
        ("", "sign_in "),
        ("x.y", "sign_in "),
        (later, "sign_in "),
        (kept, "link "),
        (kept + "x", "sign_in "),
    ):
        with pytest.raises(Refused, match="begin again"):
            client.finish(sent, cookie, purpose)
    clock.ms += FLOW_MS
    with pytest.raises(Refused, match="too long ago"):
        client.finish(sent, kept, "sign_in ")


def test_keys_that_changed_are_looked_up_once_more(forger: Forger, clock: FakeClock) -> None:
    client = client_of(forger, clock)
    sent, kept = begun(forger, client, clock)
    client.finish(sent, kept, "sign_in ")
    forger.key = forger.signing = RSAKey.generate_key(2048, {"kid": "two"})
    assert client.finish(sent, kept, "sign_in ").subject == "4711"
    assert forger.asked.count("/keys") == 2


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "https://evil.example/token"},
        {"jwks_uri": "http://127.0.0.1:1/keys"},
        {"authorization_endpoint": None},
    ],
)
def test_a_provider_is_asked_at_its_own_address_alone(
    forger: Forger, clock: FakeClock, change: dict[str, Any]
) -> None:
    forger.metadata |= change
    with pytest.raises(Refused) as no:
        client_of(forger, clock).begin("sign_in ")
    assert no.value.code == "provider_unreachable"


def test_an_answer_that_breaks_off_is_no_fault_of_ours(clock: FakeClock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def break_off() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4_096)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{")

        answering = threading.Thread(target=break_off)
        answering.start()
        client = Provider(
            issuer=f"http://127.0.0.1:{server.getsockname()[1]}",
            client_id=CLIENT,
            client_secret=SECRET,
            back=f"{PUBLIC_URL}/sign-in/provider/back",
            clock=lambda: clock.ms,
        )
        with pytest.raises(Refused) as no:
            client.begin("sign_in ")
        answering.join()
    assert no.value.code == "provider_unreachable"


def test_one_that_does_not_answer_is_no_fault_of_ours(
    ledger: Ledger, tmp_path: Path, forger: Forger
) -> None:
    gone = f"{forger.issuer.rpartition(':')[0]}:1"
    site = Site(ledger.open(), ledger.clock, **settings_for(gone, tmp_path))
    answer = Browser(site).submit("/sign-in", "/sign-in/provider")
    assert answer.status_code == 503
    assert "暂时没有应答" in text_of(answer)


# Settings --------------------------------------------------------------------------------------


def test_a_server_says_what_is_missing_before_it_starts(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("s3cret")
    file.chmod(0o600)
    good = {
        "SIDEREAL_OIDC_ISSUER": "https://id.example",
        "SIDEREAL_OIDC_CLIENT_ID": "sidereal",
        "SIDEREAL_OIDC_CLIENT_SECRET_FILE": str(file),
    }
    assert Settings.read(good).oidc_client_secret() == "s3cret"
    for change, said in (
        ({"SIDEREAL_OIDC_CLIENT_ID": ""}, "belong together"),
        ({"SIDEREAL_OIDC_ISSUER": ""}, "belong together"),
        ({"SIDEREAL_OIDC_ISSUER": "http://id.example"}, "https"),
        ({"SIDEREAL_OIDC_ISSUER": "https://id.example/?x"}, "query"),
        ({"SIDEREAL_OIDC_CLIENT_SECRET_FILE": str(tmp_path / "nowhere")}, "only its owner reads"),
    ):
        with pytest.raises(Refused, match=said):
            Settings.read(good | change)
    file.chmod(0o644)
    with pytest.raises(Refused, match="0600"):
        Settings.read(good)
    file.chmod(0o600)
    file.write_text(" \n")
    with pytest.raises(Refused, match="empty"):
        Settings.read(good)
