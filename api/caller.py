"""Who asks: the bearer token of a request, and which roles and scopes a route is for (design §8).

Cookies mean nothing under `/v1`. What tokens are is the door's business (`ledger.door.tokens`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import g, request

from api.current import current_book
from ledger.book import Book, Caller
from ledger.door.tokens import ROLE_SCOPES, caller_of
from ledger.errors import Refused

__all__ = [
    "ROLE_SCOPES",
    "Access",
    "access_of",
    "authenticate",
    "current_caller",
    "require",
]

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use a route."""

    roles: tuple[str, ...]
    scope: str

    def refuse_others(self, caller: Caller) -> None:
        """Refuses with `role_not_allowed`, `scope_missing`."""
        if caller.role not in self.roles:
            raise Refused("role_not_allowed", f"this is not for the role {caller.role}")
        if self.scope not in caller.scopes:
            raise Refused("scope_missing", f"this token was not issued for {self.scope}")


def access_of(roles: Sequence[str], scope: str) -> Access:
    """Who may use a route for `roles` (none: every role that can have the scope) and `scope`.

    Raises ValueError for a role that can never have it."""
    able = tuple(role for role, scopes in ROLE_SCOPES.items() if scope in scopes)
    access = Access(tuple(roles) or able, scope)
    if not access.roles or not set(access.roles) <= set(able):
        raise ValueError(f"only {able} can have {scope}")
    return access


def require(*roles: str, scope: str) -> Callable[[View], View]:
    """Let only callers of these roles (none: every role that can have the scope) reach a view.

    `current_caller()` is the caller inside. 401 for no or a bad token, 403 for another role or a
    narrower token. Goes directly below the route, so that nobody's body is read before.
    """
    access = access_of(roles, scope)

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            g.caller = caller = authenticate(current_book(), request.headers.get("Authorization"))
            access.refuse_others(caller)
            return view(*args, **kwargs)

        apidoc = deepcopy(getattr(guarded, "_apidoc", {}))
        apidoc.setdefault("manual_doc", {}).update(
            {"security": [{"bearer": []}], "x-scope": scope, "x-roles": list(access.roles)}
        )
        guarded._apidoc = apidoc  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def current_caller() -> Caller:
    """Who asks, once `require` has let them in."""
    caller: Caller = g.caller
    return caller


def authenticate(book: Book, header: str | None) -> Caller:
    """The caller behind an Authorization header. Refuses with `token_missing` and what
    `caller_of` refuses."""
    if not header:
        raise Refused("token_missing", "send your token as `Authorization: Bearer sdk_…`")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise Refused("token_invalid", "only bearer tokens are taken here")
    return caller_of(book, token.strip())
