"""How a database's migrations run: one transaction, one process at a time."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any, Literal

from alembic import command, context
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event, inspect, make_url, pool

State = Literal["none", "outdated", "current", "newer"]
"""How a database stands to a folder of migrations: none ever ran, some lack, all ran, or one ran
that the folder does not have."""


def upgrade(folder: Path, url: str, revision: str = "head") -> None:
    """Apply every migration of `folder` up to `revision` that the database at `url` lacks.

    A SQLite file that is not there is created for its owner alone. Again changes nothing.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        # Created before SQLite does it: SQLite would ask the umask who may read.
        flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        os.close(os.open(parsed.database, flags, 0o600))
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["url"] = url
    command.upgrade(config, revision)


def exists(url: str, version_table: str) -> bool:
    """Whether migrations ever ran at `url`. A SQLite file that is not there stays so."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        return False
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        return inspect(connection).has_table(version_table)


def state(folder: Path, url: str, version_table: str) -> State:
    """How the database at `url` stands to the migrations of `folder`; looking changes nothing.

    A SQLite file that is not there stays so.
    """
    if not exists(url, version_table):
        return "none"
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        options = {"version_table": version_table}
        applied = MigrationContext.configure(connection, opts=options).get_current_heads()
    heads, known = _steps(folder)
    if set(applied) == heads:
        return "current"
    return "outdated" if set(applied) <= known else "newer"


@cache
def _steps(folder: Path) -> tuple[frozenset[str], frozenset[str]]:
    """The newest migration of a folder (one, unless somebody forked it), and all of them."""
    steps = ScriptDirectory(folder)
    every = frozenset(step.revision for step in steps.walk_revisions())
    return frozenset(steps.get_heads()), every


def run(*, version_table: str, lock: int) -> None:
    """What an Alembic environment does: all steps in one transaction, under PostgreSQL's advisory
    lock of that number or SQLite's own."""
    engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _leave_transactions_to_us)
        event.listen(engine, "begin", _lock_at_once)
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({lock})")
        context.configure(
            connection=connection, version_table=version_table, transactional_ddl=True
        )
        with connection.get_transaction() or connection.begin(), context.begin_transaction():
            context.run_migrations()


def _leave_transactions_to_us(raw: Any, _record: Any) -> None:
    raw.isolation_level = None
    raw.execute("PRAGMA synchronous = FULL").close()


def _lock_at_once(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
