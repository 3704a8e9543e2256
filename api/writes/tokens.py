"""Tokens: issue and revoke; links to sign in to the pages with."""

from __future__ import annotations

from typing import Any, Final

from api.answers import sign_in_url
from api.schemas import NewSignInLinkSchema, NewTokenSchema, NothingSchema
from api.times import rfc3339
from api.writes.asking import writing
from ledger.door import sessions, tokens
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


@writing(
    "/sign-in-links",
    NewSignInLinkSchema,
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_party role_not_of_party role_not_allowed scope_not_of_role"
    " party_not_active terminal_needed",
)
def make_sign_in_link(ask: Asking, body: Body) -> tuple[Receipt, dict[str, Any]]:
    """Make a link that signs somebody in to the pages, once, within ten minutes.

    Link and code are shown in this one answer; a repeated request finds neither. Revoking the
    credential signs whoever used it out.
    """
    receipt, secret, until = sessions.make_link(ask, **body)
    return receipt, {
        "link": sign_in_url(secret),
        "code": sessions.grouped(secret),
        "until": rfc3339(until),
    }
