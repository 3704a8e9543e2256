"""What all writes share: the key, the caller, the first answer again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial, wraps
from typing import Any, Final

from flask import Response, request
from marshmallow import Schema

from api.answers import WrittenSchema, written
from api.caller import access_of, current_caller, require
from api.current import current_book, current_state
from api.problems import Problem
from api.published import Published, publish
from api.routes import Routes, documented
from ledger.book import CLIENT_KEY
from ledger.door import people
from ledger.door.asking import Asking
from ledger.errors import Refused
from ledger.sequencer import Receipt

writes = Routes("writes", __name__, url_prefix="/v1", description="Writing")

Answered = tuple[Receipt, Mapping[str, Any]]
Answer = Receipt | Answered
View = Callable[..., Answer]

COMMON_REFUSALS: Final = (
    "missing_body malformed_json duplicate_name not_a_json_number nested_too_deep"
    " body_too_large wrong_media_type compressed_body invalid_request missing_field"
    " unknown_field wrong_type out_of_range too_long empty bad_text bad_id bad_time"
    " no_time_zone not_a_choice token_missing token_invalid token_expired token_revoked"
    " caller_not_active role_not_allowed scope_missing idempotency_key_missing"
    " bad_idempotency_key key_reused request_in_flight clock_unsure stopping"
).split()
KEY_PARAMETERS: Final = [
    {
        "in": "header",
        "name": "Idempotency-Key",
        "required": True,
        "description": "random, yours, new for each write; the same again to repeat one",
        "schema": {"type": "string", "pattern": f"^{CLIENT_KEY.pattern}$"},
    },
    {
        "in": "header",
        "name": "Prefer",
        "required": False,
        "description": "`acknowledgement` adds a signed note to the answer",
        "schema": {"type": "string"},
    },
]
_PASSING: Final = frozenset({"pin", "new_pin", "rotating"})
"""Not part of what makes a request the same: a value has changed when a capture is sent again, and
nothing that an entry keeps may let anybody try PINs against it, even with the key."""
_PREFERS: Final = re.compile(r"(?:^|,)\s*acknowledgement\s*(?:,|;|$)", re.IGNORECASE)


def writing(
    rule: str,
    schema: type[Schema],
    *,
    roles: Sequence[str] = (),
    scope: str,
    refusals: str = "",
    tag: str,
    only_writes: bool = False,
) -> Callable[[View], View]:
    """Publish a view under `/v1` that is asked (ask, body, **ids in the address).

    It returns the receipt, or the receipt and what only the first answer shows. `roles` empty:
    every role that can have the scope. `refusals` are the codes to document. `only_writes` is for
    a view that seals nothing and makes nothing before it writes.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(body: dict[str, Any], **ids: str) -> Response:
            ask = asking(rule, ids, body)
            receipt, once = answered_once(ask, partial(view, ask, body, **ids), only_writes)
            return created(receipt, once)

        published: Any = writes.response(201, WrittenSchema)(answer)
        # A schema of its own for every request would cost more than reading the request with it.
        published = writes.arguments(schema(), location="json")(published)
        published = documented(writes, [*COMMON_REFUSALS, *refusals.split()])(published)
        published = require(*roles, scope=scope)(published)
        published = writes.doc(operationId=view.__name__, parameters=KEY_PARAMETERS)(published)
        writes.route(rule, methods=["POST"], tags=[tag], endpoint=view.__name__)(published)
        publish(
            view,
            Published(
                rule=rule,
                access=access_of(roles, scope),
                schema=schema,
                only_writes=only_writes,
            ),
        )
        return view

    return decorate


def answered_once(ask: Asking, act: Callable[[], Answer], only_writes: bool) -> Answered:
    """Act, once however often the key comes: (receipt, what only the first answer shows).

    Refuses with `request_in_flight` and what `act` refuses."""
    answer = first_answer_after if only_writes else _first_answer_before
    with current_state().in_flight.alone(ask.mark):
        receipt, once = answer(ask, act)
    # Another process may have answered between our look and our turn.
    return receipt, {} if receipt.replayed else once


def _first_answer_before(ask: Asking, act: Callable[[], Answer]) -> Answered:
    """Look for the first answer before anything is sealed in the vault (trust §1)."""
    receipt = ask.answered()
    if receipt is not None:
        people.finish(ask.book, receipt.entry)
        return receipt, {}
    result = act()
    return result if isinstance(result, tuple) else (result, {})


def first_answer_after(ask: Asking, act: Callable[[], Answer]) -> Answered:
    """The ledger looks itself where it writes, by the key; only a no of the door's own comes before
    that, and must not hide the first answer."""
    try:
        result = act()
    except Refused:
        receipt = ask.answered()
        if receipt is None:
            raise
        return receipt, {}
    return result if isinstance(result, tuple) else (result, {})


def asking(rule: str, ids: Mapping[str, str], body: Mapping[str, Any]) -> Asking:
    """The request on its way to the book: its canonical form is method, route, ids and body, but
    for what only shows who stands there."""
    return asking_with(idempotency_key(), rule, ids, body)


def asking_with(key: str, rule: str, ids: Mapping[str, str], body: Mapping[str, Any]) -> Asking:
    """The same with a key that came otherwise than in a header: a page's form holds its own."""
    asked = {name: value for name, value in body.items() if name not in _PASSING}
    canonical = json.dumps(
        ["POST", f"/v1{rule}", dict(ids), asked], sort_keys=True, separators=(",", ":")
    )
    return Asking(book=current_book(), caller=current_caller(), key=key, request=canonical.encode())


def idempotency_key() -> str:
    """The client's key. Raises Problem where it is missing or has another form."""
    key = request.headers.get("Idempotency-Key")
    if not key:
        raise Problem(
            "idempotency_key_missing", "send an Idempotency-Key, so that you can safely retry"
        )
    if not CLIENT_KEY.fullmatch(key):
        raise Problem(
            "bad_idempotency_key",
            "an Idempotency-Key is 16 to 64 letters, digits, `-` or `_`; take random ones",
        )
    return key


def created(receipt: Receipt, once: Mapping[str, Any]) -> Response:
    """201 with what was written; repeated, the same and a header that says so."""
    wanted = wants_acknowledgement()
    body = written(receipt, acknowledged=wanted) | dict(once)
    return json_answer(body, 201, replayed=receipt.replayed, acknowledged=wanted)


def json_answer(
    body: Mapping[str, Any], status: int, *, replayed: bool = False, acknowledged: bool = False
) -> Response:
    """A JSON answer."""
    answer = Response(
        json.dumps(body, ensure_ascii=False), status=status, content_type="application/json"
    )
    if replayed:
        answer.headers["Idempotency-Replayed"] = "true"
    if acknowledged:
        answer.headers["Preference-Applied"] = "acknowledgement"
    return answer


def wants_acknowledgement() -> bool:
    """Whether the caller prefers a signed note (trust §2)."""
    return bool(_PREFERS.search(request.headers.get("Prefer", "")))
