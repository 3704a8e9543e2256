"""Operational rows of imports by organisations: what was uploaded, sealed, and what it would come
to; how many identities were asked about on which day.

A file lies here only as long as it is needed (`until`, ms). Losing these rows changes no entry:
what was recorded of a file is known by its own keys.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from sqlalchemy import Connection, delete, func, select, text, update

from ledger.errors import Refused
from ledger.store import tables
from ledger.store.database import Database

CHECKED: Final = "checked"
COMMITTING: Final = "committing"
COMMITTED: Final = "committed"
STOPPED: Final = "stopped"
DISCARDED: Final = "discarded"
STATES: Final = (CHECKED, COMMITTING, COMMITTED, STOPPED, DISCARDED)
OPEN: Final = (CHECKED, STOPPED)
"""States in which its rows can still be changed, and it can be committed."""


class Import(NamedTuple):
    """One upload, without its file and its report. Times are ms."""

    import_id: str
    organisation: str
    credential: str
    """Whose act the last step was."""
    state: str
    why: str
    """The code of what stopped it, or that rows of somebody forgotten were emptied, or ""."""
    revision: int
    """Counts the dry runs: what is committed is what was seen."""
    source: bytes
    """Under what its records are known in `outcomes`."""
    records: int
    made: int
    changed: int
    until: int
    """When the file goes; 0 once it is gone."""


_HEAD: Final = [tables.imports.c[name] for name in Import._fields]


def find(connection: Connection, import_id: str) -> Import | None:
    """An upload, or None."""
    row = connection.execute(
        select(*_HEAD).where(tables.imports.c.import_id == import_id)
    ).fetchone()
    return None if row is None else _import(row)


def of_organisation(
    connection: Connection, organisation: str, *, before: int, limit: int
) -> tuple[list[Import], bool]:
    """An organisation's uploads, the newest first, made before a time; whether more follow."""
    table = tables.imports
    query = select(*_HEAD).where(table.c.organisation == organisation)
    if before:
        query = query.where(table.c.made < before)
    rows = connection.execute(query.order_by(table.c.made.desc()).limit(limit + 1)).fetchall()
    return [_import(row) for row in rows[:limit]], len(rows) > limit


def next_committing(connection: Connection) -> Import | None:
    """The upload that has waited longest to be recorded, or None."""
    table = tables.imports
    row = connection.execute(
        select(*_HEAD).where(table.c.state == COMMITTING).order_by(table.c.changed).limit(1)
    ).fetchone()
    return None if row is None else _import(row)


def with_files(connection: Connection) -> list[str]:
    """Ids of the uploads whose file lies here, the oldest first."""
    table = tables.imports
    rows = select(table.c.import_id).where(table.c.until > 0).order_by(table.c.made)
    return [row[0] for row in connection.execute(rows)]


def report_of(connection: Connection, import_id: str) -> str:
    """The report as it is stored, "" where there is none."""
    table = tables.imports
    query = select(table.c.report).where(table.c.import_id == import_id)
    return str(connection.execute(query).scalar_one_or_none() or "")


def sealed_of(connection: Connection, import_id: str) -> bytes:
    """The sealed file; empty once it is gone."""
    table = tables.imports
    query = select(table.c.sealed).where(table.c.import_id == import_id)
    return bytes(connection.execute(query).scalar_one_or_none() or b"")


def decided(connection: Connection, source: bytes) -> int:
    """How many records of a file have their fate."""
    table = tables.outcomes
    query = select(func.count()).select_from(table).where(table.c.source == source)
    return int(connection.execute(query).scalar_one())


def count_dry_run(
    database: Database,
    import_id: str,
    revision: int,
    organisation: str,
    *,
    now: int,
    since: int,
    identities: int,
    most: int,
) -> None:
    """Note a dry run before it is made, so that one that dies has counted as well.

    Refuses with `too_many_identities` where an organisation would have asked about more than `most`
    since a time.
    """
    table = tables.dry_runs
    with database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(
                text("SELECT pg_advisory_xact_lock(hashtextextended(:one, 7593444))"),
                {"one": organisation},
            )
        asked = connection.execute(
            select(func.coalesce(func.sum(table.c.identities), 0)).where(
                table.c.organisation == organisation, table.c.time >= since
            )
        ).scalar_one()
        if int(asked) + identities > most:
            raise Refused(
                "too_many_identities",
                f"an organisation may ask about {most} people a day; go on tomorrow, or let the"
                " operator import the file",
                limit=most,
                asked=int(asked),
                wanted=identities,
            )
        connection.execute(
            delete(table).where(table.c.import_id == import_id, table.c.revision == revision)
        )
        connection.execute(
            table.insert().values(
                import_id=import_id,
                revision=revision,
                organisation=organisation,
                time=now,
                identities=identities,
            )
        )


def keep(database: Database, row: Import, report: str, sealed: bytes) -> None:
    """Keep a new upload with what it would come to; one that is there already stays."""
    with database.writing() as connection:
        if find(connection, row.import_id) is None:
            connection.execute(
                tables.imports.insert().values(**row._asdict(), report=report, sealed=sealed)
            )


def replace(database: Database, before: Import, row: Import, report: str, sealed: bytes) -> bool:
    """Put another revision in place of `before`; whether it was still what stood there."""
    table = tables.imports
    with database.writing() as connection:
        done = connection.execute(
            update(table)
            .where(
                table.c.import_id == before.import_id,
                table.c.revision == before.revision,
                table.c.state == before.state,
            )
            .values(**row._asdict(), report=report, sealed=sealed)
        )
        return done.rowcount == 1


def move(
    database: Database,
    before: Import,
    state: str,
    *,
    now: int,
    until: int,
    credential: str = "",
    why: str = "",
    report: str = "",
) -> bool:
    """Put an upload into another state; whether it still was as `before` says. Its file goes with
    `until` 0."""
    table = tables.imports
    values = {"state": state, "why": why, "changed": now, "until": until}
    values |= {"credential": credential} if credential else {}
    values |= {"report": report} if report else {}
    values |= {} if until else {"sealed": b""}
    with database.writing() as connection:
        done = connection.execute(
            update(table)
            .where(
                table.c.import_id == before.import_id,
                table.c.state == before.state,
                table.c.revision == before.revision,
            )
            .values(**values)
        )
        return done.rowcount == 1


def sweep(database: Database, *, now: int, kept_since: int) -> int:
    """Files whose time is over go, whatever else is known of them goes later; how many files."""
    table, runs = tables.imports, tables.dry_runs
    with database.writing() as connection:
        gone = connection.execute(
            update(table)
            .where(table.c.until > 0, table.c.until <= now, table.c.state != COMMITTING)
            .values(until=0, sealed=b"")
        )
        connection.execute(
            delete(table).where(table.c.changed < kept_since, table.c.state != COMMITTING)
        )
        connection.execute(delete(runs).where(runs.c.time < kept_since))
        return int(gone.rowcount)


def _import(row: object) -> Import:
    found = Import(*row)  # type: ignore[misc]
    return found._replace(source=bytes(found.source))
