"""Practice at a till: the same requests and answers, on made-up vouchers, touching nothing.

A till's own token practises. Only who asks, where they stand and which rules hold are looked up;
no code is, so that a real voucher can never be taken by mistake. Nothing is counted or remembered:
a code answers alike each time, and a repeated key too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from flask import Response
from marshmallow import Schema, fields

from api.answers import rehearsed
from api.caller import require
from api.current import current_book
from api.routes import documented
from api.schemas import Moment, PracticeCodeSchema
from api.till import SaidSchema, in_practice
from api.writes.asking import (
    COMMON_REFUSALS,
    KEY_PARAMETERS,
    idempotency_key,
    json_answer,
    writes,
)
from api.writes.redemptions import (
    _NO_CAPTURE,
    VerifiedSchema,
    VoidSchema,
    refuse_key_with_card,
    refuse_key_with_code,
    till_here,
    verified,
)
from ledger import practice
from ledger.practice import Beside, Counter, Lesson
from ledger.till_words import in_practice as said_in_practice

_TAG: Final = "practice"
_REFUSALS: Final = [
    code
    for code in COMMON_REFUSALS
    if code not in ("key_reused", "request_in_flight", "clock_unsure", "stopping")
]

Body = dict[str, Any]


class PractisedVerifySchema(VerifiedSchema):
    """What a capture would find, were this a voucher."""

    practice = fields.Constant(True, required=True)


class PractisedSchema(Schema):
    """What a write would have answered: its shape, without an entry."""

    practice = fields.Constant(True, required=True)
    entry = fields.Integer(required=True, allow_none=True)
    hash = fields.String(required=True, allow_none=True)
    time = Moment(required=True, metadata={"format": "date-time"})
    kind = fields.String(required=True)
    receipt = fields.String(required=True, allow_none=True)
    acknowledgement = fields.String(allow_none=True)
    redemption = fields.String(required=True)
    reward = fields.String(required=True)
    branch = fields.String()
    terminal = fields.String()
    quantity = fields.Integer()
    flag = fields.String()
    captured_at = Moment(metadata={"format": "date-time"})
    title = fields.String()
    ground = fields.String()
    till = fields.Nested(SaidSchema)


def practising(
    rule: str,
    schema: type[Schema],
    *,
    scope: str,
    refusals: list[str],
    answer: type[Schema] = PractisedSchema,
    status: int = 201,
) -> Callable[[Callable[..., Response]], Any]:
    """Publish a view under `/v1/practice`, with a key where the real one needs a key."""

    def decorate(view: Callable[..., Response]) -> Any:
        published: Any = writes.response(status, answer)(in_practice(view))
        published = writes.arguments(schema(), location="json")(published)
        published = documented(writes, [*_REFUSALS, *refusals])(published)
        published = require("merchant", scope=scope)(published)
        keys = {"parameters": KEY_PARAMETERS} if status == 201 else {}
        published = writes.doc(operationId=view.__name__, **keys)(published)
        writes.route(f"/practice{rule}", methods=["POST"], tags=[_TAG], endpoint=view.__name__)(
            published
        )
        return view

    return decorate


_NOES: Final = [*_NO_CAPTURE.split(), "real_code"]


@practising(
    "/redemptions/verify",
    PracticeCodeSchema,
    scope="redemptions:verify",
    refusals=_NOES,
    answer=PractisedVerifySchema,
    status=200,
)
def practise_verify(body: Body) -> Response:
    """See what verify would answer to a practice code. Nothing is read of any voucher."""
    answer = seen_in_practice(body)
    return json_answer({"practice": True, **answer}, 200)


def seen_in_practice(body: Body) -> dict[str, Any]:
    """What a capture of this practice code, as `PracticeCodeSchema` reads it, would find."""
    counter = practice_counter()
    lesson = lesson_shown(body)
    quantity = body.get("quantity", 0)
    seen = practice.verify(lesson, counter, quantity, _beside(body))
    shows_name = lesson.shows_holder and "masked_name" in counter.policy.merchant_sees
    answer = verified(
        seen.redemption,
        seen.flag,
        seen.seconds_left,
        title=lesson.title_of(seen.redemption.redemption),
        branches=(),
        holder=practice.HOLDER_NAME if shows_name else "",
        quantity=quantity,
    )
    return answer | {"till": said_in_practice(answer["till"])}


@practising("/redemptions/capture", PracticeCodeSchema, scope="redemptions:capture", refusals=_NOES)
def practise_capture(body: Body) -> Response:
    """See what a capture would answer to a practice code. Nothing is taken."""
    return json_answer(taken_in_practice(body, idempotency_key()), 201)


def taken_in_practice(body: Body, key: str) -> dict[str, Any]:
    """What a capture of this practice code would answer."""
    counter = practice_counter()
    lesson = lesson_shown(body)
    if lesson.kind == practice.CARD:
        refuse_key_with_card(key, lesson.code)
    else:
        refuse_key_with_code(key, lesson.code)
    draft = practice.capture(lesson, counter, body.get("quantity", 0), _beside(body))
    return rehearsed(draft, counter.now, lesson.title_of(str(draft.facts["redemption"])))


@practising(
    "/redemptions/<id:redemption>/void",
    VoidSchema,
    scope="redemptions:void",
    refusals=[
        *("terminal_needed", "unknown_party", "party_not_active"),
        *("unknown_redemption", "redemption_state_conflict", "not_reversible"),
    ],
)
def practise_void(body: Body, redemption: str) -> Response:
    """See what voiding a practised capture would answer. Nothing is undone."""
    idempotency_key()
    return json_answer(undone_in_practice(redemption, **body), 201)


def undone_in_practice(redemption: str, *, ground: str) -> dict[str, Any]:
    """What voiding a practised capture would answer."""
    counter = practice_counter()
    return rehearsed(practice.void(redemption, counter, ground=ground), counter.now, "")


def lesson_shown(body: Body) -> Lesson:
    """The lesson of what is shown, as `PracticeCodeSchema` reads it. Refuses as `lesson_of`."""
    return practice.lesson_of(body["card"] if "card" in body else body["code"])


def _beside(body: Body) -> Beside:
    return Beside(
        pin=body.get("pin", ""),
        digits=body.get("rotating", ""),
        redemption=body.get("redemption", ""),
    )


def practice_counter() -> Counter:
    """The caller's till, now. Refuses as `till_of`."""
    till, book = till_here(), current_book()
    return Counter(
        merchant=till.caller.id,
        branch=till.branch,
        terminal=till.caller.terminal,
        # Where the rules ask a phone of everybody, practice is still about the code first.
        policy=replace(book.policy(), redeem_rotating="off"),
        now=book.clock.now_ms(),
    )
