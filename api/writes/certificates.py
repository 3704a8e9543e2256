"""Certificates of service: issued, and switched off by their holder (Order 67 arts. 14, 15)."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from flask import Response

from api.caller import current_caller, require
from api.current import current_book
from api.routes import documented
from api.schemas import Day, Id, Strict, Typed, Whole, YesNo
from api.writes.asking import (
    COMMON_REFUSALS,
    KEY_PARAMETERS,
    Answered,
    idempotency_key,
    json_answer,
    writes,
    writing,
)
from ledger.door import certificates
from ledger.door.asking import Asking

_TAG: Final = "certificates"
_SCOPE: Final = "certificates:write"


class NewCertificateSchema(Strict):
    """What a certificate is to state."""

    organisation = Id(required=True, metadata={"description": "the recording unit"})
    first_day = Day(required=True)
    last_day = Day(required=True)
    content = Typed(most=500, metadata={"description": "what was done; it must be stated"})
    fee_cents = Whole(least=0, metadata={"description": "certificates are free: 0, or left out"})


class ShowCertificateSchema(Strict):
    """Whether the public check answers."""

    shown = YesNo(required=True)


@writing(
    "/volunteers/<id:volunteer>/certificates",
    NewCertificateSchema,
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_party certificate_incomplete certificate_is_free bad_time",
)
def issue_certificate(ask: Asking, body: dict[str, Any], volunteer: str) -> Answered:
    """Issue a certificate of service; its number is in this answer and in the holder's list."""
    receipt, number = certificates.issue(
        ask,
        volunteer=volunteer,
        organisation=body["organisation"],
        first_day=date.fromisoformat(body["first_day"]),
        last_day=date.fromisoformat(body["last_day"]),
        content=body.get("content", ""),
        fee_cents=body.get("fee_cents", 0),
    )
    return receipt, {"number": number}


@writes.route(
    "/certificates/<string:number>/show",
    methods=["POST"],
    tags=[_TAG],
    endpoint="show_certificate",
)
@writes.doc(operationId="show_certificate", parameters=KEY_PARAMETERS)
@require("volunteer", scope=_SCOPE)
@documented(writes, [*COMMON_REFUSALS, "unknown_certificate"])
@writes.arguments(ShowCertificateSchema(), location="json")
@writes.alt_response(200, description="done")
def show_certificate(body: dict[str, Any], number: str) -> Response:
    """Switch the public check of an own certificate off, or on again. No entry: it changes what
    is shown, not what is so. Sent again it comes to the same, whatever the key."""
    idempotency_key()
    certificates.show(
        current_book(), current_caller().id, certificates.typed(number), shown=body["shown"]
    )
    return json_answer({"shown": body["shown"]}, 200)
