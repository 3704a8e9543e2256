"""The readable documentation at `/docs`, made from the OpenAPI document on the server.

One calm page with its own stylesheet: no script, nothing from elsewhere. Whatever the document
says of a route is on it: parameters, bodies, answers, refusals and who may call.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from flask import Response, current_app, render_template, url_for

from api.routes import Routes, documented

TAG: Final = "documentation"
STYLE: Final = Path(__file__).with_name("static") / "docs.css"
POLICY: Final = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
_METHODS: Final = ("get", "post", "put", "patch", "delete")
_CODE: Final = re.compile(r"`([a-z0-9_]+)`")
_LIMITS: Final = (
    ("minimum", "from {}"),
    ("maximum", "to {}"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("minItems", "at least {} items"),
    ("maxItems", "at most {} items"),
    ("pattern", "like {}"),
    ("format", "{}"),
    ("default", "otherwise {}"),
)
INTRODUCTION: Final = """
Records service, keeps a time bank, awards points and lets merchants redeem them; everything is an
entry in a journal that anybody can check.

Every write needs an Idempotency-Key header of your own making: 16 to 64 letters, digits, dashes
and underscores. The same key with the same body answers the same for ever.

Lists are paged by entry number: send the last item's entry as starting_after. What is
another's answers 404, exactly as what is not there. An auditor sends a Reason header to see
entries, service records and redemptions. Every refusal is application/problem+json with a stable
code.
"""

docs = Routes("docs", __name__, description="This documentation")


@docs.route("/docs", methods=["GET"], tags=[TAG])
@docs.doc(operationId="read_documentation", security=[{}])
@documented(docs, [])
@docs.response(200, {"type": "string"}, content_type="text/html", description="a page to read")
def read_documentation() -> Response:
    """Every operation of this API on one page."""
    answer = Response(
        render_template("docs.html", **page_model(specification())),
        content_type="text/html; charset=utf-8",
    )
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@docs.route("/docs/docs.css", methods=["GET"], tags=[TAG])
@docs.doc(operationId="get_documentation_style", security=[{}])
@documented(docs, [])
@docs.response(200, {"type": "string"}, content_type="text/css", description="its stylesheet")
def get_style() -> Response:
    """The page's stylesheet."""
    answer = Response(_style(), content_type="text/css; charset=utf-8")
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer


def specification() -> dict[str, Any]:
    """The OpenAPI document of this application."""
    (api,) = current_app.extensions["flask-smorest"]["apis"].values()
    document: dict[str, Any] = api["ext_obj"].description()
    return document


def page_model(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the template shows of an OpenAPI document."""
    groups: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for path, item in document["paths"].items():
        shared = item.get("parameters", [])
        for method in _METHODS:
            if method in item:
                operation = item[method]
                tag = (operation.get("tags") or ["Other"])[0]
                groups[tag].append(_operation(document, path, method, operation, shared))
    described = {each["name"]: each.get("description", "") for each in document.get("tags", ())}
    return {
        "title": document["info"]["title"],
        "version": document["info"]["version"],
        "introduction": _paragraphs(INTRODUCTION),
        "stylesheet": url_for("docs.get_style"),
        "spec_url": url_for("api-docs.openapi_json"),
        "operation_count": sum(len(operations) for operations in groups.values()),
        "groups": [
            {
                "name": tag,
                "anchor": _anchor("group", tag),
                "description": described.get(tag, ""),
                "operations": sorted(operations, key=lambda each: each["path"]),
            }
            for tag, operations in groups.items()
        ],
        "shapes": list(_shapes(document)),
    }


def _operation(
    document: Mapping[str, Any],
    path: str,
    method: str,
    operation: Mapping[str, Any],
    shared: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    security = operation.get("security")
    return {
        "anchor": _anchor(method, path),
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", ""),
        "description": _paragraphs(operation.get("description", "")),
        "scopes": [operation["x-scope"]] if operation.get("x-scope") else [],
        "roles": operation.get("x-roles", []),
        "open": not security or {} in security,
        "parameters": [
            {
                "name": each["name"],
                "place": f"in the {each['in']}.",
                "required": each.get("required", False),
                "kind": _kind(each.get("schema", {})),
                "meaning": each.get("description") or each.get("schema", {}).get("description", ""),
            }
            for each in (_resolved(document, given) for given in _all_parameters(shared, operation))
        ],
        "bodies": [
            {
                "media": media,
                "kind": _kind(content.get("schema", {})),
                "required": operation["requestBody"].get("required", False),
            }
            for media, content in operation.get("requestBody", {}).get("content", {}).items()
        ],
        "answers": [
            _answer(status, _resolved(document, answer))
            for status, answer in sorted(operation.get("responses", {}).items())
        ],
    }


def _all_parameters(
    shared: Sequence[Mapping[str, Any]], operation: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    return [*shared, *operation.get("parameters", [])]


def _answer(status: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    described = answer.get("description", "")
    codes = _CODE.findall(described)
    return {
        "status": status,
        "meaning": "" if codes else described,
        "codes": codes,
        "contents": [
            {"media": media, "kind": _kind(content.get("schema", {}))}
            for media, content in answer.get("content", {}).items()
        ],
    }


def _shapes(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name, shape in sorted(document.get("components", {}).get("schemas", {}).items()):
        required = shape.get("required", [])
        yield {
            "name": name,
            "anchor": _anchor("shape", name),
            "meaning": shape.get("description", ""),
            "kind": _kind(shape),
            "rows": [
                {
                    "name": field,
                    "place": "",
                    "required": field in required,
                    "kind": _kind(kind),
                    "meaning": kind.get("description", ""),
                }
                for field, kind in shape.get("properties", {}).items()
            ],
        }


def _kind(schema: Mapping[str, Any]) -> dict[str, str]:
    """A schema in a few words, with a link where it has a name."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return {"before": "", "shape": name, "anchor": _anchor("shape", name), "limits": ""}
    if "items" in schema:
        inner = _kind(schema["items"])
        limits = _limits(schema) or inner["limits"]
        if inner.get("shape"):
            return {**inner, "before": f"list of {inner['before']}", "limits": limits}
        return {"words": f"list of {inner['words']}", "limits": limits}
    for several in ("oneOf", "anyOf", "allOf"):
        if several in schema:
            kinds = [_kind(each) for each in schema[several]]
            named = [each for each in kinds if each.get("shape")]
            if len(kinds) == 1 or named:
                return named[0] if named else kinds[0]
            return {"words": " or ".join(each["words"] for each in kinds), "limits": ""}
    if "enum" in schema:
        choices = [str(each) for each in schema["enum"] if each is not None]
        return {"words": " · ".join(choices), "limits": ""}
    kind = schema.get("type", "anything")
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    values = schema.get("additionalProperties")
    if isinstance(values, Mapping) and values.get("type"):
        words = f"object of {values['type']} by name"
    return {"words": words, "limits": _limits(schema)}


def _limits(schema: Mapping[str, Any]) -> str:
    return ", ".join(
        wording.format(schema[name]) for name, wording in _LIMITS if schema.get(name) is not None
    )


def _resolved(document: Mapping[str, Any], given: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Any = given
    while "$ref" in found:
        target = found["$ref"]
        found = document
        for step in target.removeprefix("#/").split("/"):
            found = found[step]
    return found  # type: ignore[no-any-return]


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip()]


def _anchor(*parts: str) -> str:
    return "-".join(re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-") for part in parts)


@lru_cache(maxsize=1)
def _style() -> bytes:
    return STYLE.read_bytes()
