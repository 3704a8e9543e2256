"""Activities and service records."""

from __future__ import annotations

from typing import Any, Final

from flask import Response
from marshmallow import Schema, ValidationError, fields

from api.answers import receipt_url
from api.caller import require
from api.current import current_state
from api.problems import field_errors
from api.routes import documented
from api.schemas import (
    BatchSchema,
    CorrectionSchema,
    EvaluationSchema,
    NewActivitySchema,
    NewQualificationSchema,
    NewRecordSchema,
    NothingSchema,
    ReasonSchema,
)
from api.writes.asking import COMMON_REFUSALS, KEY_PARAMETERS, asking, json_answer, writes, writing
from ledger.door import service
from ledger.door.asking import Asking
from ledger.door.service import BatchAnswer
from ledger.errors import Refused
from ledger.sequencer import Receipt
from ledger.store.outcomes import Outcome

_TAG: Final = "service-records"
_WRITE: Final = "service-records:write"
_REVIEW: Final = "service-records:review"
_RULES: Final = (
    "unknown_activity unknown_party activity_times_missing times_are_published"
    " session_outside_activity not_volunteer_service"
    " guardian_consent_needed self_recorded recorder_is_approver ends_before_it_starts"
    " session_too_long recorded_before_it_ended nothing_served self_check_in_not_allowed"
    " not_published_before_start backfill_banned duplicate_record overlapping_record"
    " too_many_check_ins training_missing insurance_missing attestation_outdated age_gate_unmet"
    " too_late party_not_active"
)
_REVIEWS: Final = (
    "unknown_record record_state_conflict reviewer_took_part reviewer_of_wrong_tier"
    " party_not_active"
)
_BATCH: Final = "/service-records/batch"

Body = dict[str, Any]


@writing(
    "/activities",
    NewActivitySchema,
    scope="activities:write",
    tag="activities",
    refusals="unknown_party unknown_activity organisation_needed bad_time ends_before_it_starts",
)
def register_activity(ask: Asking, body: Body) -> Receipt:
    """Register an activity of an organisation, and what it asks of those who take part."""
    return service.register_activity(ask, **body)


@writing(
    "/volunteers/<id:volunteer>/qualifications",
    NewQualificationSchema,
    roles=("operator", "organisation"),
    scope=_WRITE,
    tag="parties",
    refusals="unknown_party unknown_activity organisation_needed party_not_active self_recorded"
    " bad_qualification ends_before_it_starts already_qualified too_much_learning",
)
def record_qualification(ask: Asking, body: Body, volunteer: str) -> Receipt:
    """Record a course that a volunteer completed, or an insurance that covers them."""
    return service.record_qualification(ask, volunteer=volunteer, **body)


@writing("/service-records", NewRecordSchema, scope=_WRITE, tag=_TAG, refusals=_RULES)
def record_service(ask: Asking, body: Body) -> Receipt:
    """Record a session of service: effective at once, or held for review with its reasons."""
    return service.record(ask, **body)


@writing(
    "/service-records/<id:record>/confirm",
    NothingSchema,
    scope=_REVIEW,
    tag=_TAG,
    refusals=_REVIEWS,
)
def confirm_record(ask: Asking, _body: Body, record: str) -> Receipt:
    """Confirm a held record."""
    return service.confirm(ask, record=record)


@writing(
    "/service-records/<id:record>/refuse",
    ReasonSchema,
    scope=_REVIEW,
    tag=_TAG,
    refusals=_REVIEWS,
)
def refuse_record(ask: Asking, body: Body, record: str) -> Receipt:
    """Turn a held record down."""
    return service.refuse(ask, record=record, **body)


@writing(
    "/service-records/<id:record>/reverse",
    ReasonSchema,
    scope=_WRITE,
    tag=_TAG,
    refusals="unknown_record record_state_conflict",
)
def reverse_record(ask: Asking, body: Body, record: str) -> Receipt:
    """Take an effective record back, with what it brought."""
    return service.reverse(ask, record=record, **body)


@writing(
    "/service-records/<id:record>/evaluate",
    EvaluationSchema,
    scope=_WRITE,
    tag=_TAG,
    refusals="unknown_record record_state_conflict already_evaluated",
)
def evaluate_record(ask: Asking, body: Body, record: str) -> Receipt:
    """Evaluate a service, once; poor conduct takes its hours back where policy says so."""
    return service.evaluate(ask, record=record, **body)


@writing(
    "/service-records/<id:record>/correct",
    CorrectionSchema,
    scope=_WRITE,
    tag=_TAG,
    refusals=f"unknown_record record_state_conflict wrong_organisation {_RULES}",
)
def correct_record(ask: Asking, body: Body, record: str) -> Receipt:
    """Reverse a record and write the corrected one, both linked."""
    return service.correct(ask, record=record, **body)


class BatchItemSchema(Schema):
    """What became of one item."""

    item = fields.Integer(required=True, metadata={"description": "its place, from 0"})
    outcome = fields.String(required=True, metadata={"enum": ["effective", "held", "refused"]})
    reasons = fields.List(fields.String(), required=True)
    pointer = fields.String(metadata={"description": "into the item, where its shape was wrong"})
    record = fields.String()
    minutes = fields.Integer()
    points_hundredths = fields.Integer()
    entry = fields.Integer()
    hash = fields.String()
    receipt = fields.String()


class BatchAnswerSchema(Schema):
    """What became of a batch."""

    recorded = fields.Integer(required=True)
    items = fields.List(fields.Nested(BatchItemSchema), required=True)


@writes.route(_BATCH, methods=["POST"], tags=[_TAG], endpoint="record_batch")
@writes.doc(operationId="record_batch", parameters=KEY_PARAMETERS)
@require(scope=_WRITE)
@documented(writes, [*COMMON_REFUSALS, "batch_too_large"])
@writes.arguments(BatchSchema, location="json")
@writes.alt_response(200, schema=BatchAnswerSchema, description="every item was refused")
@writes.response(201, BatchAnswerSchema)
def record_batch(body: Body) -> Response:
    """Record up to 5,000 sessions in one transaction, each with its own outcome.

    201 if anything was recorded, and then the same answer for ever under this key; 200 if every
    item was refused, and then nothing is remembered.
    """
    ask = asking(_BATCH, {}, body)
    with current_state().in_flight.alone(ask.mark):
        answer = service.record_batch(ask, [_item(each) for each in body["items"]])
    items = [_answered(each, answer) for each in answer.outcomes]
    recorded = sum("entry" in each for each in items)
    return json_answer(
        {"recorded": recorded, "items": items}, 201 if recorded else 200, replayed=answer.replayed
    )


_ITEM: Final = NewRecordSchema()


def _item(sent: Any) -> dict[str, Any] | Refused:
    """The item in its shape, or what is wrong with it."""
    try:
        loaded: dict[str, Any] = _ITEM.load(sent)
    except ValidationError as error:
        pointer, code, reason = next(field_errors(error.messages))
        return Refused(code, reason, pointer=pointer)
    return loaded


def _answered(outcome: Outcome, answer: BatchAnswer) -> dict[str, Any]:
    item: dict[str, Any] = {
        "item": outcome.item,
        "outcome": outcome.outcome,
        "reasons": outcome.reasons.split("+") if outcome.reasons else [],
    }
    if outcome.flag:
        item["pointer"] = outcome.flag
    entry = answer.entries.get(outcome.entry)
    if entry is not None:
        item |= {
            "record": entry.facts["record"],
            "minutes": outcome.minutes,
            "points_hundredths": outcome.points,
            "entry": entry.index,
            "hash": entry.hash.hex(),
            "receipt": receipt_url(entry.index),
        }
    return item
