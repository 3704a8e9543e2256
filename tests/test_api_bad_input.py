"""Bad input over HTTP: each kind has a problem of its own, and the chain is unchanged."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.settings import Settings
from ledger.errors import Refused
from tests.api_client import Answer, Cast, Site, identity_number, key, site_of_its_own

NOBODY = "0" * 16
SECRET = "tr0ub4dor"
"""Typed into every bad request; no answer and no log line may repeat it."""


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("site") / "home"
    limits = {"body_bytes_max": 100_000, "batch_bytes_max": 200_000}
    with site_of_its_own(sqlite_template, home, **limits) as made:
        yield made


@pytest.fixture(scope="module")
def town(site: Site) -> Cast:
    return Cast(site)


@pytest.fixture
def unchanged(town: Cast) -> Iterator[None]:
    """Whatever the test sends, nothing is written."""
    site = town.site
    before = site.size()
    yield
    assert site.size() == before
    assert SECRET not in site.log.getvalue()


def problem(answer: Answer, status: int, code: str, pointer: str | None = None) -> None:
    """The answer is this problem, complete, and repeats nothing that was sent."""
    assert (answer.status, answer.json and answer.code) == (status, code), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer["status"] == status
    assert answer["title"]
    assert answer["type"]
    assert len(answer["detail"]) > 10
    assert answer["request_id"] == answer.headers["X-Request-Id"]
    assert SECRET not in answer.text
    if pointer is not None:
        assert [each["pointer"] for each in answer["errors"]] == [pointer]
        assert answer["errors"][0]["code"] == code


def raw(site: Site, token: str, path: str, data: bytes, **given: Any) -> Answer:
    headers = {"Idempotency-Key": key(), **given.pop("headers", {})}
    return site.send("POST", f"/v1{path}", token=token, data=data, headers=headers, **given)


BYTES = {
    "no body": (b"", 400, "missing_body"),
    "no JSON": (b'{"name": ', 400, "malformed_json"),
    "two documents": (b'{"name": "x"} {}', 400, "malformed_json"),
    "a trailing comma": (b'{"name": "x",}', 400, "malformed_json"),
    "single quotes": (b"{'name': 'tr0ub4dor'}", 400, "malformed_json"),
    "not UTF-8": (b'{"name": "\xff"}', 400, "malformed_json"),
    "GB18030": ('{"name": "张三"}'.encode("gb18030"), 400, "malformed_json"),
    "UTF-16": ('{"name": "x"}'.encode("utf-16"), 400, "malformed_json"),
    "a name twice": (b'{"name": "x", "name": "y"}', 400, "duplicate_name"),
    "NaN": (b'{"name": NaN}', 400, "not_a_json_number"),
    "Infinity": (b'{"name": -Infinity}', 400, "not_a_json_number"),
    "nested deep": (b'{"name": ' + b"[" * 20 + b"]" * 20 + b"}", 400, "nested_too_deep"),
    "nested absurdly": (b"[" * 50_000, 400, "nested_too_deep"),
    "an endless number": (b'{"name": ' + b"9" * 5_000 + b"}", 400, "malformed_json"),
    "an array": (b'["tr0ub4dor"]', 422, "wrong_type"),
    "null": (b"null", 422, "wrong_type"),
    "NUL": (b'{"name": "a\\u0000b"}', 422, "bad_text"),
    "an escape character": (b'{"name": "a\\u001b[2J"}', 422, "bad_text"),
    "a C1 control": (b'{"name": "a\\u0085b"}', 422, "bad_text"),
    "a line separator": (b'{"name": "a\\u2028b"}', 422, "bad_text"),
    "a raw control character": (b'{"name": "a\x01b"}', 400, "malformed_json"),
    "a lone surrogate": (b'{"name": "\\ud800"}', 422, "bad_text"),
    "a lone surrogate as a name": (b'{"name": "x", "\\udc00": 1}', 422, "bad_text"),
    "a line break in one line": (b'{"name": "a\\nb"}', 422, "bad_text"),
    "64 KB of text": (b'{"name": "' + b"x" * 65_536 + b'"}', 422, "too_long"),
    "one character too many": (b'{"name": "' + b"x" * 101 + b'"}', 422, "too_long"),
    "only spaces": (b'{"name": "   "}', 422, "empty"),
    "a body over the limit": (b'{"name": "' + b"x" * 100_000 + b'"}', 413, "body_too_large"),
}


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(("data", "status", "code"), BYTES.values(), ids=BYTES)
def test_a_body_is_read_strictly(site: Site, data: bytes, status: int, code: str) -> None:
    problem(raw(site, site.operator, "/merchants", data), status, code)


def test_the_nearest_yes(site: Site) -> None:
    """A hundred characters, an emoji of two surrogates, and eight levels are all right."""
    assert raw(site, site.operator, "/merchants", b'{"name": "' + b"x" * 100 + b'"}').status == 201
    assert raw(site, site.operator, "/merchants", b'{"name": "\\ud83d\\ude00"}').status == 201
    deep = b'{"name": ' + b"[" * 8 + b"]" * 8 + b"}"
    problem(raw(site, site.operator, "/merchants", deep), 422, "wrong_type", "/name")


@pytest.mark.usefixtures("unchanged")
def test_a_compressed_body_is_refused(site: Site) -> None:
    data = gzip.compress(b'{"name": "x"}')
    answer = raw(site, site.operator, "/merchants", data, headers={"Content-Encoding": "gzip"})
    problem(answer, 415, "compressed_body")


@pytest.mark.usefixtures("unchanged")
def test_only_json_is_taken(site: Site) -> None:
    for other in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = raw(site, site.operator, "/merchants", b"name=x", content_type=other)
        problem(answer, 415, "wrong_media_type")


@pytest.mark.usefixtures("unchanged")
def test_a_batch_may_be_larger_and_has_a_limit_too(site: Site, town: Cast) -> None:
    path = "/service-records/batch"
    within = json.dumps({"items": ["x" * 150_000]}).encode()
    assert raw(site, town.host, path, within).status == 200
    over = json.dumps({"items": ["x" * 200_000]}).encode()
    problem(raw(site, town.host, path, over), 413, "body_too_large")


FIELDS: dict[str, tuple[dict[str, Any], str, str]] = {
    "text for an integer": ({"deducted_minutes": "3"}, "wrong_type", "/deducted_minutes"),
    "3.0 for an integer": ({"deducted_minutes": 3.0}, "wrong_type", "/deducted_minutes"),
    "true for an integer": ({"deducted_minutes": True}, "wrong_type", "/deducted_minutes"),
    "null for an integer": ({"deducted_minutes": None}, "wrong_type", "/deducted_minutes"),
    "a negative amount": ({"deducted_minutes": -1}, "out_of_range", "/deducted_minutes"),
    "an amount of 2^53": ({"deducted_minutes": 2**53}, "out_of_range", "/deducted_minutes"),
    "a number for text": ({"volunteer": 7}, "wrong_type", "/volunteer"),
    "an id of 15": ({"volunteer": "0" * 15}, "bad_id", "/volunteer"),
    "an id with an i": ({"volunteer": "i" * 16}, "bad_id", "/volunteer"),
    "an id in fullwidth": ({"volunteer": "０" * 16}, "bad_id", "/volunteer"),
    "an unknown field": ({SECRET[:4]: 1}, "unknown_field", f"/{SECRET[:4]}"),
    "an unknown word": ({"evidence": SECRET}, "not_a_choice", "/evidence"),
    "no time zone": ({"check_in": "2025-03-04T09:00:00"}, "no_time_zone", "/check_in"),
    "a day that is not": ({"check_in": "2025-02-29T09:00:00Z"}, "bad_time", "/check_in"),
    "a 13th month": ({"check_in": "2025-13-01T09:00:00Z"}, "bad_time", "/check_in"),
    "hour 24": ({"check_in": "2025-03-04T24:00:00Z"}, "bad_time", "/check_in"),
    "second 60": ({"check_in": "2025-03-04T09:00:60Z"}, "bad_time", "/check_in"),
    "1999": ({"check_in": "1999-12-31T23:59:59Z"}, "bad_time", "/check_in"),
    "2101": ({"check_in": "2101-01-01T00:00:00Z"}, "bad_time", "/check_in"),
    "a date alone": ({"check_in": "2025-03-04"}, "bad_time", "/check_in"),
    "Chinese digits": ({"check_in": "２025-03-04T09:00:00Z"}, "bad_time", "/check_in"),
    "an offset of 25 h": ({"check_in": "2025-03-04T09:00:00+25:00"}, "bad_time", "/check_in"),
    "milliseconds since 1970": ({"check_in": 1741050000000}, "wrong_type", "/check_in"),
    "64 KB of time": ({"check_in": "2" * 65_536}, "bad_time", "/check_in"),
}


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(("change", "code", "pointer"), FIELDS.values(), ids=FIELDS)
def test_a_field_says_what_is_wrong_with_it(
    site: Site, town: Cast, change: dict[str, Any], code: str, pointer: str
) -> None:
    body = {**town.session("2025-03-04 09:00", "10:00"), **change}
    problem(site.post(town.host, "/service-records", body), 422, code, pointer)


@pytest.mark.usefixtures("unchanged")
def test_everything_that_is_wrong_is_told_at_once(site: Site, town: Cast) -> None:
    answer = site.post(town.host, "/service-records", {"volunteer": 1, "what": 2})
    problem(answer, 422, "invalid_request")
    told = {each["pointer"]: each["code"] for each in answer["errors"]}
    assert told["/volunteer"] == "wrong_type"
    assert told["/what"] == "unknown_field"
    assert told["/check_in"] == "missing_field"


AMOUNTS = {
    "nothing": (0, "out_of_range"),
    "less than nothing": (-1, "out_of_range"),
    "2^53": (2**53, "out_of_range"),
    "a third": (0.333, "wrong_type"),
    "text": ("1", "wrong_type"),
    "true": (True, "wrong_type"),
    "one with an exponent": (1e3, "wrong_type"),
}


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(("amount", "code"), AMOUNTS.values(), ids=AMOUNTS)
@pytest.mark.parametrize("path", ["deposits", "transfers", "donations"])
def test_an_amount_is_a_whole_number_from_one(
    site: Site, town: Cast, path: str, amount: Any, code: str
) -> None:
    bodies = {
        "deposits": {"record": NOBODY},
        "transfers": {"recipient": NOBODY},
        "donations": {"pool": "platform"},
    }
    body = {**bodies[path], "minutes": amount}
    problem(site.post(town.ana_token, f"/time-bank/{path}", body), 422, code, "/minutes")


@pytest.mark.usefixtures("unchanged")
def test_the_largest_amount_is_a_question_of_what_is_there(site: Site, town: Cast) -> None:
    body = {"pool": "platform", "minutes": 2**53 - 1}
    problem(site.post(town.ana_token, "/time-bank/donations", body), 422, "insufficient_time")


def test_a_price_times_a_quantity_stays_in_bounds(site: Site, town: Cast) -> None:
    """2^53 − 1 hundredths a piece, a million pieces: too dear, and no overflow."""
    reward = site.reward(site.till(), price_hundredths=2**53 - 1, stock=10**6)
    before = site.size()
    body = {"reward": reward, "quantity": 10**6}
    problem(site.post(town.ana_token, "/redemptions", body), 422, "insufficient_points")
    assert site.size() == before


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"/service-records/{NOBODY}/reverse", 404, "unknown_record"),
        ("/service-records/short/reverse", 404, "not_found"),
        ("/service-records/%00/reverse", 404, "not_found"),
        (f"/parties/volunteer:{NOBODY}/suspend", 404, "unknown_party"),
        ("/parties/volunteer:x/suspend", 404, "not_found"),
        ("/parties/nobody/suspend", 404, "not_found"),
        (f"/tokens/{NOBODY}/revoke", 404, "unknown_credential"),
        ("/nothing-here", 404, "not_found"),
    ],
)
def test_an_unknown_id_is_not_found(site: Site, path: str, status: int, code: str) -> None:
    body = {"reason": "x"} if "tokens" not in path else {}
    problem(site.post(site.operator, path, body), status, code)


def test_anothers_id_answers_exactly_as_an_unknown_one(site: Site, town: Cast) -> None:
    stranger = Cast(site)
    # Its activity is registered only now, so what went before is backfilled.
    theirs = stranger.served("2025-03-07 09:00", "10:00", evidence="backfill")["record"]
    there = site.size()
    body = {"reason": "x"}
    answers = [
        site.post(town.host, f"/service-records/{one}/reverse", body) for one in (theirs, NOBODY)
    ]
    for answer in answers:
        problem(answer, 404, "unknown_record")
    same = [{**answer.json, "request_id": ""} for answer in answers]
    assert same[0] == same[1]
    assert site.size() == there


@pytest.mark.usefixtures("unchanged")
def test_what_is_typed_is_never_repeated(site: Site, town: Cast) -> None:
    number = identity_number()
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    answer = site.post(town.host, "/volunteers", {"name": SECRET, "identity_number": wrong})
    problem(answer, 422, "bad_identity_number")
    assert wrong not in answer.text + site.log.getvalue()
    answer = site.send("POST", f"/v1/merchants?{SECRET}", token=SECRET)
    problem(answer, 401, "token_invalid")


def test_a_method_that_is_not_taken_says_which_are(site: Site) -> None:
    answer = site.send("DELETE", "/v1/merchants/" + NOBODY + "/branches", token=site.operator)
    problem(answer, 405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]


def test_every_answer_carries_the_security_headers(site: Site) -> None:
    for answer in (
        site.send("GET", "/v1/nothing"),
        site.post(site.operator, "/merchants", {"name": "x"}),
    ):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Strict-Transport-Security"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_fault_of_ours_tells_nothing_and_is_logged_with_its_place(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ledger.door import people

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(people, "register_merchant", broken)
    before = site.size()
    answer = site.post(site.operator, "/merchants", {"name": "x"})
    problem(answer, 500, "internal_error")
    line = next(
        each
        for each in map(json.loads, site.log.getvalue().splitlines())
        if each["request_id"] == answer["request_id"] and each["event"] == "fault"
    )
    assert line["fault"] == "RuntimeError"
    assert SECRET not in site.log.getvalue()
    assert site.size() == before


class TestSettings:
    def test_an_empty_environment_means_a_ledger_in_var(self) -> None:
        settings = Settings.read({})
        assert str(settings.home) == "var"
        assert settings.database_url == "sqlite:///var/ledger.db"
        assert settings.vault_url == "sqlite:///var/vault.db"
        assert settings.public_url == "http://127.0.0.1:8080"
        assert (settings.body_bytes_max, settings.batch_bytes_max) == (1_000_000, 8_000_000)

    def test_each_variable_is_read(self) -> None:
        settings = Settings.read(
            {
                "SIDEREAL_HOME": "/srv/ledger",
                "SIDEREAL_DATABASE_URL": "postgresql://db/ledger",
                "SIDEREAL_PUBLIC_URL": "https://ledger.example/",
                "SIDEREAL_HOST": "0.0.0.0",  # noqa: S104 - a setting, nothing is bound
                "SIDEREAL_PORT": "9000",
                "SIDEREAL_BODY_BYTES_MAX": "",
            }
        )
        assert settings.database_url == "postgresql://db/ledger"
        assert settings.vault_url == "sqlite:////srv/ledger/vault.db"
        assert settings.public_url == "https://ledger.example"
        assert (settings.port, settings.body_bytes_max) == (9000, 1_000_000)

    @pytest.mark.parametrize(
        "environment",
        [
            {"SIDEREAL_PORT": "0"},
            {"SIDEREAL_PORT": "65536"},
            {"SIDEREAL_PORT": "80a"},
            {"SIDEREAL_PUBLIC_URL": "ledger.example"},
            {"SIDEREAL_PUBLIC_URL": "ftp://ledger.example"},
        ],
    )
    def test_a_setting_that_cannot_be_is_refused(self, environment: dict[str, str]) -> None:
        with pytest.raises(Refused, match="bad_setting"):
            Settings.read(environment)


def test_a_policy_that_is_no_toml_is_refused(site: Site) -> None:
    before = site.size()
    answer = site.post(site.operator, "/policies", {"toml": "= nothing"})
    problem(answer, 422, "policy_refused")
    assert site.size() == before
