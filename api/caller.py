"""Who asks: bearer tokens, roles and scopes (design §8, trust §7).

A token is `sdk_<credential id>_<secret>`. The ledger keeps its SHA-256; what it may do is the
credential's row, made by an entry. Cookies mean nothing here.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final, TypeVar

from flask import g, request
from sqlalchemy import select

from api.current import current_book
from api.problems import Problem
from ledger.book import Book, Caller
from ledger.store import tables

View = TypeVar("View", bound=Callable[..., Any])

TOKEN: Final = re.compile(r"sdk_([0-9abcdefghjkmnpqrstvwxyz]{16})_([A-Za-z0-9_-]{43})")

ROLE_SCOPES: Final[dict[str, frozenset[str]]] = {
    "operator": frozenset(
        "activities:read activities:write entries:read exports:read parties:read parties:write"
        " policies:read policies:write redemptions:read rewards:read rewards:write"
        " service-records:read service-records:review service-records:write time-bank:read"
        " tokens:write volunteers:read".split()
    ),
    "organisation": frozenset(
        "activities:read activities:write entries:read parties:read parties:write policies:read"
        " rewards:read service-records:read service-records:write tokens:write"
        " volunteers:read".split()
    ),
    "reviewer": frozenset(
        "activities:read entries:read parties:read policies:read service-records:read"
        " service-records:review volunteers:read".split()
    ),
    "merchant": frozenset(
        "entries:read parties:read policies:read redemptions:capture redemptions:read"
        " redemptions:verify rewards:read rewards:write".split()
    ),
    "volunteer": frozenset(
        "activities:read entries:read parties:read policies:read redemptions:read"
        " redemptions:reserve rewards:read service-records:read time-bank:read time-bank:write"
        " volunteers:read".split()
    ),
    "auditor": frozenset(
        "activities:read entries:read exports:read parties:read policies:read redemptions:read"
        " rewards:read service-records:read time-bank:read".split()
    ),
}
"""What a token of each role may do at most, and does unless it was issued for less."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use a route; `api.caller.ACCESS` of a view function."""

    roles: tuple[str, ...]
    scope: str


ACCESS: Final = "_sidereal_access"


def new_token(credential: str) -> tuple[str, bytes]:
    """A token for a credential, and the digest to keep of it."""
    token = f"sdk_{credential}_{secrets.token_urlsafe(32)}"
    return token, digest_of(token)


def digest_of(token: str) -> bytes:
    """What the ledger keeps of a token: 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).digest()


def require(*roles: str, scope: str) -> Callable[[View], View]:
    """Let only callers of these roles (none: any) whose token has `scope` reach a view.

    `current_caller()` is the caller inside. 401 for no or a bad token, 403 for another role or
    a narrower token.
    """
    access = Access(roles or tuple(ROLE_SCOPES), scope)
    for role in access.roles:
        if scope not in ROLE_SCOPES[role]:
            raise ValueError(f"no {role} can have {scope}")

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            caller = authenticate(current_book(), request.headers.get("Authorization"))
            g.caller = caller
            if caller.role not in access.roles:
                raise Problem("role_not_allowed", f"this is not for the role {caller.role}")
            if scope not in caller.scopes:
                raise Problem("scope_missing", f"this token was not issued for {scope}")
            return view(*args, **kwargs)

        setattr(guarded, ACCESS, access)
        apidoc = dict(getattr(guarded, "_apidoc", {}))
        manual = dict(apidoc.get("manual_doc", {}))
        manual["security"] = [{"bearer": []}]
        manual["x-scope"] = scope
        manual["x-roles"] = list(access.roles)
        apidoc["manual_doc"] = manual
        guarded._apidoc = apidoc  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def current_caller() -> Caller:
    """Who asks, once `require` has let them in."""
    caller: Caller = g.caller
    return caller


def authenticate(book: Book, header: str | None) -> Caller:
    """The caller behind an Authorization header. Raises Problem."""
    if not header:
        raise Problem("token_missing", "send your token as `Authorization: Bearer sdk_…`")
    scheme, _, token = header.partition(" ")
    matched = TOKEN.fullmatch(token.strip())
    if scheme.lower() != "bearer" or matched is None:
        raise Problem("token_invalid", "this is no token of ours")
    row = _credential(book, matched[1])
    # Compared even when nothing is kept, so that both noes take equally long.
    kept = bytes(row.digest) if row is not None else bytes(32)
    if not hmac.compare_digest(kept, digest_of(token.strip())) or row is None:
        raise Problem("token_invalid", "this is no token of ours")
    if row.revoked:
        raise Problem("token_revoked", "this token was revoked; ask for a new one")
    if row.expires and book.clock.now_ms() >= row.expires:
        raise Problem("token_expired", "this token's time is over; ask for a new one")
    if row.state != "active":
        raise Problem("party_not_active", f"{row.party.partition(':')[0]} is {row.state}")
    return Caller(
        party=row.party,
        role=row.role,
        credential=row.credential,
        scopes=frozenset(row.scopes.split("+")) & ROLE_SCOPES[row.role],
        terminal=row.terminal,
    )


def _credential(book: Book, credential: str) -> Any:
    """Token, credential and party in one row; None where one of them is not there."""
    credentials, tokens, parties = tables.credentials, tables.tokens, tables.parties
    query = (
        select(credentials, tokens.c.digest, parties.c.state)
        .join(tokens, tokens.c.credential == credentials.c.credential)
        .join(parties, parties.c.address == credentials.c.party)
        .where(credentials.c.credential == credential)
    )
    with book.database.reading() as connection:
        return connection.execute(query).fetchone()


def scopes_for(role: str, wanted: Iterable[str] | None) -> str:
    """The scopes of a new token, sorted and joined; all of the role's unless fewer are wanted.

    Raises Problem with `scope_not_of_role`.
    """
    allowed = ROLE_SCOPES[role]
    chosen = allowed if wanted is None else frozenset(wanted)
    if not chosen <= allowed:
        raise Problem("scope_not_of_role", f"a token of the role {role} cannot have these scopes")
    return "+".join(sorted(chosen))
