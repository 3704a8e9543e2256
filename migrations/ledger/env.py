"""Alembic's environment for the ledger; `migrations.ledger.upgrade` is the way in."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import Connection, create_engine, event, pool


def run() -> None:
    """Bring one ledger up to date: all steps in one transaction, one process at a time."""
    engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _leave_transactions_to_us)
        event.listen(engine, "begin", _lock_at_once)
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7593441)")
        context.configure(
            connection=connection,
            version_table="ledger_version",
            transactional_ddl=True,
        )
        with connection.get_transaction() or connection.begin(), context.begin_transaction():
            context.run_migrations()


def _leave_transactions_to_us(raw: Any, _record: Any) -> None:
    raw.isolation_level = None
    raw.execute("PRAGMA synchronous = FULL").close()


def _lock_at_once(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


run()
