"""A town that is read over HTTP: two of everything, and a token for each kind of reader.

What is `ours` belongs to the token's party; what is `theirs` belongs to somebody else.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from api import create_app
from api.request_log import make_logger
from api.settings import Settings
from ledger.actions.consents import RecordConsent
from ledger.actions.credentials import IssueCredential, RevokeCredential
from ledger.actions.offline import SignVoucher
from ledger.actions.parties import RegisterAuditor, RegisterOperator, RegisterStaff
from ledger.book import CONSOLE, Caller
from ledger.door import catalogue, objections, people, vouchers
from ledger.door.asking import Asking, with_its_entry
from ledger.door.tokens import ROLE_SCOPES, new_token
from ledger.keys import Ed25519Signer
from ledger.store import tables
from tests.kit import Town

WHY = {"Reason": "complaint 17"}
"""What an auditor says before they see what is somebody's."""
ROLES = ("operator", "organisation", "reviewer", "merchant", "volunteer", "auditor")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def identity_number(serial: int) -> str:
    """A number that passes, of somebody born on 31 December 1949."""
    body = f"11010519491231{serial:03d}"
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, body, strict=True))
    return body + "10X98765432"[total % 11]


@dataclass(frozen=True)
class Belongings:
    """What one side of the town has."""

    organisation: str
    volunteer: str
    identity_number: str
    merchant: str
    activity: str
    record: str
    record_entry: int
    reward: str
    redemption: str
    code: str
    objection: str
    order: str = ""
    offline: str = ""
    """A session of its merchant's till."""


class Readers:
    """The town, its application, and who reads it."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.book = town.book
        self.log = io.StringIO()
        self.app: Flask = create_app(
            self.book, Settings(home=self.book.home), logger=make_logger(self.log)
        )
        self.client = self.app.test_client()
        self.ours = self._side("林静", "01", 2, town.home)
        self.theirs = self._side("王芳芳", "02", 4, town.organisation())
        reviewer, auditor, operator = town.new(), town.new(), town.new()
        town.do(RegisterStaff(staff=reviewer, organisation=self.ours.organisation))
        town.do(RegisterAuditor(auditor=auditor))
        town.do(RegisterOperator(operator=operator))
        self.parties = {
            "operator": f"operator:{operator}",
            "organisation": f"organisation:{self.ours.organisation}",
            "reviewer": f"staff:{reviewer}",
            "merchant": f"merchant:{self.ours.merchant}",
            "volunteer": f"volunteer:{self.ours.volunteer}",
            "auditor": f"auditor:{auditor}",
        }
        self.tokens = {role: self.token(role) for role in ROLES}
        self.their_token = self.token("volunteer", party=f"volunteer:{self.theirs.volunteer}")
        self.their_merchant = self.token("merchant", party=f"merchant:{self.theirs.merchant}")
        self.endpoints: dict[str, str] = {}
        """By token, a webhook of its party's; a test that needs some makes them."""
        self.funds_and_settlements: dict[str, str] = {}
        self.uploads: dict[str, str] = {}
        self.book.signer.sign()

    def token(self, role: str, *, party: str = "", **given: Any) -> str:
        """A token; `scopes`, `expires` and `terminal` as the action has them."""
        credential = self.town.new()
        token, digest = new_token(credential)
        fields = {"scopes": "+".join(sorted(ROLE_SCOPES[role])), **given}
        self.book.record(
            IssueCredential(
                credential=credential, party=party or self.parties[role], role=role, **fields
            ),
            caller=CONSOLE,
            key=self.town.key(),
            beside=with_its_entry(tables.tokens, (credential, digest)),
        )
        return token

    def expired_token(self, role: str) -> str:
        """One whose time is over."""
        return self.token(role, expires=self.town.clock.ms - 1)

    def revoked_token(self, role: str) -> str:
        """One that was taken back."""
        token = self.token(role)
        self.town.do(RevokeCredential(credential=token.split("_")[1]))
        return token

    def get(
        self, path: str, role: str = "", *, token: str = "", headers: dict[str, str] | None = None
    ) -> TestResponse:
        """What a reader of this role, or with this token, gets at a path."""
        token = token or self.tokens.get(role, "")
        sent = dict(headers or {})
        if token:
            sent["Authorization"] = f"Bearer {token}"
        return self.client.get(path, headers=sent, buffered=True)

    def data(self, path: str, role: str = "", **given: Any) -> list[dict[str, Any]]:
        """The items of a page that must be there."""
        answer = self.get(path, role, **given)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.get_json()["data"]
        return items

    def one(self, path: str, role: str = "", **given: Any) -> dict[str, Any]:
        """An object that must be there."""
        answer = self.get(path, role, **given)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.get_json()
        return found

    def asking(self, caller: Caller) -> Asking:
        """A request at the door."""
        return Asking(book=self.book, caller=caller, key=self.town.key(), request=b"{}")

    @property
    def log_prefix(self) -> str:
        """The path of the log."""
        return "/" + self.book.origin.partition("/")[2]

    def _side(self, name: str, number: str, hours: int, organisation: str) -> Belongings:
        """A volunteer who served some hours, has a voucher, and used another one."""
        town = self.town
        identity = identity_number(int(number))
        registered = people.register_volunteer(
            self.asking(CONSOLE),
            name=name,
            identity_number=identity,
            number=number,
            organisation=organisation,
        )
        who = registered.entry.facts["volunteer"]
        town.do(RecordConsent(volunteer=who, purpose="share_records", answer="given"))
        activity = town.new_activity(organisation=organisation)
        record = town.served(
            who,
            "2025-03-07 09:00",
            f"{9 + hours:02d}:00",
            organisation=organisation,
            activity=activity,
        )
        till = town.till()
        publishing = self.asking(CONSOLE)
        reward = catalogue.offer(
            publishing,
            merchant=till.merchant,
            title="咖啡",
            form="gift",
            stock=10,
            price_hundredths=100,
            valid_from=town.clock.ms,
            valid_until=town.clock.ms + 10**9,
        ).entry.facts["reward"]
        town.capture(town.reserve(who, reward), till)
        holder = Caller(party=f"volunteer:{who}", role="volunteer", credential=town.new())
        reserved = vouchers.reserve(self.asking(holder), reward=reward)
        redemption = reserved.entry.facts["redemption"]
        town.do(SignVoucher(redemption=redemption, volunteer=who, branch=till.branch))
        offline = town.open_offline(till, Ed25519Signer("till", bytes([int(number)]) * 32))
        objecting = self.asking(holder)
        objection = objections.file(
            objecting, subject_kind="record", subject=record.id, text="时间不对"
        ).entry.facts["objection"]
        return Belongings(
            organisation=organisation,
            volunteer=who,
            identity_number=identity,
            merchant=till.merchant,
            activity=activity,
            record=record.id,
            record_entry=record.entry.index,
            reward=reward,
            redemption=redemption,
            code=vouchers.code_of(self.book, redemption),
            objection=objection,
            offline=offline,
        )
