"""The vault's migrations: `upgrade(url)` makes its tables, or brings older ones up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from migrations import running

HERE: Final = Path(__file__).resolve().parent


def upgrade(url: str) -> None:
    """Apply every migration that the vault at `url` lacks, in one transaction."""
    running.upgrade(HERE, url)


def exists(url: str) -> bool:
    """Whether a vault was ever made at `url`; looking makes none."""
    return running.exists(url, "vault_version")
