"""What a write answers: made from the entries alone, so that a repeated request answers alike."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Final

from marshmallow import INCLUDE, Schema, fields

from api.current import current_book, current_settings
from api.papers import Slip, slip_pdf
from api.schemas import Moment
from api.times import rfc3339
from ledger.codes import grouped
from ledger.door.vouchers import code_of, title_of
from ledger.entry import Draft
from ledger.rows import Redemption
from ledger.sequencer import Receipt
from ledger.store import queries
from ledger.till_words import in_practice, said_taken

_SHOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "policy_adopted": ("policy", "version", "toml_sha256"),
    "volunteer_registered": ("volunteer", "organisation", "guardian"),
    "group_registered": ("volunteer", "organisation"),
    "guardian_consented": ("volunteer",),
    "majority_reached": ("volunteer",),
    "organisation_registered": ("organisation", "parent", "tier", "form"),
    "staff_registered": ("staff", "organisation"),
    "merchant_registered": ("merchant",),
    "branch_registered": ("merchant", "branch"),
    "terminal_registered": ("merchant", "branch", "terminal"),
    "clerk_registered": ("merchant", "branch", "clerk"),
    "clerk_limited": ("merchant", "clerk", "captures", "points", "minutes"),
    "auditor_registered": ("auditor",),
    "party_suspended": ("party",),
    "party_reinstated": ("party",),
    "party_left": ("party",),
    "party_died": ("party",),
    "party_forgotten": ("party",),
    "relation_registered": ("volunteer", "relation"),
    "relation_removed": ("volunteer", "relation"),
    "circumstance_recorded": ("volunteer", "circumstance"),
    "circumstance_removed": ("volunteer", "circumstance"),
    "credential_issued": ("credential", "party", "role", "scopes", "terminal"),
    "credential_revoked": ("credential",),
    "activity_registered": ("activity", "organisation", "category"),
    "service_recorded": (
        "record",
        "volunteer",
        "organisation",
        "activity",
        "outcome",
        "reasons",
        "minutes",
        "corrects",
    ),
    "service_confirmed": ("record", "volunteer", "minutes"),
    "service_refused": ("record", "volunteer"),
    "service_reversed": ("record", "volunteer", "minutes"),
    "service_evaluated": ("record", "volunteer", "score", "conduct"),
    "fraud_proven": ("party", "minutes_needed"),
    "fraud_dismissed": ("party",),
    "qualification_recorded": ("volunteer", "what", "learning_minutes", "minutes"),
    "star_applied": ("case", "volunteer", "star", "minutes"),
    "star_noticed": ("case", "star", "notice_from", "notice_until"),
    "star_granted": ("case", "volunteer", "star"),
    "star_refused": ("case", "star"),
    "star_downgraded": ("case", "volunteer", "star"),
    "star_downgrade_dismissed": ("case", "volunteer", "star"),
    "medal_granted": ("volunteer", "medal"),
    "commendation_recorded": ("commendation", "volunteer"),
    "population_stated": ("organisation", "year"),
    "time_deposited": ("record", "volunteer", "minutes", "overflow_minutes"),
    "time_transferred": ("volunteer", "recipient", "minutes"),
    "time_donated": ("volunteer", "pool", "minutes"),
    "time_granted": ("volunteer", "pool", "minutes", "ground"),
    "frozen_time_moved": ("volunteer", "recipient", "pool", "minutes"),
    "order_requested": ("order", "organisation", "minutes"),
    "order_offered": ("order", "provider"),
    "order_assigned": ("order", "provider"),
    "order_declined": ("order", "provider"),
    "order_accepted": ("order", "provider"),
    "order_done": ("order", "provider", "record", "minutes"),
    "order_confirmed": ("order", "provider", "minutes", "overflow_minutes", "returned_minutes"),
    "order_disputed": ("order",),
    "order_settled": ("order", "provider", "minutes", "overflow_minutes", "returned_minutes"),
    "order_cancelled": ("order", "returned_minutes"),
    "reward_published": ("reward", "merchant"),
    "reward_drafted": ("reward", "merchant"),
    "reward_restocked": ("reward", "merchant", "change"),
    "reward_withdrawn": ("reward",),
    "fund_stated": ("fund", "organisation", "cents"),
    "redemption_reserved": ("redemption", "reward", "merchant", "quantity", "asset", "amount"),
    # A till sees item and quantity, never who holds the voucher (design §6).
    "redemption_captured": ("redemption", "reward", "branch", "terminal", "quantity", "flag"),
    "capture_noted": ("redemption",),
    "capture_reviewed": ("redemption", "merchant"),
    "settlement_closed": ("settlement", "merchant", "redemptions", "lines", "points", "minutes"),
    "certificate_issued": ("organisation",),
    "voucher_signed": ("redemption", "branch"),
    "offline_opened": (
        "session",
        "merchant",
        "branch",
        "terminal",
        "captures",
        "points",
        "minutes",
        "until",
        "upload_by",
    ),
    "offline_closed": ("session", "last"),
    "settlement_stated": (
        "settlement",
        "merchant",
        "branch",
        "lines",
        "refunds",
        "points",
        "minutes",
        "refunded_points",
        "refunded_minutes",
        "digest",
    ),
    "redemption_extended": ("redemption", "reward"),
    "redemption_refunded": ("redemption", "reward", "settlement", "ground"),
    "redemption_released": ("redemption", "reward"),
    "redemption_assisted": ("redemption", "volunteer", "organisation", "card"),
    "redemption_guarded": ("redemption",),
    "code_reissued": ("redemption", "volunteer", "organisation", "card"),
    "card_issued": ("card", "volunteer", "organisation"),
    "card_closed": ("card", "volunteer", "ground"),
    "card_pin_changed": ("card", "volunteer", "organisation"),
    "redemption_voided": ("redemption", "reward", "ground"),
    "consent_recorded": ("volunteer", "purpose", "party", "answer"),
    "credit_listed": ("volunteer", "cycle", "star", "minutes", "points", "measures"),
    "dishonesty_recorded": ("volunteer", "serious"),
    "dishonesty_repaired": ("volunteer",),
    "objection_filed": (
        "objection",
        "subject_kind",
        "subject",
        "organisation",
        "flag_by",
        "decide_by",
        "calendar",
    ),
    "objection_forwarded": ("objection", "organisation", "decide_by", "calendar"),
    "objection_decided": ("objection", "outcome", "on_time"),
    "statement_accepted": ("volunteer", "statement", "size", "records", "known"),
    "referral_awarded": ("volunteer", "referred"),
    "webhook_set": ("webhook", "party", "events", "state", "ground"),
}
_LISTS: Final = {"events", "scopes", "reasons", "redemptions", "refunds"}
_TIMES: Final = {"until", "upload_by"}
_UNITS: Final = {"POINT": "amount_hundredths", "TIME": "amount_minutes"}


class WrittenSchema(Schema):
    """Where the entry stands that a write led to; besides, the ids and outcome it made."""

    entry = fields.Integer(required=True, metadata={"description": "index of the entry"})
    hash = fields.String(required=True, metadata={"description": "its leaf hash, hex"})
    time = Moment(required=True, metadata={"format": "date-time"})
    kind = fields.String(required=True)
    receipt = fields.String(
        required=True, metadata={"description": "where its proof is, once a checkpoint covers it"}
    )
    entries = fields.List(
        fields.Integer(), metadata={"description": "all entries, where there were several"}
    )
    acknowledgement = fields.String(
        metadata={
            "description": "a note signed by the ledger that it accepted this entry; for captures,"
            " and with `Prefer: acknowledgement`"
        }
    )

    class Meta:
        # What else is there depends on the kind; each value is text, a whole number or a list.
        unknown = INCLUDE


def written(receipt: Receipt, *, acknowledged: bool) -> dict[str, Any]:
    """The body of a write's answer."""
    entry = receipt.entry
    body: dict[str, Any] = {
        "entry": entry.index,
        "hash": entry.hash.hex(),
        "time": rfc3339(entry.time),
        "kind": entry.kind,
        "receipt": receipt_url(entry.index),
    }
    if len(receipt.entries) > 1:
        body["entries"] = [each.index for each in receipt.entries]
    body |= _made(entry.kind, entry.facts, entry.time)
    # A code that an office prints is shown once: its first answer alone adds it.
    if entry.kind == "redemption_reserved" and not entry.actor.startswith("organisation:"):
        body |= voucher(entry.facts["redemption"])
    if bound := [each for each in receipt.entries if each.kind == "credential_bound"]:
        body["clerk"] = bound[0].facts["clerk"]
    if lent := [each for each in receipt.entries if each.kind == "credential_lent"]:
        # No token comes with it: whoever helps acts from their own session.
        del body["token"]
        body["helper"] = lent[0].facts["helper"]
    if entry.kind == "redemption_captured":
        title = title_of(current_book(), entry.facts["reward"])
        body |= {"title": title} if title else {}
    if entry.kind == "settlement_stated":
        closed = (each.facts for each in receipt.entries if each.kind == "settlement_closed")
        body["redemptions"] = [one for facts in closed for one in facts["redemptions"].split("+")]
    if acknowledged or entry.kind == "redemption_captured":
        body["acknowledgement"] = current_book().acknowledge(entry).decode()
    return body


def rehearsed(draft: Draft, time: int, title: str) -> dict[str, Any]:
    """The body of what a write about an item of this title would have answered at `time` (ms): of
    the same shape, without an entry behind it, and marked as practice."""
    body: dict[str, Any] = {
        "practice": True,
        "entry": None,
        "hash": None,
        "time": rfc3339(time),
        "kind": draft.kind,
        "receipt": None,
    }
    if draft.kind == "redemption_captured":
        body |= {"acknowledgement": None, "title": title}
    made = _made(draft.kind, draft.facts, time)
    if "till" in made:
        made["till"] = in_practice(made["till"])
    return body | made


def receipt_url(index: int) -> str:
    """Where an entry's receipt can be had."""
    return f"{current_settings().public_url}/v1/entries/{index}/receipt"


def sign_in_url(secret: str) -> str:
    """The address of a page with a button that signs somebody in."""
    return f"{current_settings().public_url}/sign-in/{secret}"


def voucher(redemption: str) -> dict[str, str]:
    """The code of a redemption and its QR's address, for the holder's eyes."""
    code = code_of(current_book(), redemption)
    if not code:
        return {}
    return {"code": grouped(code), "code_url": code_url(code)}


def code_url(shown: str) -> str:
    """What a QR code holds: the code, and the value beside it where there is one, behind the `#`
    that no server is sent."""
    return f"{current_settings().public_url}/r#{shown}"


def printed(redemption: str, *, as_pdf: bool) -> dict[str, str]:
    """The code of a redemption, for an answer that shows it once; `as_pdf` with a slip to print,
    in base64."""
    book = current_book()
    with book.database.reading() as connection:
        row = queries.redemption(connection, redemption)
    shown = voucher(redemption)
    if not as_pdf or row is None or not shown:
        return shown
    paper = slip_pdf(slip_of(row, code_of(book, redemption)))
    return {**shown, "slip_pdf": b64encode(paper).decode()}


def slip_of(redemption: Redemption, code: str) -> Slip:
    """What is printed of a reservation and its code (ten characters, without a dash)."""
    book = current_book()
    with book.database.reading() as connection:
        reward = queries.reward(connection, redemption.reward)
    if reward is None:
        raise LookupError(f"redemption {redemption.redemption} is of no reward")
    branches = [branch for branch in reward.branches.split("+") if branch]
    names = book.vault.place_names([redemption.merchant, *branches])
    return Slip(
        item=title_of(book, reward.reward),
        quantity=redemption.quantity,
        merchant_name=names.get(redemption.merchant, redemption.merchant),
        branch_names=tuple(names.get(branch, branch) for branch in branches),
        expires=redemption.expires,
        code=code,
        code_url=code_url(code),
    )


def _made(kind: str, facts: Mapping[str, Any], time: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name in _SHOWN[kind]:
        value = facts[name]
        if name in _LISTS:
            made[name] = value.split("+") if value else []
        elif name == "amount":
            made[_UNITS[facts["asset"]]] = value
        elif name in _TIMES:
            made[name] = rfc3339(value)
        elif value != "":
            made[name] = value
    expires = facts.get("expires")
    if expires:
        made["expires"] = rfc3339(expires)
    if kind == "credential_issued":
        # The ledger never knew the token; the first answer alone puts it here.
        made["token"] = None
    if kind == "redemption_captured":
        # A till that repeats itself shows "already taken 10:31", and not plain green (trust §6).
        made["captured_at"] = rfc3339(time)
        made["till"] = said_taken(time=time, quantity=facts["quantity"])
    return made
