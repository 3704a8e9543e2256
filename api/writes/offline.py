"""Tills without a network: vouchers signed, sessions opened and closed, what was taken uploaded
(trust §6)."""

from __future__ import annotations

from typing import Any, Final

from flask import Response, request
from marshmallow import Schema, ValidationError, fields, validate

from api.answers import receipt_url
from api.caller import current_caller, require
from api.current import current_book
from api.routes import documented
from api.schemas import Choice, Id, Strict, Whole
from api.times import rfc3339
from api.writes.asking import COMMON_REFUSALS, Answered, json_answer, writes, writing
from ledger.book import Book
from ledger.door import offline
from ledger.door.asking import Asking
from ledger.door.offline import ITEMS_MAX, Uploaded
from ledger.door.vouchers import till_of
from ledger.entry import Entry
from ledger.rows import OfflineSession
from ledger.sequencer import Receipt
from ledger.voucher import VOUCHER_BYTES_MAX

_TAG: Final = "offline"
_SCOPE: Final = "redemptions:capture"
_UNITS: Final = {"POINT": "amount_hundredths", "TIME": "amount_minutes"}

Body = dict[str, Any]


class Hex(fields.String):
    """Lowercase hexadecimal of `octets` bytes."""

    def __init__(self, octets: int, **kwargs: Any) -> None:
        pattern = f"^[0-9a-f]{{{2 * octets}}}$"
        super().__init__(metadata={"pattern": pattern, **kwargs.pop("metadata", {})}, **kwargs)
        self.digits = 2 * octets

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("wrong_type|this must be text")
        if len(value) != self.digits or not set(value) <= set("0123456789abcdef"):
            raise ValidationError(f"bad_text|this is {self.digits} lowercase hexadecimal digits")
        return value


class Note(fields.String):
    """A signed note, every character of it as it was signed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"minLength": 1, "maxLength": VOUCHER_BYTES_MAX}, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("wrong_type|this must be text")
        if not 1 <= len(value) <= VOUCHER_BYTES_MAX:
            raise ValidationError(f"too_long|this has 1 to {VOUCHER_BYTES_MAX} characters")
        return value


class VoucherBranchSchema(Strict):
    """Where a voucher will be shown."""

    branch = Id(required=True)


@writing(
    "/redemptions/<id:redemption>/offline",
    VoucherBranchSchema,
    roles=("volunteer",),
    scope="redemptions:reserve",
    tag=_TAG,
    refusals="unknown_redemption redemption_state_conflict expired voucher_signed_already"
    " party_not_active offline_not_allowed unknown_party wrong_branch",
)
def sign_voucher(ask: Asking, body: Body, redemption: str) -> Answered:
    """Have a reservation signed, to show it at one branch that has no network.

    From now until `upload_by` it cannot be given back, and it does not expire: the branch's till
    may say later that it took it.
    """
    receipt = offline.sign(ask, redemption=redemption, **body)
    return receipt, signed_voucher(ask.book, ask.caller.id, redemption)


def signed_voucher(book: Book, holder: str, redemption: str) -> dict[str, Any]:
    """A voucher as its holder is given it."""
    signed = offline.voucher_of(book, holder, redemption)
    voucher = signed.voucher
    return {
        "voucher": signed.note.decode(),
        "redemption": redemption,
        "branch": voucher.branch,
        "item": voucher.item,
        "quantity": voucher.quantity,
        "capturable_until": rfc3339(voucher.until),
        "upload_by": rfc3339(voucher.upload_by),
    }


class TillKeySchema(Strict):
    """Who will sign for the till."""

    till_key = Hex(
        32, required=True, metadata={"description": "the till's raw Ed25519 public key, hex"}
    )


@writing(
    "/offline",
    TillKeySchema,
    scope=_SCOPE,
    tag=_TAG,
    refusals="terminal_needed bad_till_key unknown_party party_not_active offline_not_allowed"
    " offline_session_open",
)
def open_offline(ask: Asking, body: Body) -> Receipt:
    """Let the token's till take vouchers without a network, within the caps of the answer. The key
    to check vouchers with is the session's `voucher_key`."""
    till = till_of(current_caller(), request.remote_addr or "")
    return offline.open_session(ask, till, **body)


class AcceptanceSchema(Strict):
    """One voucher that a till took."""

    acceptance = Note(required=True)
    voucher = Note(required=True)


class UploadSchema(Strict):
    """What a till took, in any order."""

    acceptances = fields.List(
        fields.Nested(AcceptanceSchema),
        required=True,
        validate=validate.Length(
            min=1, max=ITEMS_MAX, error=f"out_of_range|upload 1 to {ITEMS_MAX} at once"
        ),
    )


class UploadedSchema(Schema):
    """What became of one acceptance."""

    item = Whole(required=True, least=0)
    counter = Whole(required=True, least=0, metadata={"description": "0: it cannot be read"})
    outcome = Choice("captured", "review", "conflict", "refused", required=True)
    redemption = fields.String()
    ground = fields.String(metadata={"description": "of a conflict"})
    bearer = Choice("merchant", "programme", metadata={"description": "of a conflict"})
    entry = Whole(least=0)
    hash = fields.String()
    receipt = fields.String()
    code = fields.String(metadata={"description": "of a refusal; nothing was written"})
    reason = fields.String()


class UploadAnswerSchema(Schema):
    """What became of an upload."""

    items = fields.List(fields.Nested(UploadedSchema), required=True)


@writes.route(
    "/offline/<id:session>/uploads", methods=["POST"], tags=[_TAG], endpoint="upload_offline"
)
@writes.doc(operationId="upload_offline")
@require(scope=_SCOPE)
@documented(writes, [*COMMON_REFUSALS, "unknown_offline_session"])
@writes.arguments(UploadSchema, location="json")
@writes.response(200, UploadAnswerSchema)
def upload_offline(body: Body, session: str) -> Response:
    """Say what a till took without a network, each voucher with its own outcome.

    It needs no key: a session and a counter are the key of each acceptance, and uploaded again it
    gets its first answer, for ever.
    """
    items = [(each["acceptance"], each["voucher"]) for each in body["acceptances"]]
    uploaded = offline.upload(current_book(), current_caller(), session=session, items=items)
    return json_answer({"items": [_uploaded(each) for each in uploaded]}, 200)


class LastSchema(Strict):
    """How far a till counted."""

    last = Whole(required=True, least=0, metadata={"description": "its last counter; 0: none"})


@writing(
    "/offline/<id:session>/close",
    LastSchema,
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_offline_session offline_session_closed counters_missing",
)
def close_offline(ask: Asking, body: Body, session: str) -> Receipt:
    """End a till's session, once everything that it took has been uploaded."""
    return offline.close(ask, session=session, **body)


def shown_session(found: OfflineSession) -> dict[str, Any]:
    """A session as its merchant sees it."""
    whose = {"clerk": found.clerk} if found.clerk else {}
    return whose | {
        "session": found.session,
        "entry": found.since,
        "merchant": found.merchant,
        "branch": found.branch,
        "terminal": found.terminal,
        "till_key": found.till_key,
        "state": found.state,
        "captures": found.captures,
        "points_hundredths": found.points,
        "minutes": found.minutes,
        "opened": found.opened,
        "until": found.until,
        "upload_by": found.upload_by,
        "last": found.last,
        "uploaded": found.recorded,
        "uploaded_points_hundredths": found.taken_points,
        "uploaded_minutes": found.taken_minutes,
    }


def shown_conflict(entry: Entry) -> dict[str, Any]:
    """A conflict, as its merchant, its holder and the operator see it."""
    facts = entry.facts
    shown = {
        "entry": entry.index,
        "time": entry.time,
        "session": facts["session"],
        "merchant": facts["merchant"],
        "branch": facts["branch"],
        "terminal": facts["terminal"],
        "counter": facts["counter"],
        "accepted": facts["accepted"],
        "ground": facts["ground"],
        "bearer": facts["bearer"],
        "proof": facts["proof"],
    }
    if facts["redemption"]:
        shown["redemption"] = facts["redemption"]
    if facts["asset"]:
        shown[_UNITS[facts["asset"]]] = facts["amount"]
    return shown


def _uploaded(one: Uploaded) -> dict[str, Any]:
    shown: dict[str, Any] = {"item": one.item, "counter": one.counter, "outcome": one.outcome}
    if one.refused is not None:
        return shown | {"code": one.refused.code, "reason": one.refused.sentence}
    entry = one.entry
    if entry is not None:
        for name in ("redemption", "ground", "bearer"):
            if entry.facts.get(name):
                shown[name] = entry.facts[name]
        shown |= {
            "entry": entry.index,
            "hash": entry.hash.hex(),
            "receipt": receipt_url(entry.index),
        }
    return shown
