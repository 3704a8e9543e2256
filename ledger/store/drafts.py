"""Operational rows of policy drafts: a document that somebody weighs, and what it would have
changed. Losing them loses no rule: what is adopted is an entry."""

from __future__ import annotations

from typing import Final, NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from ledger.store import tables
from ledger.store.database import Database

KEPT_MAX: Final = 50
"""So many drafts are kept; an older one goes when another comes."""
SILENT_MS: Final = 60_000
"""A simulation that told nothing for so long was broken off with its process."""


class DraftRow(NamedTuple):
    """One draft. Times in ms."""

    draft: str
    toml: str
    kept_by: str
    kept: int
    since: str
    """The first day, ISO, on which the simulation takes it to be in force; "" for its own."""
    began: int
    """When its simulation began; 0 where nobody asked for one."""
    told: int
    """When the simulation last said how far it was."""
    done: int
    total: int
    failed: str
    """The code of the refusal that ended the simulation, or ""."""
    outcome: str
    """What the simulation came to, as JSON, or ""."""

    def state(self, now: int) -> str:
        """none, running, done, failed or broken_off."""
        if not self.began:
            return "none"
        if self.outcome:
            return "done"
        if self.failed:
            return "failed"
        return "running" if now - self.told < SILENT_MS else "broken_off"


def keep(database: Database, row: DraftRow) -> None:
    """Keep a draft; beyond `KEPT_MAX` the oldest go."""
    table = tables.policy_drafts
    with database.writing() as connection:
        connection.execute(insert(table).values(row._asdict()))
        newest = select(table.c.draft).order_by(table.c.kept.desc(), table.c.draft).limit(KEPT_MAX)
        kept = [each[0] for each in connection.execute(newest)]
        connection.execute(delete(table).where(table.c.draft.not_in(kept)))


def drop(database: Database, draft: str) -> bool:
    """Give a draft up; whether it was there."""
    table = tables.policy_drafts
    with database.writing() as connection:
        return connection.execute(delete(table).where(table.c.draft == draft)).rowcount == 1


def drafts(connection: Connection) -> list[DraftRow]:
    """All that are kept, the newest first."""
    table = tables.policy_drafts
    rows = connection.execute(select(table).order_by(table.c.kept.desc(), table.c.draft))
    return [DraftRow(*row) for row in rows]


def draft(connection: Connection, which: str) -> DraftRow | None:
    """One of them."""
    table = tables.policy_drafts
    row = connection.execute(select(table).where(table.c.draft == which)).one_or_none()
    return None if row is None else DraftRow(*row)


def begin(database: Database, which: str, *, since: str, now: int, total: int) -> bool:
    """Begin a draft's simulation; False while any draft's is running: one at a time, for each
    decides the whole journal again."""
    table = tables.policy_drafts
    running = (table.c.began > 0) & (table.c.outcome == "") & (table.c.failed == "")
    with database.writing() as connection:
        alive = connection.execute(
            select(table.c.draft).where(running, table.c.told > now - SILENT_MS)
        ).first()
        if alive is not None:
            return False
        changed = connection.execute(
            update(table)
            .where(table.c.draft == which)
            .values(since=since, began=now, told=now, done=0, total=total, failed="", outcome="")
        )
        return changed.rowcount == 1


def tell(database: Database, which: str, *, began: int, now: int, **told: int | str) -> bool:
    """Keep how far a simulation is, or what came of it (`done`, `failed`, `outcome`); whether it
    is still the one that began then."""
    table = tables.policy_drafts
    with database.writing() as connection:
        changed = connection.execute(
            update(table)
            .where(
                table.c.draft == which,
                table.c.began == began,
                table.c.outcome == "",
                table.c.failed == "",
            )
            .values(told=now, **told)
        )
        return changed.rowcount == 1
