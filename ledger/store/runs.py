"""Operational rows: what the ledger did by itself, and what somebody asked it to check.

Losing them forgets when something was last done, and changes no balance.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import Connection, delete, select

from ledger.errors import Refused
from ledger.store import journal, tables
from ledger.store.database import Database
from ledger.store.writing import put_rows

KEPT: Final = 20
"""How many runs of each task are remembered."""
LOST_MS: Final = 3_600_000
"""A run that has not ended by then was cut off with its process."""
RUNNING: Final = "running"
DONE: Final = "done"
REFUSED: Final = "refused"
FAILED: Final = "failed"


class Run(NamedTuple):
    """One turn of a task. Times in ms; `ended` is 0 while it runs."""

    task: str
    began: int
    ended: int
    outcome: str
    """`running`, `done`, `refused`, `failed`."""
    found: Mapping[str, Any]
    """What it did, as the log has it."""
    asked_by: str
    """The address of whoever asked for it; "" for a timer."""


def keep(database: Database, run: Run) -> None:
    """Remember a run, and forget those of its task that are too many."""
    with database.writing() as connection:
        _keep(connection, run)


def begin_alone(database: Database, origin: str, run: Run) -> None:
    """Remember that a run begins, unless one of the same task runs already, in whichever process.

    Refuses with `already_running`.
    """
    with database.writing() as connection:
        # The head's lock puts two who ask at once in order.
        journal.read_head(connection, origin, lock=True)
        newest = of_task(connection, run.task, limit=1)
        if newest and newest[0].outcome == RUNNING and run.began - newest[0].began < LOST_MS:
            raise Refused(
                "already_running", "this is being done already; its outcome will stand here"
            )
        _keep(connection, run)


def of_task(connection: Connection, task: str, *, limit: int = KEPT) -> list[Run]:
    """The runs of a task that are remembered, the newest first."""
    table = tables.runs
    rows = connection.execute(
        select(table).where(table.c.task == task).order_by(table.c.began.desc()).limit(limit)
    )
    return [_run(row) for row in rows]


def newest(connection: Connection) -> dict[str, Run]:
    """The newest run of every task that ever ran, by name."""
    table = tables.runs
    rows = connection.execute(select(table).order_by(table.c.task, table.c.began))
    return {row[0]: _run(row) for row in rows}


def _run(row: Any) -> Run:
    task, began, ended, outcome, found, asked_by = row
    return Run(task, began, ended, outcome, orjson.loads(found), asked_by)


def _keep(connection: Connection, run: Run) -> None:
    table = tables.runs
    found = orjson.dumps(run.found, default=str).decode()
    put_rows(connection, table, [(*run[:4], found, run.asked_by)])
    older = (
        select(table.c.began)
        .where(table.c.task == run.task)
        .order_by(table.c.began.desc())
        .limit(1)
        .offset(KEPT - 1)
    )
    oldest = connection.execute(older).scalar_one_or_none()
    if oldest is not None:
        connection.execute(delete(table).where(table.c.task == run.task, table.c.began < oldest))
