"""The outbox: one row for each entry that an endpoint is to be told of.

Written in the entry's own transaction by the sequencer. Any number of processes deliver: each
claims rows for a while, and only who still holds the claim says what came of it. Operational: if
the rows are lost nothing that happened is lost with them, for they can be made again from the
entries (`again`). Times are ms.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy import delete as delete_from

from ledger.decide.webhooks import REMOVED
from ledger.rows import Webhook
from ledger.store import tables
from ledger.store.database import Database
from ledger.store.writing import put_rows
from ledger.webhooks.events import Announced

WAITING: Final = "waiting"
DELIVERED: Final = "delivered"
FAILED: Final = "failed"
"""The schedule is used up."""
STOPPED: Final = "stopped"
"""The endpoint was disabled, or its party left, before it could be delivered."""
ROWS_AT_ONCE: Final = 500
STATES: Final = (WAITING, DELIVERED, FAILED, STOPPED)

_OUTBOX = tables.outbox.c


class Delivery(NamedTuple):
    """A row of the outbox. `first` and `last` are the times of the first and the newest attempt of
    this round, 0 for none; `status` the HTTP status that came back, 0 for none; `fault` a word."""

    entry: int
    webhook: str
    state: str
    due: int
    attempts: int
    first: int
    last: int
    status: int
    fault: str
    claim: str
    lease: int
    """Until when the claim holds; 0 for none."""
    asked: str
    """Which request asked for it again; "" for one that its entry announced."""


def announcement(told: Announced, now: int, asked: str = "") -> Delivery:
    """A row that is due now."""
    return Delivery(told.entry, told.webhook, WAITING, now, 0, 0, 0, 0, "", "", 0, asked)


def endpoints_due(connection: Connection, now: int, limit: int) -> list[str]:
    """Endpoints with something to deliver at `now`, those that waited longest first."""
    rows = connection.execute(
        select(_OUTBOX.webhook)
        .where(_OUTBOX.state == WAITING, _OUTBOX.due <= now, _OUTBOX.lease <= now)
        .group_by(_OUTBOX.webhook)
        .order_by(func.min(_OUTBOX.due), _OUTBOX.webhook)
        .limit(limit)
    )
    return [row[0] for row in rows]


def claim(
    database: Database, webhook: str, *, now: int, until: int, name: str, limit: int
) -> list[Delivery]:
    """Take rows of an endpoint that are due, in order of their entries; nobody else gets them
    before `until`, unless `finish` or `release` lets them go. `name` is new for each claim."""
    due = (
        select(_OUTBOX.entry)
        .where(
            _OUTBOX.webhook == webhook,
            _OUTBOX.state == WAITING,
            _OUTBOX.due <= now,
            _OUTBOX.lease <= now,
        )
        .order_by(_OUTBOX.entry)
        .limit(limit)
        # On SQLite the transaction itself excludes every other writer.
        .with_for_update(skip_locked=True)
    )
    with database.writing() as connection:
        entries = [row[0] for row in connection.execute(due)]
        if not entries:
            return []
        rows = connection.execute(
            update(tables.outbox)
            .where(_OUTBOX.webhook == webhook, _OUTBOX.entry.in_(entries))
            .values(claim=name, lease=until)
            .returning(*tables.outbox.columns)
        )
        return sorted(_delivery(row) for row in rows)


def finish(database: Database, delivery: Delivery) -> bool:
    """Store what came of an attempt, if the claim that it was made under still holds the row."""
    changed = delivery._asdict() | {"claim": "", "lease": 0}
    with database.writing() as connection:
        done = connection.execute(
            update(tables.outbox)
            .where(
                _OUTBOX.entry == delivery.entry,
                _OUTBOX.webhook == delivery.webhook,
                _OUTBOX.claim == delivery.claim,
            )
            .values(changed)
        )
    return done.rowcount == 1


def release(database: Database, name: str) -> None:
    """Let go of whatever a claim still holds."""
    with database.writing() as connection:
        connection.execute(
            update(tables.outbox)
            .where(_OUTBOX.claim == name, _OUTBOX.state == WAITING)
            .values(claim="", lease=0)
        )


def stop(database: Database, webhook: str) -> int:
    """Deliver nothing more of what waits for an endpoint; how many rows that were."""
    with database.writing() as connection:
        done = connection.execute(
            update(tables.outbox)
            .where(_OUTBOX.webhook == webhook, _OUTBOX.state == WAITING)
            .values(state=STOPPED, claim="", lease=0)
        )
    return done.rowcount


def again(database: Database, wanted: Sequence[Announced], *, now: int, asked: str) -> int:
    """Deliver these, all of one endpoint, (once more) from the start of the schedule; how many rows
    that made or changed.

    What this very request (`asked`, not "") made or changed before is left as it is, and so is what
    is due or on its way already; what waits for a later attempt is due now. A few at a time, so
    that nobody waits long for the tables; if it breaks off, the same request goes on where it
    ended.
    """
    count = 0
    for start in range(0, len(wanted), ROWS_AT_ONCE):
        some = wanted[start : start + ROWS_AT_ONCE]
        with database.writing() as connection:
            known = connection.execute(
                select(_OUTBOX.entry, _OUTBOX.state, _OUTBOX.asked, _OUTBOX.due, _OUTBOX.lease)
                .where(
                    _OUTBOX.webhook == some[0].webhook,
                    _OUTBOX.entry.in_([each.entry for each in some]),
                )
                .with_for_update()
            )
            left = {
                row.entry
                for row in known
                if row.asked == asked
                or (row.state == WAITING and (row.due <= now or row.lease > now))
            }
            rows = [announcement(each, now, asked) for each in some if each.entry not in left]
            put_rows(connection, tables.outbox, rows)
        count += len(rows)
    return count


def was_delivered_since(connection: Connection, webhook: str, time: int) -> bool:
    """Whether an endpoint took any message at or after `time`."""
    found = connection.execute(
        select(_OUTBOX.entry)
        .where(_OUTBOX.webhook == webhook, _OUTBOX.state == DELIVERED, _OUTBOX.last >= time)
        .limit(1)
    )
    return found.fetchone() is not None


def forget(database: Database, before: int) -> int:
    """Drop rows that wait for nothing and were last touched before `before`; how many."""
    with database.writing() as connection:
        done = connection.execute(
            delete_from(tables.outbox).where(
                _OUTBOX.state.in_((DELIVERED, FAILED, STOPPED)),
                _OUTBOX.due < before,
                _OUTBOX.last < before,
            )
        )
    return done.rowcount


def deliveries(
    connection: Connection,
    webhook: str,
    *,
    state: str | None,
    after: int,
    limit: int,
    newest_first: bool = False,
) -> tuple[list[Delivery], bool]:
    """Rows of an endpoint in order of their entries after `after` (-1: from the first on; backwards
    those before it, -1: from the last on), of one state if given, and whether more follow."""
    query = select(tables.outbox).where(_OUTBOX.webhook == webhook)
    if not newest_first:
        query = query.where(_OUTBOX.entry > after)
    elif after >= 0:
        query = query.where(_OUTBOX.entry < after)
    if state is not None:
        query = query.where(_OUTBOX.state == state)
    order = _OUTBOX.entry.desc() if newest_first else _OUTBOX.entry
    rows = connection.execute(query.order_by(order).limit(limit + 1)).fetchall()
    return [_delivery(row) for row in rows[:limit]], len(rows) > limit


def counts(connection: Connection, webhooks: Sequence[str]) -> dict[str, dict[str, int]]:
    """By endpoint and state, how many rows there are."""
    found: dict[str, dict[str, int]] = {each: {} for each in webhooks}
    if webhooks:
        rows = connection.execute(
            select(_OUTBOX.webhook, _OUTBOX.state, func.count())
            .where(_OUTBOX.webhook.in_(webhooks))
            .group_by(_OUTBOX.webhook, _OUTBOX.state)
        )
        for webhook, state, count in rows:
            found[webhook][state] = count
    return found


def webhooks_page(
    connection: Connection, *, party: str | None, after: int, limit: int
) -> tuple[list[Webhook], bool]:
    """Endpoints that were not removed, in the order in which they were made, of one party if given,
    and whether more follow."""
    table = tables.webhooks
    query = select(table).where(table.c.made > after, table.c.state != REMOVED)
    if party is not None:
        query = query.where(table.c.party == party)
    rows = connection.execute(query.order_by(table.c.made).limit(limit + 1)).fetchall()
    return [Webhook(*row) for row in rows[:limit]], len(rows) > limit


def _delivery(row: Row[tuple[object, ...]]) -> Delivery:
    return Delivery._make(row)
