"""What the ledger did by itself, and whether the stored projections are what the entries say."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import Schema, fields

from api.caller import access_of, current_caller, require
from api.checking import TASK
from api.current import current_book, current_state
from api.reads.asking import reading
from api.routes import documented
from api.schemas import Choice, Moment
from api.writes.asking import writes
from ledger.store import runs
from ledger.store.runs import DONE, FAILED, REFUSED, RUNNING, Run

ROLES: Final = ("operator", "auditor")
SCOPE: Final = "exports:read"
_TAG: Final = "runs"


class RunSchema(Schema):
    """One turn of a task."""

    task = fields.String(
        required=True,
        metadata={
            "description": "`check` compares every stored row with the entries, `sweep` every"
            " balance; the others are the ledger's own"
        },
    )
    began = Moment(required=True)
    ended = Moment(metadata={"description": "absent while it runs"})
    outcome = Choice(RUNNING, DONE, REFUSED, FAILED, required=True)
    found = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={
            "description": "what it did; of a check `entries`, and `different`: rows that are not"
            " what those entries say"
        },
    )
    asked_by = fields.String(metadata={"description": "who asked for it; absent for a timer"})


class RunsSchema(Schema):
    """The newest turn of every task, and the checks that somebody asked for."""

    data = fields.List(fields.Nested(RunSchema), required=True)
    checks = fields.List(
        fields.Nested(RunSchema), required=True, metadata={"description": "the newest first"}
    )


@reading("/runs", "list_runs", answer=RunsSchema, roles=ROLES, scope=SCOPE, tag=_TAG)
def list_runs() -> dict[str, Any]:
    """When each task last ran and what it did: one that found nothing to do is remembered every ten
    minutes."""
    with current_book().database.reading() as connection:
        newest = runs.newest(connection)
        checks = runs.of_task(connection, TASK)
    return {
        "data": [_said(each) for _, each in sorted(newest.items())],
        "checks": [_said(each) for each in checks],
    }


@writes.route("/checks", methods=["POST"], tags=[_TAG], endpoint="begin_check")
@writes.doc(operationId="begin_check")
@require(*ROLES, scope=SCOPE)
@documented(
    writes,
    [
        "already_running",
        "token_missing",
        "token_invalid",
        "token_expired",
        "token_revoked",
        "caller_not_active",
        "role_not_allowed",
        "scope_missing",
    ],
)
@writes.response(202, RunSchema)
def begin_check() -> dict[str, Any]:
    """Compare every stored row with what the entries make, in the background.

    Its outcome will stand under `/v1/runs`, with who asked. Writes no entry, so it takes no key.
    """
    return check_begun()


def check_begun() -> dict[str, Any]:
    """Begin it for whoever asks. Refuses with `role_not_allowed`, `scope_missing`,
    `already_running`."""
    caller = current_caller()
    access_of(ROLES, SCOPE).refuse_others(caller)
    return _said(current_state().checker.ask(caller.party))


def _said(run: Run) -> dict[str, Any]:
    said: dict[str, Any] = {
        "task": run.task,
        "began": run.began,
        "outcome": run.outcome,
        "found": run.found,
    }
    if run.ended:
        said["ended"] = run.ended
    if run.asked_by:
        said["asked_by"] = run.asked_by
    return said
