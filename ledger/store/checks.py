"""Operational rows of certificates: how often each was checked, and when last. By the digest that
the ledger knows a number by, so that they name nobody; losing them changes no entry.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from ledger.store import tables
from ledger.store.database import Database


def count(database: Database, certificate: str, now: int) -> tuple[int, int]:
    """Count one check: (how many there are with it, when (ms) the one before was, 0 for never)."""
    with database.writing() as connection:
        before = counted(connection, certificate)[1]
        connection.exec_driver_sql(
            "INSERT INTO certificate_checks VALUES (?, 1, ?) ON CONFLICT (certificate)"
            " DO UPDATE SET checks = certificate_checks.checks + 1, last = excluded.last"
            if database.is_sqlite
            else "INSERT INTO certificate_checks VALUES (%s, 1, %s) ON CONFLICT (certificate)"
            " DO UPDATE SET checks = certificate_checks.checks + 1, last = excluded.last",
            (certificate, now),
        )
        return counted(connection, certificate)[0], before


def counted(connection: Connection, certificate: str) -> tuple[int, int]:
    """(checks so far, when (ms) the last one was); (0, 0) where nobody has checked it."""
    table = tables.certificate_checks
    row = connection.execute(
        select(table.c.checks, table.c.last).where(table.c.certificate == certificate)
    ).one_or_none()
    return (row[0], row[1]) if row else (0, 0)
