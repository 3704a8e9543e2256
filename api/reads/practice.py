"""The codes for training at a till, to print and lay beside it."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import Schema, fields

from api.current import current_book, current_settings
from api.reads.asking import reading
from ledger import practice
from ledger.practice import Counter

_TAG: Final = "practice"


class LessonSchema(Schema):
    """One code and what it is good for."""

    code = fields.String(
        required=True, metadata={"description": "ten characters or a card's digits, as printed"}
    )
    kind = fields.String(
        required=True, metadata={"enum": list(practice.KINDS), "description": "what it is about"}
    )
    code_url = fields.String(
        required=True, metadata={"description": "for its QR, as a voucher's would be"}
    )
    answer = fields.String(
        required=True,
        metadata={"description": "`valid`, or the code of the refusal, once these are typed"},
    )
    redemption = fields.String(
        required=True, metadata={"description": "to practise voiding with, where it is valid"}
    )
    pin = fields.String(metadata={"description": "of a card: what to type as its PIN"})
    rotating = fields.String(
        metadata={"description": "of a phone: which digits to type; good for half a minute"}
    )
    zh = fields.String(required=True)
    en = fields.String(required=True)


class LessonsSchema(Schema):
    """All of them, in order of precedence."""

    data = fields.List(fields.Nested(LessonSchema), required=True)


@reading(
    "/practice/codes",
    "list_practice_codes",
    answer=LessonsSchema,
    tag=_TAG,
)
def list_practice_codes() -> dict[str, Any]:
    """Codes for training: one for each answer that a voucher, a card or a phone brings. They are no
    secret, and nor is what to type beside them."""
    book = current_book()
    nobodys = Counter(
        merchant="", branch="", terminal="", policy=book.policy(), now=book.clock.now_ms()
    )
    return {
        "data": [
            {
                "code": each.printed,
                "kind": each.kind,
                "code_url": f"{current_settings().public_url}/r#{each.code}",
                "answer": each.answer,
                **({"pin": each.pin} if each.pin else {}),
                **({"rotating": digits} if (digits := each.digits(nobodys)) else {}),
                "redemption": each.redemption,
                "zh": each.zh,
                "en": each.en,
            }
            for each in practice.LESSONS
        ]
    }
