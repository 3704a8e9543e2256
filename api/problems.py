"""How a no becomes HTTP: problem+json (RFC 9457). Only this file knows which status a code has.

A problem carries a stable `code`, a sentence, `errors` with a pointer into the request, `facts`
for programs and the request's id. It never repeats what was sent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from threading import Lock
from typing import Any, Final

import flask_smorest
import marshmallow
from flask import Flask, Response, current_app, g
from marshmallow import fields
from werkzeug.exceptions import HTTPException

from api.till import SaidSchema, beside_a_no
from api.times import rfc3339
from ledger.door.vouchers import WINDOW_MS
from ledger.errors import Refused

MEDIA_TYPE: Final = "application/problem+json"

STATUS: Final[Mapping[str, int]] = {
    # Who asks.
    "token_missing": 401,
    "token_invalid": 401,
    "token_expired": 401,
    "token_revoked": 401,
    "not_signed_in": 401,
    "session_idle": 401,
    "sign_in_again": 403,
    "sign_in_link_over": 410,
    "unknown_session": 404,
    "help_over": 403,
    "helper_not_active": 403,
    "not_for_helpers": 403,
    "bad_helper": 422,
    "bad_means": 422,
    "identity_taken": 409,
    "unknown_identity": 403,
    "identity_refused": 403,
    "passkey_taken": 409,
    "unknown_passkey": 403,
    "passkey_refused": 403,
    "provider_unreachable": 503,
    "sign_in_not_offered": 404,
    "foreign_form": 403,
    "insecure_address": 403,
    "caller_not_active": 403,
    "consent_is_personal": 403,
    "role_not_allowed": 403,
    "scope_missing": 403,
    "terminal_needed": 403,
    "clerk_not_active": 403,
    "clerk_limit_reached": 409,
    # What was sent, as bytes.
    "missing_body": 400,
    "malformed_json": 400,
    "duplicate_name": 400,
    "not_a_json_number": 400,
    "nested_too_deep": 400,
    "bad_request": 400,
    "body_too_large": 413,
    "file_too_large": 413,
    "wrong_media_type": 415,
    "compressed_body": 415,
    # The field is unknown, not what it would have named.
    "unknown_field": 422,
    "idempotency_key_missing": 400,
    "bad_idempotency_key": 400,
    "request_in_flight": 409,
    # What does not fit what is there.
    "already_evaluated": 409,
    "already_qualified": 409,
    "already_registered": 409,
    "already_running": 409,
    "already_captured": 409,
    "already_deposited": 409,
    "already_granted": 409,
    "already_forwarded": 409,
    "already_listed": 409,
    "already_referred": 409,
    "consent_missing": 409,
    "consent_unchanged": 409,
    "nothing_to_lift": 409,
    "nothing_to_repair": 409,
    "nothing_to_review": 409,
    "not_reversible": 409,
    "redemption_frequency": 409,
    "served_too_little": 409,
    "voided": 409,
    "wrong_cycle": 409,
    "already_settled": 409,
    "counter_reused": 409,
    "counters_missing": 409,
    "offline_session_closed": 409,
    "offline_session_open": 409,
    "voucher_not_signed": 404,
    "voucher_signed": 409,
    "voucher_signed_already": 409,
    "already_extended": 409,
    "fund_committed": 409,
    "fund_exhausted": 409,
    "not_extendable": 409,
    "per_period_limit": 409,
    "refund_over": 409,
    "reward_state_conflict": 409,
    "within_void_window": 409,
    "awaits_review": 409,
    "nothing_to_settle": 409,
    "nothing_to_state": 409,
    "origin_not_known": 409,
    "own_statement": 409,
    "same_organisation": 409,
    "statement_known": 409,
    "statement_of_another": 409,
    "consent_not_missing": 409,
    "credential_revoked": 409,
    "duplicate_record": 409,
    "expired": 409,
    "identity_banned": 409,
    "identity_conflict": 409,
    "held_for_identity_check": 409,
    "import_changed": 409,
    "import_file_gone": 409,
    "import_running": 409,
    "import_state_conflict": 409,
    "not_expired_yet": 409,
    "not_frozen": 409,
    "not_saved_here": 409,
    "not_yet_covered": 409,
    "objection_open": 409,
    "objection_state_conflict": 409,
    "order_expired": 409,
    "order_state_conflict": 409,
    "out_of_stock": 409,
    "overlapping_record": 409,
    "pool_empty": 409,
    "party_not_active": 409,
    "party_state_conflict": 409,
    "policy_already_adopted": 409,
    "simulation_running": 409,
    "record_state_conflict": 409,
    "redemption_state_conflict": 409,
    "released": 409,
    "reward_not_available": 409,
    "reward_withdrawn": 409,
    "too_many_webhooks": 409,
    "webhook_disabled": 409,
    "webhook_state_conflict": 409,
    "too_soon": 409,
    "card_closed": 409,
    "card_held_already": 409,
    "card_of_another": 409,
    "choose_voucher": 409,
    "code_reissued_already": 409,
    "guarded_already": 409,
    "nothing_reserved_here": 409,
    "offline_voucher": 409,
    "rotating_value_used": 409,
    "medal_granted_already": 409,
    "notice_running": 409,
    "nothing_to_grant": 409,
    "star_by_application": 409,
    "star_case_open": 409,
    "star_case_state_conflict": 409,
    "star_notice_needed": 409,
    "star_reached_again": 409,
    "attestation_outdated": 409,
    # What is not there, or is not the caller's to see.
    "not_found": 404,
    "no_checkpoint": 404,
    "not_acceptable": 406,
    # What must wait.
    "too_many_attempts": 429,
    "too_many_checks": 429,
    "too_many_conflicts": 429,
    "too_many_identities": 429,
    "pin_cooling_off": 429,
    "rotating_cooling_off": 429,
    "clock_unsure": 503,
    "head_unknown": 503,
    "head_differs": 503,
    "stopping": 503,
    "printing_not_installed": 501,
    "wrong_font": 500,
    "internal_error": 500,
}
_OTHERWISE: Final = 422
_OF_STATUS: Final[Mapping[int, tuple[str, str]]] = {
    400: ("bad_request", "the request cannot be read as HTTP"),
    404: ("not_found", "there is nothing at this address"),
    405: ("method_not_allowed", "this address does not take this method; see Allow"),
    406: ("not_acceptable", "this is not to be had in that form"),
    413: ("body_too_large", "the request's body is too large"),
    415: ("wrong_media_type", "send application/json"),
    500: ("internal_error", "something failed here; give us the request_id and try again"),
}
_TIMES: Final = frozenset(
    (
        *("banned_until", "captured_at", "expired_at", "expires", "published", "resets"),
        *("refundable_until", "settles_at", "upload_by"),
    )
)
"""Facts that are times: milliseconds in the ledger, RFC 3339 outside."""
_RETRY_SECONDS: Final = {"request_in_flight": 1, "stopping": 5, "not_yet_covered": 10}


class Problem(Exception):
    """A no of the HTTP layer itself. `errors` are (pointer, code, reason) each."""

    def __init__(
        self,
        code: str,
        sentence: str,
        *,
        errors: Sequence[tuple[str, str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence
        self.errors = errors
        self.headers = dict(headers or {})


class FieldErrorSchema(marshmallow.Schema):
    """One thing that is wrong with the request."""

    pointer = fields.String(
        required=True, metadata={"description": "JSON pointer into the body, or a parameter's name"}
    )
    code = fields.String(required=True)
    reason = fields.String(required=True)


class ProblemSchema(marshmallow.Schema):
    """RFC 9457, with a stable `code`."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True, metadata={"description": "stable; see docs/refusals.md"})
    errors = fields.List(fields.Nested(FieldErrorSchema))
    facts = fields.Dict(keys=fields.String(), metadata={"description": "figures behind the no"})
    till = fields.Nested(
        SaidSchema,
        metadata={"description": "where a voucher is shown: what the till says, in two languages"},
    )
    practice = fields.Boolean(metadata={"description": "true where it was only practice"})
    request_id = fields.String(required=True)


class Api(flask_smorest.Api):
    """flask-smorest, documenting and answering every error as problem+json.

    What it says of its routes is put together when somebody first reads it: that takes longer than
    all the rest of making an application.
    """

    ERROR_SCHEMA = ProblemSchema
    # Every status is documented by name; a catch-all would hide one that was forgotten.
    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask) -> None:
        self._undescribed: list[Callable[[], None]] = []
        self._describing = Lock()
        super().__init__(app)

    def describe_later(self, describe: Callable[[], None]) -> None:
        """Add something to the description once it is read."""
        self._undescribed.append(describe)

    def description(self) -> dict[str, Any]:
        """The OpenAPI document."""
        with self._describing:
            for describe in self._undescribed:
                describe()
            # Cleared last: a description that failed half way is not shown as if it were whole.
            self._undescribed.clear()
        document: dict[str, Any] = self.spec.to_dict()
        return document

    def _openapi_json(self) -> Response:
        self.description()
        answer: Response = super()._openapi_json()
        return answer

    def _register_responses(self) -> None:
        keep = flask_smorest.Api.DEFAULT_RESPONSE_CONTENT_TYPE
        self.DEFAULT_RESPONSE_CONTENT_TYPE = MEDIA_TYPE
        try:
            super()._register_responses()
        finally:
            self.DEFAULT_RESPONSE_CONTENT_TYPE = keep

    def handle_http_exception(self, error: HTTPException) -> Response:
        """What Werkzeug itself says no to, keeping its Allow and Retry-After."""
        if error.response is not None:
            return error.response  # type: ignore[return-value]
        status = error.code or 500
        code, sentence = _OF_STATUS.get(status, ("bad_request", error.description or error.name))
        answer = _answer(status, code, sentence)
        kept = error.get_response().headers
        for name in ("Allow", "Retry-After"):
            if name in kept:
                answer.headers[name] = kept[name]
        return answer


def status_of(code: str) -> int:
    """The HTTP status of a code: 404 for what is unknown, 422 for a rule's no."""
    known = STATUS.get(code)
    if known is not None:
        return known
    return 404 if code.startswith("unknown_") else _OTHERWISE


def problem(
    code: str,
    sentence: str,
    *,
    errors: Sequence[tuple[str, str, str]] = (),
    facts: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer for a code. `errors` are (pointer, code, reason) each."""
    answer = _answer(status_of(code), code, sentence, errors=errors, facts=facts)
    if code in _RETRY_SECONDS:
        answer.headers["Retry-After"] = str(_RETRY_SECONDS[code])
    answer.headers.update(headers or {})
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="sidereal"'
    return answer


def of_refused(refused: Refused) -> Response:
    """The answer for a no of the ledger's."""
    facts = refused.facts
    headers = {}
    if "wait_seconds" in facts:
        headers["Retry-After"] = str(facts["wait_seconds"])
    if "attempts_limit" in facts:
        # Structured fields, as in the IETF's draft of RateLimit headers.
        headers["RateLimit-Policy"] = f'"codes";q={facts["attempts_limit"]};w={WINDOW_MS // 1000}'
        headers["RateLimit"] = f'"codes";r={facts["attempts_left"]};t={facts["resets_seconds"]}'
    return problem(refused.code, refused.sentence, facts=refused.facts, headers=headers)


def register(app: Flask) -> None:
    """Answer every refusal, and every fault, as a problem."""

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        return of_refused(error)

    @app.errorhandler(Problem)
    def no(error: Problem) -> Response:
        return problem(error.code, error.sentence, errors=error.errors, headers=error.headers)

    @app.errorhandler(Exception)
    def fault(error: Exception) -> Response:
        # The caller learns only that it was our fault; the log has the rest.
        current_app.extensions["sidereal_log"].error(
            "fault", request_id=request_id(), exc_info=error
        )
        return problem(*_OF_STATUS[500])


def request_id() -> str:
    """The id of this request, of our own making."""
    return str(g.get("request_id", ""))


def field_errors(messages: Any, pointer: str = "") -> Iterator[tuple[str, str, str]]:
    """(pointer, code, reason) for each of marshmallow's messages, written `code|reason`."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            if name == "_schema":
                yield from field_errors(inner, pointer)
            else:
                # A name is the client's own text: enough of it to be recognised.
                step = str(name)[:64].replace("~", "~0").replace("/", "~1")
                yield from field_errors(inner, f"{pointer}/{step}")
    elif isinstance(messages, str):
        code, bar, reason = messages.partition("|")
        yield (pointer, code, reason) if bar else (pointer, "bad_value", messages)
    else:
        for inner in messages:
            yield from field_errors(inner, pointer)


def _answer(
    status: int,
    code: str,
    sentence: str,
    *,
    errors: Sequence[tuple[str, str, str]] = (),
    facts: Mapping[str, Any] | None = None,
) -> Response:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": sentence,
        "code": code,
        "request_id": request_id(),
    }
    if errors:
        body["errors"] = [
            {"pointer": pointer, "code": why, "reason": reason} for pointer, why, reason in errors
        ]
    if facts:
        body["facts"] = {
            name: rfc3339(value) if name in _TIMES else value for name, value in facts.items()
        }
    body |= beside_a_no(code, facts or {})
    return Response(json.dumps(body, ensure_ascii=False), status=status, content_type=MEDIA_TYPE)
