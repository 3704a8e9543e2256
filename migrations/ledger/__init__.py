"""The ledger's migrations: `upgrade(url)` makes its tables, or brings older ones up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from migrations import running

HERE: Final = Path(__file__).resolve().parent


def upgrade(url: str) -> None:
    """Apply every migration that the ledger at `url` lacks, in one transaction."""
    running.upgrade(HERE, url)


def state(url: str) -> running.State:
    """Whether the tables at `url` are those of this release (see `running.state`)."""
    return running.state(HERE, url, "ledger_version")
