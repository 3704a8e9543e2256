"""Keeping, simulating and giving up policy drafts. None of it is an entry: a draft decides
nothing."""

from __future__ import annotations

import json
import threading
from datetime import date
from typing import Any, Final

from flask import Response, current_app
from marshmallow import Schema, fields

from api.caller import current_caller, require
from api.current import current_book
from api.problems import request_id
from api.routes import documented
from api.schemas import Id, NewPolicySchema, NothingSchema, SimulationOfDraftSchema
from api.simulated import as_json
from api.writes.asking import COMMON_REFUSALS, KEY_PARAMETERS, idempotency_key, json_answer, writes
from ledger.door import drafts
from ledger.policy import PolicyDocument
from ledger.simulation import Outcome

_TAG: Final = "policies"
_SCOPE: Final = "policies:write"


class KeptDraftSchema(Schema):
    """Where a draft is kept."""

    draft = Id(required=True)


class BegunSchema(Schema):
    """What was asked has begun, or is done."""

    state = fields.String(required=True)


@writes.route("/policies/drafts", methods=["POST"], tags=[_TAG], endpoint="keep_draft")
@writes.doc(operationId="keep_draft", parameters=KEY_PARAMETERS)
@require("operator", scope=_SCOPE)
@documented(writes, [*COMMON_REFUSALS, "policy_refused"])
@writes.arguments(NewPolicySchema(), location="json")
@writes.alt_response(201, schema=KeptDraftSchema, description="kept")
def keep_draft(body: dict[str, Any]) -> Response:
    """Keep a policy document to be weighed. Sent again it is kept again."""
    idempotency_key()
    return json_answer({"draft": kept(body["toml"])}, 201)


@writes.route(
    "/policies/drafts/<id:draft>/simulate",
    methods=["POST"],
    tags=[_TAG],
    endpoint="simulate_draft",
)
@writes.doc(operationId="simulate_draft", parameters=KEY_PARAMETERS)
@require("operator", scope=_SCOPE)
@documented(writes, [*COMMON_REFUSALS, "unknown_draft", "simulation_running"])
@writes.arguments(SimulationOfDraftSchema(), location="json")
@writes.alt_response(202, schema=BegunSchema, description="begun; the draft says how far it is")
def simulate_draft(body: dict[str, Any], draft: str) -> Response:
    """Begin to work out what a draft would have changed on recorded history."""
    idempotency_key()
    simulated(draft, body.get("since", ""))
    return json_answer({"state": "running"}, 202)


@writes.route(
    "/policies/drafts/<id:draft>/drop", methods=["POST"], tags=[_TAG], endpoint="drop_draft"
)
@writes.doc(operationId="drop_draft", parameters=KEY_PARAMETERS)
@require("operator", scope=_SCOPE)
@documented(writes, [*COMMON_REFUSALS, "unknown_draft"])
@writes.arguments(NothingSchema(), location="json")
@writes.alt_response(200, schema=BegunSchema, description="given up")
def drop_draft(_body: dict[str, Any], draft: str) -> Response:
    """Give a draft up."""
    idempotency_key()
    drafts.drop(current_book(), draft)
    return json_answer({"state": "dropped"}, 200)


def kept(toml: str) -> str:
    """The id of a draft that the caller keeps. Refuses with `policy_refused`."""
    return drafts.keep(current_book(), toml=toml, by=current_caller().party)


def simulated(draft: str, since: str) -> None:
    """Begin a draft's simulation in a thread of its own, as if in force from `since` (ISO day, ""
    for the draft's own). Refuses with `unknown_draft`, `simulation_running`."""
    work = drafts.begin(current_book(), draft, since=date.fromisoformat(since) if since else None)
    log, number = current_app.extensions["sidereal_log"], request_id()

    def run() -> None:
        try:
            work(_as_text)
        except Exception as fault:
            log.error("simulation_failed", request_id=number, draft=draft, exc_info=fault)

    threading.Thread(target=run, name="sidereal-simulation", daemon=True).start()


def _as_text(document: PolicyDocument, outcome: Outcome, until: date) -> str:
    return json.dumps(as_json(document, outcome, until), ensure_ascii=False)
