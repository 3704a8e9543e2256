"""Alembic's environment for the vault; `migrations.vault.upgrade` is the way in."""

from migrations.running import run

run(version_table="vault_version", lock=7593443)
