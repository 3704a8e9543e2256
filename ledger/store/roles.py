"""Who may do what in PostgreSQL: an owner who migrates, a writer who can add and never change."""

from __future__ import annotations

from sqlalchemy import text

from ledger.store import tables
from ledger.store.database import WRITER_ROLE, Database
from ledger.store.journal import empty_head_row
from ledger.store.writing import add_rows


def prepare(database: Database) -> None:
    """Make the writer role and its rights, and the head row to be locked. Again changes nothing.

    The role cannot log in by itself: grant it to a login of your choosing and serve with that.
    """
    if not database.is_sqlite and database.owns_entries():
        _grant(database)
    with database.writing() as connection:
        if connection.execute(text("SELECT 1 FROM head")).fetchone() is None:
            add_rows(connection, tables.head, [empty_head_row()])


def _grant(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("RESET ROLE"))
        # Roles belong to the whole server; two ledgers founded at once must not both make it.
        connection.execute(text("SELECT pg_advisory_xact_lock(7593442)"))
        there = connection.execute(
            text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": WRITER_ROLE}
        ).fetchone()
        if there is None:
            connection.execute(text(f"CREATE ROLE {WRITER_ROLE} NOLOGIN"))
        connection.execute(text(f"GRANT {WRITER_ROLE} TO CURRENT_USER"))
        connection.execute(text(f"GRANT SELECT, INSERT ON entries TO {WRITER_ROLE}"))
        for table in (*tables.PROJECTIONS, *tables.OPERATIONAL):
            connection.execute(
                text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table.name} TO {WRITER_ROLE}")
            )
        connection.execute(text(f"GRANT SELECT ON ledger_version TO {WRITER_ROLE}"))
