"""Reading the rules: every adopted policy, whole, for everybody (design §5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from api.current import current_book
from api.reads.asking import Page, not_there, page, page_of, reading
from api.schemas import Moment, Whole
from ledger.policy import PARAMETERS, scope_of
from ledger.rows import Document
from ledger.store import journal, queries


class ScopeSchema(Schema):
    """Where and about what a policy decides (docs/policy.md §3)."""

    region = fields.String(
        required=True, metadata={"description": "CN or a division code; stated for readers"}
    )
    organisation = fields.String(
        required=True, metadata={"description": "id: it decides there and below; or empty"}
    )
    tier = fields.String(
        required=True, metadata={"description": "it decides there and below; or empty"}
    )
    categories = fields.List(
        fields.String(), required=True, metadata={"description": "none named: all of them"}
    )


class PolicySchema(Schema):
    """An adopted version of a policy."""

    policy = fields.String(required=True)
    version = Whole(required=True)
    entry = Whole(required=True, least=0, metadata={"description": "the adoption"})
    adopted = Moment(required=True)
    hash = fields.String(required=True, metadata={"description": "of that entry, hex"})
    effective_from = fields.String(required=True, metadata={"description": "first day, local"})
    effective_to = fields.String(
        required=True, metadata={"description": "last day, local; empty for none"}
    )
    scope = fields.Nested(ScopeSchema, required=True)
    toml_sha256 = fields.String(
        required=True, metadata={"description": "of the file that people read, hex"}
    )


class WholePolicySchema(PolicySchema):
    """An adopted version with every parameter, as decisions use it (docs/policy.md)."""

    document = fields.Dict(keys=fields.String(), required=True)
    for_readers = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "parameters that no decision reads: they are stated for readers"},
    )


@reading(
    "/policies",
    "list_policies",
    answer=page_of(PolicySchema, "PolicyPage"),
    query=Page,
    tag="policies",
)
def list_policies(query: Mapping[str, Any]) -> dict[str, Any]:
    """Every adopted version, in the order of adoption."""
    with current_book().database.reading() as connection:
        rows, more = queries.documents_page(
            connection, "policy", after=query["starting_after"], limit=query["limit"]
        )
    return page([_policy(row) for row in rows], more)


@reading(
    "/policies/<string:policy>/<int:version>",
    "get_policy",
    answer=WholePolicySchema,
    refusals=("not_found",),
    tag="policies",
)
def get_policy(policy: str, version: int) -> dict[str, Any]:
    """One adopted version, whole."""
    # Beyond this no version can have been adopted, nor would the database take the number.
    if version >= 2**53 or "\x00" in policy:
        raise not_there()
    with current_book().database.reading() as connection:
        row = queries.document(connection, "policy", policy, version)
    if row is None:
        raise not_there()
    return _policy(row, whole=True)


def _policy(row: Document, *, whole: bool = False) -> dict[str, Any]:
    with current_book().database.reading() as connection:
        (entry,) = journal.read_entries(connection, [row.since])
    document = entry.facts["document"]
    shown: dict[str, Any] = {
        "policy": row.name,
        "version": row.version,
        "entry": row.since,
        "adopted": entry.time,
        "hash": entry.hash.hex(),
        "effective_from": document["effective_from"],
        "effective_to": document["effective_to"],
        "scope": scope_of(document),
        "toml_sha256": entry.facts["toml_sha256"],
    }
    if whole:
        shown["document"] = document
        shown["for_readers"] = [one.name for one in PARAMETERS.values() if one.for_readers]
    return shown
