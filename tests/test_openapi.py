"""The document at `/openapi.json` is valid, whole and true, and `/docs` shows all of it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.problems import Api
from tests.kit import TODAY, FakeClock, Ledger, Town
from tests.readers import Readers
from tests.recheck import recheck

METHODS = ("get", "post", "put", "patch", "delete")
EXAMPLES = 3
FREE = {"/openapi.json"}
"""The document does not describe where it stands itself."""


@pytest.fixture(scope="module")
def readers(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Readers]:
    home = tmp_path_factory.mktemp("openapi") / "home"
    shutil.copytree(sqlite_template, home)
    ledger = Ledger(home, f"sqlite:///{home}/ledger.db", FakeClock(TODAY))
    yield Readers(Town(ledger.open(), ledger.clock))
    ledger.close()
    # Whatever was thrown at it, the journal holds.
    recheck(ledger.database_url)


@pytest.fixture(scope="module")
def document(readers: Readers) -> dict[str, Any]:
    found: dict[str, Any] = readers.client.get("/openapi.json").get_json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


def test_the_document_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert [str(error) for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_every_route_is_described_and_nothing_that_is_none(
    readers: Readers, document: dict[str, Any]
) -> None:
    served = {
        (method.lower(), re.sub(r"<(?:[a-z]+:)?([a-z_]+)>", r"{\1}", rule.rule))
        for rule in readers.app.url_map.iter_rules()
        if rule.rule not in FREE and not rule.endpoint.startswith("pages.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert served == {(method, path) for method, path, _ in operations(document)}


def test_every_operation_has_a_name_of_its_own_a_sentence_and_its_refusals(
    document: dict[str, Any],
) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))
    for _, path, operation in operations(document):
        assert operation["summary"].endswith("."), path
        assert operation["tags"], path
        refusals = [
            answer
            for status, answer in operation["responses"].items()
            if status.startswith(("4", "5"))
        ]
        assert refusals, path
        for answer in refusals:
            media = answer.get("content", {})
            assert "application/problem+json" in media or path == "/readyz", (path, answer)


def test_every_operation_under_v1_says_which_token_it_needs(document: dict[str, Any]) -> None:
    for _, path, operation in operations(document):
        assert "security" in operation, path
        if operation["security"] == [{"bearer": []}]:
            assert "401" in operation["responses"], path
            if path != "/v1/me":
                assert operation["x-scope"], path
                assert operation["x-roles"], path


# Three change nothing, the fourth has a key for each of its items: session and counter.
KEYLESS = {
    "/v1/volunteers/find",
    "/v1/checks",
    "/v1/entries/find",
    "/v1/redemptions/verify",
    "/v1/practice/redemptions/verify",
    "/v1/offline/{session}/uploads",
}


def test_every_write_asks_for_an_idempotency_key(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        if method == "post" and path not in KEYLESS:
            keys = [each for each in operation["parameters"] if each["name"] == "Idempotency-Key"]
            assert [key["required"] for key in keys] == [True], path


def test_the_documentation_shows_every_operation_field_and_code(
    readers: Readers, document: dict[str, Any]
) -> None:
    page = unescape(readers.client.get("/docs").text)
    for method, path, operation in operations(document):
        assert f'<span class="method">{method.upper()}</span> <code>{path}</code>' in page
        assert operation["summary"] in page
        for parameter in operation.get("parameters", []):
            assert f"<code>{parameter.get('name', '')}</code>" in page, parameter
        for answer in operation["responses"].values():
            for code in re.findall(r"`([a-z_]+)`", answer.get("description", "")):
                assert f"<code>{code}</code>" in page
        if operation.get("x-scope"):
            assert f"<code>{operation['x-scope']}</code>" in page
    for name, shape in document["components"]["schemas"].items():
        assert f'id="shape-{name.lower()}"' in page
        for field in shape.get("properties", {}):
            assert f"<code>{field}</code>" in page


def test_the_documentation_needs_no_script_and_nothing_from_elsewhere(readers: Readers) -> None:
    answer = readers.client.get("/docs")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    links = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert links
    for link in links:
        assert link.startswith(("#", "/docs/docs.css", "/openapi.json")), link
    anchors = set(re.findall(r'id="([^"]+)"', answer.text))
    assert {link[1:] for link in links if link.startswith("#")} <= anchors
    style = readers.client.get("/docs/docs.css")
    assert style.content_type == "text/css; charset=utf-8"
    assert "url(" not in style.text


def test_whatever_is_sent_is_answered_as_the_document_says(readers: Readers) -> None:
    """A few made-up requests for every operation, by somebody who may call it."""
    schema = schemathesis.openapi.from_wsgi("/openapi.json", readers.app)
    tried = []
    for found in schema.get_all_operations():
        # Whatever the tool could not read it would leave out without a word.
        assert isinstance(found, Ok), found
        operation = found.ok()
        raw = operation.definition.raw
        role = raw["x-roles"][0] if raw.get("x-roles") else "operator"
        headers = {"Authorization": f"Bearer {readers.tokens[role]}"}
        if operation.method == "post":
            headers["Idempotency-Key"] = readers.town.key()

        _try(operation, headers)
        tried.append(operation.label)
    document = readers.client.get("/openapi.json").get_json()
    assert len(tried) == len(list(operations(document)))


def _try(operation: Any, headers: dict[str, str]) -> None:
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def answers_as_described(case: Any) -> None:
        response = case.call(headers=headers)
        case.validate_response(
            response,
            checks=[
                not_a_server_error,
                status_code_conformance,
                content_type_conformance,
                response_schema_conformance,
            ],
        )

    answers_as_described()


def test_the_description_is_put_together_once_and_shown_whole_or_not_at_all() -> None:
    """It is made when it is first read, also by several at once; what failed is not shown cut
    off."""
    app = Flask("described")
    app.config.update(API_TITLE="t", API_VERSION="v1", OPENAPI_VERSION="3.1.0")
    api, told = Api(app), []

    def fail() -> None:
        told.append("failed")
        raise ValueError("what is said of a route is wrong")

    api.describe_later(lambda: told.append("said"))
    with ThreadPoolExecutor(4) as readers:
        shown = list(readers.map(lambda _: api.description()["info"], range(4)))
    assert (told, shown[1:]) == (["said"], shown[:-1])

    api.describe_later(fail)
    for _ in range(2):
        with pytest.raises(ValueError, match="is wrong"):
            api.description()
    assert told == ["said", "failed", "failed"]
