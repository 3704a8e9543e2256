"""One field for whatever an auditor holds in their hand: where it leads.

A volunteer's number and a voucher's code are sent in a body and stand in no address.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import Schema, fields

from api.caller import access_of, current_caller, require
from api.current import current_book
from api.published import Published, publish
from api.reads.asking import REASON_PARAMETER, log_look, reads, stated_reason
from api.routes import documented
from api.schemas import Choice, Strict, Typed, Whole
from ledger.door.finding import Lead, leads_of

ROLES: Final = ("auditor",)
SCOPE: Final = "entries:read"
TYPED_MAX: Final = 200
_RULE: Final = "/entries/find"
_REFUSALS: Final = (
    "missing_body malformed_json duplicate_name not_a_json_number nested_too_deep body_too_large"
    " wrong_media_type compressed_body invalid_request missing_field unknown_field wrong_type"
    " too_long empty bad_text reason_missing bad_reason too_many_attempts token_missing"
    " token_invalid token_expired token_revoked caller_not_active role_not_allowed scope_missing"
).split()


class TypedSchema(Strict):
    """What was typed."""

    typed = Typed(
        required=True,
        most=TYPED_MAX,
        metadata={
            "description": "an entry's number, an account, an id, a volunteer's number, a voucher's"
            " code or a certificate's number"
        },
    )


class LeadSchema(Schema):
    """One thing that it can mean."""

    what = Choice(
        "entry", "account", "volunteer", "voucher", "record", "certificate", required=True
    )
    id = fields.String(required=True)
    owner = fields.String(metadata={"description": "whose accounts and entries to look at"})
    entry = Whole(least=0, metadata={"description": "the entry that says it last"})


class LeadsSchema(Schema):
    """All of them; none where nothing is known."""

    data = fields.List(fields.Nested(LeadSchema), required=True)


def find_entries(body: Mapping[str, Any]) -> dict[str, Any]:
    """What was meant, as ids and numbers of entries: nobody's name.

    An auditor says why in a `Reason` header, and whose number was found stands in the access log.
    Codes that no voucher has are counted.
    """
    stated_reason()
    caller = current_caller()
    found = leads_of(current_book(), caller.party, body["typed"])
    # By the volunteer's own id, so that they read in their log that somebody looked them up.
    people = [each.owner.partition(":")[2] for each in found if each.owner.startswith("volunteer:")]
    log_look(caller, *dict.fromkeys([*people, *(f"find/{each.what}" for each in found)]))
    return {"data": [_said(each) for each in found]}


def _said(lead: Lead) -> dict[str, Any]:
    said: dict[str, Any] = {"what": lead.what, "id": lead.id}
    if lead.owner:
        said["owner"] = lead.owner
    if lead.entry >= 0:
        said["entry"] = lead.entry
    return said


def _published() -> None:
    made: Any = reads.response(200, LeadsSchema)(find_entries)
    made = reads.arguments(TypedSchema(), location="json")(made)
    made = documented(reads, _REFUSALS)(made)
    made = require(*ROLES, scope=SCOPE)(made)
    made = reads.doc(operationId="find_entries", parameters=[REASON_PARAMETER])(made)
    reads.route(_RULE, methods=["POST"], tags=["entries"], endpoint="find_entries")(made)
    access = access_of(ROLES, SCOPE)
    publish(find_entries, Published(rule=_RULE, access=access, schema=TypedSchema))


_published()
