"""Adopted rules: which are in force, what each says and on what basis, and how two differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from flask import Response, g, request

from api.current import current_book
from api.pages.calling import read
from api.pages.guard import for_roles, page, pages
from api.pages.policy_values import in_words
from api.reads.asking import PAGE_MAX
from api.reads.drafts import list_drafts, list_shipped_policies
from api.reads.policies import get_policy, list_policies
from ledger.policies import shipped
from ledger.policy import PARAMETERS, differences, read_policy
from ledger.policy.parameters import Parameter


class Line(NamedTuple):
    """One parameter of a document, as people read it: `said` in words ("" where those say no more),
    `value` as TOML has it."""

    name: str
    said: str
    value: str
    basis: str | None
    """"" for none; None where the document is older than the parameter."""
    rule: str
    default: str
    for_readers: bool


class Difference(NamedTuple):
    """One parameter of which two documents say different things."""

    name: str
    rule: str
    was_said: str
    was: str
    was_basis: str | None
    becomes_said: str
    becomes: str
    becomes_basis: str | None


@pages.get("/operator/policies")
@for_roles("operator")
def policies() -> Response:
    """What is adopted and in force, what is being weighed, what comes with the ledger."""
    book = current_book()
    adopted = every_adopted()
    return page(
        "operator/policies",
        adopted=list(reversed(adopted)),
        in_force=book.policy().version_name,
        drafts=read(list_drafts)["data"],
        shipped=read(list_shipped_policies)["data"],
    )


@pages.get("/operator/policies/<string:policy>/<int:version>")
@for_roles("operator")
def policy(policy: str, version: int) -> Response:
    """One adopted version: every value, its unit and its basis, beside another if asked."""
    found = read(get_policy, policy=policy, version=version)
    others = [name for name in names_of_documents() if name != f"{policy}/{version}"]
    other = request.args.get("beside", "")
    return page(
        "operator/policy",
        found=found,
        lines=list(lines_of(found["document"])),
        others=others,
        beside=other if other in others else "",
        differences=compared(document_named(other), found["document"]) if other in others else None,
    )


def every_adopted() -> list[dict[str, Any]]:
    """Every adopted version, in the order of adoption."""
    found: list[dict[str, Any]] = []
    after = "-1"
    while True:
        part = read(list_policies, {"limit": str(PAGE_MAX), "starting_after": after})
        found += part["data"]
        if not part["has_more"]:
            return found
        after = str(part["data"][-1]["entry"])


def names_of_documents() -> list[str]:
    """Whatever a document can be compared with: adopted ones as `id/version`, shipped ones."""
    adopted = [f"{each['policy']}/{each['version']}" for each in reversed(every_adopted())]
    return [*adopted, *(each["name"] for each in read(list_shipped_policies)["data"])]


def document_named(name: str) -> Mapping[str, Any]:
    """The canonical document behind one of these names. Raises Problem, Refused."""
    policy, slash, version = name.partition("/")
    if slash and version.isascii() and version.isdigit():
        found: Mapping[str, Any] = read(get_policy, policy=policy, version=int(version))["document"]
        return found
    return read_policy(shipped(name)).canonical


def lines_of(document: Mapping[str, Any]) -> Iterator[Line]:
    """Every parameter of a canonical document."""
    for each in PARAMETERS.values():
        value, basis = each.stated(document)
        yield Line(
            each.name,
            said_in(each, document),
            value,
            basis,
            each.rule,
            each.said(each.canonical_default),
            each.for_readers,
        )


def compared(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Where two canonical documents differ."""
    return [
        Difference(
            each.name,
            each.rule,
            said_in(each, before),
            was,
            was_basis,
            said_in(each, after),
            becomes,
            becomes_basis,
        )
        for each, (was, was_basis), (becomes, becomes_basis) in differences(before, after)
    ]


def said_in(parameter: Parameter, document: Mapping[str, Any]) -> str:
    """What a canonical document says of a parameter, in the reader's words."""
    value = document["values"].get(parameter.canonical_name, parameter.canonical_absent)
    return in_words(parameter, value, g.lang)
