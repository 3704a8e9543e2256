"""How tests talk to the API: a town reached over HTTP alone, with a token for each kind of user.

Times read like `"2025-03-07 09:00"`, local ones of Asia/Shanghai. Only the first operator is made
at the console, as in life.
"""

from __future__ import annotations

import io
import itertools
import json
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from api import create_app
from api.request_log import make_logger
from api.settings import Settings
from ledger.actions.parties import RegisterOperator
from ledger.actions.service import RecordService
from ledger.book import CONSOLE, Book
from ledger.door import tokens
from ledger.door.asking import Asking
from ledger.store import journal
from tests.kit import TODAY, FakeClock, Ledger, at
from tests.recheck import recheck

PUBLIC_URL = "https://ledger.example"
EARLIER = "2025-02-03 09:00"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_numbers = itertools.count(1)
_keys = itertools.count(1)


def identity_number(born: str = "1990-01-01") -> str:
    """A valid number that nobody else has."""
    first = f"110105{born.replace('-', '')}{next(_numbers) % 1000:03d}"
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first, strict=True))
    return first + "10X98765432"[total % 11]


def organisation_code() -> str:
    """A valid code that nobody else has."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    first = f"5111000{next(_numbers):010d}"
    total = sum(weight * alphabet.index(each) for weight, each in zip(weights, first, strict=True))
    return first + alphabet[-total % 31]


def key() -> str:
    """An idempotency key that was never used."""
    return f"key-{next(_keys)}-{secrets.token_hex(12)}"


def moment(text: str) -> str:
    """A local time as the API takes it."""
    return f"{text.replace(' ', 'T')}:00+08:00"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    json: Any
    headers: Mapping[str, str]
    text: str

    @property
    def code(self) -> str:
        """The code of a problem."""
        return str(self.json["code"])

    def __getitem__(self, name: str) -> Any:
        return self.json[name]


class Site:
    """A served ledger, and its people."""

    def __init__(self, book: Book, clock: FakeClock, **settings: Any) -> None:
        self.book = book
        self.clock = clock
        self.log = io.StringIO()
        self.cast: Cast | None = None
        self.settings = Settings(home=book.home, public_url=PUBLIC_URL, **settings)
        self.app = create_app(book, self.settings, logger=make_logger(self.log))
        with self.earlier():
            self.operator = self._operator()

    @contextmanager
    def earlier(self) -> Iterator[None]:
        """Some weeks before the test's day, while nothing has happened since: an activity that is
        registered then is published before its sessions start (domain §10 P19)."""
        now = self.clock.ms
        self.clock.ms = min(now, at(EARLIER))
        try:
            yield
        finally:
            self.clock.ms = now

    def _operator(self) -> str:
        who = self.book.new_id()
        self.book.record(RegisterOperator(operator=who), caller=CONSOLE, key=key())
        return self.console_token(f"operator:{who}", "operator")

    def console_token(self, party: str, role: str, **given: Any) -> str:
        """A token made at the command line."""
        ask = Asking(book=self.book, caller=CONSOLE, key=key(), request=b"[]")
        return tokens.issue(ask, party=party, role=role, **given)[1]

    # Talking -----------------------------------------------------------------------------------

    def client(self) -> FlaskClient:
        return self.app.test_client()

    def send(
        self,
        method: str,
        path: str,
        *,
        token: str = "",
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        content_type: str = "application/json",
    ) -> Answer:
        """One request with exactly these bytes."""
        sent = dict(headers or {})
        if token:
            sent["Authorization"] = f"Bearer {token}"
        response = self.client().open(
            path,
            method=method,
            data=data,
            headers=sent,
            content_type=content_type if data is not None else None,
        )
        is_json = "json" in (response.content_type or "")
        return Answer(
            response.status_code,
            json.loads(response.data) if is_json and response.data else None,
            dict(response.headers),
            response.get_data(as_text=True),
        )

    def post(
        self,
        token: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """A write; a fresh key unless one is given, none for `key=""`."""
        sent = dict(headers or {})
        used = globals()["key"]() if key is None else key
        if used:
            sent["Idempotency-Key"] = used
        data = json.dumps({} if body is None else body).encode()
        return self.send("POST", f"/v1{path}", token=token, data=data, headers=sent)

    def get(self, token: str, path: str, **headers: str) -> Answer:
        return self.send("GET", f"/v1{path}", token=token, headers=headers)

    def made(self, token: str, path: str, body: Any = None) -> Any:
        """The body of a write that is accepted."""
        answer = self.post(token, path, body)
        assert answer.status == 201, answer.text
        return answer.json

    def size(self) -> int:
        """Entries so far."""
        with self.book.database.reading() as connection:
            return journal.count(connection)

    # People ------------------------------------------------------------------------------------

    def token(self, party: str, role: str, **given: Any) -> str:
        """A token that the operator issues."""
        body = {"party": party, "role": role, **given}
        return str(self.made(self.operator, "/tokens", body)["token"])

    def organisation(self, **given: Any) -> str:
        body = {"name": "阳光社区", "organisation_code": organisation_code(), **given}
        return str(self.made(self.operator, "/organisations", body)["organisation"])

    def organisation_token(self, organisation: str, **given: Any) -> str:
        return self.token(f"organisation:{organisation}", "organisation", **given)

    def volunteer(self, organisation: str = "", *, born: str = "1990-01-01", **given: Any) -> str:
        body = {"name": "张三", "identity_number": identity_number(born), **given}
        if organisation:
            body["organisation"] = organisation
        return str(self.made(self.operator, "/volunteers", body)["volunteer"])

    def volunteer_token(self, volunteer: str, **given: Any) -> str:
        return self.token(f"volunteer:{volunteer}", "volunteer", **given)

    def staff(self, organisation: str = "") -> str:
        body = {"name": "李四"} | ({"organisation": organisation} if organisation else {})
        return str(self.made(self.operator, "/staff", body)["staff"])

    def activity(self, organisation: str, **given: Any) -> str:
        body = {
            "name": "社区义诊",
            "content": "为老人量血压",
            "category": "health",
            "organisation": organisation,
            **given,
        }
        return str(self.made(self.operator, "/activities", body)["activity"])

    def merchant(self) -> str:
        return str(self.made(self.operator, "/merchants", {"name": "晨光面包"})["merchant"])

    def till(self, merchant: str = "") -> Till:
        """A till at a new branch, of a new merchant unless one is given, and its token."""
        merchant = merchant or self.merchant()
        path = f"/merchants/{merchant}/branches"
        branch = str(self.made(self.operator, path, {"name": "东门店"})["branch"])
        path = f"/branches/{branch}/terminals"
        terminal = str(self.made(self.operator, path, {"name": "一号机"})["terminal"])
        token = self.token(f"merchant:{merchant}", "merchant", terminal=terminal)
        return Till(merchant, branch, terminal, token)

    def reward(self, till: Till, **given: Any) -> str:
        """A coffee for one point, plenty of them, unless something else is said."""
        body = {
            "title": "咖啡一杯",
            "form": "gift",
            "price_hundredths": 100,
            "stock": 1_000,
            "valid_from": moment("2020-01-01 00:00"),
            "valid_until": moment("2040-01-01 00:00"),
            "merchant": till.merchant,
            **given,
        }
        body = {name: value for name, value in body.items() if value is not None}
        return str(self.made(self.operator, "/rewards", body)["reward"])


@dataclass(frozen=True)
class Till:
    """A registered terminal and its token."""

    merchant: str
    branch: str
    terminal: str
    token: str


class Cast:
    """A town around one site: an organisation with staff and a volunteer."""

    def __init__(self, site: Site) -> None:
        self.site = site
        with site.earlier():
            self._move_in(site)

    def _move_in(self, site: Site) -> None:
        self.home = site.organisation()
        self.host = site.organisation_token(self.home)
        self.recorder, self.approver = site.staff(self.home), site.staff(self.home)
        self.reviewer = site.token(f"staff:{site.staff(self.home)}", "reviewer")
        self.activity = site.activity(self.home)
        self.ana = site.volunteer(self.home)
        self.ana_token = site.volunteer_token(self.ana)

    def session(
        self, check_in: str, check_out: str, *, who: str = "", **given: Any
    ) -> dict[str, Any]:
        """The body of a service record; `check_out` may be a time of the same day."""
        end = check_out if "-" in check_out else f"{check_in[:10]} {check_out}"
        return {
            "volunteer": who or self.ana,
            "activity": self.activity,
            "evidence": "check_in",
            "starts": moment(check_in),
            "ends": moment(end),
            "check_in": moment(check_in),
            "check_out": moment(end),
            "recorder": self.recorder,
            "approver": self.approver,
            **given,
        }

    def served(self, check_in: str, check_out: str, **given: Any) -> Any:
        """A record that the organisation makes."""
        return self.site.made(
            self.host, "/service-records", self.session(check_in, check_out, **given)
        )

    def history(self, check_in: str, check_out: str, *, who: str) -> str:
        """The record of a session that another system recorded as it ended."""
        record, start, end = self.site.book.new_id(), at(check_in), at(check_out)
        session = RecordService(
            record=record,
            volunteer=who,
            organisation=self.home,
            activity=self.activity,
            evidence="check_in",
            starts=start,
            ends=end,
            check_in=start,
            check_out=end,
            deducted_minutes=0,
            recorder=self.recorder,
            approver=self.approver,
            recorded=end,
        )
        self.site.book.record(session, caller=CONSOLE, key=key())
        return record


__all__ = ["Answer", "Cast", "Site", "Till", "at", "identity_number", "key", "moment"]


@contextmanager
def site_of_its_own(template: Path, home: Path, **limits: int) -> Iterator[Site]:
    """A copy of a founded SQLite ledger at `home`, held to every law again once it was lived in."""
    shutil.copytree(template, home)
    ledger = Ledger(home, f"sqlite:///{home}/ledger.db", FakeClock(TODAY))
    site = Site(ledger.open(), ledger.clock, **limits)
    yield site
    site.book.signer.check()
    ledger.close()
    recheck(ledger.database_url)
