"""Certificates of service: checked by anybody, listed for their holder (Order 67 art. 17)."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from api.caller import current_caller
from api.current import current_book
from api.reads.asking import not_there, reading
from api.schemas import Choice, Whole
from ledger.door import certificates


class CheckedSchema(Schema):
    """What anybody learns from a certificate's number: the certified period only."""

    state = Choice("valid", "superseded", "unknown", required=True)
    first_day = fields.String()
    last_day = fields.String()
    certified_minutes = Whole(least=0)
    current_minutes = Whole(least=0, metadata={"description": "what the period comes to by now"})
    organisation = fields.String(metadata={"description": "the recording unit"})


class OwnCertificateSchema(Schema):
    """A certificate as its holder sees it."""

    number = fields.String(required=True)
    first_day = fields.String(required=True)
    last_day = fields.String(required=True)
    minutes = Whole(required=True)
    content = fields.String(required=True)
    organisation = fields.String(required=True)
    shown = fields.Boolean(required=True)


class OwnCertificatesSchema(Schema):
    """All of them: nobody has so many that they need pages."""

    data = fields.List(fields.Nested(OwnCertificateSchema), required=True)


@reading(
    "/certificates/<string:number>", "check_certificate", answer=CheckedSchema, tag="certificates"
)
def check_certificate(number: str) -> dict[str, Any]:
    """Whether a certificate is good, superseded (with the present figure) or unknown."""
    checked = certificates.check(current_book(), number.upper())
    if checked.state == "unknown":
        return {"state": "unknown"}
    return {
        "state": checked.state,
        "first_day": checked.first_day,
        "last_day": checked.last_day,
        "certified_minutes": checked.certified_minutes,
        "current_minutes": checked.current_minutes,
        "organisation": checked.organisation,
    }


@reading(
    "/volunteers/<id:volunteer>/certificates",
    "list_certificates",
    answer=OwnCertificatesSchema,
    roles=("volunteer",),
    scope="certificates:write",
    refusals=["not_found"],
    tag="certificates",
)
def list_certificates(volunteer: str) -> dict[str, Any]:
    """The caller's own certificates with their numbers."""
    caller, book = current_caller(), current_book()
    if volunteer != caller.id:
        raise not_there()
    book.vault.read(volunteer, [], by=caller.party, purpose="own_data", at=book.clock.now_ms())
    return {
        "data": [
            {
                "number": each["number"],
                "first_day": each["first_day"],
                "last_day": each["last_day"],
                "minutes": each["minutes"],
                "content": each["content"],
                "organisation": each["organisation"],
                "shown": each["shown"] == "yes",
            }
            for each in certificates.of(book, volunteer)
        ]
    }
