"""Objections: filed by volunteers, answered by whoever had no part in what they object to."""

from __future__ import annotations

from typing import Any, Final

from api.schemas import ForwardingSchema, NewObjectionSchema, ObjectionAnswerSchema
from api.writes.asking import writing
from ledger.door import objections
from ledger.door.asking import Asking
from ledger.sequencer import Receipt

_TAG: Final = "objections"

Body = dict[str, Any]


@writing(
    "/objections",
    NewObjectionSchema,
    scope="objections:write",
    tag=_TAG,
    refusals="unknown_party party_not_active unknown_record unknown_redemption unknown_star_case"
    " no_such_subject objection_open",
)
def file_objection(ask: Asking, body: Body) -> Receipt:
    """Object to something about yourself; flagged at once and answered within working days."""
    return objections.file(ask, **body)


@writing(
    "/objections/<id:objection>/forward",
    ForwardingSchema,
    scope="objections:decide",
    tag=_TAG,
    refusals="unknown_objection objection_state_conflict already_forwarded unknown_party"
    " party_not_active same_organisation",
)
def forward_objection(ask: Asking, body: Body, objection: str) -> Receipt:
    """Hand an objection on, once, to the organisation whose answer it is."""
    return objections.forward(ask, objection=objection, **body)


@writing(
    "/objections/<id:objection>/decide",
    ObjectionAnswerSchema,
    scope="objections:decide",
    tag=_TAG,
    refusals="unknown_objection objection_state_conflict unknown_party party_not_active"
    " reviewer_took_part",
)
def decide_objection(ask: Asking, body: Body, objection: str) -> Receipt:
    """Answer an objection; what it corrects is corrected by a request of its own."""
    return objections.decide(ask, objection=objection, **body)
