"""The codes for training at a till, to print and lay beside it."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import Schema, fields

from api.current import current_settings
from api.reads.asking import reading
from ledger import practice
from ledger.codes import grouped

_TAG: Final = "practice"


class LessonSchema(Schema):
    """One code and what it is good for."""

    code = fields.String(required=True, metadata={"description": "ten characters, as printed"})
    code_url = fields.String(
        required=True, metadata={"description": "for its QR, as a voucher's would be"}
    )
    answer = fields.String(
        required=True, metadata={"description": "`valid`, or the code of the refusal"}
    )
    redemption = fields.String(
        required=True, metadata={"description": "to practise voiding with, where it is valid"}
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
    """Codes for training: one for each answer that a voucher brings. They are no secret."""
    return {
        "data": [
            {
                "code": grouped(each.code),
                "code_url": f"{current_settings().public_url}/r#{each.code}",
                "answer": each.answer,
                "redemption": each.redemption,
                "zh": each.zh,
                "en": each.en,
            }
            for each in practice.LESSONS
        ]
    }
