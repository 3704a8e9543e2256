"""How a page calls what the API calls: by the same view, held to the same roles, scopes and shapes.

What a form sends is text. `read` and `write` hand it to the view's own schema, so that a page can
ask nothing that a program could not.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from flask import g, request
from marshmallow import RAISE, ValidationError

from api.current import current_book
from api.published import Published, published
from api.reads.asking import PAGE_MAX, stated_reason
from api.routes import invalid, why_bad_text
from api.writes.asking import answered_once, asking_with
from ledger.book import CLIENT_KEY
from ledger.errors import Refused
from ledger.sequencer import Receipt

_KEY_BYTES: Final = 24
_DIGITS_MAX: Final = 16


def read(view: Callable[..., Any], query: Mapping[str, Any] | None = None, /, **ids: Any) -> Any:
    """What the API would answer to whoever is signed in, with times in ms.

    `query` holds text, as in an address; what is "" is left out. Raises Problem, Refused.
    """
    how = published(view)
    _let_in(how)
    if how.asks_auditors and g.caller.role == "auditor":
        stated_reason()
    if how.schema is None:
        return view(**ids)
    return view(_loaded(how, _said(query or {}), "query"), **ids)


def every(
    view: Callable[..., Any], query: Mapping[str, Any] | None = None, /, **ids: Any
) -> Iterator[Any]:
    """Every item of a list that is paged by entry, in its order, read as far as it is wanted.

    A list that is cut off at some number without a word would say that there is no more. Raises
    Problem, Refused.
    """
    after, more = "", True
    while more:
        page = {**(query or {}), "limit": str(PAGE_MAX), "starting_after": after}
        found = read(view, page, **ids)
        yield from found["data"]
        more = found["has_more"]
        after = str(found["data"][-1]["entry"]) if more else ""


def write(
    view: Callable[..., Any], body: Mapping[str, Any], /, key: str = "", **ids: str
) -> tuple[Receipt, Mapping[str, Any]]:
    """Do it once, by the key that stands in the form: (receipt, what only the first answer shows).

    `body` is as JSON would hold it; what is "" or None is left out. The same request by page and
    by API is one. Raises Problem, Refused.
    """
    how = published(view)
    _let_in(how)
    loaded = _loaded(how, _said(body), "json")
    ask = asking_with(key or form_key(), how.rule, ids, loaded)
    return answered_once(ask, partial(view, ask, loaded, **ids), how.only_writes)


def may(view: Callable[..., Any]) -> bool:
    """Whether whoever is signed in may call this at all: what is not theirs is not offered."""
    access = published(view).access
    caller = g.caller
    return access is None or (caller.role in access.roles and access.scope in caller.scopes)


def new_key() -> str:
    """A key for a form, made with the page: a second tap and a page loaded again send the same."""
    return secrets.token_urlsafe(_KEY_BYTES)


def form_key() -> str:
    """The key that was made with the form. Refuses with `bad_idempotency_key`."""
    key = request.form.get("key", "")
    if not CLIENT_KEY.fullmatch(key):
        raise Refused("bad_idempotency_key", "this form has lost its number; begin again")
    return key


def made_here(number: str) -> int | None:
    """The number of an entry that was made by this very sign-in; None for anything else, so that
    no address from elsewhere says that something was done."""
    if not (number.isascii() and number.isdigit() and len(number) < _DIGITS_MAX):
        return None
    try:
        entry = current_book().entry(int(number))
    except Refused:
        return None
    return entry.index if entry.auth == g.caller.credential else None


def _let_in(how: Published) -> None:
    if how.access is not None:
        how.access.refuse_others(g.caller)


def _said(sent: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in sent.items() if value not in ("", None)}


def _refuse_odd_text(sent: Mapping[str, Any], location: str) -> None:
    """What no JSON body may hold, no form holds either: control characters, lone surrogates."""
    for name, value in sent.items():
        for text in value if isinstance(value, list | tuple) else (value,):
            if isinstance(text, str) and (reason := why_bad_text(text)):
                raise invalid({location: {name: [f"bad_text|{reason}"]}})


def _loaded(how: Published, sent: Mapping[str, Any], location: str) -> Any:
    """As the view's schema reads it. Raises Problem."""
    if how.schema is None:
        return {}
    _refuse_odd_text(sent, location)
    try:
        return how.schema().load(sent, unknown=RAISE)
    except ValidationError as odd:
        raise invalid({location: odd.messages}) from odd
