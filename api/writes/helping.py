"""Letting somebody act for a volunteer who cannot, and ending it."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import fields

from api.schemas import Choice, Listed, Moment, NothingSchema, PartyAddress, Strict
from api.writes.asking import writing
from ledger.decide.helpers import HELPER_SCOPES
from ledger.door import helping
from ledger.door.asking import Asking
from ledger.sequencer import Receipt

_TAG: Final = "helpers"
_ROLES: Final = ("operator", "volunteer")
_SCOPE: Final = "parties:write"

Body = dict[str, Any]


class NewHelperSchema(Strict):
    """Who may act, in what, and until when."""

    helper = PartyAddress(
        required=True, metadata={"description": "a volunteer, or somebody of the staff"}
    )
    scopes: fields.Field[Any] = Listed(
        Choice(*sorted(HELPER_SCOPES)), most=len(HELPER_SCOPES), required=True
    )
    expires = Moment(required=True, metadata={"description": "within 366 days"})


@writing(
    "/volunteers/<id:volunteer>/helpers",
    NewHelperSchema,
    roles=_ROLES,
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_party party_not_active bad_helper scope_not_of_role bad_time",
)
def allow_helper(ask: Asking, body: Body, volunteer: str) -> Receipt:
    """Let somebody act for a volunteer, who says so or wrote it down for the operator.

    No token comes of it: whoever helps signs in to the pages as themselves and acts from there.
    """
    return helping.allow(ask, volunteer=volunteer, **body)


@writing(
    "/helpers/<id:credential>/end",
    NothingSchema,
    roles=_ROLES,
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_credential credential_revoked",
)
def end_help(ask: Asking, _body: Body, credential: str) -> Receipt:
    """Take back what a helper was lent; it stops at once."""
    return helping.end(ask, credential=credential)
