"""Blueprints whose request bodies are read strictly.

JSON here is UTF-8, without repeated names, NaN or Infinity, nested at most `NESTING_MAX` deep,
and its strings hold neither control characters (line breaks and tabs apart) nor lone surrogates.
Shape is then the schema's business, meaning the ledger's.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Final, NoReturn

import flask_smorest
import marshmallow
from flask import Request
from webargs.flaskparser import FlaskParser

from api.problems import MEDIA_TYPE, Api, Problem, ProblemSchema, field_errors, status_of

NESTING_MAX: Final = 8
_CONTROL: Final = {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)}
_LAYOUT: Final = {"\n", "\r", "\t"}
_SPECIAL: Final = frozenset(_CONTROL - _LAYOUT)


class StrictParser(FlaskParser):
    """Reads bodies as this module's docstring says, and says precisely what is wrong."""

    def load_json(self, req: Request, schema: marshmallow.Schema) -> Any:
        needed = any(field.required for field in schema.fields.values())
        return read_body(req, needed=needed)

    def handle_error(
        self,
        error: marshmallow.ValidationError,
        req: Request,
        schema: marshmallow.Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        raise invalid(error.messages)


class Routes(flask_smorest.Blueprint):
    """A blueprint of this API."""

    ARGUMENTS_PARSER = StrictParser()

    def register_views_in_doc(self, api: Api, *given: Any, **named: Any) -> None:
        api.describe_later(partial(super().register_views_in_doc, api, *given, **named))


def invalid(messages: Any) -> Problem:
    """The problem of a request that parsed and has not the shape it should have.

    Its code is that of its errors if they all agree, else `invalid_request`.
    """
    errors = []
    for location, inner in messages.items():
        at_parameters = location != "json"
        for pointer, code, reason in field_errors(inner):
            errors.append((pointer.removeprefix("/") if at_parameters else pointer, code, reason))
    # One broken item a thousand times over helps nobody.
    codes = {code for _, code, _ in errors}
    code = codes.pop() if len(codes) == 1 else "invalid_request"
    return Problem(code, f"the request is not as it should be: {errors[0][2]}", errors=errors[:50])


def documented(routes: Routes, codes: Iterable[str]) -> Callable[[Any], Any]:
    """Document the refusals of a view, by the status that each has."""
    by_status: defaultdict[int, list[str]] = defaultdict(list)
    for code in dict.fromkeys([*codes, "bad_request", "internal_error"]):
        by_status[status_of(code)].append(code)

    def decorate(view: Any) -> Any:
        described = view
        for status, some in sorted(by_status.items()):
            described = routes.alt_response(
                status,
                schema=ProblemSchema,
                content_type=MEDIA_TYPE,
                description=" ".join(f"`{code}`" for code in some),
            )(described)
        # Only what the layers say is kept: a request need not pass through each of them.
        view._apidoc = described._apidoc
        return view

    return decorate


def read_body(request: Request, *, needed: bool = True) -> Any:
    """The JSON object in a request's body, read strictly; empty if none is needed nor there.

    Raises Problem.
    """
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Problem("compressed_body", "send the body as it is, without Content-Encoding")
    raw = request.get_data(cache=False)
    if not raw and not needed:
        return {}
    if not raw:
        raise Problem("missing_body", "this needs a JSON object as its body")
    if request.mimetype != "application/json":
        raise Problem("wrong_media_type", "send the body as application/json")
    body = parse_json(raw)
    for pointer, code, reason in _bad_parts(body, "", 0):
        raise Problem(code, reason, errors=[(pointer, code, reason)])
    if not isinstance(body, dict):
        raise Problem(
            "wrong_type",
            "the body must be a JSON object",
            errors=[("", "wrong_type", "the body must be a JSON object")],
        )
    return body


def parse_json(raw: bytes) -> Any:
    """A JSON document without repeated names and without NaN. Raises Problem."""
    try:
        return json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object_without_repeats,
            parse_constant=_no_constant,
        )
    except UnicodeDecodeError:
        raise Problem("malformed_json", "the body is not UTF-8") from None
    except RecursionError:
        raise _too_deep() from None
    except json.JSONDecodeError as error:
        raise Problem(
            "malformed_json",
            f"the body is not JSON: line {error.lineno}, column {error.colno}: {error.msg}",
        ) from None
    except ValueError:
        # Python's own limit on the digits of a whole number.
        raise Problem("malformed_json", "the body holds a number of absurd length") from None


def _object_without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Problem("duplicate_name", "an object in the body has one name twice")
    return made


def _no_constant(_name: str) -> NoReturn:
    raise Problem("not_a_json_number", "NaN and Infinity are not JSON; leave the field out")


def _too_deep() -> Problem:
    return Problem("nested_too_deep", f"the body is nested more than {NESTING_MAX} deep")


def _bad_parts(value: Any, pointer: str, depth: int) -> Iterator[tuple[str, str, str]]:
    """What no schema would see: depth, control characters, lone surrogates."""
    if depth > NESTING_MAX:
        raise _too_deep()
    if isinstance(value, str):
        if reason := why_bad_text(value):
            yield pointer, "bad_text", reason
    elif isinstance(value, dict):
        for name, inner in value.items():
            if why_bad_text(name):
                yield pointer, "bad_text", "a name holds control characters or half a character"
                return
            step = name.replace("~", "~0").replace("/", "~1")
            yield from _bad_parts(inner, f"{pointer}/{step}", depth + 1)
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _bad_parts(inner, f"{pointer}/{at}", depth + 1)


def why_bad_text(text: str) -> str:
    """What makes a string unfit to be kept, or ""."""
    if text.isascii() and text.isprintable():
        return ""
    if not _SPECIAL.isdisjoint(text):
        return "the text holds a control character"
    if any("\ud800" <= character <= "\udfff" for character in text):
        return "the text holds half a character (a lone surrogate)"
    return ""
