"""Vouchers: reserve, verify, capture, release, void, review (design §6)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from flask import Response, request
from marshmallow import Schema, fields

from api.caller import current_caller, require
from api.current import current_book
from api.problems import Problem
from api.routes import documented
from api.schemas import (
    Choice,
    CodeSchema,
    Moment,
    NothingSchema,
    ReasonSchema,
    ReserveSchema,
    Strict,
    Typed,
)
from api.till import SaidSchema, at_the_till
from api.times import rfc3339
from api.writes.asking import COMMON_REFUSALS, json_answer, writes, writing
from ledger import codes
from ledger.door import cards, vouchers
from ledger.door.asking import Asking
from ledger.door.vouchers import Till, till_of
from ledger.policy.words import VOID_GROUNDS
from ledger.rows import Redemption
from ledger.sequencer import Receipt
from ledger.till_words import said_valid

_TAG: Final = "redemptions"
_NO_CAPTURE: Final = (
    "clerk_not_active terminal_needed unknown_party party_not_active too_many_attempts"
    " practice_code bad_code bad_card pin_needed bad_pin unknown_code pin_cooling_off"
    " wrong_card_or_pin nothing_reserved_here choose_voucher already_captured voided released"
    " expired wrong_branch outside_hours quantity_too_large account_stopped holder_not_active"
    " clerk_limit_reached too_soon card_closed rotating_value_needed rotating_cooling_off"
    " wrong_rotating_value attestation_outdated rotating_value_used"
)
_UNITS: Final = {"POINT": "amount_hundredths", "TIME": "amount_minutes"}

Body = dict[str, Any]


@writing(
    "/redemptions",
    ReserveSchema,
    scope="redemptions:reserve",
    tag=_TAG,
    refusals="unknown_party party_not_active unknown_reward reward_not_available"
    " time_pays_service_only bad_amount out_of_stock fund_exhausted per_person_limit"
    " per_period_limit star_gate_unmet tier_gate_unmet outside_organisation redemption_frequency"
    " account_stopped group_donates_only insufficient_points insufficient_time spending_blocked"
    " age_gate_unmet attestation_outdated",
)
def reserve(ask: Asking, body: Body) -> Receipt:
    """Set value aside for a reward; the answer has the code to show."""
    return vouchers.reserve(ask, **body)


@writing(
    "/redemptions/<id:redemption>/release",
    NothingSchema,
    scope="redemptions:reserve",
    tag=_TAG,
    refusals="unknown_redemption redemption_state_conflict voucher_signed",
)
def release(ask: Asking, _body: Body, redemption: str) -> Receipt:
    """Give a reservation back."""
    return vouchers.release(ask, redemption=redemption)


@writing(
    "/redemptions/<id:redemption>/extend",
    NothingSchema,
    scope="redemptions:reserve",
    tag=_TAG,
    refusals="unknown_redemption redemption_state_conflict expired voucher_signed not_extendable"
    " already_extended",
)
def extend(ask: Asking, _body: Body, redemption: str) -> Receipt:
    """Make a reservation longer, once, by as much time as it was made for."""
    return vouchers.extend(ask, redemption=redemption)


class VoidSchema(Strict):
    """Why what was captured is given back."""

    ground = Choice(*VOID_GROUNDS, required=True)


@writing(
    "/redemptions/<id:redemption>/void",
    VoidSchema,
    scope="redemptions:void",
    tag=_TAG,
    refusals="party_not_active unknown_redemption redemption_state_conflict not_reversible"
    " account_stopped",
)
def void(ask: Asking, body: Body, redemption: str) -> Receipt:
    """Give back what was captured, as long as it is not settled; for the merchant and operators."""
    return vouchers.void(ask, redemption=redemption, **body)


@writing(
    "/redemptions/<id:redemption>/refund",
    VoidSchema,
    scope="redemptions:void",
    tag=_TAG,
    refusals="party_not_active unknown_redemption redemption_state_conflict refund_over"
    " not_reversible account_stopped",
)
def refund(ask: Asking, body: Body, redemption: str) -> Receipt:
    """Give back what was settled; the merchant's next settlement takes it off. For the merchant and
    operators."""
    return vouchers.refund(ask, redemption=redemption, **body)


@writing(
    "/redemptions/<id:redemption>/review",
    ReasonSchema,
    roles=("operator",),
    scope="redemptions:review",
    tag=_TAG,
    refusals="unknown_redemption nothing_to_review",
)
def review(ask: Asking, body: Body, redemption: str) -> Receipt:
    """Let a capture be settled that was flagged, for coming too quickly after another or for how a
    till took it without a network; what should not have been taken is voided instead."""
    return vouchers.review(ask, redemption=redemption, **body)


class CaptureSchema(CodeSchema):
    """A code to take, and what there is to say about it; the note is sealed."""

    note = Typed(most=200, lines=True)


class NoteSchema(Strict):
    """Something to remember about a capture; sealed, the entry holds a digest."""

    note = Typed(required=True, most=200, lines=True)


@writing(
    "/redemptions/<id:redemption>/note",
    NoteSchema,
    roles=("merchant",),
    scope="redemptions:capture",
    tag=_TAG,
    refusals="party_not_active unknown_redemption redemption_state_conflict",
)
def note_capture(ask: Asking, body: Body, redemption: str) -> Receipt:
    """Note something about what was taken; the last note is shown beside it."""
    return vouchers.note(ask, redemption=redemption, **body)


@writing(
    "/redemptions/capture",
    CaptureSchema,
    scope="redemptions:capture",
    tag=_TAG,
    refusals=_NO_CAPTURE,
    only_writes=True,
)
@at_the_till
def capture(ask: Asking, body: Body) -> Receipt:
    """Take a voucher, once, at the token's till: by its code, with the value on the holder's phone
    where one is asked for, or by the holder's card and PIN."""
    return taken(ask, body)


def taken(ask: Asking, body: Body) -> Receipt:
    """What is shown, as `CaptureSchema` reads it, is taken at the caller's till."""
    till, quantity, note = till_here(), body.get("quantity", 0), body.get("note", "")
    if "card" in body:
        number = cards.normalised_at(ask.book, till, body["card"], body.get("pin", ""))
        refuse_key_with_card(ask.key, number)
        which = body.get("redemption", "")
        return cards.capture(ask, till, number, body["pin"], which, quantity, note)
    code = vouchers.normalised(ask.book, till, body["code"])
    refuse_key_with_code(ask.key, code)
    rotating = body.get("rotating", "")
    return vouchers.capture(ask, till, code, quantity, rotating=rotating, note=note)


class VerifiedSchema(Schema):
    """What a capture would find now."""

    valid = fields.Boolean(required=True)
    redemption = fields.String(required=True)
    reward = fields.String(required=True)
    title = fields.String()
    quantity = fields.Integer(required=True)
    amount_hundredths = fields.Integer()
    amount_minutes = fields.Integer()
    branches = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "where it can be taken, by name; empty: at any of the merchant's"},
    )
    expires = Moment(required=True, metadata={"format": "date-time"})
    seconds_left = fields.Integer(
        required=True, metadata={"description": "until it expires, or closes for the day"}
    )
    flag = fields.String(required=True)
    holder = fields.String(
        metadata={"description": "masked, 张*; only where the rules and the holder allow it"}
    )
    till = fields.Nested(
        SaidSchema, required=True, metadata={"description": "what the till says, in two languages"}
    )


@writes.route("/redemptions/verify", methods=["POST"], tags=[_TAG], endpoint="verify")
@writes.doc(operationId="verify")
@require(scope="redemptions:verify")
@documented(writes, [*COMMON_REFUSALS, *_NO_CAPTURE.split()])
@writes.arguments(CodeSchema(), location="json")
@writes.response(200, VerifiedSchema)
@at_the_till
def verify(body: Body) -> Response:
    """See whether a voucher can be taken: valid, or the one reason why not.

    Nothing is written but attempts: the count of wrong ones, a look that the holder can read, and
    where a masked name is shown, that in the access log.
    """
    return json_answer(looked_at(body), 200)


def looked_at(body: Body) -> dict[str, Any]:
    """What a capture of what is shown, as `CodeSchema` reads it, would find now."""
    book, till, quantity = current_book(), till_here(), body.get("quantity", 0)
    if "card" in body:
        number = cards.normalised_at(book, till, body["card"], body.get("pin", ""))
        found = cards.verify(book, till, number, body["pin"], body.get("redemption", ""), quantity)
    else:
        code = vouchers.normalised(book, till, body["code"])
        found = vouchers.verify(book, till, code, quantity, rotating=body.get("rotating", ""))
    branches = [each for each in found.reward.branches.split("+") if each]
    return verified(
        found.redemption,
        found.flag,
        found.seconds_left,
        title=vouchers.title_of(book, found.reward.reward),
        branches=book.vault.place_names(branches).values() if branches else (),
        holder=found.holder,
        quantity=quantity,
    )


def verified(
    redemption: Redemption,
    flag: str,
    seconds_left: int,
    *,
    title: str,
    branches: Collection[str],
    holder: str,
    quantity: int,
) -> dict[str, Any]:
    """What is said of a voucher that can be taken: nothing of its holder but a masked name."""
    return {
        "valid": True,
        "redemption": redemption.redemption,
        "reward": redemption.reward,
        **({"title": title} if title else {}),
        "quantity": redemption.quantity,
        _UNITS[redemption.asset]: redemption.amount,
        "branches": sorted(branches),
        "expires": rfc3339(redemption.expires),
        "seconds_left": seconds_left,
        "flag": flag,
        "till": said_valid(
            title=title, quantity=quantity or redemption.quantity, rapid=flag == "rapid"
        ),
        **({"holder": holder} if holder else {}),
    }


def till_here() -> Till:
    """The till at which the caller stands. Refuses as `till_of`."""
    return till_of(current_caller(), request.remote_addr or "")


def refuse_key_with_code(key: str, code: str) -> None:
    """Keys are kept in logs and tills; a code must not be (trust §6)."""
    read = "".join(each for each in key if each.isalnum()).upper()
    read = read.replace("I", "1").replace("L", "1").replace("O", "0")
    if code in read or codes.grouped(code) in key.upper():
        raise Problem("bad_idempotency_key", "the key must be random and not contain the code")


def refuse_key_with_card(key: str, number: str) -> None:
    """Nor a card's number, twelve digits."""
    if number in "".join(each for each in key if each.isdigit()):
        raise Problem("bad_idempotency_key", "the key must be random and not contain the card")
