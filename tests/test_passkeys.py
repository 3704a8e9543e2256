"""Signing in by passkeys, with a phone of the tests' own that says whatever a test wants."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final

import pytest
from sqlalchemy import select
from webauthn.helpers import encode_cbor
from werkzeug.test import TestResponse

from api.passkeys import here
from api.settings import Settings
from ledger.door import passkeys, ways
from ledger.store import tables
from tests.api_client import PUBLIC_URL, Cast, Site
from tests.authenticator import (
    EDDSA,
    ES256,
    PRESENT,
    RS256,
    VERIFIED,
    Phone,
    bytes_of,
    cose,
    new_key,
)
from tests.authenticator import text_of as base64url
from tests.kit import Ledger
from tests.page_client import Browser, text_of

SHOW: Final = "/sign-in/passkey"
MAKE: Final = "/account/passkeys"
COOKIE: Final = "__Host-sidereal-passkey"


class Town:
    """Volunteers at a ledger whose people sign in by passkeys."""

    def __init__(self, ledger: Ledger) -> None:
        self.site = Site(ledger.open(), ledger.clock)
        self.cast = Cast(self.site)
        self.ana = f"volunteer:{self.site.volunteer(self.cast.home, name='林静')}"
        self.bo = f"volunteer:{self.cast.ana}"

    def who(self, party: str) -> Browser:
        return Browser(self.site).signed_in(party)

    def added(self, phone: Phone, party: str = "") -> Browser:
        """Signed in by a link, with a passkey on this phone from now on."""
        browser = self.who(party or self.ana)
        answer = add(browser, phone)
        assert answer.status_code == 303, text_of(answer)
        return browser

    def kept(self) -> list[Any]:
        with self.site.book.database.reading() as connection:
            return list(connection.execute(select(tables.passkeys)).all())

    def linked(self, party: str = "") -> list[str]:
        entries = self.site.book.history(party or self.ana)
        return [each.facts["credential"] for each in entries if each.kind == "credential_linked"]


@pytest.fixture
def town(ledger: Ledger) -> Town:
    return Town(ledger)


def to_make(browser: Browser) -> dict[str, Any]:
    """What a page's script is told to make."""
    form = {"form": browser.form(browser.get("/account"))["form"]}
    answer = browser.post(f"{MAKE}/options", form)
    assert answer.status_code == 200, text_of(answer)
    return dict(answer.get_json())


def to_show(browser: Browser) -> dict[str, Any]:
    answer = browser.post(f"{SHOW}/options", {"x": ""})
    assert answer.status_code == 200, text_of(answer)
    return dict(answer.get_json())


def add(browser: Browser, phone: Phone, **odd: Any) -> TestResponse:
    options = to_make(browser)
    form = {"form": browser.form(browser.get("/account"))["form"]}
    return browser.post(MAKE, form | phone.make(options, **odd))


def sign_in(browser: Browser, phone: Phone, **odd: Any) -> TestResponse:
    return browser.post(SHOW, phone.show(to_show(browser), **odd))


def remove(browser: Browser) -> TestResponse:
    return browser.submit("/account", f"{MAKE}/remove")


def cookie_of(browser: Browser) -> str:
    cookie = browser.client.get_cookie(COOKIE, domain="ledger.example")
    return cookie.value if cookie else ""


def keep_cookie(browser: Browser, value: str) -> None:
    browser.client.set_cookie(COOKIE, value, domain="ledger.example", secure=True)


# Adding and signing in --------------------------------------------------------------------------


def test_who_added_a_passkey_signs_in_by_it_without_typing_anything(town: Town) -> None:
    """With each kind of key that was asked for."""
    for algorithm in (ES256, EDDSA, RS256):
        phone = Phone(algorithm)
        first = town.added(phone)
        town.site.clock.forward(minutes=5)
        later = Browser(town.site)
        answer = sign_in(later, phone)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/me"), text_of(answer)
        said = text_of(later.get("/account"))
        assert "林静" in said
        assert "本次登录" in said
        assert "上次用它登录" in text_of(first.get("/account"))
        assert remove(first).status_code == 303
        assert later.get("/me").status_code == 401
    entries = town.site.book.history(town.ana)
    assert [e.facts["means"] for e in entries if "means" in e.facts] == ["passkey"] * 3


def test_what_is_asked_of_a_device_and_kept_of_it_names_nobody(town: Town) -> None:
    phone = Phone()
    browser = town.who(town.ana)
    options = to_make(browser)
    assert options["rp"] == {"id": "ledger.example", "name": "星时"}
    assert options["attestation"] == "none"
    assert options["authenticatorSelection"] == {
        "requireResidentKey": True,
        "residentKey": "required",
        "userVerification": "required",
    }
    assert [each["alg"] for each in options["pubKeyCredParams"]] == [ES256, EDDSA, RS256]
    assert options["user"]["name"] == options["user"]["displayName"] == "林*"
    handle = bytes_of(options["user"]["id"])
    assert len(handle) == 32
    assert handle == bytes_of(to_make(browser)["user"]["id"])
    assert handle != bytes_of(to_make(town.who(town.bo))["user"]["id"])
    town.added(phone)
    (row,) = town.kept()
    (credential,) = town.linked()
    kept = phone.kept[-1]
    now = town.site.clock.ms
    assert row == (kept.id, encode_cbor(cose(kept.key)), 0, credential, now, 0)
    for entry in town.site.book.history(town.ana):
        assert kept.id.hex() not in entry.data.decode()
    assert base64url(kept.id) not in town.site.log.getvalue()


def test_whoever_vouches_for_a_device_is_not_read(town: Town) -> None:
    """Browsers leave it out when asked; where one does not, its word is dropped unread."""
    phone = Phone()
    of = {"fmt": "packed", "attStmt": {"alg": -7, "sig": b"nonsense", "x5c": [b"nonsense"]}}
    assert add(town.who(town.ana), phone, of=of).status_code == 303
    assert sign_in(Browser(town.site), phone).status_code == 303


def test_a_device_that_has_one_is_not_asked_for_another(town: Town) -> None:
    phone = Phone()
    browser = town.added(phone)
    mine = to_make(browser)["excludeCredentials"]
    assert mine == [{"type": "public-key", "id": base64url(phone.kept[0].id)}]
    assert to_make(town.who(town.bo))["excludeCredentials"] == []
    # One that makes it all the same, and a person who has another's, are told so.
    for other in (browser, town.who(town.bo)):
        options = to_make(other)
        kept = phone.kept[0]
        sent = Phone(kept=[]).make(options, sent_id=base64url(kept.id))
        data = bytes_of(sent["attestation"])
        made = Phone()
        made.make(options)
        sent["attestation"] = base64url(data.replace(_id_in(data), kept.id))
        form = {"form": other.form(other.get("/account"))["form"]}
        answer = other.post(MAKE, form | sent)
        assert answer.status_code == 409
        assert "已经可以登录" in text_of(answer)
    # Removed, it may be added by whoever it is then.
    assert remove(browser).status_code == 303
    town.added(phone, town.bo)
    assert len(town.kept()) == 1


def _id_in(attestation: bytes) -> bytes:
    """The id inside: behind 37 bytes that all authenticator data begin with, a model, a length."""
    at = attestation.index(b"authData") + len(b"authData") + 2
    return attestation[at + 37 + 16 + 2 :][:32]


# What is refused --------------------------------------------------------------------------------

ODD_ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "another challenge": {"said": {"challenge": base64url(bytes(32))}},
    "no challenge": {"client_data": b'{"type":"webauthn.get","origin":"https://ledger.example"}'},
    "another origin": {"said": {"origin": "https://ledger.example.evil.example"}},
    "plain http": {"said": {"origin": "http://ledger.example"}},
    "another port": {"said": {"origin": f"{PUBLIC_URL}:8443"}},
    "inside another page": {"said": {"crossOrigin": True}},
    "another kind": {"said": {"type": "webauthn.create"}},
    "another name": {"name": "evil.example"},
    "nobody there": {"flags": VERIFIED},
    "no finger or PIN": {"flags": PRESENT},
    "another signature": {"signature": lambda right: right[:-1] + bytes([right[-1] ^ 1])},
    "no signature": {"signature": lambda _: b""},
    "of another person": {"handle": bytes(32)},
    "of no person": {"handle": b""},
    "a passkey of nobody": {"sent_id": base64url(bytes(32))},
    "no passkey": {"sent_id": "="},
    "a name with signs": {"sent_id": "é"},
    "no JSON": {"client_data": b"\xff"},
    "very deep JSON": {"client_data": b"[" * 5_000},
    "a list": {"client_data": b"[]"},
}


def test_what_does_not_hold_signs_nobody_in(town: Town) -> None:
    phone = Phone()
    town.added(phone)
    for why, odd in ODD_ANSWERS.items():
        browser = Browser(town.site)
        answer = sign_in(browser, phone, **odd)
        assert answer.status_code == 403, why
        assert browser.session == "", why
        said = text_of(answer)
        assert ("没有通过验证" in said) != ("不认识这把通行密钥" in said), why
    # And nothing at all.
    browser = Browser(town.site)
    to_show(browser)
    assert browser.post(SHOW, {"id": ""}).status_code == 403
    # Nothing of it was counted against the one that is right.
    assert sign_in(Browser(town.site), phone).status_code == 303


ODD_PASSKEYS: Final[dict[str, dict[str, Any]]] = {
    "another challenge": {"said": {"challenge": base64url(bytes(32))}},
    "another origin": {"said": {"origin": "https://evil.example"}},
    "inside another page": {"said": {"crossOrigin": True}},
    "another kind": {"said": {"type": "webauthn.get"}},
    "another name": {"name": "evil.example"},
    "nobody there": {"flags": VERIFIED},
    "no finger or PIN": {"flags": PRESENT},
    "a key that nobody asked for": {"public_key": encode_cbor({**cose(new_key(ES256)), 3: -35})},
    "a key without its half": {"public_key": encode_cbor({1: 2, 3: -7, -1: 1, -2: bytes(32)})},
    "a key on no curve": {
        "public_key": encode_cbor({1: 2, 3: -7, -1: 1, -2: b"\1" * 32, -3: b"\1" * 32})
    },
    "a key of numbers": {"public_key": encode_cbor({1: 2, 3: -7, -1: 1, -2: 1, -3: 1})},
    "a key that is none": {"public_key": encode_cbor([1, 2])},
    "a key that is very long": {
        "public_key": encode_cbor({1: 3, 3: -257, -1: b"\xff" * 1_024, -2: b"\1\0\1"})
    },
    "two names": {"sent_id": base64url(bytes(32))},
    "no CBOR": {"attestation": b"\xff"},
    "very deep CBOR": {"attestation": b"\x81" * 5_000},
    "no data": {"attestation": encode_cbor({"fmt": "none", "attStmt": {}})},
    "a list": {"attestation": encode_cbor([])},
    "data that break off": {"of": {"authData": bytes(36)}},
    "no JSON": {"client_data": b"{"},
}


def test_what_does_not_hold_is_not_added(town: Town) -> None:
    browser = town.who(town.ana)
    for why, odd in ODD_PASSKEYS.items():
        answer = add(browser, Phone(), **odd)
        assert answer.status_code == 403, why
        assert "没有通过验证" in text_of(answer), why
    assert town.kept() == []
    assert town.linked() == []


def test_an_answer_is_good_once_and_in_one_browser(town: Town) -> None:
    """Even where somebody recorded it with the cookie that the browser was told to forget."""
    phone = Phone(counts=False)
    town.added(phone)
    browser, thief = Browser(town.site), Browser(town.site)
    sent = phone.show(to_show(browser))
    kept = cookie_of(browser)
    assert thief.post(SHOW, sent).status_code == 403
    to_show(thief)
    assert thief.post(SHOW, sent).status_code == 403
    assert browser.post(SHOW, sent).status_code == 303
    session = browser.session
    for other in (browser, thief):
        keep_cookie(other, kept)
        assert other.post(SHOW, sent).status_code == 403
    assert browser.session == session
    assert thief.session == ""
    # A counter that stays 0 is no second use of an answer: another answer is good.
    assert sign_in(Browser(town.site), phone).status_code == 303
    # What is over is not kept for ever.
    town.site.clock.forward(minutes=11)
    assert sign_in(Browser(town.site), phone).status_code == 303
    with town.site.book.database.reading() as connection:
        assert len(connection.execute(select(tables.spent_challenges)).all()) == 1


def test_of_two_who_send_one_answer_at_once_one_is_signed_in(town: Town) -> None:
    phone = Phone(counts=False)
    town.added(phone)
    first = Browser(town.site)
    sent = phone.show(to_show(first))
    others = [Browser(town.site) for _ in range(4)]
    for each in others:
        keep_cookie(each, cookie_of(first))
    with ThreadPoolExecutor(len(others)) as pool:
        answers = list(pool.map(lambda each: each.post(SHOW, sent).status_code, others))
    assert sorted(answers) == [303, 403, 403, 403]
    assert len([each for each in others if each.session]) == 1


def test_a_challenge_is_for_ten_minutes_and_only_this_ledger_makes_one(town: Town) -> None:
    phone = Phone()
    town.added(phone)
    browser = Browser(town.site)
    sent = phone.show(to_show(browser))
    kept = cookie_of(browser)
    begun, _, secret = kept.partition(".")
    later = f"{int(begun) + passkeys.FLOW_MS}.{secret}"
    for cookie in ("", "x.y", f"-1.{secret}", f"{'9' * 30}.{secret}", later, kept + "x"):
        keep_cookie(browser, cookie)
        assert browser.post(SHOW, sent).status_code == 403, cookie
    keep_cookie(browser, kept)
    town.site.clock.forward(minutes=10)
    assert browser.post(SHOW, sent).status_code == 403
    for part in ("Secure", "HttpOnly", "SameSite=Strict", "Max-Age=600", "Path=/"):
        answer = browser.post(f"{SHOW}/options", {"x": ""})
        (cookie,) = [each for each in answer.headers.getlist("Set-Cookie") if COOKIE in each]
        assert part in cookie


def test_a_counter_that_goes_back_is_refused(town: Town) -> None:
    """As of a copy: who has it and whose it is cannot be told apart, so neither is let in by it."""
    phone = Phone()
    town.added(phone)
    for counter, status in ((5, 303), (5, 403), (4, 403), (0, 403), (6, 303)):
        answer = sign_in(Browser(town.site), phone, counter=counter)
        assert answer.status_code == status, counter
    (row,) = town.kept()
    assert row.counter == 6


def test_what_is_begun_for_one_thing_or_in_one_session_ends_in_no_other(town: Town) -> None:
    phone = Phone()
    mine, other = town.who(town.ana), town.who(town.bo)
    sent = phone.make(to_make(mine))
    keep_cookie(other, cookie_of(mine))
    form = {"form": other.form(other.get("/account"))["form"]}
    assert other.post(MAKE, form | sent).status_code == 403
    # Nor in a later session of the same person.
    again = town.who(town.ana)
    keep_cookie(again, cookie_of(mine))
    form = {"form": again.form(again.get("/account"))["form"]}
    assert again.post(MAKE, form | sent).status_code == 403
    # A challenge for signing in adds nothing, and one for adding signs nobody in.
    options = to_make(mine)
    wrong = to_show(mine)
    form = {"form": mine.form(mine.get("/account"))["form"]}
    made = phone.make({**options, "challenge": wrong["challenge"]})
    assert mine.post(MAKE, form | made).status_code == 403
    assert town.kept() == []
    town.added(phone)
    browser = town.who(town.ana)
    options = to_make(browser)
    shown = phone.show({"rpId": "ledger.example", "challenge": options["challenge"]})
    assert browser.post(SHOW, shown).status_code == 403


def test_a_form_sent_again_adds_nothing_more(town: Town) -> None:
    phone = Phone()
    browser = town.who(town.ana)
    sent = phone.make(to_make(browser)) | {"form": browser.form(browser.get("/account"))["form"]}
    kept = cookie_of(browser)
    answers = []
    for _ in range(2):
        keep_cookie(browser, kept)
        answers.append(browser.post(MAKE, sent))
    assert [each.status_code for each in answers] == [303, 303]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert len(town.linked()) == len(town.kept()) == 1
    assert "已添加" in text_of(browser.get(answers[0].headers["Location"]))
    # To a challenge that was answered, another passkey is no answer.
    keep_cookie(browser, kept)
    challenge = json.loads(bytes_of(sent["client_data"]))["challenge"]
    options = to_make(browser) | {"challenge": challenge}
    keep_cookie(browser, kept)
    assert browser.post(MAKE, sent | phone.make(options)).status_code == 422
    # Nor after it was removed.
    assert remove(browser).status_code == 303
    keep_cookie(browser, kept)
    browser.post(MAKE, sent)
    assert town.kept() == []


# Ending it --------------------------------------------------------------------------------------


def test_removing_one_signs_out_what_stands_on_it_and_nothing_else(town: Town) -> None:
    first, second = Phone(), Phone()
    browser = town.added(first)
    assert add(browser, second).status_code == 303
    by_first, by_second = Browser(town.site), Browser(town.site)
    sign_in(by_first, first)
    sign_in(by_second, second)
    of_first, of_second = town.linked()
    assert [each.credential for each in ways.ways_of(town.site.book, town.ana)] == [
        of_second,
        of_first,
    ]
    form = {**browser.form(browser.get("/account")), "key": "0" * 32, "credential": of_first}
    answer = browser.post(f"{MAKE}/remove", form)
    assert "已移除" in text_of(browser.get(answer.headers["Location"]))
    assert [each.get("/me").status_code for each in (by_first, by_second, browser)] == [
        401,
        200,
        200,
    ]
    refused = sign_in(Browser(town.site), first)
    assert refused.status_code == 403
    assert "不认识这把通行密钥" in text_of(refused)
    # By which one is signed in: out at once.
    form = {**by_second.form(by_second.get("/account")), "key": "1" * 32, "credential": of_second}
    answer = by_second.post(f"{MAKE}/remove", form)
    assert (answer.headers["Location"], by_second.session) == ("/sign-in", "")
    # An address says nothing of itself.
    assert "已移除" not in text_of(town.who(town.bo).get("/account?passkey=1"))


def test_revoking_its_credential_ends_it_and_forgetting_leaves_nothing(town: Town) -> None:
    phone = Phone()
    town.added(phone)
    by_it = Browser(town.site)
    sign_in(by_it, phone)
    (credential,) = town.linked()
    town.site.made(town.site.operator, f"/tokens/{credential}/revoke")
    assert by_it.get("/me").status_code == 401
    assert sign_in(Browser(town.site), phone).status_code == 403
    town.added(phone)
    town.site.made(town.site.operator, f"/parties/{town.ana}/forget")
    assert town.kept() == []
    assert sign_in(Browser(town.site), phone).status_code == 403


def test_signing_out_of_everything_drops_them(town: Town) -> None:
    """For whoever fears that somebody else was in."""
    phone = Phone()
    browser = town.added(phone)
    form = browser.form(browser.get("/account")) | {"key": "0" * 32, "where": "everything"}
    assert browser.post("/sign-out", form).status_code == 303
    assert town.kept() == []
    assert sign_in(Browser(town.site), phone).status_code == 403


def test_who_is_suspended_is_not_signed_in_until_reinstated(town: Town) -> None:
    phone = Phone()
    town.added(phone)
    town.site.made(town.site.operator, f"/parties/{town.ana}/suspend", {"reason": "x"})
    browser = Browser(town.site)
    assert sign_in(browser, phone).status_code == 403
    assert browser.session == ""
    town.site.made(town.site.operator, f"/parties/{town.ana}/reinstate", {"reason": "x"})
    assert sign_in(browser, phone).status_code == 303


def test_nobody_removes_what_is_anothers_or_no_way_of_signing_in(town: Town) -> None:
    town.added(Phone())
    other = town.who(town.bo)
    form = {**other.form(other.get("/account")), "key": "0" * 32}
    session = [e for e in town.site.book.history(town.bo) if e.kind == "credential_issued"]
    for credential in (town.linked()[0], session[-1].facts["credential"], "0" * 16, ""):
        answer = other.post(f"{MAKE}/remove", {**form, "credential": credential})
        assert answer.status_code == 404
    assert len(town.kept()) == 1


def test_neither_a_till_nor_a_forged_form_adds_how_somebody_signs_in(town: Town) -> None:
    till = town.site.till()
    clerk = Browser(town.site).signed_in(f"merchant:{till.merchant}", terminal=till.terminal)
    assert MAKE not in clerk.get("/account").get_data(as_text=True)
    form = clerk.form(clerk.get("/account"))
    for path in (f"{MAKE}/options", MAKE):
        assert clerk.post(path, form).status_code == 403
    browser = town.who(town.ana)
    options = to_make(browser)
    sent = Phone().make(options)
    assert browser.post(MAKE, sent).status_code == 403
    assert browser.post(f"{MAKE}/options", {"x": ""}).status_code == 403
    browser.origin = "https://elsewhere.example"
    form = {"form": browser.form(browser.get("/account"))["form"]}
    assert browser.post(MAKE, form | sent).status_code == 403
    assert Browser(town.site).post(MAKE, sent).status_code == 401
    assert town.kept() == []


def test_only_who_signed_in_lately_adds_one(town: Town) -> None:
    """A stolen session is not made to last."""
    phone = Phone()
    browser = town.who(town.ana)
    sent = phone.make(to_make(browser)) | {"form": browser.form(browser.get("/account"))["form"]}
    town.site.clock.forward(minutes=15)
    page = browser.get("/account")
    assert "data-passkey" not in page.get_data(as_text=True)
    assert "只能在登录后 15 分钟内添加" in text_of(page)
    for found in (browser.post(f"{MAKE}/options", sent), browser.post(MAKE, sent)):
        assert "刚登录时才能添加登录方式" in text_of(found)
    assert town.kept() == []
    # By a passkey one has signed in as well.
    town.added(phone)
    by_it = Browser(town.site)
    sign_in(by_it, phone)
    assert add(by_it, Phone()).status_code == 303


# Where they are offered --------------------------------------------------------------------------


def test_a_page_may_use_passkeys_where_it_has_a_button_for_them(town: Town) -> None:
    def allowed(answer: TestResponse) -> set[str]:
        said = answer.headers["Permissions-Policy"].split(", ")
        return {each.partition("=")[0] for each in said if each.endswith("=(self)")}

    browser = town.who(town.ana)
    assert allowed(Browser(town.site).get("/sign-in")) == {"publickey-credentials-get"}
    assert allowed(Browser(town.site).get("/me")) == {"publickey-credentials-get"}
    assert allowed(browser.get("/account")) == {"publickey-credentials-create"}
    assert allowed(browser.get("/me")) == set()
    for path in ("/sign-in", "/account"):
        assert "script-src 'self';" in browser.get(path).headers["Content-Security-Policy"]


def test_they_are_offered_at_a_name_by_https_or_on_this_machine() -> None:
    for url, name in {
        "https://ledger.example": "ledger.example",
        "https://Ledger.Example:8443": "ledger.example",
        "http://localhost:8080": "localhost",
        "https://localhost": "localhost",
        "http://ledger.example": "",
        "http://127.0.0.1:8080": "",
        "https://192.0.2.7": "",
        "https://[2001:db8::7]:8443": "",
    }.items():
        found = here(Settings(public_url=url))
        assert (found.name if found else "") == name, url


def test_without_the_extra_they_are_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.passkeys.find_spec", lambda _: None)
    assert here(Settings(public_url="https://ledger.example")) is None


def test_where_they_are_not_offered_nothing_of_them_is_there(town: Town) -> None:
    """What was added before can still be removed."""
    browser = town.added(Phone())
    state = town.site.app.extensions["sidereal"]
    elsewhere = replace(state.settings, public_url="https://192.0.2.7")
    town.site.app.extensions["sidereal"] = replace(state, settings=elsewhere)
    browser.origin = "https://192.0.2.7"
    stranger = Browser(town.site)
    stranger.origin = browser.origin
    assert "passkey" not in stranger.get("/sign-in").get_data(as_text=True)
    assert stranger.post(f"{SHOW}/options", {"x": ""}).status_code == 404
    assert stranger.post(SHOW, {"id": "x"}).status_code == 404
    page = browser.get("/account").get_data(as_text=True)
    assert "data-passkey" not in page
    assert remove(browser).status_code == 303
    assert town.kept() == []
