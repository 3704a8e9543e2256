"""Tokens: issue and revoke."""

from __future__ import annotations

from typing import Any, Final

from api.schemas import NewTokenSchema, NothingSchema
from api.writes.asking import writing
from ledger.door import tokens
from ledger.door.asking import Asking
from ledger.sequencer import Receipt

_TAG: Final = "tokens"
_SCOPE: Final = "tokens:write"

Body = dict[str, Any]


@writing(
    "/tokens",
    NewTokenSchema,
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_party role_not_of_party role_not_allowed scope_not_of_role bad_time"
    " party_not_active terminal_needed",
)
def issue_token(ask: Asking, body: Body) -> tuple[Receipt, dict[str, Any]]:
    """Issue a token. It is shown in this one answer; a repeated request finds `token` null.

    Whoever lost it revokes this credential and issues another.
    """
    receipt, token = tokens.issue(ask, **body)
    return receipt, {"token": token}


@writing(
    "/tokens/<id:credential>/revoke",
    NothingSchema,
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_credential credential_revoked",
)
def revoke_token(ask: Asking, _body: Body, credential: str) -> Receipt:
    """Revoke a token; it stops at once."""
    return tokens.revoke(ask, credential=credential)
