"""What all reads share: the page asked for, who asks, and how a no is documented."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from functools import wraps
from typing import Any, Final, TypeVar

from flask import current_app, g, request
from marshmallow import RAISE, Schema, ValidationError, fields

from api.caller import access_of, authenticate, current_caller, require
from api.current import current_book
from api.problems import Problem, request_id
from api.published import Published, publish
from api.routes import Routes, documented, why_bad_text
from api.schemas import Choice, Id, Strict, Typed
from ledger.book import Caller
from ledger.door.tree import Tree
from ledger.store import queries

View = TypeVar("View", bound=Callable[..., Any])

PAGE_MAX: Final = 200
PAGE: Final = 50
CURSOR_MAX: Final = 2**53 - 1
REASON_MAX: Final = 200
_DIGITS: Final = re.compile(r"-?[0-9]{1,16}", re.ASCII)

reads = Routes("reads", __name__, url_prefix="/v1", description="Reading")


class Number(fields.Integer):
    """A whole number in an address: digits and nothing else."""

    def __init__(self, *, least: int, most: int, **kwargs: Any) -> None:
        metadata = {"minimum": least, "maximum": most, **kwargs.pop("metadata", {})}
        super().__init__(metadata=metadata, **kwargs)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str) or not _DIGITS.fullmatch(value):
            raise ValidationError("wrong_type|this is a whole number in digits")
        if not self.least <= int(value) <= self.most:
            raise ValidationError(f"out_of_range|this is from {self.least} to {self.most}")
        return int(value)


class Page(Strict):
    """Which part of a list."""

    limit = Number(
        least=1,
        most=PAGE_MAX,
        load_default=PAGE,
        metadata={"description": "how many items at most"},
    )
    starting_after = Number(
        least=-1,
        most=CURSOR_MAX,
        load_default=-1,
        metadata={"description": "the `entry` of the last item of the page before"},
    )


class PageFromEitherEnd(Page):
    """Which part of a list that can be read backwards as well."""

    newest_first = Choice(
        "yes",
        metadata={
            "description": "backwards: then `starting_after` is the `entry` of the last item as"
            " well, and what follows is older"
        },
    )


class PageOfParties(Page):
    """Which parties."""

    state = Choice("active", "suspended", "left", "deceased", "forgotten")


class PageOfOrganisations(PageOfParties):
    """Which organisations."""

    parent = Id(metadata={"description": "only those directly below this organisation"})


class PageOfMerchants(PageOfParties):
    """Which merchants."""

    name = Typed(most=40, metadata={"description": "part of what they are called"})
    offering = Choice("yes", metadata={"description": "only those with published rewards"})


def page_of(item: type[Schema], name: str) -> type[Schema]:
    """The schema of one page of items."""
    made: dict[str, Any] = {
        "data": fields.List(fields.Nested(item), required=True),
        "has_more": fields.Boolean(
            required=True, metadata={"description": "whether another page follows this one"}
        ),
    }
    return Schema.from_dict(made, name=name)


def page(data: Iterable[Mapping[str, Any]], has_more: bool) -> dict[str, Any]:
    """The answer for one page."""
    return {"data": list(data), "has_more": has_more}


def reading(
    rule: str,
    operation: str,
    *,
    answer: type[Schema] | None,
    roles: Sequence[str] = (),
    scope: str = "",
    query: type[Schema] | None = None,
    refusals: Sequence[str] = (),
    tag: str,
    any_token: bool = False,
    auditors_say_why: bool = False,
    also: Callable[[Any], Any] | None = None,
) -> Callable[[View], View]:
    """Publish a view under `/v1`: who may call it, what it takes, answers and refuses.

    Without `scope` it is open to everybody, and a token that is sent all the same must be good;
    with `any_token` a good token is needed, whatever it is for. `roles` empty means every role.
    With `auditors_say_why` an auditor needs a `Reason`, and the view calls `log_look` for what it
    is about to show. `also` documents more.
    """

    def decorate(view: View) -> View:
        made: Any = _asking_auditors(view) if auditors_say_why else view
        if also is not None:
            made = also(made)
        if answer is not None:
            made = reads.response(200, answer)(made)
        codes = list(refusals)
        if query is not None:
            # Refused by the parser itself; `documented` says so below.
            made = reads.arguments(query, location="query", unknown=RAISE)(made)
            codes += ["invalid_request", "unknown_field", "wrong_type", "out_of_range"]
            codes += ["bad_id", "not_a_choice"]
        if auditors_say_why:
            codes += ["reason_missing", "bad_reason"]
        codes += ["token_invalid", "token_expired", "token_revoked", "caller_not_active"]
        if scope or any_token:
            codes.append("token_missing")
        if scope:
            codes += ["role_not_allowed", "scope_missing"]
        made = documented(reads, codes)(made)
        if scope:
            made = require(*roles, scope=scope)(made)
        else:
            made = _with_any_caller(made, needed=any_token)
        made = reads.doc(operationId=operation)(made)
        reads.route(rule, methods=["GET"], tags=[tag])(made)
        publish(
            view,
            Published(
                rule=rule,
                access=access_of(roles, scope) if scope else None,
                schema=query,
                asks_auditors=auditors_say_why,
            ),
        )
        return view

    return decorate


def caller_or_none() -> Caller | None:
    """Who asks, where asking needs no token; None for a stranger."""
    caller: Caller | None = g.get("caller")
    return caller


def _with_any_caller(view: View, *, needed: bool) -> View:
    """Let everybody in; a token that is sent must be good, so that a client learns of its end."""

    @wraps(view)
    def open_to_all(*args: Any, **kwargs: Any) -> Any:
        header = request.headers.get("Authorization")
        if header or needed:
            g.caller = authenticate(current_book(), header)
        return view(*args, **kwargs)

    apidoc = deepcopy(getattr(open_to_all, "_apidoc", {}))
    security: list[dict[str, list[str]]] = [{"bearer": []}] if needed else [{}, {"bearer": []}]
    apidoc.setdefault("manual_doc", {})["security"] = security
    open_to_all._apidoc = apidoc  # type: ignore[attr-defined]
    return open_to_all  # type: ignore[return-value]


def _asking_auditors(view: View) -> View:
    """Refuse an auditor who gives no reason before anything is looked for."""

    @wraps(view)
    def asked(*args: Any, **kwargs: Any) -> Any:
        if current_caller().role == "auditor":
            stated_reason()
        return view(*args, **kwargs)

    # Not among what is documented by hand: that would take the place of the query's parameters.
    apidoc = deepcopy(getattr(asked, "_apidoc", {}))
    arguments = apidoc.setdefault("arguments", {})
    arguments.setdefault("parameters", []).append(deepcopy(AUDITORS_REASON_PARAMETER))
    asked._apidoc = apidoc  # type: ignore[attr-defined]
    return asked  # type: ignore[return-value]


def not_there() -> Problem:
    """The one answer for what is unknown and for what is another's."""
    return Problem("not_found", "there is nothing at this address for you; check the id")


def organisations_of(caller: Caller) -> list[str] | None:
    """Addresses of the organisations that the caller acts for; None for all there are."""
    if caller.role in ("operator", "auditor"):
        return None
    book = current_book()
    root = Tree(book, caller).root()
    with book.database.reading() as connection:
        return queries.organisations_below(connection, root) if root else []


def acts_for(caller: Caller, address: str) -> bool:
    """Whether the caller may see what is this party's; an auditor sees every organisation's."""
    return caller.role == "auditor" or Tree(current_book(), caller).acts_for(address)


def texts_of(digests: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
    """What people typed behind these digests; {} where there is none, or none any more."""
    wanted = [digest for digest in dict.fromkeys(digests) if digest]
    return current_book().vault.open_texts(wanted) if wanted else {}


def stated_reason() -> str:
    """Why somebody looks at more than their own: the `Reason` header, or what a page was told
    (`g.reason`). Raises Problem."""
    reason = str(g.reason if "reason" in g else _reason_sent()).strip()
    if not reason:
        raise Problem("reason_missing", "say why you read this, in a Reason header")
    if len(reason) > REASON_MAX or why_bad_text(reason):
        raise Problem("bad_reason", f"a reason is one line of at most {REASON_MAX} characters")
    return reason


def _reason_sent() -> str:
    """Headers arrive as Latin-1; what is UTF-8 underneath is read as such. Raises Problem."""
    try:
        return request.headers.get("Reason", "").encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        raise Problem("bad_reason", "write the reason in UTF-8") from None


def log_look(caller: Caller, *shown: str) -> None:
    """Keep what an auditor is about to be shown, and why; nothing for other roles or no item.

    Minutes of check-in and check-out single people out, so whoever checks from outside says why
    each time. Operators do not: who operates the book answers for it by access control, and
    sees it by duty. Raises Problem as `stated_reason`.
    """
    if caller.role == "auditor" and shown:
        log_reason(caller, shown, stated_reason())


def log_reason(caller: Caller, shown: Sequence[str], reason: str) -> None:
    """Keep who looked at each of `shown` and why, before it is shown (trust §2, §5).

    That it happened stands in the access log, which an hourly entry commits to; the sentence
    stands in the server's log, once, with the first and the last of them.
    """
    book = current_book()
    book.vault.read_many(shown, [], by=caller.party, purpose="audit", at=book.clock.now_ms())
    current_app.extensions["sidereal_log"].info(
        "reason",
        request_id=request_id(),
        credential=caller.credential,
        what=shown[0],
        last=shown[-1],
        count=len(shown),
        reason=reason,
    )


REASON_PARAMETER: Final[Mapping[str, Any]] = {
    "name": "Reason",
    "in": "header",
    "required": True,
    "description": "why you read this; kept in the log",
    "schema": {"type": "string", "minLength": 1, "maxLength": REASON_MAX},
}
AUDITORS_REASON_PARAMETER: Final[Mapping[str, Any]] = {
    **REASON_PARAMETER,
    "required": False,
    "description": "why you read this; auditors must say, and it is kept in the log. "
    "Of other roles it is not asked",
}
