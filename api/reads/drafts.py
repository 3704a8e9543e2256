"""Reading policy drafts and shipped documents: what an operator weighs before adopting."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from marshmallow import Schema, fields

from api.current import current_book
from api.reads.asking import reading
from api.reads.policies import ScopeSchema
from api.schemas import Id, Moment, Strict, Typed, Whole
from ledger.door import drafts
from ledger.policies import profile_names, shipped
from ledger.policy import read_policy, scope_of
from ledger.store.drafts import DraftRow

_TAG: Final = "policies"
_SCOPE: Final = "policies:write"


class TitleSchema(Schema):
    """What a document calls itself."""

    policy = fields.String(required=True)
    version = Whole(required=True)
    title = fields.String(required=True)
    issuer = fields.String(required=True)
    effective_from = fields.String(required=True, metadata={"description": "first day, local"})
    effective_to = fields.String(
        required=True, metadata={"description": "last day, local; empty for none"}
    )
    scope = fields.Nested(ScopeSchema, required=True)
    toml_sha256 = fields.String(required=True, metadata={"description": "of the file, hex"})


class ShippedSchema(TitleSchema):
    """A document that comes with the ledger. Shipping is not adopting."""

    name = fields.String(required=True)


class ShippedListSchema(Schema):
    """All of them."""

    data = fields.List(fields.Nested(ShippedSchema), required=True)


class SimulationSchema(Schema):
    """How far a draft's simulation is, and what it came to."""

    state = fields.String(
        required=True,
        metadata={"enum": ["none", "running", "done", "failed", "broken_off"]},
    )
    since = fields.String(required=True, metadata={"description": "in force from; or empty"})
    began = Moment(required=True, allow_none=True)
    done = Whole(required=True, least=0, metadata={"description": "entries"})
    total = Whole(required=True, least=0, metadata={"description": "entries"})
    failed = fields.String(required=True, metadata={"description": "a refusal's code, or empty"})
    outcome = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "as `sidereal policy simulate --json` prints it"},
    )


class DraftSchema(TitleSchema):
    """A draft, without its text."""

    draft = Id(required=True)
    kept = Moment(required=True)
    kept_by = fields.String(required=True)
    simulation = fields.Nested(SimulationSchema, required=True)


class WholeDraftSchema(DraftSchema):
    """A draft with its text, and as an entry would hold it."""

    toml = fields.String(required=True)
    document = fields.Dict(keys=fields.String(), required=True)


class DraftListSchema(Schema):
    """All that are kept, the newest first."""

    data = fields.List(fields.Nested(DraftSchema), required=True)


class ShippedQuery(Strict):
    """Which shipped document."""

    name = Typed(most=60)


@reading(
    "/policies/shipped",
    "list_shipped_policies",
    answer=ShippedListSchema,
    query=ShippedQuery,
    refusals=("unknown_document",),
    tag=_TAG,
)
def list_shipped_policies(query: Mapping[str, Any]) -> dict[str, Any]:
    """The policy documents that come with the ledger; `name` gives one of them."""
    wanted = query.get("name")
    names = profile_names() if wanted is None else [wanted]
    return {"data": [{"name": name, **titles(shipped(name))} for name in names]}


@reading(
    "/policies/drafts",
    "list_drafts",
    answer=DraftListSchema,
    roles=("operator",),
    scope=_SCOPE,
    tag=_TAG,
)
def list_drafts() -> dict[str, Any]:
    """Drafts that somebody weighs."""
    return {"data": [_shown(row) for row in drafts.every(current_book())]}


@reading(
    "/policies/drafts/<id:draft>",
    "get_draft",
    answer=WholeDraftSchema,
    roles=("operator",),
    scope=_SCOPE,
    refusals=("unknown_draft",),
    tag=_TAG,
)
def get_draft(draft: str) -> dict[str, Any]:
    """One draft, and what it would have changed once that was asked."""
    row = drafts.one(current_book(), draft)
    document = read_policy(row.toml.encode()).canonical
    return {**_shown(row), "toml": row.toml, "document": document}


def titles(toml: bytes) -> dict[str, Any]:
    """What a document calls itself."""
    document = read_policy(toml)
    said = document.canonical
    return {
        "policy": document.policy.id,
        "version": document.policy.version,
        "title": said["title"],
        "issuer": said["issuer"],
        "effective_from": said["effective_from"],
        "effective_to": said["effective_to"],
        "scope": scope_of(said),
        "toml_sha256": document.toml_sha256,
    }


def _shown(row: DraftRow) -> dict[str, Any]:
    return {
        "draft": row.draft,
        "kept": row.kept,
        "kept_by": row.kept_by,
        **titles(row.toml.encode()),
        "simulation": {
            "state": row.state(current_book().clock.now_ms()),
            "since": row.since,
            "began": row.began or None,
            "done": row.done,
            "total": row.total,
            "failed": row.failed,
            "outcome": json.loads(row.outcome) if row.outcome else None,
        },
    }
