"""Alembic's environment for the ledger; `migrations.ledger.upgrade` is the way in."""

from migrations.running import run

run(version_table="ledger_version", lock=7593441)
